import hashlib

import numpy as np
import pytest

from sklearn_ecg.datasets import fetch_mitdb
from sklearn_ecg.datasets._databases import _mitdb
from sklearn_ecg.model_selection import MITDB_DS1, MITDB_DS2

# Of the made-up database: time steps and symbols of each record's annotations.
ANNOTATIONS = {"201": ([1, 120, 130, 299], "N+V/"), "202": ([150], "e"), "104": ([9], "/")}
LEADS = {"201": ("V1", "MLII"), "202": ("V1", "MLII"), "104": ("V5", "V2")}


@pytest.fixture
def database(files_of, publish, tmp_path):
    """Publish a tiny database on the server, and keep a copy in a folder.

    Each record has two leads of 3 s at 100 Hz; at time step t they have t / 200 and 2 t / 200 mV.
    """
    files = {}
    for name, marks in ANNOTATIONS.items():
        files |= files_of(name, np.arange(300)[:, None] * [1, 2], LEADS[name], atr=marks)
    folder = tmp_path / "published"
    folder.mkdir()
    for name, body in files.items():
        (folder / name).write_bytes(body)
    sums = {name: hashlib.sha256(body).hexdigest() for name, body in files.items()}
    publish(_mitdb, files, landmarks=tuple(files), sums=sums, records=tuple(sorted(ANNOTATIONS)))
    return folder


def test_fetch_downloads_what_is_missing_and_then_only_reads(database, server, tmp_path):
    """The first call brings the files into a subfolder, the second asks the server for nothing."""
    first = fetch_mitdb(tmp_path / "home", duration_s=1)
    assert sorted(path.name for path in (tmp_path / "home" / "mitdb").glob("2*")) == [
        "201.atr", "201.dat", "201.hea", "202.atr", "202.dat", "202.hea",
    ]  # fmt: skip
    server.requests.clear()
    second = fetch_mitdb(tmp_path / "home", duration_s=1)
    assert server.requests == []
    np.testing.assert_array_equal(first.data, second.data)


def test_fetch_completes_an_interrupted_download(database, server):
    """Only the files that are missing are downloaded, beside the others."""
    (database / "202.atr").unlink()
    (database / ".lock").touch()  # left by an earlier download
    fetch_mitdb(database, duration_s=1)
    assert server.requests == [("202.atr", 0)]


def test_copy_made_by_other_means_is_read_as_it_is(database, server):
    """Of a copy with some of the records these are taken, and nothing is written or asked for."""
    (database / "202.atr").unlink()
    before = sorted(database.iterdir())
    strips = fetch_mitdb(database, duration_s=1)
    assert "202" not in strips.records
    assert server.requests == []
    assert sorted(database.iterdir()) == before
    with pytest.raises(FileNotFoundError, match=r"lacks 202.atr .* is never written to"):
        fetch_mitdb(database, record_names=["202"])


def test_fetch_takes_a_partial_copy_as_it_is_without_download(database, server):
    """With download_if_missing=False the whole records that are there are taken."""
    (database / "202.atr").unlink()
    before = sorted(database.iterdir())
    bunch = fetch_mitdb(database, duration_s=1, download_if_missing=False)
    assert set(bunch.records) == {"201"}
    assert server.requests == []
    assert sorted(database.iterdir()) == before


def test_fetch_refuses_missing_records_that_were_named(database):
    """A named record that is missing is an error that names its files."""
    (database / "202.atr").unlink()
    with pytest.raises(FileNotFoundError, match=r"lacks 202\.atr of the MIT-BIH .*=True"):
        fetch_mitdb(database, record_names=["201", "202"], download_if_missing=False)


def test_fetch_refuses_a_folder_without_records(database, tmp_path):
    """Without any record and without download there is nothing to return."""
    with pytest.raises(FileNotFoundError, match=r"home.mitdb lacks 201\.hea, .* and 3 more files"):
        fetch_mitdb(tmp_path / "home", download_if_missing=False)


