"""A picture of how the loss fell in training."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from sklearn_ecg.plotting._style import new_axes
from sklearn_ecg.utils._nesting import single_steps

# Both colours are one grey in print, so the lines differ too.
_LABELS = {"loss": ("training", "#0067b1", ".-"), "val_loss": ("validation", "#c03000", ".:")}


class TrainingDisplay:
    """Loss of a network by epoch.

    Use :meth:`from_estimator` to draw it.

    Parameters
    ----------
    history : dict of str to sequence of float
        `"loss"` and, with early stopping, `"val_loss"`: one value for each epoch.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the curves.
    figure_ : matplotlib Figure
        Figure of the axes.

    See Also
    --------
    sklearn_ecg.neural_network.LSTMClassifier : Keeps the history of its training.

    Examples
    --------
    >>> from sklearn_ecg.plotting import TrainingDisplay
    >>> display = TrainingDisplay({"loss": [0.7, 0.5, 0.4], "val_loss": [0.7, 0.6, 0.65]}).plot()
    >>> len(display.ax_.lines)
    3
    """

    def __init__(self, history):
        self.history = history

    def plot(self, *, ax=None):
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure.

        Returns
        -------
        self : TrainingDisplay
            The display.
        """
        ax = new_axes(ax, width_mm=130, height_mm=85)
        for name, (label, color, style) in _LABELS.items():
            losses = self.history.get(name, ())
            if len(losses):
                epochs = np.arange(1, len(losses) + 1)
                ax.plot(epochs, losses, style, color=color, label=label)
        if len(self.history.get("val_loss", ())):
            best = int(np.argmin(self.history["val_loss"])) + 1
            ax.axvline(best, color="#888888", linestyle="--", label=f"best epoch: {best}")
        ax.update_datalim([(1, 0)])  # or a loss that hardly falls would lie on the upper edge
        ax.autoscale_view()
        ax.set(xlabel="epoch", ylabel="loss", ylim=(0, None))
        ax.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
        ax.spines[["top", "right"]].set_visible(False)
        ax.legend(frameon=False)
        self.ax_, self.figure_ = ax, ax.figure
        return self

    @classmethod
    def from_estimator(cls, estimator, *, ax=None):
        """Draw how a fitted classifier was trained.

        Parameters
        ----------
        estimator : LSTMClassifier or Pipeline
            A fitted classifier, or a pipeline that ends in one.
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure.

        Returns
        -------
        display : TrainingDisplay
            The display.

        Raises
        ------
        NotFittedError
            If the estimator is not fitted.
        TypeError
            If it keeps no losses, as after training with differential privacy.
        """
        check_is_fitted(estimator)
        network = single_steps(estimator)[-1]
        if "loss" not in getattr(network, "history_", {}):
            raise TypeError(
                "estimator must be a fitted LSTMClassifier, or a pipeline that ends in one; got "
                f"{type(network).__name__}, which has no history_ of losses. Training with "
                "differential privacy keeps none."
            )
        return cls(network.history_).plot(ax=ax)
