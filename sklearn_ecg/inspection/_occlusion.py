"""Measure how a probability changes when a part of the signal is covered."""

import numpy as np

_VALUES_AT_ONCE = 2**22


def occlude(predict_proba, X, columns, probabilities, lines, *, window_length, step):
    """Cover one window of one lead after the other, and see by how much the probability falls.

    Parameters
    ----------
    predict_proba : callable
        Takes rows and returns their probabilities, of shape (n_rows, n_classes).
    X : ndarray or 1-D object array of ndarrays
        Validated signals.
    columns : ndarray of int of shape (n_samples,)
        The class that is explained, for each row.
    probabilities : ndarray of shape (n_samples,)
        Its probability, of the whole row.
    lines : ndarray of shape (n_samples, n_leads)
        The level of the line that covers a window.
    window_length, step : int
        Length of a window, and the distance from the start of one to that of the next.

    Returns
    -------
    list of ndarray
        For each value of each row, the mean fall of the probability over the windows that cover
        it; 0 for padding.
    """
    return [
        _occlude_row(predict_proba, row, column, probability, line, window_length, step)
        for row, column, probability, line in zip(X, columns, probabilities, lines, strict=True)
    ]


def _occlude_row(predict_proba, row, column, probability, line, window_length, step):
    signal = row.reshape(len(row), -1)
    is_missing = np.isnan(signal)
    n_timesteps = 1 + max(np.flatnonzero(~is_missing.all(axis=1)), default=-1)
    starts = range(0, max(n_timesteps - window_length, 0) + step, step)
    patches = [
        (slice(start, start + window_length), lead)
        for start in starts
        for lead in range(signal.shape[1])
    ]
    covered = np.where(is_missing, np.nan, line)
    falls, counts = np.zeros(signal.shape), np.zeros(signal.shape)
    n_at_once = max(1, _VALUES_AT_ONCE // signal.size)
    for first in range(0, len(patches), n_at_once):
        some = patches[first : first + n_at_once]
        copies = np.repeat(signal[None], len(some), axis=0)
        for copy, patch in zip(copies, some, strict=True):
            copy[patch] = covered[patch]
        found = predict_proba(copies.reshape(len(some), *row.shape))[:, column]
        for patch, fall in zip(some, probability - found, strict=True):
            falls[patch] += fall
            counts[patch] += 1
    attributions = np.where(is_missing, 0.0, falls / np.maximum(counts, 1))
    return attributions.reshape(row.shape)
