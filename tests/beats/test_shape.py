"""Features of what beats look like."""

import numpy as np
import pytest

from sklearn_ecg.beats._running import Past
from sklearn_ecg.beats._shape import (
    SHAPE_NAMES,
    beat_windows,
    deviation_features,
    shape_features,
    waveform_features,
)

FS = 120  # the rate of the windows themselves, so that nothing is interpolated


@pytest.fixture
def signal():
    """Spikes of 1 mV, two time steps wide at half height, once a second."""
    signal = np.zeros((20 * FS, 1), dtype=np.float32)
    for offset, height in ((-1, 0.5), (0, 1), (1, 0.5)):
        signal[FS + offset :: FS] = height
    return signal


@pytest.fixture
def beats():
    """Where they are."""
    return np.arange(FS, 20 * FS, FS)


@pytest.mark.parametrize("fs", [FS, 360])
def test_window_is_that_of_the_beat_in_units_of_its_size(signal, beats, fs):
    """Its beat stands at 0.3 s; 1 mV becomes 1 / 1.05. The sampling rate does not matter."""
    steps = np.arange(len(signal) * fs // FS) * FS / fs
    signal = np.interp(steps, np.arange(len(signal)), signal[:, 0])[:, None].astype(np.float32)
    windows, usual = beat_windows(signal, beats * fs // FS, fs, past=None)
    assert windows.shape == (19, 90, 1)
    assert usual.shape == (1, 90, 1)
    assert windows.dtype == np.float32
    expected = np.zeros(90)
    expected[35:38] = np.array([0.5, 1, 0.5]) / 1.05
    for window in [*windows, *usual]:
        np.testing.assert_allclose(window[:, 0], expected, atol=1e-5)


def test_what_is_missing_is_bridged_only_if_it_is_short(signal, beats):
    """A lost peak is cut off between its neighbours, a lost spike is that of the usual beat."""
    signal[beats[4]] = np.nan
    signal[beats[8] - 1 : beats[8] + 2] = np.nan
    windows, usual = beat_windows(signal, beats, FS, past=None)
    spike = slice(35, 38)
    assert 0 < windows[4, spike].max() < 0.51 / 1.05
    np.testing.assert_allclose(windows[8, spike], usual[0, spike], atol=1e-5)


def test_window_beyond_the_signal_is_that_of_the_usual_beat(signal, beats):
    """Nobody knows what was there."""
    signal += np.arange(FS)[np.arange(len(signal)) % FS, None] / 1000  # each beat on a ramp
    start, stop = FS - 20, 19 * FS + 30  # within P wave and T wave of the first and the last beat
    windows, usual = beat_windows(signal[start:stop], beats - start, FS, past=None)
    np.testing.assert_allclose(usual[0], windows[9], atol=1e-6)
    np.testing.assert_allclose(windows[0, :16], usual[0, :16])
    np.testing.assert_allclose(windows[-1, 67:], usual[0, 67:])


@pytest.mark.parametrize(
    ("cut", "is_whole"),
    [
        (slice(FS - 10, None), True),
        (slice(FS - 9, None), False),
        (slice(19 * FS + 12), True),
        (slice(19 * FS + 11), False),
    ],
)
def test_half_a_qrs_complex_says_nothing(signal, beats, cut, is_whole):
    """It would look like another one. 0.08 s before the beat belong to it, and 0.1 s after it."""
    signal[[FS, 19 * FS]] = -3  # unlike the others
    windows, usual = beat_windows(signal[cut], beats - (cut.start or 0), FS, past=None)
    odd = windows[0] if cut.start else windows[-1]
    assert np.allclose(odd, usual[0]) is not is_whole


def test_after_earlier_beats_the_ends_are_repeated():
    """Of a ramp of 200 time steps: 36 before the first beat, and 53 after the last."""
    ramp = np.arange(200, dtype=np.float32)[:, None]
    windows, _ = beat_windows(ramp, np.array([0, 199]), FS, Past())
    first, last = np.diff(windows[..., 0]) != 0
    assert np.flatnonzero(first).tolist() == list(range(36, 89))
    assert np.flatnonzero(last).tolist() == list(range(36))


def test_usual_beat_differs_from_none_of_its_kind(signal, beats):
    """Correlations are 1 or, of waves that are not there, 0; amplitudes are those of the usual."""
    windows, usual = beat_windows(signal, beats, FS, past=None)
    features = dict(zip(SHAPE_NAMES, shape_features(windows, usual).T, strict=True))
    expected = {
        "qrs_correlation": 1,
        "qrs_deviation": np.log(0.03),
        "qrs_amplitude": 0,
        "qrs_polarity": 1 / 1.05,
        "p_correlation": 0,
        "p_deviation": np.log(0.02) + 2,
        "p_amplitude": 0,
        "t_correlation": 0,
        "t_deviation": np.log(0.03) + 2,
        # An area of twice the height, at 120 time steps a second.
        "qrs_width": 2 * np.log(0.01 + 2 / 1.05 / (1 / 1.05 + 0.05) / FS) + 5,
    }
    for name, value in expected.items():
        np.testing.assert_allclose(features[name], value, atol=1e-4, err_msg=name)


def test_odd_beat_stands_out(signal, beats):
    """One is upside down and twice as high."""
    signal[10 * FS - 1 : 10 * FS + 2] *= -2
    windows, usual = beat_windows(signal, beats, FS, past=None)
    shape = shape_features(windows, usual)
    features = dict(zip(SHAPE_NAMES, shape.T, strict=True))
    odd = 9
    assert features["qrs_correlation"][odd] == pytest.approx(-1, abs=1e-4)
    ratio = (0.05 + 2 / 1.05) / (0.05 + 1 / 1.05)
    assert features["qrs_amplitude"][odd] == pytest.approx(np.log(ratio), abs=1e-4)
    assert features["qrs_polarity"][odd] == pytest.approx(-2 / 1.05, abs=1e-4)
    deviation = deviation_features(shape, past=None)
    # The others do not differ at all, so the spread is 0.15; 5 is the most.
    assert not np.delete(deviation, odd, axis=0).any()
    assert deviation[odd, 0] == -5
    assert deviation[odd, 2] == pytest.approx(np.log(ratio) / 0.15 / 2, abs=1e-3)


def test_waveform_holds_means_of_six(signal, beats):
    """Of 90 time steps 15 are left, by time first and by lead second."""
    windows, _ = beat_windows(np.hstack([signal, -signal]), beats, FS, past=None)
    waveform = waveform_features(windows)
    assert waveform.shape == (19, 30)
    expected = np.zeros((15, 2))
    expected[5] = np.array([0.5, -0.5]) / 6 / 1.05  # time step 35
    expected[6] = np.array([1.5, -1.5]) / 6 / 1.05  # 36 and 37
    np.testing.assert_allclose(waveform, np.tile(expected.ravel(), (19, 1)), atol=1e-5)


@pytest.mark.parametrize("new_past", [lambda: None, Past])
def test_flat_lead_and_shortest_signal_are_finite(new_past):
    """Nothing is divided by 0."""
    for n_timesteps, beats in ((1, [0]), (2, [0, 1]), (500, [0, 250, 499])):
        signal = np.ones((n_timesteps, 2), dtype=np.float32)
        past = new_past()
        windows, usual = beat_windows(signal, np.array(beats), FS, past)
        shape = shape_features(windows, usual)
        assert shape.shape == (len(beats), 22)
        for features in (windows, shape, deviation_features(shape, past)):
            assert np.isfinite(features).all()
        assert not waveform_features(windows).any()
