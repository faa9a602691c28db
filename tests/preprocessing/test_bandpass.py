import numpy as np
import pytest
from numpy.testing import assert_allclose

from sklearn_ecg.preprocessing import BandpassFilter, bandpass_filter

FS = 500
TIME = np.arange(20 * FS) / FS
INNER = slice(5 * FS, -5 * FS)


def gain(frequency, **options):
    """Amplitude that is left of a sine, from its power in the middle of the signal."""
    filtered = bandpass_filter(np.sin(2 * np.pi * frequency * TIME)[None], FS, **options)
    return np.sqrt(2 * np.mean(filtered[0, INNER] ** 2))


def test_baseline_wander_and_muscle_noise_are_removed():
    """Outside the band, two octaves away, less than 1 % remains; within it, all."""
    assert gain(0.1) < 0.01
    assert gain(160) < 0.01
    assert gain(5) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(("causal", "expected"), [(False, 0.5), (True, np.sqrt(0.5))])
def test_gain_at_the_cut_off_is_that_of_one_pass_or_of_two(causal, expected):
    """A Butterworth filter halves the power at its cut-off in every pass."""
    assert gain(40, causal=causal) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(
    ("options", "edges"),
    [
        ({}, (0.62, 32.5)),
        ({"low": 0.67, "high": 150}, (0.83, 133)),
        ({"low": 0.54, "high": 166}, (0.67, 150)),
    ],
)
def test_band_of_the_standards_is_narrower_with_zero_phase(options, edges):
    """At these frequencies 3 dB are missing, as documented."""
    for frequency in edges:
        assert gain(frequency, **options) == pytest.approx(np.sqrt(0.5), abs=0.01)


def test_none_leaves_a_side_open():
    """A low-pass keeps the offset, a high-pass keeps what is fast."""
    X = np.full((1, 1000), 3.0)
    assert_allclose(bandpass_filter(X, FS, low=None), 3)
    assert_allclose(bandpass_filter(X, FS, high=None), 0, atol=1e-8)
    assert gain(200, high=None) == pytest.approx(1, abs=0.01)
    assert gain(200, low=None) < 0.01


def test_higher_order_is_steeper():
    """An octave above the cut-off less remains."""
    assert gain(80, order=4) < gain(80, order=2) < gain(80, order=1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fs": 80}, r"high=40.0 Hz must be below the Nyquist frequency, .* fs / 2 = 40.0 Hz"),
        ({"fs": 100, "low": 60, "high": None}, r"low=60 Hz must be below the Nyquist"),
        ({"fs": 250, "low": 40}, r"low=40 Hz must be below high=40.0 Hz"),
        ({"fs": 250, "low": 1e-4}, r"low=0.0001 Hz is less than a millionth of fs=250 Hz"),
        ({"fs": 250, "low": None, "high": None}, "nothing to filter"),
    ],
)
def test_impossible_bands_are_refused_by_name(options, message):
    """The function and `fit` say which cut-off is wrong and why."""
    X = np.zeros((1, 100))
    with pytest.raises(ValueError, match=message):
        bandpass_filter(X, **options)
    with pytest.raises(ValueError, match=message):
        BandpassFilter(**options).fit(X)


@pytest.mark.parametrize("order", [1, 10])
def test_slowest_filter_is_padded_by_the_whole_signal_and_stays_accurate(order):
    """At a millionth of the sampling rate a constant is still removed to a ten-thousandth."""
    filtered = bandpass_filter(np.full((1, 5000), 3.0), 1_000_000, low=1, high=None, order=order)
    assert_allclose(filtered, 0, atol=3e-4)
