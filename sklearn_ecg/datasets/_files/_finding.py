"""Find the recordings in a folder, and say why each other file is not one."""

import os
from pathlib import Path
from typing import NamedTuple

from sklearn_ecg.datasets._files import _wfdb
from sklearn_ecg.datasets._files._contents import ECGFormatError
from sklearn_ecg.datasets._files._formats import (
    FORMATS,
    explain_unknown,
    explain_unread,
    recognize,
)
from sklearn_ecg.datasets._files._wfdb_header import HEADERS

_SUFFIXES = {suffix for known in FORMATS for suffix in known.suffixes}
_PACKED = {".bz2", ".gz", ".xz", ".zip"}
_BESIDE = "lies beside a header of WFDB of the same name, whose record is read"


class Found(NamedTuple):
    """The files in a folder, by kind."""

    records: list[Path]
    # By their names recordings, but of no known format; and what must not be read.
    doubtful: list[tuple[Path, Exception]]
    others: list[tuple[Path, str]]  # with the reason why each is none


def find_records(folder):
    """Sort the files of a folder and of those in it into recordings and others.

    Files that belong to a WFDB header are parts of its record and appear nowhere. Names that begin
    with a dot are passed over. Links to folders elsewhere are followed, but no folder is read
    twice.
    """
    found = Found([], [], [])
    root = Path(os.path.realpath(folder))
    seen = {root}

    def note(error, path=None):
        found.doubtful.append((path or Path(error.filename), error))

    def is_new(path):
        place = Path(os.path.realpath(path))
        # Its folder is found without the link, or the link leads back, out of the given folder.
        is_loop = place.is_relative_to(root) or root.is_relative_to(place)
        if place in seen or (is_loop and os.path.islink(path)):
            return False
        seen.add(place)
        return True

    for name, folders, files in os.walk(folder, onerror=note, followlinks=True):
        folders[:] = [
            folder
            for folder in sorted(folders)
            if not folder.startswith(".") and is_new(os.path.join(name, folder))
        ]
        paths = [Path(name, file) for file in sorted(files) if not file.startswith(".")]
        for path, is_beside in _without_named(paths):
            try:
                _sort(path, found, is_beside)
            except OSError as error:
                if not is_beside:
                    note(error, path)
    return found


def without_parts(files):
    """Leave out the parts of records whose headers of WFDB are among the files, too.

    Parameters
    ----------
    files : list of str
        Files, as `folder/*` names them.

    Returns
    -------
    list of str
        Those that are read as records of their own.
    """
    return [
        file
        for file, is_beside in _without_named(files)
        if not (is_beside and _is_read_as_record(Path(file)))
    ]


def _without_named(files):
    """Yield the files that no header among them names, and whether one lies beside each."""
    headers = {Path(file) for file in files if Path(file).suffix in HEADERS}
    named = {part for header in headers for part in _wfdb.parts_of(header)}
    for file in files:
        path = Path(file)
        if path not in named:
            # A folder such as "." has no name, and thus nothing beside it.
            has_other_name = bool(path.name) and path not in headers
            yield file, has_other_name and any(path.with_suffix(end) in headers for end in HEADERS)


def _is_read_as_record(path):
    """Check whether a file beside a header is read as its record, as annotations are."""
    try:
        known = recognize(path) if path.is_file() else None
    except OSError:
        return False  # whoever reads it says why it may not be read, and goes on
    return known is not None and known.name == "WFDB"


def _sort(path, found, is_beside):
    if path.suffix in HEADERS:  # whose reader says what is wrong with it
        found.records.append(path)
        return
    # PhysioNet's lists, such as RECORDS, have no suffix, and are tables of numbers by accident.
    known = recognize(path) if path.is_file() else None
    if known is not None and known.name == "CSV" and not path.suffix:
        known = None
    if is_beside:  # a header of the same name, so that it is annotations or other notes
        if known is not None and known.name != "WFDB":
            found.others.append((path, _BESIDE))
        elif known is None and path.suffix.lower() in _wfdb.TABLES:
            found.others.append((path, _reason(path)))
    elif known is not None:
        found.records.append(path)
    elif (Path(path.stem) if path.suffix in _PACKED else path).suffix.lower() in _SUFFIXES:
        found.doubtful.append((path, ECGFormatError(f"{path} {explain_unknown(path)}.")))
    else:
        found.others.append((path, _reason(path)))


def _reason(path):
    if path.is_file():
        return explain_unread(path) or "is of no known format"
    return "is a pipe or a device" if path.exists() else "is a link that leads nowhere"
