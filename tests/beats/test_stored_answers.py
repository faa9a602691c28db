"""What models that were trained on beats rely on stays as it was, to two digits."""

import inspect

import numpy as np
import pytest

from sklearn_ecg.beats import _detector_network as network
from sklearn_ecg.beats import (
    beat_features,
    extract_beats,
    simulate_fusions,
    simulate_rhythms,
)
from sklearn_ecg.beats._fusion import with_fusions
from sklearn_ecg.beats._simulation import RHYTHMS
from sklearn_ecg.datasets import make_ecg

ALL = ("rhythm", "shape", "deviation", "waveform", "quality")
# Sums over a normal, a ventricular and a supraventricular beat, by whether features are causal.
STORED = {
    False: """
        -1.14 -2.98 -2.99 -3.46 -3.97 -0.14 -2.07 -2.4 2.62 -6.83 0.16 0.88 -0.3 1.54 0.53
        -2.25 0.95 0.86 -0.69 -1.17 2.13 0.51 -4.81 5.17 -0.17 -4.17 1.99 2.07 -5.85 2.8
        0.31 0.23 0.12 -0.03 -0.03 0.7 0.96 -0.18 -0.21 0.06 0.06 -0.05 -0.03 0.0 0.01 -3.3
        1.52
    """,
    True: """
        -1.14 -3.58 -3.32 -3.58 -3.78 -1.21 -3.64 -4.02 2.63 -7.08 0.25 1.03 0.11 1.2 -0.1
        -1.76 0.78 1.03 -0.53 -1.2 6.4 0.82 -5.01 6.5 -0.64 -7.74 7.74 2.35 -5.88 7.3 0.32
        0.23 0.09 -0.03 -0.04 0.51 0.94 -0.39 -0.38 -0.03 0.02 -0.06 -0.02 0.06 0.08 -0.66
        1.58
    """,
}


def _numbers(text):
    return np.array(text.split(), dtype=float)


@pytest.fixture(scope="module")
def recording():
    """A minute with noise and all kinds of beats that can be simulated."""
    noise = {"muscle": 20, "baseline_wander": 10, "mains_50hz": 20}
    return make_ecg(
        60, fs=250, leads=["II"], premature={"V": 0.15, "A": 0.1}, noise=noise, random_state=3
    )


def test_network_of_the_detector_stays(recording):
    """Where each layer looks, and how its input is filtered and scaled, by weights of chance."""
    rng = np.random.RandomState(0)
    weights = {
        name: rng.normal(size=values.shape) / np.sqrt(len(values))
        for name, values in network.load_weights().items()
    }
    signal = np.hstack([recording.signal, 0.3 * recording.signal[::-1]])
    signal[4000:4400, 0] = np.nan
    signal[6000:6400] = 0.2
    seen = network.read_steps(signal, 250)
    largest = network.remember(network.no_memory(2), *seen)
    probability = network.probabilities(*network.scale(*seen, largest), weights)
    stored = """
        0.015 0.7164 0.0075 0.2716 0.0248 0.0 0.146 0.1275 0.0424 0.5707 0.1068 0.2874
        0.0495 0.5086 0.1642 0.4725 0.0298 0.5474
    """
    np.testing.assert_allclose(probability[1128::331], _numbers(stored), atol=2e-4)


@pytest.mark.parametrize("causal", [False, True])
def test_features_stay(recording, causal):
    """Of each group, each column."""
    beats, symbols = recording.annotations
    assert "".join(symbols[[1, 22, 47]]) == "NVA"
    features = beat_features(recording.signal, beats, 250, features=ALL, causal=causal)
    np.testing.assert_allclose(
        features[[1, 22, 47]].sum(axis=0), _numbers(STORED[causal]), atol=0.008
    )


@pytest.mark.parametrize(
    ("rhythm", "stored"),
    [
        ("few", (-0.0859, 0.1357, 0.0824, 15)),
        ("many", (-0.1272, 0.2891, 0.2822, 288)),
        ("most", (-0.1671, 0.4208, 0.4935, 875)),
        ("runs", (-0.0309, 0.2577, 0.0925, 235)),
        ("arrhythmia", (-0.3992, 0.3187, 0.0647, 0)),
        ("fibrillation", (-0.2911, 0.1633, 0.1609, 0)),
    ],
)
def test_simulated_rhythms_stay(rhythm, stored):
    """The same seed draws the same intervals as in the release that trained a model."""
    log_rr, is_early = RHYTHMS[rhythm](2000, np.random.RandomState(5))
    drawn = log_rr.mean(), log_rr.std(), np.abs(np.diff(log_rr)).mean(), is_early.sum()
    np.testing.assert_allclose(drawn, stored, atol=1e-4)


def test_simulated_fusions_stay(recording):
    """Which beats are merged, how much earlier they come, and how high they are."""
    signal, moved, merged = with_fusions(
        recording, ["II"], *recording.beats, 4, np.random.RandomState(2)
    )
    assert merged.tolist() == [21, 27, 64, 69]
    assert (moved - recording.beats[0])[merged].tolist() == [-8, -20, -18, -7]
    np.testing.assert_allclose(signal[moved[merged], 0], [1.125, 1.179, 1.235, 1.228], atol=1e-3)
    np.testing.assert_allclose(np.abs(signal - recording.signal).sum(), 116.49, atol=0.05)


def test_simulated_rows_have_the_usual_neighbours():
    """By default as many, and the same features, as those of real beats."""
    usual = inspect.signature(extract_beats).parameters
    for simulate in (simulate_rhythms, simulate_fusions):
        own = inspect.signature(simulate).parameters
        for name in ("leads", "n_before", "n_after", "features", "causal"):
            assert own[name].default == usual[name].default, name
