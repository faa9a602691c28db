"""Converters of Keras' layers, by name: each adds nodes to a graph and returns their output.

They are called as `convert(graph, layer, *inputs)`, and with `mask` if the layer takes one. A layer
of which ONNX lacks an option raises `Unsupported`.
"""

from functools import partial

import numpy as np

from sklearn_ecg.neural_network._layers import directions, stops_at_middle

_ACTIVATIONS = {
    "relu": "Relu",
    "tanh": "Tanh",
    "sigmoid": "Sigmoid",
    "hard_sigmoid": "HardSigmoid",
    "elu": "Elu",
    "softplus": "Softplus",
    "softsign": "Softsign",
}


class Unsupported(Exception):
    """ONNX lacks an option of a layer."""


def _require(condition, option):
    if not condition:
        raise Unsupported(option)


def _keep(graph, layer, x, mask=None):
    """Convert a layer that does nothing when it predicts."""
    return graph.add("Identity", x)


def _activate(graph, activation, x):
    name = activation.__name__
    if name == "linear":
        return x
    if name == "softmax":
        return graph.add("Softmax", x, axis=-1)
    if name in ("silu", "swish"):
        return graph.add("Mul", x, graph.add("Sigmoid", x))
    _require(name in _ACTIVATIONS, f"activation={name!r}")
    options = {"alpha": 1 / 6} if name == "hard_sigmoid" else {}
    return graph.add(_ACTIVATIONS[name], x, **options)


def _activation(graph, layer, x, mask=None):
    return _activate(graph, layer.activation, graph.add("Identity", x))


def _relu(graph, layer, x):
    plain = (layer.max_value, layer.negative_slope, layer.threshold) == (None, 0, 0)
    _require(plain, "other options than its defaults")
    return graph.add("Relu", x)


def _dense(graph, layer, x):
    return _multiply(graph, layer, x, _value(layer.kernel))


def _multiply(graph, layer, x, kernel):
    x = graph.add("MatMul", x, kernel)
    if layer.use_bias:
        x = graph.add("Add", x, _value(layer.bias))
    return _activate(graph, layer.activation, x)


