"""Make a row of each beat."""

from dataclasses import replace

import numpy as np
import pytest

from sklearn_ecg.beats import beat_feature_names, beat_features, detect_beats, extract_beats
from sklearn_ecg.datasets import ECGRecord, make_ecg


def make_record(symbols="NNVN", lead_names=("II", "V1"), source="", fs=100.0):
    """Make a record with a spike every second, and these annotations at them."""
    rng = np.random.default_rng(0)
    signal = 0.01 * rng.normal(size=(1000, len(lead_names))).astype(np.float32)
    beats = np.arange(100, 100 * (len(symbols) + 1), 100)
    signal[beats] += 1 + np.arange(len(lead_names))
    annotations = beats, np.array(list(symbols))
    return ECGRecord(signal, fs, lead_names, annotations, source=source)


def test_one_row_for_each_annotated_beat():
    """Marks that are no beats make no row; each class is the AAMI's."""
    rows = extract_beats(make_record("N+eAV~F/L"), leads=["II"])
    assert rows.target.tolist() == list("NNSVFQN")
    assert rows.data.shape == (7, 9, 19)
    assert rows.data.dtype == np.float32
    assert rows.time_steps.tolist() == [100, 300, 400, 500, 700, 800, 900]
    assert rows.time_s.tolist() == [1, 3, 4, 5, 7, 8, 9]
    assert rows.records.tolist() == rows.groups.tolist() == ["0"] * 7


def test_every_symbol_of_a_beat_has_its_class():
    """The mapping of de Chazal et al., in which escape beats are N."""
    symbols = "NLRejAaJSVEF/fQ"
    record = make_record(symbols[:9]), make_record(symbols[9:])
    rows = extract_beats(record, leads=["II"])
    assert "".join(rows.target) == "NNNNNSSSSVVFQQQ"


def test_neighbours_are_in_order_of_time_and_ends_repeated():
    """Hand-worked: two before and one after each of four beats."""
    record = make_record("NNVN")
    rows = extract_beats(record, leads=["II"], n_before=2, n_after=1)
    alone = beat_features(record.leads(["II"]), record.annotations[0], record.fs)
    for row, steps in zip(
        rows.data, [[0, 0, 0, 1], [0, 0, 1, 2], [0, 1, 2, 3], [1, 2, 3, 3]], strict=True
    ):
        np.testing.assert_array_equal(row, alone[steps])
    only = extract_beats(record, leads=["II"], n_before=0, n_after=0)
    np.testing.assert_array_equal(only.data[:, 0], alone)


def test_features_and_causality_are_passed_on(record):
    """As beat_features would have it, with the names of its columns."""
    for causal in (False, True):
        rows = extract_beats(
            record, leads=("V1", "II"), features=["shape"], causal=causal, n_before=0, n_after=0
        )
        signal = record.leads(["V1", "II"])
        expected = beat_features(
            signal, record.annotations[0], 250, features=["shape"], causal=causal
        )
        np.testing.assert_array_equal(rows.data[:, 0], expected)
        names = beat_feature_names(["shape"], n_leads=2)
        np.testing.assert_array_equal(rows.feature_names, names)


def test_neighbours_are_of_the_same_record():
    """Records are joined one after the other, and known by the names of their files."""
    records = [make_record("NVN", source="x/100.hea"), make_record("VN", source="y\\200.dat")]
    rows = extract_beats(records, leads=["II"])
    assert rows.records.tolist() == ["100"] * 3 + ["200"] * 2
    assert rows.target.tolist() == list("NVNVN")
    for part, record in ((slice(0, 3), records[0]), (slice(3, 5), records[1])):
        np.testing.assert_array_equal(rows.data[part], extract_beats(record, leads=["II"]).data)


def test_records_of_one_name_are_told_apart_by_their_paths():
    """The same rule as for files that are loaded."""
    records = [make_record("NN", source="a/1.edf"), make_record("N", source="b/1.edf")]
    assert extract_beats(records, leads=["II"]).records.tolist() == [
        "a/1.edf",
        "a/1.edf",
        "b/1.edf",
    ]


