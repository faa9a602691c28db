"""Fixtures that several rooms share."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sklearn_ecg.datasets import make_ecg_classification
from sklearn_ecg.neural_network import LSTMClassifier


@pytest.fixture(autouse=True)
def no_figure_stays():
    """Close what a test has drawn, because the 21st open figure makes Matplotlib warn."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.fixture(scope="session")
def data_home():
    """Folder with real recordings; tests that need it skip where it is absent."""
    default = Path(__file__).parents[1] / ".." / "shared" / "data"
    folder = Path(os.environ.get("SKLEARN_ECG_DATA", default))
    if not (folder / "mitdb").is_dir():
        pytest.skip(
            "no real recordings: set SKLEARN_ECG_DATA to a folder with mitdb/ and cinc2017/"
        )
    return folder


@pytest.fixture(scope="session")
def strips():
    """Sixty synthetic strips of six patients: X, y, groups."""
    X, y, groups = make_ecg_classification(60, n_patients=6, duration_s=2, random_state=0)
    for array in (X, y, groups):
        array.setflags(write=False)  # shared by tests, so none may write into them
    return X, y, groups


@pytest.fixture(scope="session")
def sequences():
    """Sequences that a tiny LSTM learns at once: the class is the sign of the first feature."""
    rng = np.random.RandomState(0)
    y = np.tile([0, 1], 30)
    X = rng.normal(0, 0.5, size=(60, 6, 2)).astype(np.float32)
    X[:, :, 0] += 2 * y[:, None] - 1
    for array in (X, y):
        array.setflags(write=False)
    return X, y


@pytest.fixture
def tiny():
    """Make a classifier that trains in a moment, with any other parameters."""

    def make(**parameters):
        defaults = {"units": 4, "epochs": 2, "learning_rate": 0.05, "random_state": 0}
        return LSTMClassifier(**(defaults | parameters))

    return make


@pytest.fixture
def make_pipe():
    """Make a pipe of a name, where the system has such."""
    if not hasattr(os, "mkfifo"):
        pytest.skip("pipes have no names in folders here")
    return os.mkfifo


@pytest.fixture
def run_python(tmp_path):
    """Run code in a fresh process and return what it printed to both streams."""

    def run(code, *arguments, **environment):
        return subprocess.run(
            [sys.executable, "-W", "error", "-c", code, *map(str, arguments)],
            cwd=tmp_path,
            env=os.environ | environment,
            capture_output=True,
            text=True,
            check=True,
        )

    return run
