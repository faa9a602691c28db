"""A fit that failed leaves nothing fitted."""

from functools import wraps


def fit_or_nothing(fit):
    """Make `fit` forget an earlier fit before it begins, and itself if it fails.

    Otherwise a refused refit would leave the old model, or parts of two, behind.

    Parameters
    ----------
    fit : callable
        The method; apply this decorator above `_fit_context`, so that parameters count too.

    Returns
    -------
    callable
        The method with the same signature.
    """

    @wraps(fit)
    def fit_anew(self, *args, **kwargs):
        _forget(self)
        try:
            return fit(self, *args, **kwargs)
        except BaseException:  # an interrupted fit is none either
            _forget(self)
            raise

    return fit_anew


def _forget(estimator):
    for name in list(vars(estimator)):
        if name.endswith("_") and not name.startswith("__"):
            delattr(estimator, name)
