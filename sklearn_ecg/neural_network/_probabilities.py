"""From the outputs of a network to probabilities."""

import numpy as np
from scipy.special import expit, softmax


def logits_of_classes(outputs, multilabel):
    """Give each class a logit, where a network that tells two apart puts out one for both.

    Parameters
    ----------
    outputs : ndarray of shape (n_sequences, n_outputs), float64
        One number for two classes, else one for each class or label.
    multilabel : bool
        Whether several labels may be true at once.

    Returns
    -------
    ndarray of shape (n_sequences, n_classes)
        Logits.
    """
    if multilabel or outputs.shape[1] > 1:
        return outputs
    return np.hstack([-outputs / 2, outputs / 2])


def to_probabilities(logits, multilabel):
    """Turn logits into probabilities, in float64 so that they sum to 1.

    Parameters
    ----------
    logits : ndarray of shape (n_sequences, n_classes), float64
        One logit for each class or label.
    multilabel : bool
        Whether several labels may be true at once.

    Returns
    -------
    ndarray of shape (n_sequences, n_classes)
        Probabilities.
    """
    return expit(logits) if multilabel else softmax(logits, axis=1)
