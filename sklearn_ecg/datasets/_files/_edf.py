"""Read EDF, EDF+ and BDF, continuous and discontinuous.

The format is parsed here and not by the package edfio, against which the tests compare every
result: that package refuses files that devices do write (padded by NUL, cut in their last record),
and its regular expression for annotations takes quadratic time for a list that does not end.
"""

import re
from functools import partial
from typing import NamedTuple

import numpy as np

from sklearn_ecg.datasets._files._contents import (
    Channel,
    Contents,
    ECGFormatError,
    check_gain,
    check_n_leads,
    check_n_values,
)
from sklearn_ecg.datasets._files._wfdb_annotation import (
    COMMENT,
    RHYTHMS,
    SYMBOLS,
)
from sklearn_ecg.datasets._files._wfdb_signal import decode_24
from sklearn_ecg.utils._records import RHYTHM_CHANGE

_BDF = b"\xffBIOSEMI"
_ONSET = re.compile(rb"[+-]\d{1,12}(?:\.\d{0,30})?")
_MARKS = ("EDF Annotations", "BDF Annotations")  # labels of the signals that are none
_FIXED, _PER_SIGNAL = 256, 256
_MAX_MARKS = 2**22  # beats of a month; each takes some hundred bytes, and two of the file


class _Signal(NamedTuple):
    """One signal: where it stands in a data record, and how its counts become its unit."""

    label: str
    unit: str
    start: int  # position in a data record, and number of values there
    length: int
    physical: tuple[str, str]
    digital: tuple[str, str]


class _Header(NamedTuple):
    patient: str
    recording: str
    start: str
    is_split: bool
    duration: float
    n_bytes: int  # of the header, and of a value
    value_bytes: int
    signals: list[_Signal]
    n_records: int
    note: str


def matches(head, path):
    """Check whether a file begins as one of EDF or BDF does."""
    return len(head) >= _FIXED and (head[:8].rstrip(b" \0") == b"0" or head[:8] == _BDF)


def read(path, options):
    """Read the signals and, from EDF+ and BDF+, the annotations."""
    header = _read_header(path)
    signals = [signal for signal in header.signals if signal.label not in _MARKS]
    check_n_leads(len(signals))
    width = sum(signal.length for signal in header.signals)
    shape = header.n_records, width * header.value_bytes
    records = np.memmap(path, np.uint8, mode="r", offset=header.n_bytes, shape=shape)
    onsets, marks, rhythms, texts = _read_marks(records, header)
    if header.is_split:
        starts = (onsets - onsets[:1]) / header.duration
    else:
        starts = np.arange(header.n_records)
    n_spanned = _check_starts(starts, header.n_records)
    check_n_values(int(n_spanned * width), path.stat().st_size)
    channels = [
        Channel(
            signal.label,
            signal.unit,
            signal.length / header.duration,
            partial(_values, records, signal, header.value_bytes, starts, n_spanned),
        )
        for signal in signals
    ]
    contents = Contents(channels, marks=marks, rhythms=rhythms, note=header.note)
    if options.keeps_metadata:
        contents.metadata = {
            "patient": header.patient,
            "recording": header.recording,
            "start": header.start,
            "annotations": texts,
        }
    return contents


def _read_header(path):
    """Read what describes the signals, and check that the file is as long as that says."""
    with path.open("rb") as file:
        head = file.read(_FIXED)
        n_signals = int(_field(head, 252, 4))
        check_n_leads(n_signals)
        head += file.read(_PER_SIGNAL * n_signals)

    signals = _describe_signals(head, n_signals)
    width = sum(signal.length for signal in signals)
    if min(signal.length for signal in signals) < 1 or int(_field(head, 184, 8)) != len(head):
        raise ECGFormatError("has an EDF header that contradicts itself")
    duration = float(_field(head, 244, 8).replace(",", "."))
    if not duration > 0:
        raise ECGFormatError("has data records of no duration")
    value_bytes = 3 if head[:8] == _BDF else 2
    n_bytes = path.stat().st_size - len(head)
    n_records, note = _count_records(
        int(_field(head, 236, 8)), *divmod(n_bytes, value_bytes * width)
    )
    return _Header(
        patient=_field(head, 8, 80),
        recording=_field(head, 88, 80),
        start=_field(head, 168, 16),
        is_split=_field(head, 192, 44)[:5] in ("EDF+D", "BDF+D"),
        duration=duration,
        n_bytes=len(head),
        value_bytes=value_bytes,
        signals=signals,
        n_records=n_records,
        note=note,
    )


def _describe_signals(head, n_signals):
    """Read the part of the header that has each field for all signals, one field after another."""

    def fields(start, length):
        return [
            _field(head, _FIXED + start * n_signals + length * i, length) for i in range(n_signals)
        ]

    lengths = [int(text) for text in fields(216, 8)]
    return [
        _Signal(label, unit.replace("Âµ", "µ"), int(start), length, physical, digital)
        for label, unit, start, length, physical, digital in zip(
            fields(0, 16),
            fields(96, 8),  # EDF allows no micro sign: it comes in Latin-1, or in UTF-8 as "Âµ"
            np.cumsum(lengths) - lengths,
            lengths,
            zip(fields(104, 8), fields(112, 8), strict=True),
            zip(fields(120, 8), fields(128, 8), strict=True),
            strict=True,
        )
    ]


def _field(head, start, length):
    return head[start : start + length].decode("latin-1").strip(" \0")


