"""Simulated rhythms."""

from dataclasses import replace

import numpy as np
import pytest

from sklearn_ecg.beats import extract_beats, simulate_rhythms
from sklearn_ecg.beats._rhythm import interval_features
from sklearn_ecg.beats._running import Past
from sklearn_ecg.beats._simulation import RHYTHMS, fibrillation, sinus_arrhythmia, sinus_with_runs
from sklearn_ecg.datasets import make_ecg


@pytest.fixture(scope="module")
def records():
    """Two recordings, the first with a few early beats."""
    return [
        make_ecg(duration_s=30, fs=250, leads=("II", "V1"), premature={"A": 0.1}, random_state=0),
        make_ecg(duration_s=20, fs=250, leads=("II", "V1"), random_state=1),
    ]


def test_rows_are_like_those_of_real_beats(records):
    """They can be trained on side by side, and split by the same groups."""
    arguments = {
        "leads": ["II", "V1"],
        "n_before": 2,
        "n_after": 3,
        "features": ["shape", "rhythm"],
    }
    real = extract_beats(records, **arguments)
    rows = simulate_rhythms(records, n_beats=200, random_state=0, **arguments)
    assert rows.data.shape == (1200, *real.data.shape[1:])
    assert rows.data.dtype == real.data.dtype
    assert rows.feature_names.tolist() == real.feature_names.tolist()
    assert set(rows.groups) == set(real.groups)
    assert set(rows.target) == {"N", "S"}
    assert np.isfinite(rows.data).all()


def test_shapes_are_those_of_normal_beats(records):
    """Only the features of rhythm are simulated."""
    real = extract_beats(records, leads=["II"], n_before=0, n_after=0)
    rows = simulate_rhythms(records, leads=["II"], n_before=0, n_after=0, random_state=0)
    is_shape = ["_deviation" in name for name in rows.feature_names]
    for name in set(real.groups):
        normal = (real.records == name) & (real.target == "N")
        measured = {beat.tobytes() for beat in real.data[normal][:, 0, is_shape]}
        simulated = {beat.tobytes() for beat in rows.data[rows.groups == name][:, 0, is_shape]}
        assert simulated == measured


def test_the_same_seed_gives_the_same_rows(records):
    """And another seed others."""
    first, again, other = (
        simulate_rhythms(records, n_beats=50, leads=["II"], random_state=seed) for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first.data, again.data)
    assert not np.array_equal(first.data, other.data)


def test_only_runs_are_early():
    """Beats of a run come sooner than those between runs; without runs, intervals are irregular."""
    rng = np.random.RandomState(0)
    shares = []
    for _ in range(40):
        log_rr, is_early = sinus_with_runs(800, rng)
        assert log_rr.shape == is_early.shape == (800,)
        assert np.median(log_rr[is_early]) < np.median(log_rr[~is_early]) - 0.1
        within = is_early[1:] & is_early[:-1]
        assert np.median(np.abs(np.diff(log_rr))[within]) < 0.06
        shares.append(is_early.mean())
        for simulate, least in ((sinus_arrhythmia, 0.01), (fibrillation, 0.08)):
            log_rr, is_early = simulate(800, rng)
            assert not is_early.any()
            assert np.abs(np.diff(log_rr)).mean() > least
    assert min(shares) < 0.1
    assert max(shares) > 0.6


def _lengths_of_runs(is_in_run):
    edges = np.flatnonzero(np.diff(np.concatenate([[0], is_in_run.astype(int), [0]])))
    return edges[1::2] - edges[::2]


def test_few_many_or_most_beats_are_early():
    """And most of these come sooner than others."""
    rng = np.random.RandomState(0)
    shares = {}
    for name in ("few", "many", "most"):
        drawn = [RHYTHMS[name](800, rng) for _ in range(30)]
        shares[name] = [is_early.mean() for _, is_early in drawn]
        sooner = [np.median(rr[early]) - np.median(rr[~early]) for rr, early in drawn]
        assert np.mean(sooner) < -0.2
        assert max(sooner) < 0.1
    assert np.median(shares["few"]) < 0.1
    assert 0.1 < np.median(shares["many"]) < 0.5
    assert np.median(shares["most"]) > 0.6
    assert min(shares["most"]) > 0.35


def test_dense_early_beats_are_single_or_in_runs_short_and_long():
    """As in people whose early beats are many: few normal beats in turn, or none, between them."""
    rng = np.random.RandomState(0)
    drawn = [RHYTHMS[name](800, rng)[1] for name in ("many", "most") for _ in range(40)]
    lengths = [_lengths_of_runs(is_early) for is_early in drawn]
    between = [np.median(_lengths_of_runs(~is_early)) for is_early in drawn]
    assert np.mean(np.array(between[:40]) <= 2) > 0.3  # of "many"
    assert np.mean([np.median(each) == 1 for each in lengths[:40]]) > 0.9
    of_most = [each[each > 1].mean() for each in lengths[40:]]
    assert min(of_most) < 2.6
    assert max(of_most) > 10


