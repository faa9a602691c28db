"""What a valid array of signals is: the one place that knows."""

import numpy as np
from sklearn.utils.validation import check_array, validate_data

# Integers, as analog-to-digital converters give them, become float32: 24 bits of precision.
_FLOATS = (np.float32, np.float64)


def check_signals(X, *, estimator, reset=True, allow_nan=True, dtype=_FLOATS):
    """Validate signals, segments or sequences, dense or ragged.

    Nothing is copied when ``X`` already has an accepted dtype.

    Parameters
    ----------
    X : array-like
        Dense: of shape (n_samples, n_timesteps), (n_samples, n_timesteps, n_leads) or
        (n_samples, n_segments, n_timesteps, n_leads). Ragged: a list, a 1-D object array or a
        column of a data frame with one array (or data frame) per row, of one axis less.
    estimator : estimator or str
        An estimator receives ``row_shape_in_`` (and, when ``X`` is dense, ``n_features_in_``) if
        ``reset``, and is held to them otherwise. A str is only the name for error messages.
    reset : bool, default=True
        Whether to record what ``X`` looks like (``fit``) or to compare with it (``transform``).
    allow_nan : bool, default=True
        Whether NaN, which stands for missing values, may pass. Infinity never may.
    dtype : dtype or tuple of dtypes, default=(float32, float64)
        Accepted dtypes; data of another one is converted to the first.

    Returns
    -------
    X : ndarray or 1-D object array of ndarrays
        The validated dense array, or one array per row.

    Raises
    ------
    ValueError
        If an axis, a length, a value or a row is not as it should be. The message names the row.
    """
    if is_ragged(X):
        X = _check_ragged(X, estimator, dtype)
        row_shape = _common_row_shape(X, estimator)
    else:
        X = _check_dense(X, estimator, reset, dtype)
        row_shape = X.shape[1:]
    _check_finite(X, estimator, allow_nan)
    if not isinstance(estimator, str):
        if reset:
            if is_ragged(X):
                # Left from an earlier fit on dense data, they would bind this one.
                for name in ("n_features_in_", "feature_names_in_"):
                    vars(estimator).pop(name, None)
            estimator.row_shape_in_ = row_shape
        else:
            _check_row_shapes(X, estimator)
    return X


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
        return X.dtype == object and X.ndim == 1 and len(X) > 0 and np.ndim(next(iter(X))) > 0
    if not isinstance(X, list | tuple) or not X:
        return False
    if any(hasattr(row, "__array__") and np.ndim(row) > 0 for row in X):
        return True
    lengths = {len(row) if isinstance(row, list | tuple) else None for row in X}
    return len(lengths) > 1 and None not in lengths


def map_rows(function, X) -> np.ndarray:
    """Apply a function of ``(…, n_timesteps, n_leads)`` to all rows at once, or to each.

    Parameters
    ----------
    function : callable
        Takes and returns an array whose last two axes are time and lead.
    X : ndarray or 1-D object array of ndarrays
        Validated signals; a missing lead axis is added.

    Returns
    -------
    ndarray or 1-D object array of ndarrays
        The results, dense if ``X`` is dense.
    """
    if is_ragged(X):
        return as_object_array([function(row) for row in each_row(X)])
    return function(_with_lead_axis(X))


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


def as_object_array(rows) -> np.ndarray:
    """Put arrays into a 1-D object array, one per element, whatever their shapes.

    Parameters
    ----------
    rows : list of ndarrays
        The rows.

    Returns
    -------
    1-D object array of ndarrays
        The same arrays, not copied.
    """
    out = np.empty(len(rows), dtype=object)
    for i, row in enumerate(rows):
        out[i] = row
    return out


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
    rows = []
    for i, row in enumerate(X):
        where = f"row {i} of X"
        try:
            row = check_array(
                row,
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
            raise ValueError(
                f"{where} is empty (shape {row.shape}); {_name(estimator)} cannot use it."
            )
        rows.append(row)
    common = np.result_type(*{row.dtype for row in rows})
    return as_object_array([row.astype(common, copy=False) for row in rows])


def _common_row_shape(rows, estimator):
    """Shape that all rows share, with None for the axis along which they may differ."""
    first = (None, *rows[0].shape[1:])
    for i, row in enumerate(rows):
        if (None, *row.shape[1:]) != first:
            raise ValueError(
                f"row {i} of X has shape {row.shape}, but row 0 has shape {rows[0].shape}; "
                f"{_name(estimator)} needs the same leads (last axis), and segments of the same "
                "length, in all rows."
            )
    return first


def _check_row_shapes(X, estimator):
    fitted = estimator.row_shape_in_
    expected = fitted if len(fitted) > 1 else (*fitted, 1)
    for i, row in enumerate(each_row(X)):
        fits = len(row.shape) == len(expected) and all(
            wanted is None or size == wanted
            for size, wanted in zip(row.shape, expected, strict=True)
        )
        if not fits:
            raise ValueError(
                f"row {i} of X has shape {X[i].shape}, but {_name(estimator)} was fitted on rows "
                f"of shape {fitted}, that is ([segments,] time steps[, leads]). Fit it on a list "
                "of arrays to let the first of these vary between rows."
            )
        if not is_ragged(X):  # the rows of a dense array are all alike
            return


def _check_finite(X, estimator, allow_nan):
    for i, row in enumerate(each_row(X)) if is_ragged(X) else [(None, X)]:
        # The sum is finite if all values are, and needs no array of flags.
        with np.errstate(over="ignore", invalid="ignore"):
            if np.isfinite(row.sum()):
                continue
        _explain_not_finite(row, i, estimator, allow_nan)


def _explain_not_finite(row, i, estimator, allow_nan):
    rows = [(i, row)] if i is not None else enumerate(row)
    for i, row in rows:
        is_bad = np.isinf(row) if allow_nan else ~np.isfinite(row)
        if is_bad.any():
            position = np.argwhere(is_bad)[0]
            is_nan = np.isnan(row[tuple(position)])
            advice = (
                f"{_name(estimator)} does not accept NaN, that is missing values: fill gaps first."
                if is_nan
                else "Infinite values, or values too large for the dtype, must be mended first."
            )
            raise ValueError(
                f"Input X contains {'NaN' if is_nan else 'infinity'}: row {i}, "
                f"position {tuple(map(int, position))} in that row. {advice}"
            )
