"""What a valid array of signals is: the one place that knows."""

import itertools
from operator import attrgetter

import numpy as np
from sklearn.utils.validation import check_array, validate_data

from sklearn_ecg.utils._containers import fill_masked, lead_names_of, unwrap_rows
from sklearn_ecg.utils._rates import are_one_rate, with_rate
from sklearn_ecg.utils._records import ECGRecord

# Integers, as analog-to-digital converters give them, become float32: 24 bits of precision.
_FLOATS = (np.float32, np.float64)
# Rows of up to so many values are worked on together, because a call costs more than the work.
_SMALL_ROW = 2**13
_VALUES_AT_ONCE = 2**20
_MOST_LEADS = 16  # of an electrocardiograph; more of them than time steps are time steps


def check_signals(X, *, estimator, reset=True, allow_nan=True, dtype=_FLOATS, leads_last=False):
    """Validate signals, segments or sequences, dense or ragged.

    Nothing is copied when ``X`` already has an accepted dtype.

    Parameters
    ----------
    X : array-like
        Dense: of shape (n_samples, n_timesteps), (n_samples, n_timesteps, n_leads) or
        (n_samples, n_segments, n_timesteps, n_leads). Ragged: one array for each row, of one axis
        less, as a list, a 1-D object array, a column of a data frame, or a list of ECGRecord. What
        a masked array masks becomes NaN.
    estimator : estimator or str
        An estimator receives ``row_shape_in_`` (and ``n_features_in_``, if rows are vectors) if
        ``reset``, and is held to them otherwise. A str is only the name for error messages.
    reset : bool, default=True
        Whether to record what ``X`` looks like (``fit``) or to compare with it (``transform``).
    allow_nan : bool, default=True
        Whether NaN, which stands for missing values, may pass. Infinity never may.
    dtype : dtype or tuple of dtypes, default=(float32, float64)
        Accepted dtypes; data of another one is converted to the first.
    leads_last : bool, default=False
        Whether to refuse signals with more than 16 leads and fewer time steps, whose axes were
        swapped.

    Returns
    -------
    X : ndarray or 1-D object array of ndarrays
        The validated dense array, or one array per row; it knows the sampling rate if it did.

    Raises
    ------
    ValueError
        If an axis, a length, a value or a row is not as it should be. The message names the row.
    TypeError
        If rows are paths, or records are not in a list.
    """
    lead_names = lead_names_of(X, _name(estimator))
    X, fs = unwrap_rows(X, _name(estimator))
    if is_ragged(X):
        X = _check_ragged(X, estimator, dtype)
        shapes = _shapes(X)
        row_shape = _common_row_shape(X, shapes, estimator)
    else:
        X = _check_dense(X, estimator, reset, dtype)
        row_shape = X.shape[1:]
        shapes = {row_shape}
    if leads_last:
        _refuse_leads_first(X, shapes, estimator)
    _check_finite(X, estimator, allow_nan)
    if not isinstance(estimator, str):
        if reset:
            if len(row_shape) > 1 or is_ragged(X):
                # Not vectors; and left from an earlier fit, they would bind this one.
                for name in ("n_features_in_", "feature_names_in_"):
                    vars(estimator).pop(name, None)
            estimator.row_shape_in_ = row_shape
            _note_origin(estimator, fs, lead_names)
        else:
            _check_row_shapes(X, shapes, estimator)
            _check_origin(estimator, fs, lead_names)
    return with_rate(X, fs)


def is_ragged(X):
    """Tell whether ``X`` holds one array per row instead of being one array.

    A list of arrays is ragged even where their lengths happen to agree, so that the form of the
    data never depends on which rows a split selected.

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
    return len(lengths) > 1 and None not in lengths


def map_rows(function, X, *, keeps_form=False) -> np.ndarray:
    """Apply a function of ``(…, n_timesteps, n_leads)`` to all rows.

    Dense rows are worked on at once. Of ragged ones, short rows of one shape are too, because a
    call of the function costs more than the work on a few values.

    Parameters
    ----------
    function : callable
        Takes and returns an array whose last two axes are time and lead.
    X : ndarray or 1-D object array of ndarrays
        Validated signals; a missing lead axis is added.
    keeps_form : bool, default=False
        Whether to take a lead axis that was added away again.

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
    for positions in _groups_of_one_length(X):
        first = X[positions[0]]
        rows = np.concatenate(X[positions]) if len(positions) > 1 else first
        rows = rows.reshape(len(positions), *first.shape)
        results = function(rows[..., None] if lacks_leads else rows)
        out[positions] = as_object_array(results[..., 0] if keeps_form and lacks_leads else results)
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


def are_segments(X):
    """Tell whether validated rows are bags of segments.

    Parameters
    ----------
    X : ndarray or 1-D object array of ndarrays
        Validated signals or segments.

    Returns
    -------
    bool
        Whether each row has an axis for segments.
    """
    return (X[0].ndim if is_ragged(X) else X.ndim - 1) == 3


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


def _shapes(rows):
    return set(map(attrgetter("shape"), rows))


def _with_lead_axis(X):
    return X[:, :, None] if X.ndim == 2 else X


