"""Rhythms that are rare in a training set, made from its normal beats."""

from numbers import Integral

import numpy as np
from scipy.special import expit
from sklearn.utils import Bunch, check_random_state
from sklearn.utils._param_validation import Interval, validate_params

from sklearn_ecg.beats._extraction import ROW_CONSTRAINTS, extract_beats, with_neighbours
from sklearn_ecg.beats._rhythm import RHYTHM_NAMES, rhythm_features
from sklearn_ecg.beats._running import Past

_FS = 1000.0  # of the simulated times: milliseconds
_RR_S = (0.45, 1.2)  # usual interval of a rhythm


@validate_params(
    {
        **ROW_CONSTRAINTS,
        "n_beats": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def simulate_rhythms(
    records,
    *,
    n_beats=250,
    leads=("MLII",),
    n_before=4,
    n_after=4,
    features=("rhythm", "deviation"),
    causal=False,
    random_state=None,
):
    """Put the normal beats of each record into simulated rhythms, as additional training rows.

    In a training set, runs of supraventricular beats may come from very few people. A classifier
    then does not learn that beats in a run come early, above all if a recording has so many that
    they are its usual beats. This function keeps the measured shapes of beats and draws new
    intervals, for each record three times:

    - sinus rhythm with regular runs of early beats, followed by pauses, at times so many that most
      beats are early;
    - sinus rhythm that varies with breathing and changes its rate, without early beats;
    - atrial fibrillation, in which no beat counts as early.

    Never score on these rows, and keep those of a patient with the patient's real ones when you
    split.

    Parameters
    ----------
    records : ECGRecord or sequence of ECGRecord
        Recordings with annotated beats.
    n_beats : int, default=250
        Beats of each of the three rhythms of each record. A record with fewer normal beats repeats
        them; one without any has no rows. Among fewer than 100 there may be no run.
    leads : sequence of str or of tuple of str, default=("MLII",)
        As in :func:`extract_beats`, like those that follow.
    n_before, n_after : int, default=4
        Neighbours of each beat in its row.
    features : sequence of str, default=("rhythm", "deviation")
        Groups of features. `"rhythm"` must be one. `"waveform"` should not be, because it would
        still show the neighbours where they really were.
    causal : bool, default=False
        Whether features use nothing that comes later.
    random_state : int, RandomState instance or None, default=None
        Seed of the rhythms.

    Returns
    -------
    Bunch
        `data` : ndarray of shape (n_samples, n_before + 1 + n_after, n_features), float32
            A row for each beat, as from :func:`extract_beats`.
        `target` : ndarray of shape (n_samples,)
            "S" for beats of a run, "N" for all others.
        `records`, `groups` : ndarray of shape (n_samples,)
            The record and the patient, named as by :func:`extract_beats`. The name may be the
            position of the record, so pass the same records to both.
        `feature_names` : ndarray of str
            Names of the last axis of `data`.

    Raises
    ------
    ValueError
        If `features` lacks `"rhythm"`, if no record has a normal beat, or as in
        :func:`extract_beats`.
    TypeError
        If `records` are not recordings.

    See Also
    --------
    extract_beats : Makes rows of the real beats.

    Examples
    --------
    >>> from sklearn_ecg.beats import simulate_rhythms
    >>> from sklearn_ecg.datasets import make_ecg
    >>> record = make_ecg(duration_s=20, fs=250, random_state=0)
    >>> rows = simulate_rhythms(record, n_beats=300, leads=["II"], random_state=1)
    >>> rows.data.shape, rows.target[:2]
    ((900, 9, 19), array(['N', 'N'], dtype='<U1'))
    """
    if "rhythm" not in features:
        raise ValueError(
            f"features={features!r} must name 'rhythm', because rhythms are simulated here."
        )
    rng = check_random_state(random_state)
    beats = extract_beats(
        records, leads=leads, n_before=0, n_after=0, features=features, causal=causal
    )
    is_rhythm = np.isin(beats.feature_names, RHYTHM_NAMES)
    data, targets, names, groups = [], [], [], []
    for name in dict.fromkeys(beats.records):
        normal = np.flatnonzero((beats.records == name) & (beats.target == "N"))
        if not len(normal):
            continue
        for simulate in (sinus_with_runs, sinus_arrhythmia, fibrillation):
            log_rr, is_early = simulate(n_beats, rng)
            # In their order, so that slow changes of shape stay slow.
            chosen = np.resize(np.roll(normal, -rng.randint(len(normal))), n_beats)
            values = beats.data[chosen, 0]
            times = np.rint(np.cumsum(np.exp(log_rr)) * _FS).astype(np.int64)
            values[:, is_rhythm] = rhythm_features(times, _FS, Past() if causal else None)
            data.append(with_neighbours(values, n_before, n_after))
            targets.append(np.where(is_early, "S", "N"))
            names.append(np.repeat(name, n_beats))
            groups.append(np.repeat(beats.groups[normal[0]], n_beats))
    if not data:
        raise ValueError("none of the records has a normal beat (class N), to put into a rhythm.")
    return Bunch(
        data=np.concatenate(data),
        target=np.concatenate(targets),
        records=np.concatenate(names),
        groups=np.concatenate(groups),
        feature_names=beats.feature_names,
    )


def sinus_with_runs(n_beats, rng):
    """Draw the intervals of a sinus rhythm with runs of early beats.

    Parameters
    ----------
    n_beats : int
        Number of beats.
    rng : RandomState
        Source of randomness.

    Returns
    -------
    log_rr : ndarray of shape (n_beats,)
        Logarithm of the interval in seconds that ends with each beat.
    is_early : ndarray of shape (n_beats,), bool
        Whether it is a beat of a run.
    """
    usual = _usual(n_beats, rng)
    is_early = np.zeros(n_beats, dtype=bool)
    log_rr = usual + _breathing(n_beats, rng, rng.uniform(0, 0.1))
    n_between, n_in_run = 10 ** rng.uniform(0.5, 1.9), rng.uniform(3, 12)
    ratio, pause = np.log(rng.uniform(0.5, 0.78)), np.log(rng.uniform(1, 2.2))
    start = 0
    while True:
        start += 1 + rng.geometric(1 / n_between)
        stop = start + 1 + rng.geometric(1 / n_in_run)
        if stop >= n_beats:
            return log_rr, is_early
        is_early[start:stop] = True
        # Breathing does not change the beat of a run.
        log_rr[start:stop] = usual[start:stop] + ratio + rng.normal(0, 0.03, stop - start)
        log_rr[start] += rng.uniform(-0.2, 0.05)
        log_rr[stop] += pause + rng.normal(0, 0.1)
        start = stop


def sinus_arrhythmia(n_beats, rng):
    """Draw the intervals of a sinus rhythm that varies much, no beat of which counts as early.

    Parameters
    ----------
    n_beats, rng
        As in `sinus_with_runs`.

    Returns
    -------
    log_rr, is_early : ndarray of shape (n_beats,)
        As in `sinus_with_runs`.
    """
    varied = _breathing(n_beats, rng, rng.uniform(0.05, 0.3))
    # The rate may also change for good, within a few beats.
    for change in rng.randint(n_beats, size=rng.randint(2 + n_beats // 50)):
        width = rng.uniform(1, 10)
        varied += rng.uniform(-0.2, 0.2) * expit((np.arange(n_beats) - change) / width)
    return _usual(n_beats, rng) + varied, np.zeros(n_beats, dtype=bool)


def fibrillation(n_beats, rng):
    """Draw the intervals of atrial fibrillation, none of which counts as early.

    Parameters
    ----------
    n_beats, rng
        As in `sinus_with_runs`.

    Returns
    -------
    log_rr, is_early : ndarray of shape (n_beats,)
        As in `sinus_with_runs`.
    """
    irregular = rng.normal(0, rng.uniform(0.1, 0.3), n_beats)
    return _usual(n_beats, rng) + irregular, np.zeros(n_beats, dtype=bool)


def _breathing(n_beats, rng, depth):
    """Make intervals follow breathing, more or less regularly."""
    phase = np.cumsum(1 / rng.uniform(3, 8) + rng.normal(0, 0.03, n_beats))
    return depth * np.sin(2 * np.pi * phase) + rng.normal(0, rng.uniform(0.01, 0.05), n_beats)


def _usual(n_beats, rng):
    """Draw a rate that changes slowly, and comes back to where it began."""
    walk = np.cumsum(rng.normal(0, 0.012, n_beats))
    drift = np.clip(walk - np.linspace(0, walk[-1], n_beats), -0.25, 0.25)
    return np.log(rng.uniform(*_RR_S)) + drift
