"""Fitted estimators that predict without TensorFlow."""

from copy import deepcopy

from sklearn.utils.validation import check_is_fitted

from sklearn_ecg.neural_network import LSTMClassifier
from sklearn_ecg.neural_network._keras_network import KerasNetwork
from sklearn_ecg.neural_network._onnx._forward import import_onnxruntime
from sklearn_ecg.persistence._parts import parts_of
from sklearn_ecg.utils._extras import import_extra


def to_onnx(estimator):
    """Copy a fitted estimator or pipeline into one that predicts without TensorFlow.

    Each `LSTMClassifier` in the copy holds its network as an ONNX graph too, which ONNX Runtime
    runs. So a process that loads and uses it needs NumPy, SciPy, scikit-learn and onnxruntime only,
    starts in a moment, and answers faster. Padding, bags, labels and classes are treated as
    before.

    Parameters
    ----------
    estimator : estimator
        A fitted `LSTMClassifier`, or a fitted estimator with such within, at any depth.

    Returns
    -------
    estimator
        The copy. Its probabilities are those of `estimator` within 1e-5. It may be pickled, saved
        by `save`, and trained further, for which it needs TensorFlow again.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.
    ValueError
        If it has no fitted `LSTMClassifier`, or a network of your own has a layer that cannot be
        converted; the message names the layer.
    ImportError
        If onnx or onnxruntime is not installed (extra `serve`).

    See Also
    --------
    save : Saves the copy to a file that runs no code.

    Notes
    -----
    Recurrent layers become ONNX's own `LSTM`, `GRU` and `RNN` nodes. The bytes of the graph are
    `classifier.network_.graph`, for ONNX tools of any kind. Its input `sequences` has the shape
    (n_sequences, n_steps, n_features), with one feature more if `classifier.network_` is masked: 1
    for steps, and 0 for padding, where all features are 0 too. Its output `logits` has a column for
    each class, but a single one for two classes, the difference of their logits.

    Where onnxruntime is not installed, the copy predicts by Keras.

    Examples
    --------
    >>> from sklearn_ecg.datasets import make_ecg_classification
    >>> from sklearn_ecg.neural_network import LSTMClassifier
    >>> from sklearn_ecg.persistence import to_onnx
    >>> X, y, _ = make_ecg_classification(n_samples=20, duration_s=2, random_state=0)
    >>> classifier = LSTMClassifier(units=4, epochs=1, random_state=0).fit(X, y)
    >>> served = to_onnx(classifier)
    >>> bool(abs(served.predict_proba(X) - classifier.predict_proba(X)).max() < 1e-5)
    True
    """
    import_extra("onnx", extra="serve")
    import_onnxruntime()
    check_is_fitted(estimator)
    parts = parts_of(estimator, is_whole=_is_fitted_classifier)
    classifiers = [part for part in parts if _is_fitted_classifier(part)]
    if not classifiers:
        raise ValueError(f"{type(estimator).__name__} holds no fitted LSTMClassifier to convert.")
    # Whatever refers to a classifier will refer to its converted copy.
    return deepcopy(estimator, {id(part): _convert(part) for part in classifiers})


def _is_fitted_classifier(part):
    return isinstance(part, LSTMClassifier) and hasattr(part, "network_")


def _convert(classifier):
    graph = classifier.network_.to_onnx()
    copied = deepcopy(classifier)
    copied.network_ = KerasNetwork(**copied.network_.__getstate__() | {"graph": graph})
    copied.network_.forget_optimizer()
    return copied
