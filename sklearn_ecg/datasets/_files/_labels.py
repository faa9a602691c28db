"""Read the labels of recordings, and whose they are, from a table with a line for each file."""

import csv
import io
import os
import re
import unicodedata
from contextlib import suppress
from pathlib import PurePath
from typing import NamedTuple

import numpy as np

from sklearn_ecg.datasets._files._csv_cells import find_encoding
from sklearn_ecg.datasets._files._names import PATIENT_NAMES, only_letters
from sklearn_ecg.utils._readable import refuse_no_file
from sklearn_ecg.utils._records import without_suffix
from sklearn_ecg.utils._warning import warn_user

# If a table has several of these columns, the first here is taken.
_FILES = (
    *("file", "filename", "path", "filepath", "record", "recording", "recordname", "recordid"),
    *("name", "ecgid", "id"),
)
_LABELS = ("label", "class", "target", "diagnosis", "rhythm", "y")
_PATIENTS = (*PATIENT_NAMES, "group", "groupid")
_MAX_LISTED = 5
_END = "end of the table"
_JSON = re.compile(r"\s*(?:\[\s*)?\{")
# As R, MATLAB, pandas, NumPy, databases and spreadsheets write an empty cell.
_MISSING = ("NA", "NaN", "nan", "<NA>", "NULL", "null", "N/A", "n/a", "#N/A")
_HALF_SIGNS = re.compile("[\udc80-\udcff]+")
_SEPARATOR = re.compile(r'"?sep=.?"?[\t;, ]*[\r\n]+')  # a first line that is for Excel


class Label(NamedTuple):
    """The line of the table for one recording."""

    label: str
    patient: str


def read_labels(table):
    """Read a table of labels.

    Parameters
    ----------
    table : Path or DataFrame
        A file of CSV, parted by commas, semicolons or tabs, or a data frame of pandas. A first line
        may name the columns: that of files is found by names such as "file" and "record", that of
        labels by "label" or "class", that of patients by "patient", "subject" or "group". The label
        may have any name if no other column is left. Without such a line they are the first, second
        and third.

    Returns
    -------
    labels : dict of str to Label
        The line of the table for each file, by its name there.
    first_file : str
        The file of the first line, if none names the columns; else empty.

    Raises
    ------
    ValueError
        If the table names no file, or one twice, if several columns may be the labels, if a line
        is longer than the first, or shorter where none names the columns, or if a quotation mark
        has no other half.

    Warns
    -----
    UserWarning
        If it has other columns but none of patients, or patients whose names are nearly the same.
    """
    text = _composed(_text_of(table))
    if separator := _SEPARATOR.match(text):
        text = text[separator.end() :]
    first, *_ = re.split("[\r\n]", text.lstrip("\r\n "), maxsplit=1)
    delimiter = max("\t;,", key=first.count)
    rows = _split(text, delimiter, table)
    if not rows or len(rows[0]) < 2:
        raise ValueError(
            f"{name_of(table)} needs a column of files and one of labels, parted by commas, "
            "semicolons or tabs."
        )
    _refuse_longer_lines(rows, delimiter, table)
    names = [cell.strip() for cell in rows[0]]
    columns = [_position(names, known, table) for known in (_FILES, _LABELS, _PATIENTS)]
    are_named = columns[0] is not None
    if not are_named:
        columns = [0, 1, 2 if len(names) > 2 else None]
        _refuse_shorter_lines(rows, delimiter, table)
    else:
        rows = rows[1:]
        if columns[1] is None:
            columns[1] = _only_other(names, columns, table)
        _warn_without_patients(names, columns, table)
    files, *known = (_cells(rows, column) for column in columns)
    labels = {}
    for file, label, patient in zip(files, *map(_without_missing, known), strict=True):
        if not file:
            if label:
                raise ValueError(
                    f"{name_of(table)} has a line with the label {label}, but without a file: name "
                    "it, or leave the line out."
                )
            continue  # as below a table, in a line of remarks
        file = _with_slashes(file)  # "./a" is "a"
        if file in labels:
            raise ValueError(
                f"{name_of(table)} has {file} twice, but it needs one line for each file. If its "
                "lines are about intervals of time, cut the recordings by ECGRecord.part."
            )
        labels[file] = Label(label, patient)
    _warn_of_patients_alike({label.patient for label in labels.values()}, table)
    first_file = "" if are_named else next(iter(labels), "")
    # A file whose cell is empty has no label, and is treated like one that the table lacks.
    return {file: label for file, label in labels.items() if label.label}, first_file


