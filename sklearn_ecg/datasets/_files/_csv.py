"""Read tables of text: CSV, TSV and the like, with one line that names the columns."""

import csv
import io
import re
from functools import partial

import numpy as np

from sklearn_ecg.datasets._files._contents import (
    Channel,
    Contents,
    ECGFormatError,
    check_n_leads,
    check_n_values,
)

_DELIMITERS = "\t;,"
_NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?|nan|", re.IGNORECASE)
_PREFACE = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\r?\n)*")
_COLUMN = re.compile(r"(?P<name>[^(\[]{0,200})(?:[(\[](?P<unit>[^)\]]*)[)\]])?\s*")
_TIME_NAMES = {"time", "t", "seconds", "sec", "s"}
_COUNT_NAMES = {"", "index", "sample", "samples", "sample #"}
_TIME_UNITS = {"": 1.0, "s": 1.0, "sec": 1.0, "seconds": 1.0, "ms": 1e-3}


def matches(head, path):
    """Tell whether the first line holds names and the second as many numbers."""
    if b"\x00" in head:
        return False
    lines = _table(head.decode("utf-8-sig", "replace"))[1].splitlines()
    if len(lines) < 2:
        return False
    delimiter = _delimiter(lines[0])
    cells = [cell.strip().strip('"') for cell in lines[1].split(delimiter)]
    names = _names(lines[0], delimiter)
    return (
        len(cells) == len(names)
        and any(cells)
        and all(map(_NUMBER.fullmatch, cells))
        and not all(_NUMBER.fullmatch(name) for name in names)
    )


def read(path, options):
    """Read the columns; the first may be the time."""
    comments, table = _table(_decode(path.read_bytes()))
    first_line, _, body = table.partition("\n")
    delimiter = _delimiter(first_line)
    columns = [_COLUMN.fullmatch(name) for name in _names(first_line, delimiter)]
    if None in columns:
        raise ECGFormatError("has a column whose name cannot be taken apart")
    numbers = _parse(body, delimiter)
    if numbers.shape[1] != len(columns):
        raise ECGFormatError("has lines of another number of columns than its first")
    names = [column["name"].strip() for column in columns]
    units = [(column["unit"] or "").strip() for column in columns]
    fs = options.fs
    if names[0].casefold() in _TIME_NAMES:
        if units[0].casefold() not in _TIME_UNITS:
            raise ECGFormatError("gives its time in a unit other than s and ms")
        seconds = numbers[:, 0] * _TIME_UNITS[units[0].casefold()]
        fs, steps = _time_steps(seconds, fs)
        numbers, names, units = numbers[:, 1:], names[1:], units[1:]
        check_n_values((int(steps[-1]) + 1) * len(names), path.stat().st_size)
        numbers = _spread(numbers, steps)
    elif names[0].casefold() in _COUNT_NAMES:
        numbers, names, units = numbers[:, 1:], names[1:], units[1:]
    elif names[0].casefold().startswith(("time", "date")):
        raise ECGFormatError(
            "has a first column that seems to tell the time: name it time (s) or time (ms), or "
            "leave it out"
        )
    check_n_leads(len(names))
    if fs is None:
        raise ECGFormatError("has no column of time: state its sampling rate as file_fs")
    channels = [
        Channel(name, unit, fs, partial(numbers.__getitem__, (slice(None), column)))
        for column, (name, unit) in enumerate(zip(names, units, strict=True))
    ]
    return Contents(channels, metadata={"comments": comments} if options.keeps_metadata else {})


def _decode(text):
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError:  # from an old program, whose micro sign is another byte
        return text.decode("cp1252", "replace")


def _table(text):
    """Split off comments and empty lines in front of the table."""
    start = _PREFACE.match(text).end()
    lines = (line.lstrip("# \t").rstrip() for line in text[:start].splitlines())
    return list(filter(None, lines)), text[start:]


def _delimiter(line):
    return max(_DELIMITERS, key=line.count)


def _names(line, delimiter):
    return [name.strip().strip("'") for name in next(csv.reader([line], delimiter=delimiter), [])]


def _parse(body, delimiter):
    if delimiter != ",":
        body = body.replace(",", ".")  # as spreadsheets write decimals in half of Europe
    # An empty cell is a gap.
    empty = rf"(?:^(?={delimiter})|(?<={delimiter}))[ ]*(?={delimiter}|\r?$)"
    body = re.sub(empty, "nan", body, flags=re.MULTILINE)
    return np.loadtxt(io.StringIO(body), delimiter=delimiter, ndmin=2, quotechar='"', comments="#")


def _time_steps(seconds, fs):
    """Find the sampling rate and the time step of each line.

    Times are rounded by whoever wrote them. A rate that explains every time to within half a step
    is right as far as the file can tell; the stated one comes first, then a whole number.
    """
    if len(seconds) < 2 or not np.all(np.diff(seconds) > 0):
        raise ECGFormatError("has a column of time that does not increase")
    elapsed = seconds - seconds[0]
    regular = np.arange(len(seconds))
    mean, typical = (len(elapsed) - 1) / elapsed[-1], 1 / np.median(np.diff(elapsed))
    if fs is not None and fs > 1.5 * typical:
        raise ECGFormatError(
            f"has a column of time that says {typical:g} Hz, and not file_fs={fs:g}"
        )
    # The mean comes last, as it would explain a missing line by a slightly lower rate.
    likely = [round(mean), round(typical), typical, mean]
    for rate in likely if fs is None else [fs, *likely]:
        if np.abs(elapsed * rate - regular).max() <= 0.5:
            return rate, regular
        steps = np.rint(elapsed * rate)
        if np.abs(elapsed * rate - steps).max() <= 0.25 and np.all(np.diff(steps) > 0):
            return rate, steps.astype(np.int64)
    raise ECGFormatError("has a column of time that no sampling rate explains: state file_fs")


def _spread(numbers, steps):
    """Put each line at its time step, and NaN where lines are missing."""
    if steps[-1] == len(steps) - 1:
        return numbers
    spread = np.full((steps[-1] + 1, numbers.shape[1]), np.nan)
    spread[steps] = numbers
    return spread
