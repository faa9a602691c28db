"""Keras callbacks of a fit."""

import numpy as np


def make_callbacks(network, *, errors, on_epoch, patience, learning_rates):
    """Make the Keras callbacks of a fit; those whose argument is None are left out.

    Parameters
    ----------
    network : keras.Model
        The network to train.
    errors : list or None
        Stops the fit once it holds an error of `augment`.
    on_epoch : callable or None
        As in `KerasNetwork.train`.
    patience : int or None
        Epochs without a lower validation loss after which training stops.
    learning_rates : iterator of float or None
        The step size of each step.

    Returns
    -------
    list of keras.callbacks.Callback
        The callbacks.
    """
    import keras

    LambdaCallback = keras.callbacks.LambdaCallback

    def stop_if_diverged(epoch, logs):  # TerminateOnNaN would print
        network.stop_training |= not np.isfinite(logs.get("loss", 0))

    callbacks = [LambdaCallback(on_epoch_end=stop_if_diverged)]
    if errors is not None:

        def stop_on_error(batch, logs):
            network.stop_training |= bool(errors)

        callbacks.append(LambdaCallback(on_train_batch_end=stop_on_error))
    if on_epoch is not None:
        on_end = []

        def begin(epoch, logs):
            on_end.append(on_epoch())

        def end(epoch, logs):
            network.stop_training |= on_end.pop()()

        callbacks.append(LambdaCallback(on_epoch_begin=begin, on_epoch_end=end))
    if patience is not None:
        callbacks.append(
            keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True)
        )
    if learning_rates is not None:

        def change_rate(batch, logs):
            network.optimizer.learning_rate = next(learning_rates)

        callbacks.append(LambdaCallback(on_train_batch_begin=change_rate))
    return callbacks
