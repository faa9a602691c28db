"""Scores of parts of the rows: of subgroups of patients, and of those that are answered."""

from numbers import Integral, Real

import numpy as np
from sklearn.utils import Bunch
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_consistent_length, column_or_1d

from sklearn_ecg.metrics._arguments import check_arguments
from sklearn_ecg.metrics._bootstrap import bootstrap_interval
from sklearn_ecg.utils._fitting import check_groups

_UNKNOWN = {"None", "nan", "<NA>", "NaT"}  # also as words, which NumPy makes of them beside words


@check_arguments(
    {
        "metric": [callable],
        "y_true": ["array-like"],
        "y_pred": ["array-like"],
        "by": ["array-like"],
        "groups": ["array-like", None],
        "random_state": ["random_state"],
    }
)
def scores_by_group(metric, y_true, y_pred, *, by, groups=None, random_state=None):
    """Score the rows of each subgroup by themselves: of each age, sex or device.

    Parameters
    ----------
    metric : callable
        `metric(y_true, y_pred)` returns a float, or an array such as a figure of each class. Set
        `labels` for this in metrics of scikit-learn, because a subgroup may lack a class.
    y_true : array-like of shape (n_samples,) or (n_samples, n_labels)
        Reference label of each row.
    y_pred : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Prediction for each row.
    by : array-like of shape (n_samples,)
        Subgroup of each row, such as the sex of the patient. None or NaN stands for an unknown one.
    groups : array-like of shape (n_samples,), default=None
        The patient of each row, for intervals. None leaves them out.
    random_state : int, RandomState instance or None, default=None
        Seed of the intervals.

    Returns
    -------
    dict of str to dict
        For `"all"` and each subgroup `"n_samples"` and `"score"`; and given `groups`,
        `"n_groups"`, its patients, and `"low"` and `"high"`, the ends of the 95 % interval over
        patients, which are NaN for fewer than two. Score and ends are lists if `metric` returns an
        array. Unknown subgroups are `"unknown"`. `pandas.DataFrame(scores).T` is a table.

    Raises
    ------
    ValueError
        If the lengths differ, or a subgroup has the name `"all"`.

    See Also
    --------
    bootstrap_interval : Computes the intervals.
    beat_classification_report : Averages the scores of beats over records.

    Examples
    --------
    >>> from sklearn.metrics import accuracy_score
    >>> from sklearn_ecg.metrics import scores_by_group
    >>> y_true, y_pred = ["N", "V", "N", "V"], ["N", "V", "N", "N"]
    >>> scores = scores_by_group(accuracy_score, y_true, y_pred, by=["f", "f", "m", "m"])
    >>> {name: score["score"] for name, score in scores.items()}
    {'all': 0.75, 'f': 1.0, 'm': 0.5}
    """
    y_true, y_pred = np.asarray(y_true), np.asarray(y_pred)
    numbers = {}  # 1 and 1.0, as of a column of objects, are one subgroup
    by = [numbers.setdefault(name, name) if isinstance(name, Real) else name for name in by]
    names = np.array(["unknown" if str(name) in _UNKNOWN else str(name) for name in by])
    check_consistent_length(y_true, y_pred, names)
    if "all" in names:
        raise ValueError('by has a subgroup "all", which is the name of all rows here: rename it.')
    if groups is not None:
        groups = check_groups(groups, y_true)
    scores = {}
    for name in ("all", *sorted(set(names.tolist()), key=_by_number)):
        rows = np.full(len(names), True) if name == "all" else names == name
        value = np.asarray(metric(y_true[rows], y_pred[rows]), dtype=float)
        scores[name] = score = {"n_samples": int(rows.sum()), "score": value.tolist()}
        if groups is not None:
            score["n_groups"] = len(np.unique(groups[rows]))
            low = high = np.full_like(value, np.nan)
            if score["n_groups"] > 1:
                interval = bootstrap_interval(
                    metric,
                    y_true[rows],
                    y_pred[rows],
                    groups=groups[rows],
                    random_state=random_state,
                )
                low, high = np.asarray(interval.low), np.asarray(interval.high)
            score |= {"low": low.tolist(), "high": high.tolist()}
    return scores


def _by_number(name):
    """Order names that are numbers by their value, before words."""
    try:
        return 0, float(name), name
    except ValueError:
        return 1, 0.0, name


@check_arguments(
    {
        "metric": [callable],
        "y_true": ["array-like"],
        "y_pred": ["array-like"],
        "confidence": ["array-like"],
        "n_points": [Interval(Integral, 2, None, closed="left")],
    }
)
def abstention_curve(metric, y_true, y_pred, *, confidence, n_points=20):
    """Score the rows that a classifier is most certain of, for each share of them.

    A classifier that leaves its least certain rows to a human answers fewer rows, and those better.
    If the curve does not fall with the share, its confidence is of no use.

    Parameters
    ----------
    metric : callable
        `metric(y_true, y_pred)` returns a float. Set `labels` for this in metrics of scikit-learn.
    y_true : array-like of shape (n_samples,)
        Reference label of each row.
    y_pred : array-like of shape (n_samples,)
        Prediction for each row.
    confidence : array-like of shape (n_samples,)
        Confidence in each prediction, such as the largest probability of the row.
    n_points : int, default=20
        Number of shares, evenly spaced up to 1. Rows of equal confidence stay together.

    Returns
    -------
    Bunch
        Arrays with one value for each share: `answered`, the share of rows that are answered;
        `score`, the score of these; and `threshold`, the least confidence of them.

    Raises
    ------
    ValueError
        If the lengths differ, or a confidence is not finite.

    See Also
    --------
    sklearn_ecg.preprocessing.NoveltyGate : Finds rows to leave to a human by their signals.

    References
    ----------
    .. [1] Geifman Y, El-Yaniv R. Selective classification for deep neural networks. NeurIPS (2017).
       doi:10.48550/arXiv.1705.08500

    Examples
    --------
    >>> from sklearn.metrics import accuracy_score
    >>> from sklearn_ecg.metrics import abstention_curve
    >>> curve = abstention_curve(
    ...     accuracy_score, [1, 0, 1, 0], [1, 0, 1, 1], confidence=[0.9, 0.8, 0.7, 0.6], n_points=2
    ... )
    >>> curve.answered, curve.score, curve.threshold
    (array([0.5, 1. ]), array([1.  , 0.75]), array([0.8, 0.6]))
    """
    y_true, y_pred = column_or_1d(y_true), column_or_1d(y_pred)
    confidence = column_or_1d(confidence).astype(float)
    check_consistent_length(y_true, y_pred, confidence)
    if not np.isfinite(confidence).all():
        raise ValueError("confidence must be finite.")
    descending = np.sort(confidence)[::-1]
    # Whole numbers, because 11 / 20 * 100 is a hair more than 55 and would be rounded up to 56.
    last = -(-np.arange(1, n_points + 1) * len(confidence) // n_points) - 1
    thresholds = np.unique(descending[last])[::-1]
    answered = [confidence >= threshold for threshold in thresholds]
    return Bunch(
        answered=np.array([rows.mean() for rows in answered]),
        score=np.array([metric(y_true[rows], y_pred[rows]) for rows in answered]),
        threshold=thresholds,
    )
