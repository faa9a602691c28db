"""
====================
Beats as they happen
====================

A monitor cannot wait for the end of the recording. Here the signal comes in pieces of a tenth of a
second, and the beats and their classes come out a little later, with the classes that the whole
recording would have.
"""

# %%
# A classifier that looks back only
# ---------------------------------
# With ``causal=True`` each beat is compared with earlier beats. ``n_after`` is the number of beats
# by which a decision may be late.

from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sklearn_ecg.compose import BeatClassifier
from sklearn_ecg.datasets import make_ecg

FS = 250


def as_table(beats):
    return beats.reshape(len(beats), -1)


def simulate(patient):
    return make_ecg(
        120,
        fs=FS,
        heart_rate=60 + 4 * patient,
        premature={"V": 0.08, "A": 0.08},
        noise={"muscle": 20, "baseline_wander": 10},
        random_state=patient,
    )


forest = make_pipeline(
    FunctionTransformer(as_table), RandomForestClassifier(n_estimators=50, random_state=0)
)
classifier = BeatClassifier(forest, leads=["II"], causal=True, n_before=4, n_after=1)
classifier.fit([simulate(patient) for patient in range(6)])

# %%
# The stream
# ----------
# ``BeatStream`` takes chunks of any length. ``push`` returns the beats whose classes have become
# known since the last call, and ``finish`` the rest. The stream keeps some seconds of signal and
# the features of some beats, however long it runs.

import numpy as np

from sklearn_ecg.compose import BeatStream

record = simulate(8)
stream = BeatStream(classifier, fs=FS, lead_names=record.lead_names)
time_steps, classes, known_s = [], [], []
for start in range(0, record.n_timesteps, FS // 10):
    beats, of_beats = stream.push(record.signal[start : start + FS // 10])
    time_steps.extend(beats)
    classes.extend(of_beats)
    known_s.extend([(start + FS // 10) / FS] * len(beats))
beats, of_beats = stream.finish()
time_steps.extend(beats)
classes.extend(of_beats)

# %%
# The same answer
# ---------------
# It does not depend on the cuts, and it is that of the whole recording.

whole = classifier.annotate(record)
print(np.array_equal(time_steps, whole.annotations[0]))
print(np.array_equal(classes, whole.annotations[1]))

# %%
# How late it comes
# -----------------
# A beat is found at most two seconds after it happened, and its class waits for the next beat. So
# the delay is longer where the heart is slow. The lower picture shows each beat twice: as a dot
# when it happened, and as a letter when its class was known.

import matplotlib.pyplot as plt

from sklearn_ecg.plotting import ECGDisplay

time_s = np.array(time_steps[: len(known_s)]) / FS
delay_s = np.array(known_s) - time_s
print(f"delay: median {np.median(delay_s):.1f} s, longest {delay_s.max():.1f} s")

begin_s, duration_s = 60, 10
ECGDisplay.from_record(whole, start_s=begin_s, duration_s=duration_s)

# %%
colors = {"N": "#555555", "S": "#0067b1", "V": "#c03000"}
figure, ax = plt.subplots(figsize=(9, 2.6), layout="constrained")
is_shown = (time_s >= begin_s) & (np.array(known_s) < begin_s + duration_s)
for number in np.flatnonzero(is_shown):
    kind = classes[number]
    ax.plot([time_s[number], known_s[number]], [1, 0], color=colors[kind], linewidth=0.8)
    ax.plot(time_s[number], 1, "o", color=colors[kind], markersize=4)
    ax.text(known_s[number], -0.05, kind, color=colors[kind], ha="center", va="top")
ax.set(
    xlim=(begin_s, begin_s + duration_s),
    ylim=(-0.35, 1.2),
    yticks=[0, 1],
    yticklabels=["class known", "beat"],
    xlabel="time in s",
)
ax.spines[["top", "right", "left"]].set_visible(False)
