"""Reading many files into rows."""

import gzip
import io
import os
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_ecg.datasets import ECGFormatError, load_records, make_ecg, write_record

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
    """The bar says how many, and names no file."""
    load_records(folder, leads=["II"], file_fs=10)
    assert capsys.readouterr().err == ""
    load_records(folder, leads=["II"], file_fs=10, verbose=1)
    shown = capsys.readouterr().err
    assert "2/2" in shown
    assert "a.csv" not in shown


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
    with pytest.warns(
        UserWarning, match=r"c\.csv gives nothing but NaN, because it has none of V1"
    ) as warned:
        records = load_records(folder, leads=["V1"], missing_leads="nan", file_fs=10)
    assert np.isnan(records.data[2]).all()
    assert warned[0].filename == __file__  # the line of the caller is shown


def test_alternative_leads(folder):
    """Each record gives the first that it has, under one name."""
    (folder / "c.csv").write_text("MLII (mV)\n1\n")
    records = load_records(folder, leads=[("MLII", "II")], file_fs=10)
    assert records.lead_names == ("MLII",)
    assert [row[0, 0] for row in records.data] == [4, 1, 1]


def test_subfolders_are_read(folder):
    """In order of paths; what begins with a dot is passed over."""
    for name in ("deeper/a.csv", "deeper/.hidden.csv", ".git/c.csv"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(HEADER + "9,90\n")
    records = load_records(folder, leads=["II"], file_fs=10)
    names = ["a.csv", "b.csv", "deeper/a.csv"]
    assert records.sources == [str(folder / name) for name in names]
    assert records.groups.tolist() == records.sources


def test_files_that_are_no_records_are_listed(folder):
    """Each with the reason, and without a warning."""
    records = load_records(folder, leads=["II"], file_fs=10)
    names = ["README.md", "REFERENCE.csv"]
    assert records.skipped == [(str(folder / name), "is of no known format") for name in names]


@pytest.fixture
def damaged(folder):
    """The folder, with three files more that should be records."""
    (folder / "c.csv").write_text(HEADER + "1,10\n2\n3,x\n")
    (folder / "d.csv").write_text("I (mV)\n1\n")
    (folder / "e.edf").write_bytes(bytes(10))
    return folder


def test_file_that_cannot_be_read_is_an_error(damaged):
    """The message names it, and the way past it."""
    with pytest.raises(ECGFormatError, match=r'e\.edf is of no known format .*on_error="warn" or'):
        load_records(damaged, leads=["II"], file_fs=10)
    (damaged / "e.edf").unlink()
    with pytest.raises(ECGFormatError, match=r'c\.csv is damaged.*\. on_error="warn" or "skip"'):
        load_records(damaged, leads=["II"], file_fs=10)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_files_that_cannot_be_read_are_passed_over(damaged, n_jobs):
    """With a warning that names them, or without; `skipped` lists them either way."""
    options = {"leads": ["II"], "file_fs": 10, "n_jobs": n_jobs}
    with pytest.warns(UserWarning, match=r"Passed over 3 files: .*e\.edf .*c\.csv .*d\.csv has no"):
        warned = load_records(damaged, on_error="warn", **options)
    skipped = load_records(damaged, on_error="skip", **options)
    for records in (warned, skipped):
        assert records.groups.tolist() == ["a", "b"]
        reasons = {Path(path).name: reason for path, reason in records.skipped}
        assert set(reasons) == {"README.md", "REFERENCE.csv", "c.csv", "d.csv", "e.edf"}
        assert "has no lead II; it has I" in reasons["d.csv"]


def test_what_must_not_be_read_is_named(folder, monkeypatch):
    """A file, and a folder with all that is in it, although a walk passes over it in silence."""
    locked = [folder / "a.csv", folder / "locked"]
    locked[1].mkdir()

    def guard(function):
        def guarded(path, *args, **kwargs):
            if Path(path) in locked:
                raise PermissionError(13, "Permission denied", str(path))
            return function(path, *args, **kwargs)

        return guarded

    monkeypatch.setattr(Path, "open", guard(Path.open))  # of root nothing is protected
    monkeypatch.setattr(os, "scandir", guard(os.scandir))
    with pytest.raises(PermissionError, match=r'Permission denied.* on_error="warn" or "skip"'):
        load_records(folder, leads=["II"], file_fs=10)
    records = load_records(folder, leads=["II"], file_fs=10, on_error="skip")
    assert records.groups.tolist() == ["b"]
    reasons = dict(records.skipped)
    assert all("Permission denied" in reasons[str(path)] for path in locked)
    with pytest.raises(ValueError, match=r"no records of a known format; the first: .*denied"):
        load_records(locked[1], on_error="skip")


def test_file_that_needs_an_extra_is_named(folder, monkeypatch):
    """One among thousands, which may be passed over too."""
    monkeypatch.setitem(sys.modules, "pydicom", None)
    (folder / "c.dcm").write_bytes(bytes(128) + b"DICM" + bytes(100))
    with pytest.raises(ImportError, match=r'c\.dcm cannot be read.*\[dicom\]".*on_error="warn"'):
        load_records(folder, leads=["II"], file_fs=10)
    records = load_records(folder, leads=["II"], file_fs=10, on_error="skip")
    assert records.groups.tolist() == ["a", "b"]
    assert "sklearn-ecg[dicom]" in dict(records.skipped)[str(folder / "c.dcm")]


def test_packed_recording_is_named(folder):
    """It should be a record, and is none until someone unpacks it."""
    (folder / "c.edf.gz").write_bytes(gzip.compress(b"0       "))
    with pytest.raises(ECGFormatError, match=r"c\.edf\.gz is compressed by gzip: unpack it first"):
        load_records(folder, leads=["II"], file_fs=10)


def test_folder_of_nothing_but_packed_tables_says_so(tmp_path):
    """A table may be anything, such as labels."""
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"II (mV)\n1\n"))
    with pytest.raises(ValueError, match=r"known format; .* a\.csv\.gz, is compressed by gzip"):
        load_records(tmp_path)


