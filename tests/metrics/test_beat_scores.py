"""Figures of each class of beats."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import precision_recall_fscore_support

from sklearn_ecg.metrics import beat_scores

FIGURES = ["sensitivity", "positive_predictivity", "false_positive_rate", "f1"]


@pytest.fixture
def beats():
    """A different number of beats for each pair of labels, and these numbers as EC57 names them."""
    rng = np.random.RandomState(0)
    pairs = [pair for pair in product("NSVFQO", repeat=2) if pair != ("O", "O")]
    numbers = rng.permutation(len(pairs)) + 1
    count = {
        true + predicted.lower(): int(n)
        for (true, predicted), n in zip(pairs, numbers, strict=True)
    }
    y_true, y_pred = (np.repeat(labels, numbers) for labels in zip(*pairs, strict=True))
    order = rng.permutation(len(y_true))
    return y_true[order], y_pred[order], count


def test_v_under_ec57_leaves_out_f_and_q(beats):
    """V is counted by the sums of EC57: fusion and unclassifiable beats are no false V."""
    y_true, y_pred, c = beats
    v = beat_scores(y_true, y_pred, counting="ec57").V
    fn = c["Vn"] + c["Vs"] + c["Vf"] + c["Vq"] + c["Vo"]
    fp = c["Nv"] + c["Sv"] + c["Ov"]
    tn = sum(c[true + predicted] for true, predicted in product("NSFQO", "nsfq"))
    assert v.support == c["Vv"] + fn
    assert v.sensitivity == c["Vv"] / (c["Vv"] + fn)
    assert v.positive_predictivity == c["Vv"] / (c["Vv"] + fp)
    assert v.false_positive_rate == fp / (fp + tn)
    assert v.f1 == 2 * c["Vv"] / (2 * c["Vv"] + fp + fn)


def test_s_under_ec57_leaves_out_q_only(beats):
    """S is counted by the sums of EC57: unclassifiable beats are no false S, fusion beats are."""
    y_true, y_pred, c = beats
    s = beat_scores(y_true, y_pred, counting="ec57").S
    fn = c["Sn"] + c["Sv"] + c["Sf"] + c["Sq"] + c["So"]
    fp = c["Ns"] + c["Vs"] + c["Fs"] + c["Os"]
    assert s.sensitivity == c["Ss"] / (c["Ss"] + fn)
    assert s.positive_predictivity == c["Ss"] / (c["Ss"] + fp)


def test_one_vs_rest_counts_every_other_beat(beats):
    """By default every beat of another class is a false positive or a true negative."""
    y_true, y_pred, c = beats
    v = beat_scores(y_true, y_pred).V
    fp = sum(c[true + "v"] for true in "NSFQO")
    tn = sum(
        c[true + predicted]
        for true, predicted in product("NSFQO", "nsfqo")
        if true + predicted in c
    )
    assert v.positive_predictivity == c["Vv"] / (c["Vv"] + fp)
    assert v.false_positive_rate == fp / (fp + tn)


def test_one_vs_rest_agrees_with_sklearn(beats):
    """Se, +P, F1 and support are recall, precision, F1 and support of scikit-learn."""
    y_true, y_pred, _ = beats
    scores = beat_scores(y_true, y_pred)
    names = ["positive_predictivity", "sensitivity", "f1", "support"]
    ours = [[scores[label][name] for label in "NSVFQ"] for name in names]
    np.testing.assert_allclose(
        ours, precision_recall_fscore_support(y_true, y_pred, labels=list("NSVFQ"))
    )


def test_undefined_figures_are_nan():
    """What would be divided by 0 is NaN, without a warning."""
    scores = beat_scores(["N", "N", "S"], ["N", "V", "N"])
    assert np.isnan([scores.F[name] for name in FIGURES]).tolist() == [True, True, False, True]
    assert np.isnan([scores.S[name] for name in FIGURES]).tolist() == [False, True, False, False]
    assert np.isnan([scores.V[name] for name in FIGURES]).tolist() == [True, False, False, False]
    assert scores.S.f1 == scores.V.f1 == scores.F.false_positive_rate == 0


def test_gross_and_record_average_differ():
    """Gross counts beats, the average counts records, and only those where there is a figure."""
    y_true = list("VVVVNN") + list("VNNN") + list("NN")
    y_pred = list("VVVNVN") + list("NNNN") + list("NN")
    records = ["a"] * 6 + ["b"] * 4 + ["c"] * 2
    gross = beat_scores(y_true, y_pred, records=records).V
    assert (gross.support, gross.sensitivity) == (5, 3 / 5)
    assert gross.positive_predictivity == 3 / 4
    assert gross.false_positive_rate == 1 / 7
    mean = beat_scores(y_true, y_pred, records=records, average="record").V
    assert mean.support == 2  # a and b have V
    assert mean.sensitivity == (3 / 4 + 0) / 2  # a and b
    assert mean.positive_predictivity == 3 / 4  # V was predicted in a only
    assert mean.false_positive_rate == pytest.approx((1 / 2 + 0 + 0) / 3)  # all
    assert mean.f1 == (3 / 4 + 0) / 2  # a and b


def test_average_none_gives_each_record():
    """Each record has the scores that it would have alone."""
    scores = beat_scores(["V", "N", "V"], ["V", "V", "N"], records=[208, 208, 100], average=None)
    assert list(scores) == ["100", "208"]
    column = pd.Series([208, 208, 100], dtype="Int64")
    assert list(beat_scores(list("VNV"), list("VVN"), records=column, average=None)) == list(scores)
    np.testing.assert_equal(scores["208"], beat_scores(["V", "N"], ["V", "V"]))
    assert scores["100"].V.sensitivity == 0


@pytest.mark.parametrize("average", ["record", None])
def test_averages_need_records(average):
    """Without records there is nothing to average over."""
    with pytest.raises(ValueError, match="needs records, the record of each beat"):
        beat_scores(["N"], ["N"], average=average)


def test_first_five_minutes_can_be_left_out():
    """Beats before skip_s do not count once time_s is given; one at that very time does."""
    y_true, y_pred, records = ["V", "V", "V"], ["N", "V", "N"], ["a", "b", "b"]
    time_s = [299.9, 300.0, 500.0]
    assert beat_scores(y_true, y_pred).V.support == 3
    assert beat_scores(y_true, y_pred, time_s=time_s).V.sensitivity == 1 / 2
    assert beat_scores(y_true, y_pred, time_s=time_s, skip_s=0).V.sensitivity == 1 / 3
    by_record = beat_scores(y_true, y_pred, records=records, average=None, time_s=time_s)
    assert list(by_record) == ["b"]


def test_nothing_left_is_refused():
    """A recording shorter than skip_s is an error, not a table of NaN."""
    with pytest.raises(ValueError, match=r"No beat is left .* skip_s=300\.0: .* ends at 200"):
        beat_scores(["N", "N"], ["N", "N"], time_s=[100, 200])


@pytest.mark.parametrize(
    ("y_true", "y_pred", "message"),
    [
        (["N", "L"], ["N", "N"], "y_true has the label 'L' in row 1, but only N, S, V, F, Q, O"),
        (["N", "N"], [0, 1], "y_pred has the label '0' in row 0"),
        ([], [], "y_true is empty"),
        (["N", "O"], ["N", "O"], "both 'O' in some rows"),
        (["N", "N"], ["N"], "inconsistent numbers of samples"),
    ],
)
def test_bad_labels_are_named(y_true, y_pred, message):
    """An error says which label, where."""
    with pytest.raises(ValueError, match=message):
        beat_scores(y_true, y_pred)


def test_times_are_held_to_be_numbers_of_each_beat():
    """A missing time would else take its beat out without a word."""
    with pytest.raises(ValueError, match="time_s contains NaN"):
        beat_scores(["N", "V"], ["N", "V"], time_s=[400, np.nan])
    with pytest.raises(ValueError, match="1d array"):
        beat_scores(["N", "V"], ["N", "V"], time_s=[[400, 1], [500, 1]])


@pytest.mark.parametrize("counting", ["one-vs-rest", "ec57"])
def test_records_are_counted_apart(beats, counting):
    """The scores of a record do not depend on others; missed and false beats included."""
    y_true, y_pred, _ = beats
    records = np.arange(len(y_true)) % 3
    together = beat_scores(y_true, y_pred, records=records, average=None, counting=counting)
    for record in range(3):
        of_record = records == record
        alone = beat_scores(y_true[of_record], y_pred[of_record], counting=counting)
        np.testing.assert_equal(together[str(record)], alone)


@pytest.mark.parametrize(
    "records", [[1.0, np.nan, np.nan], ["a", None, "b"], np.array(["a", np.nan, "b"], dtype=object)]
)
def test_a_missing_record_is_refused(records):
    """Beats of all unknown records would pass for those of one."""
    with pytest.raises(ValueError, match=r"row 1 of records is (nan|None): give the beats of an"):
        beat_scores(["N", "V", "N"], ["N", "N", "V"], records=records, average="record")
