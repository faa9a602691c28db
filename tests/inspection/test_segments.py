"""Probabilities of segments of raw rows."""

import pytest
from numpy.testing import assert_array_equal
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from sklearn_ecg import Reshaper, SegmentedClassifier, Segmenter
from sklearn_ecg.inspection import segment_probabilities


def test_segments_of_raw_rows(tiny, strips):
    """The door of the pipeline answers as the last step of all does for transformed rows."""
    X, y, _ = strips
    pipeline = make_pipeline(Segmenter(50), make_pipeline(Reshaper(10), tiny())).fit(X, y)
    sequences = pipeline[-1][:-1].transform(pipeline[:-1].transform(X))
    expected = pipeline[-1][-1].predict_proba_segments(sequences)
    assert_array_equal(segment_probabilities(pipeline, X), expected)


def test_segments_of_any_classifier(strips):
    """A SegmentedClassifier needs no pipeline, and a classifier without segments is refused."""
    X, y, _ = strips
    classifier = SegmentedClassifier(Segmenter(50), LogisticRegression()).fit(X, y)
    assert segment_probabilities(classifier, X).shape == (60, 4, 2)
    with pytest.raises(TypeError, match="LogisticRegression, which has no predict_proba_segments"):
        segment_probabilities(LogisticRegression().fit(X[:, :, 0], y), X)
