"""TensorFlow starts quietly, and on its share of the cores."""

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


def test_workers_of_a_search_share_the_cores(run_python):
    """Two workers on two cores: one thread each."""
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
