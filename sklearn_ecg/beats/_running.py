"""Medians and other quantiles over neighbouring beats."""

import numpy as np
from scipy.ndimage import rank_filter


def running_quantile(values, n_beside, quantile, beyond="edge"):
    """Compute a quantile over each beat and its neighbours.

    Parameters
    ----------
    values : ndarray of shape (n_beats, ...)
        Values of each beat.
    n_beside : int
        Number of neighbours on either side.
    quantile : float
        Between 0 and 1.
    beyond : {"edge", "symmetric"}, default="edge"
        What stands for the beats beyond either end: the first or last beat, or those next to the
        end once more, in reverse. These are modes of `numpy.pad`.

    Returns
    -------
    ndarray of shape (n_beats, ...)
        The quantiles.
    """
    widths = [(n_beside, n_beside)] + [(0, 0)] * (values.ndim - 1)
    return _quantiles(np.pad(values, widths, mode=beyond), 2 * n_beside + 1, quantile)


def reference(values, past, name):
    """Compute the usual values of a recording, to compare each beat with them.

    Parameters
    ----------
    values : ndarray of shape (n_beats, ...)
        Values of each beat.
    past : Past or None
        The beats before, if the reference is the median over the beat and the 63 before it. None
        takes the median over the whole recording.
    name : str
        Name of the values, for `past`.

    Returns
    -------
    ndarray of shape (n_beats, ...), or (1, ...)
        The medians.
    """
    if past is None:
        return np.median(values, axis=0, keepdims=True)
    return past.quantile(name, values, 63)


class Past:
    """Memory of earlier beats, so that beats may come in pieces.

    The pieces have the results of the whole. The memory does not grow.
    """

    def __init__(self):
        self._last = {}

    def extend(self, name, values, n_before):
        """Put earlier values before new ones, and remember the last of all.

        Parameters
        ----------
        name : str
            Name of the values.
        values : ndarray of shape (n_beats, ...)
            Values of new beats, at least one.
        n_before : int
            Number of earlier values. Before the first beat of all, its value is repeated.

        Returns
        -------
        ndarray of shape (n_before + n_beats, ...)
            The values.
        """
        before = self._last.get(name)
        if before is None:
            before = np.repeat(values[:1], n_before, axis=0)
        together = np.concatenate([before, values])
        self._last[name] = together[len(together) - n_before :].copy()
        return together

    def quantile(self, name, values, n_before, quantile=0.5):
        """Compute a quantile over each new beat and those before it.

        Parameters
        ----------
        name, values, n_before
            As in `extend`.
        quantile : float, default=0.5
            Between 0 and 1.

        Returns
        -------
        ndarray of shape (n_beats, ...)
            The quantiles.
        """
        return _quantiles(self.extend(name, values, n_before), n_before + 1, quantile)


def _quantiles(values, n_in_window, quantile):
    """Compute a quantile of each window of so many beats."""
    lower, between = divmod(quantile * (n_in_window - 1), 1)
    ranks = [int(lower), int(lower) + (between > 0)]
    series = np.moveaxis(values, 0, -1)  # end to end: SciPy is ten times as fast in one axis
    window = {"size": n_in_window, "origin": -(n_in_window // 2)}
    ranked = {rank: rank_filter(series.ravel(), rank, **window) for rank in ranks}
    quantiles = (1 - between) * ranked[ranks[0]] + between * ranked[ranks[1]]
    quantiles = np.moveaxis(quantiles.reshape(series.shape), -1, 0)
    return quantiles[: len(values) - n_in_window + 1].astype(values.dtype, order="C", copy=False)
