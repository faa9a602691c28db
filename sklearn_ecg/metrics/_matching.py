"""Match detected beats with those of a reference."""

from numbers import Real

import numpy as np
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_consistent_length, column_or_1d

from sklearn_ecg.metrics._arguments import check_arguments
from sklearn_ecg.metrics._counting import NO_BEAT

_FASTEST_S = 0.1  # no heart beats so fast
_CONSTRAINTS = {
    "reference": ["array-like"],
    "detected": ["array-like"],
    "fs": [Interval(Real, 0, None, closed="neither")],
    "tolerance_s": [Interval(Real, 0, None, closed="left")],
}


@check_arguments(_CONSTRAINTS)
def match_beats(reference, detected, *, fs, tolerance_s=0.15):
    """Match each beat of a reference with at most one detected beat.

    Parameters
    ----------
    reference : array-like of shape (n_reference,)
        Time steps of the beats of one record, in any order.
    detected : array-like of shape (n_detected,)
        Time steps of the beats that were detected in this record.
    fs : float
        Sampling rate in Hz.
    tolerance_s : float, default=0.15
        Largest distance between two matched beats, in seconds. EC57 allows 150 ms.

    Returns
    -------
    matched_reference, matched_detected : ndarray of int of shape (n_matches,)
        Matched pairs as positions in `reference` and `detected`, in the order of time. Beats of
        `reference` that are not among them were missed, and those of `detected` were false alarms.

    Raises
    ------
    ValueError
        If a time step is not finite, or the beats are in seconds, which within `tolerance_s * fs`
        all match.

    See Also
    --------
    match_beat_labels : Labels of matched beats, for the scores of a classifier.

    Notes
    -----
    Beats are matched in the order of time, as in WFDB's program `bxb`. Each step looks at the next
    beat on either side. The earlier of the two is matched with the later if they are within
    tolerance and the beat that follows the earlier one has no better claim: it is farther from the
    later one, or nearer to the beat that follows the later one. Otherwise the earlier beat stays
    alone.

    References
    ----------
    .. [1] ANSI/AAMI EC57:2012. Testing and reporting performance results of cardiac rhythm and ST
       segment measurement algorithms. Association for the Advancement of Medical Instrumentation.

    Examples
    --------
    The second beat was missed, and something after the third was mistaken for a beat:

    >>> from sklearn_ecg.metrics import match_beats
    >>> reference, detected = [100, 400, 700], [105, 690, 800]
    >>> matched = match_beats(reference, detected, fs=360)
    >>> matched
    (array([0, 2]), array([0, 1]))
    >>> sensitivity = len(matched[0]) / len(reference)
    >>> positive_predictivity = len(matched[1]) / len(detected)
    >>> round(sensitivity, 2), round(positive_predictivity, 2)
    (0.67, 0.67)
    """
    times, other_times = _check_time_steps(reference, detected, fs)
    # A hair more, so that 0.29 * 100 does not shut out a distance of 29.
    tolerance = tolerance_s * fs * (1 + 1e-9)
    order, other_order = (np.argsort(steps, kind="stable") for steps in (times, other_times))
    pairs = _match_sorted(times[order].tolist(), other_times[other_order].tolist(), tolerance)
    i, j = np.array(pairs, dtype=np.intp).reshape(-1, 2).T
    return order[i], other_order[j]


