"""Classify electrocardiograms with an LSTM inside plain scikit-learn pipelines.

Importing this package loads no TensorFlow, Keras, wfdb, pandas or matplotlib: each is imported by
the function or method that first needs it.
"""

from importlib.metadata import version

from sklearn_ecg.datasets import load_mitdb_strips, make_ecg_classification
from sklearn_ecg.neural_network import LSTMClassifier
from sklearn_ecg.preprocessing import MaxNormalizer, Reshaper, Segmenter

__version__ = version("sklearn-ecg")

__all__ = [
    "LSTMClassifier",
    "MaxNormalizer",
    "Reshaper",
    "Segmenter",
    "load_mitdb_strips",
    "make_ecg_classification",
]
