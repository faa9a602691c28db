"""Change signals at random, as patients, electrodes and devices do."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from sklearn_ecg.datasets import make_ecg_classification
from sklearn_ecg.neural_network import SignalAugmenter, augment_signals
from sklearn_ecg.preprocessing import BandpassFilter, Reshaper, Segmenter
from sklearn_ecg.utils import all_estimators
from sklearn_ecg.utils._rates import rate_of, with_rate

EVERYTHING = {
    "fs": 150,
    "scale": 0.2,
    "flip": 0.3,
    "shift_s": 0.1,
    "stretch": 0.1,
    "noise": 0.1,
    "wander": 0.1,
    "mains": 0.1,
    "lead_drop": 0.3,
}


@pytest.fixture
def signals():
    """Forty signals of two leads, one ten times as large as the other, that no test may change."""
    signals = np.random.RandomState(0).normal(size=(40, 300, 2)).astype(np.float32)
    signals *= np.float32([1, 10])
    signals.setflags(write=False)
    return signals


def test_signals_may_know_their_rate(signals):
    """Then it need not be given, and another one is refused: shifts would be too long."""
    known = with_rate(signals, 100)
    np.testing.assert_array_equal(
        augment_signals(known, 0, shift_s=0.1), augment_signals(signals, 0, fs=100, shift_s=0.1)
    )
    with pytest.raises(ValueError, match="was given fs=200 Hz, but its signals come at 100 Hz"):
        augment_signals(known, 0, fs=200, shift_s=0.1)


@pytest.mark.parametrize("name", [*EVERYTHING, "everything"])
def test_result_is_new_float32_of_the_same_shape(signals, name):
    """Each effect, and all together, change a copy, as the seed alone decides."""
    effects = EVERYTHING if name == "everything" else {"fs": 150, name: EVERYTHING[name]}
    first, again, other = (augment_signals(signals, seed, **effects) for seed in (0, 0, 1))
    assert first.dtype == np.float32
    assert first.shape == signals.shape
    assert first.flags.c_contiguous
    assert not np.shares_memory(first, signals)
    np.testing.assert_array_equal(first, again)
    assert np.array_equal(first, other) == (name == "fs")


def test_nothing_asked_for_changes_nothing(signals):
    """All effects are off by default; what is returned may still be written into."""
    same = augment_signals(signals, 0)
    np.testing.assert_array_equal(same, signals)
    assert same.flags.writeable


def test_scale_multiplies_each_lead_by_a_factor_in_range(signals):
    """With scale=0.25 factors lie from 0.8 to 1.25, as many below 1 as above, one for each lead."""
    many = np.tile(signals, (10, 1, 1))
    ratios = augment_signals(many, 0, scale=0.25) / many
    factors = ratios.mean(axis=1)
    np.testing.assert_allclose(ratios, np.broadcast_to(factors[:, None], ratios.shape), rtol=1e-5)
    assert 0.8 <= factors.min() < 0.82
    assert 1.22 < factors.max() <= 1.25 + 1e-6
    assert np.mean(factors < 1) == pytest.approx(0.5, abs=0.05)
    assert abs(np.corrcoef(factors.T)[0, 1]) < 0.2


def test_shift_moves_all_leads_by_whole_steps_and_repeats_the_edge():
    """0.3 s at 10 Hz are up to 3 steps either way, each as probable as the others."""
    signal = np.array([[5.0, 0, 0, 0, 1, 0, 0, 0, 7]])
    signals = np.repeat(np.stack([signal, -signal], axis=-1), 400, axis=0)
    shifted = augment_signals(signals, 0, fs=10, shift_s=0.3)
    np.testing.assert_array_equal(shifted[:, :, 0], -shifted[:, :, 1])
    expected = {
        (0, 1, 0, 0, 0, 7, 7, 7, 7),
        (0, 0, 1, 0, 0, 0, 7, 7, 7),
        (0, 0, 0, 1, 0, 0, 0, 7, 7),
        (5, 0, 0, 0, 1, 0, 0, 0, 7),
        (5, 5, 0, 0, 0, 1, 0, 0, 0),
        (5, 5, 5, 0, 0, 0, 1, 0, 0),
        (5, 5, 5, 5, 0, 0, 0, 1, 0),
    }
    found, counts = np.unique(shifted[:, :, 0], axis=0, return_counts=True)
    assert {tuple(row) for row in found} == expected
    assert counts.min() > 30  # 57 of each on average


def test_shift_is_not_lost_to_rounding():
    """0.29 * 100 is a little less than 29 in floating point, but 29 steps are 0.29 s."""
    signals = np.zeros((2000, 101))
    signals[:, 50] = 1
    shifted = augment_signals(signals, 0, fs=100, shift_s=0.29).argmax(axis=1)
    assert (shifted.min(), shifted.max()) == (50 - 29, 50 + 29)


def test_stretch_of_a_ramp_changes_its_slope_about_the_middle():
    """A ramp keeps its middle; its slope tells how much longer or shorter it has become."""
    ramps = np.repeat(np.arange(11.0)[None], 200, axis=0)
    stretched = augment_signals(ramps, 0, stretch=0.25)
    np.testing.assert_allclose(stretched[:, 5], 5)
    slopes = stretched[:, 6] - stretched[:, 5]
    assert 0.8 <= slopes.min() < 0.82
    assert 1.22 < slopes.max() <= 1.25
    expected = np.clip(5 + slopes[:, None] * np.arange(-5, 6), 0, 10)  # the edge repeats
    np.testing.assert_allclose(stretched, expected)


def test_noise_is_relative_to_each_lead():
    """White noise of up to 20% of each lead's deviation, 10% on average; a flat lead gets none."""
    signals = np.random.RandomState(0).normal(size=(200, 500, 3)) * [1, 1000, 0] + 5
    noise = augment_signals(signals, 0, noise=0.2) - signals
    levels = noise.std(axis=1)[:, :2] / signals.std(axis=1)[:, :2]
    assert levels.max() < 0.23
    np.testing.assert_allclose(levels.mean(axis=0), 0.1, rtol=0.1)
    assert not noise[:, :, 2].any()
    successive = noise[:, 1:, 0] * noise[:, :-1, 0]
    assert abs(successive.mean()) < 0.02 * noise[:, :, 0].var()