def _conv1d(graph, layer, x):
    (size,), (step,), (spread,) = layer.kernel_size, layer.strides, layer.dilation_rate
    _require(layer.data_format == "channels_last", f"data_format={layer.data_format!r}")
    if (size, step, layer.groups) == (1, 1, 1):  # each step by itself
        return _multiply(graph, layer, x, _value(layer.kernel)[0])
    beyond = spread * (size - 1)
    if layer.padding == "same":
        _require(step == 1, 'strides and padding="same"')
        pads = [beyond // 2, beyond - beyond // 2]
    else:
        pads = [beyond if layer.padding == "causal" else 0, 0]
    kernel = _value(layer.kernel).transpose(2, 1, 0)
    bias = [_value(layer.bias)] if layer.use_bias else []
    channels_first = graph.add(
        "Conv",
        graph.add("Transpose", x, perm=[0, 2, 1]),
        np.ascontiguousarray(kernel),
        *bias,
        kernel_shape=[size],
        strides=[step],
        dilations=[spread],
        pads=pads,
        group=layer.groups,
    )
    return _activate(
        graph, layer.activation, graph.add("Transpose", channels_first, perm=[0, 2, 1])
    )


def _batch_normalization(graph, layer, x, mask=None):
    _require(layer.axis in (-1, x.n_axes - 1), f"axis={layer.axis}")
    mean, variance = (
        _value(part).astype(float) for part in (layer.moving_mean, layer.moving_variance)
    )
    scale = 1 / np.sqrt(variance + layer.epsilon)
    if layer.scale:
        scale *= _value(layer.gamma)
    shift = -mean * scale
    if layer.center:
        shift += _value(layer.beta)
    scaled = graph.add("Mul", x, scale.astype(np.float32))
    return graph.add("Add", scaled, shift.astype(np.float32))


def _layer_normalization(graph, layer, x):
    _require(np.ravel(layer.axis).tolist() in ([-1], [x.n_axes - 1]), f"axis={layer.axis}")
    _require(not getattr(layer, "rms_scaling", False), "rms_scaling=True")
    n_values = layer.gamma.shape[0] if layer.scale else layer.beta.shape[0]
    scale = _value(layer.gamma) if layer.scale else np.ones(n_values, dtype=np.float32)
    shift = [_value(layer.beta)] if layer.center else []
    return graph.add("LayerNormalization", x, scale, *shift, axis=-1, epsilon=layer.epsilon)


def _zero_padding(graph, layer, x):
    before, after = layer.padding
    return graph.add("Pad", x, np.array([0, before, 0, 0, after, 0]), np.float32(0))


def _pool(kind, graph, layer, x):
    _require(layer.padding == "valid", f"padding={layer.padding!r}")
    channels_first = graph.add("Transpose", x, perm=[0, 2, 1])
    pooled = graph.add(
        kind, channels_first, kernel_shape=list(layer.pool_size), strides=list(layer.strides)
    )
    return graph.add("Transpose", pooled, perm=[0, 2, 1])


def _mean_of_steps(graph, layer, x, mask=None):
    keepdims = int(layer.keepdims)
    if mask is None:
        return graph.add("ReduceMean", x, axes=[1], keepdims=keepdims)
    step, axis = graph.add("Unsqueeze", mask, np.array([2])), np.array([1])
    total = graph.add(
        "ReduceSum", graph.add("Where", step, x, np.float32(0)), axis, keepdims=keepdims
    )
    n_steps = graph.add("ReduceSum", graph.cast(step, "float32"), axis, keepdims=keepdims)
    return graph.add("Div", total, n_steps)


def _max_of_steps(graph, layer, x):
    return graph.add("ReduceMax", x, axes=[1], keepdims=int(layer.keepdims))


def _merge(kind, graph, layer, values):
    merged = values[0]
    for value in values[1:]:
        merged = graph.add(kind, merged, value)
    return merged


def _concatenate(graph, layer, values):
    return graph.add("Concat", *values, axis=layer.axis)


def _lstm_weights(layer):
    def reorder(weights):  # Keras: input, forget, candidate, output
        first, second, third, fourth = np.split(weights, 4, axis=-1)
        return np.concatenate([first, fourth, second, third], axis=-1)

    bias = _value(layer.cell.bias) if layer.use_bias else np.zeros(4 * layer.units, np.float32)
    kernels = (layer.cell.kernel, layer.cell.recurrent_kernel)
    return *(reorder(_value(kernel)) for kernel in kernels), reorder(bias), np.zeros_like(bias)


def _gru_weights(layer):
    input_bias = recurrent_bias = np.zeros(3 * layer.units, np.float32)
    if layer.use_bias and layer.reset_after:
        input_bias, recurrent_bias = _value(layer.cell.bias)
    elif layer.use_bias:
        input_bias = _value(layer.cell.bias)
    kernels = (layer.cell.kernel, layer.cell.recurrent_kernel)
    return *map(_value, kernels), input_bias, recurrent_bias


def _rnn_weights(layer):
    bias = _value(layer.cell.bias) if layer.use_bias else np.zeros(layer.units, np.float32)
    kernels = (layer.cell.kernel, layer.cell.recurrent_kernel)
    return *map(_value, kernels), bias, np.zeros_like(bias)


# Operator, weights in its order of gates, and how many times it takes the activation.
_RECURRENT = {
    "LSTM": ("LSTM", _lstm_weights, 2),
    "GRU": ("GRU", _gru_weights, 1),
    "SimpleRNN": ("RNN", _rnn_weights, 1),
}


def _recurrent(graph, layer, x, mask=None):
    _require(not layer.go_backwards, "go_backwards=True")
    return _read_steps(graph, [layer], "forward", x, mask)


def _bidirectional(graph, layer, x, mask=None):
    _require(layer.merge_mode == "concat", f"merge_mode={layer.merge_mode!r}")
    layers = directions(layer)
    _require([part.go_backwards for part in layers] == [False, True], "layers of other directions")
    return _read_steps(graph, layers, "bidirectional", x, mask)


def _read_steps(graph, layers, direction, x, mask):
    """Read the steps by one recurrent node for the layers of all directions."""
    if stops_at_middle(layers[0]):
        return _read_to_middle(graph, layers, x, mask)
    steps_first = graph.add("Transpose", x, perm=[1, 0, 2])
    n_steps = None if mask is None else _count_steps(graph, mask)
    steps, last = _recurrent_node(graph, layers, direction, steps_first, n_steps)
    n_units = len(layers) * layers[0].units
    if layers[0].return_sequences:  # from (steps, directions, sequences, units)
        steps = graph.add("Transpose", steps, perm=[2, 0, 1, 3])
        return graph.add("Reshape", steps, np.array([0, 0, n_units]))
    last = graph.add("Transpose", last, perm=[1, 0, 2])
    return graph.add("Reshape", last, np.array([0, n_units]))


def _read_to_middle(graph, layers, x, mask):
    """Read the steps up to the middle one from either end, and put out that one step.

    It stands for all steps, because what is put out for the others has no meaning. Steps are
    counted as by `steps_to_middle`, here in nodes of the graph.
    """
    steps_first = graph.add("Transpose", x, perm=[1, 0, 2])
    shape = graph.add("Shape", steps_first)
    all_steps, n_sequences = (graph.add("Gather", shape, np.array([axis])) for axis in (0, 1))
    if mask is None:
        n_steps = graph.add("Expand", all_steps, n_sequences)
    else:
        n_steps = _count_steps(graph, mask, "int64")
    half = graph.add("Div", n_steps, np.int64(2))
    middles = []
    for layer in layers:
        if layer.go_backwards:
            options = {"time_axis": 0, "batch_axis": 1}
            steps = graph.add("ReverseSequence", steps_first, n_steps, **options)
            n_wanted = graph.add("Sub", n_steps, half)
        else:
            steps, n_wanted = steps_first, graph.add("Add", half, np.int64(1))
        n_wanted = graph.cast(n_wanted, "int32")
        middles.append(_recurrent_node(graph, [layer], "forward", steps, n_wanted)[1])
    middle = graph.add("Concat", *middles, axis=2)  # (1, sequences, units)
    return graph.add("Transpose", middle, perm=[1, 0, 2])


def _recurrent_node(graph, layers, direction, steps, n_steps):
    """Add the node, which puts out each step and the state after the last one."""
    kind = type(layers[0]).__name__
    _require(kind in _RECURRENT, f"a layer of {kind}")
    _require(not (layers[0].return_state or layers[0].stateful), "states")
    operator, weights_of, n_activations = _RECURRENT[kind]
    weights = [weights_of(layer) for layer in layers]
    options = {"linear_before_reset": int(layers[0].reset_after)} if kind == "GRU" else {}
    return graph.add(
        operator,
        steps,
        np.stack([kernel.T for kernel, *_ in weights]),
        np.stack([recurrent_kernel.T for _, recurrent_kernel, *_ in weights]),
        np.stack([np.concatenate(biases) for _, _, *biases in weights]),
        n_steps,
        n_outputs=2,
        hidden_size=layers[0].units,
        direction=direction,
        activations=[name for layer in layers for name in _gates(layer, n_activations)],
        **options,
    )


def _count_steps(graph, mask, dtype="int32"):
    return graph.add("ReduceSum", graph.cast(mask, dtype), np.array([1]), keepdims=0)


def _gates(layer, n_activations):
    """Name the activations of a layer, that of its gates first if it has any."""
    parts = [layer.activation] * n_activations
    if hasattr(layer, "recurrent_activation"):
        parts.insert(0, layer.recurrent_activation)
    for part in parts:
        known = part.__name__ in ("tanh", "relu", "sigmoid")
        _require(known, f"activation={part.__name__!r}")
    return [_ACTIVATIONS[part.__name__] for part in parts]


def _value(variable):
    return np.asarray(variable.numpy())


LAYERS = {
    **dict.fromkeys(
        ["Dropout", "SpatialDropout1D", "GaussianNoise", "GaussianDropout", "Identity"], _keep
    ),
    "Activation": _activation,
    "ReLU": _relu,
    "Dense": _dense,
    "Conv1D": _conv1d,
    "BatchNormalization": _batch_normalization,
    "LayerNormalization": _layer_normalization,
    "ZeroPadding1D": _zero_padding,
    "MaxPooling1D": partial(_pool, "MaxPool"),
    "AveragePooling1D": partial(_pool, "AveragePool"),
    "GlobalAveragePooling1D": _mean_of_steps,
    "GlobalMaxPooling1D": _max_of_steps,
    "Add": partial(_merge, "Add"),
    "Multiply": partial(_merge, "Mul"),
    "Maximum": partial(_merge, "Max"),
    "Concatenate": _concatenate,
    **dict.fromkeys(["LSTM", "GRU", "SimpleRNN"], _recurrent),
    "Bidirectional": _bidirectional,
}
