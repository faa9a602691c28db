"""Draw noise that disturbs an electrocardiogram."""

from functools import partial

import numpy as np
import scipy

from sklearn_ecg.datasets._simulated._spectra import draw_series

_WANDER_BAND_HZ = (0.05, 0.5)
_MUSCLE_ABOVE_HZ = 20.0
_MOTIONS_PER_S, _MOTION_RISE_S, _MOTION_DECAY_S = 0.5, 0.03, 0.3


def draw_baseline_wander(n_timesteps, fs, rng):
    """Draw breath and slow drift: a 1/f spectrum from 0.05 to 0.5 Hz."""
    low, high = (edge / fs for edge in _WANDER_BAND_HZ)
    return draw_series(
        n_timesteps, lambda f: ((f >= low) & (f <= high)) / f, rng, margin=int(40 * fs)
    )


def draw_mains(n_timesteps, fs, rng, *, mains_hz):
    """Draw the hum of the power line: a sine."""
    if fs <= 2 * mains_hz:
        raise ValueError(
            f"noise of {mains_hz} Hz mains needs fs above {2 * mains_hz} Hz, got fs={fs}."
        )
    return np.sin(2 * np.pi * (mains_hz / fs * np.arange(n_timesteps) + rng.uniform()))


def draw_muscle(n_timesteps, fs, rng):
    """Draw the activity of skeletal muscles: white noise above 20 Hz."""
    filter_ = scipy.signal.butter(2, _MUSCLE_ABOVE_HZ, "highpass", fs=fs, output="sos")
    return scipy.signal.sosfilt(filter_, rng.standard_normal(n_timesteps))


def draw_electrode_motion(n_timesteps, fs, rng):
    """Draw the potential of moved electrodes: jumps that fade within a second."""
    n_motions = max(1, rng.poisson(_MOTIONS_PER_S * n_timesteps / fs))
    jumps = np.zeros(n_timesteps)
    np.add.at(jumps, rng.randint(n_timesteps, size=n_motions), rng.standard_normal(n_motions))
    poles = [np.exp(-1 / (tau * fs)) for tau in (_MOTION_RISE_S, _MOTION_DECAY_S)]
    return scipy.signal.lfilter([1.0], np.poly(poles), jumps)


NOISES = {
    "baseline_wander": draw_baseline_wander,
    "mains_50hz": partial(draw_mains, mains_hz=50),
    "mains_60hz": partial(draw_mains, mains_hz=60),
    "muscle": draw_muscle,
    "electrode_motion": draw_electrode_motion,
}


def draw_noise(kind, n_timesteps, fs, mixing, rng):
    """Draw noise of one kind in several leads.

    It arises in the eight leads from which all others follow, so that Einthoven's law holds for
    the noise as well.

    Parameters
    ----------
    kind : str
        A key of `NOISES`.
    n_timesteps : int
        Time steps to draw.
    fs : float
        Sampling rate in Hz.
    mixing : ndarray of shape (n_leads, 8)
        Parts of the eight leads in each lead.
    rng : RandomState
        Source of randomness.

    Returns
    -------
    ndarray of shape (n_timesteps, n_leads), float32
        Noise of mean 0, with variance 1 in each of the eight leads.
    """
    noise = np.zeros((len(mixing), n_timesteps), dtype=np.float32).T  # fast lead by lead
    for parts in mixing.T:
        if parts.any():
            source = NOISES[kind](n_timesteps, fs, rng)
            source -= source.mean()
            source /= source.std()
            for lead in np.flatnonzero(parts):
                noise[:, lead] += parts[lead] * source
    return noise


def noise_gain(signal_variance, noise, snr_db):
    """Compute the factor that brings noise to a signal-to-noise ratio in dB."""
    return np.sqrt(signal_variance / total_variance(noise) / 10 ** (snr_db / 10))


def total_variance(signal):
    """Add up the variances of all leads of a signal of shape (n_timesteps, n_leads)."""
    # Lead by lead: the variance needs a scratch array in float64.
    return sum(np.var(lead, dtype=np.float64) for lead in signal.T)
