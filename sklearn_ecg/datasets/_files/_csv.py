"""Read tables of text: CSV, TSV and the like, as programs and devices write them."""

import math
import re
from dataclasses import replace
from functools import partial
from itertools import chain, pairwise

import numpy as np

from sklearn_ecg.datasets._files._contents import (
    HEAD_BYTES,
    MAX_LEADS,
    Channel,
    Contents,
    ECGFormatError,
    check_given_names,
    check_n_leads,
    check_n_values,
)
from sklearn_ecg.datasets._files._csv_cells import (
    BLANKS,
    MISSING,
    NO_VALUES,
    kind_of,
    split,
    take_apart,
    unquote_commas,
)
from sklearn_ecg.datasets._files._csv_layout import find_layout
from sklearn_ecg.datasets._files._csv_stamps import are_close, stamp_reader, unwrap_clock
from sklearn_ecg.datasets._files._csv_statements import NO_ECG
from sklearn_ecg.datasets._files._csv_time import has_leaps, read_counts, read_times, spread
from sklearn_ecg.datasets._files._names import seconds_of_unit, unit_of_time
from sklearn_ecg.utils._leads import is_known_lead
from sklearn_ecg.utils._units import millivolts_per_unit

# NumPy unpacks files of these names.
_PACKED = {".gz", ".bz2", ".xz", ".lzma"}
_BESIDE_LEADS = 20  # columns of time, of line numbers and the like
_SAME_RATE = 0.01  # a device that states 512 Hz may be measured at 513.6
_NEAR_RATE = 0.1
_SAME_CLOCK = 1e-4  # lines of another sensor change the rate by more
_BLOCK = 2**18  # characters: little enough to stay in the processor's cache
_COMMENT = re.compile("\t#[^\n]*")
_NO_VALUE = re.compile("|".join(map(re.escape, NO_VALUES)), re.IGNORECASE)
_WHERE = re.compile(r"at row (\d+)")


def matches(head, path):
    """Check whether a file begins as a table of numbers does."""
    try:
        return find_layout(head) is not None
    except Exception:
        return True  # a program's own header that is damaged, and the reader will say so


def read(path, options):
    """Read the columns of numbers; one of them may be the time."""
    with path.open("rb") as file:
        layout = find_layout(file.read(HEAD_BYTES))
    if layout.is_long:
        raise ECGFormatError(
            "has several lines for one time, which another column tells apart: make a column of "
            "each signal, as pandas.pivot does"
        )
    times, counts, signals = _choose_columns(layout, options.lead_names)
    _refuse_several(path, layout)
    fs = layout.fs if options.fs is None else options.fs
    is_time_unread = layout.has_unread_time and not (times or counts)
    if fs is None and is_time_unread:
        raise ECGFormatError(
            "has a column of time that is not understood: write it like 2026-01-31 12:00:00.004 or "
            "in s, or state file_fs if no line is missing"
        )
    if fs is None and not times:
        raise ECGFormatError("has no column of time: state its sampling rate as file_fs")
    try:
        numbers = _parse(path, layout, times + counts + signals)
    except ECGFormatError:
        signals, all_signals = [c for c in signals if not c.may_hold_words], signals
        if not signals or len(signals) == len(all_signals):
            raise
        numbers = _parse(path, layout, times + counts + signals)
    if not (times or layout.is_named):
        _refuse_time_and_rate(numbers)
    if times and not times[0].is_stamps:
        _refuse_other_clocks(path, layout, times[0], signals)
    _refuse_thousands(numbers[:, len(times + counts) :], signals, options.unit)
    notes = []
    if times:
        seconds, unit = numbers[:, 0], times[0].unit
        if times[0].is_stamps:
            seconds, unit = _read_stamps(path, layout, times, seconds), "s"
        find = partial(
            _find_steps, name=times[0].name, unit=unit, fs=options.fs, fs_of_device=layout.fs
        )
        lines, are_apart = _lines_of_leads(numbers[:, 1:], signals, options.unit)
        fs, steps, lines = _find_lines(seconds, lines, are_apart, find)
    elif counts:
        steps, lines = read_counts(numbers[:, 0]), slice(None)
        if steps[-1] == len(steps) - 1 and has_leaps(numbers[:, 0]):
            notes.append(
                "leaves out some numbers of its lines, but no line counts as missing: if lines "
                "are, add a column with the time of each"
            )
    if times or counts:
        check_n_values((int(steps[-1]) + 1) * len(signals), path.stat().st_size)
        numbers = spread(numbers[lines, 1:], steps)
    channels = [
        Channel(column.name, column.unit, fs, partial(numbers.__getitem__, (slice(None), i)))
        for i, column in enumerate(signals)
    ]
    metadata = {"comments": list(layout.comments)} if options.keeps_metadata else {}
    if not times and layout.fs and abs(fs - layout.fs) > _SAME_RATE * layout.fs:
        notes.append(f"states a sampling rate of {layout.fs:g} Hz, but file_fs={fs:g} is taken")
    if is_time_unread:
        notes.append("has a column of time that is not understood, so no line counts as missing")
    return Contents(channels, metadata=metadata, note="; it ".join(notes))


