"""A Keras network that trains, predicts, and travels between processes as plain arrays."""

from contextlib import ExitStack, contextmanager, suppress

import numpy as np

from sklearn_ecg.neural_network._keras_callbacks import make_callbacks
from sklearn_ecg.neural_network._networks import build_network, warn_if_padding_counts
from sklearn_ecg.neural_network._onnx._bytes import check_onnx_bytes
from sklearn_ecg.neural_network._onnx._forward import ONNXError, ONNXForward, has_onnxruntime
from sklearn_ecg.neural_network._runtime import (
    fit_lock,
    has_gpu,
    keras_at_work,
    release_memory,
    start_tensorflow,
)
from sklearn_ecg.neural_network._streaming import streamed
from sklearn_ecg.utils._jobs import map_in_threads

# Sequences pass through the network in chunks. A chunk, with the outputs of all layers, holds at
# most so many numbers in all (64 MB), and so many in any one step. So a step stays in the cache of
# a core, and its products of matrices are too small to be shared among cores, which would cost more
# than it gains. Of 16 to 192 sequences at once, 48 took at most 8 % longer than the best number,
# for LSTMs of 8, 48 and 64 x 2 units and of 17, 25 and 125 steps; 32 took up to 23 % longer.
_CHUNK_SIZE, _STEP_SIZE = 2**24, 2**15
_FEW_SEQUENCES = 48
_FEW_CHUNKS = 4  # that do not pay for opening another session of ONNX Runtime


