"""How probable a heartbeat is at each moment."""

from importlib.resources import files
from threading import Event, Thread

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController

from sklearn_ecg.beats import _detector_network as network


def test_weights_are_small_and_hold_arrays_alone():
    """The file takes at most 200 kB and runs no code."""
    path = files("sklearn_ecg.beats") / "_detector.npz"
    assert path.stat().st_size <= 200_000
    with np.load(path, allow_pickle=False) as arrays:
        assert all(np.issubdtype(arrays[name].dtype, np.floating) for name in arrays)


def test_blas_has_its_threads_again():
    """Whatever the order in which callers in several threads come and go."""

    def n_threads():
        pools = ThreadpoolController().select(user_api="blas").info()
        return {pool["num_threads"] for pool in pools}

    @network.in_one_thread
    def work(comes, may_go):
        seen.append(n_threads())
        comes.set()
        may_go.wait(600)

    before, seen, events = n_threads(), [], [(Event(), Event()) for _ in range(2)]
    threads = [Thread(target=work, args=some) for some in events]
    for thread, (comes, _) in zip(threads, events, strict=True):
        thread.start()
        comes.wait(600)
    for thread, (_, may_go) in zip(threads, events, strict=True):  # the first to come goes first
        may_go.set()
        thread.join()
    assert all(numbers <= {1} for numbers in seen)  # none if threadpoolctl does not know this BLAS
    assert n_threads() == before


def test_thread_pools_are_not_looked_up_at_work(monkeypatch):
    """A lookup would wait for ever for another thread that imports an extension module."""

    def look_up(self):
        raise AssertionError("looked up")

    monkeypatch.setattr(ThreadpoolController, "__init__", look_up)
    hop, margin = network.hop_of(100), network.margin_of(100)
    steps, _ = network.read_steps(np.random.RandomState(0).rand(8 * hop + 2 * margin, 1), 100)
    assert np.isfinite(steps).all()


@pytest.mark.parametrize("fs", [60, 100, 250, 360, 1000])
def test_steps_keep_their_time(fs):
    """A pulse of 10 ms is where it was, and a constant becomes nothing."""
    hop, margin = network.hop_of(fs), network.margin_of(fs)
    signal = np.full((8 * hop + 2 * margin, 1), 3.0)
    middle, half = margin + 4 * hop, round(0.005 * fs)
    signal[middle - half : middle + half + 1] = 4.0
    steps, alive = network.read_steps(signal + 1e-9 * np.arange(len(signal))[:, None], fs)
    assert steps.shape == (1, 8 * network.BLOCK)
    assert steps[0].argmax() == 4 * network.BLOCK
    assert alive.all()
    np.testing.assert_allclose(steps[0, :32], 0, atol=1e-6)


def test_clicks_vanish_by_hand():
    """Up to 3 ms of another height; a slope, a jump, a wide pulse and a gap stay."""
    series = np.array([0, 1, 2, 9, 4, 5, 5, 5, 9, 9, 9, 9, np.nan, 9, 1])
    expected = [0, 1, 2, 4, 5, 5, 5, 5, 9, 9, 9, 9, np.nan, 9, 1]
    np.testing.assert_array_equal(network._without_clicks(series, 334), expected)
    assert network._without_clicks(series, 333) is series  # 3 ms are no time step
    pulses = np.zeros(60)
    pulses[10:13], pulses[30:37] = 5, 5
    assert np.flatnonzero(network._without_clicks(pulses, 1000)).tolist() == [*range(30, 37)]


def test_averages_are_over_what_is_there():
    """Missing values change a slope little, and what is missing or flat for long is not alive."""
    fs = 250
    margin, hop = network.margin_of(fs), network.hop_of(fs)
    signal = np.sin(np.arange(40 * hop + 2 * margin) / 20)[:, None]
    expected, _ = network.read_steps(signal, fs)
    with_holes = signal.copy()
    with_holes[::7] = np.nan
    steps, alive = network.read_steps(with_holes, fs)
    assert alive.all()
    np.testing.assert_allclose(steps, expected, atol=0.05)
    with_gaps = signal.copy()
    with_gaps[margin + 10 * hop : margin + 12 * hop] = np.nan
    with_gaps[margin + 20 * hop : margin + 22 * hop] = 0.5
    _, alive = network.read_steps(with_gaps, fs)
    dead = np.flatnonzero(~alive[0]) // network.BLOCK
    assert set(dead) == {10, 11, 20, 21}


def test_strength_is_that_of_the_last_seconds():
    """A lead is scaled to what its largest deflections usually are, one artifact aside."""
    steps = np.zeros((2, 42 * network.HALF), dtype=np.float32)
    steps[0, ::64] = 2.0
    steps[1, ::64] = -500.0
    steps[0, 1600] = 1e6
    scaled, alive = scaled_of(steps)
    assert alive.all()
    assert scaled.max() == 6.0
    np.testing.assert_allclose(np.unique(scaled[1]), [-1, 0])
    assert (scaled[0] == 1).sum() == (steps[0] == 2).sum()


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        # The last eight seconds count, but half of the usual strength of the last minute at least.
        (200 * [1.0], 0.1, {0: 0.1, 11: 0.2, 62: 1.0}),
        (200 * [1.0], 0.7, {0: 0.7, 11: 1.0}),
        (40 * [10.0], 1.0, {0: 0.1, 11: 0.2, 46: 1.0}),  # an artifact, for 20 s
        (200 * [0.0], 1.0, {0: 1.0}),  # as long as no signal is known
    ],
)
def test_strength_does_not_follow_a_pause(before, after, changes):
    """What stays when beats fail is not brought to their size for half a minute."""
    steps = np.zeros((1, (len(before) + 80) * network.HALF), dtype=np.float32)
    steps[0, 32 :: network.HALF] = np.append(before, np.full(80, after))
    size = scaled_of(steps)[0][0, 32 :: network.HALF][len(before) :]
    between = np.zeros(80, dtype=bool)
    between[[half - 1 for half in changes if half]] = True  # on the way from one to the other
    expected = np.array(list(changes.values()))[
        np.searchsorted(list(changes), range(80), "right") - 1
    ]
    np.testing.assert_allclose(size[~between], expected[~between], rtol=1e-5)


def scaled_of(steps):
    alive = np.ones(steps.shape, dtype=bool)
    return network.scale(
        steps, alive, network.remember(network.no_memory(len(steps)), steps, alive)
    )
