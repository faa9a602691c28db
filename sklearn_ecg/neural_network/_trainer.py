"""Train a Keras network through SciKeras: the only module that knows of SciKeras.

Imported when a network is first needed, never with the package.
"""

# ruff: noqa: E402
from sklearn_ecg.neural_network._runtime import start_tensorflow

start_tensorflow()

from contextlib import contextmanager

import numpy as np
import tensorflow as tf
from scikeras.wrappers import KerasClassifier
from sklearn import config_context
from sklearn.preprocessing import FunctionTransformer
from tensorflow.python.framework.config import is_op_determinism_enabled

from sklearn_ecg.neural_network._layers import directions, runs_in_one_operation

# SciKeras sets TF_DETERMINISTIC_OPS while it trains. TensorFlow reads that variable the first time
# it is asked, and would hold the user's own models to it for ever after: ask before it is set.
is_op_determinism_enabled()


class Trainer(KerasClassifier):
    """SciKeras' classifier, told to take validated and encoded data as they are.

    Its own encoder would number the classes anew for a batch that lacks one, its own validation
    would hold all sequences to the length of the first, and its own check of weights copies X.
    """

    target_encoder = FunctionTransformer()

    def _validate_data(self, X=None, y=None, reset=False, y_numeric=False):
        return X, y

    @staticmethod
    def _validate_sample_weight(X, y, sample_weight):
        return X, y, sample_weight

    def _build_keras_model(self):
        network = super()._build_keras_model()
        _skip_all_reduce(network.optimizer)
        return network

    def build(self):
        """Build the network, its initial weights drawn from `random_state`.

        Returns
        -------
        self : Trainer
            The trainer, whose `model_` is the network.
        """
        with config_context(transform_output="default"):  # SciKeras' own transformers get no X
            return self.initialize(X=None, y=None)

    def train(self, batches, *, seed, callbacks, **fit_arguments):
        """Train the network from its present state.

        Parameters
        ----------
        batches : tf.data.Dataset
            What to train on.
        seed : int
            Seed of dropout. SciKeras alone would repeat that of the first fit.
        callbacks : list of keras.callbacks.Callback
            Callbacks of this fit.
        **fit_arguments : dict
            Passed to `keras.Model.fit`.

        Returns
        -------
        dict of str to list of float
            The losses of each epoch.
        """
        self._random_state, self._fit_callbacks = seed, callbacks
        with config_context(transform_output="default"):
            self.fit(batches, None, shuffle=False, **fit_arguments)  # the batches are shuffled
        return {name: [float(loss) for loss in losses] for name, losses in self.history_.items()}


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
        Weights with mean 1.
    batch_size : int
        Sequences in a batch.
    seed : int
        Seed of the shuffling, which is another one in each epoch, and of augmentation.
    augment : callable, default=None
        Takes the features of each batch, an array of shape (n_sequences, n_steps, n_features), and
        a RandomState, and returns an array of the same shape.
    errors : list, default=None
        Needed with `augment`. Receives what it raises, or a ValueError if what it returns is of
        another shape or not finite.
        It is for the caller to raise: TensorFlow would print it, and make another error of it.

    Yields
    ------
    tf.data.Dataset
        Batches of one epoch each time it is iterated over.
    """
    rng = np.random.RandomState(seed)
    augment_rng = np.random.RandomState([seed, 1])  # the same batches, augmented or not
    data = [(sequences, targets, weights, augment)]

    def one_epoch():
        sequences, targets, weights, augment = data[0]
        for positions in sequences.shuffled_batches(batch_size, rng):
            batch = sequences.gather(positions)
            if augment is not None:
                try:
                    batch = _augmented(batch, sequences.n_features, augment, augment_rng)
                except Exception as error:
                    errors.append(error)
            yield batch, targets[positions], weights[positions]

    signature = (
        tf.TensorSpec((None, None, sequences.n_inputs), tf.float32),
        tf.TensorSpec((None, targets.shape[1]), tf.float32),
        tf.TensorSpec((None,), tf.float32),
    )
    dataset = tf.data.Dataset.from_generator(one_epoch, output_signature=signature)
    n_batches = -(-len(sequences) // batch_size)
    try:
        yield dataset.apply(tf.data.experimental.assert_cardinality(n_batches)).prefetch(1)
    finally:
        # TensorFlow's global graph keeps the generator for ever: it must not keep the data too.
        data.clear()


def _augmented(batch, n_features, augment, rng):
    """Augment the features of a batch; padding, if there is any, stays zero."""
    augmented = np.asarray(augment(batch[:, :, :n_features], rng), dtype=np.float32)
    expected = (*batch.shape[:2], n_features)
    if augmented.shape != expected:
        raise ValueError(
            f"augment must return an array of the shape that it was given, {expected}, but "
            f"returned one of shape {augmented.shape}."
        )
    if not np.isfinite(augmented).all():
        raise ValueError("augment must return finite values, but returned NaN or infinity.")
    mask = batch[:, :, n_features:]
    return np.concatenate([augmented * mask, mask], axis=2) if mask.size else augmented


def _skip_all_reduce(optimizer):
    """Keep Keras from leaving 11 MB a fit in TensorFlow's registry of gradients.

    Its optimizer sums gradients over devices, of which there is one, by an operation with a custom
    gradient that every trace registers for ever, with the training graph (tensorflow#80895).
    """
    if not tf.distribute.has_strategy():
        optimizer._all_reduce_sum_gradients = lambda grads_and_vars: [
            (grad, variable) for grad, variable in grads_and_vars if grad is not None
        ]


def compile_forward(network):
    """Trace the network's forward pass once, for sequences of any number and length.

    Parameters
    ----------
    network : keras.Model
        A network that takes `(n_sequences, n_steps, n_inputs)`.

    Returns
    -------
    callable
        Takes an array of that shape, returns a tensor of logits.
    """
    signature = tf.TensorSpec((None, None, network.input_shape[-1]), tf.float32)
    # There is no Python control flow to convert, and on Python 3.13 AutoGraph complains.
    forward = tf.function(lambda sequences: network(sequences, training=False), autograph=False)
    return forward.get_concrete_function(signature)


def numbers_per_step(network):
    """Count what a network's input and layers hold for each step of a sequence.

    Parameters
    ----------
    network : keras.Model
        A network.

    Returns
    -------
    int
        Numbers.
    """
    outputs = tf.nest.flatten([layer.output for layer in network.layers])
    # None where each step is compared with all others: no number that can be known.
    numbers = sum(output.shape[-1] or 0 for output in outputs if len(output.shape) == 3)
    # Where one operation takes all steps of an LSTM, it puts out seven for each unit, of which the
    # layer's output, if it is one for each step, is counted already.
    for layer in network.layers:
        for part in filter(runs_in_one_operation, directions(layer)):
            numbers += (7 - part.return_sequences) * part.units
    return numbers