def test_open_file_is_no_path(folder):
    """As uploads to a notebook or a service are."""
    with pytest.raises(TypeError, match="has a BytesIO, not a path, at position 1"):
        load_records([folder / "a.csv", io.BytesIO(b"1")])


def test_nothing_left_is_an_error(damaged):
    """Passing over every file leaves no rows."""
    with pytest.raises(ValueError, match=r"could be read; the first: .*e\.edf is of no known"):
        load_records(damaged, leads=["V9"], file_fs=10, on_error="skip")


LABELS = "file,label,patient\na,AF,ann\nb.csv,N,ben\n"


def test_labels_and_patients_by_file(folder):
    """`X, y, groups` is one line; names may have a suffix or not."""
    (folder / "labels.csv").write_text(LABELS)
    options = {"leads": ["II"], "file_fs": 10, "labels": folder / "labels.csv"}
    X, y, groups = load_records(folder, return_X_y_groups=True, **options)
    assert [len(row) for row in X] == [5, 3]
    assert y.tolist() == ["AF", "N"]
    assert groups.tolist() == ["ann", "ben"]
    records = load_records(folder, **options)
    assert records.target.tolist() == ["AF", "N"]
    assert str(records) == (
        "Recordings: 2 rows of 0.3 s to 0.5 s of II at 10 Hz, nothing missing; classes AF 1, N 1; "
        "2 groups; 2 files skipped."
    )


@pytest.mark.parametrize(
    "table",
    [
        "a,1\nb,0\n",
        "record;class\nb;0\na;1\n",
        "group\tdiagnosis\tfilename\na\t1\ta.csv\nb\t0\tb.csv\n",
        "id,rhythm,file,label,pid\n7,AF,a,1,a\n8,SR,b,0,b\n",
        "patient,file,has AF\na,a,1\nb,b,0\n",
        "\ufeffpath,label\n{folder}/a.csv,1\n{folder}/b,0\n",
        "\n \nFile Name;Patient-ID;label\n./a.csv;a;1\n./b;b;0\n",
        'file,comment,label,subject id\na,"see\nb",1,a\nb,,0,b\n',
        "file,label,patient\na,1,NA\nb,0,nan\n",
    ],
)
def test_forms_of_the_table_of_labels(folder, table):
    """With and without names of columns, in any order, parted by any delimiter."""
    table = table.replace("{folder}", str(folder))
    (folder / "deeper" / "y.tsv").write_text(table, encoding="utf-8")
    options = {"leads": ["II"], "file_fs": 10, "labels": folder / "deeper" / "y.tsv"}
    records = load_records(folder, **options)
    assert records.target.tolist() == [1, 0]
    assert records.groups.tolist() == ["a", "b"]


