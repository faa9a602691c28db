"""
========================================
Fine-tune a shipped model to one patient
========================================

A shipped model has learnt from other people. A few labelled beats of one patient teach it how that
patient's heart beats. The data are synthetic, so all of it takes seconds.
"""

# %%
# A patient that the model does not know
# --------------------------------------
# This patient has a right bundle branch block, ventricular premature beats (V) and supraventricular
# ones (S). The model takes most of the latter for ventricular ones.

import matplotlib.pyplot as plt

from sklearn_ecg import make_ecg
from sklearn_ecg.plotting import BeatConfusionDisplay
from sklearn_ecg.pretrained import load_pretrained


def patient(random_state, duration_s=120):
    return make_ecg(
        duration_s,
        fs=250,
        conduction="rbbb",
        premature={"V": 0.1, "A": 0.1},
        random_state=random_state,
    )


monday, tuesday = patient(1), patient(2, duration_s=600)
model = load_pretrained("beats")
BeatConfusionDisplay.from_estimator(model, [tuesday])

# %%
# Five lines
# ----------
# The beats of Monday are labelled. With ``warm_start=True``, ``fit`` continues from the weights
# that were shipped. A few epochs are enough. Classes that the patient lacks, here fusion beats (F),
# stay known. Of the two networks of the model, this one learnt from real beats. The other, which
# advises it, stays as it is.

from sklearn_ecg import extract_beats

row = {"leads": ["II"], "n_before": 8, "n_after": 8, "features": model.features}
rows = extract_beats([monday], **row)
network = model.estimator_.estimator_.set_params(warm_start=True, epochs=5, learning_rate=0.001)
network.fit(rows.data, rows.target)
BeatConfusionDisplay.from_estimator(model, [tuesday])

# %%
# How many beats, and at what price?
# ----------------------------------
# Each time the shipped model is loaded anew, and fine-tuned to the first seconds of Monday. The
# score is the macro F1 of EC57. The price is what the model may forget about others. A second
# patient, who has ventricular premature beats without a block, loses nothing here; but keep the
# shipped model for everyone else.

other = make_ecg(600, fs=250, premature={"V": 0.1}, random_state=3)
durations_s = [0, 15, 30, 60, 120]
scores = {"the patient, on Tuesday": [], "another patient": []}
for duration_s in durations_s:
    model = load_pretrained("beats")
    if duration_s:
        rows = extract_beats([patient(1, duration_s=duration_s)], **row)
        network = model.estimator_.estimator_
        network.set_params(warm_start=True, epochs=5, learning_rate=0.001)
        network.fit(rows.data, rows.target)
    for name, record in zip(scores, (tuesday, other), strict=True):
        scores[name].append(model.score([record]))

_, ax = plt.subplots(layout="constrained")
for name, values in scores.items():
    ax.plot(durations_s, values, marker="o", label=name)
ax.set(xlabel="labelled recording, s", ylabel="macro F1", ylim=(0, 1.05))
ax.legend()
