"""Numbers of rows in place of rows."""

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted

from sklearn_ecg.compose import RowLookup
from sklearn_ecg.preprocessing import Segmenter

SIGNALS = np.arange(12.0).reshape(3, 4)


def test_rows_come_in_the_order_asked_for():
    """Repeated or left out, as a split or a draw has it; whole numbers may be floats."""
    found = RowLookup(SIGNALS).fit_transform(np.array([[2], [0], [2]]))
    np.testing.assert_array_equal(found, SIGNALS[[2, 0, 2]])
    found = RowLookup(SIGNALS).transform([[1.0]])
    np.testing.assert_array_equal(found, SIGNALS[[1]])


def test_rows_keep_their_form():
    """A list stays a list, of arrays or paths; a column of a data frame stays one."""
    ragged = [np.zeros(3), np.ones(5), np.ones(2)]
    found = RowLookup(ragged).transform([[2], [1]])
    assert isinstance(found, list)
    assert found[0] is ragged[2]
    assert RowLookup(["a.csv", "b.csv"]).transform([[1]]) == ["b.csv"]
    assert RowLookup(pd.Series(["a.csv", "b.csv"])).transform([[1], [0]]).tolist() == [
        "b.csv",
        "a.csv",
    ]


def test_clones_share_the_rows():
    """A search over an hour of signals holds them once; a copy for another process is whole."""
    pipeline = make_pipeline(RowLookup(SIGNALS), Segmenter(segment_length=2))
    assert clone(clone(pipeline))[0].rows is SIGNALS
    assert copy.deepcopy(pipeline)[0].rows is not SIGNALS
    loaded = pickle.loads(pickle.dumps(pipeline))
    np.testing.assert_array_equal(loaded[0].transform([[1]]), SIGNALS[[1]])


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ([[0], [3]], "row 1 of X is 3, but RowLookup has the rows 0 to 2"),
        ([[0], [-1]], "row 1 of X is -1"),
        ([[0.5]], r"row 0 of X is 0\.5"),
        ([[0, 1]], "X has 2 columns, but RowLookup takes one.*ColumnTransformer"),
        ([0, 1], "Expected 2D array"),
        ([[np.nan]], "contains NaN"),
    ],
)
def test_anything_else_is_refused(X, message):
    """A signal, or a number that no row has, is never taken for another row."""
    with pytest.raises(ValueError, match=message):
        RowLookup(SIGNALS).fit(X)
    with pytest.raises(ValueError, match=message):
        RowLookup(SIGNALS).transform(X)


def test_rows_must_be_a_sequence():
    """A generator can be asked once only."""
    with pytest.raises(ValueError, match="'rows' parameter"):
        RowLookup(iter(SIGNALS)).fit([[0]])


def test_nothing_is_learnt():
    """The step needs no fit, and what it takes is no table of features."""
    lookup = RowLookup(SIGNALS)
    check_is_fitted(lookup)
    assert not get_tags(lookup).input_tags.two_d_array