def _refuse_time_and_rate(numbers):
    """Refuse numbers below the second of their start and their rate, as Empatica writes them."""
    if len(numbers) > 2 and np.nanmin(numbers[0]) >= 1e9 and np.nanmax(numbers[2:]) < 1e9:
        raise ECGFormatError(
            "begins with a time and, below it, perhaps a rate: leave these lines out, and state "
            "file_fs"
        )


def _refuse_several(path, layout):
    """Refuse several recordings, or leads, below each other: they would be read as one signal."""
    if not layout.owners:
        return
    found = {}
    for line in chain.from_iterable(block.split("\n") for block in _blocks(path, layout)):
        cells = split(line, layout.delimiter)
        for i in layout.owners if len(cells) == layout.n_cells else ():
            if cells[i] == found.get(i) or kind_of(cells[i], layout.delimiter) == "missing":
                continue
            if i in found:
                raise ECGFormatError(
                    f"has the lines of several recordings or leads, which its column {i + 1} tells "
                    "apart: write a file for each recording, with a column for each lead"
                )
            found[i] = cells[i]


def _refuse_other_clocks(path, layout, time, signals):
    """Refuse a column of time for each lead if they do not go on together: leads have two rates.

    Each is in front of its lead. One behind all leads is of another clock, and in any unit.
    """
    positions = [column.position for column in signals]
    others = [c for c in layout.columns if min(positions) < c.position < max(positions)]
    others = [c for c in others if c is not time and not c.is_stamps]
    others = [c for c in others if c.is_time or seconds_of_unit(c.unit)]
    if not others:
        return
    clocks = _parse(path, layout, [time, *others])
    for column, clock in zip(others, clocks[:, 1:].T, strict=True):
        both = np.column_stack([clocks[:, 0], clock])
        both = both[np.isfinite(both).all(axis=1)]  # one may end before
        if len(both) < 2 or not np.all(np.diff(both[:, 1]) > 0) or both[0, 0] == both[-1, 0]:
            continue  # it is no clock, but a time since something
        ours, theirs = both[-1] - both[0]
        units = [seconds_of_unit(c.unit or unit_of_time(c.name)) for c in (time, column)]
        ratio = abs(theirs / ours) * ((units[1] or 1) / (units[0] or 1))
        if None in units:
            ratio /= 1000.0 ** round(math.log(ratio, 1000))  # of s, ms, us or ns
        if abs(ratio - 1) > _SAME_RATE:
            raise ECGFormatError(
                "has several columns of time, which do not go on alike: write a file for the leads "
                "of each rate"
            )


def _refuse_thousands(numbers, signals, unit):
    """Refuse 1.234 or 1,234 beside 567, as spreadsheets write thousands, which are read as 1.2."""
    for column, values in zip(signals, numbers.T, strict=True):
        if millivolts_per_unit(column.unit or unit or "") is None:
            continue
        values = np.abs(values[np.isfinite(values)])
        is_whole = values % 1 == 0
        largest = values[is_whole].max(initial=0)
        broken = values[~is_whole]
        if not 100 <= largest < 1000:  # of thousands, those without a mark
            continue
        if not broken.size or not 1 < broken.min() <= broken.max() < largest:
            continue
        # Their last digit may be any. Of decimals of three digits few would be whole numbers.
        if np.mean(np.rint(broken * 1000) % 10 != 0) > 0.5 and _are_rounded(broken):
            raise ECGFormatError(
                "writes thousands like 1.234 or 1,234, which reads as a decimal number: write them "
                "like 1234"
            )


def _are_rounded(values):
    return np.abs(values * 1000 - np.rint(values * 1000)).max() < 1e-6


def _choose_columns(layout, given):
    """Choose the column of time, or one that counts the lines, and those of signals.

    The first two are lists, of which one may have a column.
    """
    if len(layout.columns) > MAX_LEADS + _BESIDE_LEADS:
        raise ECGFormatError(
            f"has {len(layout.columns)} columns; {MAX_LEADS} leads can be read, one a column, with "
            "one line for each time step"
        )
    columns = _name_columns(layout, given)
    times = sorted((c for c in columns if c.is_time), key=lambda column: column.is_stamps)[:1]
    signals = [c for c in columns if not (c in times or c.is_stamps or c.is_count)]
    if columns and not signals:
        raise ECGFormatError(
            "has columns of time and of line numbers only, by their names: name each of its "
            f"{len(columns)} columns by file_lead_names"
        )
    check_n_leads(len(signals))
    if all(column.unit == NO_ECG for column in signals):
        raise ECGFormatError(
            "was recorded by OpenSignals with no sensor of the ECG: to read its signals all the "
            "same, name them by file_lead_names"
        )
    # A number in a database goes on from line to line for other reasons;
    # pandas counts the lines that are left, in front.
    counts = [] if times else [c for c in columns if c.is_count and c.name.casefold() != "id"][-1:]
    return times, counts, signals


