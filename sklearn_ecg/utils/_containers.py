"""Take rows out of arrays, lists, columns of data frames, records and masked arrays."""

import mmap
from collections.abc import Mapping
from numbers import Real
from os import PathLike

import numpy as np
from sklearn.utils import _safe_indexing

from sklearn_ecg.utils._leads import normalize_lead_name
from sklearn_ecg.utils._rates import are_one_rate, rate_of
from sklearn_ecg.utils._records import ECGRecord
from sklearn_ecg.utils._rows import as_plain_array


def unwrap_rows(X, name):
    """Take rows out of their container.

    Parameters
    ----------
    X : array-like
        Signals, as an array, a list, a data frame or a column of one (pandas, Polars, Arrow), or
        records in a list, an array or a column.
    name : str
        Name of the estimator that takes the rows, for messages.

    Returns
    -------
    X : array-like
        The same signals: an array or a data frame of numbers, or a list or a 1-D object array with
        one array, or list, for each row. NaN where a masked array was masked.
    fs : float or None
        Sampling rate in Hz, if the rows know it.
    lead_names : tuple of str or None
        Names of the leads of records, in one spelling.

    Raises
    ------
    TypeError
        If rows are paths or mappings, if some are records and some are not, or if `X` is one
        record.
    ValueError
        If records differ in rate or leads, or several columns hold arrays.
    """
    if isinstance(X, ECGRecord):
        raise TypeError(f"X is one recording, but {name} takes rows: pass [X].")
    column = _only_column(X, name)
    rows = _cells(column)
    first = _first_present(rows)
    if isinstance(first, Mapping):
        raise TypeError(
            f"X holds a mapping from {', '.join(map(repr, first))} for each row, but {name} takes "
            "arrays: put leads side by side, as in np.column_stack([row['I'], row['II']])."
        )
    if isinstance(first, str | PathLike):
        raise TypeError(
            f"X holds paths such as {str(first)!r}, but {name} takes signals: begin the pipeline "
            "with a RecordReader, or read the files with load_records."
        )
    if isinstance(first, ECGRecord):
        return _signals_of(rows, name)
    if np.ndim(first) > 0:
        if isinstance(column, list | tuple | np.ndarray):
            X = column
        else:
            X = np.fromiter(rows, dtype=object, count=len(rows))  # ragged, whatever the lengths
    return as_plain_array(X), rate_of(X), None


def unwrap_recordings(X):
    """Take recordings out of their container.

    Parameters
    ----------
    X : array-like
        Paths or records, in a list, an array or a column of a data frame (pandas, Polars, Arrow).

    Returns
    -------
    array-like
        The recordings, unchecked; `X` itself if it is not such a container.

    Raises
    ------
    TypeError
        If `X` is a table of several columns.
    """
    column = _only_column(X, "a reader of recordings")
    if columns := list(_column_names(column)):
        raise TypeError(
            f"X has the columns {', '.join(map(str, columns))}, but each row of X is one "
            f"recording: choose the column that holds them, as in X[{columns[0]!r}]."
        )
    cells = _cells(column)
    return cells if len(cells) else column


def take_rows(X, positions):
    """Take some rows into memory.

    Parameters
    ----------
    X : sequence, array or column
        Rows, in memory, memory-mapped, or in an array of Zarr or HDF5.
    positions : ndarray of int
        Positions of rows, in any order, repeated or not.

    Returns
    -------
    ndarray, list or column
        The rows, in the form of `X`; an array for Zarr and HDF5.
    """
    if isinstance(X, np.memmap):
        rows = np.asarray(X[positions])
        _forget_pages(X)
        return rows
    if not hasattr(X, "chunks"):
        return _safe_indexing(X, positions)
    # Zarr does not take what scikit-learn would ask for, and HDF5 takes each row once, in order.
    stored, order = np.unique(positions, return_inverse=True)
    return X[stored][order]


def _forget_pages(X):
    """Have the system count the pages of a memory-mapped file as this process's no longer.

    It would let go of them when memory runs short. But whoever limits the memory of processes, such
    as Dask of its workers, counts them.
    """
    # Of a file that is written to, pages may hold what is not in the file yet.
    if X.mode == "r" and hasattr(X._mmap, "madvise"):  # not on Windows
        X._mmap.madvise(mmap.MADV_DONTNEED)


def _only_column(X, name):
    """Return the only column of a table, if it has no more than one, and otherwise `X`."""
    if isinstance(X, np.ndarray):
        return X[:, 0] if X.ndim == 2 and X.shape[1] == 1 and X.dtype.kind in "OUT" else X
    if hasattr(X, "collect"):
        raise TypeError(
            f"X is a {type(X).__name__}, whose rows are not computed yet: pass X.collect() to "
            f"{name}."
        )
    columns = _column_names(X)
    if not len(columns):
        return X
    if len(columns) == 1:
        return X[columns[0]]
    held = [column for column in columns if any(map(np.ndim, _cells(X[column][:1])))]
    if held:
        raise ValueError(
            f"X has {len(columns)} columns, and {held[0]!r} holds one signal for each row: choose "
            f"one column, as in X[[{held[0]!r}]], for {name}. Leads are the last axis of a signal."
        )
    return X


def _column_names(X):
    return getattr(X, "column_names", getattr(X, "columns", ()))  # of Arrow; of the others


def _cells(column):
    """Return the cells of a column, a list or a 1-D array of objects or words; else nothing."""
    if isinstance(column, list | tuple):
        return column
    if isinstance(column, np.ndarray):
        return column if column.ndim == 1 and column.dtype.kind in "OUT" else ()
    if len(_column_names(column)) or not hasattr(column, "to_numpy"):
        return ()
    if hasattr(getattr(column, "dtype", None), "pyarrow_dtype"):
        column = column.array.__arrow_array__()  # pandas loses the shape of Arrow's tensors
    if hasattr(column, "combine_chunks"):
        column = column.combine_chunks()
    if hasattr(column, "to_numpy_ndarray"):
        return column.to_numpy_ndarray()
    cells = np.asarray(column)  # not a list, which takes a Python object for each value
    is_struct = cells.ndim > 1 and cells.dtype == object  # of Polars, whose names it loses
    return column.to_list() if is_struct else cells


def _first_present(cells):
    return next((cell for cell in cells if not is_missing(cell)), None)


def is_missing(cell):
    """Check whether a cell holds nothing: None, NaN, the NA of pandas, or what is masked.

    Parameters
    ----------
    cell : object
        The cell.

    Returns
    -------
    bool
        Whether it does.
    """
    return (
        cell is None
        or type(cell).__name__ == "NAType"
        or (isinstance(cell, Real) and cell != cell)
        or (isinstance(cell, np.ma.MaskedArray) and np.any(cell.mask))
    )


def _signals_of(records, name):
    first = records[0]
    for i, record in enumerate(records):
        if not isinstance(record, ECGRecord):
            raise TypeError(f"row {i} of X is not an ECGRecord, but others are.")
        if record.lead_names != first.lead_names or not are_one_rate(record.fs, first.fs):
            raise ValueError(
                f"row {i} of X is {record!r}, but row 0 is {first!r}: {name} needs the same rate "
                "and leads in all. Begin the pipeline with a RecordReader, which brings them to "
                "one rate and chooses leads."
            )
    lead_names = tuple(map(normalize_lead_name, first.lead_names))
    return [record.signal for record in records], first.fs, lead_names
