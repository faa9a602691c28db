import numpy as np
import pytest

from sklearn_ecg.datasets import fetch_ltafdb
from sklearn_ecg.datasets._databases import _ltafdb


@pytest.fixture
def published(files_of, publish):
    """Publish two records of 3 s, with sinus rhythm and, in one, fibrillation."""
    signal = np.arange(300)[:, None] * [1, 2]
    first = ([0, 50, 150, 200, 250], "+NA+N", {0: "(N", 3: "(AFIB"})
    files = files_of("00", signal, ["ECG", "ECG"], fs=128, atr=first)
    files |= files_of("101", signal, ["ECG", "ECG"], fs=128, atr=([0, 50], "+N", {0: "(N"}))
    publish(_ltafdb, files, records=("00", "101"))
    return files


def test_annotations_come_without_a_signal(published, server, tmp_path):
    """By default no signal is downloaded or read, and beats and rhythms are there."""
    bunch = fetch_ltafdb(tmp_path)
    assert {name for name, _ in server.requests} == {
        "SHA256SUMS.txt", "00.hea", "00.atr", "101.hea", "101.atr",
    }  # fmt: skip
    first = bunch.data[0]
    assert first.signal.shape == (300, 0)
    assert (first.fs, bunch.fs, bunch.lead_names) == (128.0, 128.0, ())
    assert [part.tolist() for part in first.beats] == [[50, 150, 250], ["N", "S", "N"]]
    assert [part.tolist() for part in first.rhythms] == [[0, 200], ["N", "AFIB"]]
    assert [record.patient for record in bunch.data] == bunch.groups.tolist() == ["00", "101"]
    assert bunch.target is None


def test_signals_are_downloaded_once_leads_are_named(published, server, tmp_path):
    """The signals complete the annotations that are there."""
    fetch_ltafdb(tmp_path)
    server.requests.clear()
    beats = fetch_ltafdb(tmp_path, leads=["ECG #2"], rows="beats", before_s=0.01, after_s=0.01)
    assert {name for name, _ in server.requests} == {"00.dat", "101.dat"}
    assert beats.target.tolist() == ["N", "S", "N", "N"]
    assert beats.groups.tolist() == ["00", "00", "00", "101"]
    np.testing.assert_allclose(beats.data[0, :, 0], [0.49, 0.5], rtol=1e-6)


def test_all_leads_are_downloaded_if_none_is_named(published, tmp_path):
    """None stands for those that a record has, as everywhere."""
    bunch = fetch_ltafdb(tmp_path, leads=None)
    assert [record.lead_names for record in bunch.data] == [("ECG", "ECG #2")] * 2
    assert bunch.data[0].signal.shape == (300, 2)


def test_strips_without_leads_are_refused(published, tmp_path):
    """A strip is a piece of a signal, so it takes a lead."""
    with pytest.raises(ValueError, match=r"leads is empty, but rows='strips' needs a signal"):
        fetch_ltafdb(tmp_path, rows="strips")


def test_folder_of_another_database_is_not_taken_for_this_one(published, tmp_path):
    """A record of three digits says nothing: the MIT-BIH databases have such names too."""
    for name in ("101.hea", "101.atr"):
        (tmp_path / name).write_bytes(b"of another database")
    fetch_ltafdb(tmp_path)
    assert (tmp_path / "ltafdb" / "101.hea").read_bytes() == published["101.hea"]


def test_84_records_are_declared():
    """As many as published, each once."""
    assert len(set(_ltafdb._DATABASE.records)) == len(_ltafdb._DATABASE.records) == 84


def test_real_records_have_the_beats_and_rhythms_of_days(real):
    """The 56 records that are here hold as many beats as other readers count."""
    bunch = fetch_ltafdb(real("ltafdb"), download_if_missing=False)
    assert len(bunch.data) == 56
    classes, counts = np.unique(
        np.concatenate([record.beats[1] for record in bunch.data]), return_counts=True
    )
    counts = dict(zip(classes.tolist(), counts.tolist(), strict=True))
    assert counts == {"N": 5956086, "S": 101900, "V": 69763, "Q": 11}
    rhythms = np.concatenate([record.rhythms[1] for record in bunch.data])
    assert (rhythms == "AFIB").sum() == 4861
    assert (rhythms == "AB").sum() == 3687
