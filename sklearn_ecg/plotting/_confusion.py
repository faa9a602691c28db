"""A picture of the classes of beats that a classifier confuses."""

import numpy as np

from sklearn_ecg.beats._checking import check_annotated
from sklearn_ecg.metrics import match_beat_labels
from sklearn_ecg.metrics._arguments import check_arguments
from sklearn_ecg.metrics._counting import BEAT_LABELS, NO_BEAT, count_pairs
from sklearn_ecg.plotting._style import new_axes
from sklearn_ecg.utils._records import check_records

_DARK = 0.5  # share of a row above which its cell is dark


class BeatConfusionDisplay:
    """Confusion matrix of the AAMI's classes of beats.

    A cell shows how many beats of the row's class were predicted as the column's class. Its colour
    shows the share of the row's beats, because normal beats are so many that colours of counts
    would show nothing else.

    Use :meth:`from_predictions` or :meth:`from_estimator` to draw it.

    Parameters
    ----------
    counts : ndarray of shape (n_classes, n_classes)
        Number of beats; rows are the reference, columns the prediction.
    labels : sequence of str
        Class of each row and column.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the matrix.
    figure_ : matplotlib Figure
        Figure of the axes.

    See Also
    --------
    RecordScoresDisplay : How well it does in each record.
    sklearn_ecg.metrics.beat_classification_report : All figures of EC57.

    Examples
    --------
    >>> from sklearn_ecg.plotting import BeatConfusionDisplay
    >>> display = BeatConfusionDisplay.from_predictions(list("NNNVV"), list("NNVVV"))
    >>> display.counts
    array([[2, 1],
           [0, 2]])
    """

    def __init__(self, counts, labels):
        self.counts = counts
        self.labels = labels

    def plot(self, *, ax=None):
        """Draw the matrix.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure.

        Returns
        -------
        self : BeatConfusionDisplay
            The display.
        """
        counts = np.asarray(self.counts)
        n_labels = len(self.labels)
        ax = new_axes(ax, width_mm=45 + 17 * n_labels, height_mm=30 + 15 * n_labels)
        totals = counts.sum(axis=1, keepdims=True)
        shares = counts / np.maximum(totals, 1)
        ax.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        for (row, column), count in np.ndenumerate(counts):
            share = f"\n{100 * shares[row, column]:.1f} %" if totals[row, 0] else ""
            color = "white" if shares[row, column] > _DARK else "black"
            ax.text(
                column, row, f"{count}{share}", ha="center", va="center", color=color, fontsize=8
            )
        names = ["no beat" if label == NO_BEAT else label for label in self.labels]
        rows = [f"{name} ({total})" for name, total in zip(names, totals[:, 0], strict=True)]
        ax.set(xlabel="predicted class (% of the row)", ylabel="reference class (beats)")
        ax.set_xticks(range(n_labels), names)
        ax.set_yticks(range(n_labels), rows)
        ax.tick_params(length=0)
        self.ax_, self.figure_ = ax, ax.figure
        return self

    @classmethod
    @check_arguments({"y_true": ["array-like"], "y_pred": ["array-like"]})
    def from_predictions(cls, y_true, y_pred, *, ax=None):
        """Draw the matrix of given classes.

        Parameters
        ----------
        y_true, y_pred : array-like of shape (n_beats,)
            Reference and predicted class of each beat: N, S, V, F, Q, or O where one side has no
            beat, as :func:`~sklearn_ecg.metrics.match_beat_labels` returns them.
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure.

        Returns
        -------
        display : BeatConfusionDisplay
            The display.

        Raises
        ------
        ValueError
            If there is no beat, the lengths differ, or a class is unknown.
        """
        (counts,) = count_pairs(y_true, y_pred, BEAT_LABELS)
        occurs = (counts.sum(axis=0) + counts.sum(axis=1)) > 0
        labels = [label for label, is_there in zip(BEAT_LABELS, occurs, strict=True) if is_there]
        return cls(counts[np.ix_(occurs, occurs)], labels).plot(ax=ax)

    @classmethod
    def from_estimator(cls, estimator, records, *, ax=None):
        """Draw the matrix of the beats of recordings.

        Parameters
        ----------
        estimator : BeatClassifier
            A fitted classifier of beats.
        records : ECGRecord or sequence of ECGRecord
            Recordings with annotated beats. Missed beats and false beats count as "no beat" on one
            side.
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure.

        Returns
        -------
        display : BeatConfusionDisplay
            The display.

        Raises
        ------
        TypeError
            If the estimator does not annotate recordings, or a record is not an ECGRecord.
        ValueError
            If a record has no annotated beats.
        """
        _, pairs = match_annotated(estimator, records)
        y_true, y_pred = map(np.concatenate, zip(*pairs, strict=True))
        return cls.from_predictions(y_true, y_pred, ax=ax)


def match_annotated(estimator, records):
    """Annotate records, and match the beats with the annotated ones.

    Parameters
    ----------
    estimator : BeatClassifier
        A fitted classifier of beats.
    records : ECGRecord or sequence of ECGRecord
        Records with annotated beats.

    Returns
    -------
    records : list of ECGRecord
        The records.
    pairs : list of tuple of ndarray
        Reference and predicted class of the beats of each.

    Raises
    ------
    TypeError
        If the estimator does not annotate recordings, or a record is not an ECGRecord.
    ValueError
        If a record has no annotated beats.
    """
    if not hasattr(estimator, "annotate"):
        raise TypeError(
            "estimator must be a fitted BeatClassifier; got "
            f"{type(estimator).__name__}, which has no annotate: use from_predictions."
        )
    records, pairs = check_records(records), []
    check_annotated(records)
    for record in records:
        found = estimator.annotate(record).beats
        matched = match_beat_labels(*record.beats, *found, fs=record.fs, flutter=record.flutter)
        pairs.append(matched[:2])
    return records, pairs
