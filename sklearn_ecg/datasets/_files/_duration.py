"""Bring a record to another duration."""

from dataclasses import replace

import numpy as np

from sklearn_ecg.utils._numbers import plain


def fit_to_duration(record, duration_s):
    """Cut a record, or pad it with NaN at its end, and drop marks beyond the end.

    Parameters
    ----------
    record : ECGRecord
        The record.
    duration_s : float
        Wanted duration in seconds.

    Returns
    -------
    ECGRecord
        The record, with a signal of its own: a view would keep all of a long one in memory.

    Raises
    ------
    ValueError
        If the duration is less than a time step.
    """
    n_timesteps = round(plain(duration_s) * record.fs)
    if n_timesteps < 1:
        raise ValueError(f"duration_s={duration_s} is less than a time step of {record.source}.")
    kept = record.part(0, n_timesteps)
    signal = np.full((n_timesteps, kept.signal.shape[1]), np.nan, dtype=kept.signal.dtype)
    signal[: kept.n_timesteps] = kept.signal
    return replace(kept, signal=signal)
