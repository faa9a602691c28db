"""Read arrays from HDF5 files, such as those of OpenSignals, and MATLAB files of version 7.3."""

import io
import json
import math
import subprocess
import sys
from importlib.resources import files
from threading import Timer

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
from sklearn_ecg.utils._extras import import_extra

_MARK = b"\x89HDF\r\n\x1a\n"
_PROGRAM = files("sklearn_ecg.datasets._files") / "_hdf5_process.py"
# Processor time, for an empty file; a disk may take longer.
_SECONDS, _BYTES_PER_SECOND = 3, 2e7
_WALL_PER_SECOND = 20
# A small file may be packed into chunks of gigabytes. A signal takes at most 128 bytes for each of
# the file, and as much again while it is unpacked.
_MEMORY, _MEMORY_PER_BYTE = 2**29, 2**8


def matches(head, path):
    """Check whether HDF5's mark is at the start, or after the 512 bytes that MATLAB puts there."""
    return head.startswith(_MARK) or (head[:6] == b"MATLAB" and head[512:520] == _MARK)


def read(path, options):
    """Read one data set. Attributes of it and of its groups, and its neighbours, say the rest."""
    import_extra("h5py", extra="hdf5")
    n_bytes = path.stat().st_size
    seconds = _SECONDS + math.ceil(n_bytes / _BYTES_PER_SECOND)
    memory = _MEMORY + _MEMORY_PER_BYTE * n_bytes
    process = subprocess.Popen(
        # -P: modules in the folder of the user are none of the standard library. The program is
        # passed as text, because the package may be in an archive.
        [
            *(sys.executable, "-P", "-c", _PROGRAM.read_text(encoding="utf-8")),
            *(str(path.absolute()), str(seconds), str(memory)),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    timer = Timer(_WALL_PER_SECOND * seconds, process.kill)
    with process:
        timer.start()
        try:
            listing = json.loads(process.stdout.readline() or "null")
            if listing is None:
                raise ECGFormatError("is HDF5 and damaged")
            wanted, is_ecg = _choose(listing, options.array, n_bytes)
            output, _ = process.communicate(json.dumps(wanted).encode() + b"\n")
        finally:
            timer.cancel()
            process.kill()
    said, _, arrays = output.partition(b"\n")
    if process.returncode != 0:
        raise ECGFormatError("is HDF5 and damaged")
    said = json.loads(said)
    arrays = io.BytesIO(arrays)
    signal, *times = (np.load(arrays, allow_pickle=False) for _ in wanted)
    fs, unit, lead_names = (_first(said, names) for names in (FS_NAMES, UNIT_NAMES, LEAD_NAMES))
    channels = array_channels(
        signal,
        options,
        fs=fs,
        unit=unit,
        lead_names=["ECG"] if lead_names is None and is_ecg else lead_names,
    )
    return Contents(
        channels,
        note=note_of_times(times) or note_of_gain(signal, _first(said, GAIN_NAMES)),
        metadata=dict(said) if options.keeps_metadata else {},
    )


def _choose(listing, wanted, n_bytes):
    """Choose a data set: that of the only ECG sensor, as OpenSignals marks it, if there is one.

    The times of its signal follow it.
    """
    shapes = {name: tuple(shape) for name, shape, _ in listing if is_signal("f", shape)}
    ecg = [name for name, _, sensor in listing if name in shapes and sensor in ("ECG", "EKG")]
    check_n_arrays(len(shapes))
    is_ecg = len(ecg) == 1 and wanted is None
    chosen = choose_array({ecg[0]: shapes[ecg[0]]} if is_ecg else shapes, wanted)
    check_n_values(math.prod(shapes[chosen]), n_bytes)
    return [chosen, *arrays_of_times(shapes, chosen)], chosen in ecg


def _first(said, names):
    """Find the value of one of these names, the nearest to the data set first."""
    return next(
        (value for _, values in said for key, value in values.items() if key.casefold() in names),
        None,
    )
