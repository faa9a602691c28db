"""Small synthetic electrocardiograms for tests, examples and first steps."""

from numbers import Integral, Real

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, validate_params

# Centre (s from the R peak), width (s) and height (mV) of the waves of one beat.
_SINUS_BEAT = {
    "P": (-0.17, 0.025, 0.15),
    "Q": (-0.03, 0.010, -0.12),
    "R": (0.00, 0.011, 1.10),
    "S": (0.03, 0.010, -0.25),
    "T": (0.25, 0.050, 0.30),
}
# A premature ventricular beat has no P wave, a wide QRS complex and an inverted T wave.
_VENTRICULAR_BEAT = {
    "R": (0.00, 0.035, 1.30),
    "S": (0.09, 0.035, -0.60),
    "T": (0.30, 0.060, -0.40),
}


@validate_params(
    {
        "n_samples": [Interval(Integral, 2, None, closed="left")],
        "n_patients": [Interval(Integral, 1, None, closed="left")],
        "duration_s": [Interval(Real, 2, None, closed="left")],
        "fs": [Interval(Real, 50, None, closed="left")],
        "n_leads": [Interval(Integral, 1, None, closed="left")],
        "noise": [Interval(Real, 0, None, closed="left")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def make_ecg_classification(
    n_samples=100,
    *,
    n_patients=10,
    duration_s=5.0,
    fs=100.0,
    n_leads=1,
    noise=0.05,
    random_state=None,
):
    """Make strips of normal rhythm and strips with premature ventricular beats.

    Every patient has a heart rate and a shape of beat of their own, as real patients do, so that
    rows of one patient are more alike than rows of two: split by `groups`.

    Parameters
    ----------
    n_samples : int, default=100
        Number of strips, shared evenly among patients; each patient has both classes in turn.
    n_patients : int, default=10
        Number of patients.
    duration_s : float, default=5.0
        Duration of a strip in seconds.
    fs : float, default=100.0
        Sampling rate in Hz.
    n_leads : int, default=1
        Number of leads: scaled copies of one source with noise of their own.
    noise : float, default=0.05
        Standard deviation of white noise in mV; baseline wander is four times as strong.
    random_state : int, RandomState instance or None, default=None
        Pass an int for the same strips at each call.

    Returns
    -------
    X : ndarray of shape (n_samples, n_timesteps, n_leads), float32
        Signals in mV.
    y : ndarray of shape (n_samples,)
        `"normal"` or `"arrhythmia"`.
    groups : ndarray of shape (n_samples,)
        The patient of each strip.

    Examples
    --------
    >>> from sklearn_ecg.datasets import make_ecg_classification
    >>> X, y, groups = make_ecg_classification(n_samples=20, n_patients=5, random_state=0)
    >>> X.shape, X.dtype
    ((20, 500, 1), dtype('float32'))
    >>> print(y[:2], groups[:6])
    ['normal' 'arrhythmia'] [0 0 0 0 1 1]
    """
    rng = check_random_state(random_state)
    n_timesteps = round(duration_s * fs)
    groups = np.sort(np.arange(n_samples) % n_patients)
    y = np.tile(["normal", "arrhythmia"], (n_samples + 1) // 2)[:n_samples]
    time = np.arange(n_timesteps) / fs
    X = np.empty((n_samples, n_timesteps, n_leads), dtype=np.float32)
    for patient in range(n_patients):
        interval = rng.uniform(0.65, 1.0)
        gains = rng.uniform(0.6, 1.4, size=n_leads)
        shapes = [_vary(beat, rng) for beat in (_SINUS_BEAT, _VENTRICULAR_BEAT)]
        for row in np.flatnonzero(groups == patient):
            beats = _beat_times(duration_s, interval, y[row] == "arrhythmia", rng)
            X[row] = np.outer(_draw(time, beats, shapes), gains)
    wander = np.sin(
        2 * np.pi * rng.uniform(0.1, 0.4, (n_samples, 1, 1)) * time[:, None]
        + rng.uniform(0, 2 * np.pi, (n_samples, 1, n_leads))
    )
    X += 4 * noise * np.sqrt(2) * wander
    X += noise * rng.standard_normal(X.shape)
    return X, y, groups


def _vary(beat, rng):
    return {
        wave: (centre, width * rng.uniform(0.85, 1.2), height * rng.uniform(0.7, 1.3))
        for wave, (centre, width, height) in beat.items()
    }


def _beat_times(duration_s, interval, has_premature_beat, rng):
    """Give the time of each R peak and whether the beat is ventricular."""
    times = -interval * rng.uniform() + np.arange(0, duration_s + 2 * interval, interval)
    times += rng.normal(0, 0.02 * interval, size=len(times))
    is_ventricular = np.zeros(len(times), dtype=bool)
    if has_premature_beat:
        # Early, and the next beat keeps its time: the compensatory pause.
        inside = np.flatnonzero((times > interval) & (times < duration_s - interval / 2))
        chosen = rng.choice(inside, size=1 + (len(inside) > 4), replace=False)
        times[chosen] -= rng.uniform(0.3, 0.4) * interval
        is_ventricular[chosen] = True
    return list(zip(times, is_ventricular, strict=True))


def _draw(time, beats, shapes):
    signal = np.zeros(len(time))
    for peak, is_ventricular in beats:
        for centre, width, height in shapes[int(is_ventricular)].values():
            signal += height * np.exp(-0.5 * ((time - peak - centre) / width) ** 2)
    return signal
