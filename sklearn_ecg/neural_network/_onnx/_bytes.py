"""Check the bytes of an ONNX model without the package onnx, which a service does not have."""

# What a message of ONNX's protocol buffers may consist of: the numbers of its fields, each with the
# kind of message in it, or None for a plain value. `to_onnx` writes no others. So nothing is left
# that reads other files (external data), runs without an end (bodies of loops) or is not ONNX's own
# (domains of nodes, functions).
_FIELDS = {
    "model": {1: None, 2: None, 7: "graph", 8: "operator set", 14: None},
    "operator set": {1: None, 2: None},
    "graph": {1: "node", 2: None, 5: "tensor", 11: None, 12: None},
    "node": {1: None, 2: None, 3: None, 4: None, 5: "attribute"},
    "attribute": {5: "tensor"} | dict.fromkeys([1, 2, 3, 4, 7, 8, 9, 20]),
    "tensor": {1: None, 2: None, 8: None, 9: None},
}
_VARINT, _EIGHT_BYTES, _SIZED, _FOUR_BYTES = 0, 1, 2, 5  # how the value of a field is written


def check_onnx_bytes(data):
    """Check that an ONNX model computes, and does nothing else.

    Parameters
    ----------
    data : bytes
        The model.

    Raises
    ------
    ValueError
        If it is damaged, or has a part that `sklearn_ecg.persistence.to_onnx` never writes.
    """
    messages = [("model", memoryview(data))]
    while messages:
        kind, message = messages.pop()
        for number, value in _split(message):
            if number not in _FIELDS[kind]:
                raise ValueError(
                    f"The ONNX graph has a part that to_onnx never writes (field {number} of a "
                    f"{kind}). Convert the trained network anew."
                )
            if (inner := _FIELDS[kind][number]) is not None:
                if not isinstance(value, memoryview):
                    raise _damaged()
                messages.append((inner, value))


def _split(message):
    """Yield the number and the value of each field of a message."""
    position = 0
    while position < len(message):
        tag, position = _read_varint(message, position)
        number, form = divmod(tag, 8)
        if form == _VARINT:
            value, position = _read_varint(message, position)
        else:
            if form == _SIZED:
                size, position = _read_varint(message, position)
            elif form in (_EIGHT_BYTES, _FOUR_BYTES):
                size = 8 if form == _EIGHT_BYTES else 4
            else:
                raise _damaged()
            value = message[position : position + size]
            position += size
        if position > len(message):
            raise _damaged()
        yield number, value


def _read_varint(message, position):
    """Read an integer, of seven bits in each byte, and the position after it."""
    value = 0
    for shift in range(0, 70, 7):
        if position >= len(message):
            break
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    raise _damaged()


def _damaged():
    return ValueError("The ONNX graph is damaged. Convert the trained network anew.")
