"""
====================================================
How good is the best model that a search has chosen?
====================================================

A search takes the setting with the best score, so that score flatters. If the folds share patients,
it flatters much more. A nested search says how well the whole procedure, search included, does on
patients that took no part. Here the truth is known too: the patients are synthetic, so there are as
many new ones as one likes.
"""

# %%
# Few patients, one diagnosis each
# --------------------------------
# A study has 18 patients with six strips of 5 s each. The ST segment of a patient is normal,
# elevated or depressed in all strips. Shapes of waves differ from patient to patient, so who knows
# the patient knows the class.

import numpy as np

from sklearn_ecg.datasets import make_ecg_classification

classes = np.array(["normal", "st_elevation", "st_depression"])


def draw_patients(n_patients, n_strips, random_state):
    X, y, patients = make_ecg_classification(
        3 * n_patients * n_strips,
        classes=classes,
        n_patients=n_patients,
        random_state=random_state,
    )
    kept = y == classes[patients % 3]
    return X[kept], y[kept], patients[kept]


# %%
# Three scores and the truth
# --------------------------
# The pipeline is small, so that 800 fits take seconds. With metadata routing, ``groups`` reach the
# folds of the search as well as those around it.

import sklearn
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

from sklearn_ecg.preprocessing import LogSpectrogram, MaxNormalizer

sklearn.set_config(enable_metadata_routing=True)


def summarize(spectrograms):
    return np.hstack([spectrograms.mean(axis=1), spectrograms.std(axis=1)])


pipeline = make_pipeline(
    MaxNormalizer(), LogSpectrogram(), FunctionTransformer(summarize), StandardScaler(), SVC()
)
grid = {
    "logspectrogram__window_length": [32, 64, 128],
    "svc__C": [1, 30],
    "svc__gamma": [0.003, 0.03],
}
by_strip = GridSearchCV(pipeline, grid, cv=KFold(4, shuffle=True, random_state=0))
by_patient = GridSearchCV(pipeline, grid, cv=GroupKFold(4))

X_new, y_new, _ = draw_patients(150, n_strips=2, random_state=100)
names = [
    "best score, by strip",
    "best score, by patient",
    "nested search",
    "truth, by new patients",
]
scores = []
for study in range(4):
    X, y, patients = draw_patients(18, n_strips=6, random_state=study)
    by_strip.fit(X, y)
    by_patient.fit(X, y, groups=patients)
    nested = cross_val_score(by_patient, X, y, cv=GroupKFold(4), params={"groups": patients})
    truth = by_patient.score(X_new, y_new)
    scores.append([by_strip.best_score_, by_patient.best_score_, nested.mean(), truth])

# %%
# Four studies
# ------------
# By strip, the search promises about 0.1 more than its model holds, because its folds share
# patients. By patient that is gone. The nested score is a little lower still. It takes no advantage
# of the choice, but its models also had fewer patients to learn from, and here it is too modest.
# The studies differ by more than all that: with 18 patients, the first digit is a guess.

import matplotlib.pyplot as plt

fig, ax = plt.subplots(figsize=(8, 4.2), layout="constrained")
offsets = [-0.15, -0.05, 0.05, 0.15]
for name, values, marker, offset in zip(names, np.transpose(scores), "v^os", offsets, strict=True):
    print(f"{name}: {values.round(2)}, mean {values.mean():.2f}")
    ax.plot(
        np.arange(4) + offset, values, marker, color="black" if marker == "s" else None, label=name
    )
ax.axhline(1 / 3, color="gray", linestyle="--", linewidth=1)
ax.set(ylabel="accuracy (dashed: chance)", ylim=(0.3, 1), xlim=(-0.5, 3.5))
ax.set_xticks(range(4), [f"study {number}" for number in range(1, 5)])
ax.legend(loc="lower right", ncols=2)

sklearn.set_config(enable_metadata_routing=False)
