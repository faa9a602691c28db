import re

import numpy as np
import pytest

from sklearn_ecg.datasets import fetch_ptbxl
from sklearn_ecg.datasets._databases import _ptbxl
from sklearn_ecg.model_selection import ptbxl_folds

LEADS = ("I", "II", "III", "AVR", "AVL", "AVF", "V1", "V2", "V3", "V4", "V5", "V6")
STATEMENTS = """\
,description,diagnostic,form,rhythm,diagnostic_class,diagnostic_subclass
NDT,non-diagnostic T,1.0,1.0,,STTC,STTC
NORM,normal ECG,1.0,,,NORM,NORM
IMI,inferior infarction,1.0,,,MI,IMI
AMI,anterior infarction,1.0,,,MI,AMI
PVC,ventricular premature,,1.0,,,
SR,sinus rhythm,,,1.0,,
"""
TABLE = """\
ecg_id,patient_id,age,sex,report,scp_codes,strat_fold,filename_lr,filename_hr
1,7.0,56.0,1,"sinus, rhythm","{'NORM': 80.0, 'SR': 0.0}",3,records100/1_lr,records500/1_hr
2,9.0,,0,,"{'IMI': 15.0, 'AMI': 100.0, 'NDT': 0.0}",9,records100/2_lr,records500/2_hr
3,7.0,300.0,1,,"{'PVC': 0.0}",10,records100/3_lr,records500/3_hr
"""
NAMES = ["1_lr", "2_lr", "3_lr"]


@pytest.fixture
def published(files_of, publish):
    """Publish three records of two people at both rates."""
    files = {"ptbxl_database.csv": TABLE.encode(), "scp_statements.csv": STATEMENTS.encode()}
    for i in (1, 2, 3):
        for kind, fs in (("lr", 100), ("hr", 500)):
            signal = np.arange(fs)[:, None] * np.arange(12)
            files |= files_of(f"records{fs}/{i}_{kind}", signal, LEADS, fs=fs)
    publish(_ptbxl, files)
    return files


@pytest.mark.parametrize(
    ("target", "names", "labels"),
    [
        ("superclass", ["MI", "NORM", "STTC"], ["NORM", "MI STTC", ""]),
        ("subclass", ["AMI", "IMI", "NORM", "STTC"], ["NORM", "AMI IMI STTC", ""]),
        ("diagnostic", ["AMI", "IMI", "NDT", "NORM"], ["NORM", "AMI IMI NDT", ""]),
        ("form", ["NDT", "PVC"], ["", "NDT", "PVC"]),
        ("rhythm", ["SR"], ["SR", "", ""]),
        (
            "all",
            ["AMI", "IMI", "NDT", "NORM", "PVC", "SR"],
            ["NORM SR", "AMI IMI NDT", "PVC"],
        ),
    ],
)
def test_target_holds_the_labels_of_its_kind(published, tmp_path, target, names, labels):
    """Each kind of target has its own labels; a record without any keeps a row of zeros."""
    bunch = fetch_ptbxl(tmp_path, target=target)
    assert bunch.target_names.tolist() == names
    found = [" ".join(bunch.target_names[row == 1]) for row in bunch.target]
    assert found == labels


def test_likelihood_leaves_out_unlikely_diagnoses_alone(published, tmp_path):
    """Form and rhythm have no likelihood, so the threshold does not touch them."""
    bunch = fetch_ptbxl(tmp_path, target="all", likelihood=80)
    found = [" ".join(bunch.target_names[row == 1]) for row in bunch.target]
    assert found == ["NORM SR", "AMI", "PVC"]


def test_likelihood_leaves_all_of_form(published, tmp_path):
    """NDT, which is a diagnosis too, was left out, as 7 of 16 NST_ of 500 records were."""
    bunch = fetch_ptbxl(tmp_path, target="form", likelihood=80)
    assert bunch.target.tolist() == [[0, 0], [1, 0], [0, 1]]  # NDT and PVC


