"""The score of the challenges of 2020 and 2021."""

import numpy as np
import pytest
from sklearn.metrics import make_scorer
from sklearn.neighbors import KNeighborsClassifier

from sklearn_ecg.metrics import cinc2021_score

NAMES = ["N", "A|F", "B"]
TABLE = [[1.0, 0.4, 0.2], [0.3, 1.0, 0.5], [0.1, 0.6, 1.0]]


@pytest.fixture
def weights(tmp_path):
    """The table as the challenge writes it."""
    lines = [["", *NAMES], *([name, *row] for name, row in zip(NAMES, TABLE, strict=True))]
    path = tmp_path / "weights.csv"
    path.write_text("\n".join(",".join(map(str, line)) for line in lines) + "\n")
    return path


def test_score_by_hand(weights):
    """Each pair of true and predicted label has its weight over the number of labels of either."""
    y_true = [[1, 0, 0], [0, 1, 0], [0, 1, 1]]
    y_pred = [[1, 0, 0], [0, 0, 1], [1, 1, 0]]
    given = 1 + 0.5 / 2 + (0.3 + 1 + 0.1 + 0.6) / 3
    right = 1 + 1 + (1 + 0.5 + 0.6 + 1) / 2
    normal = 1 + 0.3 / 2 + (0.3 + 0.1) / 3
    score = cinc2021_score(y_true, y_pred, labels=["N", "A", "B"], weights=weights, normal="N")
    assert score == pytest.approx((given - normal) / (right - normal))


def test_scale_runs_from_normal_to_right(weights):
    """Calling all recordings normal is 0, all right is 1, and worse than normal is below 0."""
    options = {"labels": ["N", "A", "B"], "weights": str(weights), "normal": "N"}
    y_true = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    assert cinc2021_score(y_true, y_true, **options) == 1
    assert cinc2021_score(y_true, [[1, 0, 0]] * 3, **options) == 0
    assert cinc2021_score(y_true, np.zeros((3, 3)), **options) < 0
    assert np.isnan(cinc2021_score([[1, 0, 0]], [[1, 0, 0]], **options))


def test_labels_of_equal_worth_are_one(weights):
    """A and F share a line of the table; columns that it lacks do not count; any order does."""
    y_true = np.array([[1, 0, 0, 0], [0, 0, 1, 1], [0, 1, 0, 0]])  # of N, F, A and another
    y_pred = np.array([[1, 0, 0, 1], [0, 1, 0, 0], [0, 0, 1, 1]])
    labels = ["N", "F", "A", "other"]
    assert cinc2021_score(y_true, y_pred, labels=labels, weights=weights, normal="N") == 1
    moved = [3, 1, 0, 2]
    y_pred[1] = [1, 0, 0, 0]
    scores = [
        cinc2021_score(
            y_true[:, order],
            y_pred[:, order],
            labels=np.array(labels)[order],
            weights=weights,
            normal="N",
        )
        for order in ([0, 1, 2, 3], moved)
    ]
    assert scores[0] == scores[1] < 1


def test_score_is_one_to_choose_by(weights):
    """As a scorer it is given what a classifier of several labels predicts."""
    X, y = np.eye(3), np.eye(3, dtype=int)
    scorer = make_scorer(cinc2021_score, labels=["N", "A", "B"], weights=weights, normal="N")
    assert scorer(KNeighborsClassifier(1).fit(X, y), X, y) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"normal": "426783006"}, "has no label normal='426783006'"),
        ({"labels": ["x", "y", "z"]}, "has none of the labels"),
        ({"labels": ["N", "A"]}, "labels has 2 names, but y_true has 3 labels"),
        ({"y_pred": [[0.5, 0, 0]]}, "y_pred must be 1 where"),
    ],
)
def test_what_does_not_fit_the_table_is_refused(weights, options, message):
    """The error names the argument."""
    arguments = {"y_pred": [[1, 0, 0]], "labels": ["N", "A", "B"], "normal": "N"} | options
    with pytest.raises(ValueError, match=message):
        cinc2021_score([[1, 0, 0]], weights=weights, **arguments)


@pytest.mark.parametrize(
    "text",
    ["", "a,b\n", ",N,A\nN,1,0\n", ",N,A\nA,1,0\nN,0,1\n", ",N\nN,one\n", ",N,A\nN,1\nA,0\n"],
)
def test_other_files_are_no_table(tmp_path, text):
    """Names must be the same on both sides, with a number for each pair."""
    path = tmp_path / "other.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"other\.csv' is not a table of weights"):
        cinc2021_score([[1]], [[1]], labels=["N"], weights=path, normal="N")