def _read_stamps(path, layout, times, day_first):
    """Choose the order of day and month in which the dates of a recording are close."""
    seconds = unwrap_clock(day_first)
    if are_close(seconds):
        return seconds
    month_first = unwrap_clock(_parse(path, layout, times, month_first=True)[:, 0])
    return month_first if are_close(month_first) else seconds


def _lines_of_leads(numbers, signals, unit):
    """Find all lines but those of other signals alone, and whether these signals stand apart.

    The lines are None if there are no others.
    """
    is_lead = np.array([millivolts_per_unit(c.unit or unit or "") is not None for c in signals])
    is_known = is_lead & [is_known_lead(column.name) for column in signals]
    is_lead = is_known if is_known.any() else is_lead  # file_unit may be meant for one column
    if is_lead.all():
        return None, False
    has_value = ~np.isnan(numbers)
    has_lead, others = has_value[:, is_lead].any(axis=1), has_value[:, ~is_lead]
    is_of_others = ~has_lead & others.any(axis=1)
    if not has_lead.any() or not is_of_others.any():
        return None, False
    goes_on = others[is_of_others].any(axis=0)
    return ~is_of_others, np.any(others[has_lead].mean(axis=0)[goes_on] <= 0.5)


def _find_lines(seconds, lines, are_apart, find):
    """Find rate and time steps, and the lines to take.

    Where sensors were joined, lines without a lead are those of another sensor, if with them the
    rate would be another one. Otherwise the lead has a gap there. Signals that share most lines of
    the leads have one clock with them, however exact it is.
    """
    everything = slice(None)
    if lines is None:
        return *find(seconds), everything
    try:
        fs, steps = find(seconds[lines])
    except ECGFormatError:
        return *find(seconds), everything
    try:
        fs_of_all, all_steps = find(seconds)
    except ECGFormatError:
        if not are_apart:
            raise
        return fs, steps, lines
    change = abs(fs_of_all / fs - 1)
    if are_apart:
        is_gap = change < _SAME_CLOCK and np.all(np.diff(seconds) > 0)
    else:
        is_gap = change < _NEAR_RATE
    return (fs_of_all, all_steps, everything) if is_gap else (fs, steps, lines)


def _find_steps(seconds, name, unit, fs, fs_of_device):
    """Find rate and time steps by the column of time; it knows more than the lines before it do."""
    try:
        return read_times(seconds, name, unit, fs)
    except ECGFormatError:
        if fs is not None or fs_of_device is None:
            raise
        return read_times(seconds, name, unit, fs_of_device)


def _name_columns(layout, given):
    """Name the columns as the caller does, if at all: those of signals, or all of numbers."""
    columns = layout.columns
    if given is None:
        if not layout.is_named:
            n = layout.n_cells
            which = "its column" if n == 1 else f"each of its {n} columns"
            or_rows = "; if each line is a signal, read it by numpy.loadtxt, as rows of X"
            raise ECGFormatError(
                f"does not name {which}: state file_lead_names"
                f"{or_rows if n > _BESIDE_LEADS else ''}"
            )
        return columns
    signals = [c for c in columns if not (c.is_time or (layout.is_named and c.is_count))]
    if len(given) == len(signals):
        named = signals
    elif len(given) == len(columns):
        named = columns
    else:
        beside = " besides those of time and line numbers" if len(signals) < len(columns) else ""
        way_out = ""
        if layout.delimiter == "," and (layout.is_named, len(columns), len(given)) == (False, 2, 1):
            way_out = '; if its commas are decimal, begin it with a line such as "II (mV)"'
        raise ECGFormatError(
            f"has {len(signals)} columns{beside}, but file_lead_names has {len(given)} "
            f"name{'s' if len(given) > 1 else ''}{way_out}"
        )
    renamed = {}
    parts = [take_apart(str(given_name)) for given_name in given]
    check_given_names([name for name, _ in parts], [column.name for column in named])
    for column, (name, unit) in zip(named, parts, strict=True):
        unit = unit or column.unit.removeprefix(NO_ECG)
        renamed[column.position] = replace(column, name=name, unit=unit)
    return [renamed.get(column.position, column) for column in columns]


