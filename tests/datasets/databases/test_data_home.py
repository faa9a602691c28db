from pathlib import Path

import pytest

from sklearn_ecg.datasets import get_data_home


def test_argument_comes_before_the_environment(monkeypatch):
    """A folder that is passed is taken, whatever the environment says."""
    monkeypatch.setenv("SKLEARN_ECG_DATA", "elsewhere")
    assert get_data_home("here") == Path("here")


def test_environment_comes_before_the_home_folder(monkeypatch):
    """Without an argument the environment variable decides, and `~` in it is the home folder."""
    monkeypatch.setenv("SKLEARN_ECG_DATA", "~/ecg")
    assert get_data_home() == Path.home() / "ecg"


@pytest.mark.parametrize("value", [None, ""])
def test_default_is_in_the_home_folder(monkeypatch, value):
    """A variable that is not set, or empty, leaves the default, which is not created."""
    monkeypatch.delenv("SKLEARN_ECG_DATA", raising=False)
    if value is not None:
        monkeypatch.setenv("SKLEARN_ECG_DATA", value)
    assert get_data_home() == Path.home() / "sklearn_ecg_data"


def test_account_without_a_home_needs_a_folder(monkeypatch):
    """As a container may run under any number."""
    monkeypatch.delenv("SKLEARN_ECG_DATA", raising=False)

    def fail(path):
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "expanduser", fail)
    with pytest.raises(OSError, match="data_home or the environment variable SKLEARN_ECG_DATA"):
        get_data_home()
