"""Rows set aside for early stopping."""

import numpy as np
import pytest

from sklearn_ecg.neural_network._validation_split import split_for_early_stopping


def test_rows_are_stratified():
    """A rare class is on both sides."""
    y = np.repeat([0, 1], [90, 10])
    train, validation = split_for_early_stopping(y, None, 0.2, np.random.RandomState(0))
    assert len(validation) == 20
    assert y[validation].sum() == 2
    assert sorted([*train, *validation]) == list(range(100))


@pytest.mark.parametrize("fraction", [0.1, 0.25, 0.5])
def test_groups_stay_together_and_size_is_near(fraction):
    """Ten patients of ten rows each."""
    y = np.tile([0, 1], 50)
    groups = np.repeat(np.arange(10), 10)
    train, validation = split_for_early_stopping(y, groups, fraction, np.random.RandomState(0))
    assert not set(groups[train]) & set(groups[validation])
    assert abs(len(validation) / 100 - fraction) <= 0.1


@pytest.mark.parametrize(("fraction", "expected"), [(0.3, 1 / 3), (0.4, 0.5), (0.7, 0.5)])
def test_share_of_groups_is_one_of_equal_parts(fraction, expected):
    """A hundred patients of six rows each, of one class or the other."""
    y, groups = np.tile([0, 1], 300), np.repeat(np.arange(100), 6)
    _, validation = split_for_early_stopping(y, groups, fraction, np.random.RandomState(0))
    assert len(validation) / 600 == pytest.approx(expected, abs=0.01)


def test_a_class_of_one_patient_is_trained_on():
    """The only patient with a class is not the one set aside."""
    groups = np.repeat(np.arange(5), 4)
    y = np.tile([0, 1, 0, 1], 5)
    y[groups == 3] = 2
    for seed in range(5):
        rng = np.random.RandomState(seed)
        train, _ = split_for_early_stopping(y, groups, 0.2, rng)
        assert 3 in groups[train]


def test_few_rows_in_many_groups_are_split():
    """No more folds are made than the classes have rows."""
    y = np.tile([0, 1], 4)
    train, validation = split_for_early_stopping(y, np.arange(8), 0.1, np.random.RandomState(0))
    assert sorted([*train, *validation]) == list(range(8))
    assert set(y[train]) == {0, 1}


def test_too_few_rows_are_refused_with_a_way_out():
    """The error names the parameter to change, not one of train_test_split's."""
    with pytest.raises(ValueError, match=r"validation_fraction=0.1 cannot .* from 8 rows: .* use"):
        split_for_early_stopping(np.tile([0, 1], 4), None, 0.1, np.random.RandomState(0))


def test_of_folds_that_hold_every_class_the_one_of_the_right_size_is_taken():
    """One of five patients has half of the rows: a fifth is asked for, so it is never that one."""
    groups = np.repeat(np.arange(5), [20, 5, 5, 5, 5])
    y = np.tile([0, 1], 20)
    for seed in range(5):
        rng = np.random.RandomState(seed)
        _, validation = split_for_early_stopping(y, groups, 0.2, rng)
        assert len(validation) == 5
        assert set(y[validation]) == {0, 1}


def test_labels_that_may_all_be_true_are_split_by_group_too():
    """One of eleven patients has half of the rows, and another the only rows with a label."""
    groups = np.repeat(np.arange(11), [50, *[5] * 10])
    y = np.column_stack([np.ones(100, dtype=int), groups == 4])
    for seed in range(10):
        rng = np.random.RandomState(seed)
        train, validation = split_for_early_stopping(y, groups, 0.1, rng)
        assert len(validation) == 10
        assert sorted([*train, *validation]) == list(range(100))
        assert not set(groups[train]) & set(groups[validation])
        assert 4 in groups[train]


def test_labels_that_may_all_be_true_are_split_by_row():
    """Any rows, because no class stands for all labels of a row."""
    y = np.eye(10, dtype=int)
    train, validation = split_for_early_stopping(y, None, 0.2, np.random.RandomState(0))
    assert len(validation) == 2
    assert sorted([*train, *validation]) == list(range(10))


def test_of_labels_that_may_all_be_true_the_nearest_size_is_taken():
    """Three of five patients are to be set aside, with 3 or 4 rows; 3.6 are asked for."""
    groups = np.array([0, 1, 2, 3, 4, 4])
    y = np.ones((6, 2), dtype=int)
    for seed in range(5):
        rng = np.random.RandomState(seed)
        assert len(split_for_early_stopping(y, groups, 0.6, rng)[1]) == 4


@pytest.mark.parametrize("fraction", [0.1, 0.5, 0.9])
def test_two_groups_are_enough(fraction):
    """One to train on, and one to validate on."""
    y, groups = np.tile([0, 1], 6), np.repeat([0, 1], 6)
    train, validation = split_for_early_stopping(y, groups, fraction, np.random.RandomState(0))
    assert len(set(groups[train])) == len(set(groups[validation])) == 1


def test_a_class_of_two_patients_is_on_both_sides():
    """Of ten patients, so that most splits would have it on one side only."""
    groups = np.repeat(np.arange(10), 4)
    y = np.tile([0, 1], 20)
    y[[8, 28]] = 2  # of patients 2 and 7
    for seed in range(5):
        rng = np.random.RandomState(seed)
        train, validation = split_for_early_stopping(y, groups, 0.1, rng)
        assert set(y[train]) == {0, 1, 2}
        assert 2 in y[validation]