class KerasNetwork:
    """A network that `build_network` builds.

    A copy, a pickle or a worker process receives the values of its variables, the optimizer's
    included, and builds the network anew when it is first used. So loading needs no TensorFlow, and
    nothing depends on a file format of Keras. `sklearn_ecg.persistence.to_onnx` makes a network
    that needs no TensorFlow to predict either.

    Parameters
    ----------
    parameters : dict
        Keyword arguments for `build_network`.
    values : dict of str to list of ndarray, default=None
        Values of the variables of the `"network"` and the `"optimizer"`, as trained.
    graph : bytes, default=None
        The trained network as an ONNX model, which predicts without TensorFlow where ONNX Runtime
        is installed. More training leaves it behind.

    Raises
    ------
    ValueError
        If the graph is damaged, or has a part that `to_onnx` never writes.
    """

    def __init__(self, parameters, values=None, graph=None):
        if graph is not None:
            check_onnx_bytes(graph)
        self.parameters = parameters
        self.graph = graph
        self._trainer = None  # SciKeras' classifier, once built
        self._is_exposed = False  # whether the user has had its Keras model
        self._forward = None  # the compiled forward pass, once predicting
        self._gradient = None  # the compiled gradient, once explaining
        self._values = dict(values or {})  # of variables, until they are needed

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
        private=None,
        on_epoch=None,
        keep_compiled=False,
        verbose=0,
    ):
        """Train the network from its present state.

        Parameters
        ----------
        training_data : tuple of (Sequences, ndarray, ndarray)
            Sequences, their targets between 0 and 1 of shape (n_sequences, n_outputs), and their
            weights, as a rule with mean 1; float32.
        validation_data : tuple of (Sequences, ndarray, ndarray), default=None
            Such data to watch: the weights with the lowest loss on them are restored.
        seed : int
            Seed of initial weights, shuffling, dropout, noise and augmentation.
        learning_rate : float
            Step size of the optimizer, which may differ from that of earlier training.
        batch_size : int
            Sequences in a step of the optimizer.
        schedule : {"constant", "cosine"}, default="constant"
            Schedule of the step size; see `LSTMClassifier`.
        patience : int, default=None
            Epochs without a lower validation loss after which training stops.
        epochs : int, default=1
            Passes over the training data.
        augment : callable, default=None
            Changes batches of training data; see `streamed`.
        private : PrivateTraining, default=None
            Takes the steps of the optimizer with differential privacy, and reports no loss.
        on_epoch : callable, default=None
            Called with no argument at the beginning of each epoch. Its result is called with
            no argument at the end of that epoch. Training stops if it returns True.
        keep_compiled : bool, default=False
            Whether to keep the compiled step of training, of some 10 MB, for a next call. Other
            calls share those of equal networks; see `compiled_twin`.
        verbose : int, default=0
            As in Keras.

        Returns
        -------
        dict of str to list of float
            The losses of each epoch; if private, the step size.

        Raises
        ------
        ValueError
            If the loss is not finite, or `augment` returns an array of another shape or one that is
            not finite. After any error, Ctrl-C included, the network is as it was before.
        """
        before = self.__getstate__()
        errors = []  # of augment: TensorFlow would make other errors of them
        # Not where a function of the user's builds the network, maybe another one each time, nor
        # where somebody looks at it while it trains, or may have changed it.
        shares_steps = isinstance(self.parameters["network"], str) and not (
            keep_compiled or private or on_epoch or self._is_exposed
        )
        try:
            with keras_at_work(), ExitStack() as stack:
                lent = self._lent_trainer(seed, shares_steps, keep_compiled)
                trainer = stack.enter_context(lent)
                network = trainer.model_
                network.optimizer.learning_rate = learning_rate

                if private is None:
                    steps = streamed(*training_data, batch_size, seed, augment, errors)
                    n_steps = epochs * training_data[0].n_batches(batch_size)
                else:
                    steps = private.prepared(network, *training_data, augment, errors)
                    n_steps = epochs * private.n_steps
                batches = stack.enter_context(steps)
                if validation_data is not None:
                    watched = streamed(*validation_data, batch_size, seed)
                    validation_data = stack.enter_context(watched)
                rates = None
                if schedule == "cosine":
                    falls = (1 + np.cos(np.pi * np.arange(n_steps) / n_steps)) / 2
                    rates = iter(learning_rate * falls)
                history = trainer.train(
                    batches,
                    validation_data=validation_data,
                    seed=seed,
                    callbacks=make_callbacks(
                        network,
                        errors=None if augment is None else errors,
                        on_epoch=None if on_epoch is None else self._followed(on_epoch),
                        patience=None if validation_data is None else patience,
                        learning_rates=rates,
                    ),
                    epochs=epochs,
                    verbose=verbose,
                )
                builder, is_new = self.parameters["network"], not before["values"]
                if is_new and self.parameters["masked"] and not isinstance(builder, str):
                    warn_if_padding_counts(builder, network)
            if errors:
                raise errors.pop()
            if not np.isfinite(history.get("loss", 0)).all():
                raise ValueError(
                    f"Training diverged: the loss became {history['loss'][-1]} in epoch "
                    f"{len(history['loss'])}. Normalize X, or use a smaller learning_rate or "
                    'activation="tanh".'
                )
        except BaseException:
            self.__setstate__(before)
            release_memory()  # of an epoch not finished, which TensorFlow would complain of at exit
            raise
        self._forget_graph()
        return history

    @contextmanager
    def _lent_trainer(self, seed, shares_steps, keep_compiled):
        """Lend a trainer in the state of this network, which takes over its state at the end.

        It is the network's own, or a twin whose step of training an earlier fit has compiled.
        """
        if shares_steps:
            from sklearn_ecg.neural_network._trainer import compiled_twin

            with compiled_twin(build_network, self.parameters) as twin:
                own = self._built(seed)
                self._restore_optimizer()
                twin.copy_state(own)
                yield twin
                own.copy_state(twin)
            return
        if self._trainer is None:
            release_memory()  # before, not after: of 50 fits, 20 MB would stay
        own = self._built(seed)
        self._restore_optimizer()
        yield own
        if not keep_compiled:
            own.model_.train_function = own.model_.test_function = None

    def logits(self, sequences):
        """Compute the outputs of the network, without dropout.

        Parameters
        ----------
        sequences : Sequences
            Sequences, masked if the network is.

        Returns
        -------
        ndarray of shape (n_sequences, n_outputs), float64
            The logits.

        Raises
        ------
        ValueError
            If they are not finite, as after a last step of training that was too large.
        """
        forward = self._compiled()
        logits = np.empty((len(sequences), self.parameters["n_outputs"]))
        chunks = list(_chunks(sequences, forward.numbers_per_step))
        for positions, of_chunk in zip(chunks, _compute(forward, sequences, chunks), strict=True):
            logits[positions] = of_chunk
        if not np.isfinite(logits).all():
            raise ValueError(
                "The network's outputs are not finite: its training diverged, or X is far larger "
                "than its training data. Normalize X, or train with a smaller learning_rate "
                'or activation="tanh".'
            )
        return logits

    def forget_optimizer(self):
        """Forget the state of the optimizer, two thirds of a file; more training begins it anew."""
        state = self.__getstate__()
        state["values"].pop("optimizer", None)
        self.__setstate__(state)

    def gradients(self, sequences, weights):
        """Compute the gradients of weighted sums of the outputs with respect to the input.

        Parameters
        ----------
        sequences : Sequences
            Sequences, masked if the network is.
        weights : ndarray of shape (n_sequences, n_outputs)
            Weight of each output of each sequence.

        Returns
        -------
        ndarray of shape (n_sequences, n_steps, n_features), float32
            The gradient for each sequence, padded with zeros to the longest.
        """
        start_tensorflow()  # or refuse a forked process
        from sklearn_ecg.neural_network._forward import compile_gradient, numbers_per_step

        with keras_at_work():
            network = self._built(seed=0).model_
            if self._gradient is None:
                self._gradient = compile_gradient(network)
        weights = weights.astype(np.float32)
        shape = len(sequences), sequences.n_steps.max(), sequences.n_features
        gradients = np.zeros(shape, dtype=np.float32)
        # The way back needs what all layers put out, and as much again.
        for positions in _chunks(sequences, 4 * numbers_per_step(network)):
            values = self._gradient(sequences.gather(positions), weights[positions]).numpy()
            gradients[positions, : values.shape[1]] = values[:, :, : sequences.n_features]
        return gradients

    def to_onnx(self):
        """Convert the network to ONNX.

        Returns
        -------
        bytes
            An ONNX model.

        Raises
        ------
        ValueError
            If a network of your own has a layer that cannot be converted; the message names it.
        ImportError
            If onnx or onnxruntime is not installed (extra `serve`).
        """
        if self.graph is not None:
            return self.graph
        with keras_at_work():
            from sklearn_ecg.neural_network._onnx._network import check_equal, convert_network

            network = self._built(seed=0).model_
            graph = convert_network(network)
            if not isinstance(self.parameters["network"], str):
                check_equal(network, graph, self.parameters["masked"])
        return graph

    def _compiled(self):
        """Return the forward pass: in ONNX Runtime where it can be, which is faster and smaller."""
        forward = self._forward
        if forward is None:
            converted = self.graph is not None and has_onnxruntime()
            if not converted:
                start_tensorflow()  # or refuse a forked process
            with fit_lock:
                if self._forward is None:  # else another thread was faster
                    self._forward = ONNXForward(self.graph) if converted else self._compile()
                forward = self._forward
        return forward

    def _compile(self):
        with keras_at_work():
            from sklearn_ecg.neural_network._forward import KerasForward

            if has_onnxruntime() and not self._is_exposed and not has_gpu():
                # Without the package onnx, or with a version of ONNX Runtime that is too old.
                expected = ImportError, ONNXError
                if not isinstance(self.parameters["network"], str):
                    expected = (Exception,)  # what a user builds of Keras, nobody can foresee
                with suppress(*expected):
                    return ONNXForward(self.to_onnx())
            return KerasForward(self._built(seed=0).model_)

    def _followed(self, on_epoch):
        """Have `on_epoch`, and what it returns, predict by the weights of the moment."""

        def begin():
            self._forget_graph()
            end = on_epoch()
            return lambda: self._forget_graph() or end()

        return begin

    def _forget_graph(self):
        """Forget what predicts by the weights as they were."""
        self.graph = None
        if isinstance(self._forward, ONNXForward):
            self._forward = None

    @property
    def keras_model(self):
        """The compiled `keras.Model`, to look at or to export.

        Whoever has it may change its weights. So from then on it predicts itself, by TensorFlow,
        and the graph of `sklearn_ecg.persistence.to_onnx` is left behind.

        Load a saved model by `keras.saving.load_model(path, compile=False)`, because Keras knows
        neither the focal loss nor the squared error of probabilities.
        """
        with keras_at_work():
            model = self._built(seed=0).model_
            self._is_exposed = True
            self._forget_graph()
        return model

    def _built(self, seed):
        if self._trainer is None:
            from sklearn_ecg.neural_network._trainer import Trainer

            trainer = Trainer.build(build_network, self.parameters, seed)
            if "network" in self._values:
                _assign(trainer.model_.variables, self._values.pop("network"))
            self._trainer = trainer
        return self._trainer

    def _restore_optimizer(self):
        """Build the optimizer, which only training needs, and restore its state."""
        self._trainer.build_optimizer()
        if "optimizer" in self._values:
            _assign(self._trainer.model_.optimizer.variables, self._values.pop("optimizer"))

    def __getstate__(self):
        values = dict(self._values)
        if self._trainer is not None:
            start_tensorflow()  # or refuse a forked process
            network = self._trainer.model_
            # Not get_weights(), which leaves out the state of dropout's random generator.
            values["network"] = [variable.numpy() for variable in network.variables]
            if "optimizer" not in values and network.optimizer.built:
                values["optimizer"] = [variable.numpy() for variable in network.optimizer.variables]
        return {"parameters": self.parameters, "values": values, "graph": self.graph}

    def __setstate__(self, state):
        self.__init__(**state)


def _chunks(sequences, numbers_per_step):
    return sequences.chunks(
        max_steps=_CHUNK_SIZE // numbers_per_step,
        max_sequences=max(_FEW_SEQUENCES, _STEP_SIZE // numbers_per_step),
    )


def _compute(forward, sequences, chunks):
    """Return the logits of each chunk, in turn."""

    def compute(positions):
        return forward(sequences.gather(positions))

    # TensorFlow has threads of its own.
    if len(chunks) <= _FEW_CHUNKS or not isinstance(forward, ONNXForward):
        return map(compute, chunks)
    forward = forward.for_many()
    return map_in_threads(compute, chunks)


def _assign(variables, values):
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
