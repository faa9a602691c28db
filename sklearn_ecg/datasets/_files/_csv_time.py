"""Find the sampling rate in a column of time, and the time step of each line."""

import numpy as np

from sklearn_ecg.datasets._files._contents import ECGFormatError
from sklearn_ecg.datasets._files._names import seconds_of_unit, unit_of_time

_USUAL_RATES = (100, 125, 128, 130, 200, 250, 256, 300, 360, 400, 500, 512, 1000, 1024, 2000, 2048)

# Hz. A clock in ms without a unit, as 0, 0.5, 1 at 2000 Hz, would be slower if it were in s.
_SLOWEST, _FASTEST = 5, 20_000
_DAY_S = 86_400.0
_FIRST_DAY, _LAST_DAY = 20_000, 1e6  # since 1900, as of Excel, or since 0, as of MATLAB
_PUNCTUAL = 0.1  # packets
_MIN_RUN = 10  # lines, on average, between two pauses


def read_times(times, name, unit, fs):
    """Find the sampling rate and the time step of each line.

    Parameters
    ----------
    times : ndarray of shape (n_lines,)
        The column of time, counted from any moment.
    name, unit : str
        Its name and unit in the table.
    fs : float or None
        The rate that the caller states.

    Returns
    -------
    fs : float
        Sampling rate in Hz.
    steps : ndarray of shape (n_lines,)
        The time step of each line, from 0.
    """
    if len(times) == 1:
        if fs is None:
            raise ECGFormatError("has one time step, which tells no rate: state file_fs")
        return fs, np.zeros(1, dtype=np.int64)
    if not np.all(np.diff(times) >= 0):
        raise ECGFormatError(
            "has a column of time that does not increase: sort its lines by time, and leave out "
            "those that are there twice; if its clock was set back, read each part by itself"
        )
    if times[-1] == times[0]:
        raise ECGFormatError(
            "has a column of time that does not increase, as a spreadsheet rounds it: save all "
            "digits, or leave that column out and state file_fs"
        )
    elapsed = times - times[0]
    return _time_steps(elapsed * _find_unit(times[0], elapsed, name, unit, fs), fs)


def _find_unit(start, elapsed, name, unit, fs):
    """Find the seconds that a step of the clock takes."""
    said = unit.strip() or unit_of_time(name)
    if seconds := seconds_of_unit(said):
        return seconds
    if said.casefold() not in ("", "unix", "cal"):
        raise ECGFormatError("gives its time in a unit other than min, s, ms, us and ns")
    # Since 1970, the number of digits tells the unit until 2096. A count from 0 may be in s.
    epochs = ((1e18, 1e-9), (1e15, 1e-6), (1e12, 1e-3), (1e9, 1.0))
    from_0 = 1.0 if start < 1e9 else np.nan
    seconds = next((s for first, s in epochs if first <= start < 4 * first), from_0)
    steps = np.diff(elapsed)
    step_s = seconds * (np.median(steps) or elapsed[-1] / len(steps))
    if _SLOWEST < 1 / step_s < _FASTEST:
        return seconds
    if _FIRST_DAY <= start < _LAST_DAY and _SLOWEST < 1 / (_DAY_S * step_s) < _FASTEST:
        return _DAY_S
    rate = len(steps) / elapsed[-1]
    for seconds in (1e-3, 1e-6, 1e-7, 1e-9, 1.0):  # the third is that of Windows
        if fs is not None and fs / 1.5 < rate / seconds < 1.5 * fs:
            return seconds
    raise ECGFormatError(
        "has a column of time in an unknown unit: name it time (s), time (ms), time (us) or "
        "time (ns), or state file_fs"
    )


def _time_steps(elapsed, fs):
    """Find a rate that explains the times in s, and the time step of each line."""
    gaps = np.diff(elapsed)
    if np.all(gaps > 0):
        found = _explain(elapsed, gaps, fs)
    else:
        found = _explain_packets(elapsed, fs) or _explain_repeats(elapsed, gaps, fs)
    if found is not None:
        rate, steps = found
        return rate, steps.astype(np.int64)
    if fs is None:
        raise ECGFormatError("has a column of time that no sampling rate explains: state file_fs")
    raise ECGFormatError(
        f"has a column of time that file_fs={fs:g} does not explain: if its lines are regular all "
        "the same, delete that column"
    )


