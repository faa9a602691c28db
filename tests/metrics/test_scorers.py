import pickle

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.neighbors import KNeighborsClassifier

from sklearn_ecg.metrics import (
    beat_macro_f1,
    beat_macro_f1_scorer,
    cinc2017_score,
    cinc2017_scorer,
    jk_index,
    jk_index_scorer,
)

SCORERS = [
    (beat_macro_f1_scorer, beat_macro_f1, "NSV"),
    (jk_index_scorer, jk_index, "NSV"),
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


def test_scorers_work_side_by_side():
    """Several of them give a column each in cross_validate."""
    X, y = _data("NSV")
    scoring = {"f1": beat_macro_f1_scorer, "jk": jk_index_scorer}
    scores = cross_validate(KNeighborsClassifier(3), X, y, scoring=scoring, cv=3)
    assert np.isfinite([scores["test_f1"], scores["test_jk"]]).all()
