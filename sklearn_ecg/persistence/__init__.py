"""Keep fitted estimators in files that run no code."""

from sklearn_ecg.persistence._files import ModelFileError, describe_model, load, save

__all__ = ["ModelFileError", "describe_model", "load", "save"]
