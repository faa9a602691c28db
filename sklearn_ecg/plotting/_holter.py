"""A long recording on a page."""

import numpy as np

from sklearn_ecg.metrics._counting import AAMI_CLASSES
from sklearn_ecg.plotting._style import CLASS_COLORS, new_axes
from sklearn_ecg.utils._records import check_records, in_words

# Beats are counted over the first of these spans of which not too many make up the record.
_SPANS_S = {"1 min": 60, "5 min": 300, "1 h": 3600, "6 h": 6 * 3600, "24 h": 24 * 3600}
_MOST_SPANS = 30
_RATES_PER_SPAN = 20  # a heart rate for every three minutes of a day,
_SHORTEST_S = 15.0  # and for no less than this, or it would jump with each premature beat
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

    Notes
    -----
    Beats are counted by the hour in records of a day, and over shorter or longer spans in others.
    The line of the heart rate is the median of a twentieth of that span, or of 15 s, and the band
    around it reaches from the 5th to the 95th percentile. A rhythm lasts until the next one begins,
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
        steps, classes = record.beats
        if not len(steps):
            raise ValueError(
                f"{record!r} has no annotated beats: read its annotations, or annotate it by a "
                "BeatClassifier."
            )
        span, span_s = _choose_span(record.duration_s)
        n_spans = int(np.ceil(record.duration_s / span_s))
        kinds = [kind for kind in AAMI_CLASSES if kind in classes]
        rhythms = _episodes(record)
        ax = new_axes(ax, width_mm=277, height_mm=190)
        heights = [len(rhythms)] * bool(rhythms) + [8, len(kinds)]
        ax.set_axis_off()
        grid = ax.get_subplotspec().subgridspec(len(heights), 1, height_ratios=heights)
        axes = [ax.figure.add_subplot(place) for place in grid]
        unit, unit_s = ("min", 60) if span_s < _SPANS_S["1 h"] else ("h", 3600)
        if rhythms:
            _draw_rhythms(axes[0], rhythms, record.duration_s, unit_s)
        _draw_rate(axes[-2], record, max(span_s / _RATES_PER_SPAN, _SHORTEST_S), unit_s)
        edges = np.arange(n_spans + 1) * span_s / unit_s
        _draw_counts(axes[-1], steps / record.fs / unit_s, classes, kinds, edges)
        axes[-1].set_ylabel(f"beats in {span}")
        for one in axes:
            one.set(xlim=(edges[0], edges[-1]), xticks=edges)
            one.tick_params(labelsize=8, labelbottom=one is axes[-1])
        axes[-1].set_xlabel(f"time in {unit}")
        ax.figure.align_ylabels(axes)
        axes[0].set_title(_summary(record, len(steps)), fontsize=10, loc="left")
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
            If `record` is no record.
        ValueError
            If no beat is annotated.
        """
        (record,) = check_records([record])
        return cls(record).plot(ax=ax)


def _summary(record, n_beats):
    name = [record.name] if record.name else []
    rates = record.heart_rate()
    rate = [f"median heart rate {np.median(rates):.0f}/min"] if len(rates) else []
    return ", ".join([*name, in_words(record.duration_s), f"{n_beats} beats", *rate])


def _choose_span(duration_s):
    fitting = (item for item in _SPANS_S.items() if duration_s <= _MOST_SPANS * item[1])
    return next(fitting, ("24 h", _SPANS_S["24 h"]))


def _episodes(record):
    """Return begin and duration of the episodes of each rhythm, in seconds, the longest first."""
    begins, names = record.rhythms
    begins_s = begins / record.fs
    # A recorder may run on without its patient: the last rhythm ends with the last beat.
    end_s = max([record.beats[0][-1], *begins]) / record.fs
    lengths_s = np.diff(begins_s, append=end_s)
    episodes = {
        str(name): np.column_stack([begins_s, lengths_s])[names == name]
        for name in np.unique(names)
    }
    return dict(sorted(episodes.items(), key=lambda item: -item[1][:, 1].sum()))


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
    rates = record.heart_rate()
    which = (record.beats[0][1:] / record.fs / bin_s).astype(int)
    n_bins = int(np.ceil(record.duration_s / bin_s))
    low, middle, high = quantiles = np.full((3, n_bins), np.nan)
    for number in range(n_bins):
        of_bin = rates[which == number]
        if len(of_bin):
            quantiles[:, number] = np.percentile(of_bin, [5, 50, 95])
    time = (np.arange(n_bins) + 0.5) * bin_s / unit_s
    percentiles = "5th to 95th percentile"
    ax.plot(time, middle, color="#0067b1", linewidth=1, label=f"median of {in_words(bin_s)}")
    ax.fill_between(time, low, high, color="#0067b1", alpha=0.2, linewidth=0, label=percentiles)
    ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False, fontsize=8)
    ax.set_ylabel("beats/min")
    ax.grid(color="#dddddd", linewidth=0.5)
    ax.spines[["top", "right"]].set_visible(False)


def _draw_counts(ax, times, classes, kinds, edges):
    """Draw a table with a row for each class, whose cells are the darker the more beats."""
    labels = []
    for row, kind in enumerate(kinds):
        counts, _ = np.histogram(times[classes == kind], edges)
        labels.append(f"{kind}  {counts.sum()}")
        for begin, width, count in zip(edges[:-1], np.diff(edges), counts, strict=True):
            shade = {"color": CLASS_COLORS[kind], "alpha": 0.5 * count / counts.max()}
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
    for label, kind in zip(ax.get_yticklabels(), kinds, strict=True):
        label.set(color=CLASS_COLORS[kind], fontweight="bold")
