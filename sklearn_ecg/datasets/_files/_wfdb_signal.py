"""Decode the signal files of WFDB records, as signal(5) describes them."""

import io
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sklearn_ecg.datasets._files._contents import ECGFormatError, check_n_values
from sklearn_ecg.utils._extras import import_extra


class _Encoding(NamedTuple):
    """How values are packed into groups of bytes.

    A group of `n_bytes` holds `len(rest)` values; `rest[k]` bytes hold the k values that are left
    over at the end of a file.
    """

    n_bytes: int
    rest: tuple[int, ...]
    gap: int | None  # the value that says that nothing was recorded
    decode: Callable[[np.ndarray], np.ndarray]


def _decode_212(data):
    """Decode pairs of 12 bits in three bytes each, of which the middle one holds the high bits."""
    low, middle, high = data.view(np.int8).reshape(-1, 3).T
    values = np.empty((len(low), 4), dtype=np.int8)
    values[:, 0], values[:, 2] = low, high
    # Signed bytes repeat the sign when they are shifted to the right.
    np.right_shift(middle << 4, 4, out=values[:, 1])
    np.right_shift(middle, 4, out=values[:, 3])
    return values.reshape(-1).view("<i2")


def decode_24(data):
    """Decode integers of three bytes."""
    values = np.zeros((len(data) // 3, 4), dtype=np.uint8)
    values[:, 1:] = data.reshape(-1, 3)
    return values.view("<i4")[:, 0] >> 8


def _decode_310(data):
    """Decode three values of 10 bits in two words each; the third shares both."""
    first, second = data.view("<u2").reshape(-1, 2).T
    third = (first >> 11) | (second >> 11 << 5)
    return _sign_10(first >> 1, second >> 1, third)


def _decode_311(data):
    """Decode three values of 10 bits in four bytes each."""
    words = data.view("<u4")
    return _sign_10(words, words >> 10, words >> 20)


def _sign_10(*values):
    values = np.stack(values, axis=1).reshape(-1).astype(np.int16)
    return (values << 6) >> 6


_ENCODINGS = {
    8: _Encoding(1, (0,), None, lambda data: data.view("<i1")),  # differences
    16: _Encoding(2, (0,), -(2**15), lambda data: data.view("<i2")),
    24: _Encoding(3, (0,), -(2**23), decode_24),
    32: _Encoding(4, (0,), -(2**31), lambda data: data.view("<i4")),
    61: _Encoding(2, (0,), -(2**15), lambda data: data.view(">i2")),
    80: _Encoding(1, (0,), -(2**7), lambda data: data.astype(np.int16) - 128),
    160: _Encoding(2, (0,), -(2**15), lambda data: data.view("<u2").astype(np.int32) - 2**15),
    212: _Encoding(3, (0, 2), -(2**11), _decode_212),
    310: _Encoding(4, (0, 2, 4), -(2**9), _decode_310),
    311: _Encoding(4, (0, 2, 3), -(2**9), _decode_311),
}
_FLAC_BITS = {508: 8, 516: 16, 524: 24}
FORMATS = frozenset(_ENCODINGS) | frozenset(_FLAC_BITS)
DIFFERENCES = 8
_MAT4_TYPES = {16: 30, 32: 20, 80: 50}


def gap_value(number):
    """Return the value that says, in one of the formats, that nothing was recorded, or None."""
    return -(2 ** (_FLAC_BITS[number] - 1)) if number in _FLAC_BITS else _ENCODINGS[number].gap


def count_frames(path, number, offset, widths):
    """Count the frames that a signal file has room for; `widths` is the values of each signal."""
    if number in _FLAC_BITS:
        with _open_flac(path, number, offset, widths) as flac:
            return flac.frames // widths[0]
    encoding = _ENCODINGS[number]
    n_groups, n_left = divmod(max(path.stat().st_size - offset, 0), encoding.n_bytes)
    n_values = n_groups * len(encoding.rest) + sum(n <= n_left for n in encoding.rest[1:])
    return n_values // sum(widths)


def read_frames(path, number, offset, n_frames, widths):
    """Read `n_frames` frames, as they left the converter, into (n_frames, sum(widths))."""
    if path.suffix.lower() == ".mat":
        _check_mat4(path, number, offset, n_frames, sum(widths))
    if count_frames(path, number, offset, widths) < n_frames:
        raise ECGFormatError("has a signal file shorter than its header says: it may be truncated")
    if number in _FLAC_BITS:
        return _read_flac(path, number, offset, n_frames, widths)
    encoding = _ENCODINGS[number]
    n_values = n_frames * sum(widths)
    n_groups, n_left = divmod(n_values, len(encoding.rest))
    n_bytes = n_groups * encoding.n_bytes + encoding.rest[n_left]
    data = np.fromfile(path, dtype=np.uint8, count=n_bytes, offset=offset)
    missing = -len(data) % encoding.n_bytes  # a last group need not be whole
    if missing:
        data = np.append(data, np.zeros(missing, dtype=np.uint8))
    return encoding.decode(data)[:n_values].reshape(n_frames, -1)


def _open_flac(path, number, offset, widths):
    soundfile = import_extra("soundfile", extra="flac")
    if len(set(widths)) > 1:
        raise ECGFormatError("has signals of different rates in one FLAC file")
    # From memory, so that no name of a file reaches the library.
    flac = soundfile.SoundFile(io.BytesIO(path.read_bytes()[offset:]))
    expected = ("FLAC", f"PCM_{'S8' if number == 508 else _FLAC_BITS[number]}", len(widths))
    if (flac.format, flac.subtype, flac.channels) != expected:
        raise ECGFormatError("has a signal file that is not the FLAC its header says")
    return flac


def _read_flac(path, number, offset, n_frames, widths):
    """Read FLAC, of which a frame is one value of each signal; a frame of WFDB may have more."""
    check_n_values(n_frames * sum(widths), path.stat().st_size)
    with _open_flac(path, number, offset, widths) as flac:
        data = flac.read(n_frames * widths[0], dtype="int32", always_2d=True)
    data >>= 32 - _FLAC_BITS[number]
    shape = n_frames, widths[0], len(widths)
    return data.reshape(shape).transpose(0, 2, 1).reshape(n_frames, -1)


def _check_mat4(path, number, offset, n_frames, width):
    """Check that a MATLAB file is the level 4 matrix that the WFDB header takes it for."""
    kind, n_rows, n_columns, is_complex, name_length = np.fromfile(path, dtype="<i4", count=5)
    expected = (_MAT4_TYPES.get(number), width, n_frames, 0, offset - 20)
    if (kind, n_rows, n_columns, is_complex, name_length) != expected:
        raise ECGFormatError("has a MATLAB file that is not the matrix its header describes")
