"""Read arrays from HDF5 files, such as those of OpenSignals, and MATLAB files of version 7.3."""

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
from sklearn_ecg.utils._extras import import_extra

_MARK = b"\x89HDF\r\n\x1a\n"
_MAX_NODES = 10_000
_MAX_TEXT_BYTES = 2**16


def matches(head, path):
    """Check whether HDF5's mark is at the start, or after the 512 bytes that MATLAB puts there."""
    return head.startswith(_MARK) or (head[:6] == b"MATLAB" and head[512:520] == _MARK)


def read(path, options):
    """Read one data set. Attributes of it and of its groups, and its neighbours, say the rest."""
    h5py = import_extra("h5py", extra="hdf5")
    with h5py.File(path, "r", locking=False) as file:
        found = _find(h5py, file)
        shapes = {name: node.shape for name, node in found.items()}
        ecg = [name for name, node in found.items() if _is_of_ecg_sensor(node)]
        if len(ecg) == 1 and options.array is None:
            shapes = {ecg[0]: shapes[ecg[0]]}
        signal = found[choose_array(shapes, options.array)]
        check_n_values(signal.size, path.stat().st_size)
        fs, unit, lead_names = (_said(signal, n) for n in (FS_NAMES, UNIT_NAMES, LEAD_NAMES))
        if lead_names is None and _is_of_ecg_sensor(signal):
            lead_names = ["ECG"]
        channels = array_channels(
            signal[...],
            options,
            fs=None if fs is None else float(np.ravel(fs)[0]),
            unit=None if unit is None else str(np.ravel(unit)[0]),
            lead_names=lead_names,
        )
        metadata = _attributes(signal) if options.keeps_metadata else {}
    return Contents(channels, metadata=metadata)


def _find(h5py, file):
    """Find the data sets that may be a signal and lie in this file itself."""
    found, n_nodes = {}, 0

    def visit(name, node):
        nonlocal n_nodes
        n_nodes += 1
        if n_nodes > _MAX_NODES or len(found) > MAX_ARRAYS:
            raise ECGFormatError(f"holds more than {MAX_ARRAYS} arrays")
        # MATLAB's references, and data that lie in other files or are made of others, are none.
        if (
            isinstance(node, h5py.Dataset)
            and not name.startswith("#")
            and is_signal(node.dtype.kind, node.shape or ())
            and not node.is_virtual
            and not node.external
        ):
            found[name] = node

    file.visititems(visit)  # which does not follow links to other files
    return found


def _is_of_ecg_sensor(node):
    sensor = _attribute(node, ("sensor",))  # as OpenSignals writes it
    return sensor is not None and str(np.ravel(sensor)[0]).strip().upper() in ("ECG", "EKG")


def _said(node, names):
    """Find what the file says under one of these names, from the data set upwards."""
    while True:
        value = _attribute(node, names)
        if value is not None or node.name == "/":
            return value
        node = node.parent
        number = next((key for key in node if key.casefold() in names), None)
        if number is not None and node.get(number, getclass=True).__name__ == "Dataset":
            number = node[number]
            if number.size == 1 and number.dtype.kind in "iuf":
                return number[...]


def _attribute(node, names):
    """Read the attribute of one of these names, or None."""
    key = next((key for key in node.attrs if key.casefold() in names), None)
    return None if key is None else _read_attribute(node, key)


def _read_attribute(node, key):
    """Read a small attribute of numbers or texts."""
    attribute = node.attrs.get_id(key)
    if attribute.dtype.kind not in "iufSO" or attribute.get_storage_size() > _MAX_TEXT_BYTES:
        return None
    value = np.asarray(node.attrs[key])
    if value.dtype.kind == "S":
        value = np.char.decode(value, "utf-8")
    return value if value.size else None


def _attributes(node):
    """Read all small attributes of a data set and of the groups around it."""
    found = {}
    while True:
        for key in node.attrs:
            value = _read_attribute(node, key)
            if value is not None:
                found[f"{node.name}/{key}"] = value.tolist()
        if node.name == "/":
            return found
        node = node.parent
