"""Turn records into rows for a classifier: the second step of every database."""

from functools import partial
from numbers import Real

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from sklearn.utils._param_validation import Interval

from sklearn_ecg.datasets._files._recordings import Recordings
from sklearn_ecg.utils._leads import lead_labels
from sklearn_ecg.utils._rows import as_object_array

# Constraints of the arguments by which strips and beats are cut.
CUT_CONSTRAINTS = {
    "duration_s": [Interval(Real, 0, None, closed="neither")],
    "before_s": [Interval(Real, 0, None, closed="left")],
    "after_s": [Interval(Real, 0, None, closed="neither")],
}


def make_rows(
    records,
    rows,
    *,
    n_records,
    leads=None,
    target=None,
    ragged=False,
    duration_s=10.0,
    before_s=0.25,
    after_s=0.45,
    **said,
):
    """Turn records into rows.

    Parameters
    ----------
    records : iterable of ECGRecord
        The records, each with the leads that are wanted. One is held at a time, so that the rows
        are all that takes memory.
    rows : {"strips", "beats", "signals", "records"}
        The kind of row.
    n_records : int
        Number of records.
    leads : sequence, default=None
        The wanted leads; None for all that each record has, which then must be the same ones.
    target : ndarray of shape (n_records, ...), default=None
        Label of each record, for the rows `"signals"` and `"records"`.
    ragged : bool, default=False
        Whether the rows `"signals"` differ in length.
    duration_s, before_s, after_s : float
        Duration of a strip, and reach of a beat's window, in seconds.
    **said : dict
        Other entries of the result.

    Returns
    -------
    Recordings
        `data`, `target`, `groups`, `records`, `fs` and `lead_names`; and `time_steps` of
        strips and beats.

    Raises
    ------
    ValueError
        If records that become rows have no lead, or differ in rate, leads or, in one array, length.
    """
    if rows != "records" and leads is not None and not len(leads):
        raise ValueError(f"leads is empty, but rows={rows!r} needs a signal: name a lead.")
    seen, n_rows = [], 1
    records = _note(records, seen, in_rows=rows != "records", has_leads=leads is not None)
    if rows == "records":
        data = list(records)
    elif rows == "signals":
        signals = (record.signal for record in records)
        data = as_object_array(list(signals)) if ragged else _stack(signals, n_records)
    else:
        cut = {
            "strips": partial(cut_strips, duration_s=duration_s),
            "beats": partial(cut_beats, before_s=before_s, after_s=after_s),
        }[rows]
        pieces = [cut(record) for record in records]
        data, target, said["time_steps"] = map(np.concatenate, zip(*pieces, strict=True))
        n_rows = [len(piece) for piece, _, _ in pieces]
    names, groups, rates, lead_names = zip(*seen, strict=True)
    return Recordings(
        data=data,
        target=target,
        groups=np.repeat(groups, n_rows),
        records=np.repeat(names, n_rows),
        fs=rates[0],
        lead_names=lead_names[0] if leads is None else lead_labels(leads),
        **said,
    )


def _note(records, seen, *, in_rows, has_leads):
    """Pass records on, and keep the name, patient or name, rate and leads of each."""
    for record in records:
        seen.append((record.name, record.patient or record.name, record.fs, record.lead_names))
        if in_rows and record.fs != seen[0][2]:
            raise ValueError(
                f"{record.source} has {record.fs:g} Hz, but the first record {seen[0][2]:g} Hz: "
                'read them with rows="records", for a RecordReader.'
            )
        if in_rows and not has_leads and record.lead_names != seen[0][-1]:
            raise ValueError(
                f"{record.source} has the leads {', '.join(record.lead_names)}, but the first "
                f"record {', '.join(seen[0][-1])}: name the wanted ones in leads."
            )
        yield record


def _stack(signals, n_signals):
    """Put signals of one length into one array."""
    data = None
    for i, signal in enumerate(signals):
        if data is None:
            data = np.empty((n_signals, *signal.shape), dtype=signal.dtype)
        if signal.shape != data.shape[1:]:
            raise ValueError(
                f"Record number {i} has {len(signal)} time steps, but the first {data.shape[1]}: "
                'read them with rows="records".'
            )
        data[i] = signal
    return data


def cut_strips(record, *, duration_s):
    """Cut a record into strips, one after the other.

    Parameters
    ----------
    record : ECGRecord
        The record, with its annotations.
    duration_s : float
        Duration of a strip in seconds.

    Returns
    -------
    data : ndarray of shape (n_strips, n_timesteps, n_leads)
        The strips, in mV.
    target : ndarray of shape (n_strips,)
        `"arrhythmia"` where a beat of class S, V or F is annotated, else `"normal"`.
    time_steps : ndarray of shape (n_strips,)
        First time step of each strip.

    Raises
    ------
    ValueError
        If the record is shorter than a strip, or a strip shorter than a time step.
    """
    length = round(duration_s * record.fs)
    if not 1 <= length <= record.n_timesteps:
        raise ValueError(
            f"duration_s={duration_s} gives strips of {length} time steps, "
            f"but {record.source} has {record.n_timesteps}."
        )
    n_strips = record.n_timesteps // length
    data = record.signal[: n_strips * length].reshape(n_strips, length, -1)
    time_steps, classes = record.beats
    arrhythmic = time_steps[np.isin(classes, ("S", "V", "F"))]
    beats_per_strip = np.bincount(arrhythmic // length, minlength=n_strips)[:n_strips]
    target = np.where(beats_per_strip > 0, "arrhythmia", "normal")
    return data, target, np.arange(n_strips) * length


def cut_beats(record, *, before_s, after_s):
    """Cut a window around each annotated beat of a record.

    Parameters
    ----------
    record : ECGRecord
        The record, with its annotations.
    before_s, after_s : float
        Reach of the window before and after the annotation, in seconds. Beyond the record its
        first or last value is repeated.

    Returns
    -------
    data : ndarray of shape (n_beats, n_timesteps, n_leads)
        The windows, in mV.
    target : ndarray of shape (n_beats,)
        The AAMI's class of each beat.
    time_steps : ndarray of shape (n_beats,)
        The time step of each annotation.

    Raises
    ------
    ValueError
        If the window is shorter than a time step.
    """
    before, after = round(before_s * record.fs), round(after_s * record.fs)
    if before + after < 1:
        raise ValueError(
            f"before_s={before_s} and after_s={after_s} give windows of no time step at "
            f"{record.fs} Hz."
        )
    time_steps, classes = record.beats
    padded = np.pad(record.signal, ((before, after), (0, 0)), mode="edge")
    windows = sliding_window_view(padded, before + after, axis=0)
    return windows[time_steps].swapaxes(1, 2), classes, time_steps
