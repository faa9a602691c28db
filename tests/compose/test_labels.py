"""Labels of rows or segments, and shared weights."""

import numpy as np
import pandas as pd
import pytest

from sklearn_ecg.compose._labels import are_of_segments, labels_of_segments

N_SEGMENTS = np.array([2, 1])


@pytest.mark.parametrize(
    ("y", "expected"),
    [
        (["a", "b"], False),
        (np.array([0, 1]), False),
        (np.array([[0], [1]]), False),
        (np.array(["a", "b"], dtype=object), False),
        (np.array([[0, 1], [1, 1]]), True),
        ([np.array([0]), np.array([1])], True),
        ([[0, 1], [1]], True),
    ],
)
def test_the_form_of_y_tells_what_has_labels(y, expected):
    """One array per row, or several columns, are labels of segments."""
    assert are_of_segments(y) is expected


def test_labels_of_rows_are_repeated():
    """Each segment has the label of its row."""
    assert labels_of_segments(["n", "a"], N_SEGMENTS).tolist() == ["n", "n", "a"]


@pytest.mark.parametrize(
    "y",
    [
        [["n", "afib"], ["n"]],
        [np.array(["n", "afib"]), np.array(["n"])],
        pd.Series([np.array(["n", "afib"]), np.array(["n"])]),
    ],
    ids=["lists", "arrays", "column"],
)
def test_labels_of_segments_are_joined(y):
    """Strings of different widths are not cut."""
    assert are_of_segments(y)
    assert labels_of_segments(y, N_SEGMENTS).tolist() == ["n", "afib", "n"]


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (None, "requires y to be passed"),
        ([0, 1, 0], "inconsistent numbers of samples"),
        ([[0, 1], [1, 0]], r"row 1 of y has labels of shape \(2,\), but row 1 of X has 1 segments"),
        ([[0, 1], [0, 1, 0]], "row 1 of y has labels of shape"),
        ([np.array([0.5, 0.1]), np.array([0.2])], "Unknown label type: continuous"),
        ([np.array([0, np.nan]), np.array([1.0])], "Input y contains NaN"),
    ],
)
def test_wrong_labels_are_refused(y, message):
    """The error names the row, or what is wrong with the labels."""
    with pytest.raises(ValueError, match=message):
        labels_of_segments(y, N_SEGMENTS)
