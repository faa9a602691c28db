"""Whether probabilities can be taken at their word."""

import numpy as np
import pytest

from sklearn_ecg.metrics import expected_calibration_error, reliability_curve


def calibrated(n_patients=200, n_rows=20):
    """Probabilities, and events that occur as often as they say."""
    rng = np.random.default_rng(0)
    y_prob = rng.uniform(size=n_patients * n_rows)
    return rng.uniform(size=len(y_prob)) < y_prob, y_prob, np.repeat(range(n_patients), n_rows)


def test_error_is_that_of_a_hand_worked_case():
    """Two bins of two rows: |0.5 - 0.1| and |1 - 0.9|, each half of the rows."""
    y_true, y_prob = [0, 1, 1, 1], [0.1, 0.1, 0.9, 0.9]
    assert expected_calibration_error(y_true, y_prob) == pytest.approx(0.25)
    assert expected_calibration_error([0, 1], [0.0, 1.0]) == 0


def test_errors_cancel_within_a_bin_only():
    """Too high and too low by .4; and 1 is in the last bin, beside .95."""
    y_true, y_prob = [0, 0, 1, 1], [0.4, 0.4, 0.6, 0.6]
    assert expected_calibration_error(y_true, y_prob) == pytest.approx(0.4)
    assert expected_calibration_error(y_true, y_prob, n_bins=1) == pytest.approx(0)
    assert expected_calibration_error([1, 0], [0.95, 1]) == pytest.approx(0.475)


def test_a_bin_begins_with_its_lower_edge():
    """As those of a histogram: 0.1 is in the second of ten bins, and apart from 0.05."""
    assert expected_calibration_error([1, 0], [0.05, 0.1]) == pytest.approx((0.95 + 0.1) / 2)


def test_weight_equals_repetition():
    """As of any metric that takes weights, so that the bootstrap is fast."""
    weighted = expected_calibration_error([0, 1, 1], [0.2, 0.2, 0.7], sample_weight=[1, 2, 3])
    repeated = expected_calibration_error([0, 1, 1, 1, 1, 1], [0.2] * 3 + [0.7] * 3)
    assert weighted == pytest.approx(repeated)
    with pytest.raises(ValueError, match="Negative values in data passed to `sample_weight`"):
        expected_calibration_error([0, 1], [0.2, 0.7], sample_weight=[1, -1])


def test_error_of_right_probabilities_is_that_of_chance():
    """In a bin of n rows it is, on average, sqrt(2 / pi * p (1 - p) / n); draws have more."""
    rng = np.random.RandomState(0)
    y_prob = np.repeat([0.25, 0.75], 500)
    samples = [rng.uniform(size=1000) < y_prob for _ in range(300)]
    errors = [expected_calibration_error(y_true, y_prob) for y_true in samples]
    expected = np.sqrt(2 / np.pi * 0.25 * 0.75 / 500)
    assert np.mean(errors) == pytest.approx(expected, rel=0.1)
    drawn = [
        expected_calibration_error(y_true[rows], y_prob[rows])
        for y_true in samples
        for rows in [rng.randint(1000, size=1000)]
    ]
    assert np.mean(drawn) == pytest.approx(np.sqrt(2) * expected, rel=0.1)


def test_intervals_of_calibrated_probabilities_hold_the_diagonal():
    """Nearly all of them do, and the bins are of equal size."""
    y_true, y_prob, groups = calibrated()
    curve = reliability_curve(y_true, y_prob, groups=groups, random_state=0)
    assert len(curve.predicted) == 10
    assert np.ptp(curve.n_samples) <= 1
    assert ((curve.low <= curve.predicted) & (curve.predicted <= curve.high)).sum() >= 9


def test_equal_probabilities_share_a_bin():
    """So there are fewer bins."""
    curve = reliability_curve([0, 1, 1, 0], [0.5] * 4, groups=[0, 1, 2, 3], random_state=0)
    assert curve.predicted.tolist() == [0.5]
    assert curve.n_samples.tolist() == [4]


def test_a_bin_that_no_drawn_patient_has_is_left_out():
    """Each of two patients has a bin of their own, so that the draws that have it agree."""
    options = {"groups": [0, 0, 1, 1], "n_bins": 2, "random_state": 0}
    curve = reliability_curve([0, 1, 1, 1], [0.1, 0.1, 0.9, 0.9], **options)
    for ends in (curve.low, curve.observed, curve.high):
        assert ends.tolist() == [0.5, 1]


@pytest.mark.parametrize(
    ("y_true", "y_prob", "match"),
    [([0, 2], [0.1, 0.2], "y_true must be 1"), ([0, 1], [0.1, 1.2], "from 0 to 1")],
)
def test_other_values_are_refused(y_true, y_prob, match):
    """By name."""
    for function in (expected_calibration_error, reliability_curve):
        with pytest.raises(ValueError, match=match):
            function(y_true, y_prob)
