"""How well a classifier does in each record."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib import pyplot
from numpy.testing import assert_allclose

from sklearn_ecg.datasets import ECGRecord
from sklearn_ecg.plotting import RecordScoresDisplay

TRUE = list("NNNNV") + list("NNNV")
PREDICTED = list("NNNVV") + list("NNNN")
RECORDS = ["good"] * 5 + ["bad"] * 4


class CallsAllNormal:
    """Annotates all beats but the last, as normal ones."""

    def annotate(self, record):
        steps = record.beats[0][:-1]
        return replace(record, annotations=(steps, np.full(len(steps), "N")))


def rows(display):
    return [label.get_text() for label in display.ax_.get_yticklabels()]


def test_worst_record_comes_first_below_all():
    """Figures and order of a case worked by hand."""
    display = RecordScoresDisplay.from_predictions(TRUE, PREDICTED, RECORDS)
    assert rows(display) == ["all (9)", "bad (4)", "good (5)"]
    assert_allclose(display.f1_, [[12 / 14, 1 / 2], [6 / 7, 0], [6 / 7, 2 / 3]])
    cells = [text.get_text() for text in display.ax_.texts]
    assert cells == [
        *("86 / 86   -1 +1", "50 / 50   -1 +1"),
        *("100 / 75   -0 +1", "0 / -   -1 +0"),
        *("75 / 100   -1 +0", "100 / 50   -0 +1"),
    ]


def test_class_that_a_record_lacks_is_blank():
    """What is not there cannot be right or wrong."""
    display = RecordScoresDisplay.from_predictions(list("NNV"), list("NNV"), ["a", "a", "b"])
    assert np.isnan(display.f1_).tolist() == [[False, False], [False, True], [True, False]]
    assert len(display.ax_.texts) == 4


def test_beats_of_records_are_matched():
    """A beat that was not found is missed, and names of records come from their files."""
    annotations = np.array([100, 200, 300]), np.array(["N", "N", "V"])
    record = ECGRecord(np.zeros((400, 1), np.float32), 100.0, ("II",), annotations=annotations)
    records = [replace(record, source=f"{name}.hea") for name in ("x", "y")]
    display = RecordScoresDisplay.from_estimator(CallsAllNormal(), records)
    assert rows(display) == ["all (6)", "x (3)", "y (3)"]
    assert display.ax_.texts[-1].get_text() == "0 / -   -1 +0"


def test_axes_of_the_caller_are_drawn_on():
    """The table may be a part of a figure."""
    figure, ax = pyplot.subplots()
    display = RecordScoresDisplay.from_predictions(TRUE, PREDICTED, RECORDS, ax=ax)
    assert display.ax_ is ax
    assert display.figure_ is figure


def test_bad_arguments_are_refused():
    """An error names what is wrong."""
    with pytest.raises(ValueError, match="row 1 of y_true is masked"):
        RecordScoresDisplay.from_predictions(
            np.ma.array(["N", "V"], mask=[0, 1]), ["N", "V"], ["a", "a"]
        )
    with pytest.raises(ValueError, match="y_pred has the label 'X'"):
        RecordScoresDisplay.from_predictions(["N"], ["X"], ["a"])
    with pytest.raises(ValueError, match="inconsistent"):
        RecordScoresDisplay.from_predictions(["N"], ["N"], ["a", "b"])
    with pytest.raises(TypeError, match="got object, which has no annotate"):
        RecordScoresDisplay.from_estimator(object(), [])
