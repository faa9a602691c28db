import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sklearn_ecg.preprocessing import _series
from sklearn_ecg.preprocessing._series import by_series, map_series


def every_other(series, lengths=None):
    """Keep every other time step, as a view."""
    return series[:, ::2]


@pytest.mark.parametrize("shape", [(3, 6), (3, 6, 2), (3, 4, 6, 2)])
def test_time_is_the_axis_before_the_leads_in_every_form(shape):
    """The last axis of 2-D data, and the one before the last otherwise."""
    X = np.arange(np.prod(shape), dtype=np.float64).reshape(shape)
    expected = X[:, ::2] if X.ndim == 2 else X[..., ::2, :]
    unchanged = X.copy()
    assert_array_equal(map_series(every_other, X), expected)
    ragged = np.empty(3, dtype=object)
    ragged[:] = list(X)
    for row, expected_row in zip(map_series(every_other, ragged), expected, strict=True):
        assert_array_equal(row, expected_row)
    assert_array_equal(X, unchanged)


def test_rows_of_many_lengths_are_worked_on_together(monkeypatch):
    """Each has the result that it has alone; one with a gap is worked on by itself."""
    rng = np.random.default_rng(0)
    X = np.empty(40, dtype=object)
    X[:] = [rng.normal(size=(n, 2)).astype(np.float32) for n in rng.permutation(np.arange(60, 100))]
    X[3][5, 1] = np.nan
    calls = []

    def total(series, lengths=None):
        calls.append(len(series))
        return np.cumsum(series, axis=1, dtype=np.float64)

    for row, result in zip(X, map_series(total, X), strict=True):
        assert result.dtype == np.float32
        assert_array_equal(result, np.cumsum(row.astype(float), axis=0).astype(np.float32))
    assert len(calls) < 6
    assert sum(calls) == 80


@pytest.mark.parametrize("values_at_once", [1, 24, 36, 1000])
def test_rows_are_worked_on_some_at_a_time(values_at_once, monkeypatch):
    """No call sees more than it is allowed, except that it always sees one row."""
    monkeypatch.setattr(_series, "_VALUES_AT_ONCE", values_at_once)
    sizes = []

    def double(series):
        sizes.append(series.size)
        return 2 * series

    X = np.arange(60, dtype=np.float32).reshape(5, 6, 2)
    doubled = by_series(double, X)
    assert max(sizes) <= max(12, values_at_once)
    assert doubled.dtype == np.float32
    assert_array_equal(doubled, 2 * X)
