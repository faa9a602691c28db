"""Read one electrocardiogram from a file of any format."""

import warnings
from collections import Counter
from numbers import Real
from os import PathLike
from pathlib import Path

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from sklearn_ecg.datasets._formats import ECGFormatError, Options, recognize
from sklearn_ecg.datasets._formats._contents import (
    MAX_FS,
    MIN_FS,
    check_fs,
    check_n_leads,
    check_n_values,
)
from sklearn_ecg.datasets._lead_names import millivolts_per_unit, normalize_lead_name
from sklearn_ecg.datasets._record import ECGRecord
from sklearn_ecg.datasets._resampling import resample_record

_RATE = [Interval(Real, MIN_FS, MAX_FS, closed="both"), None]
# What load_records takes as well, and passes on.
READING_CONSTRAINTS = {
    "leads": ["array-like", None],
    "missing_leads": [StrOptions({"error", "nan"})],
    "fs": _RATE,
    "annotator": [str, None],
    "file_fs": _RATE,
    "file_unit": [str, None],
    "file_lead_names": ["array-like", None],
    "metadata_policy": [StrOptions({"drop", "keep"})],
}


@validate_params(
    {"path": [str, PathLike], **READING_CONSTRAINTS}, prefer_skip_nested_validation=True
)
def read_record(
    path,
    *,
    leads=None,
    missing_leads="error",
    fs=None,
    annotator=None,
    file_fs=None,
    file_unit=None,
    file_lead_names=None,
    metadata_policy="drop",
):
    r"""Read an electrocardiogram from a file, in mV.

    The format is recognized by what is in the file. Signals that are not voltages, such as
    respiration or blood pressure, are left out. Names of leads are spelled in one way, whatever
    the file says: `"ECG II"`, `"Lead II"` and `"ii"` are `"II"`.

    Parameters
    ----------
    path : str or Path
        The file. A WFDB record may also be named without suffix, or by its signal file.
    leads : sequence of str, default=None
        Names of leads, in the wanted order. None takes all, which then must have one sampling rate.
    missing_leads : {"error", "nan"}, default="error"
        Whether a lead that the file lacks raises an error or becomes a column of NaN.
    fs : float, default=None
        Wanted sampling rate in Hz: the signal is resampled by a polyphase filter, and annotations
        move along. None keeps the rate of the file.
    annotator : str, default=None
        Suffix of a WFDB record's annotation file, such as `"atr"`. None reads no such file. EDF+
        has its annotations in the file itself, and they are always read.
    file_fs : float, default=None
        Sampling rate in Hz of a file that does not say it (CSV without time, NPY, NPZ).
    file_unit : str, default=None
        Unit (`"V"`, `"mV"`, `"uV"`, `"nV"`) of signals of which the file does not say it.
    file_lead_names : sequence of str, default=None
        Names of the columns of a file that does not say them (NPY, NPZ).
    metadata_policy : {"drop", "keep"}, default="drop"
        Whether all that the file says of the patient and the recording (names, identifiers, dates,
        free text) is dropped, or returned as the record's `metadata`. Under `"drop"` none of it
        appears in the record, in a warning or in an error.

    Returns
    -------
    ECGRecord
        The record: signal in mV as float32, with NaN where nothing was recorded.

    Raises
    ------
    ECGFormatError
        If the file is damaged, contradicts itself, or is of no known format; or if the wanted
        leads differ in sampling rate.
    FileNotFoundError
        If the file, or a file that belongs to it, is not there.
    ImportError
        If the package that reads the format is not installed; the message names the extra.
    ValueError
        If the file lacks a wanted lead.

    See Also
    --------
    load_records : Read many files into `X` and `groups`.

    Notes
    -----
    ========  ======================================  =========================================
    format    recognized by                           what is read
    ========  ======================================  =========================================
    WFDB      a header (`.hea`) as it or beside it    formats 16, 24, 32, 80, 212; `.dat` and
                                                      `.mat`; several segments; gaps are NaN
    EDF       its first bytes                         EDF, EDF+C and EDF+D, whose gaps are NaN
    DICOM     its mark after 128 bytes                the first waveform, uncompressed
    CSV, TSV  a line of names, then numbers           the first column may be `time`, in s or
                                                      `(ms)`; units as in `II (mV)`; an empty
                                                      cell and a missing line are NaN; one that
                                                      only counts lines is passed over
    NPY       its first bytes                         (n_timesteps,) or (n_timesteps, n_leads)
    NPZ       the arrays in it                        arrays `signal`, `fs`, `lead_names`, `unit`
    ========  ======================================  =========================================

    EDF needs `sklearn-ecg[edf]` and DICOM `sklearn-ecg[dicom]`. Texts of annotations may name a
    person: an EDF+ annotation keeps its time, but its text only if it is one of WFDB's symbols;
    otherwise the symbol is `'"'`, WFDB's for a comment. Annotations outside the signal are dropped.

    Files are hostile until parsed: nothing outside the folder of a WFDB header is opened, nothing
    is unpickled or downloaded, and no file unfolds to a signal out of proportion to its size.

    References
    ----------
    WFDB: https://physionet.org/physiotools/wag/ ; EDF+: doi:10.1016/S1388-2457(03)00123-8

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn_ecg.datasets import read_record
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "walk.csv")
    ...     _ = path.write_text("time (ms),Lead II (uV)\n0,120\n4,150\n8,-30\n")
    ...     record = read_record(path)
    >>> record.fs, record.lead_names
    (250.0, ('II',))
    >>> record.signal[:, 0]
    array([ 0.12,  0.15, -0.03], dtype=float32)
    """
    path = _existing_file(Path(path))
    options = Options(
        fs=file_fs,
        unit=file_unit,
        lead_names=file_lead_names,
        annotator=annotator,
        keeps_metadata=metadata_policy == "keep",
    )
    contents = _only_format_errors(path, lambda: _open(path, options))
    columns = _choose(contents.channels, leads, missing_leads, path)
    record = _only_format_errors(path, lambda: _decode(contents, columns, path))
    if fs is None or fs == record.fs:
        return record
    return _only_format_errors(path, lambda: _resample(record, fs))


