"""Take jumps of the baseline, and clicks, out of signals."""

from numbers import Real

import numpy as np
from sklearn.utils._param_validation import Interval, validate_params

from sklearn_ecg.preprocessing._base import SignalTransformer
from sklearn_ecg.preprocessing._series import map_series
from sklearn_ecg.utils._signals import check_signals

_RISE_S = 0.008
_CALM_S = 0.03  # on either side of a jump, in which the signal hardly changes
_LEVEL_S = 0.18  # on either side, of which the levels are compared
# As parts of the size of a jump:
_CALM = 0.25  # most range of what is calm
_RANGE = 2.0  # most range on either side, which may hold a QRS complex
_SHIFT = 0.5  # most that the difference between the levels is off

_AT_ONCE = 2**16  # time steps of a whole signal, so that a day takes little memory
_CONSTRAINTS = {"fs": [Interval(Real, 0, None, closed="neither")]}


@validate_params({"X": ["array-like"], **_CONSTRAINTS}, prefer_skip_nested_validation=True)
def remove_jumps(X, fs):
    """Take jumps of the baseline, and clicks, out of each lead of each row.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_timesteps[, n_leads])
        Signals in any unit, or segments of shape (n_samples, n_segments, n_timesteps, n_leads), or
        a list with one such array per row. NaN stands for a missing value and stays.
    fs : float
        Sampling rate in Hz.

    Returns
    -------
    X : ndarray or 1-D object array of ndarrays
        The signals, each lead on the level of its beginning, in the shape and form of `X`.

    Raises
    ------
    ValueError
        If `fs` is not the rate of the signals.

    See Also
    --------
    JumpRemover : Transformer form, with notes on what a jump is.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_ecg.datasets import make_ecg
    >>> from sklearn_ecg.preprocessing import remove_jumps
    >>> X = make_ecg(10, fs=250, heart_rate=60, random_state=0).signal[None]
    >>> jumped = X.copy()
    >>> jumped[:, 1050:] += 2
    >>> bool(np.allclose(remove_jumps(jumped, fs=250), X, atol=0.01))
    True
    """
    X = check_signals(X, estimator="remove_jumps", leads_last=True, fs=fs)
    return _remove_jumps(X, fs)


def _remove_jumps(X, fs):
    def remove(series, lengths=None):
        mended = series_without_jumps(series, fs, lengths)
        return mended.copy() if mended is series else mended  # whose rows are the caller's

    return map_series(remove, X)


class JumpRemover(SignalTransformer):
    """Take jumps of the baseline, and clicks, out of each lead.

    An electrode that moves takes the baseline to another level at once, or makes it click. A filter
    makes a wave of this, which looks like a beat. So this step comes before the filters.
    :func:`~sklearn_ecg.beats.detect_beats` and :func:`~sklearn_ecg.beats.beat_features` do so by
    themselves.

    Parameters
    ----------
    fs : float, default=None
        Sampling rate in Hz. None takes that of the signals, which know it after a `RecordReader` or
        after a step with `fs`.

    Attributes
    ----------
    fs_ : float
        Sampling rate in Hz.
    row_shape_in_ : tuple
        Shape of a row seen in `fit`: `(n_timesteps,)`, `(n_timesteps, n_leads)` or
        `(n_segments, n_timesteps, n_leads)`; the first is None if ragged.
    n_features_in_ : int
        Time steps in a row seen in `fit`. Defined only for `X` of two axes.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of columns seen in `fit`. Defined only for a data frame with string names.

    See Also
    --------
    remove_jumps : Function form.
    BandpassFilter : Removes a baseline that wanders slowly.

    Notes
    -----
    A jump is over within 8 ms. For 30 ms before and after it, the signal keeps within a quarter of
    its size. For 180 ms on either side, the range is at most twice its size, and the levels differ
    by the jump, give or take half of it. A click is a jump that comes back at once, and so is the
    spike of a pacemaker. A QRS complex is none, because other slopes are next to its own, and the
    level comes back. So a jump within a QRS complex stays, and so does one within 0.2 s of a
    missing value or of an end of the signal. All sizes are relative, so that units do not matter.

    Of jumps of more than 1.5 mV in the recordings of MIT-BIH DS1, at any moment, nine in ten are
    found. In these recordings themselves, of 22 hours of a lead, 15 are.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_ecg.datasets import make_ecg
    >>> from sklearn_ecg.preprocessing import JumpRemover
    >>> X = make_ecg(10, fs=250, heart_rate=60, random_state=0).signal[None]
    >>> X[:, 1050:] += 2
    >>> print(np.ptp(X).round(1), np.ptp(JumpRemover(fs=250).fit_transform(X)).round(1))
    3.5 1.5
    """

    _parameter_constraints = {"fs": [*_CONSTRAINTS["fs"], None]}

    def __init__(self, *, fs=None):
        self.fs = fs

    def _transform(self, X):
        return self._at_rate(_remove_jumps(X, self.fs_))


