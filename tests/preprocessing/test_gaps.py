import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sklearn_ecg.preprocessing import GapFiller, fill_gaps
from sklearn_ecg.preprocessing._gaps import interpolate

nan = np.nan
ROW = np.array([nan, nan, 2.0, nan, nan, 8.0, 1.0, nan, nan, nan, 5.0])


def test_short_gaps_are_interpolated_and_the_start_takes_the_nearest_value():
    """Gaps of two are filled, one of three stays, worked by hand."""
    expected = [[2, 2, 2, 4, 6, 8, 1, nan, nan, nan, 5]]
    assert_array_equal(fill_gaps(ROW[None], 2), expected)


def test_a_gap_of_exactly_the_longest_length_is_filled():
    """The limit belongs to what is filled."""
    assert_array_equal(fill_gaps(ROW[None], 3)[0, 6:], [1, 2, 3, 4, 5])


@pytest.mark.parametrize("fill_value", [nan, 0])
def test_padding_is_not_a_gap(fill_value):
    """The signal ends before it, though one lead ends earlier, by a gap."""
    X = np.array([[[1, 1], [2, 2], [3, nan], [nan, nan], [nan, nan]]])
    expected = [[[1, 1], [2, 2], [3, 2], [nan, nan], [nan, nan]]]
    assert_array_equal(fill_gaps(X, 1, fill_value=fill_value), expected)


@pytest.mark.parametrize(("longest_line", "filled"), [(4, [1, 2, 3, 4]), (3, [0, 0, 5, 5])])
def test_a_line_over_a_gap_may_have_a_longest_length(longest_line, filled):
    """Over a longer gap, each time step takes the nearer value."""
    series = np.array([[0, nan, nan, nan, nan, 5.0]])
    interpolate(series, max_gap_length=9, longest_line=longest_line)
    np.testing.assert_allclose(series, [[0, *filled, 5]])


def test_padded_segments_stay_and_missing_ones_are_filled():
    """Segments after the last value of a row are padding; a row without any value is missing."""
    bag = np.full((2, 4, 3, 1), nan)
    bag[0, 0] = bag[0, 2, :2] = 1
    filled = fill_gaps(bag, 0, fill_value=0)[..., 0]
    assert_array_equal(filled[0], [[1, 1, 1], [0, 0, 0], [1, 1, nan], [nan, nan, nan]])
    assert_array_equal(filled[1], np.zeros((4, 3)))


def test_length_zero_fills_nothing_by_interpolation():
    """Only the constant is put in, over every gap."""
    assert_array_equal(fill_gaps(ROW[None], 0), ROW[None])
    filled = fill_gaps(ROW[None], 0, fill_value=-1)
    assert_array_equal(filled, np.where(np.isnan(ROW), -1, ROW)[None])


def test_long_gaps_get_the_constant_over_their_whole_length():
    """A long gap at an end is not filled in part."""
    X = np.array([[nan, nan, nan, 1.0, nan, 3.0]])
    assert_array_equal(fill_gaps(X, 1, fill_value=0), [[0, 0, 0, 1, 2, 3]])


def test_a_lead_that_is_missing_stays_so_or_becomes_constant():
    """However long a gap may be, nothing is known of a lead that is NaN throughout."""
    X = np.stack([np.full((1, 4), nan), np.array([[1.0, nan, 3.0, 4.0]])], axis=-1)
    filled = fill_gaps(X, 100)
    assert np.isnan(filled[..., 0]).all()
    assert_array_equal(filled[0, :, 1], [1, 2, 3, 4])
    assert_array_equal(fill_gaps(X, 100, fill_value=7)[0, :, 0], [7, 7, 7, 7])


def test_rows_leads_and_segments_do_not_lend_values_to_each_other():
    """Each end of each segment of each lead is an end."""
    X = np.arange(24.0).reshape(2, 2, 3, 2)
    X[0, 0, 2, 0] = X[0, 1, 0, 0] = X[1, 0, 0, 1] = nan
    filled = fill_gaps(X, 1)
    assert filled[0, 0, 2, 0] == X[0, 0, 1, 0]
    assert filled[0, 1, 0, 0] == X[0, 1, 1, 0]
    assert filled[1, 0, 0, 1] == X[1, 0, 1, 1]


def test_known_values_are_kept_to_the_last_bit_and_the_input_is_not_written_to():
    """float32 stays float32, and what was not missing is not changed."""
    X = np.random.default_rng(0).normal(size=(3, 50, 2)).astype(np.float32)
    X[1, 10:13, 1] = nan
    X.flags.writeable = False
    filled = fill_gaps(X, 5)
    assert filled.dtype == np.float32
    assert_array_equal(filled[~np.isnan(X)], X[~np.isnan(X)])
    assert np.isfinite(filled).all()


@pytest.mark.parametrize("make", [lambda x: x[:, None], lambda x: x], ids=["lead", "no lead"])
def test_ragged_rows_equal_dense_ones(make):
    """The form of the data does not change the result."""
    X = np.stack([ROW, ROW[::-1]])
    filled = fill_gaps([make(row) for row in X], 2)
    for row, dense in zip(filled, fill_gaps(X, 2), strict=True):
        assert row.shape == make(dense).shape
        assert_array_equal(row, make(dense))


def test_transformer_equals_function():
    """The estimator adds nothing of its own."""
    X = ROW[None]
    filler = GapFiller(2, fill_value=0.5)
    assert_array_equal(filler.fit_transform(X), fill_gaps(X, 2, fill_value=0.5))


@pytest.mark.parametrize("fill_value", [np.inf, "0", None])
def test_fill_value_has_to_be_a_number(fill_value):
    """Infinity would be refused by the next step, so it is refused here."""
    with pytest.raises(ValueError, match="fill_value"):
        GapFiller(2, fill_value=fill_value).fit([[0.0, 1.0]])
