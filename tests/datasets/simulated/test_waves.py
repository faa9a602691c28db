import numpy as np
import pytest
import scipy
from numpy.testing import assert_allclose
from scipy.integrate import solve_ivp

from sklearn_ecg.datasets._simulated import _waves
from sklearn_ecg.datasets._simulated._rhythms import Heartbeats
from sklearn_ecg.datasets._simulated._waves import (
    LEADS,
    Wave,
    add_fibrillation,
    draw_beats,
    lead_vectors,
    shape_beats,
)

FS = 1000.0


def _beats(*times_s, interval_s=1.0, symbol="N"):
    times_s = np.array(times_s)
    return Heartbeats(times_s, np.full(len(times_s), interval_s), np.full(len(times_s), symbol))


def _draw_one(leads, *, symbol="N", **settings):
    """Draw one beat, with its R peak at time step 1000."""
    beats = _beats(1.0, symbol=symbol)
    return draw_beats(beats, shape_beats(**settings), lead_vectors(leads), 2000, FS)


def _solve_model(waves, gains, interval_s, time):
    """Integrate McSharry's equations of motion, without the pull to the baseline."""
    angular = 2 * np.pi / interval_s

    def move(_, state):
        x, y, _ = state
        pull = 1 - np.hypot(x, y)
        angle = np.arctan2(y, x)
        slope = 0.0
        for wave, gain in zip(waves, gains, strict=True):
            scale = np.sqrt(interval_s) if wave.follows_rate else 1.0
            centre, width = (angular * scale * part for part in (wave.centre_s, wave.width_s))
            distance = angle - centre
            height = gain * angular / width**2
            slope -= height * distance * np.exp(-0.5 * (distance / width) ** 2)
        return pull * x - angular * y, pull * y + angular * x, slope

    # From the angle -pi, at half an interval before the R peak, which the waves do not reach.
    return solve_ivp(
        move, time[[0, -1]], [-1.0, -1e-9, 0.0], t_eval=time, rtol=1e-9, atol=1e-10, max_step=0.005
    ).y[2]


@pytest.mark.parametrize("interval_s", [0.9, 1.3])
def test_draw_beats_solves_the_equations_of_the_model(interval_s):
    """One beat equals the numerical solution of McSharry's differential equations."""
    waves = shape_beats()["N"]
    vectors = lead_vectors(["II"])
    gains = [(vectors @ wave.dipole_mv)[0] for wave in waves]
    n_timesteps = round(interval_s * FS)
    time = np.arange(n_timesteps) / FS - interval_s / 2
    expected = _solve_model(waves, gains, interval_s, time)
    beats = _beats(interval_s / 2, interval_s=interval_s)
    signal = draw_beats(beats, shape_beats(), vectors, n_timesteps, FS)[:, 0]
    # The solution starts from 0, not from what the last beat left.
    assert_allclose(signal - signal[0], expected, atol=2e-4)
    assert signal.max() > 1.0


def test_draw_beats_places_a_wave_by_hand():
    """A wave of 2 mV peaks where it should and is 2 exp(-1/2) mV one width away."""
    shapes = {"N": (Wave(0.1, 0.02, (1.0, 0.0, 0.0)),)}
    signal = draw_beats(_beats(0.3), shapes, np.array([[2.0, 0.0, 0.0]]), 1000, FS)[:, 0]
    assert signal.argmax() == 400
    assert_allclose(signal[[380, 400, 420]], 2 * np.exp([-0.5, 0, -0.5]), rtol=1e-6)
    assert signal.dtype == np.float32


def test_draw_beats_waves_follow_the_rate():
    """P and T move with the square root of the interval before the beat, QRS does not."""
    shapes = {"N": (Wave(0.2, 0.02, (1.0, 0.0, 0.0), follows_rate=True),)}
    signal = draw_beats(_beats(0.3, interval_s=0.25), shapes, np.eye(3)[:1], 1000, FS)[:, 0]
    assert signal.argmax() == 400
    assert_allclose(signal[390], np.exp(-0.5), rtol=1e-6)


def test_draw_beats_adds_up_overlapping_waves():
    """Waves of two beats at one time add up."""
    shapes = {"N": (Wave(0.0, 0.02, (1.0, 0.0, 0.0)),)}
    signal = draw_beats(_beats(0.3, 0.3), shapes, np.eye(3)[:1], 600, FS)
    assert_allclose(signal[300], 2.0)


def test_draw_beats_in_chunks_is_the_same(monkeypatch):
    """How many beats are drawn at once does not matter."""
    beats = _beats(*np.arange(-1.0, 12.0, 0.83))
    arguments = beats, shape_beats(), lead_vectors(["II", "V1"]), 10_000, FS
    expected = draw_beats(*arguments)
    monkeypatch.setattr(_waves, "_BEATS_AT_ONCE", 2)
    assert_allclose(draw_beats(*arguments), expected, atol=1e-6)


