"""All that read files refuse a pipe: none waits for what may never come."""

import numpy as np
import pytest

from sklearn_ecg._command_line import main
from sklearn_ecg.datasets import list_records, load_records, make_ecg, read_record, write_record
from sklearn_ecg.metrics import cinc2021_score
from sklearn_ecg.model_selection import cinc2017_folds
from sklearn_ecg.persistence import describe_model, load

REFUSED = r"{} is a pipe or a device: save what comes from it to a file\."


@pytest.fixture
def folder(tmp_path):
    """A recording, and a way to make a pipe beside it."""
    write_record(make_ecg(2, fs=100, random_state=0), tmp_path / "record.hea")
    (tmp_path / "record.atr").unlink()
    return tmp_path


READERS = {
    "model.skecg": load,
    "described.skecg": describe_model,
    "labels.csv": lambda path: list_records(path.parent, labels=path),
    "folds.csv": lambda path: cinc2017_folds(["A00001"], path),
    "weights.csv": lambda path: cinc2021_score(
        np.eye(2), np.eye(2), labels=["a", "b"], weights=path, normal="a"
    ),
    "record.atr": lambda path: read_record(path.with_suffix(".hea"), annotator="atr"),
}


@pytest.mark.parametrize("name", READERS)
def test_pipe_is_refused(name, folder, make_pipe):
    make_pipe(folder / name)
    with pytest.raises(OSError, match=REFUSED.format(name)):
        READERS[name](folder / name)


@pytest.mark.parametrize("name", ["other.edf", "other.hea", "other.dat"])
def test_pipe_in_a_folder_is_passed_over(name, folder, make_pipe):
    make_pipe(folder / name)
    with pytest.raises(OSError, match=REFUSED.format(name)):
        load_records(folder, leads=["II"])
    records = load_records(folder, leads=["II"], on_error="skip")
    assert records.sources == [str(folder / "record.hea")]
    assert [path for path, _ in records.skipped] == [str(folder / name)]


def test_pipe_as_a_model_ends_the_command(folder, make_pipe, capsys):
    make_pipe(folder / "model.skecg")
    assert main(["classify", str(folder / "model.skecg"), str(folder / "record.hea")]) == 2
    assert "model.skecg is a pipe or a device" in capsys.readouterr().err


def test_folder_as_a_model_is_named(folder):
    with pytest.raises(IsADirectoryError, match="is a folder: name a file in it"):
        load(folder)
