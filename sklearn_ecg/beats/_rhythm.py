"""Features of when a beat comes."""

import numpy as np

from sklearn_ecg.beats._running import reference, running_median, running_quantile

RHYTHM_NAMES = (
    "rr",
    "rr_to_recording",
    "rr_to_near",
    "rr_to_wide",
    "rr_to_long",
    "rr_irregularity",
    "rr_near_in_irregularities",
    "rr_wide_in_irregularities",
)


def rhythm_features(beats, fs, causal):
    """Describe the interval that ends with each beat (RR).

    All are logarithms, so what counts are ratios, and a constant factor, such as that between two
    people's heart rates, is a constant offset: of the interval itself (to 0.8 s), of its ratio to
    the median of the recording, of 17 beats, of 81 beats, and to the long ones among 41; then of
    how irregular the intervals around are, and two of the ratios in units of that.

    Parameters
    ----------
    beats : ndarray of int
        Time steps.
    fs : float
        Sampling rate in Hz.
    causal : bool
        Whether to compare with earlier intervals only.

    Returns
    -------
    ndarray of shape (n_beats, 8), float32
        The features, in the order of `RHYTHM_NAMES`.
    """
    intervals = np.diff(beats) / fs
    intervals = np.concatenate([intervals[:1], intervals]) if len(intervals) else np.full(1, 0.8)
    # Less than 0.15 s is not a heartbeat, and more than 4 s is a gap; neither may outweigh the
    # rest.
    rr = np.log(np.clip(intervals, 0.15, 4.0))

    def around(values, reach):
        return running_median(values, *((2 * reach, 0) if causal else (reach, reach)))

    to_near, to_wide = rr - around(rr, 8), rr - around(rr, 40)
    long = running_quantile(rr, *((40, 0) if causal else (20, 20)), 0.85)
    irregularity = around(np.abs(to_wide), 16)
    unit = 1.5 * irregularity + 0.04
    columns = [
        2 * (rr - np.log(0.8)),
        4 * (rr - reference(rr, causal)),
        4 * to_near,
        4 * to_wide,
        4 * (rr - long),
        np.log(0.01 + irregularity) + 3,
        np.clip(to_near / unit / 2, -4, 4),
        np.clip(to_wide / unit / 2, -4, 4),
    ]
    return np.stack(columns, axis=1).astype(np.float32)
