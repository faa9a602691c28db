"""Turn labels into targets of the network and back, and compute weights of rows."""

from numbers import Real

import numpy as np
from scipy.special import expit, softmax

from sklearn_ecg.utils._fitting import check_weight_of_rows


class Labels:
    """The classes of a classifier: encodes labels for the network, and decodes its outputs.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,) or (n_labels, 2)
        The classes, if one is true for each row; or `[0, 1]` for each label, if several may be true
        at once.

    Attributes
    ----------
    multilabel : bool
        Whether several labels may be true at once.
    n_outputs : int
        Outputs of the network: one for two classes, else one for each class or label.
    """

    def __init__(self, classes):
        self.classes = classes
        self.multilabel = np.ndim(classes) == 2
        self.n_outputs = 1 if len(classes) == 2 and not self.multilabel else len(classes)

    @classmethod
    def of(cls, y, classes=None):
        """Find the classes of labels.

        Parameters
        ----------
        y : ndarray of shape (n_samples,) or (n_samples, n_labels)
            Checked labels.
        classes : array-like of shape (n_classes,), default=None
            All classes that will ever occur. None takes those of `y`. Not used for an indicator
            matrix.

        Returns
        -------
        Labels
            The labels.

        Raises
        ------
        ValueError
            If there are fewer than two classes.
        """
        if y.ndim == 2:
            return cls(np.tile([0, 1], (y.shape[1], 1)))
        classes = np.unique(y if classes is None else classes)
        if len(classes) < 2:
            raise ValueError(
                f"y has one class, {classes.tolist()}, but LSTMClassifier needs at least 2 classes."
            )
        return cls(classes)

    def encode(self, y):
        """Turn labels into numbers of classes, from 0.

        Parameters
        ----------
        y : ndarray of shape (n_samples,) or (n_samples, n_labels)
            Checked labels.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_labels), int
            Numbers of classes, or the indicator matrix as it is.

        Raises
        ------
        ValueError
            If `y` has another form, or a label is not among the classes; the message names the row.
        """
        if y.shape[1:] != ((len(self.classes),) if self.multilabel else ()):
            expected = f"(n_samples, {len(self.classes)})" if self.multilabel else "(n_samples,)"
            raise ValueError(
                f"y has shape {y.shape}, but LSTMClassifier began with a y of shape {expected}."
            )
        if self.multilabel:
            return y
        unknown = np.flatnonzero(~np.isin(y, self.classes))
        if len(unknown):
            raise ValueError(
                f"y has a label that is not among the classes {self.classes.tolist()}: "
                f"{y[unknown[0]]!r} in row {unknown[0]}."
            )
        return np.searchsorted(self.classes, y)

    def targets(self, codes):
        """Turn encoded labels into targets of the network's outputs.

        Parameters
        ----------
        codes : ndarray of shape (n_samples,) or (n_samples, n_labels)
            Encoded labels.

        Returns
        -------
        ndarray of shape (n_samples, n_outputs), float32
            Zeros and ones; for two classes, ones for the second.
        """
        if self.multilabel:
            return codes.astype(np.float32)
        one_hot = np.eye(len(self.classes), dtype=np.float32)[codes]
        return one_hot[:, -self.n_outputs :]

    def logits(self, outputs):
        """Turn outputs of the network into logits, one for each class.

        Parameters
        ----------
        outputs : ndarray of shape (n_sequences, n_outputs), float64
            Outputs.

        Returns
        -------
        ndarray of shape (n_sequences, n_classes)
            Logits. Two classes share an output, which is the difference of their logits.
        """
        if self.n_outputs > 1:
            return outputs
        return np.hstack([-outputs / 2, outputs / 2])

    def gradient_of_outputs(self, gradient):
        """Turn a gradient with respect to logits into one with respect to outputs.

        Parameters
        ----------
        gradient : ndarray of shape (n_sequences, n_classes)
            Gradient of anything with respect to `logits(outputs)`.

        Returns
        -------
        ndarray of shape (n_sequences, n_outputs)
            Its gradient with respect to the outputs.
        """
        return gradient if self.n_outputs > 1 else np.diff(gradient, axis=1) / 2

    def probabilities(self, logits):
        """Turn logits into probabilities, in float64 so that they sum to 1.

        Parameters
        ----------
        logits : ndarray of shape (n_sequences, n_classes), float64
            Logits.

        Returns
        -------
        ndarray of shape (n_sequences, n_classes)
            Probabilities.
        """
        return expit(logits) if self.multilabel else softmax(logits, axis=1)

    def decode(self, probabilities):
        """Choose the most probable class of each row, or each label that is probable.

        Parameters
        ----------
        probabilities : ndarray of shape (n_samples, n_classes)
            Probabilities.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_labels)
            Classes, or an indicator matrix.
        """
        if self.multilabel:
            return (probabilities >= 0.5).astype(int)
        return self.classes[probabilities.argmax(axis=1)]


