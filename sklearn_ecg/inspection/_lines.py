"""Compute the flat lines that stand for an absent signal."""

import numpy as np

from sklearn_ecg.utils._warning import ignored_warnings


def flat_lines(X, n_channels, pooled=False):
    """Compute the level of each lead of each row: its median, in which padding has no part.

    A lead rests at its median, because waves take up little of the time. A line at 0 would be a
    jump in a signal with an offset.

    Parameters
    ----------
    X : ndarray or 1-D object array of ndarrays
        Rows whose last axis is the lead, or time steps of all leads, ordered by time first.
    n_channels : int
        Number of leads.
    pooled : bool, default=False
        Whether all rows have one level, the median over all of them.

    Returns
    -------
    ndarray of shape (n_samples, n_channels)
        The levels; NaN for a lead that is missing.
    """
    rows = [np.asarray(row).reshape(-1, n_channels) for row in X]
    with ignored_warnings("All-NaN slice encountered", RuntimeWarning):
        if pooled:
            return np.tile(np.nanmedian(np.concatenate(rows), axis=0), (len(rows), 1))
        return np.stack([np.nanmedian(row, axis=0) for row in rows])
