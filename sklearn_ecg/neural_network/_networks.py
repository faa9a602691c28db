"""Plain functions that build Keras networks for sequences of ECG."""

import inspect
from contextlib import suppress

import numpy as np
from sklearn.utils._param_validation import StrOptions, validate_params

from sklearn_ecg.neural_network._layers import (
    convolve,
    directions,
    pool,
    run_in_one_operation,
    stop_at_middle,
)
from sklearn_ecg.neural_network._losses import make_loss, make_optimizer
from sklearn_ecg.neural_network._runtime import own_settings
from sklearn_ecg.utils._warning import warn_user

_TOLERANCE = 1e-3  # of logits

# Checked here, because Keras would not notice a misspelt name, or would explain nothing.
CHOICES = {
    "network": [StrOptions({"lstm", "gru", "simple_rnn", "cnn"}), callable],
    "pooling": [StrOptions({"last", "middle", "mean", "max", "mean_max", "attention"})],
    "loss": [StrOptions({"cross_entropy", "focal", "mean_squared_error"})],
}


@validate_params(
    # Keras would make an object from a dict, which a hostile file may hold.
    {**CHOICES, "activation": [str], "optimizer": [str]},
    prefer_skip_nested_validation=True,
)
@own_settings()
def build_network(
    network="lstm",
    *,
    n_features,
    n_outputs,
    exclusive=False,
    masked=False,
    units=(32,),
    activation="tanh",
    bidirectional=False,
    dropout=0.0,
    pooling="mean",
    conv_filters=(),
    conv_kernel_size=5,
    conv_pool_size=2,
    input_noise=0.0,
    optimizer="adam",
    weight_decay=None,
    loss="cross_entropy",
):
    """Build and compile a network that reads sequences and ends in one logit per output.

    The parts are, in this order: noise, convolutional blocks, the layers of `network`, pooling over
    the steps, dropout, and one dense layer. All are in float32 with channels last, under any global
    settings of Keras.

    Parameters
    ----------
    network : {"lstm", "gru", "simple_rnn", "cnn"} or callable, default="lstm"
        The builder of the layers: `build_recurrent`, `build_cnn`, or a function of your own. Yours
        is called as `network(sequences, mask, **parameters)`: with a Keras tensor of shape
        `(n_sequences, n_steps, n_features)`; with a boolean one of shape `(n_sequences, n_steps)`,
        False for padding, or None without padding; and with those of `units`, `activation`,
        `bidirectional`, `dropout` and `pooling` that its signature names. It returns a tensor with
        a vector for each sequence, or one with a vector for each step, which is then pooled, or a
        tuple of the latter and its mask.
    n_features : int
        Features of one step.
    n_outputs : int
        Number of logits.
    exclusive : bool, default=False
        Whether exactly one output is true for each sequence (softmax) or each may be (sigmoid).
    masked : bool, default=False
        Whether a sequence carries one more feature, 1 for its own steps and 0 for padding.
    units : tuple of int, default=(32,)
        Units of each recurrent layer.
    activation : str, default="tanh"
        Activation of the recurrent layers.
    bidirectional : bool, default=False
        Whether a second layer reads each sequence backwards.
    dropout : float, default=0.0
        Fraction of each layer's outputs that is dropped in training.
    pooling : {"last", "middle", "mean", "max", "mean_max", "attention"}, default="mean"
        The way to turn the steps of the last layer into one vector.
    conv_filters : tuple of int, default=()
        Filters of each convolutional block.
    conv_kernel_size : int, default=5
        Steps that a filter sees.
    conv_pool_size : int or tuple of int, default=2
        Steps of which each block keeps the maximum, or one number for each block.
    input_noise : float, default=0.0
        Standard deviation of the Gaussian noise that is added to the features in training.
    optimizer : str, default="adam"
        Name of a Keras optimizer.
    weight_decay : float, default=None
        Part of each weight, times the learning rate, that is taken off in a step of the optimizer.
        None leaves it to the optimizer.
    loss : {"cross_entropy", "focal", "mean_squared_error"}, default="cross_entropy"
        The loss that training minimizes.

    Returns
    -------
    keras.Model
        Takes `(n_sequences, n_steps, n_features + masked)`, returns `(n_sequences, n_outputs)`.

    Raises
    ------
    ValueError
        If `network`, `pooling` or `loss` is none of those, or if `network` returns no tensor with
        a vector for each sequence or step, or one of other steps than its mask has, or requires
        other arguments.

    See Also
    --------
    LSTMClassifier : Trains such a network.

    Examples
    --------
    >>> from sklearn_ecg.neural_network import build_network
    >>> build_network("gru", n_features=2, n_outputs=3, pooling="max").output_shape
    (None, 3)
    """
    import keras

    inputs = keras.Input((None, n_features + masked))
    sequences, mask = (inputs[:, :, :-1], inputs[:, :, -1] > 0) if masked else (inputs, None)
    if input_noise:
        sequences = keras.layers.GaussianNoise(input_noise)(sequences)
    if conv_filters or network == "cnn":
        sequences, mask = build_cnn(
            sequences,
            mask,
            conv_filters=conv_filters,
            conv_kernel_size=conv_kernel_size,
            conv_pool_size=conv_pool_size,
            dropout=dropout,
        )
    if network != "cnn":
        parameters = {
            "units": units,
            "activation": activation,
            "bidirectional": bidirectional,
            "dropout": dropout,
            "pooling": pooling,
        }
        if isinstance(network, str):
            sequences = build_recurrent(sequences, mask, kind=network, **parameters)
        else:
            sequences, mask = _call(network, sequences, mask, parameters)
            _check_steps(network, inputs, sequences, mask)
    vector = pool(sequences, mask, pooling) if len(sequences.shape) == 3 else sequences
    if dropout:
        vector = keras.layers.Dropout(dropout)(vector)
    model = keras.Model(inputs, keras.layers.Dense(n_outputs)(vector))
    model.compile(
        optimizer=make_optimizer(optimizer, weight_decay), loss=make_loss(loss, exclusive)
    )
    return model


