"""Metrics as scorers."""

import pickle

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import LinearSVC

from sklearn_ecg.metrics import (
    beat_macro_f1,
    beat_macro_f1_scorer,
    cinc2017_score,
    cinc2017_scorer,
    cinc2025_score,
    cinc2025_scorer,
    f_max_score,
    f_max_scorer,
    ptbxl_macro_auc,
    ptbxl_macro_auc_scorer,
)

SCORERS = [
    (beat_macro_f1_scorer, beat_macro_f1, "NSV"),
    (cinc2017_scorer, cinc2017_score, "NAO"),
]


def _data(labels):
    y = np.repeat(list(labels), 12)
    X = np.repeat(np.arange(3.0), 12)[:, None] + np.random.RandomState(0).normal(0, 0.4, (36, 1))
    return X, y


@pytest.mark.parametrize(("scorer", "metric", "labels"), SCORERS)
def test_scorer_scores_predictions(scorer, metric, labels):
    """A scorer is its metric of what an estimator predicts, also after pickling."""
    X, y = _data(labels)
    model = DummyClassifier(strategy="stratified", random_state=0).fit(X, y)
    expected = metric(y, model.predict(X))
    assert scorer(model, X, y) == pickle.loads(pickle.dumps(scorer))(model, X, y) == expected


@pytest.mark.parametrize(("scorer", "metric", "labels"), SCORERS)
def test_scorer_chooses_in_a_grid_search(scorer, metric, labels):
    """A search by it prefers the model that finds rare classes to one that finds none."""
    X, y = _data(labels)
    search = GridSearchCV(KNeighborsClassifier(), {"n_neighbors": [3, 24]}, scoring=scorer, cv=3)
    assert search.fit(X, y).best_params_ == {"n_neighbors": 3}


@pytest.mark.parametrize(
    ("scorer", "metric"),
    [(ptbxl_macro_auc_scorer, ptbxl_macro_auc), (f_max_scorer, f_max_score)],
    ids=["macro_auc", "f_max"],
)
def test_scorer_of_labels_takes_probabilities(scorer, metric):
    """Several labels a row, from a classifier that gives a column for each."""
    rng = np.random.RandomState(0)
    X = rng.normal(size=(40, 3))
    y = (X + rng.normal(size=X.shape) > 0).astype(int)
    model = KNeighborsClassifier().fit(X, y)
    probabilities = np.column_stack([of_label[:, 1] for of_label in model.predict_proba(X)])
    assert scorer(model, X, y) == metric(y, probabilities)


@pytest.mark.parametrize("model", [LogisticRegression(), LinearSVC()], ids=["probability", "svm"])
def test_scorer_of_priorities_takes_any_score(model):
    """Order is all that counts, so a decision function does."""
    y = np.arange(40) % 4 == 0
    X = y[:, None] + np.random.RandomState(0).normal(size=(40, 2))
    assert cinc2025_scorer(model.fit(X, y.astype(int)), X, y.astype(int)) == cinc2025_score(
        y.astype(int), model.decision_function(X)
    )