def _name(estimator):
    return estimator if isinstance(estimator, str) else type(estimator).__name__


def _check_dense(X, estimator, reset, dtype):
    options = {"dtype": dtype, "allow_nd": True, "ensure_all_finite": False}
    try:
        if isinstance(estimator, str):
            X = check_array(X, estimator=estimator, input_name="X", **options)
        else:
            X = validate_data(estimator, X, reset=reset, **options)
    except ValueError as error:
        if "could not convert string" in str(error):
            _explain_string(X)
        # The words of scikit-learn are about tables; its own tests look for them.
        if "got 1D array" in str(error):
            raise ValueError(
                "Expected 2D array, got 1D array instead. Reshape your data: if X is one signal, "
                f"pass [X] or X[None] to {_name(estimator)}."
            ) from error
        if "features, but" in str(error):
            raise ValueError(
                f"{error} Here a feature is a time step, and X has {np.shape(X)[0]} rows of "
                f"{np.shape(X)[1]}: pass X.T if time runs down the first axis, or fit on a list of "
                "arrays to let rows differ in length."
            ) from error
        raise
    if X.ndim > 4:
        raise ValueError(
            f"X has {X.ndim} axes, but {_name(estimator)} takes at most 4: "
            "(n_samples, n_segments, n_timesteps, n_leads)."
        )
    if 0 in X.shape:
        raise ValueError(
            f"X of shape {X.shape} is empty along an axis; {_name(estimator)} cannot use it."
        )
    return X


def _explain_string(X):
    for i, row in enumerate(np.asarray(X, dtype=object)):
        try:
            row.astype(float)
        except ValueError as error:
            raise ValueError(f"row {i} of X is not a numeric signal: {error}") from error


def _check_ragged(X, estimator, dtype):
    rows = list(X)
    accepted = set(map(np.dtype, dtype if isinstance(dtype, tuple) else (dtype,)))
    are_sound = (
        set(map(type, rows)) == {np.ndarray}
        and len(dtypes := set(map(attrgetter("dtype"), rows))) == 1
        and dtypes <= accepted
        and all(1 <= len(shape) <= 3 and 0 not in shape for shape in _shapes(rows))
    )
    if not are_sound:
        rows = [_check_row(row, i, estimator, dtype) for i, row in enumerate(rows)]
        common = np.result_type(*{row.dtype for row in rows})
        rows = [row.astype(common, copy=False) for row in rows]
    return as_object_array(rows)


def _check_row(row, i, estimator, dtype):
    where = f"row {i} of X"
    if np.ndim(row) == 0 or isinstance(row, ECGRecord):
        raise ValueError(
            f"{where} is {row!r}, but others are arrays: {_name(estimator)} takes one "
            "signal for each row."
        )
    try:
        if isinstance(row, np.ndarray) and row.dtype == object:
            row = np.array(row.tolist())  # an array of one array for each time step, as of parquet
        row = check_array(
            fill_masked(row),
            dtype=dtype,
            allow_nd=True,
            ensure_2d=False,
            ensure_all_finite=False,
            ensure_min_samples=0,
            ensure_min_features=0,
        )
    except (TypeError, ValueError) as error:
        raise ValueError(f"{where} is not a numeric signal: {error}") from error
    if not 1 <= row.ndim <= 3:
        raise ValueError(
            f"{where} has {row.ndim} axes, but {_name(estimator)} takes rows of shape "
            "(n_timesteps,), (n_timesteps, n_leads) or (n_segments, n_timesteps, n_leads)."
        )
    if row.size == 0:
        raise ValueError(f"{where} is empty (shape {row.shape}); {_name(estimator)} cannot use it.")
    return row


def _common_row_shape(rows, shapes, estimator):
    """Return the shape that all rows share, with None for the axis along which they may differ."""
    first = (None, *rows[0].shape[1:])
    if any((None, *shape[1:]) != first for shape in shapes):
        i = next(i for i, row in enumerate(rows) if (None, *row.shape[1:]) != first)
        raise ValueError(
            f"row {i} of X has shape {rows[i].shape}, but row 0 has shape {rows[0].shape}; "
            f"{_name(estimator)} needs the same leads (last axis), and segments of the same "
            "length, in all rows."
        )
    return first


def _refuse_leads_first(X, shapes, estimator):
    """Refuse many more leads than time steps: no recording is like that, but a swap of axes is."""
    for shape in shapes:
        if len(shape) > 1 and shape[-1] > max(shape[-2], _MOST_LEADS):
            swap = "[row.T for row in X]" if is_ragged(X) else "np.swapaxes(X, -1, -2)"
            raise ValueError(
                f"X has rows of shape {shape}, that is more leads ({shape[-1]}) than time steps "
                f"({shape[-2]}), but leads come last: pass {swap} to {_name(estimator)}."
            )


