"""MAPIE takes fitted pipelines and rows of all forms, as docs/user_guide/trust.rst says."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from sklearn_ecg.compose import SegmentedClassifier
from sklearn_ecg.datasets import make_ecg_classification
from sklearn_ecg.preprocessing import Segmenter

classification = pytest.importorskip("mapie.classification")


@pytest.mark.parametrize("is_ragged", [False, True])
def test_conformal_sets_of_a_fitted_pipeline(is_ragged):
    """Dense rows with an axis of leads, and a list of rows, become sets of classes."""
    X, y, groups = make_ecg_classification(160, n_patients=40, fs=50, random_state=0)
    y = (y == "normal").astype(int)

    def rows(chosen):
        some = X[chosen]
        return [row[: 250 - 50 * (i % 2)] for i, row in enumerate(some)] if is_ragged else some

    train, calibrate, test = groups < 15, (groups >= 15) & (groups < 30), groups >= 30
    classifier = SegmentedClassifier(Segmenter(segment_length=50), LogisticRegression())
    classifier.fit(rows(train), y[train])

    conformal = classification.SplitConformalClassifier(
        classifier, confidence_level=0.9, prefit=True
    ).conformalize(rows(calibrate), y[calibrate])
    _, sets = conformal.predict_set(rows(test))
    assert sets.shape[:2] == (test.sum(), 2)
    assert np.take_along_axis(sets[:, :, 0], y[test][:, None], axis=1).mean() > 0.8
