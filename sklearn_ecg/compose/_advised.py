"""A classifier that asks another one about some of its classes."""

from functools import partial
from numbers import Real

import numpy as np
from scipy.special import softmax
from sklearn.base import ClassifierMixin, _fit_context, clone, is_classifier
from sklearn.utils._param_validation import HasMethods, Interval
from sklearn.utils.metadata_routing import (
    MetadataRouter,
    MethodMapping,
    _raise_for_params,
    process_routing,
)
from sklearn.utils.validation import (
    _check_method_params,
    check_consistent_length,
    check_is_fitted,
)

from sklearn_ecg.utils._callbacks import CallbackSupportMixin, follow_as_one_task, follow_part
from sklearn_ecg.utils._fitting import all_or_nothing, check_row_labels, require_y
from sklearn_ecg.utils._rows import as_object_array, is_ragged
from sklearn_ecg.utils._signals import check_signals
from sklearn_ecg.utils._versions import VersionedEstimator

_LEAST = 1e-6  # no classifier is surer than that, so that none outvotes the other by saying 0


class AdvisedClassifier(ClassifierMixin, CallbackSupportMixin, VersionedEstimator):
    """Classify by one classifier, and let another one advise it about some of the classes.

    The estimator decides how probable these classes are together, and all others. The adviser has a
    say in how they share this: their odds are the weighted geometric mean of both classifiers' odds
    (a logarithmic opinion pool [1]_). So an adviser that knows only some of the classes, or sees
    only some of the features, can be trained on data that the estimator could not use.

    Parameters
    ----------
    estimator : classifier
        Classifier of all classes, with `predict_proba`.
    adviser : classifier
        Classifier of some of the classes, with `predict_proba`. It is trained on those rows of
        `fit` that have one of them. Put a classifier that was trained on other data into a
        `FrozenEstimator`.
    between : sequence of labels, default=None
        The classes about which the adviser is asked. None means all that it knows.
    weight : float, default=0.5
        Weight of the adviser, from 0 to 1. That of the estimator is the rest.
    columns : slice or array-like of int, default=None
        Features that the adviser sees: positions on the last axis of `X`. None means all.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The classes of the estimator.
    between_ : ndarray of shape (n_classes_told,)
        The classes about which the adviser is asked.
    estimator_ : classifier
        The fitted estimator.
    adviser_ : classifier
        The fitted adviser.
    fs_in_, lead_names_in_ : float, tuple of str
        Sampling rate in Hz and names of the leads in `fit`. Defined only for rows that know them,
        such as records. Then rows of another rate or of other leads are refused.
    row_shape_in_ : tuple
        Shape of a row seen in `fit`; the first is None if ragged.
    n_features_in_ : int
        Number of columns of `X` seen in `fit`. Defined only if rows are vectors.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of columns seen in `fit`. Defined only for a data frame with string names.

    See Also
    --------
    BeatClassifier : Takes it as its estimator, with an adviser on rhythm.
    sklearn.ensemble.VotingClassifier : Averages classifiers of the same classes and features.

    Notes
    -----
    **Metadata routing.** This is a router: `fit` passes on what the estimator and the adviser
    request.

    References
    ----------
    .. [1] Genest C, Zidek JV. Combining probability distributions: a critique and an annotated
       bibliography. Statistical Science 1(1):114-135 (1986). doi:10.1214/ss/1177013825

    Examples
    --------
    Annotations without a signal teach when premature beats come.

    >>> from sklearn.frozen import FrozenEstimator
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn_ecg.beats import extract_beats
    >>> from sklearn_ecg.compose import AdvisedClassifier, SegmentedClassifier
    >>> from sklearn_ecg.datasets import make_ecg
    >>> records = [
    ...     make_ecg(60, fs=250, premature={"A": 0.1}, leads=["II"], random_state=i)
    ...     for i in range(3)
    ... ]
    >>> of_table = SegmentedClassifier(None, LogisticRegression(max_iter=1000))
    >>> rhythms = extract_beats(records[:2], leads=(), features=["rhythm"])
    >>> adviser = FrozenEstimator(of_table.fit(rhythms.data, rhythms.target))
    >>> beats = extract_beats(records[2], leads=["II"], features=["rhythm", "deviation"])
    >>> advised = AdvisedClassifier(of_table, adviser, between=["N", "S"], columns=slice(8))
    >>> advised.fit(beats.data, beats.target).classes_
    array(['N', 'S'], dtype='<U1')
    """

    _parameter_constraints = {
        "estimator": [HasMethods(["fit", "predict_proba"])],
        "adviser": [HasMethods(["fit", "predict_proba"])],
        "between": ["array-like", None],
        "weight": [Interval(Real, 0, 1, closed="both")],
        "columns": [slice, "array-like", None],
    }

    def __init__(self, estimator, adviser, *, between=None, weight=0.5, columns=None):
        self.estimator = estimator
        self.adviser = adviser
        self.between = between
        self.weight = weight
        self.columns = columns

    # The parameters of estimator and adviser are theirs to check.
    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=False)
    @partial(follow_as_one_task, n_parts=2)
    def fit(self, X, y, **fit_params):
        """Fit the estimator on all rows, and the adviser on the rows of its classes.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_steps[, n_features])
            Rows, dense or ragged.
        y : array-like of shape (n_samples,)
            Class of each row.
        **fit_params : dict
            With metadata routing, passed to `fit` of the estimator and the adviser, as they
            request.

        Returns
        -------
        self : AdvisedClassifier
            The fitted classifier.

        Raises
        ------
        ValueError
            If an argument is not as described, or if the estimator or the adviser is not a
            classifier or does not know one of the classes `between`.
        """
        for name in ("estimator", "adviser"):
            if not is_classifier(getattr(self, name)):
                raise ValueError(f"{name}={getattr(self, name)!r} is not a classifier.")
        _raise_for_params(fit_params, self, "fit")
        routed = process_routing(self, "fit", **fit_params)
        require_y(y, type(self).__name__)
        X = check_signals(X, estimator=self)
        check_consistent_length(X, y)
        y = check_row_labels(y)
        estimator, adviser = clone(self.estimator), clone(self.adviser)
        with follow_part(self, estimator):
            estimator.fit(X, y, **routed.estimator.fit)
        told = np.arange(len(y))
        if self.between is not None:
            told = np.flatnonzero(np.isin(y, self.between))
        with follow_part(self, adviser):
            adviser.fit(
                self._for_adviser(X)[told],
                y[told],
                **_check_method_params(X, routed.adviser.fit, indices=told),
            )
        between = np.asarray(adviser.classes_ if self.between is None else self.between)
        if len(between) < 2 or len(np.unique(between)) < len(between):
            raise ValueError(f"between={self.between!r} must be two or more different classes.")
        for name, classifier in (("estimator", estimator), ("adviser", adviser)):
            unknown = np.setdiff1d(between, classifier.classes_)
            if len(unknown):
                raise ValueError(
                    f"the {name} knows {classifier.classes_.tolist()}, but not {unknown.tolist()}, "
                    "about which the adviser is asked: change between, or the rows."
                )
        self.between_ = between
        self.adviser_ = adviser
        self.classes_ = estimator.classes_
        self.estimator_ = estimator
        return self

    def predict_proba(self, X):
        """Predict the probability of each class for each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_steps[, n_features])
            Rows as in `fit`.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Probabilities in the order of `classes_`.
        """
        check_is_fitted(self)
        X = check_signals(X, estimator=self, reset=False)
        probabilities = np.array(self.estimator_.predict_proba(X))
        advice = self.adviser_.predict_proba(self._for_adviser(X))
        own = np.searchsorted(self.classes_, self.between_)
        of_adviser = np.searchsorted(self.adviser_.classes_, self.between_)
        probabilities[:, own] = follow_advice(
            probabilities[:, own], advice[:, of_adviser], self.weight
        )
        return probabilities

    def predict(self, X):
        """Predict the class of each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_steps[, n_features])
            Rows as in `fit`.

        Returns
        -------
        ndarray of shape (n_samples,)
            The most probable class; if several are, the first of them.
        """
        check_is_fitted(self)
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def get_metadata_routing(self):
        """Return the routing of metadata to the estimator and the adviser.

        Returns
        -------
        MetadataRouter
            The routing.
        """
        to_fit = MethodMapping().add(caller="fit", callee="fit")
        return MetadataRouter(owner=self).add(
            estimator=self.estimator, adviser=self.adviser, method_mapping=to_fit
        )

    def _for_adviser(self, X):
        """Choose the features that the adviser sees."""
        if self.columns is None:
            return X
        if is_ragged(X):
            return as_object_array([row[..., self.columns] for row in X])
        return X[..., self.columns]

    def __sklearn_is_fitted__(self):
        return hasattr(self, "estimator_")  # the last thing that a fit sets

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags


def follow_advice(probabilities, advice, weight):
    """Share out the sum of some classes' probabilities anew, as an adviser says.

    Parameters
    ----------
    probabilities : ndarray of shape (n_samples, n_classes)
        Probabilities of these classes. Their sum in a row may be less than 1, and is kept.
    advice : ndarray of shape (n_samples, n_classes)
        The adviser's probabilities of the same classes, up to a factor for each row.
    weight : float
        Weight of the adviser, from 0 to 1.

    Returns
    -------
    ndarray of shape (n_samples, n_classes)
        Probabilities.
    """
    own, others = (np.log(np.maximum(values, _LEAST)) for values in (probabilities, advice))
    shares = softmax((1 - weight) * own + weight * others, axis=1)
    return probabilities.sum(axis=1, keepdims=True) * shares
