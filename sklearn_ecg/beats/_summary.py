"""Summarize the beats and rhythms of a long recording."""

from itertools import pairwise
from numbers import Integral, Real

import numpy as np
from sklearn.utils import Bunch
from sklearn.utils._param_validation import Interval, validate_params

from sklearn_ecg.beats._spans import (
    ATRIAL,
    choose_span,
    count_beats_by_span,
    heart_rates_by_bin,
    known_heart_rates,
    rhythm_episodes,
    rhythm_shares,
)
from sklearn_ecg.utils._intervals import find_broken_intervals, mean_heart_rate
from sklearn_ecg.utils._records import ECGRecord
from sklearn_ecg.utils._runs import find_runs

_RUN_CLASSES = ("S", "V")
_MINUTE_S = 60.0


@validate_params(
    {
        "record": [ECGRecord],
        "span_s": [Interval(Real, 0, None, closed="neither"), None],
        "run_beats": [Interval(Integral, 2, None, closed="left")],
        "pause_s": [Interval(Real, 0, None, closed="neither")],
    },
    prefer_skip_nested_validation=True,
)
def summarize_beats(record, *, span_s=None, run_beats=3, pause_s=2.0):
    """Summarize the beats and rhythms of a long recording, such as of a Holter.

    Parameters
    ----------
    record : ECGRecord
        Recording with annotated beats, by experts or by
        :meth:`~sklearn_ecg.compose.BeatClassifier.annotate`, and perhaps with annotated rhythms. It
        may be without a signal, but for its length.
    span_s : float, default=None
        Seconds in a span for which beats are counted. None takes an hour for a day, and less or
        more for other durations.
    run_beats : int, default=3
        Fewest beats of one class that make a run, if they follow each other.
    pause_s : float, default=2.0
        Shortest interval between two beats, in seconds, that is a pause.

    Returns
    -------
    Bunch
        `begin_s` : ndarray of shape (n_spans,)
            Start of each span in seconds.
        `counts` : dict of str to ndarray of int of shape (n_spans,)
            Beats of each AAMI class that occurs, in each span.
        `heart_rate` : ndarray of shape (n_spans, 3)
            The 5th percentile, the mean and the 95th percentile of the heart rate in each span, in
            beats per minute. NaN in a span without a beat.
        `fastest_minute`, `slowest_minute` : tuple of (float, float)
            Start in seconds and mean heart rate of the minute with the highest rate, and of that
            with the lowest. Minutes are counted from the start of the recording; one that begins
            between two of them may be faster or slower still. NaN if no minute has beats for more
            than half of it.
        `runs` : dict of str to ndarray of shape (n_runs, 3)
            Start, duration and number of beats of each run of S and of V beats. The duration is
            from the first to the last beat, in seconds. Runs of any rate are there: of V beats,
            one faster than 100 beats per minute is ventricular tachycardia [2]_.
        `pauses` : ndarray of shape (n_pauses, 2)
            Start and duration of each pause, in seconds.
        `flutter` : ndarray of shape (n_stretches, 2)
            Start and duration of each marked stretch of ventricular flutter or fibrillation, in
            seconds.
        `rhythms` : dict of str to ndarray of shape (n_episodes, 2)
            Start and duration of the episodes of each annotated rhythm, in seconds, the longest
            rhythm first.
        `af_burden` : float
            Share of the time in atrial fibrillation or flutter (AFIB, AF, AFL). NaN if no
            rhythm is annotated.

    Raises
    ------
    ValueError
        If a symbol among the annotations is unknown.

    See Also
    --------
    sklearn_ecg.plotting.HolterDisplay : Draws the summary.
    sklearn_ecg.plotting.report : Writes it as a page for a browser.

    Notes
    -----
    An interval may hide a beat in which all leads are missing for 0.1 s, or stand still for a
    second, as devices write while an electrode is off. In ventricular flutter or fibrillation
    experts mark none. So neither is a pause, a run does not go on across it, and it does not count
    for any heart rate. An interval of more than 30 s does not either. A mean heart rate is the
    number of intervals that count, divided by how long they take together; beats of all classes
    make intervals. A rhythm lasts until the next one begins, and the last one until the last beat,
    or the end if no beat is annotated. The burden is a share of the time with a known rhythm, so a
    gap within a rhythm counts as that rhythm.

    A report of a Holter states such numbers [1]_. What is a pause is a choice: two seconds or more
    by default, but others count from three on. A pause lies between two beats: silence after the
    last beat is none, because a recorder may run on without its patient, and neither is silence
    before the first.

    References
    ----------
    .. [1] Steinberg JS et al. 2017 ISHNE-HRS expert consensus statement on ambulatory ECG and
       external cardiac monitoring/telemetry. Heart Rhythm 14(7):e55-e96 (2017).
       doi:10.1016/j.hrthm.2017.03.038
    .. [2] Al-Khatib SM et al. 2017 AHA/ACC/HRS guideline for management of patients with
       ventricular arrhythmias and the prevention of sudden cardiac death. Circulation
       138(13):e272-e391 (2018). doi:10.1161/CIR.0000000000000549

    Examples
    --------
    >>> from sklearn_ecg.beats import summarize_beats
    >>> from sklearn_ecg.datasets import make_ecg
    >>> record = make_ecg(180, fs=100, premature={"V": 0.05}, random_state=0)
    >>> summary = summarize_beats(record)
    >>> {name: counts.tolist() for name, counts in summary.counts.items()}
    {'N': [66, 67, 66], 'V': [4, 3, 4]}
    >>> len(summary.runs["V"]), len(summary.pauses)
    (0, 0)
    """
    if span_s is None:
        _, span_s = choose_span(record.duration_s)
    rhythms = rhythm_episodes(record)
    shares = rhythm_shares(rhythms)
    beats, classes = record.beats
    beats, first = np.unique(beats, return_index=True)  # one that is marked twice is one of a run
    classes = classes[first]
    is_broken = find_broken_intervals(beats, record.signal, record.flutter, record.fs)
    known_rates = known_heart_rates(record)
    rates = heart_rates_by_bin(known_rates, record.duration_s, span_s).T
    fastest, slowest = find_extreme_minutes(*known_rates)
    begins, ends = record.flutter.T
    return Bunch(
        begin_s=np.arange(len(rates)) * span_s,
        counts=count_beats_by_span(record, span_s),
        heart_rate=rates,
        fastest_minute=fastest,
        slowest_minute=slowest,
        runs={
            kind: _find_runs_of_beats(beats, record.fs, classes == kind, is_broken, run_beats)
            for kind in _RUN_CLASSES
        },
        pauses=_find_pauses(beats, record.fs, is_broken, pause_s),
        flutter=np.column_stack([begins, ends - begins]) / record.fs,
        rhythms=rhythms,
        af_burden=sum(shares.get(name, 0.0) for name in ATRIAL) if shares else np.nan,
    )


