"""Measure the quality of each lead of each row."""

from functools import partial
from numbers import Real

import numpy as np
from scipy.ndimage import maximum_filter1d, minimum_filter1d
from sklearn.utils import Bunch
from sklearn.utils._param_validation import Interval, validate_params

from sklearn_ecg.preprocessing._bandpass import design_bandpass
from sklearn_ecg.preprocessing._filtering import filter_series
from sklearn_ecg.preprocessing._series import by_series
from sklearn_ecg.utils._rows import as_object_array, is_ragged, map_rows
from sklearn_ecg.utils._signals import check_signals

LOWEST_FS = 10  # Hz; QRS complexes, by which noise is measured, end above 5 Hz
CONSTRAINTS = {
    "fs": [Interval(Real, LOWEST_FS, None, closed="neither")],
    "flat_range": [Interval(Real, 0, None, closed="left")],
}
MEASURES = ("missing", "gaps", "flat", "saturated", "noise")
_FLAT_S = 1.0  # longer than most silences between two beats
_SATURATED_S = 0.02  # longer than any unclipped peak stands still
_NOISE_WINDOW_S = 2.0  # holds a beat from 30 beats per minute on
_QRS_HZ = (5.0, 40.0)
_NEAR_PEAK = 0.98
_GAUSSIAN_RATIO = 0.29  # of the median to the 98th percentile of rectified Gaussian noise


@validate_params({"X": ["array-like"], **CONSTRAINTS}, prefer_skip_nested_validation=True)
def signal_quality(X, fs, *, flat_range=0.01):
    """Measure gaps, flat lines, saturation and noise in each lead of each row.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_timesteps[, n_leads])
        Signals in mV, or segments of shape (n_samples, n_segments, n_timesteps, n_leads), or a list
        with one such array per row. NaN stands for a missing value. Padding, which is NaN in all
        leads at the end of a signal, is not measured.
    fs : float
        Sampling rate in Hz, above 10.
    flat_range : float, default=0.01
        Range in mV, or in the unit of `X`, within which a signal that stays there for a second is
        flat.

    Returns
    -------
    Bunch
        Five float arrays of shape (n_samples, n_leads), or (n_samples, n_segments, n_leads) for
        segments; for a list of segments, 1-D object arrays of arrays (n_segments_i, n_leads).

        `missing`
            1 where nothing was recorded: NaN throughout, or one value throughout, as devices write
            for a lead that is not connected; 0 elsewhere.
        `gaps`
            Fraction of time steps that are NaN.
        `flat`
            Fraction of time steps in flat lines: stretches of at least 1 s (or of the whole signal,
            if that is shorter) within `flat_range`.
        `saturated`
            Fraction of time steps at which the signal stands still at its own highest or lowest
            value for at least 0.02 s, as it does where it is clipped. A constant signal is not
            saturated.
        `noise`
            Activity between heartbeats, relative to the heartbeats: 0 for sharp QRS
            complexes with silence between them, 1 for Gaussian noise. NaN if it cannot be
            measured, because there are no 2 s without a gap, or all is flat.

    See Also
    --------
    QualityGate : Masks leads that these measures find unusable.

    Notes
    -----
    Noise is measured in four steps. Filter to 5-40 Hz with zero phase, where QRS complexes are, and
    rectify. In each 2 s, which hold at least one beat from 30 beats per minute on, divide the
    median, which falls between beats, by the 98th percentile, which falls into QRS complexes.
    Average over those 2 s that have no gap and are not flat throughout. Divide by 0.29, which is
    this ratio for Gaussian noise. The result does not depend on gain.

    Its area under the ROC curve is 0.91 for 225 recordings of CinC 2017 that the experts called
    noisy and 1500 others. For 700 of these others kurtosis has 0.60, the power of the baseline
    (0-1 Hz) 0.75, and the relative power of QRS complexes (5-15 Hz) 0.38. It cannot
    distinguish noise from a rhythm without QRS complexes: most ten-second strips of ventricular
    flutter in MIT-BIH record 207 measure 0.6 to 1.1. The waves of atrial flutter, and small QRS
    complexes in a lead across the axis of the heart, may exceed 0.5 too.

    References
    ----------
    Clifford GD et al. Signal quality indices and data fusion for determining clinical acceptability
    of electrocardiograms. Physiol Meas 33(9):1419-1433 (2012). doi:10.1088/0967-3334/33/9/1419

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_ecg.preprocessing import signal_quality
    >>> noise = np.random.default_rng(0).normal(size=(3, 1000))
    >>> X = 0.02 * noise
    >>> X[:, ::80] += 1.0  # beats
    >>> X[1] = noise[1]
    >>> X[2, 400:] = 0.0
    >>> X[2, :200] = np.nan
    >>> quality = signal_quality(X, fs=100)
    >>> quality.noise[:2, 0].round(1)
    array([0.2, 1. ])
    >>> quality.gaps[2], quality.flat[2]
    (array([0.2]), array([0.6]))
    """
    X = check_signals(X, estimator="signal_quality", leads_last=True, fs=fs)
    measured = stack_rows(map_rows(quality_measure(fs, flat_range), X), X)
    if is_ragged(measured):
        by_measure = zip(*(np.moveaxis(row, -2, 0) for row in measured), strict=True)
        values = [as_object_array(rows) for rows in by_measure]
    else:
        values = np.moveaxis(measured, -2, 0)
    return Bunch(**dict(zip(MEASURES, values, strict=True)))