def _parse(path, layout, columns, month_first=False):
    """Parse some columns as numbers, NaN where a cell is empty, and stamps as seconds."""
    positions = [column.position for column in columns]
    to_seconds = stamp_reader(month_first)
    options = {
        "delimiter": None if layout.delimiter == BLANKS else layout.delimiter,
        "usecols": None if positions == list(range(layout.n_cells)) else positions,
        "quotechar": '"',
        "ndmin": 2,
        "converters": {column.position: to_seconds for column in columns if column.is_stamps}
        or None,
    }
    reason = ""
    for text, source in _texts(path, layout):
        try:
            numbers = np.loadtxt(text, encoding=_plain(layout.encoding), **source, **options)
            break
        except ValueError as error:
            reason = str(error)
    else:
        # NumPy quotes the cell, which may hold anything.
        found = _WHERE.search(reason)
        where = f" near line {layout.n_lines_before + int(found[1])}" if found else ""
        problem = "another number of columns" if "number of columns" in reason else "a text"
        raise ECGFormatError(f"is damaged: it has {problem} in its table{where}")
    if options["usecols"] is not None:
        _check_widths(path, layout, len(numbers))
    return numbers


def _check_widths(path, layout, n_lines):
    """Check that all lines have as many cells as the first, which NumPy does where it reads all."""
    content = path.read_bytes()
    if layout.delimiter == BLANKS or b'"' in content or b"#" in content:
        return
    n_delimiters = content.count(layout.delimiter.encode()) - layout.n_delimiters_before
    surplus = n_delimiters - n_lines * (layout.n_cells - 1)
    # A last line that is cut was passed over.
    if surplus and not (0 < surplus < layout.n_cells and content[-1:] not in b"\r\n"):
        raise ECGFormatError("is damaged: it has another number of columns in some lines")


def _plain(encoding):
    # Numbers are the same in all encodings of bytes, but for a mark at the start of the file.
    return encoding if encoding.startswith("utf-16") or encoding == "utf-8-sig" else "latin-1"


def _texts(path, layout):
    """Yield the table as NumPy may read it, with options for this: the fastest first."""
    has_commas = layout.has_decimal_commas or layout.has_quoted_commas
    if not has_commas and path.suffix.lower() not in _PACKED:
        # A sign of comments would hide lines that begin with the #N/A of spreadsheets.
        yield str(path.absolute()), {"skiprows": layout.n_lines_before, "comments": None}
    for with_words in (False, True):
        mend = partial(_mend, delimiter=layout.delimiter, with_words=with_words)
        blocks = map(mend, _blocks(path, layout))
        yield chain.from_iterable(block.split("\n") for block in blocks), {"comments": "#"}


def _mend(block, delimiter, with_words):
    if delimiter == "\t" and "\t#" in block:  # a comment of LabChart, behind a line
        block = _COMMENT.sub("", block)
    if delimiter != BLANKS:
        block = _fill_empty_cells(block, delimiter)
    return _replace_words(block, delimiter) if with_words else block


def _blocks(path, layout):
    """Yield the table in blocks of whole lines, so that no large text is copied."""
    with path.open(encoding=_plain(layout.encoding), errors="replace") as file:
        for _ in range(layout.n_lines_before):
            file.readline()
        while block := file.read(_BLOCK) + file.readline():
            complete, _, last = block.rpartition("\n")
            if last and len(split(last, layout.delimiter)) < layout.n_cells:
                block = complete  # of a file that is cut in the middle of a line
            if "#" in block:
                block = _NO_VALUE.sub("nan", block)
            if layout.has_quoted_commas:
                block = unquote_commas(block)
            yield f"\n{block.replace(',', '.') if layout.has_decimal_commas else block}\n"


def _fill_empty_cells(block, delimiter):
    block = block.encode("latin-1", "replace")
    codes = np.frombuffer(block, dtype=np.uint8)
    is_end = (codes == ord(delimiter)) | (codes == ord("\n"))
    places = np.flatnonzero(is_end[:-1] & is_end[1:])
    # Between two ends of cells, but not of lines: an empty line is not a cell.
    is_line = (codes[places] == ord("\n")) & (codes[places + 1] == ord("\n"))
    cuts = [0, *(places[~is_line] + 1).tolist(), len(block)]
    return b"nan".join(block[start:stop] for start, stop in pairwise(cuts)).decode("latin-1")


def _replace_words(block, delimiter):
    """Replace each word for a missing value, and cells of blanks."""
    words = "|".join(map(re.escape, ('""', *MISSING)))
    if delimiter == BLANKS:
        return re.sub(rf"(?<!\S)(?:{words})(?!\S)", "nan", block, flags=re.IGNORECASE)
    cell = rf"[ ]*(?:{words})?[ ]*"
    delimiter = re.escape(delimiter)
    empty = rf"({delimiter}){cell}(?=[{delimiter}\n])|(\n){cell}(?={delimiter})"
    return re.sub(empty, r"\1\2nan", block, flags=re.IGNORECASE)
