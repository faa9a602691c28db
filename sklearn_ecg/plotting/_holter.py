"""A long recording on a page."""

from dataclasses import replace

import numpy as np

from sklearn_ecg.beats import summarize_beats
from sklearn_ecg.beats._checking import check_annotated
from sklearn_ecg.beats._spans import (
    SPANS_S,
    choose_span,
    heart_rates_by_bin,
    known_heart_rates,
    rate_bin_s,
    rhythm_shares,
)
from sklearn_ecg.plotting._paper import MM_PER_MV, MM_PER_S, ROOM_S, SMALL_MV, scale_in_words
from sklearn_ecg.plotting._quality import (
    FAST_RUNS_OF_V,
    VF,
    WHERE_DOUBTFUL,
    find_unusable,
    judge_events,
)
from sklearn_ecg.plotting._strips import LEAST_MV, LENGTH_S, choose_strips, draw_strip
from sklearn_ecg.plotting._style import (
    CLASS_COLORS,
    LETTER_MM,
    MM_PER_INCH,
    percent,
    write_caption,
)
from sklearn_ecg.utils._extras import import_extra
from sklearn_ecg.utils._intervals import mean_heart_rate
from sklearn_ecg.utils._records import check_records, in_words

_RHYTHM_COLORS = {"N": "#a8a8a8", "AFIB": "#c03000", "AF": "#c03000", "AFL": "#e07b39"}
_OTHER_RHYTHM = "#0067b1"
# A page of A4 in portrait is 297 mm high, of which printers leave 5 blank at either edge.
_PAGE_MM, _MARGIN_MM, _LABELS_MM, _TICK_MM = 287.0, 4.0, 22.0, 3.0
_WIDTH_MM = 2 * _MARGIN_MM + MM_PER_S * (ROOM_S + LENGTH_S)
_TITLE_MM, _CAPTION_MM, _AXIS_MM, _BELOW_MM = 19.0, 5.0, 10.0, 5.0
_RHYTHM_MM, _RATE_MM, _COUNT_MM = 4.0, 34.0, 5.0


