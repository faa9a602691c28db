"""Simulated rhythms."""

from dataclasses import replace

import numpy as np
import pytest

from sklearn_ecg.beats import extract_beats, simulate_rhythms
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


def test_a_classifier_learns_runs_from_them(records):
    """Beats of a run that make up most of a recording are known from those between them."""
    from sklearn.linear_model import LogisticRegression

    n_beats = 400
    rows = simulate_rhythms(records * 8, n_beats=n_beats, leads=["II"], random_state=0)
    train = np.arange(len(rows.target)) < 12 * 3 * n_beats
    X = rows.data.reshape(len(rows.data), -1)
    classifier = LogisticRegression(C=0.1, max_iter=1000).fit(X[train], rows.target[train])
    assert classifier.score(X[~train], rows.target[~train]) > 0.8


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
    assert len(set(rows.groups)) == 1
    with pytest.raises(ValueError, match="normal beat"):
        simulate_rhythms(ventricular, leads=["II"])
