"""Keep fitted estimators in files that run no code, and serve them without TensorFlow."""

from sklearn_ecg.persistence._checks import ModelFileError
from sklearn_ecg.persistence._files import describe_model, load, save
from sklearn_ecg.persistence._onnx import to_onnx

__all__ = ["ModelFileError", "describe_model", "load", "save", "to_onnx"]
