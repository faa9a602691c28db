"""Read what programs state of a table in the lines before it, as in "Sample Rate,512 hertz"."""

import json
import re
from collections import defaultdict
from math import isfinite

from sklearn_ecg.datasets._files._contents import ECGFormatError
from sklearn_ecg.datasets._files._names import FS_NAMES, seconds_of_unit
from sklearn_ecg.utils._units import millivolts_per_unit

NO_ECG = "nd"  # the unit of a sensor of something else
_STATEMENT = re.compile(
    r"(?P<key>[^:=,;\t(\[]{1,40})(?:[(\[](?P<unit>[^)\]]{0,20})[)\]])?\s*"
    r"(?::=|[:=,;\t])(?P<value>.*)"
)
_PER_SAMPLE = re.compile(r"(?P<interval>[\d.]+ [a-zμ]+)/sample\b.*")
_QUANTITY = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(?:[eE]([+-]?\d+))?\s*([^\W\d_]*)")
# A line with the model of a watch of Apple, which is the same in all languages.
_MODEL = re.compile(r"[^,;\t]{1,40}[,;\t]\"?Watch\d{1,2},\d{1,2}\"?[,;\t\s]*")
_SLOWEST = 10  # Hz; 1.000 Hz are a thousand in many languages
_INTERVAL = "interval a sample"
_HERTZ = {"": 1.0, "khz": 1e3} | dict.fromkeys(
    ("hz", "hertz", "hercios", "ヘルツ", "赫兹", "赫茲", "헤르츠", "гц", "герц", "герца"), 1.0
)


def read_statements(lines):
    """Read lines of a key and a value.

    Parameters
    ----------
    lines : sequence of str
        Lines before a table. Those that state nothing are passed over.

    Returns
    -------
    dict of {str: str}
        The value of each key in lower case, with the unit of the key behind it. A key with several
        values states nothing.
    """
    values = defaultdict(set)
    for line in lines:
        if match := _PER_SAMPLE.fullmatch(line):
            values[_INTERVAL].add(match["interval"])
        elif match := _STATEMENT.fullmatch(line.strip().lstrip("#% \t")):
            value = match["value"].strip(" \t,;\"'")
            values[match["key"].strip(" \"'").casefold()].add(f"{value} {match['unit'] or ''}")
    statements = {key: some.pop().strip() for key, some in values.items() if len(some) == 1}
    return statements | (_translate(statements.values()) if are_of_watch(lines) else {})


def are_of_watch(lines):
    """Check whether lines before a table are those of a watch of Apple."""
    return any(map(_MODEL.fullmatch, lines))


def _translate(values):
    """State in English what a watch of Apple says in the language and the numbers of its owner."""
    rates = [value.replace(",", ".") for value in values]
    rates = [rate for rate in rates if _quantity(rate, lambda unit: unit and _HERTZ.get(unit))]
    units = [value for value in values if millivolts_per_unit(value)]
    found = {"lead": "I"}  # it records no other
    found |= {"sample rate": rates[0]} if len(set(rates)) == 1 else {}
    return found | ({"unit": units[0]} if len(set(units)) == 1 else {})


def stated_fs(statements):
    """Return the sampling rate in Hz that lines state, or None if they do not agree on one."""
    found = {_quantity(statements[key], _HERTZ.get) for key in FS_NAMES if key in statements}
    # Of AcqKnowledge, or of LabChart; elsewhere an interval may be any.
    name = "interval" if "channeltitle" in statements else _INTERVAL
    if interval_s := _quantity(statements.get(name, ""), seconds_of_unit):
        found.add(1 / interval_s)
    found = {fs for fs in found if fs and isfinite(fs)}
    if any(fs < _SLOWEST for fs in found):
        return None
    return found.pop() if len(found) == 1 else None


def stated_columns(statements, n_columns):
    """Return name and unit of each column that lines state, or None.

    Parameters
    ----------
    statements : dict of {str: str}
        From `read_statements`.
    n_columns : int
        Number of columns of the table that are not empty.

    Returns
    -------
    list of tuple of (str, str), or None
        The first columns; "" stands for what is not stated.
    """
    if "labels" in statements:  # of BioSPPy
        return [(name.strip(), "") for name in statements["labels"].split("\t")]
    if "channeltitle" in statements:  # of LabChart
        names = statements["channeltitle"].split("\t")
        ranges = statements.get("unitname") or statements.get("range", "")
        units = [(text.split() or [""])[-1] for text in ranges.split("\t")]
        units = units if len(units) == len(names) else [""] * len(names)
        columns = list(zip(names, units, strict=True))
        return [("time", "s"), *columns] if n_columns == len(names) + 1 else columns
    if n_columns == 1:  # of watches
        return [(statements.get("lead", ""), statements.get("unit", ""))]
    return None


def opensignals_columns(comments):
    """Return the sampling rate and the columns that OpenSignals states.

    Parameters
    ----------
    comments : list of str
        The comments before a table: the name of the program, then JSON.

    Returns
    -------
    fs : float
        Sampling rate in Hz.
    columns : list of tuple of (str, str)
        Name and unit of each column: `NO_ECG` where the sensor sees no heart.
    are_signals : list of bool
        False for the columns of the counter and of digital lines.

    Raises
    ------
    ECGFormatError
        If there are several devices.
    """
    devices = json.loads(comments[1])
    if len(devices) != 1:
        raise ECGFormatError("holds the signals of several devices of OpenSignals side by side")
    (device,) = devices.values()
    sensors = dict(zip(device["label"], device["sensor"], strict=True))
    columns = []
    for name in device["column"]:
        sensor = str(sensors.get(name, ""))
        is_ecg = name in sensors and sensor.upper() in ("ECG", "EKG", "RAW", "CUSTOM", "")
        columns.append((sensor or name, "" if is_ecg else NO_ECG))
    are_signals = [name in sensors for name in device["column"]]
    return float(device["sampling rate"]), columns, are_signals


def acqknowledge_columns(lines, n_cells):
    """Return name and unit of each column of a text that AcqKnowledge wrote, or None.

    Parameters
    ----------
    lines : sequence of str
        The lines before the table: a title, the interval of samples, "2 channels", a name and a
        unit for each, and at last "CH1" and so on, at times with the unit of time in front.
    n_cells : int
        Number of cells of a line of the table.

    Returns
    -------
    list of tuple of (str, str), or None
        One for each cell.
    """
    match = re.fullmatch(r"(\d{1,4}) channels?", lines[2].strip()) if len(lines) > 3 else None
    if match is None or not _PER_SAMPLE.fullmatch(lines[1]):
        return None
    n_channels = int(match[1])
    names, units = lines[3::2][:n_channels], lines[4::2][:n_channels]
    has_time = not lines[-1].lstrip().startswith("CH")
    columns = [("sample", "")] * has_time  # the interval tells the time
    columns += [(name.strip(), unit.strip()) for name, unit in zip(names, units, strict=False)]
    surplus = n_cells - len(columns)
    return columns + [("", "")] * surplus if surplus in (0, 1) else None


def _quantity(text, factor_of):
    """Return a number with a unit as a number of the base unit, or None."""
    match = _QUANTITY.fullmatch(text)
    factor = match and factor_of(match[3].casefold())
    return factor and float(f"{match[1]}e{match[2] or 0}") * factor
