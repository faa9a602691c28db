"""Cut signals into windows."""

import numpy as np
import pytest

from sklearn_ecg.preprocessing import Segmenter, segment


def test_segments_hold_consecutive_time_steps():
    """Hand-worked: seven time steps of two leads in windows of three, one step overlapping."""
    X = np.arange(14.0).reshape(1, 7, 2)
    segments = segment(X, 3, step=2)
    assert segments.shape == (1, 3, 3, 2)
    np.testing.assert_array_equal(segments[0, 1], [[4, 5], [6, 7], [8, 9]])
    np.testing.assert_array_equal(segments[0, 2], [[8, 9], [10, 11], [12, 13]])


@pytest.mark.parametrize(
    ("tail", "expected"),
    [("pad", [[1, 2, 3], [4, 5, np.nan]]), ("drop", [[1, 2, 3]])],
)
def test_tail_is_kept_or_cut_as_asked(tail, expected):
    """Two time steps too many fill a padded segment, or are cut off."""
    segments = segment(np.array([[1.0, 2, 3, 4, 5]]), 3, tail=tail)
    np.testing.assert_array_equal(segments[0, :, :, 0], expected)


@pytest.mark.parametrize("tail", ["pad", "drop"])
@pytest.mark.parametrize(
    ("segment_length", "step"), [(3, 1), (3, 2), (3, 3), (3, 5), (11, 4), (12, None)]
)
def test_every_segment_is_a_slice_of_the_padded_signal(segment_length, step, tail):
    """Against a plain loop, for overlaps and gaps; nothing is invented."""
    X = np.arange(1.0, 13.0).reshape(1, 12)
    segments = segment(X, segment_length, step=step, tail=tail)[0, :, :, 0]
    padded = np.concatenate([X[0], np.full(segment_length + (step or segment_length), np.nan)])
    for i, window in enumerate(segments):
        start = i * (step or segment_length)
        np.testing.assert_array_equal(window, padded[start : start + segment_length])
    if tail == "pad" and (step or segment_length) <= segment_length:
        assert set(X[0]) <= set(segments.ravel())


@pytest.mark.parametrize(("n_timesteps", "n_segments"), [(2, 1), (4, 1), (5, 1), (6, 2), (10, 2)])
def test_no_segment_is_all_padding(n_timesteps, n_segments):
    """Time steps left over in the gap between segments ask for no segment of padding."""
    segments = segment(np.ones((1, n_timesteps)), 3, step=5)
    assert segments.shape[1] == n_segments
    assert np.isfinite(segments).any(axis=2).all()


def test_ragged_rows_give_bags_of_different_size():
    """A list of recordings becomes an object array of bags."""
    bags = Segmenter(4).fit_transform([np.ones((8, 2)), np.ones((9, 2)), np.ones((1, 2))])
    assert [bag.shape for bag in bags] == [(2, 4, 2), (3, 4, 2), (1, 4, 2)]


def test_short_row_is_refused_by_number_when_cut():
    """Cutting the tail of a row that is nothing but tail would lose the row."""
    rows = [np.ones(8), np.ones(3)]
    with pytest.raises(ValueError, match=r"row 1 of X has 3 time steps, fewer than segment_l"):
        Segmenter(4, tail="drop").fit_transform(rows)


def test_segments_are_not_cut_again():
    """Input with an axis for segments is refused."""
    with pytest.raises(ValueError, match=r"row 0 of X .* already cut into segments"):
        segment(np.ones((2, 3, 4, 1)), 2)
    with pytest.raises(ValueError, match=r"already cut into segments.* to Segmenter"):
        Segmenter(2).fit([np.ones((3, 4, 1))])


@pytest.mark.parametrize("step", [5, None])
def test_windows_are_read_only_views(step):
    """Windows cost no memory, overlapping or not, and none is written through into the input."""
    X = np.ones((2, 100, 2), dtype=np.float32)
    segments = Segmenter(20, step=step).fit_transform(X)
    assert np.shares_memory(segments, X)
    assert not segments.flags.writeable
    assert X.flags.writeable


def test_padded_row_keeps_its_first_segment():
    """One row stays one row, though a short one of a list is refused."""
    X = np.array([[1.0, 2, 3, 4], [5, np.nan, np.nan, np.nan], [np.nan] * 4])
    segments = segment(X, 2, step=1, tail="drop")[..., 0]
    np.testing.assert_array_equal(segments[0], [[1, 2], [2, 3], [3, 4]])
    np.testing.assert_array_equal(segments[1], [[5, np.nan], [np.nan] * 2, [np.nan] * 2])
    assert np.isnan(segments[2]).all()


def test_nan_stays_in_its_place():
    """Missing values pass through."""
    segments = segment(np.array([[1.0, np.nan, 3.0, 4.0]]), 2)
    np.testing.assert_array_equal(segments[0, :, :, 0], [[1, np.nan], [3, 4]])


@pytest.mark.parametrize(
    "parameters", [{"segment_length": 0}, {"segment_length": 2, "step": 0}, {"segment_length": 2.5}]
)
def test_bad_parameter_is_named(parameters):
    """Parameters are checked when fitting."""
    with pytest.raises(ValueError, match=f"The '{list(parameters)[-1]}' parameter of Segmenter"):
        Segmenter(**parameters).fit(np.ones((2, 8)))
