"""Networks as ONNX graphs: they predict the same, by nodes of their own kind."""

import importlib
import os
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import VotingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from sklearn_ecg.compose import SegmentedClassifier
from sklearn_ecg.neural_network import _keras_network, build_recurrent
from sklearn_ecg.neural_network._onnx._forward import ONNXForward
from sklearn_ecg.persistence import load, save, to_onnx
from sklearn_ecg.preprocessing import MaxNormalizer, Reshaper, Segmenter

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

TOLERANCE = 1e-5


def by_keras(classifier):
    """Have Keras answer, as it does for who has looked at the model."""
    assert classifier.network_.keras_model
    return classifier


def kinds_of_nodes(classifier):
    graph = onnx.load_from_string(classifier.network_.graph).graph
    return [node.op_type for node in graph.node]


def build_of_many_layers(sequences, mask, units):
    """A network of one's own, of layers that hand the mask on."""
    import keras

    layers = keras.layers
    causal = layers.Conv1D(units[0], 3, padding="causal", dilation_rate=2)(sequences)
    first = layers.GRU(units[0], return_sequences=True, reset_after=False)(causal, mask=mask)
    second = layers.SimpleRNN(units[0], use_bias=False, return_sequences=True)(first)
    third = layers.LayerNormalization()(layers.Add()([first, second]))
    fourth = layers.Activation("silu")(layers.Concatenate()([third, causal]))
    return layers.Dense(units[0], activation="elu")(fourth) * 2.0 - 1.0


def build_of_a_saved_model(sequences, mask):
    """Models of Keras as layers; the first is read twice, and with a mask."""
    import keras

    steps = keras.Input((None, sequences.shape[-1]))
    saved = keras.Model(steps, keras.layers.LSTM(3, return_sequences=True)(steps))
    ends = keras.Sequential([keras.layers.Dense(2), keras.layers.GRU(2)])
    last = keras.layers.LSTM(2)(saved(sequences, mask=mask))
    return keras.layers.Concatenate()([last, ends(saved(-sequences))])


def build_with_attention(sequences, mask):
    import keras

    return keras.layers.MultiHeadAttention(2, 4)(sequences, sequences)


def build_backwards(sequences, mask, units):
    import keras

    return keras.layers.LSTM(units[0], go_backwards=True)(sequences)


def build_with_state(sequences, mask, units):
    import keras

    return keras.layers.LSTM(units[0], return_state=True)(sequences)[1]


def build_middle_beside_all_steps(sequences, mask, units):
    import keras

    middle = build_recurrent(sequences, mask, units=units, pooling="middle")
    return keras.layers.Concatenate()([middle, sequences])


@pytest.mark.parametrize("seed", range(12))
def test_random_networks_predict_the_same(seed, monkeypatch):
    """Of every kind, depth and pooling, for rows of every form."""
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "examples" / "benchmarks")
    program = importlib.import_module("onnx_equality")
    assert program.largest_difference(seed) < TOLERANCE


@pytest.mark.filterwarnings("ignore:Layer 'functional.* does not support masking")  # it does
@pytest.mark.filterwarnings("ignore:network=.* lets padding in")
@pytest.mark.parametrize("build", [build_of_many_layers, build_of_a_saved_model])
@pytest.mark.parametrize("masked", [False, True])
def test_network_of_ones_own_predicts_the_same(masked, build, tiny, sequences):
    """Where its layers allow, with a mask that only the first of them is given."""
    X, y = sequences
    if masked:
        X = [row[: 2 + i % 5] for i, row in enumerate(X)]
    classifier = tiny(network=build, epochs=1).fit(X, y)
    served = to_onnx(classifier)
    expected = by_keras(classifier).predict_proba(X)
    np.testing.assert_allclose(served.predict_proba(X), expected, atol=TOLERANCE)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (build_with_attention, r"cannot convert the layer MultiHeadAttention"),
        (build_backwards, r"cannot convert the layer LSTM .* with go_backwards=True"),
        (build_with_state, r"cannot convert the layer lstm\S*, which has several outputs"),
        (build_middle_beside_all_steps, "cannot be joined with all"),
    ],
)
def test_layer_without_converter_is_named(build, message, tiny, sequences):
    """With what else can be done."""
    classifier = tiny(network=build, epochs=1).fit(*sequences)
    with pytest.raises(ValueError, match=message):
        to_onnx(classifier)


