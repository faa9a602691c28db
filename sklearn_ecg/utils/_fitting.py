"""A fit that fails leaves nothing fitted."""

from functools import wraps


def all_or_nothing(fit):
    """Decorate a `fit` or `partial_fit` so that it leaves nothing of itself if it fails.

    What an earlier fit had learnt is forgotten at the beginning, and is there, during the fit and
    after a failed one, where the new one goes on from it: in `partial_fit`, and with `warm_start`.
    Ctrl-C is a failure too. The names of what an estimator learns end in an underscore.

    Parameters
    ----------
    fit : method
        The method.

    Returns
    -------
    method
        The decorated method.
    """

    @wraps(fit)
    def fit_all_or_nothing(estimator, *args, **kwargs):
        goes_on = fit.__name__ == "partial_fit" or getattr(estimator, "warm_start", False)
        before = _learnt(estimator) if goes_on else {}
        if not goes_on:
            _forget(estimator)
        try:
            return fit(estimator, *args, **kwargs)
        except BaseException:
            _forget(estimator)
            vars(estimator).update(before)
            raise

    return fit_all_or_nothing


def _learnt(estimator):
    return {name: value for name, value in vars(estimator).items() if name.endswith("_")}


def _forget(estimator):
    for name in _learnt(estimator):
        delattr(estimator, name)
