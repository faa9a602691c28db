"""Labels of rows or of their segments, and the weights that rows share among their segments."""

import numpy as np
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    _check_sample_weight,
    check_array,
    check_consistent_length,
    column_or_1d,
)

from sklearn_ecg.utils._signals import is_ragged


def are_of_segments(y):
    """Tell whether there is a label for each segment instead of one for each row.

    Parameters
    ----------
    y : array-like
        Labels.

    Returns
    -------
    bool
        True for one array per row, and for a table of more than one column.
    """
    if not isinstance(y, list | tuple):
        y = np.asarray(y)  # of a column of a data frame too
    if is_ragged(y):
        return True
    shape = np.shape(y)
    return len(shape) == 2 and shape[1] > 1


def labels_of_segments(y, n_segments):
    """Give each segment its label: its own if it has one, else that of its row.

    Parameters
    ----------
    y : array-like of shape (n_samples,) or (n_samples, n_segments)
        Labels of rows or of segments; or a list with the labels (n_segments_i,) of each row.
    n_segments : ndarray of shape (n_samples,)
        Number of segments of each row.

    Returns
    -------
    ndarray of shape (n_segments_total,)
        Labels, row by row.

    Raises
    ------
    ValueError
        If they are missing, not of a class, or not as many as there are rows or segments.
    """
    if y is None:
        raise ValueError(
            "This SegmentedClassifier estimator requires y to be passed, but the target y is None."
        )
    check_consistent_length(n_segments, y)
    if not are_of_segments(y):
        y = column_or_1d(check_array(y, ensure_2d=False, dtype=None, input_name="y"), warn=True)
        check_classification_targets(y)
        return np.repeat(y, n_segments)
    rows = y if isinstance(y, list | tuple) else np.asarray(y)
    of_rows = [np.asarray(labels) for labels in rows]
    for i, (labels, expected) in enumerate(zip(of_rows, n_segments, strict=True)):
        if labels.shape != (expected,):
            raise ValueError(
                f"row {i} of y has labels of shape {labels.shape}, but row {i} of X has {expected} "
                "segments: give one label for each row, or one for each segment of each row."
            )
    y = check_array(np.concatenate(of_rows), ensure_2d=False, dtype=None, input_name="y")
    check_classification_targets(y)
    return y


def weight_of_segments(sample_weight, n_segments):
    """Share the weight of each row among its segments.

    The sum over all segments stays what it would be if each had the weight of its row, so that
    nothing changes where all rows have the same number of segments.

    Parameters
    ----------
    sample_weight : array-like of shape (n_samples,) or None
        Weights of rows; None stands for 1 each.
    n_segments : ndarray of shape (n_samples,)
        Number of segments of each row.

    Returns
    -------
    ndarray of shape (n_segments_total,) or None
        Weights of segments; None if they are all 1.

    Raises
    ------
    ValueError
        If there is not one for each row, or one is negative.
    """
    if sample_weight is None and (n_segments == n_segments[0]).all():
        return None
    weight = _check_sample_weight(sample_weight, n_segments, ensure_non_negative=True)
    mean_n_segments = np.average(n_segments, weights=weight) if weight.any() else 1
    return np.repeat(weight * mean_n_segments / n_segments, n_segments)
