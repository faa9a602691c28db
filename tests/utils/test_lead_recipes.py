"""How a lead is had from those that are there, and what a record does with it."""

import dataclasses

import numpy as np
import pytest

from sklearn_ecg.utils._lead_names import lead_recipe, normalize_lead_name
from sklearn_ecg.utils._records import ECGRecord, check_records, combine_leads, record_groups

# The limb leads as differences of the potentials at the right arm, the left arm and the left leg.
RIGHT, LEFT, LEG = 0.3, 1.1, 2.0
LIMB = {
    "I": LEFT - RIGHT,
    "II": LEG - RIGHT,
    "III": LEG - LEFT,
    "aVR": RIGHT - (LEFT + LEG) / 2,
    "aVL": LEFT - (RIGHT + LEG) / 2,
    "aVF": LEG - (LEFT + RIGHT) / 2,
}


@pytest.mark.parametrize("first", LIMB)
@pytest.mark.parametrize("second", LIMB)
def test_any_two_limb_leads_give_the_others(first, second):
    """Whatever is recorded, in whatever order, with other leads between."""
    available = [first, "V1", second]
    for lead, value in LIMB.items():
        recipe = lead_recipe(lead, available)
        if lead in (first, second):
            assert recipe == {available.index(lead): 1.0}
        elif first == second:
            assert recipe is None
        else:
            potentials = [LIMB[first], np.nan, LIMB[second]]
            total = sum(weight * potentials[column] for column, weight in recipe.items())
            assert total == pytest.approx(value)


@pytest.mark.parametrize(
    ("name", "available", "recipe"),
    [
        ("v2", ["V1", "V2"], {1: 1.0}),
        ("-V2", ["V1", "V2"], {1: -1.0}),
        (" - lead II", ["ECG II"], {0: -1.0}),
        (("V1", "-V2"), ["V2"], {0: -1.0}),
        (("III", "V2"), ["I", "II", "V2"], {2: 1.0}),  # recorded before computed
        (("V3", "III"), ["I", "II", "V2"], {0: -1.0, 1: 1.0}),
        ("-III", ["I", "II"], {0: 1.0, 1: -1.0}),
        ("aVF", ["III", "I", "II"], {1: -0.5, 2: 1.0}),  # two of three
        ("-x", ["x", "-x"], {1: 1.0}),  # a name that begins with a minus
        ("Z", ["X", "Y"], None),
        (("V1", "V2"), ["II"], None),
        ("III", [], None),
    ],
)
def test_recipe_by_hand(name, available, recipe):
    """The position of each lead that is needed and its weight."""
    assert lead_recipe(name, available) == recipe


@pytest.mark.parametrize(
    "lead",
    [*LIMB, *(f"V{n}" for n in range(1, 10)), "V3R", "V6R", "X", "Y", "Z", "MLIII", "MV1", "MV6"],
)
def test_leads_are_known_in_small_letters(lead):
    """Each lead of a usual recording has its spelling, and what is not one keeps its own."""
    assert normalize_lead_name(lead.lower()) == lead
    assert normalize_lead_name(f"ecg {lead[:-1]} {lead[-1]}") == lead
    assert normalize_lead_name("v10") == "v10"


@pytest.mark.parametrize(("written", "lead"), [("ml1", "MLI"), ("ML3", "MLIII"), ("mli", "MLI")])
def test_modified_leads_are_known_by_number(written, lead):
    """MIT-BIH's leads may be numbered in Arabic too."""
    assert normalize_lead_name(written) == lead


def test_leads_are_combined():
    """Whole columns are chosen, sums are computed, and what is missing is NaN."""
    signal = np.array([[1, 2], [3, 4]], dtype=np.float32)
    assert combine_leads(signal, [{0: 1.0}, {1: 1.0}]) is signal  # not a copy
    chosen = combine_leads(signal, [{1: 1.0}, {0: 1.0}])
    np.testing.assert_array_equal(chosen, signal[:, ::-1])
    combined = combine_leads(signal, [{0: 0.5, 1: -1.0}, None, {1: 1.0}, {0: -1.0}])
    np.testing.assert_array_equal(combined[:, [0, 2, 3]], [[-1.5, 2, -1], [-2.5, 4, -3]])
    assert np.isnan(combined[:, 1]).all()
    assert combined.dtype == np.float32
    summed = combine_leads(signal, [{0: 1.0, 1: 1.0}])  # a sum of whole columns is one column
    np.testing.assert_array_equal(summed, [[3], [7]])


def make_record(duration_s=1.5, **said):
    signal = np.zeros((int(2 * duration_s), 1), dtype=np.float32)
    return ECGRecord(signal, fs=2.0, lead_names=("II",), **said)


def test_record_is_not_changed():
    """A record may be shared; a changed one is made by dataclasses.replace."""
    record = make_record()
    with pytest.raises(dataclasses.FrozenInstanceError):
        record.fs = 1.0
    assert dataclasses.replace(record, fs=1.0).duration_s == 3
    assert record == record
    assert record != make_record()  # arrays have no single truth to compare by


def test_record_without_marks_has_empty_ones():
    """Of the types that marks have."""
    record = make_record()
    for steps, names in (record.annotations, record.rhythms, record.beats):
        assert len(steps) == len(names) == 0
        assert steps.dtype == np.int64
        assert names.dtype.kind == "U"
    assert record.metadata == {}
    assert record.metadata is not make_record().metadata


@pytest.mark.parametrize(
    ("duration_s", "words"), [(1.5, "1.5 s"), (119, "119 s"), (120, "2 min"), (9000, "2.5 h")]
)
def test_duration_is_put_in_words(duration_s, words):
    """In the largest unit of which there are two."""
    assert repr(make_record(duration_s)) == f"ECGRecord({words} of II at 2 Hz)"


def test_record_without_leads_prints():
    """Annotations may be had without a signal."""
    record = ECGRecord(np.zeros((4, 0), np.float32), fs=2.0, lead_names=())
    assert repr(record) == "ECGRecord(2 s of no lead at 2 Hz)"
    with pytest.raises(ValueError, match="The record has no lead V1 or II; it has none"):
        record.leads([("V1", "II")])


def test_one_mark_is_shown():
    """A record with marks says how many."""
    marks = np.array([1]), np.array(["N"])
    assert repr(make_record(annotations=marks)) == "ECGRecord(1.5 s of II at 2 Hz, 1 marks)"


def test_missing_lead_names_the_file():
    """The error says where, which, and what to do."""
    record = make_record(source="x/a.hea")
    with pytest.raises(
        ValueError, match=r"x/a\.hea has no lead V1; it has II\. Name an alternative"
    ):
        record.leads(["II", "V1"])


def test_heart_rate_is_that_of_each_interval():
    """At 2 Hz, beats one and two time steps apart are 120 and 60 a minute."""
    marks = np.array([0, 1, 3, 5]), np.array(["N", "V", "+", "N"])
    assert make_record(annotations=marks).heart_rate().tolist() == [120, 30]


def test_records_are_checked():
    """One record is a list of one; anything else is named."""
    record = make_record()
    assert check_records(record) == [record]
    assert check_records((record, record)) == [record, record]
    with pytest.raises(ValueError, match="records is empty"):
        check_records([])
    with pytest.raises(TypeError, match="number 1 is of type str"):
        check_records([record, "a.csv"])


def test_groups_without_files_are_positions():
    """Each record is a patient of its own."""
    assert record_groups([make_record(), make_record(patient="p")]).tolist() == ["0", "p"]
