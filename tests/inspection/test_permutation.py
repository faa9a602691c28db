"""Importance of leads and of blocks of features."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from sklearn_ecg import BeatClassifier, make_ecg
from sklearn_ecg.inspection import permutation_importance
from sklearn_ecg.inspection._permutation import _donors, _exchange, _members


def test_block_that_tells_the_class_matters(tiny, sequences):
    """The class is the sign of the first feature."""
    X, y = sequences
    classifier = tiny(epochs=5).fit(X, y)
    result = permutation_importance(classifier, X, y, n_repeats=3, random_state=0)
    assert result.importances.shape == (2, 3)
    assert result.block_names == ["0", "1"]
    assert result.importances_mean[0] > 0.3 > 0.1 > abs(result.importances_mean[1])
    np.testing.assert_allclose(result.importances_mean, result.importances.sum(axis=1) / 3)
    variances = np.square(result.importances).sum(axis=1) / 3 - result.importances_mean**2
    np.testing.assert_allclose(result.importances_std, np.sqrt(variances), atol=1e-6)
    both = permutation_importance(
        classifier, X, y, blocks={"both": [0, 1]}, scoring="roc_auc", random_state=0
    )
    assert both.importances_mean[0] > 0.3


def test_nobody_takes_from_the_own_group():
    """Each row takes the block of another patient, and all rows of one take those of one other."""
    groups = np.array([0, 0, 0, 1, 1, 2])
    for seed in range(10):
        donors = _donors(_members(groups, 6), np.random.RandomState(seed))
        assert (groups[donors] != groups).all()
        assert len(set(groups[donors][:3])) == 1


def test_block_keeps_its_waves_and_the_padding_of_the_row():
    """A shorter donor is repeated; other leads and padding stay."""
    rows = np.array([[[1, 10], [2, 20], [3, 30]], [[4, 40], [5, 50], [np.nan, np.nan]]])
    taken = _exchange(rows, [1, 0], [1])
    np.testing.assert_array_equal(
        taken, [[[1, 40], [2, 50], [3, 40]], [[4, 10], [5, 20], [np.nan, np.nan]]]
    )
    assert rows[0, 0, 1] == 10


def test_block_of_a_missing_row_is_missing():
    """It is not 0, which is a voltage."""
    rows = np.array([[[1.0, 10], [2, 20]], [[np.nan, np.nan], [np.nan, np.nan]]])
    taken = _exchange(rows, [1, 0], [1])
    np.testing.assert_array_equal(taken[0], [[1, np.nan], [2, np.nan]])
    np.testing.assert_array_equal(taken[1], rows[1])


def test_signals_without_an_axis_of_leads_have_one_lead(sequences):
    """It is exchanged over the whole time: by two patients of a class each, for the other class."""
    X, y = sequences
    classifier = LogisticRegression().fit(X[:, :, 0], y)
    result = permutation_importance(classifier, X[:, :, 0], y, groups=y, n_repeats=3)
    assert result.block_names == ["0"]
    assert result.importances.tolist() == [[1, 1, 1]]


def test_leads_of_records_have_names(tiny):
    """Blocks may be named by leads."""
    records = [make_ecg(2, fs=100, leads=("I", "V1"), random_state=i) for i in range(6)]
    y = np.arange(6) % 2
    classifier = tiny().fit(records, y)
    result = permutation_importance(classifier, records, y, groups=[0, 0, 1, 1, 2, 2])
    assert result.block_names == ["I", "V1"]
    result = permutation_importance(classifier, records, y, blocks={"chest": ["V1"]})
    assert result.block_names == ["chest"]


def test_bad_arguments_are_named(tiny, sequences):
    """Errors say what is there."""
    X, y = sequences
    classifier = tiny().fit(X, y)
    with pytest.raises(ValueError, match="must hold positions from 0 to 1"):
        permutation_importance(classifier, X, y, blocks={"chest": [2]})
    with pytest.raises(ValueError, match="at least two patients"):
        permutation_importance(classifier, X, y, groups=np.zeros(len(X)))
    with pytest.raises(ValueError, match="row 0 of groups is nan"):
        permutation_importance(classifier, X, y, groups=np.full(len(X), np.nan))
    records = [make_ecg(20, fs=250, premature={"V": 0.2}, random_state=0)]
    beats = BeatClassifier(tiny(), leads=["II"], n_before=0, n_after=0).fit(records)
    with pytest.raises(TypeError, match="of extract_beats"):
        permutation_importance(beats, records, [0])
