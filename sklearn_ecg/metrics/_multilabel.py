"""Scores of recordings with several labels, as in PTB-XL's benchmark."""

import numpy as np
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import roc_auc_score
from sklearn.utils.validation import (
    _check_sample_weight,
    check_array,
    check_consistent_length,
)

from sklearn_ecg.metrics._arguments import check_arguments
from sklearn_ecg.metrics._counting import divide
from sklearn_ecg.utils._warning import warn_user

_CONSTRAINTS = {"y_true": ["array-like"], "y_score": ["array-like"]}


@check_arguments({**_CONSTRAINTS, "sample_weight": ["array-like", None]})
def ptbxl_macro_auc(y_true, y_score, *, sample_weight=None):
    """Average the area under the ROC curve over labels, each with equal weight.

    Parameters
    ----------
    y_true : array-like of shape (n_samples, n_labels)
        1 where a recording has a label, else 0.
    y_score : array-like of shape (n_samples, n_labels)
        Predicted probability of each label, or any score that grows with it.
    sample_weight : array-like of shape (n_samples,), default=None
        Weight of each recording.

    Returns
    -------
    float
        Between 0 and 1. A label that all recordings with a weight have, or none, does not enter the
        mean. The mean is NaN if no label is left.

    Raises
    ------
    ValueError
        If the shapes differ, or `y_true` holds other values than 0 and 1.

    Warns
    -----
    UndefinedMetricWarning
        If a label does not enter the mean; the message names its column.

    See Also
    --------
    f_max_score : The other score of this benchmark.
    ptbxl_macro_auc_scorer : Scorer form.
    sklearn.metrics.roc_auc_score : The same mean, if each label has both kinds of recordings.

    References
    ----------
    .. [1] Strodthoff N, Wagner P, Schaeffter T, Samek W. Deep learning for ECG analysis: benchmarks
       and insights from PTB-XL. IEEE J Biomed Health Inform 25(5):1519-1528 (2021).
       doi:10.1109/JBHI.2020.3022989

    Examples
    --------
    One of four pairs of recordings is in the wrong order for the first label, none for the second:

    >>> from sklearn_ecg.metrics import ptbxl_macro_auc
    >>> y_true = [[1, 0], [1, 1], [0, 0], [0, 1]]
    >>> y_score = [[0.9, 0.2], [0.4, 0.7], [0.6, 0.1], [0.1, 0.8]]
    >>> ptbxl_macro_auc(y_true, y_score)
    0.875
    """
    y_true, y_score = check_label_matrices(y_true, y_score)
    counted = y_true[_check_sample_weight(sample_weight, y_true) > 0]
    is_defined = counted.any(axis=0) & ~counted.all(axis=0)
    if not is_defined.all():
        warn_user(
            f"y_true has only one kind of recordings in columns {np.flatnonzero(~is_defined)}: "
            "these labels do not enter the mean.",
            UndefinedMetricWarning,
        )
    if not is_defined.any():
        return float("nan")
    areas = roc_auc_score(
        y_true[:, is_defined], y_score[:, is_defined], average=None, sample_weight=sample_weight
    )
    return float(np.mean(areas))


