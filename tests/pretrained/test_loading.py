"""Models that ship: they load, say what they are, and answer as they did."""

from pathlib import Path

import numpy as np
import pytest

from sklearn_ecg import pretrained
from sklearn_ecg.compose import BeatClassifier
from sklearn_ecg.datasets import ECGRecord, make_ecg
from sklearn_ecg.pretrained import ModelCard, load_pretrained, model_card

#: A signal, and what the model said of it when it was made: see examples/training/beats.py.
STORED = Path(__file__).with_name("beats.npz")


def test_model_answers_as_it_did():
    """With any version of the packages, up to rounding."""
    with np.load(STORED) as stored:
        marks = stored["beats"], np.full(len(stored["beats"]), "N")
        record = ECGRecord(stored["signal"][:, None], 250.0, ("II",), annotations=marks)
        expected = stored["probabilities"]
    model = load_pretrained("beats")
    assert isinstance(model, BeatClassifier)
    model.set_params(beats="annotations")
    np.testing.assert_allclose(model.predict_proba([record])[0], expected, atol=1e-4)


def test_model_tells_planted_beats():
    """Ventricular ones among normal ones, of another rate than it was trained at."""
    record = make_ecg(60, fs=500, premature={"V": 0.15}, leads=["II", "V1"], random_state=1)
    model = load_pretrained("beats")
    assert model.score([record]) > 0.7
    annotated = model.annotate(record)
    assert annotated.fs == 500
    assert set(annotated.annotations[1]) <= {"F", "N", "S", "V"}


def test_card_says_what_one_has_to_know():
    """Under headings, readable as it prints."""
    card = model_card("beats")
    assert isinstance(card, ModelCard)
    for heading in ("purpose", "limits", "data", "licence", "splits", "figures", "calibration"):
        assert card[heading]
    assert card["input"] == {"leads": [["MLII", "II"]], "fs": 250.0, "unit": "mV"}
    assert "Not a medical device" in repr(card)


def test_unknown_name_is_refused():
    """With what there is."""
    with pytest.raises(ValueError, match=r"'name' parameter of load_pretrained must be .*'beats'"):
        load_pretrained("beets")


def test_files_are_small():
    """All together at most 2 MB."""
    files = Path(pretrained.__file__).parent.glob("*.skecg")
    assert 0 < sum(path.stat().st_size for path in files) < 2e6
