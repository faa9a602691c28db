"""scikit-learn's callbacks follow a fit, by whatever release of it."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.linear_model import SGDClassifier
from sklearn.naive_bayes import GaussianNB

from sklearn_ecg.compose import (
    AdvisedClassifier,
    BatchedClassifier,
    BeatClassifier,
    RowLookup,
    SegmentedClassifier,
    SegmentLabeler,
)
from sklearn_ecg.datasets import RecordReader, make_ecg
from sklearn_ecg.preprocessing import Segmenter
from sklearn_ecg.utils import all_estimators
from sklearn_ecg.utils._callbacks import CallbackSupportMixin, FitTasks, follow_as_one_task


class Mean(CallbackSupportMixin, BaseEstimator):
    @follow_as_one_task
    def fit(self, X, y=None):
        """Learn the mean."""
        self.mean_ = sum(X) / len(X)
        return self


class Recorder:
    """A callback that notes what it is told."""

    def __init__(self):
        self.told = []

    def setup(self, estimator, context):
        self.told.append("setup")

    def teardown(self, estimator, context):
        self.told.append("teardown")

    def on_fit_task_begin(self, estimator, context, *, X, y, metadata):
        self.told.append(("begin", context.task_name, context.max_subtasks, X, y, metadata))

    def on_fit_task_end(self, estimator, context, *, X, y, metadata):
        self.told.append(("end", context.task_name, estimator.mean_, X, y, metadata))


def test_a_fit_that_nobody_follows_is_as_usual():
    """It returns the estimator, and its name and docstring are those of the method."""
    estimator = Mean()
    assert estimator.fit([1, 2]) is estimator
    assert estimator.mean_ == 1.5
    assert not FitTasks(BaseEstimator(), 0, None, None).are_followed
    assert Mean.fit.__name__ == "fit"
    assert Mean.fit.__doc__ == "Learn the mean."


def test_a_fit_is_one_task():
    """Without parts, on the data of the caller; at its end the estimator is fitted."""
    pytest.importorskip("sklearn.callback", reason="scikit-learn before 1.9 has none")
    recorder = Recorder()
    Mean().set_callbacks(recorder).fit([1, 2], "y")
    given = [1, 2], "y", {}
    assert recorder.told == [
        "setup",
        ("begin", "fit", 0, *given),
        ("end", "fit", 1.5, *given),
        "teardown",
    ]


class Flat(CallbackSupportMixin, GaussianNB):
    """Take rows of beats."""

    @follow_as_one_task
    def fit(self, X, y=None):
        return super().fit(X.reshape(len(X), -1), y)


X = np.random.RandomState(0).normal(size=(6, 20))
Y = np.array([0, 1] * 3)
ROWS = np.arange(6)[:, None]
RECORDS = [make_ecg(20, fs=100, premature={"V": 0.2}, random_state=0)]
SOFTMAX = BatchedClassifier(None, SGDClassifier(loss="log_loss"))


@pytest.mark.parametrize(
    ("estimator", "given", "parts"),
    [
        (Segmenter(5), (X,), []),
        (RowLookup(X), (ROWS,), []),
        (RecordReader(["II"], fs=100), (RECORDS,), []),
        (BatchedClassifier(None, GaussianNB()), (X, Y), []),
        (SegmentedClassifier(Segmenter(5), SOFTMAX), (X, Y), ["BatchedClassifier"]),
        (SegmentLabeler(Segmenter(10), SOFTMAX), (X, [[0, 1]] * 6), ["BatchedClassifier"]),
        (AdvisedClassifier(SOFTMAX, Flat()), (X, Y), ["BatchedClassifier", "Flat"]),
        (BeatClassifier(Flat(), leads=["II"]), (RECORDS,), ["Flat"]),
        (SegmentedClassifier(Segmenter(5), GaussianNB()), (X, Y), []),
    ],
    ids=lambda value: type(value).__name__,
)
def test_callbacks_follow_an_estimator_and_what_it_fits(estimator, given, parts):
    """Until their fits have ended; they are not dismissed before."""
    pytest.importorskip("sklearn.callback", reason="scikit-learn before 1.9 has none")
    told = []

    class Recorder:
        max_propagation_depth = None  # which asks to be passed on to estimators within

        def setup(self, estimator, context):
            told.append("setup")

        def teardown(self, estimator, context):
            told.append("teardown")

        def on_fit_task_begin(self, estimator, context):
            told.append(("begin", type(estimator).__name__))

        def on_fit_task_end(self, estimator, context):
            told.append(("end", type(estimator).__name__))

    estimator.set_callbacks(Recorder()).fit(*given)
    name = type(estimator).__name__
    within = [(event, part) for part in parts for event in ("begin", "end")]
    assert told == ["setup", ("begin", name), *within, ("end", name), "teardown"]


def test_callbacks_may_follow_every_estimator():
    """A pipeline would warn of one that they cannot."""
    pytest.importorskip("sklearn.callback", reason="scikit-learn before 1.9 has none")
    assert not [name for name, each in all_estimators() if not hasattr(each, "set_callbacks")]
