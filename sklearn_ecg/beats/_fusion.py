"""Fusion beats, which are rare in a training set, made from normal and ventricular ones."""

import math
from dataclasses import replace
from numbers import Integral

import numpy as np
from sklearn.utils import Bunch, check_random_state
from sklearn.utils._param_validation import Interval, validate_params

from sklearn_ecg.beats._extraction import ROW_CONSTRAINTS, extract_beats
from sklearn_ecg.beats._features import beat_feature_names
from sklearn_ecg.utils._records import check_records

_BEFORE_S, _AFTER_S = 0.3, 0.5  # the stretch of signal around a beat that is replaced
_FADE_S = 0.06  # at either end of it
_FREE_S = 0.05  # beyond it, in which there is no other beat
_BASELINE_S = (-0.14, -0.08)
# When the ventricular share of a beat sets in, is whole, wanes, and is over.
_VENTRICULAR_S = (-0.12, -0.04, 0.30, 0.45)
_SHARE = (0.15, 0.5)
_JITTER_S = 0.02  # of the ventricular beat against the normal one
_EARLY = 0.15  # of an interval, at most, is usual in a recording
_EARLIEST_S = 0.12  # else the old T wave would show behind the new one
_MOST = 0.1  # of a recording's normal beats, so that the usual beat in it does not change
_FEWEST = 3  # ventricular beats that a recording must have


