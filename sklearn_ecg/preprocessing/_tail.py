"""Cut signals to a length, or pad them."""

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
    padded = np.empty((*signals.shape[:-2], n_timesteps, signals.shape[-1]), dtype=signals.dtype)
    padded[..., :-missing, :] = signals
    padded[..., -missing:, :] = np.nan
    return padded
