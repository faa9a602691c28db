import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.interpolate import CubicSpline
from scipy.signal import welch

from sklearn_ecg.datasets._simulated._rhythms import draw_heartbeats

DAY = 86400.0


def _draw(duration_s=DAY, seed=0, **settings):
    return draw_heartbeats(duration_s, np.random.RandomState(seed), **settings)


def _spectrum(beats):
    """Resample the RR intervals evenly at 4 Hz, as is done for real recordings, and use Welch."""
    time = np.arange(beats.times_s[0], beats.times_s[-1], 0.25)
    return welch(CubicSpline(beats.times_s, beats.intervals_s)(time), fs=4, nperseg=1024)


def test_draw_heartbeats_keeps_mean_and_standard_deviation():
    """RR intervals have the mean of the heart rate and the stated standard deviation."""
    beats = _draw(heart_rate=80, rr_sd_s=0.06)
    assert_allclose(beats.intervals_s.mean(), 60 / 80, rtol=2e-3)
    assert_allclose(beats.intervals_s.std(), 0.06, rtol=0.03)


@pytest.mark.parametrize(("rhythm", "variation"), [("sinus", 0.05), ("af", 0.24)])
def test_draw_heartbeats_default_variation_depends_on_rhythm(rhythm, variation):
    """Without a standard deviation it is a share of the mean that suits the rhythm."""
    beats = _draw(rhythm=rhythm, heart_rate=100)
    assert_allclose(beats.intervals_s.std() / 0.6, variation, rtol=0.05)


@pytest.mark.parametrize("lf_hf", [0.5, 2.0])
def test_draw_heartbeats_keeps_ratio_of_low_to_high_frequencies(lf_hf):
    """The power around 0.1 Hz over that around 0.25 Hz is as stated, and little lies elsewhere."""
    frequencies, power = _spectrum(_draw(lf_hf=lf_hf))
    low = power[(frequencies > 0.04) & (frequencies < 0.15)]
    high = power[(frequencies > 0.15) & (frequencies < 0.4)]
    # Interpolation between beats takes away a little of the high frequencies.
    assert_allclose(low.sum() / high.sum(), lf_hf, rtol=0.1)
    assert low.sum() + high.sum() > 0.95 * power.sum()


def test_draw_heartbeats_respiration_is_at_a_quarter_hertz():
    """Without low frequencies the spectrum peaks at the rate of respiration."""
    frequencies, power = _spectrum(_draw(lf_hf=0.0))
    assert_allclose(frequencies[power.argmax()], 0.25, atol=0.01)


def test_draw_heartbeats_without_variation_is_a_clock():
    """A standard deviation of 0 makes all intervals alike."""
    assert_allclose(_draw(10, heart_rate=75, rr_sd_s=0).intervals_s, 0.8)


def test_draw_heartbeats_in_fibrillation_forget_the_interval_before():
    """In atrial fibrillation neighbouring intervals are uncorrelated; in sinus rhythm they are."""

    def correlation(rhythm):
        intervals = _draw(rhythm=rhythm).intervals_s
        return np.corrcoef(intervals[1:], intervals[:-1])[0, 1]

    assert abs(correlation("af")) < 0.05
    assert abs(correlation("sinus")) > 0.2


def test_draw_heartbeats_cover_the_record_and_its_surroundings():
    """There are beats before the start and after the end, in order, each after its interval."""
    for seed in range(20):
        beats = _draw(10, seed, rhythm="af", rr_sd_s=0.4)
        assert beats.times_s[0] < 0
        assert beats.times_s[-2] > 10
        assert_allclose(np.diff(beats.times_s), beats.intervals_s[1:])


def test_draw_heartbeats_pause_behind_ventricular_beat_is_compensatory():
    """A ventricular beat comes early by 30 to 40%, and the pause makes up for it exactly."""
    beats = _draw(heart_rate=60, rr_sd_s=0, premature={"V": 0.1})
    early = np.flatnonzero(beats.symbols[:-1] == "V")
    assert np.all((beats.intervals_s[early] >= 0.6) & (beats.intervals_s[early] <= 0.7))
    assert_allclose(beats.intervals_s[early] + beats.intervals_s[early + 1], 2.0)


def test_draw_heartbeats_pause_behind_supraventricular_beat_is_not_compensatory():
    """A supraventricular beat comes early, and a common interval follows."""
    beats = _draw(heart_rate=60, rr_sd_s=0, premature={"A": 0.1})
    early = np.flatnonzero(beats.symbols[:-1] == "A")
    assert np.all((beats.intervals_s[early] >= 0.6) & (beats.intervals_s[early] <= 0.7))
    assert_allclose(beats.intervals_s[early + 1], 1.0)


def test_draw_heartbeats_keeps_shares_of_premature_beats():
    """Premature beats of both kinds have their shares, and no two follow each other."""
    beats = _draw(premature={"V": 0.2, "A": 0.1})
    assert_allclose(np.mean(beats.symbols == "V"), 0.2, atol=0.02)
    assert_allclose(np.mean(beats.symbols == "A"), 0.1, atol=0.02)
    is_premature = beats.symbols != "N"
    assert not np.any(is_premature[1:] & is_premature[:-1])


def test_draw_heartbeats_half_of_them_premature_is_bigeminy():
    """A share of one half makes every second beat premature."""
    beats = _draw(60, heart_rate=60, rr_sd_s=0, premature={"V": 0.5})
    is_inside = (beats.times_s > 1) & (beats.times_s < 58)
    assert np.all(np.diff(np.flatnonzero((beats.symbols == "V") & is_inside)) <= 3)
    assert_allclose(np.mean(beats.symbols[is_inside] == "V"), 0.5, atol=0.03)


@pytest.mark.parametrize("symbol", ["V", "A"])
def test_draw_heartbeats_short_records_hold_a_premature_beat(symbol):
    """A small share in a short record still gives one premature beat inside it."""
    for seed in range(50):
        beats = _draw(4, seed, premature={symbol: 0.01})
        times = beats.times_s[beats.symbols == symbol]
        assert len(times) == 1
        assert 0 < times[0] < 4


def test_draw_heartbeats_single_beat_cannot_be_premature():
    """A record that is too short for a beat and one after it is refused."""
    with pytest.raises(ValueError, match="Give a longer duration_s"):
        _draw(2, heart_rate=30, rr_sd_s=0, premature={"V": 0.1})


def test_draw_heartbeats_symbols_name_the_conduction():
    """Beats of a bundle branch block have its symbol."""
    assert_array_equal(np.unique(_draw(10, conduction="lbbb").symbols), ["L"])