@validate_params(
    {
        **ROW_CONSTRAINTS,
        "n_beats": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def simulate_fusions(
    records,
    *,
    n_beats=60,
    leads=("MLII",),
    n_before=4,
    n_after=4,
    features=("rhythm", "deviation"),
    causal=False,
    random_state=None,
):
    """Merge normal and ventricular beats of each record, to train on beside the real fusion beats.

    A fusion beat arises where a ventricular beat meets the next normal one: each excites a part of
    the ventricles. In a training set such beats may come from one or two people. Here some normal
    beats of a copy of each record become a mixture: 15 to 50 % of each, except its P wave, is a
    ventricular beat of the same record. They come up to 0.12 s early. Rows are then made of the
    copy, as of any record.

    Never score on these rows, and keep those of a patient with the patient's real ones when you
    split.

    Parameters
    ----------
    records : ECGRecord or sequence of ECGRecord
        Recordings with annotated beats.
    n_beats : int, default=60
        Fusion beats of each record, or a tenth of the normal beats that can be merged if that is
        less. A record with fewer than three ventricular beats has none.
    leads : sequence of str or of tuple of str, default=("MLII",)
        Names of leads, as in :func:`extract_beats`.
    n_before, n_after : int, default=4
        Neighbours of each beat in its row.
    features : sequence of str, default=("rhythm", "deviation")
        Groups of features.
    causal : bool, default=False
        Whether features use nothing that comes later.
    random_state : int, RandomState instance or None, default=None
        Seed of the choice of beats and of their mixtures.

    Returns
    -------
    Bunch
        `data` : ndarray of shape (n_samples, n_before + 1 + n_after, n_features), float32
            A row for each fusion beat, as from :func:`extract_beats`.
        `target` : ndarray of shape (n_samples,)
            "F" throughout.
        `records`, `groups` : ndarray of shape (n_samples,)
            The record and the patient, named as by :func:`extract_beats`. The name may be the
            position of the record, so pass the same records to both.
        `feature_names` : ndarray of str
            Names of the last axis of `data`.

    Raises
    ------
    ValueError
        If no record has beats that can be merged, or as in :func:`extract_beats`.
    TypeError
        If `records` are not recordings.

    See Also
    --------
    simulate_rhythms : Rhythms that are rare in a training set.
    extract_beats : Makes rows of the real beats.

    Notes
    -----
    A normal beat can be merged if no other beat lies from 0.47 s before to 0.55 s after it, a
    ventricular one if none follows within 0.55 s, and if nothing is missing around them. If the
    heart beats more than 109 times a minute throughout, no beat can be merged.

    Examples
    --------
    >>> from sklearn_ecg.beats import simulate_fusions
    >>> from sklearn_ecg.datasets import make_ecg
    >>> record = make_ecg(duration_s=60, fs=250, premature={"V": 0.1}, random_state=0)
    >>> rows = simulate_fusions(record, n_beats=5, leads=["II"], random_state=1)
    >>> rows.data.shape, set(rows.target.tolist())
    ((5, 9, 19), {'F'})
    """
    rng = check_random_state(random_state)
    records = check_records(records)
    feature_names = beat_feature_names(features, n_leads=len(leads))
    # For its checks, and to know where the beats are: no feature of the signal is needed yet.
    real = extract_beats(records, leads=leads, n_before=0, n_after=0, features=("rhythm",))
    data, names, groups = [], [], []
    for name, record in zip(dict.fromkeys(real.records), records, strict=True):
        mine = real.records == name
        signal, beats, merged = with_fusions(
            record, leads, real.time_steps[mine], real.target[mine], n_beats, rng
        )
        if len(merged):
            rows = extract_beats(
                replace(record, signal=signal),
                beats=[beats],
                leads=leads,
                n_before=n_before,
                n_after=n_after,
                features=features,
                causal=causal,
            )
            data.append(rows.data[merged])
            names.append(np.repeat(name, len(merged)))
            groups.append(np.repeat(real.groups[mine][0], len(merged)))
    if not data:
        raise ValueError(
            "none of the records has beats that can be merged, which takes at least "
            f"{_FEWEST} ventricular beats (class V) and some normal ones (class N), with nothing "
            "missing and no other beat close by."
        )
    data = np.concatenate(data)
    return Bunch(
        data=data,
        target=np.repeat("F", len(data)),
        records=np.concatenate(names),
        groups=np.concatenate(groups),
        feature_names=feature_names,
    )


def with_fusions(record, leads, beats, classes, n_beats, rng):
    """Merge some normal beats of a record with ventricular ones.

    Parameters
    ----------
    record : ECGRecord
        A recording.
    leads : sequence of str or of tuple of str
        Leads in which nothing may be missing around a beat to be merged.
    beats, classes : ndarray of shape (n_beats_of_record,)
        Time steps of its beats, in order of time, and their AAMI classes.
    n_beats : int
        Largest number of beats to merge.
    rng : RandomState
        Source of randomness.

    Returns
    -------
    signal : ndarray of shape (n_timesteps, n_leads), float32
        A copy of the signal with merged beats.
    beats : ndarray of shape (n_beats_of_record,)
        The time steps of all beats; merged ones may come earlier than before.
    merged : ndarray of int
        Positions of the merged beats; empty if there is nothing to merge.
    """
    fs, signal, moved = record.fs, record.signal.astype(np.float32), beats.copy()
    ventricular, normal = beats_to_merge(record, leads, beats, classes)
    if len(ventricular) < _FEWEST:
        return signal, moved, np.empty(0, dtype=np.int64)
    merged = np.sort(rng.permutation(normal)[: min(n_beats, math.ceil(_MOST * len(normal)))])
    usually_early = rng.uniform(0, _EARLY)
    time_s = _time_s(fs)
    inside = _ramp(time_s, -_BEFORE_S, -_BEFORE_S + _FADE_S)
    inside *= _ramp(time_s, _AFTER_S, _AFTER_S - _FADE_S)
    for beat in merged:  # in order of time, since windows overlap
        jitter = round(rng.uniform(-_JITTER_S, _JITTER_S) * fs)
        mixture = fuse(
            _around(record.signal, beats[beat], fs),
            _around(record.signal, beats[rng.choice(ventricular)] + jitter, fs),
            rng.uniform(*_SHARE),
            fs,
        )
        early = max(0, rng.normal(usually_early, 0.03)) * (beats[beat] - beats[beat - 1])
        moved[beat] -= min(round(early), round(_EARLIEST_S * fs))
        window = _around(signal, moved[beat], fs)
        window += inside[:, None] * (mixture - window)
    return signal, moved, merged


def fuse(normal, ventricular, share, fs):
    """Merge a normal beat with a ventricular one.

    Parameters
    ----------
    normal, ventricular : ndarray of shape (n_timesteps, n_leads)
        The signal from 0.3 s before to 0.5 s after each.
    share : float
        Share of the ventricular one. The P wave is that of the normal one.
    fs : float
        Sampling rate in Hz.

    Returns
    -------
    ndarray of shape (n_timesteps, n_leads)
        The mixture, on the baseline of the normal one.
    """
    time_s = _time_s(fs)
    baseline = (time_s >= _BASELINE_S[0]) & (time_s < _BASELINE_S[1])
    starts, whole, wanes, over = _VENTRICULAR_S
    weight = share * _ramp(time_s, starts, whole) * _ramp(time_s, over, wanes)
    normal_level, ventricular_level = (
        np.median(window[baseline], axis=0) for window in (normal, ventricular)
    )
    difference = (ventricular - ventricular_level) - (normal - normal_level)
    return normal + weight[:, None] * difference


def beats_to_merge(record, leads, beats, classes):
    """Find the beats that can be merged; see the notes of `simulate_fusions`.

    Parameters
    ----------
    record, leads, beats, classes
        As in `with_fusions`.

    Returns
    -------
    ventricular, normal : ndarray of int
        Positions of such beats of either class.
    """
    fs, n_timesteps = record.fs, record.n_timesteps
    start = beats - round(_BEFORE_S * fs) - round(_EARLIEST_S * fs)
    stop = beats + round(_AFTER_S * fs) + round(_JITTER_S * fs)
    is_missing = np.isnan(record.leads(leads)).any(axis=1)
    n_missing = np.concatenate([[0], np.cumsum(is_missing)])
    before, after = np.diff(beats, prepend=beats[:1]), np.diff(beats, append=n_timesteps)
    can = (start >= 0) & (stop <= n_timesteps) & (after > (_AFTER_S + _FREE_S) * fs)
    can &= n_missing[np.clip(stop, 0, n_timesteps)] == n_missing[np.clip(start, 0, n_timesteps)]
    has_room = before > (_BEFORE_S + _EARLIEST_S + _FREE_S) * fs
    return (
        np.flatnonzero(can & (classes == "V")),
        np.flatnonzero(can & has_room & (classes == "N")),
    )


def _time_s(fs):
    """Return the time of each step of a window, from its beat."""
    return np.arange(-round(_BEFORE_S * fs), round(_AFTER_S * fs)) / fs


def _around(signal, step, fs):
    """Cut the window around a beat, as a view."""
    return signal[step - round(_BEFORE_S * fs) : step + round(_AFTER_S * fs)]


def _ramp(time_s, start_s, stop_s):
    """Rise smoothly from 0 to 1 between two times, or the other way round if these are."""
    return (1 - np.cos(np.pi * np.clip((time_s - start_s) / (stop_s - start_s), 0, 1))) / 2
