"""Integrated gradients of a fitted LSTMClassifier."""

import numpy as np

from sklearn_ecg.utils._bags import gradient_of_combination
from sklearn_ecg.utils._signals import as_object_array, is_ragged


def integrated_gradients(classifier, X, columns, baselines, n_steps):
    """Attribute a probability of each row to the values of the row.

    The gradient is integrated along the straight line from a baseline to the row. All segments of a
    row move at once, so what is explained is the row's own probability.

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
    n_steps : int
        Points on the line, by the rule of Gauss and Legendre.

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

    References
    ----------
    Sundararajan M, Taly A, Yan Q. Axiomatic attribution for deep networks. ICML (2017).
    doi:10.48550/arXiv.1703.01365
    """
    if classifier.aggregate == "vote":
        raise ValueError('Votes (aggregate="vote") have no gradient: use method="occlusion".')
    differences = [row - baseline for row, baseline in zip(X, baselines, strict=True)]

    def point(position):
        rows = [
            baseline + np.float32(position) * difference
            for baseline, difference in zip(baselines, differences, strict=True)
        ]
        return as_object_array(rows) if is_ragged(X) else np.stack(rows)

    positions, weights = np.polynomial.legendre.leggauss(n_steps)
    mean_gradient = 0.0
    for position, weight in zip((1 + positions) / 2, weights / 2, strict=True):
        gradients, sequences = _gradients(classifier, point(position), columns)
        mean_gradient += weight * gradients
    by_row = np.split(mean_gradient, np.cumsum(sequences.n_segments)[:-1])
    attributions = [
        np.where(np.isnan(row), 0.0, row * _fit(gradient, row.shape))
        for row, gradient in zip(differences, by_row, strict=True)
    ]
    starts = classifier.predict_proba(point(0.0))
    return attributions, starts[np.arange(len(starts)), columns]


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
