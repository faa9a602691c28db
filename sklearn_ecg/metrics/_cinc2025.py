"""The score of the PhysioNet/CinC Challenge 2025."""

from numbers import Real

import numpy as np
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_array, check_consistent_length, column_or_1d

from sklearn_ecg.metrics._arguments import check_arguments


@check_arguments(
    {
        "y_true": ["array-like"],
        "y_score": ["array-like"],
        "fraction": [Interval(Real, 0, 1, closed="right")],
    }
)
def cinc2025_score(y_true, y_score, *, fraction=0.05):
    """Compute the share of the sick patients that a few tests reach, in the order of a score.

    Tests are given to a fraction of the patients, in the order of their score. The share of all
    sick patients that these tests reach is the score of the PhysioNet/CinC Challenge 2025, on
    Chagas disease.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        1 where a patient is sick, else 0.
    y_score : array-like of shape (n_samples,)
        Predicted probability of being sick, or any score that grows with it.
    fraction : float, default=0.05
        Share of the patients to be tested; the number is rounded down.

    Returns
    -------
    float
        Between 0 and 1; NaN if no patient is sick.

    Raises
    ------
    ValueError
        If the lengths differ, `y_true` holds anything but 0 and 1, or the fraction is less than one
        patient.

    See Also
    --------
    cinc2025_scorer : Scorer form.

    Notes
    -----
    If more patients share one score than tests are left, each of them gets a test with equal
    chance, and the score is the expected share. The challenge's program estimates it by
    10,000 random orders.

    References
    ----------
    .. [1] Reyna MA et al. Detection of Chagas disease from the ECG: the George B. Moody PhysioNet
       Challenge 2025. arXiv:2510.02202 (2025). doi:10.48550/arXiv.2510.02202

    Examples
    --------
    Two of ten patients are sick, and the one test for 10 % of them reaches one of the two:

    >>> from sklearn_ecg.metrics import cinc2025_score
    >>> y_true = [1, 0, 1, 0, 0, 0, 0, 0, 0, 0]
    >>> y_score = [0.9, 0.8, 0.7, 0.3, 0.3, 0.2, 0.2, 0.1, 0.1, 0.1]
    >>> cinc2025_score(y_true, y_score, fraction=0.1)
    0.5
    """
    y_true = column_or_1d(y_true)
    y_score = check_array(column_or_1d(y_score), ensure_2d=False, input_name="y_score")
    check_consistent_length(y_true, y_score)
    if not np.isin(y_true, (0, 1)).all():
        raise ValueError("y_true must be 1 where a patient is sick, and 0 elsewhere.")
    y_true = y_true.astype(int)
    n_tests = int(fraction * len(y_true))
    if not n_tests:
        raise ValueError(
            f"fraction={fraction} of {len(y_true)} patients is less than one: pass more patients."
        )
    if not y_true.any():
        return float("nan")
    last = np.sort(y_score)[-n_tests]  # the lowest score that is tested
    is_above, is_at = y_score > last, y_score == last
    share_at = (n_tests - is_above.sum()) / is_at.sum()
    return float((y_true[is_above].sum() + share_at * y_true[is_at].sum()) / y_true.sum())
