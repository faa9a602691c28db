"""Find out how a table of text is laid out: what stands before its numbers, and its columns."""

import codecs
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from sklearn_ecg.datasets._files._contents import HEAD_BYTES, ECGFormatError, split_lines
from sklearn_ecg.datasets._files._csv_cells import (
    BLANKS,
    NO_VALUES,
    find_encoding,
    has_quoted_commas,
    is_number,
    kind_of,
    split,
    take_apart,
    unquote_commas,
)
from sklearn_ecg.datasets._files._csv_statements import (
    acqknowledge_columns,
    are_of_watch,
    opensignals_columns,
    read_statements,
    stated_columns,
    stated_fs,
)
from sklearn_ecg.datasets._files._names import (
    CHANNEL_NAMES,
    PATIENT_NAMES,
    is_count,
    is_time,
    only_letters,
    seconds_of_unit,
)
from sklearn_ecg.utils._leads import TWELVE_LEADS, is_known_lead
from sklearn_ecg.utils._units import millivolts_per_unit

_begins_with_cell = re.compile(
    rf"\s*(?:[^\s#%]|{'|'.join(map(re.escape, NO_VALUES))})", re.IGNORECASE
).match
_SEPARATOR = re.compile(r"\"?sep=([,;:|\t])\"?", re.IGNORECASE)
_MAX_LINES_BEFORE = 200
_MAX_LINES_OF_NAMES = 2
_N_EXAMPLES = 50
# Of columns in which each line names the recording that it is of.
_OWNERS = (*PATIENT_NAMES, "recording", "recordingid", "ecgid", "file", "filename")


@dataclass
class Column:
    """One column of a table: its name and unit, if the file has them."""

    position: int
    name: str = ""
    unit: str = ""
    is_stamps: bool = False  # such as "2026-01-31 12:00:00.004" in place of numbers
    is_empty: bool = False  # in the lines that were looked at

    @property
    def is_time(self):
        """Whether it holds the time: a lead may have such a name, but its unit is a voltage."""
        if self.position == 0 and seconds_of_unit(self.unit):
            return not is_known_lead(self.name)  # in any language
        return is_time(self.name) and not _is_voltage(self.unit)

    @property
    def is_count(self):
        """Whether it counts the lines."""
        return is_count(self.name) and not _is_voltage(self.unit)

    @property
    def may_hold_words(self):
        """Whether it may be of remarks, few of which were written."""
        return self.is_empty and not (is_known_lead(self.name) or _is_voltage(self.unit))


@dataclass
class Layout:
    """The place where the numbers of a table begin, and the facts in the lines before."""

    encoding: str
    delimiter: str
    n_lines_before: int
    n_delimiters_before: int
    n_cells: int
    columns: list[Column]  # those of numbers or stamps
    is_named: bool
    comments: tuple[str, ...]  # not a list, because the next file with this head shares it
    has_decimal_commas: bool
    has_quoted_commas: bool  # decimal ones, in quotes
    fs: float | None = None
    is_long: bool = False  # with several lines for one time, which a column tells apart
    owners: tuple[int, ...] = ()  # positions of columns that say whose, or of which lead, a line is
    has_unread_time: bool = False  # in a column of words


