"""Run a digital filter over signals that may have gaps."""

from functools import lru_cache, partial

import numpy as np
import scipy

from sklearn_ecg.preprocessing._gaps import interpolate
from sklearn_ecg.preprocessing._series import map_series

_VALUES_AT_ONCE = 2**18  # 2 MB in float64, for what SciPy copies


def filter_rows(X, sos, causal):
    """Filter each lead of each row.

    Parameters
    ----------
    X : ndarray or 1-D object array of ndarrays
        Validated signals or segments.
    sos : ndarray of shape (n_sections, 6)
        The filter, in second-order sections.
    causal : bool
        Whether to filter once, forwards, or forwards and backwards.

    Returns
    -------
    ndarray or 1-D object array of ndarrays
        The filtered signals, of the shape and form of `X`.
    """
    return map_series(partial(filter_series, sos=sos, causal=causal), X)


def filter_series(series, sos, causal, lengths=None):
    """Filter signals; NaN stays where it is and does not spread.

    A line bridges each gap before, and NaN is put back afterwards. This is causal too, because the
    output is used only after the gap, when the end of the line is known.

    Parameters
    ----------
    series : ndarray of shape (n_series, n_timesteps)
        Signals.
    sos : ndarray of shape (n_sections, 6)
        The filter, in second-order sections.
    causal : bool
        Whether to filter once, forwards, or forwards and backwards.
    lengths : ndarray of int of shape (n_series,), default=None
        Where each series ends, if nothing is missing; None takes all of it.

    Returns
    -------
    ndarray of shape (n_series, n_timesteps)
        The filtered signals.
    """
    series = series.astype(np.float64)  # a copy in any case, to work in
    sos = sos.copy()  # SciPy refuses a read-only one, as a memory-mapped estimator holds
    is_gap = np.isnan(series)
    # From its first value on: a flat line leaves no rounding errors, which a normalizer magnifies.
    level = np.take_along_axis(series, is_gap.argmin(axis=1)[:, None], axis=1)
    series -= level
    if is_gap.any():
        interpolate(series, max_gap_length=series.shape[1])
        series[is_gap.all(axis=-1)] = 0
    if causal:
        _forwards(series, sos)
    elif lengths is None or (lengths == series.shape[1]).all():
        _both_ways(series, sos)
    else:
        _both_ways_to_the_end(series, sos, lengths)
    series += level * constant_gain(sos)  # 0 or 1, whether it is passed once or twice
    series[is_gap] = np.nan
    return series


def _forwards(series, sos):
    # As though the signal had always stood at its first value: no jump at the start.
    _run(series, sos, _rest_at(series[:, :1], sos))


def _both_ways(series, sos):
    """Do as SciPy's `sosfiltfilt`, in place, because a copy of a day takes a quarter of a GB."""
    # SciPy's own padding, some dozen time steps, is far shorter than these filters remember.
    padding = min(_memory(sos.tobytes()), series.shape[1] - 1)
    before = 2 * series[:, :1] - series[:, padding::-1]  # the signal turned around its ends
    after = 2 * series[:, -1:] - series[:, : -padding - 2 : -1]
    state = _rest_at(before[:, :1], sos)
    if padding:
        _, state = scipy.signal.sosfilt(sos, before[:, :-1], zi=state)
    state = _run(series, sos, state)
    if padding:
        after, _ = scipy.signal.sosfilt(sos, after[:, 1:], zi=state)
        _, state = scipy.signal.sosfilt(sos, after[:, ::-1], zi=_rest_at(after[:, -1:], sos))
    else:
        state = _rest_at(series[:, -1:], sos)
    _run(series[:, ::-1], sos, state)


def _both_ways_to_the_end(series, sos, lengths):
    """Do as `_both_ways` for series that end at different times."""
    memory = _memory(sos.tobytes())
    longest = memory + series.shape[1] + memory
    extended = np.empty((len(series), longest))
    paddings = np.minimum(memory, lengths - 1).tolist()
    lengths = lengths.tolist()
    for to, one, n, padding in zip(extended, series, lengths, paddings, strict=True):
        # As far as there is nothing to turn around, the filter rests.
        to[: memory - padding] = 2 * one[0] - one[padding]
        to[memory - padding : memory] = 2 * one[0] - one[padding:0:-1]
        to[memory : memory + n] = one[:n]
        to[memory + n : memory + n + padding] = 2 * one[n - 1] - one[n - 1 - padding : n - 1][::-1]
        to[memory + n + padding :] = 0
    _forwards(extended, sos)
    backwards = np.zeros_like(extended)
    for to, one, n, padding in zip(backwards, extended, lengths, paddings, strict=True):
        to[: memory + n + padding] = one[: memory + n + padding][::-1]
    _forwards(backwards, sos)
    for to, one, n, padding in zip(series, backwards, lengths, paddings, strict=True):
        to[:n] = one[padding : padding + n][::-1]


def constant_gain(sos):
    """Return what a filter leaves of a constant 1; exactly 0 if it takes out the baseline.

    Parameters
    ----------
    sos : ndarray of shape (n_sections, 6)
        The filter, in second-order sections.

    Returns
    -------
    float
        The gain.
    """
    return np.prod(sos[:, :3].sum(axis=1) / sos[:, 3:].sum(axis=1))


def _rest_at(values, sos):
    """Return the state of a filter that has always seen these values, of shape (n_series, 1)."""
    return _resting_state(sos.tobytes())[:, None, :] * values


@lru_cache(maxsize=32)  # many rows are filtered alike
def _resting_state(sos):
    """Compute the state of a filter that has always seen 1."""
    state = scipy.signal.sosfilt_zi(np.frombuffer(sos).reshape(-1, 6))
    state.flags.writeable = False
    return state


def _run(series, sos, state):
    """Filter in place, piece by piece, and return the state at the end."""
    n_timesteps = max(1, _VALUES_AT_ONCE // len(series))
    for start in range(0, series.shape[1], n_timesteps):
        piece = series[:, start : start + n_timesteps]
        piece[...], state = scipy.signal.sosfilt(sos, piece, zi=state)
    return state


@lru_cache(maxsize=32)  # many rows are filtered alike
def _memory(sos):
    """Count the time steps in which the slowest response of the filter fades to 5 %."""
    sos = np.frombuffer(sos).reshape(-1, 6)
    slowest = max(np.abs(np.roots(section[3:])).max() for section in sos)
    slowest = np.clip(slowest, 0.05, 1 - 1e-9)  # at least one time step, and not forever
    return int(np.ceil(np.log(0.05) / np.log(slowest)))


def check_frequency(name, frequency, fs):
    """Refuse a frequency that cannot be filtered at this sampling rate.

    Parameters
    ----------
    name : str
        The argument, for the message.
    frequency : float
        Its value in Hz.
    fs : float
        Sampling rate in Hz.

    Raises
    ------
    ValueError
        If the frequency is not below half the sampling rate, or below a millionth of it, where
        rounding errors show.
    """
    if frequency >= fs / 2:
        raise ValueError(
            f"{name}={frequency} Hz must be below the Nyquist frequency, which is "
            f"fs / 2 = {fs / 2} Hz. Lower it, or check that fs={fs} is the sampling rate in Hz."
        )
    if frequency < fs / 1_000_000:
        raise ValueError(
            f"{name}={frequency} Hz is less than a millionth of fs={fs} Hz, too little to be "
            "filtered accurately. Raise it, or resample the signal first."
        )
