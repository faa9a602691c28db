"""Set rows aside for early stopping, without splitting a group."""

import numpy as np

from sklearn_ecg.utils._warning import ignored_warnings

_N_DRAWS = 20  # of groups to set aside, of which the best counts


def split_for_early_stopping(y, groups, fraction, random_state):
    """Choose rows to train on and rows to validate on.

    Parameters
    ----------
    y : ndarray of shape (n_samples,) or (n_samples, n_labels)
        Classes, by which rows are stratified, or an indicator matrix of labels, by which not.
    groups : ndarray of shape (n_samples,) or None
        Rows of one group, such as one patient, stay together.
    fraction : float
        Fraction of the rows to validate on. With groups and classes it is the inverse of a whole
        number, at most half, as nearly as groups allow.
    random_state : RandomState
        Source of randomness.

    Returns
    -------
    train, validation : ndarray of int
        Positions of rows.

    Raises
    ------
    ValueError
        If there are too few rows or groups, or none of the splits leaves every class to train on.
    """
    if groups is None:
        return _split_rows(y, fraction, random_state)
    return _split_groups(y, groups, fraction, random_state)


def _split_rows(y, fraction, random_state):
    # Not with the package: it takes a while, and whoever only predicts needs no splits.
    from sklearn.model_selection import train_test_split

    try:
        return train_test_split(
            np.arange(len(y)),
            test_size=fraction,
            stratify=None if y.ndim == 2 else y,
            random_state=random_state,
        )
    except ValueError as error:
        raise ValueError(
            f"validation_fraction={fraction} cannot be set aside from {len(y)} rows: {error} "
            "Use another fraction, pass X_val and y_val, or use early_stopping=False."
        ) from error


def _split_groups(y, groups, fraction, random_state):
    from sklearn.model_selection import GroupShuffleSplit, StratifiedGroupKFold

    n_groups = len(np.unique(groups))
    if n_groups < 2:
        raise ValueError(
            f"groups has {n_groups} distinct group, but early_stopping=True needs at least 2: one "
            "to train on and one to validate on."
        )

    def distance(split):
        return abs(len(split[1]) - fraction * len(y))

    if y.ndim == 2:
        splitter = GroupShuffleSplit(_N_DRAWS, test_size=fraction, random_state=random_state)
        # Best is a split in which every label is trained on, and of the size asked for.
        return max(
            splitter.split(y, groups=groups),
            key=lambda split: (np.count_nonzero(y[split[0]].any(axis=0)), -distance(split)),
        )
    _, class_sizes = np.unique(y, return_counts=True)
    n_folds = max(2, min(round(1 / fraction), n_groups, class_sizes.max()))
    splitter = StratifiedGroupKFold(n_folds, shuffle=True, random_state=random_state)
    # A class with fewer rows than folds is not a fault, because only one of the folds is used.
    with ignored_warnings("The least populated class in y"):
        splits = list(splitter.split(y, y, groups))
    n_classes = len(class_sizes)
    complete = [split for split in splits if len(np.unique(y[split[0]])) == n_classes]
    if not complete:
        raise ValueError(
            "groups leave no split for early stopping in which every class can be trained on: some "
            "class occurs in one group only. Pass X_val and y_val, or use early_stopping=False."
        )
    # Best is a split with every class on both sides, and of the size asked for.
    return max(complete, key=lambda split: (len(np.unique(y[split[1]])), -distance(split)))
