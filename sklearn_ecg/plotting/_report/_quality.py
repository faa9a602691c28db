"""Measure how much of each lead can be read."""

from dataclasses import dataclass

import numpy as np

from sklearn_ecg.plotting._report._trace import make_traces
from sklearn_ecg.preprocessing import QualityFlags, signal_quality
from sklearn_ecg.preprocessing._quality import LOWEST_FS
from sklearn_ecg.utils._runs import find_runs

STRIP_S = 10.0


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
    length = min(round(STRIP_S * trace.fs), n_timesteps)
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


def stretches_of(is_marked, length_s, duration_s):
    """Return start and end of runs of marked strips.

    Parameters
    ----------
    is_marked : ndarray of bool of shape (n_strips,)
        The marks.
    length_s, duration_s : float
        Length of a strip, and of all, in seconds.

    Returns
    -------
    list of list of float
        Begin and end of each run, in seconds.
    """
    edges = find_runs(is_marked)
    return np.minimum(edges * length_s, duration_s).round(2).tolist()


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
    leads = (
        lead
        for column in range(record.signal.shape[1])  # one by one: a day of all takes much memory
        for lead in measure_quality(make_traces(record, [column]))
    )
    unusable = [lead.unusable for lead in leads]
    if not unusable:
        return []
    is_unusable = np.logical_and.reduce(unusable)
    for begin, end in (record.flutter / record.fs / STRIP_S).astype(int):
        is_unusable[begin : end + 1] = False
    return stretches_of(is_unusable, STRIP_S, record.duration_s)


def are_touched(events, stretches):
    """Check which events lie at least in part in one of some stretches.

    Parameters
    ----------
    events : ndarray of shape (n_events, n_numbers)
        Start and duration of each in seconds, and perhaps other numbers.
    stretches : sequence of (float, float)
        Begin and end of each in seconds, in order.

    Returns
    -------
    ndarray of bool of shape (n_events,)
        Whether each does.
    """
    begins, ends = np.reshape(stretches, (-1, 2)).T
    first_after = np.searchsorted(ends, events[:, 0], side="right")
    return first_after < np.searchsorted(begins, events[:, 0] + events[:, 1], side="left")
