"""Decode the signal files of WFDB records, as signal(5) describes them."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sklearn_ecg.datasets._files._contents import ECGFormatError


class _Encoding(NamedTuple):
    bits: int
    gap: int  # the value that says that nothing was recorded
    decode: Callable[[np.ndarray], np.ndarray]


def _decode_212(data):
    """Two values of 12 bits in each three bytes."""
    low, middle, high = data.reshape(-1, 3).T
    values = np.empty(2 * len(low), dtype=np.int16)
    values[0::2] = middle & 0x0F
    values[1::2] = middle >> 4
    values <<= 8
    values[0::2] |= low
    values[1::2] |= high
    values <<= 4  # the sign moves to the top, and is repeated on the way back
    values >>= 4
    return values


def _decode_24(data):
    values = np.zeros((len(data) // 3, 4), dtype=np.uint8)
    values[:, 1:] = data.reshape(-1, 3)
    return values.view("<i4")[:, 0] >> 8


_ENCODINGS = {
    16: _Encoding(16, -(2**15), lambda data: data.view("<i2")),
    24: _Encoding(24, -(2**23), _decode_24),
    32: _Encoding(32, -(2**31), lambda data: data.view("<i4")),
    80: _Encoding(8, -(2**7), lambda data: data.astype(np.int16) - 128),
    212: _Encoding(12, -(2**11), _decode_212),
}
_MAT4_TYPES = {16: 30, 32: 20, 80: 50}


def gap_value(number):
    """Give the value that says, in one of the formats, that nothing was recorded."""
    return _encoding(number).gap


def count_frames(path, number, offset, width):
    """Count the frames that a signal file has room for."""
    bits = 8 * (path.stat().st_size - offset)
    return max(bits // (_encoding(number).bits * width), 0)


def read_frames(path, number, offset, n_frames, width):
    """Read `n_frames` frames of `width` values each, as they left the converter."""
    encoding = _encoding(number)
    n_values = n_frames * width
    if path.suffix.lower() == ".mat":
        _check_mat4(path, number, offset, n_frames, width)
    if count_frames(path, number, offset, width) < n_frames:
        raise ECGFormatError("has a signal file shorter than its header says: is it truncated?")
    # In format 212 an odd last value takes two bytes; one more completes its triplet.
    n_bytes = -(-n_values * encoding.bits // 8)
    data = np.fromfile(path, dtype=np.uint8, count=n_bytes, offset=offset)
    if number == 212 and n_bytes % 3:
        data = np.append(data, np.zeros(3 - n_bytes % 3, dtype=np.uint8))
    return encoding.decode(data)[:n_values].reshape(n_frames, width)


def _encoding(number):
    if number not in _ENCODINGS:
        raise ECGFormatError(
            f"stores its signal in WFDB format {number}; formats "
            f"{', '.join(map(str, _ENCODINGS))} can be read. Convert it with xform of the WFDB "
            "software package"
        )
    return _ENCODINGS[number]


def _check_mat4(path, number, offset, n_frames, width):
    """Check that a MATLAB file is the level 4 matrix that the WFDB header takes it for."""
    kind, n_rows, n_columns, is_complex, name_length = np.fromfile(path, dtype="<i4", count=5)
    expected = (_MAT4_TYPES.get(number), width, n_frames, 0, offset - 20)
    if (kind, n_rows, n_columns, is_complex, name_length) != expected:
        raise ECGFormatError("has a MATLAB file that is not the matrix its header describes")