def series_without_jumps(series, fs, lengths=None):
    """Take the jumps of the baseline out of some leads.

    Parameters
    ----------
    series : ndarray of shape (n_series, n_timesteps)
        Leads, NaN where they are missing.
    fs : float
        Sampling rate in Hz.
    lengths : ndarray of int of shape (n_series,), default=None
        Where each of them ends; None takes all of it.

    Returns
    -------
    ndarray of shape (n_series, n_timesteps)
        The leads, on the level of their beginnings; `series` itself if none jumps.
    """
    if lengths is not None:
        series = np.where(np.arange(series.shape[1]) < lengths[:, None], series, np.nan)
    mended, offset, reach = series, np.zeros(len(series)), jump_reach(fs)
    for start in range(0, series.shape[1], _AT_ONCE):
        stop, first = start + _AT_ONCE, max(0, start - reach)
        around = series[:, first : stop + reach]
        part, offset = mend_part(around, slice(start - first, stop - first), offset, fs)
        if mended is series and not np.array_equal(part, series[:, start:stop], equal_nan=True):
            mended = series.copy()
        if mended is not series:
            mended[:, start:stop] = part
    return mended


def mend_part(series, part, offset, fs):
    """Take the jumps out of a part of some leads, given those before it.

    Parameters
    ----------
    series : ndarray of shape (n_series, n_timesteps)
        Leads around the part, by `jump_reach(fs)` time steps on either side.
    part : slice
        The time steps of the part.
    offset : ndarray of shape (n_series,)
        Sum of the jumps before it.
    fs : float
        Sampling rate in Hz.

    Returns
    -------
    mended : ndarray of shape (n_series, n_timesteps_of_part)
        The part.
    offset : ndarray of shape (n_series,)
        Sum of the jumps to its end.
    """
    changes = changes_by_jumps(series, fs)[:, part]
    sums = np.cumsum(np.concatenate([offset[:, None], changes], axis=1), axis=1)
    return (series[:, part] - sums[:, 1:]).astype(series.dtype), sums[:, -1]


def jump_reach(fs):
    """Count the time steps on either side of a change that decide whether it is of a jump.

    Parameters
    ----------
    fs : float
        Sampling rate in Hz.

    Returns
    -------
    int
        The count.
    """
    rise, _, level = _lengths(fs)
    return rise + level


def _lengths(fs):
    """Count the time steps of a jump, of the calm on either side of it, and of the levels."""
    return max(1, round(_RISE_S * fs)), max(2, round(_CALM_S * fs)), round(_LEVEL_S * fs)


def changes_by_jumps(series, fs):
    """Find the changes from one time step to the next that jumps of the baseline make.

    Parameters
    ----------
    series : ndarray of shape (n_series, n_timesteps)
        Leads, NaN where they are missing.
    fs : float
        Sampling rate in Hz.

    Returns
    -------
    ndarray of shape (n_series, n_timesteps), float64
        The change from the time step before if a jump makes it, and otherwise 0. It depends on
        `jump_reach(fs)` time steps on either side, of which none may be missing.
    """
    changes = np.zeros(series.shape)
    rows, begins = _find_jumps(series, fs)
    if len(begins):
        rise, _, _ = _lengths(fs)
        rows, steps = rows[:, None], begins[:, None] + np.arange(rise + 1)
        change = np.diff(series[rows, steps].astype(np.float64))
        levels = np.cumsum(change, axis=1)
        # Across a click, what is left is of the signal itself.
        is_click = np.abs(levels[:, -1]) <= _SHIFT * np.abs(levels).max(axis=1)
        own = np.where(is_click, levels[:, -1], 0)
        changes[rows, steps[:, 1:]] = change - own[:, None] / rise
    return changes


def _find_jumps(series, fs):
    """Return row and last time step before each jump."""
    rise, calm, level = _lengths(fs)
    n_possible = series.shape[1] - 2 * level - rise
    if n_possible < 1:
        return np.empty((2, 0), dtype=np.int64)

    def at(offset):
        return series[:, level + offset :][:, :n_possible]

    size = np.abs(at(rise) - at(0))
    for offset in range(1, rise):
        np.maximum(size, np.abs(at(offset) - at(0)), out=size)
    # Cheap tests first, which nearly all time steps fail. A missing value fails all.
    is_calm = (np.abs(at(0) - at(-calm)) <= _CALM * size) & (size > 0)
    is_calm &= np.abs(at(rise + calm) - at(rise)) <= _CALM * size
    rows, begins = np.nonzero(is_calm)
    size = size[rows, begins]
    begins += level
    for offset in (1, calm // 2):
        is_calm = np.abs(series[rows, begins] - series[rows, begins - offset]) <= _CALM * size
        ends = begins + rise
        is_calm &= np.abs(series[rows, ends + offset] - series[rows, ends]) <= _CALM * size
        rows, begins, size = rows[is_calm], begins[is_calm], size[is_calm]
    parts = [slice(i, i + _AT_ONCE) for i in range(0, len(begins), _AT_ONCE)]
    is_jump = [_are_jumps(series, rows[part], begins[part], size[part], fs) for part in parts]
    is_jump = np.concatenate([np.empty(0, dtype=bool), *is_jump])
    return rows[is_jump], begins[is_jump]


def _are_jumps(series, rows, begins, size, fs):
    """Check which of some changes are jumps, by all of what is around."""
    rise, calm, level = _lengths(fs)
    steps = np.arange(level + 1)
    before = series[rows[:, None], begins[:, None] - steps]
    after = series[rows[:, None], begins[:, None] + rise + steps]
    shift = np.median(after, axis=1) - np.median(before, axis=1)
    is_jump = np.abs(shift - (after[:, 0] - before[:, 0])) <= _SHIFT * size
    for side in (before, after):
        is_jump &= np.ptp(side[:, : calm + 1], axis=1) <= _CALM * size
        is_jump &= np.ptp(side, axis=1) <= _RANGE * size
    return is_jump
