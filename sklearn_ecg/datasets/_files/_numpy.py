"""Read arrays that NumPy saved: .npy with the signal, .npz with what describes it as well."""

import io
import zipfile
from functools import partial

import numpy as np

from sklearn_ecg.datasets._files._contents import (
    Channel,
    Contents,
    ECGFormatError,
    check_n_leads,
    check_n_values,
)

_MAX_TEXT_BYTES = 2**16


def matches_npy(head, path):
    """Tell whether a file begins as a saved array does."""
    return head[:6] == b"\x93NUMPY"


def read_npy(path, options):
    """Read an array, of which the caller has to say the rest."""
    # A mapped file cannot claim to be longer than it is, and objects are refused.
    signal = np.load(path, mmap_mode="r", allow_pickle=False)
    return Contents(_channels(signal, options.fs, options.lead_names, options.unit))


def matches_npz(head, path):
    """Tell whether a file is a zip archive that holds arrays, as a spreadsheet does not."""
    if head[:4] != b"PK\x03\x04":
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith(".npy") for name in archive.namelist())
    except Exception:
        return True  # damaged in one of many ways, as who reads it is told


def read_npz(path, options):
    """Read the arrays `signal`, `fs`, `lead_names` and `unit`; the last three may be missing."""
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: info for info in archive.infolist()}
        if "signal.npy" not in members:
            raise ECGFormatError('is an archive without an array "signal"')
        info = members.pop("signal.npy")
        check_n_values(info.file_size // 2, path.stat().st_size)
        signal = _read_member(archive, info)
        texts = {
            name.removesuffix(".npy"): _read_member(archive, info)
            for name, info in members.items()
            if info.file_size <= _MAX_TEXT_BYTES
            and (options.keeps_metadata or name in ("fs.npy", "lead_names.npy", "unit.npy"))
        }
    fs = float(texts.pop("fs")) if "fs" in texts else options.fs
    unit = str(texts.pop("unit")) if "unit" in texts else options.unit
    lead_names = texts.pop("lead_names", options.lead_names)
    return Contents(_channels(signal, fs, lead_names, unit), metadata=texts)


def _read_member(archive, info):
    return np.load(io.BytesIO(archive.read(info)), allow_pickle=False)


def _channels(signal, fs, lead_names, unit):
    if signal.dtype.kind not in "iuf" or signal.ndim not in (1, 2):
        raise ECGFormatError("is not an array of real numbers of 1 or 2 axes, time and lead")
    signal = signal.reshape(len(signal), -1)
    n_leads = signal.shape[1]
    check_n_leads(n_leads)
    missing = [
        f"file_{name}"
        for name, value in {"fs": fs, "lead_names": lead_names, "unit": unit}.items()
        if value is None
    ]
    if missing:
        raise ECGFormatError(f"does not say all about its signal: state {', '.join(missing)}")
    lead_names = np.atleast_1d(lead_names).tolist()
    if len(lead_names) != n_leads:
        raise ECGFormatError(f"has {n_leads} columns, but there are {len(lead_names)} lead names")
    return [
        Channel(str(name), unit, fs, partial(signal.__getitem__, (slice(None), column)))
        for column, name in enumerate(lead_names)
    ]
