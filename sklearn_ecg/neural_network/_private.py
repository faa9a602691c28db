"""Differential privacy: what it allows, what is protected, and how much of it is spent."""

import numpy as np

from sklearn_ecg.neural_network._private_training import PrivateTraining
from sklearn_ecg.utils._extras import import_extra
from sklearn_ecg.utils._numbers import plain
from sklearn_ecg.utils._warning import warn_user


def check_private(classifier, sample_weight):
    """Refuse what the guarantee of differential privacy does not count.

    Parameters
    ----------
    classifier : LSTMClassifier
        The classifier to check.
    sample_weight : array-like or None
        Weights of rows.

    Raises
    ------
    ValueError
        If one of the two parameters is missing, or another argument looks at several rows at once.
    """
    clip, noise = classifier.dp_l2_norm_clip, classifier.dp_noise_multiplier
    if clip is None and noise is None:
        return
    if clip is None or noise is None:
        raise ValueError(
            f"dp_l2_norm_clip={clip} and dp_noise_multiplier={noise} go together: give both for "
            "training with differential privacy, or neither."
        )
    if classifier.early_stopping:
        raise ValueError(
            "early_stopping=True chooses an epoch by rows without noise, which differential "
            "privacy does not count: use early_stopping=False."
        )
    if isinstance(classifier.class_weight, str):
        raise ValueError(
            f'class_weight="{classifier.class_weight}" counts the classes of all rows without '
            "noise, which differential privacy does not count: give a dict of weights that you "
            "know from elsewhere."
        )
    if sample_weight is not None:
        raise ValueError(
            "sample_weight is not supported with dp_noise_multiplier, because weights mostly "
            "depend on other rows, which differential privacy does not count: leave it out."
        )


def plan_private(classifier, sequences, rows, groups, epochs, seed):
    """Plan the steps of a fit, and count them.

    Parameters
    ----------
    classifier : LSTMClassifier
        The classifier, before the fit.
    sequences : Sequences
        The sequences of all rows.
    rows : ndarray of int
        Positions of the rows to train on.
    groups : ndarray of shape (n_rows,) or None
        Group of each row. None protects each row by itself.
    epochs : int
        Epochs of the fit.
    seed : int
        Seed of the fit, which is used only if the classifier has a `random_state`.

    Returns
    -------
    training : PrivateTraining or None
        The steps; None without differential privacy.
    history : list of dict
        All fits since the first one with noise, this one included.

    Raises
    ------
    ValueError
        If rows were protected before and groups are now, or groups before and rows now.

    Warns
    -----
    UserWarning
        If the network was trained without differential privacy before.
    """
    history = getattr(classifier, "dp_history_", [])
    unit = "row" if groups is None else "group"
    if classifier.dp_noise_multiplier is None:
        return None, history and [*history, _describe(unit, 1.0, 0.0, epochs)]
    if not history and hasattr(classifier, "network_"):
        warn_user(
            "This network was trained without differential privacy before. epsilon counts from now "
            "on: it protects the rows of this fit, but not those of earlier ones.",
        )
    if history and history[-1]["unit"] != unit:
        raise ValueError(
            f"Each {history[-1]['unit']} was one unit of differential privacy in earlier fits, but "
            f"each {unit} would be now: pass groups to all fits or to none, or fit a new "
            "LSTMClassifier."
        )
    # A warm start with an int has the seed of the fit before, but must not have its noise.
    n_before = sum(fit["n_steps"] for fit in history) if classifier.warm_start else 0
    training = PrivateTraining(
        np.repeat(rows if groups is None else groups[rows], sequences.n_segments[rows]),
        l2_norm_clip=classifier.dp_l2_norm_clip,
        noise_multiplier=classifier.dp_noise_multiplier,
        batch_size=plain(classifier.batch_size),
        # Noise from a seed of 31 bits could be found by trying all.
        seed=None if classifier.random_state is None else [seed, 2, n_before],
    )
    noise = float(classifier.dp_noise_multiplier)
    fit = _describe(unit, training.sampling_probability, noise, epochs * training.n_steps)
    if history and history[-1] | {"n_steps": fit["n_steps"]} == fit:
        *history, last = history
        fit["n_steps"] += last["n_steps"]
    return training, [*history, fit]


def compute_epsilon(history, delta):
    """Compute the epsilon of all fits together.

    Parameters
    ----------
    history : list of dict
        The fits.
    delta : float
        The probability with which epsilon may not hold.

    Returns
    -------
    float
        Epsilon; infinite if a fit had no noise.
    """
    if not history or any(fit["noise_multiplier"] == 0 for fit in history):
        return np.inf
    dp_accounting = import_extra("dp_accounting", extra="privacy")
    accountant = import_extra("dp_accounting.pld", extra="privacy").PLDAccountant()
    for fit in history:
        event = dp_accounting.PoissonSampledDpEvent(
            fit["sampling_probability"], dp_accounting.GaussianDpEvent(fit["noise_multiplier"])
        )
        accountant.compose(event, fit["n_steps"])
    return float(accountant.get_epsilon(delta))


def _describe(unit, sampling_probability, noise_multiplier, n_steps):
    """Describe the steps of a fit, as `LSTMClassifier.dp_history_` has them."""
    return {
        "unit": unit,
        "sampling_probability": sampling_probability,
        "noise_multiplier": noise_multiplier,
        "n_steps": n_steps,
    }
