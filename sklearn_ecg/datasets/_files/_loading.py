"""Read many electrocardiograms into `X`, `y` and `groups`."""

from dataclasses import replace
from numbers import Integral, Real
from os import PathLike

import joblib
from sklearn.utils._param_validation import Interval, validate_params

from sklearn_ecg.datasets._files._duration import fit_to_duration
from sklearn_ecg.datasets._files._labels import as_target
from sklearn_ecg.datasets._files._listing import LABELS, ON_ERROR, Skips, find_labelled
from sklearn_ecg.datasets._files._reading import READING_CONSTRAINTS, read_record
from sklearn_ecg.datasets._files._recording_rows import warn_of_unit
from sklearn_ecg.datasets._files._recordings import Recordings
from sklearn_ecg.utils._jobs import run_jobs
from sklearn_ecg.utils._leads import lead_labels
from sklearn_ecg.utils._progress import progress
from sklearn_ecg.utils._rates import are_one_rate
from sklearn_ecg.utils._records import record_groups
from sklearn_ecg.utils._rows import join_rows


@validate_params(
    {
        "paths_or_folder": [str, PathLike, "array-like"],
        **READING_CONSTRAINTS,
        "duration_s": [Interval(Real, 0, None, closed="neither"), None],
        "labels": [*LABELS, None],
        "return_X_y_groups": ["boolean"],
        "on_error": ON_ERROR,
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
    labels=None,
    return_X_y_groups=False,
    on_error="raise",
    annotator=None,
    file_fs=None,
    file_unit=None,
    file_lead_names=None,
    file_array=None,
    metadata_policy="drop",
    n_jobs=None,
    verbose=0,
):
    r"""Read many electrocardiograms, one row each.

    Parameters
    ----------
    paths_or_folder : str, Path or sequence of them
        Files, or a folder. Every file of a known format in the folder and its subfolders is a
        record, in order of paths. Files that belong to a WFDB header are not records of their own.
        Links to other folders are followed. Other files are listed in `skipped`. Names that begin
        with a dot are ignored.
    leads : sequence of str or of tuple of str, default=("MLII",)
        Names of leads, as in :func:`read_record`. From a tuple of alternatives, such as
        `leads=[("MLII", "II")]`, each record takes the first lead that it has, and the column has
        the name of the first alternative. None takes all leads, which must not differ between
        records.
    missing_leads : {"error", "nan"}, default="error"
        Whether a lead that a record lacks raises an error or becomes a column of NaN. A row
        that is all NaN raises a warning that names the file.
    fs : float, default=None
        Sampling rate in Hz to which every record is resampled. None keeps the rate of the files,
        which then must not differ between files.
    duration_s : float, default=None
        Duration in seconds to which every record is cut, or padded with NaN at its end, so that
        the data are dense. None keeps the whole of each record.
    labels : str, Path or DataFrame, default=None
        A table (CSV, or a data frame of pandas) with the label and the patient of each file. A
        first line may name the columns: `file` (or `record`, `path`, ...), `label` (or `class`,
        ...) and `patient` (or `subject`, `participant_id`, `group`, ...). Without such a line,
        these are the first, second and third columns, and patients may be missing. A cell with
        `NA`, `nan`, `NULL`, `N/A` or `#N/A` is empty. Name a file with or without suffix,
        by its name, its whole path, or its path in the folder of records or of the table. A label
        without a file and a file without a label are errors.
    return_X_y_groups : bool, default=False
        Whether to return `(data, target, groups)`, for which `labels` is needed, in place of a
        Bunch.
    on_error : {"raise", "warn", "skip"}, default="raise"
        Whether a file that should be a record but cannot be read raises an error, or is passed over
        with or without a warning. `skipped` lists such files, with the reasons.
    annotator : str, default=None
        Suffix of the annotation files of WFDB records, such as `"atr"`. None reads none.
    file_fs : float, default=None
        Sampling rate in Hz of files without one.
    file_unit : str, default=None
        Unit (`"V"`, `"mV"`, `"uV"`, `"nV"`) of signals without a unit, or with a unit that is not
        understood.
    file_lead_names : sequence of str, default=None
        Names of the columns of tables and arrays, in place of those in the files.
    file_array : str, default=None
        The array that holds the signal in files with several.
    metadata_policy : {"drop", "keep"}, default="drop"
        Whether to drop the facts about patients and recordings, or to return them in `metadata`.
    n_jobs : int, default=None
        Number of processes. None is one, which is fastest unless each record takes long, for
        example because it is resampled: to hand signals over takes longer than to read them.
    verbose : int, default=0
        Whether to show a progress bar, which needs `sklearn-ecg[fetch]`.

    Returns
    -------
    Bunch
        Printing it shows a summary.

        `data` : ndarray of shape (n_samples, n_timesteps, n_leads), float32
            Signals in mV, NaN where nothing was recorded. If durations differ and `duration_s` is
            None, a 1-D object array of arrays (n_timesteps_i, n_leads).
        `target` : ndarray of shape (n_samples,)
            The labels, as integers if all are; only with `labels`.
        `groups` : ndarray of shape (n_samples,)
            The patient of each record, if `labels` names one. Otherwise the name of its file
            without suffix, or its path if names repeat.
        `annotations` : list of (ndarray of int, ndarray of str)
            Time step and symbol of each mark, one pair per record.
        `fs` : float
            Sampling rate in Hz.
        `lead_names` : tuple of str
            Name of each column of the signals.
        `metadata` : list of dict
            Other facts in the files; empty unless `metadata_policy="keep"`.
        `sources` : list of str
            Path of each record.
        `skipped` : list of (str, str)
            Path of each file that did not become a row, with the reason.

    Raises
    ------
    ValueError
        If there are no records, if they differ in leads or sampling rate, or as in `read_record`.
    FileNotFoundError
        If a file is not there.

    Warns
    -----
    UserWarning
        If recordings vary by less than 0.01 mV or more than 50 mV in a usual second, as signals in
        another unit do; or of files that are passed over, with `on_error="warn"`.

    See Also
    --------
    read_record : Reads one file, and lists the known formats.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn_ecg.datasets import load_records
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "ann.csv").write_text("II (mV)\n0.1\n0.2\n")
    ...     _ = Path(folder, "ben.csv").write_text("II (mV)\n0.3\n0.4\n0.5\n")
    ...     table = Path(folder, "labels.csv")
    ...     _ = table.write_text("file,label\nann,AF\nben,N\n")
    ...     records = load_records(folder, leads=["II"], file_fs=2, labels=table)
    >>> records
    Recordings: 2 rows of 1 s to 1.5 s of II at 2 Hz, nothing missing; classes AF 1, N 1; 2 groups.
    >>> [row.shape for row in records.data], records.target, records.groups
    ([(2, 1), (3, 1)], array(['AF', 'N'], dtype='<U2'), array(['ann', 'ben'], dtype='<U3'))
    """
    if return_X_y_groups and labels is None:
        raise ValueError("return_X_y_groups=True needs labels.")
    skips = Skips(on_error)
    paths, known = find_labelled(paths_or_folder, labels, skips)
    options = {
        "leads": leads,
        "missing_leads": missing_leads,
        "fs": fs,
        "annotator": annotator,
        "file_fs": file_fs,
        "file_unit": file_unit,
        "file_lead_names": file_lead_names,
        "file_array": file_array,
        "metadata_policy": metadata_policy,
    }
    reads = (joblib.delayed(_read)(path, duration_s, options) for path in paths)
    found = run_jobs(reads, n_jobs)
    found = progress(found, "reading", len(paths), verbose)
    records, label_of = [], []
    for path, label, (record, error) in zip(paths, known, found, strict=True):
        if error is not None:
            skips.add(path, error)
            continue
        records.append(record if label is None else replace(record, patient=label.patient))
        label_of.append(label)
        _check_alike(records[0], record, leads)  # at once: reading all may take hours
    skips.warn()
    if not records:
        raise ValueError(f"No record of {paths_or_folder} could be read{skips.first_reason()}.")
    signals = [record.signal for record in records]
    if records[0].lead_names:
        warn_of_unit(records, signals, records[0].fs)
    recordings = Recordings(
        data=join_rows(signals, ragged=len(set(map(len, signals))) > 1),
        groups=record_groups(records),
        annotations=[record.annotations for record in records],
        fs=records[0].fs,
        lead_names=records[0].lead_names if leads is None else lead_labels(leads),
        metadata=[record.metadata for record in records],
        sources=[record.source for record in records],
        skipped=skips.all,
    )
    if labels is not None:
        recordings.target = as_target([label.label for label in label_of])
    if return_X_y_groups:
        return recordings.data, recordings.target, recordings.groups
    return recordings


def _read(path, duration_s, options):
    """Read a record; return it, or its error."""
    try:
        record = read_record(path, **options)
        return record if duration_s is None else fit_to_duration(record, duration_s), None
    except (ValueError, OSError, ImportError) as problem:
        # Without its traceback, which would keep the file's content.
        return None, problem.with_traceback(None)


def _check_alike(first, record, named):
    """Refuse a record that cannot be a row of one X with the first."""
    if not are_one_rate(record.fs, first.fs):
        raise ValueError(
            f"{record.source} has a sampling rate of {record.fs:g} Hz, but {first.source} of "
            f"{first.fs:g} Hz: pass the wanted rate as fs."
        )
    if named is None and record.lead_names != first.lead_names:
        raise ValueError(
            f"{record.source} has the leads {', '.join(record.lead_names)}, but {first.source} has "
            f"{', '.join(first.lead_names)}: name the wanted ones in leads."
        )