@check_arguments(_CONSTRAINTS)
def f_max_score(y_true, y_score):
    """Compute the highest F1 of recordings that one threshold for all labels reaches.

    A threshold predicts some labels of each recording. Precision is the share of these that are
    true, averaged over recordings with any; recall is the share of the true labels that are
    predicted, averaged over recordings that have any. F1 is the harmonic mean of the two averages,
    and the score is the highest over all thresholds.

    Parameters
    ----------
    y_true : array-like of shape (n_samples, n_labels)
        1 where a recording has a label, else 0.
    y_score : array-like of shape (n_samples, n_labels)
        Predicted probability of each label.

    Returns
    -------
    float
        Between 0 and 1; NaN if no recording has a label.

    Raises
    ------
    ValueError
        If the shapes differ, or `y_true` holds other values than 0 and 1.

    See Also
    --------
    ptbxl_macro_auc : The other score of PTB-XL's benchmark.
    f_max_scorer : Scorer form.

    References
    ----------
    .. [1] Radivojac P et al. A large-scale evaluation of computational protein function prediction.
       Nature Methods 10(3):221-227 (2013). doi:10.1038/nmeth.2340

    Examples
    --------
    At a threshold of .3, precision is (2/2 + 1/2) / 2 and recall is 1, so that F1 is 6/7:

    >>> from sklearn_ecg.metrics import f_max_score
    >>> round(f_max_score([[1, 0, 1], [0, 1, 0]], [[0.9, 0.2, 0.3], [0.8, 0.7, 0.1]]), 3)
    0.857
    """
    y_true, y_score = check_label_matrices(y_true, y_score)
    n_true = y_true.sum(axis=1, keepdims=True)
    if not n_true.any():
        return float("nan")
    # As the threshold falls, recordings are predicted one more label after the other.
    order = np.argsort(-y_score, axis=1, kind="stable")
    thresholds = np.take_along_axis(y_score, order, axis=1)
    found = np.cumsum(np.take_along_axis(y_true, order, axis=1), axis=1)
    n_predicted = np.arange(1, y_true.shape[1] + 1)
    precision = found / n_predicted
    recall = found / np.maximum(n_true, 1)
    # Sums over recordings at each threshold, from the steps at those of single recordings.
    falling = np.argsort(-thresholds, axis=None, kind="stable")
    steps = (np.diff(share, prepend=0, axis=1).ravel()[falling] for share in (precision, recall))
    precision, recall = (np.cumsum(step) for step in steps)
    n_any = np.cumsum(falling % y_true.shape[1] == 0)  # recordings with a first predicted label
    is_last = np.diff(thresholds.ravel()[falling], append=np.inf) != 0  # of equal ones
    precision = precision[is_last] / n_any[is_last]
    recall = recall[is_last] / np.count_nonzero(n_true)
    return float(np.max(divide(2 * precision * recall, precision + recall)[recall > 0]))


def check_label_matrices(y_true, y_score):
    """Check true labels, and scores or predicted labels, as two tables of one shape.

    Parameters
    ----------
    y_true : array-like of shape (n_samples, n_labels)
        True labels.
    y_score : array-like of shape (n_samples, n_labels)
        Scores or predicted labels.

    Returns
    -------
    y_true : ndarray of int of shape (n_samples, n_labels)
        Zeros and ones.
    y_score : ndarray of float of shape (n_samples, n_labels)
        The scores.

    Raises
    ------
    ValueError
        If the shapes differ, `y_true` holds other values than 0 and 1, or two data frames have the
        same columns in another order.
    """
    for name, table in (("y_true", y_true), ("y_score", y_score)):
        if np.ndim(table) != 2:
            raise ValueError(
                f"{name} must be a table with a column for each label, but has {np.ndim(table)} "
                "axes. Scores of rows of one class each are in sklearn.metrics."
            )
    names, of_scores = (list(getattr(table, "columns", ())) for table in (y_true, y_score))
    if names != of_scores and set(names) == set(of_scores):
        raise ValueError(
            f"y_true has the columns {names}, but y_score has them in another order, {of_scores}: "
            "pass both in one order."
        )
    y_true = check_array(y_true, input_name="y_true")
    y_score = check_array(y_score, dtype=float, input_name="y_score")
    check_consistent_length(y_true, y_score)
    if y_true.shape != y_score.shape:
        raise ValueError(
            f"y_true has {y_true.shape[1]} labels, but y_score has {y_score.shape[1]}."
        )
    if not np.isin(y_true, (0, 1)).all():
        raise ValueError("y_true must be 1 where a recording has a label, and 0 elsewhere.")
    return y_true.astype(int), y_score
