"""A small network that computes the probability of a heartbeat at each moment, and its input.

All computation here is local. The output at a moment depends only on the signal around it, by
`CONTEXT` and `DELAY`, and on how large it was before that, by `MEMORY`. Beyond either end a
recording is missing, which is NaN, so that ends are not a special case. So a recording in chunks
has the result of the whole.
"""

from functools import cache, lru_cache, wraps
from importlib.resources import files
from threading import Lock

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.linalg.blas import sgemm
from scipy.special import expit, softmax
from threadpoolctl import ThreadpoolController

from sklearn_ecg.preprocessing._jumps import changes_by_jumps
from sklearn_ecg.utils._runs import in_long_runs

RATE = 125.0  # steps a second, nearly: a block is a whole number of the signal's time steps
BLOCK = 32  # steps
HALF = 64  # steps, about half a second, in which everything advances
_CELL = 4  # steps, for which the network gives probabilities at once
_CLICK_S = 0.003  # what is over sooner is no part of a heartbeat; a time step from 334 Hz on
_SMOOTH_S = 0.016  # on either side, over which a step averages
_BASELINE_S = 0.24  # on either side, over which its baseline does
_MISSING_S, _FLAT_S = 0.1, 0.2  # a stretch missing or flat for as long holds no beat
_N_RECENT = 16  # halves, from which the strength of a lead is learnt
_N_EARLIER = 8  # times as long ago, what is usual is still known
_LEAST = 0.5  # of what is usual; or in a pause noise and P waves would be as large as beats
MEMORY = _N_RECENT * (1 + _N_EARLIER) + 1  # halves before those whose strength comes next
_LARGEST = 6.0  # times this strength; what is larger is an artifact
# Where each layer of the network looks, in cells: first in each lead, then in the leads together.
LEAD_LAYERS = ((-1, 0, 1), (-2, 0, 2), (-4, 0, 4), (-8, 0, 8))
JOINT_LAYERS = ((-4, 0, 4), (-16, -8, 0), (-32, -16, 0))
PATCH = (-6, 10)  # steps around the beginning of a cell that the first layer reads
_CELLS_BEFORE = -sum(offsets[0] for offsets in LEAD_LAYERS + JOINT_LAYERS)
_CELLS_AFTER = sum(offsets[-1] for offsets in LEAD_LAYERS + JOINT_LAYERS)
# The network gives probabilities of steps so much before the last one that it is given.
DELAY = -(-(_CELLS_AFTER * _CELL + PATCH[1]) // _CELL) * _CELL
# Halves before those whose probabilities come next.
CONTEXT = -(-(DELAY + _CELLS_BEFORE * _CELL - PATCH[0]) // HALF)
# Looked up at the import: a lookup while another thread imports an extension module waits for ever,
# because each holds a lock that the other needs.
_THREAD_POOLS = ThreadpoolController()
_KEEPS_BLAS = Lock()


def hop_of(fs):
    """Count the time steps of a block."""
    return round(BLOCK * fs / RATE)


def half_of(fs):
    """Count the time steps of a half."""
    return HALF // BLOCK * hop_of(fs)


def margin_of(fs):
    """Count the time steps on either side of a block that its steps depend on."""
    return _reach_of(fs) + _n_flat(fs)


def _reach_of(fs):
    return int(np.ceil(_BASELINE_S * fs))


def _n_flat(fs):
    return round(_FLAT_S * fs)


def in_one_thread(function):
    """Keep BLAS to one thread, because the products of this module are small.

    A second thread gains little, and costs seven times the time where other work is going on.
    """

    @wraps(function)
    def in_one_thread(*args, **kwargs):
        # Who comes while another one keeps BLAS to one thread would give it back no more than that.
        if not _KEEPS_BLAS.acquire(blocking=False):
            return function(*args, **kwargs)
        try:
            with _THREAD_POOLS.limit(limits=1, user_api="blas"):
                return function(*args, **kwargs)
        finally:
            _KEEPS_BLAS.release()

    return in_one_thread


@in_one_thread
def read_steps(signal, fs, *, keeps_jumps=False):
    """Filter a signal and bring it to the rate of the network.

    Parameters
    ----------
    signal : ndarray of shape (n_blocks * hop_of(fs) + 2 * margin_of(fs), n_leads)
        The signal, NaN where it is missing.
    fs : float
        Sampling rate in Hz.
    keeps_jumps : bool, default=False
        Whether jumps of the baseline stay. Not all are found, so the network has learnt from some.

    Returns
    -------
    steps : ndarray of shape (n_leads, n_blocks * BLOCK), float32
        The signal without its baseline.
    alive : ndarray of shape (n_leads, n_blocks * BLOCK), bool
        Whether there is a signal, neither missing nor flat for long.
    """
    hop, reach, n_flat = hop_of(fs), _reach_of(fs), _n_flat(fs)
    n_blocks = (len(signal) - 2 * margin_of(fs)) // hop
    smooth, baseline = _kernels(fs)
    steps = np.empty((signal.shape[1], n_blocks, BLOCK), dtype=np.float32)
    alive = np.ones((signal.shape[1], n_blocks * BLOCK), dtype=bool)
    at = reach + np.rint(np.arange(n_blocks * BLOCK) * (hop / BLOCK)).astype(np.int64)
    for lead, series in enumerate(signal.T):
        series = np.ascontiguousarray(series)
        inside = slice(n_flat, len(series) - n_flat)
        missing, flat = np.isnan(series), in_long_runs(series, n_flat)
        absent = (missing | flat)[inside]
        some = slice(0)
        if absent.any():
            present = ~sliding_window_view(absent, hop + 2 * reach)[::hop]
            some = np.flatnonzero(~present.all(axis=1))
            gaps = in_long_runs(np.where(missing, 0.0, np.nan), round(_MISSING_S * fs))
            alive[lead] = ~(gaps | flat)[inside][at]
        series = _without_clicks(series, fs)
        rows = sliding_window_view(series[inside], hop + 2 * reach)[::hop]
        if not keeps_jumps:
            changes = changes_by_jumps(series[None], fs)[0, inside]
            rows = _without_jumps(rows, sliding_window_view(changes, hop + 2 * reach)[::hop])
        # One product filters; without their first value, small numbers keep their precision.
        steps[lead] = (rows - rows[:, :1]).astype(np.float32, copy=False) @ (smooth - baseline)
        if absent.any():
            steps[lead, some] = _filter_present(rows[some], present[some], fs)
    return steps.reshape(len(steps), -1), alive


def _without_clicks(series, fs):
    """Replace each value by the middle one of three: itself, and those shortly before and after."""
    apart = int(_CLICK_S * fs)
    if not apart:
        return series
    before, here, after = series[: -2 * apart], series[apart:-apart], series[2 * apart :]
    result = np.empty_like(series)
    result[:apart], result[-apart:] = series[:apart], series[-apart:]
    middle = result[apart:-apart]
    np.maximum(before, after, out=middle)
    np.minimum(middle, here, out=middle)
    np.maximum(middle, np.minimum(before, after), out=middle)
    if np.isnan(series.sum()):
        np.copyto(middle, here, where=np.isnan(middle))  # or a gap would grow
    return result


def _without_jumps(rows, changes):
    """Take the jumps of the baseline out of the rows that have some."""
    jump = np.flatnonzero(changes[:, 1:].any(axis=1))
    if len(jump):
        rows = rows.copy()
        rows[jump, 1:] -= np.cumsum(changes[jump, 1:], axis=1)
    return rows


def _filter_present(rows, present, fs):
    """Filter rows by averages of the existing values, with 0 where there are none."""
    smooth, baseline = _kernels(fs)
    first = rows[np.arange(len(rows)), present.argmax(axis=1), None]
    rows = np.where(present, rows - first, 0).astype(np.float32)
    present = present.astype(np.float32)
    weight = present @ smooth
    with np.errstate(invalid="ignore", divide="ignore"):
        filtered = rows @ smooth / weight - rows @ baseline / (present @ baseline)
    return np.where(weight > 0.1, filtered, 0)


@lru_cache(maxsize=16)  # measured rates may all differ
def _kernels(fs):
    """Weigh the time steps around a block for each of its steps: the step, and its baseline."""
    time = np.arange(-_reach_of(fs), hop_of(fs) + _reach_of(fs)) / fs
    distance = time[:, None] - np.arange(BLOCK) * (hop_of(fs) / BLOCK / fs)

    def average(width):
        weights = np.where(np.abs(distance) < width, 1 + np.cos(np.pi * distance / width), 0)
        return (weights / weights.sum(axis=0)).astype(np.float32)

    return average(max(_SMOOTH_S, 1 / fs)), average(_BASELINE_S)


def no_memory(n_leads):
    """Return the memory of leads before they begin, for `remember`."""
    return np.full((n_leads, MEMORY), np.nan, dtype=np.float32)


def remember(memory, steps, alive):
    """Add the largest deflection of each half to those of the halves before.

    Parameters
    ----------
    memory : ndarray of shape (n_leads, MEMORY)
        The largest deflections before; NaN where there was no signal.
    steps, alive : ndarray of shape (n_leads, n_halves * HALF)
        From `read_steps`.

    Returns
    -------
    ndarray of shape (n_leads, MEMORY + n_halves)
        The largest deflections.
    """
    largest = np.where(alive, np.abs(steps), 0).reshape(len(steps), -1, HALF).max(axis=2)
    return np.concatenate([memory, np.where(largest > 0, largest, np.nan)], axis=1)


def scale(steps, alive, largest):
    """Bring each lead to its own strength.

    Strength is the usual largest deflection of a second within eight seconds. But it is at least
    half of what the larger ones of eight seconds usually were in the last minute: a slow heart does
    not beat in each second.

    Parameters
    ----------
    steps, alive : ndarray of shape (n_leads, n_halves * HALF)
        From `read_steps`.
    largest : ndarray of shape (n_leads, MEMORY + n_halves)
        From `remember`.

    Returns
    -------
    scaled : ndarray of shape (n_leads, n_halves * HALF), float32
        The signal, within 6 on either side of 0; 0 where there is none.
    alive : ndarray of shape (n_leads, n_halves * HALF), bool
        Whether there is a signal.
    """
    of_seconds = np.fmax(largest[:, 1:], largest[:, :-1])
    usual, large = _quantiles(sliding_window_view(of_seconds, _N_RECENT, axis=1), 0.6, 0.75)
    n_earlier = _N_RECENT * _N_EARLIER
    earlier = sliding_window_view(large, n_earlier + 1, axis=1)[:, :, ::_N_RECENT]
    (large,) = _quantiles(earlier, 0.4)
    strength = np.maximum(usual[:, n_earlier:], _LEAST * large)
    # From one end of a half to the other, strength goes straight; it is NaN where it is unknown.
    start, stop = strength[:, :-1, None], strength[:, 1:, None]
    start = np.where(np.isnan(start), stop, start)
    strength = (start + (stop - start) * np.linspace(0, 1, HALF)).reshape(len(steps), -1)
    alive = alive & np.isfinite(strength)
    with np.errstate(invalid="ignore"):
        scaled = np.where(alive, steps / strength, 0).astype(np.float32)
    return np.clip(scaled, -_LARGEST, _LARGEST), alive


def _quantiles(values, *shares):
    """Return the value below which each share of the known ones of the last axis is."""
    values, n_known = np.sort(values, axis=-1), np.isfinite(values).sum(axis=-1, keepdims=True)
    at = [(share * n_known).astype(np.int64) for share in shares]
    return [np.take_along_axis(values, i, axis=-1)[..., 0] for i in at]


@in_one_thread
def probabilities(scaled, alive, weights):
    """Compute how probable it is that each step is within 40 ms of a beat.

    Parameters
    ----------
    scaled, alive : ndarray of shape (n_leads, (CONTEXT + n_halves) * HALF)
        From `scale`.
    weights : dict of {str: ndarray}
        As `load_weights` returns.

    Returns
    -------
    ndarray of shape (n_halves * HALF,)
        The probabilities of steps that end `DELAY` before the last one that is given.
    """
    n_steps = scaled.shape[1] - CONTEXT * HALF
    stop = scaled.shape[1] - DELAY
    start = stop - n_steps - _CELLS_BEFORE * _CELL  # of the first cell
    n_cells = n_steps // _CELL + _CELLS_BEFORE + _CELLS_AFTER
    leads = []
    for lead in scaled[:, start + PATCH[0] :]:
        patches = sliding_window_view(lead, PATCH[1] - PATCH[0])[::_CELL][:n_cells]
        cells = np.abs(patches @ weights["patch"])
        for i, offsets in enumerate(LEAD_LAYERS):
            cells = _layer(cells, offsets, weights[f"lead_{i}"], weights[f"lead_{i}_bias"])
        leads.append(cells)
    # Each lead has a share in what follows, by how much the network trusts it at that moment.
    first = start - sum(offsets[0] for offsets in LEAD_LAYERS) * _CELL
    there = alive[:, first : first + len(leads[0]) * _CELL]
    there = there.reshape(len(alive), -1, _CELL).any(axis=2)
    trust = np.stack([cells @ weights["gate"] for cells in leads])
    shares = softmax(np.where(there, trust, -1e9), axis=0)[:, :, None]
    cells = sum(share * cells for share, cells in zip(shares, leads, strict=True))
    for i, offsets in enumerate(JOINT_LAYERS):
        cells = _layer(cells, offsets, weights[f"joint_{i}"], weights[f"joint_{i}_bias"])
    probability = expit(cells @ weights["out"] + weights["out_bias"]).reshape(-1)
    return np.where(alive[:, stop - n_steps : stop].any(axis=0), probability, 0)


def _layer(cells, offsets, weights, bias):
    """Add to each cell the output of a layer for it and its neighbours."""
    n_cells = len(cells) - (offsets[-1] - offsets[0])
    # The sum of three products takes less than one product of three copies.
    parts = weights.reshape(len(offsets), -1, weights.shape[1])
    seen = [cells[offset - offsets[0] :][:n_cells] for offset in offsets]
    change = seen[0] @ parts[0]
    for neighbours, part in zip(seen[1:], parts[1:], strict=True):
        # BLAS, whose arrays are transposed, adds the product in place.
        change = sgemm(1, part.T, neighbours.T, beta=1, c=change.T, overwrite_c=True).T
    change += bias
    np.maximum(change, 0, out=change)
    change += cells[-offsets[0] :][:n_cells]
    return change


@cache
def load_weights():
    """Load the weights that `examples/training/beat_detector.py` made."""
    # A file that is open, because the package may be in an archive.
    path = files("sklearn_ecg.beats") / "_detector.npz"
    with path.open("rb") as file, np.load(file) as arrays:
        return {name: arrays[name].astype(np.float32) for name in arrays}
