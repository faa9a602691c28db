"""Parse the header of a WFDB record, strictly.

The grammar is that of header(5) in the WFDB Applications Guide. Names of files may not lead out of
the header's folder, and every number has to be one.
"""

import re
from dataclasses import dataclass, field

from sklearn_ecg.datasets._files._contents import (
    ECGFormatError,
    check_fs,
    check_gain,
    check_n_leads,
    split_lines,
)
from sklearn_ecg.datasets._files._wfdb_signal import FORMATS
from sklearn_ecg.utils._readable import refuse_no_file

HEADERS = (".hea", ".HEA")
_MAX_BYTES = 2**20
_NUMBER = r"[+-]?(?:\d{1,30}\.?\d{0,30}|\.\d{1,30})(?:[eE][+-]?\d{1,3})?"
NAME = r"[A-Za-z0-9_-]{1,200}"
_RECORD = re.compile(rf"({NAME})(?:\.[A-Za-z0-9]{{1,4}})?(?:/(\d{{1,6}}))?")
_RATE = re.compile(rf"({_NUMBER})(?:/.*)?")  # after the slash: the counter, which we do not need
# Time and date, in this order or the other, and written in many ways.
_START = re.compile(r"[\d\[][\w/.:,\[\]() +-]{0,60}")
_FILE = re.compile(r"~|[A-Za-z0-9_-][A-Za-z0-9_.-]{0,200}")
_LAYOUT = re.compile(r"(\d{1,3})(?:x(\d{1,5}))?(?::(\d{1,9}))?(?:\+(\d{1,12}))?")
_SCALE = re.compile(rf"({_NUMBER})(?:\(([+-]?\d{{1,12}})\))?(?:/(\S{{1,30}}))?")
_SEGMENT = re.compile(rf"({NAME}|~)\s+(\d{{1,15}})")
_DEFAULT_FS = 250.0
_DEFAULT_GAIN = 200.0  # also stands for a gain of 0, which says "not calibrated"


@dataclass
class SignalLine:
    """How one signal is stored; `file` is None for one that was not recorded."""

    file: str | None
    format: int
    samples_per_frame: int
    skew: int
    offset: int
    gain: float
    baseline: int
    unit: str
    name: str
    first_value: int  # from which format 8 adds up its differences


@dataclass
class Header:
    """The content of a header. `n_frames` is None if only the size of the file shows it."""

    fs: float
    n_frames: int | None
    signals: list[SignalLine] = field(default_factory=list)
    segments: list[tuple[str | None, int]] = field(default_factory=list)
    metadata: dict = field(default_factory=dict)


def _lines(text):
    text = text.removeprefix(b"\xef\xbb\xbf")
    try:  # WFDB says nothing of letters beyond ASCII
        decoded = text.decode("utf-8")
    except UnicodeDecodeError:
        decoded = text.decode("latin-1")
    return split_lines(decoded)


def is_header(head, path):
    """Check whether a file is a header: by its suffix, or because the whole of it is one."""
    if path.suffix in HEADERS:
        return True
    # A cheap test first: nearly no file gets past the first line.
    line = next((line for line in map(str.strip, _lines(head)) if line and line[0] != "#"), "")
    try:
        _parse_record_line(line)
        parse_header(path, is_strict=True)
    except ECGFormatError:
        return False
    return True


def parse_header(path, *, is_strict=False):
    """Parse a header file; a strict parse leaves no line over."""
    refuse_no_file(path)
    if path.stat().st_size > _MAX_BYTES:
        raise ECGFormatError(f"has a header of more than {_MAX_BYTES} bytes")
    lines, comments = [], []
    for line in _lines(path.read_bytes()):
        line = line.strip()
        if line.startswith("#"):
            comments.append(line[1:].strip())
        elif line:
            lines.append(line)
    if not lines:
        raise ECGFormatError("has an empty header")
    header, n_signals, n_segments = _parse_record_line(lines[0])
    header.metadata["comments"] = comments
    if n_segments is not None:
        header.segments = _parse_segments(lines[1:], n_segments)
    else:
        check_n_leads(n_signals)
        if len(lines) - 1 < n_signals:
            raise ECGFormatError("has fewer lines in its header than signals")
        header.signals = [
            _parse_signal_line(line, number)
            for number, line in enumerate(lines[1 : 1 + n_signals], start=1)
        ]
    if is_strict and len(lines) - 1 > (n_signals if n_segments is None else n_segments):
        raise ECGFormatError("has more lines in its header than signals")
    return header


