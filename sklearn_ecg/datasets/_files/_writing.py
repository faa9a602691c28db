"""Write one electrocardiogram to a file."""

import csv
import io
from os import PathLike
from pathlib import Path

import numpy as np
from sklearn.utils._param_validation import StrOptions, validate_params

from sklearn_ecg.datasets._files._wfdb_writing import (
    check_name,
    encode_annotations,
    encode_signal,
)
from sklearn_ecg.utils._atomic_writing import write_all_whole
from sklearn_ecg.utils._extras import import_extra
from sklearn_ecg.utils._leads import normalize_lead_name
from sklearn_ecg.utils._records import RHYTHM_CHANGE, ECGRecord
from sklearn_ecg.utils._warning import warn_user

_FORMATS = {"": "wfdb", ".hea": "wfdb", ".edf": "edf", ".csv": "csv"}
_LABEL_LENGTH = 16  # of a signal in EDF
_COARSEST_UV = 2.0  # step of EDF, of which half may be lost
_DURATIONS_S = (1.0, 10.0, 5.0, 2.0, 0.5, 0.2, 0.1)


@validate_params(
    {
        "record": [ECGRecord],
        "path": [str, PathLike],
        "format": [StrOptions({"wfdb", "edf", "csv", "annotations"}), None],
        "annotator": [str],
        "overwrite": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def write_record(record, path, *, format=None, annotator="atr", overwrite=False):
    """Write an electrocardiogram to a file that other programs read.

    Nothing of the record's `metadata`, `source` or `patient` is written. Files appear whole or not
    at all.

    Parameters
    ----------
    record : ECGRecord
        The record.
    path : str or Path
        The file, in a folder that exists. Its suffix tells the format: none or `.hea` for WFDB,
        `.edf`, `.csv`; `.atr`, or what `annotator` says, writes the annotations alone, such as
        beside a record that is there already.
    format : {"wfdb", "edf", "csv", "annotations"}, default=None
        The format. None goes by the suffix of `path`.
    annotator : str, default="atr"
        Suffix of the annotation file of WFDB.
    overwrite : bool, default=False
        Whether files that are there are replaced.

    Returns
    -------
    Path
        The file that `read_record` takes.

    Raises
    ------
    FileExistsError
        If a file is there already and `overwrite` is False.
    FileNotFoundError
        If the folder is not there.
    ImportError
        If EDF is to be written without the extra `edf`.
    ValueError
        If the format is not known, or cannot hold the record.

    Warns
    -----
    UserWarning
        If EDF, which is divided into records of one duration, has to add time steps at the end. If
        WFDB is replaced by a record without annotations, beside which those of the old one stay.

    See Also
    --------
    read_record : Read a file.

    Notes
    -----
    ====  ======================================================  ==================================
    WFDB  16 bits with a gain that suits each lead, so that less  marks and rhythms, in a file of
          than 1 µV is lost; NaN is kept                          their own
    EDF+  16 bits; less than 1 µV is lost; no NaN                 marks and rhythms, as texts
    CSV   all digits of float32; NaN is kept                      none
    ====  ======================================================  ==================================

    Subtypes of WFDB's marks are not kept: after `"~"`, the lead that is noisy is unknown, and `bxb`
    knows of no unreadable stretches. Compare with the database's own annotation file.

    A record without leads becomes an annotation file alone. Symbols of marks, and the AAMI's
    classes N, S, V, F and Q, are WFDB's own; any other is defined at the beginning of the file.

    References
    ----------
    WFDB: https://physionet.org/physiotools/wag/ ; EDF+: doi:10.1016/S1388-2457(03)00123-8

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn_ecg.datasets import make_ecg, read_record, write_record
    >>> record = make_ecg(duration_s=10, fs=250, leads=["II"], random_state=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = write_record(record, Path(folder, "walk"))
    ...     sorted(file.name for file in path.parent.iterdir())
    ...     again = read_record(path, annotator="atr")
    ['walk.atr', 'walk.dat', 'walk.hea']
    >>> bool(abs(record.signal - again.signal).max() < 0.001)
    True
    """
    path = Path(path)
    format = format or _format_of(path, annotator)
    if not record.lead_names and format == "wfdb":
        format = "annotations"
    if format != "annotations":
        _check_signal(record)
    files = _ENCODERS[format](record, path, annotator)
    present = [file for file in files if file.exists()]
    if present and not overwrite:
        raise FileExistsError(f"{present[0]} is there already: pass overwrite=True to replace it.")
    written = next(reversed(files))
    marks = written.with_suffix(f".{annotator}")
    if format == "wfdb" and written in present and marks not in files and marks.exists():
        warn_user(
            f"record has no annotations, so {marks} stays as it was beside the record that is "
            "replaced: remove it, unless its marks are those of the new record too."
        )
    write_all_whole(files)
    return written


def _format_of(path, annotator):
    if path.suffix == f".{annotator}":
        return "annotations"
    if path.suffix not in _FORMATS:
        raise ValueError(
            f"path has the suffix {path.suffix}, which tells no format: use .hea, .edf, .csv or "
            f".{annotator}, or state format."
        )
    return _FORMATS[path.suffix]


def _check_signal(record):
    if not record.lead_names or record.n_timesteps == 0:
        raise ValueError(
            "record has no signal, so that nothing but its annotations can be written."
        )
    if np.isinf(record.signal).any():
        raise ValueError("record has infinite values, which no file of signals can have.")


def _encode_wfdb(record, path, annotator):
    path = path.with_suffix("") if path.suffix == ".hea" else path
    check_name(path.name)
    header, data = encode_signal(record, path.name)
    files = {path.with_suffix(".dat"): data}
    if len(record.annotations[0]) or len(record.rhythms[0]):
        files[path.with_suffix(f".{annotator}")] = encode_annotations(record, has_clock=False)
    # Last comes what makes a record of the other files.
    return files | {path.with_suffix(".hea"): header}


def _encode_annotations(record, path, annotator):
    return {path.with_suffix(f".{annotator}"): encode_annotations(record, has_clock=True)}


def _encode_csv(record, path, annotator):
    names = io.StringIO()
    columns = ["time (s)", *(f"{name} (mV)" for name in record.lead_names)]
    csv.writer(names, lineterminator="").writerow(columns)
    table = np.column_stack([np.arange(record.n_timesteps) / record.fs, record.signal])
    text = io.StringIO()
    formats = ["%.9f"] + ["%.9g"] * len(record.lead_names)
    np.savetxt(text, table, fmt=formats, delimiter=",", header=names.getvalue(), comments="")
    return {path: text.getvalue().encode()}


def _encode_edf(record, path, annotator):
    edfio = import_extra("edfio", extra="edf")
    if np.isnan(record.signal).any():
        raise ValueError(
            "record has missing values, which EDF cannot have: fill them by GapFiller, or write "
            "WFDB."
        )
    duration_s, n_added = _edf_layout(record)
    signal = np.pad(record.signal, ((0, n_added), (0, 0)), mode="edge").astype(np.float64)
    signals = [
        edfio.EdfSignal(
            lead * 1000,
            record.fs,
            label=_edf_label(name),
            physical_dimension="uV",
            physical_range=_edf_range(lead * 1000, name),
        )
        for lead, name in zip(signal.T, record.lead_names, strict=True)
    ]
    # Of those at one time step the last one lasts, but edfio would order them by name.
    rhythms = dict(zip(*(part.tolist() for part in record.rhythms), strict=True))
    positions = [*record.annotations[0].tolist(), *rhythms]
    texts = [*record.annotations[1].tolist(), *(f"({name}" for name in rhythms.values())]
    marks = [
        edfio.EdfAnnotation(position / record.fs, None, text)
        for position, text in sorted(zip(positions, texts, strict=True))
        if text != RHYTHM_CHANGE  # the text of the rhythm says it
    ]
    file = io.BytesIO()
    edfio.Edf(signals, annotations=marks, data_record_duration=duration_s).write(file)
    if n_added:
        warn_user(
            f"EDF has data records of {duration_s:g} s: {n_added} time steps with the last values "
            "were added at the end."
        )
    return {path: file.getvalue()}


def _edf_layout(record):
    """Choose the duration of a data record, and count the time steps that fill the last one."""
    lengths = {duration: duration * record.fs for duration in _DURATIONS_S}
    whole = {duration: round(n) for duration, n in lengths.items() if n == round(n) >= 1}
    if not whole:
        raise ValueError(
            f"record has a rate of {record.fs:g} Hz, of which EDF cannot hold a whole number of "
            "time steps: resample it, or write WFDB."
        )
    added = {duration: -record.n_timesteps % length for duration, length in whole.items()}
    return min(added.items(), key=lambda choice: choice[1])


def _edf_label(name):
    # EDF+ names a lead so; of other names the reader could not tell that the word is not theirs.
    label = f"ECG {name}" if normalize_lead_name(f"ECG {name}") == name else name
    if not (label.isascii() and label.isprintable() and len(label) <= _LABEL_LENGTH):
        raise ValueError(
            f"record has a lead {name!r}, but EDF takes {_LABEL_LENGTH} characters of ASCII."
        )
    return label


def _edf_range(lead, name):
    """Choose whole numbers of uV that enclose a lead."""
    low, high = float(np.floor(lead.min())), float(np.ceil(lead.max()))
    if (high - low) / 65535 > _COARSEST_UV or max(-low, high) > 9_999_999:
        raise ValueError(f"record has a lead {name!r} of too large a range for EDF: write WFDB.")
    return low, max(high, low + 1)


_ENCODERS = {
    "wfdb": _encode_wfdb,
    "annotations": _encode_annotations,
    "csv": _encode_csv,
    "edf": _encode_edf,
}