@pytest.mark.parametrize(
    ("network", "node"), [("lstm", "LSTM"), ("gru", "GRU"), ("simple_rnn", "RNN")]
)
def test_recurrent_layers_are_nodes_of_their_kind(network, node, tiny, sequences):
    """One for each layer, for both directions; no loop."""
    classifier = tiny(network=network, units=(3, 2), bidirectional=True, epochs=1)
    kinds = kinds_of_nodes(to_onnx(classifier.fit(*sequences)))
    assert kinds.count(node) == 2
    assert not {"Loop", "Scan"} & set(kinds)


@pytest.mark.parametrize("form", ["dense", "ragged"])
@pytest.mark.parametrize("n_steps", [1, 6, 7])
@pytest.mark.parametrize("network", ["lstm", "gru", "simple_rnn"])
def test_middle_is_reached_from_either_end(network, n_steps, form, tiny, sequences):
    """By half of the steps: each direction is a node that is told how many steps it takes."""
    X, y = sequences
    X = X[:, :n_steps]
    if form == "ragged":
        X = [row[: 1 + i % n_steps] for i, row in enumerate(X)]
    classifier = tiny(network=network, bidirectional=True, pooling="middle", epochs=1).fit(X, y)
    served = to_onnx(classifier)
    expected = by_keras(classifier).predict_proba(X)
    np.testing.assert_allclose(served.predict_proba(X), expected, atol=TOLERANCE)
    kinds = kinds_of_nodes(served)
    assert kinds.count({"lstm": "LSTM", "gru": "GRU", "simple_rnn": "RNN"}[network]) == 2
    assert kinds.count("ReverseSequence") == 1


def test_convolution_of_one_step_is_a_product(tiny, sequences):
    """ONNX's own wants the steps last, and to turn them around takes longer than the product."""
    X, y = sequences
    classifier = tiny(conv_filters=(3,), conv_kernel_size=1, conv_pool_size=1, epochs=1).fit(X, y)
    served = to_onnx(classifier)
    assert "Conv" not in kinds_of_nodes(served)
    expected = by_keras(classifier).predict_proba(X)
    np.testing.assert_allclose(served.predict_proba(X), expected, atol=TOLERANCE)


def test_rows_are_treated_as_before(tiny, strips):
    """Bags, segments, labels, and rows that are refused."""
    X, y, _ = strips
    bags = make_pipeline(Segmenter(60, tail="pad"), Reshaper(10)).fit_transform(X)
    classifier = by_keras(tiny(epochs=1).fit(bags, y))
    served = to_onnx(classifier)
    for method in ("predict_proba", "predict_log_proba", "predict_proba_segments"):
        expected, found = (getattr(one, method)(bags) for one in (classifier, served))
        np.testing.assert_allclose(found, expected, atol=10 * TOLERANCE)
    np.testing.assert_array_equal(served.predict(bags), classifier.predict(bags))
    bags = bags.copy()
    bags[3, 0, 0] = np.nan
    with pytest.raises(ValueError, match="row 3 of X has missing values"):
        served.predict(bags)


def test_all_classifiers_within_are_converted(tiny, strips):
    """At any depth; what is given is left as it is, and so are other classifiers."""
    X, y, _ = strips
    vote = VotingClassifier(
        [("network", tiny(epochs=1)), ("other", LogisticRegression())], voting="soft"
    )
    inner = SegmentedClassifier(Segmenter(100), vote, layout="table")
    pipeline = make_pipeline(MaxNormalizer(), inner).fit(X, y)
    served = to_onnx(pipeline)
    np.testing.assert_allclose(served.predict_proba(X), pipeline.predict_proba(X), atol=TOLERANCE)
    before, after = (one[-1].estimator_.estimators_ for one in (pipeline, served))
    assert before[0].network_.graph is None
    assert after[0].network_.graph is not None
    assert served[-1].estimator_.named_estimators_["network"] is after[0]


def test_copy_travels_without_keras(tiny, sequences, tmp_path, monkeypatch):
    """By pickle and in a file, and TensorFlow is not asked."""
    X, y = sequences
    classifier = by_keras(tiny().fit(X, y))
    served = to_onnx(classifier)
    save(served, tmp_path / "served.skecg")
    expected = classifier.predict_proba(X)

    def refuse():
        raise AssertionError("TensorFlow was started")

    monkeypatch.setattr(_keras_network, "start_tensorflow", refuse)
    for one in (pickle.loads(pickle.dumps(served)), load(tmp_path / "served.skecg")):
        np.testing.assert_allclose(one.predict_proba(X), expected, atol=TOLERANCE)


