"""Features of the shape of a beat."""

import numpy as np

from sklearn_ecg.beats._running import reference
from sklearn_ecg.preprocessing._gaps import interpolate

BEATS_AT_ONCE = 2**12  # so that a day takes little memory beside its signal
_BEFORE_S, _AFTER_S, _FS = 0.30, 0.45, 120.0
_BRIDGED = 2  # time steps of a window: what is missing for so little is as its neighbours
_WAVEFORM_STEP = 6  # time steps of the window that make one of the waveform: 20 a second

SHAPE_NAMES = (
    "qrs_correlation",
    "qrs_deviation",
    "qrs_amplitude",
    "qrs_sharpness",
    "qrs_width",
    "qrs_polarity",
    "p_correlation",
    "p_deviation",
    "p_amplitude",
    "t_correlation",
    "t_deviation",
)
N_WAVEFORM = round((_BEFORE_S + _AFTER_S) * _FS) // _WAVEFORM_STEP


def _part(start_s, stop_s):
    """Return the part of a window between two times from its beat, as a slice."""
    return slice(round((start_s + _BEFORE_S) * _FS), round((stop_s + _BEFORE_S) * _FS))


_QRS, _QRS_WIDE = _part(-0.08, 0.10), _part(-0.15, 0.20)
_P, _T, _BASELINE = _part(-0.24, -0.08), _part(0.10, 0.42), _part(-0.30, -0.10)


def beat_windows(signal, beats, fs, past):
    """Cut a window around each beat, in units of the size of a usual beat.

    Parameters
    ----------
    signal : ndarray of shape (n_timesteps, n_leads)
        The filtered signal, NaN where it is missing.
    beats : ndarray of int
        Time steps of the beats.
    fs : float
        Sampling rate in Hz.
    past : Past or None
        The beats before, if a usual beat is the median of earlier ones. None takes the median of
        the whole recording.

    Returns
    -------
    windows : ndarray of shape (n_beats, 90, n_leads)
        From 0.3 s before to 0.45 s after each beat, 120 time steps a second. What is missing is as
        in the usual beat; a line bridges what is missing for 17 ms at most. Beyond the signal
        everything is missing, and of a beat whose QRS complex the signal does not hold, all is. But
        after earlier beats, which the first one stands for, the first or last value is repeated.
    usual : ndarray of shape (n_beats or 1, 90, n_leads)
        The usual beat.
    """
    parts = range(0, len(beats), BEATS_AT_ONCE)
    windows = np.concatenate([_cut(signal, beats[i : i + BEATS_AT_ONCE], fs) for i in parts])
    if past is None:
        windows[_is_beyond(beats, len(signal), fs)] = np.nan
    is_missing = np.isnan(windows)
    if past is None and is_missing.any():
        known = np.where(is_missing.all(axis=0), 0, windows)
        usual = np.nanmedian(known, axis=0, keepdims=True)
    else:
        windows[is_missing] = 0
        usual = reference(windows, past, "windows")
    if is_missing.any():
        windows = np.where(is_missing, usual, windows)
    size = np.ptp(usual, axis=1, keepdims=True) + 0.05  # mV: a lead that is flat stays flat
    return windows / size, usual / size


def _is_beyond(beats, n_timesteps, fs):
    """Mark what of each window is beyond the signal: all of it, if half the QRS complex is."""
    times = _times(beats, fs)
    is_beyond = (times < 0) | (times > n_timesteps - 1)
    is_beyond[is_beyond[:, _QRS].any(axis=1)] = True  # or half a complex would look like another
    return is_beyond


def _times(beats, fs):
    """Return the time steps of the windows around beats, which need not be whole."""
    n_timesteps = round((_BEFORE_S + _AFTER_S) * _FS)
    return beats[:, None] + (np.arange(n_timesteps) / _FS - _BEFORE_S) * fs


