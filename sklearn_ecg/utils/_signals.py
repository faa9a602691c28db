"""Validate arrays of signals: the one place that knows what is valid."""

import math
from operator import attrgetter

import numpy as np
from sklearn.utils.validation import check_array, validate_data

from sklearn_ecg.utils._containers import unwrap_rows
from sklearn_ecg.utils._origin import check_origin, note_origin
from sklearn_ecg.utils._rates import agreed_rate, with_rate
from sklearn_ecg.utils._records import ECGRecord
from sklearn_ecg.utils._row_shapes import (
    check_row_shapes,
    common_row_shape,
    refuse_leads_first,
    refuse_one_row,
    refuse_one_signal,
    refuse_segments,
)
from sklearn_ecg.utils._rows import (
    VALUES_AT_ONCE,
    are_surely_finite,
    as_object_array,
    as_plain_array,
    is_ragged,
)

# Integers, as analog-to-digital converters give them, become float32: 24 bits of precision.
_FLOATS = (np.float32, np.float64)


def check_signals(
    X,
    *,
    estimator,
    reset=True,
    allow_segments=True,
    dtype=_FLOATS,
    leads_last=False,
    fs=None,
):
    """Validate signals, segments or sequences, dense or ragged.

    NaN stands for missing values and passes; see `refuse_gaps`. Infinity is refused. Nothing is
    copied when ``X`` already has an accepted dtype.

    Parameters
    ----------
    X : array-like
        Dense: of shape (n_samples, n_timesteps), (n_samples, n_timesteps, n_leads) or
        (n_samples, n_segments, n_timesteps, n_leads). Ragged: one array for each row, of one axis
        less, as a list, a 1-D object array, a column of a data frame, or a list of ECGRecord.
        Masked values of a masked array become NaN.
    estimator : estimator or str
        An estimator receives ``row_shape_in_`` (and ``n_features_in_``, if rows are vectors) if
        ``reset``, and must match them otherwise. A str is only the name for error messages.
    reset : bool, default=True
        Whether to store the form of ``X`` (``fit``) or to compare ``X`` with it (``transform``).
    allow_segments : bool, default=True
        Whether rows may be cut into segments.
    dtype : dtype or tuple of dtypes, default=(float32, float64)
        Accepted dtypes; data of another one is converted to the first.
    leads_last : bool, default=False
        Whether to refuse signals with more than 16 leads and fewer time steps, whose axes were
        swapped, and one signal of shape (n_timesteps, n_leads) in place of rows.
    fs : float, default=None
        Sampling rate in Hz that the caller states. Rows that know another one are refused.

    Returns
    -------
    X : ndarray or 1-D object array of ndarrays
        The validated dense array, or one array per row; it knows the sampling rate if it did.

    Raises
    ------
    ValueError
        If an axis, a length, a value or a row is not valid, or `fs` is not the rate of the rows.
        The message names the row.
    TypeError
        If rows are paths, or records are not in a list.
    """
    name = _name(estimator)
    X, known_fs, lead_names = unwrap_rows(X, name)
    if fs is not None:
        agreed_rate(fs, known_fs, name)
    ragged = is_ragged(X)
    if ragged:
        X, shapes = _check_ragged(X, estimator, dtype)
        row_shape = common_row_shape(X, shapes, name)
    else:
        X = _check_dense(X, estimator, reset, dtype)
        row_shape = X.shape[1:]
        shapes = {row_shape}
    if not allow_segments:
        refuse_segments(shapes, name)
    if leads_last:
        refuse_leads_first(shapes, name)
        if not ragged:
            # Scikit-learn probes estimators with tables of some hundred rows.
            refuse_one_signal(X.shape, name, most_rows=16 if isinstance(estimator, str) else 1000)
    _refuse_infinity(X, shapes)
    if isinstance(estimator, str):
        return with_rate(X, known_fs)
    if reset:
        if ragged or len(row_shape) > 1:
            # Not vectors; and left from an earlier fit, they would bind this one.
            for attribute in ("n_features_in_", "feature_names_in_"):
                vars(estimator).pop(attribute, None)
        estimator.row_shape_in_ = row_shape
        note_origin(estimator, known_fs, lead_names)
    else:
        check_origin(estimator, known_fs, lead_names)
        if not ragged:
            refuse_one_row(X.shape, estimator.row_shape_in_, name)
        check_row_shapes(X, shapes, estimator.row_shape_in_, name)
    return with_rate(X, known_fs)


def _shapes(rows):
    return set(map(attrgetter("shape"), rows))


def _name(estimator):
    return estimator if isinstance(estimator, str) else type(estimator).__name__


def _check_dense(X, estimator, reset, dtype):
    options = {"dtype": dtype, "allow_nd": True, "ensure_all_finite": False}
    _refuse_dates(X, "X")
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
        and set(map(len, shapes := _shapes(rows))) <= {1, 2, 3}
        and not any(0 in shape for shape in shapes)
    )
    if not are_sound:
        rows = [_check_row(row, i, estimator, dtype) for i, row in enumerate(rows)]
        common = np.result_type(*{row.dtype for row in rows})
        rows = [row.astype(common, copy=False) for row in rows]
        shapes = _shapes(rows)
    return as_object_array(rows), shapes


def _check_row(row, i, estimator, dtype):
    where = f"row {i} of X"
    if np.ndim(row) == 0 or isinstance(row, ECGRecord):
        raise ValueError(
            f"{where} is {row!r}, but others are arrays: {_name(estimator)} takes one "
            "signal for each row."
        )
    _refuse_dates(row, where)
    try:
        if isinstance(row, np.ndarray) and row.dtype == object:
            row = np.array(row.tolist())  # an array of one array for each time step, as of parquet
        row = check_array(
            as_plain_array(row),
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


def _refuse_dates(values, where):
    # Scikit-learn takes them for numbers.
    if getattr(getattr(values, "dtype", None), "kind", None) in ("m", "M"):
        raise ValueError(
            f"{where} holds dates or times, not voltages: pass the signal without its time."
        )


def _refuse_infinity(X, shapes):
    ragged = is_ragged(X)
    n_rows = max(1, VALUES_AT_ONCE // max(map(math.prod, shapes))) if ragged else len(X)
    for start in range(0, len(X), n_rows):
        rows = values = X[start : start + n_rows]
        if ragged:
            values = np.concatenate(rows) if n_rows > 1 else rows[0]
        if not are_surely_finite(values):
            for i, row in enumerate(rows, start=start):
                _refuse_infinite_row(row, i)


def _refuse_infinite_row(row, i):
    is_infinite = np.isinf(row)
    if not is_infinite.any():
        return
    axes = {1: ("time step",), 2: ("time step", "lead"), 3: ("segment", "time step", "lead")}
    position = np.argwhere(is_infinite)[0].tolist()
    where = ", ".join(
        f"{axis} {number}" for axis, number in zip(axes[row.ndim], position, strict=True)
    )
    raise ValueError(
        f"Input X contains infinity: row {i}, {where}. Infinite values, or values too large for "
        "the dtype, must be mended first: set them to NaN, which stands for missing."
    )
