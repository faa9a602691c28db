"""Walking through rows, dense or ragged."""

import numpy as np
import pytest

from sklearn_ecg.utils._rows import is_ragged, map_rows, row_lengths
from sklearn_ecg.utils._signals import check_signals


def test_list_of_equal_arrays_is_ragged():
    """The form of data does not depend on which rows a split happened to select."""
    assert is_ragged([np.zeros(5), np.zeros(5)])
    assert is_ragged([[0, 0], [0, 0, 0]])
    assert not is_ragged([[0, 0], [0, 0]])
    assert is_ragged([[0, 0], 0])  # which is an error that names row 1
    assert not is_ragged(np.zeros((2, 5)))


def test_short_rows_of_one_shape_are_worked_on_together():
    """A function is called once for many, and rows come back in their order."""
    calls = []

    def double(signals):
        calls.append(signals.shape)
        return 2 * signals

    rows = [np.full((n, 1), i, dtype=float) for i, n in enumerate([3, 4, 3, 3, 4])]
    results = map_rows(double, check_signals(rows, estimator="test"))
    assert sorted(calls) == [(2, 4, 1), (3, 3, 1)]
    for row, result in zip(rows, results, strict=True):
        np.testing.assert_array_equal(result, 2 * row)


@pytest.mark.parametrize(
    ("X", "lengths"),
    [
        (np.zeros((2, 5)), [5, 5]),
        (np.zeros((2, 5, 1)), [5, 5]),
        (np.zeros((2, 3, 5, 1)), [5, 5]),
        ([np.zeros(5), np.zeros(4)], [5, 4]),
        ([np.zeros((5, 2)), np.zeros((4, 2))], [5, 4]),
        ([np.zeros((3, 5, 2)), np.zeros((1, 5, 2))], [5, 5]),
    ],
)
def test_time_steps_are_counted(X, lengths):
    """Of each row, or of its segments."""
    assert row_lengths(check_signals(X, estimator="test")).tolist() == lengths
