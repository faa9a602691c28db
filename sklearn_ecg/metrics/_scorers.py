"""Scorers for the choice of models, for `scoring`."""

from sklearn.metrics import make_scorer

from sklearn_ecg.metrics._beat_indices import beat_macro_f1
from sklearn_ecg.metrics._cinc2017 import cinc2017_score
from sklearn_ecg.metrics._cinc2025 import cinc2025_score
from sklearn_ecg.metrics._multilabel import f_max_score, ptbxl_macro_auc

#: Scorer of `beat_macro_f1`.
beat_macro_f1_scorer = make_scorer(beat_macro_f1)
#: Scorer of `cinc2017_score`.
cinc2017_scorer = make_scorer(cinc2017_score)
#: Scorer of `cinc2025_score`.
cinc2025_scorer = make_scorer(
    cinc2025_score, response_method=("decision_function", "predict_proba")
)
#: Scorer of `ptbxl_macro_auc`.
ptbxl_macro_auc_scorer = make_scorer(ptbxl_macro_auc, response_method="predict_proba")
#: Scorer of `f_max_score`.
f_max_scorer = make_scorer(f_max_score, response_method="predict_proba")
