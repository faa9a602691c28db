"""Other tools take these estimators, as docs/user_guide/recipes.rst shows."""

import numpy as np
import pandas as pd
import pytest
import skops.io
from numpy.testing import assert_allclose
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.ensemble import VotingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from sklearn_ecg.compose import SegmentedClassifier
from sklearn_ecg.datasets import make_ecg_classification
from sklearn_ecg.preprocessing import LogSpectrogram

# Their dependencies warn of each other's next releases, which is no fault of ours.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def data():
    return make_ecg_classification(60, n_patients=12, fs=50, random_state=0)


@pytest.fixture
def pipeline():
    return make_pipeline(LogSpectrogram(64), SegmentedClassifier(None, LogisticRegression()))


def test_table_beside_the_signal(data, pipeline):
    """A column of a frame holds the signals: the vote is the mean of what two classifiers say."""
    X, y, groups = data
    age = np.where(np.arange(60) % 9, 40.0 + groups, np.nan)
    sex = np.where(groups % 2, "female", "male")
    frame = pd.DataFrame({"ecg": list(X), "age": age, "sex": sex})
    columns = make_column_transformer(
        (SimpleImputer(add_indicator=True), ["age"]), (OneHotEncoder(drop="if_binary"), ["sex"])
    )
    of_signal = make_pipeline(make_column_transformer(("passthrough", ["ecg"])), *pipeline)
    of_table = make_pipeline(columns, LogisticRegression(max_iter=1000))
    both = VotingClassifier([("signal", of_signal), ("table", of_table)], voting="soft")
    by_signal = pipeline.fit(X, y).predict_proba(X)
    filled = np.where(np.isnan(age), np.nanmean(age), age)
    numbers = np.column_stack([filled, np.isnan(age), frame["sex"] == "male"])
    by_table = LogisticRegression(max_iter=1000).fit(numbers, y).predict_proba(numbers)
    expected = (by_signal + by_table) / 2
    assert_allclose(both.fit(frame, y).predict_proba(frame), expected, atol=1e-4)


def test_optuna_searches_a_pipeline(data, pipeline):
    """Settings of the spectra, and of the classifier inside, scored by patient."""
    optuna = pytest.importorskip("optuna")
    X, y, groups = data

    def objective(trial):
        candidate = clone(pipeline).set_params(
            logspectrogram__window_length=trial.suggest_int("window_length", 16, 96, step=16),
            segmentedclassifier__estimator__C=trial.suggest_float("C", 1e-3, 1, log=True),
        )
        cv = GroupKFold(3)
        return cross_val_score(candidate, X, y, groups=groups, cv=cv, scoring="roc_auc").mean()

    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=0))
    study.optimize(objective, n_trials=3)
    assert set(study.best_params) == {"window_length", "C"}
    assert study.best_value == max(trial.value for trial in study.trials)


def test_mlflow_keeps_a_model_that_runs_no_code(data, pipeline, tmp_path):
    """The types that it asks to be trusted are ours, and the loaded model answers the same."""
    mlflow = pytest.importorskip("mlflow.sklearn")
    X, y, _ = data
    pipeline.fit(X, y)
    types = skops.io.get_untrusted_types(data=skops.io.dumps(pipeline))
    assert all(name.startswith("sklearn_ecg.") for name in types)
    mlflow.save_model(
        pipeline,
        tmp_path / "model",
        serialization_format="skops",
        skops_trusted_types=types,
        pip_requirements=["sklearn-ecg"],
    )
    loaded = mlflow.load_model(str(tmp_path / "model"))
    assert_allclose(loaded.predict_proba(X), pipeline.predict_proba(X))


def test_skore_reports_on_folds_by_patient(data, pipeline):
    """Its figure is that of scikit-learn."""
    skore = pytest.importorskip("skore")
    X, y, groups = data
    folds = list(GroupKFold(3).split(X, y, groups))
    report = skore.CrossValidationReport(pipeline, X, y, splitter=folds, pos_label="normal")
    found = report.metrics.roc_auc(aggregate=None)
    expected = cross_val_score(pipeline, X, y == "normal", cv=folds, scoring="roc_auc")
    assert_allclose(np.ravel(found), expected)
