"""Intervals between beats that miss a part of the signal."""

import numpy as np
import pytest

from sklearn_ecg.utils._intervals import Gaps, find_broken_intervals

FS = 100
NO_FLUTTER = np.empty((0, 2), dtype=np.int64)


@pytest.mark.parametrize(
    ("start", "stop", "broken"),
    [
        (230, 240, [2]),
        (230, 239, []),
        (200, 210, [2]),
        (201, 301, [2, 3]),
        (190, 201, [1, 2]),
        (190, 200, [1]),
        (0, 1000, range(9)),
    ],
)
def test_gaps_break_the_intervals_that_they_touch(start, stop, broken):
    """From 0.1 s on."""
    signal = np.zeros((1000, 2))
    signal[start:stop] = np.nan
    signal[500:600, 1] = np.nan  # the other lead shows what happens
    found = find_broken_intervals(np.arange(0, 1000, 100), signal, NO_FLUTTER, FS)
    assert np.flatnonzero(found).tolist() == list(broken)


@pytest.mark.parametrize("n_timesteps", [1, 7, 450])
def test_parts_have_the_gaps_of_the_whole(n_timesteps):
    """Each beat is known half a second later."""
    rng = np.random.default_rng(0)
    signal = np.zeros((9000, 1))
    for start in rng.integers(0, 9000, 60):
        signal[start : start + rng.integers(1, 30)] = np.nan
    beats = np.unique(rng.integers(0, 9000, 40))
    expected = find_broken_intervals(beats, signal, NO_FLUTTER, FS)
    assert 0 < expected.sum() < len(expected)
    gaps, found, last = Gaps(FS), [], beats[0]
    for start in range(0, 9000, n_timesteps):
        gaps.push(signal[start : start + n_timesteps])
        known = beats[(beats > last) & (beats <= start + n_timesteps - 50)]
        found.append(gaps.touched(np.append(last, known)))
        last = known[-1] if len(known) else last
        gaps.forget(start + n_timesteps - 50)
    found.append(gaps.touched(np.append(last, beats[beats > last])))
    np.testing.assert_array_equal(np.concatenate(found), expected)


def test_memory_does_not_grow():
    """However long there are gaps and no beats."""
    gaps = Gaps(FS)
    for part in range(1000):
        gaps.push(np.where(np.arange(100)[:, None] % 20 < 10, np.nan, 0))
        gaps.forget(100 * part)
        assert len(gaps._runs) < 20
