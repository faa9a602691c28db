import numpy as np
import pytest
from numpy.testing import assert_allclose

from sklearn_ecg.datasets._simulated._noise import (
    NOISES,
    draw_electrode_motion,
    draw_noise,
    noise_gain,
)
from sklearn_ecg.datasets._simulated._waves import LEADS, mix_leads

FS = 250.0


def _draw(kind, leads=("II",), n_timesteps=15_000, fs=FS):
    return draw_noise(kind, n_timesteps, fs, mix_leads(leads), np.random.RandomState(0))


@pytest.mark.parametrize(
    ("kind", "low", "high"),
    [
        ("baseline_wander", 0.04, 0.6),
        ("mains_50hz", 49.9, 50.1),
        ("mains_60hz", 59.9, 60.1),
        ("muscle", 18, 125),
        ("electrode_motion", 0, 10),
    ],
)
def test_draw_noise_lies_in_its_band(kind, low, high):
    """Each kind of noise has nine tenths of its power at the frequencies it is known for."""
    noise = _draw(kind)[:, 0]
    frequencies = np.fft.rfftfreq(len(noise), 1 / FS)
    power = np.abs(np.fft.rfft(noise)) ** 2
    assert power[(frequencies >= low) & (frequencies <= high)].sum() > 0.9 * power.sum()


def test_electrode_motions_rise_and_decay_as_stated():
    """Half of a motion a second; each rises with 0.03 s and decays with 0.3 s, and nothing else."""
    noise = draw_electrode_motion(15_000, FS, np.random.RandomState(0))
    poles = np.exp(-1 / (FS * np.array([0.03, 0.3])))
    jumps = np.convolve(noise, np.poly(poles))[: len(noise)]  # what the motions are made of
    assert 20 <= np.count_nonzero(np.abs(jumps) > 1e-9) <= 40  # in a minute


@pytest.mark.parametrize("kind", NOISES)
@pytest.mark.parametrize("n_timesteps", [500, 15_000])
def test_draw_noise_has_mean_0_and_variance_1(kind, n_timesteps):
    """However short, noise is standardized in each of the leads it arises in."""
    noise = _draw(kind, ["I", "II", "V1"], n_timesteps)
    assert noise.dtype == np.float32
    assert_allclose(noise.mean(axis=0), 0, atol=1e-4)
    assert_allclose(noise.var(axis=0), 1, rtol=1e-3)


@pytest.mark.parametrize("kind", NOISES)
def test_draw_noise_differs_between_leads_and_obeys_einthoven(kind):
    """Leads have noise of their own, but the limb leads still depend on each other."""
    noise = dict(zip(LEADS, _draw(kind, LEADS).T, strict=True))
    assert_allclose(noise["I"] + noise["III"], noise["II"], atol=1e-5)
    assert_allclose(noise["aVR"], -(noise["I"] + noise["II"]) / 2, atol=1e-5)
    assert np.abs(noise["V1"] - noise["V2"]).max() > 0.1


def test_draw_noise_of_mains_needs_a_high_enough_rate():
    """A hum above half the sampling rate cannot be drawn."""
    with pytest.raises(ValueError, match="60 Hz mains needs fs above 120 Hz, got fs=100"):
        _draw("mains_60hz", fs=100.0)


def test_noise_gain_by_hand():
    """Noise of variance 4 against a signal of variance 1 at 20 dB is divided by 20."""
    noise = np.array([[2.0], [-2.0]])
    assert_allclose(noise_gain(1.0, noise, 20.0), 1 / 20)