@lru_cache(maxsize=1)  # a file is recognized by its layout, and then read by it
def find_layout(head):
    """Find the layout of the table that begins with some bytes, or None if they are not one."""
    encoding = find_encoding(head)
    if encoding is None:
        return None
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head)
    are_quoted = has_quoted_commas(text)
    lines = split_lines(unquote_commas(text) if are_quoted else text)
    if len(head) >= HEAD_BYTES:
        lines.pop()  # goes on after the head
    rows = [i for i, line in enumerate(lines) if _begins_with_cell(line)]
    delimiters = ("\t", ";", ",", BLANKS)
    if rows and (separator := _SEPARATOR.fullmatch(lines[rows[0]].strip(" "))):
        delimiters, rows = (separator[1],), rows[1:]
    found = _find_table(lines, rows, delimiters)
    if found is None:
        return None
    delimiter, kinds, first = found
    texts = [lines[i] for i in rows[: rows.index(first)]]
    n_used = 0
    if parts := acqknowledge_columns(texts, len(kinds)):
        names, units = zip(*parts, strict=True)
        first = _after_counts(lines, rows, first, delimiter)
    else:
        names, units, n_used = _read_names(texts, delimiter, kinds)
    start = rows.index(first)
    before, table = rows[: start - n_used], rows[start:]
    comments = [lines[i] for i in range(first) if i in before or _is_comment(lines[i])]
    layout = Layout(
        encoding=encoding,
        delimiter=delimiter,
        n_lines_before=first,
        n_delimiters_before=sum(line.count(delimiter) for line in lines[:first]),
        n_cells=len(kinds),
        columns=_make_columns(kinds, names, units),
        is_named=names is not None,
        comments=tuple(text for line in comments if (text := line.strip("#% \t"))),
        has_decimal_commas=delimiter != "," and any("," in lines[i] for i in table),
        has_quoted_commas=are_quoted,
    )
    _read_comments(layout, comments)
    is_table = len(table) > 1 and len(table) >= len(before)
    if not (_names_signals(layout.columns) or (is_table and _is_of_numbers(kinds))):
        return None
    rows = [row for i in table if len(row := split(lines[i], delimiter)) == len(kinds)]
    layout.is_long = _is_long(rows, kinds, layout.columns)
    layout.owners = tuple(_find_owners(rows, kinds, names, units, layout.columns))
    layout.has_unread_time = _has_unread_time(rows, kinds, names)
    if names:
        _refuse_leads_of_text(names, units, kinds)
    return layout


def _make_columns(kinds, names, units):
    """Make the columns that hold numbers or stamps, or nothing yet under a name."""
    names, units = names or [""] * len(kinds), units or [""] * len(kinds)
    columns = []
    for i, (kind, name, unit) in enumerate(zip(kinds, names, units, strict=True)):
        if kind == "stamp":
            columns.append(Column(i, "time", is_stamps=True))
        elif kind == "number" or (kind == "missing" and name):
            columns.append(Column(i, name, unit, is_empty=kind == "missing"))
    return columns


def _names_signals(columns):
    return any(_is_of_signal(c.name, c.unit) for c in columns if not c.is_stamps)


def _is_of_numbers(kinds):
    """Check that a table is no list of labels or patients, of more words and dates than numbers."""
    return kinds.count("number") > kinds.count("text") + kinds[1:].count("stamp")


def _find_owners(rows, kinds, names, units, columns):
    """Find the columns that name the recording, or the lead, that each line is of."""
    names, units = names or [""] * len(kinds), units or [""] * len(kinds)
    n_signals = sum(not (c.is_time or c.is_stamps or c.is_count) for c in columns)
    for i, (kind, name, unit) in enumerate(zip(kinds, names, units, strict=True)):
        cells, name = {row[i] for row in rows}, only_letters(name)
        # Alone, or with many values, it is a signal.
        is_channel = name.startswith("channel") and name in CHANNEL_NAMES and n_signals > 1
        if (
            (kind in ("number", "text") and name in _OWNERS and not _is_voltage(unit))
            or (kind == "number" and is_channel and len(cells) <= len(TWELVE_LEADS))
            or (kind == "text" and all(map(is_known_lead, cells)))
        ):
            yield i


def _has_unread_time(rows, kinds, names):
    """Check whether the only times are words, which are not read."""
    return any(
        kind == "text" and is_time(name) and len({row[i] for row in rows}) > 1
        for i, (kind, name) in enumerate(zip(kinds, names or [""] * len(kinds), strict=True))
    )


def _is_long(rows, kinds, columns):
    """Check whether lines of one time differ in their words, or in the number of a channel."""
    words = [i for i, kind in enumerate(kinds) if kind == "text"]
    times = [column.position for column in columns if column.is_time or column.is_stamps]
    if len(columns) - len(times) > 1:  # the only one is the signal, whatever its name
        words += [c.position for c in columns if only_letters(c.name) in CHANNEL_NAMES]
    if not (words and times):
        return False
    # A text that is another one in each line is no name.
    words = [i for i in words if 4 * len({row[i] for row in rows}) <= len(rows)]
    same = [(a, b) for a, b in pairwise(rows) if all(a[i] == b[i] for i in times)]
    n_apart = sum(any(a[i] != b[i] for i in words) for a, b in same)
    return 2 * n_apart > len(same)  # a remark changes now and then, also within a second