class HolterDisplay:
    """A long recording on a page: rhythms, heart rate, beats hour by hour, and its worst strips.

    The page fits A4 in portrait. Printed in its own size, strips are on paper of 25 mm/s, and of
    10 mm/mV, or of 5 mm/mV if the waves are too high for that.

    Use :meth:`from_record` to draw it.

    Parameters
    ----------
    record : ECGRecord
        Recording with annotated beats. It may be without a signal, but for its length. Then the
        page has no strips.

    Attributes
    ----------
    axes_ : ndarray of matplotlib Axes
        From above: the episodes of each rhythm, the heart rate, the number of beats of each
        class, and each strip. The first is missing where no rhythm is annotated.
    strips_ : list of tuple of (str, float)
        Why each strip is there, and where it starts, in seconds.
    figure_ : matplotlib Figure
        Figure of the axes.

    See Also
    --------
    ECGDisplay : A stretch of the recording on paper.
    sklearn_ecg.beats.summarize_beats : The numbers.

    Notes
    -----
    Beats are counted by the hour in records of a day, and over shorter or longer spans in others.
    The line of the heart rate is the mean of a twentieth of that span, or of 15 s, and the band
    around it reaches from the 5th to the 95th percentile of the intervals' rates. Runs and pauses
    are those of :func:`~sklearn_ecg.beats.summarize_beats`. A rhythm lasts until the next one
    begins, and the last one until the last beat, or the end if no beat is annotated.

    Strips of 7.2 s show typical beats of the fastest and of the slowest minute, the longest pause,
    the longest run of V and of S beats (or where most of them are, if there is no run), and the
    start of the longest atrial fibrillation or flutter. Of runs of V that is the longest one above
    100/min, ventricular tachycardia, if there is any. Where ventricular fibrillation or flutter is
    marked, its start takes the place of the fastest minute. Events that fit one strip share it. An
    event that is longer begins 2 s after its strip. The numbers above the heart rate say where each
    strip is. Where no lead can be read (gaps, flat lines, noise and what measures as noise, such as
    ventricular fibrillation, VF, unless it is marked: in strips of 10 s, as
    :class:`~sklearn_ecg.preprocessing.QualityFlags` judges them), the heart rate is shaded and runs
    and pauses are counted apart, because beats may be missed there, or false. A pause is not, if
    its beats stand out of what is between them. Strips show what can be read, if there is any such
    event.

    Examples
    --------
    >>> from sklearn_ecg.datasets import make_ecg
    >>> from sklearn_ecg.plotting import HolterDisplay
    >>> record = make_ecg(1200, fs=100, premature={"V": 0.05}, random_state=0)
    >>> display = HolterDisplay.from_record(record)
    >>> for reason, begin_s in display.strips_:
    ...     print(f"{reason} ({begin_s:.0f} s)")
    fastest minute: 70/min (401 s)
    slowest minute: 70/min (990 s)
    most V beats: 3 (427 s)
    """

    def __init__(self, record):
        self.record = record

    def plot(self, *, lead=None, ax=None):
        """Draw the page.

        Parameters
        ----------
        lead : str or tuple of str, default=None
            The lead of the strips, as :meth:`~sklearn_ecg.datasets.ECGRecord.leads` takes names.
            None takes the first that has a signal there.
        ax : matplotlib Axes, default=None
            Axes whose place is taken. None makes a figure of the size of the page.

        Returns
        -------
        self : HolterDisplay
            The display.

        Raises
        ------
        ValueError
            If no beat is annotated, or the record lacks the lead.
        """
        record = self.record
        check_annotated([record], ", or annotate it by a BeatClassifier")
        if lead is not None:
            replace(record, signal=record.signal[:0]).leads([lead])
        span, span_s = choose_span(record.duration_s)
        summary = summarize_beats(record, span_s=span_s)
        unusable = find_unusable(record)
        judged = judge_events(summary, unusable, record)
        strips = choose_strips(record, summary, lead, unusable, judged)
        graphs_mm = [_RHYTHM_MM * len(summary.rhythms)] if summary.rhythms else []
        graphs_mm += [_RATE_MM, _COUNT_MM * len(summary.counts)]
        gain, strips_mm = _size_strips(strips, _height_of_graphs(graphs_mm))
        scale = scale_in_words(in_own_size=ax is None, gain=gain)
        ax, graphs, sheets = _lay_out(ax, graphs_mm, strips_mm, _room_for_labels(summary.rhythms))
        unit, unit_s = ("min", 60) if span_s < SPANS_S["1 h"] else ("h", 3600)
        edges = np.append(summary.begin_s, record.duration_s) / unit_s
        if summary.rhythms:
            _draw_rhythms(graphs[0], summary.rhythms, unit_s)
        _draw_rate(graphs[-2], record, rate_bin_s(span_s), unit_s, unusable)
        _draw_counts(graphs[-1], summary.counts, edges)
        for graph in graphs:
            graph.set(xlim=(edges[0], edges[-1]), xticks=edges[:-1])
            graph.tick_params(labelsize=8, labelbottom=graph is graphs[-1])
        is_whole = record.duration_s >= span_s  # or a count would pass for that of a whole span
        write_caption(graphs[-1], f"beats in {span if is_whole else in_words(record.duration_s)}")
        graphs[-1].set_xlabel(f"time in {unit} from the start", fontsize=8)
        graphs[-1].set_title("not a diagnosis", fontsize=8, loc="right", pad=3)
        _number(graphs[-2], [strip.begin_s / unit_s for strip in strips])
        for number, strip in enumerate(strips):
            draw_strip(
                sheets[number],
                record,
                strip,
                caption=f"{number + 1}   {strip.reason}",
                height_mv=strips_mm[number] / MM_PER_MV,
                gain=gain,
            )
        if strips:
            sheets[-1].set_xlabel(scale, fontsize=8, loc="left")
        lines = _in_lines(record, summary, judged)
        title = ax.set_title(lines, fontsize=9, loc="left", y=1, pad=-48, parse_math=False)
        title.set_x(_MARGIN_MM / _WIDTH_MM)
        self.axes_, self.figure_ = np.array([*graphs, *sheets]), ax.figure
        self.strips_ = [(strip.reason, strip.begin_s) for strip in strips]
        return self

    @classmethod
    def from_record(cls, record, *, lead=None, ax=None):
        """Draw a recording with annotated beats.

        Parameters
        ----------
        record : ECGRecord
            Recording with annotated beats, by experts or by
            :meth:`~sklearn_ecg.compose.BeatClassifier.annotate`.
        lead : str or tuple of str, default=None
            The lead of the strips, as :meth:`~sklearn_ecg.datasets.ECGRecord.leads` takes names.
            None takes the first that has a signal there.
        ax : matplotlib Axes, default=None
            Axes whose place is taken. None makes a figure of the size of the page.

        Returns
        -------
        display : HolterDisplay
            The display.

        Raises
        ------
        TypeError
            If `record` is not a record.
        ValueError
            If no beat is annotated, or the record lacks the lead.
        """
        (record,) = check_records([record])
        return cls(record).plot(lead=lead, ax=ax)


