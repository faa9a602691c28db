"""What the columns of a classifier's probabilities stand for."""

import numpy as np


def names_of_columns(classes):
    """Name the columns of `predict_proba`.

    Parameters
    ----------
    classes : array-like of shape (n_classes,) or (n_labels, 2)
        `classes_` of a fitted classifier; `[0, 1]` for each label, if several may be true at once.

    Returns
    -------
    ndarray of shape (n_classes,) or (n_labels,)
        The classes, or the numbers of the labels.

    Examples
    --------
    >>> names_of_columns([[0, 1], [0, 1], [0, 1]])
    array([0, 1, 2])
    """
    return np.arange(len(classes)) if np.ndim(classes) == 2 else np.asarray(classes)
