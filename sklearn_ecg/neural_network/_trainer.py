"""Train networks with SciKeras: the only module that knows of it.

Imported when a network is first needed, never with the package.
"""

# ruff: noqa: E402
from sklearn_ecg.neural_network._runtime import release_memory, start_tensorflow

start_tensorflow()

import random
from collections import OrderedDict
from contextlib import contextmanager

import tensorflow as tf
from keras.src.random import seed_generator
from scikeras.utils.random_state import tensorflow_random_state
from scikeras.wrappers import KerasClassifier
from sklearn import config_context
from sklearn.preprocessing import FunctionTransformer
from tensorflow.python.framework.config import is_op_determinism_enabled

# SciKeras sets TF_DETERMINISTIC_OPS while it trains. TensorFlow reads that variable the first time
# it is asked, and would hold the user's own models to it for ever after: ask before it is set.
is_op_determinism_enabled()

# Trainers that wait for the next fit of an equal network, the last used at the end. Each holds a
# compiled step of training, of some 10 MB, which takes a second to make.
_waiting: OrderedDict[tuple, "Trainer"] = OrderedDict()
_MOST_WAITING = 4


class Trainer(KerasClassifier):
    """SciKeras' classifier, which takes validated and encoded data as they are.

    Its own encoder would number the classes anew for a batch that lacks one, its own validation
    would hold all sequences to the length of the first, and its own seed would repeat dropout in
    each fit that goes on.
    """

    target_encoder = FunctionTransformer()

    @classmethod
    def build(cls, build, parameters, seed):
        """Build a network.

        Parameters
        ----------
        build : callable
            Returns a compiled Keras model.
        parameters : dict
            Keyword arguments for `build`.
        seed : int
            Seed of the initial weights.

        Returns
        -------
        Trainer
            The trainer, whose `model_` is the network.
        """
        arguments = {f"model__{name}": value for name, value in parameters.items()}
        trainer = cls(build, warm_start=True, **arguments)
        # SciKeras' own transformers have no X, and so no container of a user's choice.
        with (
            config_context(transform_output="default"),
            tensorflow_random_state(seed),
            _own_generator(seed),
        ):
            return trainer.initialize(X=None, y=None)

    def build_optimizer(self):
        """Create the variables of the optimizer, if there are none yet.

        Else the first step of training would, and TensorFlow traces such a step twice.
        """
        network = self.model_
        if not network.optimizer.built:
            network.optimizer.build(network.trainable_variables)

    def train(self, batches, *, seed, callbacks, **fit_arguments):
        """Train the network from its present state.

        Parameters
        ----------
        batches : tf.data.Dataset
            The training data.
        seed : int
            Seed of dropout.
        callbacks : list of keras.callbacks.Callback
            Callbacks of this fit.
        **fit_arguments : dict
            Passed to `keras.Model.fit`.

        Returns
        -------
        dict of str to list of float
            The losses of each epoch.
        """
        self._fit_callbacks = callbacks  # SciKeras would take them once, when it is initialized
        with config_context(transform_output="default"), tensorflow_random_state(seed):
            self.fit(batches, None, shuffle=False, **fit_arguments)  # the batches are shuffled
        return {name: [float(loss) for loss in losses] for name, losses in self.history_.items()}

    def copy_state(self, trainer):
        """Copy the variables of another trainer's equal network, those of its optimizer included.

        Parameters
        ----------
        trainer : Trainer
            The other trainer. The optimizers of both have been built.
        """
        mine, others = (
            [*network.variables, *network.optimizer.variables]
            for network in (self.model_, trainer.model_)
        )
        for variable, other in zip(mine, others, strict=True):
            variable.assign(other)

    def _validate_data(self, X, y, reset=False):
        return X, y


@contextmanager
def compiled_twin(build, parameters):
    """Lend a trainer of an equal network, whose step of training an earlier fit may have compiled.

    So the fits of a search or a cross-validation compile once. Networks that were fitted keep
    nothing of it. Fits take turns, so no other thread has the trainer meanwhile.

    Parameters
    ----------
    build : callable
        Returns a compiled Keras model, which depends on the arguments alone.
    parameters : dict
        Keyword arguments for `build`.

    Yields
    ------
    Trainer
        The trainer, whose variables have any values. After an error it is not used again.
    """
    key = repr(parameters), tf.distribute.get_strategy()
    twin = _waiting.pop(key, None)
    if twin is None:
        release_memory()
        twin = Trainer.build(build, parameters, seed=0)
        twin.build_optimizer()
    yield twin
    _waiting[key] = twin
    if len(_waiting) > _MOST_WAITING:
        _waiting.popitem(last=False)


@contextmanager
def _own_generator(seed):
    """Have Keras draw the seeds of layers from a generator that nobody else draws from.

    It draws them from that of Python's `random`, which SciKeras seeds. But other threads may draw
    from it at the same time, as the heartbeat of a Dask worker does.
    """
    shared = seed_generator.python_random
    seed_generator.python_random = random.Random(seed)
    try:
        yield
    finally:
        seed_generator.python_random = shared
