"""Find all estimators, and show versions; within the package, what all rooms share."""

from sklearn_ecg.utils._discovery import all_estimators
from sklearn_ecg.utils._versions import show_versions

__all__ = ["all_estimators", "show_versions"]
