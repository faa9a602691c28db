"""Each fault of SciKeras, Keras and TensorFlow that the user must not meet."""

import logging
import pickle
import random
import threading

import numpy as np
import pytest


def test_fits_do_not_fill_tensorflows_registry(sequences, tiny):
    """The leak of 11 MB a fit: every trace registered two gradient functions for ever."""
    from tensorflow.python.framework import ops

    X, y = sequences
    tiny().fit(X, y)
    before = len(ops.gradient_registry.list())
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


def test_class_weight_leaves_sample_weight_alone(sequences, tiny):
    """SciKeras multiplies the caller's array in place."""
    X, y = sequences
    weight = np.ones(len(y))
    tiny(class_weight="balanced").fit(X, y, sample_weight=weight)
    np.testing.assert_array_equal(weight, 1)


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


def test_classes_survive_a_warm_start(sequences, tiny):
    """SciKeras forgets them."""
    X, y = sequences
    classifier = tiny(warm_start=True).fit(X, y).fit(X, y)
    np.testing.assert_array_equal(classifier.classes_, [0, 1])


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


def test_all_reduce_still_fills_the_registry(sequences, tiny, monkeypatch):
    """If this fails, Keras' optimizer may be left as it is."""
    from tensorflow.python.framework import ops

    from sklearn_ecg.neural_network import _losses

    monkeypatch.setattr(_losses, "_skip_all_reduce", lambda optimizer: None)
    before = len(ops.gradient_registry.list())
    tiny(epochs=1).fit(*sequences)
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
