"""Parameters in as few bits as a file has for them mean the same as numbers of Python."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sklearn_ecg.beats import BeatDetector, detect_beats
from sklearn_ecg.datasets import (
    ECGRecord,
    RecordReader,
    make_ecg,
    make_ecg_classification,
    read_record,
    write_record,
)
from sklearn_ecg.preprocessing import LogSpectrogram, Reshaper, Segmenter, log_spectrogram, segment

SIGNALS = make_ecg(20, fs=250, random_state=0).signal[None]


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.uint16, np.uint32, np.uint64, np.float32])
def test_rates_do_not_overflow(kind):
    """250 Hz as a byte: 20 s of them are 5000 time steps. Nor is the next answer spoilt."""
    beats = make_ecg(20, fs=kind(250), random_state=0)
    assert beats.signal.shape == (5000, 1)
    strips = [make_ecg_classification(2, fs=fs, random_state=0)[0] for fs in (kind(250), 250)]
    assert_array_equal(*strips)
    narrow = detect_beats(SIGNALS, fs=kind(250))[0]
    assert 20 <= len(narrow) <= 28
    assert_array_equal(narrow, detect_beats(SIGNALS, fs=250)[0])
    record = ECGRecord(SIGNALS[0], fs=kind(250), lead_names=("II",))
    assert_array_equal(detect_beats(record)[0], narrow)
    detector = BeatDetector(kind(250))
    assert_array_equal(np.concatenate([detector.push(SIGNALS[0]), detector.finish()]), narrow)


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.uint16, np.uint32, np.uint64])
def test_lengths_do_not_wrap_around(kind):
    """5000 time steps in pieces of 240."""
    assert Segmenter(kind(240)).fit_transform(SIGNALS).shape == (1, 21, 240, 1)
    assert Segmenter(240, step=kind(120)).fit_transform(SIGNALS).shape == (1, 41, 240, 1)
    assert segment(SIGNALS, kind(240)).shape == (1, 21, 240, 1)
    assert Reshaper(frame_length=kind(240)).fit_transform(SIGNALS).shape == (1, 21, 240)
    expected = log_spectrogram(SIGNALS, 240)
    assert_array_equal(LogSpectrogram(kind(240)).fit_transform(SIGNALS), expected)


@pytest.mark.parametrize("kind", [np.uint8, np.int16])
def test_readers_take_narrow_numbers(kind, tmp_path):
    path = write_record(make_ecg(20, fs=250, random_state=0), tmp_path / "r.hea")
    reader = RecordReader(leads=["II"], fs=kind(100), duration_s=kind(20))
    assert reader.fit_transform([path]).shape == (1, 2000, 1)
    assert read_record(path, fs=kind(100)).signal.shape == (2000, 1)


def test_batches_of_narrow_numbers(tiny, sequences):
    wide, narrow = (
        tiny(batch_size=size).fit(*sequences).predict_proba(sequences[0])
        for size in (40, np.uint8(40))
    )
    assert_array_equal(wide, narrow)
