"""Signals that are unlike those of the training data."""

from functools import partial

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline

from sklearn_ecg.datasets import fetch_ptbxl, make_ecg_classification
from sklearn_ecg.preprocessing import MaxNormalizer, NoveltyGate, segment


@pytest.fixture(scope="module")
def signals():
    """Strips of patients to fit, and of others."""
    options = {"n_patients": 30, "n_leads": 2}
    return [make_ecg_classification(150, random_state=seed, **options)[0] for seed in (0, 1)]


CHANGES = {
    "microvolts": lambda X: 1000 * X,
    "a tenth of the gain": lambda X: X / 10,
    "inverted": lambda X: -X,
    "noise": lambda X: X + np.random.default_rng(0).normal(scale=0.5, size=X.shape),
    "half the rate": lambda X: np.repeat(X, 2, axis=1)[:, : X.shape[1]],
    "flat": lambda X: 0 * X,
}


@pytest.mark.parametrize("change", CHANGES)
def test_signals_that_are_unlike_are_found(signals, change):
    """Most of them, and hardly any of other patients' that are alike."""
    gate = NoveltyGate().fit(signals[0])
    assert gate.find_novel(signals[1]).mean() < 0.05
    assert gate.find_novel(CHANGES[change](signals[1])).mean() > 0.8


@pytest.mark.parametrize(
    ("change", "measure"),
    [
        ("microvolts", "amplitude"),
        ("inverted", "polarity"),
        ("half the rate", "speed"),
        ("noise", "noise"),
    ],
)
def test_warning_names_the_measure(signals, change, measure):
    """Which tells a wrong unit from a wrong rate."""
    with pytest.warns(UserWarning, match=rf"such as row .* by .*\b{measure} of lead0"):
        NoveltyGate().fit(signals[0]).transform(CHANGES[change](signals[1]))


def test_pipeline_warns_or_refuses(signals):
    """Naming the row, the measure and the lead; what is alike passes unchanged."""
    X = signals[0][:4].copy()
    X[2, :, 1] *= 1000
    match = "1 of 4 rows of X are unlike the training data, such as row 2 by amplitude of lead1"
    with pytest.warns(UserWarning, match=match) as caught:
        passed = NoveltyGate().fit(signals[0]).transform(X)
    assert caught[0].filename == __file__  # the line of the user who called
    np.testing.assert_array_equal(passed, X)
    with pytest.raises(ValueError, match=match):
        NoveltyGate(action="raise").fit(signals[0]).transform(X)
    NoveltyGate(action="ignore").fit(signals[0]).transform(X)
    NoveltyGate(action="raise").fit(signals[0]).transform(signals[0][:4])


@pytest.mark.parametrize("action", ["warn", "raise"])
def test_training_data_are_not_judged(signals, action):
    """Some of them are outside the ranges, and a pipeline is fitted all the same, in silence."""
    X = signals[0]
    gate = NoveltyGate(action=action, tolerance=1)
    np.testing.assert_array_equal(gate.fit_transform(X), X)
    assert gate.find_novel(X).any()
    pipeline = make_pipeline(NoveltyGate(action=action, tolerance=1), MaxNormalizer()).fit(X)
    with pytest.raises(ValueError, match="unlike") if action == "raise" else pytest.warns():
        pipeline.transform(1000 * X)


def test_ragged_rows_and_padding_are_measured(signals):
    """As if the padding were not there."""
    gate = NoveltyGate().fit(signals[0])
    ragged = [row[: 300 + 10 * i] for i, row in enumerate(signals[1][:10])]
    padded = np.full((10, 500, 2), np.nan)
    for row, signal in zip(padded, ragged, strict=True):
        row[: len(signal)] = signal
    gate_of_ragged = NoveltyGate().fit(list(signals[0]))
    np.testing.assert_allclose(gate_of_ragged.limits_, gate.limits_)
    np.testing.assert_array_equal(gate.find_novel(padded), gate_of_ragged.find_novel(ragged))


