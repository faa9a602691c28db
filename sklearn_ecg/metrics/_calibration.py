"""Compare probabilities with observed frequencies."""

from functools import partial
from numbers import Integral, Real

import numpy as np
from sklearn.utils import Bunch
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import (
    _check_sample_weight,
    check_array,
    check_consistent_length,
    column_or_1d,
)

from sklearn_ecg.metrics._arguments import check_arguments
from sklearn_ecg.metrics._bootstrap import bootstrap_interval

_CONSTRAINTS = {
    "y_true": ["array-like"],
    "y_prob": ["array-like"],
    "n_bins": [Interval(Integral, 1, None, closed="left")],
}


@check_arguments({**_CONSTRAINTS, "sample_weight": ["array-like", None]})
def expected_calibration_error(y_true, y_prob, *, n_bins=10, sample_weight=None):
    """Compute how far probabilities are from observed frequencies, on average.

    The probabilities are sorted into bins of equal width. The error of a bin is the difference
    between its mean probability and the observed share of 1; the mean of these errors is weighted
    by the rows in each bin.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        1 where the event occurred, and 0 elsewhere. For the confidence of a classifier of several
        classes: whether its prediction is right.
    y_prob : array-like of shape (n_samples,)
        Probability of the event, or the confidence, from 0 to 1.
    n_bins : int, default=10
        Number of bins between 0 and 1. Each holds its lower edge, and the last one 1 too.
    sample_weight : array-like of shape (n_samples,), default=None
        Weight of each row.

    Returns
    -------
    float
        The error, between 0 and 1.

    Raises
    ------
    ValueError
        If `y_true` holds anything but 0 and 1, `y_prob` is not between 0 and 1, or a weight is
        negative.

    See Also
    --------
    reliability_curve : The error bin by bin, with an interval over patients.
    sklearn.metrics.brier_score_loss : Also rewards probabilities that tell cases apart.

    Notes
    -----
    The error of a sample is above 0 even if the probabilities are right: for probabilities that are
    spread evenly, in ten bins, it is .07 with 200 rows and .03 with 1000 on average. So compare
    models on the same rows only. The interval of :func:`bootstrap_interval` does not measure its
    uncertainty: draws add chance to chance, so it lies too high, does not reach 0 and may leave out
    the value itself. The example shows the errors that chance alone makes, where rows are
    independent: one of each patient.

    References
    ----------
    .. [1] Guo C et al. On calibration of modern neural networks. ICML (2017).
       doi:10.48550/arXiv.1706.04599

    Examples
    --------
    >>> from sklearn_ecg.metrics import expected_calibration_error
    >>> round(expected_calibration_error([1, 1, 0, 1], [0.9, 0.9, 0.1, 0.1]), 3)
    0.25

    Probabilities that are right, of 200 rows:

    >>> import numpy as np
    >>> rng = np.random.RandomState(0)
    >>> y_prob = rng.uniform(size=200)
    >>> by_chance = [
    ...     expected_calibration_error(rng.uniform(size=200) < y_prob, y_prob) for _ in range(200)
    ... ]
    >>> round(float(np.mean(by_chance)), 2)
    0.07
    """
    y_true, y_prob = _check(y_true, y_prob)
    weight = _check_sample_weight(sample_weight, y_prob, ensure_non_negative=True)
    bins = np.minimum((y_prob * n_bins).astype(int), n_bins - 1)
    gaps = np.bincount(bins, weight * (y_true - y_prob), minlength=n_bins)
    return float(np.abs(gaps).sum() / weight.sum())


@check_arguments(
    {
        **_CONSTRAINTS,
        "groups": ["array-like", None],
        "confidence_level": [Interval(Real, 0, 1, closed="neither")],
        "random_state": ["random_state"],
    }
)
def reliability_curve(
    y_true, y_prob, *, groups=None, n_bins=10, confidence_level=0.95, random_state=None
):
    """Compare probabilities with observed frequencies, with an interval over patients.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        1 where the event occurred, and 0 elsewhere.
    y_prob : array-like of shape (n_samples,)
        Probability of the event, from 0 to 1.
    groups : array-like of shape (n_samples,), default=None
        The patient of each row. None takes each row for a patient.
    n_bins : int, default=10
        Number of bins, which hold equally many rows; fewer where probabilities are equal.
    confidence_level : float, default=0.95
        Share of the bootstrap draws of patients that the interval holds.
    random_state : int, RandomState instance or None, default=None
        Seed of the draws.

    Returns
    -------
    Bunch
        Arrays with one value for each bin: `predicted`, the mean probability; `observed`, the share
        of 1; `low` and `high`, the ends of its interval; and `n_samples`, its rows.

    Raises
    ------
    ValueError
        If `y_true` holds anything but 0 and 1, or `y_prob` is not between 0 and 1, or there are
        fewer than two patients.

    See Also
    --------
    sklearn_ecg.plotting.ReliabilityDisplay : Draws it.
    sklearn.calibration.calibration_curve : The curve without an interval.
    expected_calibration_error : One figure for it.

    Notes
    -----
    Where all rows of a bin are 0, or all are 1, so are those of each draw: `low` and `high` are the
    value. This does not mean that the frequency is certain; see :func:`bootstrap_interval`.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_ecg.metrics import reliability_curve
    >>> y_prob = np.tile([0.2, 0.7], 50)
    >>> y_true = np.arange(100) % 10 >= 5
    >>> curve = reliability_curve(y_true, y_prob, groups=np.arange(100) // 5, random_state=0)
    >>> curve.predicted, curve.observed
    (array([0.2, 0.7]), array([0.4, 0.6]))
    """
    y_true, y_prob = _check(y_true, y_prob)
    edges = np.unique(np.quantile(y_prob, np.linspace(0, 1, n_bins + 1)[1:-1]))
    bins = np.unique(np.searchsorted(edges, y_prob, side="right"), return_inverse=True)[1]
    counts = np.bincount(bins)
    interval = bootstrap_interval(
        partial(_observed, n_bins=len(counts)),
        y_true,
        bins,
        groups=np.arange(len(bins)) if groups is None else groups,
        confidence_level=confidence_level,
        random_state=random_state,
    )
    return Bunch(
        predicted=np.bincount(bins, y_prob) / counts,
        observed=interval.value,
        low=interval.low,
        high=interval.high,
        n_samples=counts,
    )


def _observed(y_true, bins, sample_weight=None, *, n_bins):
    """Compute the share of 1 in each bin; NaN in those that are empty."""
    weight = np.ones(len(bins)) if sample_weight is None else sample_weight
    n_events = np.bincount(bins, weight * y_true, minlength=n_bins)
    n_rows = np.bincount(bins, weight, minlength=n_bins)
    return np.divide(n_events, n_rows, out=np.full(n_bins, np.nan), where=n_rows > 0)


def _check(y_true, y_prob):
    y_true = column_or_1d(y_true)
    if not np.isin(y_true, (0, 1)).all():
        raise ValueError("y_true must be 1 for rows with the event and 0 for the others.")
    y_prob = check_array(column_or_1d(y_prob), ensure_2d=False, dtype=float, input_name="y_prob")
    check_consistent_length(y_true, y_prob)
    if not ((y_prob >= 0) & (y_prob <= 1)).all():
        raise ValueError("y_prob must hold probabilities, from 0 to 1.")
    return y_true.astype(float), y_prob
