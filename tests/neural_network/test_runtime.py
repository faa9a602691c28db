"""TensorFlow starts quietly, and on its share of the cores."""

import os
import pickle

import numpy as np
import pytest

FIT = """
import numpy as np
from sklearn_ecg.neural_network import LSTMClassifier
X, y = np.random.default_rng(0).normal(size=(8, 5)), np.tile([0, 1], 4)
LSTMClassifier(units=2, epochs=1).fit(X, y).predict(X)
"""


def test_nothing_is_printed(run_python):
    """Import, fit and predict, and not a line of TensorFlow's on either stream."""
    result = run_python(FIT)
    assert (result.stdout, result.stderr) == ("", "")


def test_nothing_is_printed_for_rows_of_different_lengths(run_python):
    """Nor does masking, which runs other operations, print a line."""
    result = run_python(
        FIT.replace("fit(X, y)", "fit([row[i % 3 :] for i, row in enumerate(X)], y)")
    )
    assert (result.stdout, result.stderr) == ("", "")


def test_what_others_print_meanwhile_is_passed_on(run_python):
    """Only known chatter is held back."""
    code = """
import os
from sklearn_ecg.neural_network._runtime import _without_chatter
with _without_chatter():
    os.write(2, b"I0000 1 port.cc:153] oneDNN custom operations are on. See ...\\n")
    os.write(2, b"disk on fire\\n")
"""
    assert run_python(code).stderr == "disk on fire\n"


def test_network_needs_no_temporary_files(run_python):
    """Nor a place for them, which a locked container does not have."""
    run_python('import tempfile; tempfile.tempdir = "/nowhere"\n' + FIT)


@pytest.fixture
def no_threads_set(monkeypatch):
    """Take what the user has set out of the environment: joblib and TensorFlow go by it."""
    for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("no_threads_set")