def is_frame(table):
    """Check whether a table of labels is a data frame, and not a file."""
    return hasattr(table, "to_csv")


def name_of(table):
    """Return how messages name a table of labels."""
    return "the data frame of labels" if is_frame(table) else f"labels={table}"


def _text_of(table):
    if is_frame(table):
        return table.to_csv(index=any(name is not None for name in table.index.names))
    refuse_no_file(table)
    content = table.read_bytes()
    encoding = find_encoding(content)
    if encoding is None:
        raise ValueError(
            f"labels={table} must be a table of text, CSV, or a data frame: read a spreadsheet by "
            "pandas.read_excel, or Parquet by pandas.read_parquet."
        )
    text = content.decode(encoding, "replace")
    if _JSON.match(text):
        raise ValueError(
            f"labels={table} is JSON: read it by pandas.read_json, and pass the data frame."
        )
    return text


def match_labels(labels, paths, folders):
    """Find the label of each path, by its name or its path with or without suffix.

    Parameters
    ----------
    labels : dict of str to Label
        The labels of `read_labels`.
    paths : list of Path
        The recordings.
    folders : list of Path
        Folders from which paths in the table may start.

    Returns
    -------
    labels : list of (Label or None)
        The label of each path; None if the table lacks it.
    unused : list of str
        Files of the table that are none of the paths.

    Raises
    ------
    ValueError
        If a name in the table stands for several of the paths, or two for one.
    """
    found, used, repeated = [], {}, {}
    starts = dict.fromkeys(PurePath(os.path.abspath(folder)) for folder in folders)
    for path in paths:
        named = ([key for key in keys if key in labels] for keys in _keys(path, starts))
        key, *others = next(filter(None, named), [None])
        if key in used:
            if used[key] == path:
                raise ValueError(f"paths_or_folder has {path} twice: name it once.")
            raise ValueError(
                f"labels names {key}, which may be {used[key]} or {path}: write the path from the "
                "folder on, with its suffix."
            )
        if key is not None:
            used[key] = path
            repeated |= dict.fromkeys(others, key)
        found.append(labels.get(key))
    unused = [key for key in labels if key not in used]
    for key in unused:
        if key in repeated:
            raise ValueError(f"labels names one file twice, as {repeated[key]} and as {key}.")
    return found, unused


def names_in_tables(path, folders):
    """Return all names by which a table may mean a path.

    Parameters
    ----------
    path : Path
        The file.
    folders : list of Path
        Folders from which paths in the table may start.

    Returns
    -------
    set of str
        The names.
    """
    starts = [PurePath(os.path.abspath(folder)) for folder in folders]
    return {key for keys in _keys(path, starts) for key in keys}


def alike(name):
    """Write a name as tables confuse it: in small letters, and numbers without zeros in front."""
    return re.sub(r"(?<!\d)0+(?=\d)", "", name.casefold())


def as_target(labels):
    """Make an array of labels, of integers if all are; a code such as 007 is none."""
    is_integer = all(re.fullmatch(r"[+-]?(?:0|[1-9]\d{0,17})", label) for label in labels)
    return np.array(labels, dtype=np.int64 if is_integer else None)


def _split(text, delimiter, table):
    """Split a text into the cells of each line that has any."""
    lines = io.StringIO(f"{text}\n{_END}", newline="")  # keeps the end of a line within a cell
    rows = []
    with suppress(csv.Error):  # of a cell that is longer than the module csv takes
        rows = list(csv.reader(lines, delimiter=delimiter))
    if rows[-1:] != [[_END]]:  # which a cell has swallowed, and all lines before
        raise ValueError(
            f"{name_of(table)} has a quotation mark that opens a cell, and none that closes it."
        )
    return [row for row in rows[:-1] if any(map(str.strip, row))]


