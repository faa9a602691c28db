"""The stretches of a long recording that a reader looks at first."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from sklearn_ecg.beats._spans import ATRIAL, known_heart_rates
from sklearn_ecg.beats._summary import find_extreme_minutes
from sklearn_ecg.plotting._paper import LARGE_MV, ROOM_S, SMALL_MV, draw_pulse, print_paper
from sklearn_ecg.plotting._quality import (
    FAST_RUNS_OF_V,
    RUNS_OF_V,
    VF,
    WHERE_DOUBTFUL,
    are_doubtful_pauses,
    rates_of_runs,
)
from sklearn_ecg.plotting._style import clock, write_caption
from sklearn_ecg.plotting._traces import MOST_MV, draw_trace, mark_beats
from sklearn_ecg.utils._leads import label_of
from sklearn_ecg.utils._records import in_words

LENGTH_S = 7.2  # with the pulse before it, as wide as A4 in portrait
LEAST_MV = 2.4  # height of a strip
_AROUND_MV = LARGE_MV + SMALL_MV  # for the classes of beats above the waves, and a little below
_EDGE_S = 0.3  # an event needs as much room on either side,
_BEFORE_S = 2.0  # and one that does not fit is shown from its beginning, after so much else


class Event(NamedTuple):
    """Something in a recording that is worth a look."""

    reason: str
    begin_s: float
    end_s: float


class Strip(NamedTuple):
    """A stretch of one lead on paper."""

    reason: str
    begin_s: float
    lead: str
    signal: np.ndarray  # in mV about its median
    low_mv: float
    high_mv: float

    def height_mv(self, gain):
        """Return the height of paper that it needs.

        Parameters
        ----------
        gain : float
            1 for 10 mm/mV, 0.5 for 5.

        Returns
        -------
        float
            The height in units of 10 mm, in whole small squares.
        """
        waves_mv = gain * min(self.high_mv - self.low_mv, 2 * MOST_MV)
        return max(LEAST_MV, SMALL_MV * np.ceil((waves_mv + _AROUND_MV) / SMALL_MV))


def choose_strips(record, summary, lead, unusable, judged):
    """Choose the stretches of a recording that a reader looks at first.

    Parameters
    ----------
    record : ECGRecord
        Recording with annotated beats.
    summary : Bunch
        As `summarize_beats` returns it.
    lead : str, tuple of str or None
        The lead to show. None takes the first that has a signal there.
    unusable : list of (float, float)
        Begin and end of each stretch that cannot be read, in seconds.
    judged : dict of str to (ndarray, ndarray of bool)
        As `judge_events` returns it.

    Returns
    -------
    list of Strip
        A strip for each event with a signal, or with one that can be read, if there is such an
        event. Events that fit one strip share it.
    """
    reasons = {}
    for event in _find_events(record, summary, unusable, judged):
        shared = [begin_s for begin_s in reasons if _shows(begin_s, event)]
        begin_s = shared[0] if shared else _begin_of_strip(event, record.duration_s)
        reasons.setdefault(begin_s, []).append(event.reason)
    strips = (_cut(record, "; ".join(of_strip), at, lead) for at, of_strip in reasons.items())
    return [strip for strip in strips if strip is not None]


def draw_strip(ax, record, strip, *, caption, height_mv, gain):
    """Draw a strip on paper.

    Parameters
    ----------
    ax : matplotlib Axes
        The axes.
    record : ECGRecord
        Recording with annotated beats.
    strip : Strip
        The strip.
    caption : str
        Text above it.
    height_mv : float
        Height of the paper. Higher waves are cut off.
    gain : float
        1 draws 10 mm/mV, and 0.5 draws 5.
    """
    middle = gain * (strip.low_mv + strip.high_mv) / 2 + _AROUND_MV / 2 - SMALL_MV
    bottom = SMALL_MV * np.round((middle - height_mv / 2) / SMALL_MV)
    top = bottom + height_mv
    left, right = strip.begin_s - ROOM_S, strip.begin_s + LENGTH_S
    print_paper(ax, left, right, bottom, top)
    ax.set(xticks=[], anchor="W")
    draw_pulse(ax, strip.begin_s, 0.0, gain)
    first = round(strip.begin_s * record.fs)
    time_s = (first + np.arange(len(strip.signal))) / record.fs
    draw_trace(ax, time_s, gain * strip.signal, 0.0, label="")
    mark_beats(ax, record, strip.begin_s, right, bottom, top)
    write_caption(ax, caption)
    title = f"{strip.lead} at {clock(strip.begin_s)} from the start"
    ax.set_title(title, fontsize=8, loc="right", pad=3, parse_math=False)


def _find_events(record, summary, unusable, judged):
    times_s, classes = record.beats[0] / record.fs, record.beats[1]
    extremes = summary.fastest_minute, summary.slowest_minute
    extremes = _extremes_of_readable(record, unusable, extremes)
    if len(summary.flutter):  # the page has room for no strip more
        begin_s, duration_s = max(summary.flutter.tolist(), key=lambda stretch: stretch[1])
        reason = f"start of the longest {VF}: {in_words(duration_s)}"
        yield Event(reason, begin_s, begin_s + duration_s)
    for name, (begin_s, rate) in zip(("fastest", "slowest"), extremes, strict=True):
        if name == "fastest" and len(summary.flutter):
            continue
        of_minute = times_s[(times_s >= begin_s) & (times_s < begin_s + 60)]
        if len(of_minute):
            yield Event(f"{name} minute: {rate:.0f}/min", *_typical_beats(of_minute, rate))
    if len(summary.pauses):
        (begin_s, duration_s), where = _longest_readable(*judged["pauses"])
        yield Event(f"longest pause: {duration_s:.1f} s{where}", begin_s, begin_s + duration_s)
    for kind, runs in reversed(summary.runs.items()):
        if len(runs):
            yield _longest_run(kind, judged)
        elif (classes == kind).any():
            yield _most_beats(kind, times_s[classes == kind])
    episodes = [
        (*episode, name)
        for name in ATRIAL
        for episode in summary.rhythms.get(name, np.empty((0, 2))).tolist()
    ]
    if episodes:
        begin_s, duration_s, name = max(episodes, key=lambda episode: episode[1])
        reason = f"start of the longest {name}: {in_words(duration_s)}"
        yield Event(reason, begin_s, begin_s + duration_s)


def _extremes_of_readable(record, unusable, extremes):
    """Find the fastest and the slowest minute that can be read; the given ones if there is none."""
    ends_s, rates = known_heart_rates(record)
    intervals = np.column_stack([ends_s - 60 / rates, 60 / rates])
    doubts = are_doubtful_pauses(intervals, unusable, record)
    if not doubts.any():
        return extremes
    readable = find_extreme_minutes(ends_s[~doubts], rates[~doubts])
    return extremes if np.isnan(readable[0][0]) else readable


def _longest_readable(events, doubts):
    """Choose the longest pause or run that can be read; if none can, the longest, and say so.

    The last number of a pause is its duration, and of a run that of its beats.
    """
    events, where = (events, WHERE_DOUBTFUL) if doubts.all() else (events[~doubts], "")
    return events[events[:, -1].argmax()], where


def _longest_run(kind, judged):
    """Find the longest run; of V that of a tachycardia, if there is any that can be read."""
    name, what = f"runs of {kind}", f"longest run of {kind}"
    longest, where = _longest_readable(*judged[name])
    fast, doubts = judged[FAST_RUNS_OF_V]
    if name == RUNS_OF_V and not doubts.all():
        longest_fast, _ = _longest_readable(fast, doubts)
        if longest_fast[0] != longest[0]:  # a slow rhythm of the ventricles is as long, or longer
            longest, where, what = longest_fast, "", f"{what} above 100/min"
    begin_s, duration_s, n_beats = longest
    (rate,) = rates_of_runs(longest[None])
    reason = f"{what}: {n_beats:.0f} beats, {rate:.0f}/min{where}"
    return Event(reason, begin_s, begin_s + duration_s)


def _typical_beats(times_s, rate):
    """Find beats that follow each other at about this rate, as many as fit a strip."""
    n_beats = min(int((LENGTH_S - 2 * _EDGE_S) * rate / 60), len(times_s) - 1)
    spans_s = times_s[n_beats:] - times_s[: len(times_s) - n_beats]
    first = np.abs(spans_s - 60 * n_beats / rate).argmin()
    return times_s[first], times_s[first + n_beats]


def _most_beats(kind, times_s):
    """Find where most beats of a class are within a strip."""
    ends = np.searchsorted(times_s, times_s + LENGTH_S - 2 * _EDGE_S, side="right")
    n_beats = ends - np.arange(len(times_s))
    first = int(n_beats.argmax())
    last = first + int(n_beats[first]) - 1
    return Event(f"most {kind} beats: {n_beats[first]}", times_s[first], times_s[last])


def _begin_of_strip(event, duration_s):
    """Place what fits in the middle, and of what does not the beginning."""
    begin_s = event.begin_s - _BEFORE_S
    if event.end_s - event.begin_s < LENGTH_S - _EDGE_S:
        begin_s = (event.begin_s + event.end_s - LENGTH_S) / 2
    return float(max(0.0, min(begin_s, duration_s - LENGTH_S)))


def _shows(begin_s, event):
    return begin_s <= event.begin_s and event.end_s <= begin_s + LENGTH_S


def _cut(record, reason, begin_s, lead):
    """Cut the strip out of the first lead with a signal there; None if there is none."""
    first = round(begin_s * record.fs)
    signal = record.signal[first : first + round(LENGTH_S * record.fs)]
    stretch = replace(record, signal=signal)
    for name in record.lead_names if lead is None else [lead]:
        (values,) = stretch.leads([name]).T
        if not np.isnan(values).all():
            values = values - np.nanmedian(values)
            # The pulse has room too.
            extent = min(float(np.nanmin(values)), 0.0), max(float(np.nanmax(values)), 1.0)
            return Strip(reason, begin_s, label_of(name, record.lead_names), values, *extent)
    return None