def _refuse_leads_of_text(names, units, kinds):
    for number, (name, unit, kind) in enumerate(zip(names, units, kinds, strict=True), start=1):
        if kind == "text" and (is_known_lead(name) or _is_voltage(unit)):
            raise ECGFormatError(
                f"has text where column {number}, which is named as a lead, needs numbers: write "
                "them like 0.5 or 0,5, with nothing else in a cell"
            )


def _find_table(lines, rows, delimiters):
    """Find the delimiter of a table, the kind of each column, and the first line of numbers."""
    for delimiter in delimiters:
        kinds = _kinds_of_columns([lines[i] for i in rows[-_N_EXAMPLES:]], delimiter)
        first = None if kinds is None else _first_row(lines, rows, delimiter, kinds)
        if first is None or (delimiter == "," and _are_decimal(lines, rows, first, len(kinds))):
            continue
        return delimiter, kinds, first
    return None


def _are_decimal(lines, rows, first, n_cells):
    """Check whether commas are decimal: blanks part the numbers of a line, or it is a single one.

    The single one is of a signal that is named; else commas may part two numbers. Nor do blanks
    part columns if commas part their names, as "time,ECG" above "20260131 120000,512".
    """
    start = rows.index(first)
    names = lines[rows[start - 1]] if start else ""
    table = rows[start:-1] or rows[start:]  # the last line may be cut
    are_named = len(split(names, ",")) == n_cells and ", " not in names
    if not are_named and all(_are_decimal_between_blanks(lines[i]) for i in table):
        return True
    name = _without_quotes(names)
    is_one = _is_one_name(name) and _is_voltage(take_apart(name)[1])
    is_one = is_one or are_of_watch([lines[i] for i in rows[:start]])
    return is_one and all(is_number(lines[i].strip()) for i in rows[start:])


def _are_decimal_between_blanks(line):
    cells = split(line, BLANKS)
    return len(cells) > 1 and all(
        kind_of(cell, BLANKS) in ("number", "missing")
        and cell == cell.strip(",")  # at an end, a comma parts columns
        for cell in cells
    )


def _is_of_signal(name, unit):
    return is_time(name) or is_known_lead(name) or _is_voltage(unit)


def _is_voltage(unit):
    return millivolts_per_unit(unit) is not None


def _is_comment(line):
    return bool(line.strip()) and not _begins_with_cell(line)


def _kinds_of_columns(examples, delimiter):
    """Find what each column holds by some lines of the table, or None if they do not agree."""
    rows = [split(line, delimiter) for line in examples if delimiter in line or delimiter == BLANKS]
    if not rows:
        return None
    # The usual one; of two, that of the later lines, as a line of names comes first.
    width = Counter(map(len, reversed(rows))).most_common(1)[0][0]
    rows = [row for row in rows if len(row) == width and _holds_number(row, delimiter)]
    # Lines before the table may be any text, and one at its end may be cut.
    if 2 * len(rows) < len(examples) - _MAX_LINES_OF_NAMES:
        return None
    kinds = []
    for cells in zip(*rows, strict=True):
        found = Counter(kind_of(cell, delimiter) for cell in cells)
        # A line before the table may have a date where the table has nothing.
        usual = found.most_common(1)[0][0]
        kinds.append(next((kind for kind in ("number", "text") if kind in found), usual))
    return kinds or None


def _holds_number(cells, delimiter):
    if len(cells) > 1 and cells == ["", *map(str, range(len(cells) - 1))]:
        return False  # names that pandas gives to columns without names
    return any(kind_of(cell, delimiter) == "number" for cell in cells)


def _first_row(lines, rows, delimiter, kinds):
    """Find the first line that holds numbers where the table does."""
    two = [split(lines[i], delimiter) for i in rows[:2]]
    for i in rows[_are_numbers_of_columns(*two) if len(two) == 2 else 0 :][:_MAX_LINES_BEFORE]:
        cells = split(lines[i], delimiter)
        if (
            len(cells) == len(kinds)
            and _holds_number(cells, delimiter)
            and all(
                kind not in ("number", "stamp") or kind_of(cell, delimiter) in (kind, "missing")
                for cell, kind in zip(cells, kinds, strict=True)
            )
        ):
            return i
    return None


