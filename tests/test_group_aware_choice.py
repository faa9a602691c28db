"""Patients stay together wherever a choice is made: folds, early stopping, thresholds, ensembles.

A stand-in with the signature of the network shows where scikit-learn passes groups, in no time.
"""

from functools import wraps

import numpy as np
import pytest
import sklearn
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import BaggingClassifier, VotingClassifier
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    StratifiedGroupKFold,
    TunedThresholdClassifierCV,
    cross_validate,
)
from sklearn.pipeline import make_pipeline

from sklearn_ecg.neural_network import LSTMClassifier
from sklearn_ecg.preprocessing import Segmenter


class Recorder(LSTMClassifier):
    """Takes what LSTMClassifier takes, notes the groups, and trains no network."""

    fits: list = []

    @wraps(LSTMClassifier.fit)
    def fit(self, X, y, sample_weight=None, *, groups=None, **validation):
        self.fits.append({"n_rows": len(X), "groups": groups, "sample_weight": sample_weight})
        self.network_ = "none"
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        probabilities = np.array([1 / (1 + row.std()) for row in X])
        return np.column_stack([1 - probabilities, probabilities])

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


def make(**requests):
    """Make a pipeline that ends in a recorder, with what it requests in `fit`."""
    recorder = Recorder()
    return make_pipeline(
        Segmenter(100), recorder.set_fit_request(**requests) if requests else recorder
    )


@pytest.fixture
def fits(monkeypatch):
    """What each fit was given, in order."""
    seen: list = []
    monkeypatch.setattr(Recorder, "fits", seen)
    return seen


@pytest.fixture
def routing():
    """Metadata routing, on for one test."""
    with sklearn.config_context(enable_metadata_routing=True):
        yield


def _are_aligned_and_apart(fits, groups, n_folds):
    """Each fit has a group for each row, and misses the patients of one fold."""
    assert all(len(fit["groups"]) == fit["n_rows"] for fit in fits)
    missing = [set(groups) - set(fit["groups"]) for fit in fits[:n_folds]]
    assert set.union(*missing) == set(groups)
    assert sum(map(len, missing)) == len(set(groups))


def test_search_without_routing(strips, fits):
    """Groups are given twice: for the folds, and with the name of the step for early stopping."""
    X, y, groups = strips
    search = GridSearchCV(make(), {"recorder__units": [3]}, cv=StratifiedGroupKFold(3))
    search.fit(X, y, groups=groups, recorder__groups=groups)
    _are_aligned_and_apart(fits, groups, n_folds=3)


@pytest.mark.parametrize("routed", [True, False])
def test_nested_search(strips, fits, routed):
    """Outer folds, inner folds and early stopping get groups: by one argument if routed."""
    X, y, groups = strips
    arguments = {"params": {"groups": groups}}
    if not routed:
        arguments["params"]["recorder__groups"] = groups
        arguments["groups"] = groups
    with sklearn.config_context(enable_metadata_routing=routed):
        pipeline = make(groups=True) if routed else make()
        search = GridSearchCV(pipeline, {"recorder__units": [3]}, cv=GroupKFold(2))
        cross_validate(search, X, y, cv=GroupKFold(3), **arguments)
    for start in (0, 3, 6):  # two inner folds and a refit for each outer fold
        outer = set(fits[start + 2]["groups"])
        assert len(outer) == 4
        inner = [set(fit["groups"]) for fit in fits[start : start + 2]]
        assert inner[0] | inner[1] == outer
        assert not inner[0] & inner[1]


def test_threshold_and_calibration_with_routing(strips, fits, routing):
    """Both are chosen on patients whom the network has not seen."""
    X, y, groups = strips
    for tuner in (TunedThresholdClassifierCV, CalibratedClassifierCV):
        fits.clear()
        tuner(make(groups=True), cv=StratifiedGroupKFold(3)).fit(X, y, groups=groups)
        _are_aligned_and_apart(fits[-3:], groups, n_folds=3)  # a refit to all rows may come first


def test_threshold_without_routing(strips, fits):
    """Scikit-learn refuses groups here, but takes splits made beforehand."""
    X, y, groups = strips
    splitter = StratifiedGroupKFold(3)
    with pytest.raises(ValueError, match="only supported if enable_metadata_routing=True"):
        TunedThresholdClassifierCV(make(), cv=splitter).fit(X, y, groups=groups)
    splits = list(splitter.split(X, y, groups))
    tuned = TunedThresholdClassifierCV(make(), cv=splits).fit(X, y)
    assert [fit["n_rows"] for fit in fits[-3:]] == [len(train) for train, _ in splits]
    assert 0 <= tuned.best_threshold_ <= 1


def test_voting_with_routing(strips, fits, routing):
    """Each member of an ensemble of seeds gets the groups of its rows, within folds too."""
    X, y, groups = strips
    members = [(f"seed{seed}", make(groups=True)) for seed in range(2)]
    ensemble = VotingClassifier(members, voting="soft")
    cross_validate(ensemble, X, y, cv=GroupKFold(3), params={"groups": groups})
    _are_aligned_and_apart(fits[::2], groups, n_folds=3)
    _are_aligned_and_apart(fits[1::2], groups, n_folds=3)


def test_bagging_with_routing(strips, fits, routing):
    """Rows drawn twice are weighted if weights are requested, else repeated with their groups."""
    X, y, groups = strips
    for requests in ({"groups": True}, {"groups": True, "sample_weight": True}):
        ensemble = BaggingClassifier(make(**requests), n_estimators=2, random_state=0)
        ensemble.fit(X[:, :, 0], y, groups=groups)
    assert all(len(fit["groups"]) == fit["n_rows"] == 60 for fit in fits)
    repeated, weighted = fits[0], fits[2]
    np.testing.assert_array_equal(weighted["groups"], groups)
    counts = np.bincount(groups, weights=weighted["sample_weight"])
    np.testing.assert_array_equal(np.bincount(repeated["groups"]), counts)


@pytest.mark.parametrize("ensemble", [VotingClassifier, BaggingClassifier])
def test_ensembles_refuse_groups_without_routing(strips, ensemble):
    """Scikit-learn has no way for them but routing, and says so."""
    X, y, groups = strips
    members = [("only", make())] if ensemble is VotingClassifier else make()
    with pytest.raises(ValueError, match="only supported if enable_metadata_routing=True"):
        ensemble(members).fit(X[:, :, 0], y, groups=groups)