def _explain(elapsed, gaps, fs):
    """Find the rate and the time steps of times that all differ, or None.

    Times are rounded by whoever wrote them. A rate that explains every time to within half a step
    is right as far as the file can tell; the stated one comes first, then a whole number.
    """
    mean = len(gaps) / elapsed[-1]
    if fs is None and (found := _explain_regular(elapsed, [round(mean)], tolerance=0.05)):
        return found  # most files, at the cost of one look
    typical = 1 / max(np.median(gaps), 1e-9)
    _refuse_faster(fs, typical)
    # The mean comes last, as it would explain a missing line by a slightly lower rate.
    likely = [round(mean), round(typical), typical, mean]
    if fs is None:
        for rate in likely[1:3]:
            # Times that lie on a grid and leave out few of its points, or some in a row, are not
            # rounded: lines are missing.
            are_missing = mean >= 0.95 * rate or gaps.max() * rate >= 2.5
            steps = _find_grid(elapsed * rate, tolerance=0.05)
            if are_missing and steps is not None:
                return rate, steps
    for rate in likely if fs is None else [fs, *likely]:
        if found := _explain_regular(elapsed, [rate]):
            return found
        steps = _find_grid(elapsed * rate, tolerance=0.25)
        if steps is not None:
            return rate, steps
    return _explain_runs(elapsed, gaps, fs) or _explain_jitter(elapsed, fs)


def _explain_regular(elapsed, rates, tolerance=0.5):
    """Find the first rate at which no line is further than that from its step, or None."""
    regular = np.arange(len(elapsed))
    for rate in rates:
        if np.abs(elapsed * rate - regular).max() <= tolerance:
            return rate, regular
    return None


def _explain_jitter(elapsed, fs):
    """Take the stated rate if a clock is early and late by turns, as no missing line makes it."""
    if fs is not None:
        regular = np.arange(len(elapsed))
        late = elapsed * fs - regular
        if np.abs(late).max() <= 3 and abs(late[-10:].mean()) <= 1:
            return fs, regular
    return None


def _refuse_faster(fs, typical):
    if fs is not None and fs > 1.5 * typical:
        raise ECGFormatError(
            f"has a column of time that says {typical:g} Hz, and not file_fs={fs:g}"
        )


def _explain_runs(elapsed, gaps, fs, size=1):
    """Find the rate within runs of regular lines, and place each run at the step next to its time.

    After a pause a device begins anew, between two steps, or its clock may not be exact. A step may
    be that of a packet of `size` lines.
    """
    # Of single lines, rounding may double a gap; a packet is lost in a gap of two.
    is_break = gaps >= (2.5 if size == 1 else 1.5) * np.median(gaps)
    n_runs = is_break.sum() + 1
    if n_runs > len(elapsed) / _MIN_RUN:
        return None
    runs = np.concatenate([[0], np.cumsum(is_break)])
    _, first, n_lines = np.unique(runs, return_index=True, return_counts=True)
    in_run = np.arange(len(elapsed)) - first[runs]
    mean = (len(elapsed) - n_runs) / gaps[~is_break].sum()
    for rate in [round(mean), mean] if fs is None else [fs, round(mean), mean]:
        late = elapsed * rate - in_run
        starts = np.bincount(runs, late) / n_lines
        steps = (np.rint(starts * size) / size)[runs] + in_run
        if np.abs(late - starts[runs]).max() <= 0.5 and np.diff(steps).min() > 0.99:
            return rate, steps - steps[0]
    return None


