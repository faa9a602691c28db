"""How the loss fell while a network was trained."""

import pytest
from matplotlib import pyplot
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline

from sklearn_ecg.neural_network import LSTMClassifier
from sklearn_ecg.plotting import TrainingDisplay
from sklearn_ecg.preprocessing import MaxNormalizer


def labels(display):
    return [line.get_label() for line in display.ax_.lines]


def test_loss_of_a_fitted_pipeline_is_drawn(sequences, tiny):
    """A point for each epoch, also of a network at the end of a pipeline within another one."""
    X, y = sequences
    pipeline = make_pipeline(MaxNormalizer(), make_pipeline(tiny(epochs=3))).fit(X, y)
    display = TrainingDisplay.from_estimator(pipeline)
    (line,) = display.ax_.lines
    assert line.get_xdata().tolist() == [1, 2, 3]
    assert line.get_ydata().tolist() == pipeline[-1][-1].history_["loss"]
    assert labels(display) == ["training"]


def test_best_epoch_is_marked():
    """With early stopping the weights of the best epoch were kept."""
    history = {"loss": [0.7, 0.5, 0.4, 0.3], "val_loss": [0.7, 0.5, 0.6, 0.7]}
    figure, ax = pyplot.subplots()
    display = TrainingDisplay(history).plot(ax=ax)
    assert display.figure_ is figure
    assert labels(display) == ["training", "validation", "best epoch: 2"]
    styles = [line.get_linestyle() for line in display.ax_.lines]
    assert len(set(styles)) == 3  # told apart in print without colour too


def test_loss_that_hardly_falls_is_not_drawn_on_the_edge():
    """The axis begins at 0, and ends above the highest loss."""
    display = TrainingDisplay({"loss": [0.7, 0.69]}).plot()
    assert display.ax_.get_ylim() == (0, pytest.approx(1.05 * 0.7))


def test_epochs_are_whole_numbers():
    """A single one too."""
    display = TrainingDisplay({"loss": [0.7]}).plot()
    left, right = display.ax_.get_xlim()
    ticks = [tick for tick in display.ax_.get_xticks() if left <= tick <= right]
    assert ticks == [1]


def test_other_estimators_are_refused(sequences):
    """An estimator without history, or not fitted, has nothing to show."""
    X, y = sequences
    with pytest.raises(TypeError, match="got DummyClassifier, which has no history_"):
        TrainingDisplay.from_estimator(DummyClassifier().fit(X, y))
    with pytest.raises(NotFittedError):
        TrainingDisplay.from_estimator(LSTMClassifier())
