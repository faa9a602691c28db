"""Medians over neighbouring beats."""

import numpy as np
import pytest

from sklearn_ecg.beats._running import Past, reference, running_quantile


def test_quantile_by_hand():
    """Over one beat before and one after, or two before; the ends are repeated."""
    values = np.array([1.0, 5, 2, 9])
    np.testing.assert_array_equal(running_quantile(values, 1, 0.5), [1, 2, 5, 9])
    np.testing.assert_array_equal(running_quantile(values, 1, 1.0), [5, 5, 9, 9])
    np.testing.assert_array_equal(Past().quantile("values", values, 2), [1, 1, 2, 5])


def test_ends_may_be_reflected():
    """The beats before an end stand for those beyond it, so that no beat counts many times."""
    found = running_quantile(np.array([1.0, 5, 2, 9]), 2, 0.5, beyond="symmetric")
    np.testing.assert_array_equal(found, [2, 2, 5, 5])


@pytest.mark.parametrize("n_beside", [2, 3, 40])
@pytest.mark.parametrize("quantile", [0.5, 0.85])
@pytest.mark.parametrize("beyond", ["edge", "symmetric"])
def test_quantiles_are_those_of_numpy(n_beside, quantile, beyond):
    """Of each window, also where it is longer than the recording, and of each column."""
    values = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    padded = np.pad(values, ((n_beside, n_beside), (0, 0)), mode=beyond)
    windows = [padded[i : i + 2 * n_beside + 1] for i in range(50)]
    found = running_quantile(values, n_beside, quantile, beyond)
    assert (found.shape, found.dtype) == ((50, 3), np.float32)
    np.testing.assert_allclose(found, np.quantile(windows, quantile, axis=1), atol=3e-6)
    for i in (0, 1):
        of_column = running_quantile(values[:, i], n_beside, quantile, beyond)
        np.testing.assert_array_equal(of_column, found[:, i])


@pytest.mark.parametrize("n_before", [6, 7, 63])
@pytest.mark.parametrize("quantile", [0.5, 0.85])
def test_quantiles_of_the_past_are_those_of_numpy(n_before, quantile):
    """Of windows of even and of odd length; the first beat stands for those before it."""
    values = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    padded = np.pad(values, ((n_before, 0), (0, 0)), mode="edge")
    windows = [padded[i : i + n_before + 1] for i in range(50)]
    found = Past().quantile("values", values, n_before, quantile)
    assert (found.shape, found.dtype) == ((50, 3), np.float32)
    np.testing.assert_allclose(found, np.quantile(windows, quantile, axis=1), atol=3e-6)


@pytest.mark.parametrize("causal", [False, True])
def test_reference_is_the_median(causal):
    """Of the whole recording, or of what came before."""
    values = np.concatenate([np.zeros(100), np.ones(150)])
    usual = reference(values, Past() if causal else None, "values")
    if causal:
        np.testing.assert_array_equal(usual[:130], 0)
        np.testing.assert_array_equal(usual[140:], 1)
    else:
        np.testing.assert_array_equal(usual, [1])


def test_values_in_pieces_have_the_quantiles_of_the_whole():
    """However many come at a time, and whatever else is remembered."""
    values = np.random.default_rng(0).normal(size=(200, 3)).astype(np.float32)
    past = Past()
    found = []
    for piece in np.split(values, [1, 2, 10, 150]):
        past.quantile("other", piece[:, 0], 7)
        found.append(past.quantile("values", piece, 40, 0.85))
    whole = Past().quantile("values", values, 40, 0.85)
    np.testing.assert_array_equal(np.concatenate(found), whole)
