"""
=================================================
What does it cost to miss an atrial fibrillation?
=================================================

A classifier answers with the more probable class, as if both errors were equally bad. They are not:
a missed atrial fibrillation (AF) may end in a stroke, a false alarm in a second look. A threshold
that is chosen by cost makes the answer fit the purpose.
"""

# %%
# One patient in eight has fibrillation
# -------------------------------------
# Each patient has a strip of 30 s. Sinus rhythm may be irregular too, and fibrillation nearly
# regular, so that intervals between beats do not tell for certain.

import numpy as np

from sklearn_ecg.datasets import make_ecg


def draw_patients(seeds):
    records, y = [], []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        is_af = rng.random() < 1 / 8
        record = make_ecg(
            30,
            fs=125,
            rhythm="af" if is_af else "sinus",
            heart_rate=rng.uniform(55, 105),
            rr_sd_s=rng.uniform(0.06, 0.2) if is_af else rng.uniform(0.02, 0.12),
            random_state=seed,
        )
        records.append(record.signal)
        y.append("AF" if is_af else "other")
    return np.array(records), np.array(y)


X, y = draw_patients(range(400))
X_new, y_new = draw_patients(range(400, 800))
print(f"{np.sum(y == 'AF')} of {len(y)} patients have AF")

# %%
# What an error costs
# -------------------
# A missed AF costs as much as twenty false alarms here. That is not a matter of statistics: ask the
# people who bear the cost.

from sklearn.metrics import make_scorer

cost_of_miss, cost_of_alarm = 20, 1


def mean_cost(y_true, y_pred, pos_label="AF"):
    is_missed = (y_true == pos_label) & (y_pred != pos_label)
    is_alarm = (y_true != pos_label) & (y_pred == pos_label)
    return np.mean(cost_of_miss * is_missed + cost_of_alarm * is_alarm)


# %%
# The threshold is learnt too
# ---------------------------
# ``TunedThresholdClassifierCV`` takes the threshold of least cost in cross-validation. A strip is a
# patient here; with several strips for each, pass it folds by patient as ``cv``.

from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import TunedThresholdClassifierCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from sklearn_ecg.beats import detect_beats


def irregularity(X):
    """Return the logarithms of how much intervals vary, in all and from beat to beat."""
    intervals = [np.diff(beats) for beats in detect_beats(X, fs=125)]
    variation = [[rr.std(), np.diff(rr).std()] / rr.mean() for rr in intervals]
    return np.log(variation)


plain = make_pipeline(FunctionTransformer(irregularity), StandardScaler(), LogisticRegression())
tuned = TunedThresholdClassifierCV(
    plain,
    scoring=make_scorer(mean_cost, greater_is_better=False, pos_label="AF"),
    cv=5,
    store_cv_results=True,
    random_state=0,
)
tuned.fit(X, y)
print(f"threshold {tuned.best_threshold_:.2f}")

# %%
# On new patients
# ---------------
# The usual threshold of 0.5 is often right, and dear: it misses AF. The tuned one gives many more
# alarms, and costs a fraction. The curves have the same lowest part, so it was well chosen, but
# they differ in height: the new patients have more AF by chance. A cost is a figure of one
# population.

import matplotlib.pyplot as plt
from sklearn.metrics import ConfusionMatrixDisplay

p_af = tuned.estimator_.predict_proba(X_new)[:, 0]
thresholds = np.linspace(0.005, 0.995, 199)
costs = [mean_cost(y_new, np.where(p_af >= value, "AF", "other")) for value in thresholds]
answers = {0.5: tuned.estimator_.predict(X_new), tuned.best_threshold_: tuned.predict(X_new)}

fig, axes = plt.subplots(1, 3, figsize=(11, 3.8), width_ratios=[2, 1, 1], layout="constrained")
axes[0].plot(thresholds, costs, label="400 new patients")
axes[0].plot(
    tuned.cv_results_["thresholds"], -tuned.cv_results_["scores"], ":", label="cross-validation"
)
for ax, (threshold, answer) in zip(axes[1:], answers.items(), strict=True):
    cost = mean_cost(y_new, answer)
    axes[0].plot(threshold, cost, "ko")
    ConfusionMatrixDisplay.from_predictions(y_new, answer, ax=ax, colorbar=False, cmap="Blues")
    ax.set_title(f"threshold {threshold:.2f}\nmean cost {cost:.2f}", fontsize=10)
axes[0].set(xlabel="threshold of the probability of AF", ylabel="mean cost of a patient")
axes[0].set_ylim(0)
axes[0].legend()
