"""Beats are described while they come in as they are afterwards."""

import numpy as np

from sklearn_ecg.beats import beat_features
from sklearn_ecg.beats._feature_stream import FeatureStream

FS = 250
ALL = ("rhythm", "irregularity", "shape", "deviation", "waveform", "quality")


def test_first_two_beats_may_both_be_at_the_beginning():
    """What is kept for the first is no signal before the second."""
    beats = np.array([25, 100, 200, 400, 600, 800])
    signal = np.random.default_rng(0).normal(0, 0.05, (1000, 1)).astype(np.float32)
    for beat in beats:
        signal[beat - 5 : beat + 6, 0] += np.hanning(11)
    expected = beat_features(signal, beats, FS, features=ALL, causal=True)
    stream = FeatureStream(FS, ALL, n_leads=1, delay=400)
    found, n_told = [], 0
    for stop in range(10, 1010, 10):
        n = np.searchsorted(beats, stop - 390)  # beats are told one by one, and late
        found.append(stream.push(signal[stop - 10 : stop], beats[n_told:n]))
        n_told = n
    found += [stream.push(signal[:0], beats[n_told:]), stream.finish()]
    np.testing.assert_allclose(np.concatenate(found), expected, atol=1e-5)
