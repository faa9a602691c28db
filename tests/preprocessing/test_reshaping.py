"""Join time steps into the steps of a recurrent network."""

import numpy as np
import pytest

from sklearn_ecg.preprocessing import Reshaper, Segmenter, reshape
from sklearn_ecg.utils._rates import rate_of, with_rate


def test_features_are_ordered_by_time_then_lead():
    """Hand-worked: four time steps of two leads in frames of two."""
    X = np.arange(8.0).reshape(1, 4, 2)
    np.testing.assert_array_equal(reshape(X, 2), [[[0, 1, 2, 3], [4, 5, 6, 7]]])


def test_frame_of_one_is_a_step_for_each_time_step():
    """What the article's reshape(-1, 1) did."""
    assert Reshaper().fit_transform(np.ones((3, 5))).shape == (3, 5, 1)


@pytest.mark.parametrize("shape", [(3, 12), (3, 12, 2), (3, 2, 12, 2), (3, 13), (3, 13, 2)])
def test_inverse_gives_the_signal_back(shape):
    """Padding included: what transform appended, inverse_transform removes."""
    X = np.random.RandomState(0).normal(size=shape)
    reshaper = Reshaper(4).fit(X)
    np.testing.assert_array_equal(reshaper.inverse_transform(reshaper.transform(X)), X)


def test_inverse_of_ragged_rows():
    """Rows of whole frames come back; a row with a padded frame keeps its padding."""
    rows = [np.ones((8, 2)), np.ones((9, 2))]
    reshaper = Reshaper(4).fit(rows)
    back = reshaper.inverse_transform(reshaper.transform(rows))
    assert [row.shape for row in back] == [(8, 2), (12, 2)]
    padded = np.pad(rows[1], ((0, 3), (0, 0)), constant_values=np.nan)
    np.testing.assert_array_equal(back[1], padded)


def test_inverse_of_bags_removes_padding():
    """Segments have a known length even where their number varies."""
    bags = Segmenter(5).fit_transform([np.ones(10), np.ones(20)])
    reshaper = Reshaper(2).fit(bags)
    back = reshaper.inverse_transform(reshaper.transform(bags))
    for bag, restored in zip(bags, back, strict=True):
        np.testing.assert_array_equal(bag, restored)


def test_dropped_tail_stays_lost():
    """With tail="drop" the inverse is as long as the whole frames."""
    reshaper = Reshaper(4, tail="drop").fit(np.ones((1, 10)))
    assert reshaper.inverse_transform(reshaper.transform(np.ones((1, 10)))).shape == (1, 8)


def test_short_row_is_refused_by_number_when_cut():
    """A row shorter than a frame would vanish."""
    with pytest.raises(ValueError, match=r"row 1 of X has 3 time steps, fewer than frame_length=4"):
        reshape([np.ones(4), np.ones(3)], 4, tail="drop")


def test_inverse_refuses_features_it_did_not_make():
    """The number of features in a step is checked."""
    reshaper = Reshaper(4).fit(np.ones((1, 8, 2)))
    with pytest.raises(ValueError, match=r"row 0 of X has 7 features .* = 8"):
        reshaper.inverse_transform(np.ones((1, 2, 7)))


def test_steps_know_their_rate():
    """Frames of 25 time steps at 250 Hz come ten times a second."""
    assert rate_of(Reshaper(25, tail="drop").fit_transform(with_rate(np.ones((2, 60)), 250))) == 10


def test_whole_frames_are_a_view():
    """Framing a contiguous signal copies nothing."""
    X = np.ones((2, 100, 2), dtype=np.float32)
    assert np.shares_memory(Reshaper(20).fit_transform(X), X)
