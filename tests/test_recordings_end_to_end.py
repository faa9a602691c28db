"""Whatever recording comes: the answer of the model, an empty answer, or an error that names it."""

import re
from dataclasses import replace

import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB

from sklearn_ecg.compose import BeatClassifier, SegmentedClassifier
from sklearn_ecg.datasets import RecordReader, make_ecg, read_record


@pytest.fixture(scope="module")
def record():
    return make_ecg(30, fs=250, premature={"V": 0.2}, random_state=0)


@pytest.fixture(scope="module")
def model(record):
    return BeatClassifier(SegmentedClassifier(None, GaussianNB()), leads=["II"]).fit([record])


def write_csv(path, signal, fs=250):
    time = np.arange(len(signal)) / fs
    table = np.column_stack([time, signal])
    np.savetxt(path, table, "%.4f", ",", header="time (s),II (mV)", comments="")
    return path


def test_directory_is_named(model, tmp_path):
    """It is no recording."""
    for ask in (model.predict, RecordReader(["II"], fs=250).fit_transform):
        with pytest.raises(IsADirectoryError, match=re.escape(str(tmp_path))):
            ask([tmp_path])


def test_missing_file_is_named(model, tmp_path):
    """Before anything is answered for the others."""
    for ask in (model.predict, RecordReader(["II"], fs=250).fit_transform):
        with pytest.raises(FileNotFoundError, match=r"gone\.csv"):
            ask([tmp_path / "gone.csv"])


def test_file_that_grows_is_read_as_it_is_now(model, record, tmp_path):
    """More beats when there is more signal."""
    signal = record.leads(["II"])
    path = write_csv(tmp_path / "live.csv", signal[:2500])
    before = model.predict([path])[0]
    write_csv(path, signal)
    assert len(model.predict([path])[0]) > len(before) > 5


def test_absent_lead_is_named(model, record):
    """With what there is."""
    other = replace(record, lead_names=("V3",), signal=record.leads(["II"]), source="x/ann.edf")
    with pytest.raises(ValueError, match=r"ann\.edf has no lead II; it has V3"):
        model.predict([other])


def test_no_beats_is_an_empty_answer(model, record):
    """For a flat line, for nothing but NaN, and for noise-free silence of one second."""
    for value in (0.0, np.nan):
        nothing = replace(record, signal=np.full_like(record.signal, value))
        assert model.predict([nothing])[0].shape == (0,)
        assert model.predict_proba([nothing])[0].shape == (0, len(model.classes_))
        assert len(model.annotate(nothing).annotations[0]) == 0


def test_one_beat_is_a_beat(record):
    """It has no neighbours, and is classified all the same."""
    first = int(record.beats[0][0])
    signal = record.signal[: first + 100]
    marks = np.array([first]), np.array(["N"])
    short = replace(record, signal=signal, annotations=marks)
    model = BeatClassifier(
        SegmentedClassifier(None, GaussianNB()), leads=["II"], beats="annotations"
    ).fit([record])
    with pytest.warns(UserWarning, match="lasts less than"):
        assert model.predict([short])[0].shape == (1,)


def test_rate_that_is_too_low_is_told(model, record):
    """Below 60 Hz no beat can be found reliably."""
    slow = replace(record, fs=59.0, source="slow.csv")
    with pytest.raises(ValueError, match=r"fs|59"):
        model.predict([slow])


def test_recording_twice_is_two_rows(model, record):
    """Each with the same answer."""
    one, two = model.predict([record, record])
    np.testing.assert_array_equal(one, two)
    X = RecordReader(["II"], fs=250, duration_s=2).fit_transform([record, record])
    np.testing.assert_array_equal(X[0], X[1])


def test_file_and_record_get_the_same_answer(model, record, tmp_path):
    """Up to the rounding of the file."""
    path = write_csv(tmp_path / "a.csv", record.leads(["II"]))
    from_file, from_record = model.annotate(path), model.annotate(record)
    np.testing.assert_allclose(from_file.annotations[0], from_record.annotations[0], atol=1)
    assert np.mean(from_file.annotations[1] == from_record.annotations[1]) > 0.98
    assert read_record(path).lead_names == from_file.lead_names