def _count_records(n_declared, n_whole, n_bytes_over):
    """Count the data records to be read, and describe the ones left out.

    Padding after the last record is common and harmless, and so is the last record of a recorder
    that was switched off; a file that lacks more has been truncated.
    """
    if n_declared == -1:  # "still recording"
        n_declared = n_whole
    if n_declared < 1 or n_whole < 1 or n_whole < n_declared - bool(n_bytes_over):
        raise ECGFormatError("is not as long as its EDF header says: it may be truncated")
    if n_whole < n_declared:
        return n_whole, "ends within its last data record, which is left out"
    if n_whole > n_declared:
        # A recorder may count its records last of all.
        return (
            n_whole,
            f"has {n_whole} data records, and all are read; its header says {n_declared}",
        )
    return n_declared, ""


def _check_starts(starts, n_records):
    """Check that data records follow each other, and count those that would fill the whole time."""
    # Times are rounded: a thousandth of a data record is not an overlap.
    if len(starts) != n_records or np.any(np.diff(starts) < 1 - 1e-3) or np.isnan(starts).any():
        raise ECGFormatError("has data records that lack a time, overlap or go back in time")
    return float(starts[-1]) + 1


def _values(records, signal, value_bytes, starts, n_spanned):
    """Decode one signal, and leave NaN between data records that do not follow each other."""
    gain, offset = _calibration(signal)
    columns = slice(signal.start * value_bytes, (signal.start + signal.length) * value_bytes)
    data = records[:, columns]
    counts = data.view("<i2") if value_bytes == 2 else decode_24(data.ravel())
    # float32 holds counts of 24 bits exactly, but not what they are after an offset.
    dtype = np.float32 if value_bytes == 2 else np.float64
    values = np.multiply(counts.reshape(len(data), -1), dtype(gain), dtype=dtype)
    values += dtype(offset)
    n_values = round(n_spanned * signal.length)
    if n_values == values.size:
        return values.reshape(-1)
    spread = np.full(n_values, np.nan, dtype=np.float32)
    first_steps = np.rint(starts * signal.length).astype(np.intp)
    for start, record in zip(first_steps, values, strict=True):
        spread[start : start + signal.length] = record[: n_values - start]
    return spread


def _calibration(signal):
    """Compute gain and offset; a digital minimum above the maximum turns the signal over."""
    low, high = (float(text.replace(",", ".")) for text in signal.physical)
    first, last = (int(text) for text in signal.digital)
    gain = check_gain((high - low) / (last - first) if last != first else 0)
    return gain, low - gain * first


def _read_marks(records, header):
    """Read the times of data records, marks and rhythms as (seconds, names), and all texts."""
    onsets, found = np.empty(0), []
    for signal in header.signals:
        if signal.label not in _MARKS:
            continue
        says_onset = not len(onsets)  # the first such signal says when each data record begins
        length = signal.length * header.value_bytes
        start = signal.start * header.value_bytes
        block = np.ascontiguousarray(records[:, start : start + length])
        if np.count_nonzero(block == 0x14) > 2 * (len(block) + _MAX_MARKS):
            raise ECGFormatError(f"has more than {_MAX_MARKS} annotations")
        is_bare = np.zeros(len(block), dtype=bool)
        if says_onset:
            is_bare, onsets = _read_onsets(block)
        for record in np.flatnonzero(~is_bare).tolist():
            lists = _split(block[record].tobytes())
            if says_onset and lists:
                onsets[record] = lists[0][0]
            found += [(onset, text) for onset, texts in lists for text in texts if text]
    found.sort(key=lambda mark: mark[0])
    first = onsets[0] if len(onsets) and np.isfinite(onsets[0]) else 0.0
    seconds = np.array([onset - first for onset, _ in found], dtype=np.float64)
    texts = [text for _, text in found]
    symbols = np.array([_symbol(text) for text in texts], dtype="<U1")
    begins = [i for i, text in enumerate(texts) if text[0] == "(" and text[1:] in RHYTHMS]
    rhythms = seconds[begins], np.array([texts[i][1:] for i in begins], dtype="<U4")
    return onsets, (seconds, symbols), rhythms, list(zip(seconds.tolist(), texts, strict=True))


def _symbol(text):
    """Return the symbol of a text; any other text may name a person, and is a comment."""
    if text[0] == "(" and text[1:] in RHYTHMS:
        return RHYTHM_CHANGE
    return text if text in SYMBOLS else COMMENT


def _read_onsets(block):
    """Read the times of the data records that hold nothing but their own time, all at once.

    Most are such. The time of the others is NaN until it is read.
    """
    onsets = np.full(len(block), np.nan)
    n_first = (block == 0).argmax(axis=1)  # bytes of the first list: "+12.5", then 0x14 twice
    width = max(int(n_first.max()), 1)
    first = block[:, :width].copy()
    is_end = first == 0x14
    is_bare = (
        (np.count_nonzero(block, axis=1) == n_first)
        & (n_first <= 40)
        & (is_end.sum(axis=1) == 2)
        & is_end[np.arange(len(block)), n_first - 1]
        & is_end[np.arange(len(block)), n_first - 2]
        & np.isin(first, np.frombuffer(b"+-.0123456789\x14\0", np.uint8)).all(axis=1)
    )
    first[is_end] = 0
    onsets[is_bare] = first[is_bare].view(f"S{width}")[:, 0].astype(np.float64)
    return is_bare, onsets


def _split(data):
    """Split a data record's annotations into (onset in s, texts)."""
    lists = []
    for part in data.split(b"\x00"):
        if part:
            timing, *texts = part.split(b"\x14")
            onset = timing.partition(b"\x15")[0]
            if not _ONSET.fullmatch(onset):
                raise ECGFormatError("has an annotation without a time")
            lists.append((float(onset), [text.decode("utf-8", "replace") for text in texts]))
    return lists
