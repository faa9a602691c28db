"""Find heartbeats in whole signals."""

from numbers import Real

import numpy as np
from sklearn.utils._param_validation import Interval, validate_params

from sklearn_ecg.beats._checking import refuse_infinite
from sklearn_ecg.beats._detector import LOWEST_FS, BeatDetector, delay_of
from sklearn_ecg.beats._detector_network import CONTEXT, MEMORY, half_of, in_one_thread
from sklearn_ecg.utils._jobs import map_in_threads
from sklearn_ecg.utils._rates import agreed_rate, are_one_rate, rate_of
from sklearn_ecg.utils._records import ECGRecord, check_records, record_names
from sklearn_ecg.utils._rows import as_object_array, each_row
from sklearn_ecg.utils._signals import check_signals

_CHUNK_S = 360.0  # a long signal goes through the detector in pieces; shorter ones take more Python
_HALVES_IN_PART = 7200  # about an hour of a longer signal, which one thread takes


@validate_params(
    {
        "X": [ECGRecord, "array-like"],
        "fs": [Interval(Real, LOWEST_FS, None, closed="left"), None],
    },
    prefer_skip_nested_validation=True,
)
def detect_beats(X, fs=None):
    """Find the heartbeats of each row.

    A small convolutional network reads each lead, weighs the leads by how much it trusts each of
    them at that moment, and locates the beats. Unit, offset, polarity and order of leads do not
    matter.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_timesteps[, n_leads]), or ECGRecord
        Signals in any unit, or a list with one such array per row; or one recording, or a list of
        recordings. NaN stands for missing values.
    fs : float, default=None
        Sampling rate in Hz, at least 60. Recordings know their own, and so do signals from a
        `RecordReader`, so it may be left out for them.

    Returns
    -------
    1-D object array of ndarrays of int
        The time steps of the beats of each row, in order of time. Empty where there are none. A
        stretch that is missing in all leads for 0.1 s or flat for 0.2 s holds no beat, nor does a
        row of less than a second. Half of all beats are within 6 ms of their annotations by
        people.

    Raises
    ------
    ValueError
        If `X` is one signal rather than rows of signals, is cut into segments, or holds infinite
        values; if `fs` is missing, or not the rate of the recordings or signals.

    See Also
    --------
    BeatDetector : Finds the same beats while the signal comes in.
    extract_beats : Makes a row for each beat.
    sklearn_ecg.metrics.match_beats : Compares detected beats with annotated ones.

    Notes
    -----
    The result at a moment depends on the 80 s before it and less than two seconds after it. Jumps
    of the baseline are taken out, as by :class:`~sklearn_ecg.preprocessing.JumpRemover`. The signal
    is filtered from 2 to 30 Hz, brought to 125 Hz, and divided by the usual strength of its lead in
    the last eight seconds, or by half of that in the last minute if this is more, so that a pause
    does not pass for a weak signal. In simulated tachycardia it finds all beats at up to 235 a
    minute, three of four at 250 and less than half at 280, so the rate of an infant's tachycardia
    reads too low. The first layer takes absolute values, so polarity cannot
    matter. `examples/training/beat_detector.py` trains the network on annotated recordings [1]_
    [2]_ [3]_, real noise [4]_ and simulated recordings.

    A signal of more than an hour is worked on in as many threads as the process has cores, or as
    `OMP_NUM_THREADS` says. Beside other threads it stays in its own.

    References
    ----------
    .. [1] Moody GB, Mark RG. The impact of the MIT-BIH Arrhythmia Database. IEEE Eng Med Biol
       20(3):45-50 (2001). doi:10.1109/51.932724
    .. [2] Kalyakulina AI et al. LUDB: A new open-access validation tool for electrocardiogram
       delineation algorithms. IEEE Access 8:186181-186190 (2020).
       doi:10.1109/ACCESS.2020.3029211
    .. [3] Gao H et al. An open-access ECG database for algorithm evaluation of QRS detection and
       heart rate estimation. J Med Imaging Health Inform 9(9):1853-1858 (2019).
       doi:10.1166/jmihi.2019.2800
    .. [4] Moody GB, Muldrow WE, Mark RG. A noise stress test for arrhythmia detectors. Computers
       in Cardiology 11:381-384 (1984). doi:10.13026/C2HS3T

    Examples
    --------
    >>> from sklearn_ecg.beats import detect_beats
    >>> from sklearn_ecg.datasets import make_ecg
    >>> record = make_ecg(duration_s=10, fs=250, heart_rate=60, random_state=0)
    >>> len(detect_beats(record.signal[None], fs=250)[0])
    10
    >>> len(detect_beats(record)[0])
    10
    """
    if _are_records(X):
        records = check_records(X)
        names = record_names([record.source for record in records])
        return as_object_array(
            [_detect_in(record, name, fs) for record, name in zip(records, names, strict=True)]
        )
    X = check_signals(X, estimator="detect_beats", allow_segments=False, leads_last=True, fs=fs)
    fs = agreed_rate(fs, rate_of(X), "detect_beats")
    return as_object_array([detect_beats_of(row, fs) for row in each_row(X)])


@in_one_thread  # of BLAS, because each part has a thread
def detect_beats_of(signal, fs):
    """Find the heartbeats of one signal; see `detect_beats`.

    Parameters
    ----------
    signal : ndarray of shape (n_timesteps, n_leads)
        The signal.
    fs : float
        Sampling rate in Hz.

    Returns
    -------
    ndarray of int
        Time steps of the beats.
    """
    half = half_of(fs)
    n_in_part = _HALVES_IN_PART * half
    if len(signal) <= n_in_part:
        return _detect_in_part(signal, fs)
    # What is so far away makes no difference to a beat. Parts begin where the detector's steps do.
    n_around = (MEMORY + CONTEXT + 1 + -(-delay_of(fs) // half)) * half

    def detect(start):
        first, stop = max(0, start - n_around), start + n_in_part
        beats = first + _detect_in_part(signal[first : stop + n_around], fs)
        return beats[(beats >= start) & (beats < stop)]

    return np.concatenate(map_in_threads(detect, range(0, len(signal), n_in_part)))


def _detect_in_part(signal, fs):
    detector = BeatDetector(fs)
    size = round(_CHUNK_S * fs)
    found = [detector.push(signal[i : i + size]) for i in range(0, len(signal), size)]
    return np.concatenate([*found, detector.finish()])


def _are_records(X):
    if isinstance(X, ECGRecord):
        return True
    return isinstance(X, list | tuple | np.ndarray) and any(isinstance(x, ECGRecord) for x in X)


def _detect_in(record, name, fs):
    if fs is not None and not are_one_rate(fs, record.fs):
        raise ValueError(
            f"fs={fs:g} is not the sampling rate of record {name}, which is {record.fs:g} Hz. "
            "Leave fs out: recordings know their own."
        )
    if record.fs < LOWEST_FS:
        raise ValueError(
            f"record {name} has {record.fs:g} Hz, but beats are found from {LOWEST_FS:g} Hz on: "
            "leave it out."
        )
    refuse_infinite(record.signal, name)
    return detect_beats_of(record.signal, record.fs)
