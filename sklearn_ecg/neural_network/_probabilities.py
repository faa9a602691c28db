"""From the logits of segments to the probabilities of rows."""

import numpy as np
from scipy.special import expit, softmax

from sklearn_ecg.utils._bags import max_of_segments, mean_of_segments


def to_probabilities(logits, multilabel):
    """Turn logits into probabilities, in float64 so that they sum to 1.

    Parameters
    ----------
    logits : ndarray of shape (n_sequences, n_outputs), float64
        One logit for two classes, else one for each class or label.
    multilabel : bool
        Whether several labels may be true at once.

    Returns
    -------
    ndarray of shape (n_sequences, n_classes)
        Probabilities.
    """
    if multilabel:
        return expit(logits)
    if logits.shape[1] == 1:
        return np.hstack([expit(-logits), expit(logits)])
    return softmax(logits, axis=1)


def combine_segments(logits, n_segments, multilabel, aggregate):
    """Make one row of probabilities from the logits of its segments.

    Parameters
    ----------
    logits : ndarray of shape (n_sequences, n_outputs)
        Outputs of the network, row by row.
    n_segments : ndarray of shape (n_samples,)
        Number of sequences of each row.
    multilabel : bool
        Whether several labels may be true at once.
    aggregate : {"mean", "mean_logit", "max", "vote"}
        How they are combined; see `LSTMClassifier`.

    Returns
    -------
    ndarray of shape (n_samples, n_classes)
        Probabilities; unless multilabel, they sum to 1.
    """
    if aggregate == "mean_logit":
        return to_probabilities(mean_of_segments(logits, n_segments), multilabel)
    probabilities = to_probabilities(logits, multilabel)
    if aggregate == "max":
        return max_of_segments(probabilities, n_segments, multilabel)
    if aggregate == "vote":
        if multilabel:
            probabilities = (probabilities >= 0.5).astype(float)
        else:
            probabilities = np.eye(probabilities.shape[1])[probabilities.argmax(axis=1)]
    return mean_of_segments(probabilities, n_segments)
