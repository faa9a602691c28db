"""
====================
Why 98 % is not 98 %
====================

Some papers tell ill hearts from healthy ones by a single heartbeat, with an accuracy of 98 %, and
their model fails on the next patient. Here one network learns from one set of beats and gets two
figures. All that differs is whether beats or patients are split.
"""

# %%
# Beats of 24 patients
# --------------------
# No two hearts look alike: each patient has an electrical axis of their own, here a mixture of
# leads. In every other patient the ST segment is lowered a little, by 0.1 mV in lead II. All beats
# of a patient have the patient's label, as in a study with one diagnosis for each.

import numpy as np

from sklearn_ecg.datasets import make_ecg

rng = np.random.default_rng(0)
fs, before, after = 100, 25, 45
rows, patients = [], []
for patient in range(24):
    record = make_ecg(
        45,
        fs=fs,
        leads=["I", "II", "V1", "V2", "V5"],
        heart_rate=rng.uniform(55, 95),
        st_mv=[0, -0.1][patient % 2],
        noise={"muscle": 25, "baseline_wander": 18},
        random_state=patient,
    )
    axis = rng.normal(size=5)
    signal = record.signal @ (axis / np.linalg.norm(axis))
    for beat in record.annotations[0]:
        if before <= beat < len(signal) - after:
            rows.append(signal[beat - before : beat + after])
            patients.append(patient)
X, patients = np.array(rows, dtype=np.float32), np.array(patients)
y = np.array(["healthy", "ill"])[patients % 2]
print(f"{len(X)} beats, {np.mean(y == 'ill'):.0%} of them ill")

# %%
# Two ways to split
# -----------------
# ``StratifiedKFold`` deals out beats. Each patient then has beats in training and in test.
# ``StratifiedGroupKFold`` deals out patients.

from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline

from sklearn_ecg.neural_network import LSTMClassifier
from sklearn_ecg.preprocessing import MaxNormalizer, Reshaper

network = LSTMClassifier(
    conv_filters=16,
    units=16,
    pooling="max",
    epochs=20,
    batch_size=32,
    learning_rate=0.01,
    random_state=0,
)
pipeline = make_pipeline(MaxNormalizer(), Reshaper(frame_length=5), network)
folds = {
    "split by beat": StratifiedKFold(2, shuffle=True, random_state=0).split(X, y),
    "split by patient": StratifiedGroupKFold(2).split(X, y, patients),
}
is_right = {
    name: cross_val_predict(pipeline, X, y, cv=list(splits)) == y for name, splits in folds.items()
}
for name, right in is_right.items():
    print(f"{name}: accuracy {right.mean():.1%}")

# %%
# What the network learnt
# -----------------------
# On the left, beats differ far more from patient to patient than by disease. Split by beat, the
# network has seen other beats of each patient, and need only recognize them. That is of no use on
# new patients: some of them are wrong in every beat, because all beats of a patient are alike, and
# so are the errors. The lower figure is the one that a new patient meets. It rests on 24 patients,
# however many beats they have.

import matplotlib.pyplot as plt

fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4.5), layout="constrained")
times_s = np.arange(-before, after) / fs
for patient in range(8):
    color = ["C0", "C3"][patient % 2]
    label = ["healthy", "ill"][patient % 2] if patient < 2 else None
    left.plot(times_s, X[patients == patient].mean(axis=0), color=color, label=label)
left.set(xlabel="time from R peak in s", ylabel="mV", title="mean beats of eight patients")
left.legend()
for name, by_beat in is_right.items():
    by_patient = [by_beat[patients == patient].mean() for patient in range(24)]
    right.plot(np.sort(by_patient), "o", label=f"{name}: {by_beat.mean():.1%}")
right.axhline(0.5, color="gray", linestyle="--", linewidth=1)
right.set(xlabel="patients, worst first", ylabel="share of a patient's beats that are right")
right.legend(title="accuracy")
