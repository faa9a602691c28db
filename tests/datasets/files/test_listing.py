"""Recordings in a folder as rows, with labels and patients."""

import os
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from sklearn_ecg.datasets import ECGFormatError, list_records


@pytest.fixture
def folder(tmp_path):
    """Three recordings, one of them in a subfolder, and a table of labels."""
    for name in ("a", "b", "more/c"):
        path = tmp_path / f"{name}.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_text("II (mV)\n0.1\n0.2\n")
    write_labels(tmp_path, "a,1,p1", "b,0,p1", "more/c.csv,1,")
    return tmp_path


def write_labels(folder, *lines):
    (folder / "labels.csv").write_text("\n".join(["file,label,patient", *lines]), encoding="utf-8")


def test_rows_have_labels_and_patients(folder):
    """In order of paths; a recording of nobody known is a patient of its own."""
    paths, y, groups = list_records(folder, folder / "labels.csv")
    assert [path.stem for path in paths] == ["a", "b", "c"]
    np.testing.assert_array_equal(y, [1, 0, 1])
    assert groups.tolist() == ["p1", "p1", "c"]


def test_table_may_be_written_on_another_system(folder):
    """With its slashes, which part folders here too."""
    write_labels(folder, "a,1,p1", ".\\b,0,p1", "more\\c.csv,2,")
    np.testing.assert_array_equal(list_records(folder, folder / "labels.csv")[1], [1, 0, 2])


@pytest.mark.parametrize("form", [str, Path])
def test_files_may_have_whole_paths_in_the_table(folder, monkeypatch, form):
    """As a program writes them, whether or not the folder has one too; with or without suffix."""
    pandas = pytest.importorskip("pandas")
    whole = [folder / name for name in ("a.csv", "b", "more/c.csv")]
    write_labels(folder, *(f"{path},{i},p" for i, path in enumerate(whole)))
    monkeypatch.chdir(folder / "more")
    for given in (folder, ".."):
        for table in (form(folder / "labels.csv"), pandas.read_csv(folder / "labels.csv")):
            assert list_records(form(given), table)[1].tolist() == [0, 1, 2]


def test_path_may_start_where_a_table_without_folder_lies(folder, monkeypatch):
    """And not only where the name of the table says so."""
    (folder / "table.csv").write_text("more/c,1\n")
    monkeypatch.chdir(folder)
    paths, _, _ = list_records(folder / "more", "table.csv")
    assert paths == [folder / "more" / "c.csv"]


def test_number_of_files_that_a_warning_leaves_out_is_said(folder):
    """So that nobody takes the first five for all."""
    for number in range(7):
        (folder / f"unlabelled{number}.csv").write_text("II (mV)\n0.1\n0.2\n")
    match = r"Passed over 7 files: .*unlabelled4\.csv has no label in .* There are 2 more\."
    with pytest.warns(UserWarning, match=match):
        list_records(folder, folder / "labels.csv", on_error="warn")


