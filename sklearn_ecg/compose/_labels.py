"""Labels of rows or of their segments."""

import numpy as np
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_array, check_consistent_length, column_or_1d

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
