"""Find heartbeats in whole signals."""

import dataclasses
import tracemalloc

import numpy as np
import pandas as pd
import pytest

from sklearn_ecg.beats import _detection, detect_beats
from sklearn_ecg.beats._detection import detect_beats_of
from sklearn_ecg.datasets import RecordReader, make_ecg
from sklearn_ecg.metrics import match_beats

FS = 250


def assert_all_found(beats, record):
    """Check that each annotated beat was found, to 150 ms, and nothing else."""
    reference = record.annotations[0]
    assert len(beats) == len(reference)
    assert len(match_beats(reference, beats, fs=record.fs)[0]) == len(reference)


def change(record, start=0, stop=None, lead=slice(None), to=np.nan):
    """Copy the signal and give a part of it another value."""
    signal = record.signal.copy()
    signal[start:stop, lead] = to
    return signal


@pytest.mark.parametrize("leads", [slice(0, 1), slice(1, 2), slice(0, 2), 0])
@pytest.mark.parametrize("gain", [1, -1, (1, -1), 1e-6, 1e6])
def test_all_beats_of_a_clean_signal_are_found(record, leads, gain):
    """In one lead or two, in any unit, and upside down."""
    signal = (record.signal * np.float32(gain))[:, leads]
    (beats,) = detect_beats(signal[None], FS)
    assert beats.dtype == np.int64
    assert_all_found(beats, record)


def test_twelve_leads_and_noise_hide_no_beat():
    """The leads help each other."""
    leads = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
    noise = {"muscle": 10, "baseline_wander": 0, "mains_50hz": 10}
    record = make_ecg(20, fs=360, leads=leads, noise=noise, random_state=0)
    assert_all_found(detect_beats([record.signal], 360)[0], record)


@pytest.mark.parametrize("dtype", [np.float64, np.int16])
def test_dtype_does_not_matter(record, dtype):
    """As float64, or as the integers of a converter, the same beats are found."""
    signal = (1000 * record.signal).round()
    (expected,) = detect_beats([signal], FS)
    np.testing.assert_array_equal(detect_beats([signal.astype(dtype)], FS)[0], expected)


def test_rows_may_differ_in_length(record):
    """A list gives one array of beats for each row, in order."""
    long, short = detect_beats([record.signal, record.signal[:2500]], FS)
    assert len(long) > len(short) > 5
    assert short[-1] < 2500


@pytest.mark.parametrize(
    "signal",
    [
        np.zeros(1000),
        np.ones((1000, 2)),
        np.full(1000, np.nan),
        np.full((1000, 2), np.nan),
        np.array([1.0]),
        np.arange(249.0),  # less than a second
        np.tile([[0, np.nan]], (1000, 1)),
    ],
    ids=lambda signal: f"{signal.shape}-{signal.flat[-1]}",
)
def test_nothing_is_found_where_nothing_is(signal):
    """A flat, missing or very short row has no beats, and is no error."""
    (beats,) = detect_beats([signal], FS)
    assert beats.shape == (0,)
    assert np.issubdtype(beats.dtype, np.integer)


def test_less_than_a_second_holds_no_beat_and_a_second_may(record):
    """Of so little nobody can tell how strong the signal is."""
    beat = record.annotations[0][3]
    for n_after, n_beats in ((124, 0), (125, 1)):
        assert len(detect_beats([record.signal[beat - 125 : beat + n_after]], FS)[0]) == n_beats


@pytest.mark.parametrize("to", [np.nan, 0.3])
@pytest.mark.parametrize("lead", [slice(0, 1), slice(0, 2)])
def test_part_without_signal_has_no_beats(record, lead, to):
    """What is missing or flat in all leads yields none; what lies before is found as ever."""
    (beats,) = detect_beats([change(record, 2500, 5000, to=to)[:, lead]], FS)
    reference = record.annotations[0]
    assert not ((beats > 2500) & (beats < 5000)).any()
    n_before = (reference < 2500).sum()
    np.testing.assert_allclose(beats[:n_before], reference[:n_before], atol=10)
    assert (beats > 5000).sum() == (reference > 5000).sum()


