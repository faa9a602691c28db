"""From rows to their segments, and from what is said of segments back to rows."""

import numpy as np

from sklearn_ecg.utils._signals import as_object_array, each_row


def flatten_bags(X):
    """Put the segments of all rows one after the other.

    Parameters
    ----------
    X : ndarray or 1-D object array of ndarrays
        Validated rows: bags of segments, or signals, each of which is one segment.

    Returns
    -------
    segments : ndarray of shape (n_segments_total, length, n_leads)
        All segments, row by row.
    n_segments : ndarray of shape (n_samples,)
        Number of segments of each row.

    Raises
    ------
    ValueError
        If rows are signals of different lengths; the message names the row.
    """
    rows = [row if row.ndim == 3 else row[None] for row in each_row(X)]
    for i, row in enumerate(rows):
        if row.shape[1:] != rows[0].shape[1:]:
            raise ValueError(
                f"row {i} of X has {row.shape[1]} time steps, but row 0 has {rows[0].shape[1]}: "
                "segments must have one length. Cut the rows with a Segmenter."
            )
    return np.concatenate(rows), np.array([len(row) for row in rows])


def split_by_row(values, n_segments, ragged):
    """Give each row what belongs to its segments.

    Parameters
    ----------
    values : ndarray of shape (n_segments_total, ...)
        One value, or several, for each segment, row by row.
    n_segments : ndarray of shape (n_samples,)
        Number of segments of each row.
    ragged : bool
        Whether rows may differ in their number of segments.

    Returns
    -------
    ndarray of shape (n_samples, n_segments, ...)
        The values; if ragged, a 1-D object array of `(n_segments_i, ...)`.
    """
    parts = np.split(values, np.cumsum(n_segments)[:-1])
    return as_object_array(parts) if ragged else np.stack(parts)


def mean_of_segments(values, n_segments):
    """Average over the segments of each row.

    Parameters
    ----------
    values : ndarray of shape (n_segments_total, n_outputs)
        Values of segments, row by row.
    n_segments : ndarray of shape (n_samples,)
        Number of segments of each row.

    Returns
    -------
    ndarray of shape (n_samples, n_outputs)
        The means.
    """
    first_segments = np.cumsum(n_segments) - n_segments
    return np.add.reduceat(values, first_segments, axis=0) / n_segments[:, None]


def max_of_segments(probabilities, n_segments, multilabel=False):
    """Take the highest probability of each class among the segments of each row.

    Parameters
    ----------
    probabilities : ndarray of shape (n_segments_total, n_classes)
        Probabilities of segments, row by row.
    n_segments : ndarray of shape (n_samples,)
        Number of segments of each row.
    multilabel : bool, default=False
        Whether several labels may be true at once; if not, the result is rescaled to sum to 1.

    Returns
    -------
    ndarray of shape (n_samples, n_classes)
        Probabilities.
    """
    first_segments = np.cumsum(n_segments) - n_segments
    highest = np.maximum.reduceat(probabilities, first_segments, axis=0)
    return highest if multilabel else highest / highest.sum(axis=1, keepdims=True)
