"""A model that an earlier version has saved still loads, and predicts what it predicted then.

To store one of a new version, run this file as a program, and keep those that are there.
"""

import warnings
from pathlib import Path

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline

import sklearn_ecg
from sklearn_ecg.neural_network import LSTMClassifier
from sklearn_ecg.persistence import describe_model, load, save
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

FOLDER = Path(__file__).parent
STORED = sorted(FOLDER.glob("stored_*.skecg"))


def make_signals():
    """Two rhythms as trains of spikes, without the help of a generator that may change."""
    time = np.arange(400) / 100
    y = np.tile([0, 1], 10)
    phase = np.arange(20) / 20
    period = np.where(y, 0.5, 1.0)
    beats = (time + phase[:, None]) / period[:, None]
    X = np.exp(-(((beats % 1 - 0.5) * period[:, None] / 0.02) ** 2))
    X[::3, 100:103] = np.nan
    return X[:, :, None], y


def store():
    X, y = make_signals()
    pipeline = make_pipeline(
        GapFiller(5),
        QualityGate(fs=100),
        NotchFilter(40, fs=100),
        BandpassFilter(low=0.5, high=30, fs=100),
        Resampler(50, fs=100),
        MaxNormalizer(),
        Segmenter(segment_length=100),
        Reshaper(frame_length=10),
        LSTMClassifier(units=4, epochs=20, learning_rate=0.02, random_state=0),
    ).fit(X, y)
    card = {"predict_proba": pipeline.predict_proba(X).tolist()}
    version = sklearn_ecg.__version__.partition(".dev")[0]
    save(pipeline, FOLDER / f"stored_{version}.skecg", card=card)


def test_there_is_a_stored_model():
    """Else the next test would test nothing."""
    assert STORED


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_stored_model_predicts_as_it_did(path):
    """In every version of scikit-learn, Keras and this package that is supported."""
    X, y = make_signals()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*was saved with", category=UserWarning)
        loaded = load(path)
    expected = describe_model(path)["card"]["predict_proba"]
    np.testing.assert_allclose(loaded.predict_proba(X), expected, atol=1e-5)
    assert (loaded.predict(X) == y).mean() > 0.9


if __name__ == "__main__":
    store()
