"""
=============================================
How much noise, and which gaps, are too many?
=============================================

A network that learnt from clean signals fails on noisy ones. Augmentation in training helps against
noise of its kind. Short gaps can be guessed, long ones cannot. The signals are synthetic, so the
same heartbeats come with more and more noise.
"""

# %%
# Two networks
# ------------
# Both learn from the same clean strips of 8 s: sinus rhythm or atrial fibrillation (AF), equally
# irregular, so that the small P and f waves decide. The second one learns with ``SignalAugmenter``,
# which adds noise and baseline wander to each batch, anew in each epoch.

import numpy as np
from sklearn.pipeline import make_pipeline

from sklearn_ecg.datasets import make_ecg
from sklearn_ecg.neural_network import LSTMClassifier, SignalAugmenter
from sklearn_ecg.preprocessing import BandpassFilter, MaxNormalizer, QualityFlags, Reshaper

fs = 100


def simulate(numbers, noise=None):
    records = [
        make_ecg(
            8,
            fs=fs,
            heart_rate=55 + number % 40,
            rhythm=["sinus", "af"][number % 2],
            rr_sd_s=0.12,
            noise=noise,
            random_state=number,
        )
        for number in numbers
    ]
    return np.stack([record.signal for record in records])


numbers = np.arange(360)
y = np.array(["sinus", "AF"])[numbers % 2]
train, test = numbers[:200], numbers[200:]
X_train = simulate(train)
pipelines = {}
for name, augment in {
    "clean": None,
    "augmented": SignalAugmenter(fs=fs, noise=0.7, wander=0.7),
}.items():
    network = LSTMClassifier(
        conv_filters=16,
        units=16,
        pooling="mean_max",
        epochs=20,
        learning_rate=0.01,
        augment=augment,
        random_state=0,
    )
    pipeline = make_pipeline(BandpassFilter(fs=fs), MaxNormalizer(), Reshaper(5), network)
    pipelines[name] = pipeline.fit(X_train, y[train])

# %%
# More and more noise
# -------------------
# At 0 dB the noise is as strong as the heart. ``QualityFlags`` marks strips that nobody could read;
# in a pipeline, ``QualityGate`` masks them.
#
# The network that saw noise in training bears far more of it, even that of electrodes, which it
# never saw. The gate refuses muscle noise before this network errs, because nobody could read such
# strips. That the network can is owed to synthetic waves, which are all alike. The gate does not
# notice jumps of the electrodes at all.

import matplotlib.pyplot as plt

snrs_db = [24, 18, 12, 6, 3, 0, -3]
fig, axes = plt.subplots(1, 2, sharey=True, figsize=(10, 4), layout="constrained")
for ax, kind in zip(axes, ["muscle", "electrode_motion"], strict=True):
    by_snr = [simulate(test, {kind: snr_db}) for snr_db in snrs_db]
    for name, pipeline in pipelines.items():
        accuracy = [pipeline.score(X, y[test]) for X in by_snr]
        print(f"{kind}, {name}: {np.round(accuracy, 2)}")
        ax.plot(snrs_db, accuracy, "o-", label=f"accuracy, {name} training")
    readable = [1 - QualityFlags(fs=fs).fit_transform(X).mean() for X in by_snr]
    ax.plot(snrs_db, readable, "s:", color="gray", label="share that QualityGate keeps")
    ax.axhline(0.5, color="gray", linestyle="--", linewidth=1)
    ax.set(title=kind.replace("_", " "), xlabel="signal-to-noise ratio in dB", ylim=(0, 1.03))
axes[0].invert_xaxis()
axes[1].invert_xaxis()
axes[0].set_ylabel("share of strips (dashed: chance)")
axes[0].legend(loc="lower left")

# %%
# Gaps
# ----
# There are two gaps, of 0.04 s and of 1.2 s. ``GapFiller`` and ``fill_gaps`` draw a straight line
# over gaps up to a given length. The middle trace is as it should be: the short gap is filled, and
# the long one stays missing. At the bottom the long one became a line too, and a lost heartbeat
# became a pause that the patient never had.

from sklearn_ecg.preprocessing import fill_gaps

record = make_ecg(6, fs=250, gaps_s=[(1.1, 1.14), (2.5, 3.7)], random_state=1)
traces = {"as recorded": record.signal}
for max_gap_s in (0.05, 1.5):
    filled = fill_gaps([record.signal], round(max_gap_s * record.fs))[0]
    traces[f"gaps up to {max_gap_s:g} s filled"] = filled

fig, ax = plt.subplots(figsize=(10, 4), layout="constrained")
for row, signal in enumerate(traces.values()):
    ax.plot(np.arange(len(signal)) / record.fs, signal - 2 * row, "black", linewidth=0.9)
for start_s, end_s in [(1.1, 1.14), (2.5, 3.7)]:
    ax.axvspan(start_s, end_s, color="C1", alpha=0.25, linewidth=0)
ax.set_yticks([0, -2, -4], traces)
ax.set(xlabel="time in s", title="one lead; the traces are 2 mV apart")

# %%
# Jumps and clicks
# ----------------
# An electrode that moves takes the baseline to another level at once, or makes it click. A filter
# makes a wave of either, in the middle trace, which looks like a beat. ``JumpRemover`` takes them
# out before the filter, in the trace at the bottom.

from sklearn_ecg.preprocessing import JumpRemover

record = make_ecg(6, fs=250, random_state=1)
moved = record.signal.copy()
moved[round(2.1 * record.fs) :] += 1.5
moved[round(4.5 * record.fs)] += 2
band = BandpassFilter(fs=record.fs)
without_jumps = make_pipeline(JumpRemover(fs=record.fs), band)
traces = {
    "as recorded": moved,
    "filtered": band.fit_transform([moved])[0],
    "without jumps, filtered": without_jumps.fit_transform([moved])[0],
}

fig, ax = plt.subplots(figsize=(10, 4.5), layout="constrained")
for row, signal in enumerate(traces.values()):
    ax.plot(np.arange(len(signal)) / record.fs, signal - 3 * row, "black", linewidth=0.9)
for moment_s in (2.1, 4.5):
    ax.axvline(moment_s, color="C1", alpha=0.5)
ax.set_yticks([0, -3, -6], traces)
ax.set(xlabel="time in s", title="one lead; the traces are 3 mV apart")
