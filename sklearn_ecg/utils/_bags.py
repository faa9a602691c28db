"""Turn rows into segments and results of segments into rows: the only place that does."""

import numpy as np
from scipy.special import expit, logit, softmax
from sklearn.utils.validation import _check_sample_weight

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


def are_used(segments, bag_sizes):
    """Mark the segments that are not padding, which is NaN throughout, at the end of its row.

    Parameters
    ----------
    segments : ndarray of shape (n_segments_total, length, n_leads)
        All segments, row by row.
    bag_sizes : ndarray of shape (n_samples,)
        Number of segments of each row.

    Returns
    -------
    ndarray of bool of shape (n_segments_total,)
        False for padding. The first segment of a row is used in any case.

    Examples
    --------
    >>> import numpy as np
    >>> segments = np.array([0.5, np.nan, 1.5, np.nan])[:, None, None]
    >>> are_used(segments, np.array([4])), are_used(segments, np.array([2, 2]))
    (array([ True,  True,  True, False]), array([ True, False,  True, False]))
    """
    with np.errstate(over="ignore", invalid="ignore"):
        if not np.isnan(segments.sum()):  # needs no array of flags
            return np.ones(len(segments), dtype=bool)
    first_segments = np.cumsum(bag_sizes) - bag_sizes
    position = np.arange(len(segments)) - np.repeat(first_segments, bag_sizes)
    is_padding = np.isnan(segments).all(axis=(1, 2))
    last_used = np.maximum.reduceat(np.where(is_padding, 0, position), first_segments)
    return position <= np.repeat(last_used, bag_sizes)


def count_steps(segments):
    """Count the steps of each segment up to the padding, NaN, at its end.

    Parameters
    ----------
    segments : ndarray of shape (n_segments, n_steps, n_features)
        Segments, or signals. A step that holds any NaN is not valid.

    Returns
    -------
    lengths : ndarray of shape (n_segments,)
        Steps up to the last valid one; 0 for a segment that is padding throughout.
    first_missing : ndarray of shape (n_segments,)
        First step that is not valid, or `n_steps`. Before the end of the segment, where it is less
        than the length, it is not padding but a missing value.

    Examples
    --------
    >>> import numpy as np
    >>> segments = np.array([[[1.0], [2.0], [np.nan]], [[1.0], [np.nan], [3.0]]])
    >>> count_steps(segments)
    (array([2, 3]), array([2, 1]))
    """
    n_segments, n_steps, _ = segments.shape
    with np.errstate(over="ignore", invalid="ignore"):
        if not np.isnan(segments.sum()):  # needs no array of flags
            return np.full(n_segments, n_steps), np.full(n_segments, n_steps)
    is_valid = ~np.isnan(segments).any(axis=2)
    lengths = np.where(is_valid.any(axis=1), n_steps - is_valid[:, ::-1].argmax(axis=1), 0)
    return lengths, np.where(is_valid.all(axis=1), n_steps, is_valid.argmin(axis=1))


def refuse_gaps(X, name):
    """Refuse missing values other than padding, which is NaN at the end of a signal.

    Parameters
    ----------
    X : ndarray or 1-D object array of ndarrays
        Validated signals or segments.
    name : str
        Name of the estimator that refuses, for the message.

    Raises
    ------
    ValueError
        If a value is missing before the last time step that is whole, or if no time step is whole
        though some leads have values. The message names the row.
    """
    for i, row in enumerate(each_row(X)):
        if not np.isnan(row).any():
            continue
        bag = row if row.ndim == 3 else row[None]
        lengths, first_missing = count_steps(bag)
        lacks_lead = (lengths == 0) & ~np.isnan(bag).all(axis=(1, 2))
        is_refused = (first_missing < lengths) | lacks_lead
        if is_refused.any():
            segment = int(is_refused.argmax())
            time = int(first_missing[segment])
            lead = int(np.isnan(bag[segment, time]).argmax())
            where = f"segment {segment}, " if row.ndim == 3 else ""
            raise ValueError(
                f"Input X contains NaN: row {i}, {where}time step {time}, lead {lead}. {name} does "
                "not accept missing values: fill them before, by a GapFiller."
            )


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
    return as_object_array(parts) if ragged else np.stack(parts)


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
    weight = _check_sample_weight(sample_weight, n_segments, ensure_non_negative=True)
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
        return max_of_segments(probabilities, n_segments, multilabel)
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
        first_segments = np.cumsum(n_segments) - n_segments
        highest = np.maximum.reduceat(probabilities, first_segments, axis=0)
        by_highest = wanted
        if not multilabel:
            total = highest.sum(axis=1, keepdims=True)
            share = (wanted * highest).sum(axis=1, keepdims=True) / total
            by_highest = (wanted - share) / total
        is_highest = probabilities == np.repeat(highest, n_segments, axis=0)
        by_probability = is_highest * np.repeat(by_highest, n_segments, axis=0)
    else:
        by_probability = np.repeat(wanted / n_segments[:, None], n_segments, axis=0)
    if rule == "mean_logit":  # of whose mean each segment's logits are an equal part
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
