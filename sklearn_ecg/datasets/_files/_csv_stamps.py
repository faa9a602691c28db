"""Parse stamps of time in the cells of a table, such as "2026-01-31 12:00:00.004"."""

import re
from contextlib import suppress
from datetime import datetime
from functools import lru_cache

import numpy as np

_DATE = r"\d{1,4}[-/.]\w{1,3}[-/.]\d{1,4}"
# "2026-01-31 12:00:00.004", "12:00:00.004", "31/01/2026 12:00:00.004 PM", PhysioBank's
# "[12:00:00.004 31/01/2026]", "12:00:00:004", pandas' "0 days 12:00:00.004" and, with a fraction
# only, "0:00.004" of minutes
_STAMP = re.compile(
    rf"\[?(?:(?:(?P<date>{_DATE})[T ]|(?P<days>\d{{1,3}}) days? )(?=\d\d?:\d\d:\d\d))?"
    r"(?:(?P<h>\d{1,3}):(?=\d\d:)|(?=\d\d?:\d\d[.,]))(?P<min>\d\d?):"
    r"(?P<s>[0-5]\d(?:[.,]\d*|(?<=:\d\d:\d\d):\d{3})?)"
    r"(?: ?(?P<half>[AP])\.? ?M\.?)?(?: ?(?:Z|UTC|GMT|(?P<ahead>[+-]\d\d(?::?\d\d)?)))?"
    rf"(?: (?P<date_after>{_DATE}))?\]?",
    re.IGNORECASE,
)
_DATES = ("%Y-%m-%d", "%d-%m-%Y", "%d-%m-%y", "%m-%d-%Y", "%m-%d-%y")
# `strptime` knows those of the language that the process has been set to.
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_EPOCH = datetime(1970, 1, 1)
_HOUR_S, _DAY_S = 3600.0, 86400.0
_MONTH_S = 28 * _DAY_S


def is_stamp(cell):
    """Check whether a cell holds a time of day, or since a start, with seconds."""
    return not np.isnan(_parse_stamp(cell, month_first=False))


def stamp_reader(month_first=False):
    """Make a function that reads stamps.

    Parameters
    ----------
    month_first : bool, default=False
        Whether the date 5/6/2026 is in May. A date that makes sense in one order only is read so.

    Returns
    -------
    callable
        Takes a cell, and returns the seconds that its stamp counts: since 1970 if it has a date,
        else since midnight; NaN for any other text.
    """

    # Thousands of lines share it, and to parse it takes four times as long as the seconds.
    @lru_cache(maxsize=8)
    def minute_s(minute):
        return _parse_stamp(f"{minute}:00.0", month_first)

    def stamp_s(cell):
        cell = cell.strip(" '\"")
        minute, _, seconds = cell.rpartition(":")
        are_two_digits = seconds[2:3] in ("", ".") and seconds.replace(".", "", 1).isdigit()
        if are_two_digits and (":" in minute or "." in seconds):
            start = minute_s(minute)
            if start == start:  # NaN where the end is not seconds, but minutes of a time zone
                return start + float(seconds)
        return _parse_stamp(cell, month_first)

    return stamp_s


def _parse_stamp(cell, month_first):
    found = _STAMP.fullmatch(cell)
    if found is None:
        return np.nan
    hour = int(found["h"] or 0)
    if found["half"]:
        hour = hour % 12 + 12 * (found["half"] in "pP")
    seconds = _DAY_S * int(found["days"] or 0) + 3600 * hour + 60 * int(found["min"])
    if found["ahead"]:
        sign, hours, minutes = found["ahead"][0], found["ahead"][1:3], found["ahead"][3:].strip(":")
        seconds -= int(f"{sign}1") * (3600 * int(hours) + 60 * int(minutes or 0))
    if date := found["date"] or found["date_after"]:
        seconds += _date_s(date, month_first)
    return seconds + float(re.sub("[,:]", ".", found["s"]))


@lru_cache(maxsize=8)
def _date_s(date, month_first):
    day, month, year = re.split("[-/.]", date)
    forms = sorted(_DATES, key=lambda form: form.startswith("%m") != month_first)
    if month.lower() in _MONTHS:
        month, forms = _MONTHS.index(month.lower()) + 1, ["%d-%m-%Y"]
    date = f"{day}-{month}-{year}"
    for form in forms:
        with suppress(ValueError):
            return (datetime.strptime(date, form) - _EPOCH).total_seconds()
    return np.nan


def are_close(stamps_s):
    """Check whether stamps are in order and of one month, as those of a recording are."""
    return bool(np.all(np.diff(stamps_s) >= 0) and stamps_s[-1] - stamps_s[0] < _MONTH_S)


def unwrap_clock(stamps_s):
    """Add a day to the seconds of stamps after each midnight, if they have no dates.

    If they have no hours either, as Excel shows and saves them, add an hour after each full one.
    """
    if stamps_s[0] >= _DAY_S:
        return stamps_s
    lap_s = _DAY_S if stamps_s.max() >= _HOUR_S else _HOUR_S
    return stamps_s + lap_s * np.cumsum(np.diff(stamps_s, prepend=stamps_s[0]) < -lap_s / 2)