def _height_of_graphs(graphs_mm):
    return _TITLE_MM + sum(_CAPTION_MM + height_mm for height_mm in graphs_mm) + _AXIS_MM


def _size_strips(strips, above_mm):
    """Return the gain of the strips and the height of each in mm, so that the page fits A4.

    If waves are too high for that, they are drawn at half size, as electrocardiographs do.
    """
    if not strips:
        return 1.0, []
    room_mm = _PAGE_MM - above_mm - _BELOW_MM - _CAPTION_MM * len(strips)
    for gain in (1.0, 0.5):
        heights_mv = np.array([strip.height_mv(gain) for strip in strips])
        most_mv = _highest_that_fits(heights_mv, room_mm / MM_PER_MV)
        if np.median(heights_mv) <= most_mv:
            break
    return gain, (MM_PER_MV * np.minimum(heights_mv, most_mv)).tolist()


def _highest_that_fits(heights_mv, room_mv):
    """Return the height at which higher strips are cut, so that all fit; low ones leave room."""
    most_mv = 0.0
    for number, height_mv in enumerate(np.sort(heights_mv)):
        most_mv = room_mv / (len(heights_mv) - number)
        if height_mv > most_mv:
            break
        room_mv -= height_mv
        most_mv = max(most_mv, height_mv)
    return max(LEAST_MV, SMALL_MV * np.floor(most_mv / SMALL_MV + 1e-6))


def _room_for_labels(rhythms):
    """Return the width in mm beside the graphs, where names of rhythms and their shares stand."""
    longest = max(map(len, rhythms), default=0) + len("  < 0.1 %")
    return min(max(_LABELS_MM, _TICK_MM + LETTER_MM * longest), _WIDTH_MM / 2)


def _lay_out(ax, graphs_mm, strips_mm, labels_mm):
    """Return the axes of the page, those of its graphs, and those of its strips.

    All are placed in mm within the caller's axes, or within a figure of the size of the page.
    """
    page_mm = _height_of_graphs(graphs_mm)
    page_mm += sum(_CAPTION_MM + height_mm for height_mm in strips_mm) + _BELOW_MM * bool(strips_mm)
    if ax is None:
        pyplot = import_extra("matplotlib.pyplot", extra="plot")
        figure = pyplot.figure(figsize=(_WIDTH_MM / MM_PER_INCH, page_mm / MM_PER_INCH))
        ax = figure.add_axes((0, 0, 1, 1))
    ax.set_axis_off()

    def place(left_mm, bottom_mm, height_mm):
        width_mm = _WIDTH_MM - _MARGIN_MM - left_mm
        size = width_mm / _WIDTH_MM, height_mm / page_mm
        return ax.inset_axes((left_mm / _WIDTH_MM, bottom_mm / page_mm, *size))

    at_mm = page_mm - _TITLE_MM
    graphs, sheets = [], []
    for height_mm in graphs_mm:
        at_mm -= _CAPTION_MM + height_mm
        graphs.append(place(labels_mm, at_mm, height_mm))
    at_mm -= _AXIS_MM
    for height_mm in strips_mm:
        at_mm -= _CAPTION_MM + height_mm
        sheets.append(place(_MARGIN_MM, at_mm, height_mm))
    return ax, graphs, sheets


def _in_lines(record, summary, judged):
    """Write the name, which may be as long as the page is wide, and the numbers below it."""
    _, rates = known_heart_rates(record)
    rate = [f"mean heart rate {mean_heart_rate(rates):.0f}/min"] if len(rates) else []
    n_beats = sum(counts.sum() for counts in summary.counts.values())
    facts = [in_words(record.duration_s), f"{n_beats} beats", *rate]
    if summary.af_burden > 0:
        facts.append(f"atrial fibrillation or flutter: {percent(summary.af_burden)}")
    if len(summary.flutter):
        facts.append(_count(VF, summary.flutter))
    readable, doubtful = [], []
    for name, (events, doubts) in judged.items():
        if name in (VF, FAST_RUNS_OF_V):  # for which the line has no room
            continue
        for lines, some in ((readable, events[~doubts]), (doubtful, events[doubts])):
            if len(some):
                lines.append(_count(name, some))
    lines = [record.name, ", ".join(facts), ", ".join(readable)]
    lines.append(f"{', '.join(doubtful)}{WHERE_DOUBTFUL}" if doubtful else "")
    return "\n".join(lines)  # four, for which there is room, though some may be empty


def _count(name, events):
    longest = events[:, -1].max()
    how_long = f"{longest:.0f} beats" if events.shape[1] > 2 else f"{longest:.1f} s"
    return f"{name}: {len(events)} (longest {how_long})"


