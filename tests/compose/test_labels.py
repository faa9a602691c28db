"""Labels of rows and of segments as one label a segment."""

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import DataConversionWarning

from sklearn_ecg.compose._labels import join_segment_labels, spread_row_labels

N_SEGMENTS = np.array([2, 1])


@pytest.mark.parametrize(
    "y", [["n", "a"], np.array(["n", "a"], dtype=object), pd.Series(["n", "a"])]
)
def test_labels_of_rows_are_repeated(y):
    """Each segment has the label of its row."""
    assert spread_row_labels(y, N_SEGMENTS).tolist() == ["n", "n", "a"]


def test_a_column_is_labels_of_rows():
    """One column is taken for them, with scikit-learn's warning."""
    with pytest.warns(DataConversionWarning, match="column-vector"):
        assert spread_row_labels(np.array([[0], [1]]), N_SEGMENTS).tolist() == [0, 0, 1]


SEGMENT_LABELS = [
    [["n", "afib"], ["n"]],
    [np.array(["n", "afib"]), np.array(["n"])],
    pd.Series([np.array(["n", "afib"]), np.array(["n"])]),
]


@pytest.mark.parametrize("y", SEGMENT_LABELS, ids=["lists", "arrays", "column"])
def test_labels_of_segments_are_joined(y):
    """Strings of different widths are not cut, and no row label is mistaken for them."""
    assert join_segment_labels(y, N_SEGMENTS).tolist() == ["n", "afib", "n"]
    with pytest.raises(ValueError, match="y has several labels for each row"):
        spread_row_labels(y, N_SEGMENTS)


@pytest.mark.parametrize("y", [np.array([[0], [1]]), [np.array([0]), np.array([1])]])
def test_one_segment_a_row_may_be_labelled(y):
    """A row that is one segment has one label, in an array of its own."""
    assert join_segment_labels(y, np.array([1, 1])).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([0, 1], "SegmentLabeler needs one for each segment"),
        ([0, 1, 0], "inconsistent numbers of samples"),
        ([[0, 1], [1, 0]], r"row 1 of y has labels of shape \(2,\), but row 1 of X has 1 segments"),
        ([[0, 1], [0, 1, 0]], "row 1 of y has labels of shape"),
        ([[0, 1], 0], r"row 1 of y has labels of shape \(\)"),
        ([np.array([0.5, 0.1]), np.array([0.2])], "Unknown label type: continuous"),
        (
            [np.array([0, np.nan]), np.array([1.0])],
            "segment 1 of row 0 of y is nan: give one label",
        ),
        ([["n", "a"], [np.nan]], "segment 0 of row 1 of y is nan"),
        ([["n", None], ["n"]], "segment 1 of row 0 of y is None"),
        (
            pd.Series([np.array(["n", pd.NA], dtype=object), ["n"]]),
            "segment 1 of row 0 of y is <NA>",
        ),
        ([np.ma.array([0, 1], mask=[0, 1]), [0]], "segment 1 of row 0 of y is masked"),
    ],
)
def test_wrong_labels_of_segments_are_refused(y, message):
    """The error names the row, or what is wrong with the labels."""
    with pytest.raises(ValueError, match=message):
        join_segment_labels(y, N_SEGMENTS)


@pytest.mark.parametrize("labels", [[0, 1], [True, False], ["n", "a"]])
def test_tables_of_pandas_types_are_labels_of_segments(labels):
    """Of the types that know missing values, NumPy makes objects."""
    y = pd.DataFrame([labels, labels[::-1]]).convert_dtypes()
    joined = join_segment_labels(y, np.array([2, 2])).tolist()
    assert joined == [*labels, *labels[::-1]]
    assert [type(label) for label in joined] == [type(labels[0])] * 4


def test_masked_tables_of_segments_are_refused():
    """As masked labels of rows are: what lies under the mask is no label."""
    y = np.ma.array([[0, 1], [1, 0]], mask=[[0, 0], [1, 0]])
    with pytest.raises(ValueError, match="segment 0 of row 1 of y is masked"):
        join_segment_labels(y, np.array([2, 2]))


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([0, 1, 0], "inconsistent numbers of samples"),
        ([0.5, 0.1], "Unknown label type: continuous"),
        ([0, np.nan], "row 1 of y is nan"),
        ([[0, 1], [1]], "use SegmentLabeler"),
        (np.zeros((2, 0)), "use SegmentLabeler"),
    ],
)
def test_wrong_labels_of_rows_are_refused(y, message):
    """The error says what is wrong with the labels."""
    with pytest.raises(ValueError, match=message):
        spread_row_labels(y, N_SEGMENTS)
