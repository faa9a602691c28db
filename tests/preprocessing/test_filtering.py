"""What the band-pass and the notch filter share: phase, gaps, ends and forms."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.signal import sosfilt, sosfilt_zi, sosfiltfilt

from sklearn_ecg.preprocessing import (
    BandpassFilter,
    MaxNormalizer,
    NotchFilter,
    _filtering,
    _series,
    bandpass_filter,
    notch_filter,
)
from sklearn_ecg.preprocessing._bandpass import design_bandpass
from sklearn_ecg.preprocessing._filtering import _memory

FS = 250
TIME = np.arange(10 * FS) / FS
INNER = slice(2 * FS, -2 * FS)


def bandpass(X, **options):
    return bandpass_filter(X, FS, **options)


def notch(X, **options):
    return notch_filter(X, FS, 50, **options)


def sine(frequency, phase=0.3):
    return np.sin(2 * np.pi * frequency * TIME + phase)


both = pytest.mark.parametrize("filter_function", [bandpass, notch])
either_direction = pytest.mark.parametrize("causal", [False, True])


@both
def test_a_wave_of_5_hz_passes_within_1_percent_and_unshifted(filter_function):
    """Zero phase and gain one in the middle of the band."""
    assert_allclose(filter_function(sine(5)[None])[0, INNER], sine(5)[INNER], atol=0.01)


@both
def test_causal_filter_knows_nothing_of_the_future(filter_function):
    """Changing or losing what comes later leaves what came before as it was."""
    X = np.random.default_rng(0).normal(size=(1, 500))
    X[0, 100:120] = np.nan
    changed, lost = X.copy(), X.copy()
    changed[:, 300:] += 5
    lost[:, 300:] = np.nan
    expected = filter_function(X, causal=True)[:, :300]
    assert_array_equal(filter_function(changed, causal=True)[:, :300], expected)
    assert_array_equal(filter_function(lost, causal=True)[:, :300], expected)
    assert not np.allclose(filter_function(changed)[:, :300], filter_function(X)[:, :300])


@both
@either_direction
def test_nan_stays_where_it_is_and_does_not_spread(filter_function, causal):
    """The positions of NaN are the same before and after, a missing lead included."""
    X = np.random.default_rng(0).normal(size=(3, 400, 2))
    X[0, :5, 0] = X[0, 100:140, 0] = X[1, -1, 1] = X[2, :, 0] = np.nan
    filtered = filter_function(X, causal=causal)
    assert_array_equal(np.isnan(filtered), np.isnan(X))


@both
def test_a_short_gap_hardly_disturbs_what_surrounds_it(filter_function):
    """A line over two time steps of a slow wave is almost the wave."""
    whole = sine(3)[None]
    gappy = whole.copy()
    gappy[0, 1000:1002] = np.nan
    known = ~np.isnan(gappy)
    assert_allclose(filter_function(gappy)[known], filter_function(whole)[known], atol=0.01)


def test_signal_is_continued_for_as_long_as_the_filter_remembers():
    """A filter above 0.5 Hz forgets 95 % within 1.35 s; SciPy's own padding is a tenth of that."""
    sos = design_bandpass(FS, 0.5, 40.0, order=2)
    assert _memory(sos.tobytes()) == pytest.approx(1.35 * FS, abs=2)
    X = sine(5)[None] + np.linspace(0, 2, len(TIME))
    expected = sosfiltfilt(sos, X, padlen=_memory(sos.tobytes()))
    assert_allclose(bandpass(X), expected, atol=1e-12)
    assert abs(expected - sosfiltfilt(sos, X, padlen=30)).max() > 0.01


@either_direction
@pytest.mark.parametrize("n_timesteps", [1, 2, 5, 997])
def test_filtering_in_pieces_gives_what_scipy_gives_at_once(causal, n_timesteps, monkeypatch):
    """To the last bit, wherever a piece ends. It begins at 0, because offsets cost digits."""
    monkeypatch.setattr(_filtering, "_VALUES_AT_ONCE", 300)
    series = np.random.default_rng(0).normal(3, 1, size=(3, n_timesteps))
    series -= series[:, :1]
    sos = design_bandpass(FS, 0.5, 40, order=2)
    if causal:
        expected = sosfilt(sos, series, zi=sosfilt_zi(sos)[:, None] * series[:, :1])[0]
    else:
        padding = min(_filtering._memory(sos.tobytes()), n_timesteps - 1)
        expected = sosfiltfilt(sos, series, padlen=padding)
    assert_array_equal(_filtering.filter_series(series, sos, causal), expected)


