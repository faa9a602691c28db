"""Name the results of files in a folder, by an index that later runs and other processes share."""

import csv
import io
import os
import re
import sys
import unicodedata
from contextlib import contextmanager, suppress
from itertools import chain, count
from pathlib import Path

from sklearn_ecg.utils._atomic_writing import write_whole
from sklearn_ecg.utils._readable import refuse_no_file
from sklearn_ecg.utils._records import record_names

if sys.platform != "win32":
    import fcntl

_INDEX, _COLUMNS = "files.csv", ["file", "name", "model", "state"]
_LOCK = ".files.lock"
_UNFIT = re.compile(r'[<>:"/\\|?*\x00-\x1f]')  # for names of files, on any system
# To Windows, whatever the suffix: what is written there is lost.
_OF_A_DEVICE = re.compile(
    r"(con|prn|aux|nul|(com|lpt)[0-9¹²³]|con(in|out)\$) *(\..*)?", re.IGNORECASE
)
_LONGEST_NAME = 200  # bytes; file systems take 255, with a number and a suffix
_WITHIN_A_CHARACTER = bytes(range(0x80, 0xC0))  # of UTF-8


@contextmanager
def index_of(folder):
    """Read the index of a folder, and write it at the end; other processes wait that long.

    Parameters
    ----------
    folder : Path
        The folder, which exists.

    Yields
    ------
    dict of str to tuple of (str, str, str)
        For each file, by its whole path, the name of its results, a note on how they are made, and
        the state of the file then.

    Raises
    ------
    ValueError
        If the folder has another program's file in place of the index.
    """
    with _alone(folder):
        index, header, rows = folder / _INDEX, [], []
        refuse_no_file(index)
        if index.exists():
            with suppress(csv.Error, UnicodeDecodeError):  # of what is no CSV
                # Names of files are bytes, which each locale reads as other letters.
                text = io.StringIO(os.fsdecode(index.read_bytes()), newline="")
                header, *rows = [*csv.reader(text)] or [[]]
            if header != _COLUMNS or not all(map(_is_ours, rows)):
                raise ValueError(
                    f"{index} does not list results of this program: choose another --output."
                )
        named = {file: tuple(of_file) for file, *of_file in rows}
        yield named
        rows = [(file, *of_file) for file, of_file in named.items()]
        write_whole(index, os.fsencode(_as_text([_COLUMNS, *rows])))


def name_results(files, named, folder, suffixes, *, are_noted):
    """Name the results of files as in earlier runs, and never as what others made.

    The names are fit for the file systems of other machines, too, of which some take "A" for "a".

    Parameters
    ----------
    files : list of str
        The files.
    named : dict
        From `index_of`. Files that are not in it are added, without a note.
    folder : Path
        The folder of the index.
    suffixes : sequence of str
        Suffixes of the results.
    are_noted : bool
        Whether results of these suffixes have a note, so that without one they are not ours.

    Returns
    -------
    list of str
        The names.
    """
    taken = {Path(_INDEX).stem, *(_folded(name) for name, *_ in named.values())}

    def is_there(name):
        # Nor through a link that leads nowhere: what is written would be outside the folder.
        return any(os.path.lexists(folder / f"{name}{suffix}") for suffix in suffixes)

    names = []
    for path, record_name in zip(files, record_names(files), strict=True):
        file = place_of(path)
        name, note, _ = named.get(file, ("", "", ""))
        if not name or (are_noted and not note and is_there(name)):
            first = _fit_for_a_file(str(record_name))
            candidates = chain([first], (f"{first}_{i}" for i in count(2)))
            name = next(
                name for name in candidates if _folded(name) not in taken and not is_there(name)
            )
            named[file] = name, "", ""
            taken.add(_folded(name))
        names.append(name)
    return names


def place_of(path):
    """Return the whole path by which the index knows a file.

    Links to folders are followed, but not a link that is the file: the same header of WFDB may
    stand in several places, with another signal beside it in each.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    str
        The path.
    """
    path = Path(path).absolute()
    return str(path.parent.resolve() / path.name)


def as_csv(table):
    r"""Write a table as the bytes of a CSV file.

    Parameters
    ----------
    table : iterable of sequence
        The rows.

    Returns
    -------
    bytes
        The content of the file.

    Examples
    --------
    >>> as_csv([("class", "probability"), ("N", 0.5)])
    b'class,probability\nN,0.5\n'
    """
    return _as_text(table).encode(errors="surrogateescape")  # a class may be the name of a folder


def _as_text(table):
    text = io.StringIO()
    csv.writer(text).writerows(table)  # "\r\n" has it quote either sign, which ends a line
    return text.getvalue().replace("\r\n", "\n")


def _fit_for_a_file(name):
    """Make a name, which may be a path such as ../x, that of a file that is not hidden."""
    name = os.fsencode(_UNFIT.sub("_", name.lstrip("./\\").rstrip("/\\")))
    if len(name) > _LONGEST_NAME:
        name = name[-_LONGEST_NAME:].lstrip(_WITHIN_A_CHARACTER + b".")
    name = os.fsdecode(name)
    return f"_{name}" if not name or _OF_A_DEVICE.fullmatch(name) else name


def _folded(name):
    """Write a name as file systems compare it that know neither case nor how accents are made."""
    return unicodedata.normalize("NFC", name.casefold())


def _is_ours(row):
    """Check a line of the index, whose name may not lead out of the folder."""
    if len(row) != len(_COLUMNS):
        return False
    _, name, *_ = row
    return not {"/", "\\"}.intersection(name) and not Path(name).drive  # of Windows


@contextmanager
def _alone(folder):
    """Have other processes wait that name results in the same folder."""
    if sys.platform == "win32":
        yield
        return
    path = folder / _LOCK
    while True:
        with path.open("a") as lock:
            with suppress(OSError):  # of a file system without locks
                fcntl.flock(lock, fcntl.LOCK_EX)  # the system's: it goes with its process
            try:
                is_there = os.path.samestat(path.stat(), os.fstat(lock.fileno()))
            except FileNotFoundError:
                is_there = False
            if not is_there:  # whoever had it has removed it
                continue
            try:
                yield
            finally:
                path.unlink(missing_ok=True)
            return