def _parse_record_line(line):
    tokens = line.split() or [""]
    record = _RECORD.fullmatch(tokens[0])
    if record is None or len(tokens) < 2 or not re.fullmatch(r"\d{1,6}", tokens[1]):
        raise ECGFormatError("has no valid record line in its header")
    fs, n_frames = _DEFAULT_FS, None
    if len(tokens) > 2:
        rate = _RATE.fullmatch(tokens[2])
        if rate is None:
            raise ECGFormatError("has no valid sampling rate in its header")
        fs = check_fs(rate[1])
    if len(tokens) > 3:
        if not re.fullmatch(r"\d{1,15}", tokens[3]):
            raise ECGFormatError("has no valid number of time steps in its header")
        n_frames = int(tokens[3]) or None  # 0 says, as absence does: look at the file
    start = " ".join(tokens[4:])
    if start and not _START.fullmatch(start):
        raise ECGFormatError("has no valid time and date in its header")
    header = Header(fs, n_frames, metadata={"record": record[1], "start": start})
    return header, int(tokens[1]), None if record[2] is None else int(record[2])


def _parse_signal_line(line, number):
    # The last field, the description, may have spaces in it.
    tokens = line.split(maxsplit=8)
    layout = _LAYOUT.fullmatch(tokens[1]) if len(tokens) > 1 else None
    scale = _SCALE.fullmatch(tokens[2] if len(tokens) > 2 else "0")
    integers = tokens[3:8]
    if layout is None or scale is None or not all(map(_is_integer, integers)):
        raise ECGFormatError(f"has an invalid line for signal {number} in its header")
    if not _FILE.fullmatch(tokens[0]):
        raise ECGFormatError(
            f"names a file for signal {number} in its header that is not in the header's folder, "
            "or has unusual characters in its name"
        )
    storage = int(layout[1])
    if tokens[0] != "~" and storage not in FORMATS:
        raise ECGFormatError(
            f"stores its signal in WFDB format {storage}; formats "
            f"{', '.join(map(str, sorted(FORMATS)))} can be read"
        )
    adc_zero = int(integers[1]) if len(integers) > 1 else 0
    gain = float(scale[1])
    return SignalLine(
        file=None if tokens[0] == "~" else tokens[0],
        format=storage,
        samples_per_frame=int(layout[2] or 1) or 1,
        skew=int(layout[3] or 0),
        offset=int(layout[4] or 0),
        gain=check_gain(gain or _DEFAULT_GAIN),
        baseline=int(scale[2]) if scale[2] is not None else adc_zero,
        unit=scale[3] or "mV",
        name=tokens[8] if len(tokens) > 8 else f"signal {number}",
        first_value=int(integers[2]) if len(integers) > 2 else adc_zero,
    )


def _is_integer(token):
    return re.fullmatch(r"[+-]?\d{1,15}", token) is not None


def _parse_segments(lines, n_segments):
    if n_segments < 1 or len(lines) < n_segments:
        raise ECGFormatError("has fewer lines in its header than segments")
    segments = []
    for number, line in enumerate(lines[:n_segments], start=1):
        match = _SEGMENT.fullmatch(line)
        if match is None:
            raise ECGFormatError(f"has an invalid line for segment {number} in its header")
        segments.append((None if match[1] == "~" else match[1], int(match[2])))
    return segments
