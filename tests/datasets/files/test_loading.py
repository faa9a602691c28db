"""Reading many files into rows."""

import zipfile

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_ecg.datasets import load_records

HEADER = "II (mV),V1 (mV)\n"


@pytest.fixture
def folder(tmp_path):
    """Two records of 3 and 5 time steps, and files that are none."""
    (tmp_path / "b.csv").write_text(HEADER + "1,10\n2,20\n3,30\n")
    (tmp_path / "a.csv").write_text(HEADER + "4,40\n5,50\n6,60\n7,70\n8,80\n")
    (tmp_path / "README.md").write_text("Two records.\n")
    (tmp_path / "REFERENCE.csv").write_text("a,N\nb,O\n")
    (tmp_path / "deeper").mkdir()
    return tmp_path


def test_folder_becomes_ragged_rows_in_order_of_names(folder):
    """Durations differ: one array per row. What is no record is passed over."""
    records = load_records(folder, leads=["V1"], file_fs=10)
    assert records.data.dtype == object
    assert [row.ravel().tolist() for row in records.data] == [[40, 50, 60, 70, 80], [10, 20, 30]]
    assert records.groups.tolist() == ["a", "b"]
    assert (records.fs, records.lead_names) == (10, ("V1",))
    assert records.sources == [str(folder / "a.csv"), str(folder / "b.csv")]


def test_files_of_one_duration_are_dense(folder):
    """Rows of one length are one array, in the order of the paths."""
    records = load_records([folder / "b.csv", str(folder / "b.csv")], leads=["II"], file_fs=10)
    assert_array_equal(records.data[..., 0], [[1, 2, 3], [1, 2, 3]])
    assert records.data.dtype == np.float32


def test_duration_cuts_and_fills_up(folder):
    """At 10 Hz, 0.4 s are 4 time steps: one record is cut, the other filled up with NaN."""
    records = load_records(folder, leads=["II"], file_fs=10, duration_s=0.4)
    assert_array_equal(records.data[..., 0], [[4, 5, 6, 7], [1, 2, 3, np.nan]])


def test_duration_cuts_annotations_too(write, ecg, tmp_path):
    """A mark after the cut is gone, one before it stays."""
    file = write("wfdb", tmp_path, ecg)
    records = load_records(file.path, leads=["II"], duration_s=1, **file.options)
    assert records.data.shape == (1, 250, 1)
    assert records.annotations[0][0].tolist() == [100]


def test_mark_at_the_cut_is_dropped(write, ecg, tmp_path):
    """At 250 Hz, 0.4 s are the time steps 0 to 99, so a mark at 100 is outside."""
    file = write("wfdb", tmp_path, ecg)
    records = load_records(file.path, leads=["II"], duration_s=0.4, **file.options)
    assert records.annotations[0][0].tolist() == []
    records = load_records(file.path, leads=["II"], duration_s=0.404, **file.options)
    assert records.annotations[0][0].tolist() == [100]


def test_formats_may_mix(write, ecg, tmp_path):
    """A folder of several formats is one X, and files that belong to a header are not counted."""
    for name in ("wfdb", "edf", "dicom", "csv", "npz"):
        folder = tmp_path / name
        folder.mkdir()
        path = write(name, folder, ecg).path
        for file in folder.iterdir():
            file.rename(
                tmp_path / f"{file.name}" if name == "wfdb" else tmp_path / f"{name}{path.suffix}"
            )
    records = load_records(tmp_path, leads=["II", "V1"])
    assert records.groups.tolist() == ["csv", "dicom", "edf", "npz", "record"]
    assert_allclose(records.data, np.broadcast_to(ecg.mv, (5, 1000, 2)), atol=0.006)


def test_segments_are_not_records_of_their_own(tmp_path):
    """A record in two pieces is one row."""
    for name in "st":
        (tmp_path / f"{name}.hea").write_text(f"{name} 1 100 2\n{name}.dat 16 1 16 0 0 0 0 II\n")
        (tmp_path / f"{name}.dat").write_bytes(bytes(4))
    (tmp_path / "r.hea").write_text("r/2 1 100 4\ns 2\nt 2\n")
    records = load_records(tmp_path, leads=["II"])
    assert records.groups.tolist() == ["r"]
    assert records.data.shape == (1, 4, 1)


