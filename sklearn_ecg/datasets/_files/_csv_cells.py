"""Read the text of a table: its encoding, the cells of a line, and what a cell holds."""

import codecs
import csv
import re

from sklearn_ecg.datasets._files._csv_stamps import is_stamp
from sklearn_ecg.utils._leads import UPSIDE_DOWN

BLANKS = " "  # stands for any number of blanks between columns
# Of spreadsheets, which write the reason why there is no number.
NO_VALUES = ("#N/A", "#NUM!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NULL!")
_WORDS = ("nan", "na", "n/a", "null", "none", "-", "--", "?", ".")
MISSING = (*_WORDS, *map(str.casefold, NO_VALUES))
_NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?")
_QUOTED = re.compile(r'(?<![^,\n])"([+-]?\d*),(\d+(?:[eE][+-]?\d+)?)"(?![^,\r\n])')
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
_ENDS_IN_UNIT = re.compile(r"(?P<name>[^\W\d_]\S{0,200})_(?P<unit>[muµμ]V)", re.IGNORECASE)
# A remark such as "(inverted)" is no unit, but belongs to the name.
_COLUMN = re.compile(
    rf"(?P<name>.{{0,200}}?)(?:[(\[](?!{UPSIDE_DOWN})(?P<unit>[^()\[\]]{{0,50}})[)\]])?\s*",
    re.IGNORECASE,
)


def find_encoding(head):
    """Find the encoding of a text, or None for bytes that are not text."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if head.startswith(mark):
            return encoding
    if b"\x00" in head:
        half = len(head) // 2
        if half and head[1::2].count(0) > 0.9 * half and 0 not in head[::2]:
            return "utf-16-le"
        if half and head[::2].count(0) > 0.9 * half and 0 not in head[1::2]:
            return "utf-16-be"
        return None
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:  # from an old program, whose micro sign is another byte
        return "cp1252"
    return "utf-8"


def split(line, delimiter):
    """Split a line into cells, without quotes and blanks around them."""
    if delimiter == BLANKS:
        cells = line.split()
    elif '"' in line:
        cells = next(csv.reader([line], delimiter=delimiter), [])
    else:
        cells = line.split(delimiter)
    return [cell.strip().strip("'\"") for cell in cells]


def kind_of(cell, delimiter):
    """Find what a cell holds: "number", "stamp", "text", or "missing" if nothing."""
    if is_number(cell) and not (delimiter == "," and "," in cell):
        return "number"
    if cell == "" or cell.casefold() in MISSING:
        return "missing"
    return "stamp" if is_stamp(cell) else "text"


def is_number(text):
    """Check for a number, with a decimal point or a decimal comma."""
    return _NUMBER.fullmatch(text) is not None


def take_apart(name):
    """Split the name of a column into a name and a unit, as in "II (mV)" or "ecg_uV"."""
    match = _ENDS_IN_UNIT.fullmatch(name.strip()) or _COLUMN.fullmatch(name.strip())
    if match is None:
        return name.strip(), ""
    return match["name"].strip(), (match["unit"] or "").strip()


def has_quoted_commas(text):
    """Check for cells like "0,123"; if all are like "1,234", they may be thousands."""
    cells = _QUOTED.finditer(text) if '"' in text else ()  # few texts have quotes
    return any(not _THOUSANDS.fullmatch(cell[0].strip('"')) for cell in cells)


def unquote_commas(text):
    """Write numbers like "0,5" as 0.5, so that no comma is left but those that part cells."""
    return _QUOTED.sub(r"\1.\2", text)
