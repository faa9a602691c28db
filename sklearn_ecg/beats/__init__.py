"""Find heartbeats, describe them, and make rows or sequences of them."""

from sklearn_ecg.beats._detection import detect_beats
from sklearn_ecg.beats._detector import BeatDetector
from sklearn_ecg.beats._extraction import extract_beats
from sklearn_ecg.beats._features import beat_feature_names, beat_features
from sklearn_ecg.beats._fusion import simulate_fusions
from sklearn_ecg.beats._sequencer import BeatSequencer
from sklearn_ecg.beats._short_strips import simulate_strips
from sklearn_ecg.beats._simulation import simulate_rhythms
from sklearn_ecg.beats._summary import summarize_beats

__all__ = [
    "BeatDetector",
    "BeatSequencer",
    "beat_feature_names",
    "beat_features",
    "detect_beats",
    "extract_beats",
    "simulate_fusions",
    "simulate_rhythms",
    "simulate_strips",
    "summarize_beats",
]