def test_processes_give_the_same_rows(folder):
    """The number of processes changes nothing else."""
    one, two = (load_records(folder, leads=None, file_fs=10, n_jobs=n) for n in (1, 2))
    for first, second in zip(one.data, two.data, strict=True):
        assert_array_equal(first, second)


def test_progress_is_shown_on_request(folder, capsys):
    """The line says how many, and names no file."""
    load_records(folder, leads=["II"], file_fs=10)
    assert capsys.readouterr().err == ""
    load_records(folder, leads=["II"], file_fs=10, verbose=1)
    assert capsys.readouterr().err == "\rload_records: 2 of 2 records\n"


def test_records_of_different_rates_are_refused_or_resampled(folder):
    """The message names both files and rates; a wanted rate brings them together."""
    (folder / "c.csv").write_text("time,II (mV)\n0,1\n0.05,2\n0.1,3\n")
    with pytest.raises(
        ValueError, match=r"c\.csv has a sampling rate of 20 Hz, but .*a\.csv of 10"
    ):
        load_records(folder, leads=["II"], file_fs=10)
    assert load_records(folder, leads=["II"], file_fs=10, fs=20).fs == 20


def test_records_of_different_leads_are_refused(folder):
    """Rows of one X have the same columns."""
    (folder / "c.csv").write_text("II (mV)\n1\n")
    with pytest.raises(ValueError, match=r"c\.csv has the leads II, but .* has II, V1"):
        load_records(folder, leads=None, file_fs=10)
    records = load_records(folder, leads=["V1"], missing_leads="nan", file_fs=10)
    assert np.isnan(records.data[2]).all()


def test_nothing_to_read_is_an_error(tmp_path):
    """An empty folder, or an empty list, is named."""
    with pytest.raises(ValueError, match="holds no records of a known format"):
        load_records(tmp_path)
    with pytest.raises(FileNotFoundError, match="no_such"):
        load_records(tmp_path / "no_such")


def test_too_short_a_duration_is_refused(folder):
    """A row needs at least one time step."""
    with pytest.raises(ValueError, match=r"duration_s=0\.01 is less than a time step"):
        load_records(folder, leads=["II"], file_fs=10, duration_s=0.01)


def test_all_of_cinc_is_ragged(data_home):
    """Records of 9 to 61 s at 300 Hz."""
    paths = sorted((data_home / "cinc2017" / "training2017").glob("*.hea"))[:200]
    records = load_records(paths, leads=["ECG"])
    assert records.fs == 300
    lengths = [len(row) for row in records.data]
    assert min(lengths) >= 2700
    assert max(lengths) <= 18300


@pytest.mark.parametrize(
    ("name", "text"),
    [("LICENSE.txt", "MIT License\n\nCopyright (c) 2026\n"), ("README.md", "# A\n\nB.\n\nC\n")],
)
def test_texts_beside_records_are_passed_over(folder, name, text):
    """An empty second line is no line of numbers."""
    (folder / name).write_text(text)
    assert load_records(folder, leads=["II"], file_fs=10).groups.tolist() == ["a", "b"]


def test_spreadsheets_beside_records_are_passed_over(folder):
    """They are archives, but not of arrays."""
    with zipfile.ZipFile(folder / "labels.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    assert load_records(folder, leads=["II"], file_fs=10).groups.tolist() == ["a", "b"]


def test_files_of_one_name_are_told_apart(tmp_path):
    """One folder for each patient, and the same name in all."""
    paths = [tmp_path / patient / "ecg.csv" for patient in ("p1", "p2")]
    for path in paths:
        path.parent.mkdir()
        path.write_text(HEADER + "1,10\n2,20\n")
    groups = load_records(paths, leads=["II"], file_fs=10).groups
    assert groups.tolist() == [str(path) for path in paths]