@pytest.mark.parametrize("start", [0, 30, 4000])
@pytest.mark.parametrize("lead", [0, 1])
@pytest.mark.parametrize("to", [np.nan, 0])
def test_other_lead_finds_the_beats(record, start, lead, to):
    """A lead that is off, or falls off sooner or later, takes nothing from the other."""
    assert_all_found(detect_beats([change(record, start, None, lead, to)], FS)[0], record)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("start", [0.0, 5.0, np.nan, "first value"])
def test_flat_beginning_does_not_mislead(seed, start):
    """Leads that are put on late: the detector does not learn from what was there before."""
    record = make_ecg(duration_s=30, fs=FS, leads=["II", "V1"], random_state=seed)
    value = record.signal[0] if start == "first value" else start
    before = np.broadcast_to(np.float32(value), (12 * FS, 2))
    (beats,) = detect_beats([np.concatenate([before, record.signal])], FS)
    assert_all_found(beats - 12 * FS, record)


def test_input_is_not_written_into(record):
    """Gaps are filled in a copy."""
    signal = change(record, 100, 200)
    before = signal.copy()
    detect_beats([signal], FS)
    np.testing.assert_array_equal(signal, before)


@pytest.mark.parametrize("fs", [60, 61.7, 75, 100, 128, 257, 360, 500, 1000, 2000])
@pytest.mark.parametrize("leads", [("II",), ("II", "V1")])
def test_sampling_rate_does_not_matter(fs, leads):
    """From 60 Hz on, whole or not; half of all beats are within 10 ms of where they are."""
    record = make_ecg(60, fs=fs, leads=leads, premature={"V": 0.1}, random_state=1)
    (beats,) = detect_beats(record)
    assert_all_found(beats, record)
    assert np.median(np.abs(beats - record.annotations[0])) / fs <= 0.01


@pytest.mark.parametrize("offset", [-5.0, 300.0, (1e4, -2e3)])
def test_offset_does_not_matter(record, offset):
    """As amplifiers that are coupled to direct current add it."""
    (expected,) = detect_beats([record.signal], FS)
    (beats,) = detect_beats([record.signal.astype(np.float64) + offset], FS)
    np.testing.assert_array_equal(beats, expected)


def test_polarity_and_order_of_leads_do_not_matter(record):
    """Reversed electrodes give the same beats."""
    (expected,) = detect_beats([record.signal], FS)
    for signal in (-record.signal, record.signal[:, ::-1], record.signal * np.float32([1, -1])):
        np.testing.assert_array_equal(detect_beats([signal], FS)[0], expected)


@pytest.mark.parametrize("cut", [1, 77, 1003, 4321])
def test_cut_does_not_matter(cut):
    """Away from where a recording is cut, by a second, the same beats are found in both parts."""
    record = make_ecg(60, fs=FS, leads=("II", "V1"), premature={"V": 0.1}, random_state=2)
    (whole,) = detect_beats(record)
    (before,) = detect_beats([record.signal[:cut]], FS)
    after = cut + detect_beats([record.signal[cut:]], FS)[0]
    for part, expected in (
        (before[before < cut - FS], whole[whole < cut - FS]),
        (after[after > cut + FS], whole[whole > cut + FS]),
    ):
        assert len(part) == len(expected)
        np.testing.assert_allclose(part, expected, atol=3)


@pytest.mark.parametrize("lead", [slice(0, 1), slice(0, 2)])
@pytest.mark.parametrize("after_s", [-0.08, 0.0, 0.04])
def test_one_missing_value_hides_no_beat(record, lead, after_s):
    """One at every beat, or near it."""
    signal = record.signal[:, lead].copy()
    signal[record.annotations[0] + round(after_s * FS)] = np.nan
    assert_all_found(detect_beats([signal], FS)[0], record)


@pytest.mark.parametrize("lead", [slice(0, 1), slice(0, 2)])
@pytest.mark.parametrize("gap_s", [0.04, 0.08])
def test_a_short_gap_between_beats_hides_none(record, lead, gap_s):
    """It is longer than what a step averages, and shorter than what counts as missing."""
    signal = record.signal[:, lead].copy()
    for beat in record.annotations[0]:
        start = max(0, beat - round(0.3 * FS))
        signal[start : start + round(gap_s * FS)] = np.nan
    assert_all_found(detect_beats([signal], FS)[0], record)