def find_extreme_minutes(ends_s, rates):
    """Find the fastest and the slowest minute.

    Parameters
    ----------
    ends_s, rates : ndarray of shape (n_intervals,)
        End of each interval in seconds, and its rate in beats per minute.

    Returns
    -------
    fastest, slowest : tuple of (float, float)
        Start in seconds and mean heart rate of each; NaN if no minute has intervals for more than
        half of it.
    """
    minutes = (ends_s // _MINUTE_S).astype(int)
    edges = np.searchsorted(minutes, np.arange(minutes.max(initial=-1) + 2))
    means = {
        minute: mean_heart_rate(rates[begin:end])
        for minute, (begin, end) in enumerate(pairwise(edges))
        if 2 * (_MINUTE_S / rates[begin:end]).sum() > _MINUTE_S
    }
    if not means:
        return (np.nan, np.nan), (np.nan, np.nan)
    extremes = max(means, key=means.get), min(means, key=means.get)
    return tuple((minute * _MINUTE_S, means[minute]) for minute in extremes)


def _find_runs_of_beats(beats, fs, are_of_class, is_broken, run_beats):
    """Find runs; return start, duration and number of beats of each."""
    # A run ends where the class changes, the signal is missing, or flutter comes.
    joined = are_of_class[1:] & are_of_class[:-1] & ~is_broken
    edges = find_runs(joined)
    n_beats = edges[:, 1] - edges[:, 0] + 1
    edges, n_beats = edges[n_beats >= run_beats], n_beats[n_beats >= run_beats]
    begins, ends = beats[edges[:, 0]], beats[edges[:, 1]]
    return np.stack([begins / fs, (ends - begins) / fs, n_beats], axis=1)


def _find_pauses(beats, fs, is_broken, pause_s):
    """Find pauses; return start and duration of each."""
    intervals_s = np.diff(beats) / fs  # a difference of times would be rounded by where it lies
    pauses = np.flatnonzero((intervals_s >= pause_s) & ~is_broken)
    return np.stack([beats[pauses] / fs, intervals_s[pauses]], axis=1)
