"""Runs of flags."""

import numpy as np


def find_runs(flags):
    """Find the runs of flags that are set.

    Parameters
    ----------
    flags : ndarray of bool of shape (n,)
        The flags.

    Returns
    -------
    ndarray of int of shape (n_runs, 2)
        Where each run begins, and where it has ended.
    """
    return np.flatnonzero(np.diff(flags, prepend=False, append=False)).reshape(-1, 2)
