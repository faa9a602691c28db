"""Parts that networks share, made of Keras' own layers, so that nothing has to be registered."""

from sklearn_ecg.neural_network._runtime import has_gpu


def convolve(sequences, mask, filters, kernel_size, pool_size, dropout):
    """Build one convolutional block; see `build_cnn`.

    Parameters
    ----------
    sequences : Keras tensor of shape (n_sequences, n_steps, n_features)
        The input of the block.
    mask : Keras tensor of shape (n_sequences, n_steps), bool, or None
        False for padding at the end.
    filters : int
        Number of filters.
    kernel_size : int
        Steps that a filter sees.
    pool_size : int
        Steps of which the maximum is kept.
    dropout : float
        Fraction of the filters dropped in training.

    Returns
    -------
    sequences : Keras tensor of shape (n_sequences, ceil(n_steps / pool_size), filters)
        The output of the block: zero for padding.
    mask : Keras tensor of shape (n_sequences, ceil(n_steps / pool_size)), bool, or None
        False for padding.
    """
    import keras

    layers = keras.layers
    # A sequence without padding meets zeros beyond its end, so one with padding must too.
    sequences = _zero_padding(sequences, mask)
    sequences = layers.Conv1D(filters, kernel_size, padding="same", use_bias=False)(sequences)
    # With Keras' momentum of 0.99, the statistics would lag behind in fits of few steps.
    sequences = layers.BatchNormalization(momentum=0.9)(sequences, mask=mask)
    sequences = _zero_padding(keras.ops.relu(sequences), mask)
    if pool_size > 1:
        # Keras' "same" would begin at a place that depends on the length. Zeros at the end are
        # neutral, as no value is below zero.
        sequences = layers.ZeroPadding1D((0, pool_size - 1))(sequences)
        sequences = layers.MaxPooling1D(pool_size)(sequences)
        if mask is not None:
            mask = mask[:, ::pool_size]
    if dropout:
        sequences = layers.SpatialDropout1D(dropout)(sequences)
    return sequences, mask


def pool(sequences, mask, pooling):
    """Turn the vectors of a sequence's steps into one.

    Parameters
    ----------
    sequences : Keras tensor of shape (n_sequences, n_steps, n_values)
        A vector for each step.
    mask : Keras tensor of shape (n_sequences, n_steps), bool, or None
        False for padding at the end.
    pooling : {"last", "middle", "mean", "max", "mean_max", "attention"}
        The rule; see `LSTMClassifier`.

    Returns
    -------
    Keras tensor of shape (n_sequences, n_values), or twice as many values for "mean_max"
        A vector for each sequence.
    """
    import keras

    ops = keras.ops
    if pooling == "attention":
        return _attend(sequences, mask)
    if pooling == "mean_max":
        parts = [pool(sequences, mask, part) for part in ("mean", "max")]
        return ops.concatenate(parts, axis=-1)
    if pooling == "mean":
        return keras.layers.GlobalAveragePooling1D()(sequences, mask=mask)
    if pooling == "max":
        if mask is not None:
            sequences = ops.where(mask[:, :, None], sequences, float("-inf"))
        return keras.layers.GlobalMaxPooling1D()(sequences)
    if mask is None and pooling == "last":
        return sequences[:, -1]
    if mask is None:  # how many steps there are is known only when it runs
        mask = ops.ones_like(sequences[:, :, 0], dtype="bool")
    steps = ops.cumsum(ops.cast(mask, "int32"), axis=1)
    n_steps = steps[:, -1:]
    wanted = n_steps if pooling == "last" else steps_to_middle(n_steps, backwards=False)
    is_wanted = ops.logical_and(mask, ops.equal(steps, wanted))
    return ops.sum(_zero_padding(sequences, is_wanted), axis=1)


