"""
===================================
Which beat made the network say so?
===================================

A network finds strips of electrocardiogram with a premature beat. It is told which strips have one,
and never where. The attributions of its decision show where it looked. The data are synthetic, and
all of it takes some seconds.
"""

# %%
# Strips, half of them with one premature beat
# --------------------------------------------

import numpy as np

from sklearn_ecg.datasets import make_ecg


def simulate(number):
    return make_ecg(
        6,
        fs=100,
        heart_rate=60 + number % 30,
        premature={"V": 0.01} if number % 2 else None,  # one, or none
        noise={"muscle": 15, "baseline_wander": 10},
        random_state=number,
    )


records = [simulate(number) for number in range(240)]
X = np.stack([record.signal for record in records])
y = np.array(["premature" if "V" in record.beats[1] else "normal" for record in records])

# %%
# A pipeline
# ----------

from sklearn.pipeline import make_pipeline

from sklearn_ecg.neural_network import LSTMClassifier
from sklearn_ecg.preprocessing import BandpassFilter, MaxNormalizer, Reshaper

network = LSTMClassifier(
    conv_filters=16, units=12, pooling="max", epochs=20, learning_rate=0.01, random_state=0
)
pipeline = make_pipeline(BandpassFilter(fs=100), MaxNormalizer(), Reshaper(5), network)
pipeline.fit(X[:200], y[:200])
print(f"accuracy on new strips: {pipeline.score(X[200:], y[200:]):.2f}")

# %%
# What spoke for the class
# ------------------------
# Red speaks for the class, and blue against it. Integrated gradients add up to the difference that
# the signal makes to the probability of a flat line.

from sklearn_ecg.plotting import AttributionDisplay

row = 200 + int(np.flatnonzero(y[200:] == "premature")[0])
AttributionDisplay.from_estimator(pipeline, X[row], fs=100)

# %%
# Occlusion covers a part of the signal and runs the whole pipeline again. It asks another question,
# "what if this were not there?", and should point to the same beat.

AttributionDisplay.from_estimator(pipeline, X[row], fs=100, method="occlusion")