def _cut(signal, beats, fs):
    times = _times(beats, fs)
    times = np.clip(times, 0, len(signal) - 1)
    left = np.minimum(times.astype(int), max(0, len(signal) - 2))
    right = np.minimum(left + 1, len(signal) - 1)
    share = (times - left)[..., None].astype(signal.dtype)
    windows = signal[left] * (1 - share) + signal[right] * share
    if np.isnan(windows).any():
        series = windows.swapaxes(1, 2).reshape(-1, times.shape[1])
        interpolate(series, max_gap_length=_BRIDGED)
        windows[...] = series.reshape(len(beats), -1, times.shape[1]).swapaxes(1, 2)
    median = np.median(windows, axis=1, keepdims=True)
    some = np.nonzero(np.isnan(median[:, 0]) & ~np.isnan(windows).all(axis=1))
    if len(some[0]):
        median[some[0], 0, some[1]] = np.nanmedian(windows[some[0], :, some[1]], axis=1)
    return windows - median


def shape_features(windows, usual):
    """Compare P wave, QRS complex and T wave of each beat with those of the usual one.

    For the QRS complex: its correlation, deviation (logarithm of the root mean square difference),
    amplitude (logarithm of the ratio), sharpness (logarithm of its slope to its size), width
    (logarithm of its area to its height) and polarity; of the P and the T wave correlation and
    deviation, and the amplitude of the former.

    Parameters
    ----------
    windows : ndarray of shape (n_beats, 90, n_leads)
        Windows around beats.
    usual : ndarray of shape (n_beats or 1, 90, n_leads)
        The usual beat.

    Returns
    -------
    ndarray of shape (n_beats, 11 * n_leads), float32
        The features, in the order of `SHAPE_NAMES`, each for all leads.
    """
    qrs, wide = windows[:, _QRS], windows[:, _QRS_WIDE]
    height = np.ptp(wide, axis=1)
    above_baseline = np.abs(wide - np.median(windows[:, _BASELINE], axis=1, keepdims=True))
    width = above_baseline.sum(axis=1) / (above_baseline.max(axis=1) + 0.05) / _FS
    slope = _size(np.diff(wide, axis=1))
    p, usual_p = _centred(windows[:, _P]), _centred(usual[:, _P])
    t, usual_t = windows[:, _T], usual[:, _T]
    features = [
        _correlation(qrs, usual[:, _QRS]),
        np.log(0.03 + _size(qrs - usual[:, _QRS])),
        np.log((0.05 + height) / (0.05 + np.ptp(usual[:, _QRS_WIDE], axis=1))),
        2 * np.log((0.02 + slope) / (0.05 + _size(wide))) + 2,
        2 * np.log(0.01 + width) + 5,
        wide.max(axis=1) + wide.min(axis=1),
        _correlation(p, usual_p),
        np.log(0.02 + _size(p - usual_p)) + 2,
        np.log((0.03 + _size(p)) / (0.03 + _size(usual_p))),
        _correlation(t, usual_t),
        np.log(0.03 + _size(t - usual_t)) + 2,
    ]
    return np.clip(np.concatenate(features, axis=1), -6, 6).astype(np.float32)


def deviation_features(shape, past):
    """Compare the features of each beat's shape with the usual ones of its recording.

    Parameters
    ----------
    shape : ndarray of shape (n_beats, n_features)
        The features of the beats' shapes.
    past : Past or None
        The beats before, if usual is the median of earlier beats. None takes the median of the
        whole recording.

    Returns
    -------
    ndarray of shape (n_beats, n_features), float32
        Distances from the median in units of three median absolute distances.
    """
    distances = shape - reference(shape, past, "shape")
    spread = 1.5 * reference(np.abs(distances), past, "distances") + 0.15
    return np.clip(distances / spread / 2, -5, 5).astype(np.float32)


def waveform_features(windows):
    """Return the outline of each beat, 20 values a second.

    Parameters
    ----------
    windows : ndarray of shape (n_beats, 90, n_leads)
        Windows around beats.

    Returns
    -------
    ndarray of shape (n_beats, 15 * n_leads), float32
        Means over every six time steps, by time first and by lead second.
    """
    n_beats, _, n_leads = windows.shape
    steps = windows.reshape(n_beats, N_WAVEFORM, _WAVEFORM_STEP, n_leads).mean(axis=2)
    return np.clip(steps.reshape(n_beats, -1), -4, 4).astype(np.float32)


def _size(values):
    """Compute the root mean square over time."""
    return np.sqrt(np.square(values).mean(axis=1))


def _centred(values):
    return values - values.mean(axis=1, keepdims=True)


def _correlation(a, b):
    products = np.square(a).sum(axis=1) * np.square(b).sum(axis=1)
    return (a * b).sum(axis=1) / np.sqrt(products + 1e-6)
