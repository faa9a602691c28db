"""Read EDF and EDF+, continuous and discontinuous."""

import re
from functools import partial
from typing import NamedTuple

import numpy as np

from sklearn_ecg.datasets._files._contents import (
    Channel,
    Contents,
    ECGFormatError,
    check_n_leads,
    check_n_values,
)
from sklearn_ecg.datasets._files._wfdb_annotation import COMMENT, SYMBOLS
from sklearn_ecg.utils._extras import import_extra

_ONSET = re.compile(rb"[+-]\d{1,12}(?:\.\d{0,12})?")
_MARKS = "EDF Annotations"  # label of the signals that are none


class _Layout(NamedTuple):
    n_header_bytes: int
    n_records: int
    labels: list[str]
    units: list[str]
    lengths: list[int]  # of each signal in a data record, in values of two bytes
    start: str


def matches(head, path):
    """Tell whether a file begins as an EDF file does."""
    return head[:8] == b"0       " and len(head) >= 256


def read(path, options):
    """Read the signals and, from EDF+, the annotations."""
    edfio = import_extra("edfio", extra="edf")
    layout = _read_layout(path)
    edf = edfio.read_edf(path, lazy_load_data=True)
    duration = edf.data_record_duration
    check_n_leads(edf.num_signals)
    onsets, marks, texts = _read_marks(path, layout)
    is_split = edf.reserved.startswith("EDF+D")
    starts = (onsets - onsets[0]) / duration if is_split else np.arange(layout.n_records)
    n_spanned = _check_starts(starts, layout.n_records)
    width = sum(signal.samples_per_data_record for signal in edf.signals)
    check_n_values(int(n_spanned * width), path.stat().st_size)
    channels = [
        Channel(
            signal.label,
            unit,
            signal.samples_per_data_record / duration,
            partial(_values, signal, starts, n_spanned),
        )
        for signal, unit in zip(edf.signals, _units(layout), strict=True)
    ]
    contents = Contents(channels, marks=marks)
    if options.keeps_metadata:
        contents.metadata = {
            "patient": edf.local_patient_identification,
            "recording": edf.local_recording_identification,
            "start": layout.start,
            "annotations": texts,
        }
    return contents


def _field(head, start, length):
    return head[start : start + length].decode("latin-1").strip()


def _read_layout(path):
    """Read where things are, and check that the file is as long as its header says."""
    with path.open("rb") as file:
        head = file.read(256)
        n_signals = int(_field(head, 252, 4))
        head += file.read(256 * max(n_signals, 0))
    labels = [_field(head, 256 + 16 * i, 16) for i in range(n_signals)]
    units = [_field(head, 256 + 96 * n_signals + 8 * i, 8) for i in range(n_signals)]
    lengths = [int(_field(head, 256 + 216 * n_signals + 8 * i, 8)) for i in range(n_signals)]
    if not lengths or min(lengths) < 1 or int(_field(head, 184, 8)) != len(head):
        raise ECGFormatError("has an EDF header that contradicts itself")
    declared = int(_field(head, 236, 8))
    n_records, rest = divmod(path.stat().st_size - len(head), 2 * sum(lengths))
    # -1 stands for "still recording".
    if n_records < 1 or (declared != -1 and (declared, 0) != (n_records, rest)):
        raise ECGFormatError("is not as long as its EDF header says: is it truncated?")
    return _Layout(len(head), n_records, labels, units, lengths, _field(head, 168, 16))


def _units(layout):
    """Give the unit of each signal, also where it has a micro sign, which EDF does not allow.

    In Latin-1 it is one byte; two bytes of UTF-8, read as Latin-1, are two characters.
    """
    units = zip(layout.labels, layout.units, strict=True)
    return [unit.replace("Âµ", "µ") for label, unit in units if label != _MARKS]


def _check_starts(starts, n_records):
    """Check that data records follow each other, and count those that would fill the whole time."""
    # Times are rounded: a thousandth of a data record is no overlap.
    if len(starts) != n_records or np.any(np.diff(starts) < 1 - 1e-3) or np.isnan(starts).any():
        raise ECGFormatError("has data records that lack a time, overlap or go back in time")
    return float(starts[-1]) + 1


def _values(signal, starts, n_spanned):
    _check_calibration(signal)
    values = signal.data
    length = signal.samples_per_data_record
    if n_spanned * length == len(values):
        return values
    spread = np.full(round(n_spanned * length), np.nan, dtype=np.float32)
    first_steps = np.rint(starts * length).astype(np.intp)
    for start, record in zip(first_steps, values.reshape(-1, length), strict=True):
        spread[start : start + length] = record[: len(spread) - start]
    return spread


def _check_calibration(signal):
    physical, digital = signal.physical_range, signal.digital_range
    if not np.isfinite(physical).all() or physical[0] == physical[1] or digital[0] >= digital[1]:
        raise ECGFormatError("has a signal without a valid calibration")


def _read_marks(path, layout):
    """Read the times of data records, the marks as (seconds, symbols), and the texts of marks.

    The time-stamped lists are taken apart here: the regular expression with which edfio does so
    takes quadratic time for a list that does not end.
    """
    shape = layout.n_records, sum(layout.lengths)
    records = np.memmap(path, "<i2", mode="r", offset=layout.n_header_bytes, shape=shape)
    starts = np.cumsum(layout.lengths) - layout.lengths
    onsets, found = [], []
    for label, start, length in zip(layout.labels, starts, layout.lengths, strict=True):
        if label != _MARKS:
            continue
        says_onset = not onsets  # the first such signal says when each data record begins
        data = records[:, start : start + length].tobytes()
        for i in range(0, len(data), 2 * length):
            lists = _split(data[i : i + 2 * length])
            if says_onset and lists:
                onsets.append(lists[0][0])
            found += [(onset, text) for onset, texts in lists for text in texts if text]
    onsets = np.array(onsets)
    found.sort(key=lambda mark: mark[0])
    first = onsets[0] if len(onsets) else 0.0
    seconds = np.array([onset - first for onset, _ in found], dtype=np.float64)
    # A text may say anything of anyone; only the symbols that WFDB has for beats are harmless.
    symbols = [text if text in SYMBOLS else COMMENT for _, text in found]
    texts = list(zip(seconds.tolist(), (text for _, text in found), strict=True))
    return onsets, (seconds, np.array(symbols, dtype="<U1")), texts


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
