"""Cut records with annotated beats into rows with a label each."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from sklearn_ecg.utils._aami import annotated_beats


def strips_of(record, *, leads, duration_s):
    """Cut a record into strips, one after the other.

    Parameters
    ----------
    record : ECGRecord
        The record, with its annotations.
    leads : sequence of str
        Names of leads.
    duration_s : float
        Duration of a strip in seconds.

    Returns
    -------
    data : ndarray of shape (n_strips, n_timesteps, n_leads)
        The strips, in mV.
    target : ndarray of shape (n_strips,)
        `"arrhythmia"` where a beat of class S, V or F is annotated, else `"normal"`.
    time_steps : ndarray of shape (n_strips,)
        First time step of each strip.

    Raises
    ------
    ValueError
        If the record is shorter than a strip, or a strip shorter than a time step.
    """
    length = round(duration_s * record.fs)
    if not 1 <= length <= record.n_timesteps:
        raise ValueError(
            f"duration_s={duration_s} gives strips of {length} time steps, "
            f"but {record.source} has {record.n_timesteps}."
        )
    n_strips = record.n_timesteps // length
    data = record.leads(leads)[: n_strips * length].reshape(n_strips, length, len(leads))
    time_steps, classes = annotated_beats(record.annotations)
    arrhythmic = time_steps[np.isin(classes, ("S", "V", "F"))]
    beats_per_strip = np.bincount(arrhythmic // length, minlength=n_strips)[:n_strips]
    target = np.where(beats_per_strip > 0, "arrhythmia", "normal")
    return data, target, np.arange(n_strips) * length


def beats_of(record, *, leads, before_s, after_s):
    """Cut a window around each annotated beat of a record.

    Parameters
    ----------
    record : ECGRecord
        The record, with its annotations.
    leads : sequence of str
        Names of leads.
    before_s, after_s : float
        Reach of the window before and after the annotation, in seconds. Beyond the record its
        first or last value is repeated.

    Returns
    -------
    data : ndarray of shape (n_beats, n_timesteps, n_leads)
        The windows, in mV.
    target : ndarray of shape (n_beats,)
        The AAMI's class of each beat.
    time_steps : ndarray of shape (n_beats,)
        The time step of each annotation.

    Raises
    ------
    ValueError
        If the window is shorter than a time step.
    """
    before, after = round(before_s * record.fs), round(after_s * record.fs)
    if before + after < 1:
        raise ValueError(
            f"before_s={before_s} and after_s={after_s} give windows of no time step at "
            f"{record.fs} Hz."
        )
    time_steps, classes = annotated_beats(record.annotations)
    padded = np.pad(record.leads(leads), ((before, after), (0, 0)), mode="edge")
    windows = sliding_window_view(padded, before + after, axis=0)
    return windows[time_steps].swapaxes(1, 2), classes, time_steps


def whole(record, *, leads):
    """Take a record as one row without a label.

    Parameters
    ----------
    record : ECGRecord
        The record.
    leads : sequence of str
        Names of leads.

    Returns
    -------
    data : ndarray of shape (1, n_timesteps, n_leads)
        The signal, in mV.
    target : None
        No single label fits a long record.
    time_steps : ndarray of shape (1,)
        Zero, its first time step.
    """
    return record.leads(leads)[None], None, np.zeros(1, dtype=np.int64)
