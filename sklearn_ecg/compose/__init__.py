"""Meta-estimators that give any scikit-learn classifier what ECG needs."""

from sklearn_ecg.compose._advised import AdvisedClassifier
from sklearn_ecg.compose._batched import BatchedClassifier
from sklearn_ecg.compose._beat_stream import BeatStream
from sklearn_ecg.compose._beats import BeatClassifier
from sklearn_ecg.compose._labeler import SegmentLabeler
from sklearn_ecg.compose._lookup import RowLookup
from sklearn_ecg.compose._rhythms import annotate_rhythms
from sklearn_ecg.compose._segmented import SegmentedClassifier

__all__ = [
    "AdvisedClassifier",
    "BatchedClassifier",
    "BeatClassifier",
    "BeatStream",
    "RowLookup",
    "SegmentLabeler",
    "SegmentedClassifier",
    "annotate_rhythms",
]
