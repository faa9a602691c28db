"""Find where a lead is off: its value stands still."""

from dataclasses import replace

import numpy as np

from sklearn_ecg.utils._runs import find_runs, in_long_runs

_OFF_S = 1.0  # in real recordings, a lead that is on stands still for .74 s at most
_BLOCK = 2**20  # time steps, so that a day takes little memory beside its signal


class FlatLeads:
    """Mark where a lead is off, in a signal that may come in parts.

    Devices write a constant while an electrode is off. No value is known there, but a pause would
    look alike.

    Parameters
    ----------
    fs : float
        Sampling rate in Hz.
    n_leads : int
        Number of leads.
    """

    def __init__(self, fs, n_leads):
        self._n_still = _n_still(fs)
        self._last = np.full(n_leads, np.nan, dtype=np.float32)
        self._n_same = np.zeros(n_leads, dtype=np.int64)  # time steps before, of the last value

    def push(self, signal):
        """Set values to NaN that are the same as in all of the second before.

        Parameters
        ----------
        signal : ndarray of shape (n_timesteps, n_leads), float32
            The next part of the signal. It is not changed.

        Returns
        -------
        ndarray of shape (n_timesteps, n_leads), float32
            The signal with NaN; itself if no lead is off.
        """
        marked = signal
        for start in range(0, len(signal), _BLOCK):
            for lead in range(signal.shape[1]):
                series = signal[start : start + _BLOCK, lead]
                for begin, end in self._find(series, lead).tolist():
                    marked = signal.copy() if marked is signal else marked
                    marked[start + begin : start + end, lead] = np.nan
        return marked

    def _find(self, series, lead):
        """Return where stretches begin and end in which a lead is off, in its next values."""
        is_same = np.empty(len(series), dtype=bool)
        is_same[0] = series[0] == self._last[lead]
        np.equal(series[1:], series[:-1], out=is_same[1:])
        runs = find_runs(is_same)
        if is_same[0]:
            runs[0, 0] = -self._n_same[lead]
        self._n_same[lead] = runs[-1, 1] - runs[-1, 0] if is_same[-1] else 0
        self._last[lead] = series[-1]
        runs[:, 0] = np.maximum(runs[:, 0] + self._n_still - 1, 0)
        return runs[runs[:, 0] < runs[:, 1]]


def without_flat(record, causal=False):
    """Set the values of a record to NaN where a lead is off.

    Parameters
    ----------
    record : ECGRecord
        The record.
    causal : bool, default=False
        Whether to keep the first second of each constant, as a stream must, which does not know how
        long it will last.

    Returns
    -------
    ECGRecord
        The record; itself if no lead is off.
    """
    signal = record.signal
    if causal:
        marked = FlatLeads(record.fs, signal.shape[1]).push(signal)
        return record if marked is signal else replace(record, signal=marked)
    for lead in range(signal.shape[1]):
        is_off = in_long_runs(signal[:, lead], _n_still(record.fs) + 1)
        if is_off.any():
            signal = signal.copy() if signal is record.signal else signal
            signal[is_off, lead] = np.nan
    return record if signal is record.signal else replace(record, signal=signal)


def find_still_stretches(signal, fs):
    """Find where no lead is on: each is missing, or has stood still for a second.

    Parameters
    ----------
    signal : ndarray of shape (n_timesteps, n_leads)
        The signal; NaN where it is missing.
    fs : float
        Sampling rate in Hz.

    Returns
    -------
    ndarray of int of shape (n_stretches, 2)
        Where each stretch begins, and where it has ended. None if no lead ever moves, or there is
        no lead: then only the length of the signal is known.
    """
    is_still = np.ones(max(0, len(signal) - 1), dtype=bool)
    for lead in signal.T:  # a mask of all leads would take as much memory as the signal
        is_still &= (lead[1:] == lead[:-1]) | np.isnan(lead[1:]) | np.isnan(lead[:-1])
    runs = find_runs(is_still)
    is_off = (runs[:, 1] - runs[:, 0] >= _n_still(fs)) & ~is_still.all()
    return runs[is_off] + [0, 1]


def _n_still(fs):
    return max(1, round(_OFF_S * fs))
