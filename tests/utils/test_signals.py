"""What a valid array of signals is."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError

from sklearn_ecg.datasets import ECGRecord, make_ecg
from sklearn_ecg.preprocessing import MaxNormalizer, QualityFlags, Reshaper, Segmenter
from sklearn_ecg.utils._rates import rate_of
from sklearn_ecg.utils._rows import as_chunk, as_object_array, is_ragged
from sklearn_ecg.utils._signals import check_signals


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
        (np.zeros((2, 3), "M8[ms]"), "X holds dates or times, not voltages"),
        ([np.zeros(3), np.zeros(4, "m8[s]")], "row 1 of X holds dates or times"),
        (np.array([[0, 0], [0, np.inf]]), "X contains infinity: row 1, time step 1"),
        (
            [[1, 2], ["a", 3]],
            "row 1 of X is not a numeric signal: could not convert string to float: 'a'",
        ),
    ],
)
def test_bad_input_is_named(X, message):
    """The error says what is wrong, and in which row."""
    with pytest.raises(ValueError, match=message):
        check_signals(X, estimator="test")


def test_infinity_is_refused_where_nan_may_pass():
    """NaN stands for a missing value; infinity for none."""
    X = np.array([[0.0, np.nan], [0.0, np.inf]])
    check_signals(X[:1], estimator="test")
    with pytest.raises(ValueError, match="X contains infinity: row 1"):
        check_signals(X, estimator="test")


@pytest.mark.parametrize("length", [75, 100_000])
def test_infinity_is_named_in_any_of_many_rows(length):
    """Short rows are checked together, long ones one by one."""
    rows = [np.zeros(length + i % 3, dtype=np.float32) for i in range(3_000_000 // length)]
    last = len(rows) - 1
    rows[last][50] = -np.inf
    with pytest.raises(ValueError, match=f"X contains infinity: row {last}, time step 50"):
        check_signals(rows, estimator="f")


def test_rows_must_be_as_in_fit():
    """Another length or another number of leads is refused, unless fit saw several lengths."""
    rng = np.random.RandomState(0)
    dense = MaxNormalizer().fit(rng.normal(size=(3, 8, 2)))
    with pytest.raises(ValueError, match=r"row 0 of X .* has 9 and not 8 time steps"):
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


def test_columns_of_lists_are_ragged_rows():
    """As tables read from parquet files hold them, alone or chosen by a ColumnTransformer."""
    rows = [[1.0, 2.0, 3.0], [4.0, 5.0]]
    frame = pd.DataFrame({"signal": rows})
    for X in (frame["signal"], frame, frame.to_numpy()):
        checked = check_signals(X, estimator="test")
        assert [row.tolist() for row in checked] == rows
    arrays = pd.DataFrame({"signal": [np.zeros((500, 2)), np.ones((700, 2))], "age": [30, 40]})
    transformer = ColumnTransformer([("flags", QualityFlags(fs=250), ["signal"])])
    np.testing.assert_array_equal(transformer.fit_transform(arrays), np.ones((2, 2)))


def test_records_are_rows():
    """If they are alike in rate and leads; a pipeline then knows the rate."""
    records = [make_ecg(duration_s=n, fs=250, leads=["II"], random_state=n) for n in (2, 3)]
    checked = check_signals(records, estimator="test")
    assert [row.shape for row in checked] == [(500, 1), (750, 1)]
    assert rate_of(checked) == 250
    other = make_ecg(duration_s=2, fs=500, leads=["II"], random_state=0)
    with pytest.raises(ValueError, match=r"row 1 of X is ECGRecord.*500 Hz.*RecordReader"):
        check_signals([records[0], other], estimator="test")
    with pytest.raises(TypeError, match=r"X is one recording, .* pass \[X\]"):
        Segmenter(10).fit(records[0])


@pytest.mark.parametrize(
    "X",
    [
        ["a.csv", "b.csv"],
        [Path("a.csv")],
        np.array(["a.csv"]),
        pd.Series(["a.csv"]),
        pd.DataFrame({"path": ["a.csv"]}),
    ],
    ids=["list", "Path", "array", "column", "frame"],
)
def test_paths_are_no_signals(X):
    """The message names who reads them."""
    with pytest.raises(TypeError, match=r"X holds paths such as 'a.csv'.*RecordReader"):
        Segmenter(10).fit(X)


def test_records_may_come_in_an_array_or_a_column():
    """As rows that a split selected do."""
    records = [make_ecg(duration_s=2, fs=250, leads=["II"], random_state=n) for n in (2, 3)]
    for X in (tuple(records), as_object_array(records), pd.Series(records, index=[7, 9])):
        assert [row.shape for row in check_signals(X, estimator="test")] == [(500, 1)] * 2
    with pytest.raises(TypeError, match="row 1 of X is not an ECGRecord"):
        check_signals([records[0], records[0].signal], estimator="test")
    with pytest.raises(ValueError, match="row 1 of X is ECGRecord"):
        check_signals([records[0].signal, records[1]], estimator="test")


def test_row_without_signal_is_named():
    """As a column has where a join found nothing."""
    for missing in (None, np.nan):
        for rows in ([np.zeros(3), missing], [missing, np.zeros(3)]):
            with pytest.raises(ValueError, match=rf"row \d of X is {missing}"):
                check_signals(pd.Series(rows), estimator="test")
    with pytest.raises(ValueError, match="row 0 of X is None"):
        check_signals(Column([None, [1.0, 2.0]]), estimator="test")
    with pytest.raises(ValueError, match="row 1 of X is None"):
        check_signals([[1.0, 2.0], None], estimator="test")


def test_row_may_be_an_array_of_arrays():
    """One for each time step, as pandas reads nested lists from a parquet file."""
    row = as_object_array([np.array([1.0, 2.0]), np.array([3.0, 4.0])])
    checked = check_signals(pd.DataFrame({"signal": [row, row]}), estimator="test")
    np.testing.assert_array_equal(checked[1], [[1, 2], [3, 4]])


def test_several_columns_of_signals_are_refused():
    """Leads belong into the arrays."""
    frame = pd.DataFrame({"age": [1, 2], "II": [np.zeros(5)] * 2, "V5": [np.zeros(5)] * 2})
    with pytest.raises(ValueError, match=r"3 columns, and 'II' holds one signal .* X\[\['II'\]\]"):
        check_signals(frame, estimator="test")


def test_column_of_lists_of_one_length_is_ragged():
    """The form does not depend on which rows a split selected."""
    X = pd.DataFrame({"signal": [[1.0, 2.0], [3.0, None]]})
    checked = check_signals(X, estimator="test")
    assert checked.shape == (2,)
    np.testing.assert_array_equal(checked[1], [3, np.nan])


class Column:
    """Stands for a column of Arrow or Polars, which are no dependencies."""

    def __init__(self, rows):
        self.rows = rows

    def __getitem__(self, positions):
        return Column(self.rows[positions])

    def __array__(self, dtype=None, copy=None):
        is_flat = not any(map(np.ndim, self.rows))
        return np.array(self.rows) if is_flat else as_object_array(self.rows)

    to_numpy = __array__


class Table(dict):
    """Stands for a table of theirs."""

    def __init__(self, attribute, columns):
        super().__init__(columns)
        setattr(self, attribute, list(columns))


@pytest.mark.parametrize("attribute", ["column_names", "columns"])
def test_columns_of_other_libraries_are_rows(attribute):
    """They hold a list for each row."""
    column = Column([[1.0, 2.0, 3.0], [4.0, 5.0]])
    for X in (column, Table(attribute, {"signal": column})):
        checked = check_signals(X, estimator="test")
        assert [row.tolist() for row in checked] == [[1, 2, 3], [4, 5]]


class Numbers(Table):
    """Stands for a table of Arrow that holds numbers, and can list its lines."""

    def __array__(self, dtype=None, copy=None):
        return np.column_stack(list(self.values()))

    def to_pylist(self):
        pytest.fail("a list of all lines takes memory")


def test_tables_of_numbers_of_other_libraries_are_dense():
    """Its columns are time steps, and its lines are not looked at."""
    columns = {"a": Column([1.0, 3.0]), "b": Column([2.0, 4.0])}
    X = check_signals(Numbers("column_names", columns), estimator="test")
    np.testing.assert_array_equal(X, [[1, 2], [3, 4]])


def test_order_of_bytes_does_not_matter_on_disk(tmp_path):
    """As of HDF5, whose arrays scikit-learn turns into those of NumPy."""
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "x.h5", "w") as file:
        stored = file.create_dataset("X", data=np.full((2, 3), 0.1, dtype=">f8"))
        checked = check_signals(stored, estimator="test")
    assert checked.dtype == np.float64
    np.testing.assert_array_equal(checked, np.full((2, 3), 0.1))


def test_masked_values_are_missing():
    """Dense, ragged, and of integers."""
    X = np.ma.masked_array([[1, 2, 3], [4, 5, 6]], mask=[[0, 1, 0], [0, 0, 0]])
    for rows in (X, [X[0], X[1]]):
        checked = check_signals(rows, estimator="test")
        np.testing.assert_array_equal(np.stack(list(checked)), [[1, np.nan, 3], [4, 5, 6]])


def test_order_of_bytes_does_not_matter():
    """Float64 of another machine was rounded to float32, which no float64 is otherwise."""
    X = np.array([[1.0, 1 + 1e-12], [np.nan, 0.1]])
    swapped = X.astype(X.dtype.newbyteorder())
    record = ECGRecord(swapped, 250.0, ("I", "II"))
    for rows in (swapped, [*swapped], [record], [as_chunk(swapped)]):
        checked = check_signals(rows, estimator="test")
        assert checked[0].dtype == np.float64
        np.testing.assert_array_equal(np.vstack(list(checked)), X)
    whole = np.array([[1, 256], [-3, 0]])
    for dtype in ("<i2", ">i2"):
        checked = check_signals(whole.astype(dtype), estimator="test")
        np.testing.assert_array_equal(checked, whole)


@pytest.mark.parametrize("X", [np.zeros((3, 12, 5000)), [np.zeros((12, 5000))]])
def test_leads_come_last(X):
    """Swapped axes are refused before anything is learnt from them."""
    with pytest.raises(ValueError, match=r"more leads \(5000\) than time steps \(12\).* pass "):
        MaxNormalizer().fit(X)


def test_rows_with_more_than_16_leads_are_fine_if_they_are_longer():
    """Body-surface maps have many leads; and a short segment may have all twelve."""
    for shape in [(2, 300, 128), (2, 17, 17), (2, 5, 16), (2, 4, 5, 12)]:
        assert MaxNormalizer().fit_transform(np.ones(shape)).shape == shape
    with pytest.raises(ValueError, match=r"more leads \(17\) than time steps \(16\)"):
        MaxNormalizer().fit(np.ones((2, 16, 17)))


@pytest.mark.parametrize("as_list", [False, True])
def test_one_recording_is_not_taken_for_many_rows(as_list):
    """An array of the shape of one row is one row, and must be put into a list of rows."""
    X = np.zeros((3, 20, 1))
    segmenter = Segmenter(5).fit(list(X) if as_list else X)
    with pytest.raises(ValueError, match=r"that of one row .* pass \[X\] or X\[None\]"):
        segmenter.transform(X[0])
    assert len(segmenter.transform([X[0]])) == 1
    assert len(segmenter.transform(X[..., 0])) == 3  # one lead needs no axis
    with pytest.raises(ValueError, match=r"if X is one signal, pass \[X\] or X\[None\]"):
        segmenter.transform(X[0, :, 0])


def test_table_of_the_wrong_width_is_told_as_rows_of_time_steps():
    """Whose time runs down the first axis, where it does."""
    segmenter = Segmenter(5).fit(np.zeros((3, 20)))
    with pytest.raises(ValueError, match=r"X has 20 rows of 1: pass X\.T if time runs down"):
        segmenter.transform(np.zeros((20, 1)))


def test_wrong_leads_are_told_as_such():
    """Not as a matter of lengths."""
    segmenter = Segmenter(5).fit(np.zeros((2, 20, 2)))
    with pytest.raises(ValueError, match="3 and not 2 leads in the last axis"):
        segmenter.transform(np.zeros((2, 20, 3)))
    with pytest.raises(ValueError, match="cut into segments, in both"):
        Reshaper(5).fit(np.zeros((2, 20, 2))).transform(np.zeros((2, 4, 5, 2)))


def test_only_vectors_have_features():
    """Tools that make up a row of so many numbers must not be misled."""
    assert Segmenter(5).fit(np.zeros((2, 20))).n_features_in_ == 20
    assert not hasattr(Segmenter(5).fit(np.zeros((2, 20, 2))), "n_features_in_")


def test_records_are_held_to_the_rate_and_leads_of_fit():
    """Other ones would be taken for what the estimator was fitted on."""

    def record(fs=100.0, lead="II"):
        return ECGRecord(np.zeros((9, 1), np.float32), fs=fs, lead_names=(lead,))

    estimator = BaseEstimator()
    check_signals([record()], estimator=estimator)
    check_signals([record(lead="Lead II")], estimator=estimator, reset=False)
    check_signals([record(fs=100 + 1e-9)], estimator=estimator, reset=False)
    check_signals([record().signal], estimator=estimator, reset=False)  # which know neither
    with pytest.raises(ValueError, match=r"X comes at 200 Hz, but .* at 100 Hz.*RecordReader"):
        check_signals([record(fs=200.0)], estimator=estimator, reset=False)
    with pytest.raises(
        ValueError, match=r"X has the leads V1, but .* fitted on II\. .*RecordReader"
    ):
        check_signals([record(lead="V1")], estimator=estimator, reset=False)
    check_signals([record().signal], estimator=estimator)  # a fit on arrays forgets them
    check_signals([record(fs=200.0, lead="V1")], estimator=estimator, reset=False)
