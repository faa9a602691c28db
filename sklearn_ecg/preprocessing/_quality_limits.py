"""When a lead is unusable."""

from numbers import Real

import numpy as np
from sklearn.utils._param_validation import Interval

from sklearn_ecg.preprocessing._base import SignalTransformer
from sklearn_ecg.preprocessing._quality import CONSTRAINTS, quality_measure

LIMITS = {
    **CONSTRAINTS,
    "max_gaps": [Interval(Real, 0, 1, closed="both")],
    "max_flat": [Interval(Real, 0, 1, closed="both")],
    "max_saturated": [Interval(Real, 0, 1, closed="both")],
    "max_noise": [Interval(Real, 0, None, closed="left")],
}
LIMITS_OF_ESTIMATORS = {**LIMITS, "fs": [*LIMITS["fs"], None]}


def judge_leads(fs, flat_range, limits):
    """Make a function that judges leads.

    Parameters
    ----------
    fs : float
        Sampling rate in Hz.
    flat_range : float
        Range within which a signal that stays there for a second is flat.
    limits : sequence of float
        Largest tolerated gaps, flat lines, clipped time steps and noise.

    Returns
    -------
    callable
        Takes signals of shape (..., n_timesteps, n_leads), and returns which leads are unusable, of
        shape (..., n_leads).
    """
    measure = quality_measure(fs, flat_range)
    # In the order of MEASURES; a missing lead is never tolerated. Noise that cannot be measured is
    # NaN, which exceeds nothing.
    highest = np.array([0, *limits])[:, None]
    return lambda signals: (measure(signals) > highest).any(axis=-2)


class QualityTransformer(SignalTransformer):
    """The common part of `QualityGate` and `QualityFlags`: the limits."""

    def _judge(self):
        limits = (self.max_gaps, self.max_flat, self.max_saturated, self.max_noise)
        return judge_leads(self.fs_, self.flat_range, limits)
