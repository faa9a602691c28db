import csv

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.metrics import roc_auc_score

from sklearn_ecg.preprocessing import segment, signal_quality

FS = 200
N_TIMESTEPS = 10 * FS
MEASURES = ["missing", "gaps", "flat", "saturated", "noise"]


def clean_ecg(seed=0, noise=0.01):
    """Beats of an R and a T wave every 0.8 s with a little white noise, in mV."""
    time = np.arange(N_TIMESTEPS) / FS
    phase = (time + 0.4) % 0.8 - 0.4
    beats = np.exp(-0.5 * (phase / 0.012) ** 2) + 0.2 * np.exp(-0.5 * ((phase - 0.25) / 0.05) ** 2)
    return beats + noise * np.random.default_rng(seed).normal(size=N_TIMESTEPS)


def measure(row, fs=FS, **options):
    """All measures of one lead, as floats."""
    quality = signal_quality(np.asarray(row)[None], fs, **options)
    return {name: value.item() for name, value in quality.items()}


def test_clean_lead_is_found_clean():
    """No fault is seen where there is none."""
    quality = measure(clean_ecg())
    noise = quality.pop("noise")
    assert quality == {"missing": 0, "gaps": 0, "flat": 0, "saturated": 0}
    assert 0 < noise < 0.2


def test_gaps_are_counted():
    """A tenth and a twentieth of the time steps are missing."""
    row = clean_ecg()
    row[:200] = row[900:1000] = np.nan
    quality = measure(row)
    assert quality["gaps"] == pytest.approx(0.15)
    assert quality["missing"] == quality["flat"] == quality["saturated"] == 0
    assert quality["noise"] < 0.2


@pytest.mark.parametrize("value", [np.nan, 0.0, -3.0])
def test_missing_lead_is_nan_or_one_value_throughout(value):
    """Devices write a constant where no electrode is."""
    quality = measure(np.full(N_TIMESTEPS, value))
    assert quality["missing"] == 1
    assert quality["gaps"] == np.isnan(value)
    assert quality["flat"] == (not np.isnan(value))
    assert quality["saturated"] == 0


def test_flat_line_is_counted_from_one_second_on():
    """Three seconds within 0.01 mV count, nine tenths of a second do not."""
    row = clean_ecg(noise=0.02)
    row[400:1000] = 0.3 + 0.004 * (-1.0) ** np.arange(600)
    row[1400:1580] = 0.3
    assert measure(row)["flat"] == pytest.approx(600 / N_TIMESTEPS)
    assert measure(row, flat_range=0.005)["flat"] == 0


def test_flat_line_of_exactly_one_second_is_counted():
    """The limit belongs to what is flat."""
    row = clean_ecg(noise=0.02)
    row[1400:1600] = 5.0
    assert measure(row)["flat"] == pytest.approx(200 / N_TIMESTEPS)
    row[1599] = 6.0
    assert measure(row)["flat"] == 0


