"""Signals that know their rate, and operations after which nobody knows it."""

import pickle

import joblib
import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.utils import _safe_indexing

from sklearn_ecg.datasets import make_ecg_classification
from sklearn_ecg.preprocessing import BandpassFilter, MaxNormalizer, QualityGate
from sklearn_ecg.utils._rates import agreed_rate, rate_of, with_rate
from sklearn_ecg.utils._rows import as_object_array


@pytest.fixture(params=["dense", "ragged"])
def X(request):
    if request.param == "dense":
        return with_rate(np.arange(24.0).reshape(4, 3, 2), 250)
    return with_rate(as_object_array([np.zeros((n, 1)) for n in (3, 4, 5, 6)]), 250)


def test_rate_stays_when_rows_are_chosen(X):
    """By slices, positions or masks, as splitters do."""
    for key in (slice(0, 2), [0, 2], np.array([True, False, True, False])):
        assert rate_of(X[key]) == 250
    assert rate_of(_safe_indexing(X, [1, 2])) == 250


def test_rate_goes_where_it_may_have_changed():
    """Decimation, arithmetic and copies of parts do not pretend to know."""
    X = with_rate(np.zeros((2, 6, 1)), 250)
    for other in (X[:, ::2], X + 1, X.reshape(2, -1), X[0], X.mean(axis=0), np.asarray(X)):
        assert rate_of(other) is None


def test_rate_travels_to_other_processes(X, tmp_path):
    """Pickled, and in the cache of a pipeline."""
    assert rate_of(pickle.loads(pickle.dumps(X))) == 250
    joblib.dump(X, tmp_path / "x")
    assert rate_of(joblib.load(tmp_path / "x")) == 250


def test_the_cache_of_a_pipeline_tells_rates_apart(tmp_path):
    """Or a step would take what it has made of the same values at another rate."""
    X = make_ecg_classification(2, random_state=0)[0]
    for fs in (250, 500):  # the gate lets both pass unchanged
        pipeline = make_pipeline(QualityGate(fs=fs), BandpassFilter(), MaxNormalizer())
        expected = pipeline.fit_transform(X)
        cached = pipeline.set_params(memory=str(tmp_path)).fit_transform(X)
        np.testing.assert_array_equal(cached, expected)
        assert joblib.hash(with_rate(X, fs)) == joblib.hash(with_rate(X.copy(), float(fs)))


def test_no_memory_is_copied():
    """It is a view."""
    X = np.zeros((2, 3))
    assert np.shares_memory(with_rate(X, 100), X)
    assert with_rate(X, None) is X


def test_step_and_signals_agree():
    """Either may know the rate; both must know the same."""
    assert agreed_rate(250, None, "Step") == 250
    assert agreed_rate(None, 250, "Step") == 250
    assert agreed_rate(250 * (1 + 1e-7), 250, "Step") == pytest.approx(250)
    with pytest.raises(ValueError, match=r"Step needs the sampling rate: pass fs"):
        agreed_rate(None, None, "Step")
    with pytest.raises(ValueError, match=r"given fs=300 Hz, but its signals come at 250 Hz"):
        agreed_rate(300, 250, "Step")


def test_rate_goes_where_results_are_written_into_signals(X):
    """And it is not printed."""
    if X.dtype != object:
        assert rate_of(np.add(X, 1, out=X)) is None
    assert repr(X) == repr(np.asarray(X))
