"""Simulated rhythms."""

from dataclasses import replace

import numpy as np
import pytest

from sklearn_ecg.beats import _simulation, extract_beats, simulate_rhythms
from sklearn_ecg.beats._rhythm import rhythm_features
from sklearn_ecg.beats._running import Past
from sklearn_ecg.beats._simulation import fibrillation, sinus_arrhythmia, sinus_with_runs
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


@pytest.mark.parametrize("causal", [False, True])
def test_features_of_rhythm_are_those_of_the_intervals(records, monkeypatch, causal):
    """Computed as those of real beats are, wherever their columns stand."""
    log_rr = np.log(np.random.RandomState(0).uniform(0.4, 1.2, size=60))

    def draw(n_beats, rng):
        return log_rr, np.zeros(n_beats, dtype=bool)

    for rhythm in ("sinus_with_runs", "sinus_arrhythmia", "fibrillation"):
        monkeypatch.setattr(_simulation, rhythm, draw)
    rows = simulate_rhythms(
        records[0],
        n_beats=60,
        leads=["II"],
        n_before=0,
        n_after=0,
        features=["deviation", "rhythm"],
        causal=causal,
    )
    times = np.rint(1000 * np.cumsum(np.exp(log_rr))).astype(int)
    expected = rhythm_features(times, 1000, Past() if causal else None)
    np.testing.assert_array_equal(rows.data[:60, 0, -expected.shape[1] :], expected)


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
    with pytest.raises(ValueError, match="n_beats"):
        simulate_rhythms(records, n_beats=0)
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