@check_arguments(
    {
        **_CONSTRAINTS,
        "reference_labels": ["array-like"],
        "detected_labels": ["array-like"],
        "flutter": ["array-like"],
    }
)
def match_beat_labels(
    reference, reference_labels, detected, detected_labels, *, fs, tolerance_s=0.15, flutter=()
):
    """Pair the labels of detected beats with those of a reference, beat by beat.

    A beat without a match gets the label `"O"` on the other side, so that
    :func:`beat_scores` counts missed beats and false alarms too.

    Parameters
    ----------
    reference : array-like of shape (n_reference,)
        Time steps of the beats of one record.
    reference_labels : array-like of shape (n_reference,)
        Their labels.
    detected : array-like of shape (n_detected,)
        Time steps of the beats that were detected in this record.
    detected_labels : array-like of shape (n_detected,)
        Their predicted labels.
    fs : float
        Sampling rate in Hz.
    tolerance_s : float, default=0.15
        Largest distance between two matched beats, in seconds.
    flutter : array-like of shape (n_stretches, 2), default=()
        First and last time step of each stretch of ventricular flutter or fibrillation, as
        `ECGRecord.flutter`. Nobody annotates beats there, so detected beats without a match do not
        count there, as EC57 asks, nor within `tolerance_s` of either end.

    Returns
    -------
    y_true, y_pred : ndarray of str of shape (n_samples,)
        A row for each matched pair, missed beat or false alarm, in the order of time.
    time_steps : ndarray of shape (n_samples,)
        Time step of each row: that of the reference or, for a false alarm, of the detected beat.

    Raises
    ------
    ValueError
        If a time step is not finite, the beats are in seconds, or beats and labels are not of the
        same number.

    See Also
    --------
    match_beats : Matched pairs as positions.
    beat_scores : Figures of each class.

    Notes
    -----
    With `time_s=time_steps / fs`, :func:`beat_scores` leaves out the first five minutes much as
    WFDB's `bxb` does. The caller has to do one more thing that `bxb` does: it counts beats without
    a match apart (x, X) while the signal is marked as unreadable. Besides, `bxb` takes escape beats
    (`e`, `j`, `n`) for S, where `ECGRecord.beats` has `e` and `j` as N, and counts false alarms
    right beside flutter.

    Examples
    --------
    >>> from sklearn_ecg.metrics import match_beat_labels
    >>> y_true, y_pred, time_steps = match_beat_labels(
    ...     [100, 400, 700], ["N", "V", "N"], [105, 690, 800], ["N", "N", "S"], fs=360
    ... )
    >>> "".join(y_true), "".join(y_pred), time_steps.tolist()
    ('NVNO', 'NONS', [100, 400, 700, 800])
    """
    times, other_times = _check_time_steps(reference, detected, fs)
    labels, other_labels = (
        column_or_1d(given).astype(str) for given in (reference_labels, detected_labels)
    )
    check_consistent_length(times, labels)
    check_consistent_length(other_times, other_labels)
    i, j = match_beats(times, other_times, fs=fs, tolerance_s=tolerance_s)
    missed = np.setdiff1d(np.arange(len(times)), i)
    extra = np.setdiff1d(np.arange(len(other_times)), j)
    for start, stop in flutter:
        is_near = (other_times >= start - tolerance_s * fs) & (
            other_times <= stop + tolerance_s * fs
        )
        extra = extra[~is_near[extra]]
    y_true = np.concatenate([labels[i], labels[missed], np.full(len(extra), NO_BEAT)])
    y_pred = np.concatenate([other_labels[j], np.full(len(missed), NO_BEAT), other_labels[extra]])
    time_steps = np.concatenate([times[i], times[missed], other_times[extra]])
    order = np.argsort(time_steps, kind="stable")
    return y_true[order], y_pred[order], time_steps[order]


def _check_time_steps(reference, detected, fs):
    checked = []
    for name, given in (("reference", reference), ("detected", detected)):
        time_steps = column_or_1d(given)
        if not len(time_steps):
            time_steps = time_steps.astype(int)  # an empty list is one of floats to NumPy
        elif time_steps.dtype.kind not in "iuf":  # spans of time are numbers to NumPy
            raise ValueError(
                f"{name} must be the time steps of one recording, as numbers; got "
                f"{time_steps.dtype}. detect_beats returns a list with an array for each row."
            )
        elif not np.isfinite(time_steps).all():
            row = int(np.argmin(np.isfinite(time_steps)))
            raise ValueError(f"{name} has the time step {time_steps[row]} in row {row}.")
        elif _look_like_seconds(time_steps, fs):
            raise ValueError(
                f"{name} must be time steps, but looks like seconds: at fs={fs:g} Hz half of the "
                f"beats would come less than {_FASTEST_S:g} s after another. Multiply it by fs."
            )
        checked.append(time_steps)
    return checked


def _look_like_seconds(time_steps, fs):
    if (time_steps == np.round(time_steps)).all():
        return False  # positions between time steps are rare, but fine
    return len(time_steps) > 1 and np.median(np.diff(np.sort(time_steps))) < _FASTEST_S * fs


def _match_sorted(times, other_times, tolerance):
    """Go through both lists once; plain numbers are faster than arrays here."""
    end, other_end = len(times), len(other_times)
    times, other_times = [*times, np.inf], [*other_times, np.inf]
    pairs = []
    i = j = 0
    while i < end and j < other_end:
        time, other = times[i], other_times[j]
        next_time, next_other = times[i + 1], other_times[j + 1]
        distance = abs(time - other)
        is_first = other < time
        # The beat after the earlier one may be nearer, unless it is nearer still to the next.
        of_next = abs(time - next_other) if is_first else abs(other - next_time)
        is_best = distance < of_next or abs(next_time - next_other) < of_next
        if distance <= tolerance and is_best:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif is_first:
            j += 1
        else:
            i += 1
    return pairs
