"""
====================================
Can I believe a probability of 99 %?
====================================

A classifier that counts one clue four times is too sure of itself. Calibration makes its
probabilities true. A conformal set goes further: it names as many classes as needed to hold the
right one with a chosen probability.
"""

# %%
# Four groups of patients
# -----------------------
# Each patient has one strip of 30 s, half of them with atrial fibrillation (AF). The first patients
# teach, the second calibrate, the third make the sets, and the last measure. Where patients have
# several strips, keep all strips of a patient in one group.

import numpy as np

from sklearn_ecg.datasets import make_ecg

X, y = [], np.arange(800) % 2  # 1 is AF
for patient, is_af in enumerate(y):
    rng = np.random.default_rng(patient)
    record = make_ecg(
        30,
        fs=125,
        rhythm="af" if is_af else "sinus",
        heart_rate=rng.uniform(55, 105),
        rr_sd_s=rng.uniform(0.06, 0.2) if is_af else rng.uniform(0.02, 0.12),
        random_state=patient,
    )
    X.append(record.signal)
X = np.array(X)
teach, calibrate, make_sets, test = np.split(np.arange(800), [150, 300, 450])

# %%
# Calibration
# -----------
# All four features say the same, how irregular the heart beats. Naive Bayes takes them for four
# independent witnesses. One number, the temperature, by which its logits are divided, corrects that
# (scikit-learn 1.8 or newer). It is learnt from other patients. The ECE is the mean distance from
# the diagonal. The bars are intervals over patients: few patients tell little about calibration.

import matplotlib.pyplot as plt
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sklearn_ecg.beats import detect_beats
from sklearn_ecg.plotting import ReliabilityDisplay


def irregularity(X):
    """Return the logarithms of four measures of how much the intervals between beats vary."""
    intervals = [np.diff(beats) for beats in detect_beats(X, fs=125)]
    variation = [
        [rr.std(), np.diff(rr).std(), np.abs(np.diff(rr)).mean(), np.ptp(rr)] / rr.mean()
        for rr in intervals
    ]
    return np.log(variation)


model = make_pipeline(FunctionTransformer(irregularity), GaussianNB()).fit(X[teach], y[teach])
calibrated = CalibratedClassifierCV(FrozenEstimator(model), method="temperature")
calibrated.fit(X[calibrate], y[calibrate])
print(f"accuracy on new patients: {calibrated.score(X[test], y[test]):.2f}")

fig, axes = plt.subplots(1, 2, figsize=(9, 4.3), sharey=True, layout="constrained")
models = {"as trained": model, "calibrated": calibrated}
for ax, (name, estimator) in zip(axes, models.items(), strict=True):
    ReliabilityDisplay.from_estimator(
        estimator, X[test], y[test], n_bins=7, random_state=0, name=name, ax=ax
    )

# %%
# Sets that hold the right class
# ------------------------------
# Split conformal prediction takes three lines. Of patients whose class is known, take the
# probability of the right class. Find the value that the wanted share of them reaches. Of a new
# patient, name all classes that reach it. MAPIE does this and more, for any pipeline.
#
# The promise holds on the left, within chance. It is a promise over all patients, not for each of
# them. The price is on the right: the surer the sets are to be, the more of them name both classes,
# and leave the patient to a human.


def conformal_sets(known, y_known, new, level):
    of_right_class = np.take_along_axis(known, y_known[:, None], axis=1)[:, 0]
    rank = int(round((1 - level) * (len(known) + 1), 9))
    return new >= np.sort(of_right_class)[rank - 1]


known, new = (calibrated.predict_proba(X[rows]) for rows in (make_sets, test))
levels = np.array([0.7, 0.75, 0.8, 0.85, 0.9, 0.95])
coverage, n_named = [], []
for level in levels:
    sets = conformal_sets(known, y[make_sets], new, level)
    coverage.append(sets[np.arange(len(test)), y[test]].mean())
    n_named.append([np.mean(sets.sum(axis=1) == n) for n in range(3)])

for level, share in zip(levels, coverage, strict=True):
    print(f"chosen {level:.2f}, right class in {share:.2f} of the sets")

fig, (left, right) = plt.subplots(1, 2, figsize=(9, 4.3), layout="constrained")
left.plot([0.65, 1], [0.65, 1], "--", color="gray", label="as promised")
left.plot(levels, coverage, "o-", label="350 new patients")
left.set(xlabel="chosen probability", ylabel="share of sets with the right class")
left.legend()
bottom = np.zeros(len(levels))
names = ["no class", "one class", "both classes"]
for name, share in zip(names, np.transpose(n_named), strict=True):
    right.bar(levels, share, 0.035, bottom=bottom, label=name)
    bottom += share
right.set(xlabel="chosen probability", ylabel="share of patients", ylim=(0, 1))
right.legend(loc="lower right")
