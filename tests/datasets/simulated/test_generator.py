import tracemalloc

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_ecg.datasets import make_ecg
from sklearn_ecg.datasets._simulated._generator import _annotate
from sklearn_ecg.datasets._simulated._noise import NOISES
from sklearn_ecg.datasets._simulated._rhythms import Heartbeats
from sklearn_ecg.datasets._simulated._waves import LEADS

STANDARD_LEADS = LEADS[:12]
NOISY = {"baseline_wander": 0.0, "muscle": 15.0, "electrode_motion": 10.0}
REGULAR = {
    "sinus": {},
    "fast": {"heart_rate": 140},
    "left block": {"conduction": "lbbb"},
    "right block": {"conduction": "rbbb"},
    "elevation": {"st_mv": 0.3},
    "noisy": {"noise": NOISY},
}
IRREGULAR = {
    "ventricular": {"premature": {"V": 0.1}},
    "supraventricular": {"premature": {"A": 0.1}},
    "fibrillation": {"rhythm": "af", "heart_rate": 90},
}
RHYTHMS = {**REGULAR, **IRREGULAR}


def _away_from_edges(time_steps, record):
    margin = 0.5 * record.fs
    return time_steps[(time_steps > margin) & (time_steps < record.n_timesteps - margin)]


def _detect_and_report(rhythm, fs, seed):
    """Give the time steps that SleepECG detects, and those reported, in a minute of lead II."""
    sleepecg = pytest.importorskip("sleepecg", reason="SleepECG is not installed")
    record = make_ecg(60, fs=fs, random_state=seed, **RHYTHMS[rhythm])
    detected = sleepecg.detect_heartbeats(record.signal[:, 0].astype(np.float64), fs)
    # It misses beats that the start or the end of the record cuts off.
    return _away_from_edges(detected, record), _away_from_edges(record.annotations[0], record)


def test_make_ecg_marks_no_beat_that_is_rounded_out_of_the_record():
    """Of 200 time steps at 100 Hz the last is 199: a beat at 1.996 s is nearer to 200."""
    beats = Heartbeats(np.array([-0.006, 0.5, 1.994, 1.996]), np.ones(4), np.array(list("NVNV")))
    time_steps, symbols = _annotate(beats, 200, 100.0)
    assert_array_equal(time_steps, [50, 199])
    assert_array_equal(symbols, ["V", "N"])


@pytest.mark.parametrize("rhythm", REGULAR)
@pytest.mark.parametrize("fs", [100.0, 360.0, 500.0])
def test_make_ecg_beats_agree_with_an_independent_detector(rhythm, fs):
    """SleepECG finds exactly the reported beats, each within one time step."""
    for seed in range(5):
        detected, reported = _detect_and_report(rhythm, fs, seed)
        assert len(detected) == len(reported) > 50
        assert np.abs(detected - reported).max() <= 1


@pytest.mark.parametrize("rhythm", IRREGULAR)
@pytest.mark.parametrize("fs", [100.0, 360.0, 500.0])
def test_make_ecg_irregular_beats_agree_with_an_independent_detector(rhythm, fs):
    """SleepECG finds 95% of them within one time step; after an early beat it may lose its way."""
    n_reported = n_found = 0
    for seed in range(20):
        detected, reported = _detect_and_report(rhythm, fs, seed)
        n_reported += len(reported)
        n_found += np.sum(np.abs(detected[:, None] - reported).min(axis=0) <= 1)
    assert n_found > 0.95 * n_reported


@pytest.mark.parametrize("rhythm", RHYTHMS)
def test_make_ecg_reports_the_maximum_of_lead_ii(rhythm):
    """Without noise, the signal around each reported beat is highest within one time step of it."""
    record = make_ecg(60, random_state=1, **{**RHYTHMS[rhythm], "noise": None})
    for time_step in _away_from_edges(record.annotations[0], record):
        around = record.signal[time_step - 30 : time_step + 31, 0]
        assert abs(around.argmax() - 30) <= 1


def test_make_ecg_keeps_heart_rate_and_variation():
    """RR intervals between annotations have the mean and standard deviation asked for."""
    record = make_ecg(7200, fs=250, heart_rate=75, rr_sd_s=0.05, random_state=0)
    intervals = np.diff(record.annotations[0]) / record.fs
    assert_allclose(intervals.mean(), 0.8, rtol=2e-3)
    assert_allclose(intervals.std(), 0.05, rtol=0.08)


