"""Simulated fusion beats."""

from dataclasses import replace

import numpy as np
import pytest

from sklearn_ecg.beats import extract_beats, simulate_fusions
from sklearn_ecg.beats._fusion import fuse, with_fusions
from sklearn_ecg.datasets import make_ecg

FS = 250


@pytest.fixture(scope="module")
def records():
    """Two recordings, the first with ventricular beats."""
    return [
        make_ecg(duration_s=120, fs=FS, leads=("II", "V1"), premature={"V": 0.1}, random_state=0),
        make_ecg(duration_s=20, fs=FS, leads=("II", "V1"), random_state=1),
    ]


def test_rows_are_like_those_of_real_beats(records):
    """They can be trained on side by side, and split by the same groups."""
    arguments = {"leads": ["V1"], "n_before": 2, "n_after": 3, "features": ["shape", "rhythm"]}
    real = extract_beats(records, **arguments)
    rows = simulate_fusions(records, n_beats=7, random_state=0, **arguments)
    assert rows.data.shape == (7, *real.data.shape[1:])
    assert rows.data.dtype == real.data.dtype
    assert rows.feature_names.tolist() == real.feature_names.tolist()
    assert rows.target.tolist() == ["F"] * 7
    assert set(rows.groups) == {real.groups[0]}
    assert np.isfinite(rows.data).all()


def test_they_lie_between_normal_and_ventricular_beats(records):
    """In how their QRS complexes differ from the usual one."""
    arguments = {"leads": ["II"], "n_before": 0, "n_after": 0, "features": ["shape"]}
    real = extract_beats(records[0], **arguments)
    rows = simulate_fusions(records[0], random_state=0, **arguments)
    column = real.feature_names.tolist().index("qrs_deviation_0")
    normal, ventricular = (np.median(real.data[real.target == c, 0, column]) for c in "NV")
    assert normal + 0.3 < np.median(rows.data[:, 0, column]) < ventricular - 0.1


def test_the_share_is_that_of_the_ventricular_beat():
    """Of the QRS complex and the T wave, on the normal baseline; the P wave is the normal one."""
    rng = np.random.default_rng(0)
    time_s = np.arange(-75, 125) / FS
    normal, ventricular = (
        rng.normal(size=(200, 2)) * ((time_s < -0.15) | (time_s > -0.07))[:, None] for _ in range(2)
    )
    np.testing.assert_array_equal(fuse(normal, ventricular + 3, 0.0, FS), normal)
    half = fuse(normal + 1, ventricular + 3, 0.5, FS)
    p_wave, complex_ = time_s < -0.13, (time_s > -0.03) & (time_s < 0.29)
    np.testing.assert_array_equal(half[p_wave], normal[p_wave] + 1)
    mean = (normal + ventricular)[complex_] / 2
    np.testing.assert_allclose(half[complex_], mean + 1, atol=1e-12)


def test_the_rest_of_the_recording_stays(records):
    """Beats keep their order, and the record that was given is not changed."""
    record = records[0]
    before = record.signal.copy()
    signal, beats, merged = with_fusions(record, ["II"], 5, np.random.RandomState(0))
    np.testing.assert_array_equal(record.signal, before)
    real = extract_beats(record, leads=["II"])
    assert set(real.target[merged]) == {"N"}
    assert len(merged) == 5
    assert (np.diff(beats) > 0).all()
    assert (beats[merged] <= real.time_steps[merged]).all()
    others = np.delete(np.arange(len(beats)), merged)
    np.testing.assert_array_equal(beats[others], real.time_steps[others])
    near = np.abs(np.arange(len(signal)) - beats[merged][:, None]).min(axis=0) <= FS / 2
    np.testing.assert_array_equal(signal[~near], before[~near])
    assert (signal != before)[near].any()


def test_the_same_seed_gives_the_same_rows(records):
    """And another seed others."""
    first, again, other = (
        simulate_fusions(records, leads=["II"], random_state=seed) for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first.data, again.data)
    assert not np.array_equal(first.data, other.data)


def test_missing_values_are_not_merged(records):
    """Beats beside them stay out; a lead that is missing throughout does no harm unless chosen."""
    signal = records[0].signal.copy()
    signal[:, 1] = np.nan
    signal[: 100 * FS, 0] = np.nan
    gappy = replace(records[0], signal=signal)
    _, beats, merged = with_fusions(gappy, ["II"], 60, np.random.RandomState(0))
    assert len(merged)
    assert (beats[merged] > 100 * FS).all()
    rows = simulate_fusions(gappy, leads=["II"], random_state=0)
    assert np.isfinite(rows.data).all()
    with pytest.raises(ValueError, match="could be merged"):
        simulate_fusions(gappy, leads=["V1"])


def test_what_cannot_be_merged_is_refused(records):
    """The message says what is missing."""
    with pytest.raises(ValueError, match="ventricular beats"):
        simulate_fusions(records[1], leads=["II"])
    with pytest.raises(ValueError, match="no lead III"):
        simulate_fusions(records, leads=["III"])
    with pytest.raises(ValueError, match="n_beats"):
        simulate_fusions(records, n_beats=0)
    with pytest.raises(TypeError, match="ECGRecord"):
        simulate_fusions([np.zeros((100, 1))])
