"""Ask a model about a recording: the classes of its beats, or of the whole."""

from dataclasses import dataclass, replace

import numpy as np

from sklearn_ecg.beats import detect_beats
from sklearn_ecg.compose import BeatClassifier, SegmentedClassifier
from sklearn_ecg.compose._beats import beat_rows, predict_rows
from sklearn_ecg.neural_network import LSTMClassifier
from sklearn_ecg.preprocessing import Segmenter
from sklearn_ecg.utils._nesting import part_taken, single_steps
from sklearn_ecg.utils._outputs import names_of_columns, probabilities_of
from sklearn_ecg.utils._rates import rate_of
from sklearn_ecg.utils._records import ECGRecord

# Their `predict` returns the most probable class, so it need not be asked again.
_MOST_PROBABLE = (LSTMClassifier, SegmentedClassifier)


@dataclass(frozen=True, eq=False)
class Segments:
    """Probabilities of the parts of a recording."""

    begin_s: np.ndarray
    length_s: float
    probabilities: np.ndarray  # of shape (n_segments, n_classes)


@dataclass(frozen=True, eq=False)
class Findings:
    """The answer of a model for a recording."""

    record: ECGRecord  # its annotations are the beats
    beats_from: str  # "model", "file" or "detector"; the last knows no classes
    classes: list[str]
    beat_probabilities: np.ndarray | None = None  # of shape (n_beats, n_classes)
    predicted: list[str] | None = None  # of the whole recording
    probabilities: np.ndarray | None = None  # of shape (n_classes,)
    part: str = ""  # of the recording that the model took, if not all
    segments: Segments | None = None
    beat_rows: np.ndarray | None = None  # of the beats, as the model takes them

    @property
    def shown(self):
        """Number of the class that shades the signal: of the predicted ones, the most probable."""
        named = [self.classes.index(name) for name in self.predicted]
        return max(named or range(len(self.classes)), key=self.probabilities.__getitem__)


def find(record, pipeline):
    """Ask a model about a recording.

    Parameters
    ----------
    record : ECGRecord
        The recording.
    pipeline : BeatClassifier or Pipeline
        A fitted classifier of beats, or of recordings.

    Returns
    -------
    Findings
        The answer.
    """
    if isinstance(pipeline, BeatClassifier):
        return _find_beats(record, pipeline)
    return _find_classes(record, pipeline)


def _find_beats(record, classifier):
    estimator, rows = classifier.estimator_, ()
    if hasattr(estimator, "predict_proba"):
        ((beats, rows),) = beat_rows(classifier, [record])
    if not len(rows):
        return Findings(classifier.annotate(record), "model", _as_text(classifier.classes_))
    probabilities = predict_rows(classifier, rows, "predict_proba")
    if isinstance(single_steps(estimator)[-1], _MOST_PROBABLE):
        most_probable = classifier.classes_[probabilities.argmax(axis=1)]
        annotated = replace(record, annotations=(beats, most_probable))
    else:
        annotated = classifier.annotate(record)
    return Findings(
        annotated,
        "model",
        _as_text(classifier.classes_),
        beat_probabilities=probabilities,
        beat_rows=rows,
    )


def _find_classes(record, pipeline):
    *steps, last = single_steps(pipeline)
    X, cut = [record], None
    for step in steps:
        fs = rate_of(X)
        X = step.transform(X)
        cut = (step, fs) if isinstance(step, Segmenter) else cut
    if isinstance(last, SegmentedClassifier) and isinstance(last.segmenter_, Segmenter):
        cut = last.segmenter_, rate_of(X)
    probabilities = None
    if hasattr(last, "predict_proba"):
        probabilities = np.asarray(probabilities_of(last, X)[0], dtype=float)
    predicted = np.atleast_1d(last.predict(X)[0])
    classes = _as_text(names_of_columns(last))
    if len(predicted) > 1:  # multilabel: a number for each class
        predicted = [name for name, is_there in zip(classes, predicted, strict=True) if is_there]
    return Findings(
        *_with_beats(record),
        classes,
        predicted=_as_text(predicted),
        probabilities=probabilities,
        part=part_taken(pipeline, record.duration_s),
        segments=_segments(last, X, cut),
    )


def _segments(last, X, cut):
    """Return the probabilities of the segments, if the pipeline cuts recordings and says when."""
    if cut is None or cut[1] is None or not hasattr(last, "predict_proba_segments"):
        return None
    segmenter, fs = cut
    probabilities = np.asarray(last.predict_proba_segments(X)[0], dtype=float)
    step = segmenter.step or segmenter.segment_length
    begin_s = np.arange(len(probabilities)) * step / fs
    return Segments(begin_s, segmenter.segment_length / fs, probabilities)


def _with_beats(record):
    """Return the record with beats, and where they come from."""
    if len(record.beats[0]):
        return record, "file"
    try:
        beats = detect_beats(record)[0]
    except ValueError:  # too low a rate: the report goes without a heart rate
        beats = np.empty(0, dtype=np.int64)
    return replace(record, annotations=(beats, np.full(len(beats), "Q"))), "detector"


def _as_text(names):
    return [str(name) for name in names]
