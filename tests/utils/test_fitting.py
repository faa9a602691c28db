"""A fit that fails leaves nothing fitted."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array, csr_matrix
from sklearn.base import BaseEstimator

from sklearn_ecg.utils._fitting import (
    all_or_nothing,
    check_groups,
    check_labels,
    check_weight_of_rows,
    check_y,
    require_y,
)


class Learner(BaseEstimator):
    """Learns two things, unless there is an error."""

    def __init__(self, warm_start=False):
        self.warm_start = warm_start

    @all_or_nothing
    def fit(self, first, error=None):
        """Note what was there before, and learn."""
        self.seen = getattr(self, "first_", None)
        self.first_ = first
        if error is not None:
            raise error
        self.second_ = first
        return self

    @all_or_nothing
    def partial_fit(self, first, error=None):
        """Learn as in `fit`."""
        return Learner.fit.__wrapped__(self, first, error)


def learnt(estimator):
    return {name: value for name, value in vars(estimator).items() if name.endswith("_")}


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
@pytest.mark.parametrize(
    ("warm_start", "method", "left"),
    [
        (False, "fit", {}),
        (True, "fit", {"first_": 1, "second_": 1}),
        (False, "partial_fit", {"first_": 1, "second_": 1}),
    ],
)
def test_failed_fit_leaves_what_it_went_on_from(error, warm_start, method, left):
    """Nothing if it began anew; in either case nothing of what it learnt itself."""
    estimator = Learner(warm_start).fit(1)
    with pytest.raises(error):
        getattr(estimator, method)(2, error)
    assert learnt(estimator) == left
    assert estimator.seen == left.get("first_")


def test_fit_that_succeeds_keeps_what_it_learnt():
    """And nothing of an earlier one, if it began anew."""
    estimator = Learner().fit(1)
    estimator.third_ = 3
    assert learnt(estimator.fit(2)) == {"first_": 2, "second_": 2}


def test_missing_labels_are_refused():
    """In the words that scikit-learn's suite expects, with the name of the classifier."""
    require_y([0, 1], "Learner")
    with pytest.raises(ValueError, match="This Learner estimator requires y to be passed"):
        require_y(None, "Learner")


@pytest.mark.parametrize(
    "y",
    [
        ["AF", None],
        [0, np.nan],
        ["AF", np.nan],
        pd.DataFrame({"label": ["AF", None]}),
        pd.Series(["AF", None]),
        pd.Series(["AF", pd.NA], dtype="string"),
        pd.Series([0, None], dtype="Int64"),
        np.array(["AF", np.nan], dtype=object),
        np.ma.array([0, 1], mask=[False, True]),
        ["AF", np.ma.masked],
        [[0, 1], np.ma.array([0, 1], mask=[False, True])],
        [[0, 1], [None, 1]],
        [(0, 1), (1, np.nan)],
        np.array([[0, 1], [1, np.nan]]),
        np.array([[0, 1], [None, 1]]),
        pd.DataFrame([[0, 1], [pd.NA, 1]], dtype="Int64"),
    ],
)
def test_missing_label_is_named_by_its_row(y):
    """As a table has where a cell is empty."""
    with pytest.raises(ValueError, match=r"row 1 of y is .*: leave rows without a label out"):
        check_labels(y)


def test_what_pandas_lacks_is_not_called_masked():
    """Its arrays have masks of their own. Which of the two words it is depends on its version."""
    with pytest.raises(ValueError, match=r"row 1 of y is (nan|<NA>)"):
        check_labels(pd.array([0, None], dtype="Int64"))


@pytest.mark.parametrize("values", [[208, 100], [True, False], ["V", "N"], [0.5, 1.5]])
def test_columns_keep_their_type(values):
    """Also of pandas' types that know missing values, of which scikit-learn makes floats."""
    column = pd.Series(values).convert_dtypes()
    for checked in (check_labels(column), check_groups(column, values)):
        assert checked.tolist() == values
        assert [type(value) for value in checked.tolist()] == [type(value) for value in values]


def test_words_for_nothing_are_labels():
    """A class may have any name."""
    assert check_labels(["nan", "None"]).tolist() == ["nan", "None"]


def test_lists_of_labels_are_told_their_way_out():
    """As the statements of a recording often are."""
    with pytest.raises(ValueError, match="MultiLabelBinarizer"):
        check_labels([["AF"], ["AF", "LBBB"]])


@pytest.mark.parametrize("kind", [csr_array, csr_matrix])
def test_sparse_labels_are_an_array(kind):
    """Of many labels, few are true."""
    indicators = np.array([[0, 1, 0], [1, 0, 0]])
    checked = check_labels(kind(indicators))
    assert isinstance(checked, np.ndarray)
    assert checked.tolist() == indicators.tolist()


def test_groups_are_one_for_each_row():
    """In any container that a column of a table may be; None stays None."""
    X = np.zeros((2, 3))
    assert check_groups(None, X) is None
    for groups in (["a", "b"], pd.Series(["a", "b"]), pd.DataFrame({"patient": ["a", "b"]})):
        np.testing.assert_array_equal(check_groups(groups, X), ["a", "b"])
    with pytest.raises(ValueError, match="groups has 3 entries, but X has 2 rows"):
        check_groups([1, 2, 3], X)
    with pytest.raises(ValueError, match=r"groups has shape \(2, 2\)"):
        check_groups([[1, 2], [3, 4]], X)


@pytest.mark.parametrize(
    "groups",
    [
        [1.0, np.nan],
        ["a", np.nan],
        pd.Series(["a", None]),
        np.array([["a"], [None]]),
        np.ma.array([1, 1], mask=[False, True]),
        ["a", np.ma.masked],
    ],
)
def test_unknown_patients_are_not_one_patient(groups):
    """A table of patients has a gap for each of them."""
    with pytest.raises(ValueError, match=r"row 1 of groups is .*: give a row without a known pati"):
        check_groups(groups, np.zeros((2, 3)))


def test_masked_weights_are_refused():
    """What lies under the mask is no weight."""
    weight = np.ma.array([1.0, 100.0], mask=[False, True])
    with pytest.raises(ValueError, match="row 1 of sample_weight is masked: give each row a weig"):
        check_weight_of_rows(weight, [0, 1])
    weight.mask = False
    assert check_weight_of_rows(weight, [0, 1]).tolist() == [1.0, 100.0]
    assert check_weight_of_rows(None, [0, 1]).tolist() == [1.0, 1.0]


@pytest.mark.parametrize("kind", [int, float, bool])
def test_labels_that_may_all_be_true_are_checked_as_zeros_and_ones(kind):
    """Whatever type they have."""
    y = check_y(np.array([[0, 1], [1, 1]], dtype=kind), np.zeros((2, 3)))
    np.testing.assert_array_equal(y, [[0, 1], [1, 1]])
    assert y.dtype == int


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([0, 1, 1], "inconsistent numbers of samples"),
        ([0.5, 1.5], "Unknown label type"),
        ([[0, 2], [1, 1]], "y should be a 1d array"),
        ([[1, 1], [1, -1]], "0 and 1 only, but row 1 holds -1"),
        ([[-1, 1], [1, -1]], "0 and 1 only, but row 0 holds -1"),
    ],
)
def test_labels_that_are_no_classes_are_refused(y, message):
    """The error names the row where there is one."""
    with pytest.raises(ValueError, match=message):
        check_y(y, np.zeros((2, 3)))
