"""Rows as sequences, gathered batch by batch."""

import numpy as np
import pytest

from sklearn_ecg.neural_network._sequences import Sequences
from sklearn_ecg.utils._rows import as_object_array

RAGGED = as_object_array([np.full((n, 1), n, dtype=np.float32) for n in (5, 2, 9, 3)])


def test_padding_is_marked():
    """Hand-worked: a sequence of two steps beside one of five."""
    gathered = Sequences(RAGGED).gather(np.array([0, 1]))
    np.testing.assert_array_equal(gathered[1], [[2, 1], [2, 1], [0, 0], [0, 0], [0, 0]])
    np.testing.assert_array_equal(gathered[0, :, 1], 1)


@pytest.mark.parametrize("masked", [False, True])
def test_rows_of_one_array_are_gathered_as_those_of_a_list(masked):
    """Chosen rows, with and without the mark of steps."""
    X = np.arange(4 * 3 * 2, dtype=np.float32).reshape(4, 3, 2)
    rows, positions = np.array([3, 0, 2]), np.array([1, 2, 2])
    gathered = Sequences(X).take(rows, masked).gather(positions)
    np.testing.assert_array_equal(gathered[:, :, :2], X[[0, 2, 2]])
    of_list = Sequences(as_object_array(list(X))).take(rows, masked).gather(positions)
    np.testing.assert_array_equal(gathered, of_list)


def test_bags_are_taken_segment_by_segment():
    """Dense bags, of chosen rows: the segments of row 2, then those of row 0."""
    X = np.arange(3 * 2 * 4, dtype=np.float32).reshape(3, 2, 4, 1)
    sequences = Sequences(X).take(np.array([2, 0]), masked=False)
    np.testing.assert_array_equal(sequences.n_segments, [2, 2])
    np.testing.assert_array_equal(sequences.gather(np.arange(4))[:, 0, 0], [16, 20, 0, 4])


def test_chunks_cover_everything_and_keep_to_their_size():
    """Each sequence once, short ones together."""
    sequences = Sequences(RAGGED)
    chunks = list(sequences.chunks(max_steps=6, max_sequences=9))
    np.testing.assert_array_equal(np.concatenate(chunks), [1, 3, 0, 2])
    assert [sequences.gather(chunk).size for chunk in chunks] == [12, 10, 18]


def test_chunks_hold_no_more_sequences_than_they_may():
    """However short these are, because few are faster than many."""
    sequences = Sequences(np.zeros((7, 2), dtype=np.float32))
    assert [len(chunk) for chunk in sequences.chunks(max_steps=100, max_sequences=3)] == [3, 3, 1]


def test_batches_cover_everything_in_random_order():
    """An epoch uses each sequence once; another epoch has another order."""
    sequences = Sequences(np.zeros((50, 3), dtype=np.float32))
    rng = np.random.RandomState(0)
    first, second = (np.concatenate(sequences.shuffled_batches(8, rng)) for _ in range(2))
    assert sorted(first) == sorted(second) == list(range(50))
    assert not np.array_equal(first, second)


def test_batches_hold_similar_lengths():
    """Padding costs little: batches are far more alike than chance would have them."""
    rng = np.random.RandomState(0)
    lengths = rng.randint(1, 100, size=200)
    X = as_object_array([np.zeros((n, 1), dtype=np.float32) for n in lengths])
    batches = Sequences(X).shuffled_batches(10, rng)
    spread = np.mean([np.ptp(lengths[batch]) for batch in batches])
    assert spread < np.ptp(lengths) / 5


def test_masked_batches_are_full():
    """Sequences of different lengths come together, so no length has a smaller batch of its own."""
    sequences = Sequences(RAGGED).take(np.arange(4), masked=True)
    batches = sequences.shuffled_batches(3, np.random.RandomState(0))
    assert sorted(map(len, batches)) == [1, 3]
    assert sequences.n_batches(3) == 2


def test_a_row_of_values_is_a_sequence_of_one_feature():
    """Each value is a step, also of a single row."""
    X = np.array([[3, 1, 2]], dtype=np.float32)
    np.testing.assert_array_equal(Sequences(X).gather(np.array([0])), [[[3], [1], [2]]])


NAN = np.nan


