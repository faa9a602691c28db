"""Names of files, leads, rhythms, classes and models are drawn as they are written."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.text import Text
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from sklearn_ecg.compose import SegmentedClassifier
from sklearn_ecg.datasets import make_ecg
from sklearn_ecg.plotting import (
    AttributionDisplay,
    ECGDisplay,
    HolterDisplay,
    RecordScoresDisplay,
    ReliabilityDisplay,
)

NAME = "$5^$ 6"  # a formula, and a wrong one, to Matplotlib


@pytest.fixture
def record():
    record = make_ecg(70, fs=100, premature={"V": 0.1}, random_state=0)
    rhythms = np.array([0, 900]), np.array([NAME, "N"])
    return replace(record, lead_names=(NAME,), source=f"{NAME}.edf", rhythms=rhythms)


def draw_attributions(record):
    rows = record.signal[:4000].reshape(4, 1000)
    model = make_pipeline(SegmentedClassifier(None, LogisticRegression()))
    model.fit(rows, [NAME, "b", NAME, "b"])
    return AttributionDisplay.from_estimator(
        model, rows[0], fs=100, target=NAME, method="occlusion"
    )


@pytest.mark.parametrize(
    ("draw", "n_names"),
    [
        (ECGDisplay.from_record, 2),
        (HolterDisplay.from_record, 3),
        (lambda _: RecordScoresDisplay.from_predictions(["N"] * 2, ["N"] * 2, [NAME, "b"]), 1),
        (draw_attributions, 1),
        (lambda _: ReliabilityDisplay.from_predictions([0, 1] * 2, [0.2, 0.7] * 2, name=NAME), 1),
    ],
    ids=["ecg", "holter", "scores", "attribution", "reliability"],
)
def test_names_are_no_formulas(draw, n_names, record):
    """A price for a name would be an error, or another text."""
    figure = draw(record).figure_
    figure.canvas.draw()
    named = [text for text in figure.findobj(Text) if NAME in text.get_text()]
    assert len(named) >= n_names
    assert not any(text.get_parse_math() for text in named)
