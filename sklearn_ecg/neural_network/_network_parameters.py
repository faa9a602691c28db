"""From the parameters of a classifier to those of its network."""

from functools import partial
from types import FunctionType

import joblib
import numpy as np
from sklearn.base import clone

# What the network is built with as the user gave it.
_AS_GIVEN = (
    "activation",
    "bidirectional",
    "dropout",
    "pooling",
    "conv_kernel_size",
    "input_noise",
    "optimizer",
    "weight_decay",
    "loss",
)
# What builds layers and cannot be changed: any other object is copied.
_UNCHANGING = (str, type, FunctionType, partial)


def network_parameters(classifier, *, n_features, labels, masked):
    """Gather the arguments of `build_network`.

    Parameters
    ----------
    classifier : LSTMClassifier
        The classifier.
    n_features : int
        Features of one step.
    labels : Labels
        The classes.
    masked : bool
        Whether sequences of different lengths come together, and carry a mask.

    Returns
    -------
    dict
        The arguments; numbers of units and filters are tuples, and an object that builds the
        layers is a copy.

    Raises
    ------
    ValueError
        If a size is not a positive int, or there are too many or too few; or if the network is a
        layer or model of Keras.
    """
    conv_filters = _sizes(classifier, "conv_filters", "convolutional block", may_be_empty=True)
    conv_pool_size = _sizes(classifier, "conv_pool_size", "convolutional block")
    if np.ndim(classifier.conv_pool_size) == 0:
        conv_pool_size *= len(conv_filters)
    if len(conv_pool_size) != len(conv_filters):
        raise ValueError(
            f"conv_pool_size={classifier.conv_pool_size!r} must be a positive int, or one for each "
            f"of conv_filters={classifier.conv_filters!r}."
        )
    if classifier.network == "cnn" and not conv_filters:
        raise ValueError('network="cnn" consists of conv_filters: give some, such as (32, 64).')
    return {
        "network": _copy(classifier.network),
        "n_features": n_features,
        "n_outputs": labels.n_outputs,
        "exclusive": labels.n_outputs > 1 and not labels.multilabel,
        "masked": masked,
        "units": _sizes(classifier, "units", "recurrent layer"),
        "conv_filters": conv_filters,
        "conv_pool_size": conv_pool_size,
        **{name: getattr(classifier, name) for name in _AS_GIVEN},
    }


def changed_parameters(trained, parameters):
    """Find the parameters in which a network would differ.

    Parameters
    ----------
    trained, parameters : dict
        Arguments of `build_network`: of a trained network, and those asked for.

    Returns
    -------
    list of str
        Names.
    """
    changed = [
        name for name in parameters if name != "network" and parameters[name] != trained[name]
    ]
    if not _are_same(parameters["network"], trained["network"]):
        changed.append("network")
    return changed


def _copy(network):
    """Copy an object that builds layers: the user's own may change after the fit."""
    kind = network if isinstance(network, type) else type(network)
    if any(base.__module__.startswith("keras.") for base in kind.__mro__):
        raise ValueError(
            f"network={network!r} is a layer or model of Keras, but must be a function that builds "
            "the layers of each fit: "
            f"def network(sequences, mask): return {kind.__name__}(...)(sequences)."
        )
    if isinstance(network, _UNCHANGING):
        return network
    return clone(network, safe=False)  # of an estimator its parameters, else a deep copy


def _are_same(one, other):
    if isinstance(one, _UNCHANGING):
        return one == other
    return joblib.hash(one) == joblib.hash(other)


def _sizes(classifier, name, what, may_be_empty=False):
    """Return one or several sizes as a tuple of int."""
    value = getattr(classifier, name)
    sizes = np.ravel(value)
    if may_be_empty and not len(sizes):
        return ()
    if not (np.issubdtype(sizes.dtype, np.integer) and len(sizes) and (sizes >= 1).all()):
        raise ValueError(f"{name}={value!r} must be a positive int, or one for each {what}.")
    return tuple(sizes.tolist())
