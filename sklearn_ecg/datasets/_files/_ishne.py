"""Read Holter recordings in the format of ISHNE, and the annotation files that go with them."""

import struct
from functools import partial

import numpy as np

from sklearn_ecg.datasets._files._contents import (
    Channel,
    Contents,
    ECGFormatError,
    marks_beside,
)
from sklearn_ecg.datasets._files._wfdb_annotation import COMMENT
from sklearn_ecg.utils._readable import refuse_no_file

MARK, ANNOTATION_MARK = b"ISHNE1.0", b"ANN  1.0"
_HEADER_BYTES = 522
_NAMES = "X Y Z I II III aVR aVL aVF V1 V2 V3 V4 V5 V6 ES AS AI".split()
_LEADS = dict(enumerate(_NAMES, start=2))  # 0 and 1 are of leads without a name
_ANNOTATION = np.dtype([("class", "S1"), ("internal", "S1"), ("step", "<u2")])
_SYMBOLS = {b"N": "N", b"V": "V", b"S": "S", b"F": "F", b"B": "B", b"P": "/", b"U": "Q", b"X": "|"}
_PAUSE = b"!"  # after it nobody knows the time of a beat


def matches(head, path):
    """Check whether a file begins as a recording does."""
    return head[:8] == MARK


def read(path, options):
    """Read all leads, and the annotations of the file beside it that `annotator` names."""
    n_bytes = path.stat().st_size
    head = _read_head(path, MARK)
    n_values, _, start = struct.unpack_from("<3i", head, 14)
    (n_leads,) = struct.unpack_from("<h", head, 156)
    codes, _, resolutions = (struct.unpack_from("<12h", head, at) for at in (158, 182, 206))
    fs = float(struct.unpack_from("<H", head, 272)[0])
    if not (1 <= n_leads <= 12 and _HEADER_BYTES <= start < n_bytes):
        raise ECGFormatError("is an ISHNE recording whose header contradicts itself")
    if min(resolutions[:n_leads]) <= 0:
        raise ECGFormatError("is an ISHNE recording with a lead of unknown resolution")
    n_timesteps = (n_bytes - start) // (2 * n_leads)
    frames = np.memmap(path, "<i2", mode="r", offset=start, shape=(n_timesteps, n_leads))
    channels = [
        Channel(
            _LEADS.get(codes[column], f"lead {column + 1}"),
            "nV",
            fs,
            partial(np.multiply, frames[:, column], np.float32(resolutions[column])),
        )
        for column in range(n_leads)
    ]
    contents = Contents(channels, marks_fs=fs, n_timesteps=n_timesteps)
    # Some programs count values of all leads together, some those of each.
    if n_timesteps * n_leads < n_values:
        contents.note = "has fewer time steps than its header says: it may be truncated"
    if options.annotator is not None:
        contents.marks = _read_marks(marks_beside(path, options.annotator))
    if options.keeps_metadata:
        contents.metadata = _describe(head)
    return contents


def _read_head(path, mark):
    refuse_no_file(path)
    with path.open("rb") as file:
        head = file.read(_HEADER_BYTES)
    if len(head) < _HEADER_BYTES or head[:8] != mark:
        raise ECGFormatError("is an ISHNE file without a whole header")
    return head


def _read_marks(path):
    """Read annotations: how many time steps each beat comes after the one before."""
    head = _read_head(path, ANNOTATION_MARK)
    (n_more,) = struct.unpack_from("<i", head, 10)
    content = path.read_bytes()[_HEADER_BYTES + max(n_more, 0) :]
    if len(content) < 4:
        raise ECGFormatError("has a truncated ISHNE annotation file")
    marks = np.frombuffer(content[4 : len(content) // 4 * 4], dtype=_ANNOTATION)
    pauses = np.flatnonzero(marks["class"] == _PAUSE)
    marks = marks[: pauses[0]] if len(pauses) else marks
    positions = struct.unpack("<I", content[:4])[0] + np.cumsum(marks["step"], dtype=np.int64)
    symbols = [_SYMBOLS.get(mark, COMMENT) for mark in marks["class"].tolist()]
    return positions, np.array(symbols, dtype="<U1")


def _describe(head):
    fields = {"first name": (28, 40), "last name": (68, 40), "id": (108, 20)}
    said = {
        name: head[start : start + length].split(b"\0")[0].decode("latin-1").strip()
        for name, (start, length) in fields.items()
    }
    dates = {"birth": 132, "recording": 138, "start": 150}
    return said | {name: struct.unpack_from("<3h", head, start) for name, start in dates.items()}
