"""A long recording on a page."""

import numpy as np

from sklearn_ecg.beats import summarize_beats
from sklearn_ecg.beats._spans import (
    SPANS_S,
    choose_span,
    heart_rate_percentiles,
    rate_bin_s,
)
from sklearn_ecg.plotting._style import CLASS_COLORS, new_axes
from sklearn_ecg.utils._records import check_records, in_words

_RHYTHM_COLORS = {"N": "#a8a8a8", "AFIB": "#c03000", "AFL": "#e07b39"}
_OTHER_RHYTHM = "#0067b1"


class HolterDisplay:
    """A long recording on a page: its rhythms, its heart rate, and its beats hour by hour.

    Use :meth:`from_record` to draw it.

    Parameters
    ----------
    record : ECGRecord
        Recording with annotated beats. It may be without a signal, but for its length.

    Attributes
    ----------
    axes_ : ndarray of matplotlib Axes
        From above: the episodes of each rhythm, the heart rate, and the number of beats of each
        class. The first is missing where no rhythm is annotated.
    figure_ : matplotlib Figure
        Figure of the axes.

    See Also
    --------
    ECGDisplay : A stretch of the recording on paper.
    sklearn_ecg.beats.summarize_beats : The numbers.

    Notes
    -----
    Beats are counted by the hour in records of a day, and over shorter or longer spans in others.
    The line of the heart rate is the median of a twentieth of that span, or of 15 s, and the band
    around it reaches from the 5th to the 95th percentile. Runs and pauses in the title are those of
    :func:`~sklearn_ecg.beats.summarize_beats`. A rhythm lasts until the next one begins,
    and the last one until the last beat.

    Examples
    --------
    >>> from sklearn_ecg.datasets import make_ecg
    >>> from sklearn_ecg.plotting import HolterDisplay
    >>> record = make_ecg(1200, fs=100, premature={"V": 0.05}, random_state=0)
    >>> display = HolterDisplay.from_record(record)
    >>> [ax.get_ylabel() for ax in display.axes_]
    ['beats/min', 'beats in 1 min']
    """

    def __init__(self, record):
        self.record = record

    def plot(self, *, ax=None):
        """Draw the page.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes of a grid, whose place is taken, best in a figure with `layout="constrained"`.
            None makes a figure that fits A4 in landscape.

        Returns
        -------
        self : HolterDisplay
            The display.

        Raises
        ------
        ValueError
            If no beat is annotated.
        """
        record = self.record
        n_beats = len(record.beats[0])
        if not n_beats:
            raise ValueError(
                f"{record!r} has no annotated beats: read its annotations, or annotate it by a "
                "BeatClassifier."
            )
        span, span_s = choose_span(record.duration_s)
        summary = summarize_beats(record, span_s=span_s)
        counts, rhythms = summary.counts, summary.rhythms
        ax = new_axes(ax, width_mm=277, height_mm=190)
        heights = [len(rhythms)] * bool(rhythms) + [8, len(counts)]
        ax.set_axis_off()
        grid = ax.get_subplotspec().subgridspec(len(heights), 1, height_ratios=heights)
        axes = [ax.figure.add_subplot(place) for place in grid]
        unit, unit_s = ("min", 60) if span_s < SPANS_S["1 h"] else ("h", 3600)
        if rhythms:
            _draw_rhythms(axes[0], rhythms, record.duration_s, unit_s)
        _draw_rate(axes[-2], record, rate_bin_s(span_s), unit_s)
        edges = np.append(summary.begin_s, len(summary.begin_s) * span_s) / unit_s
        _draw_counts(axes[-1], counts, edges)
        axes[-1].set_ylabel(f"beats in {span}")
        for one in axes:
            one.set(xlim=(edges[0], edges[-1]), xticks=edges)
            one.tick_params(labelsize=8, labelbottom=one is axes[-1])
        axes[-1].set_xlabel(f"time in {unit}")
        ax.figure.align_ylabels(axes)
        axes[0].set_title(_in_one_line(record, summary), fontsize=10, loc="left")
        self.axes_, self.figure_ = np.array(axes), ax.figure
        return self

    @classmethod
    def from_record(cls, record, *, ax=None):
        """Draw a recording with annotated beats.

        Parameters
        ----------
        record : ECGRecord
            Recording with annotated beats, by experts or by
            :meth:`~sklearn_ecg.compose.BeatClassifier.annotate`.
        ax : matplotlib Axes, default=None
            Axes of a grid, whose place is taken, best in a figure with `layout="constrained"`.
            None makes a figure that fits A4 in landscape.

        Returns
        -------
        display : HolterDisplay
            The display.

        Raises
        ------
        TypeError
            If `record` is not a record.
        ValueError
            If no beat is annotated.
        """
        (record,) = check_records([record])
        return cls(record).plot(ax=ax)


