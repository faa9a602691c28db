"""
=============================================
Does a model work on another device's signal?
=============================================

A device has its own sampling rate and its own leads, and sometimes two electrodes are swapped. One
model meets the same synthetic heartbeats from seven devices. Another rate does no harm. Another
lead does, and no error says so.
"""

# %%
# A model of lead II at 250 Hz
# ----------------------------
# It finds strips of 8 s with a ventricular premature beat. A row is a record with all of its leads,
# and ``RecordReader`` takes one by its name.

import numpy as np
from sklearn.pipeline import make_pipeline

from sklearn_ecg.datasets import RecordReader, make_ecg
from sklearn_ecg.neural_network import LSTMClassifier
from sklearn_ecg.preprocessing import BandpassFilter, MaxNormalizer, Reshaper


def simulate(numbers, fs=250, leads=("I", "II", "III", "V1")):
    return [
        make_ecg(
            8,
            fs=fs,
            leads=leads,
            heart_rate=55 + number % 40,
            premature={"V": 0.05} if number % 2 else None,
            noise={"muscle": 15, "baseline_wander": 8},
            random_state=number,
        )
        for number in numbers
    ]


numbers = np.arange(300)
y = np.array(["normal", "premature"])[numbers % 2]
train, test = numbers[:180], numbers[180:]
pipeline = make_pipeline(
    RecordReader(leads=["II"], fs=125),
    BandpassFilter(),
    MaxNormalizer(),
    Reshaper(frame_length=5),
    LSTMClassifier(
        conv_filters=16, units=12, pooling="max", epochs=15, learning_rate=0.01, random_state=0
    ),
)
records = simulate(train)
pipeline.fit(records, y[train])

# %%
# The same patients on other devices
# ----------------------------------
# The reader resamples other rates, and computes lead II as I + III. ``set_params`` makes it read
# another lead: ``"-II"`` is lead II upside down, which mends a swap of the electrodes of the right
# arm and the left leg. ``NoveltyGate`` has seen the lead in training, and marks what is unlike it.

from dataclasses import replace

from sklearn_ecg.preprocessing import NoveltyGate

known = simulate(test)
swapped = [replace(record, signal=-record.signal[:, [2, 1, 0, 3]]) for record in known]
devices = {
    "as in training": (known, "II"),
    "500 Hz": (simulate(test, fs=500), "II"),
    "100 Hz": (simulate(test, fs=100), "II"),
    "leads I and III alone": (simulate(test, leads=["I", "III"]), "II"),
    "lead V1 in place of II": (known, "V1"),
    "electrodes swapped": (swapped, "II"),
    'swapped, read as "-II"': (swapped, "-II"),
}
gate = NoveltyGate().fit(pipeline[0].transform(records))
traces, accuracy, novel = [], [], []
for records, lead in devices.values():
    reader = RecordReader(leads=[lead], fs=125).fit(records)
    X = reader.transform(records)
    traces.append(X[1][:, 0])
    accuracy.append(make_pipeline(reader, *pipeline[1:]).score(records, y[test]))
    novel.append(gate.find_novel(X).mean())

# %%
# What the model made of it
# -------------------------
# Rates and computed leads cost nothing, though the gate marks one strip in ten of them. Lead V1
# brings the model near chance, and swapped electrodes down to it, with an answer for each strip and
# no complaint. The gate marks all of these, before anyone believes the answer. It sees that a
# signal is unlike the training data; it cannot see that an answer is wrong.

import matplotlib.pyplot as plt

fig, (left, right) = plt.subplots(
    1, 2, figsize=(10, 5.5), width_ratios=[3, 2], sharey=True, layout="constrained"
)
rows = -np.arange(len(devices))
for row, trace in zip(rows, traces, strict=True):
    left.plot(np.arange(500) / 125, row + trace[:500] / 3, color="black", linewidth=0.8)
left.set(xlabel="time in s", title="one strip, as the model reads it", yticks=rows)
left.set_yticklabels(devices)
right.barh(rows + 0.18, accuracy, 0.32, label="accuracy")
right.barh(rows - 0.18, novel, 0.32, label="marked as unlike the training data")
right.axvline(0.5, color="gray", linestyle="--", linewidth=1)
right.set(xlabel="share of strips (dashed: chance)", xlim=(0, 1.02))
fig.legend(loc="outside lower right", ncols=2)
