"""Intervals over patients."""

import warnings
from functools import partial

import numpy as np
import pytest
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import (
    accuracy_score,
    cohen_kappa_score,
    confusion_matrix,
    f1_score,
    log_loss,
    recall_score,
)

from sklearn_ecg.metrics import beat_macro_f1, beat_scores, bootstrap_interval


@pytest.fixture
def beats():
    """Beats of eight patients, for one of whom the model is bad: y_true, y_pred, groups."""
    rng = np.random.RandomState(0)
    y_true = rng.choice(list("NSV"), 400, p=[0.7, 0.1, 0.2])
    groups = rng.randint(8, size=400)
    wrong = rng.uniform(size=400) < np.where(groups == 0, 0.8, 0.1)
    return y_true, np.where(wrong, rng.choice(list("NSV"), 400), y_true), groups


def test_interval_of_two_patients_by_hand():
    """With accuracies 1 and 0 of two patients, draws score 0, 1/2 or 1, half of them 1/2."""
    interval = bootstrap_interval(
        accuracy_score, list("NNVV"), list("NNNN"), groups=[7, 7, 9, 9], random_state=0
    )
    values, counts = np.unique(interval.distribution, return_counts=True)
    assert values.tolist() == [0, 0.5, 1]
    np.testing.assert_allclose(counts / 1000, [0.25, 0.5, 0.25], atol=0.05)
    assert (interval.low, interval.value, interval.high) == (0, 0.5, 1)
    assert repr(interval) == (
        "{'value': 0.5, 'low': 0.0, 'high': 1.0, 'distribution': 'array of shape (1000,)'}"
    )


@pytest.mark.parametrize(("n_patients", "least", "most"), [(5, 0.72, 0.9), (100, 0.89, 0.99)])
def test_interval_holds_the_truth(n_patients, least, most):
    """For 95 % of samples of many patients, and for fewer of five: sensitivity is .8 on average."""
    rng = np.random.RandomState(0)
    groups = np.repeat(np.arange(n_patients), 50)
    n_samples, n_held = 150, 0
    for _ in range(n_samples):
        sensitivities = rng.beta(8, 2, size=n_patients)
        found = (rng.uniform(size=len(groups)) < sensitivities[groups]).astype(int)
        interval = bootstrap_interval(
            _share, found, found, groups=groups, n_resamples=200, random_state=rng
        )
        n_held += interval.low <= 0.8 <= interval.high
    assert least <= n_held / n_samples <= most


def _share(found, _, sample_weight=None):
    return np.average(found, weights=sample_weight)


def test_without_mistakes_there_is_no_width():
    """As the notes say, which name the interval to take in its place."""
    right = np.ones(22)
    interval = bootstrap_interval(_share, right, right, groups=np.arange(22), random_state=0)
    assert interval.low == interval.high == 1


def test_patients_are_drawn_and_not_beats():
    """Where all beats of a patient are alike, many of them make the interval no narrower."""
    groups = np.arange(10)
    y_pred = np.where(groups < 5, "N", "V")
    few, many = (
        bootstrap_interval(
            accuracy_score,
            np.repeat("N", 10 * n),
            np.repeat(y_pred, n),
            groups=np.repeat(groups, n),
            n_resamples=100,
            random_state=0,
        )
        for n in (1, 100)
    )
    assert (few.low, few.high) == (many.low, many.high)


@pytest.mark.parametrize(
    "metric", [accuracy_score, cohen_kappa_score, beat_macro_f1, partial(f1_score, average="macro")]
)
def test_weights_give_the_scores_of_repeated_rows(beats, metric):
    """The fast way, for metrics that take weights, gives what the slow way gives."""
    y_true, y_pred, groups = beats
    options = {"groups": groups, "n_resamples": 50, "random_state": 0}
    fast = bootstrap_interval(metric, y_true, y_pred, **options)
    slow = bootstrap_interval(lambda a, b: metric(a, b), y_true, y_pred, **options)
    np.testing.assert_allclose(fast.distribution, slow.distribution)
    assert fast.low < fast.value < fast.high


