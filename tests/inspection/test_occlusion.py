"""How a probability changes when a part of the signal is covered."""

import numpy as np
from numpy.testing import assert_allclose

from sklearn_ecg.inspection._occlusion import occlude


def test_last_window_reaches_the_end():
    """Where steps do not divide what is left, one more window covers the rest."""

    def predict_proba(rows):
        return rows.sum(axis=(1, 2))[:, None]

    signal = np.array([[0.0], [0.0], [0.0], [0.5]])
    (falls,) = occlude(
        predict_proba, signal[None], [0], [0.5], np.zeros((1, 1)), window_length=3, step=2
    )
    assert_allclose(falls[:, 0], [0.0, 0.0, 0.25, 0.5])  # windows from 0 on and from 2 on


def test_windows_that_overlap_are_averaged():
    """By hand, for a probability that is the sum of the signal; padding has no part in it."""

    def predict_proba(rows):
        total = np.nansum(rows, axis=(1, 2))
        return np.stack([1 - total, total], axis=1)

    signal = np.array([[0.1, 0.0], [0.2, 0.0], [0.3, 0.4], [np.nan, np.nan]])
    (falls,) = occlude(
        predict_proba, signal[None], [1], [1.0], np.zeros((1, 2)), window_length=2, step=1
    )
    assert_allclose(falls, [[0.3, 0.0], [0.4, 0.2], [0.5, 0.4], [0.0, 0.0]])
