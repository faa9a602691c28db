"""What the name of a column says."""

import pytest

from sklearn_ecg.datasets._files._names import is_count, is_time


@pytest.mark.parametrize(
    "name",
    [
        "ElapsedTime",
        "Zeit",
        "czas",
        "Temps",
        "time",
        "t",
        "s",
        "t_ms",
        "time_s",
        "Timestamp",
        "Elapsed time",
        "Shimmer_Timestamp_Unix_CAL",
    ],
)
def test_names_of_time(name):
    """Each says that its column holds the time."""
    assert is_time(name)
    assert not is_count(name)


@pytest.mark.parametrize(
    "name", ["II", "V1", "T wave", "tangent", "ECG", "", "index", "Sensor", "min", "MinMax"]
)
def test_other_names(name):
    """None says so."""
    assert not is_time(name)
