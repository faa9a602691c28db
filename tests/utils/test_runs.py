"""Runs of flags."""

import numpy as np
import pytest

from sklearn_ecg.utils._runs import find_runs


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
