"""Each fault of SciKeras, Keras and TensorFlow that the user must not meet."""

import logging
import pickle
import random
import threading
from functools import wraps

import numpy as np
import pytest


@pytest.fixture
def nothing_compiled():
    """No earlier fit of this process has compiled anything."""
    from sklearn_ecg.neural_network import _trainer

    _trainer._waiting.clear()
    return _trainer._waiting


def test_fits_do_not_fill_tensorflows_registry(sequences, tiny, nothing_compiled):
    """The leak of 11 MB a fit: every trace registered two gradient functions for ever."""
    from tensorflow.python.framework import ops

    X, y = sequences
    tiny().fit(X, y)
    before = len(ops.gradient_registry.list())
    nothing_compiled.clear()
    tiny().fit(X, y)
    assert len(ops.gradient_registry.list()) == before


def test_users_own_unseeded_models_still_train(run_python):
    """TensorFlow's determinism does not stay on behind a fit."""
    code = """
import numpy as np
from sklearn_ecg.neural_network import LSTMClassifier
X, y = np.random.default_rng(0).normal(size=(8, 5)), np.tile([0, 1], 4)
LSTMClassifier(units=2, epochs=1).fit(X, y)
import tensorflow as tf
assert tf.random.normal((3,)).shape == (3,)
"""
    run_python(code)


def test_class_weight_equals_sample_weight(sequences, tiny):
    """A class weighted threefold trains as its rows weighted threefold."""
    X, y = sequences
    by_class = tiny(class_weight={0: 1, 1: 3}).fit(X, y).predict_proba(X)
    by_row = tiny().fit(X, y, sample_weight=1 + 2 * y).predict_proba(X)
    np.testing.assert_array_equal(by_class, by_row)


def test_float64_at_predict_is_accepted(sequences, tiny):
    """SciKeras refuses a dtype other than that of fit."""
    X, y = sequences
    classifier = tiny().fit(X, y)
    np.testing.assert_array_equal(
        classifier.predict_proba(X.astype(np.float64)), classifier.predict_proba(X)
    )


