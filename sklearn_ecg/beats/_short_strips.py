"""Beats as short recordings describe them, made from longer ones."""

from dataclasses import replace

import numpy as np
from sklearn.utils import Bunch, check_random_state
from sklearn.utils._param_validation import validate_params

from sklearn_ecg.beats._extraction import ROW_CONSTRAINTS, extract_beats
from sklearn_ecg.utils._records import check_records

STRIP_DURATIONS_S = (10, 10, 20, 30, 60, 120, 300)


@validate_params(
    {**ROW_CONSTRAINTS, "durations_s": [tuple, list], "random_state": ["random_state"]},
    prefer_skip_nested_validation=True,
)
def simulate_strips(
    records,
    *,
    durations_s=STRIP_DURATIONS_S,
    leads=("MLII",),
    n_before=4,
    n_after=4,
    features=("rhythm", "deviation"),
    causal=False,
    random_state=None,
):
    """Describe the beats of records as short recordings would, as additional training rows.

    A beat is compared with the usual beat of its recording. In a strip of ten seconds, ten beats
    say what is usual, and half of them may be ectopic. A classifier that learns from long
    recordings alone then calls many normal beats ectopic. This function cuts each record into
    strips, one after the other, and makes a row of each beat of each strip.

    Never score on these rows, and keep those of a patient with the patient's other ones when you
    split.

    Parameters
    ----------
    records : ECGRecord or sequence of ECGRecord
        Recordings with annotated beats.
    durations_s : sequence of float, default=(10, 10, 20, 30, 60, 120, 300)
        Durations of strips in seconds. Each strip has one of them, drawn at random.
    leads : sequence of str or of tuple of str, default=("MLII",)
        Names of leads, as in :func:`extract_beats`.
    n_before, n_after : int, default=4
        Neighbours of each beat in its row.
    features : sequence of str, default=("rhythm", "deviation")
        Groups of features.
    causal : bool, default=False
        Whether features use nothing that comes later.
    random_state : int, RandomState instance or None, default=None
        Seed of the durations.

    Returns
    -------
    Bunch
        `data` : ndarray of shape (n_samples, n_before + 1 + n_after, n_features), float32
            A row for each beat, as from :func:`extract_beats`.
        `target` : ndarray of shape (n_samples,)
            The class of each beat.
        `records`, `groups` : ndarray of shape (n_samples,)
            The record and the patient, named as by :func:`extract_beats`. The name may be the
            position of the record, so pass the same records to both.
        `feature_names` : ndarray of str
            Names of the last axis of `data`.

    Raises
    ------
    ValueError
        If a duration is not positive or none is given, or as in :func:`extract_beats`.
    TypeError
        If `records` are not recordings.

    See Also
    --------
    simulate_rhythms : Rhythms that are rare in a training set.
    extract_beats : Makes rows of the beats of whole records.

    Examples
    --------
    >>> from sklearn_ecg.beats import simulate_strips
    >>> from sklearn_ecg.datasets import make_ecg
    >>> record = make_ecg(duration_s=60, fs=250, heart_rate=60, random_state=0)
    >>> rows = simulate_strips(record, durations_s=[10], leads=["II"])
    >>> rows.data.shape, rows.target[:2]
    ((60, 9, 19), array(['N', 'N'], dtype='<U1'))
    """
    if not durations_s or min(durations_s) <= 0:
        raise ValueError(f"durations_s={durations_s!r} must be positive numbers, at least one.")
    rng = check_random_state(random_state)
    records = check_records(records)
    # For its checks and names: no feature of the signal is needed yet.
    whole = extract_beats(records, leads=leads, n_before=0, n_after=0, features=("rhythm",))
    _, first = np.unique(whole.records, return_index=True)
    first = np.sort(first)  # beat of each record
    strips = [_cut(record, durations_s, rng) for record in records]
    rows = extract_beats(
        [strip for of_record in strips for strip in of_record],
        leads=leads,
        n_before=n_before,
        n_after=n_after,
        features=features,
        causal=causal,
    )
    parents = np.repeat(first, [len(of_record) for of_record in strips])[rows.records.astype(int)]
    return Bunch(
        data=rows.data,
        target=rows.target,
        records=whole.records[parents],
        groups=whole.groups[parents],
        feature_names=rows.feature_names,
    )


def _cut(record, durations_s, rng):
    """Cut a record into strips, one after the other, and leave out those without a beat."""
    record = replace(record, source="")  # so that each strip is named by its position
    strips, start = [], 0
    while start < record.n_timesteps:
        stop = start + max(1, round(rng.choice(durations_s) * record.fs))
        strips.append(record.part(start, stop))
        start = stop
    return [strip for strip in strips if len(strip.beats[0])]
