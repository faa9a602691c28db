"""The formats that can be read, and how one is recognised by what is in the file."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from sklearn_ecg.datasets._files import (
    _csv,
    _dicom,
    _edf,
    _hdf5,
    _matlab,
    _numpy,
    _wfdb,
)
from sklearn_ecg.datasets._files._contents import Contents, ECGFormatError, Options

_HEAD_BYTES = 2**16


class Format(NamedTuple):
    """How a format is recognised from the head of a file, and read."""

    name: str
    matches: Callable[[bytes, Path], bool]
    read: Callable[[Path, Options], Contents]


# From the unmistakable to the vague. A table of text says more than a header of WFDB beside it, but
# a MATLAB file or any other says less.
FORMATS = (
    Format("DICOM", _dicom.matches, _dicom.read),
    Format("EDF", _edf.matches, _edf.read),
    Format("NPY", _numpy.matches_npy, _numpy.read_npy),
    Format("NPZ", _numpy.matches_npz, _numpy.read_npz),
    Format("HDF5", _hdf5.matches, _hdf5.read),
    Format("WFDB", _wfdb.is_header, _wfdb.read),
    Format("CSV", _csv.matches, _csv.read),
    Format("WFDB", _wfdb.matches, _wfdb.read),
    Format("MATLAB", _matlab.matches, _matlab.read),
)


def recognize(path):
    """Give the format of a file, or None."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    return next((known for known in FORMATS if known.matches(head, path)), None)


__all__ = ["FORMATS", "Contents", "ECGFormatError", "Format", "Options", "recognize"]
