import hashlib
import io
import os
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.io

from sklearn_ecg.datasets import fetch_cinc2017
from sklearn_ecg.datasets._databases import _cinc2017
from sklearn_ecg.model_selection import cinc2017_folds

LENGTHS = {"A00001": 20, "A00002": 30, "A00003": 10}
LABELS = b"A00001,N\nA00002,~\nA00003,A\n"


@pytest.fixture
def members():
    """Members of a tiny archive; time step t of each record has t µV."""
    members = {"training2017/RECORDS": b"", "../outside.txt": b"escaped"}
    for name, length in LENGTHS.items():
        header = f"{name} 1 300 {length}\n{name}.mat 16+24 1000/mV 16 0 0 0 0 ECG \n"
        members[f"training2017/{name}.hea"] = header.encode()
        matrix = io.BytesIO()
        scipy.io.savemat(matrix, {"val": np.arange(length, dtype="<i2")[None]}, format="4")
        members[f"training2017/{name}.mat"] = matrix.getvalue()
    return members


@pytest.fixture
def database(server, monkeypatch, members):
    """Publish a tiny database on the server, and a function to publish it anew."""
    tiny = replace(_cinc2017._DATABASE, url=server.url)
    monkeypatch.setattr(_cinc2017, "_DATABASE", tiny)

    def publish():
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as bundle:
            for name, body in members.items():
                bundle.writestr(name, body)
        files = {"REFERENCE-v3.csv": LABELS, "training2017.zip": archive.getvalue()}
        sums = "".join(
            f"{hashlib.sha256(body).hexdigest()} {name}\n" for name, body in files.items()
        )
        server.files |= files | {"SHA256SUMS.txt": sums.encode()}

    publish()
    return publish


def test_fetch_downloads_once_and_then_only_reads(database, server, tmp_path):
    """Sums, labels and archive are fetched, unpacked and tidied; then the server is left alone."""
    bunch = fetch_cinc2017(tmp_path)
    assert [name for name, _ in server.requests] == [
        "SHA256SUMS.txt", "REFERENCE-v3.csv", "training2017.zip",
    ]  # fmt: skip
    folder = tmp_path / "cinc2017"
    assert {path.name for path in folder.iterdir()} - {".lock"} == {
        "SHA256SUMS.txt", "REFERENCE-v3.csv", "training2017",
    }  # fmt: skip
    assert len(list((folder / "training2017").iterdir())) == 6
    server.requests.clear()
    for home in (tmp_path, folder):
        again = fetch_cinc2017(home)
        np.testing.assert_array_equal(again.data[0], bunch.data[0])
    assert server.requests == []


def test_rows_are_ragged_signals_in_mV(database, tmp_path):
    """Each row has its own length; the label is that of the published list."""
    bunch = fetch_cinc2017(tmp_path)
    assert bunch.data.dtype == object
    assert [row.shape for row in bunch.data] == [(20, 1), (30, 1), (10, 1)]
    assert bunch.data[0].dtype == np.float32
    np.testing.assert_allclose(bunch.data[0][:, 0], np.arange(20) / 1000, rtol=1e-6)
    assert bunch.target.tolist() == ["N", "~", "A"]
    assert bunch.groups.tolist() == bunch.records.tolist() == list(LENGTHS)
    assert (bunch.fs, bunch.lead_names) == (300.0, ("ECG",))


def test_records_are_taken_in_the_order_asked_for(database, tmp_path):
    """Rows follow the names that were passed."""
    X, y = fetch_cinc2017(tmp_path, record_names=["A00003", "A00001"], return_X_y=True)
    assert [len(row) for row in X] == [10, 20]
    assert y.tolist() == ["A", "N"]


def test_nothing_but_records_is_unpacked(database, tmp_path):
    """A member that would leave the folder, or is no record, is not touched."""
    fetch_cinc2017(tmp_path / "home")
    assert not list(tmp_path.rglob("outside.txt"))
    assert not list(tmp_path.rglob("RECORDS"))


def test_member_too_large_for_a_record_is_refused(database, members, tmp_path):
    """A member that would fill the disk is not unpacked."""
    members["training2017/A00002.mat"] = bytes(2_000_000)
    database()
    with pytest.raises(OSError, match=r"A00002\.mat is larger than a recording can be"):
        fetch_cinc2017(tmp_path)
    assert not list(tmp_path.rglob("A00002.mat*"))


def test_archive_without_a_listed_record_is_refused(database, members, tmp_path):
    """An archive that lacks a record of the list is not the published one."""
    del members["training2017/A00003.hea"]
    database()
    with pytest.raises(OSError, match=r"is not the archive of the database: .*A00003\.hea"):
        fetch_cinc2017(tmp_path)


def test_interrupted_unpacking_is_taken_up_again(database, server, tmp_path, monkeypatch):
    """If it stops while unpacking, the next call goes on with the archive that is there."""
    moved = []

    def replace_once(self, target):
        if moved:
            raise KeyboardInterrupt
        moved.append(target)
        os.replace(self, target)

    with monkeypatch.context() as context:
        context.setattr(Path, "replace", replace_once)
        with pytest.raises(KeyboardInterrupt):
            fetch_cinc2017(tmp_path)
    server.requests.clear()
    assert len(fetch_cinc2017(tmp_path).data) == 3
    assert server.requests == []
    assert not list(tmp_path.rglob("*.zip")) + list(tmp_path.rglob("*.part"))


