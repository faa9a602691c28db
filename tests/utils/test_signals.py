"""What a valid array of signals is."""

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError

from sklearn_ecg.preprocessing import MaxNormalizer, Segmenter
from sklearn_ecg.utils._signals import check_signals, is_ragged


def test_dense_forms_pass_uncopied():
    """Float arrays of two to four axes come back as they are."""
    for shape in [(3, 5), (3, 5, 2), (3, 4, 5, 2)]:
        X = np.ones(shape, dtype=np.float32)
        assert np.shares_memory(check_signals(X, estimator="test"), X)


def test_integers_become_float32():
    """What an analog-to-digital converter gives takes no more memory than needed."""
    assert check_signals(np.ones((2, 3), dtype=np.int16), estimator="test").dtype == np.float32


def test_ragged_rows_pass_uncopied():
    """A list of arrays becomes an object array of the same arrays."""
    rows = [np.ones((5, 2), np.float32), np.ones((7, 2), np.float32)]
    X = check_signals(rows, estimator="test")
    assert X.shape == (2,)
    assert X.dtype == object
    assert all(np.shares_memory(a, b) for a, b in zip(X, rows, strict=True))


def test_list_of_equal_arrays_is_ragged():
    """The form of data does not depend on which rows a split happened to select."""
    assert is_ragged([np.zeros(5), np.zeros(5)])
    assert not is_ragged([[0, 0], [0, 0]])
    assert not is_ragged(np.zeros((2, 5)))


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (np.zeros(5), "Expected 2D array, got 1D array"),
        (np.zeros((2, 2, 2, 2, 2)), "X has 5 axes, but test takes at most 4"),
        (np.zeros((2, 3, 0)), r"X of shape \(2, 3, 0\) is empty along an axis"),
        (np.zeros((0, 3)), r"0 sample\(s\)"),
        ([np.zeros(3), np.zeros(0)], r"row 1 of X is empty \(shape \(0,\)\)"),
        ([np.zeros((3, 1)), np.zeros((4, 2))], r"row 1 of X has shape \(4, 2\), but row 0 has"),
        ([np.zeros(3), np.zeros((1, 1, 1, 1))], "row 1 of X has 4 axes"),
        ([np.zeros(3), np.array(["a", "b"])], "row 1 of X is not a numeric signal"),
        ([np.zeros(3), np.array([0, np.nan])], r"X contains NaN: row 1, position \(1, 0\)"),
        (np.array([[0, 0], [0, np.inf]]), r"X contains infinity: row 1, position \(1,\)"),
        (
            [[1, 2], ["a", 3]],
            "row 1 of X is not a numeric signal: could not convert string to float: 'a'",
        ),
    ],
)
def test_bad_input_is_named(X, message):
    """The error says what is wrong, and in which row."""
    with pytest.raises(ValueError, match=message):
        check_signals(X, estimator="test", allow_nan=False)


def test_infinity_is_refused_where_nan_may_pass():
    """NaN stands for a missing value; infinity for none."""
    X = np.array([[0.0, np.nan], [0.0, np.inf]])
    check_signals(X[:1], estimator="test")
    with pytest.raises(ValueError, match="X contains infinity: row 1"):
        check_signals(X, estimator="test")


def test_rows_must_be_as_in_fit():
    """Another length or another number of leads is refused, unless fit saw several lengths."""
    rng = np.random.RandomState(0)
    dense = MaxNormalizer().fit(rng.normal(size=(3, 8, 2)))
    with pytest.raises(ValueError, match="X has 9 features, but MaxNormalizer is expecting 8"):
        dense.transform(rng.normal(size=(3, 9, 2)))
    with pytest.raises(
        ValueError, match=r"row 0 of X has shape \(8, 3\), .* fitted on rows of sha"
    ):
        dense.transform(rng.normal(size=(3, 8, 3)))
    with pytest.raises(ValueError, match=r"row 1 of X has shape \(9, 2\)"):
        dense.transform([np.ones((8, 2)), np.ones((9, 2))])
    ragged = MaxNormalizer().fit([np.ones((8, 2)), np.ones((9, 2))])
    assert ragged.transform(np.ones((1, 5, 2))).shape == (1, 5, 2)
    with pytest.raises(ValueError, match=r"row 0 of X has shape \(5, 1\)"):
        ragged.transform([np.ones((5, 1))])


def test_failed_fit_is_no_fit():
    """What noted half the form of the data before it found infinity in them is not fitted."""
    segmenter = Segmenter(2)
    with pytest.raises(ValueError, match="infinity"):
        segmenter.fit([[0, 0], [0, np.inf]])
    with pytest.raises(NotFittedError):
        segmenter.transform([[0, 0]])


def test_refit_forgets_the_form_of_earlier_data():
    """A transformer fitted anew on ragged data is not bound by dense data seen before."""
    segmenter = Segmenter(2).fit(np.ones((3, 8)))
    segmenter.fit([np.ones(4), np.ones(5)])
    assert not hasattr(segmenter, "n_features_in_")
    assert segmenter.transform(np.ones((1, 6))).shape == (1, 3, 2, 1)


def test_rows_may_be_of_pandas():
    """A list of data frames, or a column of arrays with an index of its own, is ragged."""
    rows = [np.zeros((5, 2)), np.ones((7, 2))]
    frames = [pd.DataFrame(row) for row in rows]
    column = pd.DataFrame({"signal": rows}, index=["a", "b"])["signal"]
    for X in (frames, frames[:1], column, column[1:]):
        assert is_ragged(X)
    for X in (frames, column):
        for row, expected in zip(check_signals(X, estimator="test"), rows, strict=True):
            np.testing.assert_array_equal(row, expected)
    assert not is_ragged(pd.Series([1.0, 2.0], dtype=object))
