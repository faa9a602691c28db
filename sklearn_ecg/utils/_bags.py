"""Turn rows into segments and results of segments into rows: the only place that does."""

import numpy as np
from scipy.special import expit, logit, softmax

from sklearn_ecg.utils._fitting import check_weight_of_rows
from sklearn_ecg.utils._rows import each_row, join_rows


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
    """Split values of segments by row.

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
    return join_rows(parts, ragged=ragged)


def weight_of_segments(sample_weight, n_segments):
    """Share the weight of each row among its segments.

    The sum over all segments stays as if each had the weight of its row. So nothing changes if all
    rows have an equal number of segments.

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
        If their number is not that of the rows, or one is negative.
    """
    if sample_weight is None and (n_segments == n_segments[0]).all():
        return None
    weight = check_weight_of_rows(sample_weight, n_segments)
    mean_n_segments = np.average(n_segments, weights=weight) if weight.any() else 1
    return np.repeat(weight * mean_n_segments / n_segments, n_segments)


def mark_padding(values, n_segments, bag_sizes):
    """Insert NaN for segments that are padding, at the ends of their rows.

    Parameters
    ----------
    values : ndarray of shape (n_segments_total, n_outputs)
        Values of segments, row by row, without those that are padding.
    n_segments : ndarray of shape (n_samples,)
        Number of segments of each row, without those that are padding.
    bag_sizes : ndarray of shape (n_samples,)
        Number of segments of each row, with those that are padding.

    Returns
    -------
    ndarray of shape (bag_sizes.sum(), n_outputs)
        The values, and NaN for padding.
    """
    position = np.arange(bag_sizes.sum()) - np.repeat(np.cumsum(bag_sizes) - bag_sizes, bag_sizes)
    marked = np.full((len(position), values.shape[1]), np.nan)
    marked[position < np.repeat(n_segments, bag_sizes)] = values
    return marked


def combine_segments(probabilities, n_segments, rule, *, multilabel=False, logits=None):
    """Combine the probabilities of the segments of each row into those of the row.

    Parameters
    ----------
    probabilities : ndarray of shape (n_segments_total, n_classes)
        Probabilities of segments, row by row.
    n_segments : ndarray of shape (n_samples,)
        Number of segments of each row.
    rule : {"mean", "mean_logit", "max", "vote"}
        Mean of the probabilities; or of the logits; highest probability of each class, rescaled to
        sum to 1 unless multilabel; or share of segments in which a class is the most probable one,
        or, if multilabel, at least as probable as not.
    multilabel : bool, default=False
        Whether several labels may be true at once.
    logits : ndarray of shape (n_segments_total, n_classes), default=None
        For `"mean_logit"`: scores whose softmax, or expit if multilabel, are the probabilities.
        None takes them from the probabilities, none of which then counts for less than 1.2e-7.

    Returns
    -------
    ndarray of shape (n_samples, n_classes)
        Probabilities; unless multilabel, they sum to 1.
    """
    if rule == "max":
        return max_of_segments(probabilities, n_segments, multilabel=multilabel)
    if rule == "mean_logit":
        if logits is None:
            # A forest may be sure without being right: no segment alone shall rule a class out.
            least = np.finfo(np.float32).eps
            bounded = np.clip(probabilities, least, 1 - least if multilabel else 1)
            logits = logit(bounded) if multilabel else np.log(bounded)
        means = mean_of_segments(logits, n_segments)
        return expit(means) if multilabel else softmax(means, axis=1)
    if rule == "vote":
        if multilabel:
            probabilities = (probabilities >= 0.5).astype(float)
        else:
            probabilities = np.eye(probabilities.shape[1])[probabilities.argmax(axis=1)]
    return mean_of_segments(probabilities, n_segments)


def gradient_of_combination(probabilities, n_segments, rule, columns, *, multilabel, logits):
    """Compute the gradient of one class of `combine_segments` with respect to the logits.

    Parameters
    ----------
    probabilities : ndarray of shape (n_segments_total, n_classes)
        Probabilities of segments, row by row.
    n_segments : ndarray of shape (n_samples,)
        Number of segments of each row.
    rule : {"mean", "mean_logit", "max"}
        As in `combine_segments`. The share of votes has no gradient.
    columns : ndarray of int of shape (n_samples,)
        The class of each row whose probability is differentiated.
    multilabel : bool
        Whether several labels may be true at once.
    logits : ndarray of shape (n_segments_total, n_classes)
        Scores whose softmax, or expit if multilabel, are the probabilities.

    Returns
    -------
    ndarray of shape (n_segments_total, n_classes)
        The gradient.

    Examples
    --------
    >>> import numpy as np
    >>> logits = np.log([[0.25, 0.75], [0.5, 0.5]])
    >>> gradient_of_combination(
    ...     np.exp(logits), np.array([2]), "mean", np.array([1]), multilabel=False, logits=logits
    ... )
    array([[-0.09375,  0.09375],
           [-0.125  ,  0.125  ]])
    """
    wanted = np.eye(probabilities.shape[1])[columns]
    if rule == "max":
        highest = max_of_segments(probabilities, n_segments, multilabel=True)
        by_highest = wanted
        if not multilabel:
            total = highest.sum(axis=1, keepdims=True)
            share = (wanted * highest).sum(axis=1, keepdims=True) / total
            by_highest = (wanted - share) / total
        is_highest = probabilities == np.repeat(highest, n_segments, axis=0)
        # Segments that are equal share what one of them would have.
        by_highest = by_highest / sum_of_segments(is_highest, n_segments)
        by_probability = is_highest * np.repeat(by_highest, n_segments, axis=0)
    else:
        by_probability = np.repeat(wanted / n_segments[:, None], n_segments, axis=0)
    if rule == "mean_logit":  # each segment's logits are an equal part of the row's
        combined = combine_segments(
            probabilities, n_segments, rule, multilabel=multilabel, logits=logits
        )
        probabilities = np.repeat(combined, n_segments, axis=0)
    weighted = probabilities * by_probability
    if multilabel:
        return weighted * (1 - probabilities)
    return weighted - probabilities * weighted.sum(axis=1, keepdims=True)


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
    return sum_of_segments(values, n_segments) / n_segments[:, None]


def sum_of_segments(values, n_segments):
    """Add up over the segments of each row.

    Parameters
    ----------
    values : ndarray of shape (n_segments_total, ...)
        Values of segments, row by row; flags are counted.
    n_segments : ndarray of shape (n_samples,)
        Number of segments of each row.

    Returns
    -------
    ndarray of shape (n_samples, ...)
        The sums.
    """
    values = values.astype(int) if values.dtype == bool else values
    return np.add.reduceat(values, np.cumsum(n_segments) - n_segments, axis=0)


def max_of_segments(probabilities, n_segments, *, multilabel):
    """Take the highest probability of each class among the segments of each row.

    Parameters
    ----------
    probabilities : ndarray of shape (n_segments_total, n_classes)
        Probabilities of segments, row by row.
    n_segments : ndarray of shape (n_samples,)
        Number of segments of each row.
    multilabel : bool
        Whether several labels may be true at once; if not, the result is rescaled to sum to 1.

    Returns
    -------
    ndarray of shape (n_samples, n_classes)
        Probabilities.
    """
    first_segments = np.cumsum(n_segments) - n_segments
    highest = np.maximum.reduceat(probabilities, first_segments, axis=0)
    return highest if multilabel else highest / highest.sum(axis=1, keepdims=True)
