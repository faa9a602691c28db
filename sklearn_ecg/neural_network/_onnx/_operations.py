"""Converters of Keras' operations, by name: each adds nodes to a graph and returns their output.

They are called as `convert(graph, operation, *arguments, dtype)`, with the arguments of the
operation, and the type of its result.
"""

from functools import partial

import numpy as np

from sklearn_ecg.neural_network._onnx._graph import Tensor

_LAST = np.iinfo(np.int64).max


def _elementwise(kind, graph, operation, *values, dtype):
    """Compute in the type of the result."""
    return graph.add(kind, *(graph.of_type(value, dtype) for value in values))


def _compare(kind, graph, operation, *values, dtype):
    """Compare in the type of the first tensor, and return bool."""
    common = next(value.dtype for value in values if isinstance(value, Tensor))
    return graph.add(kind, *(graph.of_type(value, common) for value in values))


def _where(graph, operation, condition, x1, x2, dtype):
    return graph.add(
        "Where",
        graph.of_type(condition, "bool"),
        graph.of_type(x1, dtype),
        graph.of_type(x2, dtype),
    )


def _floor_divide(graph, operation, x1, x2, dtype):
    quotient = _elementwise("Div", graph, operation, x1, x2, dtype=dtype)
    # Of whole numbers, which are counts of steps and so not negative, it is floored already.
    return graph.add("Floor", quotient) if dtype == "float32" else quotient


def _cast(graph, operation, x, dtype):
    return graph.cast(x, dtype)


def _cumsum(graph, operation, x, dtype):
    return graph.add("CumSum", graph.of_type(x, dtype), np.int64(operation.axis))


def _reduce(kind, graph, operation, x, dtype):
    axes = np.ravel(range(x.n_axes) if operation.axis is None else operation.axis).astype(np.int64)
    x, keepdims = graph.of_type(x, dtype), int(operation.keepdims)
    if kind == "ReduceSum":  # the first reduction of which ONNX made the axes an input
        return graph.add(kind, x, axes, keepdims=keepdims)
    return graph.add(kind, x, axes=axes.tolist(), keepdims=keepdims)


def _fill(value, graph, operation, x, dtype):
    return graph.like(x, np.array([value], dtype=dtype))


def _concatenate(graph, operation, values, dtype):
    values = [graph.of_type(value, dtype) for value in values]
    return graph.add("Concat", *values, axis=operation.axis)


def _softmax(graph, operation, x, dtype):
    return graph.add("Softmax", x, axis=operation.axis)


def _expand_dims(graph, operation, x, dtype):
    return graph.add("Unsqueeze", x, np.ravel(operation.axis).astype(np.int64))


def _get_item(graph, operation, x, index, dtype):
    index = index if isinstance(index, tuple) else (index,)
    if Ellipsis in index:
        at = index.index(Ellipsis)
        n_left_out = x.n_axes - sum(part is not None for part in index) + 1
        index = (*index[:at], *[slice(None)] * n_left_out, *index[at + 1 :])
    axis, bounds, dropped, added = 0, [], [], []
    for position, part in enumerate(index):
        if part is None:
            added.append(position - len(dropped))
            continue
        if isinstance(part, slice):
            if part != slice(None):
                step = part.step or 1
                first, last = (0, _LAST) if step > 0 else (_LAST, -_LAST)
                bounds.append(
                    (
                        first if part.start is None else part.start,
                        last if part.stop is None else part.stop,
                        axis,
                        step,
                    )
                )
        else:
            bounds.append((part, _LAST if part == -1 else part + 1, axis, 1))
            dropped.append(axis)
        axis += 1
    if bounds:
        x = graph.add(
            "Slice", x, *(np.array(part, dtype=np.int64) for part in zip(*bounds, strict=True))
        )
    if dropped:
        x = graph.add("Squeeze", x, np.array(dropped))
    if added:
        x = graph.add("Unsqueeze", x, np.array(added))
    return x if bounds or added else graph.add("Identity", x)


OPERATIONS = {
    "Add": partial(_elementwise, "Add"),
    "Subtract": partial(_elementwise, "Sub"),
    "Multiply": partial(_elementwise, "Mul"),
    "Divide": partial(_elementwise, "Div"),
    "TrueDivide": partial(_elementwise, "Div"),
    "Maximum": partial(_elementwise, "Max"),
    "Minimum": partial(_elementwise, "Min"),
    "Relu": partial(_elementwise, "Relu"),
    "Tanh": partial(_elementwise, "Tanh"),
    "Sigmoid": partial(_elementwise, "Sigmoid"),
    "Exp": partial(_elementwise, "Exp"),
    "Log": partial(_elementwise, "Log"),
    "Sqrt": partial(_elementwise, "Sqrt"),
    "Absolute": partial(_elementwise, "Abs"),
    "Negative": partial(_elementwise, "Neg"),
    "LogicalAnd": partial(_elementwise, "And"),
    "LogicalOr": partial(_elementwise, "Or"),
    "LogicalNot": partial(_elementwise, "Not"),
    "Equal": partial(_compare, "Equal"),
    "Greater": partial(_compare, "Greater"),
    "GreaterEqual": partial(_compare, "GreaterOrEqual"),
    "Less": partial(_compare, "Less"),
    "LessEqual": partial(_compare, "LessOrEqual"),
    "Sum": partial(_reduce, "ReduceSum"),
    "Mean": partial(_reduce, "ReduceMean"),
    "Max": partial(_reduce, "ReduceMax"),
    "OnesLike": partial(_fill, 1),
    "ZerosLike": partial(_fill, 0),
    "Where": _where,
    "FloorDivide": _floor_divide,
    "Cast": _cast,
    "Cumsum": _cumsum,
    "Concatenate": _concatenate,
    "Softmax": _softmax,
    "ExpandDims": _expand_dims,
    "GetItem": _get_item,
}
