"""Read arrays from MATLAB files of version 4 to 7; those of version 7.3 are HDF5.

The variables are parsed here and not by scipy.io: damaged files crash its compiled parser, and a
packed one may unfold to any size. Numbers and texts are read, also as fields of a single structure,
such as `ECG/data`; cells and objects are not.
The formats are those of MathWorks' "MAT-File Format", 2019.
"""

import math
import struct
import zlib
from collections.abc import Callable
from itertools import takewhile
from typing import NamedTuple

import numpy as np

from sklearn_ecg.datasets._files._arrays import (
    array_channels,
    arrays_of_times,
    check_n_arrays,
    choose_array,
    is_signal,
    note_of_gain,
    note_of_times,
)
from sklearn_ecg.datasets._files._contents import Contents, ECGFormatError, check_n_values
from sklearn_ecg.datasets._files._names import FS_NAMES, GAIN_NAMES, LEAD_NAMES, UNIT_NAMES

_HEAD_BYTES = 128
_MAX_TEXT_LENGTH = 2**12
_MATRIX, _PACKED = 14, 15  # types of elements of version 5
_TYPES = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8"}
_UTF8, _UTF32 = 16, 18
_TYPES |= {13: "u8", _UTF8: "u1", 17: "u2", _UTF32: "u4"}
_STRUCTURE, _TEXT, _NUMBERS = 2, 4, range(6, 16)  # classes of arrays
_MAX_DEPTH = 3  # structures in structures, each of which is a copy of its bytes
_IS_COMPLEX = 0x0800
_TYPES_OF_4 = ("f8", "f4", "i4", "i2", "u2", "u1")


class _Variable(NamedTuple):
    name: str
    is_text: bool
    shape: tuple[int, ...]
    values: Callable[[], np.ndarray]


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
    content = path.read_bytes()
    read_variables = _variables_of_5 if content[:6] == b"MATLAB" else _variables_of_4
    variables = {}
    for variable in read_variables(content):
        variables[variable.name] = variable
        check_n_arrays(len(variables))
    shapes = {
        name: variable.shape
        for name, variable in variables.items()
        if not variable.is_text
        and is_signal("f", variable.shape)
        and _last_part(name) not in FS_NAMES
    }
    if variables.keys() >= {"datastart", "dataend"}:
        raise ECGFormatError(
            "is a MATLAB file of LabChart, where one channel follows the other: export text or EDF"
        )
    # A field of a structure may be the signal where no array of its own may be.
    outside = {name: shape for name, shape in shapes.items() if "/" not in name}
    chosen = choose_array(outside or shapes, options.array)
    texts = {
        name: _lines(variable.values())
        for name, variable in variables.items()
        if variable.is_text and 0 < math.prod(variable.shape) <= _MAX_TEXT_LENGTH
    }
    numbers = {
        name: variable.values().item()
        for name, variable in variables.items()
        if not variable.is_text and math.prod(variable.shape) == 1
    }
    others = [name for name in shapes if name != chosen]
    signal = variables[chosen].values()
    channels = array_channels(
        signal,
        options,
        fs=_nearest(numbers, FS_NAMES, chosen, others),
        unit=_nearest(texts, UNIT_NAMES, chosen, others),
        lead_names=_nearest(texts, LEAD_NAMES, chosen, others),
    )
    times = arrays_of_times(shapes, chosen)
    note = note_of_times(variables[name].values() for name in times)
    note = note or note_of_gain(signal, _nearest(numbers, GAIN_NAMES, chosen, others))
    return Contents(channels, metadata=texts if options.keeps_metadata else {}, note=note)


def _nearest(facts, names, chosen, others):
    """Return the fact of one of these names that is nearest to the chosen array, or None.

    What stands in a structure with other arrays is about them: the rate of an accelerometer is not
    that of the leads.
    """
    found = {}
    own = chosen.split("/")[:-1]
    for path, value in facts.items():
        *structures, name = path.split("/")
        if name.casefold() in names:
            pairs = zip(structures, own, strict=False)
            n_shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
            apart = "/".join(structures[: n_shared + 1]) + "/"
            if len(structures) == n_shared or not any(o.startswith(apart) for o in others):
                found.setdefault(n_shared, value)
    return found[max(found)] if found else None


def _last_part(name):
    return name.rpartition("/")[2].casefold()


def _lines(codes):
    return ["".join(chr(int(code)) for code in line).strip("\x00 ") for line in codes]


