"""The whole pipeline, from segmenter to LSTM, works in scikit-learn's tools unchanged."""

import numpy as np
import pytest
import sklearn
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import BaggingClassifier, StackingClassifier, VotingClassifier
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import RocCurveDisplay
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    HalvingGridSearchCV,
    RandomizedSearchCV,
    StratifiedGroupKFold,
    StratifiedKFold,
    TunedThresholdClassifierCV,
    check_cv,
    cross_val_predict,
    cross_val_score,
    cross_validate,
    learning_curve,
)
from sklearn.pipeline import Pipeline, make_pipeline

from sklearn_ecg.neural_network import LSTMClassifier
from sklearn_ecg.preprocessing import MaxNormalizer, Reshaper, Segmenter


def make(**lstm):
    """Make the pipeline with a network that trains in a moment."""
    defaults = {"units": 3, "epochs": 1, "random_state": 0}
    return Pipeline(
        [
            ("segmenter", Segmenter(segment_length=100)),
            ("normalizer", MaxNormalizer()),
            ("reshaper", Reshaper(frame_length=20)),
            ("lstm", LSTMClassifier(**(defaults | lstm))),
        ]
    )


def _use_cross_validate(X, y, groups):
    result = cross_validate(make(), X, y, cv=2, scoring=["roc_auc", "f1_macro", "neg_log_loss"])
    assert np.isfinite(result["test_roc_auc"]).all()


def _use_grouped_folds(X, y, groups):
    for splitter in (GroupKFold(2), StratifiedGroupKFold(2)):
        scores = cross_val_score(make(), X, y, groups=groups, cv=splitter, scoring="roc_auc")
        assert np.isfinite(scores).all()


def _use_cross_val_predict(X, y, groups):
    probabilities = cross_val_predict(make(), X, y, cv=2, method="predict_proba")
    assert probabilities.shape == (len(X), 2)


def _use_grid_search(X, y, groups):
    grid = {"segmenter__segment_length": [50, 100], "lstm__units": [2, (2, 2)]}
    search = GridSearchCV(make(), grid, cv=2, n_jobs=2, scoring="roc_auc").fit(X, y)
    assert len(search.cv_results_["params"]) == 4
    assert search.predict(X).shape == y.shape


def _use_halving_search(X, y, groups):
    grid = {"lstm__units": [2, 3]}
    search = HalvingGridSearchCV(make(), grid, cv=2, random_state=0, min_resources=20).fit(X, y)
    assert search.best_params_["lstm__units"] in (2, 3)


def _use_randomized_search(X, y, groups):
    space = {"segmenter__segment_length": [50, 100], "lstm__pooling": ["last", "max"]}
    search = RandomizedSearchCV(make(), space, n_iter=2, cv=2, random_state=0).fit(X, y)
    assert hasattr(search, "best_score_")


def _use_calibration(X, y, groups):
    calibrated = CalibratedClassifierCV(make(), cv=2).fit(X, y)
    np.testing.assert_allclose(calibrated.predict_proba(X).sum(axis=1), 1)


def _use_tuned_threshold(X, y, groups):
    tuned = TunedThresholdClassifierCV(make(), cv=2, scoring="balanced_accuracy").fit(X, y)
    assert 0 <= tuned.best_threshold_ <= 1


def _use_voting(X, y, groups):
    members = [("a", make()), ("b", make(random_state=1))]
    voting = VotingClassifier(members, voting="soft").fit(X, y)
    expected = np.mean([member.predict_proba(X) for member in voting.estimators_], axis=0)
    np.testing.assert_allclose(voting.predict_proba(X), expected)


def _use_stacking(X, y, groups):
    stacking = StackingClassifier([("a", make()), ("b", make(random_state=1))], cv=2).fit(X, y)
    assert stacking.predict(X).shape == y.shape


def _use_bagging(X, y, groups):
    # Bagging takes rows as a table: signals of one lead are one.
    bagging = BaggingClassifier(make(), n_estimators=2, random_state=0).fit(X[:, :, 0], y)
    assert bagging.predict_proba(X[:, :, 0]).shape == (len(X), 2)


def _use_frozen(X, y, groups):
    fitted = make().fit(X, y)
    frozen = CalibratedClassifierCV(FrozenEstimator(fitted)).fit(X, y)
    assert frozen.predict(X).shape == y.shape


def _use_clone(X, y, groups):
    copy = clone(make(units=(2, 2), class_weight="balanced").fit(X, y))
    assert copy.get_params()["lstm__units"] == (2, 2)
    assert not hasattr(copy[-1], "network_")


def _use_html_repr(X, y, groups):
    assert "LSTMClassifier" in make().fit(X, y)._repr_html_()