def test_wander_is_slow_and_relative_to_each_lead():
    """Wander lies below 0.5 Hz, is another one in each lead, and grows with the lead."""
    fs = 20
    signals = np.random.RandomState(0).normal(size=(60, 100 * fs, 2)) * [1, 1000]
    wander = augment_signals(signals, 0, fs=fs, wander=0.5) - signals
    power = np.abs(np.fft.rfft(wander * np.hanning(100 * fs)[:, None], axis=1)) ** 2
    frequencies = np.fft.rfftfreq(100 * fs, 1 / fs)
    assert power[:, frequencies > 0.55].sum() < 1e-6 * power.sum()
    levels = np.sqrt((wander**2).mean(axis=(0, 1))) / [1, 1000]
    np.testing.assert_allclose(levels, 0.5 / np.sqrt(3), rtol=0.25)  # uniform from 0 to 0.5
    assert abs(np.mean(wander[..., 0] * wander[..., 1] / 1000)) < 0.2 * levels.prod()


def test_mains_hum_at_50_or_60_hz_relative_to_each_lead():
    """Each row hums at one of the two, up to that part of each lead's deviation."""
    fs = 250
    signals = np.random.RandomState(0).normal(size=(200, 2 * fs, 2)) * [1, 1000]
    hum = augment_signals(signals, 0, fs=fs, mains=0.5) - signals
    power = np.abs(np.fft.rfft(hum / [1, 1000], axis=1)) ** 2
    at_50, at_60 = power[:, 100], power[:, 120]
    np.testing.assert_allclose(at_50 + at_60, power.sum(axis=1), rtol=1e-6)
    np.testing.assert_allclose(np.minimum(at_50, at_60) / (at_50 + at_60), 0, atol=1e-6)
    assert np.mean(at_50[:, 0] > at_60[:, 0]) == pytest.approx(0.5, abs=0.1)
    levels = hum.std(axis=1) / signals.std(axis=1)
    assert levels.max() < 0.5 + 1e-6
    np.testing.assert_allclose(levels[:, 0], levels[:, 1], rtol=1e-6)
    np.testing.assert_allclose(levels.mean(axis=0), 0.25, rtol=0.15)