def _are_numbers_of_columns(cells, below):
    """Check for names that pandas gives to columns without: 0, 1 and so on, as no signal begins."""
    are_whole = all(cell.lstrip("+-").isdecimal() for cell in below)
    return cells == list(map(str, range(len(cells)))) and len(cells) > (2 if are_whole else 1)


def _after_counts(lines, rows, first, delimiter):
    """Find the first line of samples, below a line that counts those of each channel."""
    two = rows[rows.index(first) :][:2]
    are_counts = [all(cell.isdecimal() for cell in split(lines[i], delimiter) if cell) for i in two]
    return two[1] if are_counts == [True, False] else first


def _read_names(lines, delimiter, kinds):
    """Read names and units of columns from the lines before the table, and count those lines."""
    rows = [split(line, delimiter) for line in lines[-_MAX_LINES_OF_NAMES:]]
    if len(kinds) == 1:
        bare = [_without_quotes(line) for line in lines[-2:]]
        rows = [[line] if _is_one_name(line) else ["", ""] for line in bare]
    if kinds[-1] == "missing":  # each line of numbers ends with a delimiter, that of names may not
        rows = [[*row, ""] if len(row) == len(kinds) - 1 else row for row in rows]
    if not rows or len(rows[-1]) != len(kinds) or rows[-1][0].endswith("="):
        return None, None, 0  # "Range=" and the like are LabChart's, and name no column
    names, units = zip(*map(take_apart, rows[-1]), strict=True)
    if len(rows) == 2 and len(rows[0]) == len(kinds):
        above = [take_apart(cell)[0] for cell in rows[0]]
        below = [unit or name for name, unit in zip(names, units, strict=True)]
        are_names = any(name and _is_voltage(unit) for name, unit in zip(names, units, strict=True))
        if not are_names and _are_units(below, above):
            return above, below, 2
    numbers = [name for name, kind in zip(names, kinds, strict=True) if kind == "number"]
    if "" in numbers[next((i for i, name in enumerate(numbers) if name), 0) :]:
        return None, None, 0  # only in front may a column without a name count the lines
    if len(lines) > 1 and not any(map(_is_of_signal, names, units)):
        return None, None, 0  # after a line of "Patient,Karl", one of "Birth,1934" names no column
    return names, units, 1


def _without_quotes(line):
    return line.strip("'\" \t")


def _is_one_name(line):
    """Check that a line before a single column is a name, and no sentence or "Patient: X"."""
    name, _ = take_apart(line)
    return re.search("[,;:\t]", line) is None and (len(name.split()) <= 1 or is_known_lead(name))


def _are_units(cells, names):
    return not any(map(is_known_lead, cells)) and any(
        _is_voltage(cell) or (is_time(name) and seconds_of_unit(cell))
        for cell, name in zip(cells, names, strict=True)
    )


def _read_comments(layout, lines):
    """Read what programs say of their columns in the lines before a table, and in comments."""
    statements = read_statements(lines)
    layout.fs = stated_fs(statements)
    if layout.is_named:
        return
    comments = [line.strip("#% \t") for line in lines if _is_comment(line)]
    if comments and comments[0].startswith("OpenSignals"):
        layout.fs, parts, are_signals = opensignals_columns(comments)
        _name(layout, parts)
        layout.columns = [c for c in layout.columns if are_signals[c.position]]
    elif parts := stated_columns(statements, len(layout.columns)):
        _name(layout, parts)
    if comments and not layout.is_named:
        # A comment may say anything; names that are all known can only be those of the columns.
        parts = [take_apart(cell) for cell in split(comments[-1], layout.delimiter)]
        if len(parts) == layout.n_cells and all(
            is_time(name) or is_count(name) or is_known_lead(name) for name, _ in parts
        ):
            _name(layout, parts)


def _name(layout, parts):
    """Set the names and units of the columns; each line may end with a delimiter."""
    if len(parts) not in (layout.n_cells, layout.n_cells - 1):
        return
    for column in layout.columns:
        if column.position < len(parts):
            column.name, column.unit = parts[column.position]
    layout.is_named = any(name for name, _ in parts)
