"""Read records in PhysioNet's WFDB format, with .dat or .mat signal files.

Header, signal and annotation files are parsed here and not by the package wfdb, against which the
tests compare every result. That package finds fields anywhere in a line instead of checking it,
opens what a header names with a library that also opens URLs, and takes seconds for a hostile
annotation file of 1 MB.
"""

from collections import Counter
from functools import cache, partial

import numpy as np

from sklearn_ecg.datasets._files._contents import (
    Channel,
    Contents,
    ECGFormatError,
    as_written,
    check_n_leads,
    check_n_values,
    marks_beside,
)
from sklearn_ecg.datasets._files._wfdb_annotation import read_annotations
from sklearn_ecg.datasets._files._wfdb_header import HEADERS, is_header, parse_header
from sklearn_ecg.datasets._files._wfdb_signal import (
    DIFFERENCES,
    count_frames,
    gap_value,
    read_frames,
)

TABLES = (".csv", ".tsv")


def matches(head, path):
    """Check whether a file is the header of a record, or a binary file that has a header."""
    if path.suffix.lower() in TABLES:
        return False  # its own reader has not understood it, and nobody means the record by it
    return _header_beside(path).is_file() or is_header(head, path)


def _header_beside(path):
    """Return the path that the header of a signal or annotation file has."""
    return as_written(path.with_suffix(".hea"))


def read(path, options):
    """Read a record from its header, or from a file beside it."""
    if path.suffix not in HEADERS and _header_beside(path).is_file():
        path = _header_beside(path)
    header = parse_header(path)
    channels, _ = (_read_segments if header.segments else _read_signals)(path, header)
    contents = Contents(channels, marks_fs=header.fs, n_timesteps=header.n_frames)
    if options.annotator is not None:
        annotations = read_annotations(marks_beside(path, options.annotator))
        contents.marks, contents.rhythms, notes, fs, is_whole = annotations
        contents.marks_fs = fs or header.fs
        header.metadata["notes"] = notes
        if not is_whole:
            contents.note = f"has a .{options.annotator} file without an end: marks may be missing"
    if options.keeps_metadata:
        contents.metadata = header.metadata
    return contents


def parts_of(path):
    """Name the files that a header names, which are parts of its record.

    Parameters
    ----------
    path : Path
        The header.

    Returns
    -------
    list of Path
        The files of signals; the headers of segments, and the files that these name. None of a
        header that cannot be read: its reader will say why.
    """
    signals, segments = _named_in(path)
    return [*signals, *segments, *(file for segment in segments for file in _named_in(segment)[0])]


def _named_in(path):
    """Name the files of signals and the headers of segments that a header names."""
    try:
        header = parse_header(path)
    except (ECGFormatError, OSError):
        return [], []
    files = dict.fromkeys(line.file for line in header.signals if line.file is not None)
    # A record that names itself is no part of itself, or its fault would be told nowhere.
    names = dict.fromkeys(name for name, _ in header.segments if name not in (None, path.stem))
    return [_beside(path, file) for file in files], [_beside(path, f"{name}.hea") for name in names]


def _beside(path, name):
    return as_written(path.with_name(name))


def _read_signals(path, header):
    """Return the channels of a record in one piece, and the bytes that hold them."""
    files = {}
    for line in header.signals:
        if line.file is not None:
            files.setdefault(_beside(path, line.file), []).append(line)
    missing = next((file for file in files if not file.is_file()), None)
    if missing is None:
        frames = {file: _frames_of(file, lines, header) for file, lines in files.items()}
        n_bytes = sum(file.stat().st_size for file in files)
        check_n_values(sum(line.samples_per_frame for line in header.signals) * _n(header), n_bytes)
    else:
        n_bytes = 0  # its annotations may be read all the same
    channels, next_column = [], dict.fromkeys(files, 0)
    for line in header.signals:
        fs = header.fs * line.samples_per_frame
        if missing is not None:
            number = header.signals.index(files[missing][0]) + 1
            values = partial(_refuse_missing, path, missing, f"signal {number}")
        elif line.file is None:
            values = partial(_nothing, _n(header) * line.samples_per_frame)
        else:
            file = _beside(path, line.file)
            columns = slice(next_column[file], next_column[file] + line.samples_per_frame)
            next_column[file] = columns.stop
            values = partial(_physical, frames[file], columns, line)
        channels.append(Channel(line.name, line.unit, fs, values))
    return channels, n_bytes


def _n(header):
    return header.n_frames or 0


