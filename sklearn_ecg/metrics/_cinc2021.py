"""The score of the PhysioNet/CinC Challenges 2020 and 2021."""

import csv
from os import PathLike
from pathlib import Path

import numpy as np

from sklearn_ecg.metrics._arguments import check_arguments
from sklearn_ecg.metrics._multilabel import check_label_matrices
from sklearn_ecg.utils._readable import refuse_no_file


@check_arguments(
    {
        "y_true": ["array-like"],
        "y_pred": ["array-like"],
        "labels": ["array-like"],
        "weights": [str, PathLike],
        "normal": [str],
    }
)
def cinc2021_score(y_true, y_pred, *, labels, weights, normal="426783006"):
    r"""Compute the score of the PhysioNet/CinC Challenges 2020 and 2021.

    A table holds the value of a predicted label for each true label, because some mistakes matter
    less. The sum over recordings is scaled: 1 means that all is right, and 0 is the score of
    calling each recording normal.

    Parameters
    ----------
    y_true : array-like of shape (n_samples, n_labels)
        1 where a recording has a label, else 0.
    y_pred : array-like of shape (n_samples, n_labels)
        1 where a label is predicted, else 0.
    labels : array-like of str of shape (n_labels,)
        Name of each column, as in the table of weights: codes of SNOMED CT. Columns that the table
        lacks are not scored.
    weights : str or path-like
        The challenge's `weights.csv`: names in the first line and the first column, those of equal
        worth joined by `|`.
    normal : str, default="426783006"
        Name of the label of normal recordings: sinus rhythm.

    Returns
    -------
    float
        At most 1; NaN if calling each recording normal is all right.

    Raises
    ------
    ValueError
        If the shapes differ, or a value is neither 0 nor 1; if the table is not a square of numbers
        with equal names on both sides; or if it lacks `normal`, or all of `labels`.

    See Also
    --------
    cinc2025_score : The score of a later challenge.

    Notes
    -----
    Scorer form: `make_scorer(cinc2021_score, labels=labels, weights="weights.csv")`.

    The table of 2020 has labels of equal worth in lines of their own: 713427006 and 59118001,
    284470004 and 63593006, 427172004 and 17338001. Its program counts each pair as one label; give
    both columns the name of the first.

    References
    ----------
    .. [1] Perez Alday EA et al. Classification of 12-lead ECGs: the PhysioNet/Computing in
       Cardiology Challenge 2020. Physiol Meas 41:124003 (2020). doi:10.1088/1361-6579/abc960

    Examples
    --------
    Both recordings are labelled right, but the second has a wrong label besides:

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from sklearn_ecg.metrics import cinc2021_score
    >>> with TemporaryDirectory() as folder:
    ...     weights = Path(folder, "weights.csv")
    ...     _ = weights.write_text(",426783006,AF|AFL\n426783006,1,0.5\nAF|AFL,0.5,1\n")
    ...     score = cinc2021_score(
    ...         [[1, 0], [0, 1]], [[1, 0], [1, 1]], labels=["426783006", "AF"], weights=weights
    ...     )
    >>> round(score, 3)  # (1 + 0.75 - 1.25) / (2 - 1.25)
    0.667
    """
    y_true, y_pred = check_label_matrices(y_true, y_pred)
    if not np.isin(y_pred, (0, 1)).all():
        raise ValueError("y_pred must be 1 where a label is predicted, and 0 elsewhere.")
    labels = [str(label) for label in labels]
    if len(labels) != y_true.shape[1]:
        raise ValueError(
            f"labels has {len(labels)} names, but y_true has {y_true.shape[1]} labels."
        )
    names, values = _read_weights(weights)
    if not any(normal in name for name in names):
        raise ValueError(f"weights={str(weights)!r} has no label normal={normal!r}.")
    # One column for each name of the table, true if any label of equal worth is.
    is_of_name = np.array([[label in name for name in names] for label in labels])
    if not is_of_name.any():
        raise ValueError(
            f"weights={str(weights)!r} has none of the labels {labels[:3]}...: use its names."
        )
    true, predicted = (y @ is_of_name > 0 for y in (y_true, y_pred))
    only_normal = np.tile([normal in name for name in names], (len(true), 1))
    right, given, normal_score = (
        _weigh(true, other, values) for other in (true, predicted, only_normal)
    )
    if right == normal_score:
        return float("nan")
    return float((given - normal_score) / (right - normal_score))


def _weigh(true, predicted, weights):
    n_labels = np.maximum((true | predicted).sum(axis=1), 1)
    counts = (true / n_labels[:, None]).T @ predicted.astype(float)
    return (weights * counts).sum()


def _read_weights(path):
    refuse_no_file(Path(path))
    with open(path, newline="", encoding="utf-8-sig") as file:
        header, *lines = [line for line in csv.reader(file) if line] or [[]]
    try:
        values = np.array([line[1:] for line in lines], dtype=float)
        is_square = [line[0] for line in lines] == header[1:] and values.ndim == 2
    except ValueError:
        is_square = False
    if not is_square or len(set(values.shape)) > 1:
        raise ValueError(
            f"weights={str(path)!r} is not a table of weights: it must have the same names in the "
            "first line and the first column, and a number for each pair."
        )
    return [set(name.strip().split("|")) for name in header[1:]], values
