"""Train with differential privacy: clip the gradient of each row or group, and add noise."""

from contextlib import contextmanager

import numpy as np

from sklearn_ecg.neural_network._streaming import as_dataset, augmented

# Sequences of one row or group in a step. More of them would say more, but take memory and time.
_MAX_SEQUENCES = 32


class PrivateTraining:
    """Steps of training in which no unit, a row or a group, has more than a bounded part [1]_.

    Each step takes each unit with the same probability, independently of all others (Poisson
    sampling). It clips the gradient of each of these units, adds noise to their sum, and divides by
    the expected number of units.

    Parameters
    ----------
    units : array-like of shape (n_sequences,)
        Unit of each sequence.
    l2_norm_clip : float
        Largest norm of a unit's gradient, over all weights.
    noise_multiplier : float
        Standard deviation of the noise, as a multiple of `l2_norm_clip`.
    batch_size : int
        Expected number of units in a step.
    seed : int or None
        Seed of sampling and noise. None takes it from the operating system.

    Attributes
    ----------
    n_steps : int
        Steps of an epoch.
    sampling_probability : float
        Probability of a unit to be in a step.

    References
    ----------
    .. [1] Abadi M, et al. Deep learning with differential privacy. CCS (2016).
       doi:10.1145/2976749.2978318
    """

    def __init__(self, units, *, l2_norm_clip, noise_multiplier, batch_size, seed):
        _, numbers = np.unique(units, return_inverse=True)
        order = np.argsort(numbers, kind="stable")
        self._positions = np.split(order, np.flatnonzero(np.diff(numbers[order])) + 1)
        n_units = len(self._positions)
        self.n_steps = -(-n_units // batch_size)
        self.sampling_probability = min(1.0, batch_size / n_units)
        self._expected_size = min(batch_size, n_units)
        self._l2_norm_clip = l2_norm_clip
        self._noise_scale = noise_multiplier * l2_norm_clip
        self._rng = np.random.default_rng(seed)

    @contextmanager
    def prepared(self, network, sequences, targets, weights, augment=None, errors=None):
        """Prepare a network for `fit`, and make the batches.

        Parameters
        ----------
        network : keras.Model
            The network. Within this context its `fit` takes private steps.
        sequences : Sequences
            Sequences.
        targets : ndarray of shape (n_sequences, n_outputs), float32
            Targets between 0 and 1.
        weights : ndarray of shape (n_sequences,), float32
            Weights, none of which depends on other units.
        augment : callable, default=None
            Changes the sequences of one unit at a time; see `LSTMClassifier`.
        errors : list, default=None
            Needed with `augment`: receives its errors.

        Yields
        ------
        tf.data.Dataset
            Batches of one epoch each time it is iterated over.

        Raises
        ------
        ValueError
            If the network stores more of its training data than its weights, or has no mask for
            sequences of different lengths.
        """
        import tensorflow as tf

        if not sequences.masked and len(np.unique(sequences.n_steps)) > 1:
            raise ValueError(
                "X has segments of different lengths without padding, which differential privacy "
                "cannot put into one step: pad them with NaN to one length."
            )
        _refuse_memory(network, sequences.gather(np.arange(min(2, len(sequences)))))
        n_weights = sum(int(np.prod(weight.shape)) for weight in network.trainable_variables)
        augment_rng = np.random.RandomState(self._rng.integers(2**32, size=4))

        def gather(positions):
            sequences_of_unit = sequences.gather(positions)
            if augment is None:
                return sequences_of_unit
            return augmented(sequences_of_unit, sequences.n_features, augment, augment_rng)

        def one_epoch():
            for _ in range(self.n_steps):
                parts = self._draw()
                noise = self._noise_scale * self._rng.standard_normal(n_weights)
                try:
                    arrays = [gather(part) for part in parts]
                except Exception as error:  # of augment
                    errors.append(error)
                    parts, arrays = [], []
                x = _stack(arrays, signature[0].shape[2])
                positions = np.concatenate([np.empty(0, dtype=int), *parts])
                sizes = np.array([len(part) for part in parts], dtype=np.int32)
                yield x, targets[positions], weights[positions], sizes, noise.astype(np.float32)

        signature = (
            tf.TensorSpec((None, None, sequences.n_features + sequences.masked), tf.float32),
            tf.TensorSpec((None, targets.shape[1]), tf.float32),
            tf.TensorSpec((None,), tf.float32),
            tf.TensorSpec((None,), tf.int32),
            tf.TensorSpec((n_weights,), tf.float32),
        )
        jit_compile = network.jit_compile
        network.train_function = None  # compiled for other steps
        network.train_step = self._make_step(network)
        network.jit_compile = False  # XLA does not know slices of any length
        try:
            with as_dataset(one_epoch, signature, self.n_steps) as dataset:
                yield dataset
        finally:
            del network.train_step
            network.jit_compile = jit_compile
            network.train_function = None

    def _draw(self):
        """Draw the units of a step, and the sequences of each."""
        is_drawn = self._rng.random(len(self._positions)) < self.sampling_probability
        parts = [self._positions[unit] for unit in np.flatnonzero(is_drawn)]
        return [
            self._rng.choice(part, _MAX_SEQUENCES, replace=False)
            if len(part) > _MAX_SEQUENCES
            else part
            for part in parts
        ]

    def _make_step(self, network):
        """Make the function that takes one step, in place of the network's own."""
        import tensorflow as tf

        def train_step(data):
            x, y, weights, sizes, noise = data
            ends = tf.cumsum(sizes)
            variables = network.trainable_variables

            def add_unit(i, total):
                part = slice(ends[i] - sizes[i], ends[i])
                with tf.GradientTape() as tape:
                    loss = network.compute_loss(
                        x=x[part],
                        y=y[part],
                        y_pred=network(x[part], training=True),
                        sample_weight=weights[part],
                    )
                gradients = tape.gradient(loss, variables, unconnected_gradients="zero")
                flat = tf.concat([tf.reshape(gradient, [-1]) for gradient in gradients], axis=0)
                return i + 1, total + clip_to_norm(flat, self._l2_norm_clip)

            _, total = tf.while_loop(
                lambda i, total: i < tf.size(sizes), add_unit, (0, tf.zeros_like(noise))
            )
            mean = (total + noise) / self._expected_size
            parts = tf.split(mean, [variable.shape.num_elements() for variable in variables])
            gradients = [
                tf.reshape(part, variable.shape)
                for part, variable in zip(parts, variables, strict=True)
            ]
            network.optimizer.apply_gradients(zip(gradients, variables, strict=True))
            # Keras wants a figure, and a loss would tell of rows what no noise hides.
            return {"learning_rate": tf.identity(network.optimizer.learning_rate)}

        return train_step


def clip_to_norm(vector, l2_norm_clip):
    """Scale a vector down to a norm; one whose norm is not finite becomes zero.

    Parameters
    ----------
    vector : tf.Tensor of shape (n_weights,)
        A gradient.
    l2_norm_clip : float
        Largest norm.

    Returns
    -------
    tf.Tensor of shape (n_weights,)
        The vector, or a shorter one of its direction.
    """
    import tensorflow as tf

    norm = tf.norm(vector)
    clipped = vector * tf.minimum(1.0, tf.math.divide_no_nan(float(l2_norm_clip), norm))
    return tf.where(tf.math.is_finite(norm), clipped, 0.0)


def _stack(arrays, n_features):
    """Put the sequences of all units into one array, padded with zeros to the longest."""
    n_steps = max((array.shape[1] for array in arrays), default=1)
    padded = [np.pad(array, ((0, 0), (0, n_steps - array.shape[1]), (0, 0))) for array in arrays]
    return np.concatenate([np.empty((0, n_steps, n_features), dtype=np.float32), *padded])


def _refuse_memory(network, sequences):
    """Refuse layers that store statistics of their training data, such as BatchNormalization."""
    state = [
        variable
        for variable in network.non_trainable_variables
        if "seed_generator" not in variable.path
    ]
    before = [variable.numpy() for variable in state]
    network(sequences, training=True)
    changed = [
        variable.path
        for variable, value in zip(state, before, strict=True)
        if not np.array_equal(variable.numpy(), value)
    ]
    if changed:
        raise ValueError(
            f"The network stores statistics of its training data in {', '.join(changed)}, which "
            "differential privacy does not count. The blocks of conv_filters do so by batch "
            "normalization: leave them out, or pass a function of your own as network=, with "
            "layer normalization."
        )