def test_lead_vectors_obey_einthoven_and_goldberger():
    """The limb leads depend on each other as their definitions say."""
    vectors = dict(zip(LEADS, lead_vectors(LEADS), strict=True))
    assert_allclose(vectors["I"] + vectors["III"], vectors["II"])
    assert_allclose(vectors["aVR"] + vectors["aVL"] + vectors["aVF"], 0, atol=1e-12)
    assert_allclose(vectors["aVF"], (vectors["II"] + vectors["III"]) / 2)
    assert_allclose(vectors["MLII"], vectors["II"])


@pytest.mark.parametrize("st_mv", [0.3, -0.2])
def test_shape_beats_sets_the_level_of_the_st_segment(st_mv):
    """Lead II changes by the stated level 120 ms after R; lead I mirrors it; R stays."""
    change = _draw_one(["II", "I"], st_mv=st_mv) - _draw_one(["II", "I"])
    assert_allclose(change[1120, 0], st_mv, rtol=1e-3)
    assert change[1120, 1] * st_mv < 0
    assert abs(change[1000, 0]) < 0.01


def test_shape_beats_normal_heart_looks_like_one():
    """R grows from V1 to V5, aVR is negative, and P and T are upright in II."""
    r = _draw_one(LEADS)[1000]
    heights = dict(zip(LEADS, r, strict=True))
    assert heights["V1"] < 0 < heights["V3"] < heights["V5"]
    assert heights["aVR"] < 0
    p_and_t = _draw_one(["II"])[[830, 1270], 0]
    assert np.all(p_and_t > 0.1)


def test_shape_beats_bundle_branch_blocks_have_their_signs():
    """Left: broad R in V6, deep V1. Right: late R' in V1, broad S in I and V6."""
    left = _draw_one(["V1", "V6"], symbol="L", conduction="lbbb")[1000:1070]
    assert left[:, 0].max() < -0.5
    assert left[:, 1].min() > 0.5
    right = _draw_one(["V1", "V6", "I"], symbol="R", conduction="rbbb")[1060]
    assert right[0] > 0.5
    assert np.all(right[1:] < -0.3)


@pytest.mark.parametrize(("symbol", "settings"), [("V", {}), ("N", {"rhythm": "af"})])
def test_shape_beats_without_atrial_rhythm_have_no_p(symbol, settings):
    """Ventricular beats and those of atrial fibrillation start from the baseline."""
    p = _draw_one(["II"], symbol=symbol, **settings)[700:830]
    assert_allclose(p, 0, atol=1e-3)


def test_shape_beats_supraventricular_beat_has_another_p_and_the_same_qrs():
    """Its P wave is inverted in II, its QRS complex is that of the other beats."""
    early, normal = (_draw_one(["II"], symbol=symbol)[:, 0] for symbol in "AN")
    assert early[850] < -0.05
    assert_allclose(early[970:], normal[970:], atol=2e-3)


def test_add_fibrillation_is_a_wave_of_six_hertz():
    """Its spectrum peaks at 6 Hz; V1 has more of it than lead II; the rest of the signal stays."""
    signal = np.ones((20_000, 2), dtype=np.float32)
    add_fibrillation(signal, lead_vectors(["V1", "II"]), FS, np.random.RandomState(0))
    waves = signal - 1
    power = np.abs(np.fft.rfft(waves[:, 0])) ** 2
    frequencies = np.fft.rfftfreq(20_000, 1 / FS)
    assert_allclose(frequencies[power.argmax()], 6, atol=0.5)
    assert waves[:, 0].std() > 1.3 * waves[:, 1].std() > 0.01


def test_add_fibrillation_swings_slowly_in_rate():
    """By 0.2 Hz up and down within ten seconds; the waves of V1 stay about 0.2 mV high."""
    signal = np.zeros((20_000, 1))
    add_fibrillation(signal, lead_vectors(["V1"]), FS, np.random.RandomState(0))
    fundamental = scipy.signal.butter(2, (4, 8), "bandpass", fs=FS, output="sos")
    waves = scipy.signal.hilbert(scipy.signal.sosfiltfilt(fundamental, signal[:, 0]))
    second, half_swing = int(FS), int(5 * FS)
    phase = np.unwrap(np.angle(waves))[second:-second]
    rate = (phase[second:] - phase[:-second]) / (2 * np.pi)  # waves in each second
    assert_allclose([rate.min(), rate.max()], [5.8, 6.2], atol=0.05)
    assert_allclose(rate[half_swing:] + rate[:-half_swing], 12, atol=0.1)
    assert_allclose(np.ptp(signal), 0.22, atol=0.02)
