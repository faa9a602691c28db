"""Walk through rows of signals, dense or ragged: the one place that knows these two forms."""

from operator import attrgetter

import numpy as np

VALUES_AT_ONCE = 2**16  # these, and copies of them, stay in the cache of a core
# Rows of up to so many values are worked on together, because a call costs more than the work on a
# few values.
_SMALL_ROW = 2**13


def is_ragged(X):
    """Check whether ``X`` holds one array per row instead of being one array.

    A list of arrays is ragged even if their lengths agree, so that the form of the data never
    depends on the rows that a split selected.

    Parameters
    ----------
    X : array-like
        Signals.

    Returns
    -------
    bool
        True for a list (or 1-D object array, or column of a data frame) of arrays or data frames,
        or of lists of different lengths.

    Examples
    --------
    >>> import numpy as np
    >>> is_ragged(np.zeros((2, 5))), is_ragged([[0, 1], [2, 3]])
    (False, False)
    >>> is_ragged([np.zeros(5), np.zeros(7)]), is_ragged([[0, 1], [2, 3, 4]])
    (True, True)
    """
    if hasattr(X, "dtype"):  # an array, or a column of a data frame
        return X.dtype == object and X.ndim == 1 and any(map(np.ndim, X))
    if not isinstance(X, list | tuple) or not X:
        return False
    if any(hasattr(row, "__array__") and np.ndim(row) > 0 for row in X):
        return True
    lengths = {len(row) if isinstance(row, list | tuple) else None for row in X}
    return len(lengths) > 1  # or a row is no signal, which the check of rows names


def map_rows(function, X, *, keeps_form=False) -> np.ndarray:
    """Apply a function of ``(…, n_timesteps, n_leads)`` to all rows.

    Dense rows are processed at once. Short ragged rows of one shape are processed together too,
    because a call of the function costs more than the work on a few values.

    Parameters
    ----------
    function : callable
        Takes and returns an array whose last two axes are time and lead.
    X : ndarray or 1-D object array of ndarrays
        Validated signals; a missing lead axis is added.
    keeps_form : bool, default=False
        Whether to remove an added lead axis from the result.

    Returns
    -------
    ndarray or 1-D object array of ndarrays
        The results, dense if ``X`` is dense.
    """
    X = np.asarray(X)
    if not is_ragged(X):
        results = function(_with_lead_axis(X))
        return results[..., 0] if keeps_form and X.ndim == 2 else results
    lacks_leads = X[0].ndim == 1
    out = np.empty(len(X), dtype=object)
    for positions in groups_of_rows(X):
        if len(positions) == 1:
            rows = X[positions[0]][None]
        else:
            rows = np.concatenate(X[positions]).reshape(len(positions), *X[positions[0]].shape)
        results = function(rows[..., None] if lacks_leads else rows)
        results = results[..., 0] if keeps_form and lacks_leads else results
        if len(positions) == 1:
            out[positions[0]] = results[0]
        else:
            out[positions] = as_object_array(results)
    return out


def each_row(X):
    """Yield each row as ``(n_timesteps, n_leads)`` or ``(n_segments, n_timesteps, n_leads)``.

    Parameters
    ----------
    X : ndarray or 1-D object array of ndarrays
        Validated signals.

    Yields
    ------
    ndarray
        A view of one row.
    """
    if is_ragged(X):
        for row in X:
            yield row[:, None] if row.ndim == 1 else row
    else:
        yield from _with_lead_axis(X)


def row_lengths(X):
    """Count the time steps of each row, or of each of its segments.

    Parameters
    ----------
    X : ndarray or 1-D object array of ndarrays
        Validated signals or segments.

    Returns
    -------
    ndarray of int of shape (n_samples,)
        The counts.
    """
    if not is_ragged(X):
        return np.full(len(X), X.shape[1 if X.ndim == 2 else -2])
    axis = 0 if X[0].ndim == 1 else -2
    return np.array([shape[axis] for shape in map(attrgetter("shape"), X)])


def as_object_array(rows) -> np.ndarray:
    """Put arrays into a 1-D object array, one per element, whatever their shapes.

    Parameters
    ----------
    rows : list of ndarrays, or ndarray
        The rows.

    Returns
    -------
    1-D object array of ndarrays
        The same arrays, not copied.
    """
    return np.fromiter(rows, dtype=object, count=len(rows))


def join_rows(rows, *, ragged):
    """Put rows into one array, or into an object array if they may differ in length.

    Parameters
    ----------
    rows : list of ndarrays
        The rows.
    ragged : bool
        Whether they may.

    Returns
    -------
    ndarray or 1-D object array of ndarrays
        The rows.
    """
    return as_object_array(rows) if ragged else np.stack(rows)


def as_plain_array(X):
    """Replace what is masked in an array by NaN, and another order of bytes by the machine's.

    Other libraries take neither; files of other machines, mapped into memory, have the latter.
    Whole numbers are left as they are, because all of them become floats anyway.

    Parameters
    ----------
    X : array-like
        Anything.

    Returns
    -------
    array-like
        `X` itself, unless it is such an array; then an ndarray, of floats if it was masked.
    """
    if np.ma.isMaskedArray(X):
        return X.astype(np.result_type(X.dtype, np.float32)).filled(np.nan)
    dtype = getattr(X, "dtype", None)  # arrays of Zarr and HDF5 have one too
    if isinstance(dtype, np.dtype) and dtype.kind == "f" and not dtype.isnative:
        return np.asarray(X, dtype.newbyteorder("="))
    return X


def as_chunk(chunk):
    """Return the next part of a signal in floating point, in which leads can be computed.

    Parameters
    ----------
    chunk : array-like
        The part, perhaps masked or in whole numbers.

    Returns
    -------
    ndarray
        The part, with an axis of leads; of shape (0,) if it has no lead that could be counted.
    """
    chunk = np.asarray(as_plain_array(chunk))
    if chunk.dtype.kind in "mMc":  # which NumPy would take for numbers
        raise ValueError(f"chunk holds {chunk.dtype}, not voltages: pass the signal alone.")
    if chunk.dtype not in (np.float32, np.float64):
        chunk = chunk.astype(np.float32)
    return chunk[:, None] if chunk.ndim == 1 and len(chunk) else chunk


def are_surely_finite(values):
    """Check by a sum, without an array of flags, that no value is NaN or infinite.

    Parameters
    ----------
    values : ndarray
        Numbers.

    Returns
    -------
    bool
        True only if all values are finite. False also for finite ones whose sum overflows.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        return np.isfinite(values.sum())


def groups_of_rows(X, *, similar=False):
    """Yield positions of rows that are alike in length: long rows one by one, short ones together.

    Pieces stay small, even if there are many rows.

    Parameters
    ----------
    X : 1-D object array of ndarrays
        Validated rows.
    similar : bool, default=False
        Whether rows of one group may differ in length by a quarter.

    Yields
    ------
    ndarray of int
        The positions of some rows.
    """
    lengths = np.fromiter(map(len, X), dtype=np.int64, count=len(X))
    order = np.argsort(lengths, kind="stable")
    kinds = np.floor(np.log(lengths) / np.log(1.25)) if similar else lengths
    for positions in np.split(order, np.flatnonzero(np.diff(kinds[order])) + 1):
        size = X[positions[-1]].size
        n_rows = VALUES_AT_ONCE // size if size <= _SMALL_ROW else 1
        for start in range(0, len(positions), n_rows):
            yield positions[start : start + n_rows]


def _with_lead_axis(X):
    return X[:, :, None] if X.ndim == 2 else X
