"""The figures that models can be chosen by, for `scoring`."""

from sklearn.metrics import make_scorer

from sklearn_ecg.metrics._beat_indices import beat_macro_f1, jk_index
from sklearn_ecg.metrics._cinc2017 import cinc2017_score

#: Scorer of `beat_macro_f1`.
beat_macro_f1_scorer = make_scorer(beat_macro_f1)
#: Scorer of `jk_index`.
jk_index_scorer = make_scorer(jk_index)
#: Scorer of `cinc2017_score`.
cinc2017_scorer = make_scorer(cinc2017_score)
