"""Figures of each AAMI class of beats, over all beats or by record."""

from numbers import Real

import numpy as np
from sklearn.utils import Bunch
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_array, check_consistent_length, column_or_1d

from sklearn_ecg.metrics._arguments import check_arguments
from sklearn_ecg.metrics._counting import COUNTINGS, count_beats, divide, tally
from sklearn_ecg.utils._aami import AAMI_CLASSES
from sklearn_ecg.utils._fitting import plain_column, refuse_missing


@check_arguments(
    {
        "y_true": ["array-like"],
        "y_pred": ["array-like"],
        "records": ["array-like", None],
        "average": [StrOptions({"gross", "record"}), None],
        "counting": [StrOptions(COUNTINGS)],
        "time_s": ["array-like", None],
        "skip_s": [Interval(Real, 0, None, closed="left")],
    }
)
def beat_scores(
    y_true,
    y_pred,
    *,
    records=None,
    average="gross",
    counting="one-vs-rest",
    time_s=None,
    skip_s=300.0,
):
    """Compute the AAMI's figures of each class of beats.

    For each of the classes N, S, V, F and Q, compute the share of its beats that were found
    (sensitivity, Se), the share of its predictions that are right (positive predictivity, +P), the
    share of all other beats that were taken for it (false positive rate, FPR), and F1, the harmonic
    mean of Se and +P.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Reference label of each beat: `"N"`, `"S"`, `"V"`, `"F"` or `"Q"`; or `"O"` for a
        detected beat that does not exist.
    y_pred : array-like of shape (n_samples,)
        Predicted label of each beat; or `"O"` for a beat that was not detected.
    records : array-like of shape (n_samples,), default=None
        The record of each beat. Needed unless `average` is `"gross"`.
    average : {"gross", "record"} or None, default="gross"
        The way to combine records:

        - `"gross"`: all beats are counted together, so long records and patients with many beats
          of a class weigh most.
        - `"record"`: each figure is computed for each record, and averaged over the
          records for which it is defined. Records without beats of a class do not enter the mean
          of its Se. Records without predictions of the class do not enter the mean of its +P.
          Records without either do not enter the mean of its F1.
        - None: the figures of each record.
    counting : {"one-vs-rest", "ec57"}, default="one-vs-rest"
        The rule for false positives:

        - `"one-vs-rest"`: every other beat predicted to be of the class, as in scikit-learn.
        - `"ec57"`: not F or Q predicted as V, nor Q predicted as S, because a fusion beat is partly
          ventricular and an unclassifiable one may be anything. These beats are left out of the
          class's +P, F1 and FPR, and beats that were not detected out of the FPR.
    time_s : array-like of shape (n_samples,), default=None
        Time of each beat in seconds from the beginning of its record. None counts all beats.
    skip_s : float, default=300.0
        Beats before this time, in seconds, are not counted if `time_s` is given: EC57 lets an
        algorithm learn for the first five minutes.

    Returns
    -------
    Bunch
        For each class, as `scores.V` or `scores["V"]`, a Bunch of `support` (int), `sensitivity`,
        `positive_predictivity`, `false_positive_rate` and `f1` (float between 0 and 1, or NaN
        where it would be divided by 0). `support` is the number of beats of the class in the
        reference or, for `average="record"`, of records that have any.

        If `average` is None, such a Bunch for each record, as `scores["208"]`.

    Raises
    ------
    ValueError
        If a label is none of these, `records` is needed and not given or lacks one, or nothing is
        left to count.

    See Also
    --------
    beat_classification_report : All figures as a table.
    beat_macro_f1 : One figure for all classes.
    match_beat_labels : Labels of beats that were detected.

    Notes
    -----
    With `counting="ec57"` the sums are those of WFDB's program `bxb`, for the same classes of
    beats. It takes escape beats (`e`, `j`) for S, which are N by the mapping of de Chazal et al.,
    that of this package: 32 beats of MIT-BIH DS1, beside 944 of S. To compare with it, use its
    mapping here too. It gives Se and +P of S and V, and the FPR of V, only; the figures of the
    other classes, and F1, are computed from counts of the same kind. `bxb` averages over records in
    the same way.

    References
    ----------
    .. [1] ANSI/AAMI EC57:2012. Testing and reporting performance results of cardiac rhythm and ST
       segment measurement algorithms. Association for the Advancement of Medical Instrumentation.

    Examples
    --------
    >>> from sklearn_ecg.metrics import beat_scores
    >>> y_true = ["N", "N", "N", "V", "V", "F"]
    >>> y_pred = ["N", "N", "V", "V", "V", "V"]
    >>> v = beat_scores(y_true, y_pred).V
    >>> v.support, v.sensitivity, v.positive_predictivity, v.false_positive_rate
    (2, 1.0, 0.5, 0.5)
    >>> v = beat_scores(y_true, y_pred, counting="ec57").V
    >>> v.support, v.sensitivity, round(v.positive_predictivity, 3), round(v.false_positive_rate, 3)
    (2, 1.0, 0.667, 0.333)
    """
    names, counts = count_by_record(y_true, y_pred, records, time_s, skip_s)
    if average == "gross":
        return scores_of(counts.sum(axis=0), counting)
    if records is None:
        raise ValueError(f"average={average!r} needs records, the record of each beat.")
    if average == "record":
        return mean_scores_of(counts, counting)
    by_record = zip(names.tolist(), counts, strict=True)
    return Bunch(**{str(name): scores_of(table, counting) for name, table in by_record})