@both
@either_direction
@pytest.mark.parametrize("n_timesteps", [1, 2, 3, 9, 40])
def test_signals_shorter_than_the_padding_have_a_finite_result(
    filter_function, causal, n_timesteps
):
    """They are padded by what they have."""
    X = np.random.default_rng(0).normal(size=(2, n_timesteps))
    filtered = filter_function(X, causal=causal)
    assert filtered.shape == X.shape
    assert np.isfinite(filtered).all()


@either_direction
def test_a_constant_is_removed_by_the_bandpass_and_kept_by_the_notch(causal):
    """An offset causes no jump at the ends, however short the signal."""
    for n_timesteps in (1, 2, 500):
        X = np.full((1, n_timesteps), 3.0)
        assert_allclose(bandpass(X, causal=causal), 0, atol=1e-8)
        assert_allclose(notch(X, causal=causal), 3)


@either_direction
@pytest.mark.parametrize("form", [np.asarray, list])
def test_nothing_is_left_of_a_flat_line(causal, form):
    """Rounding errors would become a wave of full height in a normalizer, and a class of its own.

    The forms of line: an offset of the device, one with a gap, and one that begins a recording.
    """
    offsets = np.array([0.1, -0.33, 2.7, 1e4])
    X = np.repeat(offsets[:, None], 500, axis=1)
    X[1, 200:220] = np.nan
    found = np.stack(bandpass(form(X), causal=causal))
    assert_array_equal(np.nan_to_num(found), 0)
    assert_array_equal(np.nan_to_num(np.stack(MaxNormalizer().fit_transform(form(found)))), 0)
    ragged = bandpass([*X, X[0, :300]], causal=causal)
    assert all(not np.nan_to_num(row).any() for row in ragged)
    X[:, 400:] += 1
    assert_array_equal(np.nan_to_num(bandpass(X, causal=True)[:, :400]), 0)
    assert_allclose(notch(X, causal=causal)[0, :100], offsets[0], rtol=1e-3)


@both
def test_all_forms_of_the_data_give_the_same_values(filter_function):
    """Lead axis, segments, lists and read-only views change nothing."""
    X = np.random.default_rng(0).normal(size=(4, 300))
    expected = filter_function(X)
    assert_allclose(filter_function(X[:, :, None])[..., 0], expected)
    segments = np.broadcast_to(X[:, None, :, None], (4, 3, 300, 1))
    assert_allclose(filter_function(segments)[:, 2, :, 0], expected)
    for rows in (list(X), list(X[:, :, None]), list(segments)):
        filtered = filter_function(rows)
        assert [row.shape for row in filtered] == [row.shape for row in rows]
        assert_allclose(filtered[3].reshape(-1)[:300], expected[3])


@both
def test_rows_are_filtered_in_parts_with_the_same_result(filter_function, monkeypatch):
    """How many rows are worked on at once cannot be seen."""
    X = np.random.default_rng(0).normal(size=(5, 200, 2)).astype(np.float32)
    expected = filter_function(X)
    monkeypatch.setattr(_series, "_VALUES_AT_ONCE", 800)
    filtered = filter_function(X)
    assert filtered.dtype == np.float32
    assert_array_equal(filtered, expected)


@pytest.mark.parametrize(
    ("estimator", "function"),
    [
        (BandpassFilter(fs=FS, low=1, high=None, order=3, causal=True), bandpass_filter),
        (NotchFilter(60, fs=FS, harmonics=False, quality=10), notch_filter),
    ],
    ids=["bandpass", "notch"],
)
def test_transformer_equals_function(estimator, function):
    """The estimator adds nothing of its own, and writes nothing into its input."""
    X = np.random.default_rng(0).normal(size=(2, 300))
    X.flags.writeable = False
    assert_array_equal(estimator.fit_transform(X), function(X, **estimator.get_params()))


@both
@either_direction
@pytest.mark.parametrize("shortest", [1, 30, 400])
def test_rows_of_different_lengths_are_filtered_as_each_alone(filter_function, causal, shortest):
    """Shorter than the filter remembers or longer, with a gap in some, of one lead or two."""
    rng = np.random.default_rng(0)
    lengths = rng.permutation(np.arange(shortest, shortest + 60))
    for shape in ((), (2,)):
        rows = [rng.normal(size=(n, *shape)).cumsum(axis=0) + 20 for n in lengths]
        rows[40][len(rows[40]) // 2] = np.nan
        for row in rows[20:] if shape else []:  # in the end all rows of a group
            row[len(row) // 3] = np.nan
        found = filter_function(rows, causal=causal)
        for row, result in zip(rows, found, strict=True):
            assert_allclose(result, filter_function(row[None], causal=causal)[0], atol=1e-9)