def test_probabilities_can_be_scored():
    """A prediction may be a row of probabilities."""
    y_true, groups = np.tile([0, 1], 10), np.repeat(np.arange(5), 4)
    proba = np.random.RandomState(0).dirichlet([1, 1], size=20)
    options = {"groups": groups, "n_resamples": 20, "random_state": 0}
    fast = bootstrap_interval(log_loss, y_true, proba, **options)
    slow = bootstrap_interval(lambda a, b: log_loss(a, b), y_true, proba, **options)
    np.testing.assert_allclose(fast.distribution, slow.distribution)


def test_several_scores_have_an_interval_each(beats):
    """A metric may return an array, such as the F1 of each class."""
    y_true, y_pred, groups = beats
    metric = partial(f1_score, labels=["N", "S", "V"], average=None)
    interval = bootstrap_interval(
        metric, y_true, y_pred, groups=groups, n_resamples=100, random_state=0
    )
    assert interval.distribution.shape == (100, 3)
    assert (interval.low < interval.value).all()
    assert (interval.value < interval.high).all()


def test_undefined_draws_are_left_out():
    """A draw without any patient who has S has no sensitivity to it."""

    def s_sensitivity(y_true, y_pred):
        return beat_scores(y_true, y_pred).S.sensitivity

    options = {"groups": [1, 1, 2, 2], "n_resamples": 100, "random_state": 0}
    interval = bootstrap_interval(s_sensitivity, list("SSNN"), list("SNNN"), **options)
    assert 0 < np.isnan(interval.distribution).sum() < 100
    assert interval.low == interval.high == 0.5
    interval = bootstrap_interval(s_sensitivity, list("NNNN"), list("NNNN"), **options)
    assert np.isnan([interval.value, interval.low, interval.high]).all()


def test_same_seed_same_interval(beats):
    """The draws are seeded."""
    y_true, y_pred, groups = beats
    first, second, other = (
        bootstrap_interval(
            beat_macro_f1, y_true, y_pred, groups=groups, n_resamples=20, random_state=seed
        )
        for seed in (0, 0, 1)
    )
    assert first.low == second.low
    assert first.low != other.low


def test_level_sets_the_width(beats):
    """The interval holds the given share of the draws."""
    y_true, y_pred, groups = beats
    interval = bootstrap_interval(
        beat_macro_f1, y_true, y_pred, groups=groups, confidence_level=0.5, random_state=0
    )
    inside = (interval.distribution >= interval.low) & (interval.distribution <= interval.high)
    assert inside.mean() == pytest.approx(0.5, abs=0.02)


def test_one_patient_is_refused():
    """Of one patient there is no other draw."""
    with pytest.raises(ValueError, match="groups has 1 group: with fewer than 2"):
        bootstrap_interval(accuracy_score, ["N", "V"], ["N", "V"], groups=[3, 3])


def test_rows_without_a_patient_are_refused():
    """They are not those of one patient more."""
    with pytest.raises(ValueError, match="row 1 of groups is nan: give a row without a known"):
        bootstrap_interval(accuracy_score, list("NVN"), list("NVN"), groups=[3, np.nan, np.nan])


@pytest.mark.filterwarnings("ignore:A single label:UserWarning")  # scikit-learn's, of draws
@pytest.mark.parametrize("metric", [confusion_matrix, partial(recall_score, average=None)])
def test_metric_that_does_not_know_a_class_is_refused(metric):
    """One patient in four has all V: many draws lack it, and their figures have another shape."""
    y, patients = np.repeat(list("NNNV"), 5), np.repeat(np.arange(4), 5)
    with pytest.raises(ValueError, match="let metric know all classes"):
        bootstrap_interval(metric, y, y, groups=patients, random_state=0)
    metric = partial(metric, labels=["N", "V"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UndefinedMetricWarning)
        interval = bootstrap_interval(metric, y, y, groups=patients, random_state=0)
    assert interval.low.shape == interval.value.shape


def test_weights_that_are_set_already_are_refused(beats):
    """They would count in the value, but not in the interval."""
    y_true, y_pred, groups = beats
    metric = partial(accuracy_score, sample_weight=np.arange(400))
    with pytest.raises(ValueError, match="let metric take the weights from a column of y_pred"):
        bootstrap_interval(metric, y_true, y_pred, groups=groups)
