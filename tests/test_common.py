"""Every estimator passes scikit-learn's own suite."""

import warnings

import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError, SkipTestWarning
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import estimator_checks_generator
from sklearn.utils.validation import check_is_fitted

from sklearn_ecg.compose import SegmentedClassifier
from sklearn_ecg.datasets import make_ecg
from sklearn_ecg.persistence import load, save
from sklearn_ecg.preprocessing import Segmenter
from sklearn_ecg.preprocessing._base import SignalTransformer
from sklearn_ecg.utils import all_estimators
from sklearn_ecg.utils._rates import rate_of, with_rate

# Arguments without which an estimator cannot be made, or would take long to check.
ARGUMENTS = {
    "AdvisedClassifier": {"estimator": LogisticRegression(), "adviser": LogisticRegression()},
    "BandpassFilter": {"fs": 250},
    "BatchedClassifier": {"transformer": None, "estimator": GaussianNB()},
    # Each row is one segment, which is flattened for an estimator that takes tables.
    "BeatClassifier": {"estimator": SegmentedClassifier(None, LogisticRegression())},
    "BeatSequencer": {"fs": 250, "n_beats": 3},
    "GapFiller": {"max_gap_length": 5},
    "JumpRemover": {"fs": 250},
    "LSTMClassifier": {
        "units": 8,
        "epochs": 20,
        "learning_rate": 0.05,
        "batch_size": 512,
        "random_state": 0,
    },
    "LogSpectrogram": {"window_length": 2},
    "NotchFilter": {"fs": 250, "powerline": 50},
    "NoveltyGate": {"action": "ignore"},
    "QualityFlags": {"fs": 250},
    "QualityGate": {"fs": 250},
    "RecordReader": {"leads": ["II"], "fs": 250},
    "Resampler": {"fs": 360, "fs_new": 250},
    "RowLookup": {"rows": [[0.0], [1.0]]},
    "SegmentedClassifier": {
        "segmenter": Segmenter(2),
        "estimator": make_pipeline(SimpleImputer(keep_empty_features=True), LogisticRegression()),
    },
    # Each row is one segment, so that a label for each segment is one for each row.
    "SegmentLabeler": {"segmenter": None, "estimator": LogisticRegression()},
    "Segmenter": {"segment_length": 2},
}

# What a check needs to be able to see what it looks for.
ARGUMENTS_FOR_CHECK = {
    # Weights equal repetitions in full batches; over 20 epochs, Adam's division by the square root
    # of a tiny gradient makes float32's rounding larger than the tolerance of 1e-7.
    ("LSTMClassifier", "check_sample_weight_equivalence_on_dense_data"): {
        "optimizer": "sgd",
        "epochs": 5,
    },
}

# Checks that may fail, each with its reason. One that passes all the same is an error.
EXPECTED_FAILURES: dict[tuple[str, str], str] = {}


def _estimators_and_checks():
    for name, estimator_class in all_estimators():
        estimator = estimator_class(**ARGUMENTS.get(name, {}))
        with warnings.catch_warnings():
            # Of an estimator whose rows are no table, such as numbers of rows: few checks fit it.
            warnings.simplefilter("ignore", SkipTestWarning)
            checks = list(estimator_checks_generator(estimator))
        for candidate, check in checks:
            check_name = getattr(check, "func", check).__name__
            key = (name, check_name)
            # Checks share one estimator: what is set for one must not reach the others.
            candidate = clone(candidate).set_params(**ARGUMENTS_FOR_CHECK.get(key, {}))
            marks = (
                [pytest.mark.xfail(reason=EXPECTED_FAILURES[key], strict=True)]
                if key in EXPECTED_FAILURES
                else []
            )
            yield pytest.param(candidate, check, id=f"{name}-{check_name}", marks=marks)


@pytest.mark.parametrize(("estimator", "check"), list(_estimators_and_checks()))
def test_estimator_passes_sklearn_check(estimator, check):
    """Each check of scikit-learn's suite passes."""
    check(estimator)