def test_flip_turns_leads_upside_down(signals):
    """Each lead by itself, with that probability; the values stay."""
    many = np.tile(signals, (25, 1, 1))
    flipped = augment_signals(many, 0, flip=0.3)
    is_flipped = (flipped == -many).all(axis=1)
    np.testing.assert_array_equal(flipped, np.where(is_flipped[:, None], -many, many))
    assert is_flipped.mean() == pytest.approx(0.3, abs=0.03)
    assert abs(np.corrcoef(is_flipped.T)[0, 1]) < 0.1
    np.testing.assert_array_equal(augment_signals(many, 0, flip=1), -many)


def test_lead_drop_never_drops_all_leads(signals):
    """Leads are zero throughout or unchanged, with that probability, and one always stays."""
    many = np.tile(signals, (25, 1, 2))
    dropped = augment_signals(many, 0, lead_drop=0.3)
    is_kept = dropped.any(axis=1)
    np.testing.assert_array_equal(dropped, many * is_kept[:, None, :])
    assert is_kept.mean() == pytest.approx(0.7, abs=0.03)
    assert augment_signals(many, 0, lead_drop=0.99).any(axis=(1, 2)).all()


def test_padding_at_the_end_stays_and_is_not_moved_into_the_signal():
    """What is padded with NaN is treated as the shorter signal that it is."""
    long = np.random.RandomState(0).normal(3, 0.1, size=(30, 40))
    padded = long.copy()
    padded[::2, 25:] = np.nan
    padded[4] = np.nan
    effects = {"fs": 10, "shift_s": 1, "stretch": 0.2, "noise": 0.1, "wander": 0.1, "scale": 0.1}
    augmented = augment_signals(padded, 0, **effects)
    np.testing.assert_array_equal(np.isnan(augmented), np.isnan(padded))
    assert np.nanmin(augmented) > 2


def test_zeros_at_the_end_are_signal():
    """A flat end moves like any other: nothing is guessed to be padding."""
    signals = np.array([[5.0, 1.0, 1.0, 0.0, 0.0]])
    moved = {tuple(augment_signals(signals, seed, fs=1, shift_s=1)[0]) for seed in range(20)}
    assert moved == {(5, 1, 1, 0, 0), (5, 5, 1, 1, 0), (1, 1, 0, 0, 0)}


def test_missing_values_are_named():
    """NaN before the end of a row is not padding."""
    with pytest.raises(
        ValueError, match=r"NaN: row 1, time step 2, lead 0\. augment_signals .*GapFiller"
    ):
        augment_signals([[1.0, 2.0, 3.0, 4.0], [1.0, 2.0, np.nan, 4.0]], 0, noise=0.1)


def test_augmenter_finds_leads_in_frames(signals):
    """Frames made by Reshaper are changed as the signals they were made of."""
    frames = Reshaper(frame_length=30).fit_transform(signals)
    augment = SignalAugmenter(n_leads=2, **EVERYTHING)
    augmented = augment(frames, np.random.RandomState(0))
    assert augmented.shape == (40, 10, 60)
    np.testing.assert_array_equal(
        augmented.reshape(signals.shape), augment_signals(signals, 0, **EVERYTHING)
    )


def test_augmenter_draws_anew_in_each_batch(signals):
    """One generator gives each batch changes of its own."""
    rng = np.random.RandomState(0)
    augment = SignalAugmenter(n_leads=2, scale=0.2)
    assert not np.array_equal(augment(signals, rng), augment(signals, rng))


def test_augmenter_is_made_of_parameters_and_no_estimator():
    """Clone, pickle, set_params and the printed form know them; discovery leaves it out."""
    augment = SignalAugmenter(fs=250, noise=0.1)
    copy = pickle.loads(pickle.dumps(clone(augment)))
    assert copy.get_params() == augment.get_params()
    assert copy.set_params(noise=0.2).noise == 0.2
    assert "noise=0.1" in repr(augment)
    assert "SignalAugmenter" in augment._repr_html_()
    assert "SignalAugmenter" not in dict(all_estimators())


