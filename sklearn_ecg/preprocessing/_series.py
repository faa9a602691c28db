"""Apply a function of time alone to every lead of every row."""

from functools import partial

import numpy as np

from sklearn_ecg.utils._padding import unpadded_lengths
from sklearn_ecg.utils._signals import map_rows

_VALUES_AT_ONCE = 2**20  # 8 MB in float64: pieces stay small, even if there are many rows


def map_series(function, X):
    """Apply a function of `(n_series, n_timesteps)` to the leads of all rows.

    Parameters
    ----------
    function : callable
        Takes a float64 array of shape (n_series, n_timesteps), which it may overwrite, and returns
        an array of shape (n_series, n_timesteps_out).
    X : ndarray or 1-D object array of ndarrays
        Validated signals or segments.

    Returns
    -------
    ndarray or 1-D object array of ndarrays
        The results in the form and dtype of `X`, with another number of time steps.
    """
    return map_rows(partial(by_series, function), X, keeps_form=True)


def by_series(function, signals):
    """Apply a function of `(n_series, n_timesteps)` to signals without their padding.

    Parameters
    ----------
    function : callable
        As `map_series` takes it.
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
    # astype copies even if reshape did not, so that the function owns its argument.
    results = function(by_lead.reshape(-1, by_lead.shape[-1]).astype(np.float64))
    results = results.reshape(*by_lead.shape[:-1], -1)
    return np.ascontiguousarray(np.swapaxes(results, -1, -2), dtype=signals.dtype)
