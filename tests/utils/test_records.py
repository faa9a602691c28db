"""What a record is: its leads, its name, whose it is."""

import numpy as np
import pytest

from sklearn_ecg.utils._records import ECGRecord, record_groups, record_names


def make_record(lead_names=("I", "II"), **said):
    signal = np.arange(1, 1 + 3 * len(lead_names), dtype=np.float32).reshape(3, -1)
    return ECGRecord(signal, fs=2.0, lead_names=tuple(lead_names), **said)


def test_leads_are_chosen_by_name_in_any_spelling():
    """The spelling of files and people alike, in the order of the caller."""
    record = make_record(["MLII", "V1"])
    np.testing.assert_array_equal(record.leads(["v1", "ml2"]), record.signal[:, [1, 0]])
    np.testing.assert_array_equal(make_record().leads(["Lead II"]), [[2], [4], [6]])


def test_first_alternative_that_is_there_is_taken():
    """A recorded alternative comes before one that would have to be computed."""
    record = make_record()
    np.testing.assert_array_equal(record.leads([("V1", "II")]), [[2], [4], [6]])
    np.testing.assert_array_equal(record.leads([("III", "II")]), [[2], [4], [6]])


@pytest.mark.parametrize(
    ("lead", "expected"),
    [("III", [1, 1, 1]), ("aVR", [-1.5, -3.5, -5.5]), ("aVL", [0, 1, 2]), ("aVF", [1.5, 2.5, 3.5])],
)
def test_limb_leads_follow_from_two_others(lead, expected):
    """Einthoven's and Goldberger's equations, by hand; from any two, and back again."""
    record = make_record()
    np.testing.assert_allclose(record.leads([lead])[:, 0], expected)
    others = ["aVF", "aVL"] if lead not in ("aVF", "aVL") else ["III", "aVR"]
    other = ECGRecord(record.leads(others), fs=2.0, lead_names=tuple(others))
    np.testing.assert_allclose(other.leads([lead])[:, 0], expected, rtol=1e-6)


def test_chest_leads_do_not_follow():
    """Nor does MLII count as a limb lead, because its electrodes are on the chest."""
    with pytest.raises(
        ValueError, match=r"has no lead V1; it has I, II\. Name an.*missing=\"nan\""
    ):
        make_record().leads(["V1"])
    with pytest.raises(ValueError, match="has no lead III"):
        make_record(["MLII", "I"]).leads(["III"])


def test_minus_turns_a_lead_upside_down():
    """As -aVR in Cabrera's order; whether recorded or computed."""
    np.testing.assert_array_equal(make_record().leads(["-II"]), [[-2], [-4], [-6]])
    np.testing.assert_allclose(make_record().leads(["-aVR"])[:, 0], [1.5, 3.5, 5.5])


def test_missing_lead_becomes_nan_as_asked():
    """In its place."""
    leads = make_record().leads(["V1", "II"], missing="nan")
    assert np.isnan(leads[:, 0]).all()
    np.testing.assert_array_equal(leads[:, 1], [2, 4, 6])


def test_one_name_is_no_sequence_of_names():
    """A str would be taken apart."""
    with pytest.raises(TypeError, match=r"such as \['II'\]"):
        make_record().leads("II")


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        (["x/a.b.csv", "x/c.hea"], ["a.b", "c"]),
        (["x/1.edf", "y/1.edf"], ["x/1.edf", "y/1.edf"]),
        (["x\\1.edf", "y\\2.edf"], ["1", "2"]),
        (["", "y/1.edf"], ["0", "1"]),
        (["a.edf", "a.edf"], ["0", "1"]),
    ],
)
def test_records_are_named_apart(sources, expected):
    """By file, else by path, else by position; only the last suffix goes."""
    assert record_names(sources).tolist() == expected


def test_groups_are_patients_where_known():
    """Else each record is a patient of its own."""
    records = [
        make_record(source="201.hea", patient="p1"),
        make_record(source="202.hea", patient="p1"),
        make_record(source="203.hea"),
    ]
    assert record_groups(records).tolist() == ["p1", "p1", "203"]


def test_record_prints_in_one_line():
    """What one asks first: how long, which leads, which rate."""
    marks = np.array([0, 2]), np.array(["N", "V"])
    record = make_record(source="x/a.hea", annotations=marks)
    assert repr(record) == "ECGRecord(a, 1.5 s of I, II at 2 Hz, 2 marks)"


def test_record_describes_itself():
    """Counts by class, the median heart rate, and how much of each lead is missing."""
    marks = np.array([0, 1, 2]), np.array(["N", "V", "+"])
    record = make_record(annotations=marks)
    record.signal[0, 1] = np.nan
    assert record.describe() == {
        "duration_s": 1.5,
        "fs": 2.0,
        "lead_names": ("I", "II"),
        "missing": {"I": 0.0, "II": pytest.approx(1 / 3)},
        "beats": {"N": 1, "V": 1},
        "heart_rate": 120.0,
    }
    assert make_record().describe()["heart_rate"] is None


def test_beat_that_is_marked_twice_has_one_interval():
    """No heart rate is infinite."""
    record = make_record(annotations=(np.array([0, 0, 2]), np.array(["N", "N", "N"])))
    assert record.heart_rate().tolist() == [60.0]
