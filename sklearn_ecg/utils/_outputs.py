"""What estimators return: columns of probabilities, and signals in arrays only."""

import numpy as np

from sklearn_ecg.utils._nesting import single_steps


def names_of_columns(classifier):
    """Name the columns of `predict_proba`.

    Parameters
    ----------
    classifier : classifier
        A fitted classifier, pipeline or search.

    Returns
    -------
    ndarray of shape (n_classes,) or (n_labels,)
        The classes. If several labels may be true at once, their names, or their numbers if the
        classifier does not know the names.

    Examples
    --------
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> names_of_columns(KNeighborsClassifier(1).fit([[0], [1]], [[0, 1, 1], [1, 0, 1]]))
    array([0, 1, 2])
    """
    classes = classifier.classes_
    if not np.ndim(classes[0]):
        return np.asarray(classes)
    last = single_steps(classifier)[-1]
    if hasattr(last, "best_estimator_"):
        return names_of_columns(last.best_estimator_)
    return getattr(last, "label_names_", np.arange(len(classes)))


def probabilities_of(estimator, X):
    """Predict the probability of each class, or of each label, for each row.

    Parameters
    ----------
    estimator : classifier
        A fitted classifier.
    X : array-like
        Rows.

    Returns
    -------
    ndarray of shape (n_samples, n_classes) or (n_samples, n_labels)
        The probabilities.

    Raises
    ------
    ValueError
        If it predicts none, or those of several questions with classes of their own.

    Examples
    --------
    scikit-learn's own return a list for several labels:

    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> neighbors = KNeighborsClassifier(1).fit([[0], [1]], [[0, 1, 1], [1, 0, 1]])
    >>> probabilities_of(neighbors, [[1]])
    array([[1., 0., 1.]])
    """
    name = type(estimator).__name__
    if not hasattr(estimator, "predict_proba"):
        raise ValueError(f"{name} predicts no probabilities, which are needed here.")
    probabilities = estimator.predict_proba(X)
    if not isinstance(probabilities, list):
        return probabilities
    if not all(set(classes) <= {0, 1} for classes in estimator.classes_):
        raise ValueError(
            f"{name} answers {len(probabilities)} questions about each row, each with classes of "
            "its own: take a classifier of one of them at a time, in its place."
        )
    # A label that no row of the training had has one column, of 0.
    pairs = zip(probabilities, estimator.classes_, strict=True)
    return np.column_stack([of_label[:, classes == 1].sum(axis=1) for of_label, classes in pairs])


class SignalOutputMixin:
    """A transformer whose signals stay arrays: a data frame has fewer axes."""

    def set_output(self, *, transform=None):
        """Refuse any container but arrays.

        Parameters
        ----------
        transform : {"default", None}, default=None
            `"default"` and None change nothing.

        Returns
        -------
        self : estimator
            The transformer itself.

        Raises
        ------
        ValueError
            If `transform` asks for a data frame, because signals have more axes than a data frame.
        """
        if transform not in (None, "default"):
            raise ValueError(
                f"{type(self).__name__} returns arrays of signals, which have more axes than a "
                f"{transform} data frame: leave set_output at 'default'."
            )
        return self
