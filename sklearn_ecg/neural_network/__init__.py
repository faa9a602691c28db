"""Recurrent networks as scikit-learn classifiers."""

from sklearn_ecg.neural_network._lstm import LSTMClassifier

__all__ = ["LSTMClassifier"]
