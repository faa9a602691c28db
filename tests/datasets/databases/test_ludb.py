import numpy as np
import pytest

from sklearn_ecg.datasets import fetch_ludb
from sklearn_ecg.datasets._databases import _ludb

LEADS = ("i", "ii", "iii", "avr", "avl", "avf", "v1", "v2", "v3", "v4", "v5", "v6")
TABLE = 'ID,Sex,Age,Rhythms\n1,"F\n","51\n",Sinus rhythm\n2,"M\n",">89\n","Sinus rhythm\nPacing"\n'


@pytest.fixture
def published(files_of, publish):
    """Publish two records; in lead number i the QRS complexes are i time steps late."""
    files = {"ludb.csv": TABLE.encode()}
    for name in ("1", "2"):
        marks = {
            lead: ([50 + i, 100 + i, 105 + i, 110 + i, 160 + i], "p(N)t")
            for i, lead in enumerate(LEADS)
        }
        signal = np.arange(200)[:, None] * np.arange(12)
        files |= files_of(f"data/{name}", signal, LEADS, fs=500, **marks)
    publish(_ludb, files, records=("data/1", "data/2"))


def test_records_have_the_marks_of_each_lead(published, tmp_path):
    """The chosen lead's marks are the annotations; those of all leads are in the metadata."""
    record = fetch_ludb(tmp_path).data[0]
    assert record.lead_names[:4] == ("I", "II", "III", "aVR")
    assert [part.tolist() for part in record.beats] == [[106], ["N"]]
    assert "".join(record.annotations[1]) == "p(N)t"
    waves = record.metadata["waves"]
    assert list(waves) == list(record.lead_names)
    assert waves["aVR"][0].tolist() == [53, 103, 108, 113, 163]
    other = fetch_ludb(tmp_path, annotated_lead="v6", leads=["V6"]).data[0]
    assert other.beats[0].tolist() == [116]
    assert other.lead_names == ("V6",)
    assert list(other.metadata["waves"]) == list(waves)


def test_unknown_annotated_lead_is_refused(tmp_path):
    """The message names the twelve leads, before anything is downloaded."""
    with pytest.raises(ValueError, match="annotated_lead='MLII' is not one of I, II, III, aVR"):
        fetch_ludb(tmp_path, annotated_lead="MLII")
    assert not list(tmp_path.iterdir())


def test_what_the_table_says_of_each_person(published, tmp_path):
    """The target is the rhythm; sex and age are metadata; every record is another patient."""
    bunch = fetch_ludb(tmp_path)
    assert bunch.target.tolist() == ["Sinus rhythm", "Sinus rhythm; Pacing"]
    assert bunch.groups.tolist() == [record.patient for record in bunch.data] == ["1", "2"]
    said = [(record.metadata["sex"], record.metadata["age"]) for record in bunch.data]
    assert said == [("F", 51), ("M", 90)]


def test_signals_are_rows_of_one_array(published, tmp_path):
    """As signals the rows are dense, in the leads asked for."""
    X, y = fetch_ludb(tmp_path, rows="signals", leads=["V1", "II"], return_X_y=True)
    assert X.shape == (2, 200, 2)
    np.testing.assert_allclose(X[0, 100], [3.0, 0.5], rtol=1e-6)
    assert len(y) == 2


def test_damaged_table_is_refused(published, tmp_path):
    """A table of another kind is named, with what it lacks."""
    (tmp_path / "ludb.csv").write_text("<html>Please log in</html>")
    with pytest.raises(ValueError, match=r"ludb\.csv has no column ID, Sex, Age, Rhythms"):
        fetch_ludb(tmp_path)


def test_real_records_have_qrs_complexes_in_each_lead(real):
    """The 100 records that are here are read, each lead with marks of its own."""
    bunch = fetch_ludb(real("ludb"), download_if_missing=False)
    assert len(bunch.data) == 100
    first = bunch.data[0]
    assert first.signal.shape == (5000, 12)
    assert first.beats[0].tolist() == [662, 1342, 2000, 2642, 3314, 3969]
    for record in bunch.data:
        for time_steps, symbols in record.metadata["waves"].values():
            assert (symbols == "N").sum() >= 3
            assert time_steps.max() < 5000
