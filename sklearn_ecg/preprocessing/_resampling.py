"""Change the sampling rate."""

import math
from fractions import Fraction
from functools import lru_cache, partial
from numbers import Integral, Real

import numpy as np
import scipy
from sklearn.utils._param_validation import Interval, validate_params

from sklearn_ecg.preprocessing._base import SignalTransformer
from sklearn_ecg.preprocessing._gaps import interpolate
from sklearn_ecg.preprocessing._series import map_series
from sklearn_ecg.utils._jobs import map_in_threads
from sklearn_ecg.utils._rates import with_rate
from sklearn_ecg.utils._rows import VALUES_AT_ONCE
from sklearn_ecg.utils._signals import check_signals

_CONSTRAINTS = {
    "fs": [Interval(Real, 0, None, closed="neither")],
    "fs_new": [Interval(Real, 0, None, closed="neither")],
}
# The anti-aliasing filter has 20 times as many coefficients, so small factors are tried first.
_LARGEST_FACTORS = (1_000, 10_000, 100_000)
_TOLERANCE = Fraction(1, 1_000_000)  # a tenth of a second in a day


@validate_params({"X": ["array-like"], **_CONSTRAINTS}, prefer_skip_nested_validation=True)
def resample(X, fs, fs_new):
    """Bring each lead of each row from one sampling rate to another.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_timesteps[, n_leads])
        Signals, or segments of shape (n_samples, n_segments, n_timesteps, n_leads), or a list with
        one such array per row.
    fs : float
        Sampling rate of `X` in Hz.
    fs_new : float
        Sampling rate of the result in Hz.

    Returns
    -------
    X : ndarray or 1-D object array of ndarrays
        The signals in the form of `X`, each with `ceil(n_timesteps * fs_new / fs)` time steps.

    Raises
    ------
    ValueError
        If `fs_new / fs` is not a ratio of whole numbers up to 100000.

    See Also
    --------
    Resampler : Transformer form, with notes on times and gaps.
    resample_positions : Moves annotations along.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_ecg.preprocessing import resample
    >>> resample([[1.0, 1.0, 1.0, np.nan, np.nan, 1.0]], fs=100, fs_new=200)
    array([[ 1.,  1.,  1.,  1.,  1., nan, nan, nan, nan, nan,  1.,  1.]],
          dtype=float32)
    """
    return _resample(
        check_signals(X, estimator="resample", leads_last=True, fs=fs), resampling_ratio(fs, fs_new)
    )


def _resample(X, ratio):
    return map_series(
        partial(_resample_series, ratio=ratio), X, length_out=lambda n: math.ceil(n * ratio)
    )


def resampling_ratio(fs, fs_new):
    """Return `fs_new / fs` as a ratio of whole numbers, or refuse the rates.

    Parameters
    ----------
    fs, fs_new : float
        Sampling rates in Hz.

    Returns
    -------
    Fraction
        The ratio.

    Raises
    ------
    ValueError
        If there is no ratio of whole numbers up to 100000.
    """
    exact = Fraction(float(fs_new)) / Fraction(float(fs))
    share = min(exact, 1 / exact)  # whose denominator is the larger number
    for largest in _LARGEST_FACTORS:
        ratio = share.limit_denominator(largest)
        if abs(ratio - share) <= share * _TOLERANCE:
            return ratio if share == exact else 1 / ratio
    raise ValueError(
        f"fs_new / fs = {fs_new} / {fs} is not a ratio of whole numbers up to {largest}. "
        "Round one of the sampling rates, or resample in two steps."
    )


def _resample_series(series, ratio, lengths=None):
    # Beyond its end a signal is continued by its last value in any case, so lengths do not matter.
    up, down = ratio.as_integer_ratio()
    is_gap = np.isnan(series)
    if is_gap.any():
        series = series.astype(np.float64)
        bridge_gaps(series, reach_of(up, down))
    resampled = series.copy() if ratio == 1 else _filter(series, ratio)
    if is_gap.any():
        new = range(resampled.shape[1])
        resampled[find_gaps(is_gap, new, up, down)] = np.nan
    return resampled


