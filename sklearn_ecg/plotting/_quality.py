"""Measure how much of each lead can be read."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import maximum_filter1d, minimum_filter1d

from sklearn_ecg.plotting._compact import make_traces
from sklearn_ecg.preprocessing import QualityFlags, signal_quality
from sklearn_ecg.preprocessing._quality import LOWEST_FS
from sklearn_ecg.utils._runs import find_runs

_STRIP_S = 10.0
WHERE_DOUBTFUL = ", where beats may be missed or false"  # follows the name of such events
_QRS_S = 0.1
_PAUSE_S = 2.0
# A run of V beats is ventricular tachycardia above this rate (doi:10.1161/CIR.0000000000000549).
_TACHYCARDIA_PER_MIN = 100.0
VF, RUNS_OF_V, FAST_RUNS_OF_V = "VF or VFL", "runs of V", "runs of V above 100/min"
# What a lead does between two beats, in heights of what it does at these. In the pauses of MIT-BIH
# DS1 the leads stay below .25; in beats that a detector missed, one of them exceeds .8.
_SILENT, _LOUD = 0.5, 0.8


@dataclass(frozen=True, eq=False)
class LeadQuality:
    """Shares of the time of a lead, and of its strips of 10 s, from 0 to 1."""

    name: str
    gaps: float
    flat: float
    noisy: float
    unusable: np.ndarray  # of shape (n_strips,), bool


def measure_quality(traces):
    """Measure leads in strips of 10 s.

    Parameters
    ----------
    traces : list of Trace
        The leads.

    Returns
    -------
    list of LeadQuality
        The quality of each.
    """
    return [_measure(trace) for trace in traces if trace.fs > LOWEST_FS]


def _measure(trace):
    limits = QualityFlags()
    n_timesteps = len(trace.values)
    length = min(round(_STRIP_S * trace.fs), n_timesteps)
    n_strips = -(-n_timesteps // length)
    # The last strip reaches back, so that each is whole and none of it is padding.
    begins = np.minimum(np.arange(n_strips) * length, n_timesteps - length)
    strips = trace.values[begins[:, None] + np.arange(length)]
    quality = signal_quality(strips[None, :, :, None], trace.fs)
    missing, gaps, flat, noise = (
        quality[name][0, :, 0] for name in ("missing", "gaps", "flat", "noise")
    )
    is_noisy = noise > limits.max_noise  # never where it is NaN, and cannot be told
    return LeadQuality(
        trace.name,
        gaps=float(np.isnan(trace.values).mean()),
        flat=float(flat.mean()),
        noisy=float(is_noisy.mean()),
        unusable=(missing > 0) | (gaps > limits.max_gaps) | (flat > limits.max_flat) | is_noisy,
    )


def stretches_of(is_marked, duration_s):
    """Return start and end of runs of marked strips of 10 s.

    Parameters
    ----------
    is_marked : ndarray of bool of shape (n_strips,)
        The marks.
    duration_s : float
        Duration of the recording in seconds, at which the last strip ends.

    Returns
    -------
    list of list of float
        Begin and end of each run, in seconds.
    """
    edges = find_runs(is_marked)
    return np.minimum(edges * _STRIP_S, duration_s).round(2).tolist()


def find_unusable(record):
    """Find the stretches in which no lead of a record can be read, but for marked flutter.

    Ventricular flutter and fibrillation measure as noise, and are none where an expert marks them.

    Parameters
    ----------
    record : ECGRecord
        The record.

    Returns
    -------
    list of list of float
        Begin and end of each, in seconds, in order; empty for a record without a signal.
    """
    if not record.signal.size:
        return []
    is_unusable = np.ones(1, dtype=bool)
    for column in range(record.signal.shape[1]):  # one by one: a day of all takes much memory
        leads = measure_quality(make_traces(record, [column]))
        if not leads:  # at so low a rate
            return []
        is_unusable = is_unusable & leads[0].unusable
        if not is_unusable.any():  # whatever the other leads are
            return []
    for begin, end in (record.flutter / record.fs / _STRIP_S).astype(int):
        is_unusable[begin : end + 1] = False
    return stretches_of(is_unusable, record.duration_s)


def are_doubtful(events, stretches):
    """Check which events lie in a stretch that cannot be read: beats may be missed, or false.

    Parameters
    ----------
    events : ndarray of shape (n_events, n_numbers)
        Start and duration of each in seconds, and perhaps other numbers.
    stretches : sequence of (float, float)
        Begin and end of each stretch in seconds, in order.

    Returns
    -------
    ndarray of bool of shape (n_events,)
        Whether each lies at least in part in a stretch.
    """
    begins, ends = np.reshape(stretches, (-1, 2)).T
    first_after = np.searchsorted(ends, events[:, 0], side="right")
    return first_after < np.searchsorted(begins, events[:, 0] + events[:, 1], side="left")


def are_doubtful_pauses(intervals, stretches, record):
    """Check in which intervals between two beats other beats may be missed, or these be false.

    Where the heart stands still, silence measures as noise, or is flat; and a detector that reads a
    lead that is off misses beats that others show. So of a pause more leads must be silent than
    show waves as high as its beats, between which they are quiet, as noise and flutter are not. If
    none is silent, a lead that moves as much as at the beats is enough for a doubt. Where none does
    either, the stretches decide, as for short intervals.

    Parameters
    ----------
    intervals : ndarray of shape (n_intervals, 2)
        Start and duration of each in seconds.
    stretches : sequence of (float, float)
        Begin and end of each stretch that cannot be read, in seconds, in order.
    record : ECGRecord
        The record.

    Returns
    -------
    ndarray of bool of shape (n_intervals,)
        Whether each is doubtful.
    """
    doubts = are_doubtful(intervals, stretches)
    if not record.signal.size or record.fs <= LOWEST_FS:
        return doubts
    for number in np.flatnonzero(intervals[:, 1] >= _PAUSE_S):
        begin_s, duration_s = intervals[number]
        steps = np.rint(np.array([begin_s - _QRS_S, begin_s + duration_s + _QRS_S]) * record.fs)
        begin, end = np.maximum(steps, 0).astype(int)
        at_beats, between = _heights(record.signal[begin:end], record.fs)
        highest, usual = between.max(axis=0), np.median(between, axis=0)
        n_silent = (highest < _SILENT * at_beats).sum()  # a comparison with NaN is False
        is_loud = highest > _LOUD * at_beats
        if n_silent:
            doubts[number] = (is_loud & (usual < _SILENT * at_beats)).sum() >= n_silent
        elif is_loud.any():
            doubts[number] = True
    return doubts


def judge_events(summary, stretches, record):
    """Check which runs and pauses are doubtful. What is marked as flutter is not.

    Parameters
    ----------
    summary : Bunch
        As `summarize_beats` returns it.
    stretches : sequence of (float, float)
        Begin and end of each stretch that cannot be read, in seconds, in order.
    record : ECGRecord
        The record.

    Returns
    -------
    dict of str to (ndarray, ndarray of bool)
        The events, and whether each is doubtful, by names such as "runs of V" and "pauses".
    """
    judged = {VF: (summary.flutter, np.zeros(len(summary.flutter), dtype=bool))}
    judged |= {
        f"runs of {kind}": (runs, are_doubtful(runs, stretches))
        for kind, runs in summary.runs.items()
    }
    runs, doubts = judged[RUNS_OF_V]
    is_fast = rates_of_runs(runs) > _TACHYCARDIA_PER_MIN
    judged[FAST_RUNS_OF_V] = runs[is_fast], doubts[is_fast]
    pauses = summary.pauses
    return judged | {"pauses": (pauses, are_doubtful_pauses(pauses, stretches, record))}


def rates_of_runs(runs):
    """Compute the heart rate of each run.

    Parameters
    ----------
    runs : ndarray of shape (n_runs, 3)
        Start, duration and number of beats of each, in seconds.

    Returns
    -------
    ndarray of shape (n_runs,)
        The rates in beats per minute.
    """
    return 60 * (runs[:, 2] - 1) / runs[:, 1]


def _heights(signal, fs):
    """Measure how much each lead moves at the two beats that begin and end a signal, and between.

    Of the beats the smaller one counts. The T wave belongs to its beat. Between them there is a
    height at each time step.
    """
    length = max(2, round(_QRS_S * fs))
    heights = maximum_filter1d(signal, length, axis=0) - minimum_filter1d(signal, length, axis=0)
    at_beats = np.minimum(heights[: 2 * length].max(axis=0), heights[-2 * length :].max(axis=0))
    return at_beats, heights[5 * length : -3 * length]
