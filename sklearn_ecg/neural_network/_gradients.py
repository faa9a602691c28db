"""Integrated gradients of a fitted LSTMClassifier."""

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from sklearn_ecg.utils._bags import gradient_of_combination
from sklearn_ecg.utils._rows import is_ragged, join_rows
from sklearn_ecg.utils._warning import warn_user

# The line to a row is cut into intervals, with so many points in each. An interval is halved until
# its sum is right. A recurrent network may change its mind between two neighbouring numbers of
# float32, as a switch does: such a jump is shared out in proportion to the gradients beside it.
_N_INTERVALS, _N_POINTS, _MOST_HALVINGS = 4, 8, 16
_TOLERANCE = 0.01  # of the sum of a row
_LEAST_DIFFERENCE = 0.1  # of probabilities: 0.001 is good enough for any that is less
_OF_INTERVAL = 0.1  # of the error of a row


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
    n_rows = len(columns)
    limits = np.linspace(0, 1, _N_INTERVALS + 1)
    values = np.stack(
        [_values(classifier, X, columns, baselines, np.full(n_rows, at)) for at in limits]
    )
    differences = values[-1] - values[0]
    tolerance = _TOLERANCE * np.maximum(np.abs(differences), _LEAST_DIFFERENCE)
    attributions = [np.zeros(row.shape) for row in X]
    # Each interval: its row, its ends, and the probabilities there.
    rows = np.tile(np.arange(n_rows), _N_INTERVALS)
    ends = np.repeat(np.stack([limits[:-1], limits[1:]]), n_rows, axis=1)
    at_ends = np.stack([values[:-1].ravel(), values[1:].ravel()])
    for n_halvings in range(_MOST_HALVINGS + 1):
        parts = _integrate(classifier, X[rows], columns[rows], baselines[rows], *ends)
        sums, rises = np.array([part.sum() for part in parts]), at_ends[1] - at_ends[0]
        is_done = np.abs(sums - rises) <= _OF_INTERVAL * tolerance[rows]
        factors = np.ones(len(rows))
        if n_halvings == _MOST_HALVINGS:
            is_jump = ~is_done & (sums * rises > 0)
            factors[is_jump] = rises[is_jump] / sums[is_jump]
            is_done[:] = True
        for i in np.flatnonzero(is_done):
            attributions[rows[i]] += factors[i] * parts[i]
        if is_done.all():
            break
        rows, ends, at_ends = rows[~is_done], ends[:, ~is_done], at_ends[:, ~is_done]
        middle = ends.mean(axis=0)
        at_middle = _values(classifier, X[rows], columns[rows], baselines[rows], middle)
        rows = np.tile(rows, 2)
        ends, at_ends = (
            np.concatenate([[low, between], [between, high]], axis=1)
            for (low, high), between in ((ends, middle), (at_ends, at_middle))
        )
    errors = np.abs([of_row.sum() for of_row in attributions] - differences)
    is_wrong = errors > tolerance
    if is_wrong.any():
        warn_user(
            f"The attributions of {is_wrong.sum()} rows, row {errors.argmax()} among them, do not "
            f"add up: their sum is wrong by up to {errors.max():.3g}.",
            ConvergenceWarning,
        )
    return attributions, values[0]


def _between(X, baselines, positions):
    """Return a point for each row: at 0 the baseline, at 1 the row."""
    points = [
        position * row + (1 - position) * baseline
        for row, baseline, position in zip(X, baselines, np.float32(positions), strict=True)
    ]
    return join_rows(points, ragged=is_ragged(X))


def _values(classifier, X, columns, baselines, positions):
    """Return the probability of a point for each row."""
    probabilities = classifier.predict_proba(_between(X, baselines, positions))
    return probabilities[np.arange(len(columns)), columns]


def _integrate(classifier, X, columns, baselines, starts, stops):
    """Integrate over an interval for each row, by the rule of Gauss and Legendre."""
    points, weights = np.polynomial.legendre.leggauss(_N_POINTS)
    mean_gradient = 0.0
    for point, weight in zip((1 + points) / 2, weights / 2, strict=True):
        positions = starts + point * (stops - starts)
        gradients, sequences = _gradients(classifier, _between(X, baselines, positions), columns)
        mean_gradient += weight * gradients
    by_row = np.split(mean_gradient, np.cumsum(sequences.n_segments)[:-1])
    lengths = stops - starts
    return [
        np.where(np.isnan(row), 0.0, length * (row - baseline) * _fit(gradient, row.shape))
        for row, baseline, gradient, length in zip(X, baselines, by_row, lengths, strict=True)
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
