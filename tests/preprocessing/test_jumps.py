"""Take jumps of the baseline, and clicks, out of signals."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_ecg.datasets import make_ecg
from sklearn_ecg.preprocessing import JumpRemover, remove_jumps, resample
from sklearn_ecg.preprocessing._jumps import changes_by_jumps, jump_reach
from sklearn_ecg.preprocessing._streams import JumpStream


@pytest.fixture(scope="module")
def ecg():
    """A minute of an ECG with ventricular beats, in two leads, at 500 Hz."""
    options = {"fs": 500, "leads": ["II", "V1"], "premature": {"V": 0.2}, "random_state": 0}
    record = make_ecg(60, **options)
    noise = np.random.default_rng(0).normal(scale=0.01, size=record.signal.shape)
    return replace(record, signal=(record.signal + noise).astype(np.float32))


def with_jumps(signal, at, sizes, n_steps=1):
    """Let the baseline go to other levels, within so many time steps."""
    steps = np.zeros(len(signal))
    for begin, size in zip(at, sizes, strict=True):
        steps[begin + 1 : begin + 1 + n_steps] += size / n_steps
    return (signal + np.cumsum(steps)[:, None]).astype(np.float32)


def between_beats(record, share=0.7):
    """Time steps between beats, where no P wave or T wave is steep."""
    beats = record.annotations[0]
    return (beats[:-1] + share * np.diff(beats)).astype(int)[1::3]


@pytest.mark.parametrize("fs", [100, 128, 250, 360, 500, 1000])
def test_signal_without_jumps_stays(ecg, fs):
    """QRS complexes, wide beats among them, are none, at any rate."""
    (signal,) = resample([ecg.signal], 500, fs) if fs != 500 else (ecg.signal,)
    assert_array_equal(remove_jumps([signal], fs)[0], signal)


@pytest.mark.parametrize("unit", [1e-3, 1, 1000])
@pytest.mark.parametrize("n_steps", [1, 2, 4])
def test_jumps_are_taken_out(ecg, n_steps, unit):
    """Up and down, in each lead, over 8 ms, in any unit."""
    at = between_beats(ecg)
    sizes = np.random.default_rng(0).choice([-1, 1], len(at)) * np.linspace(1, 4, len(at))
    jumped = with_jumps(ecg.signal, at, sizes, n_steps)
    (mended,) = remove_jumps([unit * jumped], 500)
    off = np.abs(mended / unit - ecg.signal)
    assert np.ptp(jumped - ecg.signal) > 3
    assert off.max() < 0.4  # each jump takes a little of the signal along
    changes = np.diff(mended / unit - ecg.signal, axis=0)
    assert np.abs(changes).max() < 0.1


def test_change_that_takes_longer_stays(ecg):
    """A drift is for a filter."""
    jumped = with_jumps(ecg.signal, between_beats(ecg), [2] * len(between_beats(ecg)), n_steps=12)
    assert_array_equal(remove_jumps([jumped], 500)[0], jumped)


@pytest.mark.parametrize("n_steps", [1, 2, 3])
def test_clicks_are_taken_out(ecg, n_steps):
    """The level comes back at once."""
    clicked = ecg.signal.copy()
    for at in between_beats(ecg):
        clicked[at : at + n_steps] += 3
    assert np.abs(remove_jumps([clicked], 500)[0] - ecg.signal).max() < 0.4


def test_click_on_a_slope_leaves_the_slope():
    """What is left after it is of the signal itself, and stays."""
    slope = 0.01 * np.arange(500.0)
    clicked = slope.copy()
    clicked[250:252] += 3
    assert_allclose(remove_jumps(clicked[None], 500)[0], slope, atol=1e-9)


def test_low_rate_has_jumps_of_one_time_step():
    """At 50 Hz, 8 ms are less than one. A change over two may be of a QRS complex."""
    signal = np.concatenate([np.zeros(50), np.ones(50)])
    assert_array_equal(remove_jumps(signal[None], 50), 0)
    signal[50] = 0.5
    assert_array_equal(remove_jumps(signal[None], 50)[0], signal)


def test_what_comes_back_later_is_a_jump_twice():
    """It is taken out as well, if it stays long enough to be told from a QRS complex."""
    signal = np.zeros((1, 1000))
    signal[:, 400:450] = 1
    assert_array_equal(remove_jumps(signal, 250), 0)
    signal[:, 410:] = 0
    assert remove_jumps(signal, 250).max() == 1


@pytest.mark.parametrize("between", [[], [1.0], [2.0], [0.1]])
def test_jump_by_hand(between):
    """All of it goes, up to 8 ms, which are two time steps."""
    signal = np.concatenate([np.full(100, 0.5), [0.5 + value for value in between], [2.5] * 100])
    assert_array_equal(remove_jumps(signal[None], 250), np.full((1, len(signal)), 0.5))


@pytest.mark.parametrize(
    ("change", "is_jump"),
    [
        (lambda x: x[975:976].__iadd__(0.24), True),
        (lambda x: x[975:976].__iadd__(0.26), False),
        (lambda x: x[1028:1029].__isub__(0.26), False),
        (lambda x: x[965:966].__iadd__(1.9), True),
        (lambda x: x[825:835].__iadd__(1.9), True),
        (lambda x: x[825:835].__iadd__(2.1), False),
        (lambda x: x[1160:1170].__iadd__(2.1), False),
        (lambda x: x[810:815].__iadd__(2.1), True),
        (lambda x: x[1045:].__isub__(0.45), True),
        (lambda x: x[1045:].__isub__(0.55), False),
        (lambda x: x[1045:].__iadd__(0.45), True),
        (lambda x: x[1045:].__iadd__(0.55), False),
        (lambda x: x[1085:].__isub__(1), False),
        (lambda x: x[1095:].__isub__(1), True),
        (lambda x: x[1150:1151].__imul__(np.nan), False),
        (lambda x: x[1200:1201].__imul__(np.nan), True),
    ],
)
def test_limits_of_what_is_a_jump(change, is_jump):
    """At 1000 Hz: calm, range and levels around a jump of 1 at time step 1000."""
    signal = np.zeros(2000)
    signal[1000:] = 1
    change(signal)
    assert (changes_by_jumps(signal[None], 1000)[0, 1000] == 1) == is_jump


@pytest.mark.parametrize("where", ["start", "end", "gap"])
def test_jump_next_to_nothing_stays(where):
    """Its levels cannot be compared."""
    signal = np.zeros((1, 500))
    at = {"start": 40, "end": 460, "gap": 250}[where]
    signal[:, at:] = 2.0
    if where == "gap":
        signal[:, 280:290] = np.nan
    assert_array_equal(remove_jumps(signal, 250), signal)
    assert not remove_jumps(signal[:, : at + 60], 500)[0, :at].any()


def test_input_is_not_shared_with_the_result(ecg):
    """Whoever writes into the result writes not into the signal."""
    X = ecg.signal[None].copy()
    for removed in (remove_jumps(X, 500), JumpRemover(fs=500).fit_transform(X)):
        assert not np.shares_memory(removed, X)
    assert not np.shares_memory(remove_jumps([X[0]], 500)[0], X)


def test_forms_agree(ecg):
    """Dense, ragged, padded, float64 and cut into segments."""
    at = between_beats(ecg)
    jumped = with_jumps(ecg.signal, at, np.linspace(1, 3, len(at)))
    dense = remove_jumps(jumped[None], 500)
    assert_array_equal(remove_jumps([jumped[:20_000]], 500)[0][:-100], dense[0, :19_900])
    rows = [jumped[at[0] - 600 : at[0] + n, :1] for n in (40, 60, 80, 100, 120)]  # after a jump
    for row, removed in zip(rows, remove_jumps(rows, 500), strict=True):
        assert_array_equal(removed, remove_jumps([row], 500)[0])
    padded = np.concatenate([jumped, np.full((500, 2), np.nan, dtype=np.float32)])[None]
    assert_array_equal(remove_jumps(padded, 500)[0, : len(jumped)], dense[0])
    assert_allclose(remove_jumps(jumped[None].astype(float), 500), dense, atol=1e-5)
    segments = jumped.reshape(1, 5, -1, 2)
    expected = remove_jumps(list(segments[0]), 500)
    assert_array_equal(remove_jumps(segments, 500)[0], np.stack(list(expected)))


@pytest.mark.parametrize("seed", range(4))
def test_chunks_make_up_the_whole(ecg, seed, monkeypatch):
    """Whatever the cuts, of a stream and of a long signal, which is worked on in parts."""
    rng = np.random.default_rng(seed)
    at = np.sort(rng.choice(np.arange(200, 29_000), 40, replace=False))
    jumped = with_jumps(ecg.signal, at, rng.normal(scale=2, size=40), n_steps=seed + 1)
    jumped[rng.integers(0, 30_000, 20)] = np.nan
    expected = remove_jumps(jumped[None], 500)[0]
    assert not np.array_equal(expected, jumped, equal_nan=True)
    stream = JumpStream(500, n_leads=2)
    cuts = np.sort(rng.integers(0, len(jumped), 100))
    found = [*map(stream.push, np.split(jumped.T, cuts, axis=1)), stream.finish()]
    assert_array_equal(np.concatenate(found, axis=1).T, expected)
    monkeypatch.setattr("sklearn_ecg.preprocessing._jumps._AT_ONCE", 1000)
    assert_array_equal(remove_jumps(jumped[None], 500)[0], expected)


def test_stream_is_a_fifth_of_a_second_late(ecg):
    """And keeps little more than that."""
    stream = JumpStream(500, n_leads=2)
    n_mended = stream.push(ecg.signal[:2000].T).shape[1]
    assert n_mended == 2000 - jump_reach(500) == 2000 - 94
    assert stream._series.shape[1] <= 2 * jump_reach(500)