@pytest.mark.parametrize(
    ("environment", "threads"),
    [
        ({"OMP_NUM_THREADS": "1"}, "1 1"),
        ({"OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "2"}, "0 1"),
        ({"OMP_NUM_THREADS": ""}, "0 0"),
    ],
)
def test_tensorflow_keeps_to_its_share(run_python, environment, threads):
    """What joblib tells its workers counts; where the user has told TensorFlow, nothing is set."""
    code = (
        FIT
        + """
import tensorflow as tf
get = tf.config.threading
print(get.get_intra_op_parallelism_threads(), get.get_inter_op_parallelism_threads())
"""
    )
    assert run_python(code, **environment).stdout.strip() == threads


@pytest.mark.usefixtures("no_threads_set")
def test_workers_of_a_search_share_the_cores(run_python):
    """Two workers on two cores: one thread each, unless the user has set another number."""
    code = """
import joblib

def threads_of_worker():
    from sklearn_ecg.neural_network._runtime import start_tensorflow
    start_tensorflow()
    import tensorflow as tf
    return tf.config.threading.get_intra_op_parallelism_threads()

if __name__ == "__main__":
    share = max(joblib.cpu_count() // 2, 1)
    found = joblib.Parallel(n_jobs=2)(joblib.delayed(threads_of_worker)() for _ in range(2))
    print(found == [share, share], found)
"""
    assert run_python(code).stdout.startswith("True")


# Keras' global settings


@pytest.fixture
def keras_settings():
    """Change Keras' settings in this process, and set them back."""
    import keras

    config = keras.config
    before = config.dtype_policy(), config.floatx(), config.image_data_format()

    def change(policy="float32", floatx="float32", data_format="channels_last"):
        config.set_floatx(floatx)
        config.set_dtype_policy(policy)
        config.set_image_data_format(data_format)

    yield change
    change(*before)


SETTINGS = [
    {"policy": "mixed_float16"},
    {"policy": "mixed_bfloat16"},
    {"policy": "float64", "floatx": "float64"},
    {"floatx": "float16"},
    {"data_format": "channels_first"},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_a_network_obeys_none_of_keras_settings(sequences, tiny, keras_settings, settings):
    """Training, loading, predicting and going on give the same under any of them."""
    X, y = sequences
    classifier = tiny(conv_filters=3, dropout=0.1).fit(X, y)
    expected = classifier.predict_proba(X)
    saved = pickle.dumps(classifier)
    keras_settings(**settings)
    np.testing.assert_array_equal(pickle.loads(saved).predict_proba(X), expected)
    elsewhere = tiny(conv_filters=3, dropout=0.1).fit(X, y)
    np.testing.assert_array_equal(elsewhere.predict_proba(X), expected)
    saved_elsewhere = pickle.dumps(elsewhere)
    went_on = pickle.loads(saved).partial_fit(X, y).predict_proba(X)
    keras_settings()
    loaded = pickle.loads(saved_elsewhere)
    np.testing.assert_array_equal(loaded.predict_proba(X), expected)
    np.testing.assert_array_equal(loaded.partial_fit(X, y).predict_proba(X), went_on)


def test_keras_settings_are_left_as_they_are(sequences, tiny, keras_settings):
    """A fit changes nothing for the user's own networks."""
    import keras

    keras_settings("mixed_bfloat16", "float64", "channels_first")
    tiny(epochs=1).fit(*sequences)
    assert keras.config.dtype_policy().name == "mixed_bfloat16"
    assert keras.config.floatx() == "float64"
    assert keras.config.image_data_format() == "channels_first"


# Backends

TRY_TO_FIT = """
try:
    exec(sys.argv[1])
except RuntimeError as error:
    print(error)
"""


@pytest.mark.parametrize("backend", ["jax", "torch"])
@pytest.mark.parametrize("set_by", ["variable", "file"])
def test_another_backend_is_named_with_the_way_out(run_python, tmp_path, backend, set_by):
    """Whether it is installed or not, and wherever it is set."""
    environment = {"KERAS_BACKEND": backend}
    if set_by == "file":
        (tmp_path / "keras.json").write_text(f'{{"backend": "{backend}"}}')
        environment = {"KERAS_BACKEND": "", "KERAS_HOME": str(tmp_path)}
    result = run_python("import sys\n" + TRY_TO_FIT, FIT, **environment)
    assert f"Keras runs on {backend} in this process" in result.stdout
    assert "KERAS_BACKEND to tensorflow before anything imports Keras" in result.stdout
    assert result.stderr == ""


def test_a_backend_that_runs_already_is_named(run_python):
    """Keras was imported, with another backend, before the first fit."""
    code = """
import sys
import keras
keras.config.backend = lambda: "openvino"
"""
    assert "Keras runs on openvino" in run_python(code + TRY_TO_FIT, FIT).stdout


# Processes


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_is_refused_in_place_of_waiting_for_ever(run_python):
    """TensorFlow's threads are not in it; predicting, fitting and pickling would all hang."""
    code = (
        FIT.replace("LSTMClassifier(units=2", "fitted = LSTMClassifier(units=2").replace(
            ".predict(X)", ""
        )
        + """
import os, pickle, warnings
warnings.simplefilter("ignore")  # Python 3.12 warns of forks with threads
process = os.fork()
if process == 0:
    for use in (fitted.predict, pickle.dumps, lambda X: LSTMClassifier().fit(X, y)):
        try:
            use(fitted if use is pickle.dumps else X)
        except RuntimeError as error:
            print(error, flush=True)
    os._exit(0)
os.waitpid(process, 0)
"""
    )
    lines = run_python(code).stdout.splitlines()
    assert len(lines) == 3
    for line in lines:
        assert "forked from one in which TensorFlow had run" in line
        assert "loky" in line


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_predicts_by_onnx_runtime(run_python):
    """If the classifier has predicted before the fork; and it ends, in a pool and by itself."""
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    code = (
        FIT.replace("LSTMClassifier(units=2", "fitted = LSTMClassifier(units=2").replace(
            ".predict(X)", ""
        )
        + """
import multiprocessing, os, signal, sys, warnings
warnings.simplefilter("ignore")  # Python 3.12 warns of forks with threads
signal.alarm(300)  # ends this process, not its children
expected = fitted.predict_proba(X)

def is_equal(_):
    return np.array_equal(fitted.predict_proba(X), expected)

with multiprocessing.get_context("fork").Pool(2) as pool:
    print(pool.map(is_equal, range(2)), flush=True)  # or the child prints it too
if not (child := os.fork()):
    signal.alarm(300)
    sys.exit(not is_equal(None))
print(os.waitpid(child, 0)[1])
"""
    )
    assert run_python(code).stdout.splitlines() == ["[True, True]", "0"]


# Tricks that a release will let go


def test_tensorflow_still_chatters(run_python):
    """If this fails, nothing has to be held back from descriptor 2 any more."""
    code = "import tensorflow as tf; tf.transpose([[True]])"
    assert run_python(code, TF_CPP_MIN_LOG_LEVEL="3").stderr
