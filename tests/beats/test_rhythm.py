"""Features of when beats come."""

import numpy as np
import pytest

from sklearn_ecg.beats._rhythm import INTERVAL_NAMES, interval_features
from sklearn_ecg.beats._running import Past

FS = 100
RATIOS = ["rr_to_recording", "rr_to_near", "rr_to_wide", "rr_to_long"]


def features(beats, causal=False, group="rhythm"):
    past = Past() if causal else None
    columns = interval_features([group], np.asarray(beats), FS, past)[group].T
    return dict(zip(INTERVAL_NAMES[group], columns, strict=True))


@pytest.mark.parametrize("causal", [False, True])
def test_regular_rhythm_has_ratios_of_one(causal):
    """Intervals of 0.8 s, or twice as long: each is what is usual, so the logarithms are 0."""
    for rr, log_rr in ((80, 0), (160, 2 * np.log(2))):
        regular = features(np.arange(5, 5000, rr), causal)
        np.testing.assert_allclose(regular["rr"], log_rr, atol=1e-6)
        np.testing.assert_allclose(regular["rr_irregularity"], np.log(0.01) + 3, atol=1e-6)
        for name in [*RATIOS, "rr_near_in_irregularities", "rr_wide_in_irregularities"]:
            np.testing.assert_allclose(regular[name], 0, atol=1e-6)


@pytest.mark.parametrize("causal", [False, True])
def test_premature_beat_and_its_pause_by_hand(causal):
    """Beat 20 comes at half of the interval, so that beat 21 ends one and a half of it."""
    beats = np.arange(0, 4000, 80)
    beats[20] -= 40
    found = features(beats, causal)
    for name in RATIOS:
        expected = np.zeros(len(beats))
        expected[20:22] = 4 * np.log([0.5, 1.5])
        np.testing.assert_allclose(found[name], expected, atol=1e-5)
    # The median of how far intervals are from usual is 0: then a unit is 0.04, and 4 the most.
    assert found["rr_near_in_irregularities"][20:22].tolist() == [-4, 4]


def test_irregular_rhythm_is_told():
    """Intervals of 0.6, 0.8 and 1.0 s in turn: half of them or more are 0.2 s off the median."""
    found = features(np.cumsum(np.tile([60, 80, 100], 40)))
    np.testing.assert_allclose(
        found["rr_irregularity"][60:80], np.log(0.01 + np.log(100 / 80)) + 3, atol=1e-5
    )
    # In units of that, none of them is unusual.
    assert np.abs(found["rr_wide_in_irregularities"][60:80]).max() < 1


def test_irregularity_is_of_16_beats_on_either_side():
    """Twelve irregular beats are most of 17 but not of 33; twenty are most of 33."""
    intervals = np.full(200, 80)
    intervals[94:106] += 24 * (-1) ** np.arange(12)
    found = features(np.cumsum(intervals))["rr_irregularity"]
    assert found[100] == pytest.approx(np.log(0.01) + 3, abs=1e-5)
    intervals[90:110] = 80 + 24 * (-1) ** np.arange(20)
    found = features(np.cumsum(intervals))["rr_irregularity"]
    assert found[100] == pytest.approx(np.log(0.01 + np.log(104 / 80)) + 3, abs=1e-5)


def test_gap_is_cut_to_four_seconds():
    """A minute without beats counts as 4 s, so it does not outweigh the rest."""
    assert features([0, 80, 6080])["rr"][2] == pytest.approx(2 * np.log(4 / 0.8))


def test_single_beat_counts_as_usual():
    """It ends no interval, so 0.8 s are assumed; of two, the first is given that of the second."""
    assert features([500])["rr"].tolist() == [0]
    assert features([500, 660])["rr"].tolist() == pytest.approx([2 * np.log(2)] * 2)


@pytest.mark.parametrize("causal", [False, True])
def test_regular_rhythm_is_not_irregular(causal):
    """Nothing changes and nothing deviates, whatever the rate is."""
    for rr in (40, 160):
        found = features(np.arange(5, 40_000, rr), causal, "irregularity")
        for name in INTERVAL_NAMES["irregularity"][:-1]:
            np.testing.assert_allclose(found[name], np.log(0.01) + 3, atol=1e-6)
        np.testing.assert_allclose(found["rr_repetition"], 0, atol=1e-6)


def test_irregularity_by_hand():
    """Long, usual and short in turn: two changes of three are of a step, the third of both."""
    found = features(np.cumsum(np.tile([60, 80, 100], 80)), group="irregularity")
    down, up = np.log(80 / 60), np.log(100 / 80)
    expected = {
        "rr_change_low": up,
        "rr_change": down,
        "rr_change_high": up + down,
        "rr_deviation_low": 0,
        "rr_deviation": up,
        "rr_deviation_high": down,
    }
    for name, value in expected.items():
        np.testing.assert_allclose(found[name][100:140], np.log(0.01 + value) + 3, atol=1e-5)
        if "change" in name:  # the first or last one alone does not decide at the ends
            np.testing.assert_allclose(found[name][[0, -1]], np.log(0.01 + value) + 3, atol=1e-5)


@pytest.mark.parametrize(
    ("block", "sign"),
    [(np.tile([60, 100], 30), -1), (np.repeat([60, 100], 30), 1), (np.tile([60, 80, 100], 20), 0)],
)
def test_repetition_is_negative_where_short_and_long_take_turns(block, sign):
    """It is positive where many of a kind follow each other, and 0 where neither is the rule."""
    intervals = np.tile(np.append(block, np.full(11, 80)), 5)
    repetition = features(np.cumsum(intervals), group="irregularity")["rr_repetition"][140:210]
    assert np.sign(np.round(np.median(repetition), 2)) == sign


@pytest.mark.parametrize(("n_irregular", "is_told"), [(63, False), (66, True)])
@pytest.mark.parametrize("causal", [False, True])
def test_irregularity_is_of_64_beats_on_either_side_or_of_128_before(n_irregular, is_told, causal):
    """Half of 129 changes is the median."""
    intervals = np.full(400, 80)
    intervals[200 - n_irregular // 2 : 200 + (n_irregular + 1) // 2] = 80 + 24 * (-1) ** np.arange(
        n_irregular
    )
    found = features(np.cumsum(intervals), causal, "irregularity")["rr_change"]
    at = 200 + 64 if causal else 200
    assert (found[at] > np.log(0.01) + 3 + 0.1) == is_told
