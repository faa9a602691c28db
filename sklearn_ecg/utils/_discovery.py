"""Find every estimator of the package, so that none escapes the common tests."""

import importlib
import inspect
import pkgutil

from sklearn.base import BaseEstimator


def all_estimators():
    """List all public estimators of sklearn-ecg: classes with parameters and a `fit`.

    Each call walks the package, so it finds a new estimator that is not listed anywhere.

    Returns
    -------
    list of (str, type)
        Name and class of each estimator, sorted by name.

    See Also
    --------
    sklearn.utils.discovery.all_estimators : The estimators of scikit-learn.

    Examples
    --------
    >>> "Segmenter" in dict(all_estimators())
    True
    """
    package = importlib.import_module("sklearn_ecg")
    found = set()
    for module_info in pkgutil.walk_packages(package.__path__, prefix="sklearn_ecg."):
        if module_info.name.rpartition(".")[2].startswith("_"):
            continue  # a public module re-exports all public names
        module = importlib.import_module(module_info.name)
        for name, member in inspect.getmembers(module, inspect.isclass):
            if (
                issubclass(member, BaseEstimator)
                and hasattr(member, "fit")  # excludes objects that are only parameters
                and not name.startswith("_")
                and member.__module__.startswith("sklearn_ecg.")
            ):
                found.add((name, member))
    return sorted(found, key=lambda item: item[0])


def is_estimator_name(name):
    """Check whether a full name is that of one of these estimators.

    Only the room of that estimator is imported.

    Parameters
    ----------
    name : str
        Names of its module and class, with a dot between.

    Returns
    -------
    bool
        Whether it is.

    Examples
    --------
    >>> is_estimator_name("sklearn_ecg.preprocessing._segmentation.Segmenter")
    True
    >>> is_estimator_name("os.Segmenter"), is_estimator_name("sklearn_ecg.datasets.read_record")
    (False, False)
    """
    package = importlib.import_module("sklearn_ecg")
    class_name = name.rpartition(".")[2]
    if class_name not in package.__all__:  # which has all estimators
        return False
    kind = getattr(package, class_name)
    is_estimator = inspect.isclass(kind) and issubclass(kind, BaseEstimator)
    return is_estimator and name == f"{kind.__module__}.{kind.__qualname__}"
