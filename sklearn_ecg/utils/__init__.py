"""What a valid signal array is, and discovery of all estimators."""

from sklearn_ecg.utils._discovery import all_estimators

__all__ = ["all_estimators"]
