"""Batches that are gathered, and augmented, when they are due."""

import gc
import weakref

import numpy as np
import pytest

from sklearn_ecg.neural_network._sequences import Sequences
from sklearn_ecg.neural_network._streaming import streamed
from sklearn_ecg.utils._rows import as_object_array


def shift(sequences, random_state):
    """Add one number to each sequence."""
    return sequences + random_state.normal(size=(len(sequences), 1, 1))


def test_augmentation_is_seeded_and_only_for_training(ragged, tiny):
    """It gets batches without the mask, leaves padding zero, and sees no row set aside."""
    X, y = ragged
    batches = []

    def augment(sequences, random_state):
        batches.append((sequences.shape, sequences.dtype))
        return shift(sequences, random_state)

    def fit(**parameters):
        classifier = tiny(early_stopping=True, batch_size=36, **parameters).fit(X, y)
        return classifier.predict_proba(X)

    augmented = fit(augment=augment)
    assert len(batches) == 2  # one in each epoch, of 36 of the 40 rows
    assert {(shape[0], shape[2], dtype.name) for shape, dtype in batches} == {(36, 2, "float32")}
    np.testing.assert_array_equal(fit(augment=shift), augmented)
    assert not np.allclose(fit(), augmented)


def first_batch(X, masked, augment):
    """Stream all sequences in one batch."""
    sequences = Sequences(X).take(np.arange(len(X)), masked)
    n = len(sequences)
    data = sequences, np.zeros((n, 1), np.float32), np.ones(n, np.float32)
    errors = []
    with streamed(*data, n, seed=0, augment=augment, errors=errors) as batches:
        (batch, _, _), *_ = [[part.numpy() for part in batch] for batch in batches]
    return batch, errors


def test_augmentation_meets_padding_as_nan_and_leaves_it_zero(ragged):
    """Padding is NaN in what `augment` is given, and not a step in what the network is given."""
    given = []

    def fill(sequences, random_state):
        given.append(sequences)
        return np.nan_to_num(sequences, nan=7.0)

    batch, errors = first_batch(as_object_array(ragged[0]), True, fill)
    padding = batch[:, :, 2] == 0
    assert not errors
    assert padding.any()
    np.testing.assert_array_equal(np.isnan(given[0]).all(axis=2), padding)
    np.testing.assert_array_equal(np.isnan(given[0]).any(axis=2), padding)
    assert not batch[padding].any()
    assert batch[~padding].all()


def test_augmentation_changes_no_order(sequences):
    """Whatever it draws, the batches of each epoch hold the same rows as without it."""
    X = Sequences(sequences[0])
    data = X, np.zeros((60, 1), np.float32), np.ones(60, np.float32)

    def draw(batch, random_state):
        random_state.normal(size=5)
        return batch

    def two_epochs(augment):
        with streamed(*data, 16, seed=0, augment=augment, errors=[]) as batches:
            return [batch.numpy() for _ in range(2) for batch, _, _ in batches]

    for plain, augmented in zip(two_epochs(None), two_epochs(draw), strict=True):
        np.testing.assert_array_equal(augmented, plain)


def test_augmentation_may_leave_padding_nan_but_not_a_step(ragged):
    """NaN plus anything is NaN, which is right for padding alone."""
    X = as_object_array(ragged[0])
    batch, errors = first_batch(X, True, shift)
    assert not errors
    assert np.isfinite(batch).all()
    _, (error,) = first_batch(X, True, lambda batch, random_state: np.full(batch.shape, np.nan))
    assert "augment must return finite values" in str(error)


def test_error_of_augmentation_reaches_the_user(sequences, tiny, capfd):
    """TensorFlow neither wraps nor prints one's own error, or that of a wrong result."""

    def fail(batch, random_state):
        raise KeyError("my own")

    with pytest.raises(KeyError, match="my own"):
        tiny(augment=fail).fit(*sequences)
    with pytest.raises(ValueError, match=r"augment must return .* given, \(60, 6, 2\), but .*6, 1"):
        tiny(augment=lambda batch, random_state: batch[:, :, :1], batch_size=60).fit(*sequences)
    with pytest.raises(ValueError, match="augment must return finite values"):
        tiny(augment=lambda batch, random_state: batch * np.nan).fit(*sequences)
    assert capfd.readouterr() == ("", "")


def test_training_data_are_let_go(sequences, tiny):
    """TensorFlow keeps the function that streams batches for ever, but not what it streams."""
    X, y = (array.copy() for array in sequences)
    alive = weakref.ref(X)
    tiny(early_stopping=True).fit(X, y)
    del X
    gc.collect()
    assert alive() is None
