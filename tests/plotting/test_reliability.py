"""Whether probabilities can be taken at their word, as a picture."""

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from sklearn_ecg.metrics import expected_calibration_error, reliability_curve
from sklearn_ecg.neural_network import LSTMClassifier
from sklearn_ecg.plotting import ReliabilityDisplay


@pytest.fixture
def fitted():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 2))
    y = np.where(X[:, 0] + rng.normal(size=200) > 0, "V", "N")
    return LogisticRegression().fit(X, y), X, y


def test_classifier_is_drawn_with_its_error(fitted):
    """In bins, with a bar for each, beside the diagonal."""
    classifier, X, y = fitted
    display = ReliabilityDisplay.from_estimator(
        classifier, X, y, groups=np.arange(200) // 10, n_bins=5, random_state=0
    )
    error = expected_calibration_error(y == "V", classifier.predict_proba(X)[:, 1], n_bins=5)
    labels = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert labels == ["perfect", f"LogisticRegression (ECE {error:.3f})"]
    assert len(display.curve.predicted) == 5


def test_two_classifiers_share_axes(fitted):
    """With one diagonal."""
    classifier, X, y = fitted
    first = ReliabilityDisplay.from_estimator(classifier, X, y, random_state=0)
    other = ReliabilityDisplay.from_estimator(
        classifier, X, y, pos_label="N", name="other", random_state=0, ax=first.ax_
    )
    assert other.figure_ is first.figure_
    labels = [text.get_text() for text in other.ax_.get_legend().get_texts()]
    assert labels.count("perfect") == 1
    assert len(labels) == 3


def test_long_name_leaves_room_for_the_curve():
    """A line of the legend as wide as the figure would leave none."""
    name = "a long name of a classifier with many settings, of the year 2024"
    display = ReliabilityDisplay.from_predictions([0, 1] * 9, [0.2, 0.7] * 9, name=name)
    display.figure_.canvas.draw()
    sheet = display.ax_.get_window_extent()
    assert sheet.width > 0.7 * display.figure_.bbox.width
    assert display.ax_.get_legend().get_window_extent().x1 <= sheet.x1


@pytest.mark.parametrize("names", [["AFIB", "NORM", "SR"], [0, 1, 2]])
def test_label_is_drawn_by_its_name_or_number(names):
    """If several labels may be true at once."""
    X = np.random.default_rng(0).normal(size=(40, 3, 2)).astype(np.float32)
    Y = np.column_stack([X[:, 0, 0] > 0, X[:, 0, 1] > 0, X[:, 1, 0] > 1]).astype(int)
    labels = pd.DataFrame(Y, columns=names)
    classifier = LSTMClassifier(units=2, epochs=1, random_state=0).fit(X, labels)
    y_prob = classifier.predict_proba(X)
    for label, column in [(names[1], 1), (None, 2)]:
        display = ReliabilityDisplay.from_estimator(
            classifier, X, labels, pos_label=label, random_state=0
        )
        expected = reliability_curve(Y[:, column], y_prob[:, column], random_state=0)
        np.testing.assert_array_equal(display.curve.observed, expected.observed)


def test_label_of_a_forest_is_drawn():
    """Its probabilities are a list; a label that it never saw is never there."""
    X = np.random.default_rng(0).normal(size=(40, 3))
    Y = np.column_stack([X[:, 0] > 0, np.zeros(40), X[:, 1] > 0]).astype(int)
    forest = RandomForestClassifier(5, random_state=0).fit(X, Y)
    options = {"random_state": 0, "n_bins": 3}
    display = ReliabilityDisplay.from_estimator(forest, X, Y, **options)
    expected = reliability_curve(Y[:, 2], forest.predict_proba(X)[2][:, 1], **options)
    np.testing.assert_array_equal(display.curve.predicted, expected.predicted)
    display = ReliabilityDisplay.from_estimator(forest, X, Y, pos_label=1, **options)
    assert display.curve.predicted.tolist() == [0]


def test_other_classes_are_refused(fitted):
    """By name."""
    with pytest.raises(ValueError, match="pos_label='S' is not one of the classes"):
        ReliabilityDisplay.from_estimator(*fitted, pos_label="S")
