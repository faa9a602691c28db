"""Check labels, and leave nothing fitted where a `fit` fails."""

from functools import wraps

import numpy as np
from sklearn.utils.validation import check_array

from sklearn_ecg.utils._containers import is_missing


def all_or_nothing(fit):
    """Decorate a `fit` or `partial_fit` so that it leaves nothing behind if it fails.

    A new fit first removes the attributes of an earlier one. `partial_fit`, and `fit` with
    `warm_start`, continue an earlier fit: they keep its attributes, and restore them if they fail.
    Ctrl-C is a failure too. The names of learnt attributes end in an underscore.

    Parameters
    ----------
    fit : method
        The method.

    Returns
    -------
    method
        The decorated method.
    """

    @wraps(fit)
    def fit_all_or_nothing(estimator, *args, **kwargs):
        goes_on = fit.__name__ == "partial_fit" or getattr(estimator, "warm_start", False)
        before = _learnt(estimator) if goes_on else {}
        if not goes_on:
            _forget(estimator)
        try:
            return fit(estimator, *args, **kwargs)
        except BaseException:
            _forget(estimator)
            vars(estimator).update(before)
            raise

    return fit_all_or_nothing


def require_y(y, name):
    """Refuse to fit a classifier without labels.

    Parameters
    ----------
    y : array-like or None
        The labels.
    name : str
        Name of the classifier, for the message.

    Raises
    ------
    ValueError
        If `y` is None.
    """
    if y is None:  # scikit-learn's suite expects these words
        raise ValueError(
            f"This {name} estimator requires y to be passed, but the target y is None."
        )


def check_labels(y):
    """Turn labels into an array.

    Parameters
    ----------
    y : array-like of shape (n_samples,) or (n_samples, n_labels)
        Labels, in an array, a list or columns of a data frame.

    Returns
    -------
    ndarray of shape (n_samples,) or (n_samples, n_labels)
        The labels.

    Raises
    ------
    ValueError
        If a label is missing; the message names its row.
    """
    labels = np.asarray(y)
    if labels.ndim == 1 and labels.dtype.kind in "fO":
        for i, label in enumerate(labels):
            if is_missing(label):
                raise ValueError(f"row {i} of y is {label}: leave rows without a label out.")
    return check_array(y, ensure_2d=False, dtype=None, input_name="y")


def _learnt(estimator):
    return {name: value for name, value in vars(estimator).items() if name.endswith("_")}


def _forget(estimator):
    for name in _learnt(estimator):
        delattr(estimator, name)
