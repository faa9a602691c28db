"""Parts that networks share, made of Keras' own layers, so that nothing has to be registered."""


def convolve(sequences, mask, filters, kernel_size, pool_size, dropout):
    """Build one convolutional block; see `build_cnn`.

    Parameters
    ----------
    sequences : Keras tensor of shape (n_sequences, n_steps, n_features)
        What the block reads.
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
        What the block puts out: zero for padding.
    mask : Keras tensor of shape (n_sequences, ceil(n_steps / pool_size)), bool, or None
        False for padding.
    """
    import keras

    layers = keras.layers
    # A sequence without padding meets zeros beyond its end: with padding it must be the same.
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
        How; see `LSTMClassifier`.

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
    wanted = n_steps if pooling == "last" else n_steps // 2 + 1
    is_wanted = ops.logical_and(mask, ops.equal(steps, wanted))
    return ops.sum(_zero_padding(sequences, is_wanted), axis=1)


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