def _use_roc_display(X, y, groups):
    pytest.importorskip("matplotlib").use("agg")
    display = RocCurveDisplay.from_estimator(make().fit(X, y), X, y)
    assert 0 <= display.roc_auc <= 1


def _use_learning_curve(X, y, groups):
    sizes, _, scores = learning_curve(make(), X, y, cv=2, train_sizes=[0.5, 1.0])
    assert scores.shape == (len(sizes), 2)


def _use_pipeline_memory(X, y, groups):
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        cached = make().set_params(memory=folder).fit(X, y)
        np.testing.assert_array_equal(cached.predict_proba(X), make().fit(X, y).predict_proba(X))


USES = {name: use for name, use in globals().items() if name.startswith("_use_")}


@pytest.mark.parametrize("use", USES.values(), ids=[name.removeprefix("_use_") for name in USES])
def test_tool_works_unchanged(strips, use):
    """Each tool of scikit-learn takes the pipeline as it takes any other."""
    use(*strips)


def test_tools_take_ragged_rows(strips):
    """Recordings of different lengths go through cross-validation and prediction likewise."""
    X, y, groups = strips
    ragged = [row[: 150 + 5 * (i % 7)] for i, row in enumerate(X)]
    scores = cross_val_score(
        make(), ragged, y, groups=groups, cv=StratifiedGroupKFold(2), scoring="roc_auc"
    )
    assert np.isfinite(scores).all()


def test_integer_cv_is_stratified(strips):
    """Scikit-learn knows it for a classifier: KFold would do badly on rows sorted by class."""
    _, y, _ = strips
    assert isinstance(
        check_cv(3, y, classifier=sklearn.base.is_classifier(make())), StratifiedKFold
    )


@pytest.fixture
def routing():
    """Metadata routing, on for one test."""
    with sklearn.config_context(enable_metadata_routing=True):
        yield


def test_groups_reach_early_stopping_without_routing(strips):
    """As a parameter of the last step, with its name before it."""
    X, y, groups = strips
    pipeline = make(early_stopping=True).fit(X, y, lstm__groups=groups)
    assert "val_loss" in pipeline[-1].history_
    result = cross_validate(
        make(early_stopping=True, validation_fraction=0.3),
        X,
        y,
        groups=groups,
        cv=GroupKFold(2),
        params={"lstm__groups": groups},
    )
    assert np.isfinite(result["test_score"]).all()


def test_groups_are_routed_to_splitter_and_fit(strips, routing):
    """One argument serves the outer folds and the split inside fit alike."""
    X, y, groups = strips
    pipeline = make(early_stopping=True, validation_fraction=0.3)
    pipeline[-1].set_fit_request(groups=True)
    result = cross_validate(
        pipeline, X, y, cv=GroupKFold(2), params={"groups": groups}, return_estimator=True
    )
    assert all("val_loss" in fitted[-1].history_ for fitted in result["estimator"])


def test_sample_weight_is_routed(strips, routing):
    """Weights reach the network through the pipeline: without weight, a row is not learnt from."""
    X, y, _ = strips
    weight = np.ones(len(y))
    weight[30:] = 0
    pipeline = make()
    pipeline[-1].set_fit_request(sample_weight=True)
    weighted = pipeline.fit(X, y, sample_weight=weight).predict_proba(X)
    np.testing.assert_array_equal(weighted, make().fit(X[:30], y[:30]).predict_proba(X))


def test_validation_rows_are_transformed_on_their_way(strips, routing):
    """Pipeline(transform_input=["X_val"]) segments validation rows as it does the others."""
    X, y, _ = strips
    pipeline = make(early_stopping=True)
    pipeline.transform_input = ["X_val"]
    pipeline[-1].set_fit_request(X_val=True, y_val=True)
    pipeline.fit(X[:40], y[:40], X_val=X[40:], y_val=y[40:])
    assert "val_loss" in pipeline[-1].history_


def test_signals_stay_arrays_where_tables_are_wanted(strips):
    """Rows of ECG are no tables: a user's wish for data frames elsewhere does no harm."""
    X, y, _ = strips
    with sklearn.config_context(transform_output="pandas"):
        assert make().fit(X, y).predict(X).shape == y.shape


def test_steps_by_hand_equal_the_pipeline(strips):
    """A pipeline is nothing but its steps, one after the other."""
    X, y, _ = strips
    *transformers, lstm = [step for _, step in make().steps]
    Z = make_pipeline(*transformers).fit_transform(X)
    assert Z.shape == (60, 2, 5, 20)
    np.testing.assert_array_equal(
        lstm.fit(Z, y).predict_proba(Z), make().fit(X, y).predict_proba(X)
    )
