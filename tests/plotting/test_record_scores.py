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


@pytest.mark.parametrize("width_mm", [60, 89, 183, None])
def test_figures_stay_within_their_cells(width_mm):
    """On axes of a narrow column, and beside long names."""
    rng = np.random.default_rng(0)
    y_true, y_pred = rng.choice(list("NSVFQ"), size=(2, 20_000))
    names = rng.choice(["a", "b"] if width_mm else ["a long name of a recording" * 2, "b"], 20_000)
    ax = None
    if width_mm:
        _, ax = pyplot.subplots(figsize=(width_mm / 25.4, 2.4), layout="constrained")
    display = RecordScoresDisplay.from_predictions(y_true, y_pred, names, ax=ax)
    display.figure_.canvas.draw()
    n_columns = display.f1_.shape[1]
    widest = max(text.get_window_extent().width for text in display.ax_.texts)
    assert widest <= display.ax_.get_window_extent().width / n_columns
    sizes = {text.get_fontsize() for text in display.ax_.texts}
    assert len(sizes) == 1
    assert sizes == {7.0} or width_mm
    is_broken = ["\n" in text.get_text() for text in display.ax_.texts]
    assert all(is_broken) if width_mm in (60, 89) else not any(is_broken)


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
