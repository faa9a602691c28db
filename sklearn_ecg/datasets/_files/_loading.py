"""Read many electrocardiograms into `X` and `groups`."""

import sys
from dataclasses import replace
from numbers import Integral, Real
from os import PathLike
from pathlib import Path

import joblib
import numpy as np
from sklearn.utils import Bunch
from sklearn.utils._param_validation import Interval, validate_params

from sklearn_ecg.datasets._files._formats import ECGFormatError, _wfdb, recognize
from sklearn_ecg.datasets._files._reading import READING_CONSTRAINTS, read_record
from sklearn_ecg.utils._records import record_groups
from sklearn_ecg.utils._signals import as_object_array


@validate_params(
    {
        "paths_or_folder": [str, PathLike, "array-like"],
        **READING_CONSTRAINTS,
        "duration_s": [Interval(Real, 0, None, closed="neither"), None],
        "n_jobs": [Integral, None],
        "verbose": ["verbose"],
    },
    prefer_skip_nested_validation=True,
)
def load_records(
    paths_or_folder,
    *,
    leads=("MLII",),
    missing_leads="error",
    fs=None,
    duration_s=None,
    annotator=None,
    file_fs=None,
    file_unit=None,
    file_lead_names=None,
    metadata_policy="drop",
    n_jobs=None,
    verbose=0,
):
    r"""Read many electrocardiograms, one row each.

    Parameters
    ----------
    paths_or_folder : str, Path or sequence of them
        Files, or a folder. In a folder every file of a known format is a record, in order of
        names; what belongs to a WFDB header is not a record of its own, and other files and
        subfolders are passed over.
    leads : sequence of str, default=("MLII",)
        Names of leads. None takes all; every record then has to have the same ones.
    missing_leads : {"error", "nan"}, default="error"
        Whether a lead that a record lacks raises an error or becomes a column of NaN.
    fs : float, default=None
        Sampling rate in Hz to which every record is resampled. None keeps the rate of the files,
        which then has to be the same in all.
    duration_s : float, default=None
        Duration in seconds to which every record is cut, or filled up with NaN at its end, so that
        the data are dense. None keeps the whole of each record.
    annotator : str, default=None
        Suffix of the annotation files of WFDB records, such as `"atr"`. None reads none.
    file_fs : float, default=None
        Sampling rate in Hz of files that do not say it.
    file_unit : str, default=None
        Unit (`"V"`, `"mV"`, `"uV"`, `"nV"`) of signals of which the file does not say it.
    file_lead_names : sequence of str, default=None
        Names of the columns of files that do not say them.
    metadata_policy : {"drop", "keep"}, default="drop"
        Whether what the files say of patients and recordings is dropped, or returned in `metadata`.
    n_jobs : int, default=None
        Number of processes. None is one, which is fastest unless each record takes long, as one
        that is resampled does: reading the 6824 records of CinC 2017 takes one process 4 s, and
        two 8 s, most of it to hand signals over.
    verbose : int, default=0
        Whether to show on standard error how many records have been read.

    Returns
    -------
    Bunch
        `data` : ndarray of shape (n_samples, n_timesteps, n_leads), float32
            Signals in mV, NaN where nothing was recorded. If durations differ and `duration_s` is
            None, a 1-D object array of arrays (n_timesteps_i, n_leads).
        `groups` : ndarray of shape (n_samples,)
            Name of each record: that of its file without suffix, or its path if names repeat.
            Replace it by the patient where some have several records.
        `annotations` : list of (ndarray of int, ndarray of str)
            Time step and symbol of each mark, one pair per record.
        `fs` : float
            Sampling rate in Hz.
        `lead_names` : tuple of str
            Name of each column of the signals.
        `metadata` : list of dict
            What else the files say; empty unless `metadata_policy="keep"`.
        `sources` : list of str
            Path of each record.

    Raises
    ------
    ValueError
        If there are no records, they differ in leads or sampling rate, or as `read_record` says.
    FileNotFoundError
        If a file is not there.

    See Also
    --------
    read_record : Reads one, and says which formats are known.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn_ecg.datasets import load_records
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "ann.csv").write_text("II (mV)\n0.1\n0.2\n")
    ...     _ = Path(folder, "ben.csv").write_text("II (mV)\n0.3\n0.4\n0.5\n")
    ...     records = load_records(folder, leads=["II"], file_fs=250)
    >>> [row.shape for row in records.data], records.groups
    ([(2, 1), (3, 1)], array(['ann', 'ben'], dtype='<U3'))
    """
    paths = _list_records(paths_or_folder)
    options = {
        "leads": leads,
        "missing_leads": missing_leads,
        "fs": fs,
        "annotator": annotator,
        "file_fs": file_fs,
        "file_unit": file_unit,
        "file_lead_names": file_lead_names,
        "metadata_policy": metadata_policy,
    }
    reads = (joblib.delayed(_read)(path, duration_s, options) for path in paths)
    found = joblib.Parallel(n_jobs=n_jobs, return_as="generator")(reads)
    records = list(_report(found, len(paths)) if verbose else found)
    _check_alike(records)
    return Bunch(
        data=_stack([record.signal for record in records]),
        groups=record_groups(records),
        annotations=[record.annotations for record in records],
        fs=records[0].fs,
        lead_names=records[0].lead_names,
        metadata=[record.metadata for record in records],
        sources=[record.source for record in records],
    )


