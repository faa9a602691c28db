"""Recurrent networks as scikit-learn classifiers."""

from sklearn_ecg.neural_network._augmentation import SignalAugmenter, augment_signals
from sklearn_ecg.neural_network._lstm import LSTMClassifier

__all__ = ["LSTMClassifier", "SignalAugmenter", "augment_signals"]
