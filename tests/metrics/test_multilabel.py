"""Scores of recordings with several labels."""

import numpy as np
import pytest
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import roc_auc_score

from sklearn_ecg.metrics import bootstrap_interval, f_max_score, ptbxl_macro_auc


def _draw(seed, n_samples=40, n_labels=5):
    rng = np.random.RandomState(seed)
    y_true = rng.randint(2, size=(n_samples, n_labels))
    y_score = np.round(rng.uniform(size=y_true.shape) + 0.3 * y_true, 1)  # with many ties
    return y_true, y_score


def test_macro_auc_by_hand():
    """Of the first label, 3 of 4 pairs are in order; of the second, one of 3, and one is a tie."""
    y_true = [[1, 0], [1, 1], [0, 0], [0, 0]]
    y_score = [[0.9, 0.2], [0.4, 0.5], [0.6, 0.5], [0.1, 0.8]]
    assert ptbxl_macro_auc(y_true, y_score) == pytest.approx((3 / 4 + 1.5 / 3) / 2)


def test_macro_auc_is_that_of_scikit_learn():
    """The benchmark's authors compute theirs by it; weights count as repetitions."""
    y_true, y_score = _draw(0)
    assert ptbxl_macro_auc(y_true, y_score) == pytest.approx(roc_auc_score(y_true, y_score))
    weight = np.arange(len(y_true)) % 3
    weighted = ptbxl_macro_auc(y_true, y_score, sample_weight=weight)
    rows = np.repeat(np.arange(len(y_true)), weight)
    assert weighted == pytest.approx(ptbxl_macro_auc(y_true[rows], y_score[rows]))


def test_label_that_is_absent_is_told():
    """It does not enter the mean, nor does one that all recordings have."""
    y_true, y_score = _draw(1)
    expected = ptbxl_macro_auc(y_true[:, [0, 2, 3]], y_score[:, [0, 2, 3]])
    y_true[:, 1], y_true[:, 4] = 0, 1
    with pytest.warns(UndefinedMetricWarning, match=r"in columns \[1 4\]") as warned:
        assert ptbxl_macro_auc(y_true, y_score) == pytest.approx(expected)
    assert warned[0].filename == __file__  # the line of the caller is shown
    with pytest.warns(UndefinedMetricWarning, match=r"in columns \[0\]"):
        assert np.isnan(ptbxl_macro_auc([[0], [0]], [[0.1], [0.2]]))


def test_label_of_rows_without_weight_is_absent():
    """As if these rows were not there, where the mean was NaN."""
    y_true, y_score = _draw(1)
    weight = 1 - y_true[:, 2]
    with pytest.warns(UndefinedMetricWarning, match=r"in columns \[2\]"):
        expected = ptbxl_macro_auc(y_true[weight == 1], y_score[weight == 1])
    with pytest.warns(UndefinedMetricWarning, match=r"in columns \[2\]"):
        found = ptbxl_macro_auc(y_true, y_score, sample_weight=weight)
    assert found == pytest.approx(expected)


def test_macro_auc_has_an_interval():
    """Patients are drawn, also such as lack a label, and nothing is told about these."""
    y_true, y_score = _draw(2)
    y_true[:, 0] = np.arange(len(y_true)) < 2
    interval = bootstrap_interval(
        ptbxl_macro_auc, y_true, y_score, groups=np.arange(40) // 4, n_resamples=30, random_state=0
    )
    assert interval.low < interval.value < interval.high


def _f_at(y_true, y_score, threshold):
    precisions, recalls = [], []
    for true, scores in zip(y_true, y_score, strict=True):
        predicted = scores >= threshold
        if predicted.any():
            precisions.append(true[predicted].mean())
        if true.any():
            recalls.append(predicted[true == 1].mean())
    precision, recall = np.mean(precisions), np.mean(recalls)
    return 2 * precision * recall / (precision + recall) if recall else 0.0


@pytest.mark.parametrize("seed", range(5))
def test_f_max_is_the_best_of_all_thresholds(seed):
    """Each distinct score is tried as a threshold."""
    y_true, y_score = _draw(seed, n_samples=12, n_labels=4)
    y_true[3] = 0  # a recording without a label has no recall
    expected = max(_f_at(y_true, y_score, threshold) for threshold in np.unique(y_score))
    assert f_max_score(y_true, y_score) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("y_true", "y_score", "expected"),
    [
        ([[1, 0], [0, 1]], [[0.9, 0.1], [0.2, 0.8]], 1),
        ([[1, 0], [0, 1]], [[0.5, 0.5], [0.5, 0.5]], 2 / 3),  # both labels, or none
        ([[1, 0], [1, 0]], [[0.9, 0.1], [0.2, 0.1]], 1),
        ([[1, 0], [1, 0]], [[0.9, 0.1], [0.2, 0.3]], 6 / 7),  # from .2 on: P 3/4, R 1
        ([[0, 1]], [[0.9, 0.1]], 2 / 3),
        ([[0, 0]], [[0.9, 0.1]], np.nan),
    ],
)
def test_f_max_by_hand(y_true, y_score, expected):
    """Certainty, ties, and recordings without any label."""
    assert f_max_score(y_true, y_score) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("metric", [ptbxl_macro_auc, f_max_score])
@pytest.mark.parametrize(
    ("y_true", "y_score", "message"),
    [
        ([[0, 1]], [[0.1]], "y_true has 2 labels, but y_score has 1"),
        ([[0, 2]], [[0.1, 0.2]], "y_true must be 1 where"),
        ([[0, 1]], [[0.1, 0.2]] * 2, "inconsistent numbers"),
        ([0, 1], [0.1, 0.2], "y_true must be a table with a column for each label, but has 1 axes"),
        ([[0], [1]], [0.1, 0.2], "y_score must be a table"),
        ([[0, 1]], [[0.1, np.nan]], "Input y_score contains NaN"),
        ([[0, np.nan]], [[0.1, 0.2]], "Input y_true contains NaN"),
    ],
)
def test_other_tables_are_refused(metric, y_true, y_score, message):
    """The error says which table is wrong."""
    with pytest.raises(ValueError, match=message):
        metric(y_true, y_score)
