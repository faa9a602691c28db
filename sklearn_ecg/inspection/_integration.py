"""Integrated gradients through the steps of a pipeline, carried back to its input."""

import numpy as np
from sklearn.ensemble import VotingClassifier
from sklearn.pipeline import Pipeline

from sklearn_ecg.inspection._lines import flat_lines
from sklearn_ecg.neural_network import LSTMClassifier
from sklearn_ecg.neural_network._gradients import integrated_gradients
from sklearn_ecg.preprocessing import Resampler, Reshaper, Segmenter
from sklearn_ecg.preprocessing._base import SignalTransformer
from sklearn_ecg.utils._nesting import single_steps
from sklearn_ecg.utils._row_shapes import shape_with_leads
from sklearn_ecg.utils._rows import is_ragged, join_rows
from sklearn_ecg.utils._signals import check_signals


def integrate(estimator, X, columns, *, n_channels, pooled=False):
    """Attribute a probability of each row to the values of the row.

    Parameters
    ----------
    estimator : LSTMClassifier, Pipeline or VotingClassifier
        A fitted network; a pipeline that ends in one; or several whose probabilities are averaged.
    X : ndarray or 1-D object array of ndarrays
        Validated rows.
    columns : ndarray of int of shape (n_samples,)
        The column of `predict_proba` that is explained, for each row.
    n_channels : int
        Leads of a row, or features of its steps.
    pooled : bool, default=False
        Whether the flat line is at the median of all rows, instead of that of each.

    Returns
    -------
    attributions : list of ndarray
        An array for each row, of its shape.
    starts : ndarray of shape (n_samples,)
        The probability of the flat line.

    Raises
    ------
    TypeError
        If the estimator is not one of these, or a step cannot be traced back.
    """
    options = {"n_channels": n_channels, "pooled": pooled}
    if isinstance(estimator, LSTMClassifier):
        lines = flat_lines(X, n_channels, pooled)
        n_features = shape_with_leads(X[0].shape)[-1]
        # Within a step, features are ordered by time step first and by lead second.
        baselines = np.tile(lines, (1, n_features // n_channels))
        return integrated_gradients(estimator, X, columns, baselines)
    if isinstance(estimator, VotingClassifier) and estimator.voting == "soft":
        parts = [integrate(member, X, columns, **options) for member in estimator.estimators_]
        weights = estimator._weights_not_none
        attributions = [
            np.average(of_row, axis=0, weights=weights)
            for of_row in zip(*(attributions for attributions, _ in parts), strict=True)
        ]
        starts = np.average([starts for _, starts in parts], axis=0, weights=weights)
        return attributions, starts
    if not isinstance(estimator, Pipeline):
        raise TypeError(
            f"{type(estimator).__name__} has no gradients: they need an LSTMClassifier, a pipeline "
            'that ends in one, or a VotingClassifier(voting="soft") of such. Use '
            'method="occlusion", which takes any classifier.'
        )
    passed = []
    *steps, last = single_steps(estimator)
    for step in steps:
        result = check_signals(step.transform(X), estimator="explain")
        _check_traceable(step, X, result)
        passed.append((step, X))
        X = result
    attributions, starts = integrate(last, X, columns, **options)
    for step, before in reversed(passed):
        attributions = [
            _carry_back(step, of_row, row) for of_row, row in zip(attributions, before, strict=True)
        ]
    return attributions, starts


def _check_traceable(step, before, after):
    """Refuse a step whose output cannot be traced back to time steps and leads of its input."""
    if isinstance(step, Segmenter | Reshaper | Resampler):
        return
    if [np.shape(row) for row in before] != [np.shape(row) for row in after]:
        made = "rows of another shape"
    elif not isinstance(step, SignalTransformer) and _mixes_leads(step, before[:1], after[0]):
        made = "each lead of several"
    else:
        return
    raise TypeError(
        f"{type(step).__name__} makes {made}, which explain cannot trace back to the signal. Use "
        'method="occlusion", or explain what follows: '
        "explain(pipeline[-1], pipeline[:-1].transform(X))."
    )


def _mixes_leads(step, rows, result):
    """Check whether what a step makes of one lead depends on the waves of another one.

    A lead is turned back in time, so that the scale of all, by which a step may divide, stays.
    """
    for lead in range(result.shape[-1] if result.ndim > 1 else 0):
        row = np.array(rows[0], order="C")
        for series in row.reshape(-1, *row.shape[-2:]):
            is_step = ~np.isnan(series).all(axis=-1)
            series[is_step, lead] = series[is_step, lead][::-1]
        changed = join_rows([row], ragged=is_ragged(rows))
        after = np.delete(np.asarray(step.transform(changed)[0]), lead, axis=-1)
        if not np.allclose(after, np.delete(result, lead, axis=-1), equal_nan=True):
            return True
    return False


def _carry_back(step, attributions, row):
    """Carry the attributions of a step's output for one row back to its input."""
    if isinstance(step, Segmenter | Reshaper):
        # They only move values: what they make of positions says where each came from.
        positions = np.arange(row.size, dtype=np.float64).reshape(row.shape)
        origins = np.asarray(step.transform(positions[None])[0]).ravel()
        is_value = ~np.isnan(origins)
        carried = np.bincount(
            origins[is_value].astype(np.int64),
            weights=attributions.ravel()[is_value],
            minlength=row.size,
        )
        return carried.reshape(row.shape)
    if isinstance(step, Resampler):
        return _resample_sums(attributions, row.shape, step.fs_ / step.fs_new)
    return attributions


def _resample_sums(attributions, shape, ratio):
    """Share out attributions among the time steps that lie nearest, so that their sum stays.

    `ratio` is the number of time steps of the result for each of the attributions.
    """
    axis = -2 if len(shape) > 1 else -1
    attributions = np.moveaxis(attributions, axis, -1)
    sums = np.concatenate(
        [np.zeros_like(attributions[..., :1]), np.cumsum(attributions, axis=-1)], axis=-1
    )
    # A value stands for the time half way to its neighbours; the first and last for all beyond.
    edges = np.arange(shape[axis] + 1) - 0.5
    edges[0], edges[-1] = -np.inf, np.inf
    known = ratio * (np.arange(sums.shape[-1]) - 0.5)
    sums = np.apply_along_axis(lambda of_lead: np.interp(edges, known, of_lead), -1, sums)
    return np.moveaxis(np.diff(sums, axis=-1), -1, axis)