def test_both_rates_are_there(published, server, tmp_path):
    """Only the files of the wanted rate are downloaded."""
    slow = fetch_ptbxl(tmp_path, leads=["V1", "-aVR"])
    assert not any("records500" in name for name, _ in server.requests)
    assert slow.data.shape == (3, 100, 2)
    np.testing.assert_allclose(slow.data[0, 20], [0.6, -0.3], rtol=1e-6)
    assert (slow.fs, slow.lead_names) == (100.0, ("V1", "-aVR"))
    assert slow.records.tolist() == NAMES
    fast = fetch_ptbxl(tmp_path, fs=500)
    assert fast.data.shape == (3, 500, 12)
    assert fast.data.dtype == np.float32
    assert fast.records.tolist() == ["1_hr", "2_hr", "3_hr"]


def test_groups_are_patients(published, tmp_path):
    """Two records of one person have one group, whatever their fold is."""
    bunch = fetch_ptbxl(tmp_path)
    assert bunch.groups.tolist() == ["7", "9", "7"]
    assert bunch.strat_fold.tolist() == [3, 9, 10]
    assert [part.tolist() for part in ptbxl_folds(bunch.strat_fold)] == [[0], [1], [2]]


def test_records_have_what_the_table_says(published, tmp_path):
    """Report, sex and age come with each record, and beside the rows."""
    bunch = fetch_ptbxl(tmp_path, rows="records")
    assert [record.patient for record in bunch.data] == ["7", "9", "7"]
    assert bunch.data[0].metadata == bunch.metadata[0]
    assert bunch.metadata[0]["report"] == "sinus, rhythm"
    assert bunch.metadata[0]["statements"] == {"NORM": 80.0, "SR": 0.0}
    assert [said["sex"] for said in bunch.metadata] == ["female", "male", "female"]
    np.testing.assert_array_equal([said["age"] for said in bunch.metadata], [56, np.nan, 300])


def test_records_are_taken_in_the_order_asked_for(published, tmp_path):
    """Rows, labels and folds follow the names that were passed."""
    bunch = fetch_ptbxl(tmp_path, record_names=["3_lr", "1_lr"], target="rhythm")
    assert bunch.records.tolist() == ["3_lr", "1_lr"]
    assert bunch.target.tolist() == [[0], [1]]
    assert bunch.strat_fold.tolist() == [10, 3]


def test_unlisted_statement_is_refused(published, publish, tmp_path):
    """A label that the list of statements lacks would vanish."""
    damaged = {**published, "scp_statements.csv": STATEMENTS.replace("PVC", "XXX").encode()}
    publish(_ptbxl, damaged)
    with pytest.raises(ValueError, match=r"scp_statements\.csv does not list the statement PVC"):
        fetch_ptbxl(tmp_path)


@pytest.mark.parametrize("folder", ["../x", "/x", "..\\x", "C:", "C:/x"])
def test_path_that_leaves_the_folder_is_refused(folder, published, publish, tmp_path):
    """A table from outside does not say where files are written, on any system."""
    damaged = {**published, "ptbxl_database.csv": TABLE.replace("records100", folder).encode()}
    publish(_ptbxl, damaged)
    message = f"names {f'{folder}/1_lr'!r}, which is not a file in it"
    with pytest.raises(ValueError, match=re.escape(message)):
        fetch_ptbxl(tmp_path)


def test_real_records_have_as_many_labels_as_published(real):
    """All 71 statements, 44 + 19 + 12 of them by kind, 23 subclasses and 5 classes."""
    y = {}
    for target, n_labels in {
        "all": 71, "diagnostic": 44, "form": 19, "rhythm": 12, "subclass": 23, "superclass": 5,
    }.items():  # fmt: skip
        bunch = fetch_ptbxl(
            real("ptbxl"), target=target, rows="records", leads=[], download_if_missing=False
        )
        y[target] = bunch.target
        assert bunch.target.shape == (500, n_labels)
    assert bunch.target_names.tolist() == ["CD", "HYP", "MI", "NORM", "STTC"]
    assert y["superclass"].sum(axis=0).tolist() == [78, 40, 73, 297, 96]
    assert len(set(bunch.groups)) == 466
    assert [len(part) for part in ptbxl_folds(bunch.strat_fold)] == [353, 81, 66]


def test_real_records_are_in_mV(real):
    """The records at 100 Hz are read as they are."""
    bunch = fetch_ptbxl(real("ptbxl"), record_names=["00001_lr"], download_if_missing=False)
    assert bunch.data.shape == (1, 1000, 12)
    assert bunch.data[0, 0, :3].tolist() == pytest.approx([-0.119, -0.055, 0.064])  # by its header
