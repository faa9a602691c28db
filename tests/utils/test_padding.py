"""What padding is."""

import numpy as np
import pytest

from sklearn_ecg.utils._padding import (
    are_used,
    count_steps,
    find_padding,
    is_padded_throughout,
    refuse_gaps,
    unpadded_lengths,
)
from sklearn_ecg.utils._rows import as_object_array

NAN = np.nan
LEADS = np.array(
    [
        [[1, 1], [2, 2], [3, 3]],
        [[1, 1], [2, 2], [3, NAN]],  # a step that is not whole is padding at the end
        [[1, 1], [NAN, NAN], [3, 3]],
        [[NAN, 1], [2, 2], [NAN, NAN]],
        [[NAN, NAN], [NAN, 1], [NAN, NAN]],
    ]
)


def test_steps_are_counted_up_to_the_padding():
    """A gap before the last whole step is not padding, and no whole step is no step."""
    lengths, first_missing = count_steps(LEADS)
    assert lengths.tolist() == [3, 2, 3, 2, 0]
    assert first_missing.tolist() == [3, 2, 1, 0, 0]
    assert [counts.tolist() for counts in count_steps(LEADS[:1])] == [[3], [3]]


def test_gaps_are_refused_and_padding_is_not():
    """The error names the row, the segment and the time step."""
    refuse_gaps(LEADS[:2], "Reader")
    with pytest.raises(
        ValueError, match=r"row 2, time step 1, lead 0\. Reader does not accept missing"
    ):
        refuse_gaps(LEADS, "Reader")
    with pytest.raises(ValueError, match="row 1, segment 1, time step 0"):
        refuse_gaps(as_object_array([LEADS[:2], LEADS[[0, 3, 2]]]), "Reader")
    with pytest.raises(ValueError, match="row 0, time step 0, lead 1"):
        refuse_gaps(np.array([[[1, NAN], [2, NAN]]]), "Reader")  # a lead is missing
    refuse_gaps(np.full((1, 3, 2), NAN), "Reader")  # padding throughout


def test_a_missing_lead_is_not_padding():
    """Without a whole step, a segment is padding if its values end within its first step."""
    segments = np.full((6, 2, 4), NAN)  # frames of two time steps of two leads
    segments[1, 0, :3] = segments[2, 0, :1] = segments[3, :, ::2] = 1
    segments[4, 0, 1:] = segments[5, 1, 0] = 1
    assert is_padded_throughout(segments).tolist() == [True] * 3 + [False] * 3
    assert not is_padded_throughout(np.ones((1, 2, 4)))[0]


def test_padding_by_hand():
    """NaN in all leads at the end. A signal without any value, and one lead alone, have none."""
    nan = np.nan
    X = np.array(
        [[[1, 1], [nan, 2], [nan, nan]], [[nan, nan]] * 3, [[1, nan], [nan, nan], [1, nan]]]
    )
    assert unpadded_lengths(X).tolist() == [2, 0, 3]
    assert find_padding(X).tolist() == [[False, False, True], [False] * 3, [False] * 3]


def test_padding_of_segments_by_hand():
    """A segment of NaN is padding at the end of its row, and missing before or throughout."""
    one, part, none = [[1], [1]], [[1], [NAN]], [[NAN], [NAN]]
    X = np.array([[one, none, part, none], [none] * 4], dtype=float)
    expected = [[[0, 0], [0, 0], [0, 1], [1, 1]], [[0, 0]] * 4]
    np.testing.assert_array_equal(find_padding(X), expected)


def test_segments_before_the_padding_are_used():
    """The first of each row in any case."""
    segments = np.array([NAN, 1, NAN, NAN, NAN])[:, None, None]
    assert are_used(segments, np.array([3, 2])).tolist() == [True, True, False, True, False]
    assert are_used(np.ones((3, 2, 1)), np.array([1, 2])).tolist() == [True] * 3