@pytest.mark.parametrize("share", [0.01, 0.05, 0.2])
def test_values_missing_here_and_there_hide_no_beat(share):
    """As where packets of a transmission are lost."""
    record = make_ecg(60, fs=FS, leads=("II", "V1"), random_state=3)
    signal = record.signal.copy()
    signal[np.random.default_rng(0).random(signal.shape) < share] = np.nan
    assert_all_found(detect_beats([signal], FS)[0], record)


def test_a_gap_hides_its_beat_alone(record):
    """What is missing for longer, where a beat is, hides this beat and no other."""
    reference = record.annotations[0]
    signal = record.signal.copy()
    signal[reference[10] - 25 : reference[10] + 25] = np.nan
    (beats,) = detect_beats([signal], FS)
    assert len(beats) == len(reference) - 1
    assert np.abs(beats - reference[10]).min() > 40


@pytest.mark.parametrize("leads", [("II",), ("II", "V1")])
@pytest.mark.parametrize("pause_s", [4, 8, 15, 30])
def test_a_pause_has_no_beats_and_hides_none(leads, pause_s):
    """However long the heart stands still: noise is no beat, and the next one is found."""
    record = make_ecg(90, fs=FS, leads=leads, noise={"muscle": 25}, random_state=0)
    reference = record.annotations[0]
    rng = np.random.default_rng(0)
    cut = (reference[60] + reference[61]) // 2
    level = record.signal[cut] + np.zeros((pause_s * FS, 1), dtype=np.float32)
    still = level + rng.normal(0, 0.02, level.shape).astype(np.float32)
    signal = np.concatenate([record.signal[:cut], still, record.signal[cut:]])
    (beats,) = detect_beats([signal], FS)
    expected = np.where(reference < cut, reference, reference + len(still))
    assert len(beats) == len(expected)
    assert np.abs(beats - expected).max() < 0.05 * FS


@pytest.mark.parametrize("interval_s", [2.0, 2.8, 4.0])
@pytest.mark.parametrize("leads", [("II",), ("II", "V1")])
def test_beats_of_a_slow_heart_are_found(interval_s, leads):
    """As few as 15 a minute, as in a complete block."""
    record = make_ecg(40, fs=FS, leads=leads, heart_rate=60, random_state=0)
    rng, beats, parts = np.random.default_rng(0), [], []
    for i, beat in enumerate(record.annotations[0][2:-2]):
        part = np.zeros((round(interval_s * FS), len(leads)), dtype=np.float32)
        around = record.signal[beat - 75 : beat + 125]
        part[: len(around)] = around - np.linspace(around[0], around[-1], len(around))
        parts.append(part + rng.normal(0, 0.02, part.shape).astype(np.float32))
        beats.append(i * len(part) + 75)
    (found,) = detect_beats([np.concatenate(parts)], FS)
    assert len(found) == len(beats)
    assert np.abs(found - beats).max() < 0.05 * FS


def test_p_waves_alone_are_no_beats():
    """As in a block, in which the atria go on."""
    block = make_ecg(60, fs=FS, leads=("II", "V1"), random_state=0)
    reference = block.annotations[0]
    signal = block.signal.copy()
    for beat in reference[20:28]:
        start, stop = beat - round(0.1 * FS), beat + round(0.5 * FS)
        signal[start:stop] = np.linspace(signal[start], signal[stop], stop - start)
    (beats,) = detect_beats([signal], FS)
    expected = np.delete(reference, slice(20, 28))
    assert len(beats) == len(expected)
    assert np.abs(beats - expected).max() < 0.05 * FS


def test_pacemaker_spikes_are_no_beats():
    """Spikes of a few milliseconds before a beat, larger than the beat, are not counted with it."""
    record = make_ecg(60, fs=500, leads=("II",), conduction="lbbb", random_state=0)
    signal = record.signal.copy()
    for at in record.annotations[0]:
        signal[max(0, at - 22) : max(0, at - 20)] += 4
    assert_all_found(detect_beats([signal], 500)[0], record)


@pytest.mark.parametrize("fs", [360, 500, 1000])
def test_clicks_are_no_beats(fs):
    """A moving electrode's clicks, of up to 3 ms, in all leads at once; clean beats stay."""
    record = make_ecg(60, fs=fs, leads=("II", "V1"), random_state=0)
    rng = np.random.default_rng(0)
    signal = record.signal.copy()
    for at in rng.integers(0, len(signal) - 4, 30):
        signal[at : at + rng.integers(1, 1 + int(0.003 * fs))] += rng.choice([-3, 3])
    assert_all_found(detect_beats([signal], fs)[0], record)


