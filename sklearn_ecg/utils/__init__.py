"""Validate arrays of signals, and find all estimators."""

from sklearn_ecg.utils._discovery import all_estimators

__all__ = ["all_estimators"]