def test_archive_that_differs_from_the_published_sum_is_refused(database, server, tmp_path):
    """The archive is compared with the publisher's list, and not kept if it differs."""
    server.files["training2017.zip"] = b"something else"
    with pytest.raises(OSError, match=r"training2017\.zip could not .* not the published file"):
        fetch_cinc2017(tmp_path)
    assert not list(tmp_path.rglob("training2017*"))


def test_login_page_in_place_of_the_sums_is_refused(database, server, tmp_path):
    """A page that is no list of sums is not kept, so that the next call can succeed."""
    sums = server.files["SHA256SUMS.txt"]
    server.files["SHA256SUMS.txt"] = b"<html>Please log in</html>"
    with pytest.raises(OSError, match=r"no checksum of REFERENCE-v3\.csv; something else"):
        fetch_cinc2017(tmp_path)
    server.files["SHA256SUMS.txt"] = sums
    assert len(fetch_cinc2017(tmp_path).data) == 3


def test_fetch_takes_a_partial_copy_as_it_is_without_download(database, server, tmp_path):
    """With download_if_missing=False the labelled records that are there are taken."""
    fetch_cinc2017(tmp_path)
    (tmp_path / "cinc2017" / "training2017" / "A00002.mat").unlink()
    server.requests.clear()
    assert fetch_cinc2017(tmp_path, download_if_missing=False).records.tolist() == [
        "A00001", "A00003",
    ]  # fmt: skip
    with pytest.raises(FileNotFoundError, match=r"lacks training2017/A00002\.mat of the CinC"):
        fetch_cinc2017(tmp_path, record_names=["A00002"], download_if_missing=False)
    assert server.requests == []
    assert len(fetch_cinc2017(tmp_path).data) == 3


def test_fetch_refuses_a_folder_without_records(tmp_path):
    """Without labels or records, and without download, there is nothing to return."""
    with pytest.raises(FileNotFoundError, match=r"cinc2017 lacks REFERENCE-v3\.csv of the CinC"):
        fetch_cinc2017(tmp_path, download_if_missing=False)
    (tmp_path / "REFERENCE-v3.csv").write_bytes(LABELS)
    with pytest.raises(FileNotFoundError, match=r"A00001\.hea, .* and 3 more files"):
        fetch_cinc2017(tmp_path, download_if_missing=False)


@pytest.mark.parametrize("line", ["A00002", "../../x,N", "A00002,X", "A00002,N,1", "<html>"])
def test_fetch_refuses_a_damaged_list_of_labels(tmp_path, line):
    """A line that is not a record and a known label is named."""
    (tmp_path / "REFERENCE-v3.csv").write_text(f"A00001,N\n{line}\n")
    with pytest.raises(ValueError, match=r"REFERENCE-v3\.csv, line 2: expected a record"):
        fetch_cinc2017(tmp_path)


def test_fetch_refuses_an_empty_list_of_labels(tmp_path):
    """A list without any record is as damaged as one with a bad line."""
    (tmp_path / "REFERENCE-v3.csv").write_text("")
    with pytest.raises(ValueError, match=r"REFERENCE-v3\.csv, line 1: expected a record"):
        fetch_cinc2017(tmp_path)


def test_fetch_refuses_unknown_records(database, tmp_path):
    """Only names that the list of labels has are let near the file system."""
    with pytest.raises(ValueError, match=r"CinC Challenge 2017 has no record \.\./A00001"):
        fetch_cinc2017(tmp_path, record_names=["../A00001"])


def test_records_come_with_their_labels(database, tmp_path):
    """As records the rows are `ECGRecord`s; nobody is identified, so the groups are their names."""
    bunch = fetch_cinc2017(tmp_path, rows="records")
    assert [record.name for record in bunch.data] == list(LENGTHS)
    assert [record.patient for record in bunch.data] == ["", "", ""]
    assert bunch.groups.tolist() == list(LENGTHS)
    assert bunch.target.tolist() == ["N", "~", "A"]


def test_rows_of_one_length_are_ragged_too(database, tmp_path):
    """The kind of array does not depend on which records are taken."""
    bunch = fetch_cinc2017(tmp_path, record_names=["A00001"])
    assert bunch.data.dtype == object
    assert bunch.data.shape == (1,)


def test_real_labels_and_folds_are_as_many_as_published(data_home):
    """Labels and folds of folds 0-3 agree with the published counts, and no file is missing."""
    bunch = fetch_cinc2017(data_home, download_if_missing=False)
    classes, counts = np.unique(bunch.target, return_counts=True)
    assert dict(zip(classes.tolist(), counts.tolist(), strict=True)) == {
        "N": 4063, "O": 1930, "A": 606, "~": 225,
    }  # fmt: skip
    folds = cinc2017_folds(bunch.records, data_home / "cinc2017" / "folds.csv")
    assert [len(test) for _, test in folds.split()] == [1707, 1706, 1706, 1705]


def test_real_records_are_in_mV(data_home):
    """The records of the challenge are read as they are, each with its own length."""
    bunch = fetch_cinc2017(data_home, record_names=["A00001", "A00002"], download_if_missing=False)
    assert [row.shape for row in bunch.data] == [(9000, 1), (9000, 1)]
    assert bunch.data[0][0, 0] == np.float32(-0.127)  # the first value, by its header
