"""Bring a record to another sampling rate."""

import math
from dataclasses import replace

import numpy as np

from sklearn_ecg.preprocessing import resample, resample_positions
from sklearn_ecg.preprocessing._resampling import resampling_ratio


def resample_record(record, fs):
    """Resample a record by a polyphase filter, and move its annotations along.

    Parameters
    ----------
    record : ECGRecord
        The record.
    fs : float
        Wanted sampling rate in Hz.

    Returns
    -------
    ECGRecord
        The record at `fs`; the same one if it has this rate already. A gap stays a gap.
    """
    if fs == record.fs:
        return record
    if record.lead_names:
        signal = resample(record.signal[None], record.fs, fs)[0]
    else:  # only its annotations were read
        n_timesteps = math.ceil(record.n_timesteps * resampling_ratio(record.fs, fs))
        signal = np.empty((n_timesteps, 0), record.signal.dtype)

    def moved(marks):
        time_steps, names = marks
        return resample_positions(time_steps, record.fs, fs, record.n_timesteps), names

    return replace(
        record,
        signal=signal,
        fs=float(fs),
        annotations=moved(record.annotations),
        rhythms=moved(record.rhythms),
    )
