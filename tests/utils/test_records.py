"""What a record is: its leads, its name, whose it is."""

import dataclasses

import numpy as np
import pytest

from sklearn_ecg.utils._leads import combine_leads
from sklearn_ecg.utils._records import ECGRecord, check_records, record_groups, record_names


def make_record(lead_names=("I", "II"), **said):
    signal = np.arange(1, 1 + 3 * len(lead_names), dtype=np.float32).reshape(3, -1)
    return ECGRecord(signal, fs=2.0, lead_names=tuple(lead_names), **said)


def test_marks_may_be_lists_and_are_whole_time_steps():
    """Differences of unsigned numbers would wrap, and a time in seconds is no time step."""
    record = make_record(annotations=([0, 1, 2], ["N", "V", "N"]))
    assert record.annotations[0].dtype == np.int64
    assert record.beats[1].tolist() == ["N", "V", "N"]
    with pytest.raises(ValueError, match="annotations must be in order of time, but time step 0 f"):
        make_record(annotations=(np.array([2, 0], dtype=np.uint16), ["N", "N"]))
    assert not len(make_record(annotations=([], [])).beats[0])
    for marks in [([0.5], ["N"]), ([0, 1], ["N"]), ([[0]], [["N"]]), (0, "N"), "af", 1]:
        with pytest.raises(ValueError, match="annotations must be the time steps of marks"):
            make_record(annotations=marks)


@pytest.mark.parametrize("fs", ["250", 0, -1, np.nan, np.inf, None, [250]])
def test_rate_is_a_number_above_0(fs):
    """A text, as JSON may have it, is found here and not where it is divided by."""
    with pytest.raises(ValueError, match="fs must be a number of Hz above 0, but it is"):
        ECGRecord(np.zeros((5, 1)), fs, ["I"])


@pytest.mark.parametrize("fs", [np.array(250.0), np.array([[250]]), np.int16(250)])
def test_rate_as_files_of_arrays_hold_it(fs):
    """It becomes a number of Python."""
    record = ECGRecord(np.zeros((500, 1)), fs, ["I"])
    assert type(record.fs) in (int, float)
    assert record.duration_s == 2


@pytest.mark.parametrize(
    ("shape", "lead_names"),
    [((3,), ("II",)), ((3, 2), ("II",)), ((2,), "II"), ((3, 2), "II"), ((3, 2), range(2))],
)
def test_signal_has_a_column_for_each_name(shape, lead_names):
    """One lead has two axes too, and one name is not a sequence of letters."""
    with pytest.raises(ValueError, match=r"signal has shape .* \(n_timesteps, n_leads\)"):
        ECGRecord(np.zeros(shape, np.float32), fs=250, lead_names=lead_names)


def test_signal_may_be_a_list():
    """It becomes an array."""
    record = ECGRecord([[0.1], [0.2]], fs=250, lead_names=("II",))
    assert (record.signal.dtype, record.n_timesteps) == (np.float32, 2)


def test_masked_values_are_missing():
    """What lies under the mask, such as the code of a converter, is no voltage."""
    signal = np.ma.masked_equal(np.array([[0.1, 0.3], [-32768, 0.5]], np.float32), -32768)
    record = ECGRecord(signal, fs=250, lead_names=("I", "II"))
    np.testing.assert_array_equal(record.signal, np.array([[0.1, 0.3], [np.nan, 0.5]], "f4"))
    np.testing.assert_allclose(record.leads(["III"])[:, 0], [0.2, np.nan], rtol=1e-6)
    assert record.describe()["missing"] == {"I": 0.5, "II": 0.0}


@pytest.mark.parametrize("dtype", [np.int16, np.uint8])
def test_whole_numbers_give_the_leads_of_other_numbers(dtype):
    """Half a step and NaN are none, and 0 is a voltage."""
    signal = np.array([[1, 4], [2, 7]], dtype=dtype)
    record = ECGRecord(signal, fs=250, lead_names=("I", "II"))
    leads = record.leads(["aVR", "-II", "V9"], missing="nan")
    np.testing.assert_array_equal(leads, [[-2.5, -4, np.nan], [-4.5, -7, np.nan]])


def test_leads_are_chosen_by_name_in_any_spelling():
    """The spelling of files and people alike, in the order of the caller."""
    record = make_record(["MLII", "V1"])
    np.testing.assert_array_equal(record.leads(["v1", "ml2"]), record.signal[:, [1, 0]])
    np.testing.assert_array_equal(make_record().leads(["Lead II"]), [[2], [4], [6]])


def test_leads_that_are_there_are_not_copied():
    """One column, or all in their order: a copy of a day would take 100 MB."""
    record = make_record()
    for names in (["I"], ["II"], ["I", "II"]):
        assert np.shares_memory(record.leads(names), record.signal)
    assert not np.shares_memory(record.leads(["II", "I"]), record.signal)


