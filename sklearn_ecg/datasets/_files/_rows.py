"""From records to rows of X: one duration, one array."""

from dataclasses import replace

import numpy as np

from sklearn_ecg.utils._numbers import plain
from sklearn_ecg.utils._rows import as_object_array


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


def stack_signals(signals, *, dense=None):
    """Put signals into one array.

    Parameters
    ----------
    signals : list of ndarray of shape (n_timesteps_i, n_leads)
        Signals.
    dense : bool, default=None
        Whether they have one length and shall become one array. None looks.

    Returns
    -------
    ndarray of shape (n_samples, n_timesteps, n_leads), or 1-D object array
        The signals.
    """
    if dense is None:
        dense = len({len(signal) for signal in signals}) == 1
    return np.stack(signals) if dense else as_object_array(signals)
