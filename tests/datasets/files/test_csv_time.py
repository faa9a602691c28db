"""Sampling rates and time steps from a column of time."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sklearn_ecg.datasets import ECGFormatError
from sklearn_ecg.datasets._files._csv_time import read_times


@pytest.mark.parametrize(
    ("name", "unit", "times"),
    [
        ("time", "", [0, 0.004, 0.008]),
        ("time", "s", [0, 0.004, 0.008]),
        ("time", "seconds", [0, 0.004, 0.008]),
        ("time_s", "", [10, 10.004, 10.008]),
        ("time_ms", "", [0, 4, 8]),
        ("t", "msec", [0, 4, 8]),
        ("time", "min", [0, 0.004 / 60, 0.008 / 60]),
        ("time", "µs", [0, 4000, 8000]),
        ("timestamp_us", "", [0, 4000, 8000]),
        ("time", "ns", [0, 4_000_000, 8_000_000]),
        ("timestamp", "", [1595933810.000, 1595933810.004, 1595933810.008]),
        ("timestamp", "", [1595933810000, 1595933810004, 1595933810008]),
        ("timestamp", "", [1595933810000000, 1595933810004000, 1595933810008000]),
        ("timestamp", "", [1595933810 * 10**9 + i * 4 * 10**6 for i in range(3)]),
    ],
)
def test_units_of_time(name, unit, times):
    """Steps of 4 ms are 250 Hz in whatever unit, from whatever day."""
    fs, steps = read_times(np.array(times, dtype=float), name, unit, None)
    assert fs == pytest.approx(250)
    assert steps.tolist() == [0, 1, 2]


def test_stated_rate_tells_an_unknown_unit():
    """Steps of 4 without a unit are ms at 250 Hz."""
    assert read_times(np.array([0.0, 4, 8]), "time", "", 250)[0] == 250
    with pytest.raises(ECGFormatError, match="unknown unit"):
        read_times(np.array([0.0, 4, 8]), "time", "", None)


@pytest.mark.parametrize(
    ("start", "step", "fs"),
    [
        (0.0, 0.5, 2000),  # ms
        (100.0, 1000 / 1024, 1024),
        (638_000_000_000_000_000, 40_000, 250),  # of Windows since the year 1
        (133_000_000_000_000_000, 40_000, 250),  # and since 1601
        (123_456_789_012_345, 4_000_000, 250),  # ns and
        (1_234_567_890, 4_000, 250),  # us since a device was started
    ],
)
def test_rate_that_no_device_has_is_no_unit(start, step, fs):
    """The clock counts something else than its digits say, and the stated rate tells what."""
    times = start + step * np.arange(100)
    with pytest.raises(ECGFormatError, match="unknown unit"):
        read_times(times, "timestamp", "", None)
    assert read_times(times, "timestamp", "", fs)[0] == fs


@pytest.mark.parametrize("fs", [125, 128, 250, 256, 360, 500, 512, 1000])
def test_times_that_repeat_because_they_are_rounded(fs):
    """At 10 ms, lines share a time; the rate that explains them is found all the same."""
    times = np.round(np.arange(60 * fs) / fs, 2)
    found, steps = read_times(times, "time", "s", None)
    assert found == fs
    assert_array_equal(steps, np.arange(60 * fs))


@pytest.mark.parametrize(
    ("n_lines", "lost"), [(50, [25]), (6, [2, 3]), (250, [100, 180]), (40, [*range(10, 20), 30])]
)
def test_lost_lines_of_a_short_table_are_no_lower_rate(n_lines, lost):
    """A mean rate would explain the times to within half a step, but nobody rounds so."""
    kept = np.delete(np.arange(n_lines), lost)
    for stated in (None, 100):
        fs, steps = read_times(kept / 100, "time", "s", stated)
        assert fs == 100
        assert_array_equal(steps, kept)


@pytest.mark.parametrize("fs", [128, 180, 257, 300, 360, 512, 600, 667, 700, 750, 800, 900])
@pytest.mark.parametrize("duration_s", [1, 20])
def test_rounded_times_are_no_lost_lines(fs, duration_s):
    """At 1 ms, gaps differ by that much."""
    n_lines = round(fs * duration_s)
    found, steps = read_times(np.round(np.arange(n_lines) / fs, 3), "time", "s", None)
    assert_array_equal(steps, np.arange(n_lines))
    assert found == pytest.approx(fs, rel=0.002)


def test_times_of_packets_repeat():
    """Ten lines that came together have one time."""
    found, _ = read_times(np.repeat(np.arange(1000) * 0.04, 10), "time", "s", None)
    assert found == 250


@pytest.mark.parametrize(("fs", "size"), [(130, 73), (500, 5), (128, 16), (250, 250)])
@pytest.mark.parametrize("stated", [True, False])
@pytest.mark.parametrize("n_before", [0, 2])
def test_lost_packets_are_gaps(fs, size, stated, n_before):
    """Of Polar, Samsung, Movesense, and lines with whole seconds; the first packet may be cut."""
    packets = np.delete(np.arange(40), [7, 21, 22])
    whole = (packets[:, np.newaxis] * size + np.arange(size)).ravel()
    times = (whole // size * size / fs)[n_before:]
    found, steps = read_times(times, "time", "s", fs if stated else None)
    assert found == pytest.approx(fs, rel=1e-9)
    assert_array_equal(steps, whole[n_before:] - n_before)


def test_packets_after_a_pause():
    """They come at any time, and are placed to within one line, not one packet."""
    lines = np.arange(40 * 73)
    times = lines // 73 * 73 / 130 + 3.21 * (lines >= 20 * 73)
    found, steps = read_times(times, "time", "s", None)
    assert found == pytest.approx(130)
    assert_array_equal(steps, lines + round(3.21 * 130) * (lines >= 20 * 73))


def test_packets_that_are_a_little_late_need_the_stated_rate():
    """A few of them, of which one is lost, tell a rate that is off by per cents."""
    rng = np.random.default_rng(0)
    packets = np.delete(np.arange(32), [15, 16])
    times = np.repeat((packets + rng.uniform(0, 0.3, 30)) * 25 / 250, 25)
    with pytest.raises(ECGFormatError, match="state file_fs"):
        read_times(times, "time", "s", None)
    found, steps = read_times(times, "time", "s", 250)
    assert found == pytest.approx(250, rel=0.01)
    whole = (packets[:, np.newaxis] * 25 + np.arange(25)).ravel()
    assert np.abs(steps - whole).max() <= 0.3 * 25


def test_packets_that_come_at_any_time_hide_no_lost_one():
    """Where they are early or late by a packet, nobody can tell whether one is lost."""
    rng = np.random.default_rng(0)
    times = np.sort(np.arange(40) + rng.uniform(-0.9, 0.9, 40))
    for kept in (np.arange(40), np.delete(np.arange(40), 37)):
        with pytest.raises(ECGFormatError, match="explain"):
            read_times(np.repeat(times[kept], 50), "time", "s", 50)


@pytest.mark.parametrize("is_stated", [False, True])
@pytest.mark.parametrize(
    ("fs", "digits"), [(128, 3), (128.004, 3), (127.99, 6), (130.013, 9), (250.02, 3)]
)
def test_runs_after_pauses(fs, digits, is_stated):
    """A device may begin anew between two steps, and its clock runs a little fast or slow."""
    stated = round(fs) if is_stated else None
    lines = np.arange(20_000)
    pauses = np.select([lines >= 12_000, lines >= 5000], [90.0314, 2.5171])
    found, steps = read_times(np.round(lines / fs + pauses, digits), "time", "s", stated)
    assert found == pytest.approx(fs, rel=1e-4)
    assert np.abs(steps / found - (lines / fs + pauses)).max() <= 1.05 / fs
    is_pause = np.isin(lines[1:], [5000, 12_000])
    assert np.all(np.diff(steps)[~is_pause] == 1)


def test_few_times_that_repeat_are_refused():
    """Five lines tell no rate."""
    with pytest.raises(ECGFormatError, match="too short to tell its rate: state file_fs"):
        read_times(np.array([0, 0, 0.01, 0.01, 0.02]), "time", "s", None)


@pytest.mark.parametrize(("fs", "is_right"), [(250, True), (240, False)])
def test_stated_rate_of_times_in_whole_seconds(fs, is_right):
    """Too short a table for a rate to be found may still contradict the stated one."""
    times = np.floor(0.5 + np.arange(10_000) / 250)
    if is_right:
        for unit in ("s", ""):  # hundreds of lines in each step of the clock tell its unit
            found, steps = read_times(times, "time", unit, fs)
            assert found == fs
            assert_array_equal(steps, np.arange(10_000))
    else:
        with pytest.raises(ECGFormatError, match="file_fs=240 does not explain"):
            read_times(times, "time", "s", fs)


@pytest.mark.parametrize("first_day", [45_000.123456, 738_000.5], ids=["Excel", "MATLAB"])
@pytest.mark.parametrize("stated", [None, 500])
def test_days_since_a_day_long_ago(first_day, stated):
    """A clock in another unit would be faster than any device."""
    times = np.round(first_day + np.delete(np.arange(900), [7, 8]) / 500 / 86400, 10)
    fs, steps = read_times(times, "time", "", stated)
    assert fs == 500
    assert_array_equal(steps, np.delete(np.arange(900), [7, 8]))


def test_clock_that_trembles_needs_the_stated_rate():
    """Lines that come early and late by turns are regular if the caller says the rate."""
    rng = np.random.default_rng(0)
    times = np.sort(np.arange(500) / 50 + rng.uniform(-0.02, 0.02, 500))
    found, steps = read_times(times, "time", "s", 50)
    assert found == 50
    assert_array_equal(steps, np.arange(500))
    for n_lost in (2, 5):
        with pytest.raises(ECGFormatError, match="file_fs=50 does not explain"):
            read_times(np.delete(times, slice(200, 200 + n_lost)), "time", "s", 50)


@pytest.mark.parametrize(
    ("times", "way_out"),
    [
        ([1.696e12, 1.696e12], "as a spreadsheet rounds it: save all digits"),
        ([0, -1], "sort its lines by time, and leave out those that are there twice"),
        ([0, np.nan, 2], "sort its lines by time"),
    ],
)
def test_times_that_do_not_increase_are_refused(times, way_out):
    """They are no clock."""
    with pytest.raises(ECGFormatError, match=f"does not increase.*{way_out}"):
        read_times(np.array(times, dtype=float), "time", "s", None)


def test_one_time_step_tells_no_rate():
    """It is read if the rate is stated."""
    with pytest.raises(ECGFormatError, match="one time step, which tells no rate: state file_fs"):
        read_times(np.array([0.0]), "time", "s", None)
    fs, steps = read_times(np.array([0.0]), "time", "s", 250)
    assert (fs, steps.tolist()) == (250, [0])
