"""Single figures for all classes of beats."""

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score, f1_score

from sklearn_ecg.metrics import beat_classification_report, beat_macro_f1, jk_index

# Beats of each class in DS2 of the MIT-BIH database.
DS2 = {"N": 44259, "S": 1837, "V": 3221, "F": 388, "Q": 7}


@pytest.fixture
def beats():
    """Labels that are mostly right."""
    rng = np.random.RandomState(0)
    y_true = rng.choice(list("NSVFQ"), 400)
    y_pred = np.where(rng.uniform(size=400) < 0.3, rng.choice(list("NSVFQ"), 400), y_true)
    return y_true, y_pred


@pytest.mark.parametrize("labels", ["NSVF", "NSV", "NSVFQ"])
def test_beat_macro_f1_agrees_with_sklearn(beats, labels):
    """It is scikit-learn's macro F1 over given labels where all of them occur."""
    expected = f1_score(*beats, labels=list(labels), average="macro")
    assert beat_macro_f1(*beats, labels=list(labels)) == pytest.approx(expected)


def test_always_normal_scores_a_quarter_of_one_f1():
    """On DS2 to predict N always has accuracy 0.89 and macro F1 0.235."""
    score = beat_macro_f1(list(DS2), ["N"] * 5, sample_weight=list(DS2.values()))
    assert score == pytest.approx(2 * 44259 / (44259 + 49712) / 4)
    assert round(score, 3) == 0.235


def test_beat_macro_f1_leaves_out_what_does_not_occur():
    """A class that the reference lacks does not enter the mean, predicted or not."""
    assert beat_macro_f1(["N", "V"], ["N", "V"]) == 1
    assert beat_macro_f1(["N", "N", "V"], ["N", "F", "V"]) == pytest.approx((2 / 3 + 1) / 2)
    assert np.isnan(beat_macro_f1(["Q"], ["N"]))


def test_beat_macro_f1_counts_as_told():
    """Under EC57 a fusion beat taken for V harms F, but not V."""
    y_true, y_pred = ["N", "V", "F"], ["N", "V", "V"]
    assert beat_macro_f1(y_true, y_pred) == pytest.approx((1 + 2 / 3 + 0) / 3)
    assert beat_macro_f1(y_true, y_pred, counting="ec57") == pytest.approx((1 + 1 + 0) / 3)


def test_beat_macro_f1_refuses_an_unknown_class():
    """Labels of the mean must be classes of beats."""
    with pytest.raises(ValueError, match="labels has 'A'; the AAMI's classes are"):
        beat_macro_f1(["N"], ["N"], labels=["N", "A"])


def j_index(*labels, counting="one-vs-rest"):
    return beat_classification_report(*labels, counting=counting, output_dict=True)["j_index"]


def test_j_index_by_hand():
    """S is found in 1 of 2 and right in 1 of 1; V is found in 2 of 2 and right in 2 of 4."""
    y_true, y_pred = list("SSVVNF"), list("SVVVNV")
    assert j_index(y_true, y_pred) == 1 / 2 + 1 + 1 + 2 / 4
    assert j_index(y_true, y_pred, counting="ec57") == pytest.approx(1 / 2 + 1 + 1 + 2 / 3)


def test_jk_index_is_half_kappa_and_half_j(beats):
    """Kappa is scikit-learn's, over all classes."""
    assert jk_index(*beats) == pytest.approx(cohen_kappa_score(*beats) / 2 + j_index(*beats) / 8)
    assert jk_index(list("NSV"), list("NSV")) == 1


def test_indices_count_undefined_as_zero():
    """A model that finds nothing scores 0, so that a search can rank it."""
    assert j_index(["N", "S", "V"], ["N", "N", "N"]) == 0
    assert jk_index(["N", "S", "V"], ["N", "N", "N"]) == 0
    assert jk_index(["N", "N"], ["N", "N"]) == 0  # kappa is undefined as well


@pytest.mark.parametrize("metric", [beat_macro_f1, jk_index])
def test_weights_are_repetitions(beats, metric):
    """A row of weight 3 counts as three rows."""
    weights = np.arange(400) % 4
    repeated = [np.repeat(labels, weights) for labels in beats]
    assert metric(*beats, sample_weight=weights) == pytest.approx(metric(*repeated))


@pytest.mark.parametrize("weight", [np.nan, np.inf, -1.0])
def test_impossible_weights_are_refused(weight):
    """They would give a figure all the same."""
    with pytest.raises(ValueError, match="sample_weight"):
        beat_macro_f1(["N", "V"], ["N", "V"], sample_weight=[weight, 1.0])
