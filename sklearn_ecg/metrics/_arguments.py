"""Check the arguments of metrics, all in one way."""

from functools import wraps
from inspect import signature

import numpy as np
from sklearn.utils._param_validation import validate_params

from sklearn_ecg.utils._fitting import refuse_missing


def check_arguments(constraints):
    """Decorate a metric so that it checks its arguments, and refuses values that are masked.

    NumPy would take what lies under the mask.

    Parameters
    ----------
    constraints : dict
        What each argument may be, as scikit-learn's `validate_params` takes it.

    Returns
    -------
    callable
        The decorator.
    """

    def decorate(metric):
        names = list(signature(metric).parameters)

        @validate_params(constraints, prefer_skip_nested_validation=True)
        @wraps(metric)
        def checked(*args, **kwargs):
            for name, value in [*zip(names, args, strict=False), *kwargs.items()]:
                if isinstance(value, np.ma.MaskedArray):
                    refuse_missing(value, name, "leave such rows out of all arguments.")
            return metric(*args, **kwargs)

        return checked

    return decorate
