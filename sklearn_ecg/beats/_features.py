"""Describe each beat of a recording by numbers that mean the same for every patient."""

from functools import lru_cache, partial
from itertools import pairwise
from numbers import Real

import numpy as np
from sklearn.utils._param_validation import Interval, validate_params

from sklearn_ecg.beats._checking import check_beats
from sklearn_ecg.beats._rhythm import INTERVAL_NAMES, N_AROUND, interval_features
from sklearn_ecg.beats._running import Past
from sklearn_ecg.beats._shape import (
    BEATS_AT_ONCE,
    N_WAVEFORM,
    SHAPE_NAMES,
    beat_windows,
    deviation_features,
    shape_features,
    waveform_features,
)
from sklearn_ecg.preprocessing._bandpass import design_bandpass
from sklearn_ecg.preprocessing._filtering import filter_series
from sklearn_ecg.preprocessing._jumps import series_without_jumps
from sklearn_ecg.preprocessing._series import by_series
from sklearn_ecg.utils._intervals import find_gaps_between
from sklearn_ecg.utils._jobs import map_in_threads
from sklearn_ecg.utils._rows import as_plain_array
from sklearn_ecg.utils._signals import check_signals

FEATURES = ("rhythm", "irregularity", "shape", "deviation", "waveform", "quality")
_QUALITY_NAMES = ("noise", "size")
BAND = (0.5, 40.0)  # Hz
PART_S = 1800.0  # of a long recording, within which beats are compared
REACH_S = 0.5  # on either side of a beat, in which noise is measured; windows end within it


