"""Rows come out of the columns and tables of Polars and Arrow as they went in."""

import numpy as np
import pandas as pd
import pytest

from sklearn_ecg.datasets import load_records, make_ecg, write_record
from sklearn_ecg.utils._containers import unwrap_recordings, unwrap_rows

SIGNALS = np.arange(24.0).reshape(3, 4, 2)


def polars_columns():
    pl = pytest.importorskip("polars")
    yield pl.Series(SIGNALS)
    yield pl.Series(SIGNALS.tolist())
    yield pl.DataFrame({"signal": pl.Series(SIGNALS)})


def arrow_columns():
    pa = pytest.importorskip("pyarrow")
    tensors = pa.FixedShapeTensorArray.from_numpy_ndarray(SIGNALS)
    for column in (pa.array(SIGNALS.tolist()), tensors):
        yield column
        yield pa.chunked_array([column[:1], column[1:]])
        yield pa.table({"signal": column})
        yield pd.Series(column, dtype=pd.ArrowDtype(column.type))


@pytest.mark.parametrize("columns", [polars_columns, arrow_columns])
def test_signals_keep_their_leads(columns):
    """Lists of lists, arrays of two axes, and tensors, whose storage has one axis."""
    for column in columns():
        rows, *_ = unwrap_rows(column, "test")
        assert len(rows) == 3
        for row, signal in zip(rows, SIGNALS, strict=True):
            np.testing.assert_array_equal(np.array(row.tolist()), signal)


def test_missing_values_are_nan_and_missing_rows_none():
    """In whole numbers too."""
    pl = pytest.importorskip("polars")
    rows, *_ = unwrap_rows(pl.Series([[1, None, 3], None]), "test")
    np.testing.assert_array_equal(rows[0], [1, np.nan, 3])
    assert rows[1] is None


def test_leads_in_a_struct_are_refused():
    """By their names, because their order is not told."""
    pl = pytest.importorskip("polars")
    structs = pl.Series([{"II": [0.1, 0.2], "V1": [0.3, 0.4]}])
    for X in (structs, structs.to_list()):
        with pytest.raises(TypeError, match=r"a mapping from 'II', 'V1' .* np\.column_stack"):
            unwrap_rows(X, "Segmenter")


def test_lazy_frame_is_refused():
    """It has no rows yet."""
    pl = pytest.importorskip("polars")
    with pytest.raises(TypeError, match=r"a LazyFrame, .* pass X\.collect\(\) to Segmenter"):
        unwrap_rows(pl.LazyFrame({"signal": [[0.1, 0.2]]}), "Segmenter")


def test_paths_may_come_in_any_column(tmp_path):
    """To `load_records` as to `RecordReader`."""
    pa, pl = pytest.importorskip("pyarrow"), pytest.importorskip("polars")
    record = make_ecg(duration_s=2, leads=["II"], random_state=0)
    paths = [str(write_record(record, tmp_path / name)) for name in ("ann", "ben")]
    for column in (pa.array(paths), pa.table({"path": paths}), pl.DataFrame({"path": paths})):
        assert list(unwrap_recordings(column)) == paths
        assert load_records(column, leads=["II"]).sources == paths


def test_several_columns_are_not_paths():
    """Iterating a table would give the names of its columns."""
    table = pd.DataFrame({"path": ["ann.csv"], "label": ["AF"]})
    for read in (unwrap_recordings, load_records):
        with pytest.raises(TypeError, match=r"the columns path, label, .* as in X\['path'\]"):
            read(table)
