"""The score of the PhysioNet/CinC Challenge 2017."""

import numpy as np

from sklearn_ecg.metrics._arguments import check_arguments
from sklearn_ecg.metrics._counting import count_pairs, mean_f1

_LABELS = ("N", "A", "O", "~")


@check_arguments(
    {"y_true": ["array-like"], "y_pred": ["array-like"], "sample_weight": ["array-like", None]}
)
def cinc2017_score(y_true, y_pred, *, sample_weight=None):
    """Compute the score of the PhysioNet/CinC Challenge 2017.

    The mean F1 of normal rhythm, atrial fibrillation and other rhythms. Noise is a class too:
    a recording that is mistaken for noise, or noise for another class, lowers the F1 of that class.
    The F1 of noise itself does not enter the mean.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Reference label of each recording: `"N"` (normal), `"A"` (atrial fibrillation), `"O"` (other
        rhythm) or `"~"` (noise).
    y_pred : array-like of shape (n_samples,)
        Predicted label of each recording.
    sample_weight : array-like of shape (n_samples,), default=None
        Weight of each recording.

    Returns
    -------
    float
        Between 0 and 1. A class that `y_true` lacks does not enter the mean. The score is NaN if
        `y_true` is all noise.

    Raises
    ------
    ValueError
        If a label is none of these.

    See Also
    --------
    cinc2017_scorer : Scorer form.
    sklearn_ecg.datasets.fetch_cinc2017 : The recordings and their labels.

    References
    ----------
    .. [1] Clifford GD et al. AF classification from a short single lead ECG recording: the
       PhysioNet/Computing in Cardiology Challenge 2017. Computing in Cardiology 44 (2017).
       doi:10.22489/CinC.2017.065-469

    Examples
    --------
    F1 is 4/5 for N, 2/2 for A and 0/1 for O:

    >>> from sklearn_ecg.metrics import cinc2017_score
    >>> cinc2017_score(["N", "N", "A", "O", "~"], ["N", "N", "A", "N", "~"])
    0.6
    """
    counts = count_pairs(y_true, y_pred, _LABELS, sample_weight=sample_weight)[0]
    tp = np.diagonal(counts)
    fn, fp = counts.sum(axis=1) - tp, counts.sum(axis=0) - tp
    return mean_f1(tp[:3], fn[:3], fp[:3])  # noise, the last, is not averaged
