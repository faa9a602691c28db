"""Read annotated electrocardiograms in the XML of HL7 (aECG), as the FDA collects them."""

import re
from contextlib import suppress
from datetime import datetime
from functools import partial

import numpy as np

from sklearn_ecg.datasets._files._contents import (
    Channel,
    Contents,
    ECGFormatError,
    check_fs,
    check_gain,
    check_n_leads,
    check_n_values,
)
from sklearn_ecg.datasets._files._xml import describe, parse_xml, root_name, value_of
from sklearn_ecg.utils._units import millivolts_per_unit

_SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6}
_LEAD = re.compile(r"MDC_ECG_LEAD_[A-Za-z0-9_]{1,20}")
_TIMES = ("TIME_ABSOLUTE", "TIME_RELATIVE")
_TIMESTAMP = re.compile(r"(\d{8})(\d\d)(\d\d)(\d\d(?:\.\d{1,9})?)(?:[+-]\d{4})?")


def matches(head, path):
    """Check whether a file is XML whose root is an annotated electrocardiogram."""
    return root_name(head) == "AnnotatedECG"


def read(path, options):
    """Read a series: the one whose number or code the caller states, or the first rhythm.

    A series has sets of leads that were recorded together; each set has its own time. What is
    derived from the series, such as average beats, is passed over.
    """
    root = parse_xml(path)
    series, note = _choose(root.findall("component/series"), options.array)
    sets = [_read_set(each) for each in series.findall("component/sequenceSet")]
    sets = [(start, fs, leads) for start, fs, leads in sets if leads]
    check_n_leads(sum(len(leads) for _, _, leads in sets))
    if len(sets) == 1:  # its time of day does not matter
        sets = [(0.0, *sets[0][1:])]
    if any(start is None for start, _, _ in sets):
        raise ECGFormatError("is HL7 aECG with a time that cannot be parsed")
    first = min(start for start, _, _ in sets)
    ends = [start - first + len(counts) / fs for start, fs, leads in sets for _, _, counts in leads]
    check_n_values(
        int(max(ends) * sum(fs * len(leads) for _, fs, leads in sets)), path.stat().st_size
    )
    channels = [
        Channel(
            name,
            unit,
            fs,
            partial(_place, values, round((start - first) * fs), round(max(ends) * fs)),
        )
        for start, fs, leads in sets
        for name, unit, values in leads
    ]
    metadata = describe(root) if options.keeps_metadata else {}
    return Contents(channels, note=note, metadata=metadata)


def _choose(series, wanted):
    codes = [value_of(each, "code", "code") for each in series]
    if not series:
        raise ECGFormatError("is HL7 aECG without a series of waveforms")
    if wanted is not None:
        for number, code in enumerate(codes):
            if wanted.casefold() in (code.casefold(), str(number)):
                return series[number], ""
        raise ECGFormatError(
            f"is HL7 aECG without the series that file_array names; it has 0 to {len(series) - 1}"
        )
    number = codes.index("RHYTHM") if "RHYTHM" in codes else 0
    if len(series) == 1:
        return series[0], ""
    return series[number], (
        f"has the series 0 to {len(series) - 1}; number {number} is read. Choose one by its "
        'number, as in file_array="0"'
    )


def _read_set(sequence_set):
    """Read the time in s at which a set of leads begins, its rate, and (name, unit, values).

    The time is None if it cannot be parsed.
    """
    start, fs, leads = None, None, []
    for sequence in sequence_set.findall("component/sequence"):
        code = value_of(sequence, "code", "code")
        if code in _TIMES:
            unit = value_of(sequence, "value/increment", "unit")
            if unit not in _SECONDS:
                raise ECGFormatError("is HL7 aECG with times in a unit that is not read")
            step = float(value_of(sequence, "value/increment")) * _SECONDS[unit]
            fs = check_fs(1 / step)
            start = _seconds(sequence, code)
        elif _LEAD.fullmatch(code):
            leads.append((code, *_values(sequence)))
    if leads and fs is None:
        raise ECGFormatError("is HL7 aECG with leads that have no time")
    # A lead without values was not recorded, and is NaN.
    if len({len(values) for _, _, values in leads if len(values)}) > 1:
        raise ECGFormatError(
            "is HL7 aECG with leads of different lengths, as if truncated: export it again"
        )
    return start, fs, leads


def _seconds(sequence, code):
    head = value_of(sequence, "value/head")
    if code == "TIME_RELATIVE":
        return float(head) * _SECONDS[value_of(sequence, "value/head", "unit")]
    match = _TIMESTAMP.fullmatch(head)
    if match is None:
        return None
    date, hours, minutes, seconds = match.groups()
    day = 0  # of a date that was made unknown
    with suppress(ValueError):
        day = datetime.strptime(date, "%Y%m%d").toordinal()
    return 86400.0 * day + 3600.0 * int(hours) + 60.0 * int(minutes) + float(seconds)


def _values(sequence):
    unit = value_of(sequence, "value/scale", "unit")
    scale, origin = (float(value_of(sequence, f"value/{name}")) for name in ("scale", "origin"))
    other = value_of(sequence, "value/origin", "unit")
    if origin and other != unit:
        factors = millivolts_per_unit(other), millivolts_per_unit(unit)
        if None in factors:
            raise ECGFormatError("is HL7 aECG with an origin in a unit that is not read")
        origin *= factors[0] / factors[1]
    digits = sequence.findtext("value/digits", "").split()
    return unit, np.array(digits, dtype=np.float64) * check_gain(scale) + origin


def _place(values, start, n_timesteps):
    """Put a lead at its time in the recording, with NaN before and after."""
    if len(values) == n_timesteps:
        return values
    placed = np.full(n_timesteps, np.nan)
    placed[start : start + len(values)] = values[: n_timesteps - start]
    return placed
