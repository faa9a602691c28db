"""The end of a signal: the rest that fills no whole piece, and padding."""

import numpy as np


def fit_to_length(signals, n_timesteps):
    """Cut the time axis, or pad it with NaN at its end.

    Parameters
    ----------
    signals : ndarray of shape (..., n_timesteps_in, n_leads)
        Signals.
    n_timesteps : int
        Wanted length.

    Returns
    -------
    ndarray of shape (..., n_timesteps, n_leads)
        A view if nothing has to be padded, a copy otherwise.
    """
    missing = n_timesteps - signals.shape[-2]
    if missing <= 0:
        return signals[..., :n_timesteps, :]
    widths = [(0, 0)] * signals.ndim
    widths[-2] = (0, missing)
    return np.pad(signals, widths, constant_values=np.nan)


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