def test_measures_by_hand():
    """Of a signal that climbs from 0 to 1, falls back at once, and stays at 0."""
    signal = np.concatenate([np.linspace(0, 1, 101), np.zeros(100)])  # steps of 0.01, one of -1
    limits = NoveltyGate(tolerance=0).fit(np.stack([signal] * 3)).limits_
    np.testing.assert_allclose(limits[1], limits[0], atol=1e-5)
    extent = 0.98  # all but a hundredth of 201 values at either end, of which the lowest are 0
    median_change, largest_change = 0.01, 0.01  # 100 of 200 changes climb; one in 200 falls
    mean_change = (100 * 0.01 + 1) / 200
    expected = [
        np.log(extent),
        0,  # the median
        np.log(mean_change / extent),
        np.log(median_change / largest_change),
    ]
    np.testing.assert_allclose(limits.mean(axis=0)[:, 0], expected, atol=1e-2)


def test_limits_are_tukeys_fences():
    """Amplitudes of 1, 2, 4, 8 and 16: quartiles of 2 and 8, a factor of 4, with which 2 go on."""
    signal = np.random.default_rng(0).normal(size=500)
    gate = NoveltyGate(tolerance=2).fit([size * signal for size in (1, 2, 4, 8, 16)])
    amplitude = np.log(np.subtract(*np.quantile(signal, [0.99, 0.01])))
    low, high = gate.limits_[:, 0, 0]
    np.testing.assert_allclose([low, high], amplitude + np.log([2 / 16, 8 * 16]), atol=1e-5)
    sizes = [0.12, 0.13, 127, 129]
    assert gate.find_novel([size * signal for size in sizes]).tolist() == [True, False, False, True]


def test_long_signals_are_measured_in_float32_too(signals):
    """As exactly as in float64: a sum over a day would lose its last values."""
    signal = np.tile(signals[0][0], (10_000, 1))
    single, double = (NoveltyGate().fit([signal.astype(t)]).limits_ for t in ("f4", "f8"))
    np.testing.assert_allclose(single, double, rtol=1e-5)


def test_missing_leads_are_left_to_the_quality_gate(signals):
    """A measure that cannot be computed is not unlike."""
    X = signals[0][:3].copy()
    X[0] = np.nan
    assert not NoveltyGate().fit(signals[0]).find_novel(X)[0]


def test_one_time_step_is_no_error():
    """Its measures are unknown."""
    gate = NoveltyGate().fit(np.ones((3, 1)))
    assert gate.find_novel(np.ones((3, 1))).tolist() == [False] * 3


@pytest.mark.parametrize("form", [np.asarray, list])
@pytest.mark.parametrize("share", [0.45, 2])  # a tail of a tenth; one padded segment
def test_short_tail_of_segments_is_not_novel(signals, form, share):
    """It may lack a beat. What is unlike elsewhere is found beside it."""
    cut = partial(segment, segment_length=int(share * signals[0].shape[1]))
    gate = NoveltyGate().fit(cut(form(signals[0])))
    assert gate.find_novel(cut(form(signals[1]))).mean() < 0.05
    assert gate.find_novel(cut(form(1000 * signals[1]))).all()


def test_more_leads_mark_more_usual_recordings(data_home):
    """As stated in the docstring, of PTB-XL."""
    if not (data_home / "ptbxl").is_dir():
        pytest.skip(f"no real recordings of ptbxl in {data_home}")
    strips = fetch_ptbxl(data_home, download_if_missing=False)
    known, new = strips.data[strips.strat_fold <= 6], strips.data[strips.strat_fold > 6]
    arms = new[:, :, [0, 2, 1, 4, 3, *range(5, 12)]].copy()
    arms[:, :, 0] *= -1
    chest = new[:, :, [*range(6), *range(11, 5, -1)]]

    def shares(tolerance, leads):
        gate = NoveltyGate(tolerance=tolerance).fit(known[:, :, leads])
        marked = (gate.find_novel(X[:, :, leads]).mean() for X in (new, arms, chest, 5 * new))
        return [round(100 * share) for share in marked]

    assert shares(2, [1]) == [2, 14, 2, 77]
    everything = slice(None)
    assert shares(2, everything) == [26, 92, 99, 100]
    assert shares(3, everything) == [6, 76, 94, 92]
    assert shares(4, everything) == [2, 27, 57, 39]
