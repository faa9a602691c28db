"""Keep fitted estimators in files that run no code."""

from sklearn_ecg.persistence._files import ModelFileError, describe_model, load, save
from sklearn_ecg.persistence._onnx import to_onnx

__all__ = ["ModelFileError", "describe_model", "load", "save", "to_onnx"]
