"""Scale signals by their own maximum."""

import numpy as np
import pytest

from sklearn_ecg.preprocessing import MaxNormalizer, max_normalize

NAN = np.nan


@pytest.mark.parametrize(
    ("signal", "by_max_abs", "by_max"),
    [
        ([1, -4, 2], [0.25, -1, 0.5], [0.5, -2, 1]),
        ([3, 3, 3], [1, 1, 1], [1, 1, 1]),
        ([-3, -3, -3], [-1, -1, -1], [-1, -1, -1]),
        ([-1, -4, -2], [-0.25, -1, -0.5], [-0.25, -1, -0.5]),
        ([-4, 0, -2], [-1, 0, -0.5], [-1, 0, -0.5]),
        ([0, 0, 0], [0, 0, 0], [0, 0, 0]),
        ([NAN, -2, 1], [NAN, -1, 0.5], [NAN, -2, 1]),
        ([NAN, NAN, NAN], [NAN, NAN, NAN], [NAN, NAN, NAN]),
        ([1e-320, -1e-320, 0], [1, -1, 0], [1, -1, 0]),
        ([1e-310, -4, 0], [2.5e-311, -1, 0], [2.5e-311, -1, 0]),
    ],
)
def test_every_kind_of_signal_has_its_result(signal, by_max_abs, by_max):
    """Flat, zero, negative, missing and tiny signals are neither flipped nor infinite."""
    X = np.array([signal], dtype=float)
    np.testing.assert_array_equal(max_normalize(X)[0], by_max_abs)
    np.testing.assert_array_equal(max_normalize(X, norm="max")[0], by_max)


def test_each_lead_of_each_segment_is_scaled_by_itself():
    """A large lead or segment does not shrink its neighbours."""
    X = np.random.RandomState(0).normal(size=(2, 3, 50, 2)) * [1, 100]
    peaks = np.abs(MaxNormalizer().fit_transform(X)).max(axis=2)
    np.testing.assert_allclose(peaks, 1)


def test_dense_and_ragged_agree():
    """A list of rows is scaled like an array of rows, and keeps the form of each row."""
    X = np.random.RandomState(0).normal(size=(3, 20)).astype(np.float32)
    ragged = MaxNormalizer().fit_transform(list(X))
    assert ragged.dtype == object
    assert ragged[0].dtype == np.float32
    np.testing.assert_array_equal(np.stack(ragged), max_normalize(X))
