"""Runs of flags, and of equal values."""

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


def begins_of_runs(values):
    """Find where runs of equal values begin.

    Parameters
    ----------
    values : ndarray of shape (n,)
        The values, at least one.

    Returns
    -------
    ndarray of int of shape (n_runs,)
        The positions, in order.
    """
    return np.flatnonzero(np.append(True, values[1:] != values[:-1]))


def in_long_runs(series, shortest):
    """Mark values that are among so many equal ones in a row.

    Parameters
    ----------
    series : ndarray of shape (n,)
        The values. NaN equals nothing.
    shortest : int
        How many, at least 2.

    Returns
    -------
    ndarray of bool of shape (n,)
        True for each value of such a run.
    """
    inside = np.zeros(len(series), dtype=bool)
    some = series[:: shortest // 2]
    if not (some[1:] == some[:-1]).any():  # as nearly always
        return inside
    runs = find_runs(series[1:] == series[:-1])
    for start, stop in runs[runs[:, 1] - runs[:, 0] >= shortest - 1]:
        inside[start : stop + 1] = True
    return inside