@validate_params(
    {
        "signal": ["array-like"],
        "beats": ["array-like"],
        "fs": [Interval(Real, 2 * BAND[1], None, closed="neither")],
        "features": [tuple, list],
        "causal": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def beat_features(signal, beats, fs, *, features=("rhythm", "deviation"), causal=False):
    r"""Describe each beat of one recording.

    Jumps of the baseline are taken out, the signal is filtered (0.5 to 40 Hz), a window around each
    beat is compared with the usual beat of the same recording, and intervals with the usual ones.
    All features are of order 1. In the course of a day, what is usual changes. So a recording of 45
    min or more is divided into equal parts of about half an hour, and a beat is compared with those
    of its part.

    Parameters
    ----------
    signal : array-like of shape (n_timesteps,) or (n_timesteps, n_leads)
        The recording in mV. NaN stands for missing values. What is missing, or beyond either end,
        counts as usual: the part of a beat as that of the usual beat (all of it if the recording
        ends within its QRS complex), and an interval between beats in which all leads
        are missing for 0.1 s as the median of 17.
    beats : array-like of shape (n_beats,)
        Time steps of its beats, in order of time.
    fs : float
        Sampling rate in Hz, more than 80.
    features : sequence of str, default=("rhythm", "deviation")
        Groups of features. The columns follow the order of these names:

        - `"rhythm"`: 8 of the interval that ends with the beat, by itself and relative to others.
        - `"irregularity"`: 7 of how irregular the 129 intervals around the beat are, as in
          fibrillation, in which no beat counts as early. At either end of a recording, those on the
          inner side stand for those beyond, as in a mirror. If `causal`, the first one stands for
          those before it, so they say little of the first 128 beats.
        - `"shape"`: 11 a lead of P wave, QRS complex and T wave, against the median beat.
        - `"deviation"`: the features of `"shape"`, each against its median and spread in the
          recording.
        - `"waveform"`: 15 a lead, the window from 0.3 s before to 0.45 s after the beat.
        - `"quality"`: 2 a lead, logarithms of the size of what the filter removed, about its mean,
          and of what it left, within 0.5 s of the beat.
    causal : bool, default=False
        Whether to compare with the median of earlier beats (64 for shapes, 17 to 81 for intervals)
        instead of the **whole recording (or its part), which looks into the future**. The filter
        then runs forwards only. A window still reaches 0.45 s beyond its beat, and `"quality"` 0.5
        s, and a jump in it is known 0.2 s later. The first beat, which ends no interval, takes the
        interval of the second.

    Returns
    -------
    ndarray of shape (n_beats, n_features), float32
        The features.

    Raises
    ------
    ValueError
        If `signal` is not a recording of one or more leads, if `beats` is empty, not in order of
        time or beyond the signal, or if a feature is unknown.

    See Also
    --------
    beat_feature_names : Names of the columns.
    extract_beats : Makes a row for each beat and its neighbours.
    BeatSequencer : Turns each recording into a sequence of its beats.

    Notes
    -----
    The numbers, for a publication. Logarithms are natural.

    *rhythm*. The interval RR in seconds is limited to 0.15 to 4. `rr` is 2 log(RR / 0.8). The next
    four are 4 log(RR / r), where r is the median of the recording, of 17 intervals around the beat
    (near), of 81 (wide), and the 85th percentile of 41 (long). `rr_irregularity` is 3 + log(0.01 +
    m), where m is the median of \|log(RR / wide)\| over 33 beats. The last two are log(RR / near)
    and log(RR / wide), divided by 3 m + 0.08, within -4 and 4.

    *irregularity*. With w = log(RR / wide): 3 + log(0.01 + q), where q are the quartiles over 129
    beats of \|log(RR / RR of the beat before)\| (`rr_change_low`, `rr_change`, `rr_change_high`)
    and of \|w\| (`rr_deviation_low`, ...); then the median over 129 beats of w times the w of the
    beat before, divided by the square of 0.04 + 1.5 times the median of \|w\|, within -4 and 4
    (`rr_repetition`), which is negative where short and long intervals take turns.

    *shape*. A window is at 120 Hz, about its median, and in units of the height (maximum minus
    minimum, and 0.05 mV more) of the usual beat, the median of all windows. QRS is from 0.08 s
    before the beat to 0.1 s after it, a wide QRS from -0.15 to 0.2, P from -0.24 to -0.08, about
    its mean, and T from 0.1 to 0.42. With d, the difference from the usual beat, h, the height, and
    rms over these parts:

    - `qrs_correlation`, `p_correlation`, `t_correlation`: sum of products with the usual beat,
      divided by the root of 0.000001 plus the product of both sums of squares;
    - `qrs_deviation`: log(0.03 + rms d); `p_deviation`: 2 + log(0.02 + rms d); `t_deviation`: 2 +
      log(0.03 + rms d);
    - `qrs_amplitude`: log of the ratio of 0.05 + h, wide, to that of the usual beat;
    - `qrs_sharpness`: 2 + 2 log((0.02 + rms of the steps between time steps) / (0.05 + rms)), wide;
    - `qrs_width`: 5 + 2 log(0.01 + area / (0.05 + largest)), wide, in seconds, of the distance from
      the baseline, the median of -0.3 to -0.1 s;
    - `qrs_polarity`: maximum plus minimum, wide;
    - `p_amplitude`: log of the ratio of 0.03 + rms to that of the usual beat.

    *deviation*. The distance of each of these from its median in the recording, divided by 0.3 + 3
    times the median of such distances, within -5 and 5.

    *waveform*. Means of the window over 0.05 s, within -4 and 4. *quality*. 2 + log(0.01 + standard
    deviation of what the filter removed) and 2 + log(0.01 + rms of what it left), in mV.

    References
    ----------
    de Chazal P, O'Dwyer M, Reilly RB. Automatic classification of heartbeats using ECG morphology
    and heartbeat interval features. IEEE Trans Biomed Eng 51(7):1196-1206 (2004).
    doi:10.1109/TBME.2004.827359

    Examples
    --------
    >>> from sklearn_ecg.beats import beat_features, detect_beats
    >>> from sklearn_ecg.datasets import make_ecg
    >>> record = make_ecg(duration_s=10, fs=250, heart_rate=60, random_state=0)
    >>> beats = detect_beats(record.signal[None], fs=250)[0]
    >>> beat_features(record.signal, beats, fs=250).shape
    (10, 19)
    """
    signal = check_signals([np.asarray(as_plain_array(signal))], estimator="beat_features")[0]
    signal = signal[:, None] if signal.ndim == 1 else signal
    if signal.ndim > 2:
        raise ValueError(
            f"signal has shape {signal.shape}, but beat_features takes one recording of shape "
            "(n_timesteps,) or (n_timesteps, n_leads)."
        )
    check_features(features)
    beats = check_beats(beats, len(signal))
    if not len(beats):
        raise ValueError("beats is empty: give the time steps of at least one beat.")
    return features_of(signal, beats, fs, features, causal)


def features_of(signal, beats, fs, features, causal):
    """Describe the beats of one recording, whose arguments are checked; see `beat_features`.

    Parameters
    ----------
    signal : ndarray of shape (n_timesteps, n_leads)
        The recording.
    beats : ndarray of shape (n_beats,)
        Time steps of its beats.
    fs : float
        Sampling rate in Hz.
    features : sequence of str
        Groups of features.
    causal : bool
        Whether to compare with earlier beats only.

    Returns
    -------
    ndarray of shape (n_beats, n_features), float32
        The features.
    """
    is_broken = np.append(False, find_gaps_between(beats, signal, fs))
    filtered = signal
    if not are_of_intervals(features):
        signal = signal.astype(np.float32, copy=False)
        signal = by_series(partial(series_without_jumps, fs=fs), signal)
        filtered = by_series(partial(filter_series, sos=filter_design(fs), causal=causal), signal)
    if causal:
        return describe_beats(signal, filtered, 0, beats, is_broken, fs, features, Past())

    def describe(part):
        some, own = part
        marks = beats[some], is_broken[some]
        return describe_beats(signal, filtered, 0, *marks, fs, features, None)[own]

    return np.concatenate(map_in_threads(describe, _parts(beats, len(signal), fs, features)))


def _parts(beats, n_timesteps, fs, features):
    """Yield the beats of each part of a recording, with those beside them, and which are its own.

    What is usual changes in the course of a day. So a long recording is described in parts as long
    as the recordings that models learn from. The beats beside are those that running medians need;
    they count for what is usual too.
    """
    # Half of 33 irregularities, or twice half of 129 (a median in units of another), each against
    # half of 81 intervals, an unknown one of which is the median of 17; and the first beat of all
    # these, which ends no interval.
    n_beside = (N_AROUND if "irregularity" in features else 16) + 40 + 8 + 1
    n_parts = max(1, round(n_timesteps / fs / PART_S))
    seams = np.arange(1, n_parts) * n_timesteps / n_parts
    edges = [0, *np.searchsorted(beats, seams).tolist(), len(beats)]
    for start, stop in pairwise(edges):
        if start < stop:
            first = max(0, start - n_beside)
            yield slice(first, stop + n_beside), slice(start - first, stop - first)


def describe_beats(signal, filtered, start, beats, is_broken, fs, features, past):
    """Describe beats by the part of the signal around them.

    Parameters
    ----------
    signal, filtered : ndarray of shape (n_timesteps, n_leads), float32
        The part, as it was recorded and filtered; NaN where it is missing. It reaches `REACH_S`
        beyond the beats, or to the end of the recording.
    start : int or ndarray of int of shape (n_beats,)
        Time step at which it begins; for each beat, if some of the signal between them is left out.
    beats : ndarray of shape (n_beats,)
        Time steps of the beats, at least one.
    is_broken : ndarray of bool of shape (n_beats,)
        Whether the signal is missing within the interval that ends with the beat.
    fs : float
        Sampling rate in Hz.
    features : sequence of str
        Groups of features.
    past : Past or None
        The beats before, to compare with earlier beats only. None compares with all `beats`.

    Returns
    -------
    ndarray of shape (n_beats, n_features), float32
        The features.
    """
    of_intervals = interval_features(features, beats, fs, past, is_broken)
    if are_of_intervals(features):
        return np.concatenate(list(of_intervals.values()), axis=1)
    within = beats - start
    windows, usual = beat_windows(filtered, within, fs, past)
    shape = shape_features(windows, usual)
    blocks = {
        "shape": lambda: shape,
        "deviation": lambda: deviation_features(shape, past),
        "waveform": lambda: waveform_features(windows),
        "quality": lambda: _quality_features(signal, filtered, within, fs),
    }
    described = (of_intervals[n] if n in of_intervals else blocks[n]() for n in features)
    return np.concatenate(list(described), axis=1)


def are_of_intervals(features):
    """Check whether groups of features need no signal, but for its gaps.

    Parameters
    ----------
    features : sequence of str
        Groups of features.

    Returns
    -------
    bool
        Whether all are of the intervals between beats.
    """
    return set(features) <= set(INTERVAL_NAMES)


@lru_cache(maxsize=8)  # many recordings have one rate, and each would take a millisecond
def filter_design(fs):
    """Design the filter of a signal before its beats are described.

    Parameters
    ----------
    fs : float
        Sampling rate in Hz.

    Returns
    -------
    ndarray of shape (n_sections, 6)
        The filter, in second-order sections.
    """
    return design_bandpass(fs, *BAND, order=2)


def beat_feature_names(features=("rhythm", "deviation"), *, n_leads=1):
    """Name the columns of `beat_features`.

    Parameters
    ----------
    features : sequence of str, default=("rhythm", "deviation")
        Groups of features, as in `beat_features`.
    n_leads : int, default=1
        Number of leads; leads are numbered from 0.

    Returns
    -------
    ndarray of str
        A name for each column.

    Raises
    ------
    ValueError
        If a feature is unknown.

    See Also
    --------
    beat_features : Computes the features.

    Examples
    --------
    >>> from sklearn_ecg.beats import beat_feature_names
    >>> beat_feature_names(["quality"], n_leads=2)
    array(['noise_0', 'noise_1', 'size_0', 'size_1'], dtype='<U7')
    """
    check_features(features)
    by_lead = {
        "shape": SHAPE_NAMES,
        "deviation": [f"{name}_deviation" for name in SHAPE_NAMES],
        "waveform": [f"waveform{i}" for i in range(N_WAVEFORM)],
        "quality": _QUALITY_NAMES,
    }
    names = []
    for feature in features:
        if feature in INTERVAL_NAMES:
            names += INTERVAL_NAMES[feature]
        else:
            names += [f"{name}_{lead}" for name in by_lead[feature] for lead in range(n_leads)]
    return np.array(names)


def check_features(features):
    """Check that all features exist.

    Parameters
    ----------
    features : sequence of str
        Names of features.

    Raises
    ------
    ValueError
        If there are none, or one is unknown or named twice.
    """
    unknown = [name for name in features if name not in FEATURES]
    if unknown or not len(features) or len(set(features)) < len(features):
        raise ValueError(f"features={features!r} must be some of {', '.join(FEATURES)}, each once.")


def _quality_features(signal, filtered, beats, fs):
    """Measure the removed and the remaining signal around each beat, in each lead."""
    reach = round(REACH_S * fs)
    start, stop = np.maximum(beats - reach, 0), np.minimum(beats + reach, len(signal))

    def total(values, start, stop):
        sums = np.cumsum(values, axis=0, dtype=np.float64)
        sums = np.concatenate([np.zeros_like(sums[:1]), sums])
        return sums[stop] - sums[start]

    parts = []
    for i in range(0, len(beats), BEATS_AT_ONCE):
        some = slice(i, i + BEATS_AT_ONCE)
        first, last = start[some][0], stop[some][-1]
        within = start[some] - first, stop[some] - first
        rest = signal[first:last].astype(np.float64)  # or the squares of a large offset are rounded
        kept = np.nan_to_num(filtered[first:last])
        is_missing = np.isnan(rest)
        rest -= kept
        rest[is_missing] = 0
        n_present = np.maximum(total(~is_missing, *within), 1)
        # About its mean, because an offset of the device is no noise.
        noise = total(np.square(rest), *within) / n_present
        noise -= np.square(total(rest, *within) / n_present)
        size = total(np.square(kept), *within) / (within[1] - within[0])[:, None]
        parts.append(np.concatenate([noise, size], axis=1))
    sizes = np.log(0.01 + np.sqrt(np.maximum(np.concatenate(parts), 0)))
    return (np.clip(sizes, -5, 5) + 2).astype(np.float32)
