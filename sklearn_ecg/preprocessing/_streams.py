"""Mend, filter and resample a signal that comes in chunks, with the results of the whole signal."""

import numpy as np
import scipy
from numpy.lib.stride_tricks import sliding_window_view

from sklearn_ecg.preprocessing._filtering import constant_gain
from sklearn_ecg.preprocessing._gaps import interpolate
from sklearn_ecg.preprocessing._jumps import jump_reach, mend_part
from sklearn_ecg.preprocessing._resampling import (
    bridge_gaps,
    find_gaps,
    low_pass,
    reach_of,
)

_VALUES_AT_ONCE = 2**18  # 2 MB in float64


class FilterStream:
    """Filter a signal forwards while it comes in; see `filter_series`.

    Parameters
    ----------
    sos : ndarray of shape (n_sections, 6)
        The filter, in second-order sections.
    n_leads : int
        Number of leads.
    """

    def __init__(self, sos, n_leads):
        self._sos = sos.copy()  # SciPy refuses a read-only one
        self._gain = constant_gain(sos)
        self._level = np.zeros(n_leads)  # the first known value
        self._state = np.zeros((len(sos), n_leads, 2))  # of a filter that has always seen it
        self._last = np.full(n_leads, np.nan)  # known value, from that level on
        self._n_missing = np.zeros(n_leads, dtype=np.int64)  # time steps since then

    def push(self, series):
        """Filter the next part of the signal.

        Parameters
        ----------
        series : ndarray of shape (n_leads, n_timesteps), float64
            The part, which is overwritten.

        Returns
        -------
        ndarray of shape (n_leads, n_timesteps)
            The filtered part. NaN stays where it is.
        """
        if not series.shape[1]:
            return series
        goes_on = ~(np.isnan(self._last) | self._n_missing.astype(bool) | np.isnan(series).any(1))
        for lead in np.flatnonzero(~goes_on):
            self._push_with_gaps(series[lead : lead + 1], lead)
        if goes_on.any():
            part = series[goes_on] - self._level[goes_on, None]
            self._last[goes_on] = part[:, -1]
            series[goes_on] = self._run(part, goes_on)
        return series

    def _push_with_gaps(self, series, lead):
        """Filter a part of one lead, of shape (1, n_timesteps), in place."""
        is_gap = np.isnan(series[0])
        known = np.flatnonzero(~is_gap)
        if not len(known):
            self._n_missing[lead] += series.shape[1]
            return
        begin, end = known[0], known[-1] + 1
        which = slice(lead, lead + 1)
        inside = series[:, begin:end]
        is_first = np.isnan(self._last[lead])
        if is_first:
            self._level[lead] = inside[0, 0]
        inside -= self._level[lead]
        if not is_first:
            self._cross(inside[0, 0], self._n_missing[lead] + begin, which)
        if is_gap[begin:end].any():
            interpolate(inside, max_gap_length=inside.shape[1])
        self._last[lead] = inside[0, -1]
        self._n_missing[lead] = series.shape[1] - end
        inside[...] = self._run(inside, which)
        series[0, is_gap] = np.nan

    def _cross(self, value, n_missing, which):
        """Run over the line from the last known value to this one."""
        start = self._last[which]
        for first in range(0, n_missing, _VALUES_AT_ONCE):
            steps = np.arange(first, min(first + _VALUES_AT_ONCE, n_missing)) + 1
            weight = steps / (n_missing + 1)
            self._run(((1 - weight) * start + weight * value)[None], which)

    def _run(self, series, which):
        filtered, self._state[:, which] = scipy.signal.sosfilt(
            self._sos, series, zi=self._state[:, which]
        )
        return filtered + self._gain * self._level[which, None]


class JumpStream:
    """Take jumps of the baseline out of a signal while it comes in; see `series_without_jumps`.

    Parameters
    ----------
    fs : float
        Sampling rate in Hz.
    n_leads : int
        Number of leads.
    """

    def __init__(self, fs, n_leads):
        self._fs = fs
        self._reach = jump_reach(fs)
        self._series = np.empty((n_leads, 0), dtype=np.float32)
        self._n_done = 0  # time steps of it, which are kept because they decide about others
        self._offset = np.zeros(n_leads)

    def push(self, series):
        """Take the next part of the signal.

        Parameters
        ----------
        series : ndarray of shape (n_leads, n_timesteps), float32
            The part, NaN where it is missing.

        Returns
        -------
        ndarray of shape (n_leads, n_mended), float32
            The next time steps that are certain now, a fifth of a second late.
        """
        self._series = np.concatenate([self._series, series], axis=1)
        return self._mend(max(self._n_done, self._series.shape[1] - self._reach))

    def finish(self):
        """End the signal.

        Returns
        -------
        ndarray of shape (n_leads, n_mended), float32
            The last time steps.
        """
        return self._mend(self._series.shape[1])

    def _mend(self, stop):
        part = slice(self._n_done, stop)
        mended, self._offset = mend_part(self._series, part, self._offset, self._fs)
        n_dropped = max(0, stop - self._reach)
        self._series = self._series[:, n_dropped:].copy()
        self._n_done = stop - n_dropped
        return mended