def count_by_record(y_true, y_pred, records, time_s, skip_s):
    """Count pairs of beat labels in each record.

    Parameters
    ----------
    y_true, y_pred, records, time_s, skip_s
        As in `beat_scores`.

    Returns
    -------
    names : ndarray of shape (n_records,)
        The records, sorted.
    counts : ndarray of shape (n_records, 6, 6)
        Rows are the reference, columns the prediction.
    """
    y_true, y_pred = column_or_1d(y_true), column_or_1d(y_pred)
    if records is None:
        records = np.zeros(len(y_true), dtype=int)
    else:
        refuse_missing(records, "records", "give the beats of an unknown record a name for it.")
        records = column_or_1d(plain_column(records))
    check_consistent_length(y_true, y_pred, records, time_s)
    if time_s is not None:
        time_s = check_array(column_or_1d(time_s), ensure_2d=False, input_name="time_s")
        kept = time_s >= skip_s
        if not kept.any():
            raise ValueError(
                f"No beat is left at or after skip_s={skip_s}: time_s, in seconds, ends at "
                f"{np.max(time_s)}."
            )
        y_true, y_pred, records = y_true[kept], y_pred[kept], records[kept]
    names, numbers = np.unique(records, return_inverse=True)
    return names, count_beats(y_true, y_pred, groups=numbers)


def scores_of(counts, counting):
    """Compute the figures of each class from counted pairs.

    Parameters
    ----------
    counts : ndarray of shape (6, 6)
        Rows are the reference, columns the prediction.
    counting : {"one-vs-rest", "ec57"}
        As in `beat_scores`.

    Returns
    -------
    Bunch
        The figures, as `beat_scores` returns them.
    """
    return _by_class(*_count_and_score(counts, counting))


def mean_scores_of(counts, counting):
    """Average the figures of each class over the records in which they are defined.

    Parameters
    ----------
    counts : ndarray of shape (n_records, 6, 6)
        Rows are the reference, columns the prediction.
    counting : {"one-vs-rest", "ec57"}
        As in `beat_scores`.

    Returns
    -------
    Bunch
        The figures, as `beat_scores` returns them.
    """
    support, figures = _count_and_score(counts, counting)
    means = {}
    for name, values in figures.items():
        defined = ~np.isnan(values)
        means[name] = divide(np.where(defined, values, 0).sum(axis=0), defined.sum(axis=0))
    return _by_class((support > 0).sum(axis=0), means)


def _count_and_score(counts, counting):
    """Return the number of beats of each class, and the figures."""
    tp, fn, fp, tn = tally(counts, counting)
    return tp + fn, {
        "sensitivity": divide(tp, tp + fn),
        "positive_predictivity": divide(tp, tp + fp),
        "false_positive_rate": divide(fp, fp + tn),
        "f1": divide(2 * tp, 2 * tp + fn + fp),
    }


def _by_class(support, figures):
    return Bunch(
        **{
            label: Bunch(
                support=int(support[i]),
                **{name: float(values[i]) for name, values in figures.items()},
            )
            for i, label in enumerate(AAMI_CLASSES)
        }
    )
