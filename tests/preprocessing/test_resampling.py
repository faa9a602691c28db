import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_ecg.preprocessing import Resampler, _resampling, resample, resample_positions

nan = np.nan


@pytest.mark.parametrize(
    ("fs", "fs_new"), [(360, 250), (300, 100), (250, 360), (257, 250), (100, 100), (333.33, 250.0)]
)
def test_a_sine_has_the_right_value_at_the_right_time(fs, fs_new):
    """New time step j lies at j / fs_new seconds."""
    n_timesteps = int(10 * fs)
    X = np.sin(2 * np.pi * 5 * np.arange(n_timesteps) / fs)[None]
    resampled = resample(X, fs, fs_new)[0]
    time = np.arange(len(resampled)) / fs_new
    inner = (time > 0.5) & (time < 9.5)
    assert_allclose(resampled[inner], np.sin(2 * np.pi * 5 * time)[inner], atol=0.005)


def test_what_the_new_rate_cannot_hold_does_not_fold_back():
    """80 Hz would appear as 20 Hz at 100 Hz."""
    X = np.sin(2 * np.pi * 80 * np.arange(5000) / 500)[None]
    assert abs(resample(X, 500, 100)[0, 50:-50]).max() < 0.01


@pytest.mark.parametrize(
    ("frequency", "expected"), [(42.5, 0.99), (45, 0.93), (55, 0.07), (60, 0.002)]
)
def test_gain_around_the_new_nyquist_frequency_is_as_documented(frequency, expected):
    """Of 55 Hz, 7 % appear as 45 Hz at 100 Hz."""
    X = np.sin(2 * np.pi * frequency * np.arange(5000) / 500)[None]
    left = np.sqrt(2 * np.mean(resample(X, 500, 100)[0, 50:-50] ** 2))
    assert left == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize(
    ("n_timesteps", "fs", "fs_new", "expected"),
    [
        (3600, 360, 250, 2500),
        (10, 3, 1, 4),
        (9, 3, 1, 3),
        (1, 100, 1, 1),
        (1, 1, 3, 3),
        (7, 2, 3, 11),
    ],
)
def test_length_is_rounded_up(n_timesteps, fs, fs_new, expected):
    """ceil(n_timesteps * fs_new / fs), for every form of the data."""
    X = np.ones((2, n_timesteps, 3))
    resampled = resample(X, fs, fs_new)
    assert resampled.shape == (2, expected, 3)
    assert_array_equal(resampled, 1)  # also the ends of a constant signal are exact
    assert resample(list(X[..., 0]), fs, fs_new)[1].shape == (expected,)
    assert resample(X[:, None], fs, fs_new).shape == (2, 1, expected, 3)


@pytest.mark.parametrize(
    ("row", "fs", "fs_new", "expected"),
    [
        ([0, 0, nan, 0], 1, 1, [0, 0, nan, 0]),
        # A new time step between a known and a missing one is missing.
        ([0, 0, nan, 0], 1, 2, [0, 0, 0, nan, nan, nan, 0, 0]),
        # Old 1 lies half-way between new 0 and new 1: the gap is not lost.
        ([0, nan, 0, 0, 0, 0], 2, 1, [nan, nan, 0]),
        ([0, 0, nan, 0, 0, 0], 2, 1, [0, nan, 0]),
        # New 1 stands for old 2, 3, 4 and new 2 for 5, 6, 7.
        ([0, 0, nan, 0, 0, 0, 0], 3, 1, [0, nan, 0]),
        ([0, 0, 0, 0, 0, nan, 0], 3, 1, [0, 0, nan]),
        # New j lies at 1.5 j: 0, 1.5, 3, 4.5.
        ([0, 0, nan, 0, 0, 0], 3, 2, [0, nan, 0, 0]),
        ([nan, 0, 0, 0, nan, 0], 3, 2, [nan, 0, 0, nan]),
        ([nan, nan, nan], 1, 2, [nan] * 6),
    ],
)
def test_gaps_stay_at_their_times_and_do_not_spread(row, fs, fs_new, expected):
    """Worked by hand for equal, higher, lower and fractional rates."""
    assert_array_equal(resample(np.array([row]), fs, fs_new), [expected])


