"""Find reasons for the decisions that a reader should look at first."""

from dataclasses import dataclass

import numpy as np
from sklearn.pipeline import Pipeline

from sklearn_ecg.inspection import explain
from sklearn_ecg.utils._leads import label_of, lead_recipe
from sklearn_ecg.utils._nesting import readers_of
from sklearn_ecg.utils._outputs import names_of_columns

_BEATS_A_CLASS = 5  # an explanation asks the model some hundred times
_LONGEST_S = 60.0  # of a recording that is explained as a whole
_N_PARTS = 3  # that are named
_LEAST = 0.005  # of a probability, below which a part is not named


@dataclass(frozen=True, eq=False)
class BeatReasons:
    """The reasons for and against the class of some beats."""

    beats: np.ndarray  # their numbers, of shape (n_explained,)
    weights: np.ndarray  # of each beat and its neighbours, of shape (n_explained, n_neighbours)
    n_before: int  # neighbours before the beat
    parts: list[str]  # the strongest features of each, in words


@dataclass(frozen=True, eq=False)
class TimeReasons:
    """The times at which a recording spoke for its class, and against it."""

    target: str
    lead_names: list[str | None]  # None for a lead that the model computes from others
    weights: np.ndarray  # of shape (n_windows, n_leads)
    length_s: float  # of a window


def reasons_for_beats(classifier, findings, order):
    """Explain the most uncertain beats of each class.

    Features are covered one by one with the median of the beats around, by
    :func:`~sklearn_ecg.inspection.explain`.

    Parameters
    ----------
    classifier : BeatClassifier
        The model.
    findings : Findings
        The answer of the model.
    order : ndarray of shape (n_beats,)
        The beats, the most uncertain first.

    Returns
    -------
    BeatReasons or None
        The reasons; None if the model states no probabilities.
    """
    if findings.beat_rows is None:
        return None
    classes = findings.record.beats[1][order]
    beats = np.sort(
        np.concatenate([order[classes == kind][:_BEATS_A_CLASS] for kind in np.unique(classes)])
    )
    shown = findings.beat_rows[beats]
    result = explain(classifier.estimator_, shown, method="occlusion")
    attributions = np.asarray(result.attributions)
    names = _feature_words(classifier, findings.record.lead_names)
    parts = [_name_parts(of_beat, classifier.n_before, names) for of_beat in attributions]
    return BeatReasons(beats, attributions.sum(axis=2), classifier.n_before, parts)


def reasons_for_recording(pipeline, findings):
    """Explain the class that is predicted for a short recording, the most probable of several.

    Parameters
    ----------
    pipeline : Pipeline
        The model.
    findings : Findings
        The answer of the model.

    Returns
    -------
    TimeReasons or None
        The reasons; None if the recording is long, a lead is missing, the model states no
        probabilities, or it is no pipeline but has pipelines within, as a calibrator has.
    """
    if not isinstance(pipeline, Pipeline):
        return None
    record = findings.record
    is_missing = np.isnan(record.signal).all(axis=0).any()
    if findings.probabilities is None or record.duration_s > _LONGEST_S or is_missing:
        return None
    target = names_of_columns(pipeline)[findings.shown]
    result = explain(pipeline, [record], method="occlusion", target=target)
    fs = result.fs or record.fs
    length = max(1, round(fs / 10))
    attributions = np.asarray(result.attributions[0]).reshape(len(result.attributions[0]), -1)
    n_windows = -(-len(attributions) // length)
    edges = np.minimum(np.arange(n_windows) * length, len(attributions) - 1)
    counts = np.diff(np.append(edges, len(attributions)))[:, None]
    weights = np.add.reduceat(attributions, edges, axis=0) / counts
    recipes = [lead_recipe(lead, record.lead_names) for lead in readers_of(pipeline)[0].leads]
    names = [
        record.lead_names[next(iter(recipe))] if recipe and len(recipe) == 1 else None
        for recipe in recipes
    ]
    return TimeReasons(findings.classes[findings.shown], names, weights, length / fs)


def _name_parts(attributions, n_before, names):
    """Name the features of the beats around one that spoke loudest, such as "rr of this beat"."""
    strongest = np.abs(attributions).ravel().argsort()[::-1][:_N_PARTS]
    parts = []
    for beat, feature in zip(*np.unravel_index(strongest, attributions.shape), strict=True):
        value = attributions[beat, feature]
        if abs(value) >= _LEAST:
            parts.append(f"{names[feature]} of {_which(beat - n_before)} ({value:+.2f})")
    return ", ".join(parts)


def _which(distance):
    if distance == 0:
        return "this beat"
    side = "before" if distance < 0 else "after"
    return f"the beat {side}" if abs(distance) == 1 else f"beat {abs(distance)} {side}"


def _feature_words(classifier, available):
    """Return names of features in words, with their leads by name if there are several."""
    leads = [label_of(lead, available) for lead in classifier.leads]
    words = []
    for name in map(str, classifier.feature_names_):
        stem, _, lead = name.rpartition("_")
        if not lead.isdigit():
            words.append(name.replace("_", " "))
        elif len(leads) == 1:
            words.append(stem.replace("_", " "))
        else:
            words.append(f"{stem.replace('_', ' ')} in {leads[int(lead)]}")
    return words
