"""Read arrays that NumPy saved: .npy with the signal, .npz with what describes it as well."""

import io
import zipfile

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
from sklearn_ecg.utils._readable import read_array_header, unpacks_in_steps

_MAX_TEXT_BYTES = 2**16
_PLAIN = "biufSU"  # kinds of numbers and texts; to load Python's objects could run code


def matches_npy(head, path):
    """Check whether a file begins as a saved array does."""
    return head[:6] == b"\x93NUMPY"


def read_npy(path, options):
    """Read an array; the caller has to say the rest."""
    # A mapped file cannot claim to be longer than it is, and objects are refused.
    signal = np.load(path, mmap_mode="r", allow_pickle=False)
    return Contents(array_channels(signal, options))


def matches_npz(head, path):
    """Check whether a file is a zip archive that holds arrays, as a spreadsheet does not."""
    if head[:4] != b"PK\x03\x04":
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith(".npy") for name in archive.namelist())
    except Exception:
        return True  # damaged in one of many ways, and its reader will say so


def read_npz(path, options):
    """Read the signal, and arrays named `fs`, `unit` and `lead_names` where they are there."""
    with zipfile.ZipFile(path) as archive:
        members = {
            info.filename.removesuffix(".npy"): info
            for info in archive.infolist()
            if info.filename.endswith(".npy")
        }
        if not all(map(unpacks_in_steps, members.values())):
            raise ECGFormatError("is compressed in another way than NumPy does: save it anew")
        check_n_arrays(len(members))
        headers = {name: _read_header(archive, info) for name, info in members.items()}
        shapes = {
            name: shape
            for name, (shape, kind) in headers.items()
            if is_signal(kind, shape) and name.casefold() not in FS_NAMES
        }
        chosen = choose_array(shapes, options.array)

        def read(name):
            check_n_values(members[name].file_size // 2, path.stat().st_size)
            return _read_member(archive, members[name])

        note = note_of_times(map(read, arrays_of_times(shapes, chosen)))
        signal = read(chosen)
        del members[chosen]
        said = (*FS_NAMES, *UNIT_NAMES, *LEAD_NAMES, *GAIN_NAMES)
        texts = {
            name: _read_member(archive, info)
            for name, info in members.items()
            if info.file_size <= _MAX_TEXT_BYTES
            and headers[name][1] in _PLAIN
            and (options.keeps_metadata or name.casefold() in said)
        }
    fs, unit, lead_names = (_take(texts, names) for names in (FS_NAMES, UNIT_NAMES, LEAD_NAMES))
    note = note or note_of_gain(signal, _take(texts, GAIN_NAMES))
    channels = array_channels(signal, options, fs=fs, unit=unit, lead_names=lead_names)
    return Contents(channels, metadata=texts if options.keeps_metadata else {}, note=note)


def _read_header(archive, info):
    """Read the shape and the kind of an array, which is not one if it is of Python's objects."""
    with archive.open(info) as member:
        shape, dtype = read_array_header(member) or ((), np.dtype("V"))
    return shape, dtype.kind


def _read_member(archive, info):
    return np.load(io.BytesIO(archive.read(info)), allow_pickle=False)


def _take(arrays, names):
    """Remove and return the values of the array of one of these names, or None."""
    key = next((key for key in arrays if key.casefold() in names), None)
    if key is None:
        return None
    values = np.ravel(arrays.pop(key))
    return np.char.decode(values, "utf-8") if values.dtype.kind == "S" else values
