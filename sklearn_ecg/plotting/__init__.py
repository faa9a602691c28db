"""Pictures of recordings, of training and of results, and a report of one recording."""

from sklearn_ecg.plotting._attribution import AttributionDisplay
from sklearn_ecg.plotting._confusion import BeatConfusionDisplay
from sklearn_ecg.plotting._ecg import ECGDisplay
from sklearn_ecg.plotting._holter import HolterDisplay
from sklearn_ecg.plotting._record_scores import RecordScoresDisplay
from sklearn_ecg.plotting._reliability import ReliabilityDisplay
from sklearn_ecg.plotting._report import report
from sklearn_ecg.plotting._training import TrainingDisplay

__all__ = [
    "AttributionDisplay",
    "BeatConfusionDisplay",
    "ECGDisplay",
    "HolterDisplay",
    "RecordScoresDisplay",
    "ReliabilityDisplay",
    "TrainingDisplay",
    "report",
]
