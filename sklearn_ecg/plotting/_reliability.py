"""A picture of how well probabilities agree with observed frequencies."""

from textwrap import fill

import numpy as np

from sklearn_ecg.metrics import expected_calibration_error, reliability_curve
from sklearn_ecg.plotting._style import new_axes
from sklearn_ecg.utils._outputs import names_of_columns, probabilities_of

_LINE = 32  # letters of a line of the legend, which is within the axes


class ReliabilityDisplay:
    """Observed frequency over predicted probability, with an interval over patients.

    Use :meth:`from_estimator` or :meth:`from_predictions` to draw it.

    Parameters
    ----------
    curve : Bunch
        The curve, as :func:`~sklearn_ecg.metrics.reliability_curve` returns it.
    error : float, default=None
        The expected calibration error, for the legend.
    name : str, default=None
        Name of the classifier, for the legend.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the curve.
    figure_ : matplotlib Figure
        Figure of the axes.

    See Also
    --------
    sklearn.calibration.CalibrationDisplay : The curve without an interval.

    Notes
    -----
    A point above the diagonal stands for probabilities that are too low. The bars hold 95 % of
    bootstrap draws of patients: a bar that crosses the diagonal does not show a fault. A point at 0
    or 1 has no bar, because all its rows are alike, but that does not make it certain.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_ecg.plotting import ReliabilityDisplay
    >>> y_prob = np.tile([0.2, 0.7], 50)
    >>> y_true = np.arange(100) % 10 >= 5
    >>> display = ReliabilityDisplay.from_predictions(
    ...     y_true, y_prob, groups=np.arange(100) // 5, random_state=0
    ... )
    >>> display.ax_.get_ylabel()
    'observed frequency'
    """

    def __init__(self, curve, *, error=None, name=None):
        self.curve = curve
        self.error = error
        self.name = name

    def plot(self, *, ax=None):
        """Draw the curve.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on, which may hold other curves; None makes a figure.

        Returns
        -------
        self : ReliabilityDisplay
            The display.
        """
        ax = new_axes(ax, width_mm=100, height_mm=100)
        if not ax.lines:
            ax.plot([0, 1], [0, 1], color="#888888", linestyle="--", label="perfect")
        curve = self.curve
        label = self.name or "classifier"
        if self.error is not None:
            label += f" (ECE {self.error:.3f})"
        label = fill(label, _LINE)
        # The percentile interval of a bin with few patients may leave its value out.
        bars = [curve.observed - curve.low, curve.high - curve.observed]
        bars = np.nan_to_num(np.maximum(bars, 0))
        ax.errorbar(curve.predicted, curve.observed, bars, fmt=".-", capsize=2, label=label)
        ax.set(xlabel="predicted probability", ylabel="observed frequency")
        ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
        ax.spines[["top", "right"]].set_visible(False)
        for text in ax.legend(edgecolor="none", loc="best").get_texts():
            text.set_parse_math(False)  # a name with two signs of dollar is no formula
        self.ax_, self.figure_ = ax, ax.figure
        return self

    @classmethod
    def from_predictions(
        cls, y_true, y_prob, *, groups=None, n_bins=10, random_state=None, name=None, ax=None
    ):
        """Draw the curve of probabilities.

        Parameters
        ----------
        y_true : array-like of shape (n_samples,)
            1 where the event occurred, and 0 elsewhere.
        y_prob : array-like of shape (n_samples,)
            Probability of the event, from 0 to 1.
        groups : array-like of shape (n_samples,), default=None
            The patient of each row. None takes each row for a patient.
        n_bins : int, default=10
            Number of bins, which hold equally many rows.
        random_state : int, RandomState instance or None, default=None
            Seed of the intervals.
        name : str, default=None
            Name of the classifier, for the legend.
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure.

        Returns
        -------
        display : ReliabilityDisplay
            The display.
        """
        curve = reliability_curve(
            y_true, y_prob, groups=groups, n_bins=n_bins, random_state=random_state
        )
        error = expected_calibration_error(y_true, y_prob, n_bins=n_bins)
        return cls(curve, error=error, name=name).plot(ax=ax)

    @classmethod
    def from_estimator(
        cls,
        estimator,
        X,
        y,
        *,
        pos_label=None,
        groups=None,
        n_bins=10,
        random_state=None,
        name=None,
        ax=None,
    ):
        """Draw the curve of a fitted classifier, for rows that it has not seen.

        Parameters
        ----------
        estimator : estimator
            A fitted classifier with `predict_proba`, or a pipeline that ends in one.
        X : array-like of shape (n_samples, ...)
            Rows, as the estimator takes them.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Their labels.
        pos_label : int, float, bool or str, default=None
            The class whose probability is drawn; if several may be true at once, the name of the
            label, or its number if `y` of the fit had no names. None takes the last.
        groups : array-like of shape (n_samples,), default=None
            The patient of each row. None takes each row for a patient.
        n_bins : int, default=10
            Number of bins, which hold equally many rows.
        random_state : int, RandomState instance or None, default=None
            Seed of the intervals.
        name : str, default=None
            Name of the classifier, for the legend; None takes that of its class.
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure.

        Returns
        -------
        display : ReliabilityDisplay
            The display.

        Raises
        ------
        ValueError
            If `pos_label` is not a class.
        """
        classes = names_of_columns(estimator).tolist()
        if pos_label is None:
            pos_label = classes[-1]
        if pos_label not in classes:
            raise ValueError(f"pos_label={pos_label!r} is not one of the classes {classes}.")
        column = classes.index(pos_label)
        y = np.asarray(y)
        return cls.from_predictions(
            y[:, column] == 1 if y.ndim == 2 else y == pos_label,
            probabilities_of(estimator, X)[:, column],
            groups=groups,
            n_bins=n_bins,
            random_state=random_state,
            name=name or type(estimator).__name__,
            ax=ax,
        )