def make_fluttering_record():
    """A beat every 10 time steps, flutter from 35 to 72, and two rhythms."""
    beats = [(step, "N") for step in (5, 15, 25, 85, 95)]
    marks = sorted([*beats, (35, "["), (50, "!"), (72, "]")])
    return ECGRecord(
        np.arange(100, dtype=np.float32)[:, None],
        fs=10.0,
        lead_names=("II",),
        annotations=tuple(zip(*marks, strict=True)),
        rhythms=([0, 35, 72], ["N", "VFL", "AFIB"]),
        metadata={"age": 60},
        source="day/a.hea",
        patient="p",
    )


@pytest.mark.parametrize(
    ("start", "stop", "marks", "flutter", "rhythms"),
    [
        (0, 30, [(5, "N"), (15, "N"), (25, "N")], [], [(0, "N")]),
        (15, 25, [(0, "N")], [], [(0, "N")]),  # the first time step is in it, `stop` is not
        (30, 60, [(5, "["), (20, "!"), (29, "]")], [[5, 29]], [(0, "N"), (5, "VFL")]),
        (40, 50, [(0, "["), (9, "]")], [[0, 9]], [(0, "VFL")]),
        (60, 90, [(0, "["), (12, "]"), (25, "N")], [[0, 12]], [(0, "VFL"), (12, "AFIB")]),
        (72, 80, [(0, "["), (0, "]")], [[0, 0]], [(0, "AFIB")]),
        (-20, None, [(5, "N"), (15, "N")], [], [(0, "AFIB")]),
        (30, 1000, [(5, "["), (20, "!"), (42, "]"), (55, "N"), (65, "N")], [[5, 42]],
         [(0, "N"), (5, "VFL"), (42, "AFIB")]),
    ],
)  # fmt: skip
def test_a_part_has_the_marks_and_rhythms_that_are_in_it(start, stop, marks, flutter, rhythms):
    """What has begun before lasts, and time steps count from the part's first."""
    record = make_fluttering_record()
    part = record.part(start, stop)
    assert np.shares_memory(part.signal, record.signal)
    np.testing.assert_array_equal(part.signal, record.signal[start:stop])
    assert list(zip(*map(np.ndarray.tolist, part.annotations), strict=True)) == marks
    assert part.flutter.tolist() == flutter
    assert list(zip(*map(np.ndarray.tolist, part.rhythms), strict=True)) == rhythms
    assert (part.name, part.patient, part.metadata) == ("a", "p", {"age": 60})


def test_a_part_without_marks_or_rhythms_has_none():
    """As most files of devices."""
    part = make_record().part(1)
    assert part.n_timesteps == 2
    assert [len(steps) for steps, _ in (part.annotations, part.rhythms)] == [0, 0]


def test_a_part_must_have_time_steps():
    """A time in seconds is no time step."""
    record = make_fluttering_record()
    for start, stop in [(100, None), (5, 5), (6, 5)]:
        with pytest.raises(ValueError, match=f"has 100 time steps, and none from start={start} "):
            record.part(start, stop)
    with pytest.raises(TypeError, match=r"start=1\.5 and stop=3 must be time steps, as whole n"):
        record.part(1.5, 3)


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
    known = [dataclasses.replace(records[0], patient="203"), records[2]]
    assert record_groups(known).tolist() == ["203", "203_"]


def test_parts_of_a_file_are_of_one_patient():
    """Else folds by patient would part them. Each has the name of the file, if there is one."""
    first, other = make_record(source="x/a.hea"), make_record(source="x/b.hea")
    parts = [first.part(0, 1), other, first.part(1, 2), make_record(), make_record()]
    assert record_groups(parts).tolist() == ["a", "b", "a", "3", "4"]


def test_record_prints_in_one_line():
    """What one asks first: how long, which leads, which rate."""
    marks = np.array([0, 2]), np.array(["N", "V"])
    record = make_record(source="x/a.hea", annotations=marks)
    assert repr(record) == "ECGRecord(a, 1.5 s of I, II at 2 Hz, 2 marks)"


def test_record_describes_itself():
    """Counts by class, the mean heart rate, and how much of each lead is missing."""
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


def test_record_is_not_changed():
    """A record may be shared; a changed one is made by dataclasses.replace."""
    record = make_record(["II"])
    with pytest.raises(dataclasses.FrozenInstanceError):
        record.fs = 1.0
    assert dataclasses.replace(record, fs=1.0).duration_s == 3
    assert record == record
    assert record != make_record(["II"])  # arrays have no single truth to compare by


def test_rhythms_may_have_names_as_wfdb_writes_them():
    """Its texts are "(AFIB", which no other part of the package knows."""
    record = make_record(rhythms=([0, 1], ["(AFIB", "N"]))
    assert record.rhythms[1].tolist() == ["AFIB", "N"]