@pytest.mark.parametrize("noise", [None, NOISY])
@pytest.mark.parametrize("rhythm", ["sinus", "fibrillation", "left block", "elevation"])
def test_make_ecg_obeys_einthoven(rhythm, noise):
    """I + III = II, aVR + aVL + aVF = 0 and MLII = II, with noise or without."""
    record = make_ecg(leads=LEADS, random_state=0, **{**RHYTHMS[rhythm], "noise": noise})
    lead = dict(zip(LEADS, record.signal.T, strict=True))
    assert_allclose(lead["I"] + lead["III"], lead["II"], atol=1e-5)
    assert_allclose(lead["aVR"] + lead["aVL"] + lead["aVF"], 0, atol=1e-5)
    assert_allclose(lead["MLII"], lead["II"], atol=1e-6)


@pytest.mark.parametrize("kind", NOISES)
@pytest.mark.parametrize("leads", [("II",), STANDARD_LEADS])
def test_make_ecg_keeps_the_signal_to_noise_ratio(kind, leads):
    """The ratio of variances on the result is as stated to a hundredth of a dB."""
    clean = make_ecg(leads=leads, random_state=0).signal.astype(np.float64)
    noisy = make_ecg(leads=leads, noise={kind: 6.0}, random_state=0).signal
    ratio = clean.var(axis=0).sum() / (noisy - clean).var(axis=0).sum()
    assert_allclose(10 * np.log10(ratio), 6.0, atol=0.01)


def test_make_ecg_kinds_of_noise_have_ratios_of_their_own():
    """Two independent kinds of 10 dB each leave about 7 dB."""
    clean = make_ecg(60, random_state=0).signal
    noisy = make_ecg(60, noise={"muscle": 10, "mains_50hz": 10}, random_state=0).signal
    ratio = clean.var() / (noisy - clean).var()
    assert_allclose(10 * np.log10(ratio), 10 - 10 * np.log10(2), atol=0.1)


def test_make_ecg_same_seed_gives_the_same_record():
    """An int gives the same record again, another int another one."""
    settings = {"premature": {"V": 0.1}, "noise": NOISY, "leads": ("II", "V1")}
    one, same, other = (make_ecg(random_state=seed, **settings) for seed in (0, 0, 1))
    assert_array_equal(one.signal, same.signal)
    assert_array_equal(one.annotations[0], same.annotations[0])
    assert not np.array_equal(one.annotations[0], other.annotations[0])


@pytest.mark.parametrize("rhythm", ["sinus", "af"])
def test_make_ecg_same_seed_keeps_the_signal_under_other_disturbances(rhythm):
    """Other leads, noise, gaps and saturation leave the heartbeats and the signal beneath."""
    settings = {"rhythm": rhythm, "random_state": 0}
    plain = make_ecg(**settings)
    disturbed = make_ecg(leads=("V1", "II"), gaps_s=[(2, 3)], saturation_mv=0.5, **settings)
    assert_array_equal(plain.annotations[0], disturbed.annotations[0])
    kept = np.isfinite(disturbed.signal[:, 1])
    assert_allclose(disturbed.signal[kept, 1], plain.signal[kept, 0].clip(-0.5, 0.5), atol=1e-6)


def test_make_ecg_in_fibrillation_has_no_p():
    """The average before R is flat in atrial fibrillation and has a P wave in sinus rhythm."""

    def average_before_r(rhythm):
        record = make_ecg(600, rhythm=rhythm, heart_rate=45, fs=100, random_state=0)
        time_steps = _away_from_edges(record.annotations[0], record)
        return np.mean([record.signal[i - 30 : i - 5, 0] for i in time_steps], axis=0)

    assert average_before_r("sinus").max() > 0.1
    assert np.ptp(average_before_r("af")) < 0.02


@pytest.mark.parametrize(
    ("settings", "symbols"),
    [
        ({}, {"N"}),
        ({"rhythm": "af", "premature": {"V": 0.2}}, {"N", "V"}),
        ({"conduction": "lbbb", "premature": {"A": 0.2, "V": 0.2}}, {"L", "A", "V"}),
        ({"conduction": "rbbb"}, {"R"}),
    ],
)
def test_make_ecg_annotates_in_mit_bih_symbols(settings, symbols):
    """Annotations are ordered time steps inside the record, with the symbols of MIT-BIH."""
    record = make_ecg(60, random_state=0, **settings)
    time_steps, names = record.annotations
    assert set(names.tolist()) == symbols
    assert time_steps.dtype == np.int64
    assert np.all(np.diff(time_steps) > 0)
    assert time_steps[0] >= 0
    assert time_steps[-1] < record.n_timesteps


@pytest.mark.parametrize("seed", range(20))
def test_make_ecg_draws_slow_and_irregular_hearts(seed):
    """Waves of beats that fall far outside the record do no harm."""
    record = make_ecg(10, heart_rate=30, rhythm="af", rr_sd_s=1.0, random_state=seed)
    assert np.all(np.isfinite(record.signal))
    assert record.signal.max() < 1.5


