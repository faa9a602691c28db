"""Medians over neighbouring beats."""

import numpy as np
import pytest

from sklearn_ecg.beats import _running
from sklearn_ecg.beats._running import reference, running_median, running_quantile


def test_median_by_hand():
    """Over one beat before and one after; the ends are repeated."""
    values = np.array([1.0, 5, 2, 9])
    np.testing.assert_array_equal(running_median(values, 1, 1), [1, 2, 5, 9])
    np.testing.assert_array_equal(running_median(values, 2, 0), [1, 1, 2, 5])
    np.testing.assert_array_equal(running_quantile(values, 1, 1, 1.0), [5, 5, 9, 9])


def test_parts_and_the_whole_are_the_same(monkeypatch):
    """Long recordings are done part by part, of two axes too."""
    values = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    expected = running_median(values, 4, 2)
    assert (expected.shape, expected.dtype) == ((50, 3), np.float32)
    for i in (0, 1):
        np.testing.assert_array_equal(running_median(values[:, i], 4, 2), expected[:, i])
    monkeypatch.setattr(_running, "_VALUES_AT_ONCE", 100)
    np.testing.assert_array_equal(running_median(values, 4, 2), expected)


@pytest.mark.parametrize("causal", [False, True])
def test_reference_is_the_median(causal):
    """Of the whole recording, or of what came before."""
    values = np.concatenate([np.zeros(100), np.ones(150)])
    usual = reference(values, causal)
    if causal:
        np.testing.assert_array_equal(usual[:130], 0)
        np.testing.assert_array_equal(usual[140:], 1)
    else:
        np.testing.assert_array_equal(usual, [1])
