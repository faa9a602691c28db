"""Which classes of beats are taken for which."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib import pyplot

from sklearn_ecg.datasets import ECGRecord
from sklearn_ecg.plotting import BeatConfusionDisplay


class MissesTheLast:
    """Annotates all beats but the last, as normal ones."""

    def annotate(self, record):
        steps = record.beats[0][:-1]
        return replace(record, annotations=(steps, np.full(len(steps), "N")))


def test_cells_are_counts_and_colours_shares_of_a_row():
    """Counts and percentages of a case worked by hand."""
    display = BeatConfusionDisplay.from_predictions(list("NNNNVV"), list("NNNVVV"))
    cells = [text.get_text() for text in display.ax_.texts]
    assert cells == ["3\n75.0 %", "1\n25.0 %", "0\n0.0 %", "2\n100.0 %"]
    assert display.ax_.images[0].get_array().tolist() == [[0.75, 0.25], [0, 1]]
    assert [label.get_text() for label in display.ax_.get_yticklabels()] == ["N (4)", "V (2)"]


def test_classes_are_in_the_order_of_the_aami():
    """Only classes that occur are shown, and what is no beat comes last."""
    display = BeatConfusionDisplay.from_predictions(list("VSN"), list("FOS"))
    assert display.labels == ["N", "S", "V", "F", "O"]
    assert display.ax_.get_xticklabels()[-1].get_text() == "no beat"


def test_beats_of_records_are_matched():
    """A beat that was missed stands in the column of no beat."""
    annotations = np.array([100, 200, 300]), np.array(["N", "V", "N"])
    record = ECGRecord(np.zeros((400, 1), np.float32), 100.0, ("II",), annotations=annotations)
    display = BeatConfusionDisplay.from_estimator(MissesTheLast(), [record, record])
    assert display.labels == ["N", "V", "O"]
    assert display.counts.tolist() == [[2, 0, 2], [2, 0, 0], [0, 0, 0]]


def test_axes_of_the_caller_are_drawn_on():
    """The matrix may be a part of a figure."""
    figure, ax = pyplot.subplots()
    display = BeatConfusionDisplay.from_predictions(["N"], ["N"], ax=ax)
    assert display.ax_ is ax
    assert display.figure_ is figure


def test_bad_arguments_are_refused():
    """An error names what is wrong."""
    with pytest.raises(ValueError, match="row 1 of y_true is masked"):
        BeatConfusionDisplay.from_predictions(np.ma.array(["N", "V"], mask=[0, 1]), ["N", "V"])
    with pytest.raises(ValueError, match="y_pred"):
        BeatConfusionDisplay.from_predictions(["N"], ["X"])
    with pytest.raises(TypeError, match="got object, which has no annotate"):
        BeatConfusionDisplay.from_estimator(object(), [])
    with pytest.raises(ValueError, match="records is empty"):
        BeatConfusionDisplay.from_estimator(MissesTheLast(), [])
    bare = ECGRecord(np.zeros((400, 1), np.float32), 100.0, ("II",), source="a.hea")
    with pytest.raises(
        ValueError, match=r'record a has no annotated beats: .*annotator="atr"\)\.$'
    ):
        BeatConfusionDisplay.from_estimator(MissesTheLast(), [bare])
