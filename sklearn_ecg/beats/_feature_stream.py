"""Describe beats while the signal and its beats come in."""

import numpy as np

from sklearn_ecg.beats._features import REACH_S, beat_feature_names, describe_beats, filter_design
from sklearn_ecg.beats._running import Past
from sklearn_ecg.preprocessing._streams import FilterStream, JumpStream
from sklearn_ecg.utils._intervals import Gaps


class FeatureStream:
    """Describe beats while the signal and its beats come in.

    The features are those of :func:`beat_features` with `causal=True`, however the signal is cut.
    Memory does not grow with time.

    Parameters
    ----------
    fs : float
        Sampling rate in Hz.
    features : sequence of str
        Groups of features.
    n_leads : int
        Number of leads.
    delay : int
        Time steps of signal that may follow a beat before it is reported.
    """

    def __init__(self, fs, features, n_leads, delay):
        self._fs = fs
        self._features = features
        self._reach = int(np.ceil(REACH_S * fs)) + 1
        self._n_kept = delay + self._reach
        self._past = Past()
        self._jumps = JumpStream(fs, n_leads)
        self._filter = FilterStream(filter_design(fs), n_leads)
        self._start = 0  # time step at which the kept signal begins
        self._signal = self._filtered = np.empty((0, n_leads), dtype=np.float32)
        self._waiting = self._last_beat = np.empty(0, dtype=np.int64)
        self._around_first = None  # where that begins, and the signal around the first beat of all
        self._gaps = Gaps(fs)
        n_features = len(beat_feature_names(features, n_leads=n_leads))
        self._none = np.empty((0, n_features), dtype=np.float32)

    def push(self, signal, beats):
        """Take the next part of the signal and the beats that were found.

        Parameters
        ----------
        signal : ndarray of shape (n_timesteps, n_leads), float32
            The part in mV, NaN where it is missing.
        beats : ndarray of int of shape (n_beats,)
            Time steps of new beats, counted from the beginning of the first part.

        Returns
        -------
        ndarray of shape (n_described, n_features), float32
            Features of the next beats whose surroundings are known.
        """
        self._append(self._jumps.push(signal.T))
        self._waiting = np.concatenate([self._waiting, beats])
        stop = self._start + len(self._signal)
        features = self._describe(int(np.searchsorted(self._waiting, stop - self._reach)))
        waiting = self._waiting
        if not len(self._last_beat) and (waiting[:1] < stop - self._n_kept).any():
            # The second may come hours later; before, both may be at the beginning of the signal.
            self._set_first_apart(waiting[0])
            waiting = waiting[1:]
        first = min([stop - self._n_kept, *waiting[:1] - self._reach])
        n_dropped = max(0, first - self._start)
        self._start += n_dropped
        self._gaps.forget(self._start)
        self._signal = self._signal[n_dropped:].copy()
        self._filtered = self._filtered[n_dropped:].copy()
        return features

    def finish(self):
        """End the signal.

        Returns
        -------
        ndarray of shape (n_described, n_features), float32
            Features of the last beats.
        """
        self._append(self._jumps.finish())
        return self._describe(len(self._waiting), is_end=True)

    def _append(self, series):
        filtered = self._filter.push(series.astype(np.float64))
        self._gaps.push(series.T)
        self._signal = np.concatenate([self._signal, series.T])
        self._filtered = np.concatenate([self._filtered, filtered.T.astype(np.float32)])

    def _set_first_apart(self, beat):
        if self._around_first is None:
            start = max(self._start, beat - self._reach)
            part = slice(start - self._start, beat + self._reach + 1 - self._start)
            self._around_first = start, self._signal[part].copy(), self._filtered[part].copy()

    def _describe(self, n_beats, is_end=False):
        """Describe the first of the waiting beats."""
        is_first = not len(self._last_beat)
        if n_beats < 2 and is_first and not is_end:  # one beat alone is a recording too
            n_beats = 0  # the first beat of all takes its interval from the second
        beats, self._waiting = self._waiting[:n_beats], self._waiting[n_beats:]
        if not n_beats:
            return self._none
        is_broken = self._gaps.touched(np.concatenate([self._last_beat, beats]))
        if is_first:
            is_broken = np.append(False, is_broken)
        self._last_beat = beats[-1:]
        signal, filtered, start = self._signal, self._filtered, self._start
        if self._around_first is not None:
            first_start, first_signal, first_filtered = self._around_first
            start = np.full(n_beats, start - len(first_signal))
            start[0] = first_start
            signal = np.concatenate([first_signal, signal])
            filtered = np.concatenate([first_filtered, filtered])
            self._around_first = None
        return describe_beats(
            signal,
            filtered,
            start,
            beats,
            is_broken,
            self._fs,
            self._features,
            self._past,
        )