def test_record_without_marks_has_empty_ones():
    """Of the types that marks have."""
    record = make_record(["II"])
    for steps, names in (record.annotations, record.rhythms, record.beats):
        assert len(steps) == len(names) == 0
        assert steps.dtype == np.int64
        assert names.dtype.kind == "U"
    assert record.metadata == {}
    assert record.metadata is not make_record(["II"]).metadata


@pytest.mark.parametrize(
    ("duration_s", "words"), [(1.5, "1.5 s"), (119, "119 s"), (120, "2 min"), (9000, "2.5 h")]
)
def test_duration_is_put_in_words(duration_s, words):
    """In the largest unit of which there are two."""
    signal = np.zeros((int(2 * duration_s), 1), dtype=np.float32)
    assert repr(ECGRecord(signal, 2.0, ("II",))) == f"ECGRecord({words} of II at 2 Hz)"


def test_record_without_leads_prints():
    """Annotations may be had without a signal."""
    record = ECGRecord(np.zeros((4, 0), np.float32), fs=2.0, lead_names=())
    assert repr(record) == "ECGRecord(2 s of no lead at 2 Hz)"
    with pytest.raises(ValueError, match="The record has no lead V1 or II; it has none"):
        record.leads([("V1", "II")])


def test_one_mark_is_shown():
    """A record with marks says how many."""
    marks = np.array([1]), np.array(["N"])
    assert repr(make_record(["II"], annotations=marks)) == "ECGRecord(1.5 s of II at 2 Hz, 1 marks)"


def test_dates_are_neither_signals_nor_marks():
    """NumPy takes spans of time for whole numbers."""
    spans = np.array([1, 2, 3], "m8[ms]")
    with pytest.raises(ValueError, match=r"hold voltages in mV, but it holds timedelta64\[ms\]"):
        ECGRecord(spans[:, np.newaxis], fs=2.0, lead_names=("II",))
    with pytest.raises(ValueError, match=r"as whole numbers.*got timedelta64\[ms\]"):
        make_record(["II"], annotations=(spans, np.array(["N"] * 3)))


def test_missing_lead_names_the_file():
    """The error says where, which, and what to do."""
    record = make_record(["II"], source="x/a.hea")
    with pytest.raises(
        ValueError, match=r"x/a\.hea has no lead V1; it has II\. Name an alternative"
    ):
        record.leads(["II", "V1"])


def test_heart_rate_is_that_of_each_interval():
    """At 2 Hz, beats one and two time steps apart are 120 and 60 a minute."""
    marks = np.array([0, 1, 3, 5]), np.array(["N", "V", "+", "N"])
    assert make_record(["II"], annotations=marks).heart_rate().tolist() == [120, 30]


@pytest.mark.parametrize(("n_missing", "rates"), [(9, [60, 60, 60]), (10, [60, np.nan, 60])])
def test_heart_rate_across_a_missing_signal_is_unknown(n_missing, rates):
    """All leads missing for .1 s may hide a beat; the median is of the other intervals."""
    signal = np.zeros((400, 2), dtype=np.float32)
    signal[150 : 150 + n_missing] = np.nan
    signal[:, 1][20:90] = np.nan  # one lead alone hides nothing
    marks = np.array([0, 100, 200, 300]), np.array(["N"] * 4)
    record = ECGRecord(signal, 100.0, ("I", "II"), annotations=marks)
    np.testing.assert_array_equal(record.heart_rate(), rates)
    assert record.describe()["heart_rate"] == 60


def test_heart_rate_in_ventricular_flutter_is_unknown():
    """Waves and no beats are between its marks."""
    marks = np.array([0, 2, 3, 8, 10, 12]), np.array(["N", "N", "[", "]", "N", "N"])
    record = make_record(["II"], annotations=marks)
    np.testing.assert_array_equal(record.heart_rate(), [60, np.nan, 60])


@pytest.mark.parametrize(("length", "rate"), [(60, 2), (61, np.nan)])
def test_heart_rate_of_more_than_half_a_minute_is_unknown(length, rate):
    """At 2 Hz, 60 time steps are 30 s."""
    record = make_record(["II"], annotations=(np.array([0, length]), np.array(["N", "N"])))
    np.testing.assert_array_equal(record.heart_rate(), [rate])


def test_records_are_checked():
    """One record is a list of one; anything else is named."""
    record = make_record(["II"])
    assert check_records(record) == [record]
    assert check_records((record, record)) == [record, record]
    with pytest.raises(ValueError, match="records is empty"):
        check_records([])
    with pytest.raises(TypeError, match="number 1 is of type str"):
        check_records([record, "a.csv"])


def test_groups_without_files_are_positions():
    """Each record is a patient of its own."""
    assert record_groups([make_record(["II"]), make_record(["II"], patient="p")]).tolist() == [
        "0",
        "p",
    ]
