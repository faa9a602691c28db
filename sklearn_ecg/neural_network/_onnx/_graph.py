"""An ONNX graph that is built node by node."""

from dataclasses import dataclass

import numpy as np

from sklearn_ecg.utils._extras import import_extra

# The last version in which the axes of all reductions but the sum are attributes: older runtimes
# read it too.
_OPSET, _IR_VERSION = 17, 8
_ONNX_TYPES = {"float32": "FLOAT", "int32": "INT32", "int64": "INT64", "bool": "BOOL"}


@dataclass(frozen=True, eq=False)
class Tensor:
    """A tensor of the graph.

    Parameters
    ----------
    name : str
        Its name in the graph.
    dtype : str
        Its type, as NumPy names it.
    n_axes : int
        Number of its axes.
    mask : Tensor, default=None
        False for padding, where Keras hands a mask on from layer to layer.
    """

    name: str
    dtype: str
    n_axes: int
    mask: "Tensor | None" = None


class Graph:
    """An ONNX graph that grows by one node at a time."""

    def __init__(self):
        self._onnx = import_extra("onnx", extra="serve")
        self._nodes, self._constants = [], []

    def add(self, kind, *inputs, n_outputs=1, **attributes):
        """Add a node.

        Parameters
        ----------
        kind : str
            ONNX operator.
        *inputs : Tensor, str, ndarray or None
            Its inputs; an array becomes a constant, and None is left out.
        n_outputs : int, default=1
            Number of its outputs.
        **attributes : dict
            Its attributes.

        Returns
        -------
        str or list of str
            The names of the outputs.
        """
        names = [self._name(value) for value in inputs]
        outputs = [f"{kind}_{len(self._nodes)}_{i}" for i in range(n_outputs)]
        self._nodes.append(self._onnx.helper.make_node(kind, names, outputs, **attributes))
        return outputs[0] if n_outputs == 1 else outputs

    def cast(self, tensor, dtype):
        """Add a node that changes the type of a tensor.

        Parameters
        ----------
        tensor : Tensor or str
            The tensor.
        dtype : str
            Its new type.

        Returns
        -------
        str
            The name of the result.
        """
        to = getattr(self._onnx.TensorProto, _ONNX_TYPES[dtype])
        return self.add("Cast", tensor, to=to)

    def of_type(self, value, dtype):
        """Convert a tensor or a number to a type.

        Parameters
        ----------
        value : Tensor or number
            The value.
        dtype : str
            The type.

        Returns
        -------
        Tensor, str or ndarray
            An input of a node.
        """
        if not isinstance(value, Tensor):
            return np.asarray(value, dtype=dtype)
        return value if value.dtype == dtype else self.cast(value, dtype)

    def like(self, tensor, value):
        """Add a node that fills the shape of a tensor with one value.

        Parameters
        ----------
        tensor : Tensor
            The tensor.
        value : ndarray of shape (1,)
            The value.

        Returns
        -------
        str
            The name of the result.
        """
        shape = self.add("Shape", tensor)
        return self.add("ConstantOfShape", shape, value=self._onnx.numpy_helper.from_array(value))

    def finish(self, output, n_inputs, metadata):
        """Make a model of the graph.

        Parameters
        ----------
        output : Tensor
            Its output, of shape (n_sequences, n_outputs).
        n_inputs : int
            Number of the last axis of its input, `sequences`.
        metadata : dict of str to str
            Facts to keep with it.

        Returns
        -------
        bytes
            The model.
        """
        helper, floats = self._onnx.helper, self._onnx.TensorProto.FLOAT
        self._nodes.append(helper.make_node("Identity", [output.name], ["logits"]))
        graph = helper.make_graph(
            self._nodes,
            "network",
            [helper.make_tensor_value_info("sequences", floats, ["sequence", "step", n_inputs])],
            [helper.make_tensor_value_info("logits", floats, ["sequence", None])],
            self._constants,
        )
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", _OPSET)],
            ir_version=_IR_VERSION,
            producer_name="sklearn-ecg",
        )
        helper.set_model_props(model, metadata)
        self._onnx.checker.check_model(model)
        return model.SerializeToString()

    def _name(self, value):
        if value is None:
            return ""
        if isinstance(value, np.ndarray | np.generic):
            name = f"constant_{len(self._constants)}"
            self._constants.append(self._onnx.numpy_helper.from_array(np.asarray(value), name))
            return name
        return value.name if isinstance(value, Tensor) else value
