"""The model of rhythms: it answers as it did, of any rate, and says what it is."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sklearn_ecg.datasets import ECGRecord, make_ecg
from sklearn_ecg.pretrained import load_pretrained, model_card

#: Signals, and the model's answers when it was made: see examples/training/rhythm_30s.py.
STORED = Path(__file__).with_name("rhythm-30s.npz")


@pytest.fixture(scope="module")
def model():
    return load_pretrained("rhythm-30s")


def test_model_answers_as_it_did(model):
    """With any version of the packages, up to rounding."""
    with np.load(STORED) as stored:
        records = [ECGRecord(signal[:, None], 250.0, ("II",)) for signal in stored["signals"]]
        expected = stored["probabilities"]
    np.testing.assert_allclose(model.predict_proba(records), expected, atol=1e-3)


def test_model_takes_recordings_of_any_rate_and_duration(model):
    """9 to 60 s, whatever the lead is called."""
    strips = [
        replace(make_ecg(duration_s, fs=fs, rhythm=rhythm, random_state=2), lead_names=(name,))
        for duration_s, fs, rhythm, name in [
            (9, 128, "sinus", "ECG"),
            (30, 1000, "sinus", "I"),
            (60, 200, "af", "MLII"),
        ]
    ]
    np.testing.assert_array_equal(model.predict(strips), ["N", "N", "A"])


@pytest.mark.parametrize(
    "disturb",
    [
        lambda signal, t: signal + 0.3 * np.sin(2 * np.pi * 60 * t),
        lambda signal, t: signal + 50 * t / t[-1] - 5,
        lambda signal, t: -signal,
        lambda signal, t: 2.5 * signal,
        lambda signal, t: np.where((t > 8) & (t < 11), 0.37, signal),
        lambda signal, t: np.where((t > 8) & (t < 11), np.nan, signal),
    ],
    ids=["hum", "drift", "upside down", "gain", "electrode off", "gap"],
)
def test_other_devices_change_no_answer(model, disturb):
    """Neither the mains nor an electrode that is off for a while makes a rhythm."""
    for rhythm, expected in (("sinus", "N"), ("af", "A")):
        record = make_ecg(30, fs=300, rhythm=rhythm, leads=["I"], random_state=3)
        time_s = np.arange(record.n_timesteps)[:, None] / record.fs
        signal = disturb(record.signal, time_s).astype(np.float32)
        assert model.predict([replace(record, signal=signal)]) == [expected]


@pytest.mark.parametrize(
    "signal",
    [
        np.random.default_rng(0).normal(size=9000),
        np.random.default_rng(1).normal(size=2700),
        np.zeros(9000),
        np.full(2700, 0.5),
        np.full(9000, np.nan),
        np.append(make_ecg(2, fs=300, leads=["I"], random_state=0).signal[:200, 0], [0] * 2500),
    ],
    ids=["noise", "short noise", "flat", "short and flat", "missing", "one beat"],
)
def test_nothing_is_said_of_a_rhythm_that_nobody_sees(model, signal):
    """Without two beats there is none."""
    record = ECGRecord(signal.reshape(-1, 1).astype(np.float32), 300.0, ("ECG",))
    assert model.predict([record]) == ["~"]


def test_shorter_and_longer_recordings_are_refused(model):
    """One answer for minutes would mean nothing, and it has learnt from nothing shorter."""
    with pytest.raises(ValueError, match=r"lasts 8\.9 s, but shortest_s=9"):
        model.predict([make_ecg(8.9, leads=["I"], random_state=0)])
    with pytest.raises(ValueError, match="lasts 62 s, but longest_s=61"):
        model.predict([make_ecg(62, leads=["I"], random_state=0)])


def test_recording_without_the_lead_is_refused(model):
    """Chest leads look otherwise."""
    record = make_ecg(10, leads=["V1"], random_state=0)
    with pytest.raises(ValueError, match="V1"):
        model.predict([record])


def test_card_says_what_one_has_to_know():
    """Under headings, with figures of each class."""
    card = model_card("rhythm-30s")
    for heading in ("purpose", "limits", "data", "licence", "splits", "figures", "calibration"):
        assert card[heading]
    assert {"N", "A", "O", "~"} < set(card["figures"])
    assert card["input"] == {"leads": [["ECG", "I", "II", "MLII"]], "fs": 300, "unit": "mV"}
