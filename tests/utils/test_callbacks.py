"""scikit-learn's callbacks follow a fit, by whatever release of it."""

import pytest
from sklearn.base import BaseEstimator

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
