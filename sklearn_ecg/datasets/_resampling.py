"""Bring a record to another sampling rate."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
from scipy.signal import resample_poly

_MAX_FACTOR = 100_000  # length of the filter: rates that need more are rounded to a nearby ratio


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
        The record at `fs`; the same one if it has this rate already. A gap stays a gap: a time
        step is NaN if either of the original ones around it is.
    """
    if fs == record.fs:
        return record
    exact = Fraction(fs) / Fraction(record.fs)
    ratio = exact.limit_denominator(max(1, int(_MAX_FACTOR / max(1, exact))))
    n_timesteps = -(-record.n_timesteps * ratio.numerator // ratio.denominator)
    signal = np.empty((n_timesteps, record.signal.shape[1]), dtype=record.signal.dtype)
    for column, values in enumerate(record.signal.T):
        signal[:, column] = _resample(values, ratio)
    time_steps, symbols = record.annotations
    moved = np.rint(time_steps * float(ratio)).astype(np.int64)
    annotations = (np.minimum(moved, n_timesteps - 1), symbols)
    return replace(record, signal=signal, fs=float(fs), annotations=annotations)


def _resample(values, ratio):
    is_gap = np.isnan(values)
    if is_gap.all():
        return np.nan
    if is_gap.any():
        steps = np.arange(len(values))
        values = values.copy()
        values[is_gap] = np.interp(steps[is_gap], steps[~is_gap], values[~is_gap])
    # The ends continue along a line: zeros there would ring through a signal that has an offset.
    resampled = resample_poly(values, ratio.numerator, ratio.denominator, padtype="line")
    if is_gap.any():
        origin = np.arange(len(resampled)) * ratio.denominator
        before = origin // ratio.numerator
        after = np.minimum(-(-origin // ratio.numerator), len(values) - 1)
        resampled[is_gap[before] | is_gap[after]] = np.nan
    return resampled
