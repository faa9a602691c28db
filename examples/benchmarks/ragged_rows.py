"""Time transformers on ragged rows against dense ones of the same values.

Usage: python examples/benchmarks/ragged_rows.py
"""

import time

import numpy as np
from _measuring import markdown_table

from sklearn_ecg import BandpassFilter, MaxNormalizer, Reshaper, Segmenter

N_ROWS, N_TIMESTEPS, N_RUNS = 50_000, 75, 5
STEPS = {
    "Segmenter": Segmenter(25),
    "MaxNormalizer": MaxNormalizer(),
    "Reshaper": Reshaper(frame_length=5),
    "BandpassFilter": BandpassFilter(fs=100),
}


def seconds(step, X):
    """Take the median of several runs."""
    times = []
    for _ in range(N_RUNS):
        start = time.perf_counter()
        step.fit_transform(X)
        times.append(time.perf_counter() - start)
    return np.median(times)


dense = np.random.default_rng(0).normal(size=(N_ROWS, N_TIMESTEPS)).astype(np.float32)
ragged = list(dense)
rows = []
for name, step in STEPS.items():
    of_dense, of_ragged = seconds(step, dense), seconds(step, ragged)
    ratio = f"{of_ragged / of_dense:.1f}"
    rows.append([name, f"{1000 * of_dense:.0f}", f"{1000 * of_ragged:.0f}", ratio])
print(f"{N_ROWS:,} rows of {N_TIMESTEPS} time steps, medians of {N_RUNS} runs\n")
print(markdown_table(["transformer", "dense, ms", "ragged, ms", "ratio"], rows))