def test_hardly_a_jump_of_the_baseline_is_a_beat():
    """By 2 mV on average, in all leads at once: at most one in thirty, and none hides a beat."""
    n_missed, n_false, every = 0, 0, 7 * FS
    for seed in range(6):
        record = make_ecg(70, fs=FS, leads=("II", "V1"), random_state=seed)
        levels = 2 * np.random.default_rng(seed).standard_normal(10)
        jumps = np.repeat(levels, every)[:, None].astype(np.float32)
        (beats,) = detect_beats([record.signal + jumps], FS)
        found, _ = match_beats(record.annotations[0], beats, fs=FS)
        n_missed += len(record.annotations[0]) - len(found)
        n_false += len(beats) - len(found)
    assert n_missed == 0
    assert n_false <= 2


@pytest.mark.parametrize("rhythm", ["sinus", "af"])
@pytest.mark.parametrize("heart_rate", [35, 70, 120])
def test_rhythm_and_heart_rate_do_not_matter(rhythm, heart_rate):
    """Slow or fast, regular or not, once a few seconds have told how strong the signal is."""
    for seed in range(5):
        record = make_ecg(
            60, fs=FS, leads=("II", "V5"), rhythm=rhythm, heart_rate=heart_rate, random_state=seed
        )
        (beats,) = detect_beats(record)
        reference = record.annotations[0]
        beats, reference = beats[beats > 5 * FS], reference[reference > 5 * FS]
        assert len(beats) == len(reference) > 20
        assert np.abs(beats - reference).max() < 0.05 * FS


@pytest.mark.parametrize("seed", range(6))
def test_fast_beats_are_found_if_a_quarter_of_a_second_apart(seed):
    """At 150 a minute in fibrillation; of two that are closer, one may be missed."""
    record = make_ecg(60, fs=FS, leads=("II", "V5"), rhythm="af", heart_rate=150, random_state=seed)
    reference = record.annotations[0]
    (beats,) = detect_beats(record)
    found, matched = match_beats(reference, beats, fs=FS)
    assert len(matched) == len(beats)
    intervals = np.diff(reference, prepend=-FS, append=reference[-1] + FS)
    apart = np.minimum(intervals[1:], intervals[:-1]) >= 0.25 * FS
    assert apart.sum() > 100
    assert np.isin(np.flatnonzero(apart), found).all()


def test_noise_in_one_lead_does_not_reach_the_other(record):
    """The network trusts the lead in which it sees beats: less than two a minute are false."""
    n_extra, reference = 0, record.annotations[0]
    for seed in range(10):
        signal = record.signal.copy()
        signal[:, 1] = np.random.default_rng(seed).standard_normal(len(signal))
        (beats,) = detect_beats([signal], FS)
        np.testing.assert_array_equal(detect_beats([signal[:, ::-1]], FS)[0], beats)
        found, _ = match_beats(reference, beats, fs=FS)
        assert len(found) == len(reference)
        n_extra += len(beats) - len(found)
    assert n_extra < 10  # in five minutes


def test_long_signals_take_little_memory():
    """Half an hour is read in pieces."""
    signal = np.resize(make_ecg(60, fs=360, leads=("II", "V1"), random_state=0).signal, (648000, 2))
    detect_beats_of(signal[:5000], 360.0)  # which loads what is loaded once
    tracemalloc.start()
    try:
        beats = detect_beats_of(signal, 360.0)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(beats) > 2000
    assert peak < 40e6  # however long the signal


def test_recordings_know_their_rate(record):
    """One, several of different rates, or an object array of them; rounding makes no other rate."""
    rounded = dataclasses.replace(record, fs=record.fs + 1e-9)
    np.testing.assert_array_equal(detect_beats(rounded, record.fs)[0], detect_beats(record)[0])
    other = make_ecg(12, fs=400, random_state=1)
    expected = [detect_beats([r.signal], r.fs)[0] for r in (record, other)]
    as_array = np.empty(2, dtype=object)
    as_array[:] = [record, other]
    for found in (detect_beats([record, other]), detect_beats(as_array)):
        assert found.shape == (2,)
        for beats, wanted in zip(found, expected, strict=True):
            np.testing.assert_array_equal(beats, wanted)
    np.testing.assert_array_equal(detect_beats(record, fs=FS)[0], expected[0])