def _existing_file(path):
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder: read it with load_records.")
    for candidate in (path, path.with_name(f"{path.name}.hea")):
        if candidate.is_file():
            return candidate
    raise FileNotFoundError(f"{path} is not there, nor is a WFDB header {path.name}.hea.")


def _only_format_errors(path, function):
    """Call a function that parses a file, and let nothing slip that a library says of the file.

    What a parser raises or warns may quote the file, hence a name or a date. The new error is
    raised after the old one is gone, so that it does not carry it along.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return function()
    except (FileNotFoundError, PermissionError, ImportError):
        raise
    except ECGFormatError as error:
        reason = str(error)
    except Exception as error:
        reason = f"is damaged or of no format that can be read ({type(error).__name__})"
    raise ECGFormatError(f"{path} {reason}.")


def _open(path, options):
    known = recognize(path)
    if known is None:
        raise ECGFormatError(
            "is of no known format: WFDB (with its header .hea beside it), EDF, DICOM, NPY, NPZ, "
            "or CSV and TSV with a line of column names"
        )
    contents = known.read(path, options)
    check_n_leads(len(contents.channels))
    voltages = []
    for channel in contents.channels:
        channel.fs = check_fs(channel.fs)
        channel.unit = channel.unit or options.unit or ""
        channel.name = normalize_lead_name(channel.name)
        if millivolts_per_unit(channel.unit) is not None:
            voltages.append(channel)
    if not voltages:
        raise ECGFormatError("has no signal in V, mV, uV or nV: if it has no unit, state file_unit")
    contents.channels = voltages
    _distinguish(voltages)
    return contents


def _distinguish(channels):
    """Tell channels of one name apart by a number, so that each can be chosen by name."""
    seen = Counter()
    for channel in channels:
        seen[channel.name] += 1
        if seen[channel.name] > 1:
            channel.name = f"{channel.name} #{seen[channel.name]}"


def _choose(channels, leads, missing_leads, path):
    """Map each wanted lead to its channel, or None for a lead that is missing."""
    by_name = {channel.name: channel for channel in channels}
    wanted = list(by_name) if leads is None else [normalize_lead_name(lead) for lead in leads]
    if not wanted or len(set(wanted)) < len(wanted):
        raise ValueError("leads is empty or has a lead twice: name each wanted lead once.")
    missing = [lead for lead in wanted if lead not in by_name]
    if missing and missing_leads == "error":
        raise ValueError(
            f"{path} has no lead {', '.join(missing)}; it has {', '.join(by_name)}. "
            'Pass missing_leads="nan" for columns of NaN.'
        )
    chosen = {lead: by_name.get(lead) for lead in wanted}
    rates = {lead: channel.fs for lead, channel in chosen.items() if channel is not None}
    if len(set(rates.values())) > 1:
        listing = ", ".join(f"{lead} {rate:g} Hz" for lead, rate in rates.items())
        raise ECGFormatError(
            f"{path} has leads of different sampling rates ({listing}): choose leads of one rate."
        )
    # Where all wanted leads are missing, another one tells how long the columns of NaN are.
    return chosen, next(filter(None, chosen.values()), channels[0])


def _decode(contents, columns, path):
    chosen, reference = columns
    values = reference.values()
    n_timesteps = len(values)
    if n_timesteps == 0:
        raise ECGFormatError("has no time steps")
    signal = np.full((n_timesteps, len(chosen)), np.nan, dtype=np.float32)
    for column, channel in enumerate(chosen.values()):
        if channel is None:
            continue
        if channel is not reference:
            values = channel.values()
        signal[:, column] = values
        factor = millivolts_per_unit(channel.unit)
        if factor != 1:
            signal[:, column] *= factor
    # Over the extremes, which pass over NaN, no array of flags is needed.
    if np.isinf([np.fmax.reduce(signal, axis=None), np.fmin.reduce(signal, axis=None)]).any():
        raise ECGFormatError("has infinite values, or values too large for a voltage")
    fs = reference.fs
    annotations = _annotations(contents, fs, n_timesteps)
    return ECGRecord(signal, fs, tuple(chosen), annotations, contents.metadata, str(path))


def _annotations(contents, fs, n_timesteps):
    positions, symbols = contents.marks
    time_steps = np.rint(np.asarray(positions) * (fs / contents.marks_fs)).astype(np.int64)
    is_inside = (time_steps >= 0) & (time_steps < n_timesteps)
    order = np.argsort(time_steps[is_inside], kind="stable")
    return time_steps[is_inside][order], symbols[is_inside][order]


def _resample(record, fs):
    check_n_values(int(record.signal.size * fs / record.fs), record.signal.nbytes)
    return resample_record(record, fs)
