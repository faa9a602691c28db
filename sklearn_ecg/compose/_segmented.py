"""Any classifier of scikit-learn, trained on segments, as a classifier of recordings."""

from functools import partial

from sklearn.base import ClassifierMixin, _fit_context
from sklearn.utils import get_tags
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from sklearn_ecg.compose._base import BaseOfSegments, has_probabilities
from sklearn_ecg.compose._labels import spread_row_labels
from sklearn_ecg.utils._bags import combine_segments, sum_of_segments
from sklearn_ecg.utils._callbacks import follow_as_one_task
from sklearn_ecg.utils._fitting import all_or_nothing


def _votes_or_has_probabilities(self):
    return self.aggregate == "vote" or has_probabilities(self)


class SegmentedClassifier(ClassifierMixin, BaseOfSegments):
    """Classify recordings by any classifier of their segments.

    The segmenter makes a bag of segments of each row. The estimator is trained on all segments,
    each with the label of its row and an equal share of the row's weight; its predictions for the
    segments of a row are combined, so that there is again one prediction for each row.

    Parameters
    ----------
    segmenter : transformer or None
        Makes bags of segments of rows: a `Segmenter`, or a pipeline that has one. None if `X` is
        bags already. A row that is a signal and not a bag counts as one segment.
    estimator : classifier
        Classifier of segments.
    aggregate : {"mean", "mean_logit", "max", "vote"}, default="mean"
        The rule that combines the predictions for the segments of a row: the mean of their
        probabilities, the mean of the logarithms of these, or the highest probability of each
        class, both rescaled to sum to 1; or the share of segments for which the estimator predicts
        a class. Only `"vote"` takes an estimator without `predict_proba`.
    layout : {"table", "time_first", "lead_first"}, default="table"
        Form of the segments that the estimator receives: `"table"`, a row of length x n_leads
        numbers for each segment, time step by time step, for scikit-learn's own estimators;
        `"time_first"`, an array of shape (n_segments_total, length, n_leads), for `LSTMClassifier`;
        `"lead_first"`, one of shape (n_segments_total, n_leads, length), for those of aeon.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The classes that the fitted estimator distinguishes.
    segmenter_ : transformer or None
        The fitted segmenter.
    estimator_ : classifier
        The fitted estimator.
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
    SegmentLabeler : Learns and predicts a label for each segment.
    sklearn_ecg.preprocessing.Segmenter : Makes bags of segments from long recordings.
    sklearn_ecg.neural_network.LSTMClassifier : Takes bags of segments itself.

    Notes
    -----
    **Padding.** Segments of nothing but NaN at the end of a row are left out: a short row that was
    padded to the length of others is as good as the short row. A `Segmenter` pads with NaN. An
    estimator that does not take NaN needs `Segmenter(tail="drop")`, or an imputer in front of it.

    **Weights.** Where rows differ in their number of segments, or have weights, the estimator
    receives `sample_weight`; a pipeline passes it on to its last step. An estimator that takes none
    is trained on segments that count alike, and `fit` refuses `sample_weight` from the caller.

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
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_ecg.compose import SegmentedClassifier
    >>> from sklearn_ecg.datasets import make_ecg_classification
    >>> from sklearn_ecg.preprocessing import LogSpectrogram, Segmenter
    >>> X, y, groups = make_ecg_classification(40, classes=("normal", "lbbb"), random_state=0)
    >>> train, test = groups < 7, groups >= 7  # patients
    >>> spectra = make_pipeline(Segmenter(segment_length=250), LogSpectrogram())
    >>> forest = RandomForestClassifier(n_estimators=30, random_state=0)
    >>> classifier = SegmentedClassifier(spectra, forest).fit(X[train], y[train])
    >>> classifier.predict_proba(X[test]).shape  # a row for each recording
    (12, 2)
    >>> classifier.predict_proba_segments(X[test]).shape
    (12, 2, 2)
    >>> round(classifier.score(X[test], y[test]), 2)
    1.0
    """

    _parameter_constraints = {
        **BaseOfSegments._parameter_constraints,
        "aggregate": [StrOptions({"mean", "mean_logit", "max", "vote"})],
    }

    def __init__(self, segmenter, estimator, *, aggregate="mean", layout="table"):
        self.segmenter = segmenter
        self.estimator = estimator
        self.aggregate = aggregate
        self.layout = layout

    # The parameters of segmenter and estimator are theirs to check.
    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=False)
    @partial(follow_as_one_task, n_parts=1)
    def fit(self, X, y, sample_weight=None, **fit_params):
        """Fit the segmenter, and the estimator on all segments.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps[, n_leads])
            Signals, or bags of segments if `segmenter` is None, dense or ragged.
        y : array-like of shape (n_samples,)
            Class of each row.
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
            If an argument is not as described; if the estimator is not a classifier, has no
            `predict_proba` unless `aggregate="vote"`, or takes no weights but should receive some;
            or if a segment has NaN and the estimator does not take it.
        """
        return self._fit(X, y, sample_weight, fit_params)

    @available_if(_votes_or_has_probabilities)
    def predict_proba(self, X):
        """Predict the probability of each class for each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps[, n_leads])
            Signals as in `fit`.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Probabilities in the order of `classes_`.
        """
        check_is_fitted(self)
        segments, is_used, bag_sizes, _ = self._segments(X)
        n_segments = sum_of_segments(is_used, bag_sizes)
        if self.aggregate == "vote":
            votes = self.estimator_.predict(segments)[:, None] == self.classes_
            return combine_segments(votes.astype(float), n_segments, "mean")
        probabilities = self.estimator_.predict_proba(segments)
        return combine_segments(probabilities, n_segments, self.aggregate)

    def predict(self, X):
        """Predict the class of each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps[, n_leads])
            Signals as in `fit`.

        Returns
        -------
        ndarray of shape (n_samples,)
            The most probable class; if several are, the first of them.
        """
        check_is_fitted(self)
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    @available_if(has_probabilities)
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
        return self._ask_of_segments("predict_proba", X)

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
        return self._ask_of_segments("predict", X)

    def _label_segments(self, y, n_segments):
        return spread_row_labels(y, n_segments)

    def _check_estimator(self):
        super()._check_estimator()
        if self.aggregate != "vote" and not hasattr(self.estimator, "predict_proba"):
            raise ValueError(
                f'aggregate="{self.aggregate}" needs probabilities, but '
                f'{type(self.estimator).__name__} has no predict_proba: use aggregate="vote".'
            )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        of_estimator = get_tags(self.estimator).classifier_tags
        if of_estimator is not None:
            tags.classifier_tags.multi_class = of_estimator.multi_class
        return tags
