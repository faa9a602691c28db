"""Any classifier of scikit-learn as one that labels the segments of recordings."""

from functools import partial

from sklearn.base import _fit_context
from sklearn.metrics import accuracy_score
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from sklearn_ecg.compose._base import BaseOfSegments, has_probabilities
from sklearn_ecg.compose._labels import join_segment_labels
from sklearn_ecg.utils._bags import sum_of_segments, weight_of_segments
from sklearn_ecg.utils._callbacks import follow_as_one_task
from sklearn_ecg.utils._fitting import all_or_nothing


class SegmentLabeler(BaseOfSegments):
    """Label each segment of recordings by any classifier of segments.

    For labels that vary within a row, such as rhythms or artefacts of a long recording. `y` has a
    label for each segment of each row, and the prediction has this form too. The recording stays
    one row, so folds and `groups` are those of recordings.

    Parameters
    ----------
    segmenter : transformer or None
        Makes bags of segments of rows: a `Segmenter`, or a pipeline that has one. None if `X` is
        bags already. A row that is a signal and not a bag counts as one segment.
    estimator : classifier
        Classifier of segments.
    layout : {"table", "time_first", "lead_first"}, default="table"
        Form of the segments for the estimator; see `SegmentedClassifier`.

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
    SegmentedClassifier : Learns and predicts a label for each row; its notes on padding, weights,
        splits and metadata routing hold here too.

    Notes
    -----
    For scikit-learn this is not a classifier, because its scorers and stratified folds know one
    label for each row. Use `KFold` or `GroupKFold`, and `score`, which `scoring=None` selects.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from sklearn_ecg.compose import SegmentLabeler
    >>> from sklearn_ecg.preprocessing import Segmenter
    >>> X = np.array([[0.0, 0.1, 5.0, 5.1], [5.0, 5.2, 5.1, 5.0]])
    >>> y = [["calm", "wild"], ["wild", "wild"]]
    >>> SegmentLabeler(Segmenter(segment_length=2), GaussianNB()).fit(X, y).predict(X)
    array([['calm', 'wild'],
           ['wild', 'wild']], dtype='<U4')
    """

    def __init__(self, segmenter, estimator, *, layout="table"):
        self.segmenter = segmenter
        self.estimator = estimator
        self.layout = layout

    # The parameters of segmenter and estimator are theirs to check.
    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=False)
    @partial(follow_as_one_task, n_parts=1)
    def fit(self, X, y, sample_weight=None, **fit_params):
        """Fit the segmenter, and the estimator on all segments and their labels.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps[, n_leads])
            Signals, or bags of segments if `segmenter` is None, dense or ragged.
        y : array-like of shape (n_samples, n_segments)
            Class of each segment; or a list or 1-D object array of `(n_segments_i,)`.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row, which its segments share.
        **fit_params : dict
            Passed to `fit` of the estimator; with metadata routing, as it requests.

        Returns
        -------
        self : SegmentLabeler
            The fitted labeler.

        Raises
        ------
        ValueError
            If an argument is not as described; if the estimator is not a classifier, or takes no
            weights but should receive some; or if a segment has NaN and the estimator does not
            take it.
        """
        return self._fit(X, y, sample_weight, fit_params)

    @available_if(has_probabilities)
    def predict_proba(self, X):
        """Predict the probability of each class for each segment of each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps[, n_leads])
            Signals as in `fit`.

        Returns
        -------
        ndarray of shape (n_samples, n_segments, n_classes)
            Probabilities in the order of `classes_`; a 1-D object array of
            `(n_segments_i, n_classes)` if bags are ragged.
        """
        check_is_fitted(self)
        return self._ask_of_segments("predict_proba", X)

    def predict(self, X):
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

    def score(self, X, y, sample_weight=None):
        """Compute the accuracy on segments, in which each row counts alike.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps[, n_leads])
            Signals as in `fit`.
        y : array-like of shape (n_samples, n_segments)
            True class of each segment, in one of the forms that `fit` takes.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row, which its segments share.

        Returns
        -------
        float
            Weighted share of right predictions.
        """
        check_is_fitted(self)
        segments, is_used, bag_sizes, _ = self._segments(X)
        return accuracy_score(
            join_segment_labels(y, bag_sizes)[is_used],
            self.estimator_.predict(segments),
            sample_weight=weight_of_segments(sample_weight, sum_of_segments(is_used, bag_sizes)),
        )

    def _label_segments(self, y, n_segments):
        return join_segment_labels(y, n_segments)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.single_output = False
        tags.target_tags.multi_output = True
        return tags