def test_pauses_and_quick_beats_of_sinus_rhythm_are_not_early():
    """At any rate: as slow and as fast as no other rhythm without early beats is."""
    rng = np.random.RandomState(0)
    drawn = [RHYTHMS["pauses"](800, rng) for _ in range(40)]
    assert not any(is_early.any() for _, is_early in drawn)
    usual = [np.exp(np.median(log_rr)) for log_rr, _ in drawn]
    assert min(usual) < 0.45
    assert max(usual) > 1.2
    ratios = [np.exp(log_rr - np.median(log_rr)) for log_rr, _ in drawn]
    dropped = [np.mean(ratio > 1.5) for ratio in ratios]
    assert 0.001 < np.median(dropped) < 0.1
    # A rhythm that quickens does so over several beats: few intervals are short beside both of
    # their neighbours.
    steps = np.concatenate([np.diff(log_rr) for log_rr, _ in drawn])
    assert np.mean(np.abs(steps) < 0.2) > 0.8
    assert np.mean([np.quantile(ratio, 0.02) for ratio in ratios]) < 0.8


def test_rhythms_that_are_drawn_more_often_differ_more(records):
    """There are as many rows, of as many rhythms as were asked for."""
    options = {"n_beats": 120, "rhythms": ["arrhythmia"], "leads": ["II"], "random_state": 0}
    once, often = (simulate_rhythms(records, n_draws=n, **options) for n in (1, 6))
    assert once.data.shape == often.data.shape
    np.testing.assert_array_equal(once.records, often.records)
    position = list(once.feature_names).index("rr")
    # Twenty rows in turn share a rhythm, whose rate the medians show.
    rates = [
        np.median(rows.data[:120, 4, position].reshape(6, 20), axis=1).std()
        for rows in (once, often)
    ]
    assert rates[1] > 3 * rates[0]
    # Rows of one draw are those of a longer rhythm, in their order, each among its own neighbours.
    whole = simulate_rhythms(records[:1], n_draws=1, **options).data
    thinned = simulate_rhythms(records[:1], n_draws=2, **options).data
    np.testing.assert_array_equal(thinned[:60], whole[::2])


def test_only_the_rhythms_that_are_named_are_drawn(records):
    """In their order; some have no early beat."""
    rows = simulate_rhythms(
        records, n_beats=100, rhythms=["fibrillation", "most"], leads=["II"], random_state=0
    )
    first, second = rows.target[:100], rows.target[100:200]
    assert len(rows.target) == 400
    assert set(first) == {"N"}
    assert np.mean(second == "S") > 0.4


@pytest.mark.parametrize("causal", [False, True])
def test_features_of_rhythm_are_those_of_the_intervals(records, monkeypatch, causal):
    """Computed as those of real beats are, wherever their columns stand."""
    log_rr = np.log(np.random.RandomState(0).uniform(0.4, 1.2, size=60))

    def draw(n_beats, rng):
        return log_rr, np.zeros(n_beats, dtype=bool)

    for rhythm in RHYTHMS:
        monkeypatch.setitem(RHYTHMS, rhythm, draw)
    rows = simulate_rhythms(
        records[0],
        n_beats=60,
        leads=["II"],
        n_before=0,
        n_after=0,
        features=["irregularity", "deviation", "rhythm"],
        causal=causal,
    )
    times = np.rint(1000 * np.cumsum(np.exp(log_rr))).astype(int)
    groups = interval_features(["irregularity", "rhythm"], times, 1000, Past() if causal else None)
    np.testing.assert_array_equal(rows.data[:60, 0, :7], groups["irregularity"])
    np.testing.assert_array_equal(rows.data[:60, 0, -8:], groups["rhythm"])


def test_a_classifier_learns_runs_from_them(records):
    """It then finds early beats in rhythms that were drawn anew."""
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.metrics import balanced_accuracy_score

    def draw(seed):
        rows = simulate_rhythms(records * 4, n_beats=400, leads=["II"], random_state=seed)
        return rows.data.reshape(len(rows.data), -1), rows.target

    classifier = RandomForestClassifier(
        50, min_samples_leaf=5, class_weight="balanced", random_state=0
    ).fit(*draw(0))
    X, y = draw(1)
    assert balanced_accuracy_score(y, classifier.predict(X)) > 0.7


def test_what_cannot_be_simulated_is_refused(records):
    """The message says what is missing."""
    with pytest.raises(ValueError, match="must name 'rhythm'"):
        simulate_rhythms(records, features=["shape"])
    for rhythms in ([], ["runs", "flutter"]):
        with pytest.raises(ValueError, match="must be some of few, many, runs"):
            simulate_rhythms(records, rhythms=rhythms)
    with pytest.raises(ValueError, match="n_beats"):
        simulate_rhythms(records, n_beats=0)
    with pytest.raises(ValueError, match="n_draws"):
        simulate_rhythms(records, n_draws=0)
    with pytest.raises(TypeError, match="ECGRecord"):
        simulate_rhythms([np.zeros((100, 1))])


def test_a_record_without_normal_beats_has_no_rows(records):
    """If none has any, the error says so."""
    steps, symbols = records[1].annotations
    ventricular = replace(records[1], annotations=(steps, np.full(len(symbols), "V")))
    rows = simulate_rhythms([records[0], ventricular], n_beats=20, leads=["II"], random_state=0)
    assert set(rows.groups) == {"0"}
    with pytest.raises(ValueError, match="normal beat"):
        simulate_rhythms(ventricular, leads=["II"])
