"""Count beats and rhythms of a long recording, span by span."""

from itertools import pairwise

import numpy as np

from sklearn_ecg.utils._aami import AAMI_CLASSES
from sklearn_ecg.utils._intervals import mean_heart_rate
from sklearn_ecg.utils._records import UNKNOWN_RHYTHM

ATRIAL = ("AFIB", "AF", "AFL")  # atrial fibrillation and flutter, as rhythm marks name them
# Beats are counted over the first of these spans of which not too many make up the record.
SPANS_S = {"1 min": 60, "5 min": 300, "1 h": 3600, "6 h": 6 * 3600, "24 h": 24 * 3600}
_MOST_SPANS = 30
_RATES_PER_SPAN = 20  # a heart rate for every three minutes of a day,
_SHORTEST_S = 15.0  # and for no less than this, or it would jump with each premature beat
_PERCENTILES = (5, 95)


def choose_span(duration_s):
    """Choose the span over which the beats of a record are counted.

    Parameters
    ----------
    duration_s : float
        Duration of the record in seconds.

    Returns
    -------
    name : str
        Such as `"1 h"`.
    span_s : float
        The span in seconds.
    """
    fitting = (item for item in SPANS_S.items() if duration_s <= _MOST_SPANS * item[1])
    return next(fitting, ("24 h", SPANS_S["24 h"]))


def count_beats_by_span(record, span_s):
    """Count the beats of each class in each span.

    Parameters
    ----------
    record : ECGRecord
        Recording with annotated beats.
    span_s : float
        The span in seconds.

    Returns
    -------
    dict of str to ndarray of int of shape (n_spans,)
        The counts of each class that occurs, in the AAMI's order.
    """
    steps, classes = record.beats
    edges = np.arange(int(np.ceil(record.duration_s / span_s)) + 1) * span_s
    return {
        kind: np.histogram(steps[classes == kind] / record.fs, edges)[0]
        for kind in AAMI_CLASSES
        if kind in classes
    }


def rate_bin_s(span_s):
    """Return the seconds over which a heart rate is a mean, in a record of such spans.

    Parameters
    ----------
    span_s : float
        The span in seconds.

    Returns
    -------
    float
        The seconds.
    """
    return max(span_s / _RATES_PER_SPAN, _SHORTEST_S)


def heart_rates_by_bin(known_rates, duration_s, bin_s):
    """Compute the heart rate of each bin, and the 5th and 95th percentile of its intervals' rates.

    Parameters
    ----------
    known_rates : tuple of (ndarray, ndarray)
        As `known_heart_rates` returns them.
    duration_s : float
        Duration of the recording in seconds.
    bin_s : float
        Length of a bin in seconds.

    Returns
    -------
    ndarray of shape (3, n_bins)
        The 5th percentile, the mean and the 95th percentile, in beats per minute; NaN in a bin in
        which no interval ends that tells a heart rate.
    """
    ends_s, rates = known_rates
    n_bins = int(np.ceil(duration_s / bin_s))
    by_bin = np.full((3, n_bins), np.nan)
    edges = np.searchsorted((ends_s / bin_s).astype(int), np.arange(n_bins + 1))
    for number, (begin, end) in enumerate(pairwise(edges)):
        if begin < end:
            low, high = np.percentile(rates[begin:end], _PERCENTILES)
            by_bin[:, number] = low, mean_heart_rate(rates[begin:end]), high
    return by_bin


def known_heart_rates(record):
    """Compute the heart rate of each interval between beats that tells one.

    Parameters
    ----------
    record : ECGRecord
        Recording with annotated beats.

    Returns
    -------
    ends_s, rates : ndarray of shape (n_intervals,)
        End of each interval in seconds, and its rate in beats per minute.
    """
    rates = record.heart_rate()
    ends_s = np.unique(record.beats[0])[1:] / record.fs
    is_known = ~np.isnan(rates)
    return ends_s[is_known], rates[is_known]


def rhythm_episodes(record):
    """Find the episodes of each annotated rhythm.

    A rhythm lasts until the next one begins, and the last one until the last beat, because a
    recorder may run on without its patient. If no beat is annotated, it lasts until the end.

    Parameters
    ----------
    record : ECGRecord
        Recording with annotated rhythms, and perhaps beats.

    Returns
    -------
    dict of str to ndarray of shape (n_episodes, 2)
        Start and duration of the episodes of each rhythm, in seconds, the longest rhythm first.
    """
    begins, names = record.rhythms
    begins_s = begins / record.fs
    beats, _ = record.beats
    end_s = max([beats[-1] if len(beats) else record.n_timesteps, *begins[-1:]]) / record.fs
    lengths_s = np.diff(begins_s, append=end_s)
    episodes = {
        str(name): np.column_stack([begins_s, lengths_s])[names == name]
        for name in np.unique(names)
    }
    return dict(sorted(episodes.items(), key=lambda item: -item[1][:, 1].sum()))


def rhythm_shares(rhythms):
    """Compute the share of each rhythm in the time with a known rhythm.

    Parameters
    ----------
    rhythms : dict of str to ndarray of shape (n_episodes, 2)
        As `rhythm_episodes` returns them.

    Returns
    -------
    dict of str to float
        The shares; empty if no known rhythm lasts.
    """
    lengths_s = {
        name: float(episodes[:, 1].sum())
        for name, episodes in rhythms.items()
        if name != UNKNOWN_RHYTHM
    }
    known_s = sum(lengths_s.values())
    return {name: length_s / known_s for name, length_s in lengths_s.items() if known_s}
