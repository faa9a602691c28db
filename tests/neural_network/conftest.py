"""Fixtures of this room."""

import numpy as np
import pytest


@pytest.fixture(scope="session")
def ragged():
    """Sequences of 3 to 29 steps; the class is the sign of both features."""
    rng = np.random.RandomState(0)
    y = np.tile([0, 1], 20)
    rows = [rng.normal(2 * label - 1, 1, size=(rng.randint(3, 30), 2)) for label in y]
    return [row.astype(np.float32) for row in rows], y
