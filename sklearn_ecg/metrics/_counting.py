"""Count pairs of reference and predicted labels: all that the scores of labels depend on."""

import numpy as np
from sklearn.metrics import cohen_kappa_score
from sklearn.utils.validation import check_array, check_consistent_length, column_or_1d

from sklearn_ecg.utils._aami import AAMI_CLASSES

NO_BEAT = "O"  # EC57's letter on the side that has no beat
BEAT_LABELS = (*AAMI_CLASSES, NO_BEAT)

COUNTINGS = {"one-vs-rest", "ec57"}
# Reference and prediction that EC57 leaves out of the false positives.
_FORGIVEN = (("F", "V"), ("Q", "V"), ("Q", "S"))


def count_pairs(y_true, y_pred, labels, *, groups=None, sample_weight=None):
    """Count how often each label was predicted for each reference label.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)
        Reference and predicted labels.
    labels : sequence of str
        All labels there may be.
    groups : ndarray of int of shape (n_samples,), default=None
        Number, from 0, of the group in which a row is counted. None is one group.
    sample_weight : array-like of shape (n_samples,), default=None
        Weight of each row.

    Returns
    -------
    ndarray of shape (n_groups, n_labels, n_labels)
        Rows are the reference, columns the prediction.

    Raises
    ------
    ValueError
        If there is no row, the lengths differ, a label is not one of `labels`, or a weight is
        negative or not finite.
    """
    true, predicted = _encode(y_true, labels, "y_true"), _encode(y_pred, labels, "y_pred")
    check_consistent_length(true, predicted, sample_weight)
    groups = np.zeros(len(true), dtype=int) if groups is None else groups
    n_groups, n_labels = groups.max() + 1, len(labels)
    cells = (groups * n_labels + true) * n_labels + predicted
    weights = None
    if sample_weight is not None:
        weights = check_array(
            column_or_1d(sample_weight),
            ensure_2d=False,
            dtype=float,
            ensure_non_negative=True,
            input_name="sample_weight",
        )
    counts = np.bincount(cells, weights, minlength=n_groups * n_labels**2)
    return counts.reshape(n_groups, n_labels, n_labels)


def count_beats(y_true, y_pred, *, groups=None, sample_weight=None):
    """Count pairs of beat labels, as `count_pairs` does.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)
        Reference and predicted labels: N, S, V, F or Q, or O for no beat.
    groups : ndarray of int of shape (n_samples,), default=None
        Number of the group in which a row is counted.
    sample_weight : array-like of shape (n_samples,), default=None
        Weight of each row.

    Returns
    -------
    ndarray of shape (n_groups, 6, 6)
        Rows are the reference, columns the prediction.

    Raises
    ------
    ValueError
        If a label is unknown, or a row has no beat on either side.
    """
    counts = count_pairs(y_true, y_pred, BEAT_LABELS, groups=groups, sample_weight=sample_weight)
    if counts[:, -1, -1].any():
        raise ValueError(
            f"y_true and y_pred are both {NO_BEAT!r} in some rows: where neither has a beat there "
            "is nothing to count, so leave these rows out."
        )
    return counts


def tally(counts, counting="one-vs-rest"):
    """Sum counted pairs of beat labels to the four cells of each AAMI class.

    Parameters
    ----------
    counts : ndarray of shape (..., 6, 6)
        Counts that `count_beats` returned, or sums of these.
    counting : {"one-vs-rest", "ec57"}, default="one-vs-rest"
        Whether to leave out the pairs that EC57 leaves out.

    Returns
    -------
    tp, fn, fp, tn : ndarray of shape (..., 5)
        True positives, false negatives, false positives and true negatives.
    """
    tp = np.diagonal(counts, axis1=-2, axis2=-1)
    fn = counts.sum(axis=-1) - tp
    predicted = counts.sum(axis=-2)
    tn = counts.sum(axis=(-2, -1))[..., None] - tp - fn - (predicted - tp)
    if counting == "ec57":
        counts = counts.copy()
        for pair in _FORGIVEN:
            counts[..., *map(BEAT_LABELS.index, pair)] = 0
        # A beat that was not detected was not told from another class either.
        missed = counts[..., -1]
        tn = tn - (missed.sum(axis=-1, keepdims=True) - missed)
    fp = counts.sum(axis=-2) - tp
    n_classes = len(AAMI_CLASSES)
    return tuple(cell[..., :n_classes] for cell in (tp, fn, fp, tn))


def divide(numerator, denominator):
    """Divide; the quotient is NaN where the denominator is 0.

    Parameters
    ----------
    numerator, denominator : array-like
        Arrays of one shape.

    Returns
    -------
    ndarray
        The quotients.
    """
    denominator = np.asarray(denominator, dtype=float)
    out = np.full(denominator.shape, np.nan)
    return np.divide(numerator, denominator, out=out, where=denominator != 0)


def mean_f1(tp, fn, fp):
    """Average F1 over the classes that occur in the reference.

    Parameters
    ----------
    tp, fn, fp : ndarray of shape (n_classes,)
        True positives, false negatives and false positives.

    Returns
    -------
    float
        The mean, or NaN if no class has rows.
    """
    present = tp + fn > 0
    if not present.any():
        return float("nan")
    return float(np.mean(divide(2 * tp, 2 * tp + fn + fp)[present]))


def kappa(counts):
    """Compute Cohen's kappa of counted pairs.

    Parameters
    ----------
    counts : ndarray of shape (n_labels, n_labels)
        Rows are the reference, columns the prediction.

    Returns
    -------
    float
        The kappa, or NaN if reference and prediction have one label only.
    """
    true, predicted = np.nonzero(counts)
    if len({*true, *predicted}) < 2:
        return float("nan")
    return float(cohen_kappa_score(true, predicted, sample_weight=counts[true, predicted]))


def _encode(y, labels, name):
    y = column_or_1d(y).astype(str)
    if not len(y):
        raise ValueError(f"{name} is empty: there is nothing to score.")
    codes = np.full(len(y), -1)
    for code, label in enumerate(labels):
        codes[y == label] = code
    if codes.min() < 0:
        row = int(np.argmin(codes))
        raise ValueError(
            f"{name} has the label {str(y[row])!r} in row {row}, but only {', '.join(labels)} are "
            "counted here; map other labels to these first."
        )
    return codes