def test_padding_is_not_gathered():
    """Two valid steps of three; a step that holds any padding is not one."""
    X = np.array([[[1, 1], [2, 2], [3, NAN]], [[4, 4], [5, 5], [6, 6]]], dtype=np.float32)
    sequences = Sequences(X)
    assert sequences.needs_mask
    np.testing.assert_array_equal(sequences.n_steps, [2, 3])
    np.testing.assert_array_equal(
        sequences.gather(np.array([0, 1]))[0], [[1, 1, 1], [2, 2, 1], [0, 0, 0]]
    )


def test_segments_that_are_padding_are_not_gathered():
    """The last two of three segments of row 0, and half of the last segment of row 1."""
    X = np.ones((2, 3, 4, 1), dtype=np.float32)
    X[0, 1:] = NAN
    X[1, 2, 2:] = NAN
    sequences = Sequences(X)
    np.testing.assert_array_equal(sequences.n_segments, [1, 3])
    np.testing.assert_array_equal(sequences.bag_sizes, [3, 3])
    np.testing.assert_array_equal(sequences.n_steps, [4, 4, 4, 2])
    np.testing.assert_array_equal(sequences.take(np.array([1]), True).n_steps, [4, 4, 2])


def test_segment_that_lacks_a_lead_is_not_padding():
    """A lead missing throughout the last segment is named; a last frame cut short is padding."""
    bag = np.ones((1, 3, 2, 4), dtype=np.float32)  # frames of two time steps of two leads
    bag[0, 2] = NAN
    bag[0, 2, 0, :2] = 1
    np.testing.assert_array_equal(Sequences(bag).n_segments, [2])
    bag[0, 2, :, ::2] = 1
    with pytest.raises(ValueError, match=r"row 0 of X has missing .* at step 0 of segment 2"):
        Sequences(bag)


def test_only_padding_and_ragged_sequences_need_a_mask():
    """Segments have one length, however many there are, and whole ones of padding are left out."""
    bag = np.ones((3, 4, 1), dtype=np.float32)
    padded = bag.copy()
    padded[2] = NAN
    assert Sequences(RAGGED).needs_mask
    assert not Sequences(as_object_array([bag, bag[:1]])).needs_mask
    assert not Sequences(as_object_array([padded, bag])).needs_mask
    assert not Sequences(np.ones((2, 3))).needs_mask


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (
            [[1, 2, 3], [1, NAN, 3]],
            r"row 1 of X has missing values \(NaN\) at step 1: .* GapFiller",
        ),
        ([[NAN, 2, NAN], [1, 2, 3]], "row 0 of X .* at step 0:"),
        ([[[[1], [2]]], [[[1], [NAN]]], [[[NAN], [1]]]], "row 2 of X .* at step 0 of segment 0:"),
        ([[[[1], [1]], [[NAN], [NAN]], [[1], [1]]]], "row 0 of X .* at step 0 of segment 1:"),
        (
            [[[[1], [1]], [[NAN], [1]], [[NAN], [NAN]], [[NAN], [1]]]],
            "row 0 of X .* at step 0 of segment 1:",
        ),
        ([[[1, NAN], [2, NAN]]], "row 0 of X has no valid step: each holds NaN.*fill_value=0"),
        ([[[[1], [1]]], [[[NAN], [NAN]]]], "row 1 of X has no valid step"),
    ],
)
def test_missing_values_are_named(X, message):
    """By row, step and segment, as the user sees them; a row of padding alone is an error too."""
    with pytest.raises(ValueError, match=message):
        Sequences(np.array(X, dtype=np.float32))
    with pytest.raises(ValueError, match=message):
        Sequences(as_object_array([np.array(row, dtype=np.float32) for row in X]))


def test_without_mask_sequences_of_one_length_come_together():
    """Chunks and batches hold no padding, cover everything, and batches are counted beforehand."""
    X = np.ones((60, 9), dtype=np.float32)
    for row, length in enumerate(np.random.RandomState(0).randint(5, 10, size=60)):
        X[row, length:] = NAN
    sequences = Sequences(X).take(np.arange(60), masked=False)
    batches = sequences.shuffled_batches(4, np.random.RandomState(0))
    assert len(batches) == sequences.n_batches(4)
    for parts in (batches, list(sequences.chunks(max_steps=40, max_sequences=9))):
        assert sorted(np.concatenate(parts)) == list(range(60))
        for part in parts:
            assert len(set(sequences.n_steps[part])) == 1
            assert sequences.gather(part).all()
