"""Runs of flags, and of equal values."""

import numpy as np
import pytest

from sklearn_ecg.utils._runs import begins_of_runs, find_runs, in_long_runs


@pytest.mark.parametrize(
    ("flags", "runs"),
    [
        ([], []),
        ([0, 0], []),
        ([1], [[0, 1]]),
        ([1, 1, 0, 1], [[0, 2], [3, 4]]),
        ([0, 1, 1, 0], [[1, 3]]),
    ],
)
def test_each_run_has_its_begin_and_end(flags, runs):
    """At the ends of the flags too, and of none there are no runs."""
    found = find_runs(np.array(flags, dtype=bool))
    assert found.tolist() == runs
    assert found.shape == (len(runs), 2)


@pytest.mark.parametrize("shortest", [2, 3, 4, 5])
def test_values_in_long_runs_are_marked(shortest):
    """All of them, at either end too; NaN equals nothing."""
    series = np.array([5, 5, 1, 2, 2, 2, np.nan, np.nan, np.nan, 3, 4, 4, 4, 4], dtype=np.float32)
    lengths = np.array([2, 2, 1, 3, 3, 3, 1, 1, 1, 1, 4, 4, 4, 4])
    np.testing.assert_array_equal(in_long_runs(series, shortest), lengths >= shortest)
    assert in_long_runs(series[:0], shortest).shape == (0,)


@pytest.mark.parametrize(
    ("values", "begins"), [("A", [0]), ("AAA", [0]), ("ABBA", [0, 1, 3]), ("ABAB", [0, 1, 2, 3])]
)
def test_a_run_begins_where_the_value_changes(values, begins):
    assert begins_of_runs(np.array(list(values))).tolist() == begins