def _variables_of_4(content):
    """Yield the variables of version 4: a header, a name, and the numbers."""
    start = 0
    while start + 20 <= len(content):
        kind, n_rows, n_columns, is_complex, name_length = struct.unpack_from("<5i", content, start)
        type_, what = divmod(kind, 10)
        if min(n_rows, n_columns, name_length) < 0 or type_ >= len(_TYPES_OF_4):
            raise ECGFormatError("is of MATLAB's version 4 and contradicts itself")
        dtype = np.dtype(f"<{_TYPES_OF_4[type_]}")
        name = content[start + 20 : start + 20 + name_length]
        first = start + 20 + name_length
        data = content[first : first + n_rows * n_columns * dtype.itemsize]
        if what <= 1 and not is_complex:
            name = name.rstrip(b"\x00").decode("latin-1")
            yield _variable(name, what == 1, (n_rows, n_columns), data, dtype)
        start = first + (2 if is_complex else 1) * n_rows * n_columns * dtype.itemsize


def _variables_of_5(content):
    """Yield the variables of version 5: elements within elements, some of them packed."""
    order = "<" if content[126:128] == b"IM" else ">"
    limit = 8 * max(2**24, 16 * len(content))
    for type_, data in _elements(content[_HEAD_BYTES:], order):
        if type_ == _PACKED:
            unpacker = zlib.decompressobj()
            data = unpacker.decompress(data, max(limit, 1))  # 0 would be without limit
            if unpacker.unconsumed_tail:
                raise ECGFormatError("unfolds to too many values for its size")
            limit -= len(data)
            type_, data = next(_elements(data, order), (None, b""))
        if type_ == _MATRIX:
            yield from _read_matrix(data, order)


def _elements(content, order):
    """Yield the type and the bytes of each element; small ones are in their own tag."""
    start = 0
    while start + 8 <= len(content):
        type_, length = struct.unpack_from(f"{order}2I", content, start)
        if type_ >> 16:
            type_, length = type_ & 0xFFFF, type_ >> 16
            yield type_, content[start + 4 : start + 4 + min(length, 4)]
            start += 8
        else:
            yield type_, content[start + 8 : start + 8 + length]
            # What is not packed is filled up to whole words.
            start += 8 + length + (0 if type_ == _PACKED else -length % 8)


def _read_matrix(content, order, structure="", depth=0):
    """Yield the array of an element, or the arrays of a structure; nothing for another kind."""
    elements = _elements(content, order)
    flags, shape, name, (type_, data) = (next(elements, (None, b"")) for _ in range(4))
    (flags,) = struct.unpack(f"{order}I", flags[1][:4])
    class_ = flags & 0xFF
    shape = tuple(np.frombuffer(shape[1], f"{order}i4").tolist())
    name = structure + name[1].rstrip(b"\x00").decode("latin-1")
    if class_ == _STRUCTURE and math.prod(shape) == 1 and depth < _MAX_DEPTH:
        # The length of the fields' names, the names, and an element for each field, without a name.
        (length,) = struct.unpack(f"{order}i", data[:4])
        _, names = next(elements, (None, b""))
        for start, (_, field) in zip(range(0, len(names), max(length, 1)), elements, strict=False):
            end = names[start : start + length].split(b"\x00")[0].decode("latin-1")
            yield from _read_matrix(field, order, f"{name}/{end}", depth + 1)
    if (class_ != _TEXT and class_ not in _NUMBERS) or flags & _IS_COMPLEX or type_ not in _TYPES:
        return
    if type_ == _UTF8:  # of which a letter may take several bytes
        type_, data = (
            _UTF32,
            data.decode("utf-8").encode(f"utf-32-{'le' if order == '<' else 'be'}"),
        )
    yield _variable(name, class_ == _TEXT, shape, data, np.dtype(order + _TYPES[type_]))


def _variable(name, is_text, shape, data, dtype):
    """Describe a variable whose numbers are there, column by column."""
    n_values = math.prod(shape)
    if min(shape, default=0) < 0 or len(shape) > 32 or n_values * dtype.itemsize > len(data):
        raise ECGFormatError("is damaged: it lacks values of an array")
    check_n_values(n_values, len(data))

    def values():
        return np.frombuffer(data, dtype, n_values).reshape(shape, order="F")

    return _Variable(name, is_text, shape, values)
