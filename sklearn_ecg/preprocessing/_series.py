"""Apply a function of time alone to every lead of every row."""

from functools import partial

import numpy as np

from sklearn_ecg.utils._padding import unpadded_lengths
from sklearn_ecg.utils._rows import groups_of_rows, is_ragged, map_rows

_VALUES_AT_ONCE = 2**20  # 8 MB in float64: pieces stay small, even if there are many rows


def map_series(function, X, length_out=int):
    """Apply a function of `(n_series, n_timesteps)` to the leads of all rows.

    Ragged rows of similar length are worked on together, because a call costs more than the work on
    a few thousand values. If there are few different lengths, so are those of the same length.

    Parameters
    ----------
    function : callable
        Takes an array of shape (n_series, n_timesteps), float32 or float64, into which it must not
        write, and returns an array of shape (n_series, n_timesteps_out). It also takes `lengths`,
        of shape (n_series,). If they are passed, nothing is missing, each series repeats its last
        value beyond its length, and only as much of each result as `length_out` says has to be
        right.
    X : ndarray or 1-D object array of ndarrays
        Validated signals or segments.
    length_out : callable, default=int
        Computes the length of a result from that of its signal.

    Returns
    -------
    ndarray or 1-D object array of ndarrays
        The results in the form and dtype of `X`, with another number of time steps.
    """
    each = partial(by_series, function)
    if not is_ragged(X) or X[0].ndim > 2 or 8 * len(set(map(len, X))) <= len(X):
        return map_rows(each, X, keeps_form=True)
    out = np.empty(len(X), dtype=object)
    for positions in groups_of_rows(X, similar=True):
        rows = [row[:, None] if row.ndim == 1 else row for row in X[positions]]
        if len(rows) > 1:
            results = _together(function, rows, length_out)
        else:
            results = map(each, rows)
        for position, result in zip(positions, results, strict=True):
            out[position] = result[:, 0] if X[position].ndim == 1 else result
    return out


def _together(function, rows, length_out):
    """Yield the results of several rows; those without missing values are worked on at once."""
    lengths = np.array(list(map(len, rows)))
    series = np.empty((len(rows), rows[0].shape[1], lengths.max()))
    for to, row in zip(series, rows, strict=True):
        to[:, : len(row)] = row.T
        to[:, len(row) :] = row[-1, :, None]
    is_whole = ~np.isnan(series.sum(axis=(1, 2)))
    if is_whole.any():
        whole = series if is_whole.all() else series[is_whole]
        n_whole, n_leads, n_timesteps = whole.shape
        lengths = np.repeat(lengths[is_whole], n_leads)
        results = function(whole.reshape(-1, n_timesteps), lengths=lengths)
        results = iter(results.reshape(n_whole, n_leads, -1))
    for row, has_all in zip(rows, is_whole, strict=True):
        if has_all:
            result = next(results)[:, : length_out(len(row))]
            yield np.array(result.T, dtype=row.dtype, order="C")
        else:
            yield by_series(function, row)


def by_series(function, signals):
    """Apply a function of `(n_series, n_timesteps)` to signals without their padding.

    Parameters
    ----------
    function : callable
        As `map_series` takes it; without `lengths`.
    signals : ndarray of shape (..., n_timesteps, n_leads)
        Signals. NaN in all leads at the end of one is padding.

    Returns
    -------
    ndarray of shape (..., n_timesteps_out, n_leads)
        The results, in the dtype of `signals`, padded in their turn: they start with what the
        function makes of the signal that was padded.
    """
    lengths = unpadded_lengths(signals).ravel()
    n_timesteps = signals.shape[-2]
    lengths[lengths == 0] = n_timesteps  # missing, not padded
    if (lengths == n_timesteps).all():
        return _in_parts(function, signals)
    flat = signals.reshape(-1, *signals.shape[-2:])
    # What is longest decides on the length of all results.
    n_out = _at_once(function, np.zeros_like(flat[:1])).shape[-2]
    out = np.full((len(flat), n_out, flat.shape[-1]), np.nan, dtype=signals.dtype)
    for length in np.unique(lengths):
        chosen = lengths == length
        results = _in_parts(function, flat[chosen, :length])
        out[chosen, : results.shape[-2]] = results
    return out.reshape(*signals.shape[:-2], *out.shape[1:])


def _in_parts(function, signals):
    """Work on some rows at a time.

    Filters compute in float64 and make several copies; this bounds them to a part of the data.
    """
    if signals.ndim == 2:
        return _at_once(function, signals)
    n_rows = max(1, _VALUES_AT_ONCE // signals[0].size)
    first = _at_once(function, signals[:n_rows])
    if len(signals) <= n_rows:
        return first
    out = np.empty((len(signals), *first.shape[1:]), dtype=signals.dtype)
    out[:n_rows] = first
    for start in range(n_rows, len(signals), n_rows):
        out[start : start + n_rows] = _at_once(function, signals[start : start + n_rows])
    return out


def _at_once(function, signals):
    by_lead = np.swapaxes(signals, -1, -2)
    results = function(by_lead.reshape(-1, by_lead.shape[-1]))
    results = results.reshape(*by_lead.shape[:-1], -1)
    return np.ascontiguousarray(np.swapaxes(results, -1, -2), dtype=signals.dtype)
