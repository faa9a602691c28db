"""Models that ship: they load, say what they are, and answer as they did."""

from pathlib import Path

import numpy as np
import pytest

from sklearn_ecg import pretrained
from sklearn_ecg.compose import BeatClassifier
from sklearn_ecg.datasets import ECGRecord, make_ecg
from sklearn_ecg.pretrained import ModelCard, load_pretrained, model_card

MODELS_OF_BEATS = pytest.mark.parametrize("name", ["beats", "beats-10s"])


@MODELS_OF_BEATS
def test_model_answers_as_it_did(name):
    """With any version of the packages, up to rounding; see examples/training/beats.py."""
    with np.load(Path(__file__).with_name(f"{name}.npz")) as stored:
        marks = stored["beats"], np.full(len(stored["beats"]), "N")
        record = ECGRecord(stored["signal"][:, None], 250.0, ("II",), annotations=marks)
        expected = stored["probabilities"]
    model = load_pretrained(name)
    assert isinstance(model, BeatClassifier)
    model.set_params(beats="annotations")
    np.testing.assert_allclose(model.predict_proba([record])[0], expected, atol=1e-4)


@MODELS_OF_BEATS
def test_model_tells_planted_beats(name):
    """Ventricular ones among normal ones, of another rate than it was trained at."""
    record = make_ecg(100, fs=500, premature={"V": 0.15}, leads=["II", "V1"], random_state=1)
    model = load_pretrained(name)
    assert model.score([record]) > 0.7
    annotated = model.annotate(record)
    assert annotated.fs == 500
    assert set(annotated.annotations[1]) <= {"F", "N", "S", "V"}


@MODELS_OF_BEATS
def test_card_says_what_one_has_to_know(name):
    """Under headings, readable as it prints."""
    card = model_card(name)
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
