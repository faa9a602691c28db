"""Show which part of a recording made the decision, and which leads and features matter."""

from sklearn_ecg.inspection._explain import explain
from sklearn_ecg.inspection._permutation import permutation_importance
from sklearn_ecg.inspection._segments import segment_probabilities

__all__ = ["explain", "permutation_importance", "segment_probabilities"]
