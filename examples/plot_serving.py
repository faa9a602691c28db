"""
===============================================
How fast is one answer, and does it need Keras?
===============================================

A network is trained by Keras and TensorFlow. To answer, it needs neither: ``to_onnx`` copies the
fitted pipeline, and in the copy ONNX Runtime runs the network. The answers stay the same, and one
strip takes a fraction of the time.
"""

# %%
# Train, convert, save
# --------------------

import tempfile
from pathlib import Path

import numpy as np
from sklearn.pipeline import make_pipeline

from sklearn_ecg.datasets import make_ecg_classification
from sklearn_ecg.neural_network import LSTMClassifier
from sklearn_ecg.persistence import load, save, to_onnx
from sklearn_ecg.preprocessing import MaxNormalizer, Reshaper, Segmenter

X, y, _ = make_ecg_classification(n_samples=200, random_state=0)
network = LSTMClassifier(units=(32, 32), epochs=3, random_state=0)
pipeline = make_pipeline(Segmenter(250), MaxNormalizer(), Reshaper(5), network).fit(X, y)

path = Path(tempfile.mkdtemp(), "served.skecg")
save(to_onnx(pipeline), path)
served = load(path)

# Where ONNX Runtime is installed, the fitted pipeline itself answers by it too. Whoever has looked
# at the Keras model may have changed it, and is answered by Keras.
keras_model = network.network_.keras_model
difference = np.abs(served.predict_proba(X) - pipeline.predict_proba(X)).max()
print(f"{path.stat().st_size / 1000:.0f} kB, largest difference of a probability {difference:.0e}")

# %%
# One strip, and many
# -------------------
# The times are of the whole pipeline, after a first answer that loads what is needed. The dots are
# single answers, and the bar is their median. They were measured while these pages were built,
# beside other work; ``examples/benchmarks/speed.py`` measures with more care.

from time import perf_counter

import matplotlib.pyplot as plt


def times_ms(model, rows, n_repeats):
    model.predict_proba(rows)
    times = []
    for _ in range(n_repeats):
        start = perf_counter()
        model.predict_proba(rows)
        times.append(1000 * (perf_counter() - start))
    return np.array(times)


fig, axes = plt.subplots(1, 2, figsize=(9, 3.5), layout="constrained")
for ax, n_rows, n_repeats in zip(axes, [1, 200], [100, 10], strict=True):
    for position, model in enumerate([pipeline, served]):
        times = times_ms(model, X[:n_rows], n_repeats)
        ax.plot(position + np.linspace(-0.2, 0.2, n_repeats), times, ".", alpha=0.4)
        ax.hlines(np.median(times), position - 0.3, position + 0.3, color="black")
        ax.text(position + 0.33, np.median(times), f"{np.median(times):.2g} ms", va="center")
    ax.set(title=f"{n_rows} strips of 5 s" if n_rows > 1 else "one strip of 5 s", ylabel="ms")
    ax.set(ylim=(0, None), xlim=(-0.5, 1.75), xticks=[0, 1], xticklabels=["Keras", "ONNX Runtime"])
