"""Plain functions that build Keras networks for sequences of ECG."""


def build_lstm(
    *,
    n_features,
    n_outputs,
    exclusive,
    masked,
    units,
    activation,
    bidirectional,
    dropout,
    pooling,
    optimizer,
    loss,
):
    """Build and compile a stack of LSTM layers that ends in one logit per output.

    Parameters
    ----------
    n_features : int
        Features of one step.
    n_outputs : int
        Number of logits.
    exclusive : bool
        Whether exactly one output is true for each sequence (softmax) or each may be (sigmoid).
    masked : bool
        Whether a sequence carries one more feature, 1 for its own steps and 0 for padding.
    units : tuple of int
        Units of each LSTM layer.
    activation : str
        Activation of the LSTM layers.
    bidirectional : bool
        Whether a second LSTM reads each sequence backwards.
    dropout : float
        Fraction of each layer's outputs that is dropped in training.
    pooling : {"last", "mean", "max"}
        How the steps of the last layer become one vector.
    optimizer : str
        Name of a Keras optimizer.
    loss : {"cross_entropy", "mean_squared_error"}
        What training minimizes.

    Returns
    -------
    keras.Model
        Takes `(n_sequences, n_steps, n_features + masked)`, gives `(n_sequences, n_outputs)`.
    """
    import keras

    inputs = keras.Input((None, n_features + masked))
    sequences, mask = (inputs[:, :, :-1], inputs[:, :, -1] > 0) if masked else (inputs, None)
    for i, layer_units in enumerate(units):
        is_last = i == len(units) - 1
        layer = keras.layers.LSTM(
            layer_units, activation=activation, return_sequences=not is_last or pooling != "last"
        )
        if bidirectional:
            layer = keras.layers.Bidirectional(layer)
        sequences = layer(sequences, mask=mask)
        if dropout and not is_last:
            sequences = keras.layers.Dropout(dropout)(sequences)
    vector = _pool(sequences, mask, pooling)
    if dropout:
        vector = keras.layers.Dropout(dropout)(vector)
    network = keras.Model(inputs, keras.layers.Dense(n_outputs)(vector))
    network.compile(optimizer=optimizer, loss=_loss(loss, exclusive))
    return network


def _pool(sequences, mask, pooling):
    import keras

    if pooling == "mean":
        return keras.layers.GlobalAveragePooling1D()(sequences, mask=mask)
    if pooling == "max":
        if mask is not None:
            sequences = keras.ops.where(mask[:, :, None], sequences, float("-inf"))
        return keras.layers.GlobalMaxPooling1D()(sequences)
    return sequences  # "last": the layer returned its last step only


def _loss(name, exclusive):
    import keras

    if name == "cross_entropy":
        if exclusive:
            return keras.losses.CategoricalCrossentropy(from_logits=True)
        return keras.losses.BinaryCrossentropy(from_logits=True)
    activation = keras.ops.softmax if exclusive else keras.ops.sigmoid

    def mean_squared_error(targets, logits):
        return keras.ops.mean(keras.ops.square(targets - activation(logits)), axis=-1)

    return mean_squared_error
