"""Intervals between beats: which are whole, and the heart rates that they tell."""

import numpy as np

from sklearn_ecg.utils._flat_leads import find_still_stretches
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
        Whether there is flutter in the interval, all leads are missing for 0.1 s, or all stand
        still for a second, as where an electrode is off.
    """
    if len(beats) < 2:  # a look at the signal of a day takes time
        return np.zeros(0, dtype=bool)
    is_still = _touched(beats, find_still_stretches(signal, fs))
    return _touched(beats, flutter) | find_gaps_between(beats, signal, fs) | is_still


def find_gaps_between(beats, signal, fs):
    """Mark the intervals between beats in which all leads are missing for 0.1 s.

    Parameters
    ----------
    beats : ndarray of int of shape (n_beats,)
        Time step of each beat, in order.
    signal : ndarray of shape (n_timesteps, n_leads)
        The signal; NaN where it is missing.
    fs : float
        Sampling rate in Hz.

    Returns
    -------
    ndarray of bool of shape (n_beats - 1,)
        Whether a gap touches the interval.
    """
    gaps = Gaps(fs)
    gaps.push(signal)
    return gaps.touched(beats)


class Gaps:
    """Gaps of a signal that may come in parts: stretches in which all leads are missing for 0.1 s.

    Parameters
    ----------
    fs : float
        Sampling rate in Hz.
    """

    def __init__(self, fs):
        self._shortest = max(1, round(_MISSING_S * fs))
        self._runs = np.empty((0, 2), dtype=np.int64)  # of missing time steps, short ones too
        self._n_timesteps = 0

    def push(self, signal):
        """Take the next part of the signal.

        Parameters
        ----------
        signal : ndarray of shape (n_timesteps, n_leads)
            The part; NaN where it is missing.
        """
        is_missing = np.full(len(signal), signal.shape[1] > 0)
        for lead in signal.T:  # a mask of all leads would take as much memory as the signal
            is_missing &= np.isnan(lead)
        runs = find_runs(is_missing) + self._n_timesteps
        self._n_timesteps += len(signal)
        if len(runs) and len(self._runs) and runs[0, 0] == self._runs[-1, 1]:
            runs[0, 0] = self._runs[-1, 0]
            self._runs = self._runs[:-1]
        self._runs = np.concatenate([self._runs, runs])

    def touched(self, beats):
        """Mark the intervals between beats that a gap touches.

        Parameters
        ----------
        beats : ndarray of int of shape (n_beats,)
            Time step of each beat, in order, counted from the beginning of the first part.

        Returns
        -------
        ndarray of bool of shape (n_beats - 1,)
            Whether a gap touches the interval.
        """
        return _touched(beats, self._runs[self._are_gaps()])

    def forget(self, time_step):
        """Forget all gaps that ended before a time step, but the last of them.

        Parameters
        ----------
        time_step : int
            All beats to come lie after it.
        """
        is_over = self._runs[:, 1] < min(time_step, self._n_timesteps)
        last = np.flatnonzero(is_over & self._are_gaps())[-1:]
        is_over[last] = False
        self._runs = self._runs[~is_over]

    def _are_gaps(self):
        return np.diff(self._runs, axis=1)[:, 0] >= self._shortest


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


def mean_heart_rate(rates):
    """Compute the heart rate of a stretch: its intervals, divided by how long they take together.

    In bigeminy half of the intervals are short and half long, and a median is one of these.

    Parameters
    ----------
    rates : ndarray of shape (n_intervals,)
        The rate of each interval in beats per minute, of one at least.

    Returns
    -------
    float
        The rate in beats per minute.
    """
    return float(60 * len(rates) / np.sum(60 / rates))