def test_labels_in_subfolders(folder):
    """A path from the folder on tells files of one name apart; the bare name does not."""
    (folder / "deeper" / "a.csv").write_text(HEADER + "9,90\n")
    table = folder / "labels.csv"
    table.write_text("file,label\na,0\nb,1\ndeeper/a,2\n")
    options = {"leads": ["II"], "file_fs": 10, "labels": table}
    assert load_records(folder, **options).target.tolist() == [0, 1, 2]
    table.write_text("file,label\na,0\nb,1\n")
    with pytest.raises(ValueError, match=r"labels names a, which may be .*a\.csv or .*deeper"):
        load_records(folder, **options)


def test_labels_that_do_not_fit(folder):
    """A file without a label, a label without a file, and a file twice."""
    table = folder / "labels.csv"
    options = {"leads": ["II"], "file_fs": 10, "labels": table}
    table.write_text("file,label\na,AF\n")
    with pytest.raises(ValueError, match=r"b\.csv has no label in .*labels\.csv"):
        load_records(folder, **options)
    assert load_records(folder, on_error="skip", **options).target.tolist() == ["AF"]
    table.write_text(LABELS + "c,N,cai\n")
    with pytest.raises(FileNotFoundError, match=r"c, which .*labels\.csv names, is not there"):
        load_records(folder, **options)
    table.write_text(LABELS + "a,N,cai\n")
    with pytest.raises(ValueError, match=r"labels.csv has a twice, .* ECGRecord\.part"):
        load_records(folder, **options)
    table.write_text('{"file": "a", "label": "AF"}\n{"file": "b", "label": "N"}\n')
    with pytest.raises(ValueError, match=r"labels.csv is JSON: read it by pandas\.read_json"):
        load_records(folder, **options)
    for no_label in ("b,,cai", "b,NA,cai", "b"):
        table.write_text(f"file,label,patient\na,AF,ann\n{no_label}\n")
        with pytest.raises(ValueError, match=r"b\.csv has no label in .*labels\.csv"):
            load_records(folder, **options)
    table.write_text(LABELS + "a.csv,N,cai\n")
    with pytest.raises(ValueError, match=r"labels names one file twice, as a\.csv and as a\."):
        load_records(folder, on_error="skip", **options)
    table.write_text(LABELS)
    with pytest.raises(FileNotFoundError, match=r"gone is not there"):
        load_records(folder / "gone", **options)
    table.write_bytes(bytes(100))
    with pytest.raises(ValueError, match=r"labels=.*labels\.csv must be a table of text"):
        load_records(folder, **options)
    table.write_text("a\nb\n")
    with pytest.raises(ValueError, match="needs a column of files and one of labels"):
        load_records(folder, **options)
    with pytest.raises(ValueError, match="return_X_y_groups=True needs labels"):
        load_records(folder, return_X_y_groups=True)


@pytest.mark.parametrize(
    ("columns", "message"),
    [("file,age,has AF", "but age, has AF: name"), ("file,patient", "but no other column")],
)
def test_column_of_labels_is_not_guessed(folder, columns, message):
    """An age is a number too, and would be learnt without a word."""
    table = folder / "labels.csv"
    n_columns = columns.count(",") + 1
    table.write_text("\n".join([columns, *(",".join(row[:n_columns]) for row in ("a61", "b70"))]))
    with pytest.raises(ValueError, match=f"has no column with the name label or class, {message}"):
        load_records(folder, leads=["II"], file_fs=10, labels=table)


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_labels_in_any_encoding(folder, encoding):
    """As a spreadsheet of another country writes them."""
    table = folder / "labels.csv"
    table.write_bytes("file;label\na;gestört\nb;normal\n".encode(encoding))
    labels = load_records(folder, leads=["II"], file_fs=10, labels=table).target
    assert labels.tolist() == ["gestört", "normal"]