def run_in_one_operation(layer):
    """Make an LSTM layer take all its steps in one operation of TensorFlow.

    Keras does so on a GPU only; on a CPU it repeats some twenty small operations for each step.
    The layer stays Keras' own, so a saved network needs nothing of this package. So it is in Keras
    3.15, whose `RNN.call` looks `inner_loop` up on the layer. The release that runs an LSTM in one
    operation on CPUs lets this go; the tests of this function fail if `inner_loop` is not called.

    Parameters
    ----------
    layer : keras.layers.LSTM
        The layer, whose mask, if it is given one, is False for padding at the end only. What it
        then puts out for padding has no meaning. It is left as it is where the operation is not
        defined, with other activations than Keras' default or in other than single precision, and
        where it would print that it is slow, with an odd number of units.
    """
    import keras
    import tensorflow as tf

    defaults = (keras.activations.tanh, keras.activations.sigmoid)
    if (
        (layer.activation, layer.recurrent_activation) != defaults
        or layer.compute_dtype != "float32"
        or layer.units % 2
        or has_gpu()
    ):
        return

    def inner_loop(sequences, initial_state, mask=None, training=False):
        steps = tf.transpose(sequences, (1, 0, 2))
        n_steps = tf.fill(tf.shape(steps)[1:2], tf.shape(steps)[0])
        if mask is not None:
            n_steps = tf.reduce_sum(tf.cast(mask, tf.int32), axis=1)
        if layer.go_backwards and mask is None:  # faster than the way with padding
            steps = tf.reverse(steps, axis=[0])
        elif layer.go_backwards:
            steps = tf.reverse_sequence(steps, n_steps, seq_axis=0, batch_axis=1)
        n_wanted = tf.shape(steps)[0]
        if stops_at_middle(layer):
            n_wanted = tf.reduce_max(steps_to_middle(n_steps, layer.go_backwards))
        kernel = layer.cell.kernel
        if kernel.shape[0] % 2:  # of an odd size the operation would print that it is slow
            steps = tf.pad(steps, [[0, 0], [0, 0], [0, 1]])
            kernel = tf.pad(kernel, [[0, 1], [0, 0]])
        kernel = tf.concat([kernel, layer.cell.recurrent_kernel], axis=0)
        hidden, cell = initial_state
        no_peephole = tf.zeros(layer.units)
        # Not BlockLSTMV2, whose gradient takes the gates to be in the order of this one.
        states = tf.raw_ops.BlockLSTM(
            seq_len_max=tf.cast(n_wanted, tf.int64),
            x=steps,
            cs_prev=cell,
            h_prev=hidden,
            w=_swap_middle_quarters(kernel),
            wci=no_peephole,
            wcf=no_peephole,
            wco=no_peephole,
            b=_swap_middle_quarters(layer.cell.bias),
            forget_bias=0.0,
            cell_clip=0.0,
            use_peephole=False,
        )
        # A sequence that is all padding ends in the state that it began with.
        last = tf.stack([n_steps, tf.range(tf.size(n_steps))], axis=1)
        hidden = tf.gather_nd(tf.concat([hidden[None], states.h], axis=0), last)
        cell = tf.gather_nd(tf.concat([cell[None], states.cs], axis=0), last)
        outputs = states.h
        if layer.go_backwards and mask is not None:  # as Keras has it, padding comes first
            outputs = tf.reverse_sequence(outputs, n_steps, seq_axis=0, batch_axis=1)
            outputs = tf.reverse(outputs, axis=[0])
        return hidden, tf.transpose(outputs, (1, 0, 2)), [hidden, cell]

    layer.inner_loop = inner_loop
    layer.supports_jit = False  # XLA does not know the operation


def stop_at_middle(layer):
    """Have a recurrent layer leave out the steps beyond the middle one, in either direction.

    Its output for the middle step is as before; what it puts out for other steps has no meaning.

    Parameters
    ----------
    layer : keras.layers.Layer
        A recurrent layer, or a `Bidirectional` of one. Keras itself takes all steps; one operation
        of TensorFlow, and ONNX, half of them.
    """
    for part in directions(layer):
        part.stops_at_middle = True


def stops_at_middle(layer):
    """Check whether `stop_at_middle` has changed a layer of one direction.

    Parameters
    ----------
    layer : keras.layers.Layer
        Any layer.

    Returns
    -------
    bool
        Whether it has.
    """
    return getattr(layer, "stops_at_middle", False)


def steps_to_middle(n_steps, backwards):
    """Count the steps from the end at which a layer begins to the middle one, this included.

    Parameters
    ----------
    n_steps : int or tensor of int
        Steps of a sequence.
    backwards : bool
        Whether the layer begins with the last step.

    Returns
    -------
    int or tensor of int
        The number of steps. Of an even number of steps, the middle one is the first of the second
        half.
    """
    return n_steps - n_steps // 2 if backwards else n_steps // 2 + 1


def directions(layer):
    """Return the layers that read forwards and backwards, or the layer itself if it is but one.

    Parameters
    ----------
    layer : keras.layers.Layer
        Any layer.

    Returns
    -------
    list of keras.layers.Layer
        Two layers of a `Bidirectional`, one of any other.
    """
    if hasattr(layer, "backward_layer"):
        return [layer.forward_layer, layer.backward_layer]
    return [layer]


def runs_in_one_operation(layer):
    """Check whether `run_in_one_operation` has changed a layer.

    Parameters
    ----------
    layer : keras.layers.Layer
        Any layer.

    Returns
    -------
    bool
        Whether it has.
    """
    return "inner_loop" in vars(layer)


def _swap_middle_quarters(weights):
    """Turn Keras' order of an LSTM's gates into the operation's."""
    import keras

    first, second, third, fourth = keras.ops.split(weights, 4, axis=-1)
    return keras.ops.concatenate([first, third, second, fourth], axis=-1)


def _attend(sequences, mask):
    """Weigh the steps by a softmax of what a small network thinks of each."""
    import keras

    noted = keras.layers.Dense(32, activation="tanh")(sequences)
    score = keras.layers.Dense(1, use_bias=False)(noted)
    if mask is not None:
        score = keras.ops.where(mask[:, :, None], score, float("-inf"))
    weight = keras.ops.softmax(score, axis=1)
    return keras.ops.sum(weight * sequences, axis=1)


def _zero_padding(sequences, mask):
    import keras

    return sequences if mask is None else keras.ops.where(mask[:, :, None], sequences, 0.0)
