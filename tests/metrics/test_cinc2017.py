"""The score of the challenge of 2017."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from sklearn_ecg.metrics import cinc2017_score


def test_score_by_hand():
    """F1 is twice the hits over the sum of both totals, and noise is not averaged."""
    y_true, y_pred = list("NNNNAAOOO~~"), list("NNNOAOOO~~N")
    # N: 3 hits of 4 and 4; A: 1 of 2 and 1; O: 2 of 3 and 4.
    expected = (6 / 8 + 2 / 3 + 4 / 7) / 3
    assert cinc2017_score(y_true, y_pred) == pytest.approx(expected)


def test_score_agrees_with_sklearn():
    """It is scikit-learn's macro F1 over N, A and O where all of them occur."""
    rng = np.random.RandomState(0)
    y_true, y_pred = rng.choice(list("NAO~"), (2, 200))
    expected = f1_score(y_true, y_pred, labels=["N", "A", "O"], average="macro")
    assert cinc2017_score(y_true, y_pred) == pytest.approx(expected)


def test_mistaken_noise_lowers_the_score():
    """Noise taken for a rhythm is a false positive of it."""
    assert cinc2017_score(list("NAO~"), list("NAO~")) == 1
    assert cinc2017_score(list("NAO~"), list("NAOA")) == pytest.approx((1 + 2 / 3 + 1) / 3)


def test_what_does_not_occur_is_left_out():
    """A class that the reference lacks does not enter the mean."""
    assert cinc2017_score(["N", "N"], ["N", "A"]) == pytest.approx(2 / 3)
    assert np.isnan(cinc2017_score(["~"], ["N"]))


def test_weights_are_repetitions():
    """A row of weight 2 counts as two rows."""
    weighted = cinc2017_score(list("NAO"), list("NOO"), sample_weight=[2, 1, 1])
    assert weighted == cinc2017_score(list("NNAO"), list("NNOO"))


def test_beat_labels_are_refused():
    """Labels of another task are an error."""
    with pytest.raises(ValueError, match="y_pred has the label 'V' in row 0, but only N, A, O, ~"):
        cinc2017_score(["N"], ["V"])
