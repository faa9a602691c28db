"""Intervals between beats: which are whole, and the heart rates that they tell."""

import numpy as np

from sklearn_ecg.utils._runs import find_runs

_MISSING_S = 0.1  # a stretch missing for as long may hide a beat
_LONGEST_S = 30.0  # interval between two beats that tells a heart rate


def find_broken_intervals(beats, signal, flutter, fs):
    """Mark the intervals between beats that are none of the heart's, or may hide a beat.

    Parameters
    ----------
    beats : ndarray of int of shape (n_beats,)
        Time step of each beat, in order.
    signal : ndarray of shape (n_timesteps, n_leads)
        The signal; NaN where it is missing.
    flutter : ndarray of int of shape (n_stretches, 2)
        First and last time step of each stretch of ventricular flutter, which has no beats.
    fs : float
        Sampling rate in Hz.

    Returns
    -------
    ndarray of bool of shape (n_beats - 1,)
        Whether there is flutter in the interval, or all leads are missing for 0.1 s.
    """
    is_broken = _touched(beats, flutter)
    if not signal.shape[1] or not len(is_broken):
        return is_broken
    is_missing = np.isnan(signal[:, 0])
    for lead in signal.T[1:]:  # a mask of all leads would take as much memory as the signal
        is_missing &= np.isnan(lead)
    edges = find_runs(is_missing)
    gaps = edges[np.diff(edges, axis=1)[:, 0] >= max(1, round(_MISSING_S * fs))]
    return is_broken | _touched(beats, gaps)


def _touched(beats, stretches):
    """Mark the intervals between beats that a stretch touches."""
    is_touched = np.zeros(max(0, len(beats) - 1), dtype=bool)
    last_before = np.searchsorted(beats, stretches[:, 0], side="right") - 1
    first_after = np.searchsorted(beats, stretches[:, 1], side="left")
    for first, last in zip(np.maximum(last_before, 0), first_after, strict=True):
        is_touched[first:last] = True
    return is_touched


def heart_rates(beats, signal, flutter, fs):
    """Compute the heart rate of each interval between beats.

    Parameters
    ----------
    beats : ndarray of int of shape (n_beats,)
        Time step of each beat, in order, each once.
    signal : ndarray of shape (n_timesteps, n_leads)
        The signal; NaN where it is missing.
    flutter : ndarray of int of shape (n_stretches, 2)
        First and last time step of each stretch of ventricular flutter.
    fs : float
        Sampling rate in Hz.

    Returns
    -------
    ndarray of shape (n_beats - 1,)
        The rates in beats per minute; NaN for an interval that is broken or longer than 30 s.
    """
    intervals_s = np.diff(beats) / fs
    tells_none = find_broken_intervals(beats, signal, flutter, fs) | (intervals_s > _LONGEST_S)
    return np.where(tells_none, np.nan, 60 / intervals_s)
