"""Fixtures that several rooms share."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data_home():
    """Folder with real recordings; tests that need it skip where it is absent."""
    default = Path(__file__).parents[1] / ".." / "shared" / "data"
    folder = Path(os.environ.get("SKLEARN_ECG_DATA", default))
    if not (folder / "mitdb").is_dir():
        pytest.skip(
            "no real recordings: set SKLEARN_ECG_DATA to a folder with mitdb/ and cinc2017/"
        )
    return folder
