"""Detected beats beside those of a reference."""

import numpy as np
import pytest

from sklearn_ecg.metrics import beat_scores, match_beat_labels, match_beats


def _pairs(*arguments, **options):
    return list(zip(*(index.tolist() for index in match_beats(*arguments, **options)), strict=True))


@pytest.mark.parametrize(
    ("reference", "detected", "pairs"),
    [
        ([100, 400, 700], [105, 690, 800], [(0, 0), (2, 1)]),
        ([100], [250], [(0, 0)]),  # 150 ms exactly
        ([100], [251], []),
        ([250], [100], [(0, 0)]),
        ([250], [99], []),
        ([500], [450, 490], [(0, 1)]),  # the nearer of two on one side
        ([500], [490, 530], [(0, 0)]),  # the nearer of two on both sides
        ([500], [470, 510], [(0, 1)]),
        ([450, 490], [500], [(1, 0)]),  # likewise of the reference
        ([490, 530], [500], [(0, 0)]),
        ([100, 200], [190, 290], [(1, 0)]),  # one is not given up to match the other
        ([100, 200], [160, 210], [(0, 0), (1, 1)]),  # unless that has a nearer one, as bxb has it
        ([160, 210], [100, 200], [(0, 0), (1, 1)]),
        ([100, 200], [160, 240], [(1, 1)]),  # equally near is not nearer
        ([160, 240], [100, 200], [(1, 1)]),
        ([100, 200], [150], [(1, 0)]),  # of two that are equally near, the later
        ([150], [100, 200], [(0, 1)]),
        ([100], [100, 100], [(0, 0)]),  # a beat that was detected twice
        ([100, 100], [100], [(1, 0)]),
        ([], [100], []),
        ([100], [], []),
    ],
)
def test_pairs_by_hand(reference, detected, pairs):
    """At 1 kHz, nearest beats within 150 ms are pairs, each beat in one at most."""
    assert _pairs(reference, detected, fs=1000) == pairs


def test_pairs_do_not_depend_on_order():
    """Indices are of the arrays as given, in the order of time."""
    assert _pairs([700, 100, 400], [690, 105], fs=1000) == [(1, 1), (0, 0)]


def test_jittered_beats_are_all_found_again():
    """Every beat that was detected is matched to its own, and no other."""
    rng = np.random.RandomState(0)
    reference = np.cumsum(rng.randint(150, 400, size=2000))
    kept = np.flatnonzero(rng.uniform(size=2000) < 0.9)
    detected = reference[kept] + rng.randint(-50, 51, size=len(kept))
    matched_reference, matched_detected = match_beats(reference, detected, fs=360)
    np.testing.assert_array_equal(matched_reference, kept)
    np.testing.assert_array_equal(matched_detected, np.arange(len(kept)))


def test_crowded_beats_are_matched_one_to_one():
    """However close beats are: a beat is in one pair at most, in order, and within tolerance."""
    rng = np.random.RandomState(0)
    reference, detected = (np.sort(rng.choice(3000, 40, replace=False)) for _ in range(2))
    matched = match_beats(reference, detected, fs=1000)
    assert len(matched[0]) > 20
    assert all((np.diff(index) > 0).all() for index in matched)
    assert np.abs(reference[matched[0]] - detected[matched[1]]).max() <= 150


def test_tolerance_is_not_lost_to_rounding():
    """0.29 * 100 is a little less than 29 in floating point, but 29 time steps match."""
    assert _pairs([0], [29], fs=100, tolerance_s=0.29) == [(0, 0)]
    assert _pairs([0], [30], fs=100, tolerance_s=0.29) == []
    assert _pairs([5, 9], [5, 10], fs=100, tolerance_s=0) == [(0, 0)]


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ([1.0, np.nan], "reference has the time step nan in row 1"),
        (np.zeros(2, "m8[ms]"), "reference must be .* as numbers; got timedelta64"),
        (["N", "V"], "reference must be the time steps of one recording, as numbers"),
    ],
)
def test_bad_time_steps_are_refused(reference, message):
    """What has no place in time cannot be matched."""
    with pytest.raises(ValueError, match=message):
        match_beats(reference, [1], fs=360)
    with pytest.raises(ValueError, match=message.replace("reference", "detected")):
        match_beats([1], reference, fs=360)