def _check_row_shapes(X, shapes, estimator):
    fitted, name = estimator.row_shape_in_, _name(estimator)
    # First, because an array of many time steps of one lead could be as many short rows.
    if not is_ragged(X) and X.ndim == len(fitted) and _fits(X.shape, fitted):
        raise ValueError(
            f"X has shape {X.shape}, which is that of one row as {name} was fitted on: pass [X] or "
            "X[None] if X is one recording."
        )
    if all(_fits(shape, fitted) for shape in shapes):
        return
    shape = next(shape for shape in shapes if not _fits(shape, fitted))
    i = next(i for i, row in enumerate(X) if row.shape == shape)
    raise ValueError(_explain_shape(i, shape, fitted, name))


def _fits(shape, fitted):
    shape, fitted = _full(shape), _full(fitted)
    return len(shape) == len(fitted) and all(
        wanted is None or size == wanted for size, wanted in zip(shape, fitted, strict=True)
    )


def _note_origin(estimator, fs, lead_names):
    """Note the sampling rate and the leads in fit, of rows that know them."""
    fs = None if hasattr(estimator, "fs_") else fs  # transformers hold their rows to that
    for name, value in (("fs_in_", fs), ("lead_names_in_", lead_names)):
        vars(estimator).pop(name, None)
        if value is not None:
            setattr(estimator, name, value)


def _check_origin(estimator, fs, lead_names):
    """Refuse rows that know to be of another rate or of other leads than those in fit."""
    way_out = "Begin the pipeline with a RecordReader, which brings them to one rate and leads."
    fs_in = getattr(estimator, "fs_in_", None)
    if None not in (fs, fs_in) and not are_one_rate(fs, fs_in):
        raise ValueError(
            f"X comes at {fs:g} Hz, but {_name(estimator)} was fitted on signals at {fs_in:g} Hz. "
            f"{way_out}"
        )
    names_in = getattr(estimator, "lead_names_in_", None)
    if None not in (lead_names, names_in) and lead_names != names_in:
        raise ValueError(
            f"X has the leads {', '.join(lead_names)}, but {_name(estimator)} was fitted on "
            f"{', '.join(names_in)}. {way_out}"
        )


def _full(shape):
    """Return the shape of a row with its axis for leads."""
    return shape if len(shape) > 1 else (*shape, 1)


def _explain_shape(i, shape, fitted, name):
    full, expected = _full(shape), _full(fitted)
    start = f"row {i} of X has shape {shape}, but {name} was fitted on rows of shape {fitted}"
    if len(full) != len(expected):
        return f"{start}: rows must be signals, or be cut into segments, in both."
    if full[-1] != expected[-1]:
        return (
            f"{start}, that is {full[-1]} and not {expected[-1]} leads in the last axis: choose "
            "the leads that it was fitted on."
        )
    return (
        f"{start}: it has {full[-2]} and not {expected[-2]} time steps. Cut or pad it, or fit on a "
        "list of arrays to let rows differ in length."
    )


def _groups_of_one_length(X):
    """Yield positions of rows that are alike in length: long rows one by one, short ones together.

    What is worked on at once stays small, however many the rows.
    """
    lengths = np.fromiter(map(len, X), dtype=np.int64, count=len(X))
    order = np.argsort(lengths, kind="stable")
    for positions in np.split(order, np.flatnonzero(np.diff(lengths[order])) + 1):
        size = X[positions[0]].size
        n_rows = _VALUES_AT_ONCE // size if size <= _SMALL_ROW else 1
        for start in range(0, len(positions), n_rows):
            yield positions[start : start + n_rows]


def _check_finite(X, estimator, allow_nan):
    """Refuse infinity, and NaN if it may not pass.

    A sum is finite if all values are, and needs no array of flags.
    """
    if not is_ragged(X):
        batches = [slice(None)] if not _is_finite(X) else []
    else:
        sizes = np.fromiter(map(attrgetter("size"), X), dtype=np.int64, count=len(X))
        starts = np.flatnonzero(np.diff(np.cumsum(sizes) // _VALUES_AT_ONCE, prepend=-1))
        batches = [
            slice(start, stop)
            for start, stop in itertools.pairwise([*starts.tolist(), len(X)])
            if not _is_finite(X[start] if stop == start + 1 else np.concatenate(X[start:stop]))
        ]
    for batch in batches:
        for i, row in enumerate(X[batch], start=batch.start or 0):
            _explain_not_finite(row, i, estimator, allow_nan)


def _is_finite(values):
    with np.errstate(over="ignore", invalid="ignore"):
        return np.isfinite(values.sum())


def _explain_not_finite(row, i, estimator, allow_nan):
    is_bad = np.isinf(row) if allow_nan else ~np.isfinite(row)
    if not is_bad.any():
        return
    position = tuple(map(int, np.argwhere(is_bad)[0]))
    axes = {1: ("time step",), 2: ("time step", "lead"), 3: ("segment", "time step", "lead")}
    where = ", ".join(
        f"{axis} {number}" for axis, number in zip(axes[row.ndim], position, strict=True)
    )
    is_nan = np.isnan(row[position])
    advice = (
        f"{_name(estimator)} does not accept missing values: fill them before, by a GapFiller."
        if is_nan
        else "Infinite values, or values too large for the dtype, must be mended first."
    )
    raise ValueError(
        f"Input X contains {'NaN' if is_nan else 'infinity'}: row {i}, {where}. {advice}"
    )
