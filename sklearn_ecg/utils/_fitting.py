"""A fit that fails leaves nothing fitted."""

from contextlib import contextmanager


class FreshFitMixin:
    """Forget an earlier fit before a new one is checked.

    If the new one is refused, for its parameters or its data, the estimator is not fitted. Else an
    old filter would go on under new parameters.
    """

    def _validate_params(self):
        # scikit-learn calls this first in every fit.
        if not getattr(self, "warm_start", False):
            _forget(self)
        super()._validate_params()


@contextmanager
def all_or_nothing(estimator, goes_on=False):
    """Forget what a fit has learnt if it fails, for whatever reason, Ctrl-C included.

    Parameters
    ----------
    estimator : estimator
        What is fitted. The names of what it learns end in an underscore.
    goes_on : bool, default=False
        Whether the fit goes on from the previous one. Then what that had learnt is there during the
        fit, and again after one that failed. If not, it is forgotten at the beginning.
    """
    before = _learnt(estimator) if goes_on else {}
    if not goes_on:
        _forget(estimator)
    try:
        yield
    except BaseException:
        _forget(estimator)
        vars(estimator).update(before)
        raise


def _learnt(estimator):
    return {name: value for name, value in vars(estimator).items() if name.endswith("_")}


def _forget(estimator):
    for name in _learnt(estimator):
        delattr(estimator, name)
