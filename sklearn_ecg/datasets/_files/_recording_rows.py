"""Read rows that are recordings: what the estimators and commands that take files share."""

from collections.abc import Mapping
from dataclasses import replace
from os import PathLike

import numpy as np

from sklearn_ecg.datasets._files._contents import ECGFormatError
from sklearn_ecg.datasets._files._reading import read_record, warn_of_nothing, warn_of_unknown_names
from sklearn_ecg.utils._containers import unwrap_recordings
from sklearn_ecg.utils._leads import lead_labels, lead_recipe
from sklearn_ecg.utils._records import ECGRecord
from sklearn_ecg.utils._warning import warn_user

HARDLY_IN_MV = "Signals are hardly in mV"
# mV between the lowest and the highest value of a usual second; 0.1 to 7 in leads of databases.
_LEAST_SWING, _MOST_SWING = 0.01, 50.0
FILE_OPTIONS = ("file_fs", "file_unit", "file_lead_names", "file_array")


def recordings_of(X):
    """Check rows that are recordings, as paths or records.

    Parameters
    ----------
    X : sequence of ECGRecord, str or Path; or such a column of shape (n_samples, 1)
        Rows.

    Returns
    -------
    list of ECGRecord, str or Path
        The rows.

    Raises
    ------
    TypeError
        If `X` is one recording or several columns, or has no order as a set has none, or a row is
        not a recording; the message names it.
    ValueError
        If there are no rows.
    """
    if isinstance(X, str | PathLike | ECGRecord):
        raise TypeError("X is one recording, but each row of X is one: pass a list, as in [X].")
    X = unwrap_recordings(X)
    if not hasattr(X, "__getitem__") or isinstance(X, Mapping):
        raise TypeError(
            f"X is of type {type(X).__name__}, but rows need an order that stays: pass a list."
        )
    rows = list(X)
    for i, row in enumerate(rows):
        if not isinstance(row, str | PathLike | ECGRecord):
            raise TypeError(
                f"row {i} of X is of type {type(row).__name__}, but a row must be a path or an "
                "ECGRecord. Arrays need no RecordReader: begin the pipeline with the next step. "
                "Write an upload to a file first."
            )
    if not rows:
        raise ValueError("X is empty: pass at least one recording.")
    return rows


def reading_options(reader):
    """Return those parameters of an estimator that `read_record` takes.

    Parameters
    ----------
    reader : RecordReader, BeatClassifier or argparse.Namespace
        The estimator, or the options of a command, which have the same names.

    Returns
    -------
    dict
        Keyword arguments of :func:`read_record`.
    """
    names = ("leads", "missing_leads", *FILE_OPTIONS)
    return {name: getattr(reader, name) for name in names if hasattr(reader, name)}


def read_in_all_leads(path, options, annotator=None):
    """Read a file in all its leads, or in the wanted ones if others have other rates.

    Parameters
    ----------
    path : str or Path
        The file.
    options : dict
        Options of an estimator that reads files, as `reading_options` returns them.
    annotator : str, default=None
        Suffix of its annotations.

    Returns
    -------
    ECGRecord
        The recording.
    """
    of_file = {name: value for name, value in options.items() if name.startswith("file_")}
    try:
        return read_record(path, annotator=annotator, **of_file)
    except ECGFormatError as error:
        if error.rates is None:
            raise
    return read_record(path, annotator=annotator, **options)


def has_signal(record, reader, anywhere=False):
    """Check whether a lead that an estimator takes does not stand still all the time.

    Not by `signal_quality`, which measures more.

    Parameters
    ----------
    record : ECGRecord
        The recording.
    reader : RecordReader
        The part of the estimator that reads it.
    anywhere : bool, default=False
        Whether to look at all of the recording, as for an estimator that gets it strip by strip.

    Returns
    -------
    bool
        Whether one has a signal, in the part of the recording that the reader takes, or anywhere.

    Raises
    ------
    ValueError
        If the recording lacks a lead.
    """
    signal = record.leads(reader.leads, missing=reader.missing_leads)
    if reader.duration_s is not None and not anywhere:
        signal = signal[: round(reader.duration_s * record.fs)]
    return bool((np.fmin.reduce(signal) < np.fmax.reduce(signal)).any())


def read_row(row, *, leads, missing_leads="error", **file_options):
    """Read a path, or take a record as it is, in the wanted leads.

    Parameters
    ----------
    row : ECGRecord, str or Path
        The recording.
    leads : sequence of str or of tuple of str
        Wanted leads, as :meth:`ECGRecord.leads` takes them.
    missing_leads : {"error", "nan"}, default="error"
        Whether a missing lead raises an error or becomes a column of NaN.
    **file_options : dict
        Passed to :func:`read_record`.

    Returns
    -------
    ECGRecord
        The record with the wanted leads in their order. Each has the name of its first alternative.
    """
    names = lead_labels(leads)
    if isinstance(row, ECGRecord):
        signal = np.asarray(row.leads(leads, missing=missing_leads), dtype=np.float32)
        recipes = [lead_recipe(lead, row.lead_names) for lead in leads]
        if leads and not any(recipes):
            warn_of_nothing(row.source or "A record", names)
        warn_of_unknown_names(row.source or "A record", leads, recipes, row.lead_names)
        record = replace(row, signal=signal, lead_names=names)
    else:
        record = read_record(row, leads=leads, missing_leads=missing_leads, **file_options)
        record = replace(record, lead_names=names)
    if not record.n_timesteps:
        raise ValueError(f"{record.source or 'A record'} has no time step.")
    return record


def warn_of_unit(rows, signals, fs):
    """Warn of signals that are hardly in mV, but in V, in uV or in the numbers of a converter.

    Parameters
    ----------
    rows : list of ECGRecord, str or Path
        The recordings, for the message, which begins with `HARDLY_IN_MV`.
    signals : list of ndarray of shape (n_timesteps_i, n_leads)
        The signal of each.
    fs : float
        Their sampling rate in Hz.

    Returns
    -------
    bool
        Whether one could be judged: a lead moves in it.
    """
    n = max(round(fs), 1)
    odd, is_judged = [], False
    for row, signal in zip(rows, signals, strict=True):
        with np.errstate(invalid="ignore"):  # of infinite values, which others refuse
            swings = np.ptp(signal[: len(signal) // n * n].reshape(-1, n, signal.shape[1]), axis=1)
        swings = swings[swings > 0]  # nor is it missing
        is_judged |= swings.size > 0
        if swings.size and not _LEAST_SWING <= np.median(swings) <= _MOST_SWING:
            odd.append((row, np.median(swings)))
    if odd:
        row, swing = odd[0]
        where = (row.source or "a record") if isinstance(row, ECGRecord) else row
        warn_user(
            f"{HARDLY_IN_MV}: {len(odd)} of {len(rows)} recordings. In a usual second the first, "
            f"{where}, varies by {swing:.4g} mV, {'more' if swing > 1 else 'less'} than an "
            "electrocardiogram does. Unless an electrode was off, state the unit of a file without "
            "one as file_unit, and divide values of a converter by its gain, for an ECGRecord in "
            "mV."
        )
    return is_judged
