"""From the parameters of a classifier to those of its network."""

import numpy as np

# What the network is built with as the user gave it.
_AS_GIVEN = (
    "network",
    "activation",
    "bidirectional",
    "dropout",
    "pooling",
    "conv_kernel_size",
    "noise",
    "optimizer",
    "weight_decay",
    "loss",
)


def network_parameters(classifier, *, n_features, n_classes, multilabel, masked):
    """Gather the arguments of `build_network`.

    Parameters
    ----------
    classifier : LSTMClassifier
        Whose parameters to check and use.
    n_features : int
        Features of one step.
    n_classes : int
        Number of classes or labels.
    multilabel : bool
        Whether several labels may be true at once.
    masked : bool
        Whether sequences may differ in length.

    Returns
    -------
    dict
        The arguments; numbers of units and filters are tuples.

    Raises
    ------
    ValueError
        If a size is no positive int, or there are too many or too few.
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
        "n_features": n_features,
        "n_outputs": 1 if n_classes == 2 and not multilabel else n_classes,
        "exclusive": n_classes > 2 and not multilabel,
        "masked": masked,
        "units": _sizes(classifier, "units", "recurrent layer"),
        "conv_filters": conv_filters,
        "conv_pool_size": conv_pool_size,
        **{name: getattr(classifier, name) for name in _AS_GIVEN},
    }


def _sizes(classifier, name, what, may_be_empty=False):
    """Give one or several sizes as a tuple of int."""
    value = getattr(classifier, name)
    sizes = np.ravel(value)
    if may_be_empty and not len(sizes):
        return ()
    if not (np.issubdtype(sizes.dtype, np.integer) and len(sizes) and (sizes >= 1).all()):
        raise ValueError(f"{name}={value!r} must be a positive int, or one for each {what}.")
    return tuple(sizes.tolist())