def test_without_onnxruntime_keras_predicts(tiny, sequences, monkeypatch):
    """From the same file."""
    X, y = sequences
    classifier = by_keras(tiny().fit(X, y))
    monkeypatch.setattr(_keras_network, "has_onnxruntime", lambda: False)
    served = pickle.loads(pickle.dumps(to_onnx(classifier)))
    np.testing.assert_array_equal(served.predict_proba(X), classifier.predict_proba(X))


def test_copy_learns_more_and_leaves_the_graph_behind(tiny, sequences):
    """Else it would predict as if it had not learnt."""
    X, y = sequences
    classifier = tiny(warm_start=True, epochs=1).fit(X, y)
    served = pickle.loads(pickle.dumps(to_onnx(classifier)))
    before = served.predict_proba(X)
    served.fit(X, y)
    assert served.network_.graph is None
    found = to_onnx(served).predict_proba(X)
    assert np.abs(found - before).max() > 0.001
    np.testing.assert_allclose(found, by_keras(served).predict_proba(X), atol=TOLERANCE)


def test_copy_whose_keras_model_was_looked_at_leaves_the_graph_behind(tiny, sequences):
    """Its weights may have been changed."""
    X, y = sequences
    served = to_onnx(tiny().fit(X, y))
    model = served.network_.keras_model
    model.set_weights([0 * weights for weights in model.get_weights()])
    for one in (served, pickle.loads(pickle.dumps(served)), to_onnx(served)):
        np.testing.assert_array_equal(one.predict_proba(X), 0.5)


def test_threads_predict_at_once(tiny, sequences):
    """With the same result."""
    X, y = sequences
    served = pickle.loads(pickle.dumps(to_onnx(tiny().fit(X, y))))
    expected = served.predict_proba(X)
    with ThreadPoolExecutor(8) as threads:
        for found in threads.map(lambda _: served.predict_proba(X), range(32)):
            np.testing.assert_array_equal(found, expected)


def test_parts_of_many_rows_are_predicted_at_once(tiny, sequences, monkeypatch):
    """In as many threads as the process has cores, or as joblib tells its worker that it has."""
    X, y = sequences
    served = to_onnx(tiny().fit(X, y))
    expected = served.predict_proba(X)
    monkeypatch.setattr(_keras_network, "_FEW_SEQUENCES", 5)
    monkeypatch.setattr(_keras_network, "_STEP_SIZE", 0)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    all_at_work, predict_part, callers = threading.Barrier(3), ONNXForward.__call__, []

    def wait_and_predict(forward, part):
        callers.append(threading.get_ident())
        if len(callers) <= 3:
            all_at_work.wait(timeout=600)
        return predict_part(forward, part)

    monkeypatch.setattr(ONNXForward, "__call__", wait_and_predict)
    np.testing.assert_allclose(served.predict_proba(X), expected, atol=1e-6)
    assert len(callers) == 12
    assert len(set(callers)) == 3


FORK = """
import os, pickle, signal, sys, warnings
import numpy as np
warnings.simplefilter("ignore")  # Python 3.12 warns of forks with threads
served, unused = (pickle.load(open("served", "rb")) for _ in range(2))
X = np.load("X.npy")
expected = served.predict_proba(X)
np.testing.assert_array_equal(unused.predict_proba(X), expected)
if not (child := os.fork()):
    signal.alarm(300)  # ends this process if it waits for ever
    np.testing.assert_array_equal(served.predict_proba(X), expected)
    del served  # which would wait for the threads of the process before the fork
    sys.exit()  # so would a thread of ONNX Runtime that reports to its maker
assert os.waitpid(child, 0)[1] == 0
np.testing.assert_array_equal(served.predict_proba(X), expected)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_forked_workers_predict(tiny, sequences, tmp_path, run_python):
    """A model that has predicted before the fork does so after it."""
    served = to_onnx(tiny().fit(*sequences))
    (tmp_path / "served").write_bytes(pickle.dumps(served))
    np.save(tmp_path / "X.npy", sequences[0])
    run_python(FORK, OMP_NUM_THREADS="2")


def test_what_cannot_be_converted_is_refused(tiny):
    """An estimator that is not fitted, or has no network."""
    with pytest.raises(NotFittedError):
        to_onnx(tiny())
    with pytest.raises(ValueError, match="LogisticRegression holds no fitted LSTMClassifier"):
        to_onnx(LogisticRegression().fit([[0], [1]], [0, 1]))
