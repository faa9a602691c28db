"""Find the recordings in a folder, and say why each other file is not one."""

import os
from pathlib import Path
from typing import NamedTuple

from sklearn_ecg.datasets._files import _wfdb
from sklearn_ecg.datasets._files._contents import ECGFormatError
from sklearn_ecg.datasets._files._formats import FORMATS, explain_unknown, recognize

_SUFFIXES = {suffix for known in FORMATS for suffix in known.suffixes}
_PACKED = {".bz2", ".gz", ".xz", ".zip"}
UNKNOWN = "is of no known format"


class Found(NamedTuple):
    """The files in a folder, by kind."""

    records: list[Path]
    # By their names recordings, but of no known format; and what must not be read.
    doubtful: list[tuple[Path, Exception]]
    others: list[Path]


def find_records(folder):
    """Sort the files of a folder and of those in it into recordings and others.

    Files that belong to a WFDB header are parts of its record and appear nowhere. Names that begin
    with a dot are passed over.
    """
    found = Found([], [], [])

    def note(error, path=None):
        found.doubtful.append((path or Path(error.filename), error))

    for name, folders, files in os.walk(folder, onerror=note):
        folders[:] = sorted(folder for folder in folders if not folder.startswith("."))
        paths = [Path(name, file) for file in sorted(files) if not file.startswith(".")]
        headers = {path for path in paths if path.suffix == ".hea"}
        segments = {Path(name, f"{s}.hea") for header in headers for s in _segments(header)}
        for path in paths:
            if path in segments or (path not in headers and _wfdb.header_beside(path) in headers):
                continue  # a part of another record
            if path in headers:
                found.records.append(path)
                continue
            try:
                _sort(path, found)
            except OSError as error:
                note(error, path)
    return found


def _sort(path, found):
    # PhysioNet's lists, such as RECORDS, have no suffix, and are tables of numbers by accident.
    known = recognize(path) if path.is_file() else None
    if known is not None and not (known.name == "CSV" and not path.suffix):
        found.records.append(path)
    elif (Path(path.stem) if path.suffix in _PACKED else path).suffix.lower() in _SUFFIXES:
        found.doubtful.append((path, ECGFormatError(f"{path} {explain_unknown(path)}.")))
    else:
        found.others.append(path)


def _segments(header):
    try:
        return _wfdb.segment_names(header)
    except (ECGFormatError, OSError):
        return []  # its reader will say why
