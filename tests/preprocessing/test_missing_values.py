"""NaN travels safely through every transformer of the room, one by one and in a pipeline."""

import tracemalloc

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.pipeline import make_pipeline

from sklearn_ecg.preprocessing import (
    BandpassFilter,
    GapFiller,
    MaxNormalizer,
    NotchFilter,
    QualityGate,
    Resampler,
    Reshaper,
    Segmenter,
)

FS = 200


@pytest.fixture
def X():
    """Three recordings of two leads: a short gap, a long one, a missing lead and a whole row."""
    X = 0.05 * np.random.default_rng(0).normal(size=(3, 1200, 2)).astype(np.float32)
    X[:, ::160] += 1
    X[0, 100:105, 0] = np.nan
    X[0, 700:900, 1] = np.nan
    X[1, :, 1] = np.nan
    return X


@pytest.mark.parametrize(
    "transformer",
    [
        MaxNormalizer(),
        BandpassFilter(fs=FS),
        BandpassFilter(fs=FS, causal=True),
        NotchFilter(50, fs=FS),
        Resampler(FS, fs=FS),
        QualityGate(fs=FS),
        GapFiller(0),
    ],
    ids=repr,
)
def test_positions_of_nan_are_the_same_afterwards(transformer, X):
    """These keep time, and NaN in its place, in the dense and the ragged form."""
    assert_array_equal(np.isnan(transformer.fit_transform(X)), np.isnan(X))
    for row, expected in zip(transformer.fit_transform(list(X)), X, strict=True):
        assert_array_equal(np.isnan(row), np.isnan(expected))


def test_segmenter_and_reshaper_move_nan_with_its_time_step(X):
    """Cut and joined, every NaN is where its time step went."""
    segments = Segmenter(300).fit_transform(X)
    assert_array_equal(np.isnan(segments), np.isnan(X).reshape(3, 4, 300, 2))
    sequences = Reshaper(20).fit_transform(X)
    assert_array_equal(np.isnan(sequences), np.isnan(X).reshape(3, 60, 40))


def test_resampler_moves_nan_in_time(X):
    """At half the rate a gap of time steps 700-899 is one of 350-449, and one more at its end."""
    is_gap = np.isnan(Resampler(FS / 2, fs=FS).fit_transform(X))
    assert_array_equal(np.flatnonzero(is_gap[0, :, 1]), np.arange(350, 451))
    assert is_gap[1, :, 1].all()
    assert not is_gap[2].any()


def pipeline(*first, last=()):
    return make_pipeline(
        *first,
        NotchFilter(50, fs=FS),
        BandpassFilter(fs=FS),
        Resampler(FS / 2, fs=FS),
        Segmenter(150),
        QualityGate(fs=FS / 2, max_gaps=0.9),
        MaxNormalizer(),
        *last,
        Reshaper(10),
    )


def test_nan_passes_the_whole_pipeline_and_stays_in_its_segment(X):
    """What is known remains known: only the four marked stretches are NaN at the end."""
    sequences = pipeline().fit_transform(X)
    assert sequences.shape == (3, 4, 15, 20)
    by_lead = np.isnan(sequences).reshape(3, 600, 2)
    assert_array_equal(np.flatnonzero(by_lead[0, :, 0]), [50, 51, 52])
    assert_array_equal(np.flatnonzero(by_lead[0, :, 1]), np.arange(350, 451))
    assert by_lead[1, :, 1].all()
    assert not by_lead[1, :, 0].any()
    assert not by_lead[2].any()


@pytest.mark.parametrize("ragged", [False, True])
def test_filling_makes_the_data_finite_for_a_network(X, ragged):
    """Filled first with a constant, or last before the network, nothing is NaN."""
    X = list(X) if ragged else X
    fillers = [
        pipeline(GapFiller(10, fill_value=0)),
        pipeline(GapFiller(10), last=[GapFiller(0, fill_value=0)]),
    ]
    fillers[0].set_params(qualitygate__fill_value=0)
    for steps in fillers:
        sequences = steps.fit_transform(X)
        for row in sequences:
            assert np.isfinite(row).all()
            assert row.dtype == np.float32


@pytest.mark.parametrize(
    "transformer",
    [GapFiller(10), BandpassFilter(fs=FS), Resampler(250, fs=FS), Resampler(100, fs=FS)],
    ids=repr,
)
def test_gaps_of_a_long_recording_take_no_memory_of_their_own(transformer):
    """Copies in float64 and marks, but no number for each time step."""
    signal = np.zeros((1, 2**21, 1), dtype=np.float32)
    for begin in (5000, 10**6):
        signal[0, begin : begin + 400] = np.nan
    transformer.fit_transform(signal[:, :10_000])  # which loads what is loaded once
    tracemalloc.start()
    try:
        result = transformer.fit_transform(signal)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert np.isnan(result).any()
    assert peak < 6 * max(signal.nbytes, result.nbytes)
