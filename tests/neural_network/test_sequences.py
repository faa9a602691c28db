"""Rows as sequences, gathered batch by batch."""

import numpy as np

from sklearn_ecg.neural_network._sequences import Sequences
from sklearn_ecg.utils._signals import as_object_array

RAGGED = as_object_array([np.full((n, 1), n, dtype=np.float32) for n in (5, 2, 9, 3)])


def test_padding_is_marked():
    """Hand-worked: a sequence of two steps beside one of five."""
    gathered = Sequences(RAGGED, masked=True).gather(np.array([0, 1]))
    np.testing.assert_array_equal(gathered[1], [[2, 1], [2, 1], [0, 0], [0, 0], [0, 0]])
    np.testing.assert_array_equal(gathered[0, :, 1], 1)


def test_bags_are_taken_segment_by_segment():
    """Dense bags, of chosen rows: the segments of row 2, then those of row 0."""
    X = np.arange(3 * 2 * 4, dtype=np.float32).reshape(3, 2, 4, 1)
    sequences = Sequences(X, masked=False, rows=np.array([2, 0]))
    np.testing.assert_array_equal(sequences.n_segments, [2, 2])
    np.testing.assert_array_equal(sequences.gather(np.arange(4))[:, 0, 0], [16, 20, 0, 4])


def test_chunks_cover_everything_and_keep_to_their_size():
    """Each sequence once, short ones together."""
    sequences = Sequences(RAGGED, masked=True)
    chunks = list(sequences.chunks(max_steps=6))
    np.testing.assert_array_equal(np.concatenate(chunks), [1, 3, 0, 2])
    assert [sequences.gather(chunk).size for chunk in chunks] == [12, 10, 18]


def test_batches_cover_everything_in_random_order():
    """An epoch uses each sequence once; another epoch has another order."""
    sequences = Sequences(np.zeros((50, 3), dtype=np.float32), masked=False)
    rng = np.random.RandomState(0)
    first, second = (np.concatenate(sequences.shuffled_batches(8, rng)) for _ in range(2))
    assert sorted(first) == sorted(second) == list(range(50))
    assert not np.array_equal(first, second)


def test_batches_hold_similar_lengths():
    """Padding costs little: batches are far more alike than chance would have them."""
    rng = np.random.RandomState(0)
    lengths = rng.randint(1, 100, size=200)
    X = as_object_array([np.zeros((n, 1), dtype=np.float32) for n in lengths])
    batches = Sequences(X, masked=True).shuffled_batches(10, rng)
    spread = np.mean([np.ptp(lengths[batch]) for batch in batches])
    assert spread < np.ptp(lengths) / 5
