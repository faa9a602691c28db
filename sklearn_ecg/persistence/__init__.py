"""Keep fitted estimators in files that run no code."""

from sklearn_ecg.persistence._checks import ModelFileError
from sklearn_ecg.persistence._files import describe_model, load, save

__all__ = ["ModelFileError", "describe_model", "load", "save"]
