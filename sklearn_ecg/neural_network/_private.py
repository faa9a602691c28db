"""Train with differential privacy: clip the gradient of each row or group, and add noise."""

import warnings
from contextlib import contextmanager

import numpy as np

from sklearn_ecg.utils._extras import import_extra

# Sequences of one row or group in a step. More of them would say more, but take memory and time.
_MAX_SEQUENCES = 32


def check_private(classifier, sample_weight):
    """Refuse what the guarantee of differential privacy does not count.

    Parameters
    ----------
    classifier : LSTMClassifier
        Whose parameters to check.
    sample_weight : array-like or None
        Weights of rows.

    Raises
    ------
    ValueError
        If one of the two parameters is missing, or another argument looks at several rows at once.
    """
    clip, noise = classifier.dp_l2_norm_clip, classifier.dp_noise_multiplier
    if clip is None and noise is None:
        return
    if clip is None or noise is None:
        raise ValueError(
            f"dp_l2_norm_clip={clip} and dp_noise_multiplier={noise} go together: give both for "
            "training with differential privacy, or neither."
        )
    if classifier.early_stopping:
        raise ValueError(
            "early_stopping=True chooses an epoch by rows without noise, which differential "
            "privacy does not count: use early_stopping=False."
        )
    if isinstance(classifier.class_weight, str):
        raise ValueError(
            f'class_weight="{classifier.class_weight}" counts the classes of all rows without '
            "noise, which differential privacy does not count: give a dict of weights that you "
            "know from elsewhere."
        )
    if sample_weight is not None:
        raise ValueError(
            "sample_weight is not supported with dp_noise_multiplier, because weights mostly "
            "depend on other rows, which differential privacy does not count: leave it out."
        )


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

        from sklearn_ecg.neural_network._streaming import as_dataset, augmented

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


def plan_private(classifier, sequences, rows, groups, epochs, seed):
    """Plan the steps of a fit, and count them.

    Parameters
    ----------
    classifier : LSTMClassifier
        The classifier, before the fit.
    sequences : Sequences
        The sequences of all rows.
    rows : ndarray of int
        Positions of the rows to train on.
    groups : ndarray of shape (n_rows,) or None
        Group of each row. None protects each row by itself.
    epochs : int
        Epochs of the fit.
    seed : int
        Seed of the fit, which is used only if the classifier has a `random_state`.

    Returns
    -------
    training : PrivateTraining or None
        The steps; None without differential privacy.
    history : list of dict
        All fits since the first one with noise, this one included.

    Raises
    ------
    ValueError
        If rows were protected before and groups are now, or groups before and rows now.

    Warns
    -----
    UserWarning
        If the network was trained without differential privacy before.
    """
    history = getattr(classifier, "dp_history_", [])
    unit = "row" if groups is None else "group"
    if classifier.dp_noise_multiplier is None:
        return None, history and [*history, _describe(unit, 1.0, 0.0, epochs)]
    if not history and hasattr(classifier, "network_"):
        warnings.warn(
            "This network was trained without differential privacy before. epsilon counts from now "
            "on: it protects the rows of this fit, but not those of earlier ones.",
            UserWarning,
            stacklevel=5,
        )
    if history and history[-1]["unit"] != unit:
        raise ValueError(
            f"Each {history[-1]['unit']} was one unit of differential privacy in earlier fits, but "
            f"each {unit} would be now: pass groups to all fits or to none, or fit a new "
            "LSTMClassifier."
        )
    training = PrivateTraining(
        np.repeat(rows if groups is None else groups[rows], sequences.n_segments[rows]),
        l2_norm_clip=classifier.dp_l2_norm_clip,
        noise_multiplier=classifier.dp_noise_multiplier,
        batch_size=classifier.batch_size,
        # Noise from a seed of 31 bits could be found by trying all.
        seed=None if classifier.random_state is None else [seed, 2],
    )
    noise = float(classifier.dp_noise_multiplier)
    fit = _describe(unit, training.sampling_probability, noise, epochs * training.n_steps)
    if history and history[-1] | {"n_steps": fit["n_steps"]} == fit:
        *history, last = history
        fit["n_steps"] += last["n_steps"]
    return training, [*history, fit]


def compute_epsilon(history, delta):
    """Compute the epsilon of all fits together.

    Parameters
    ----------
    history : list of dict
        The fits.
    delta : float
        The probability with which epsilon may not hold.

    Returns
    -------
    float
        Epsilon; infinite if a fit had no noise.
    """
    if not history or any(fit["noise_multiplier"] == 0 for fit in history):
        return np.inf
    dp_accounting = import_extra("dp_accounting", extra="privacy")
    accountant = import_extra("dp_accounting.pld", extra="privacy").PLDAccountant()
    for fit in history:
        event = dp_accounting.PoissonSampledDpEvent(
            fit["sampling_probability"], dp_accounting.GaussianDpEvent(fit["noise_multiplier"])
        )
        accountant.compose(event, fit["n_steps"])
    return float(accountant.get_epsilon(delta))


def _describe(unit, sampling_probability, noise_multiplier, n_steps):
    """Describe the steps of a fit, as `LSTMClassifier.dp_history_` has them."""
    return {
        "unit": unit,
        "sampling_probability": sampling_probability,
        "noise_multiplier": noise_multiplier,
        "n_steps": n_steps,
    }


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
