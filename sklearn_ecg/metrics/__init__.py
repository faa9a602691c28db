"""Scores of the AAMI's EC57, of PTB-XL and of CinC challenges, as functions and for `scoring`."""

from sklearn_ecg.metrics._beat_indices import beat_macro_f1, jk_index
from sklearn_ecg.metrics._beat_scores import beat_scores
from sklearn_ecg.metrics._bootstrap import bootstrap_interval
from sklearn_ecg.metrics._calibration import expected_calibration_error, reliability_curve
from sklearn_ecg.metrics._cinc2017 import cinc2017_score
from sklearn_ecg.metrics._cinc2021 import cinc2021_score
from sklearn_ecg.metrics._cinc2025 import cinc2025_score
from sklearn_ecg.metrics._matching import match_beat_labels, match_beats
from sklearn_ecg.metrics._multilabel import f_max_score, ptbxl_macro_auc
from sklearn_ecg.metrics._report import beat_classification_report
from sklearn_ecg.metrics._scorers import (
    beat_macro_f1_scorer,
    cinc2017_scorer,
    cinc2025_scorer,
    f_max_scorer,
    ptbxl_macro_auc_scorer,
)
from sklearn_ecg.metrics._subgroups import abstention_curve, scores_by_group

__all__ = [
    "abstention_curve",
    "beat_classification_report",
    "beat_macro_f1",
    "beat_macro_f1_scorer",
    "beat_scores",
    "bootstrap_interval",
    "cinc2017_score",
    "cinc2017_scorer",
    "cinc2021_score",
    "cinc2025_score",
    "cinc2025_scorer",
    "expected_calibration_error",
    "f_max_score",
    "f_max_scorer",
    "jk_index",
    "match_beat_labels",
    "match_beats",
    "ptbxl_macro_auc",
    "ptbxl_macro_auc_scorer",
    "reliability_curve",
    "scores_by_group",
]
