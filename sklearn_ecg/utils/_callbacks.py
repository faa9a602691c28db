"""Callbacks of scikit-learn, which it has from 1.9 on."""

from contextlib import nullcontext
from functools import wraps

try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:  # before scikit-learn 1.9

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Support no callbacks, because there are none."""

    def with_callbacks(method):
        """Return a method as it is."""
        return method


def follow_as_one_task(fit, n_parts=0):
    """Decorate a `fit` so that callbacks follow it as one task.

    Parameters
    ----------
    fit : method
        The method, of a class with `CallbackSupportMixin`. Decorate it below `_fit_context`, at
        whose end scikit-learn dismisses the callbacks.
    n_parts : int, default=0
        Number of estimators that it fits under `follow_part`.

    Returns
    -------
    method
        The decorated method.
    """

    @with_callbacks
    @wraps(fit)
    def fit_as_one_task(estimator, X, y=None, *args, **kwargs):
        task = FitTasks(estimator, n_parts, X, y)
        result = fit(estimator, X, y, *args, **kwargs)
        task.end()
        return result

    return fit_as_one_task


def follow_part(estimator, part):
    """Let the callbacks that follow a fit follow that of an estimator within, if it supports them.

    Parameters
    ----------
    estimator : estimator
        The estimator whose `fit` is under `follow_as_one_task`.
    part : estimator
        The one within, which is fitted in the context.

    Returns
    -------
    context manager
        The context.
    """
    context = getattr(estimator, "_callback_fit_ctx", None)
    if context is None or not hasattr(part, "set_callbacks"):
        return nullcontext()
    return context.subcontext(task_name="fit-estimator").propagate_callback_context(part)


class FitTasks:
    """A fit and its epochs, as tasks that callbacks follow.

    Parameters
    ----------
    estimator : estimator
        The estimator to fit, in a method under `with_callbacks`.
    n_epochs : int
        Largest possible number of epochs.
    X, y : array-like
        The training data as the user passed them.
    sample_weight : array-like or None
        Weights for the scorer of a callback.
    """

    def __init__(self, estimator, n_epochs, X, y, sample_weight=None):
        metadata = {} if sample_weight is None else {"sample_weight": sample_weight}
        self._arguments = {"estimator": estimator, "X": X, "y": y, "metadata": metadata}
        self._context = None
        if hasattr(estimator, "_init_callback_context"):
            self._context = estimator._init_callback_context(max_subtasks=n_epochs)
            self._context.call_on_fit_task_begin(**self._arguments)
        self.are_followed = bool(getattr(estimator, "_skl_callbacks", None))

    def begin_epoch(self, fitted):
        """Begin an epoch.

        Parameters
        ----------
        fitted : callable
            Returns the attributes that make the estimator a fitted one at the end of the epoch.

        Returns
        -------
        callable
            Call it at the end of the epoch. It returns True if the fit shall stop.
        """
        task = self._context.subcontext("epoch")
        task.call_on_fit_task_begin(**self._arguments)
        return lambda: task.call_on_fit_task_end(
            **self._arguments, reconstruction_attributes=fitted
        )

    def end(self):
        """End the fit."""
        if self._context is not None:
            self._context.call_on_fit_task_end(**self._arguments)
