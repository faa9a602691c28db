"""
===================================
From recordings to a saved pipeline
===================================

Arrhythmia is recognized in strips of electrocardiogram (ECG): strips are cut into segments, each is
scaled by its own maximum and framed for an LSTM, and the predictions for its segments make one for
the strip. All of it is one scikit-learn ``Pipeline``, so cross-validation, grid search and joblib
work as they do on any data.

As it is, on synthetic strips, this takes about a minute. With ``--data-home DIR`` it takes the
MIT-BIH Arrhythmia Database from ``DIR``; the cross-validation then takes about ten minutes on two
cores, and the search longer.
"""

# %%
# Data
# ----
# A row of ``X`` is one strip with one label. ``groups`` says which patient it is from: strips of
# one patient are alike, so none may be trained on and tested on at once.

import argparse

import numpy as np

from sklearn_ecg.datasets import fetch_mitdb, make_ecg_classification

parser = argparse.ArgumentParser(description="Classify strips of ECG.")
parser.add_argument("--data-home", help="folder with the MIT-BIH Arrhythmia Database")
data_home = parser.parse_args().data_home

if data_home is None:
    fs = 100.0
    X, y, groups = make_ecg_classification(n_samples=150, n_patients=15, fs=fs, random_state=0)
else:
    strips = fetch_mitdb(data_home)
    X, y, groups, fs = strips.data, strips.target, strips.groups, strips.fs
print(f"{len(X)} strips of {X.shape[1] / fs:g} s from {len(np.unique(groups))} patients")

# %%
# A pipeline
# ----------
# Every step takes one row and gives one row, so labels, groups and weights stay aligned. A
# recurrent network takes one step at a time: frames of several time steps keep sequences short.

from sklearn.pipeline import Pipeline

from sklearn_ecg.neural_network import LSTMClassifier
from sklearn_ecg.preprocessing import MaxNormalizer, Reshaper, Segmenter

if data_home is None:
    lengths, units = [250, 500], [8, 16]
    lstm = LSTMClassifier(units=16, epochs=20, learning_rate=0.01)
else:
    lengths, units = [1800, 3600], [(24, 24), (48, 48)]
    lstm = LSTMClassifier(units=(48, 48), epochs=12, batch_size=64, learning_rate=0.002)
lstm.set_params(bidirectional=True, dropout=0.2, pooling="max", random_state=0)

pipeline = Pipeline(
    [
        ("segmenter", Segmenter(segment_length=lengths[-1])),
        ("normalizer", MaxNormalizer()),
        ("reshaper", Reshaper(frame_length=20)),
        ("lstm", lstm),
    ]
)

# %%
# Cross-validation by patient
# ---------------------------
# The mean says how well the pipeline does on patients it has never seen; the spread says how much
# that depends on who they are.

from sklearn.model_selection import StratifiedGroupKFold, cross_validate

scores = cross_validate(
    pipeline, X, y, groups=groups, cv=StratifiedGroupKFold(5), scoring="roc_auc", verbose=2
)
by_fold = scores["test_score"]
print(f"ROC AUC by fold: {np.round(by_fold, 3)}")
print(f"mean {by_fold.mean():.3f}, from {by_fold.min():.3f} to {by_fold.max():.3f}")
print(f"training took {np.median(scores['fit_time']):.0f} s a fold (median)")

# %%
# Choosing the length of segments and the size of the network
# -----------------------------------------------------------
# Some patients are set aside first. What is best is chosen on the others, and scored once on those.

from sklearn.model_selection import GridSearchCV

train, test = next(StratifiedGroupKFold(4).split(X, y, groups))
search = GridSearchCV(
    pipeline,
    {"segmenter__segment_length": lengths, "lstm__units": units},
    cv=StratifiedGroupKFold(3),
    scoring="roc_auc",
    n_jobs=2,
)
search.fit(X[train], y[train], groups=groups[train])
print(f"best: {search.best_params_}, ROC AUC {search.best_score_:.3f} in cross-validation")
print(f"ROC AUC {search.score(X[test], y[test]):.3f} on patients set aside")

# %%
# Saving it, and loading it in another process
# --------------------------------------------
# The file holds plain arrays. The process that loads it builds the network when it first predicts,
# and gives the same probabilities to the last digit.

import subprocess
import sys

import joblib

joblib.dump({"pipeline": search.best_estimator_, "X": X[test]}, "quickstart.joblib")
in_another_process = """
import joblib, sys
saved = joblib.load("quickstart.joblib")
joblib.dump(saved["pipeline"].predict_proba(saved["X"]), "quickstart_probabilities.joblib")
"""
subprocess.run([sys.executable, "-c", in_another_process], check=True)
probabilities = search.predict_proba(X[test])
equal = np.array_equal(joblib.load("quickstart_probabilities.joblib"), probabilities)
print(f"predictions of the loaded pipeline are equal: {equal}")

# %%
# A strip and its prediction
# --------------------------
# From the patients set aside, the strip that most surely is an arrhythmia, and the one that most
# surely is not, as the pipeline sees it.

import matplotlib.pyplot as plt

p_arrhythmia = probabilities[:, list(search.classes_).index("arrhythmia")]
fig, axes = plt.subplots(2, sharex=True, figsize=(9, 5), layout="constrained")
for ax, row in zip(axes, [p_arrhythmia.argmax(), p_arrhythmia.argmin()], strict=True):
    ax.plot(np.arange(X.shape[1]) / fs, X[test[row], :, 0], color="black", linewidth=0.8)
    ax.set_title(f"labelled {y[test[row]]}, probability of arrhythmia {p_arrhythmia[row]:.2f}")
    ax.set_ylabel("lead potential in mV")
axes[-1].set_xlabel("time in s")
fig.savefig("quickstart.png")