def _draw_rhythms(ax, rhythms, unit_s):
    labels, shares = [], rhythm_shares(rhythms)
    for row, (name, episodes) in enumerate(rhythms.items()):
        color = _RHYTHM_COLORS.get(name, _OTHER_RHYTHM)
        # The line around a bar keeps an episode of seconds visible among hours.
        ax.broken_barh(episodes / unit_s, (row - 0.35, 0.7), color=color, linewidth=0.6)
        labels.append(f"{name}  {percent(shares[name])}" if name in shares else name)
    ax.set_yticks(range(len(labels)), labels, parse_math=False)
    ax.set_ylim(len(labels) - 0.5, -0.5)
    write_caption(ax, "rhythm, and its share of the time with a known rhythm")
    ax.grid(axis="x", color="#dddddd", linewidth=0.5)
    ax.set_axisbelow(True)


def _draw_rate(ax, record, bin_s, unit_s, unusable):
    low, middle, high = heart_rates_by_bin(known_heart_rates(record), record.duration_s, bin_s)
    time = np.arange(0.5, len(middle)) * bin_s / unit_s
    # Between two gaps there is no other point to draw a line to: draw it from end to end.
    is_gap = np.pad(np.isnan(middle), 1, constant_values=True)
    alone = np.flatnonzero(~is_gap[1:-1] & is_gap[:-2] & is_gap[2:])
    half = bin_s / unit_s / 2
    order = np.sort(np.concatenate([np.arange(len(time)), alone, alone]))
    time = np.sort(np.concatenate([time, time[alone] - half, time[alone] + half]))
    low, middle, high = low[order], middle[order], high[order]
    percentiles = "5th to 95th percentile"
    ax.plot(
        time,
        middle,
        color="#0067b1",
        linewidth=1,
        label=f"mean of {in_words(min(bin_s, record.duration_s))}",
    )
    ax.fill_between(time, low, high, color="#0067b1", alpha=0.2, linewidth=0, label=percentiles)
    for number, (begin_s, end_s) in enumerate(unusable):
        label = None if number else "unusable, or VF"
        ax.axvspan(
            begin_s / unit_s, end_s / unit_s, color="#d8d8d8", linewidth=0, zorder=0, label=label
        )
    ax.legend(
        loc="lower right",
        bbox_to_anchor=(1, 1),
        borderpad=0,
        borderaxespad=0.3,
        ncols=3,
        frameon=False,
        fontsize=7,
    )
    write_caption(ax, "heart rate in beats/min")
    ax.grid(color="#dddddd", linewidth=0.5)
    ax.spines[["top", "right"]].set_visible(False)


def _number(ax, times):
    """Write the number of each time at the top of axes. Times that are too close share a place."""
    left, right = ax.get_xlim()
    bottom, top = ax.get_ylim()
    ax.set_ylim(bottom, top + 0.15 * (top - bottom))
    places = []
    for time, number in sorted(zip(times, range(1, len(times) + 1), strict=True)):
        if places and time - places[-1][0] < 0.015 * (right - left):
            places[-1][1].append(number)
        else:
            places.append((time, [number]))
    for time, numbers in places:
        ax.axvline(time, ymax=0.88, color="black", linewidth=0.6, linestyle=":")
        ax.text(
            time,
            0.98,
            ",".join(map(str, numbers)),
            transform=ax.get_xaxis_transform(),
            ha="center",
            va="top",
            fontsize=8,
            fontweight="bold",
        )


def _draw_counts(ax, counts, edges):
    """Draw a table with a row for each class, whose cells are the darker the more beats."""
    labels = []
    n_digits = max((len(str(of_kind.max())) for of_kind in counts.values()), default=1)
    for row, (kind, of_kind) in enumerate(counts.items()):
        labels.append(f"{kind}  {of_kind.sum()}")
        for begin, width, count in zip(edges[:-1], np.diff(edges), of_kind, strict=True):
            shade = {"color": CLASS_COLORS[kind], "alpha": 0.5 * count / of_kind.max()}
            ax.broken_barh([(begin, width)], (row - 0.5, 1), linewidth=0, **shade)
            is_wide = 2 * width >= edges[1] - edges[0]  # the last may have no room for a number
            ax.text(
                begin + width / 2,
                row,
                str(count) if is_wide else "",
                ha="center",
                va="center",
                fontsize=min(6, 25 / n_digits),  # those of a week fit their cells too
                color="black" if count else "#999999",
            )
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(len(labels) - 0.5, -0.5)
    for label, kind in zip(ax.get_yticklabels(), counts, strict=True):
        label.set(color=CLASS_COLORS[kind], fontweight="bold")
