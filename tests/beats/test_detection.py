"""Find heartbeats."""

import sys

import numpy as np
import pytest

from sklearn_ecg.beats import detect_beats
from sklearn_ecg.datasets import make_ecg
from sklearn_ecg.metrics import match_beats

FS = 250
pytest.importorskip("sleepecg", reason="SleepECG, the detector, is not installed")


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


@pytest.mark.parametrize(
    ("X", "fs", "message"),
    [
        (np.ones((1, 2, 500, 1)), FS, r"row 0 of X has shape \(2, 500, 1\): it is cut into"),
        ([np.ones(5), np.array([1, np.inf])], FS, "infinity: row 1"),
        (np.ones(500), FS, "Expected 2D array"),
        (np.ones((1, 500)), 60, r"'fs' parameter .* must be a float in the range \(60"),
    ],
)
def test_bad_input_is_refused(X, fs, message):
    """The error names the argument or the row."""
    with pytest.raises(ValueError, match=message):
        detect_beats(X, fs)


def test_missing_detector_names_the_extra(record, monkeypatch):
    """The error says what to install; a row that needs no detector needs no package."""
    monkeypatch.setitem(sys.modules, "sleepecg", None)
    assert len(detect_beats(np.zeros((1, 500)), FS)[0]) == 0
    with pytest.raises(ImportError, match=r'sleepecg.*pip install "sklearn-ecg\[beats\]"'):
        detect_beats([record.signal], FS)
