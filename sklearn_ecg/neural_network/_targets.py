"""Labels, weights and groups: what they must be, and what the network is given of them."""

from numbers import Real

import numpy as np
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import (
    _check_sample_weight,
    check_array,
    check_consistent_length,
    column_or_1d,
)


def check_y(X, y):
    """Validate the labels of rows.

    Parameters
    ----------
    X : ndarray
        Validated rows.
    y : array-like of shape (n_samples,) or (n_samples, n_labels)
        Classes, or an indicator matrix.

    Returns
    -------
    ndarray of shape (n_samples,) or (n_samples, n_labels)
        The labels; two axes mean that several may be true at once.

    Raises
    ------
    ValueError
        If they are missing, not of a class, or not one for each row.
    """
    if y is None:
        raise ValueError(
            "This LSTMClassifier estimator requires y to be passed, but the target y is None."
        )
    y = check_array(y, ensure_2d=False, dtype=None, input_name="y")
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
    y = column_or_1d(y, warn=True)
    check_classification_targets(y)
    return y


def check_labels(y, classes, multilabel):
    """Hold labels to what the classes are, and to whether several may be true at once.

    Parameters
    ----------
    y : ndarray of shape (n_samples,) or (n_samples, n_labels)
        Validated labels.
    classes : ndarray of shape (n_classes,)
        The classes.
    multilabel : bool
        Whether several labels may be true at once.

    Raises
    ------
    ValueError
        If a label is not among the classes; the message names the row.
    """
    columns = classes.shape if multilabel else ()
    if y.shape[1:] != columns:
        expected = f"(n_samples, {len(classes)})" if multilabel else "(n_samples,)"
        raise ValueError(
            f"y has shape {y.shape}, but LSTMClassifier began with a y of shape {expected}."
        )
    unknown = np.flatnonzero(~np.isin(y, classes))
    if len(unknown) and not multilabel:
        raise ValueError(
            f"y has a label that is not among the classes {classes.tolist()}: "
            f"{y[unknown[0]]!r} in row {unknown[0]}."
        )


def encode_labels(y, classes, multilabel):
    """Turn labels into what the network's outputs should be.

    Parameters
    ----------
    y : ndarray of shape (n_samples,) or (n_samples, n_labels)
        Checked labels.
    classes : ndarray of shape (n_classes,)
        The classes.
    multilabel : bool
        Whether several labels may be true at once.

    Returns
    -------
    ndarray of shape (n_samples, n_outputs), float32
        Ones and zeros; a single column, that of the second class, if there are two classes.
    """
    if multilabel:
        return y.astype(np.float32)
    one_hot = y[:, None] == classes
    return (one_hot[:, 1:] if len(classes) == 2 else one_hot).astype(np.float32)


def check_weight(X, y, sample_weight, class_weight, classes):
    """Give the weight of each row, with class weights in it.

    Parameters
    ----------
    X : ndarray
        Validated rows.
    y : ndarray of shape (n_samples,) or (n_samples, n_labels)
        Checked labels.
    sample_weight : array-like of shape (n_samples,) or None
        Weights of rows.
    class_weight : dict, "balanced", "balanced_sqrt" or None
        Weights of classes; a class that the dict leaves out has weight 1.
    classes : ndarray of shape (n_classes,)
        The classes.

    Returns
    -------
    ndarray of shape (n_samples,), float64
        The weights. The caller's array is not written to.

    Raises
    ------
    ValueError
        If a weight is no number, negative or infinite, or all are zero, or one is of no class.
    """
    weight = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
    if isinstance(class_weight, dict):
        if y.ndim == 2:
            raise ValueError(
                "class_weight must be a str or None if y is an indicator matrix; give weights of "
                "rows as sample_weight."
            )
        unknown = [label for label in class_weight if label not in classes.tolist()]
        if unknown or not all(map(_is_weight, class_weight.values())):
            hint = ""
            if unknown and np.array_equal(classes, np.arange(len(classes))):
                hint = (
                    " If y holds other labels: VotingClassifier, StackingClassifier and "
                    "BaggingClassifier number the sorted classes from 0 before they fit; give "
                    "weights of these numbers."
                )
            raise ValueError(
                f"class_weight must give weights >= 0 for classes among {classes.tolist()}; got "
                f"{class_weight}.{hint}"
            )
        of_classes = np.array([class_weight.get(label, 1) for label in classes.tolist()])
        weight = weight * of_classes[np.searchsorted(classes, y)]
    elif class_weight is not None:
        balanced = _balance(y, weight)
        weight = weight * (np.sqrt(balanced) if class_weight == "balanced_sqrt" else balanced)
    if not weight.any():
        raise ValueError("class_weight leaves no row with a weight: nothing is left to train on.")
    return weight


def _balance(y, weight):
    """Give each row the weight that makes classes even, counting rows by the weights they have.

    As scikit-learn's `compute_sample_weight("balanced", y)`, which before 1.9 cannot count so.
    """
    rows = np.flatnonzero(weight)
    balanced = np.ones(len(y))
    for labels in y[rows].reshape(len(rows), -1).T:
        _, codes = np.unique(labels, return_inverse=True)
        counts = np.bincount(codes, weights=weight[rows])
        balanced[rows] *= counts.sum() / (len(counts) * counts[codes])
    return balanced


def _is_weight(value):
    return isinstance(value, Real) and 0 <= value < np.inf


def check_groups(X, groups):
    """Validate the groups of rows.

    Parameters
    ----------
    X : ndarray
        Validated rows.
    groups : array-like of shape (n_samples,) or None
        Group of each row.

    Returns
    -------
    ndarray of shape (n_samples,) or None
        The groups.

    Raises
    ------
    ValueError
        If there is not one for each row, or one is NaN.
    """
    if groups is None:
        return None
    groups = check_array(groups, ensure_2d=False, dtype=None, input_name="groups")
    if groups.ndim != 1:
        raise ValueError(f"groups has shape {groups.shape}, but there must be one for each row.")
    if len(groups) != len(X):
        raise ValueError(f"groups has {len(groups)} entries, but X has {len(X)} rows.")
    return groups
