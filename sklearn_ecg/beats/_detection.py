"""Find heartbeats in a signal."""

from numbers import Real

import numpy as np
from sklearn.utils._param_validation import Interval, validate_params

from sklearn_ecg.preprocessing import bandpass_filter
from sklearn_ecg.preprocessing._gaps import interpolate
from sklearn_ecg.utils._extras import import_extra
from sklearn_ecg.utils._signals import as_object_array, check_signals, each_row

_QRS_BAND = (5.0, 30.0)  # Hz, where QRS complexes have most of their energy
_FLAT_S = 0.1  # on either side of a beat, in which the signal has to move
_SHORTEST_S = 1.0  # less cannot be told to hold a beat


@validate_params(
    {"X": ["array-like"], "fs": [Interval(Real, 2 * _QRS_BAND[1], None, closed="neither")]},
    prefer_skip_nested_validation=True,
)
def detect_beats(X, fs):
    """Find the heartbeats of each row.

    The detector is SleepECG's, after Pan and Tompkins. Of several leads it is given their sum:
    each is filtered to the band of QRS complexes (5 to 30 Hz), scaled to its own strength and
    turned so that it agrees with the first, so a beat that is small in one lead is found in
    another.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_timesteps[, n_leads])
        Signals in any unit, or a list with one such array per row. NaN stands for missing values.
    fs : float
        Sampling rate in Hz, more than 60.

    Returns
    -------
    1-D object array of ndarrays of int
        The time steps of the beats of each row, in order of time. Empty where there are none:
        a stretch that is flat or missing yields no beats, nor does a row that is less than a second
        long from where it first moves.

    Raises
    ------
    ValueError
        If `X` is no array of signals, is cut into segments, or holds infinite values.
    ImportError
        If SleepECG is missing; it comes with the extra `beats`.

    See Also
    --------
    extract_beats : Makes a row of each beat.
    sklearn_ecg.metrics.match_beats : Compares detected beats with annotated ones.

    Notes
    -----
    The detector looks at the whole row: it learns thresholds from where it begins to move, and
    searches back.

    References
    ----------
    Pan J, Tompkins WJ. A real-time QRS detection algorithm. IEEE Trans Biomed Eng 32(3):230-236
    (1985). doi:10.1109/TBME.1985.325532

    Brunner C, Hofer F. SleepECG: a Python package for sleep staging based on heart rate. J Open
    Source Softw 8(86):5411 (2023). doi:10.21105/joss.05411

    Examples
    --------
    >>> from sklearn_ecg.beats import detect_beats
    >>> from sklearn_ecg.datasets import make_ecg
    >>> record = make_ecg(duration_s=10, fs=250, heart_rate=60, random_state=0)
    >>> len(detect_beats(record.signal[None], fs=250)[0])
    10
    """
    X = check_signals(X, estimator="detect_beats")
    rows = each_row(X)
    return as_object_array(
        [detect_beats_of(refuse_segments(row, i), fs) for i, row in enumerate(rows)]
    )


def detect_beats_of(signal, fs):
    """Find the heartbeats of one signal; see `detect_beats`.

    Parameters
    ----------
    signal : ndarray of shape (n_timesteps, n_leads)
        The signal.
    fs : float
        Sampling rate in Hz.

    Returns
    -------
    ndarray of int
        Time steps of the beats.
    """
    moves = np.nanmax(signal, axis=0, initial=-np.inf) > np.nanmin(signal, axis=0, initial=np.inf)
    leads = signal[:, moves]
    if not leads.shape[1]:
        return np.empty(0, dtype=np.int64)
    # The detector learns its thresholds from the beginning: not from leads that are not on yet.
    start = _end_of_flat_beginning(leads, round(_FLAT_S * fs))
    leads = leads[start:]
    if len(leads) < _SHORTEST_S * fs:
        return np.empty(0, dtype=np.int64)
    beats = import_extra("sleepecg", extra="beats").detect_heartbeats(_in_common(leads, fs), fs)
    return start + beats[_moves_at(leads, beats, round(_FLAT_S * fs))].astype(np.int64)


def refuse_segments(signal, i):
    """Pass a row on if it is a signal, and refuse it if it is cut into segments.

    Parameters
    ----------
    signal : ndarray of shape (n_timesteps, n_leads)
        The row.
    i : int
        Its position, for the message.

    Returns
    -------
    ndarray of shape (n_timesteps, n_leads)
        The same row.

    Raises
    ------
    ValueError
        If it has an axis for segments.
    """
    if signal.ndim == 3:
        raise ValueError(
            f"row {i} of X has shape {signal.shape}: it is cut into segments. Pass signals of "
            "shape (n_timesteps,) or (n_timesteps, n_leads)."
        )
    return signal


def _end_of_flat_beginning(leads, shortest):
    """Find where leads that begin flat or missing, for so many steps, first have another value."""
    if _changes(leads[:shortest]).any():  # as nearly always: no need to go through the rest
        return 0
    n_flat = int(_changes(leads).argmax()) + 1
    return n_flat if n_flat >= shortest else 0


def _changes(leads):
    """Tell at which steps a lead has another value at the next one; NaN is none."""
    return (np.abs(np.diff(leads, axis=0)) > 0).any(axis=1)


def _in_common(leads, fs):
    """Join leads to one signal in which the QRS complexes of all add up."""
    if leads.shape[1] == 1:  # the detector filters it itself
        series = leads.T.astype(np.float64)
        interpolate(series, max_gap_length=len(leads))
        return series[0]
    filtered = bandpass_filter(leads[None], fs, low=_QRS_BAND[0], high=_QRS_BAND[1])[0]
    filtered = filtered.astype(np.float64)
    strength = np.nanquantile(np.abs(filtered), 0.98, axis=0)
    # One that was off but for a moment would else be scaled up until it drowns the others.
    strength = np.maximum(strength, 0.01 * strength.max())
    scaled = np.nan_to_num(filtered) / (strength + np.finfo(np.float32).tiny)
    # A lead that runs against the first one would take away from it.
    return scaled @ np.where(scaled[:, 0] @ scaled < 0, -1.0, 1.0)


def _moves_at(leads, beats, reach):
    """Tell at which beats a lead is there on both sides and is not flat."""
    padded = np.pad(leads, ((reach, reach), (0, 0)), mode="edge")
    windows = padded[beats[:, None] + np.arange(2 * reach + 1)]
    # NaN, a missing value, compares as false.
    return (windows.max(axis=1) > windows.min(axis=1)).any(axis=1)