def _list_records(paths_or_folder):
    if not isinstance(paths_or_folder, str | PathLike):
        paths = [Path(path) for path in paths_or_folder]
    elif Path(paths_or_folder).is_dir():
        paths = _records_in(Path(paths_or_folder))
    else:
        paths = [Path(paths_or_folder)]
    if not paths:
        raise ValueError(f"{paths_or_folder} holds no records of a known format.")
    return paths


def _records_in(folder):
    files = sorted(path for path in folder.iterdir() if path.is_file())
    headers = {path for path in files if path.suffix == ".hea"}
    segments = {folder / f"{name}.hea" for header in headers for name in _segments(header)}
    return [
        path
        for path in files
        if path not in segments
        and (path in headers or (_wfdb.header_beside(path) not in headers and recognize(path)))
    ]


def _segments(header):
    try:
        return _wfdb.segment_names(header)
    except ECGFormatError:
        return []  # to be told when it is read as a record


def _read(path, duration_s, options):
    record = read_record(path, **options)
    if duration_s is None:
        return record
    n_timesteps = round(duration_s * record.fs)
    if n_timesteps < 1:
        raise ValueError(f"duration_s={duration_s} is less than a time step of {path}.")
    signal = record.signal[:n_timesteps]
    missing = n_timesteps - len(signal)
    # A view would keep all of a long record in memory.
    signal = np.pad(signal, ((0, missing), (0, 0)), constant_values=np.nan)
    time_steps, symbols = record.annotations
    is_inside = time_steps < n_timesteps
    return replace(record, signal=signal, annotations=(time_steps[is_inside], symbols[is_inside]))


def _report(records, n_records):
    for n_read, record in enumerate(records, start=1):
        if n_read == n_records or n_read % 50 == 0:
            end = "\n" if n_read == n_records else ""
            sys.stderr.write(f"\rload_records: {n_read} of {n_records} records{end}")
            sys.stderr.flush()
        yield record


def _check_alike(records):
    """Refuse records that cannot be rows of one X, naming the first that differs."""
    first = records[0]
    for record in records[1:]:
        if record.fs != first.fs:
            raise ValueError(
                f"{record.source} has a sampling rate of {record.fs:g} Hz, but {first.source} of "
                f"{first.fs:g} Hz: pass the wanted rate as fs."
            )
        if record.lead_names != first.lead_names:
            raise ValueError(
                f"{record.source} has the leads {', '.join(record.lead_names)}, but "
                f"{first.source} has {', '.join(first.lead_names)}: name the wanted ones in leads."
            )


def _stack(signals):
    if len({len(signal) for signal in signals}) == 1:
        return np.stack(signals)
    return as_object_array(signals)
