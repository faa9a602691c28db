"""Stream sequences to TensorFlow in batches that are gathered when they are due."""

from contextlib import contextmanager

import numpy as np


@contextmanager
def streamed(sequences, targets, weights, batch_size, seed, augment=None, errors=None):
    """Stream sequences, targets and weights in batches that are gathered when they are due.

    Keras would turn whole arrays into tensors first, which doubles the memory, and would want all
    sequences padded to the longest.

    Parameters
    ----------
    sequences : Sequences
        Sequences.
    targets : ndarray of shape (n_sequences, n_outputs), float32
        Targets between 0 and 1.
    weights : ndarray of shape (n_sequences,), float32
        Weights, as a rule with mean 1.
    batch_size : int
        Sequences in a batch.
    seed : int
        Seed of the shuffling, which is another one in each epoch, and of augmentation.
    augment : callable, default=None
        Takes the features of each batch, an array of shape (n_sequences, n_steps, n_features) that
        holds NaN for padding, and a RandomState, and returns an array of the same shape.
    errors : list, default=None
        Needed with `augment`. Receives its errors, or a ValueError if its result has another shape
        or is not finite. The caller must raise it: TensorFlow would print it, and make another
        error of it.

    Yields
    ------
    tf.data.Dataset
        Batches of one epoch each time it is iterated over.
    """
    import tensorflow as tf

    rng = np.random.RandomState(seed)
    augment_rng = np.random.RandomState([seed, 1])  # the same batches, augmented or not

    def one_epoch():
        for positions in sequences.shuffled_batches(batch_size, rng):
            batch = sequences.gather(positions)
            if augment is not None:
                try:
                    batch = augmented(batch, sequences.n_features, augment, augment_rng)
                except Exception as error:
                    errors.append(error)
            yield batch, targets[positions], weights[positions]

    signature = (
        tf.TensorSpec((None, None, sequences.n_features + sequences.masked), tf.float32),
        tf.TensorSpec((None, targets.shape[1]), tf.float32),
        tf.TensorSpec((None,), tf.float32),
    )
    with as_dataset(one_epoch, signature, sequences.n_batches(batch_size)) as dataset:
        yield dataset


@contextmanager
def as_dataset(one_epoch, signature, n_batches):
    """Make a dataset of a generator, and let go of the generator at the end.

    Parameters
    ----------
    one_epoch : callable
        Returns an iterator of the batches of one epoch.
    signature : tuple of tf.TensorSpec
        The parts of a batch.
    n_batches : int
        Number of batches.

    Yields
    ------
    tf.data.Dataset
        Batches of one epoch each time it is iterated over.
    """
    import tensorflow as tf

    # TensorFlow's global graph keeps the function for ever: it must not keep the data too.
    held = [one_epoch]
    dataset = tf.data.Dataset.from_generator(lambda: held[0](), output_signature=signature)
    try:
        yield dataset.apply(tf.data.experimental.assert_cardinality(n_batches)).prefetch(1)
    finally:
        held.clear()


def augmented(batch, n_features, augment, rng):
    """Augment the features of a batch, in which padding, if there is any, is NaN meanwhile.

    Parameters
    ----------
    batch : ndarray of shape (n_sequences, n_steps, n_features [+ 1])
        Features, and a mask if there is one.
    n_features : int
        Features without the mask.
    augment : callable
        See `streamed`.
    rng : RandomState
        Source of randomness.

    Returns
    -------
    ndarray of the shape of `batch`, float32
        The augmented features, and the mask as it was.

    Raises
    ------
    ValueError
        If `augment` returns an array of another shape, or one that is not finite.
    """
    features, mask = batch[:, :, :n_features], batch[:, :, n_features:]
    is_step = np.broadcast_to(mask.all(axis=2, keepdims=True), features.shape)  # without mask, all
    augmented = augment(np.where(is_step, features, np.float32(np.nan)), rng)
    augmented = np.asarray(augmented, dtype=np.float32)
    if augmented.shape != features.shape:
        raise ValueError(
            f"augment must return an array of the shape that it was given, {features.shape}, but "
            f"returned one of shape {augmented.shape}."
        )
    augmented = np.where(is_step, augmented, np.float32(0))
    if not np.isfinite(augmented).all():
        raise ValueError("augment must return finite values, but returned NaN or infinity.")
    return np.concatenate([augmented, mask], axis=2)
