"""Versions of packages: shown for a report of a fault, and remembered by every pickle."""

import platform
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from inspect import Parameter, signature

from sklearn.base import BaseEstimator
from sklearn.exceptions import InconsistentVersionWarning
from threadpoolctl import threadpool_info

from sklearn_ecg.utils._warning import warn_user

_SHOWN = (
    "sklearn-ecg",
    "scikit-learn",
    "numpy",
    "scipy",
    "joblib",
    "threadpoolctl",
    "scikeras",
    "keras",
    "tensorflow",
    "skops",
    "matplotlib",
    "pandas",
)
# Where a pickle keeps the versions of the packages that decide what a model predicts.
_REMEMBERED = {
    "_sklearn_ecg_version": "sklearn-ecg",
    "_sklearn_version": "scikit-learn",
    "_keras_version": "keras",
}
DECISIVE = tuple(_REMEMBERED.values())


@cache
def installed_version(package):
    """Return the version of an installed package without importing it.

    Parameters
    ----------
    package : str
        Name of the package, as pip knows it.

    Returns
    -------
    str or None
        The version; None if the package is not installed.
    """
    try:
        return version(package)
    except PackageNotFoundError:
        return None


class VersionedEstimator(BaseEstimator):
    """The base of all estimators: its pickles know the versions that they were made with.

    Scikit-learn's `BaseEstimator` warns of another version for its own classes only. A pickle from
    before a parameter existed has its default.
    """

    def __getstate__(self):
        versions = {key: installed_version(package) for key, package in _REMEMBERED.items()}
        return {**super().__getstate__(), **versions}

    def __setstate__(self, state):
        state = dict(state)  # it belongs to the caller
        for key, package in _REMEMBERED.items():
            then, now = state.pop(key, None), installed_version(package)
            if None not in (then, now) and then != now:  # nothing is amiss if it needs no Keras
                whose = "" if package == "scikit-learn" else f" of {package}"
                warn_user(
                    InconsistentVersionWarning(
                        estimator_name=type(self).__name__,
                        current_sklearn_version=f"{now}{whose}",
                        original_sklearn_version=f"{then}{whose}",
                    )
                )
        super().__setstate__(_with_new_parameters(state, type(self)))


def _with_new_parameters(state, estimator_class):
    parameters = signature(estimator_class).parameters
    settings = {name for name in state if not (name.startswith("_") or name.endswith("_"))}
    if not settings <= parameters.keys():
        return state  # of another class, perhaps: whoever checks it shall find it incomplete
    defaults = {name: parameter.default for name, parameter in parameters.items()}
    return {name: value for name, value in defaults.items() if value is not Parameter.empty} | state


def show_versions():
    """Print the versions of Python and of all packages that matter, for a report of a fault.

    It imports none of the packages.

    See Also
    --------
    sklearn.show_versions : Shows those that scikit-learn needs.

    Examples
    --------
    >>> from sklearn_ecg import show_versions
    >>> show_versions()  # doctest: +ELLIPSIS
    System:
            python: 3...
        executable: ...
           machine: ...
    <BLANKLINE>
    Packages:
       sklearn-ecg: ...
    """
    lines = ["System:"]
    system = {
        "python": sys.version.replace("\n", " "),
        "executable": sys.executable,
        "machine": platform.platform(),
    }
    lines += [f"{name:>14}: {value}" for name, value in system.items()]
    lines += ["", "Packages:"]
    lines += [f"{package:>14}: {installed_version(package)}" for package in _SHOWN]
    for library in threadpool_info():
        lines += ["", f"Threads of {library['prefix']}:"]
        lines += [f"{name:>14}: {value}" for name, value in library.items() if name != "prefix"]
    print("\n".join(lines))  # noqa: T201
