"""Single figures for all classes of beats, to compare and choose models."""

import numpy as np
from sklearn.utils._param_validation import StrOptions

from sklearn_ecg.metrics._arguments import check_arguments
from sklearn_ecg.metrics._counting import COUNTINGS, count_beats, divide, kappa, mean_f1, tally
from sklearn_ecg.utils._aami import AAMI_CLASSES

MACRO_CLASSES = ("N", "S", "V", "F")  # not Q, which may be anything

_CONSTRAINTS = {
    "y_true": ["array-like"],
    "y_pred": ["array-like"],
    "counting": [StrOptions(COUNTINGS)],
    "sample_weight": ["array-like", None],
}


@check_arguments({**_CONSTRAINTS, "labels": ["array-like"]})
def beat_macro_f1(
    y_true, y_pred, *, labels=MACRO_CLASSES, counting="one-vs-rest", sample_weight=None
):
    """Average F1 over classes of beats, each with equal weight.

    Nine beats in ten are normal, so accuracy is high even if no arrhythmia is found. This mean is
    low then.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Reference label of each beat: N, S, V, F or Q of the AAMI, or O for no beat.
    y_pred : array-like of shape (n_samples,)
        Predicted label of each beat.
    labels : sequence of str, default=("N", "S", "V", "F")
        The classes of the mean. Beats of other classes count as false positives of these. A class
        that `y_true` lacks does not enter the mean.
    counting : {"one-vs-rest", "ec57"}, default="one-vs-rest"
        The rule for false positives; see :func:`beat_scores`.
    sample_weight : array-like of shape (n_samples,), default=None
        Weight of each beat.

    Returns
    -------
    float
        Between 0 and 1; NaN if `y_true` has none of the classes.

    Raises
    ------
    ValueError
        If a label is none of these, or one of `labels` is not a class of the AAMI.

    See Also
    --------
    beat_scores : The figures of each class.
    beat_macro_f1_scorer : Scorer form.

    Notes
    -----
    If `y_true` has all classes, this is scikit-learn's `f1_score(..., labels=labels,
    average="macro")`. If it lacks a class, scikit-learn counts the class as 0. This happens in
    folds by patient when one patient has nearly all fusion beats. Then a model without a mistake
    would get 0.75, and the mean over folds would depend on the split of patients.

    Examples
    --------
    >>> from sklearn_ecg.metrics import beat_macro_f1
    >>> beat_macro_f1(["N", "N", "V", "S"], ["N", "N", "V", "N"])
    0.6
    """
    labels = list(labels)
    if unknown := [label for label in labels if label not in AAMI_CLASSES]:
        raise ValueError(f"labels has {unknown[0]!r}; the AAMI's classes are N, S, V, F and Q.")
    counts = count_beats(y_true, y_pred, sample_weight=sample_weight)[0]
    return macro_f1_of(counts, counting, labels)


@check_arguments(_CONSTRAINTS)
def jk_index(y_true, y_pred, *, counting="one-vs-rest", sample_weight=None):
    """Average Cohen's kappa, of all classes, and the j index, of S and V.

    The j index is the sum of sensitivity and positive predictivity of both classes, between 0 and
    4. It is divided by 4 first: `jk = kappa / 2 + j / 8`.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Reference label of each beat: N, S, V, F or Q of the AAMI, or O for no beat.
    y_pred : array-like of shape (n_samples,)
        Predicted label of each beat.
    counting : {"one-vs-rest", "ec57"}, default="one-vs-rest"
        The rule for false positives in the j index; see :func:`beat_scores`. Kappa counts every
        disagreement.
    sample_weight : array-like of shape (n_samples,), default=None
        Weight of each beat.

    Returns
    -------
    float
        At most 1. A figure that is undefined adds 0.

    See Also
    --------
    beat_classification_report : Both figures, and all others.
    sklearn.metrics.cohen_kappa_score : Kappa alone.

    References
    ----------
    .. [1] Mar T, Zaunseder S, Martínez JP, Llamedo M, Poll R. Optimization of ECG classification by
       means of feature selection. IEEE Trans Biomed Eng 58(8):2168-2177 (2011).
       doi:10.1109/TBME.2011.2113395

    Examples
    --------
    >>> from sklearn_ecg.metrics import jk_index
    >>> round(jk_index(["N", "S", "S", "V"], ["N", "S", "V", "V"]), 3)
    0.693
    """
    return jk_of(count_beats(y_true, y_pred, sample_weight=sample_weight)[0], counting)


def macro_f1_of(counts, counting, labels=MACRO_CLASSES):
    """Compute the macro F1 of counted pairs.

    Parameters
    ----------
    counts : ndarray of shape (6, 6)
        Rows are the reference, columns the prediction.
    counting : {"one-vs-rest", "ec57"}
        That of `beat_macro_f1`.
    labels : sequence of str, default=("N", "S", "V", "F")
        The classes of the mean.

    Returns
    -------
    float
        The mean.
    """
    tp, fn, fp, _ = tally(counts, counting)
    of_labels = [AAMI_CLASSES.index(label) for label in labels]
    return mean_f1(tp[of_labels], fn[of_labels], fp[of_labels])


def j_of(counts, counting):
    """Compute the j index of counted pairs.

    Parameters
    ----------
    counts : ndarray of shape (6, 6)
        Rows are the reference, columns the prediction.
    counting : {"one-vs-rest", "ec57"}
        That of `jk_index`.

    Returns
    -------
    float
        The index.
    """
    tp, fn, fp, _ = tally(counts, counting)
    of_s_and_v = [AAMI_CLASSES.index(label) for label in ("S", "V")]
    rates = np.concatenate([divide(tp, tp + fn)[of_s_and_v], divide(tp, tp + fp)[of_s_and_v]])
    return float(np.nan_to_num(rates).sum())


def jk_of(counts, counting):
    """Compute the jk index of counted pairs.

    Parameters
    ----------
    counts : ndarray of shape (6, 6)
        Rows are the reference, columns the prediction.
    counting : {"one-vs-rest", "ec57"}
        That of `jk_index`.

    Returns
    -------
    float
        The index.
    """
    return float(np.nan_to_num(kappa(counts))) / 2 + j_of(counts, counting) / 8
