"""Arguments of all metrics are checked by name."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score

from sklearn_ecg import metrics

BEATS = (["N", "V"], ["N", "N"])
LABELS = ([[0, 1], [1, 0]], [[0.1, 0.9], [0.8, 0.2]])
PATIENTS = ([0, 1] * 20, np.linspace(0, 1, 40))
ARGUMENTS = {
    "beat_scores": BEATS,
    "beat_classification_report": BEATS,
    "beat_macro_f1": BEATS,
    "jk_index": BEATS,
    "cinc2017_score": BEATS,
    "bootstrap_interval": (accuracy_score, *BEATS),
    "match_beats": ([1], [1]),
    "match_beat_labels": ([1], ["N"], [1], ["N"]),
    "ptbxl_macro_auc": LABELS,
    "f_max_score": LABELS,
    "cinc2021_score": LABELS,
    "cinc2025_score": PATIENTS,
    "expected_calibration_error": PATIENTS,
    "reliability_curve": PATIENTS,
    "scores_by_group": (accuracy_score, *BEATS),
    "abstention_curve": (accuracy_score, *BEATS),
}
REQUIRED = {
    "bootstrap_interval": {"groups": [1, 2]},
    "scores_by_group": {"by": ["f", "m"]},
    "abstention_curve": {"confidence": [0.9, 0.8]},
    "match_beats": {"fs": 360},
    "match_beat_labels": {"fs": 360},
    "cinc2021_score": {"labels": ["a", "b"], "weights": "weights.csv"},
}
WRONG = [
    *((name, "counting", "all") for name in list(ARGUMENTS)[:4]),
    *((name, "sample_weight", 1.0) for name in list(ARGUMENTS)[2:5]),
    ("ptbxl_macro_auc", "sample_weight", 1.0),
    *(
        (name, argument, value)
        for name in ("beat_scores", "beat_classification_report")
        for argument, value in [("records", 1), ("time_s", 1.0), ("skip_s", -1.0)]
    ),
    ("beat_scores", "average", "macro"),
    ("beat_classification_report", "digits", -1),
    ("beat_classification_report", "output_dict", "no"),
    ("beat_macro_f1", "labels", 1),
    ("bootstrap_interval", "groups", 1),
    ("bootstrap_interval", "n_resamples", 0),
    ("bootstrap_interval", "confidence_level", 1.0),
    ("bootstrap_interval", "confidence_level", 0.0),
    ("bootstrap_interval", "random_state", "seed"),
    *((name, "fs", 0) for name in ("match_beats", "match_beat_labels")),
    *((name, "tolerance_s", -0.1) for name in ("match_beats", "match_beat_labels")),
    ("cinc2021_score", "labels", 1),
    ("cinc2021_score", "weights", 1),
    ("cinc2021_score", "normal", 426783006),
    ("cinc2025_score", "fraction", 0.0),
    ("cinc2025_score", "fraction", 1.5),
    ("expected_calibration_error", "n_bins", 0),
    ("reliability_curve", "n_bins", 0),
    ("reliability_curve", "confidence_level", 1.0),
    ("scores_by_group", "by", 1),
    ("abstention_curve", "n_points", 1),
]


@pytest.mark.parametrize(
    ("name", "argument", "value"),
    [
        ("beat_scores", "skip_s", 0),
        ("beat_classification_report", "digits", 0),
        ("match_beats", "tolerance_s", 0),
        ("match_beat_labels", "tolerance_s", 0),
        ("cinc2025_score", "fraction", 1),
    ],
)
def test_smallest_and_largest_values_are_taken(name, argument, value):
    """Nothing is refused that has a meaning."""
    options = REQUIRED.get(name, {}) | {argument: value}
    getattr(metrics, name)(*ARGUMENTS[name], **options)


def test_each_metric_is_listed():
    """A new metric is checked here too."""
    names = {name for name in metrics.__all__ if not name.endswith("_scorer")}
    assert names == set(ARGUMENTS)


@pytest.mark.parametrize(("name", "argument", "value"), WRONG)
def test_wrong_argument_is_named(name, argument, value):
    """The error names the argument and the function."""
    options = REQUIRED.get(name, {}) | {argument: value}
    with pytest.raises(ValueError, match=f"'{argument}' parameter of {name} must be"):
        getattr(metrics, name)(*ARGUMENTS[name], **options)


@pytest.mark.parametrize("name", ARGUMENTS)
@pytest.mark.parametrize("position", [0, 1])
def test_first_arguments_are_arrays(name, position):
    """A single label, or none, is no array."""
    arguments = [*ARGUMENTS[name]]
    arguments[position] = None
    with pytest.raises(ValueError, match=f"parameter of {name} must be"):
        getattr(metrics, name)(*arguments, **REQUIRED.get(name, {}))


@pytest.mark.parametrize("name", sorted(set(ARGUMENTS) - {"match_beats", "match_beat_labels"}))
def test_masked_values_are_refused(name):
    """What lies under the mask is no label and no prediction."""
    for position in (-2, -1):
        arguments = list(ARGUMENTS[name])
        values = np.asarray(arguments[position])
        mask = np.zeros(values.shape, dtype=bool)
        mask[1] = True
        arguments[position] = np.ma.array(values, mask=mask)
        with pytest.raises(ValueError, match=r"row 1 of y_\w+ is masked: leave such rows out"):
            getattr(metrics, name)(*arguments, **REQUIRED.get(name, {}))


def test_tables_of_labels_are_in_one_order():
    """Two data frames that name the same labels must not be compared by position."""
    y_true = pd.DataFrame([[0, 1], [1, 0]], columns=["AF", "LBBB"])
    y_score = pd.DataFrame([[0.1, 0.9], [0.8, 0.2]], columns=["AF", "LBBB"])
    assert metrics.ptbxl_macro_auc(y_true, y_score) == 1
    assert metrics.ptbxl_macro_auc(y_true, y_score.add_prefix("P of ")) == 1
    with pytest.raises(ValueError, match="y_score has them in another order"):
        metrics.ptbxl_macro_auc(y_true, y_score[["LBBB", "AF"]])


def test_weights_and_times_are_not_read_under_a_mask():
    """By name as by position; a mask that hides nothing is no matter."""
    weight = np.ma.array([1.0, 2.0], mask=[False, True])
    with pytest.raises(ValueError, match="row 1 of sample_weight is masked"):
        metrics.jk_index(*BEATS, sample_weight=weight)
    with pytest.raises(ValueError, match="row 1 of time_s is masked"):
        metrics.beat_scores(*BEATS, time_s=weight)
    weight = np.ma.array([1.0, 2.0], mask=False)
    expected = metrics.jk_index(*BEATS, sample_weight=[1.0, 2.0])
    assert metrics.jk_index(*BEATS, sample_weight=weight) == expected
