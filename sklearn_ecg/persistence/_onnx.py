"""Fitted estimators that predict without TensorFlow."""

from copy import deepcopy

import numpy as np
from sklearn.utils.validation import check_is_fitted

from sklearn_ecg.neural_network import LSTMClassifier
from sklearn_ecg.neural_network._forward import numbers_per_step
from sklearn_ecg.neural_network._keras_network import KerasNetwork
from sklearn_ecg.neural_network._onnx_forward import ONNXForward
from sklearn_ecg.neural_network._runtime import keras_at_work
from sklearn_ecg.persistence._onnx_network import convert_network
from sklearn_ecg.utils._extras import import_extra

_TOLERANCE = 1e-4  # of logits; the nodes of all our own networks keep within 1e-5


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
    for module in ("onnx", "onnxruntime"):
        import_extra(module, extra="serve")
    check_is_fitted(estimator)
    found = {}
    _find_classifiers(estimator, found)
    classifiers = [part for part in found.values() if _is_fitted_classifier(part)]
    if not classifiers:
        raise ValueError(f"{type(estimator).__name__} holds no fitted LSTMClassifier to convert.")
    # Whatever refers to a classifier will refer to its converted copy.
    return deepcopy(estimator, {id(part): _convert(part) for part in classifiers})


def _is_fitted_classifier(part):
    return isinstance(part, LSTMClassifier) and hasattr(part, "network_")


def _find_classifiers(part, found):
    """Collect what an object consists of, by identity, down to the fitted classifiers."""
    if id(part) in found:
        return
    found[id(part)] = part
    if _is_fitted_classifier(part):
        return
    if isinstance(part, dict):
        inner = part.values()
    elif isinstance(part, np.ndarray):
        inner = part.flat if part.dtype.hasobject else ()
    elif isinstance(part, list | tuple | set):
        inner = part
    elif isinstance(part, type) or callable(part) or not hasattr(part, "__dict__"):
        return
    else:
        inner = vars(part).values()
    for one in inner:
        _find_classifiers(one, found)


def _convert(classifier):
    network = classifier.network_
    keras_model = network.keras_model
    with keras_at_work():
        metadata = {"numbers_per_step": str(numbers_per_step(keras_model))}
        graph = convert_network(keras_model, metadata)
        _check_equal(keras_model, graph, network.parameters["masked"])
    copied = deepcopy(classifier)
    copied.network_ = KerasNetwork(**copied.network_.__getstate__() | {"graph": graph})
    copied.network_.forget_optimizer()
    return copied


def _check_equal(keras_model, graph, masked):
    """Compare the graph with the network: a user's own may rely on what was not converted."""
    n_steps = np.array([40, 23, 7] if masked else [40, 40])
    is_step = (np.arange(n_steps.max()) < n_steps[:, None])[:, :, None]
    shape = (*is_step.shape[:2], keras_model.input_shape[-1])
    sequences = np.random.default_rng(0).normal(size=shape) * is_step
    if masked:
        sequences[:, :, -1:] = is_step
    sequences = sequences.astype(np.float32)
    expected = keras_model(sequences, training=False).numpy()
    found = ONNXForward(graph)(sequences)
    if not np.allclose(found, expected, rtol=_TOLERANCE, atol=_TOLERANCE):
        raise ValueError(
            "The converted network predicts otherwise than Keras: logits differ by up to "
            f"{np.abs(found - expected).max():.2g}. Predict with Keras, or build the network of "
            "other layers."
        )
