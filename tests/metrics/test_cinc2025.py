"""The score of the challenge of 2025."""

import numpy as np
import pytest

from sklearn_ecg.metrics import cinc2025_score


def test_tests_go_to_the_highest_scores():
    """Two tests for forty patients reach one of three who are sick."""
    y_true = np.zeros(40)
    y_true[[3, 8, 20]] = 1
    y_score = np.linspace(0.5, 0, 40)
    y_score[[8, 30, 20]] = 0.9, 0.8, 0.7
    assert cinc2025_score(y_true, y_score) == pytest.approx(1 / 3)
    assert cinc2025_score(y_true, y_score, fraction=1) == 1
    # 0.07 of 40 is 2.8 tests, and half a test is none.
    assert cinc2025_score(y_true, y_score, fraction=0.07) == pytest.approx(1 / 3)


def test_ties_are_shared():
    """One test is left for three patients with one score, of whom two are sick."""
    y_true, y_score = [1, 1, 1, 0, 0, 0], [0.9, 0.5, 0.5, 0.5, 0.1, 0.1]
    assert cinc2025_score(y_true, y_score, fraction=0.34) == pytest.approx((1 + 2 / 3) / 3)


def test_ties_agree_with_random_orders():
    """The challenge's program draws orders; their mean is this value."""
    rng = np.random.RandomState(0)
    y_true = rng.uniform(size=100) < 0.2
    y_score = rng.randint(5, size=100)
    shares = []
    for _ in range(2000):
        order = rng.permutation(100)
        top = order[np.argsort(-y_score[order], kind="stable")][:10]
        shares.append(y_true[top].sum() / y_true.sum())
    score = cinc2025_score(y_true.astype(int), y_score, fraction=0.1)
    assert score == pytest.approx(np.mean(shares), abs=0.01)


def test_nobody_sick_is_undefined():
    """There is no share of none."""
    assert np.isnan(cinc2025_score(np.zeros(20), np.arange(20.0)))


@pytest.mark.parametrize(
    ("y_true", "y_score", "message"),
    [
        ([1] * 10, range(10), "less than one: pass more patients"),
        ([2] * 20, range(20), "y_true must be 1 where a patient is sick"),
        (["sick", "well"] * 10, range(20), "y_true must be 1 where a patient is sick"),
        ([1] * 20, range(21), "inconsistent numbers"),
        ([1] * 20, [np.nan] * 20, "y_score contains NaN"),
    ],
)
def test_wrong_arguments_are_refused(y_true, y_score, message):
    """The error names the argument."""
    with pytest.raises(ValueError, match=message):
        cinc2025_score(y_true, list(y_score))