def _filter(series, ratio):
    """Resample signals without gaps, some time steps at once, with the results of all at once.

    New memory for float64 copies of a whole day takes longer than the filter.
    """
    up, down = ratio.as_integer_ratio()
    margin = -(-reach_of(up, down) // down) * down  # whole periods of the filter's phases
    n_at_once = max(1, VALUES_AT_ONCE // (len(series) * down)) * down
    # The phases differ in gain by 0.1 %, which an offset would show as a ripple.
    offset = series[:, :1].astype(np.float64)
    resampled = np.empty((len(series), math.ceil(series.shape[1] * ratio)), dtype=series.dtype)

    def fill(start):
        stop, begin = start + n_at_once, max(0, start - margin)
        part = scipy.signal.resample_poly(
            series[:, begin : stop + margin] - offset,
            up,
            down,
            axis=-1,
            window=low_pass(max(up, down)),
            padtype="edge",
        )
        to = resampled[:, start * up // down : stop * up // down]
        part = part[:, (start - begin) * up // down :][:, : to.shape[1]]
        np.add(part, offset, out=to, casting="same_kind")

    map_in_threads(fill, range(0, series.shape[1], n_at_once))
    return resampled


def bridge_gaps(series, reach):
    """Fill gaps so that the filter can pass them, in place.

    Where a gap is too long for the filter to see both of its ends, no line is drawn: the result
    before it must not depend on a value that may come hours later.

    Parameters
    ----------
    series : ndarray of shape (n_series, n_timesteps)
        Signals. One that is NaN throughout becomes 0.
    reach : int
        Time steps on either side that the filter sees.
    """
    interpolate(series, max_gap_length=series.shape[1], longest_line=2 * reach)
    series[np.isnan(series)] = 0


def reach_of(up, down):
    """Count the old time steps on either side that a new one depends on."""
    return -(-10 * max(up, down) // up)


@lru_cache(maxsize=32)  # resample_poly would design it anew for each row
def low_pass(factor):
    """Design the filter of `resample_poly`, whose cut-off is the lower Nyquist frequency.

    Parameters
    ----------
    factor : int
        The larger one of those by which the rate goes up and down.

    Returns
    -------
    ndarray of shape (20 * factor + 1,)
        The coefficients, at `up` times the old rate.
    """
    return scipy.signal.firwin(20 * factor + 1, 1 / factor, window=("kaiser", 5.0))


def find_gaps(is_gap, new, up, down, start=0):
    """Find the new time steps that stand for a missing old one.

    Parameters
    ----------
    is_gap : ndarray of bool of shape (n_series, n_timesteps)
        Whether each old time step is missing.
    new : range
        New time steps.
    up, down : int
        Factors by which the rate goes up and down.
    start : int, default=0
        Old time step at which `is_gap` begins.

    Returns
    -------
    ndarray of bool of shape (n_series, len(new))
        Whether one of the two old neighbours is missing, or any old time step within half a new
        one.
    """
    found = np.zeros((len(is_gap), len(new)), dtype=bool)
    # Gap by gap: numbers for each new time step of a day would take a gigabyte.
    series, edges = np.nonzero(np.diff(is_gap, axis=-1, prepend=False, append=False))
    first, last = edges[::2] + start, edges[1::2] + start - 1
    begin = np.minimum((first - 1) * up // down + 1, -((down - 2 * first * up) // (2 * down)))
    end = np.maximum(-(-(last + 1) * up // down), (2 * last * up + down) // (2 * down) + 1)
    begin, end = (np.maximum(each - new.start, 0) for each in (begin, end))
    for i, j, k in zip(series[::2].tolist(), begin.tolist(), end.tolist(), strict=True):
        found[i, j:k] = True
    return found


@validate_params(
    {
        "positions": ["array-like"],
        **_CONSTRAINTS,
        "n_timesteps": [Interval(Integral, 1, None, closed="left")],
    },
    prefer_skip_nested_validation=True,
)
def resample_positions(positions, fs, fs_new, n_timesteps):
    """Move time steps, such as those of annotated beats, to another sampling rate.

    Parameters
    ----------
    positions : array-like of int
        Time steps in a signal at `fs`.
    fs : float
        Sampling rate in Hz at which `positions` count.
    fs_new : float
        Sampling rate in Hz at which the result counts.
    n_timesteps : int
        Length of the signal at `fs`.

    Returns
    -------
    ndarray of int64
        The nearest time steps of the signal that `resample` returns; halves are rounded to even.

    Raises
    ------
    ValueError
        If a position lies outside the signal, or `fs_new / fs` is not a ratio of whole numbers up
        to 100000.

    See Also
    --------
    resample : Brings the signal to the other sampling rate.

    Examples
    --------
    >>> from sklearn_ecg.preprocessing import resample_positions
    >>> resample_positions([0, 360, 719], fs=360, fs_new=250, n_timesteps=720)
    array([  0, 250, 499])
    """
    positions = np.asarray(positions)
    outside = (positions < 0) | (positions >= n_timesteps)
    if outside.any():
        raise ValueError(
            f"positions has {positions[outside].flat[0]}, which is outside a signal of "
            f"n_timesteps={n_timesteps}."
        )
    ratio = resampling_ratio(fs, fs_new)
    moved = np.rint(positions * float(ratio)).astype(np.int64)
    last = math.ceil(n_timesteps * ratio) - 1
    return np.minimum(moved, last)  # the last position may round to one past the end


class Resampler(SignalTransformer):
    """Bring each lead of each row from one sampling rate to another.

    Databases and devices differ in sampling rate, and a network takes one. The signal is
    interpolated and low-pass filtered in one polyphase filter with linear phase, so that no wave is
    shifted and hardly anything above the new Nyquist frequency folds back.

    Parameters
    ----------
    fs_new : float
        Sampling rate of the result in Hz. `fs_new / fs` has to be a ratio of whole numbers up to
        100000, to one part in a million.
    fs : float, default=None
        Sampling rate in Hz. None takes the rate of the signals, which know it after a
        `RecordReader` or after a step with `fs`.

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
    resample : Function form.
    resample_positions : Moves annotations along.

    Notes
    -----
    *Times.* The first time step stays the first, and new time step `j` lies at `j / fs_new`
    seconds. There are `ceil(n_timesteps * fs_new / fs)` of them, at least one.

    *Gain.* Of the amplitude, the filter passes all up to 0.85 times the lower Nyquist frequency
    (within 1 %), 0.93 at 0.9 times, a half at it, 0.07 at 1.1 times and 0.002 from 1.2 times on.

    *Ends.* The signal is continued by its first and its last value. A constant signal, or one of a
    single time step, stays constant.

    *Gaps.* NaN does not spread: short gaps are bridged by a straight line and longer ones by the
    nearest values, the signal is resampled, and a new time step is NaN if one of its two old
    neighbours is, or any old time step within half a new one. So no gap is lost between two new
    time steps, and none reaches further than one time step, old or new, beyond its ends. A lead
    that is NaN throughout stays so. NaN in all leads at the end is padding: the signal ends before
    it.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_ecg.preprocessing import Resampler
    >>> X = np.zeros((2, 3600, 1), dtype=np.float32)  # 10 s at 360 Hz
    >>> Resampler(fs_new=250, fs=360).fit_transform(X).shape
    (2, 2500, 1)
    """

    _parameter_constraints = {**_CONSTRAINTS, "fs": [*_CONSTRAINTS["fs"], None]}

    def __init__(self, fs_new, *, fs=None):
        self.fs_new = fs_new
        self.fs = fs

    def _prepare(self):
        resampling_ratio(self.fs_, self.fs_new)  # or refuse them

    def _feature_names(self, input_features):
        names = super()._feature_names(input_features)
        if hasattr(self, "n_features_in_"):
            n_timesteps = math.ceil(len(names) * resampling_ratio(self.fs_, self.fs_new))
            return [f"t{i}" for i in range(n_timesteps)]
        return names

    def transform(self, X):
        """Resample signals.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps[, n_leads])
            Signals or segments, dense or ragged.

        Returns
        -------
        X : ndarray or 1-D object array of ndarrays
            The signals in the form of `X`, with `ceil(n_timesteps * fs_new / fs)` time steps.
        """
        return super().transform(X)

    def _transform(self, X):
        return with_rate(_resample(X, resampling_ratio(self.fs_, self.fs_new)), self.fs_new)