def build_recurrent(
    sequences,
    mask,
    *,
    kind="lstm",
    units=(32,),
    activation="tanh",
    bidirectional=False,
    dropout=0.0,
    pooling="mean",
):
    """Build stacked recurrent layers.

    Parameters
    ----------
    sequences : Keras tensor of shape (n_sequences, n_steps, n_features)
        The input of the first layer.
    mask : Keras tensor of shape (n_sequences, n_steps), bool, or None
        False for padding, which is at the end of a sequence; outputs for padding have no meaning.
    kind : {"lstm", "gru", "simple_rnn"}, default="lstm"
        Long short-term memory [1]_; gated recurrent units [2]_, which have three quarters of its
        weights, and no memory beside their output; or a simple recurrent network [3]_, without
        gates, which forgets within few steps: a baseline for the others.
    units : tuple of int, default=(32,)
        Units of each layer.
    activation : str, default="tanh"
        Activation of the layers.
    bidirectional : bool, default=False
        Whether each layer also reads the sequence backwards, with as many units again.
    dropout : float, default=0.0
        Fraction of the outputs between layers that is dropped in training.
    pooling : str, default="mean"
        `"last"` keeps the state after the last step only. With `"middle"` the output for the middle
        step is right, and those for others have no meaning.

    Returns
    -------
    Keras tensor of shape (n_sequences, n_steps, n_outputs) or (n_sequences, n_outputs)
        The outputs of the last layer.

    See Also
    --------
    build_network : Builds the layers around these.

    References
    ----------
    .. [1] Hochreiter S, Schmidhuber J. Long short-term memory. Neural Computation 9(8):1735-1780
       (1997). doi:10.1162/neco.1997.9.8.1735
    .. [2] Cho K, et al. Learning phrase representations using RNN encoder-decoder for statistical
       machine translation. EMNLP (2014). doi:10.3115/v1/D14-1179
    .. [3] Elman JL. Finding structure in time. Cognitive Science 14(2):179-211 (1990).
       doi:10.1207/s15516709cog1402_1

    Examples
    --------
    >>> import keras
    >>> from sklearn_ecg.neural_network import build_recurrent
    >>> build_recurrent(keras.Input((None, 2)), None, units=(8, 4), bidirectional=True).shape
    (None, None, 8)
    """
    import keras

    make_layer = {
        "lstm": keras.layers.LSTM,
        "gru": keras.layers.GRU,
        "simple_rnn": keras.layers.SimpleRNN,
    }[kind]
    for i, layer_units in enumerate(units):
        is_last = i == len(units) - 1
        layer = make_layer(
            layer_units, activation=activation, return_sequences=not is_last or pooling != "last"
        )
        if bidirectional:
            layer = keras.layers.Bidirectional(layer)
        if kind == "lstm":
            for part in directions(layer):
                run_in_one_operation(part)
        if is_last and pooling == "middle":
            stop_at_middle(layer)
        sequences = layer(sequences, mask=mask)
        if dropout and not is_last:
            sequences = keras.layers.Dropout(dropout)(sequences)
    return sequences


