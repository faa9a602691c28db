"""Beats as short recordings describe them."""

import numpy as np
import pytest

from sklearn_ecg.beats import extract_beats, simulate_strips
from sklearn_ecg.datasets import ECGRecord, make_ecg


@pytest.fixture(scope="module")
def records():
    return [make_ecg(45, fs=250, premature={"V": 0.2}, random_state=i) for i in range(2)]


def test_rows_are_those_of_strips_cut_by_hand(records):
    """Each strip is a recording of its own; the last is what is left."""
    found = simulate_strips(records, durations_s=[20], leads=["II"], n_before=2, n_after=1)
    strips = []
    for record in records:
        times, symbols = record.annotations
        for start, stop in ((0, 5000), (5000, 10000), (10000, 11250)):
            inside = (times >= start) & (times < stop)
            marks = times[inside] - start, symbols[inside]
            signal = record.signal[start:stop]
            strips.append(ECGRecord(signal, 250.0, record.lead_names, annotations=marks))
    rows = extract_beats(strips, leads=["II"], n_before=2, n_after=1)
    np.testing.assert_array_equal(found.data, rows.data)
    np.testing.assert_array_equal(found.target, rows.target)
    whole = extract_beats(records, leads=["II"], n_before=2, n_after=1)
    for name in ("target", "records", "groups", "feature_names"):
        np.testing.assert_array_equal(found[name], whole[name])


def test_durations_are_drawn_by_the_seed(records):
    durations = {"durations_s": [3.0, 7.0], "leads": ["II"]}
    some = [simulate_strips(records, random_state=seed, **durations).data for seed in (0, 0, 1)]
    np.testing.assert_array_equal(some[0], some[1])
    assert not np.array_equal(some[0], some[2])


def test_strips_without_a_beat_are_left_out():
    signal = np.random.default_rng(0).normal(size=(2500, 1)).astype(np.float32)
    marks = np.array([100, 300, 2400]), np.array(["N", "V", "N"])
    record = ECGRecord(signal, 250.0, ("II",), annotations=marks)
    rows = simulate_strips(record, durations_s=[2], leads=["II"])
    assert rows.target.tolist() == ["N", "V", "N"]


@pytest.mark.parametrize("durations_s", [[], [10, 0], [-1]])
def test_durations_must_be_positive(durations_s, records):
    with pytest.raises(ValueError, match="durations_s"):
        simulate_strips(records, durations_s=durations_s, leads=["II"])


def test_record_without_annotated_beats_is_named():
    record = ECGRecord(np.zeros((2500, 1), np.float32), 250.0, ("II",), source="a/r7.hea")
    with pytest.raises(ValueError, match="r7 has no"):
        simulate_strips(record, leads=["II"])
