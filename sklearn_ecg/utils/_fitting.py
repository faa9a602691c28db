"""Check labels and groups, and leave nothing fitted where a `fit` fails."""

from functools import wraps

import numpy as np
from scipy.sparse import issparse
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import (
    _check_sample_weight,
    check_array,
    check_consistent_length,
    column_or_1d,
)

from sklearn_ecg.utils._containers import is_missing


def all_or_nothing(fit):
    """Decorate a `fit` or `partial_fit` so that it leaves nothing behind if it fails.

    A new fit first removes the attributes of an earlier one. `partial_fit`, and `fit` with
    `warm_start`, continue an earlier fit: they keep its attributes, and restore them if they fail.
    Ctrl-C is a failure too. The names of learnt attributes end in an underscore.

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


def require_y(y, name):
    """Refuse to fit a classifier without labels.

    Parameters
    ----------
    y : array-like or None
        The labels.
    name : str
        Name of the classifier, for the message.

    Raises
    ------
    ValueError
        If `y` is None.
    """
    if y is None:  # scikit-learn's suite expects these words
        raise ValueError(
            f"This {name} estimator requires y to be passed, but the target y is None."
        )


def check_labels(y):
    """Turn labels into an array.

    Parameters
    ----------
    y : array-like of shape (n_samples,) or (n_samples, n_labels)
        Labels, in an array, a list, columns of a data frame or a sparse matrix.

    Returns
    -------
    ndarray of shape (n_samples,) or (n_samples, n_labels)
        The labels.

    Raises
    ------
    ValueError
        If a label is missing; the message names its row.
    """
    if issparse(y):  # as `MultiLabelBinarizer(sparse_output=True)` makes
        y = y.toarray()
    refuse_missing(y, "y", "leave rows without a label out.")
    if isinstance(y, list) and all(isinstance(labels, list) for labels in y):
        type_of_target(y)  # names the way out if there are several labels for some rows
    return check_array(plain_column(y), ensure_2d=False, dtype=None, input_name="y")


def check_label_names(classifier, y, *, reset):
    """Learn the names of labels of which several may be true at once, or compare them.

    Parameters
    ----------
    classifier : estimator
        The classifier, which learns `label_names_` if `y` names its columns by text.
    y : array-like of shape (n_samples,) or (n_samples, n_labels)
        Labels as the user passed them. Only a data frame has names.
    reset : bool
        Whether to learn the names; otherwise they are compared with those learnt before.

    Raises
    ------
    ValueError
        If `y` has other names than before, or the same in another order.
    """
    columns = getattr(y, "columns", ())
    if len(columns) < 2 or not all(isinstance(name, str) for name in columns):
        return
    names = np.array(list(columns), dtype=object)
    if reset:
        classifier.label_names_ = names
    elif not np.array_equal(names, known := getattr(classifier, "label_names_", names)):
        raise ValueError(
            f"y has the columns {names.tolist()}, but {type(classifier).__name__} began with "
            f"{known.tolist()}: pass these, in this order."
        )


class ClassifierOfNamedLabels(ClassifierMixin):
    """A classifier that compares the names of several labels also when it is scored."""

    def score(self, X, y, sample_weight=None):
        """Compute the accuracy: the share of rows of which all labels are right.

        Parameters
        ----------
        X : array-like of length n_samples
            Rows as in `fit`.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            True labels.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row.

        Returns
        -------
        float
            The accuracy, between 0 and 1.

        Raises
        ------
        ValueError
            If `y` is a data frame with other labels than in `fit`, or in another order.
        """
        check_label_names(self, y, reset=False)
        return super().score(X, y, sample_weight)


def check_row_labels(y):
    """Check labels of rows.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Labels of rows.

    Returns
    -------
    ndarray of shape (n_samples,)
        The labels.

    Raises
    ------
    ValueError
        If `y` is missing, continuous, or of two axes.
    """
    y = column_or_1d(check_labels(y), warn=True)
    check_classification_targets(y)
    return y


def check_y(y, X):
    """Check the labels of rows, of which several may be true at once.

    Parameters
    ----------
    y : array-like of shape (n_samples,) or (n_samples, n_labels)
        Classes, or an indicator matrix.
    X : array-like
        The rows, which are only counted.

    Returns
    -------
    ndarray of shape (n_samples,) or (n_samples, n_labels)
        The labels; two axes mean that several may be true.

    Raises
    ------
    ValueError
        If `y` holds numbers that are not classes, or has another number of rows.
    """
    y = check_labels(y)
    check_consistent_length(X, y)
    if type_of_target(y, input_name="y") == "multilabel-indicator":
        strange = np.argwhere((y != 0) & (y != 1))
        if len(strange):
            row, column = strange[0]
            raise ValueError(
                "y with a column for each label must hold 0 and 1 only, but row "
                f"{row} holds {y[row, column]}."
            )
        return y.astype(int)
    return check_row_labels(y)


def check_groups(groups, X):
    """Check the groups of rows, which are patients.

    Parameters
    ----------
    groups : array-like of shape (n_samples,) or (n_samples, 1), or None
        Group of each row.
    X : array-like
        The rows, which are only counted.

    Returns
    -------
    ndarray of shape (n_samples,) or None
        The groups.

    Raises
    ------
    ValueError
        If their number is not that of the rows, or one is missing: all rows without a patient would
        pass for those of one. The message names the row.
    """
    if groups is None:
        return None
    refuse_missing(groups, "groups", "give a row without a known patient a group of its own.")
    groups = check_array(plain_column(groups), ensure_2d=False, dtype=None, input_name="groups")
    if groups.shape[1:] == (1,):
        groups = groups[:, 0]
    if groups.ndim != 1:
        raise ValueError(f"groups has shape {groups.shape}, but there must be one for each row.")
    if len(groups) != len(X):
        raise ValueError(f"groups has {len(groups)} entries, but X has {len(X)} rows.")
    return groups


def check_weight_of_rows(sample_weight, rows, dtype=None):
    """Check the weights of rows.

    Parameters
    ----------
    sample_weight : array-like of shape (n_samples,) or None
        Weight of each row; None stands for 1 each.
    rows : array-like
        The rows, which are only counted.
    dtype : dtype, default=None
        Type of the weights; None leaves it to scikit-learn.

    Returns
    -------
    ndarray of shape (n_samples,)
        The weights.

    Raises
    ------
    ValueError
        If their number is not that of the rows, or one is missing, negative or infinite.
    """
    if isinstance(sample_weight, np.ma.MaskedArray):
        refuse_missing(sample_weight, "sample_weight", "give each row a weight, which may be 0.")
    return _check_sample_weight(sample_weight, rows, dtype=dtype, ensure_non_negative=True)


def refuse_missing(values, name, advice):
    """Refuse labels or names of rows of which one is missing.

    Parameters
    ----------
    values : array-like of shape (n_samples,) or (n_samples, n_labels)
        A value for each row, or several.
    name : str
        Name of the argument, for the message.
    advice : str
        What to do, for the message.

    Raises
    ------
    ValueError
        If a value is None, NaN or masked. The message names the row.
    """
    missing = first_missing(values)
    if missing is not None:
        i, value = missing
        raise ValueError(f"row {i} of {name} is {value}: {advice}")


def first_missing(values):
    """Find the first value that is missing.

    Parameters
    ----------
    values : array-like of shape (n_samples,) or (n_samples, n_labels)
        A value for each row, or several.

    Returns
    -------
    (int, object) or None
        Its row, and None, NaN, NA or `"masked"`; None if no value is missing.
    """
    if isinstance(values, np.ma.MaskedArray) and np.ma.is_masked(values):  # no array of pandas
        return int(np.argwhere(np.ma.getmaskarray(values))[0, 0]), "masked"
    if not isinstance(values, list | tuple):  # of which NumPy makes words, if some are words
        values = np.asarray(values)
        if values.dtype.kind not in "fO":
            return None
    for i, row in enumerate(values):
        if isinstance(row, list | tuple) or np.ndim(row):
            missing = first_missing(row)
            if missing is not None:
                return i, missing[1]
        elif is_missing(row):
            return i, row
    return None


def plain_column(values):
    """Turn a column of a data frame into an array of its own type.

    Scikit-learn would make floats of nullable integers and bools of pandas: class 1.0 of 1.

    Parameters
    ----------
    values : array-like
        A column, or anything else.

    Returns
    -------
    array-like
        The array; anything else as it is.
    """
    is_plain = isinstance(getattr(values, "dtype", np.dtype(object)), np.dtype)
    return values if is_plain else np.asarray(values)


def _learnt(estimator):
    return {name: value for name, value in vars(estimator).items() if name.endswith("_")}


def _forget(estimator):
    for name in _learnt(estimator):
        delattr(estimator, name)
