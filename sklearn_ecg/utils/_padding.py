"""Recognize padding: NaN at the end of a signal, a segment or a bag.

A time step of a signal is padding if all its leads are NaN: one lead alone is missing. A step of a
sequence is padding if any of its features is NaN, because a frame may be cut by the end of the
signal.
"""

import numpy as np

from sklearn_ecg.utils._rows import are_surely_finite, each_row


def unpadded_lengths(signals):
    """Count the time steps of each signal up to its padding, which is NaN in all leads at its end.

    Parameters
    ----------
    signals : ndarray of shape (..., n_timesteps, n_leads)
        Signals.

    Returns
    -------
    ndarray of int of shape (...)
        The counts; 0 for a row without any value.
    """
    n_timesteps = signals.shape[-2]
    lengths = np.full(signals.shape[:-2], n_timesteps)
    # Most signals have a value at their last time step, so that only this one is looked at.
    ends_missing = np.isnan(signals[..., -1, :]).all(axis=-1)
    if not ends_missing.any():
        return lengths
    is_missing = np.isnan(signals[ends_missing]).all(axis=-1)
    n_missing = np.where(is_missing.all(axis=-1), n_timesteps, is_missing[:, ::-1].argmin(axis=-1))
    lengths[ends_missing] -= n_missing
    return lengths


def find_padding(rows):
    """Mark the time steps of rows that are padding.

    Padding is NaN in all leads at the end of a signal, or of a segment, and so are segments of
    nothing but NaN at the end of a row. A row without any value has no padding: it is missing.

    Parameters
    ----------
    rows : ndarray of shape (n_samples, [n_segments,] n_timesteps, n_leads)
        Signals or segments.

    Returns
    -------
    ndarray of bool of shape (n_samples, [n_segments,] n_timesteps)
        The marks.
    """
    lengths = unpadded_lengths(rows)
    is_empty = lengths == 0
    if rows.ndim == 4:
        # Empty segments before the last one that has a value are missing.
        is_missing = np.logical_or.accumulate(~is_empty[:, ::-1], axis=1)[:, ::-1]
        is_missing |= is_empty.all(axis=1, keepdims=True)
        is_empty &= is_missing
    lengths[is_empty] = rows.shape[-2]
    return np.arange(rows.shape[-2]) >= lengths[..., None]


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
    if are_surely_finite(segments):
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
    if are_surely_finite(segments):
        return np.full(n_segments, n_steps), np.full(n_segments, n_steps)
    is_valid = ~np.isnan(segments).any(axis=2)
    lengths = np.where(is_valid.any(axis=1), n_steps - is_valid[:, ::-1].argmax(axis=1), 0)
    return lengths, np.where(is_valid.all(axis=1), n_steps, is_valid.argmin(axis=1))


def is_padded_throughout(segments):
    """Mark the segments without a step because the signal ended before it, or in its first step.

    Parameters
    ----------
    segments : ndarray of shape (n_segments, n_steps, n_features)
        Segments, or signals.

    Returns
    -------
    ndarray of bool of shape (n_segments,)
        False for a segment with a whole step, and for one without because a lead is missing.
    """
    has_value = ~np.isnan(segments.reshape(len(segments), -1))
    # Each step lists its values in order of time, so that padding is their end.
    resumes = (has_value[:, 1:] & ~has_value[:, :-1]).any(axis=1)
    n_values = has_value.sum(axis=1)
    return (n_values == 0) | (has_value[:, 0] & ~resumes & (n_values < segments.shape[2]))


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
