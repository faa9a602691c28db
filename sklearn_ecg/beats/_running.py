"""Medians over neighbouring beats."""

import numpy as np
from scipy.ndimage import rank_filter


def running_median(values, before, after):
    """Compute the median over each beat and its neighbours.

    Beyond either end the first or last beat is repeated.

    Parameters
    ----------
    values : ndarray of shape (n_beats, ...)
        Values of each beat.
    before, after : int
        Neighbours on either side.

    Returns
    -------
    ndarray of shape (n_beats, ...)
        The medians.
    """
    return running_quantile(values, before, after, 0.5)


def running_quantile(values, before, after, quantile):
    """Compute a quantile over each beat and its neighbours; see `running_median`.

    Parameters
    ----------
    values : ndarray of shape (n_beats, ...)
        Values of each beat.
    before, after : int
        Neighbours on either side.
    quantile : float
        Between 0 and 1.

    Returns
    -------
    ndarray of shape (n_beats, ...)
        The quantiles.
    """
    n_in_window = before + 1 + after
    lower, between = divmod(quantile * (n_in_window - 1), 1)
    # Two axes, because SciPy 1.15 and 1.16.0 go astray on one if the window is longer
    # (scipy#23293). Its window reaches back by half its length and the origin.
    columns = values.reshape(len(values), -1)
    window = {"size": (n_in_window, 1), "origin": (before - n_in_window // 2, 0)}

    def ranked(rank):
        return rank_filter(columns, int(rank), mode="nearest", **window).reshape(values.shape)

    if not between:
        return ranked(lower)
    quantiles = (1 - between) * ranked(lower) + between * ranked(lower + 1)
    return quantiles.astype(values.dtype)


def reference(values, causal):
    """Compute the usual values of a recording, to compare each beat with them.

    Parameters
    ----------
    values : ndarray of shape (n_beats, ...)
        Values of each beat.
    causal : bool
        Whether it is the median over the beat and the 63 before it, or over the whole recording.

    Returns
    -------
    ndarray of shape (n_beats, ...), or (1, ...)
        The medians.
    """
    if causal:
        return running_median(values, before=63, after=0)
    return np.median(values, axis=0, keepdims=True)