def _refuse_longer_lines(rows, delimiter, table):
    """Refuse lines in which a label was parted, so that its second half passes for a patient."""
    width = len(rows[0])
    for row in rows:
        if any(map(str.strip, row[width:])):
            raise ValueError(
                f"{name_of(table)} has more cells in the line of {row[0]} than in its first line: "
                f"name each column, and put a label that has {delimiter!r} in it between quotation "
                "marks."
            )


def _refuse_shorter_lines(rows, delimiter, table):
    """Refuse a line without a third cell: that of another may be half a label, and no patient."""
    for row in rows:
        if len(row) < 3 <= len(rows[0]):
            raise ValueError(
                f"{name_of(table)} has fewer cells in the line of {row[0]} than in its first line: "
                f'name its columns "file", "label" and "patient", and put a label that has '
                f"{delimiter!r} in it between quotation marks."
            )


def _warn_of_patients_alike(patients, table):
    """Warn of two names that may be one person, who would be on both sides of a split."""
    found = {}
    for patient in sorted(patients):
        other = found.setdefault(alike(patient), patient)
        if other != patient:
            warn_user(
                f"{name_of(table)} has the patients {other} and {patient}, which count as two: if "
                "they are one, write one name."
            )
            return


def _cells(rows, column):
    """Return the cells of a column; they are empty if there is no such column."""
    return ["" if column is None or column >= len(row) else row[column].strip() for row in rows]


def _without_missing(cells):
    """Write the cells of a column as if none of them were missing."""
    cells = ["" if cell in _MISSING else cell for cell in cells]
    # As pandas writes whole numbers beside an empty cell. Codes, such as 427.0, have others too.
    if all(re.fullmatch(r"[+-]?\d+\.0", cell) for cell in cells if cell):
        cells = [cell.removesuffix(".0") for cell in cells]
    return cells


def _position(names, known, table):
    plain = list(map(only_letters, names))
    name = next((name for name in known if name in plain), None)
    if name is None:
        return None
    if plain.count(name) > 1:
        shown = ", ".join(own for own, each in zip(names, plain, strict=True) if each == name)
        raise ValueError(
            f"{name_of(table)} has several columns of one name ({shown}): leave one of them."
        )
    return plain.index(name)


def _only_other(names, columns, table):
    """Return the column that is not among the known ones; there must be one."""
    others = [i for i in range(len(names)) if i not in columns]
    if len(others) != 1:
        shown = ", ".join(names[i] for i in others) or "no other column"
        raise ValueError(
            f"{name_of(table)} has no column with the name {' or '.join(_LABELS[:2])}, but "
            f"{shown}: name the column of labels so."
        )
    return others[0]


def _warn_without_patients(names, columns, table):
    """Warn if none of several other columns is that of patients, by its name.

    It may be one in another language. Then recordings of one patient would be on both sides of a
    split without a word.
    """
    others = [name for i, name in enumerate(names) if name and i not in columns]
    if columns[2] is None and others:
        more = ", ..." if len(others) > _MAX_LISTED else ""
        warn_user(
            f"{name_of(table)} has no column with the name patient or subject, but "
            f"others ({', '.join(others[:_MAX_LISTED])}{more}). So each recording counts as one of "
            "another patient: name the column of patients so, or add one."
        )


def _keys(path, starts):
    """Write a path in each way that a table may, with and without suffix, the fullest first."""
    whole = PurePath(os.path.abspath(path))
    full = [
        whole,
        path,
        *(whole.relative_to(start) for start in starts if whole.is_relative_to(start)),
        PurePath(path.name),
    ]
    for name in full:
        yield _with_slashes(name), _with_slashes(without_suffix(name))


def _with_slashes(path):
    """Write a path as any system does; on Windows, a table may have backslashes."""
    return PurePath(_composed(str(path)).replace("\\", "/")).as_posix()


def _composed(text):
    """Write each letter with its accent as one character.

    macOS has two in names of files. An old system has one byte, which Python reads as half a sign
    where names are in UTF-8.
    """
    text = _HALF_SIGNS.sub(lambda found: os.fsencode(found[0]).decode("cp1252", "replace"), text)
    return unicodedata.normalize("NFC", text)
