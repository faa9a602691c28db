"""Every estimator passes scikit-learn's own suite."""

import warnings

import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError, SkipTestWarning
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import estimator_checks_generator
from sklearn.utils.validation import check_is_fitted

from sklearn_ecg.compose import SegmentLabeler
from sklearn_ecg.preprocessing import Segmenter
from sklearn_ecg.utils import all_estimators

# Arguments without which an estimator cannot be made, or would take long to check.
ARGUMENTS = {
    "BandpassFilter": {"fs": 250},
    "BeatClassifier": {"estimator": LogisticRegression()},
    "BeatSequencer": {"fs": 250, "n_beats": 3},
    "GapFiller": {"max_gap_length": 5},
    "LSTMClassifier": {
        "units": 8,
        "epochs": 20,
        "learning_rate": 0.05,
        "batch_size": 512,
        "random_state": 0,
    },
    "LogSpectrogram": {"window_length": 2},
    "NotchFilter": {"fs": 250, "powerline": 50},
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


def _estimators_of_arrays():
    for name, estimator_class in all_estimators():
        estimator = estimator_class(**ARGUMENTS.get(name, {}))
        if get_tags(estimator).input_tags.two_d_array:
            yield pytest.param(estimator, id=name)


@pytest.mark.parametrize("estimator", list(_estimators_of_arrays()))
def test_refused_fit_leaves_nothing_fitted(estimator):
    """Whatever parameter is wrong, and whether or not there was a fit before."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(12, 500)), np.tile([0, 1], 6)
    if isinstance(estimator, SegmentLabeler):
        y = y[:, None]
    estimator = clone(estimator)
    if "epochs" in estimator.get_params():
        estimator.set_params(epochs=1, units=1)
    estimator.fit(X, y)
    wrong = next(iter(estimator._parameter_constraints))
    right = estimator.get_params(deep=False)[wrong]
    with pytest.raises((ValueError, TypeError), match=wrong):
        estimator.set_params(**{wrong: object()}).fit(X, y)
    with pytest.raises(NotFittedError):
        check_is_fitted(estimator)
    estimator.set_params(**{wrong: right}).fit(X, y)
    with pytest.raises(ValueError, match="inf"):
        estimator.fit(np.full_like(X, np.inf), y)
    with pytest.raises(NotFittedError):
        check_is_fitted(estimator)


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
