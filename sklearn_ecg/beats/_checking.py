"""Check recordings and their beats."""

import numpy as np

from sklearn_ecg.utils._records import record_names
from sklearn_ecg.utils._rows import are_surely_finite


def check_beats(beats, n_timesteps, *, where="the signal"):
    """Check the time steps of the beats of one recording.

    Parameters
    ----------
    beats : array-like of shape (n_beats,)
        Time steps.
    n_timesteps : int
        Length of the recording.
    where : str, default="the signal"
        Name of the recording, for the message.

    Returns
    -------
    ndarray of shape (n_beats,), int64
        The time steps; differences of unsigned integers would wrap around.

    Raises
    ------
    ValueError
        If they are not integers, not in order of time, repeated, or beyond the recording.
    """
    beats = np.asarray(beats)
    if beats.ndim != 1 or not (beats.dtype.kind in "iu" or not len(beats)):
        raise ValueError(
            f"the beats of {where} must be time steps, as a list of integers; got {beats!r:.60}."
        )
    beats = beats.astype(np.int64)
    if len(beats) and ((beats[1:] <= beats[:-1]).any() or beats[0] < 0 or beats[-1] >= n_timesteps):
        raise ValueError(
            f"the beats of {where} must be in order of time, without repetition, and within its "
            f"{n_timesteps} time steps; the first is {beats[0]} and the last {beats[-1]}."
        )
    return beats


def check_annotated(records, otherwise=""):
    """Check that each record has annotated beats.

    Parameters
    ----------
    records : sequence of ECGRecord
        The records.
    otherwise : str, default=""
        Other ways to state the beats, for the message.

    Raises
    ------
    ValueError
        If a record has none, or an unknown symbol; the message names it.
    """
    names = record_names([record.source for record in records])
    for name, record in zip(names, records, strict=True):
        try:
            beats, _ = record.beats
        except ValueError as error:
            raise ValueError(f"record {name}: {error}") from error
        if not len(beats):
            raise ValueError(
                f"record {name} has no annotated beats: read its annotations, as in "
                f'read_record(path, annotator="atr"){otherwise}.'
            )


def refuse_infinite(signal, name):
    """Refuse a recording that has infinite values.

    Parameters
    ----------
    signal : ndarray of shape (n_timesteps, n_leads)
        The signal.
    name : str
        Name of the record, for the message.

    Raises
    ------
    ValueError
        If a value is infinite.
    """
    if not are_surely_finite(signal) and np.isinf(signal).any():
        raise ValueError(
            f"record {name} has infinite values: set them to NaN, which stands for missing."
        )
