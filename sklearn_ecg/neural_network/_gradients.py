"""Integrated gradients of a fitted LSTMClassifier."""

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from sklearn_ecg.utils._bags import gradient_of_combination
from sklearn_ecg.utils._signals import as_object_array, is_ragged

# Points on the line: of most networks a few are enough, of one with relu and maxima not always.
_N_STEPS = (32, 128, 512)
_TOLERANCE = 0.01  # of the sum
_LEAST_DIFFERENCE = 0.1  # of probabilities: 0.001 is good enough for any that is less


def integrated_gradients(classifier, X, columns, baselines):
    """Attribute a probability of each row to the values of the row.

    The gradient is integrated along the straight line from a baseline to the row. All segments of a
    row move at once, so what is explained is the row's own probability. The integral takes as many
    points as its sum needs to be right.

    Parameters
    ----------
    classifier : LSTMClassifier
        A fitted classifier.
    X : ndarray or 1-D object array of ndarrays
        Validated rows: sequences, or bags of segments. NaN is padding.
    columns : ndarray of int of shape (n_samples,)
        The column of `predict_proba` that is explained, for each row.
    baselines : ndarray of shape (n_samples, n_features)
        The step that the baseline of each row repeats.

    Returns
    -------
    attributions : list of ndarray, float64
        An array for each row, of its shape; 0 for padding.
    starts : ndarray of shape (n_samples,)
        The probability of each baseline.

    Raises
    ------
    ValueError
        If segments are combined by vote, which has no gradient.

    Warns
    -----
    ConvergenceWarning
        If the attributions of a row do not add up to the difference of its probability and that of
        its baseline.

    References
    ----------
    Sundararajan M, Taly A, Yan Q. Axiomatic attribution for deep networks. ICML (2017).
    doi:10.48550/arXiv.1703.01365
    """
    if classifier.aggregate == "vote":
        raise ValueError('Votes (aggregate="vote") have no gradient: use method="occlusion".')
    everyone = np.arange(len(columns))
    starts, ends = (
        classifier.predict_proba(_between(X, baselines, position))[everyone, columns]
        for position in (0, 1)
    )
    tolerance = _TOLERANCE * np.maximum(np.abs(ends - starts), _LEAST_DIFFERENCE)
    attributions = [np.empty(0)] * len(columns)
    rows = everyone
    for n_steps in _N_STEPS:
        found = _integrate(classifier, X[rows], columns[rows], baselines[rows], n_steps)
        for row, of_row in zip(rows, found, strict=True):
            attributions[row] = of_row
        sums = np.array([of_row.sum() for of_row in found])
        errors = np.abs(sums - (ends - starts)[rows])
        is_wrong = errors > tolerance[rows]
        if not is_wrong.any():
            return attributions, starts
        rows = rows[is_wrong]
    warnings.warn(
        f"The attributions of {len(rows)} rows, row {rows[0]} among them, do not add up: their sum "
        f"is wrong by {errors.max():.3g} at most.",
        ConvergenceWarning,
        stacklevel=2,
    )
    return attributions, starts


def _between(X, baselines, position):
    """Return the points that lie between baselines, at 0, and rows, at 1."""
    if position == 1:
        return X
    position = np.float32(position)
    points = [
        position * row + (1 - position) * baseline
        for row, baseline in zip(X, baselines, strict=True)
    ]
    return as_object_array(points) if is_ragged(X) else np.stack(points)


def _integrate(classifier, X, columns, baselines, n_steps):
    """Integrate by the rule of Gauss and Legendre."""
    positions, weights = np.polynomial.legendre.leggauss(n_steps)
    mean_gradient = 0.0
    for position, weight in zip((1 + positions) / 2, weights / 2, strict=True):
        gradients, sequences = _gradients(classifier, _between(X, baselines, position), columns)
        mean_gradient += weight * gradients
    by_row = np.split(mean_gradient, np.cumsum(sequences.n_segments)[:-1])
    return [
        np.where(np.isnan(row), 0.0, (row - baseline) * _fit(gradient, row.shape))
        for row, baseline, gradient in zip(X, baselines, by_row, strict=True)
    ]


def _gradients(classifier, X, columns):
    """Return the gradient for each segment, padded to the longest, and the segments."""
    logits, sequences = classifier._predict_segments(X)
    labels = classifier._labels
    by_logit = gradient_of_combination(
        labels.probabilities(logits),
        sequences.n_segments,
        classifier.aggregate,
        columns,
        multilabel=labels.multilabel,
        logits=logits,
    )
    by_output = labels.gradient_of_outputs(by_logit)
    return classifier.network_.gradients(sequences, by_output), sequences


def _fit(gradient, shape):
    """Bring the gradients of a row's segments to the shape of the row, with 0 for padding."""
    fitted = np.zeros(shape)
    bag = fitted.reshape({1: (1, *shape, 1), 2: (1, *shape), 3: shape}[len(shape)])  # a view
    gradient = gradient[:, : bag.shape[1]]
    bag[: len(gradient), : gradient.shape[1]] = gradient
    return fitted
