from dataclasses import replace

import numpy as np
import pytest

from sklearn_ecg.datasets import ECGRecord
from sklearn_ecg.datasets._databases._rows import make_rows


def record(marks, n_timesteps=400, leads=("II",), patient=""):
    """Make a record of ones at 100 Hz, with marks at some time steps."""
    signal = np.ones((n_timesteps, len(leads)), dtype=np.float32)
    time_steps = np.array(list(marks), dtype=np.int64)
    annotations = (time_steps, np.array(list(marks.values()), dtype="<U1"))
    return ECGRecord(signal, 100.0, leads, annotations, source=f"{patient}.hea", patient=patient)


@pytest.mark.parametrize("symbol", ["F", "A", "V"])
def test_strip_with_one_fusion_s_or_v_beat_is_an_arrhythmia(symbol):
    """Any of the three classes is enough; normal and unclassifiable beats are not."""
    marks = {20: "N", 150: symbol, 250: "Q", 399: "N"}
    rows = make_rows([record(marks)], "strips", n_records=1, duration_s=1)
    assert rows.target.tolist() == ["normal", "arrhythmia", "normal", "normal"]


def test_beat_at_the_limit_of_two_strips_belongs_to_the_second():
    """The first time step of a strip is its own, not that of the strip before."""
    rows = make_rows([record({100: "V", 299: "V"})], "strips", n_records=1, duration_s=1)
    assert rows.target.tolist() == ["normal", "arrhythmia", "arrhythmia", "normal"]


def test_beats_of_the_rest_label_no_strip():
    """Of 4 s, strips of 1.5 s leave one second, whose beat is in none of them."""
    rows = make_rows([record({160: "V", 390: "V"})], "strips", n_records=1, duration_s=1.5)
    assert rows.target.tolist() == ["normal", "arrhythmia"]


def test_rows_keep_patient_and_record_apart():
    """Groups are patients, and each row says of which record it is."""
    records = [record({10: "N"}, patient="a"), record({10: "N", 20: "V"}, patient="b")]
    rows = make_rows(records, "beats", n_records=2)
    assert rows.groups.tolist() == rows.records.tolist() == ["a", "b", "b"]
    assert rows.time_steps.tolist() == [10, 10, 20]


@pytest.mark.parametrize("rows", ["records", "signals", "strips", "beats"])
def test_rows_of_a_database_sum_themselves_up(rows):
    """A Bunch would print what is known of each record."""
    bunch = make_rows([record({10: "N"})], rows, n_records=1, duration_s=4, metadata=[{"age": 50}])
    of = "0.7 s" if rows == "beats" else "4 s"
    assert repr(bunch).startswith(f"Recordings: 1 row of {of} of II at 100 Hz, nothing missing;")


def test_signals_of_two_lengths_are_refused_where_one_is_needed():
    """The message names the record and the way out."""
    records = [record({}), record({}, n_timesteps=300)]
    with pytest.raises(ValueError, match=r"number 1 has 300 time steps, but the first 400: read"):
        make_rows(records, "signals", n_records=2)
    ragged = make_rows(records, "signals", n_records=2, ragged=True)
    assert [len(row) for row in ragged.data] == [400, 300]


def test_signals_of_two_rates_are_refused():
    """The result says one rate, that of the first record, for all of them."""
    records = [record({}), replace(record({}, patient="b"), fs=200.0)]
    with pytest.raises(ValueError, match=r"b\.hea has 200 Hz, but the first record 100 Hz: read"):
        make_rows(records, "signals", n_records=2, ragged=True)
    assert len(make_rows(records, "records", n_records=2).data) == 2


def test_signals_of_different_leads_are_refused():
    """Columns of one array are the same leads in every row, unless the caller names which."""
    records = [record({}, leads=("MLII", "V1")), record({}, leads=("V1", "MLII"), patient="b")]
    with pytest.raises(
        ValueError, match=r"b\.hea has the leads V1, MLII, but the first .* in leads"
    ):
        make_rows(records, "signals", n_records=2)
    assert len(make_rows(records, "records", n_records=2).data) == 2
    assert make_rows(
        records, "signals", n_records=2, leads=[("MLII", "V1"), ("V1", "MLII")]
    ).data.shape == (2, 400, 2)


def test_columns_are_called_by_the_first_alternative():
    """Not by what the first record happens to have, which another record may not have."""
    records = [record({}, leads=("V5",)), record({}, leads=("MLII",), patient="b")]
    rows = make_rows(records, "signals", n_records=2, leads=[("MLII", "V5")])
    assert rows.lead_names == ("MLII",)
