"""The formats that can be read, and how their content reveals them."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from sklearn_ecg.datasets._files import (
    _aecg,
    _biopac,
    _csv,
    _dicom,
    _edf,
    _hdf5,
    _ishne,
    _matlab,
    _muse,
    _numpy,
    _philips,
    _scp,
    _wfdb,
)
from sklearn_ecg.datasets._files._contents import HEAD_BYTES, Contents, Options
from sklearn_ecg.datasets._files._xml import root_name
from sklearn_ecg.utils._readable import refuse_no_file


class Format(NamedTuple):
    """A format: the functions that recognize it by the head of a file, and read it."""

    name: str
    matches: Callable[[bytes, Path], bool]
    read: Callable[[Path, Options], Contents]
    suffixes: tuple[str, ...] = ()  # a file of such a name should be an electrocardiogram


# From the unmistakable to the vague. A table of text says more than a header of WFDB beside it, but
# a MATLAB file or any other says less.
FORMATS = (
    Format("DICOM", _dicom.matches, _dicom.read, (".dcm",)),
    Format("EDF", _edf.matches, _edf.read, (".edf", ".bdf")),
    Format("SCP-ECG", _scp.matches, _scp.read, (".scp",)),
    Format("ISHNE", _ishne.matches, _ishne.read, (".ecg",)),
    Format("HL7 aECG", _aecg.matches, _aecg.read),
    Format("GE MUSE XML", _muse.matches, _muse.read),
    Format("Philips XML", _philips.matches, _philips.read),
    Format("Biopac ACQ", _biopac.matches, _biopac.read, (".acq",)),
    Format("NPY", _numpy.matches_npy, _numpy.read_npy, (".npy",)),
    Format("NPZ", _numpy.matches_npz, _numpy.read_npz, (".npz",)),
    Format("HDF5", _hdf5.matches, _hdf5.read, (".h5", ".hdf5")),
    Format("WFDB", _wfdb.is_header, _wfdb.read),
    Format("CSV", _csv.matches, _csv.read),
    Format("WFDB", _wfdb.matches, _wfdb.read, (".hea", ".dat")),
    Format("MATLAB", _matlab.matches, _matlab.read, (".mat",)),
)

# Formats that are known by their first bytes but not read, and the way out.
_PICTURE = "export the recording itself, as DICOM, HL7 aECG, SCP-ECG, EDF or CSV"
_RECORD = "make an ECGRecord(signal, fs, lead_names) of {}"
_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\{|\[\s*[{\[\]])")
_FIT = re.compile(rb"[\x0c\x0e].{7}\.FIT", re.DOTALL)
_NUMBERS_IN_A_CELL = re.compile(rb"\[ ?-?\d[\d.]{0,20}(?:, ?-?\d[\d.]{0,20}){19}")
_UNREAD = (
    (_ishne.ANNOTATION_MARK, 'ISHNE annotations: read the .ecg file with annotator="ann"'),
    (b"GDF ", "GDF: convert it to EDF"),
    (b"@ MFR", "MFER: convert it to DICOM or HL7 aECG"),
    (b"Brain Vision Data Exchange Header", "BrainVision: convert it to EDF"),
    (b"CFWB", "a binary file of LabChart: export it as EDF, MATLAB or text"),
    (b"XDF:", f"XDF of the Lab Streaming Layer: {_RECORD.format('what pyxdf reads')}"),
    (b"TDSm", f"TDMS of LabVIEW: {_RECORD.format('what nptdms reads')}"),
    ((b"ABF ", b"ABF2"), f"ABF of Axon: {_RECORD.format('what pyabf reads')}"),
    (b"%PDF", f"a PDF, which is a picture of an electrocardiogram: {_PICTURE}"),
    ((b"\x89PNG", b"\xff\xd8\xff", b"II*\x00"), f"a picture: {_PICTURE}"),
    (b"PK\x03\x04", "an archive or a spreadsheet: unpack it, or save it as CSV"),
    (b"\xd0\xcf\x11\xe0", "a document of Microsoft Office: save it as CSV"),
    (b"\x1f\x8b", "compressed by gzip: unpack it first"),
    (b"BZh", "compressed by bzip2: unpack it first"),
    (b"7z\xbc\xaf", "an archive: unpack it first"),
    (b"\xfd7zXZ", "compressed by xz: unpack it first"),
    (b"\x28\xb5\x2f\xfd", "compressed by Zstandard: unpack it first"),
    (b"PAR1", f"Parquet: {_RECORD.format('what pandas.read_parquet reads')}"),
    ((b"ARROW1", b"FEA1"), f"a table of Arrow: {_RECORD.format('what pandas.read_feather reads')}"),
    (b"Obj\x01", f"Avro: {_RECORD.format('what fastavro reads')}"),
    (b"SQLite format 3", f"a database of SQLite: {_RECORD.format('what pandas.read_sql reads')}"),
    (b"ALIVE\0", f"ATC of AliveCor: {_RECORD.format('what its ATCpy reads')}"),
    (b"RIFF", f"a sound, without a unit: {_RECORD.format('what scipy.io.wavfile reads')}"),
    (
        (b"\x80\x02", b"\x80\x03", b"\x80\x04\x95", b"\x80\x05\x95"),
        "a pickle, which is not opened because it can run code: save it as NPZ",
    ),
)


def recognize(path):
    """Return the format of a file, or None."""
    head = _head(path)
    return next((known for known in FORMATS if known.matches(head, path)), None)


def explain_unknown(path):
    """Return the reason why a file that no reader recognizes is not read, and a way out."""
    names = ", ".join(dict.fromkeys(known.name for known in FORMATS))
    return explain_unread(path) or (
        f"is of no known format ({names}; a signal of WFDB needs its header .hea beside it)"
    )


def explain_unread(path):
    """Return the format of a file that is known but not read, and a way out; or an empty str."""
    head = _head(path)
    if not head:
        return "is empty"
    for mark, words in _UNREAD:
        if head.startswith(mark):
            return f"is {words}"
    if _FIT.match(head):
        return f"is FIT, as of Garmin: {_RECORD.format('what fitdecode reads')}"
    if _JSON.match(head):
        return _explain_json(head)
    if _NUMBERS_IN_A_CELL.search(head):  # as exports of Fitbit and Withings have
        return f"has a list of numbers in a cell: {_RECORD.format('what json.loads makes of it')}"
    if root_name(head):
        return "is XML, but neither HL7 aECG nor of GE MUSE or Philips: export it as one of these"
    return ""


def _explain_json(head):
    if b"SampledData" in head:
        way_out = _RECORD.format("data * factor + origin, in mV, with fs = 1000 / period")
        return f"is JSON of FHIR: {way_out}, and NaN where data has E, L or U"
    return f"is JSON, where a signal may be anywhere: {_RECORD.format('it')}"


def _head(path):
    refuse_no_file(path)
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)