def _rows(name):
    """Rows that an estimator takes, rows that it refuses, and labels."""
    if name in ("BeatClassifier", "RecordReader"):
        records = [make_ecg(20, fs=250, premature={"V": 0.3}, random_state=i) for i in range(2)]
        return records, [record.signal for record in records], None
    if name == "RowLookup":
        return [[0], [1]], [[0], [2]], None
    X = np.random.default_rng(0).normal(size=(20, 12))
    X_bad = X.copy()
    X_bad[7, 3] = np.inf
    y = np.arange(20) % 2
    return X, X_bad, y[:, None] if name == "SegmentLabeler" else y


@pytest.mark.parametrize("fit_before", [False, True])
@pytest.mark.parametrize(("name", "estimator_class"), all_estimators(), ids=dict(all_estimators()))
def test_refused_fit_leaves_nothing_fitted(name, estimator_class, fit_before):
    """Else a refused refit would leave what was learnt from other data or parameters."""
    estimator = estimator_class(**ARGUMENTS.get(name, {}))
    if name == "LSTMClassifier":
        estimator.set_params(epochs=1)
    if not get_tags(estimator).requires_fit:
        pytest.skip("it is always fitted")
    X, X_bad, y = _rows(name)
    parameter = next(iter(estimator_class._parameter_constraints))
    good = getattr(estimator, parameter)
    for rows, value in [(X_bad, good), (X, object())]:
        setattr(estimator, parameter, good)
        if fit_before:
            check_is_fitted(estimator.fit(X, y))
        setattr(estimator, parameter, value)
        with pytest.raises((ValueError, TypeError)):
            estimator.fit(rows, y)
        with pytest.raises(NotFittedError):
            check_is_fitted(estimator)


@pytest.mark.parametrize(("name", "estimator_class"), all_estimators(), ids=dict(all_estimators()))
def test_fitted_estimator_is_saved_and_loaded(name, estimator_class, tmp_path):
    """In a file without code, whose types need not be trusted one by one."""
    estimator = estimator_class(**ARGUMENTS.get(name, {}))
    if name == "LSTMClassifier":
        estimator.set_params(epochs=1)
    X, _, y = _rows(name)
    save(estimator.fit(X, y), tmp_path / "x.skecg")
    loaded = load(tmp_path / "x.skecg")
    assert vars(loaded).keys() == vars(estimator).keys()
    if hasattr(estimator, "predict_proba") and name != "BeatClassifier":
        np.testing.assert_array_equal(loaded.predict_proba(X), estimator.predict_proba(X))


TRANSFORMERS = [pair for pair in all_estimators() if issubclass(pair[1], SignalTransformer)]


@pytest.mark.parametrize(("name", "transformer_class"), TRANSFORMERS, ids=dict(TRANSFORMERS))
def test_transformer_of_signals_takes_each_form(name, transformer_class):
    """Ragged rows become what dense ones do, float32 stays, and so do the input and its rate."""
    transformer = transformer_class(**ARGUMENTS.get(name, {}))
    fs = getattr(transformer, "fs", None) or 250
    X = np.random.default_rng(0).normal(size=(3, 600, 2)).astype(np.float32)
    X[1, 100:103, 0] = X[2, 500:] = np.nan if get_tags(transformer).input_tags.allow_nan else 0
    before = X.copy()
    dense = transformer.fit_transform(with_rate(X, fs))
    ragged = transformer.fit_transform([*X])
    for row, expected in zip(ragged, dense, strict=True):
        np.testing.assert_allclose(row, expected, atol=1e-6)
    np.testing.assert_array_equal(X, before)
    assert dense.dtype == ragged[0].dtype == np.float32
    if dense.shape == X.shape and name != "Reshaper":  # whose steps are no time steps
        assert rate_of(dense) == fs


def test_expected_failures_name_existing_checks():
    """No entry of the dictionaries is stale."""
    existing = {(name, check.partition("-")[2]) for name, check in _names_and_ids()}
    assert set(EXPECTED_FAILURES) | set(ARGUMENTS_FOR_CHECK) <= existing


def _names_and_ids():
    return [
        (parameter.id.partition("-")[0], parameter.id) for parameter in _estimators_and_checks()
    ]


def test_discovery_finds_all_kinds():
    """Transformers and classifiers are found, and know what they are."""
    found = dict(all_estimators())
    assert {"Segmenter", "MaxNormalizer", "Reshaper", "LSTMClassifier"} <= set(found)
    assert is_classifier(found["LSTMClassifier"]())
