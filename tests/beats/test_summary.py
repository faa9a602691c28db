"""Summarize the beats and rhythms of a long recording."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_ecg.beats import summarize_beats
from sklearn_ecg.beats._spans import choose_span
from sklearn_ecg.datasets import ECGRecord

FS = 10


@pytest.fixture
def record():
    """Ten minutes of a beat a second, with runs of V and S beats, a pause, and a minute of AF."""
    steps = np.arange(600) * FS + 5
    symbols = np.full(600, "N")
    symbols[[20, 21, 40, 41, 42, 43]] = "V"  # a pair is no run
    symbols[100:103] = "A"
    steps, symbols = (np.delete(each, [200, 201]) for each in (steps, symbols))
    return ECGRecord(
        np.zeros((600 * FS, 1), np.float32),
        float(FS),
        ("II",),
        annotations=(steps, symbols),
        rhythms=(np.array([0, 300, 360]) * FS, np.array(["N", "AFIB", "N"])),
    )


def test_summary_by_hand(record):
    """Each number is that of the record."""
    summary = summarize_beats(record)
    assert_array_equal(summary.begin_s, np.arange(10) * 60)
    assert summary.counts["N"].tolist() == [54, 57, 60, 58, *[60] * 6]
    assert summary.counts["V"].tolist() == [6, *[0] * 9]
    assert_allclose(summary.heart_rate[5], 60)
    assert summary.fastest_minute == (0, 60)
    assert_allclose(summary.runs["V"], [[40.5, 3, 4]])
    assert_allclose(summary.runs["S"], [[100.5, 2, 3]])
    assert_allclose(summary.pauses, [[199.5, 3]])
    assert_allclose(summary.rhythms["AFIB"], [[300, 60]])
    assert summary.af_burden == pytest.approx(60 / 599.5)


def test_beat_that_is_marked_twice_is_one_of_a_run(record):
    """As for the heart rate; a run of four had five beats, and its rate was too high."""
    steps, symbols = record.annotations
    twice = np.searchsorted(steps, 41.5 * FS)
    marks = np.insert(steps, twice, steps[twice]), np.insert(symbols, twice, "V")
    assert_allclose(summarize_beats(replace(record, annotations=marks)).runs["V"], [[40.5, 3, 4]])


def test_flutter_of_the_ventricles_has_a_start_and_a_duration(record):
    """It was in no field of the summary."""
    assert summarize_beats(record).flutter.shape == (0, 2)
    steps, symbols = record.annotations
    edges = np.array([5002, 5120])
    places = np.searchsorted(steps, edges)
    marks = np.insert(steps, places, edges), np.insert(symbols, places, ["[", "]"])
    summary = summarize_beats(replace(record, annotations=marks))
    assert_allclose(summary.flutter, [[500.2, 11.8]])


def test_fibrillation_has_two_names(record):
    """Some databases of PhysioNet mark it as AF."""
    renamed = replace(record, rhythms=(record.rhythms[0], np.array(["N", "AF", "N"])))
    assert summarize_beats(renamed).af_burden == pytest.approx(60 / 599.5)


def test_arguments_set_what_counts(record):
    """Longer spans, shorter runs, longer pauses."""
    summary = summarize_beats(record, span_s=300, run_beats=2, pause_s=3.5)
    assert summary.counts["V"].tolist() == [6, 0]
    assert summary.runs["V"][:, 2].tolist() == [2, 4]
    assert summary.pauses.shape == (0, 2)


def test_a_pause_as_long_as_the_shortest_counts_wherever_it_lies():
    """720 time steps at 360 Hz are 2 s, although differences of rounded times may be less."""
    steps = np.arange(1000) * 720 + 7
    symbols = np.full(1000, "N")
    beats = ECGRecord(np.zeros((720_007, 0)), 360.0, (), annotations=(steps, symbols))
    assert_array_equal(summarize_beats(beats, pause_s=2.0).pauses[:, 1], np.full(999, 2.0))


def test_a_gap_is_no_pause_and_breaks_a_run(record):
    """Where all leads are missing, nobody knows whether there was a beat."""
    signal = np.zeros((600 * FS, 2), np.float32)
    signal[2000:2010] = np.nan
    signal[418:422] = np.nan
    signal[1012:1014, 0] = np.nan  # another lead is there
    gappy = replace(record, signal=signal, lead_names=("II", "V1"))
    summary = summarize_beats(gappy, run_beats=2)
    assert len(summary.pauses) == 0
    assert_allclose(summary.runs["V"], [[20.5, 1, 2], [40.5, 1, 2], [42.5, 1, 2]])
    assert_allclose(summary.runs["S"], [[100.5, 2, 3]])
    signal[:] = np.nan
    assert len(summarize_beats(replace(gappy, signal=signal)).runs["V"]) == 0


def test_flutter_is_no_pause_and_breaks_a_run(record):
    """There are waves without beats, which is no silence of the heart."""
    steps, symbols = record.annotations
    marks = np.array([418, 422, 2000, 2020]), np.array(["[", "]", "[", "]"])
    order = np.argsort(np.concatenate([steps, marks[0]]), kind="stable")
    annotations = tuple(
        np.concatenate(pair)[order] for pair in zip((steps, symbols), marks, strict=True)
    )
    summary = summarize_beats(replace(record, annotations=annotations), run_beats=2)
    assert len(summary.pauses) == 0
    assert_allclose(summary.runs["V"], [[20.5, 1, 2], [40.5, 1, 2], [42.5, 1, 2]])


def test_a_missing_value_or_the_lack_of_a_signal_breaks_nothing(record):
    """A single missing time step hides no beat if it is short, and annotations may come alone."""
    alone = replace(record, signal=np.zeros((600 * FS, 0), np.float32), lead_names=())
    assert_allclose(summarize_beats(alone).pauses, [[199.5, 3]])
    fine = ECGRecord(
        np.zeros((60000, 1), np.float32),
        100.0,
        ("II",),
        (np.array([100, 400]), np.array(["N"] * 2)),
    )
    fine.signal[200:205] = np.nan
    assert_allclose(summarize_beats(fine).pauses, [[1, 3]])
    fine.signal[200:210] = np.nan
    assert len(summarize_beats(fine).pauses) == 0


@pytest.mark.parametrize("n_beats", [0, 1])
def test_hardly_any_beat(record, n_beats):
    """No beat or one makes neither a run nor a pause, and no rhythm no burden."""
    few = replace(
        record,
        annotations=tuple(each[:n_beats] for each in record.annotations),
        rhythms=(np.empty(0, int), np.empty(0, "<U4")),
    )
    summary = summarize_beats(few)
    assert sum(counts.sum() for counts in summary.counts.values()) == n_beats
    assert [len(summary.pauses), *map(len, summary.runs.values())] == [0, 0, 0]
    assert np.isnan(summary.af_burden)
    assert np.isnan(summary.heart_rate).all()


@pytest.mark.parametrize("constant", [np.nan, -2.5])
def test_an_electrode_that_is_off_makes_no_pause(constant):
    """Whether the device writes nothing or a constant; one lead that is on tells of a pause."""
    ripple = 0.01 * np.random.default_rng(0).normal(size=(600 * FS, 2)).astype(np.float32)
    beats = np.append(np.arange(0, 100 * FS, FS), np.arange(120 * FS, 600 * FS, FS))
    marks = beats, np.full(len(beats), "N")
    ripple[105 * FS : 115 * FS, 0] = constant
    one = ECGRecord(ripple, float(FS), ("II", "V1"), annotations=marks)
    assert_allclose(summarize_beats(one).pauses, [[99, 21]])
    ripple[107 * FS : 113 * FS, 1] = 1.0
    both = replace(one, signal=ripple.copy())
    assert len(summarize_beats(both).pauses) == 0
    assert_allclose(both.heart_rate()[[98, 99, 100]], [60, np.nan, 60])
    ripple[107 * FS : 113 * FS : FS, 1] = 2.0  # it stands still for less than a second
    assert len(summarize_beats(replace(one, signal=ripple)).pauses) == 1


def test_rhythms_of_a_recording_without_beats_last_until_its_end(record):
    """As of a classifier of rhythms alone."""
    bare = replace(record, annotations=tuple(each[:0] for each in record.annotations))
    summary = summarize_beats(bare)
    assert_allclose(summary.rhythms["N"], [[0, 300], [360, 240]])
    assert summary.af_burden == pytest.approx(60 / 600)


def test_fastest_and_slowest_minute(record):
    """Each is a minute with beats for more than half of it, and a gap does not slow the heart."""
    intervals = np.full(600, FS)
    intervals[130:230] = 6
    intervals[400:430] = 20
    intervals[500] = 400
    steps = np.cumsum(intervals)
    signal = np.zeros((steps[-1] + FS, 1), np.float32)
    signal[steps[499] + 5 : steps[500] - 5] = np.nan
    marks = steps, np.full(600, "N")
    summary = summarize_beats(replace(record, signal=signal, annotations=marks))
    # The fast beats begin in the eleventh second of it: 11 intervals of 1 s, then 83 of 0.6 s.
    assert summary.fastest_minute == (120, pytest.approx(60 * 94 / (11 + 83 * 0.6)))
    assert summary.slowest_minute == (360, pytest.approx(60 * 30 / (1 + 29 * 2)))


def test_heart_rate_in_bigeminy_is_that_of_both_intervals(record):
    """Of 5 and 11 tenths of a second, 75 a minute: the pulse, not the 120 or 55 of a median."""
    steps = np.cumsum(np.resize([5, 11], 299))
    marks = steps, np.resize(["V", "N"], 299)
    bigeminal = replace(record, signal=record.signal[:2400], annotations=marks)
    summary = summarize_beats(bigeminal)
    low, middle, high = summary.heart_rate.T
    assert_allclose(middle, 75, rtol=0.02)
    assert_allclose([low, high], [[60 / 1.1] * len(low), [120] * len(high)])
    assert summary.fastest_minute[1] == pytest.approx(75, rel=0.02)
    assert summary.slowest_minute[1] == pytest.approx(75, rel=0.02)
    assert bigeminal.describe()["heart_rate"] == pytest.approx(75, rel=0.01)


def test_heart_rates_are_told_from_the_5th_to_the_95th_percentile(record):
    """One interval in ten that is short or long is seen, one in a hundred is not."""
    for every, ends in ((10, [30, 120]), (100, [60, 60])):
        intervals = np.full(600, 10)
        intervals[::every], intervals[every // 2 :: every] = 5, 20
        steps = np.cumsum(intervals)
        signal = np.zeros((steps[-1] + 1, 1), np.float32)
        marks = steps, np.full(600, "N")
        none = np.empty(0, int), np.empty(0, "<U4")
        regular = replace(record, signal=signal, annotations=marks, rhythms=none)
        ((low, _, high),) = summarize_beats(regular, span_s=1000).heart_rate
        assert [low, high] == pytest.approx(ends)


@pytest.mark.parametrize(("duration_s", "span"), [(1800, "1 min"), (1800.1, "5 min")])
def test_a_recording_has_at_most_thirty_spans(duration_s, span):
    """Half an hour is still counted by the minute."""
    assert choose_span(duration_s)[0] == span


@pytest.mark.parametrize(("gap_s", "is_missing"), [(20, True), (31, False)])
def test_an_interval_that_may_hide_beats_is_no_heart_rate(record, gap_s, is_missing):
    """Across a missing signal, or of more than 30 s: its 1 to 3 beats per minute are nobody's."""
    intervals = np.full(100, FS)
    intervals[50] = gap_s * FS
    steps = np.cumsum(intervals)
    signal = np.zeros((steps[-1] + FS, 1), np.float32)
    if is_missing:
        signal[steps[49] + 5 : steps[50] - 5] = np.nan
    marks = steps, np.full(100, "N")
    rates = summarize_beats(replace(record, signal=signal, annotations=marks)).heart_rate
    assert_allclose(rates[~np.isnan(rates)], 60)


def test_half_a_minute_has_no_fastest_minute(record):
    """A few beats are not a minute."""
    short = replace(
        record, signal=record.signal[:300], annotations=(np.arange(5, 300, 10), ["N"] * 30)
    )
    assert np.isnan(summarize_beats(short).fastest_minute).all()
