"""Time transformers on ragged rows against dense ones of the same values.

A dense Segmenter or Reshaper returns a view in no time at all, so that of these the ratio says
little. A bare loop that makes a view of each row, without a look at its values, is the bound there,
and its time is printed too.

Usage: python examples/benchmarks/ragged_rows.py
"""

import time

import numpy as np
from _measuring import markdown_table

from sklearn_ecg import (
    BandpassFilter,
    GapFiller,
    MaxNormalizer,
    NotchFilter,
    QualityGate,
    Resampler,
    Reshaper,
    Segmenter,
)

N_ROWS, N_TIMESTEPS, N_RUNS = 50_000, 75, 5
STEPS = [
    Segmenter(25),
    Segmenter(50),  # pads
    Reshaper(frame_length=5),
    MaxNormalizer(),
    GapFiller(5),
    Resampler(50, fs=100),
    BandpassFilter(fs=100),
    NotchFilter(20, fs=100),
    QualityGate(fs=100),
]


def seconds(step, X):
    """Take the median of several runs, of the time of the processor, which others share."""
    times = []
    for _ in range(N_RUNS):
        start = time.process_time()
        step.fit_transform(X)
        times.append(time.process_time() - start)
    return np.median(times)


dense = np.random.default_rng(0).normal(size=(N_ROWS, N_TIMESTEPS)).astype(np.float32)
ragged = list(dense)
rows = []
for step in STEPS:
    of_dense, of_ragged = seconds(step, dense), seconds(step, ragged)
    per_row = f"{1e6 * of_ragged / N_ROWS:.1f}"
    ratio = f"{of_ragged / of_dense:.1f}"
    rows.append([step, f"{1000 * of_dense:.0f}", f"{1000 * of_ragged:.0f}", per_row, ratio])
times = []
for _ in range(N_RUNS):
    start = time.process_time()
    [row.reshape(-1, 25, 1) for row in ragged]
    times.append(time.process_time() - start)
print(f"a bare loop that makes a view of each row: {1000 * np.median(times):.0f} ms")
print(f"{N_ROWS:,} rows of {N_TIMESTEPS} time steps, medians of {N_RUNS} runs\n")
columns = ["transformer", "dense, ms", "ragged, ms", "ragged, us a row", "ratio"]
print(markdown_table(columns, rows))
