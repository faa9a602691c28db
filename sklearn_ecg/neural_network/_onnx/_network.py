"""Turn a Keras network into an ONNX graph, node by node."""

from dataclasses import replace

import numpy as np

from sklearn_ecg.neural_network._forward import numbers_per_step
from sklearn_ecg.neural_network._onnx._forward import ONNXError, ONNXForward
from sklearn_ecg.neural_network._onnx._graph import Graph, Tensor
from sklearn_ecg.neural_network._onnx._layers import LAYERS, Unsupported
from sklearn_ecg.neural_network._onnx._operations import OPERATIONS

_TOLERANCE = 1e-4  # of logits; the nodes of all our own networks keep within 1e-5


def convert_network(network):
    """Turn a network into an ONNX model.

    Parameters
    ----------
    network : keras.Model
        A network that takes `(n_sequences, n_steps, n_inputs)`.

    Returns
    -------
    bytes
        The model, with one input, `sequences`, and one output, `logits`.

    Raises
    ------
    ONNXError
        If ONNX has nothing for a layer, or an option of it; the message names it.
    ImportError
        If onnx is not installed (extra `serve`).
    """
    graph = Graph()
    logits = _convert_nodes(graph, network, Tensor("sequences", "float32", 3))
    metadata = {"numbers_per_step": str(numbers_per_step(network))}
    return graph.finish(logits, network.input_shape[-1], metadata)


def check_equal(network, graph, masked):
    """Check that a graph predicts as its network does.

    A network of the user's own may rely on what was not converted.

    Parameters
    ----------
    network : keras.Model
        The network.
    graph : bytes
        The ONNX model.
    masked : bool
        Whether the last input says which steps are not padding.

    Raises
    ------
    ONNXError
        If ONNX Runtime cannot run it, or logits differ.
    """
    n_steps = np.array([40, 23, 7] if masked else [40, 40])
    is_step = (np.arange(n_steps.max()) < n_steps[:, None])[:, :, None]
    shape = (*is_step.shape[:2], network.input_shape[-1])
    sequences = np.random.default_rng(0).normal(size=shape) * is_step
    if masked:
        sequences[:, :, -1:] = is_step
    sequences = sequences.astype(np.float32)
    expected = network(sequences, training=False).numpy()
    forward = ONNXForward(graph)
    try:
        found = forward(sequences)
    except Exception as error:  # onnxruntime has a class for each kind
        raise ONNXError(
            "ONNX Runtime cannot run the converted network. A layer that is pooled at the middle "
            "puts out one step, which cannot be joined with all. Predict with Keras, or build the "
            "network of other layers."
        ) from error
    if not np.allclose(found, expected, rtol=_TOLERANCE, atol=_TOLERANCE):
        raise ONNXError(
            "The converted network predicts otherwise than Keras: logits differ by up to "
            f"{np.abs(found - expected).max():.2g}. Predict with Keras, or build the network of "
            "other layers."
        )


def _convert_nodes(graph, network, x):
    """Add a network, or one within it, to the graph, and return its output."""
    tensors = {}
    # The way in which Keras itself runs a network: its own public names do not show the arguments.
    depths = sorted(network._nodes_by_depth, reverse=True)
    for node in (node for depth in depths for node in network._nodes_by_depth[depth]):
        if len(node.outputs) > 1:
            raise ONNXError(
                f"to_onnx cannot convert the layer {node.operation.name}, which has several "
                "outputs: predict with Keras, or build the network of other layers."
            )
        (output,) = node.outputs
        if node.is_input:
            tensors[id(output)] = x
            continue
        arguments, options = node.arguments.fill_in(tensors)
        tensors[id(output)] = _convert_node(graph, node, arguments, options)
    (output,) = network.outputs
    return tensors[id(output)]


def _convert_node(graph, node, arguments, options):
    """Add a layer or an operation to the graph, and return its output."""
    operation, output = node.operation, node.outputs[0]
    within = getattr(operation, "_functional", operation)  # which a Sequential holds
    if len(getattr(within, "inputs", ())) == len(getattr(within, "outputs", ())) == 1:
        x = arguments[0]  # of a network, such as a saved one
        return _convert_nodes(graph, within, replace(x, mask=options.get("mask") or x.mask))
    kind, module = type(operation).__name__, type(operation).__module__
    is_layer = not module.startswith("keras.src.ops.")
    converters = LAYERS if is_layer else OPERATIONS
    # A layer of a user's own may bear the name of one of Keras.
    if not module.startswith("keras.src.") or kind not in converters:
        raise ONNXError(
            f"to_onnx cannot convert the layer {kind} ({operation.name}): predict with Keras, or "
            "build the network of other layers."
        )
    mask = None
    if is_layer:
        options.pop("training", None)
        mask = options.pop("mask", None) or getattr(arguments[0], "mask", None)
        if operation._call_has_mask_arg:
            options["mask"] = mask
    else:
        options["dtype"] = output.dtype
    try:
        name = converters[kind](graph, operation, *arguments, **options)
    except Unsupported as error:
        raise ONNXError(
            f"to_onnx cannot convert the layer {kind} ({operation.name}) with {error}: predict "
            "with Keras, or build the network of other layers."
        ) from None
    # As Keras hands a mask on from layer to layer.
    keeps_mask = is_layer and operation.supports_masking and len(output.shape) == 3
    return Tensor(name, output.dtype, len(output.shape), mask if keeps_mask else None)