@pytest.mark.parametrize(
    ("change", "fs", "message"),
    [
        ({}, 360, "fs=360 is not the sampling rate of record a, which is 250 Hz"),
        ({"fs": 50.0}, None, "record a has 50 Hz, but beats are found from 60 Hz on"),
        ({"signal": np.full((500, 2), np.inf)}, None, "record a has infinite values"),
    ],
)
def test_bad_recordings_are_named(record, change, fs, message):
    """The error names the record."""
    with pytest.raises(ValueError, match=message):
        detect_beats(dataclasses.replace(record, source="folder/a.dat", **change), fs)


def test_a_recording_among_arrays_is_refused(record):
    """They do not mix."""
    with pytest.raises(TypeError, match="number 1 is of type ndarray"):
        detect_beats([record, record.signal])


@pytest.mark.parametrize(
    ("X", "fs", "message"),
    [
        (np.ones((1, 2, 500, 1)), FS, r"row 0 of X has shape \(2, 500, 1\): it is already cut"),
        ([np.ones(5), np.array([1, np.inf])], FS, "infinity: row 1"),
        (np.ones(500), FS, r"if X is one signal, pass \[X\] or X\[None\] to detect_beats"),
        ([0.0] * 500, FS, "if X is one signal"),
        (np.ones((2500, 2)), FS, r"one signal with 2 leads, pass \[X\] or X\[None\]"),
        (
            np.ones((1, 12, 5000)),
            FS,
            "rows of shape .*, that is more leads .5000. than time steps .12.",
        ),
        (np.ones((1, 5, 17)), FS, "that is more leads .17. than time steps"),
        (np.ones((17, 16)), FS, "one signal with 16 leads"),
        (np.ones((1, 500)), 59.9, r"'fs' parameter .* must be a float in the range \[60"),
        (np.ones((1, 500)), None, "detect_beats needs the sampling rate"),
    ],
)
def test_bad_input_is_refused(X, fs, message):
    """The error names the argument or the row."""
    with pytest.raises(ValueError, match=message):
        detect_beats(X, fs)


def test_column_of_recordings_knows_its_rate(record):
    """A column of a data frame is rows like a list, and another rate is refused."""
    column = pd.Series([record, record], index=[7, 9])
    for beats in detect_beats(column):
        np.testing.assert_array_equal(beats, detect_beats(record)[0])
    with pytest.raises(ValueError, match="was given fs=500 Hz, but its signals come at 250 Hz"):
        detect_beats(column, fs=500)


def test_signals_of_a_reader_know_their_rate():
    """A rate need not be given, and another one is refused: beats would be at wrong times."""
    rows = RecordReader(["II"], fs=FS).fit_transform([make_ecg(10, fs=FS, random_state=0)])
    np.testing.assert_array_equal(detect_beats(rows)[0], detect_beats(rows, fs=FS)[0])
    with pytest.raises(ValueError, match="detect_beats was given fs=500 Hz, but its signals come"):
        detect_beats(rows, fs=500)


@pytest.mark.parametrize("fs", [100, 250, 333.3])
def test_a_long_signal_in_parts_has_the_beats_of_the_whole(fs, monkeypatch):
    """Also where a gap, a flat stretch or a change of strength lies near a cut, and in pieces."""
    record = make_ecg(150, fs=fs, premature={"V": 0.1}, random_state=0)
    signal = record.signal + np.random.default_rng(0).normal(0, 0.05, record.signal.shape)
    signal[: round(25 * fs)] *= 10
    signal[round(30 * fs) : round(45 * fs), 0] = np.nan
    signal[round(80 * fs) : round(100 * fs)] = 0.2
    whole = detect_beats_of(signal, fs)
    monkeypatch.setattr(_detection, "_HALVES_IN_PART", 41)
    monkeypatch.setattr(_detection, "_CHUNK_S", 7.0)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    np.testing.assert_array_equal(detect_beats_of(signal, fs), whole)