def test_accents_may_be_characters_of_their_own(folder):
    """As in names of files from macOS; two spellings of one patient are one patient."""
    apart, together = (unicodedata.normalize(form, "é") for form in ("NFD", "NFC"))
    (folder / "a.csv").rename(folder / f"{apart}.csv")
    (folder / "b.csv").rename(folder / f"b{together}.csv")
    write_labels(folder, f"{together}.csv,1,{apart}", f"b{apart},0,{together}", "more/c,2,c")
    paths, y, groups = list_records(folder, folder / "labels.csv")
    assert [path.stem for path in paths] == [f"b{together}", apart, "c"]
    assert y.tolist() == [0, 1, 2]
    assert groups.tolist() == [together, together, "c"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take no such name")
@pytest.mark.parametrize("encoding", ["cp1252", "utf-8"])
def test_names_may_have_bytes_of_an_old_system(folder, encoding):
    """Which are no letters in UTF-8; the table may have been written there, too, or elsewhere."""
    (folder / "a.csv").rename(folder / os.fsdecode(b"M\xfcller.csv"))
    (folder / "labels.csv").write_bytes("file,label\nMüller,1\nb,0\nc,1\n".encode(encoding))
    paths, y, _ = list_records(folder, folder / "labels.csv")
    assert [path.stem for path in paths] == [os.fsdecode(b"M\xfcller"), "b", "c"]
    assert y.tolist() == [1, 0, 1]


def test_patient_with_the_name_of_a_file_is_another_one(folder):
    """As numbers of patients and of files may be the same."""
    write_labels(folder, "a,1,b", "b,0,", "c,1,b_")
    groups = list_records(folder, folder / "labels.csv")[2]
    assert groups.tolist() == ["b", "b__", "b_"]


@pytest.mark.parametrize("index", [None, "file"])
def test_labels_may_be_a_data_frame(folder, index):
    """As pandas reads one from a spreadsheet; a cell may be empty."""
    pandas = pytest.importorskip("pandas")
    lines = [("more/c.csv", "N", None), ("a", "A, F", "p1"), ("b", "N", "p1")]
    frame = pandas.DataFrame(lines, columns=["file", "label", "patient"])
    frame = frame if index is None else frame.set_index(index)
    paths, y, groups = list_records(folder, frame)
    assert [path.stem for path in paths] == ["a", "b", "c"]
    assert y.tolist() == ["A, F", "N", "N"]
    assert groups.tolist() == ["p1", "p1", "c"]
    with pytest.raises(ValueError, match=r"c\.csv has no label in the data frame of labels"):
        list_records(folder, frame.iloc[1:])
    with pytest.raises(ValueError, match="data frame of labels has no column with the name label"):
        list_records(folder, frame.rename(columns={"label": "age"}).assign(sex="f"))
    with pytest.raises(ValueError, match="'labels' parameter of list_records must be"):
        list_records(folder, frame["patient"])


@pytest.mark.parametrize("form", ["frame", "file"])
def test_an_empty_cell_changes_no_other(folder, form):
    """Pandas writes whole numbers beside it with a point; they are the same classes and people."""
    pandas = pytest.importorskip("pandas")
    lines = [("a", 1, 7), ("b", 0, 7), ("c", 1, None), ("gone", None, 8)]
    labels = pandas.DataFrame(lines, columns=["file", "label", "patient"])
    assert labels["label"].dtype == float
    if form == "file":
        labels = labels.to_csv(folder / "labels.csv", index=False) or folder / "labels.csv"
    paths, y, groups = list_records(folder, labels)
    assert [path.stem for path in paths] == ["a", "b", "c"]
    assert y.tolist() == [1, 0, 1]
    assert groups.tolist() == ["7", "7", "c"]


def test_codes_with_a_point_stay(folder):
    """427.0 of the ICD is not 427."""
    write_labels(folder, "a,427.0,", "b,427.31,", "c,427.0,")
    assert list_records(folder, folder / "labels.csv")[1].tolist() == ["427.0", "427.31", "427.0"]


def test_codes_with_zeros_in_front_stay(folder):
    """007 and 7 are two of them."""
    write_labels(folder, "a,007,", "b,7,", "c,0,")
    assert list_records(folder, folder / "labels.csv")[1].tolist() == ["007", "7", "0"]
    write_labels(folder, "a,-1,", "b,7,", "c,0,")
    assert list_records(folder, folder / "labels.csv")[1].tolist() == [-1, 7, 0]


@pytest.mark.parametrize(("one", "other"), [("007", "7"), ("P01", "p1")])
def test_patients_who_may_be_one_are_told(folder, one, other):
    """They stay two, as they would be on both sides of a split if nobody looked."""
    write_labels(folder, f"a,1,{one}", f"b,0,{other}", "c,1,8")
    with pytest.warns(UserWarning, match=f"patients {one} and {other}, which count as two"):
        groups = list_records(folder, folder / "labels.csv")[2]
    assert groups.tolist() == [one, other, "8"]


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_label_that_is_parted_is_no_patient(folder, delimiter):
    """In a table without names of columns, one line has a label more, and no line a patient."""
    lines = [["a", "AF", "PVC"], ["b", "N"], ["c", "N"]]
    labels = folder / "labels.csv"
    labels.write_text("\n".join(map(delimiter.join, lines)))
    with pytest.raises(ValueError, match="fewer cells in the line of b than in its first line"):
        list_records(folder, labels)
    lines = [["a", f'"AF{delimiter}PVC"'], *lines[1:]]
    labels.write_text("\n".join(map(delimiter.join, lines)))
    assert list_records(folder, labels)[1].tolist() == [f"AF{delimiter}PVC", "N", "N"]
    labels.write_text("\n".join(map(delimiter.join, [["a", "AF"], ["b"], ["c", "N"]])))
    found = list_records(folder, labels, on_error="skip")  # b has no label yet
    assert found[1].tolist() == ["AF", "N"]


@pytest.mark.parametrize("patients", [("101", "11"), ("p10", "p1"), ("a1b02", "a1b20")])
def test_patients_who_are_two_are_not_told(folder, patients):
    """Only zeros in front of a number may be left out."""
    write_labels(
        folder, *(f"{file},1,{each}" for file, each in zip("abc", [*patients, "8"], strict=True))
    )
    assert list_records(folder, folder / "labels.csv")[2].tolist() == [*patients, "8"]


@pytest.mark.parametrize("name", ["Participant-ID", "Patient No.", "subject_code", "MRN"])
def test_column_of_patients_is_found_by_what_it_is_called(folder, name):
    """Two recordings of one patient that count as two would be on both sides of a split."""
    lines = [f"file,label,age,{name}", "a,1,60,p1", "b,0,60,p1", "c,1,70,p2"]
    (folder / "labels.csv").write_text("\n".join(lines))
    assert list_records(folder, folder / "labels.csv")[2].tolist() == ["p1", "p1", "p2"]


@pytest.mark.parametrize("form", ["frame", "file"])
def test_table_that_may_name_patients_otherwise_is_warned_of(folder, form):
    """Of a column in another language nothing else would say that it was passed over."""
    pandas = pytest.importorskip("pandas")
    labels = pandas.DataFrame({"file": ["a", "b", "c"], "label": [1, 0, 1], "Pat.-Nr.": [7, 7, 8]})
    if form == "file":
        labels = labels.to_csv(folder / "labels.csv", index=False) or folder / "labels.csv"
    with pytest.warns(UserWarning, match=r"or subject, but others \(Pat.-Nr.\)") as warned:
        groups = list_records(folder, labels)[2]
    assert warned[0].filename == __file__
    assert groups.tolist() == ["a", "b", "c"]


@pytest.mark.parametrize("on_error", ["raise", "warn", "skip"])
def test_unknown_names_of_columns_are_no_recording(folder, on_error):
    """Labels that are taken from another column are wrong, whatever may be passed over."""
    lines = ["ecg file,code of person,finding", "a,p1,1", "b,p1,0", "c,p2,1"]
    (folder / "labels.csv").write_text("\n".join(lines))
    with pytest.raises(ValueError, match='call them "file", "label" and "patient"'):
        list_records(folder, folder / "labels.csv", on_error=on_error)
    (folder / "labels.csv").write_text("\n".join(["a,1", "b,0", "c,1"]))
    assert list_records(folder, folder / "labels.csv")[1].tolist() == [1, 0, 1]


@pytest.mark.parametrize("on_error", ["raise", "warn", "skip"])
def test_title_above_the_names_of_columns_is_no_recording(folder, on_error):
    """Its cells but the first are empty; labels would be those of the second column."""
    lines = ["Labels of 2020,,", "file,patient,label", "a,p1,1", "b,p1,0", "c,p2,1"]
    (folder / "labels.csv").write_text("\n".join(lines))
    with pytest.raises(ValueError, match=r"Labels of 2020, the start of .*, is not there"):
        list_records(folder, folder / "labels.csv", on_error=on_error)
    (folder / "labels.csv").write_text("a,\nb,0\nc,1\n")  # nor is it a title
    with pytest.raises(ValueError, match=r"a\.csv has no label"):
        list_records(folder, folder / "labels.csv")
    (folder / "again").mkdir()
    (folder / "again" / "a.csv").write_text("II (mV)\n1\n2\n")  # nor must it be one file
    _, y, _ = list_records(folder, folder / "labels.csv", on_error="skip")
    assert y.tolist() == [0, 1]


@pytest.mark.parametrize("first", ["sep=;\n", '"sep=;"\r\n', "sep=;;;\n"])
def test_line_for_excel_is_no_recording(folder, first):
    """It says by which sign cells are parted."""
    lines = ["file;patient;label", "a;p1;A,F", "b;p1;0", "c;p2;1"]
    (folder / "labels.csv").write_text(first + "\n".join(lines))
    _, y, groups = list_records(folder, folder / "labels.csv")
    assert y.tolist() == ["A,F", "0", "1"]
    assert groups.tolist() == ["p1", "p1", "p2"]


def test_lines_may_end_as_on_an_old_mac(folder):
    """What parts cells is found in the first line, and not in the labels."""
    (folder / "labels.csv").write_bytes(b"file,label\ra,A;B;C\rb,N\rc,A;B\r")
    assert list_records(folder, folder / "labels.csv")[1].tolist() == ["A;B;C", "N", "A;B"]


@pytest.mark.parametrize("word", ["NULL", "null", "#N/A", "N/A", "<NA>"])
def test_word_of_another_program_for_an_empty_cell_is_none_of_ours(folder, word):
    """All recordings of nobody known would be of one patient, and of one class without a label."""
    write_labels(folder, f"a,1,{word}", f"b,0,{word}", f"c,{word},p1")
    with pytest.raises(ValueError, match=r"c\.csv has no label"):
        list_records(folder, folder / "labels.csv")
    _, y, groups = list_records(folder, folder / "labels.csv", on_error="skip")
    assert y.tolist() == [1, 0]
    assert groups.tolist() == ["a", "b"]


def test_columns_of_one_name_are_not_chosen_from(folder):
    """As of two physicians; the first one was taken without a word."""
    (folder / "labels.csv").write_text("file,label,Label\na,1,0\nb,0,0\nc,1,1\n")
    with pytest.raises(ValueError, match=r"several columns of one name \(label, Label\)"):
        list_records(folder, folder / "labels.csv")


def test_line_without_a_file_is_told(folder):
    """Unless it has no label either, as a line of remarks below a table."""
    write_labels(folder, "a,1,", "b,0,", "c,1,", ",,3 recordings", ",,of 2 patients")
    assert list_records(folder, folder / "labels.csv")[1].tolist() == [1, 0, 1]
    write_labels(folder, "a,1,", "b,0,", "c,1,", ",N,p2")
    with pytest.raises(ValueError, match="a line with the label N, but without a file"):
        list_records(folder, folder / "labels.csv")


def test_number_at_the_end_of_a_name_is_no_suffix(folder):
    """Files of DICOM have identifiers as names; a label was taken from another one's line."""
    for name in ("1.2.840.1", "1.2.840.1.5"):
        np.savez(folder / name, signal=np.zeros(9), fs=9, lead_names=["II"], unit="mV")
        (folder / f"{name}.npz").rename(folder / name)
    write_labels(folder, "a,1,", "b,0,", "c,1,", "1.2.840.1,7,", "1.2.840.1.5,8,")
    paths, y, groups = list_records(folder, folder / "labels.csv")
    assert [path.name for path in paths] == ["1.2.840.1", "1.2.840.1.5", "a.csv", "b.csv", "c.csv"]
    assert y.tolist() == [7, 8, 1, 0, 1]
    assert groups.tolist()[:2] == ["1.2.840.1", "1.2.840.1.5"]
    (folder / "1.2.840.1").unlink()
    write_labels(folder, "a,1,", "b,0,", "c,1,", "1.2.840.1,7,")
    with pytest.raises(FileNotFoundError, match=r"1\.2\.840\.1, which .* names, is not there"):
        list_records(folder, folder / "labels.csv")


def test_names_that_programs_change_are_shown_as_they_are(folder):
    """pandas makes 7 of 007, and Windows does not know small letters from large ones."""
    pandas = pytest.importorskip("pandas")
    (folder / "a.csv").rename(folder / "007.csv")
    (folder / "labels.csv").write_text("file,label\n007,1\nB.CSV,0\nc,1\n")
    with pytest.raises(
        FileNotFoundError, match=r"B\.CSV, which .* names, is not there: write b\.csv"
    ):
        list_records(folder, folder / "labels.csv")
    (folder / "labels.csv").write_text("file,label\n007,1\n8,0\n")
    frame = pandas.read_csv(folder / "labels.csv")
    with pytest.raises(FileNotFoundError, match=r"7, which .* names, is not there: write 007\.csv"):
        list_records(folder, frame)


def test_file_that_is_none_is_told_by_its_fault(folder):
    """It is there, so that nobody has to search for it; once is enough."""
    (folder / "d.csv").touch()
    (folder / "e.edf").write_bytes(b"nothing")
    write_labels(folder, "a,1,", "b,0,", "c,1,", "d,0,")
    with pytest.warns(UserWarning, match="Passed over 2 files: .*d, which .* names, is empty"):
        list_records(folder, folder / "labels.csv", on_error="warn")
    write_labels(folder, "a,1,", "b,0,", "c,1,", "e,0,")
    with pytest.warns(UserWarning, match=r"Passed over 1 files: .*e\.edf is of no known"):
        list_records(folder, folder / "labels.csv", on_error="warn")


@pytest.mark.parametrize("first", ["file;label;patient\n", ""])
def test_label_that_is_parted_is_told(folder, first):
    """Its second half would be the patient; quotation marks hold it together."""
    lines = ["a;1;p1", "b;AF;PVC;p1", "c;0;p2;;"]
    (folder / "labels.csv").write_text(first + "\n".join(lines))
    with pytest.raises(
        ValueError, match=r"more cells in the line of b than in its first line: .*';'"
    ):
        list_records(folder, folder / "labels.csv")
    lines[1] = 'b;"AF;PVC";p1'
    (folder / "labels.csv").write_text(first + "\n".join(lines))
    _, y, groups = list_records(folder, folder / "labels.csv")
    assert y.tolist() == ["1", "AF;PVC", "0"]
    assert groups.tolist() == ["p1", "p1", "p2"]


def test_no_label_at_all_has_a_reason(folder):
    """The first of thousands tells most."""
    write_labels(folder, "x,1,", "y,0,")
    with pytest.raises(ValueError, match=r"No recording in .* has a label .*; the first: x, which"):
        list_records(folder, folder / "labels.csv", on_error="skip")


def test_no_signal_is_read(folder):
    """A file whose signal is damaged is still a row; who reads it will say so."""
    (folder / "a.csv").write_text("II (mV)\n0.1\nx\n")
    assert len(list_records(folder, folder / "labels.csv")[0]) == 3


@pytest.mark.parametrize(
    ("lines", "error", "message"),
    [
        (["a,1", "b,0"], ValueError, r"c\.csv has no label in .*labels\.csv.*on_error"),
        (["a,1", "b,0", "c,1", "d,0"], FileNotFoundError, "d, which .* names, is not there"),
    ],
)
def test_what_does_not_match_is_an_error_unless_passed_over(folder, lines, error, message):
    """Nothing is silently dropped."""
    write_labels(folder, *lines)
    with pytest.raises(error, match=message):
        list_records(folder, folder / "labels.csv")
    with pytest.warns(UserWarning, match="Passed over 1 files") as warned:
        paths, _, _ = list_records(folder, folder / "labels.csv", on_error="warn")
    assert warned[0].filename == __file__  # the line of the caller is shown
    assert len(paths) == min(3, len(lines))


@pytest.mark.parametrize("n_lines", [0, 50_000])
@pytest.mark.parametrize("on_error", ["raise", "skip"])
def test_quotation_mark_without_its_other_half_is_told(folder, on_error, n_lines):
    """All lines after it would be a part of one label."""
    write_labels(folder, 'a,"1', "b,0", "c,1", *(f"r{i},1" for i in range(n_lines)))
    with pytest.raises(ValueError, match=r"labels\.csv has a quotation mark that opens a cell"):
        list_records(folder, folder / "labels.csv", on_error=on_error)
    write_labels(folder, 'a,"1" ', 'b,"0"', "c,1")
    assert list_records(folder, folder / "labels.csv")[1].tolist() == [1, 0, 1]


def test_file_that_should_be_a_recording_is_named(folder):
    """By its name it is one, and by its content it is not."""
    (folder / "d.edf").write_bytes(b"nothing")
    with pytest.raises(ECGFormatError, match=r"d\.edf"):
        list_records(folder, folder / "labels.csv")
