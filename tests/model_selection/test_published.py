"""Published splits."""

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import cross_val_score

from sklearn_ecg.model_selection import (
    MITDB_DS1,
    MITDB_DS2,
    cinc2017_folds,
    mitdb_ds1_ds2,
    ptbxl_folds,
)


def test_ds1_and_ds2_are_22_records_each():
    """The halves are disjoint and without the four paced records."""
    assert len(set(MITDB_DS1)) == len(set(MITDB_DS2)) == 22
    assert not set(MITDB_DS1) & set(MITDB_DS2)
    assert not {"102", "104", "107", "217"} & {*MITDB_DS1, *MITDB_DS2}


def test_mitdb_ds1_ds2_gives_rows_of_both_halves():
    """Rows are told apart by record; those of paced records are in neither half."""
    train, test = mitdb_ds1_ds2(["201", "102", "202", "201", "100"])
    assert train.tolist() == [0, 3]
    assert test.tolist() == [2, 4]


@pytest.mark.parametrize("dtype", [int, object, str, bytes])
def test_mitdb_ds1_ds2_takes_names_that_are_numbers(dtype):
    """As a table of records gives them, words and numbers beside each other included."""
    records = [201, 102, 202, "201" if dtype is object else 201, 100]
    train, test = mitdb_ds1_ds2(np.array(records, dtype=dtype))
    assert (train.tolist(), test.tolist()) == ([0, 3], [2, 4])


def test_mitdb_ds1_ds2_serves_as_cv():
    """The pair of index arrays is a split for scikit-learn."""
    records = ["101", "100", "106", "103"]
    scores = cross_val_score(
        DummyClassifier(), [[0]] * 4, ["N", "N", "N", "V"], cv=[mitdb_ds1_ds2(records)]
    )
    assert scores.tolist() == [0.5]


@pytest.mark.parametrize(("records", "half"), [(["100"], "DS1"), (["101"], "DS2")])
def test_mitdb_ds1_ds2_refuses_half_a_database(records, half):
    """Rows of one half alone cannot be split."""
    with pytest.raises(ValueError, match=f"no row of {half}, that is of 10"):
        mitdb_ds1_ds2(records)


def test_mitdb_ds1_ds2_takes_a_column_of_a_table():
    """Of shape (n_samples, 1), as a choice of columns is."""
    train, test = mitdb_ds1_ds2([["101"], ["102"], ["100"]])
    assert (train.tolist(), test.tolist()) == ([0], [2])


@pytest.mark.parametrize("stray", ["A00001", "100.hea", "999"])
def test_mitdb_ds1_ds2_refuses_records_that_it_does_not_know(stray):
    """Their rows would be in neither half, without a word."""
    with pytest.raises(ValueError, match=f"records has '{stray}', which is no record of"):
        mitdb_ds1_ds2(["101", stray, "100"])


@pytest.fixture
def path(tmp_path):
    """A file with folds of four records."""
    path = tmp_path / "folds.csv"
    path.write_text("record,fold\r\nA00001,3\r\nA00002,0\r\nA00003,1\r\nA00004,0\r\n")
    return path


def test_cinc2017_folds_tests_each_fold_in_turn(path):
    """Every fold that occurs among the rows is the test set once."""
    splits = list(cinc2017_folds(["A00004", "A00001", "A00002"], path).split())
    assert [(train.tolist(), test.tolist()) for train, test in splits] == [
        ([1], [0, 2]),
        ([0, 2], [1]),
    ]


def test_cinc2017_folds_refuses_a_record_without_fold(path):
    """A row whose record is not listed would be in every training set, so it is refused."""
    with pytest.raises(ValueError, match="no fold for 1 of the records, such as A00009; leave"):
        cinc2017_folds(["A00001", "A00009"], path)


@pytest.mark.parametrize("line", ["A00005", "A00005,x", "A00005,-1", "A00005,1,2"])
def test_cinc2017_folds_refuses_a_line_without_fold(path, line):
    """A line that is not a record and its fold is named."""
    path.write_text(f"record,fold\nA00001,3\n{line}\n")
    with pytest.raises(ValueError, match=r"folds\.csv, line 3: expected a record and its fold"):
        cinc2017_folds(["A00001"], path)


@pytest.mark.parametrize("text", ["", "A00001,3\n"])
def test_cinc2017_folds_refuses_a_file_without_header(path, text):
    """A file of another kind is refused by its header."""
    path.write_text(text)
    with pytest.raises(ValueError, match="must begin with the header record,fold"):
        cinc2017_folds(["A00001"], path)


def test_cinc2017_folds_takes_what_a_spreadsheet_writes(path):
    """A signature at the beginning, other ends of lines, and an empty last line."""
    path.write_text("\ufeffrecord,fold\r\nA1,0\r\n\r\nA2,1\r\n\r\n", encoding="utf-8")
    np.testing.assert_array_equal(cinc2017_folds(["A2", "A1"], path).test_fold, [1, 0])


def test_cinc2017_folds_refuses_a_record_in_two_folds(path):
    """The last line would else decide."""
    path.write_text("record,fold\nA1,0\nA2,1\nA1,1\n")
    with pytest.raises(ValueError, match="line 4: record A1 is in fold 1 here, but in fold 0"):
        cinc2017_folds(["A1"], path)


def test_ptbxl_folds_gives_rows_to_train_validate_and_test():
    """Folds 1 to 8, 9 and 10, each row once and in order."""
    parts = ptbxl_folds([10, 1, 9, 8, 10, 4])
    assert [part.tolist() for part in parts] == [[1, 3, 5], [2], [0, 4]]


@pytest.mark.parametrize(
    ("folds", "message"),
    [
        ([9, 10], "no row of folds 1 to 8, to train"),
        ([8, 10], "no row of fold 9, to validate"),
        ([8, 9], "no row of fold 10, to test"),
        ([0, 8, 9, 10], "must hold folds 1 to 10; got 0"),
        ([8, 9, 10, 11], "must hold folds 1 to 10; got 11"),
    ],
)
def test_ptbxl_folds_refuses_what_is_no_such_split(folds, message):
    """A part without rows, or a fold of another database."""
    with pytest.raises(ValueError, match=f"strat_fold .*{message}"):
        ptbxl_folds(folds)
