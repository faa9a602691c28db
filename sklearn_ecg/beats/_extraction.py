"""Make a row for each beat of some recordings."""

from numbers import Integral

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from sklearn.utils import Bunch
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from sklearn_ecg.beats._checking import check_beats, refuse_infinite
from sklearn_ecg.beats._detection import detect_beats_of
from sklearn_ecg.beats._features import (
    BAND,
    are_of_intervals,
    beat_feature_names,
    check_features,
    features_of,
)
from sklearn_ecg.utils._records import check_records, record_groups, record_names

_WHY_NONE = {
    "annotations": "none of its annotations is a beat. Read it with its annotator, such as "
    'annotator="atr", or use beats="detected".',
    "detected": "none was detected. Leave the record out.",
    "given": "beats has an empty entry for it.",
}


# Constraints of all functions that make rows of beats, real or simulated.
ROW_CONSTRAINTS = {
    "records": "no_validation",  # one record, or several; neither is an array
    "leads": ["array-like"],
    "n_before": [Interval(Integral, 0, None, closed="left")],
    "n_after": [Interval(Integral, 0, None, closed="left")],
    "features": [tuple, list],
    "causal": ["boolean"],
}


@validate_params(
    {**ROW_CONSTRAINTS, "beats": [StrOptions({"annotations", "detected"}), "array-like"]},
    prefer_skip_nested_validation=True,
)
def extract_beats(
    records,
    *,
    beats="annotations",
    leads=("MLII",),
    n_before=4,
    n_after=4,
    features=("rhythm", "deviation"),
    causal=False,
):
    """Make a row for each beat: a sequence of the beat and its neighbours.

    A network that reads such a row sees when each beat came and how it differs from the usual beat
    of its recording. This carries over to patients never seen. The waveform of a single beat does
    not.

    Parameters
    ----------
    records : ECGRecord or sequence of ECGRecord
        Recordings, as :func:`~sklearn_ecg.datasets.read_record` returns them.
    beats : {"annotations", "detected"} or sequence of array-like, default="annotations"
        The beats:

        - `"annotations"`: the annotations of each record whose symbol is one of a beat. The target
          is the AAMI's class N, S, V, F or Q, by the mapping of de Chazal et al. (escape beats are
          N).
        - `"detected"`: those that :func:`detect_beats` finds in the chosen leads; no target.
        - the time steps of the beats of each record; no target.
    leads : sequence of str or of tuple of str, default=("MLII",)
        Names of leads. A tuple names alternatives, and each record uses the first that it has, so
        that records with different second leads can be joined.
    n_before, n_after : int, default=4
        Number of beats before and after its own in a row. At the ends of a record, its first or
        last beat is repeated, so that no beat is lost.
    features : sequence of str, default=("rhythm", "deviation")
        Groups of features of each beat; see :func:`beat_features`.
    causal : bool, default=False
        Whether each beat is compared with earlier beats only, instead of with the median of the
        **whole recording**, or of half an hour of a long one. For a live signal, set `n_after` to
        the number of beats by which a decision may be late.

    Returns
    -------
    Bunch
        `data` : ndarray of shape (n_samples, n_before + 1 + n_after, n_features), float32
            A row for each beat.
        `target` : ndarray of shape (n_samples,) or None
            The class of each beat.
        `records` : ndarray of shape (n_samples,)
            The record: the name of its file without suffix; its path if names repeat; its position
            among `records` if it has no file.
        `groups` : ndarray of shape (n_samples,)
            The patient; where none is known, the file, or the record if it has no file.
        `time_steps` : ndarray of shape (n_samples,)
            Time step of the beat in its record.
        `time_s` : ndarray of shape (n_samples,)
            Time of the beat in its record, in seconds.
        `feature_names` : ndarray of str
            Names of the last axis of `data`.

    Raises
    ------
    ValueError
        If a record lacks a lead, has infinite values, no beats or not more than 80 Hz, or if given
        beats lie outside its signal. The message names the record.
    TypeError
        If `records` are not recordings.

    See Also
    --------
    BeatSequencer : Makes one sequence of all beats of a recording, for a label of the recording.
    beat_features : The features.
    detect_beats : Finds beats.

    References
    ----------
    de Chazal P, O'Dwyer M, Reilly RB. Automatic classification of heartbeats using ECG morphology
    and heartbeat interval features. IEEE Trans Biomed Eng 51(7):1196-1206 (2004).
    doi:10.1109/TBME.2004.827359

    Examples
    --------
    >>> from sklearn_ecg.beats import extract_beats
    >>> from sklearn_ecg.datasets import make_ecg
    >>> record = make_ecg(duration_s=10, fs=250, heart_rate=60, random_state=0)
    >>> rows = extract_beats(record, leads=["II"], n_before=2, n_after=1)
    >>> rows.data.shape, rows.target[:3]
    ((10, 4, 19), array(['N', 'N', 'N'], dtype='<U1'))
    """
    check_features(features)
    records = check_records(records)
    source = beats if isinstance(beats, str) else "given"
    if source == "given" and len(beats) != len(records):
        raise ValueError(
            f"beats has the beats of {len(beats)} records, but there are {len(records)}: give a "
            "list with one array of time steps for each record."
        )
    if not len(leads) and (source == "detected" or not are_of_intervals(features)):
        raise ValueError(
            "leads is empty: name at least one lead. Only rhythm and irregularity need none."
        )
    names = record_names([record.source for record in records])
    beats_of_each = beats if source == "given" else [source] * len(records)
    data, targets, time_steps = [], [], []
    for name, record, of_record in zip(names, records, beats_of_each, strict=True):
        if record.fs <= 2 * BAND[1]:
            raise ValueError(
                f"record {name} has fs={record.fs} Hz, but features need more than "
                f"{2 * BAND[1]:g} Hz."
            )
        signal = record.leads(leads)
        refuse_infinite(signal, name)
        found, target = _find_beats(record, signal, of_record)
        found = check_beats(found, record.n_timesteps, where=f"record {name}")
        if not len(found):
            raise ValueError(f"record {name} has no beats: {_WHY_NONE[source]}")
        values = features_of(signal, found, record.fs, features, causal)
        data.append(with_neighbours(values, n_before, n_after))
        targets.append(target)
        time_steps.append(found)
    counts = [len(found) for found in time_steps]
    time_s = [found / record.fs for found, record in zip(time_steps, records, strict=True)]
    return Bunch(
        data=np.concatenate(data),
        target=np.concatenate(targets) if source == "annotations" else None,
        records=np.repeat(names, counts),
        groups=np.repeat(record_groups(records), counts),
        time_steps=np.concatenate(time_steps),
        time_s=np.concatenate(time_s),
        feature_names=beat_feature_names(features, n_leads=len(leads)),
    )


def _find_beats(record, signal, beats):
    """Return the time steps of the beats of a record, and their classes if it has annotations."""
    if not isinstance(beats, str):
        return beats, None
    return record.beats if beats == "annotations" else (detect_beats_of(signal, record.fs), None)


def with_neighbours(values, n_before, n_after):
    """Join the features of each beat with those of its neighbours.

    Parameters
    ----------
    values : ndarray of shape (n_beats, n_features)
        Features of the beats of one record.
    n_before, n_after : int
        Neighbours on either side; beyond the ends the first or last beat is repeated.

    Returns
    -------
    ndarray of shape (n_beats, n_before + 1 + n_after, n_features)
        A view.
    """
    padded = np.pad(values, ((n_before, n_after), (0, 0)), mode="edge")
    return sliding_window_view(padded, n_before + 1 + n_after, axis=0).swapaxes(1, 2)
