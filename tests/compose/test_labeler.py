"""Any classifier of segments as one that labels the segments of rows."""

import numpy as np
import pytest
import sklearn
from sklearn.base import is_classifier
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from sklearn_ecg.compose import SegmentLabeler
from sklearn_ecg.preprocessing import Segmenter

# Two rows, of two segments and of one, each a single time step of one lead.
BAGS = [np.array([[[0.2]], [[0.6]]]), np.array([[[0.9]]])]


def test_labels_may_vary_within_a_row():
    """Predictions are of segments, and each row counts once in the score."""
    y = [np.array(["n", "v"]), np.array(["n"])]
    labeler = SegmentLabeler(None, DecisionTreeClassifier()).fit(BAGS, y)
    assert [labels.tolist() for labels in labeler.predict(BAGS)] == [["n", "v"], ["n"]]
    assert labeler.predict_proba(BAGS)[0].tolist() == [[1, 0], [0, 1]]
    assert labeler.classes_.tolist() == ["n", "v"]
    assert labeler.score(BAGS, y) == 1
    wrong = [np.array(["n", "n"]), np.array(["n"])]  # half of one row, all of the other
    assert labeler.score(BAGS, wrong) == 0.75
    assert labeler.score(BAGS, wrong, sample_weight=[3, 1]) == 0.625


def test_labels_may_be_a_table():
    """Dense rows have a column for each segment, and so has the prediction."""
    X = np.array([[0.0, 0.0, 5.0, 5.0], [5.0, 5.0, 5.0, 5.0]])
    y = np.array([[0, 1], [1, 1]])
    labeler = SegmentLabeler(Segmenter(segment_length=2), GaussianNB()).fit(X, y)
    np.testing.assert_array_equal(labeler.predict(X), y)
    assert labeler.predict_proba(X).shape == (2, 2, 2)


def test_padding_is_not_scored():
    """Its labels, which say nothing, are neither trained on nor counted."""
    X = np.array([[0.0, 0.0, 5.0, 5.0], [5.0, 5.0, np.nan, np.nan]])
    labeler = SegmentLabeler(Segmenter(segment_length=2), GaussianNB())
    labeler.fit(X, np.array([[0, 1], [1, 2]]))
    assert labeler.classes_.tolist() == [0, 1]
    assert labeler.score(X, np.array([[0, 1], [1, 0]])) == 1
    assert labeler.predict(X).tolist() == [[0, 1], [1, 1]]


def test_rows_are_split_not_segments(strips):
    """No segment of a row is trained on while another is scored; a number is a plain cv."""
    X, _, groups = strips
    y = [np.arange(2) == i % 2 for i in range(len(X))]
    labeler = SegmentLabeler(Segmenter(segment_length=X.shape[1] // 2), DummyClassifier())
    np.testing.assert_allclose(cross_val_score(labeler, X, y, groups=groups, cv=GroupKFold(2)), 0.5)
    assert not is_classifier(labeler)
    np.testing.assert_allclose(cross_val_score(labeler, X, y, cv=3), 0.5)


def test_parameters_are_searched():
    """A search tunes both parts by name and scores by the accuracy on segments."""
    rng = np.random.default_rng(0)
    y = rng.integers(2, size=(30, 4))
    X = np.repeat(y, 5, axis=1) + rng.normal(scale=0.1, size=(30, 20))
    labeler = SegmentLabeler(Segmenter(segment_length=5), LogisticRegression())
    search = GridSearchCV(labeler, {"estimator__C": [1e-9, 1.0]}, cv=2).fit(X, y)
    assert search.best_params_ == {"estimator__C": 1.0}
    assert search.score(X, y) == 1


def test_weights_of_rows_are_shared():
    """The estimator is given what each segment has of the weight of its row."""
    labeler = SegmentLabeler(None, DummyClassifier()).fit(BAGS, [[0, 1], [1]], sample_weight=[3, 1])
    np.testing.assert_allclose(labeler.predict_proba(BAGS)[1], [[3 / 8, 5 / 8]])


def test_what_has_no_probabilities_offers_none():
    """Labels come from a machine without probabilities too."""
    labeler = SegmentLabeler(None, LinearSVC())
    assert not hasattr(labeler, "predict_proba")
    assert labeler.fit(BAGS, [[0, 1], [1]]).predict(BAGS)[0].shape == (2,)


def test_labels_of_rows_are_for_the_classifier():
    """The error names the estimator that takes them."""
    for y in ([0, 1], np.array(["n", "v"])):
        with pytest.raises(ValueError, match=r"one label for each row.* use SegmentedClassifier"):
            SegmentLabeler(None, GaussianNB()).fit(BAGS, y)


def test_wrong_parts_are_refused():
    """A regressor labels nothing, and labels are needed."""
    with pytest.raises(ValueError, match="is not a classifier"):
        SegmentLabeler(None, LinearRegression()).fit(BAGS, [[0, 1], [1]])
    with pytest.raises(ValueError, match="'segment_length' parameter of Segmenter"):
        SegmentLabeler(Segmenter(0), GaussianNB()).fit(np.eye(2), [[0, 1], [0, 1]])
    with pytest.raises(ValueError, match="SegmentLabeler estimator requires y"):
        SegmentLabeler(None, GaussianNB()).fit(BAGS, None)


def test_failed_fit_leaves_nothing_fitted():
    """Nothing that an old fit learnt meets the data of a new one."""
    labeler = SegmentLabeler(None, GaussianNB()).fit(BAGS, [[0, 1], [1]])
    with pytest.raises(ValueError, match=r"row 0 of y has labels of shape \(1,\)"):
        labeler.fit(BAGS, [[0], [1]])
    for use in (labeler.predict, labeler.predict_proba, lambda X: labeler.score(X, [[0, 1], [1]])):
        with pytest.raises(sklearn.exceptions.NotFittedError):
            use(BAGS)