def test_lists_of_physionet_are_no_records(folder):
    """RECORDS is a column of numbers, but no signal."""
    (folder / "RECORDS").write_text("100\n101\n")
    said = {"file_fs": 10, "file_lead_names": ["II", "V1"]}
    assert load_records(folder, leads=["II"], **said).groups.tolist() == ["a", "b"]


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


def test_signals_of_other_names_than_their_header_are_parts_of_its_record(tmp_path):
    """As MIMIC-IV and others have a file for each rate; by its name, each should be a record."""
    (tmp_path / "r.hea").write_text(
        "r 2 100 2\nr_e.dat 16 1 16 0 0 0 0 II\nr_p.dat 16 1 16 0 0 0 0 V\n"
    )
    for name in ("r_e.dat", "r_p.dat"):
        (tmp_path / name).write_bytes(bytes(4))
    records = load_records(tmp_path, leads=["II"])
    assert records.groups.tolist() == ["r"]
    assert records.skipped == []


def test_recording_beside_a_header_is_listed(write, ecg, tmp_path):
    """It may be the same one in another format, or another one; notes are parts of the record."""
    write("wfdb", tmp_path, ecg)
    (tmp_path / "record.csv").write_text("II (mV)\n0.1\n0.2\n")
    (tmp_path / "record.txt").write_text("remarks\n")
    records = load_records(tmp_path, leads=["II"])
    assert records.groups.tolist() == ["record"]
    reason = "lies beside a header of WFDB of the same name, whose record is read"
    assert records.skipped == [(str(tmp_path / "record.csv"), reason)]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_links_to_folders_elsewhere_are_followed_once(folder, tmp_path_factory):
    """Years of an archive may lie on other disks; a link within it, or back, adds nothing."""
    elsewhere = tmp_path_factory.mktemp("disk")
    (elsewhere / "1998" / "jan").mkdir(parents=True)
    (elsewhere / "1998" / "jan" / "c.csv").write_text("II (mV)\n1\n2\n")
    (elsewhere / "1998" / "d.csv").write_text("II (mV)\n1\n2\n")
    (folder / "first").symlink_to(elsewhere / "1998" / "jan")
    (folder / "second").symlink_to(elsewhere / "1998")
    (elsewhere / "1998" / "back").symlink_to(folder)
    (folder / "here").symlink_to(folder)
    (folder / "up").symlink_to(folder.parent)
    (folder / "gone.csv").symlink_to(folder / "nowhere.csv")
    records = load_records(folder, leads=["II"], file_fs=10)
    names = [Path(source).relative_to(folder).as_posix() for source in records.sources]
    assert names == ["a.csv", "b.csv", "first/c.csv", "second/d.csv"]
    assert (str(folder / "gone.csv"), "is a link that leads nowhere") in records.skipped


def test_empty_files_are_called_empty(folder):
    """A transfer that broke off leaves such."""
    (folder / "c.csv").touch()
    (folder / "d.edf").touch()
    records = load_records(folder, leads=["II"], file_fs=10, on_error="skip")
    reasons = dict(records.skipped)
    assert reasons[str(folder / "c.csv")] == "is empty"
    assert reasons[str(folder / "d.edf")].endswith("d.edf is empty.")


def test_signal_that_is_hardly_in_millivolts_is_warned_of(tmp_path):
    """As by a `RecordReader`: one file of another unit among many would be seen by nobody."""
    for name, factor in (("a", 1), ("b", 1000), ("c", 1)):
        record = make_ecg(10, fs=250, leads=["II"], random_state=0)
        write_record(replace(record, signal=factor * record.signal), tmp_path / f"{name}.csv")
    with pytest.warns(
        UserWarning, match=r"hardly in mV: 1 of 3 recordings.*b\.csv, varies"
    ) as warned:
        load_records(tmp_path, leads=["II"])
    assert warned[0].filename == __file__  # the line of the caller is shown
    load_records(tmp_path, leads=[])  # which has no unit