def stack_rows(results, X):
    """Make results without a time axis dense, unless rows differ in their number of segments.

    Parameters
    ----------
    results : ndarray or 1-D object array of ndarrays
        One array per row, in the form of `X`.
    X : ndarray or 1-D object array of ndarrays
        Validated signals or segments.

    Returns
    -------
    ndarray or 1-D object array of ndarrays
        The same results.
    """
    return np.stack(list(results)) if is_ragged(X) and X[0].ndim < 3 else results


def quality_measure(fs, flat_range):
    """Prepare the measurement of quality, once for all rows.

    Parameters
    ----------
    fs : float
        Sampling rate in Hz.
    flat_range : float
        Range within which a signal is flat.

    Returns
    -------
    callable
        Takes signals of shape (..., n_timesteps, n_leads) and returns the measures that
        `signal_quality` describes, of shape (..., len(MEASURES), n_leads).
    """
    low, high = _QRS_HZ
    qrs_filter = design_bandpass(fs, low, high if high < fs / 2 else None, order=2)
    measure = partial(_measure, fs=fs, flat_range=flat_range, qrs_filter=qrs_filter)
    return partial(by_series, measure)


def _measure(series, fs, flat_range, qrs_filter):
    series = series.astype(np.float64, copy=False)
    is_gap = np.isnan(series)
    lowest, highest = np.fmin.reduce(series, axis=-1), np.fmax.reduce(series, axis=-1)
    n_known = series.shape[-1] - is_gap.sum(axis=-1)
    is_flat = _flat_lines(series, is_gap, round(_FLAT_S * fs), flat_range)
    is_saturated = _saturated(series, lowest, highest, round(_SATURATED_S * fs))
    measures = {
        "missing": (n_known == 0) | ((n_known > 1) & (lowest == highest)),
        "gaps": is_gap.mean(axis=-1),
        "flat": is_flat.mean(axis=-1),
        "saturated": is_saturated.mean(axis=-1),
        "noise": _noise(series, is_flat, round(_NOISE_WINDOW_S * fs), qrs_filter),
    }
    return np.stack([measures[name] for name in MEASURES], axis=-1)


def _flat_lines(series, is_gap, length, flat_range):
    """Mark stretches of at least `length` time steps within `flat_range` and without a gap."""
    length = max(2, min(length, series.shape[-1]))  # one time step is neither flat nor not
    highest = _windows(maximum_filter1d, np.where(is_gap, np.inf, series), length)
    lowest = _windows(minimum_filter1d, np.where(is_gap, -np.inf, series), length)
    return _cover(highest - lowest <= flat_range, length, series.shape)


def _saturated(series, lowest, highest, length):
    """Mark runs of at least `length` time steps at the highest or the lowest value."""
    length = max(3, length)  # two equal values are common at any peak
    varies = (lowest < highest)[:, None]
    marked = np.zeros(series.shape, dtype=bool)
    for rail in (lowest, highest):
        at_rail = (varies & (series == rail[:, None])).view(np.uint8)
        marked |= _cover(_windows(minimum_filter1d, at_rail, length), length, series.shape)
    return marked


def _windows(filter1d, series, length):
    """Filter each window of `length` time steps that lies wholly within the series."""
    filtered = filter1d(series, length, axis=-1, mode="nearest")
    return filtered[:, length // 2 : max(0, series.shape[-1] - (length - 1) // 2)]


def _cover(windows, length, shape):
    """Mark all time steps of the windows that are marked."""
    marked = np.zeros(shape, dtype=np.uint8)
    marked[:, : windows.shape[-1]] = windows  # each at its first time step
    origin = (length - 1) // 2  # so that each time step looks back only
    return maximum_filter1d(marked, length, axis=-1, mode="constant", origin=origin).astype(bool)


def _noise(series, is_flat, length, qrs_filter):
    """Compare what lies between beats with the beats, in windows of `length` time steps."""
    n_windows = series.shape[-1] // length
    if n_windows == 0:
        return np.full(len(series), np.nan)
    rectified = np.abs(filter_series(series, qrs_filter, causal=False))
    windows, flat_windows = (
        values[:, : n_windows * length].reshape(len(series), n_windows, length)
        for values in (rectified, is_flat)
    )
    between_beats, near_peak = length // 2, int(_NEAR_PEAK * length)
    ordered = np.partition(windows, (between_beats, near_peak), axis=-1)
    # Gaps tell nothing, and of flat lines rounding errors remain, which look like noise.
    counts = ~np.isnan(windows).any(axis=-1) & ~flat_windows.all(axis=-1)
    peak = ordered[..., near_peak]
    ratio = ordered[..., between_beats] / np.where(counts & (peak > 0), peak, 1)
    total = np.sum(ratio, axis=-1, where=counts, initial=0.0)
    n_windows = counts.sum(axis=-1)
    return np.where(n_windows > 0, total / np.maximum(n_windows, 1), np.nan) / _GAUSSIAN_RATIO
