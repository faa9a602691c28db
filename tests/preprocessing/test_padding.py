"""What is padded, by NaN at its end, gives what it gives alone, and padding after it."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sklearn_ecg.beats import BeatSequencer
from sklearn_ecg.datasets import make_ecg
from sklearn_ecg.preprocessing import (
    BandpassFilter,
    GapFiller,
    LogSpectrogram,
    MaxNormalizer,
    NotchFilter,
    QualityFlags,
    QualityGate,
    Resampler,
    Reshaper,
    Segmenter,
    signal_quality,
)

FS = 200
LENGTH = 1000
TRANSFORMERS = [
    BandpassFilter(fs=FS),
    BandpassFilter(fs=FS, causal=True),
    NotchFilter(50, fs=FS),
    Resampler(150, fs=FS),
    Resampler(300, fs=FS),
    GapFiller(5),
    GapFiller(5, fill_value=0),
    MaxNormalizer(),
    QualityGate(fs=FS),
    QualityGate(fs=FS, fill_value=0, max_noise=0),
    QualityFlags(fs=FS),
    LogSpectrogram(),
    Segmenter(150),
    Segmenter(150, step=100),
    Segmenter(150, step=40, tail="drop"),
    Segmenter(150, tail="drop"),
    Segmenter(100, step=150),
    Reshaper(15),
    Reshaper(15, tail="drop"),
]


@pytest.fixture(scope="module")
def X():
    """Three recordings of two leads in one array: one is padded, one ends in a gap of one lead."""
    rows = [make_ecg(8, fs=FS, leads=["II", "V5"], random_state=i).signal for i in range(3)]
    X = np.stack(rows)
    X[1, LENGTH:] = np.nan
    X[1, :2] = 5.0  # what is there at the beginning does matter
    return X


@pytest.mark.parametrize("as_list", [False, True])
@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=repr)
def test_padding_changes_nothing_before_it(transformer, X, as_list):
    """The padded row starts with what the row gives alone; what follows is padding."""
    results = transformer.fit_transform(list(X) if as_list else X)
    alone = transformer.fit_transform([X[1, :LENGTH]])[0]
    assert_array_equal(results[1][: len(alone)], alone)
    assert np.isnan(results[1][len(alone) :]).all()
    assert_array_equal(results[0], transformer.fit_transform([X[0]])[0])


@pytest.mark.parametrize(
    "transformer", [t for t in TRANSFORMERS if not isinstance(t, Segmenter)], ids=repr
)
def test_padding_of_segments_changes_nothing(transformer, X):
    """In a bag, the last segment that is padded in part is what it is alone."""
    bags = np.full((1, 4, 600, 2), np.nan, dtype=np.float32)
    bags[0, :2], bags[0, 2, :500] = X[0, :1200].reshape(2, 600, 2), X[1, :500]
    results = transformer.fit_transform(bags)
    alone = transformer.fit_transform([X[1, :500]])[0]
    assert_array_equal(results[0, 2][: len(alone)], alone)
    if not isinstance(transformer, QualityFlags):  # which has one flag for a segment
        assert np.isnan(results[0, 2][len(alone) :]).all()
    assert np.isnan(results[0, 3]).all()


def test_quality_is_of_the_signal_alone(X):
    """Padding is neither a gap nor noise."""
    padded, alone = signal_quality(X[1:2], FS), signal_quality(X[1:2, :LENGTH], FS)
    assert_array_equal(padded.gaps, 0)
    for name, values in padded.items():
        assert_array_equal(values, alone[name])


def test_padding_holds_no_beats(X):
    """Nor steps of a row in which there are none."""
    flat = np.zeros_like(X[1])
    flat[LENGTH:] = np.nan
    sequences = BeatSequencer(fs=FS).fit_transform(np.stack([X[1], flat]))
    assert_array_equal(sequences[0], BeatSequencer(fs=FS).fit_transform([X[1, :LENGTH]])[0])
    assert len(sequences[1]) == LENGTH // FS
