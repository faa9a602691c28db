"""Cut off time steps after the last whole segment or frame, or pad them."""

import numpy as np

from sklearn_ecg.utils._padding import unpadded_lengths
from sklearn_ecg.utils._rows import row_lengths


def fit_to_length(signals, n_timesteps):
    """Cut the time axis, or pad it with NaN at its end.

    Parameters
    ----------
    signals : ndarray of shape (..., n_timesteps_in, n_leads)
        Signals.
    n_timesteps : int
        Wanted length.

    Returns
    -------
    ndarray of shape (..., n_timesteps, n_leads)
        A view if nothing has to be padded, a copy otherwise.
    """
    missing = n_timesteps - signals.shape[-2]
    if missing <= 0:
        return signals[..., :n_timesteps, :]
    padded = np.empty((*signals.shape[:-2], n_timesteps, signals.shape[-1]), dtype=signals.dtype)
    padded[..., :-missing, :] = signals
    padded[..., -missing:, :] = np.nan
    return padded


def without_rest(pieces, signals, step, count):
    """Replace by NaN the pieces that a padded signal would not have without its padding.

    Parameters
    ----------
    pieces : ndarray of shape (..., n_pieces, *piece_shape)
        Segments or frames.
    signals : ndarray of shape (..., n_timesteps, n_leads)
        The signals that they were cut from.
    step : int
        Time steps from the beginning of one piece to that of the next.
    count : callable
        Takes lengths of signals in time steps, and returns the number of pieces of each.

    Returns
    -------
    ndarray of shape (..., n_pieces, *piece_shape)
        A copy if there are such pieces, and otherwise `pieces`.
    """
    lengths = unpadded_lengths(signals)
    if (lengths == signals.shape[-2]).all():
        return pieces
    lengths = lengths[..., None]
    numbers = np.arange(pieces.shape[lengths.ndim - 1])
    is_rest = (numbers >= count(lengths)) & (numbers * step < lengths)  # begun, and not counted
    if is_rest.any():
        pieces = pieces.copy()
        pieces[is_rest] = np.nan
    return pieces


def refuse_short_rows(X, n_timesteps, argument):
    """Refuse rows of which nothing is left if the rest after the last whole piece is cut off.

    Parameters
    ----------
    X : ndarray or 1-D object array of ndarrays
        Validated signals or segments.
    n_timesteps : int
        Time steps in a piece.
    argument : str
        Its name, for the message.

    Raises
    ------
    ValueError
        If a row is shorter than a piece. The message names the row.
    """
    lengths = row_lengths(X)
    i = int(lengths.argmin())
    if lengths[i] < n_timesteps:
        raise ValueError(
            f"row {i} of X has {lengths[i]} time steps, fewer than {argument}={n_timesteps}, so "
            f'that tail="drop" would leave nothing of it. Use tail="pad", or lower {argument}.'
        )
