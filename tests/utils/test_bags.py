"""From rows to their segments and back."""

import numpy as np
import pytest

from sklearn_ecg.utils._bags import (
    flatten_bags,
    max_of_segments,
    mean_of_segments,
    split_by_row,
)
from sklearn_ecg.utils._signals import as_object_array


def test_bags_are_flattened_row_by_row():
    """All segments of the first row come first; two and one make three."""
    bags = as_object_array([np.zeros((2, 3, 1)), np.ones((1, 3, 1))])
    segments, n_segments = flatten_bags(bags)
    np.testing.assert_array_equal(segments[:, 0, 0], [0, 0, 1])
    np.testing.assert_array_equal(n_segments, [2, 1])


def test_a_signal_is_one_segment():
    """Rows that are no bags keep their number, and get an axis for the lead."""
    segments, n_segments = flatten_bags(np.zeros((4, 5), dtype=np.float32))
    assert segments.shape == (4, 5, 1)
    assert segments.dtype == np.float32
    np.testing.assert_array_equal(n_segments, [1, 1, 1, 1])


def test_signals_of_different_lengths_are_no_segments():
    """The error names the row and the remedy."""
    with pytest.raises(
        ValueError, match=r"row 1 of X has 6 time steps, but row 0 has 5: .*Segmenter"
    ):
        flatten_bags(as_object_array([np.zeros((5, 1)), np.zeros((6, 1))]))


def test_means_and_maxima_by_hand():
    """Rows of two segments and of one; maxima of .8 and .4 are rescaled to 2/3 and 1/3."""
    probabilities = np.array([[0.8, 0.2], [0.6, 0.4], [0.1, 0.9]])
    n_segments = np.array([2, 1])
    np.testing.assert_allclose(
        mean_of_segments(probabilities, n_segments), [[0.7, 0.3], [0.1, 0.9]]
    )
    np.testing.assert_allclose(
        max_of_segments(probabilities, n_segments), [[2 / 3, 1 / 3], [0.1, 0.9]]
    )
    np.testing.assert_allclose(
        max_of_segments(probabilities, n_segments, multilabel=True), [[0.8, 0.4], [0.1, 0.9]]
    )


def test_values_return_to_their_rows():
    """Ragged rows get an object array even where their numbers agree."""
    dense = split_by_row(np.arange(4), np.array([2, 2]), ragged=False)
    np.testing.assert_array_equal(dense, [[0, 1], [2, 3]])
    ragged = split_by_row(np.arange(4), np.array([2, 2]), ragged=True)
    assert ragged.shape == (2,)
    np.testing.assert_array_equal(ragged[1], [2, 3])
