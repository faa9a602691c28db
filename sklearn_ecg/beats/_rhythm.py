"""Features of when a beat comes."""

import numpy as np

from sklearn_ecg.beats._running import reference, running_quantile

INTERVAL_NAMES = {
    "rhythm": (
        "rr",
        "rr_to_recording",
        "rr_to_near",
        "rr_to_wide",
        "rr_to_long",
        "rr_irregularity",
        "rr_near_in_irregularities",
        "rr_wide_in_irregularities",
    ),
    "irregularity": (
        "rr_change_low",
        "rr_change",
        "rr_change_high",
        "rr_deviation_low",
        "rr_deviation",
        "rr_deviation_high",
        "rr_repetition",
    ),
}
N_AROUND = 128  # beats of which irregularity is told, beside the beat itself


def interval_features(features, beats, fs, past, is_broken=None):
    """Describe the intervals between beats (RR).

    Nearly all are logarithms, so what counts are ratios, and a constant factor, such as that
    between two people's heart rates, is a constant offset.

    `"rhythm"` is of the interval that ends with each beat: the interval itself (to 0.8 s), its
    ratio to the median of the recording, of 17 beats, of 81 beats, and to the long ones among 41;
    then how irregular the 33 intervals around are, and two of the ratios in units of that.

    `"irregularity"` is of the 129 intervals around: the quartiles of how much they differ from the
    one before, and from the median of 81; then the median of whether neighbours differ alike, which
    is negative where short ones and long ones take turns. At either end of a recording the window
    is mirrored: one interval would count 65 times there, which is irregular or not by chance.

    Parameters
    ----------
    features : sequence of str
        Groups of features. Those that are not of intervals are passed over.
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
    dict of str to ndarray of shape (n_beats, n_features_of_group), float32
        Each group, in the order of `features`, with the features of `INTERVAL_NAMES`.
    """
    groups = {"rhythm": _rhythm, "irregularity": _irregularity}
    wanted = [name for name in features if name in groups]
    if not wanted:
        return {}
    rr = _logarithms(beats, fs, past, is_broken)
    to_wide = rr - _around("wide", rr, 80, past)
    return {name: groups[name](rr, to_wide, past).astype(np.float32) for name in wanted}


def _logarithms(beats, fs, past, is_broken):
    """Compute the logarithm of the interval that ends with each beat; an unknown one is usual."""
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
    return np.where(is_broken, _usual(rr, is_broken, past), rr)


def _around(name, values, n_around, past, quantile=0.5, beyond="edge"):
    """Compute a quantile over each beat and so many around it, or before it if there is a past."""
    if past is None:
        return running_quantile(values, n_around // 2, quantile, beyond)
    return past.quantile(name, values, n_around, quantile)


def _rhythm(rr, to_wide, past):
    to_near = rr - _around("near", rr, 16, past)
    long = _around("long", rr, 40, past, 0.85)
    irregularity = _around("irregularity", np.abs(to_wide), 32, past)
    unit = _unit(irregularity)
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
    return np.stack(columns, axis=1)


def _irregularity(rr, to_wide, past):
    changes = np.abs(rr - _before("rr before", rr, past))
    quartiles = [
        _around(f"{name} {quantile}", values, N_AROUND, past, quantile, beyond="symmetric")
        for name, values in (("change", changes), ("deviation", np.abs(to_wide)))
        for quantile in (0.25, 0.5, 0.75)
    ]
    neighbours = to_wide * _before("to_wide before", to_wide, past)
    repetition = np.clip(neighbours / np.square(_unit(quartiles[4])), -4, 4)
    columns = [np.log(0.01 + values) + 3 for values in quartiles]
    repetition = _around("repetition", repetition, N_AROUND, past, beyond="symmetric")
    return np.stack([*columns, repetition], axis=1)


def _before(name, values, past):
    """Return the value of the beat before; the first beat of all takes its own."""
    together = np.append(values[:1], values) if past is None else past.extend(name, values, 1)
    return together[:-1]


def _unit(irregularity):
    return 1.5 * irregularity + 0.04


def _usual(rr, is_broken, past):
    """Compute the median of 17 intervals, for each beat that ends an unknown one."""
    if past is not None:
        return past.quantile("usual", rr, 16)
    if is_broken.all():
        return rr
    known = np.flatnonzero(~is_broken)
    return running_quantile(np.interp(np.arange(len(rr)), known, rr[known]), 8, 0.5)
