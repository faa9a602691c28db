"""A model, and the file of it."""

import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from sklearn_ecg.compose import SegmentedClassifier
from sklearn_ecg.persistence import save
from sklearn_ecg.preprocessing import MaxNormalizer, Segmenter


@pytest.fixture
def model(strips):
    X, y, _ = strips
    classifier = SegmentedClassifier(Segmenter(segment_length=100), LogisticRegression())
    return make_pipeline(MaxNormalizer(), classifier).fit(X, y)


@pytest.fixture
def path(model, tmp_path):
    save(model, tmp_path / "model.skecg", card={"limits": "a toy"})
    return tmp_path / "model.skecg"