def _frames_of(path, lines, header):
    """Check what the header says of one signal file, and return a function that reads it."""
    if len({(line.format, line.offset) for line in lines}) > 1:
        raise ECGFormatError("gives one signal file two formats")
    layout = lines[0].format, lines[0].offset
    widths = tuple(line.samples_per_frame for line in lines)
    if header.n_frames is None:
        header.n_frames = count_frames(path, *layout, widths)
    return cache(partial(read_frames, path, *layout, header.n_frames, widths))


def _refuse_missing(header, file, part):
    """Say which file is not there; a record that was renamed may still name a person within."""
    missing = f"{file}, which the record's header names, is not there"
    if not file.name.startswith(header.stem):
        missing = f"{header} names a file of another name than its own for {part}: it is not there"
    raise FileNotFoundError(f"{missing}. leads=[] reads annotations alone.")


def _nothing(n_values):
    return np.full(n_values, np.nan, dtype=np.float32)


class _Physical:
    """The converter's values, which are turned into those of the unit as they are taken."""

    def __init__(self, digital, line):
        self._digital, self._line = digital, line

    def __len__(self):
        return len(self._digital)

    def __getitem__(self, part):
        digital = np.ascontiguousarray(self._digital[part])
        # float32 holds 24 bits exactly, so that only formats of more bits need more.
        dtype = np.float64 if self._line.format in (32, DIFFERENCES) else np.float32
        values = np.subtract(digital, self._line.baseline, dtype=dtype, casting="unsafe")
        values /= self._line.gain
        gap = gap_value(self._line.format)
        if gap is not None:
            values[digital == gap] = np.nan
        return values


def _physical(frames, columns, line):
    digital = frames()[:, columns].reshape(-1)
    if line.format == DIFFERENCES:
        digital = np.cumsum(digital, dtype=np.int64) + line.first_value
    values = _Physical(digital, line)
    if line.skew:  # frames by which this signal was recorded late
        n_late = line.skew * line.samples_per_frame
        return np.append(values[n_late:], _nothing(min(n_late, len(values))))
    return values


def _read_segments(path, header):
    """Join segments; a channel that one of them lacks is NaN there."""
    n_frames = sum(length for _, length in header.segments)
    if header.n_frames not in (None, n_frames):
        raise ECGFormatError("has segments that do not add up to its length")
    pieces, prototypes, start = {}, {}, 0
    # One segment may stand in several places; its bytes count once.
    segments = {
        (name, length): _read_segment(path, name, header, length)
        for name, length in dict.fromkeys(header.segments)
        if name is not None
    }
    n_bytes = sum(segment_bytes for _, segment_bytes in segments.values())
    for name, length in header.segments:
        if name is not None:
            channels, _ = segments[name, length]
            seen = Counter()
            for channel in channels:
                seen[channel.name] += 1
                key = channel.name, seen[channel.name]  # some segments have two of one name
                # A first segment of no length only says which channels there are.
                prototype = prototypes.setdefault(key, channel)
                if (channel.fs, channel.unit) != (prototype.fs, prototype.unit):
                    raise ECGFormatError("has a signal whose rate or unit changes")
                pieces.setdefault(key, []).append((start, length, channel.values))
        start += length
    check_n_leads(len(prototypes))
    ratios = [round(prototype.fs / header.fs) for prototype in prototypes.values()]
    check_n_values(n_frames * sum(ratios), n_bytes)
    joined = [
        Channel(key[0], prototype.unit, prototype.fs, partial(_join, pieces[key], n_frames, ratio))
        for (key, prototype), ratio in zip(prototypes.items(), ratios, strict=True)
    ]
    return joined, n_bytes


def _read_segment(path, name, header, length):
    file = _beside(path, f"{name}.hea")
    if not file.is_file():
        number = [name for name, _ in header.segments].index(name) + 1
        _refuse_missing(path, file, f"segment {number}")
    segment = parse_header(file)
    if segment.segments:
        raise ECGFormatError("has a segment that is divided into segments")
    if segment.fs != header.fs:
        raise ECGFormatError("has segments of different sampling rates")
    channels, n_bytes = _read_signals(file, segment)
    if _n(segment) != length:
        raise ECGFormatError("gives a segment another length than the segment's header")
    return channels, n_bytes


def _join(pieces, n_frames, samples_per_frame):
    joined = _nothing(n_frames * samples_per_frame)
    for start, length, values in pieces:
        if length:
            stop = (start + length) * samples_per_frame
            joined[start * samples_per_frame : stop] = values()[:]
    return joined
