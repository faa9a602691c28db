"""Read arrays from MATLAB files of version 4 to 7; those of version 7.3 are HDF5."""

import io
import struct
import zlib

import numpy as np

from sklearn_ecg.datasets._files._arrays import (
    FS_NAMES,
    LEAD_NAMES,
    MAX_ARRAYS,
    UNIT_NAMES,
    array_channels,
    choose_array,
    is_signal,
)
from sklearn_ecg.datasets._files._contents import Contents, ECGFormatError, check_n_values

_HEAD_BYTES = 128
_MAX_TEXT_LENGTH = 2**12
_COMPRESSED = 15  # the type of an element that zlib has packed
# What whosmat calls the classes of numbers, and NumPy's kinds of them.
_KINDS = {"single": "f", "double": "f"} | {f"int{bits}": "i" for bits in (8, 16, 32, 64)}
_KINDS |= {f"uint{bits}": "u" for bits in (8, 16, 32, 64)}


def matches(head, path):
    """Check whether a file begins as MATLAB's do; version 4 has no mark but the suffix."""
    if head[:6] == b"MATLAB":
        return head[124:128] in (b"\x00\x01IM", b"\x01\x00MI")
    if path.suffix.lower() != ".mat" or len(head) < 20:
        return False
    kind, n_rows, n_columns, is_complex, name_length = struct.unpack("<5i", head[:20])
    is_plausible = 0 <= kind <= 52 and is_complex in (0, 1) and 0 < name_length <= 64
    return is_plausible and min(n_rows, n_columns) > 0


def read(path, options):
    """Read the signal, and variables named `fs`, `unit` and `lead_names` where they are there."""
    import scipy.io

    content = path.read_bytes()
    if content[:6] == b"MATLAB":
        content = _unpack(content)
    # Only variables of numbers and letters are ever read: no structures, cells or objects.
    found = scipy.io.whosmat(io.BytesIO(content))
    if len(found) > MAX_ARRAYS:
        raise ECGFormatError(f"holds more than {MAX_ARRAYS} arrays")
    shapes = {
        name: shape
        for name, shape, kind in found
        if is_signal(_KINDS.get(kind, "V"), shape) and name.casefold() not in FS_NAMES
    }
    chosen = choose_array(shapes, options.array)
    check_n_values(_n_values(shapes[chosen]), len(content))
    small = {name: kind for name, shape, kind in found if _n_values(shape) <= _MAX_TEXT_LENGTH}
    texts = [name for name, kind in small.items() if kind == "char"]
    numbers = [name for name, kind in small.items() if kind in _KINDS and name != chosen]
    said = {
        "fs": next((name for name in numbers if name.casefold() in FS_NAMES), None),
        "unit": next((name for name in texts if name.casefold() in UNIT_NAMES), None),
        "lead_names": next((name for name in texts if name.casefold() in LEAD_NAMES), None),
    }
    wanted = [chosen, *(texts if options.keeps_metadata else ()), *filter(None, said.values())]
    variables = scipy.io.loadmat(io.BytesIO(content), variable_names=wanted, squeeze_me=True)
    fs, unit, lead_names = (
        None if name is None else np.atleast_1d(variables[name]) for name in said.values()
    )
    channels = array_channels(
        variables[chosen],
        options,
        fs=None if fs is None else float(fs.item()),
        unit=None if unit is None else str(unit.item()),
        lead_names=None if lead_names is None else [str(name).strip() for name in lead_names],
    )
    metadata = {}
    if options.keeps_metadata:
        metadata = {name: np.atleast_1d(variables[name]).tolist() for name in texts}
    return Contents(channels, metadata=metadata)


def _n_values(shape):
    return int(np.prod(shape, dtype=object))


def _unpack(content):
    """Unpack what is compressed, within the limits of a signal, before SciPy reads it.

    SciPy would take for each packed variable as much memory as the file says.
    """
    order = "<" if content[126:128] == b"IM" else ">"
    parts, start = [content[:_HEAD_BYTES]], _HEAD_BYTES
    n_bytes = 0
    while start + 8 <= len(content):
        kind, length = struct.unpack_from(f"{order}2I", content, start)
        stop = start + 8 + length
        if kind == _COMPRESSED:
            n_left = 8 * max(2**24, 16 * len(content)) - n_bytes
            unpacker = zlib.decompressobj()
            part = unpacker.decompress(content[start + 8 : stop], n_left)
            if unpacker.unconsumed_tail:
                raise ECGFormatError("unfolds to too many values for its size")
            n_bytes += len(part)
        else:
            # Elements that are not packed are filled up to whole words of 8 bytes.
            stop = stop if length % 8 == 0 else stop + 8 - length % 8
            part = content[start:stop]
        parts.append(part)
        start = stop
    return b"".join(parts)
