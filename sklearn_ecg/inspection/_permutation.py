"""Measure how much a score falls when a lead, or a block of features, is that of another row."""

from numbers import Integral

import numpy as np
from sklearn.metrics import check_scoring
from sklearn.utils import Bunch, check_random_state
from sklearn.utils._param_validation import Interval, validate_params
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from sklearn_ecg.compose import BeatClassifier
from sklearn_ecg.inspection._rows import read_rows
from sklearn_ecg.utils._fitting import check_groups
from sklearn_ecg.utils._row_shapes import shape_with_leads
from sklearn_ecg.utils._rows import is_ragged, join_rows


@validate_params(
    {
        "estimator": "no_validation",
        "X": "no_validation",  # records or signals
        "y": ["array-like"],
        "blocks": [dict, None],
        "groups": ["array-like", None],
        "scoring": [str, callable, None],
        "n_repeats": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def permutation_importance(
    estimator, X, y, *, blocks=None, groups=None, scoring=None, n_repeats=5, random_state=None
):
    """Measure how much a score falls when a lead, or a block of features, is that of another row.

    A block is exchanged as a whole and over the whole time, so that its own waves stay together.
    With `groups` it comes from another patient: a patient's own rows are so alike that little would
    change.

    Parameters
    ----------
    estimator : estimator or Pipeline
        A fitted estimator that takes signals or sequences.
    X : array-like of shape (n_samples, n_timesteps, n_leads)
        Rows that the estimator has not been trained on, dense or ragged, or records or paths.
    y : array-like of shape (n_samples,) or (n_samples, n_labels)
        Their labels.
    blocks : dict of {str: sequence of int or str}, default=None
        Positions in the last axis, or names of leads if they are known, of each block. None makes a
        block of each lead or feature.
    groups : array-like of shape (n_samples,), default=None
        Patient of each row. None makes each row a patient.
    scoring : str or callable, default=None
        Scorer, as scikit-learn takes it. None takes the estimator's `score`.
    n_repeats : int, default=5
        Times that each block is exchanged, each time in another way.
    random_state : int, RandomState instance or None, default=None
        Decides who takes the block of whom.

    Returns
    -------
    Bunch
        `importances` : ndarray of shape (n_blocks, n_repeats)
            The score of the rows minus that of the exchanged rows.
        `importances_mean`, `importances_std` : ndarray of shape (n_blocks,)
            Mean and standard deviation over the repeats.
        `block_names` : list of str
            Names of the blocks.
        `score` : float
            The score of the rows as they are.

    Raises
    ------
    ValueError
        If a block is empty or names what is not there, or there are fewer than two patients.
    TypeError
        If the estimator is a `BeatClassifier`.

    See Also
    --------
    explain : Shows which time steps and leads of one row mattered.
    sklearn.inspection.permutation_importance : Exchanges single columns of a table.

    Notes
    -----
    In each repeat the patients are put into a random circle, and each takes the rows of the next,
    in their order; of a patient with fewer rows, they are taken several times. A shorter row is
    repeated, and a longer one cut, to the length of the row that takes it.

    Leads that say the same share their importance: each can be replaced by the others. Exchange
    them as one block.

    For a `BeatClassifier`, pass its `estimator_` and rows of
    :func:`~sklearn_ecg.beats.extract_beats`.

    References
    ----------
    Breiman L. Random forests. Machine Learning 45(1):5-32 (2001). doi:10.1023/A:1010933404324

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_ecg.inspection import permutation_importance
    >>> from sklearn_ecg.neural_network import LSTMClassifier
    >>> rng = np.random.RandomState(0)
    >>> y = np.tile([0, 1], 40)
    >>> X = rng.normal(size=(80, 5, 2))
    >>> X[:, :, 1] += 4 * y[:, None]  # all is in the second lead
    >>> network = LSTMClassifier(units=4, epochs=5, learning_rate=0.05, random_state=0)
    >>> network = network.fit(X[:40], y[:40])
    >>> result = permutation_importance(network, X[40:], y[40:], random_state=0)
    >>> result.block_names[result.importances_mean.argmax()]
    '1'
    """
    check_is_fitted(estimator)
    if isinstance(estimator, BeatClassifier):
        raise TypeError(
            "Pass classifier.estimator_, and data, target and groups of extract_beats, in place of "
            "the BeatClassifier and recordings."
        )
    estimator, X, lead_names = read_rows(estimator, X, "permutation_importance")
    check_consistent_length(X, y)
    n_channels = shape_with_leads(X[0].shape)[-1]
    blocks = _check_blocks(blocks, n_channels, lead_names)
    members = _members(check_groups(groups, X), len(X))
    scorer = check_scoring(estimator, scoring=scoring)
    rng = check_random_state(random_state)
    score = scorer(estimator, X, y)
    importances = np.empty((len(blocks), n_repeats))
    for repeat in range(n_repeats):
        donors = _donors(members, rng)  # the same for all blocks
        for number, block in enumerate(blocks.values()):
            importances[number, repeat] = score - scorer(estimator, _exchange(X, donors, block), y)
    return Bunch(
        importances=importances,
        importances_mean=importances.mean(axis=1),
        importances_std=importances.std(axis=1),
        block_names=list(blocks),
        score=score,
    )


def _check_blocks(blocks, n_channels, lead_names):
    """Return the positions in the last axis of each block."""
    names = [str(number) for number in range(n_channels)] if lead_names is None else lead_names
    if blocks is None:
        return {name: [number] for number, name in enumerate(names)}
    positions = dict(zip(names, range(n_channels), strict=True)) if lead_names else {}
    positions |= {number: number for number in range(n_channels)}
    for name, block in blocks.items():
        unknown = [member for member in block if member not in positions]
        if unknown or not len(block):
            raise ValueError(
                f"blocks[{name!r}] = {block!r} must hold positions from 0 to {n_channels - 1}"
                + (f", or names out of {', '.join(lead_names)}." if lead_names else ".")
            )
    return {name: [positions[member] for member in block] for name, block in blocks.items()}


def _members(groups, n_rows):
    """Return the rows of each patient."""
    groups = np.arange(n_rows) if groups is None else groups
    members = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    if len(members) < 2:
        raise ValueError("There must be at least two patients, to exchange leads between them.")
    return members


def _donors(members, rng):
    """Return the row whose block each row takes: always one of another patient."""
    circle = [members[i] for i in rng.permutation(len(members))]
    donors = np.empty(sum(map(len, members)), dtype=np.int64)
    for taking, giving in zip(circle, [*circle[1:], circle[0]], strict=True):
        donors[taking] = np.resize(giving, len(taking))
    return donors


def _exchange(X, donors, block):
    """Copy the rows, with the block of each taken from its donor."""
    rows = [_take_block(row, X[donor], block) for row, donor in zip(X, donors, strict=True)]
    return join_rows(rows, ragged=is_ragged(X))


def _take_block(row, donor, block):
    taken = row.reshape(len(row), -1) if row.ndim < 2 else row
    donor = donor.reshape(len(donor), -1) if donor.ndim < 2 else donor
    taken = taken.copy()
    is_step, is_given = (~np.isnan(part).all(axis=-1) for part in (taken, donor))
    given = donor[is_given][:, block]
    if not len(given):  # or NumPy would make 0 of it, which is a voltage
        given = np.full((1, len(block)), np.nan)
    wanted = taken[is_step]
    wanted[:, block] = np.resize(given, (len(wanted), len(block)))
    taken[is_step] = wanted
    return taken.reshape(row.shape)
