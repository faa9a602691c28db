"""Networks that are saved, sent to other processes and trained many times over."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor

import joblib
import numpy as np
import pytest

from sklearn_ecg.neural_network import _keras_network
from sklearn_ecg.neural_network._forward import KerasForward
from sklearn_ecg.neural_network._keras_network import KerasNetwork
from sklearn_ecg.neural_network._onnx._forward import ONNXError, ONNXForward
from sklearn_ecg.preprocessing import Segmenter

LOAD_AND_PREDICT = """
import sys, joblib, numpy as np
before = "tensorflow" in sys.modules
classifier = joblib.load(sys.argv[1])
assert not before and "tensorflow" not in sys.modules, "loading needs no TensorFlow"
np.save(sys.argv[3], classifier.predict_proba(np.load(sys.argv[2])))
"""

FIT = """
import sys, numpy as np
from sklearn_ecg.neural_network import LSTMClassifier
data = np.load(sys.argv[1])
classifier = LSTMClassifier(units=(8, 8), dropout=0.2, bidirectional=True, epochs=3, random_state=0)
np.save(sys.argv[2], classifier.fit(data["X"], data["y"]).predict_proba(data["X"]))
"""


@pytest.fixture(params=[ONNXForward, KerasForward])
def way(request, monkeypatch):
    """Predict by each of both."""
    if request.param is ONNXForward:
        pytest.importorskip("onnx")
        pytest.importorskip("onnxruntime")
    else:
        monkeypatch.setattr(_keras_network, "has_onnxruntime", lambda: False)
    return request.param


def by_keras(classifier, X):
    """Predict by the Keras model of a copy."""
    classifier = pickle.loads(pickle.dumps(classifier))
    assert classifier.network_.keras_model
    probabilities = classifier.predict_proba(X)
    assert isinstance(classifier.network_._forward, KerasForward)
    return probabilities


def build_with_attention(sequences, mask):
    import keras

    return keras.layers.MultiHeadAttention(2, 4)(sequences, sequences)


def _pickle_dump(thing, path):
    with open(path, "wb") as file:
        pickle.dump(thing, file)


@pytest.mark.parametrize("dump", [joblib.dump, _pickle_dump])
def test_saved_classifier_predicts_equally_in_a_fresh_process(
    sequences, tiny, tmp_path, run_python, dump
):
    """The file needs no TensorFlow to load; predictions are equal to the last digit."""
    X, y = sequences
    classifier = tiny(bidirectional=True).fit(X, y)
    dump(classifier, str(tmp_path / "classifier"))
    np.save(tmp_path / "X.npy", X)
    result = run_python(LOAD_AND_PREDICT, "classifier", "X.npy", "probabilities.npy")
    loaded = np.load(tmp_path / "probabilities.npy")
    np.testing.assert_array_equal(loaded, classifier.predict_proba(X))
    assert result.stderr == ""


def test_same_seed_same_probabilities_in_any_process(sequences, tmp_path, run_python):
    """Neither the process nor the number of its threads decides what is learnt."""
    X, y = sequences
    np.savez(tmp_path / "data.npz", X=X, y=y)
    run_python(FIT, "data.npz", "one.npy", OMP_NUM_THREADS="1")
    run_python(FIT, "data.npz", "two.npy", OMP_NUM_THREADS="2")
    np.testing.assert_array_equal(np.load(tmp_path / "one.npy"), np.load(tmp_path / "two.npy"))


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_copy_trains_on_like_the_original(sequences, tiny, duplicate):
    """The optimizer's state and dropout's generator travel along."""
    X, y = sequences
    original = tiny(dropout=0.3).fit(X, y)
    twin = duplicate(original)
    for classifier in (original, twin):
        classifier.partial_fit(X, y)
    np.testing.assert_array_equal(twin.predict_proba(X), original.predict_proba(X))


def test_diverged_training_leaves_the_network_as_it_was(sequences, tiny):
    """What was learnt before is neither lost nor replaced by NaN."""
    X, y = sequences
    classifier = tiny(optimizer="sgd", activation="relu").fit(X, y)
    expected = classifier.predict_proba(X)
    with pytest.raises(ValueError, match="Training diverged"):
        classifier.set_params(learning_rate=1e30, warm_start=True, epochs=5).fit(1e6 * X, y)
    np.testing.assert_array_equal(classifier.predict_proba(X), expected)


def test_outputs_that_are_no_numbers_are_refused(sequences, tiny):
    """Divergence in the very last step, which no loss has seen, ends in no NaN probabilities."""
    X, y = sequences
    overflowing = {"optimizer": "sgd", "learning_rate": 1e30, "activation": "relu"}
    classifier = tiny(units=(3, 3), epochs=1, batch_size=100, **overflowing).fit(1e20 * X, y)
    with pytest.raises(ValueError, match="outputs are not finite: its training diverged"):
        classifier.predict_proba(1e20 * X)


def test_pickle_holds_plain_arrays(sequences, tiny):
    """No object of Keras or TensorFlow is in the file, so none has to be there to read it."""
    classifier = tiny().fit(*sequences)
    content = pickle.dumps(classifier)
    for library in (b"keras.src", b"tensorflow", b"scikeras"):
        assert library not in content
    assert len(content) < 10_000


def test_prediction_holds_a_bounded_part_in_memory(tiny, monkeypatch, way):
    """A long recording is gathered in chunks, and the result does not depend on their size."""
    rng = np.random.RandomState(0)
    X = Segmenter(10, step=1).fit_transform(rng.normal(size=(3, 200)).astype(np.float32))
    classifier = tiny().fit(X, [0, 1, 0])
    at_once = classifier.predict_proba(X)
    sizes = []
    # Each step holds one input and seven numbers for each of four units: 100 steps at once.
    monkeypatch.setattr(_keras_network, "_CHUNK_SIZE", 2900)
    predict_part = way.__call__
    monkeypatch.setattr(
        way,
        "__call__",
        lambda self, part, **options: (
            sizes.append(part.size) or predict_part(self, part, **options)
        ),
    )
    np.testing.assert_allclose(classifier.predict_proba(X), at_once, atol=1e-6)
    assert max(sizes) == 100


def test_threads_compile_once(sequences, tiny, monkeypatch, way):
    """Requests that come while the first one compiles wait for it."""
    X, y = sequences
    classifier = pickle.loads(pickle.dumps(tiny().fit(X, y)))
    n_compiled = []
    begin = way.__init__
    monkeypatch.setattr(
        way, "__init__", lambda self, *args: n_compiled.append(1) or begin(self, *args)
    )
    with ThreadPoolExecutor(8) as threads:
        predicted = list(threads.map(lambda _: classifier.predict_proba(X[:1]), range(8)))
    assert len(n_compiled) == 1
    for each in predicted:
        np.testing.assert_array_equal(each, predicted[0])


def test_onnx_runtime_predicts_where_it_is_installed(sequences, tiny, way):
    """With the same probabilities as Keras, and TensorFlow does where it is not."""
    X, y = sequences
    classifier = tiny().fit(X, y)
    np.testing.assert_allclose(classifier.predict_proba(X), by_keras(classifier, X), atol=1e-5)
    assert isinstance(classifier.network_._forward, way)


@pytest.mark.parametrize("n_steps", [1, 1000])
def test_both_ways_agree_for_short_and_long_rows(tiny, n_steps):
    """Small differences do not add up from step to step."""
    X = np.random.default_rng(0).normal(size=(4, n_steps, 2))
    classifier = tiny(units=(8, 8), bidirectional=True, epochs=1).fit(X, [0, 1, 0, 1])
    np.testing.assert_allclose(classifier.predict_proba(X), by_keras(classifier, X), atol=1e-5)


def test_network_that_does_not_convert_predicts_by_tensorflow(sequences, tiny):
    """Nothing is said of it: a warning would be an error."""
    X, y = sequences
    classifier = tiny(network=build_with_attention).fit(X, y)
    np.testing.assert_array_equal(classifier.predict_proba(X), by_keras(classifier, X))
    assert isinstance(classifier.network_._forward, KerasForward)


def fail(error):
    """Raise the error whatever is called."""

    def raise_error(*args):
        raise error

    return raise_error


@pytest.mark.parametrize("error", [ImportError("no onnx"), ONNXError("too old")])
def test_network_that_onnx_cannot_run_predicts_by_tensorflow(sequences, tiny, monkeypatch, error):
    """For want of a package, or with an old version of it."""
    pytest.importorskip("onnxruntime")
    X, y = sequences
    classifier = tiny().fit(X, y)
    monkeypatch.setattr(KerasNetwork, "to_onnx", fail(error))
    np.testing.assert_array_equal(classifier.predict_proba(X), by_keras(classifier, X))


@pytest.mark.parametrize("error", [ValueError("not ours"), KeyError("not ours"), TypeError()])
def test_fault_in_the_conversion_is_seen(sequences, tiny, monkeypatch, error):
    """TensorFlow, which takes longer, does not hide it."""
    pytest.importorskip("onnxruntime")
    X, y = sequences
    classifier = tiny().fit(X, y)
    monkeypatch.setattr(KerasNetwork, "to_onnx", fail(error))
    with pytest.raises(type(error)) as caught:
        classifier.predict_proba(X)
    assert caught.value is error


def test_fault_in_the_conversion_of_ones_own_network_is_not_met(sequences, tiny, monkeypatch):
    """It may consist of what no converter foresees."""
    pytest.importorskip("onnxruntime")
    X, y = sequences
    classifier = tiny(network=build_with_attention).fit(X, y)
    monkeypatch.setattr(KerasNetwork, "to_onnx", fail(TypeError("an option that is new in Keras")))
    np.testing.assert_array_equal(classifier.predict_proba(X), by_keras(classifier, X))


@pytest.mark.parametrize("go_on", ["fit", "partial_fit"])
def test_predictions_follow_more_training(sequences, tiny, way, go_on):
    """Whatever was compiled for those before."""
    X, y = sequences
    classifier = tiny(warm_start=True).fit(X, y)
    before = classifier.predict_proba(X)
    for _ in range(2):
        getattr(classifier, go_on)(X, y)
        now = classifier.predict_proba(X)
        assert np.abs(now - before).max() > 0.001
        np.testing.assert_allclose(now, by_keras(classifier, X), atol=1e-5)
        before = now


def test_predictions_follow_changes_of_the_keras_model(sequences, tiny, way):
    """Of weights that the user sets, at any time after he has had the model."""
    X, y = sequences
    classifier = tiny().fit(X, y)
    classifier.predict_proba(X)
    model = classifier.network_.keras_model
    classifier.predict_proba(X)
    model.set_weights([0 * weights for weights in model.get_weights()])
    np.testing.assert_array_equal(classifier.predict_proba(X), 0.5)
    copied = pickle.loads(pickle.dumps(classifier))
    np.testing.assert_array_equal(copied.predict_proba(X), 0.5)


def test_prediction_adds_nothing_to_a_pickle(sequences, tiny, way):
    """A graph that was made for predicting is not kept."""
    X, y = sequences
    classifier = tiny().fit(X, y)
    length = len(pickle.dumps(classifier))
    classifier.predict(X)
    assert len(pickle.dumps(classifier)) == length


def test_forgotten_optimizer_changes_no_prediction(sequences, tiny):
    """It makes a file a third as long, and training goes on with a new one."""
    X, y = sequences
    classifier = tiny(units=32, warm_start=True).fit(X, y)
    expected, length = classifier.predict_proba(X), len(pickle.dumps(classifier))
    classifier.network_.forget_optimizer()
    assert len(pickle.dumps(classifier)) < 0.6 * length
    np.testing.assert_array_equal(classifier.predict_proba(X), expected)
    classifier.fit(X, y)
    assert classifier.history_["loss"][-1] < 1
