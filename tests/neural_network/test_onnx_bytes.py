"""Bytes of ONNX models: those that do more than compute are refused."""

from copy import deepcopy

import numpy as np
import pytest

from sklearn_ecg.neural_network import LSTMClassifier
from sklearn_ecg.neural_network._onnx._bytes import check_onnx_bytes
from sklearn_ecg.neural_network._onnx._forward import ONNXForward
from sklearn_ecg.persistence import ModelFileError, load, save, to_onnx

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")


@pytest.fixture(scope="module")
def served(sequences):
    return to_onnx(LSTMClassifier(units=2, epochs=1, random_state=0).fit(*sequences))


def read_another_file(model):
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")


def loop(model):
    node = model.graph.node.add(op_type="Loop", input=["", ""], output=["never"])
    node.attribute.add(name="body", type=onnx.AttributeProto.GRAPH).g.name = "body"


def call_a_custom_operator(model):
    model.graph.node.add(op_type="Run", domain="of.an.attacker", output=["done"])


def define_a_function(model):
    model.functions.add(name="Relu", domain="of.an.attacker")


@pytest.mark.parametrize(
    "plant", [read_another_file, loop, call_a_custom_operator, define_a_function]
)
def test_graph_that_does_more_than_compute_is_refused(plant, served, tmp_path):
    """As bytes, and in a file with the digest that belongs to it."""
    model = onnx.load_from_string(served.network_.graph)
    plant(model)
    with pytest.raises(ValueError, match="has a part that to_onnx never writes"):
        check_onnx_bytes(model.SerializeToString())
    planted = deepcopy(served)
    planted.network_.graph = model.SerializeToString()
    save(planted, tmp_path / "planted.skecg")
    with pytest.raises(ModelFileError, match="damaged or holds no model"):
        load(tmp_path / "planted.skecg")


def test_format_of_onnx_runtime_itself_is_refused(served, tmp_path):
    """A file may be of both formats, as its mark may stand within a text of ONNX."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "graph.ort")
    options.add_session_config_entry("session.save_model_format", "ORT")
    options.log_severity_level = 4
    onnxruntime.InferenceSession(served.network_.graph, options, providers=["CPUExecutionProvider"])
    graph = (tmp_path / "graph.ort").read_bytes()
    onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])  # which takes it
    with pytest.raises(ValueError, match="cannot open the graph"):
        ONNXForward(graph)


def test_damaged_graph_is_refused(served):
    """Cut anywhere, it is damaged, or ONNX Runtime cannot open it."""

    def open_graph(graph):
        check_onnx_bytes(graph)
        ONNXForward(graph)

    graph = served.network_.graph
    for length in np.random.default_rng(0).integers(1, len(graph), size=50):
        with pytest.raises(ValueError, match=r"is damaged|cannot open the graph"):
            open_graph(graph[:length])
