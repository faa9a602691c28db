"""A classifier that asks another one about some of its classes."""

import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV

from sklearn_ecg.beats import extract_beats
from sklearn_ecg.compose import AdvisedClassifier, BeatClassifier, SegmentedClassifier
from sklearn_ecg.datasets import make_ecg
from sklearn_ecg.persistence import load, save


class Fixed(ClassifierMixin, BaseEstimator):
    """Answer the same for each row, and remember what fit was given."""

    def __init__(self, classes=("N", "S", "V"), probabilities=(0.6, 0.2, 0.2)):
        self.classes = classes
        self.probabilities = probabilities

    def fit(self, X, y, sample_weight=None):
        self.classes_ = np.array(self.classes)
        self.seen_ = X, y, sample_weight
        return self

    def predict_proba(self, X):
        self.asked_ = X
        return np.tile(self.probabilities, (len(X), 1))

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


X = np.arange(24.0).reshape(6, 4)
Y = np.array(["N", "S", "V", "N", "S", "V"])


def test_odds_are_mixed_by_hand():
    """Odds of 1/3 and of 4, with weights of .75 and .25; V, of which the adviser knows, stays."""
    adviser = Fixed(probabilities=(0.1, 0.4, 0.5))
    advised = AdvisedClassifier(Fixed(), adviser, between=["S", "N"], weight=0.25).fit(X, Y)
    odds = (1 / 3) ** 0.75 * 4**0.25
    expected = [0.8 / (1 + odds), 0.8 * odds / (1 + odds), 0.2]
    np.testing.assert_allclose(advised.predict_proba(X), np.tile(expected, (6, 1)))


@pytest.mark.parametrize(("weight", "expected"), [(0, (0.6, 0.2, 0.2)), (1, (0.08, 0.72, 0.2))])
def test_weight_goes_from_one_to_the_other(weight, expected):
    """At 0 the adviser has no say, at 1 the estimator has none between these classes."""
    adviser = Fixed(("N", "S"), (0.1, 0.9))
    advised = AdvisedClassifier(Fixed(), adviser, weight=weight).fit(X, Y)
    np.testing.assert_allclose(advised.predict_proba(X[:1])[0], expected)
    assert advised.between_.tolist() == ["N", "S"]


def test_neither_outvotes_the_other_by_a_zero():
    """An estimator that says 0 can be talked round, as its probabilities may be rounded."""
    estimator, adviser = Fixed(probabilities=(1.0, 0.0, 0.0)), Fixed(("N", "S"), (0.001, 0.999))
    advised = AdvisedClassifier(estimator, adviser, weight=0.7).fit(X, Y)
    assert set(advised.predict(X)) == {"S"}


@pytest.mark.parametrize("ragged", [False, True])
def test_adviser_sees_its_columns_and_its_classes(ragged):
    """Of all rows it is asked, of those of other classes it does not learn."""
    rows = np.arange(72.0).reshape(6, 3, 4)
    given = [row[: 2 + i % 2] for i, row in enumerate(rows)] if ragged else rows
    advised = AdvisedClassifier(Fixed(), Fixed(), between=["N", "S"], columns=[0, 2])
    advised.fit(given, Y).predict_proba(given)
    learnt, labels, _ = advised.adviser_.seen_
    assert labels.tolist() == ["N", "S", "N", "S"]
    np.testing.assert_array_equal(learnt[1], given[1][..., [0, 2]])
    np.testing.assert_array_equal(advised.adviser_.asked_[2], given[2][..., [0, 2]])
    assert len(advised.estimator_.seen_[0]) == 6


def test_weights_reach_those_who_request_them():
    """The adviser's are those of its rows."""
    weight = np.arange(6)
    with config_context(enable_metadata_routing=True):
        adviser = Fixed().set_fit_request(sample_weight=True)
        estimator = Fixed().set_fit_request(sample_weight=False)
        advised = AdvisedClassifier(estimator, adviser, between=["N", "V"])
        advised.fit(X, Y, sample_weight=weight)
    assert advised.adviser_.seen_[2].tolist() == [0, 2, 3, 5]
    assert advised.estimator_.seen_[2] is None


def test_weights_without_routing_are_refused():
    """Nobody would know whose they are."""
    with pytest.raises(ValueError, match="enable_metadata_routing=True"):
        AdvisedClassifier(Fixed(), Fixed()).fit(X, Y, sample_weight=np.ones(6))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"between": ["N", "F"]}, r"the estimator knows \['N', 'S', 'V'\], but not \['F'\]"),
        ({"adviser": Fixed(("N", "V"), (0.5, 0.5)), "between": ["N", "S"]}, "the adviser knows"),
        ({"between": ["N"]}, "two or more different classes"),
        ({"between": ["N", "N"]}, "two or more different classes"),
        ({"weight": 1.5}, "'weight' parameter"),
        ({"adviser": LogisticRegression, "estimator": LinearRegression()}, "predict_proba"),
    ],
)
def test_bad_arguments_are_named(change, message):
    """Before anything is predicted."""
    advised = AdvisedClassifier(Fixed(), Fixed()).set_params(**change)
    with pytest.raises(ValueError, match=message):
        advised.fit(X, Y)


@pytest.fixture(scope="module")
def records():
    return [
        make_ecg(60, fs=250, premature={"A": 0.1, "V": 0.1}, leads=["II"], random_state=i)
        for i in range(4)
    ]


def table():
    return SegmentedClassifier(None, LogisticRegression(max_iter=1000))


@pytest.fixture(scope="module")
def adviser(records):
    """Rhythms of people whose signals nobody has."""
    rows = extract_beats(records[:2], leads=(), features=["rhythm"], n_before=8, n_after=8)
    told = rows.target != "V"
    return FrozenEstimator(table().fit(rows.data[told], rows.target[told]))


def test_beat_classifier_takes_it_and_a_file_keeps_it(records, adviser, tmp_path):
    """From annotations without a signal to a saved model of recordings."""
    advised = AdvisedClassifier(table(), adviser, between=["N", "S"], columns=slice(8))
    model = BeatClassifier(advised, leads=["II"], beats="annotations").fit(records[2:3])
    plain = BeatClassifier(table(), leads=["II"], beats="annotations").fit(records[2:3])
    before, after = (each.predict_proba(records[3:])[0] for each in (plain, model))
    np.testing.assert_allclose(after[:, 2], before[:, 2])  # of V
    assert np.abs(after - before).max() > 0.01
    save(model, tmp_path / "beats.skecg")
    loaded = load(tmp_path / "beats.skecg")
    np.testing.assert_array_equal(loaded.predict_proba(records[3:])[0], after)


def test_routing_goes_through_it(records, adviser):
    """A network within it can still ask which beats are real."""
    with config_context(enable_metadata_routing=True):
        estimator = Fixed(("N", "S", "V")).set_fit_request(sample_weight="is_real")
        advised = AdvisedClassifier(estimator, adviser, between=["N", "S"], columns=slice(8))
        model = BeatClassifier(clone(advised), leads=["II"], simulate=["rhythms"])
        model.fit(records[:1])
    assert set(model.estimator_.estimator_.seen_[2]) == {0, 1}


def test_weight_can_be_searched(records, adviser):
    """A grid sets it by its name."""
    rows = extract_beats(records, leads=["II"], n_before=8, n_after=8)
    advised = AdvisedClassifier(table(), adviser, between=["N", "S"], columns=slice(8))
    search = GridSearchCV(advised, {"weight": [0.2, 0.8]}, cv=2, error_score="raise")
    assert search.fit(rows.data, rows.target).best_params_["weight"] in (0.2, 0.8)