def build_cnn(sequences, mask, *, conv_filters, conv_kernel_size=5, conv_pool_size=2, dropout=0.0):
    """Build convolutional blocks: a network of their own, or a front end of recurrent layers.

    A block is a convolution over the steps, batch normalization, relu, and the maximum over every
    few steps. Padding enters none of them.

    Parameters
    ----------
    sequences : Keras tensor of shape (n_sequences, n_steps, n_features)
        The input of the first block.
    mask : Keras tensor of shape (n_sequences, n_steps), bool, or None
        False for padding, which is at the end of a sequence.
    conv_filters : tuple of int
        Filters of each block.
    conv_kernel_size : int, default=5
        Steps that a filter sees.
    conv_pool_size : int or tuple of int, default=2
        Steps of which the maximum is kept, or one number for each block; 1 keeps all steps.
    dropout : float, default=0.0
        Fraction of the filters dropped in training, after each block and for all steps at once.

    Returns
    -------
    sequences : Keras tensor of shape (n_sequences, n_steps_kept, conv_filters[-1])
        The output of the last block.
    mask : Keras tensor of shape (n_sequences, n_steps_kept), bool, or None
        False for steps that stem from padding alone.

    See Also
    --------
    build_network : Builds the layers around these.

    Examples
    --------
    >>> import keras
    >>> from sklearn_ecg.neural_network import build_cnn
    >>> sequences, mask = build_cnn(keras.Input((100, 2)), None, conv_filters=(8, 16))
    >>> sequences.shape, mask
    ((None, 25, 16), None)
    """
    if not conv_filters:
        raise ValueError("conv_filters is empty: give the filters of each block, such as (32, 64).")
    pool_sizes = conv_pool_size
    if not isinstance(pool_sizes, tuple):
        pool_sizes = (pool_sizes,) * len(conv_filters)
    for filters, pool_size in zip(conv_filters, pool_sizes, strict=True):
        sequences, mask = convolve(sequences, mask, filters, conv_kernel_size, pool_size, dropout)
    return sequences, mask


def warn_if_padding_counts(builder, model):
    """Warn if padding changes the answer of a network of the user's own.

    Parameters
    ----------
    builder : callable
        The function that built its layers, for the message.
    model : keras.Model
        The masked network, trained: at first, biases of 0 hide it.
    """
    # Not of mean 0, which padding with 0 would hardly change.
    padded = np.random.RandomState(0).normal(1, size=(1, 48, model.input_shape[-1]))
    padded[:, :15, -1], padded[:, 15:] = 1, 0
    padded = padded.astype(np.float32)
    try:
        alone, among_longer = (
            model(sequences, training=False).numpy() for sequences in (padded[:, :15], padded)
        )
    except Exception:  # it may know another number of steps, and what else a user builds of Keras
        return
    if not np.allclose(alone, among_longer, rtol=_TOLERANCE, atol=_TOLERANCE, equal_nan=True):
        warn_user(
            f"network={builder!r} lets padding in: its answer for a row depends on the padding "
            "after it, and so on the other rows in its batch. Pass mask to the layers that look at "
            "several steps, or set what comes before them to 0 where mask is False."
        )


def _call(builder, sequences, mask, parameters):
    """Call a builder with those parameters that it names, and check its result."""
    signature = inspect.signature(builder)
    named = signature.parameters
    if all(parameter.kind != parameter.VAR_KEYWORD for parameter in named.values()):
        parameters = {name: value for name, value in parameters.items() if name in named}
    # What functools.partial has set already stays as it is.
    for name in getattr(builder, "keywords", {}):
        parameters.pop(name, None)
    try:
        signature.bind(sequences, mask, **parameters)
    except TypeError as error:
        raise ValueError(
            f"network={builder!r} is called with sequences, mask and the keywords units, "
            f"activation, bidirectional, dropout and pooling, but: {error}."
        ) from error
    result = builder(sequences, mask, **parameters)
    if isinstance(result, tuple) and len(result) == 2:
        result, mask = result
        is_mask = getattr(mask, "dtype", None) == "bool" and len(mask.shape) == 2
        if mask is not None and not is_mask:  # such as the state of a recurrent layer
            raise ValueError(
                f"network={builder!r} returned two values, of which the second must be the mask of "
                f"the steps, a bool tensor of shape (n_sequences, n_steps), but is {mask!r}. There "
                "is one output: join several by keras.layers.Concatenate."
            )
    shape = getattr(result, "shape", None)
    if shape is None or len(shape) not in (2, 3):
        raise ValueError(
            f"network={builder!r} must return a tensor of shape (n_sequences, n_values) or "
            f"(n_sequences, n_steps, n_values), but returned {result!r}."
        )
    return result, mask


def _check_steps(builder, inputs, sequences, mask):
    """Check that each step that is pooled has a mask, because TensorFlow explains nothing."""
    import keras

    if mask is None or len(sequences.shape) != 3:
        return
    model, some = keras.Model(inputs, [sequences, mask]), (1, 1000, inputs.shape[-1])
    n_steps = n_masked = None
    with suppress(Exception):  # it may know fewer steps, and what else a user builds of Keras
        (_, n_steps, _), (_, n_masked) = model.compute_output_shape(some)
    if None not in (n_steps, n_masked) and n_steps != n_masked:
        raise ValueError(
            f"network={builder!r} makes {n_steps} steps of {some[1]}, and its mask has {n_masked}. "
            "X has rows of different lengths, so keep the number of steps, or return the mask of "
            "the new ones too, such as (sequences, mask[:, ::2])."
        )
