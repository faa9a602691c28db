"""The common part of estimators that cut rows into segments and fit another one to them."""

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.pipeline import FeatureUnion, Pipeline
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
from sklearn.utils.validation import _check_method_params, has_fit_parameter

from sklearn_ecg.utils._bags import (
    flatten_bags,
    split_by_row,
    sum_of_segments,
    weight_of_segments,
)
from sklearn_ecg.utils._callbacks import CallbackSupportMixin, follow_part
from sklearn_ecg.utils._fitting import require_y
from sklearn_ecg.utils._padding import are_used, count_steps
from sklearn_ecg.utils._rows import is_ragged
from sklearn_ecg.utils._signals import check_signals
from sklearn_ecg.utils._versions import VersionedEstimator


def has_probabilities(self):
    """Check whether the estimator within this one has `predict_proba`."""
    return hasattr(getattr(self, "estimator_", self.estimator), "predict_proba")


class BaseOfSegments(CallbackSupportMixin, VersionedEstimator):
    """Base of estimators that hold a segmenter and a classifier of segments.

    A subclass names both in its `__init__`, with `layout`, and implements `_label_segments`.
    """

    _parameter_constraints = {
        "segmenter": [HasMethods(["fit_transform", "transform"]), None],
        "estimator": [HasMethods(["fit", "predict"])],
        "layout": [StrOptions({"table", "time_first", "lead_first"})],
    }

    # The weights are for the estimator: it alone has to request them.
    __metadata_request__fit = {"sample_weight": UNUSED}

    def _fit(self, X, y, sample_weight, fit_params):
        self._check_estimator()
        require_y(y, type(self).__name__)
        fit_params, sample_weight, weight_name = self._route(fit_params, sample_weight)
        X = check_signals(X, estimator=self)
        segmenter = None if self.segmenter is None else clone(self.segmenter)
        bags = X if segmenter is None else segmenter.fit_transform(X, y)
        segments, is_used, bag_sizes, _ = self._flatten(bags, len(X))
        n_segments = sum_of_segments(is_used, bag_sizes)
        labels = self._label_segments(y, bag_sizes)[is_used]
        row_of_segment = np.repeat(np.arange(len(X)), n_segments)
        fit_params = _check_method_params(X, fit_params, indices=row_of_segment)
        weight = weight_of_segments(sample_weight, n_segments)
        if weight is not None and weight_name is not None:
            fit_params[weight_name] = weight
        estimator = clone(self.estimator)
        with follow_part(self, estimator):
            estimator.fit(segments, labels, **fit_params)
        self.estimator_ = estimator
        self.segmenter_ = segmenter
        # Not those of y: a label may stand for "unlabelled", and a frozen estimator knows others.
        self.classes_ = self.estimator_.classes_
        return self

    def _label_segments(self, y, n_segments):
        raise NotImplementedError

    def get_metadata_routing(self):
        """Return the routing of metadata: that of `fit` goes to the estimator, as it requests.

        Returns
        -------
        MetadataRouter
            The requests of the estimator, and of `score`.
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

    def _route(self, fit_params, sample_weight):
        """Return the metadata for the estimator, the weights of rows, and its name for weights."""
        weight_name = name_of_argument(self.estimator, "sample_weight")
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
        """Return what `_flatten` returns, for new rows."""
        X = check_signals(X, estimator=self, reset=False)
        bags = X if self.segmenter_ is None else self.segmenter_.transform(X)
        return self._flatten(bags, len(X))

    def _ask_of_segments(self, method, X):
        """Call a method of the estimator, and return its results row by row.

        Padding has no probabilities, NaN, and the class of the segment before it.
        """
        segments, is_used, bag_sizes, ragged = self._segments(X)
        values = getattr(self.estimator_, method)(segments)[np.cumsum(is_used) - 1]
        if values.ndim > 1 and not is_used.all():
            values[~is_used] = np.nan
        return split_by_row(values, bag_sizes, ragged)

    def _flatten(self, bags, n_rows):
        """Flatten bags of segments.

        Return the segments that are not padding, the marks of these among all, the number of all
        segments of each row, and whether rows may differ in this number.
        """
        try:
            bags = check_signals(bags, estimator=type(self).__name__)
            segments, bag_sizes = flatten_bags(bags)
        except ValueError as error:
            if self.segmenter is None:
                raise
            raise ValueError(
                f"segmenter={self.segmenter!r} must make one bag of segments of each row, of shape "
                "(n_segments, length, n_leads) with at least one segment, or of shape (n_segments, "
                f"n_numbers, 1) if numbers describe a segment. Of what it made, {error}"
            ) from error
        if len(bags) != n_rows:
            raise ValueError(
                f"segmenter={self.segmenter!r} made {len(bags)} rows of {n_rows}: it must make one "
                "bag of segments of each row, as Segmenter does."
            )
        is_used = are_used(segments, bag_sizes)
        segments = segments if is_used.all() else segments[is_used]
        # Networks take the other layouts; they know padding from a missing value themselves.
        if self.layout == "table" and not _takes_nan(self.estimator):
            self._refuse_nan(segments, sum_of_segments(is_used, bag_sizes))
        if self.layout == "table":
            segments = segments.reshape(len(segments), -1)
        elif self.layout == "lead_first":
            segments = np.ascontiguousarray(np.swapaxes(segments, 1, 2))
        return segments, is_used, bag_sizes, is_ragged(bags)

    def _refuse_nan(self, segments, n_segments):
        lengths, first_missing = count_steps(segments)
        is_gap = (first_missing < lengths) | (lengths == 0)
        has_nan = is_gap | (lengths < segments.shape[1])
        if not has_nan.any():
            return
        first = int(np.argmax(has_nan))
        row = int(np.searchsorted(np.cumsum(n_segments), first, side="right"))
        number = first - int(n_segments[:row].sum())
        name = type(self.estimator).__name__
        where = f"Input X contains NaN: segment {number} of row {row}"
        if is_gap[first]:
            raise ValueError(
                f"{where} has a missing value, but {name} does not take NaN. Fill gaps with a "
                "GapFiller before the segmenter, or pass "
                "estimator=make_pipeline(SimpleImputer(), ...)."
            )
        raise ValueError(
            f"{where} ends in padding, but {name} does not take NaN. Cut the rows with "
            'Segmenter(tail="drop"), or pass estimator=make_pipeline(SimpleImputer(), ...).'
        )

    def __sklearn_is_fitted__(self):
        return hasattr(self, "classes_")  # the last thing that a fit sets

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.input_tags.three_d_array = True
        tags.input_tags.allow_nan = _takes_nan(self.estimator)
        tags.non_deterministic = get_tags(self.estimator).non_deterministic
        return tags


def _takes_nan(estimator):
    """Check whether an estimator, or its first step, says that it takes NaN."""
    tags = get_tags(estimator)
    if tags.input_tags.allow_nan or tags.no_validation:
        return True
    # The tags of those that pass data on say no, whatever the others say.
    if isinstance(estimator, Pipeline):
        return _takes_nan(next(step for _, step in estimator.steps if hasattr(step, "fit")))
    if isinstance(estimator, FeatureUnion):
        parts = [part for _, part in estimator.transformer_list if hasattr(part, "fit")]
        return all(map(_takes_nan, parts))
    inner = getattr(estimator, "estimator", None)
    return hasattr(inner, "fit") and _takes_nan(inner)


def name_of_argument(estimator, wanted):
    """Return the argument by which `fit` of an estimator, or of its last step, takes metadata.

    Parameters
    ----------
    estimator : estimator
        The estimator.
    wanted : str
        Name of the metadata: `"sample_weight"` or `"groups"`.

    Returns
    -------
    str or None
        The argument, such as `"lstmclassifier__groups"`; None if it takes none.
    """
    if has_fit_parameter(estimator, wanted):
        return wanted
    if _routing_enabled():
        requests = get_routing_for_object(estimator).consumes("fit", [wanted])
        return wanted if requests else None
    if isinstance(estimator, Pipeline):
        name, last_step = estimator.steps[-1]
        of_last_step = name_of_argument(last_step, wanted)
        return of_last_step and f"{name}__{of_last_step}"
    return None
