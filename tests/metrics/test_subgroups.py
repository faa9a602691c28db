"""Scores of subgroups, and of the rows that are answered."""

from functools import partial

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, recall_score

from sklearn_ecg.metrics import abstention_curve, bootstrap_interval, scores_by_group

Y_TRUE = np.array(["N", "V"] * 6)
Y_PRED = np.array(["N", "V"] * 3 + ["N", "N"] * 3)
SEX = np.array(["f"] * 6 + ["m"] * 4 + [None] * 2, dtype=object)


def test_each_subgroup_is_scored():
    """Women, men, and those of whom it is not known."""
    scores = scores_by_group(accuracy_score, Y_TRUE, Y_PRED, by=SEX)
    assert list(scores) == ["all", "f", "m", "unknown"]
    assert scores["f"] == {"n_samples": 6, "score": 1.0}
    assert scores["m"] == {"n_samples": 4, "score": 0.5}
    assert scores["unknown"]["n_samples"] == 2


def test_figures_of_several_classes_are_lists():
    """The sensitivity to each class ended in an error about 0-dimensional arrays."""
    sensitivities = partial(recall_score, labels=["N", "V"], average=None)
    patients = np.repeat(np.arange(6), 2)
    scores = scores_by_group(sensitivities, Y_TRUE, Y_PRED, by=SEX, groups=patients, random_state=0)
    assert scores["f"]["score"] == scores["f"]["low"] == scores["f"]["high"] == [1.0, 1.0]
    assert scores["all"]["score"] == [1.0, 0.5]
    interval = bootstrap_interval(sensitivities, Y_TRUE, Y_PRED, groups=patients, random_state=0)
    assert scores["all"]["low"] == interval.low.tolist()
    assert np.isnan(scores["unknown"]["low"]).tolist() == [True, True]  # of one patient


def test_unknown_subgroups_may_be_words():
    """NumPy makes the word nan of a missing value beside words; float32 has its own NaN."""
    for by in (np.array(["f", np.nan, "f"]), np.array([1, np.nan, 1], dtype=np.float32)):
        scores = scores_by_group(accuracy_score, Y_TRUE[:3], Y_PRED[:3], by=by)
        assert scores["unknown"]["n_samples"] == 1


def test_equal_numbers_are_one_subgroup():
    """A column of objects may hold an int and a float."""
    scores = scores_by_group(accuracy_score, [1, 0, 1], [1, 0, 0], by=[63, 63.0, None])
    assert {name: score["n_samples"] for name, score in scores.items()} == {
        "all": 3,
        "63": 2,
        "unknown": 1,
    }


def test_subgroups_are_in_order():
    """Numbers by their value, then words."""
    by = ["60+", 100, 9, "male", 63]
    assert [*scores_by_group(accuracy_score, range(5), range(5), by=by)] == [
        "all",
        "9",
        "63",
        "100",
        "60+",
        "male",
    ]


def test_patients_give_intervals():
    """Except where there is one patient only."""
    groups = [0, 0, 1, 1, 2, 2, 3, 3, 3, 3, 4, 5]
    scores = scores_by_group(accuracy_score, Y_TRUE, Y_PRED, by=SEX, groups=groups, random_state=0)
    assert scores["f"]["n_groups"] == 3
    assert scores["f"]["low"] == scores["f"]["high"] == 1.0
    assert np.isnan(scores["m"]["low"])
    assert (scores["unknown"]["low"], scores["unknown"]["high"]) == (0, 1)  # two, one all wrong


def test_subgroup_with_the_name_of_all_is_refused():
    """Its scores would be lost behind those of all rows."""
    with pytest.raises(ValueError, match='by has a subgroup "all"'):
        scores_by_group(accuracy_score, ["N", "V"], ["N", "V"], by=["all", "f"])


def test_lengths_are_checked():
    """A subgroup for each row."""
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        scores_by_group(accuracy_score, Y_TRUE, Y_PRED, by=SEX[:5])


def test_answered_rows_are_the_most_certain():
    """Rows of equal confidence are answered together."""
    curve = abstention_curve(
        accuracy_score, [1, 1, 1, 1], [1, 1, 1, 0], confidence=[0.9, 0.6, 0.6, 0.5], n_points=4
    )
    np.testing.assert_allclose(curve.answered, [0.25, 0.75, 1])
    np.testing.assert_allclose(curve.score, [1, 1, 0.75])
    np.testing.assert_allclose(curve.threshold, [0.9, 0.6, 0.5])


def test_shares_are_evenly_spaced():
    """Of 100 rows 5, 10, ... 100, and of 7 the next whole number: 11 / 20 * 100 is above 55."""
    ones = np.ones(100, dtype=int)
    curve = abstention_curve(accuracy_score, ones, ones, confidence=np.arange(100))
    assert np.rint(100 * curve.answered).tolist() == list(range(5, 101, 5))
    assert curve.threshold.tolist() == list(range(95, -1, -5))
    few = abstention_curve(accuracy_score, ones[:7], ones[:7], confidence=np.arange(7), n_points=4)
    assert np.rint(7 * few.answered).tolist() == [2, 4, 6, 7]


def test_confidence_must_be_finite():
    """NaN has no order."""
    with pytest.raises(ValueError, match="confidence must be finite"):
        abstention_curve(accuracy_score, [1, 0], [1, 0], confidence=[0.5, np.nan])
