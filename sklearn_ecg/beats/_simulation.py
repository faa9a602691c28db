"""Rhythms that are rare in a training set, made from its normal beats."""

from functools import partial
from itertools import chain, product
from numbers import Integral

import numpy as np
from scipy.special import expit
from sklearn.utils import Bunch, check_random_state
from sklearn.utils._param_validation import Interval, validate_params

from sklearn_ecg.beats._extraction import ROW_CONSTRAINTS, extract_beats, with_neighbours
from sklearn_ecg.beats._rhythm import INTERVAL_NAMES, interval_features
from sklearn_ecg.beats._running import Past

_FS = 1000.0  # of the simulated times: milliseconds
_RR_S = (0.45, 1.2)  # usual interval of a rhythm
_ANY_RR_S = (0.38, 1.4)  # of one that may be as fast as a run of early beats


@validate_params(
    {
        **ROW_CONSTRAINTS,
        "n_beats": [Interval(Integral, 1, None, closed="left")],
        "n_draws": [Interval(Integral, 1, None, closed="left")],
        "rhythms": [tuple, list],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def simulate_rhythms(
    records,
    *,
    n_beats=250,
    n_draws=1,
    rhythms=("runs", "arrhythmia", "fibrillation"),
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
    intervals, for each record once in each of these rhythms:

    - `"few"`, `"many"`: sinus rhythm with early beats, mostly single or in turn with one to three
      normal ones, but some in runs; in `"many"` up to half of all beats;
    - `"runs"`: sinus rhythm with regular runs of early beats, followed by pauses, at times so many
      that most beats are early;
    - `"most"`: sinus rhythm with short or long runs so dense that most beats are early, or nearly
      half of them;
    - `"arrhythmia"`: sinus rhythm that varies with breathing and changes its rate, without early
      beats;
    - `"pauses"`: sinus rhythm of any rate, without early beats, in which beats are dropped, and
      which quickens for a while;
    - `"fibrillation"`: atrial fibrillation, in which no beat counts as early.

    Never score on these rows, and keep those of a patient with the patient's real ones when you
    split.

    Parameters
    ----------
    records : ECGRecord or sequence of ECGRecord
        Recordings with annotated beats.
    n_beats : int, default=250
        Beats of each rhythm of each record. A record with fewer normal beats repeats them; one
        without any has no rows. Among fewer than 100 there may be no early beat.
    n_draws : int, default=1
        Number of times that each rhythm is drawn for each record, with `n_beats` each time. One row
        in `n_draws` is kept, so there are as many rows, which differ more.
    rhythms : sequence of str, default=("runs", "arrhythmia", "fibrillation")
        The rhythms. With the others, a classifier finds more early beats of strangers, and calls
        more normal ones early; so use them in one part of an ensemble.
    leads : sequence of str or of tuple of str, default=("MLII",)
        Names of leads, as in :func:`extract_beats`.
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
            "S" for early beats, "N" for all others.
        `records`, `groups` : ndarray of shape (n_samples,)
            The record and the patient, named as by :func:`extract_beats`. The name may be the
            position of the record, so pass the same records to both.
        `feature_names` : ndarray of str
            Names of the last axis of `data`.

    Raises
    ------
    ValueError
        If `features` lacks `"rhythm"`, if a rhythm is unknown or none is named, if no record has a
        normal beat, or as in :func:`extract_beats`.
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
    if not rhythms or set(rhythms) - set(RHYTHMS):
        raise ValueError(f"rhythms={rhythms!r} must be some of {', '.join(RHYTHMS)}.")
    rng = check_random_state(random_state)
    beats = extract_beats(
        records, leads=leads, n_before=0, n_after=0, features=features, causal=causal
    )
    of_intervals = np.isin(beats.feature_names, list(chain(*INTERVAL_NAMES.values())))
    data, targets, names, groups = [], [], [], []
    for name in dict.fromkeys(beats.records):
        normal = np.flatnonzero((beats.records == name) & (beats.target == "N"))
        if not len(normal):
            continue
        for rhythm, draw in product(rhythms, range(n_draws)):
            log_rr, is_early = RHYTHMS[rhythm](n_beats, rng)
            # In their order, so that slow changes of shape stay slow.
            chosen = np.resize(np.roll(normal, -rng.randint(len(normal))), n_beats)
            values = beats.data[chosen, 0]
            times = np.rint(np.cumsum(np.exp(log_rr)) * _FS).astype(np.int64)
            described = interval_features(features, times, _FS, Past() if causal else None)
            values[:, of_intervals] = np.concatenate(list(described.values()), axis=1)
            kept = slice(draw, None, n_draws)
            data.append(with_neighbours(values, n_before, n_after)[kept])
            targets.append(np.where(is_early[kept], "S", "N"))
            names.append(np.repeat(name, len(targets[-1])))
            groups.append(np.repeat(beats.groups[normal[0]], len(targets[-1])))
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


def sinus_with_early_beats(n_beats, rng, between, share_of_runs):
    """Draw the intervals of a sinus rhythm with episodes of early beats.

    An episode is a regular run, followed by a pause, or an early beat alone, or several that
    alternate with a fixed number of normal ones (bigeminy and so on).

    Parameters
    ----------
    n_beats, rng
        As in `sinus_with_runs`.
    between : tuple of float
        Range of the logarithm (to base 10) of the mean number of normal beats between episodes.
    share_of_runs : float
        Share of episodes that are runs.

    Returns
    -------
    log_rr, is_early : ndarray of shape (n_beats,)
        As in `sinus_with_runs`.
    """
    usual = _usual(n_beats, rng)
    depth = rng.uniform(0, rng.choice([0.12, 0.25], p=[0.7, 0.3]))
    log_rr = usual + _breathing(n_beats, rng, depth)
    log_rr += _changes_of_rate(n_beats, rng, rng.randint(1 + n_beats // 150))
    is_early = np.zeros(n_beats, dtype=bool)
    n_between, n_in_run = 10 ** rng.uniform(*between), 10 ** rng.uniform(0, 1.1)
    in_run, pause = np.log(rng.uniform(0.45, 0.85)), np.log(rng.uniform(1, 2.2))
    alone, spread, reset = (
        np.log(rng.uniform(0.42, 0.86)),
        rng.uniform(0.02, 0.15),
        rng.uniform(0, 0.3),
    )
    share_alternating, n_normal = rng.choice([0, 0.2], p=[0.6, 0.4]), rng.randint(1, 4)
    start = 0
    while True:
        start += rng.geometric(1 / (1 + n_between))
        if start >= n_beats:
            return log_rr, is_early
        if rng.rand() < share_of_runs:
            stop = min(start + 1 + rng.geometric(1 / n_in_run), n_beats)
            is_early[start:stop] = True
            # Breathing does not change the beat of a run.
            log_rr[start:stop] = usual[start:stop] + in_run + rng.normal(0, 0.03, stop - start)
            log_rr[start] += rng.uniform(-0.2, 0.1)
            log_rr[stop : stop + 1] = usual[stop : stop + 1] + pause + rng.normal(0, 0.1)
        else:
            n_early = rng.randint(3, 20) if rng.rand() < share_alternating else 1
            stop = start + (n_early - 1) * (1 + n_normal) + 1
            early = np.arange(start, min(stop, n_beats), 1 + n_normal)
            is_early[early] = True
            log_rr[early] = usual[early] + alone + rng.normal(0, spread, len(early))
            after = early[early + 1 < n_beats] + 1
            log_rr[after] += reset + rng.normal(0, 0.04, len(after))
        start = stop


def sinus_arrhythmia(n_beats, rng):
    """Draw the intervals of a sinus rhythm that varies much and has no early beat."""
    varied = _breathing(n_beats, rng, rng.uniform(0.05, 0.3))
    varied += _changes_of_rate(n_beats, rng, rng.randint(2 + n_beats // 50))
    return _usual(n_beats, rng) + varied, np.zeros(n_beats, dtype=bool)


def sinus_with_pauses(n_beats, rng):
    """Draw the intervals of a sinus rhythm of any rate, with pauses and without early beats."""
    log_rr = _usual(n_beats, rng)
    # As fast as runs of early beats are, so that a rate alone makes no beat early.
    log_rr += rng.uniform(*np.log(_ANY_RR_S)) - np.median(log_rr)
    log_rr += _breathing(n_beats, rng, rng.uniform(0, 0.1))
    log_rr += _changes_of_rate(n_beats, rng, rng.randint(1 + n_beats // 100))
    is_dropped = rng.rand(n_beats) < 10 ** rng.uniform(-2.5, -0.5)
    pause = np.log(rng.uniform(1.2, 2.3))
    log_rr[is_dropped] += pause + rng.normal(0, 0.08, is_dropped.sum())
    beats = np.arange(n_beats)
    for _ in range(rng.randint(1 + n_beats // 120)):
        start, (begins, ends) = rng.randint(n_beats), rng.uniform(1, 6, 2)
        stop = start + rng.uniform(5, 60)
        while_quick = expit((beats - start) / begins) * expit((stop - beats) / ends)
        log_rr -= rng.uniform(0.1, 0.45) * while_quick
    return log_rr, np.zeros(n_beats, dtype=bool)


def fibrillation(n_beats, rng):
    """Draw the intervals of atrial fibrillation, in which no beat counts as early."""
    irregular = rng.normal(0, rng.uniform(0.1, 0.3), n_beats)
    return _usual(n_beats, rng) + irregular, np.zeros(n_beats, dtype=bool)


# Each takes and returns what `sinus_with_runs` does.
RHYTHMS = {
    "few": partial(sinus_with_early_beats, between=(1, 2.3), share_of_runs=0.1),
    "many": partial(sinus_with_early_beats, between=(-0.5, 1.2), share_of_runs=0.2),
    "runs": sinus_with_runs,
    "most": partial(sinus_with_early_beats, between=(-0.5, 0.4), share_of_runs=0.9),
    "arrhythmia": sinus_arrhythmia,
    "pauses": sinus_with_pauses,
    "fibrillation": fibrillation,
}


def _breathing(n_beats, rng, depth):
    """Make intervals follow breathing, more or less regularly."""
    phase = np.cumsum(1 / rng.uniform(3, 8) + rng.normal(0, 0.03, n_beats))
    return depth * np.sin(2 * np.pi * phase) + rng.normal(0, rng.uniform(0.01, 0.05), n_beats)


def _changes_of_rate(n_beats, rng, n_changes):
    """Let the rate change for good some times, each within a few beats."""
    varied = np.zeros(n_beats)
    for change in rng.randint(n_beats, size=n_changes):
        width = rng.uniform(1, 10)
        varied += rng.uniform(-0.2, 0.2) * expit((np.arange(n_beats) - change) / width)
    return varied


def _usual(n_beats, rng):
    """Draw a rate that changes slowly, and comes back to where it began."""
    walk = np.cumsum(rng.normal(0, 0.012, n_beats))
    drift = np.clip(walk - np.linspace(0, walk[-1], n_beats), -0.25, 0.25)
    return np.log(rng.uniform(*_RR_S)) + drift
