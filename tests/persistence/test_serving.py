"""Models that serve in a process without TensorFlow, Keras and SciKeras."""

import pickle

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline

from sklearn_ecg.persistence import save, to_onnx
from sklearn_ecg.preprocessing import MaxNormalizer, Reshaper, Segmenter

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

# As if they were not installed.
WITHOUT = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("tensorflow", "keras", "scikeras", "onnx"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
"""
SERVE = (
    WITHOUT
    + """
import numpy as np
from sklearn_ecg.persistence import load
model = load("model.skecg")
np.save("found.npy", model.predict_proba(np.load("X.npy")))
"""
)
SHIPPED = (
    WITHOUT
    + """
from sklearn_ecg import make_ecg
from sklearn_ecg.pretrained import load_pretrained
record = make_ecg(30, fs=250, premature={"V": 0.2}, leads=["II"], random_state=0)
print(*sorted(set(load_pretrained("beats-10s").predict([record])[0])))
print(*load_pretrained("rhythm-30s").predict([record]))
"""
)
UNCONVERTED = (
    WITHOUT
    + """
import pickle
import numpy as np
try:
    pickle.load(open("model", "rb")).predict(np.zeros((1, 6, 2)))
except ImportError as error:
    print(error)
"""
)


def test_pipeline_serves_without_tensorflow(tiny, strips, tmp_path, run_python):
    """A file of a pipeline with bags, loaded and used in a process of its own."""
    X, y, _ = strips
    pipeline = make_pipeline(
        Segmenter(60, tail="pad"), MaxNormalizer(), Reshaper(10), tiny(epochs=1)
    ).fit(X, y)
    save(to_onnx(pipeline), tmp_path / "model.skecg")
    np.save(tmp_path / "X.npy", X)
    assert run_python(SERVE).stderr == ""
    found = np.load(tmp_path / "found.npy")
    np.testing.assert_allclose(found, pipeline.predict_proba(X), atol=1e-5)


def test_shipped_models_serve_without_tensorflow(run_python, tmp_path, monkeypatch):
    """From a recording to the classes of its beats, and to its rhythm.

    ONNX Runtime, which would report on it, keeps no identifier of the machine.
    """
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY", raising=False)
    home = tmp_path / "home"
    home.mkdir()
    assert run_python(SHIPPED, HOME=str(home), XDG_CACHE_HOME=str(home)).stdout == "N V\nO\n"
    assert not list(home.rglob(".onnxruntime"))


def test_model_that_was_not_converted_says_what_it_needs(tiny, sequences, tmp_path, run_python):
    """TensorFlow, or conversion."""
    (tmp_path / "model").write_bytes(pickle.dumps(tiny(epochs=1).fit(*sequences)))
    message = run_python(UNCONVERTED).stdout
    assert "needs TensorFlow" in message
    assert "to_onnx" in message
