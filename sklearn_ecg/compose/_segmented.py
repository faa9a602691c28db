"""Any classifier of scikit-learn, trained on segments, as a classifier of recordings."""

import numpy as np
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin, _fit_context, clone, is_classifier
from sklearn.metrics import accuracy_score
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags
from sklearn.utils._param_validation import HasMethods, StrOptions
from sklearn.utils.metadata_routing import (
    UNUSED,
    MetadataRouter,
    MethodMapping,
    _routing_enabled,
    get_routing_for_object,
    process_routing,
)
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import _check_method_params, check_is_fitted, has_fit_parameter

from sklearn_ecg.compose._labels import are_of_segments, labels_of_segments
from sklearn_ecg.utils._bags import (
    flatten_bags,
    max_of_segments,
    mean_of_segments,
    split_by_row,
    weight_of_segments,
)
from sklearn_ecg.utils._signals import check_signals, is_ragged


def _gives_probabilities(self):
    return hasattr(getattr(self, "estimator_", self.estimator), "predict_proba")


def _gives_probabilities_of_rows(self):
    counts_votes = self.aggregate == "vote" and not getattr(self, "_predicts_segments", False)
    return counts_votes or _gives_probabilities(self)


class SegmentedClassifier(ClassifierMixin, BaseEstimator):
    """Classify recordings by any classifier of their segments.

    The segmenter makes a bag of segments of each row. The estimator is trained on all segments,
    each with the label of its row and an equal share of the row's weight; its predictions for the
    segments of a row are combined, so that there is again one prediction for each row.

    Parameters
    ----------
    segmenter : transformer or None
        Makes bags of segments of rows: a `Segmenter`, or a pipeline that has one. None if `X` is
        bags already. A row that is a signal and no bag counts as one segment.
    estimator : classifier
        Classifier of segments.
    aggregate : {"mean", "mean_logit", "max", "vote"}, default="mean"
        How the predictions for the segments of a row are combined: the mean of their probabilities
        or of the logarithms of these (rescaled to sum to 1), the highest probability of each class
        (likewise), or the share of segments for which the estimator predicts a class. Only `"vote"`
        takes an estimator without `predict_proba`.
    layout : {"table", "time_first", "lead_first"}, default="table"
        What the estimator is given: `"table"`, a row of length x n_leads numbers for each segment,
        time step by time step, as scikit-learn's own estimators want it; `"time_first"`, arrays of
        shape (n_segments_total, length, n_leads) as `LSTMClassifier` wants them; `"lead_first"`,
        (n_segments_total, n_leads, length) as those of aeon do.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The classes.
    segmenter_ : transformer or None
        The fitted segmenter.
    estimator_ : classifier
        The fitted estimator.
    row_shape_in_ : tuple
        Shape of a row seen in `fit`; the first is None if ragged.
    n_features_in_ : int
        Second axis of `X` seen in `fit`. Defined only for dense `X`.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of columns seen in `fit`. Defined only for a data frame with string names.

    See Also
    --------
    sklearn_ecg.preprocessing.Segmenter : Makes bags of segments from long recordings.
    sklearn_ecg.neural_network.LSTMClassifier : Takes bags of segments itself.

    Notes
    -----
    **Labels of segments.** If `y` has a label for each segment of each row, the estimator is
    trained on these. Then `predict` and `predict_proba` speak of segments too, in the form of `y`,
    and `score` is the accuracy on the segments, in which each row's weight is shared among them.

    **Weights.** Where rows differ in their number of segments, or have weights, the estimator is
    given `sample_weight`; a pipeline passes it on to its last step. An estimator that takes none is
    trained on segments that count alike, and `fit` refuses `sample_weight` from the caller.

    **Splits inside the estimator**, as of a search or of early stopping, know nothing of rows: they
    leave segments of one row on both sides. Put searches and calibration around this classifier,
    and pass `groups` to an estimator that takes them.

    **Metadata routing.** This is a router: `fit` passes on what the estimator requests. Metadata
    with one entry for each row is repeated for its segments.

    References
    ----------
    Dietterich TG, Lathrop RH, Lozano-Pérez T. Solving the multiple instance problem with
    axis-parallel rectangles. Artificial Intelligence 89(1-2):31-71 (1997).
    doi:10.1016/S0004-3702(96)00034-3

    Examples
    --------
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn_ecg.compose import SegmentedClassifier
    >>> from sklearn_ecg.datasets import make_ecg_classification
    >>> from sklearn_ecg.preprocessing import Segmenter
    >>> X, y, groups = make_ecg_classification(n_samples=40, random_state=0)
    >>> forest = RandomForestClassifier(n_estimators=10, random_state=0)
    >>> classifier = SegmentedClassifier(Segmenter(segment_length=250), forest).fit(X, y)
    >>> classifier.predict_proba(X).shape  # a row for each recording
    (40, 2)
    >>> classifier.predict_proba_segments(X).shape
    (40, 2, 2)
    """

    _parameter_constraints = {
        "segmenter": [HasMethods(["fit_transform", "transform"]), None],
        "estimator": [HasMethods(["fit", "predict"])],
        "aggregate": [StrOptions({"mean", "mean_logit", "max", "vote"})],
        "layout": [StrOptions({"table", "time_first", "lead_first"})],
    }

    # The weights are for the estimator: it alone has to request them.
    __metadata_request__fit = {"sample_weight": UNUSED}

    def __init__(self, segmenter, estimator, *, aggregate="mean", layout="table"):
        self.segmenter = segmenter
        self.estimator = estimator
        self.aggregate = aggregate
        self.layout = layout

    # The parameters of segmenter and estimator are theirs to check.
    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y, sample_weight=None, **fit_params):
        """Fit the segmenter, and the estimator on all segments.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps[, n_leads])
            Signals, or bags of segments if `segmenter` is None, dense or ragged.
        y : array-like of shape (n_samples,) or (n_samples, n_segments)
            Class of each row or, for labels that vary within a row, of each segment; the latter
            also as a list or 1-D object array of (n_segments_i,). There is no multilabel.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row, which its segments share.
        **fit_params : dict
            Passed to `fit` of the estimator; with metadata routing, as it requests.

        Returns
        -------
        self : SegmentedClassifier
            The fitted classifier.

        Raises
        ------
        ValueError
            If an argument is not as described, or the estimator is no classifier, has no
            `predict_proba` unless `aggregate="vote"`, or takes no weights and is to be given some.
        """
        self._check_estimator()
        # If this fit fails, nothing old shall meet what is known of the new data.
        vars(self).pop("estimator_", None)
        fit_params, sample_weight, weight_name = self._route(fit_params, sample_weight)
        X = check_signals(X, estimator=self)
        self.segmenter_ = None if self.segmenter is None else clone(self.segmenter)
        bags = X if self.segmenter_ is None else self.segmenter_.fit_transform(X, y)
        segments, n_segments, _ = self._flatten(bags, len(X))
        labels = labels_of_segments(y, n_segments)
        self._predicts_segments = are_of_segments(y)
        self.classes_ = np.unique(labels)
        row_of_segment = np.repeat(np.arange(len(X)), n_segments)
        fit_params = _check_method_params(X, fit_params, indices=row_of_segment)
        weight = weight_of_segments(sample_weight, n_segments)
        if weight is not None and weight_name is not None:
            fit_params[weight_name] = weight
        self.estimator_ = clone(self.estimator).fit(segments, labels, **fit_params)
        return self

    @available_if(_gives_probabilities_of_rows)
    def predict_proba(self, X):
        """Predict the probability of each class for each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps[, n_leads])
            Signals as in `fit`.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Probabilities in the order of `classes_`. After a fit to labels of segments, those of
            `predict_proba_segments`.
        """
        check_is_fitted(self)
        if self._predicts_segments:
            return self.predict_proba_segments(X)
        segments, n_segments, _ = self._segments(X)
        if self.aggregate == "vote":
            predicted = self.estimator_.predict(segments)
            votes = (predicted[:, None] == self.classes_).astype(float)
            return mean_of_segments(votes, n_segments)
        probabilities = self.estimator_.predict_proba(segments)
        if self.aggregate == "max":
            return max_of_segments(probabilities, n_segments)
        if self.aggregate == "mean_logit":
            # A forest may be sure without being right: no single segment shall rule a class out.
            logits = np.log(np.maximum(probabilities, np.finfo(np.float32).eps))
            return softmax(mean_of_segments(logits, n_segments), axis=1)
        return mean_of_segments(probabilities, n_segments)

    def predict(self, X):
        """Predict the class of each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps[, n_leads])
            Signals as in `fit`.

        Returns
        -------
        ndarray of shape (n_samples,)
            The most probable class; if several are, the first of them. After a fit to labels of
            segments, what `predict_segments` gives.
        """
        check_is_fitted(self)
        if self._predicts_segments:
            return self.predict_segments(X)
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    @available_if(_gives_probabilities)
    def predict_proba_segments(self, X):
        """Predict the probability of each class for each segment of each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps[, n_leads])
            Signals as in `fit`.

        Returns
        -------
        ndarray of shape (n_samples, n_segments, n_classes)
            Probabilities; a 1-D object array of `(n_segments_i, n_classes)` if bags are ragged.
        """
        check_is_fitted(self)
        segments, n_segments, ragged = self._segments(X)
        return split_by_row(self.estimator_.predict_proba(segments), n_segments, ragged)

    def predict_segments(self, X):
        """Predict the class of each segment of each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps[, n_leads])
            Signals as in `fit`.

        Returns
        -------
        ndarray of shape (n_samples, n_segments)
            Classes; a 1-D object array of `(n_segments_i,)` if bags are ragged.
        """
        check_is_fitted(self)
        segments, n_segments, ragged = self._segments(X)
        return split_by_row(self.estimator_.predict(segments), n_segments, ragged)

    def score(self, X, y, sample_weight=None):
        """Give the accuracy on rows or, after a fit to labels of segments, on segments.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps[, n_leads])
            Signals as in `fit`.
        y : array-like of shape (n_samples,) or (n_samples, n_segments)
            True classes, in the form that `y` had in `fit`.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row; of segments, each has an equal share of its row's.

        Returns
        -------
        float
            Weighted share of right predictions.

        Raises
        ------
        ValueError
            If `y` is of segments but was of rows in `fit`, or the other way round.
        """
        check_is_fitted(self)
        if are_of_segments(y) != self._predicts_segments:
            fitted, given = (
                ("segments", "rows") if self._predicts_segments else ("rows", "segments")
            )
            raise ValueError(f"fit was given labels of {fitted}, but y has labels of {given}.")
        if not self._predicts_segments:
            return super().score(X, y, sample_weight)
        segments, n_segments, _ = self._segments(X)
        return accuracy_score(
            labels_of_segments(y, n_segments),
            self.estimator_.predict(segments),
            sample_weight=weight_of_segments(sample_weight, n_segments),
        )

    def get_metadata_routing(self):
        """Tell scikit-learn that metadata given to `fit` goes to the estimator.

        Returns
        -------
        MetadataRouter
            What the estimator requests, and what `score` does.
        """
        to_fit = MethodMapping().add(caller="fit", callee="fit")
        return (
            MetadataRouter(owner=self)
            .add_self_request(self)
            .add(estimator=self.estimator, method_mapping=to_fit)
        )

    def _check_estimator(self):
        if not is_classifier(self.estimator):
            raise ValueError(f"estimator={self.estimator!r} is not a classifier.")
        if self.aggregate != "vote" and not hasattr(self.estimator, "predict_proba"):
            raise ValueError(
                f'aggregate="{self.aggregate}" needs probabilities, but '
                f'{type(self.estimator).__name__} has no predict_proba: use aggregate="vote".'
            )

    def _route(self, fit_params, sample_weight):
        """Give what the estimator gets, the weights of rows, and what it calls weights."""
        weight_name = _name_of_weights(self.estimator)
        if _routing_enabled():
            if sample_weight is not None:
                fit_params = fit_params | {"sample_weight": sample_weight}
            fit_params = dict(process_routing(self, "fit", **fit_params).estimator.fit)
            sample_weight = fit_params.pop("sample_weight", None)
        elif sample_weight is not None and weight_name is None:
            raise ValueError(
                f"sample_weight was passed, but {type(self.estimator).__name__} does not take it. "
                "Estimators within it may, if metadata routing is on and they request it."
            )
        elif sample_weight is None:
            sample_weight = fit_params.pop(weight_name, None)  # by its name in a pipeline
        return fit_params, sample_weight, weight_name

    def _segments(self, X):
        X = check_signals(X, estimator=self, reset=False)
        bags = X if self.segmenter_ is None else self.segmenter_.transform(X)
        return self._flatten(bags, len(X))

    def _flatten(self, bags, n_rows):
        """Give all segments as the estimator wants them, their numbers, and if these may differ."""
        bags = check_signals(bags, estimator=type(self).__name__)
        if len(bags) != n_rows:
            raise ValueError(
                f"segmenter={self.segmenter!r} made {len(bags)} rows of {n_rows}: it must make one "
                "bag of segments of each row, as Segmenter does."
            )
        segments, n_segments = flatten_bags(bags)
        if self.layout == "table":
            segments = segments.reshape(len(segments), -1)
        elif self.layout == "lead_first":
            segments = np.ascontiguousarray(np.swapaxes(segments, 1, 2))
        return segments, n_segments, is_ragged(bags)

    def __sklearn_is_fitted__(self):
        return hasattr(self, "estimator_")  # the last thing that a fit sets

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        of_estimator = get_tags(self.estimator)
        tags.input_tags.three_d_array = True
        tags.input_tags.allow_nan = of_estimator.input_tags.allow_nan
        tags.non_deterministic = of_estimator.non_deterministic
        if of_estimator.classifier_tags is not None:
            tags.classifier_tags.multi_class = of_estimator.classifier_tags.multi_class
        return tags


def _name_of_weights(estimator):
    """Give the argument by which `fit` of an estimator takes weights, or None."""
    if has_fit_parameter(estimator, "sample_weight"):
        return "sample_weight"
    if _routing_enabled():
        requests = get_routing_for_object(estimator).consumes("fit", ["sample_weight"])
        return "sample_weight" if requests else None
    if isinstance(estimator, Pipeline):
        name, last_step = estimator.steps[-1]
        of_last_step = _name_of_weights(last_step)
        return of_last_step and f"{name}__{of_last_step}"
    return None
