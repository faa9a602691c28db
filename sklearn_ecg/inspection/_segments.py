"""The probabilities of the segments of raw rows."""

from sklearn.utils.validation import check_is_fitted

from sklearn_ecg.utils._nesting import prepare_for_last


def segment_probabilities(estimator, X):
    """Predict the probability of each class for each segment of raw rows.

    Parameters
    ----------
    estimator : classifier or Pipeline
        A fitted pipeline that cuts rows into segments and ends in an `LSTMClassifier`; or one that
        is, or ends in, a `SegmentedClassifier`.
    X : array-like
        Rows as the estimator takes them.

    Returns
    -------
    ndarray of shape (n_samples, n_segments, n_classes)
        Probabilities in the order of `classes_`, NaN for segments that are padding. For ragged
        segments a 1-D object array of `(n_segments_i, n_classes)`.

    Raises
    ------
    TypeError
        If the estimator has no `predict_proba_segments`.

    See Also
    --------
    sklearn_ecg.plotting.ECGDisplay : Shades a signal by the probabilities of its segments.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_ecg.datasets import make_ecg_classification
    >>> from sklearn_ecg.inspection import segment_probabilities
    >>> from sklearn_ecg.neural_network import LSTMClassifier
    >>> from sklearn_ecg.preprocessing import Reshaper, Segmenter
    >>> X, y, _ = make_ecg_classification(n_samples=8, fs=100, random_state=0)
    >>> network = LSTMClassifier(units=2, epochs=1, random_state=0)
    >>> pipeline = make_pipeline(Segmenter(100), Reshaper(20), network).fit(X, y)
    >>> segment_probabilities(pipeline, X).shape
    (8, 5, 2)
    """
    check_is_fitted(estimator)
    last, X = prepare_for_last(estimator, X)
    if not hasattr(last, "predict_proba_segments"):
        raise TypeError(
            "estimator must be, or end in, an LSTMClassifier or a SegmentedClassifier; got "
            f"{type(last).__name__}, which has no predict_proba_segments."
        )
    return last.predict_proba_segments(X)
