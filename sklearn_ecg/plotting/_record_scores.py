"""A picture of how well a classifier of beats does in each record."""

import numpy as np

from sklearn_ecg.metrics._arguments import check_arguments
from sklearn_ecg.metrics._beat_scores import count_by_record
from sklearn_ecg.metrics._counting import divide, tally
from sklearn_ecg.plotting._confusion import match_annotated
from sklearn_ecg.plotting._style import LETTER_MM, new_axes
from sklearn_ecg.utils._aami import AAMI_CLASSES
from sklearn_ecg.utils._extras import import_extra
from sklearn_ecg.utils._records import record_names

_DARK = 0.5  # below this F1 a cell is dark
_GAP = "   "  # between shares and errors
_NOTHING = "#f4f4f4"  # where a record has no beat of the class, and none was predicted


class RecordScoresDisplay:
    """Sensitivity, positive predictivity and errors in each record, the worst record first.

    A figure over all beats hides the patients for whom a classifier fails. Here each record is a
    row and each class of the AAMI a column. A cell shows sensitivity and positive predictivity in
    per cent, and how many beats were missed (-) and falsely called (+). It is the darker the lower
    the F1.

    Use :meth:`from_predictions` or :meth:`from_estimator` to draw it.

    Parameters
    ----------
    counts : ndarray of shape (n_records, 6, 6)
        Number of beats in each record. Rows are the reference and columns the prediction, in the
        order N, S, V, F, Q, and O for no beat.
    record_names : sequence of str
        Name of each record.

    Attributes
    ----------
    f1_ : ndarray of shape (n_records + 1, n_classes)
        F1 of each row and column as drawn; the first row is of all beats. NaN where a record has no
        beat of the class, and none was predicted.
    ax_ : matplotlib Axes
        Axes with the table.
    figure_ : matplotlib Figure
        Figure of the axes.

    See Also
    --------
    BeatConfusionDisplay : Which classes are taken for which.
    sklearn_ecg.metrics.beat_scores : The figures.

    Examples
    --------
    >>> from sklearn_ecg.plotting import RecordScoresDisplay
    >>> records = ["100"] * 4 + ["208"] * 4
    >>> display = RecordScoresDisplay.from_predictions(list("NNNNNNVV"), list("NNNNNVNV"), records)
    >>> [label.get_text() for label in display.ax_.get_yticklabels()]
    ['all (8)', '208 (4)', '100 (4)']
    """

    def __init__(self, counts, record_names):
        self.counts = counts
        self.record_names = record_names

    def plot(self, *, ax=None):
        """Draw the table.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure.

        Returns
        -------
        self : RecordScoresDisplay
            The display.
        """
        counts = np.asarray(self.counts)
        counts = np.concatenate([counts.sum(axis=0, keepdims=True), counts])
        tp, fn, fp, _ = tally(counts)
        f1 = divide(2 * tp, 2 * tp + fn + fp)  # NaN where a class neither is nor was predicted
        mean_f1 = divide(np.nansum(f1, axis=1), (~np.isnan(f1)).sum(axis=1))
        rows = np.append(0, 1 + np.argsort(mean_f1[1:], kind="stable"))  # NaN last
        occurs = (tp + fn + fp)[0] > 0
        tp, fn, fp, f1 = (cell[np.ix_(rows, occurs)] for cell in (tp, fn, fp, f1))
        classes = [name for name, is_there in zip(AAMI_CLASSES, occurs, strict=True) if is_there]
        names = np.array(["all", *self.record_names], dtype=str)[rows]
        n_beats = counts[rows, :-1].sum(axis=(1, 2))
        labels = [f"{name} ({number})" for name, number in zip(names, n_beats, strict=True)]
        names_mm = max(20, LETTER_MM * max(map(len, labels)))
        width_mm = 15 + names_mm + 32 * len(classes)
        ax = new_axes(ax, width_mm=width_mm, height_mm=27 + 5 * len(names))
        pyplot = import_extra("matplotlib.pyplot", extra="plot")
        colors = pyplot.get_cmap("Oranges_r").with_extremes(bad=_NOTHING)
        ax.imshow(np.ma.masked_invalid(f1), cmap=colors, vmin=0, vmax=1, aspect="auto")
        shares = divide(tp, tp + fn), divide(tp, tp + fp)
        for row, column in np.argwhere(~np.isnan(f1)):
            place = row, column
            se, ppv = ("-" if np.isnan(x[place]) else f"{100 * x[place]:.0f}" for x in shares)
            ax.text(
                column,
                row,
                f"{se} / {ppv}{_GAP}-{fn[place]} +{fp[place]}",
                ha="center",
                va="center",
                fontsize=7,
                color="white" if f1[place] < _DARK else "black",
            )
        ax.axhline(0.5, color="black", linewidth=0.8)
        ax.set_yticks(range(len(labels)), labels, fontsize=8, parse_math=False)
        ax.set_xticks(range(len(classes)), classes, fontweight="bold")
        ax.xaxis.tick_top()
        ax.set_ylabel("record (beats)")
        ax.set_xlabel(f"Se / +P in %{_GAP}-missed +false\nthe darker, the lower F1", fontsize=8)
        ax.tick_params(length=0)
        _fit(ax, *f1.shape)
        self.f1_, self.ax_, self.figure_ = f1, ax, ax.figure
        return self

    @classmethod
    @check_arguments(
        {"y_true": ["array-like"], "y_pred": ["array-like"], "records": ["array-like"]}
    )
    def from_predictions(cls, y_true, y_pred, records, *, ax=None):
        """Draw the table of given classes.

        Parameters
        ----------
        y_true, y_pred : array-like of shape (n_beats,)
            Reference and predicted class of each beat: N, S, V, F, Q, or O where one side has no
            beat, as :func:`~sklearn_ecg.metrics.match_beat_labels` returns them.
        records : array-like of shape (n_beats,)
            Name of the record of each beat.
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure.

        Returns
        -------
        display : RecordScoresDisplay
            The display.

        Raises
        ------
        ValueError
            If there is no beat, the lengths differ, a class is unknown, or a record is missing.
        """
        names, counts = count_by_record(y_true, y_pred, records, None, 0.0)
        return cls(counts, names.astype(str)).plot(ax=ax)

    @classmethod
    def from_estimator(cls, estimator, records, *, ax=None):
        """Draw the table of the beats of recordings.

        Parameters
        ----------
        estimator : BeatClassifier
            A fitted classifier of beats.
        records : ECGRecord or sequence of ECGRecord
            Recordings with annotated beats. A beat that the classifier does not find counts as
            missed, and a beat that it finds where there is none counts as false.
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure.

        Returns
        -------
        display : RecordScoresDisplay
            The display.

        Raises
        ------
        TypeError
            If the estimator does not annotate recordings, or a record is not an ECGRecord.
        ValueError
            If a record has no annotated beats.
        """
        records, pairs = match_annotated(estimator, records)
        y_true, y_pred = map(np.concatenate, zip(*pairs, strict=True))
        names = record_names([record.source for record in records])
        of_beat = np.repeat(names, [len(true) for true, _ in pairs])
        return cls.from_predictions(y_true, y_pred, of_beat, ax=ax)


def _fit(ax, n_rows, n_columns):
    """Break lines, and make letters small enough for their cells, on axes of any size."""
    ax.get_figure(root=True).draw_without_rendering()  # which places axes, if a layout does that
    sheet = ax.get_window_extent()
    cell = 0.95 * np.array([sheet.width / n_columns, sheet.height / n_rows])
    lines = [text.get_text() for text in ax.texts]
    shares = {}
    for gap in (_GAP, "\n"):
        sizes = []
        for text, line in zip(ax.texts, lines, strict=True):
            text.set_text(line.replace(_GAP, gap))
            sizes.append(text.get_window_extent().size)
        shares[gap] = min(1.0, (cell / np.max(sizes, axis=0)).min())
    best = max(shares, key=shares.get)  # the first, one line, if both fit
    for text, line in zip(ax.texts, lines, strict=True):
        text.set(text=line.replace(_GAP, best), fontsize=shares[best] * text.get_fontsize())