@pytest.mark.parametrize("download_if_missing", [True, False])
def test_fetch_refuses_a_changed_file(database, download_if_missing):
    """A file that is not the published one is neither read nor replaced."""
    (database / "201.atr").write_bytes(b"changed")
    with pytest.raises(OSError, match=r"201\.atr is not the published file"):
        fetch_mitdb(database, download_if_missing=download_if_missing)
    assert (database / "201.atr").read_bytes() == b"changed"


@pytest.mark.parametrize("name", ["102-0", "../201", ""])
def test_fetch_refuses_unknown_records(database, name):
    """Only names of the database's records are let near the file system."""
    with pytest.raises(ValueError, match=f"Arrhythmia Database has no record {name}"):
        fetch_mitdb(database, record_names=["201", name])


@pytest.mark.parametrize("names", [[], ["201", "201"]])
def test_fetch_refuses_no_record_or_one_twice(database, names):
    """A list of records has at least one, and none twice."""
    with pytest.raises(ValueError, match="at least one record, and each once"):
        fetch_mitdb(database, record_names=names)


def test_fetch_takes_paced_records_only_if_named(database):
    """By default the records that the AAMI leaves out are left out."""
    assert set(fetch_mitdb(database, duration_s=1).records) == {"201", "202"}
    bunch = fetch_mitdb(database, record_names=["104"], leads=["V5"], rows="beats")
    assert bunch.target.tolist() == ["Q"]


def test_fetch_refuses_a_missing_lead(database):
    """A record without the lead is named, with the leads that it has."""
    with pytest.raises(
        ValueError,
        match=r"104\.hea has no lead MLII; it has V5, V2\. Name alternatives, .*record_names",
    ):
        fetch_mitdb(database, record_names=["104"], duration_s=1)


def test_records_201_and_202_are_one_patient(database):
    """Groups are patients, and these two records are of the same person."""
    bunch = fetch_mitdb(database, record_names=["202", "201"], duration_s=1)
    assert bunch.records.tolist() == ["202"] * 3 + ["201"] * 3
    assert set(bunch.groups) == {"201"}


def test_strips_follow_one_another_and_have_the_label_of_their_beats(database):
    """Three strips of a second; the one with a ventricular beat is an arrhythmia."""
    bunch = fetch_mitdb(database, record_names=["201"], duration_s=1)
    assert bunch.data.shape == (3, 100, 1)
    assert bunch.data.dtype == np.float32
    np.testing.assert_allclose(bunch.data.ravel(), np.arange(300) * 2 / 200, rtol=1e-6)
    assert bunch.target.tolist() == ["normal", "arrhythmia", "normal"]
    assert bunch.time_steps.tolist() == [0, 100, 200]
    assert (bunch.fs, bunch.lead_names) == (100.0, ("MLII",))


def test_rest_shorter_than_a_strip_is_not_used(database):
    """Of 3 s a strip of 2 s is used."""
    bunch = fetch_mitdb(database, record_names=["201"], duration_s=2)
    assert bunch.data.shape == (1, 200, 1)


@pytest.mark.parametrize("duration_s", [0.001, 4])
def test_strips_refuse_a_duration_that_gives_none(database, duration_s):
    """A strip needs a time step, and no more than the record has."""
    with pytest.raises(ValueError, match=f"duration_s={duration_s} gives strips"):
        fetch_mitdb(database, duration_s=duration_s)


def test_beats_are_windows_with_an_aami_class(database):
    """Beats only, each in its window; at both ends of the record the last value is repeated."""
    bunch = fetch_mitdb(
        database, record_names=["201"], rows="beats", leads=["V1"], before_s=0.02, after_s=0.03
    )
    expected = [[0, 0, 1, 2, 3], [128, 129, 130, 131, 132], [297, 298, 299, 299, 299]]
    np.testing.assert_allclose(bunch.data[..., 0], np.array(expected) / 200, rtol=1e-6)
    assert bunch.target.tolist() == ["N", "V", "Q"]
    assert bunch.time_steps.tolist() == [1, 130, 299]