def test_flat_range_belongs_to_what_is_flat():
    """A signal that moves by just so much is flat, and by a hair more is not."""
    row = np.tile([0.0, 0.25], N_TIMESTEPS // 2)
    assert measure(row, flat_range=0.25)["flat"] == 1
    assert measure(row, flat_range=0.249)["flat"] == 0


@pytest.mark.parametrize("part", [slice(FS - 1), slice(1 - FS, None)])
def test_shorter_flat_line_at_an_end_of_the_signal_is_not_counted(part):
    """Nothing beyond the signal is taken for more of it."""
    row = clean_ecg(noise=0.02)
    row[part] = 0.3
    assert measure(row)["flat"] == 0


def test_gap_does_not_make_its_surroundings_flat():
    """Only what is known to be still is flat."""
    row = clean_ecg(noise=0.02)
    row[400:1000] = np.nan
    assert measure(row)["flat"] == 0


def test_saturation_is_counted_at_both_rails():
    """Waves cut off at 0.8 and at -0.5 mV stand still there."""
    wave = np.sin(2 * np.pi * np.arange(N_TIMESTEPS) / FS)
    clipped = np.clip(wave, -0.5, 0.8)
    expected = np.mean((wave >= 0.8) | (wave <= -0.5))
    assert measure(clipped)["saturated"] == pytest.approx(expected)
    assert measure(wave)["saturated"] == 0


def test_a_peak_of_equal_values_is_no_saturation():
    """At 200 Hz 0.02 s are four time steps."""
    row = clean_ecg()
    row[1000:1003] = 9.0
    assert measure(row)["saturated"] == 0
    row[1003] = 9.0
    assert measure(row)["saturated"] == pytest.approx(4 / N_TIMESTEPS)


def test_saturation_takes_three_equal_values_at_low_rates():
    """At 100 Hz 0.02 s are two time steps, and two equal values are common at any peak."""
    row = clean_ecg()[::2]
    row[500:502] = 9.0
    assert measure(row, fs=100)["saturated"] == 0
    row[502] = 9.0
    assert measure(row, fs=100)["saturated"] == pytest.approx(3 / len(row))


def test_noise_is_one_for_gaussian_noise_and_grows_with_it():
    """Beats in more and more noise measure more and more."""
    rows = [clean_ecg(noise=noise) for noise in (0.0, 0.05, 0.2)]
    rows.append(np.random.default_rng(0).normal(size=N_TIMESTEPS))
    noise = signal_quality(np.array(rows), FS).noise[:, 0]
    assert (np.diff(noise) > 0.05).all()
    assert noise[-1] == pytest.approx(1, abs=0.1)


def test_noise_window_holds_a_beat_at_35_beats_per_minute():
    """Clean beats 1.7 s apart are clean: of windows of 1 s half would hold none and measure 1."""
    row = 0.01 * np.random.default_rng(0).normal(size=20 * FS)
    row[::340] += 1.0
    assert measure(row)["noise"] < 0.35


def test_noise_knows_no_unit_and_no_offset():
    """Neither gain nor offset nor slow drift changes it."""
    row = clean_ecg()
    drifting = 1000 * (row + 3 + np.linspace(0, 2, N_TIMESTEPS))
    assert measure(drifting)["noise"] == pytest.approx(measure(row)["noise"], rel=0.1)


def test_noise_is_measured_between_gaps_only():
    """A noisy stretch of which nothing is known cannot count."""
    row = clean_ecg()
    expected = measure(row)["noise"]
    row[500:900:3] = np.nan
    assert measure(row)["noise"] == pytest.approx(expected, rel=0.15)
    row[::400] = np.nan
    assert np.isnan(measure(row)["noise"])


@pytest.mark.parametrize("offset", [0.0, 1000.3])
def test_flat_line_is_not_taken_for_noise(offset):
    """What rounding leaves of a constant is not compared with what rounding leaves of it."""
    row = clean_ecg() + offset
    expected = measure(row)["noise"]
    row[1000:] = row[999]
    assert measure(row)["noise"] == pytest.approx(expected, rel=0.3)
    assert np.isnan(measure(np.full(N_TIMESTEPS, offset))["noise"])


def test_noise_cannot_be_told_below_two_seconds():
    """A single beat holds no silence to compare with."""
    assert np.isnan(measure(clean_ecg()[: 2 * FS - 1])["noise"])
    assert not np.isnan(measure(clean_ecg()[: 2 * FS])["noise"])


@pytest.mark.parametrize("n_timesteps", [1, 2, 3, 5])
def test_a_few_time_steps_have_a_defined_quality(n_timesteps):
    """One time step is neither flat nor missing; two equal ones are both."""
    assert measure(np.arange(n_timesteps) * 1.0)["flat"] == 0
    quality = measure(np.ones(n_timesteps))
    assert quality["flat"] == quality["missing"] == (n_timesteps > 1)


def test_leads_are_measured_each_by_itself():
    """One array of measures has a column per lead."""
    X = np.stack([clean_ecg(), np.full(N_TIMESTEPS, np.nan), np.zeros(N_TIMESTEPS)], axis=-1)
    quality = signal_quality(X[None], FS)
    assert list(quality) == MEASURES
    assert_array_equal(quality.missing, [[0, 1, 1]])
    assert_array_equal(quality.gaps, [[0, 1, 0]])
    assert_array_equal(quality.flat, [[0, 0, 1]])


def test_all_forms_of_the_data_give_the_same_measures():
    """Lists of signals are measured as one array, lists of segments as a list."""
    X = np.stack([clean_ecg(0), clean_ecg(1, noise=0.2)]).astype(np.float32)
    X[1, 400:500] = np.nan
    dense = signal_quality(X, FS)
    for same in (X[:, :, None], list(X), list(X[:, :, None])):
        for name, values in signal_quality(same, FS).items():
            assert_array_equal(values, dense[name])
            assert values.shape == (2, 1)
            assert values.dtype == np.float32
    of_segments = signal_quality(segment(X, 500), FS)
    of_lists = signal_quality(segment([X[0], X[1, :1000]], 500), FS)
    for name in MEASURES:
        assert of_segments[name].shape == (2, 4, 1)
        assert_array_equal(of_lists[name][0], of_segments[name][0])
        assert_array_equal(of_lists[name][1], of_segments[name][1, :2])


def test_low_sampling_rates_are_measured_and_lower_ones_refused():
    """Beats can be told from noise at 50 Hz; at 10 Hz nothing can."""
    slow = clean_ecg()[::4]
    noise = np.random.default_rng(0).normal(size=slow.shape)
    quality = signal_quality(np.stack([slow, noise]), 50)
    assert quality.noise[0, 0] < 0.5 < quality.noise[1, 0]
    with pytest.raises(ValueError, match="'fs' parameter"):
        signal_quality(slow[None], 10)


def read_cinc2017(folder, per_label):
    """Signals in mV and labels of the first records of each label."""
    wfdb = pytest.importorskip("wfdb")
    left = dict(per_label)
    signals, labels = [], []
    with open(folder / "REFERENCE-v3.csv", newline="") as file:
        for name, label in csv.reader(file):
            if left[label] > 0:
                left[label] -= 1
                record = wfdb.rdrecord(str(folder / "training2017" / name), return_res=32)
                signals.append(record.p_signal[:, 0])
                labels.append(label)
    return signals, np.array(labels)


def test_noise_finds_what_the_experts_of_cinc_2017_called_noisy(data_home):
    """As stated in the docstring, on other records: the ROC area is about 0.9."""
    signals, labels = read_cinc2017(data_home / "cinc2017", {"N": 60, "A": 30, "O": 60, "~": 60})
    noise = signal_quality(signals, 300).noise[:, 0]
    assert roc_auc_score(labels == "~", noise) > 0.85
    assert_allclose(np.mean(noise[labels != "~"] > 0.5), 0, atol=0.03)
