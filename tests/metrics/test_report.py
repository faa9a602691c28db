"""The report on classified beats."""

import json

import numpy as np
import pytest

from sklearn_ecg.metrics import (
    beat_classification_report,
    beat_macro_f1,
    beat_scores,
    jk_index,
)


@pytest.fixture
def beats():
    """Beats of two records, one of them with a fusion beat: y_true, y_pred, records."""
    return list("NNNSNVVF"), list("NNNNSVVV"), ["100"] * 4 + ["208"] * 4


@pytest.mark.parametrize("counting", ["one-vs-rest", "ec57"])
def test_dict_holds_what_the_functions_return(beats, counting):
    """The report computes nothing of its own, and can be written as JSON."""
    *labels, records = beats
    report = beat_classification_report(
        *labels, records=records, counting=counting, output_dict=True
    )
    np.testing.assert_equal(report["gross"], beat_scores(*labels, counting=counting))
    np.testing.assert_equal(
        report["record"],
        beat_scores(*labels, records=records, average="record", counting=counting),
    )
    assert report["accuracy"] == 5 / 8
    assert report["macro_f1"] == beat_macro_f1(*labels, counting=counting)
    assert report["kappa"] == pytest.approx((5 / 8 - 23 / 64) / (1 - 23 / 64))
    assert report["jk_index"] == jk_index(*labels, counting=counting)
    assert report["j_index"] == pytest.approx(8 * report["jk_index"] - 4 * report["kappa"])
    assert report["confusion_matrix"]["F"] == {"N": 0, "S": 0, "V": 1, "F": 0, "Q": 0, "O": 0}
    assert json.loads(json.dumps(report))["gross"]["V"]["support"] == 2


def test_kappa_of_two_classes_by_hand():
    """Three of four agree, where two of four would by chance."""
    report = beat_classification_report(list("NNVV"), list("NNVN"), output_dict=True)
    assert report["kappa"] == pytest.approx((3 / 4 - 1 / 2) / (1 - 1 / 2))


def test_text_shows_q_and_missed_beats_where_they_occur(beats):
    """Classes without beats or predictions take no room, but N, S, V and F always do."""
    *labels, _ = beats
    text = beat_classification_report(*labels)
    assert text.splitlines()[-5].split() == ["n", "s", "v", "f"]
    assert "mean over records" not in text
    with_more = beat_classification_report([*labels[0], "Q", "N"], [*labels[1], "V", "O"])
    assert with_more.splitlines()[-7].split() == ["n", "s", "v", "f", "q", "o"]
    assert with_more.splitlines()[-2].split() == ["Q", "0", "0", "1", "0", "0", "0"]


def test_text_shows_undefined_figures_as_a_dash(beats):
    """F was never predicted, so that it has no positive predictivity."""
    *labels, _ = beats
    line = beat_classification_report(*labels, digits=1).splitlines()[7]
    assert line.split() == ["F", "1", "0.0", "-", "0.0", "0.0"]


def test_first_five_minutes_can_be_left_out(beats):
    """Beats before skip_s are not counted anywhere."""
    *labels, _ = beats
    text = beat_classification_report(*labels, time_s=np.arange(8) * 100, skip_s=400)
    assert text.startswith("4 beats, counted one-vs-rest\n")


def test_invented_beats_are_no_beats():
    """The first line counts those of the reference, as the column n does."""
    text = beat_classification_report(list("NNVO"), list("NOVV"))
    assert text.startswith("3 beats, counted one-vs-rest\n")


def test_macro_f1_leaves_out_q(beats):
    """It averages over N, S, V and F, also where there are beats of Q."""
    y_true, y_pred, _ = beats
    labels = [*y_true, "Q", "Q"], [*y_pred, "N", "Q"]
    report = beat_classification_report(*labels, output_dict=True)
    assert report["macro_f1"] == beat_macro_f1(*labels)


def test_text_names_what_it_shows(beats):
    """Titles, columns and figures in the words of EC57."""
    *labels, records = beats
    lines = beat_classification_report(*labels, records=records, counting="ec57").splitlines()
    assert lines[0] == "8 beats, counted ec57"
    assert lines[2].split() == ["n", "Se", "+P", "FPR", "F1"]
    assert lines[3] == "all beats"
    assert lines[8] == "mean over records, n of which have the class"
    assert lines[14].split() == ["accuracy", "0.625"]
    assert lines[19:21] == ["", "               n        s        v        f"]
    names = [line[:18].strip() for line in lines[14:19]]
    assert names == ["accuracy", "macro F1 (N S V F)", "kappa", "j", "jk"]