def _explain_packets(elapsed, fs):
    """Find the rate and the time steps of lines in packets of one size, or None.

    The lines of a packet have one time, so that a lost packet shows between packets only.
    """
    _, first, packets, n_lines = np.unique(
        elapsed, return_index=True, return_inverse=True, return_counts=True
    )
    size = np.median(n_lines)
    is_whole = n_lines[1:-1] == size
    if size * len(is_whole) < 100 or not is_whole.all() or max(n_lines[0], n_lines[-1]) > size:
        return None
    times = elapsed[first]
    gaps = np.diff(times)
    typical = size / np.median(gaps)
    _refuse_faster(fs, typical)
    usual = [rate for rate in _USUAL_RATES if abs(rate / typical - 1) <= 0.01]
    of_packets, mean = 1 / np.median(gaps), len(gaps) / times[-1]
    likely = [round(mean), round(of_packets), of_packets, mean]
    for rate in [*usual, round(typical), typical] if fs is None else [fs]:
        found = _explain_regular(times, [rate / size, *likely])
        found = found or _explain_runs(times, gaps, rate / size, size)
        if found is None or abs(found[0] * size / rate - 1) > 0.01:
            continue
        # Few packets that are early or late tell no rate.
        if fs is not None or np.ptp(times * found[0] - found[1]) <= _PUNCTUAL:
            steps = np.rint(size * found[1])[packets] + np.arange(len(elapsed)) - first[packets]
            steps[packets == 0] += size - n_lines[0]  # whose first lines came before the file
            return found[0] * size, steps - steps[0]
    return None


def _find_grid(positions, tolerance):
    """Return the whole number next to each position, or None if one is far off, or two share it."""
    steps = np.rint(positions)
    if np.abs(positions - steps).max() <= tolerance and np.all(np.diff(steps) > 0):
        return steps.astype(np.int64)
    return None


def _explain_repeats(elapsed, gaps, fs):
    """Find the rate of times that are rounded so much that some of them repeat, or None."""
    mean = len(gaps) / elapsed[-1]
    _refuse_faster(fs, mean)
    rates = [round(mean), mean] if fs is None else [fs, round(mean), mean]
    if found := _explain_regular(elapsed, rates) or _explain_jitter(elapsed, fs):
        return found
    resolution = np.median(gaps[gaps > 0])
    uncertainty = 2 * resolution * mean / len(elapsed)
    if fs is not None:
        rates = [fs]
    elif uncertainty > 0.01:
        raise ECGFormatError("repeats its times and is too short to tell its rate: state file_fs")
    else:
        usual = [rate for rate in _USUAL_RATES if abs(rate / mean - 1) <= uncertainty]
        rates = [*usual, round(mean)]
    regular = np.arange(len(elapsed))
    for rate in rates:
        # All times are rounded alike, so where lines are lost the later ones differ from the first.
        if np.ptp(elapsed * rate - regular) <= resolution * rate + 0.5:
            return rate, regular
    return None


def read_counts(counts):
    """Find the time step of each line by a column that counts the lines.

    Parameters
    ----------
    counts : ndarray of shape (n_lines,)
        The column.

    Returns
    -------
    ndarray of shape (n_lines,)
        The time step of each line, from 0. Numbers that are left out are lost lines, unless the
        column counts something else, or begins anew now and then.
    """
    gaps = np.diff(counts)
    are_whole = np.all((gaps >= 1) & (gaps % 1 == 0))
    if not are_whole or np.sum(gaps == 1) <= 0.9 * len(gaps):
        return np.arange(len(counts))
    return (counts - counts[0]).astype(np.int64)


def has_leaps(counts):
    """Check whether a column that goes on by one amount goes on by more now and then.

    Parameters
    ----------
    counts : ndarray of shape (n_lines,)
        The column.

    Returns
    -------
    bool
        True where most lines go on by one amount: then lines may be missing where it is more.
    """
    amounts, n_lines = np.unique(np.diff(counts), return_counts=True)
    is_usual = n_lines > n_lines.sum() / 2
    return bool(is_usual.any() and amounts[-1] > max(amounts[is_usual][0], 1))


def spread(numbers, steps):
    """Put each line at its time step, and NaN where lines are missing."""
    if steps[-1] == len(steps) - 1:
        return numbers
    whole = np.full((steps[-1] + 1, numbers.shape[1]), np.nan)
    whole[steps] = numbers
    return whole