def test_beats_refuse_a_window_without_time_steps(database):
    """A window has to hold a time step."""
    with pytest.raises(ValueError, match="give windows of no time step"):
        fetch_mitdb(database, rows="beats", before_s=0, after_s=0.001)


def test_signals_come_whole(database):
    """A whole signal has no single label; its leads come in the order asked for."""
    bunch = fetch_mitdb(database, rows="signals", leads=["MLII", "V1"])
    assert bunch.data.shape == (2, 300, 2)
    np.testing.assert_allclose(bunch.data[0, 10], [0.1, 0.05], rtol=1e-6)
    assert bunch.target is None
    assert bunch.records.tolist() == ["201", "202"]
    assert bunch.groups.tolist() == ["201", "201"]


def test_records_know_their_marks_and_their_patient(database):
    """Records are what `extract_beats` takes, with the wanted leads alone."""
    bunch = fetch_mitdb(database, rows="records", leads=["MLII"])
    first, second = bunch.data
    assert first.lead_names == bunch.lead_names == ("MLII",)
    time_steps, symbols = first.annotations
    assert time_steps.tolist() == [1, 120, 130, 299]
    assert "".join(symbols) == "N+V/"
    assert (first.patient, second.patient) == ("201", "201")
    assert bunch.records.tolist() == [first.name, second.name] == ["201", "202"]
    assert bunch.groups.tolist() == ["201", "201"]
    assert bunch.target is None


def test_records_may_differ_in_their_leads(database):
    """A tuple names alternatives, and None takes the leads that a record has."""
    names = ["201", "104"]
    records = fetch_mitdb(database, record_names=names, rows="records", leads=[("V1", "V5")]).data
    assert [record.lead_names for record in records] == [("V1",), ("V5",)]
    records = fetch_mitdb(database, record_names=names, rows="records", leads=None).data
    assert [record.lead_names for record in records] == [("V1", "MLII"), ("V5", "V2")]


def test_rows_of_signals_need_leads(database):
    """Without a lead there is no signal to cut."""
    with pytest.raises(ValueError, match=r"leads is empty, but rows='strips' needs a signal"):
        fetch_mitdb(database, leads=[])


def test_return_X_y_gives_data_and_target(database):
    """The short form is the data and the target of the long one."""
    bunch = fetch_mitdb(database, duration_s=1)
    X, y = fetch_mitdb(database, duration_s=1, return_X_y=True)
    np.testing.assert_array_equal(X, bunch.data)
    np.testing.assert_array_equal(y, bunch.target)


def test_sums_cover_all_48_records():
    """Header, signal and annotations of each record have a checksum."""
    assert len(_mitdb._DATABASE.records) == 48
    assert len(_mitdb._SUMS) == 3 * 48
    assert {*MITDB_DS1, *MITDB_DS2, *_mitdb.MITDB_PACED} == set(_mitdb._DATABASE.records)


def test_beats_of_ds1_are_as_many_as_published(data_home):
    """Beats per class agree with the published counts, in all and after five minutes."""
    bunch = fetch_mitdb(data_home, record_names=MITDB_DS1, rows="beats", download_if_missing=False)
    assert count(bunch.target) == {"N": 45866, "S": 944, "V": 3788, "F": 415, "Q": 8}
    is_late = bunch.time_steps >= 5 * 60 * bunch.fs
    assert count(bunch.target[is_late]) == {"N": 38012, "S": 894, "V": 3214, "F": 335, "Q": 8}
    assert bunch.data.shape == (51021, 252, 1)
    assert np.isfinite(bunch.data).all()


def count(labels):
    return dict(
        zip(*(part.tolist() for part in np.unique(labels, return_counts=True)), strict=True)
    )
