"""Synthetic electrocardiograms of several patients, as rows for a classifier."""

from functools import cache, partial
from numbers import Integral, Real

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, validate_params

from sklearn_ecg.datasets._simulated._generator import check_names, draw_clean_signal
from sklearn_ecg.datasets._simulated._noise import draw_noise
from sklearn_ecg.datasets._simulated._waves import lead_vectors, mix_leads
from sklearn_ecg.utils._numbers import plain

# As `make_ecg` would be told. The few supraventricular beats keep "arrhythmia" from being trivial.
_CLASSES = {
    "normal": {},
    "arrhythmia": {"premature": {"V": 0.18, "A": 0.02}},
    "pvc": {"premature": {"V": 0.2}},
    "pac": {"premature": {"A": 0.2}},
    "af": {"rhythm": "af"},
    "lbbb": {"conduction": "lbbb"},
    "rbbb": {"conduction": "rbbb"},
    "st_elevation": {"st_mv": 0.2},
    "st_depression": {"st_mv": -0.2},
}
# The leads that monitors and Holter recorders use come first.
_LEAD_ORDER = ("II", "V1", "V5", "I", "III", "aVR", "aVL", "aVF", "V2", "V3", "V4", "V6")


@validate_params(
    {
        "n_samples": [Interval(Integral, 2, None, closed="left")],
        "classes": ["array-like"],
        "n_patients": [Interval(Integral, 1, None, closed="left")],
        "duration_s": [Interval(Real, 2, None, closed="left")],
        "fs": [Interval(Real, 50, None, closed="left")],
        "n_leads": [Interval(Integral, 1, len(_LEAD_ORDER), closed="both")],
        "noise": [Interval(Real, 0, None, closed="left")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def make_ecg_classification(
    n_samples=100,
    *,
    classes=("normal", "arrhythmia"),
    n_patients=10,
    duration_s=5.0,
    fs=100.0,
    n_leads=1,
    noise=0.05,
    random_state=None,
):
    """Make strips of several rhythms and patients, with a label for each.

    Every patient has a heart rate, an electrical axis and a shape of each wave of their own, as
    real patients do, so that rows of one patient are more alike than rows of two: split by
    `groups`.

    Parameters
    ----------
    n_samples : int, default=100
        Number of strips, shared evenly among patients; the classes take turns.
    classes : sequence of str, default=("normal", "arrhythmia")
        Labels out of

        - `"normal"`: sinus rhythm;
        - `"arrhythmia"`: with premature beats, nine in ten of them ventricular, the others
          supraventricular;
        - `"pvc"`, `"pac"`: with ventricular, or with supraventricular premature beats alone;
        - `"af"`: atrial fibrillation;
        - `"lbbb"`, `"rbbb"`: left, or right bundle branch block;
        - `"st_elevation"`, `"st_depression"`: ST segment 0.2 mV up or down in lead II.
    n_patients : int, default=10
        Number of patients.
    duration_s : float, default=5.0
        Duration of a strip in seconds, at least 2.
    fs : float, default=100.0
        Sampling rate in Hz, at least 50.
    n_leads : int, default=1
        Number of leads, at most 12: as many as are wanted of II, V1, V5, I, III, aVR, aVL, aVF, V2,
        V3, V4 and V6, in this order.
    noise : float, default=0.05
        Standard deviation of muscle noise in mV; baseline wander is four times as strong.
    random_state : int, RandomState instance or None, default=None
        Pass an int for the same strips at each call.

    Returns
    -------
    X : ndarray of shape (n_samples, n_timesteps, n_leads), float32
        Signals in mV.
    y : ndarray of shape (n_samples,)
        The class of each strip, by name.
    groups : ndarray of shape (n_samples,)
        The patient of each strip.

    Raises
    ------
    ValueError
        If a class is unknown, or named twice.

    See Also
    --------
    make_ecg : One record with its heartbeats as annotations, and notes on the model.

    Examples
    --------
    >>> from sklearn_ecg.datasets import make_ecg_classification
    >>> X, y, groups = make_ecg_classification(n_samples=20, n_patients=5, random_state=0)
    >>> X.shape, X.dtype
    ((20, 500, 1), dtype('float32'))
    >>> print(y[:2], groups[:6])
    ['normal' 'arrhythmia'] [0 0 0 0 1 1]
    """
    check_names("classes", classes, _CLASSES)
    duration_s, fs = plain(duration_s), plain(fs)
    rng = check_random_state(random_state)
    groups = np.sort(np.arange(n_samples) % n_patients)
    y = np.resize(np.array(classes), n_samples)
    leads = _LEAD_ORDER[:n_leads]
    n_timesteps = round(duration_s * fs)
    X = np.empty((n_samples, n_timesteps, n_leads), dtype=np.float32)
    for patient in range(n_patients):
        heart_rate = rng.uniform(60, 95)
        vectors = lead_vectors(leads) * rng.uniform(0.8, 1.2, size=3)
        # A wave varies but once, or the patient's common beats would tell the classes apart.
        vary = cache(partial(_vary, rng=rng))
        for row in np.flatnonzero(groups == patient):
            X[row], _ = draw_clean_signal(
                duration_s, fs, vectors, rng, heart_rate=heart_rate, vary=vary, **_CLASSES[y[row]]
            )
    mixing = mix_leads(leads)
    for strip in X:
        for kind, sd_mv in {"muscle": noise, "baseline_wander": 4 * noise}.items():
            strip += sd_mv * draw_noise(kind, n_timesteps, fs, mixing, rng)
    return X, y, groups


def _vary(wave, rng):
    width_s = wave.width_s * rng.uniform(0.85, 1.2)
    dipole_mv = tuple(rng.uniform(0.7, 1.3) * np.array(wave.dipole_mv))
    return wave._replace(width_s=width_s, dipole_mv=dipole_mv)