@pytest.mark.parametrize(("fs", "fs_new"), [(360, 250), (250, 360), (300, 7), (7, 300)])
def test_no_gap_is_lost_and_none_reaches_further_than_one_time_step(fs, fs_new):
    """One missing time step, anywhere, makes some new ones NaN, all within a step of it."""
    n_timesteps = 2 * fs
    X = np.ones((n_timesteps, n_timesteps))
    np.fill_diagonal(X, nan)
    is_gap = np.isnan(resample(X, fs, fs_new))
    time_new = np.arange(is_gap.shape[1]) / fs_new
    for old in range(n_timesteps - 1):  # NaN at the last one is padding
        distance = abs(time_new[is_gap[old]] - old / fs)
        assert (distance < max(1 / fs, 1 / fs_new) + 1e-9).all()
        if old / fs <= time_new[-1] + 0.5 / fs_new:  # later ones are beyond the last new step
            assert is_gap[old].any()


@pytest.mark.parametrize(("fs", "fs_new"), [(360, 250), (250, 360), (1000, 50), (1, 3), (3, 1)])
@pytest.mark.parametrize("n_timesteps", [1, 50, 720, 1001])
def test_a_long_signal_in_parts_has_the_result_of_the_whole(monkeypatch, fs, fs_new, n_timesteps):
    """Bit for bit, also near both ends, and with a gap across the cut between two parts."""
    X = np.random.default_rng(0).normal(5, 1, size=(2, n_timesteps, 3)).astype(np.float32)
    X[1, n_timesteps // 3 : n_timesteps // 2] = nan
    whole = resample(X, fs, fs_new)
    monkeypatch.setattr(_resampling, "VALUES_AT_ONCE", 400)
    assert_array_equal(resample(X, fs, fs_new), whole)


def test_transformer_equals_function():
    """The estimator adds nothing of its own."""
    X = np.random.default_rng(0).normal(size=(2, 720, 2))
    assert_array_equal(Resampler(250, fs=360).fit_transform(X), resample(X, 360, 250))


def test_rates_without_a_ratio_are_refused():
    """A ratio that would need a filter of millions of coefficients is an error in fs."""
    message = "fs_new / fs = 250 / 250.0013 is not a ratio of whole numbers up to 100000"
    with pytest.raises(ValueError, match=message):
        resample([[0.0, 1.0]], 250.0013, 250)
    with pytest.raises(ValueError, match=message):
        Resampler(250, fs=250.0013).fit([[0.0, 1.0]])
    with pytest.raises(ValueError, match="ratio of whole numbers"):
        resample([[0.0, 1.0]], 1, 200_000)


@pytest.mark.parametrize("fs", [99.70000269, 130.0208, 127.9])
@pytest.mark.parametrize("fs_new", [250, 500, 1000])
def test_a_measured_rate_goes_up_as_well_as_down(fs, fs_new):
    """Times in a file give a rate that is no round number; the ratio is the inverse of the other.

    The position of the last of 100,000 time steps tells the ratio to one part in a million.
    """
    up, down = (
        resample_positions([100_000], *rates, 10**6) for rates in ((fs, fs_new), (fs_new, fs))
    )
    assert abs(up - 100_000 * fs_new / fs) <= 1.5
    assert abs(down - 100_000 * fs / fs_new) <= 1.5
    assert resample(np.ones((1, 100)), fs, fs_new).shape == (1, np.ceil(100 * fs_new / fs))


def test_positions_move_with_the_peaks_they_mark():
    """Peaks are found where the annotations went, to one time step."""
    peaks = np.arange(180, 3600, 311)
    X = np.exp(-0.5 * ((np.arange(3600) - peaks[:, None]) / 10) ** 2).sum(axis=0)
    resampled = resample(X[None], 360, 250)[0]
    for moved in resample_positions(peaks, 360, 250, 3600):
        near = slice(moved - 20, moved + 21)
        assert abs(np.argmax(resampled[near]) - 20) <= 1


def test_positions_never_leave_the_signal():
    """The last time step would round to one past the end."""
    assert_array_equal(resample_positions([0, 7, 8], 3, 1, 9), [0, 2, 2])
    assert resample(np.ones((1, 9)), 3, 1).shape == (1, 3)


def test_positions_of_a_signal_without_marks_are_none():
    """An empty list of annotations stays one, of integers."""
    moved = resample_positions([], 360, 250, 100)
    assert moved.shape == (0,)
    assert moved.dtype == np.int64


@pytest.mark.parametrize("position", [-1, 100])
def test_positions_outside_the_signal_are_refused(position):
    """A mark beyond the end must not become one on the last time step."""
    with pytest.raises(ValueError, match=f"positions has {position}, .* n_timesteps=100"):
        resample_positions([5, position], 360, 250, 100)


def test_rates_may_be_of_any_type():
    """A rate that was read from an array is float32."""
    X = np.zeros((1, 100))
    assert resample(X, np.float32(100), np.int64(50)).shape == resample(X, 100, 50).shape