def test_labels_stand_side_by_side():
    """Missed beats and false alarms get the label O on the other side, in the order of time."""
    y_true, y_pred, time_steps = match_beat_labels(
        [300, 1000, 2000], ["N", "V", "S"], [310, 1500, 1990], ["V", "N", "S"], fs=360
    )
    assert list(zip(y_true, y_pred, time_steps, strict=True)) == [
        ("N", "V", 300),
        ("V", "O", 1000),
        ("O", "N", 1500),
        ("S", "S", 2000),
    ]


def test_beats_found_in_flutter_do_not_count():
    """Nobody annotates beats there: only those that match one do, and those around it."""
    beats = [100, 1000], ["N", "V"], [100, 200, 300, 500, 946, 947, 1001], list("NVVVVVV")
    for flutter, times in (
        ([[254, 500]], [100, 946, 947, 1000]),
        ([[255, 446]], [100, 200, 946, 947, 1000]),
        (np.array([[255, 446], [890, 1100]]), [100, 200, 1000]),
    ):
        y_true, y_pred, time_steps = match_beat_labels(*beats, fs=360, flutter=flutter)
        assert time_steps.tolist() == times
        assert "".join(y_true).replace("O", "") == "NV"
        assert len(y_pred) == len(times)


def test_matched_labels_are_scored_as_ec57_has_it():
    """A missed V lowers its sensitivity, a false V where there is no beat its predictivity."""
    y_true, y_pred, _ = match_beat_labels(
        [100, 500, 900], list("VVN"), [100, 700, 900], list("VVN"), fs=360
    )
    v = beat_scores(y_true, y_pred, counting="ec57").V
    assert v.sensitivity == 1 / 2
    assert v.positive_predictivity == 1 / 2
    assert v.false_positive_rate == 1 / 2  # Ov of Ov and Nn


def test_a_pair_across_the_fifth_minute_counts_by_its_reference():
    """The time of a pair is that of the reference beat."""
    fs, start = 360, 300 * 360
    y_true, y_pred, time_steps = match_beat_labels(
        [start - 1, start + 400], ["V", "V"], [start + 1, start + 395], ["N", "V"], fs=fs
    )
    assert beat_scores(y_true, y_pred, time_s=time_steps / fs).V.sensitivity == 1


def test_nothing_detected_is_all_missed():
    """A detector that finds nothing has missed everything."""
    y_true, y_pred, time_steps = match_beat_labels([5, 400], ["N", "V"], [], [], fs=360)
    assert (y_true.tolist(), y_pred.tolist()) == (["N", "V"], ["O", "O"])
    assert time_steps.tolist() == [5, 400]


def test_labels_must_be_as_many_as_beats():
    """Each beat needs its label."""
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        match_beat_labels([5, 400], ["N"], [5], ["N"], fs=360)


def test_beats_in_seconds_are_refused():
    """Within 54 seconds, 150 ms at 360 Hz, all would match; at 1 Hz seconds are time steps."""
    seconds = np.array([0.3, 1.1, 2.0])
    for reference, detected in [(seconds, seconds), ([108, 396, 720], seconds)]:
        with pytest.raises(ValueError, match=r"looks like seconds: at fs=360 Hz .* by fs\."):
            match_beats(reference, detected, fs=360)
    assert _pairs(seconds, [0.4, 1.5, 2.1], fs=1) == [(0, 0), (2, 2)]
    assert _pairs(360 * seconds, [108.5, 396.5], fs=360) == [(0, 0), (1, 1)]
    fast = 0.5 + 54 * np.arange(9)  # 400 a minute, as of an atrium
    assert _pairs(fast, fast, fs=360) == [(i, i) for i in range(9)]