def _in_one_line(record, summary):
    name = [record.name] if record.name else []
    rates = record.heart_rate()
    rate = [f"median heart rate {np.median(rates):.0f}/min"] if len(rates) else []
    n_beats = sum(counts.sum() for counts in summary.counts.values())
    events = [
        f"runs of {kind}: {len(runs)} (longest {runs[:, 2].max():.0f})"
        for kind, runs in summary.runs.items()
        if len(runs)
    ]
    if len(summary.pauses):
        events.append(f"pauses: {len(summary.pauses)} (longest {summary.pauses[:, 1].max():.1f} s)")
    return ", ".join([*name, in_words(record.duration_s), f"{n_beats} beats", *rate, *events])


def _draw_rhythms(ax, rhythms, duration_s, unit_s):
    labels = []
    for row, (name, episodes) in enumerate(rhythms.items()):
        color = _RHYTHM_COLORS.get(name, _OTHER_RHYTHM)
        # The line around a bar keeps an episode of seconds visible among hours.
        ax.broken_barh(episodes / unit_s, (row - 0.35, 0.7), color=color, linewidth=0.6)
        labels.append(f"{name}  {100 * episodes[:, 1].sum() / duration_s:.1f} %")
    ax.set_yticks(range(len(labels)), labels)
    ax.set(ylim=(len(labels) - 0.5, -0.5), ylabel="rhythm")
    ax.grid(axis="x", color="#dddddd", linewidth=0.5)
    ax.set_axisbelow(True)


def _draw_rate(ax, record, bin_s, unit_s):
    low, middle, high = heart_rate_percentiles(record, bin_s)
    time = (np.arange(len(middle)) + 0.5) * bin_s / unit_s
    percentiles = "5th to 95th percentile"
    ax.plot(time, middle, color="#0067b1", linewidth=1, label=f"median of {in_words(bin_s)}")
    ax.fill_between(time, low, high, color="#0067b1", alpha=0.2, linewidth=0, label=percentiles)
    ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False, fontsize=8)
    ax.set_ylabel("beats/min")
    ax.grid(color="#dddddd", linewidth=0.5)
    ax.spines[["top", "right"]].set_visible(False)


def _draw_counts(ax, counts, edges):
    """Draw a table with a row for each class, whose cells are the darker the more beats."""
    labels = []
    for row, (kind, of_kind) in enumerate(counts.items()):
        labels.append(f"{kind}  {of_kind.sum()}")
        for begin, width, count in zip(edges[:-1], np.diff(edges), of_kind, strict=True):
            shade = {"color": CLASS_COLORS[kind], "alpha": 0.5 * count / of_kind.max()}
            ax.broken_barh([(begin, width)], (row - 0.5, 1), linewidth=0, **shade)
            ax.text(
                *(begin + width / 2, row),
                str(count),
                ha="center",
                va="center",
                fontsize=7,
                color="black" if count else "#999999",
            )
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(len(labels) - 0.5, -0.5)
    for label, kind in zip(ax.get_yticklabels(), counts, strict=True):
        label.set(color=CLASS_COLORS[kind], fontweight="bold")
