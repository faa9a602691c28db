"""scikit-learn's callbacks follow the epochs of a fit."""

import warnings

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline

from sklearn_ecg.compose import RowLookup
from sklearn_ecg.datasets import ECGRecord, RecordReader
from sklearn_ecg.preprocessing import MaxNormalizer

callback = pytest.importorskip("sklearn.callback", reason="scikit-learn before 1.9 has none")


class Recorder:
    """A callback that notes what it is told, and stops after some epochs."""

    def __init__(self, stop_after=None):
        self.begun, self.ended, self.stop_after = [], [], stop_after

    def setup(self, estimator, context):
        self.begun.append("setup")

    def teardown(self, estimator, context):
        self.ended.append("teardown")

    def on_fit_task_begin(self, estimator, context):
        self.begun.append((context.task_name, context.task_id))

    def on_fit_task_end(self, estimator, context):
        self.ended.append((context.task_name, context.task_id))
        return context.task_name == "epoch" and context.task_id + 1 == self.stop_after


def test_epochs_are_tasks_of_the_fit(sequences, tiny):
    """Each begins and ends within the fit, and a callback may end it early."""
    recorder = Recorder(stop_after=2)
    classifier = tiny(epochs=5).set_callbacks(recorder).fit(*sequences)
    assert recorder.begun == ["setup", ("fit", 0), ("epoch", 0), ("epoch", 1)]
    assert recorder.ended == [("epoch", 0), ("epoch", 1), ("fit", 0), "teardown"]
    assert len(classifier.history_["loss"]) == 2


def test_callbacks_are_torn_down_after_a_failed_fit(sequences, tiny):
    """Nothing of the fit stays, and the next one begins anew."""
    X, y = sequences
    recorder = Recorder()
    classifier = tiny().set_callbacks(recorder)
    with pytest.raises(ValueError, match="one class"):
        classifier.fit(X, np.zeros(60))
    assert recorder.ended == ["teardown"]
    assert classifier.fit(X, y).predict(X).shape == (60,)


def test_scores_are_monitored_epoch_by_epoch(sequences, tiny):
    """The score after the last epoch is that of the fitted classifier, and nothing else changes."""
    X, y = sequences
    weight = np.random.RandomState(0).uniform(1, 2, 60)
    monitor = callback.ScoringMonitor(scoring="neg_log_loss")
    classifier = tiny(epochs=3, dropout=0.2).set_callbacks(monitor).fit(X, y, weight)
    scores = [task["neg_log_loss"] for task in monitor.get_logs().data]
    assert len(scores) == 3
    assert len(set(scores)) == 3
    probabilities = classifier.predict_proba(X)
    loss = -np.average(np.log(probabilities[np.arange(60), y]), weights=weight)
    assert scores[-1] == pytest.approx(-loss)
    unwatched = tiny(epochs=3, dropout=0.2).fit(X, y, weight)
    np.testing.assert_array_equal(unwatched.predict_proba(X), probabilities)


def test_progress_reaches_every_step_of_a_pipeline(sequences, tiny, capfd, monkeypatch):
    """The pipeline warns of no step that cannot be followed, and each step is one task."""
    monkeypatch.setenv("COLUMNS", "200")  # names are cut where the screen is narrow
    X, y = sequences
    records = [ECGRecord(row[:, :1], 100, ["II"]) for row in X.astype(np.float32)]
    steps = RowLookup(records), RecordReader(["II"], fs=100), MaxNormalizer(), tiny()
    numbers = np.arange(len(X))[:, None]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        make_pipeline(*steps).set_callbacks(callback.ProgressBar()).fit(numbers, y)
    progress = capfd.readouterr().out
    for step in ("RowLookup", "RecordReader", "MaxNormalizer", "LSTMClassifier"):
        assert f"{step} - fit" in progress
