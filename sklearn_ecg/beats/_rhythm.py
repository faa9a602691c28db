"""Features of when a beat comes."""

import numpy as np

from sklearn_ecg.beats._running import reference, running_quantile

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


def rhythm_features(beats, fs, past, is_broken=None):
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
    past : Past or None
        The beats before, to compare with earlier intervals only. If there are none, the first beat
        takes the interval of the second. None compares with the whole recording.
    is_broken : ndarray of bool of shape (n_beats,), default=None
        Whether the signal is missing within the interval that ends with the beat, so that nobody
        knows it. It then counts as a usual one, the median of 17. None stands for a whole signal.

    Returns
    -------
    ndarray of shape (n_beats, 8), float32
        The features, in the order of `RHYTHM_NAMES`.
    """
    before = beats[:1] if past is None else past.extend("beats", beats, 1)[:1]
    intervals = np.diff(beats, prepend=before) / fs
    is_broken = np.zeros(len(beats), dtype=bool) if is_broken is None else is_broken.copy()
    if not intervals[0]:  # the first beat of all
        if len(intervals) > 1:
            intervals[0], is_broken[0] = intervals[1], is_broken[1]
        else:
            intervals[0] = 0.8
    # Less than 0.15 s is not a heartbeat, and more than 4 s is a gap; neither may outweigh the
    # rest.
    rr = np.log(np.clip(intervals, 0.15, 4.0))

    def around(name, values, n_beside, quantile=0.5):
        if past is None:
            return running_quantile(values, n_beside // 2, n_beside // 2, quantile)
        return past.quantile(name, values, n_beside, quantile)

    rr = np.where(is_broken, _usual(rr, is_broken, past), rr)
    to_near, to_wide = rr - around("near", rr, 16), rr - around("wide", rr, 80)
    long = around("long", rr, 40, 0.85)
    irregularity = around("irregularity", np.abs(to_wide), 32)
    unit = 1.5 * irregularity + 0.04
    columns = [
        2 * (rr - np.log(0.8)),
        4 * (rr - reference(rr, past, "rr")),
        4 * to_near,
        4 * to_wide,
        4 * (rr - long),
        np.log(0.01 + irregularity) + 3,
        np.clip(to_near / unit / 2, -4, 4),
        np.clip(to_wide / unit / 2, -4, 4),
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def _usual(rr, is_broken, past):
    """Compute the median of 17 intervals, for each beat that ends an unknown one."""
    if past is not None:
        return past.quantile("usual", rr, 16)
    if is_broken.all():
        return rr
    known = np.flatnonzero(~is_broken)
    return running_quantile(np.interp(np.arange(len(rr)), known, rr[known]), 8, 8, 0.5)
