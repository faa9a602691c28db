"""Recordings that the tests of beats share."""

import pytest

from sklearn_ecg.datasets import make_ecg


@pytest.fixture(scope="session")
def record():
    """Half a minute of two leads with some ventricular beats, which know where they are."""
    record = make_ecg(30, fs=250, leads=("II", "V1"), premature={"V": 0.1}, random_state=0)
    for array in (record.signal, *record.annotations):
        array.setflags(write=False)  # shared by tests, so none may write into them
    return record
