"""Make signals small: a rate at which a day can be shown and measured, and few bytes in a page."""

import base64
import zlib
from dataclasses import dataclass

import numpy as np
import scipy

TILE_S = 30.0
LOWEST_FS = 100.0  # to which long recordings are brought; paper of 25 mm/s shows no more
_MOST_VALUES = 11_200_000  # a day of one lead at 128 Hz
_MOST_BYTES = 6_300_000  # of which base64 makes 8.4 MB
_FINEST_MV = 0.0025
# The finest step is enough for short recordings. Longer ones are rounded to a multiple of the
# usual difference between neighbouring values, which is the coarser the noisier they are.
_COARSENESS = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)
_MOST_STEPS = 2**14 - 1
_SAMPLED = 16  # one tile in so many tells how many bytes all take
_TAPS = 6  # of the filter before each time step is left out, by the number of these


@dataclass(frozen=True, eq=False)
class Trace:
    """A lead as the page shows it."""

    name: str
    values: np.ndarray  # of shape (n_timesteps,), in mV about their median
    fs: float


def make_traces(record, columns):
    """Bring the leads of a record to the rate at which the page shows them.

    Parameters
    ----------
    record : ECGRecord
        The record.
    columns : sequence of int
        Columns of its signal, the most important first.

    Returns
    -------
    list of Trace
        The leads. A recording that is too long for its rate is brought to a lower one.
    """
    n_values = record.n_timesteps * len(columns)
    factor = min(-(-n_values // _MOST_VALUES), max(1, int(record.fs // LOWEST_FS)))
    traces = []
    for column in columns:
        values = np.asarray(record.signal[:, column], dtype=np.float32)
        known = values[~np.isnan(values)]
        values = values - (np.median(known) if len(known) else np.float32(0))
        if factor > 1:
            lowpass = scipy.signal.firwin(_TAPS * factor + 1, 1 / factor).astype(np.float32)
            values = scipy.signal.resample_poly(values, 1, factor, window=lowpass)
        traces.append(Trace(record.lead_names[column], values, record.fs / factor))
    return traces


def are_kept_whole(traces):
    """Check whether all of the leads go into the page, wherever readers will look.

    Parameters
    ----------
    traces : list of Trace
        The leads.

    Returns
    -------
    bool
        Whether there is room for all.
    """
    length = round(TILE_S * traces[0].fs)
    n_tiles = max(-(-len(traces[0].values) // length), 1)
    return len(traces) * n_tiles <= _MOST_VALUES // length


def pack_traces(traces, times_s):
    """Pack leads, in tiles of 30 s: all, or those that matter most if they are too many.

    Parameters
    ----------
    traces : list of Trace
        The leads, the most important first.
    times_s : ndarray of shape (n_times,)
        Times that readers will look at, the most important first. All leads are kept there before
        the rest of the first is.

    Returns
    -------
    about : list of dict
        Of each lead: `name`, `fs`, `n` time steps, `length` of a tile in time steps, the `tiles`
        that were kept and the step of each in mV.
    packed : list of str
        Each lead in base64: what zlib makes of one bit a value, 1 where it is missing, and of two
        planes of bytes, low and high, of the differences of neighbours, in steps, zigzag.
    """
    length = round(TILE_S * traces[0].fs)
    tiles = [_into_tiles(trace.values, length) for trace in traces]
    if are_kept_whole(traces):
        kept = [np.arange(len(of_lead)) for of_lead in tiles]
    else:
        kept = _choose_tiles(len(tiles), len(tiles[0]), length, times_s)
    chosen = [of_lead[numbers] for of_lead, numbers in zip(tiles, kept, strict=True)]
    coarseness = next(
        (c for c in _COARSENESS if _n_bytes(chosen, c) <= _MOST_BYTES), _COARSENESS[-1]
    )
    about, packed = [], []
    for trace, numbers, values in zip(traces, kept, chosen, strict=True):
        steps = _steps(values, coarseness)
        about.append(
            {
                "name": trace.name,
                "fs": trace.fs,
                "n": len(trace.values),
                "length": length,
                "tiles": numbers.tolist(),
                "steps": [float(f"{step:.3g}") for step in steps],
            }
        )
        steps = np.array(about[-1]["steps"], dtype=np.float32)
        packed.append(base64.b64encode(_encode(values, steps)).decode())
    return about, packed


def _into_tiles(values, length):
    n_tiles = max(-(-len(values) // length), 1)
    padded = np.full(n_tiles * length, np.nan, dtype=np.float32)
    padded[: len(values)] = values
    return padded.reshape(n_tiles, length)


def _choose_tiles(n_leads, n_tiles, length, times_s):
    """Return the numbers of the tiles to keep of each lead, of more than there is room for."""
    room = _MOST_VALUES // length
    looked_at = (np.asarray(times_s) // TILE_S).astype(int)
    wanted = np.array(list(dict.fromkeys([*looked_at.tolist(), *range(n_tiles)])), dtype=int)
    # The first lead throughout if there is room; of the others what is left.
    n_of_first = min(n_tiles, room)
    n_of_others = max(room - n_of_first, 0) // max(n_leads - 1, 1)
    return [np.sort(wanted[:n_of_first])] + [np.sort(wanted[:n_of_others])] * (n_leads - 1)


def _steps(values, coarseness):
    differences = np.abs(np.diff(values, axis=1))
    usual = np.zeros(len(values))
    for number, of_tile in enumerate(differences):
        known = of_tile[~np.isnan(of_tile)]
        usual[number] = np.median(known) if len(known) else 0.0
    return np.maximum(_FINEST_MV, coarseness * usual)


def _n_bytes(tiles, coarseness):
    """Estimate the bytes that tiles take, from some of them."""
    total = 0
    for values in tiles:
        some = values[:: _SAMPLED if len(values) > _SAMPLED else 1]
        if len(some):
            # One by one: a sample may repeat itself where the whole does not.
            steps = _steps(some, coarseness).astype(np.float32)[:, None]
            sizes = [len(_encode(*pair)) for pair in zip(some[:, None], steps, strict=True)]
            total += np.mean(sizes) * len(values)
    return total


def _encode(values, steps):
    is_missing = np.isnan(values)
    known = np.where(is_missing, 0, values) / steps[:, None]
    whole = np.clip(np.round(known), -_MOST_STEPS, _MOST_STEPS).astype(np.int16)
    differences = np.diff(whole, axis=1, prepend=np.int16(0))
    zigzag = ((differences << 1) ^ (differences >> 15)).astype("<u2")
    planes = zigzag.ravel().view(np.uint8).reshape(-1, 2).T
    return zlib.compress(np.packbits(is_missing).tobytes() + planes.tobytes(), 6)
