"""A Keras network that trains, predicts, and travels between processes as plain arrays."""

from contextlib import ExitStack

import numpy as np

from sklearn_ecg.neural_network._runtime import fit_lock, quiet_keras, release_memory

# Sequences that pass through the network at once hold, with what its layers put out for each of
# their steps, at most this many numbers (64 MB).
_CHUNK_SIZE = 2**24


class KerasNetwork:
    """A network given by the function that builds it.

    A copy, a pickle or a worker process receives the values of its variables, the optimizer's
    included, and builds the network anew when it is first used. So loading needs no TensorFlow, and
    nothing depends on a file format of Keras.

    Parameters
    ----------
    build : callable
        Returns a compiled Keras model that ends in logits; importable by name.
    parameters : dict
        Keyword arguments for `build`.
    """

    def __init__(self, build, parameters):
        self.build = build
        self.parameters = parameters
        self._trainer = None  # SciKeras' classifier, once built
        self._forward = None  # the compiled forward pass, once predicting
        self._numbers_per_step = None  # that its layers put out, likewise
        self._variables = None  # what the variables shall be when the network is built

    def train(
        self,
        training_data,
        validation_data=None,
        *,
        seed,
        learning_rate,
        batch_size,
        schedule="constant",
        patience=None,
        epochs=1,
        augment=None,
        verbose=0,
    ):
        """Train the network from its present state.

        Parameters
        ----------
        training_data : tuple of (Sequences, ndarray, ndarray)
            Sequences, their targets between 0 and 1 of shape (n_sequences, n_outputs), and their
            weights with mean 1; float32.
        validation_data : tuple of (Sequences, ndarray, ndarray), default=None
            Likewise, to be watched: the weights with the lowest loss on them are restored.
        seed : int
            Seed of initial weights, shuffling, dropout, noise and augmentation.
        learning_rate : float
            Step size of the optimizer, which may differ from that of earlier training.
        batch_size : int
            Sequences in a step of the optimizer.
        schedule : {"constant", "cosine"}, default="constant"
            How the step size changes; see `LSTMClassifier`.
        patience : int, default=None
            Epochs without a lower validation loss after which training stops.
        epochs : int, default=1
            Passes over the training data.
        augment : callable, default=None
            Changes batches of training data; see `streamed`.
        verbose : int, default=0
            As in Keras.

        Returns
        -------
        dict of str to list of float
            The losses of each epoch.

        Raises
        ------
        ValueError
            If the loss is no longer finite, or `augment` returns an array of another shape or one
            that is not finite. Then, and after an error within `augment`, the network is as it was
            before.
        """
        before = self.__getstate__()
        with fit_lock, quiet_keras(), ExitStack() as streams:
            if self._trainer is None:
                release_memory()  # before, not after: of 50 fits, 20 MB would stay
            trainer = self._built(seed)
            import keras

            from sklearn_ecg.neural_network._trainer import streamed

            def stop_if_diverged(epoch, logs):  # TerminateOnNaN would print
                trainer.model_.stop_training |= not np.isfinite(logs["loss"])

            augment_errors = []

            def stop_on_error(batch, logs):
                trainer.model_.stop_training |= bool(augment_errors)

            callbacks = [keras.callbacks.LambdaCallback(on_epoch_end=stop_if_diverged)]
            if augment is not None:
                callbacks.append(keras.callbacks.LambdaCallback(on_train_batch_end=stop_on_error))
            if validation_data is not None:
                validation_data = streams.enter_context(
                    streamed(*validation_data, batch_size, seed)
                )
                callbacks.append(
                    keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True)
                )
            optimizer = trainer.model_.optimizer
            optimizer.learning_rate = learning_rate
            if schedule == "cosine":
                n_steps = epochs * -(-len(training_data[0]) // batch_size)
                callbacks.append(_follow_cosine(optimizer, learning_rate, n_steps))
            history = trainer.train(
                streams.enter_context(
                    streamed(*training_data, batch_size, seed, augment, augment_errors)
                ),
                validation_data=validation_data,
                seed=seed,
                callbacks=callbacks,
                epochs=epochs,
                verbose=verbose,
            )
        if augment_errors:
            release_memory()  # of an epoch not finished, which TensorFlow would complain of at exit
            self.__setstate__(before)
            raise augment_errors.pop()
        if not np.isfinite(history["loss"]).all():
            self.__setstate__(before)
            raise ValueError(
                f"Training diverged: the loss became {history['loss'][-1]} in epoch "
                f"{len(history['loss'])}. Normalize X, or use a smaller learning_rate or "
                'activation="tanh".'
            )
        return history

    def logits(self, sequences):
        """Compute the outputs of the network, without dropout.

        Parameters
        ----------
        sequences : Sequences
            Sequences.

        Returns
        -------
        ndarray of shape (n_sequences, n_outputs), float64
            The logits.

        Raises
        ------
        ValueError
            If they are not finite, as after a last step of training that was too large.
        """
        if self._forward is None:
            with fit_lock, quiet_keras():
                self._compile()
        logits = np.empty((len(sequences), self.parameters["n_outputs"]))
        for positions in sequences.chunks(max_steps=_CHUNK_SIZE // self._numbers_per_step):
            logits[positions] = self._forward(sequences.gather(positions))
        if not np.isfinite(logits).all():
            raise ValueError(
                "The network's outputs are not finite: its training diverged, or X is far larger "
                "than what it was trained on. Normalize X, or train with a smaller learning_rate "
                'or activation="tanh".'
            )
        return logits

    def _compile(self):
        from sklearn_ecg.neural_network._trainer import compile_forward, numbers_per_step

        if self._forward is not None:  # another thread was faster
            return
        self._numbers_per_step = numbers_per_step(self.keras_model)
        self._forward = compile_forward(self.keras_model)  # last, as others go by it

    @property
    def keras_model(self):
        """The compiled `keras.Model`, to look at or to export.

        Once saved, load it by `keras.saving.load_model(path, compile=False)`, for Keras knows
        neither the focal loss nor the squared error of probabilities.
        """
        with fit_lock, quiet_keras():
            return self._built(seed=0).model_

    def _built(self, seed):
        if self._trainer is None:
            from sklearn_ecg.neural_network._trainer import Trainer

            arguments = {f"model__{name}": value for name, value in self.parameters.items()}
            trainer = Trainer(self.build, warm_start=True, random_state=seed, **arguments).build()
            if self._variables is not None:
                _assign(trainer.model_, self._variables)
                self._variables = None
            self._trainer = trainer
        return self._trainer

    def __getstate__(self):
        variables = self._variables
        if self._trainer is not None:
            network = self._trainer.model_
            # Not get_weights(), which leaves out the state of dropout's random generator.
            variables = {
                "network": [variable.numpy() for variable in network.variables],
                "optimizer": [variable.numpy() for variable in network.optimizer.variables],
            }
        return {"build": self.build, "parameters": self.parameters, "_variables": variables}

    def __setstate__(self, state):
        self.__init__(state["build"], state["parameters"])
        self._variables = state["_variables"]


def _follow_cosine(optimizer, learning_rate, n_steps):
    """Make a callback that lets the learning rate fall to 0 over so many steps."""
    import keras

    steps = iter(range(n_steps))

    def follow(batch, logs):
        progress = next(steps) / n_steps
        optimizer.learning_rate = learning_rate * (1 + np.cos(np.pi * progress)) / 2

    return keras.callbacks.LambdaCallback(on_train_batch_begin=follow)


def _assign(network, values):
    if len(values["optimizer"]) > len(network.optimizer.variables):
        network.optimizer.build(network.trainable_variables)
    for part, variables in (
        ("network", network.variables),
        ("optimizer", network.optimizer.variables),
    ):
        for variable, value in zip(variables, values[part], strict=True):
            variable.assign(value)