class ResamplingStream:
    """Bring a signal to another sampling rate while it comes in; see `resample`.

    Parameters
    ----------
    ratio : Fraction
        New sampling rate to old one, as `resampling_ratio` returns it; not 1.
    n_leads : int
        Number of leads.
    """

    def __init__(self, ratio, n_leads):
        self._up, self._down = ratio.numerator, ratio.denominator
        self._reach = reach_of(self._up, self._down)
        self._half = 10 * max(self._up, self._down)
        self._kernels = self._make_kernels()
        # Beyond its ends a signal is missing, so that they need no rules of their own.
        self._n_kept = 3 * self._reach + 2
        self._signal = np.full((n_leads, self._n_kept), np.nan)
        self._start = -self._n_kept  # time step at which that begins
        self._before = np.full(n_leads, np.nan)  # the last known value before that
        self._first = np.full(n_leads, np.nan)  # the first value of all
        self._n_new = 0

    def push(self, series):
        """Resample the next part of the signal.

        Parameters
        ----------
        series : ndarray of shape (n_leads, n_timesteps), float64
            The part, NaN where it is missing.

        Returns
        -------
        ndarray of shape (n_leads, n_timesteps_new)
            The new time steps that are certain now.
        """
        if not series.shape[1]:
            return series
        self._signal = np.concatenate([self._signal, series], axis=1)
        n_certain = self._start + self._n_certain()
        # The new time steps whose filter ends before that.
        return self._resample((n_certain - self._reach - 1) * self._up // self._down, n_certain)

    def finish(self):
        """End the signal.

        Returns
        -------
        ndarray of shape (n_leads, n_timesteps_new)
            The last new time steps.
        """
        n_timesteps = self._start + self._signal.shape[1]
        if not n_timesteps:
            return np.empty((len(self._signal), 0))
        beyond = np.full((len(self._signal), self._n_kept), np.nan)
        self._signal = np.concatenate([self._signal, beyond], axis=1)
        return self._resample(-(-n_timesteps * self._up // self._down), n_timesteps)

    def _n_certain(self):
        """Count the kept time steps that will be bridged in one way whatever comes."""
        is_known = ~np.isnan(self._signal[:, ::-1])
        n_missing = np.where(is_known.any(1), is_known.argmax(1), self._signal.shape[1])
        # A gap whose end is out of reach of its beginning keeps back what its end will decide.
        is_long = n_missing > 2 * self._reach
        return self._signal.shape[1] - int(np.where(is_long, self._reach, n_missing).max())

    def _resample(self, stop, n_timesteps):
        """Compute new time steps up to `stop` from so many old ones."""
        new = range(self._n_new, stop)
        if not new:
            return np.empty((len(self._signal), 0))
        is_gap = np.isnan(self._signal)
        series = np.concatenate([self._before[:, None], self._signal], axis=1)
        bridge_gaps(series, self._reach)
        unknown = np.isnan(self._first)
        self._first[unknown] = self._first_values()[unknown]
        offset = np.nan_to_num(self._first)[:, None]
        series = series[:, 1:] - offset
        resampled = np.empty((len(series), len(new)))
        n_at_once = max(1, _VALUES_AT_ONCE // self._kernels.shape[1])
        for i in range(0, len(new), n_at_once):
            part = new[i : i + n_at_once]
            some = np.arange(part.start, part.stop) * self._down + self._half
            last = some // self._up - self._start
            windows = sliding_window_view(series, self._kernels.shape[1], axis=1)
            windows = windows[:, last - self._kernels.shape[1] + 1]
            weights = self._kernels[some % self._up]
            resampled[:, i : i + n_at_once] = np.einsum("lnt,nt->ln", windows, weights)
        resampled += offset
        inside = is_gap[:, max(0, -self._start) : n_timesteps - self._start]
        resampled[find_gaps(inside, new, self._up, self._down, max(0, self._start))] = np.nan
        self._n_new += len(new)
        self._forget()
        return resampled

    def _first_values(self):
        position = np.isnan(self._signal).argmin(axis=1)
        return self._signal[np.arange(len(self._signal)), position]

    def _forget(self):
        """Drop what no new time step depends on."""
        n_dropped = self._n_new * self._down // self._up - self._n_kept - self._start
        if n_dropped > 0:
            dropped = np.concatenate([self._before[:, None], self._signal[:, :n_dropped]], axis=1)
            is_known = ~np.isnan(dropped[:, ::-1])
            last = dropped.shape[1] - 1 - is_known.argmax(axis=1)
            self._before = dropped[np.arange(len(dropped)), last]
            self._signal = self._signal[:, n_dropped:].copy()
            self._start += n_dropped

    def _make_kernels(self):
        """Arrange the filter by where a new time step lies between two old ones."""
        n_old = 2 * self._half // self._up + 1
        at = np.arange(self._up)[:, None] + np.arange(n_old)[::-1] * self._up
        coefficients = np.append(self._up * low_pass(max(self._up, self._down)), 0)
        return coefficients[np.minimum(at, len(coefficients) - 1)]
