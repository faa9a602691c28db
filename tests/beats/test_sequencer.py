"""Turn recordings into sequences of beats."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from sklearn_ecg.beats import BeatSequencer, beat_feature_names, beat_features, detect_beats
from sklearn_ecg.preprocessing import Resampler

FS = 250


@pytest.fixture
def X(record):
    """Three recordings of two leads and different length: the last is noise without beats."""
    return [record.signal[:5000], record.signal[1000:], np.zeros((1100, 2), dtype=np.float32)]


@pytest.mark.parametrize("options", [{}, {"features": ["rhythm"], "causal": True}])
def test_steps_are_the_beats(X, options):
    """Each is what beat_features says of a detected beat, and a 1 that says it is one."""
    sequences = BeatSequencer(fs=FS, **options).fit_transform(X)
    assert (sequences.dtype, sequences.shape) == (object, (3,))
    features = options.get("features", BeatSequencer(fs=FS).features)
    for row, sequence in zip(X[:2], sequences, strict=False):
        (beats,) = detect_beats([row], FS)
        expected = beat_features(row, beats, FS, **({"features": features} | options))
        np.testing.assert_array_equal(sequence[:, :-1], expected)
        assert (sequence[:, -1] == 1).all()
        assert sequence.dtype == np.float32
        assert sequence.shape[1] == len(beat_feature_names(features, n_leads=2)) + 1


@pytest.mark.parametrize("n_found", [None, 0, 1])
def test_recording_without_beats_keeps_its_row(X, record, n_found):
    """4.4 s without two beats become steps at 0.5, 1.5, 2.5 and 3.5 s, which say they are none."""
    row = np.full((1100, 2), np.nan if n_found is None else 0.0)
    if n_found:
        beat = record.beats[0][5]
        row[400:600] = record.signal[beat - 100 : beat + 100]
    assert len(detect_beats([row], FS)[0]) == (n_found or 0)
    sequences = BeatSequencer(fs=FS).fit_transform([X[0], row])
    assert len(sequences[1]) == 4
    assert (sequences[1][:, -1] == 0).all()
    assert np.isfinite(sequences[1]).all()
    expected = beat_features(row, [125, 375, 625, 875], FS, features=BeatSequencer(fs=FS).features)
    np.testing.assert_array_equal(sequences[1][:, :-1], expected)


@pytest.mark.parametrize("n_timesteps", [1, 2, 100, 250])
def test_shortest_recording_keeps_its_row(n_timesteps):
    """One step for what is a second or less."""
    (sequence,) = BeatSequencer(fs=FS).fit_transform([np.ones(n_timesteps)])
    assert sequence.shape == (1, 8 + 11 + 11 + 15 + 2 + 1)
    assert np.isfinite(sequence).all()


@pytest.mark.parametrize("n_beats", [1, 3, 100])
def test_fixed_number_of_beats_makes_dense_data(X, n_beats):
    """Later beats are cut off, and padding added at the end."""
    ragged = BeatSequencer(fs=FS).fit_transform(X)
    dense = BeatSequencer(fs=FS, n_beats=n_beats).fit_transform(X)
    assert dense.shape == (3, n_beats, ragged[0].shape[1])
    assert dense.dtype == np.float32
    for row, sequence in zip(dense, ragged, strict=True):
        kept = min(n_beats, len(sequence))
        np.testing.assert_array_equal(row[:kept], sequence[:kept])
        assert np.isnan(row[kept:]).all()


def test_one_recording_makes_dense_data_too(X):
    """A row alone is what it is among others."""
    sequencer = BeatSequencer(fs=FS, n_beats=9)
    np.testing.assert_array_equal(sequencer.fit_transform(X[:1])[0], sequencer.fit_transform(X)[0])


def test_dense_and_ragged_signals_give_the_same(record):
    """One lead without an axis, with one, and in a list; float64 too."""
    signal = record.signal[:4000, 0]
    expected = BeatSequencer(fs=FS).fit_transform(signal[None])[0]
    for X in (signal[None, :, None], [signal], signal[None].astype(np.float64)):
        np.testing.assert_array_equal(BeatSequencer(fs=FS).fit_transform(X)[0], expected)


def test_features_have_names(X):
    """Those of the features of beats, and of the flag."""
    sequencer = BeatSequencer(fs=FS, features=["rhythm", "quality"]).fit(X)
    names = sequencer.get_feature_names_out().tolist()
    assert names == [*beat_feature_names(["rhythm", "quality"], n_leads=2), "is_beat"]
    assert len(names) == sequencer.transform(X)[0].shape[1]


def test_works_in_a_pipeline(X):
    """It comes after transformers of signals, and can be cloned and set."""
    pipeline = clone(make_pipeline(Resampler(125, fs=FS), BeatSequencer(fs=125)))
    pipeline.set_params(beatsequencer__n_beats=10, beatsequencer__features=["rhythm"])
    assert pipeline.fit_transform(X).shape == (3, 10, 9)


def test_input_is_not_written_into(X):
    """Missing values are filled in a copy."""
    X[0] = X[0].copy()
    X[0][100:300] = np.nan
    before = X[0].copy()
    BeatSequencer(fs=FS).fit_transform(X)
    np.testing.assert_array_equal(X[0], before)


@pytest.mark.parametrize(
    ("options", "X", "message"),
    [
        ({"fs": 80}, np.ones((1, 500)), r"'fs' parameter .* in the range \(80"),
        ({"n_beats": 0}, np.ones((1, 500)), "'n_beats' parameter"),
        ({"features": "rhythm"}, np.ones((1, 500)), "'features' parameter"),
        ({"features": ["colour"]}, np.ones((1, 500)), "must be some of rhythm"),
        ({}, np.ones((1, 2, 500, 1)), r"row 0 of X has shape \(2, 500, 1\): it is already cut"),
        ({}, [np.ones(5), np.array([1, np.inf])], "infinity: row 1"),
    ],
)
def test_bad_input_is_refused(options, X, message):
    """The error names the parameter or the row."""
    with pytest.raises(ValueError, match=message):
        BeatSequencer(**({"fs": FS} | options)).fit_transform(X)
