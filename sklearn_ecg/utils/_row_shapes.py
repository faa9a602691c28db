"""Check shapes of rows: the rules for them, and the messages."""

_MOST_LEADS = 16  # of an electrocardiograph; more of them than time steps are time steps


def shape_with_leads(shape):
    """Return the shape of a row with its axis for leads, which a row of one lead may lack."""
    return shape if len(shape) > 1 else (*shape, 1)


def common_row_shape(rows, shapes, name):
    """Return the shape that ragged rows share.

    Parameters
    ----------
    rows : 1-D object array of ndarrays
        The rows.
    shapes : set of tuple
        Their shapes.
    name : str
        Name of the estimator, for the message.

    Returns
    -------
    tuple
        The shape, with None for the first axis, along which rows may differ.

    Raises
    ------
    ValueError
        If they differ along another axis; the message names the row.
    """
    first = rows[0].shape
    if len({shape[1:] for shape in shapes}) > 1:
        i = next(i for i, row in enumerate(rows) if row.shape[1:] != first[1:])
        raise ValueError(
            f"row {i} of X has shape {rows[i].shape}, but row 0 has shape {first}; {name} needs "
            "the same leads (last axis), and segments of the same length, in all rows."
        )
    return (None, *first[1:])


def refuse_leads_first(shapes, name):
    """Refuse more leads than time steps, unless the leads are few: the axes were swapped.

    Parameters
    ----------
    shapes : set of tuple
        Shapes of rows.
    name : str
        Name of the estimator, for the message.

    Raises
    ------
    ValueError
        If a row has more than 16 leads and more leads than time steps.
    """
    for shape in shapes:
        if len(shape) > 1 and shape[-1] > max(shape[-2], _MOST_LEADS):
            raise ValueError(
                f"X has rows of shape {shape}, that is more leads ({shape[-1]}) than time steps "
                f"({shape[-2]}), but leads come last: pass np.swapaxes(X, -1, -2) to {name}, or "
                "[row.T for row in X] if X is a list."
            )


def refuse_segments(shapes, name):
    """Refuse rows that are cut into segments.

    Parameters
    ----------
    shapes : set of tuple
        Shapes of rows.
    name : str
        Name of the estimator, for the message.

    Raises
    ------
    ValueError
        If rows have an axis for segments.
    """
    shape = next(iter(shapes))  # ragged rows all have as many axes
    if len(shape) == 3:
        raise ValueError(
            f"row 0 of X has shape {shape}: it is already cut into segments. Pass signals of shape "
            f"(n_timesteps,) or (n_timesteps, n_leads) to {name}."
        )


def refuse_one_signal(shape, name, *, most_rows):
    """Refuse an array that is one signal with its leads in place of many, though no row was seen.

    Parameters
    ----------
    shape : tuple
        Shape of the whole array.
    name : str
        Name of the function or estimator, for the message.
    most_rows : int
        So many rows may be short signals.

    Raises
    ------
    ValueError
        If the array has more rows, of at most 16 values, which are leads.
    """
    if len(shape) == 2 and shape[1] <= _MOST_LEADS and shape[0] > most_rows:
        raise ValueError(
            f"X has shape {shape}, so each of its {shape[0]} rows would be a signal of {shape[1]} "
            f"time steps. If it is one signal with {shape[1]} leads, pass [X] or X[None] to "
            f"{name}; if its rows are such short signals, X[..., None]."
        )


def refuse_one_row(shape, fitted, name):
    """Refuse an array that is one row in place of many.

    Parameters
    ----------
    shape : tuple
        Shape of the whole array.
    fitted : tuple
        Shape of a row seen in `fit`; None stands for any length.
    name : str
        Name of the fitted estimator, for the message.

    Raises
    ------
    ValueError
        If the array has the shape of a row. Many time steps of one lead could be as many short
        rows, but hardly are.
    """
    if len(shape) == len(fitted) and _fits(shape, fitted):
        raise ValueError(
            f"X has shape {shape}, which is that of one row as {name} was fitted on: pass [X] or "
            "X[None] if X is one recording."
        )


def check_row_shapes(X, shapes, fitted, name):
    """Refuse rows that are not like those seen in `fit`.

    Parameters
    ----------
    X : ndarray or 1-D object array of ndarrays
        The rows.
    shapes : set of tuple
        Their shapes.
    fitted : tuple
        Shape of a row seen in `fit`; None stands for any length.
    name : str
        Name of the fitted estimator, for the message.

    Raises
    ------
    ValueError
        If a row has another shape. The message names the row, and the axis that differs.
    """
    wrong = [shape for shape in shapes if not _fits(shape, fitted)]
    if not wrong:
        return
    i = next(i for i, row in enumerate(X) if row.shape in wrong)
    shape = X[i].shape
    full, full_fitted = shape_with_leads(shape), shape_with_leads(fitted)
    start = f"row {i} of X has shape {shape}, but {name} was fitted on rows of shape {fitted}"
    if len(full) != len(full_fitted):
        raise ValueError(f"{start}: rows must be signals, or be cut into segments, in both.")
    (*_, n_timesteps, n_leads), (*_, expected_timesteps, expected_leads) = full, full_fitted
    if n_leads != expected_leads:
        raise ValueError(
            f"{start}, that is {n_leads} and not {expected_leads} leads in the last axis: choose "
            "the leads that it was fitted on."
        )
    raise ValueError(
        f"{start}: it has {n_timesteps} and not {expected_timesteps} time steps. Cut or pad it, or "
        "fit on a list of arrays to let rows differ in length."
    )


def _fits(shape, fitted):
    shape, fitted = shape_with_leads(shape), shape_with_leads(fitted)
    return len(shape) == len(fitted) and all(
        wanted is None or size == wanted for size, wanted in zip(shape, fitted, strict=True)
    )