def test_classifier_trains_on_what_the_augmenter_makes(tiny, sequences):
    """The classifier's seed decides the changes; what is wrong with them is said by fit."""
    X, y = sequences
    augmented = tiny(epochs=1, augment=SignalAugmenter(n_leads=2)).set_params(augment__noise=1.0)
    losses = [classifier.fit(X, y).history_["loss"] for classifier in (augmented, clone(augmented))]
    assert losses[0] == losses[1]
    with pytest.raises(ValueError, match="'noise' parameter of SignalAugmenter must be"):
        augmented.set_params(augment__noise=-1.0).fit(X, y)


@pytest.mark.parametrize("fs", [None, 250])
def test_augmenter_knows_the_rate_of_the_signals(tiny, fs):
    """Frames know the rate of the signals that they were made of, also in bags of segments."""
    strips, y, _ = make_ecg_classification(n_samples=8, fs=250, duration_s=4, random_state=0)
    steps = BandpassFilter(fs=250), Segmenter(500), Reshaper(25)
    frames = make_pipeline(*steps).fit_transform(strips)
    assert rate_of(frames) == 10
    seen = []

    class Augmenter(SignalAugmenter):
        def __call__(self, sequences, random_state):
            seen.append(self.fs)
            return super().__call__(sequences, random_state)

    tiny(epochs=1, augment=Augmenter(fs=fs, wander=0.2)).fit(frames, y)
    assert set(seen) == {250}


def test_augmenter_of_another_rate_or_of_other_leads_is_refused(tiny):
    """It would add the wrong frequencies, and take two leads for one."""
    strips, y, _ = make_ecg_classification(n_samples=8, fs=250, duration_s=4, random_state=0)
    frames = make_pipeline(BandpassFilter(fs=250), Reshaper(25)).fit_transform(strips)
    with pytest.raises(ValueError, match=r"fs=200, but 10 steps a second.*n_leads=1 at 250 Hz"):
        tiny(augment=SignalAugmenter(fs=200, mains=0.1)).fit(frames, y)
    two = make_pipeline(BandpassFilter(fs=250), Reshaper(25)).fit_transform(strips[:, :, [0, 0]])
    with pytest.raises(ValueError, match=r"of 50 features.*n_leads=1 at 500 Hz: correct n_leads"):
        tiny(augment=SignalAugmenter(fs=250, mains=0.1)).fit(two, y)
    tiny(augment=SignalAugmenter(fs=250, mains=0.1, n_leads=2), epochs=1).fit(two, y)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"noise": -0.1}, "'noise' parameter of SignalAugmenter must be a float in the range"),
        ({"lead_drop": 1.0, "n_leads": 2}, "'lead_drop' parameter of SignalAugmenter must be"),
        ({"shift_s": 0.1}, "shift_s needs the sampling rate: pass fs in Hz"),
        ({"wander": 0.1}, "wander needs the sampling rate: pass fs in Hz"),
        ({"mains": 0.1}, "mains needs the sampling rate: pass fs in Hz"),
        ({"mains": 0.1, "fs": 120}, "mains=0.1 needs fs above 120 Hz, got fs=120"),
        ({"lead_drop": 0.1}, "lead_drop=0.1 needs n_leads of 2 or more"),
        ({"n_leads": 4}, "Steps of 6 features are not made of n_leads=4 leads"),
    ],
)
def test_wrong_parameters_are_refused_by_the_first_batch(parameters, message):
    """A call says which parameter is wrong and what to do."""
    with pytest.raises(ValueError, match=message):
        SignalAugmenter(**parameters)(np.ones((2, 3, 6), np.float32), np.random.RandomState(0))


def test_function_refuses_ragged_signals_and_bags():
    """Only one array of signals has one shape to return."""
    for signals in ([np.ones(3), np.ones(4)], np.ones((2, 3, 4, 1))):
        with pytest.raises(ValueError, match="signals must be one array of shape"):
            augment_signals(signals)


def test_error_leaves_nothing_for_tensorflow_to_complain_of(run_python):
    """An epoch that was not finished would be at exit, in a line on standard error."""
    code = """
import numpy as np
from sklearn_ecg.neural_network import LSTMClassifier, SignalAugmenter
X, y = np.zeros((70, 20, 4)), np.tile([0, 1], 35)
try:
    LSTMClassifier(units=2, epochs=1, augment=SignalAugmenter(n_leads=3)).fit(X, y)
except ValueError:
    print("refused")
"""
    result = run_python(code)
    assert (result.stdout, result.stderr) == ("refused\n", "")
