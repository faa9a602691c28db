"""Filter and resample a signal that comes in chunks."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_ecg.preprocessing import bandpass_filter, resample
from sklearn_ecg.preprocessing._bandpass import design_bandpass
from sklearn_ecg.preprocessing._resampling import resampling_ratio
from sklearn_ecg.preprocessing._streams import FilterStream, ResamplingStream


def signal_with_gaps(seed, n_timesteps=3000):
    """A drifting signal of two leads, with gaps of many lengths in one or both of them."""
    rng = np.random.default_rng(seed)
    signal = rng.normal(size=(n_timesteps, 2)).cumsum(axis=0) + 100
    if seed:
        signal[rng.random(signal.shape) < 0.01] = np.nan
        for length in (5, 20, 50, 300, 700):
            start = rng.integers(0, n_timesteps)
            leads = [[0], [1], [0, 1]][rng.integers(3)]
            signal[start : start + length, leads] = np.nan
    if seed > 2:
        signal[:400, 1] = np.nan
        signal[-400:, 1] = np.nan
    signal[-1, 0] = 90  # NaN in all leads at the end would be padding
    return signal


def chunks_of(signal, seed):
    """Chunks of one time step, of any length, or all in one."""
    rng = np.random.default_rng(seed)
    n_timesteps = len(signal)
    some = np.sort(rng.integers(0, n_timesteps, [7, 60][seed % 2]))
    for cuts in ([], range(1, n_timesteps), some):
        yield [chunk.T.copy() for chunk in np.split(signal, cuts)]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("fs", "fs_new"), [(360, 250), (250, 360), (500, 125), (257, 250), (1000, 99)]
)
def test_resampled_chunks_make_up_the_resampled_signal(fs, fs_new, seed):
    """Whatever the cuts, and wherever the gaps are."""
    signal = signal_with_gaps(seed)
    (expected,) = resample([signal], fs, fs_new)
    for chunks in chunks_of(signal, seed):
        stream = ResamplingStream(resampling_ratio(fs, fs_new), n_leads=2)
        found = [*map(stream.push, chunks), stream.finish()]
        assert_allclose(np.concatenate(found, axis=1).T, expected, atol=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_filtered_chunks_make_up_the_filtered_signal(seed):
    """Whatever the cuts, and wherever the gaps are."""
    signal = signal_with_gaps(seed)
    (expected,) = bandpass_filter([signal], 250, causal=True)
    for chunks in chunks_of(signal, seed):
        stream = FilterStream(design_bandpass(250, 0.5, 40, 2), n_leads=2)
        found = list(map(stream.push, chunks))
        assert_allclose(np.concatenate(found, axis=1).T, expected, atol=1e-9)


def test_nothing_is_left_of_a_flat_line():
    """To the last bit, as of the whole signal, so that the features of beats do not differ."""
    signal = np.full((600, 2), 0.33)
    signal[:, 1], signal[:50, 1], signal[500:] = 2.7, np.nan, 1.0
    (expected,) = bandpass_filter([signal], 250, causal=True)
    stream = FilterStream(design_bandpass(250, 0.5, 40, order=2), n_leads=2)
    found = np.concatenate([stream.push(chunk.T.copy()) for chunk in np.split(signal, 12)], axis=1)
    assert_array_equal(found.T, expected)
    assert not np.nan_to_num(expected[:500]).any()
    assert expected[500:].any()


def test_resampling_does_not_look_into_a_long_gap():
    """What comes after a gap of a minute changes nothing before it."""
    signal = signal_with_gaps(0)
    signal[500:2000] = np.nan
    other = signal.copy()
    other[2000:] += 5
    before, changed = (resample([each], 360, 250)[0][:346] for each in (signal, other))
    assert not np.isnan(before).any()
    np.testing.assert_array_equal(before, changed)


def test_the_resampler_keeps_little():
    """Whatever came in, and also within a gap."""
    stream = ResamplingStream(resampling_ratio(360, 250), n_leads=1)
    rng = np.random.default_rng(0)
    for _ in range(20):
        stream.push(rng.normal(size=(1, 1000)))
        assert stream._signal.shape[1] < 200
    for _ in range(20):
        stream.push(np.full((1, 1000), np.nan))
        assert stream._signal.shape[1] < 200


def test_nothing_resampled_is_nothing():
    """A stream may end before it begins."""
    stream = ResamplingStream(resampling_ratio(360, 250), n_leads=2)
    assert stream.push(np.empty((2, 0))).shape == (2, 0)
    assert stream.finish().shape == (2, 0)