def test_fits_in_threads_are_reproducible(sequences, tiny):
    """SciKeras seeds generators of the whole process; fits therefore take turns."""
    X, y = sequences
    expected = tiny(dropout=0.2).fit(X, y).predict_proba(X)
    results = []
    threads = [
        threading.Thread(
            target=lambda: results.append(tiny(dropout=0.2).fit(X, y).predict_proba(X))
        )
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 3
    for result in results:
        np.testing.assert_array_equal(result, expected)


def test_other_threads_random_numbers_change_no_network(sequences, tiny):
    """Keras draws its seeds from Python's generator, from which any thread may draw."""
    X, y = sequences

    def build(signals, mask, units, n_drawn):
        import keras

        for _ in range(n_drawn):
            random.random()  # as another thread would, in between
        return keras.layers.SimpleRNN(units[0])(signals, mask=mask)

    def quiet(signals, mask, units):
        return build(signals, mask, units, n_drawn=0)

    def busy(signals, mask, units):
        return build(signals, mask, units, n_drawn=3)

    expected = tiny(network=quiet).fit(X, y).predict_proba(X)
    np.testing.assert_array_equal(tiny(network=busy).fit(X, y).predict_proba(X), expected)


def test_reordered_columns_are_refused(tiny):
    """SciKeras never notes the names of columns."""
    pd = pytest.importorskip("pandas")
    X = pd.DataFrame(np.random.RandomState(0).normal(size=(8, 3)), columns=["a", "b", "c"])
    classifier = tiny().fit(X, np.tile([0, 1], 4))
    with pytest.raises(ValueError, match="feature names should match"):
        classifier.predict(X[["b", "a", "c"]])


def test_retracing_is_not_complained_of(sequences, tiny, caplog):
    """TensorFlow warns of retracing at the fifth network, though each is traced once."""
    X, y = sequences
    with caplog.at_level(logging.WARNING, logger="tensorflow"):
        for _ in range(6):
            tiny(epochs=1).fit(X, y).predict(X)
    assert "retracing" not in caplog.text


def test_prediction_is_traced_once(tiny):
    """Calls with other numbers of rows and other lengths reuse what is compiled."""
    rng = np.random.RandomState(0)
    X = [rng.normal(size=3 + i % 5) for i in range(20)]
    classifier = tiny().fit(X, np.tile([0, 1], 10))
    classifier.predict(X[:3])
    forward = classifier.network_._forward
    for i in range(4):
        classifier.predict(X[: i + 1])
    assert classifier.network_._forward is forward


def test_all_reduce_still_fills_the_registry(sequences, tiny, nothing_compiled, monkeypatch):
    """If this fails, Keras' optimizer may be left as it is."""
    from tensorflow.python.framework import ops

    from sklearn_ecg.neural_network import _losses

    monkeypatch.setattr(_losses, "_skip_all_reduce", lambda optimizer: None)
    before = len(ops.gradient_registry.list())
    tiny(epochs=1).fit(*sequences)
    nothing_compiled.clear()  # no other fit shall have this optimizer
    assert len(ops.gradient_registry.list()) > before


def test_a_fitted_network_keeps_no_compiled_training(sequences, tiny):
    """It would hold some 10 MB; `partial_fit`, which is called again and again, keeps it."""
    X, y = sequences
    classifier = tiny(early_stopping=True).fit(X, y)
    network = classifier.network_.keras_model
    assert network.train_function is None
    assert network.test_function is None
    train_function = classifier.partial_fit(X, y).network_.keras_model.train_function
    assert train_function is not None
    assert classifier.partial_fit(X, y).network_.keras_model.train_function is train_function


def test_prediction_restores_no_optimizer(sequences, tiny):
    """A loaded network is built to predict; its optimizer follows when it trains."""
    X, y = sequences
    loaded = pickle.loads(pickle.dumps(tiny(optimizer="adam").fit(X, y)))
    loaded.predict(X)
    optimizer = loaded.network_.keras_model.optimizer
    assert not optimizer.built
    assert int(loaded.partial_fit(X, y).network_.keras_model.optimizer.iterations) == 6


@pytest.fixture
def traces(monkeypatch):
    """A list with an entry for each time that the last layer of a network is traced."""
    import keras

    traced, call = [], keras.layers.Dense.call

    @wraps(call)
    def counted(layer, inputs, *arguments, **options):
        traced.append(layer)
        return call(layer, inputs, *arguments, **options)

    monkeypatch.setattr(keras.layers.Dense, "call", counted)
    return traced


def test_fits_of_equal_networks_compile_once(sequences, tiny, nothing_compiled, traces):
    """Rows, lengths, seeds, learning rates and batches that differ need no new graph."""
    X, y = sequences
    tiny(early_stopping=True).fit(X, y)
    assert len(traces) == 2  # a step of training, and one of validation
    other = tiny(early_stopping=True, random_state=7, learning_rate=0.1, batch_size=3)
    other.fit(X[:-3, :-2], y[:-3])
    assert len(traces) == 2


def test_a_network_of_the_users_own_is_traced_once(sequences, tiny, traces):
    """Keras creates the variables of the optimizer in the first step, which is then traced anew."""

    def build(signals, mask, units):
        import keras

        return keras.layers.SimpleRNN(units[0])(signals, mask=mask)

    tiny(network=build).fit(*sequences)
    assert len(traces) == 1


@pytest.mark.parametrize("optimizer", ["adam", "nadam", "rmsprop"])
def test_fits_that_compile_nothing_learn_the_same(sequences, tiny, nothing_compiled, optimizer):
    """Neither weights, nor the state of the optimizer or of dropout, are left from earlier fits."""
    X, y = sequences

    def fitted(seed):
        options = {"optimizer": optimizer, "dropout": 0.3, "early_stopping": True}
        classifier = tiny(random_state=seed, warm_start=True, **options).fit(X, y)
        first = classifier.predict_proba(X)
        return first, classifier.fit(X, y).predict_proba(X), classifier.history_["val_loss"]

    expected = fitted(0)
    fitted(1)
    for values, again in zip(expected, fitted(0), strict=True):
        np.testing.assert_array_equal(again, values)


def test_later_fits_change_no_earlier_network(sequences, tiny):
    """Equal networks share what is compiled, but not their weights."""
    X, y = sequences
    first = tiny(random_state=0).fit(X, y)
    expected = first.predict_proba(X)
    tiny(random_state=1).fit(X, y)
    np.testing.assert_array_equal(first.predict_proba(X), expected)


def test_failed_fits_leave_nothing_to_later_ones(sequences, tiny, nothing_compiled):
    """What a fit compiled that came to no end is not used again."""
    X, y = sequences
    expected = tiny().fit(X, y).predict_proba(X)
    assert len(nothing_compiled) == 1

    def interrupt():
        raise KeyboardInterrupt

    (trainer,) = nothing_compiled.values()
    trainer.model_.reset_metrics = interrupt  # which a fit calls at the beginning of an epoch
    with pytest.raises(KeyboardInterrupt):
        tiny().fit(X, y)
    assert not nothing_compiled
    np.testing.assert_array_equal(tiny().fit(X, y).predict_proba(X), expected)


def test_few_compiled_trainings_wait(sequences, tiny, nothing_compiled):
    """Memory stays bounded in a search over many networks, and those used last are kept."""
    X, y = sequences
    for units in (2, 4, 6, 8, 2, 10, 12):
        tiny(units=units, epochs=1).fit(X, y)
    units = [trainer.get_params()["model__units"] for trainer in nothing_compiled.values()]
    assert units == [(8,), (2,), (10,), (12,)]


def test_functions_of_the_users_are_asked_for_each_network(sequences, tiny):
    """They may build another network than before."""
    X, y = sequences
    n_built = []

    def build(signals, mask):
        import keras

        n_built.append(1)
        return keras.layers.Conv1D(2 + len(n_built), 3)(signals)

    for n_filters in (3, 4):
        network = tiny(network=build).fit(X, y).network_.keras_model
        assert network.layers[-1].kernel.shape[0] == n_filters


def test_layers_that_the_user_freezes_learn_nothing(sequences, tiny):
    """Training goes on with the Keras model itself, once the user has had it."""
    X, y = sequences
    classifier = tiny(warm_start=True).fit(X, y)
    network = classifier.network_.keras_model
    lstm, dense = network.layers[1], network.layers[-1]
    lstm.trainable = False
    before = lstm.get_weights(), dense.get_weights()
    classifier.fit(X, y)
    for weights, frozen in zip(lstm.get_weights(), before[0], strict=True):
        np.testing.assert_array_equal(weights, frozen)
    assert not np.array_equal(dense.get_weights()[0], before[1][0])
