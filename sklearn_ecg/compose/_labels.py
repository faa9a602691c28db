"""Labels of rows, and labels of segments: from the forms of `y` to one label a segment."""

import numpy as np
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_array, check_consistent_length

from sklearn_ecg.utils._fitting import check_row_labels, first_missing
from sklearn_ecg.utils._rows import is_ragged


def spread_row_labels(y, n_segments):
    """Repeat the label of each row for its segments.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Labels of rows.
    n_segments : ndarray of shape (n_samples,)
        Number of segments of each row.

    Returns
    -------
    ndarray of shape (n_segments_total,)
        Labels, row by row.

    Raises
    ------
    ValueError
        If `y` is missing, continuous, of another length, or has labels of segments.
    """
    check_consistent_length(n_segments, y)
    if _are_of_segments(y):
        raise ValueError(
            "y has several labels for each row, but SegmentedClassifier predicts one. If they are "
            "labels of segments, use SegmentLabeler; if they are labels of the row, "
            "MultiOutputClassifier(SegmentedClassifier(...)), of sklearn.multioutput."
        )
    return np.repeat(check_row_labels(y), n_segments)


def join_segment_labels(y, n_segments):
    """Concatenate the labels of the segments of all rows.

    Parameters
    ----------
    y : array-like of shape (n_samples, n_segments)
        Labels of segments; or a list or 1-D object array with the labels (n_segments_i,) of each
        row.
    n_segments : ndarray of shape (n_samples,)
        Number of segments of each row.

    Returns
    -------
    ndarray of shape (n_segments_total,)
        Labels, row by row.

    Raises
    ------
    ValueError
        If `y` is missing, continuous, or does not have one label for each segment of each row. The
        message names the row.
    """
    check_consistent_length(n_segments, y)
    rows = list(y if isinstance(y, list | tuple | np.ndarray) else np.asarray(y))
    if not any(map(np.ndim, rows)):
        raise ValueError(
            "y has one label for each row, but SegmentLabeler needs one for each segment of each "
            "row: use SegmentedClassifier, whose predict_segments tells segments apart."
        )
    for i, (labels, expected) in enumerate(zip(rows, n_segments, strict=True)):
        if np.shape(labels) != (expected,):
            raise ValueError(
                f"row {i} of y has labels of shape {np.shape(labels)}, but row {i} of X has "
                f"{expected} segments: give one label for each segment of each row."
            )
        missing = first_missing(labels)
        if missing is not None:
            raise ValueError(
                f"segment {missing[0]} of row {i} of y is {missing[1]}: give one label for each "
                "segment of each row."
            )
    y = np.concatenate(rows)
    if y.dtype == object:  # as of columns of pandas that know missing values
        plain = np.array(y.tolist())
        y = plain if plain.dtype.kind in "biu" else y
    y = check_array(y, ensure_2d=False, dtype=None, input_name="y")
    check_classification_targets(y)
    return y


def _are_of_segments(y):
    """Check whether there is one array for each row, or a table of more than one column."""
    if not isinstance(y, list | tuple):
        y = np.asarray(y)  # of a column of a data frame too
    shape = np.shape(y) if not is_ragged(y) else (len(y), None)
    return len(shape) == 2 and shape[1] != 1
