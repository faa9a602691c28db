"""Bringing a record to another rate."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_ecg.datasets import ECGRecord
from sklearn_ecg.datasets._files._resampling import resample_record


def record_of(signal, fs, annotations=((), ())):
    time_steps, symbols = annotations
    marks = np.array(time_steps, dtype=np.int64), np.array(symbols, dtype="<U1")
    return ECGRecord(np.asarray(signal, dtype=np.float32), fs, ("I",), marks)


@pytest.mark.parametrize("fs", [100.0, 250.0, 360.0, 128.205])
def test_a_slow_wave_stays_what_it_is(fs):
    """A sine of 1 Hz, sampled at 300 Hz and brought to another rate, is that sine there."""
    sine = np.sin(2 * np.pi * np.arange(3000) / 300)[:, None]
    resampled = resample_record(record_of(sine, 300.0), fs)
    expected = np.sin(2 * np.pi * np.arange(resampled.n_timesteps) / fs)
    assert resampled.signal.dtype == np.float32
    assert abs(resampled.duration_s - 10) < 1 / fs
    inside = slice(int(fs), -int(fs))
    assert_allclose(resampled.signal[inside, 0], expected[inside], atol=0.01)


def test_same_rate_is_the_same_record():
    """Nothing is copied where nothing is to be done."""
    record = record_of(np.zeros((5, 1)), 100.0)
    assert resample_record(record, 100) is record


def test_offset_does_not_ring_at_the_ends():
    """A constant stays that constant from end to end."""
    resampled = resample_record(record_of(np.full((100, 1), 3.0), 100.0), 250)
    assert_allclose(resampled.signal, 3, rtol=1e-3)


def test_gaps_stay_gaps():
    """At twice the rate, a gap from step 4 to 5 reaches from just after step 3 to just before 6."""
    signal = np.arange(10.0)[:, None]
    signal[4:6] = np.nan
    resampled = resample_record(record_of(signal, 100.0), 200.0)
    assert np.flatnonzero(np.isnan(resampled.signal[:, 0])).tolist() == [7, 8, 9, 10, 11]


def test_lead_of_nothing_stays_nothing():
    """A lead without any value is NaN at any rate."""
    resampled = resample_record(record_of(np.full((10, 1), np.nan), 100.0), 50)
    assert_array_equal(resampled.signal, np.full((5, 1), np.nan))


def test_annotations_move_to_the_nearest_time_step():
    """Steps 10, 11 and 99 at 100 Hz are 5, 6 and the last one at 50 Hz."""
    record = record_of(np.zeros((100, 1)), 100.0, ([10, 11, 99], ["N", "V", "N"]))
    time_steps, symbols = resample_record(record, 50).annotations
    assert time_steps.tolist() == [5, 6, 49]
    assert symbols.tolist() == ["N", "V", "N"]
    assert record.annotations[0].tolist() == [10, 11, 99]


def test_annotations_without_a_signal_move_too():
    """A record of which no lead was read has a length and marks all the same."""
    record = ECGRecord(
        np.empty((1000, 0), np.float32), 250.0, (), (np.array([500]), np.array(["N"]))
    )
    moved = resample_record(record, 100.0)
    assert moved.signal.shape == (400, 0)
    assert moved.annotations[0].tolist() == [200]
