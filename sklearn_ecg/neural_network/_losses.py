"""Losses and optimizers."""


def make_loss(name, exclusive):
    """Make a loss of targets and logits.

    Parameters
    ----------
    name : {"cross_entropy", "focal", "mean_squared_error"}
        Name of the loss; see `LSTMClassifier`.
    exclusive : bool
        Whether exactly one output is true for each sequence (softmax) or each may be (sigmoid).

    Returns
    -------
    keras.Loss or callable
        The loss.
    """
    import keras

    ops = keras.ops
    if name == "cross_entropy":
        if exclusive:
            return keras.losses.CategoricalCrossentropy(from_logits=True)
        return keras.losses.BinaryCrossentropy(from_logits=True)
    activation = ops.softmax if exclusive else ops.sigmoid

    def mean_squared_error(targets, logits):
        return ops.mean(ops.square(targets - activation(logits)), axis=-1)

    def focal(targets, logits):
        # Keras' own clips probabilities: no gradient where the network is surest and wrong.
        if exclusive:
            surprise = -ops.sum(targets * ops.log_softmax(logits), axis=-1, keepdims=True)
        else:
            surprise = targets * ops.softplus(-logits) + (1 - targets) * ops.softplus(logits)
        return ops.mean(ops.square(1 - ops.exp(-surprise)) * surprise, axis=-1)

    return {"mean_squared_error": mean_squared_error, "focal": focal}[name]


def make_optimizer(name, weight_decay):
    """Make an optimizer.

    Parameters
    ----------
    name : str
        Name of a Keras optimizer.
    weight_decay : float or None
        Part of each weight, times the learning rate, that a step takes off. It spares biases and
        what normalization scales and shifts by. None leaves it to the optimizer.

    Returns
    -------
    keras.Optimizer
        The optimizer.
    """
    import keras

    config = {} if weight_decay is None else {"weight_decay": weight_decay}
    optimizer = keras.optimizers.get({"class_name": name, "config": config})
    if weight_decay is not None:
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    _skip_all_reduce(optimizer)
    return optimizer


def _skip_all_reduce(optimizer):
    """Keep Keras from leaving 11 MB a fit in TensorFlow's registry of gradients.

    Its optimizer sums gradients over devices, of which there is one, by an operation with a custom
    gradient that every trace registers for ever, with the training graph (tensorflow#80895). So it
    is in Keras 3.15 with TensorFlow 2.21. The release that registers nothing lets this go, and
    `test_all_reduce_still_fills_the_registry` then fails.
    """
    import tensorflow as tf

    if not tf.distribute.has_strategy():
        optimizer._all_reduce_sum_gradients = lambda grads_and_vars: [
            (grad, variable) for grad, variable in grads_and_vars if grad is not None
        ]