def test_make_ecg_gaps_are_where_stated():
    """Gaps are NaN in all leads from start to end, and nowhere else; beats in them stay."""
    record = make_ecg(10, fs=100, leads=("II", "V5"), gaps_s=[(2.5, 4), (9, 10)], random_state=0)
    expected = np.zeros(1000, dtype=bool)
    expected[250:400] = expected[900:] = True
    assert_array_equal(np.isnan(record.signal), np.column_stack([expected, expected]))
    assert np.any(expected[record.annotations[0]])


def test_make_ecg_saturation_clips_on_both_sides():
    """The signal, noise included, stays within the stated level and reaches it."""
    signal = make_ecg(leads=("II", "aVR"), noise=NOISY, saturation_mv=0.4, random_state=0).signal
    assert_allclose([signal.min(), signal.max()], [-0.4, 0.4])


def test_make_ecg_gives_a_record():
    """The record has mV as float32, the leads under the names asked for, and no file."""
    record = make_ecg(4, fs=360, leads=["MLII", "V1"], random_state=0)
    assert record.signal.shape == (1440, 2)
    assert record.signal.dtype == np.float32
    assert record.lead_names == ("MLII", "V1")
    assert (record.fs, record.source, record.metadata) == (360.0, "", {})


def test_make_ecg_of_a_day_needs_little_more_than_the_day():
    """24 hours at 250 Hz take less than twice the memory of their own signal."""
    tracemalloc.start()
    try:
        record = make_ecg(86_400, fs=250, premature={"V": 0.01, "A": 0.01}, random_state=0)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert record.n_timesteps == 21_600_000
    assert_allclose(len(record.annotations[0]) / 1440, 70, rtol=0.01)
    assert peak < 2 * record.signal.nbytes
    # The last beat is drawn as exactly as the first.
    last = _away_from_edges(record.annotations[0], record)[-1]
    assert abs(record.signal[last - 20 : last + 21, 0].argmax() - 20) <= 1


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"leads": ("II", "V9")}, "must be one or more different names out of I, II, III"),
        ({"leads": ()}, "must be one or more different names"),
        ({"leads": ("II", "II")}, "must be one or more different names"),
        ({"leads": "II"}, "leads"),
        ({"duration_s": 1}, "duration_s"),
        ({"rr_sd_s": 0.6, "heart_rate": 60}, "at most 0.5 s, half of the mean RR interval"),
        (
            {"premature": {"S": 0.1}},
            r'"V" \(ventricular\) or "A" \(atrial, class S\) a share of',
        ),
        ({"premature": {"V": 0.0}}, "above 0 and up to 0.5"),
        ({"premature": {"V": 0.4, "A": 0.2}}, "adds up to more than 0.5"),
        ({"premature": {"A": 0.1}, "rhythm": "af"}, "come from atria in rhythm"),
        ({"noise": {"white": 10}}, "kinds out of baseline_wander, mains_50hz"),
        ({"premature": {"V": "often"}}, "above 0 and up to 0.5"),
        ({"noise": {"muscle": "much"}}, "finite signal-to-noise ratio"),
        ({"noise": {"muscle": np.nan}}, "finite signal-to-noise ratio"),
        ({"noise": {"mains_50hz": 10}, "fs": 100}, "needs fs above 100 Hz"),
        ({"gaps_s": [(3, 2)]}, r"gap \(3, 2\) in gaps_s must be \(start, end\) in seconds"),
        ({"gaps_s": [(3, 11)]}, "0 <= start < end <= duration_s=10.0"),
        ({"gaps_s": (3, 4)}, "gap 3 in gaps_s"),
        ({"saturation_mv": 0}, "saturation_mv"),
    ],
)
def test_make_ecg_refuses_what_it_cannot_draw(settings, message):
    """Errors name the argument and say what would do."""
    with pytest.raises(ValueError, match=message):
        make_ecg(**settings)


@pytest.mark.parametrize(("heart_rate", "of_t_mv"), [(70, 0.01), (100, 0.03), (160, 0.12)])
def test_t_wave_adds_to_the_shift_of_the_st_segment(heart_rate, of_t_mv):
    """The level 120 ms after R is the sum of both, as documented."""
    record = make_ecg(10, fs=500, heart_rate=heart_rate, rr_sd_s=1e-6, st_mv=-0.2, random_state=0)
    level_mv = record.signal[record.annotations[0][3:-3] + 60, 0]
    assert_allclose(level_mv, of_t_mv - 0.2, atol=0.01)
