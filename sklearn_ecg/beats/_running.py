"""Medians over neighbouring beats."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

_VALUES_AT_ONCE = 2**22  # a window holds each value many times: 32 MB in float64


def running_median(values, before, after):
    """Take the median over each beat and its neighbours.

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
    """Take a quantile over each beat and its neighbours; see `running_median`.

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
    widths = [(before, after)] + [(0, 0)] * (values.ndim - 1)
    windows = sliding_window_view(np.pad(values, widths, mode="edge"), before + 1 + after, axis=0)
    n_at_once = max(1, _VALUES_AT_ONCE // windows[0].size)
    parts = [
        np.quantile(windows[start : start + n_at_once], quantile, axis=-1)
        for start in range(0, len(windows), n_at_once)
    ]
    return np.concatenate(parts).astype(values.dtype)


def reference(values, causal):
    """Give what is usual in a recording, for each beat to be compared with.

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