def test_first_of_alternative_leads_is_taken():
    """Records with different second leads are joined, by name and not by position."""
    records = [
        make_record("NNN", lead_names=("V5", "MLII")),
        make_record("NNN", lead_names=("MLII", "V2", "V1")),
    ]
    rows = extract_beats(records, leads=["MLII", ("V1", "V5")])
    for part, names in ((slice(0, 3), ["MLII", "V5"]), (slice(3, 6), ["MLII", "V1"])):
        alone = extract_beats(records[part.start // 3], leads=names)
        np.testing.assert_array_equal(rows.data[part], alone.data)


def test_detected_beats_have_no_target(record):
    """A row for each beat that detect_beats finds in the chosen leads."""
    rows = extract_beats(record, beats="detected", leads=["V1"])
    (expected,) = detect_beats([record.leads(["V1"])], record.fs)
    np.testing.assert_array_equal(rows.time_steps, expected)
    assert rows.target is None
    assert len(rows.data) == len(expected)
    assert rows.records.shape == rows.groups.shape == rows.time_s.shape == expected.shape


@pytest.mark.parametrize("form", [list, np.array, np.uint16, "object"])
def test_given_beats_are_used(record, form):
    """As a list of arrays, an array, or the object array that detect_beats returns."""
    given = [record.annotations[0][:10], record.annotations[0][3:13]]
    if form == "object":
        beats = np.empty(2, dtype=object)
        beats[:] = given
    else:
        beats = form(given)
    rows = extract_beats([record, record], beats=beats, leads=["II"])
    assert rows.target is None
    np.testing.assert_array_equal(rows.time_steps, np.concatenate(given))
    one = extract_beats(record, beats=beats[:1], leads=["II"])
    np.testing.assert_array_equal(one.data, rows.data[:10])


def test_signal_is_not_written_into():
    """Missing values are filled in a copy."""
    record = make_record()
    record.signal[150:250] = np.nan
    before = record.signal.copy()
    assert np.isfinite(extract_beats(record, leads=["II", "V1"]).data).all()
    np.testing.assert_array_equal(record.signal, before)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"records": []}, ValueError, "records is empty"),
        ({"records": np.ones((2, 500))}, TypeError, "ECGRecord.* number 0 is of type ndarray"),
        ({"records": [make_record(), "100.hea"]}, TypeError, "number 1 is of type str"),
        ({"leads": ["V9"]}, ValueError, "The record has no lead V9; it has II, V1"),
        ({"leads": [("V9", "V8")]}, ValueError, "has no lead V9 or V8"),
        ({"leads": []}, ValueError, "leads is empty"),
        ({"leads": "II"}, ValueError, "'leads' parameter .* must be an array-like"),
        ({"beats": "all"}, ValueError, "'beats' parameter"),
        ({"beats": [[1], [2]]}, ValueError, "2 records, but there are 1: give a list"),
        ({"beats": [[]]}, ValueError, "record 0 has no beats: beats has an empty entry"),
        ({"beats": [[5.5]]}, ValueError, "beats of record 0 must be"),
        ({"beats": [np.array([5], "m8[ms]")]}, ValueError, "beats of record 0 must be"),
        ({"beats": [["N"]]}, ValueError, "beats of record 0 must be"),
        ({"beats": [[[5, 6]]]}, ValueError, "beats of record 0 must be"),
        ({"beats": [[-1]]}, ValueError, "within its 1000 time steps"),
        ({"beats": [[1000]]}, ValueError, "within its 1000 time steps"),
        ({"beats": [[7, 5]]}, ValueError, "in order of time"),
        ({"beats": [np.array([7, 5], np.uint32)]}, ValueError, "in order of time"),
        ({"features": ["colour"]}, ValueError, "must be some of rhythm"),
        ({"n_before": -1}, ValueError, "'n_before' parameter"),
        ({"n_after": 1.5}, ValueError, "'n_after' parameter"),
    ],
)
def test_bad_input_is_refused(options, error, message):
    """The error names the record or the argument."""
    arguments = {"records": make_record(), "leads": ["II"]} | options
    records = arguments.pop("records")
    with pytest.raises(error, match=message):
        extract_beats(records, **arguments)


def test_bad_record_is_refused_by_name():
    """Among others, it is known by its file."""
    good = make_record(source="100.hea")
    silent = replace(make_record("++", source="x/101.hea"), signal=np.zeros((1000, 2), np.float32))
    with pytest.raises(ValueError, match=r'record 101 has no beats: none of its .*annotator="atr"'):
        extract_beats([good, silent], leads=["II"])
    with pytest.raises(ValueError, match="record 101 has no beats: none was detected"):
        extract_beats([good, silent][::-1], beats="detected", leads=["II"])
    slow = make_record(source="x/102.hea", fs=80.0)
    with pytest.raises(ValueError, match=r"record 102 has fs=80.0 Hz, but .* more than 80 Hz"):
        extract_beats([good, slow], leads=["II"])
    loud = make_record(source="x/103.hea")
    signal = loud.signal.copy()
    signal[10, 0] = np.inf
    with pytest.raises(ValueError, match="record 103 has infinite values"):
        extract_beats([good, replace(loud, signal=signal)], leads=["II"])


def test_intervals_need_no_lead():
    """Their features are those that a whole signal gives."""
    record = make_ecg(60, fs=250, premature={"A": 0.1}, leads=["II"], random_state=0)
    none, one = (extract_beats(record, leads=leads, features=["rhythm"]) for leads in ((), ("II",)))
    np.testing.assert_array_equal(none.data, one.data)
