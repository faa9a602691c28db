"""Recurrent networks as scikit-learn classifiers."""

from sklearn_ecg.neural_network._augmentation import SignalAugmenter, augment_signals
from sklearn_ecg.neural_network._lstm import LSTMClassifier
from sklearn_ecg.neural_network._networks import build_cnn, build_network, build_recurrent

__all__ = [
    "LSTMClassifier",
    "SignalAugmenter",
    "augment_signals",
    "build_cnn",
    "build_network",
    "build_recurrent",
]