def check_weight(labels, codes, sample_weight, class_weight):
    """Compute the weight of each row, with class weights in it.

    Parameters
    ----------
    labels : Labels
        The classes.
    codes : ndarray of shape (n_samples,) or (n_samples, n_labels)
        Encoded labels.
    sample_weight : array-like of shape (n_samples,) or None
        Weights of rows.
    class_weight : dict, "balanced", "balanced_sqrt" or None
        Weights of classes; a class that the dict leaves out has weight 1.

    Returns
    -------
    ndarray of shape (n_samples,), float64
        The weights. The caller's array is not written to.

    Raises
    ------
    ValueError
        If a weight is not a number, negative or infinite, or belongs to no class, or if all
        weights are zero.
    """
    weight = check_weight_of_rows(sample_weight, codes, np.float64)
    if not weight.any():  # scikit-learn 1.9 says so itself
        raise ValueError("Sample weights must contain at least one non-zero number.")
    if isinstance(class_weight, dict):
        weight = weight * _weights_of_classes(labels, class_weight)[codes]
    elif class_weight is not None:
        balanced = _balance(codes, weight)
        weight = weight * (np.sqrt(balanced) if class_weight == "balanced_sqrt" else balanced)
    if not weight.any():
        raise ValueError("class_weight leaves no row with a weight: nothing is left to train on.")
    return weight


def _weights_of_classes(labels, class_weight):
    if labels.multilabel:
        raise ValueError(
            "class_weight must be a str or None if y is an indicator matrix; pass weights of rows "
            "as sample_weight."
        )
    names = labels.classes.tolist()
    unknown = [name for name in class_weight if name not in names]
    if unknown or not all(map(_is_weight, class_weight.values())):
        hint = ""
        if unknown and names == list(range(len(names))):
            hint = (
                " If y holds other labels: VotingClassifier, StackingClassifier and "
                "BaggingClassifier number the sorted classes from 0 before they fit; use these "
                "numbers as keys."
            )
        raise ValueError(
            f"class_weight must hold weights >= 0 for classes among {names}; got "
            f"{class_weight}.{hint}"
        )
    return np.array([class_weight.get(name, 1) for name in names])


def _is_weight(value):
    return isinstance(value, Real) and 0 <= value < np.inf


def _balance(codes, weight):
    """Compute weights of rows that make classes even, counting rows by the weights they have.

    As scikit-learn's `compute_sample_weight("balanced", y)`, which before 1.9 cannot count so.
    """
    rows = np.flatnonzero(weight)
    balanced = np.ones(len(codes))
    for labels in codes[rows].reshape(len(rows), -1).T:
        _, numbers = np.unique(labels, return_inverse=True)
        counts = np.bincount(numbers, weights=weight[rows])
        balanced[rows] *= counts.sum() / (len(counts) * counts[numbers])
    return balanced
