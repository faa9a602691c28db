"""Time transformers on ragged rows against dense ones of the same values.

A dense Segmenter or Reshaper returns a view in no time at all, so that of these the ratio says
little. A bare loop that makes a view of each row, without a look at its values, is the bound there,
and its time is printed too.

Then a pipeline of five steps transforms 2000 rows of many lengths, against a bare loop that does
the same with NumPy and SciPy row by row and checks nothing.

Usage: python examples/benchmarks/ragged_rows.py
"""

import time

import numpy as np
from _measuring import markdown_table
from scipy.signal import butter, sosfiltfilt
from sklearn.pipeline import make_pipeline

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


PIPELINE = make_pipeline(
    BandpassFilter(fs=100), GapFiller(5), MaxNormalizer(), Segmenter(50), Reshaper(frame_length=5)
)


def seconds(function, X):
    """Take the median of several runs, of the time of the processor, which others share."""
    times = []
    for _ in range(N_RUNS):
        start = time.process_time()
        function(X)
        times.append(time.process_time() - start)
    return np.median(times)


def bare_loop(X):
    """Do the five steps with NumPy and SciPy, row by row."""
    sos = butter(2, (0.5, 40), "bandpass", fs=100, output="sos")
    results = []
    for row in X:
        series = sosfiltfilt(sos, row, padlen=min(150, len(row) - 1)).astype(np.float32)
        steps = np.arange(len(series))
        is_known = ~np.isnan(series)
        series = np.interp(steps, steps[is_known], series[is_known])
        series /= abs(series).max()
        padded = np.full(-(-len(series) // 50) * 50, np.nan, dtype=np.float32)
        padded[: len(series)] = series
        results.append(padded.reshape(-1, 10, 5))
    return results


dense = np.random.default_rng(0).normal(size=(N_ROWS, N_TIMESTEPS)).astype(np.float32)
ragged = list(dense)
rows = []
for step in STEPS:
    of_dense, of_ragged = (seconds(step.fit_transform, X) for X in (dense, ragged))
    per_row = f"{1e6 * of_ragged / N_ROWS:.1f}"
    ratio = f"{of_ragged / of_dense:.1f}"
    rows.append([step, f"{1000 * of_dense:.0f}", f"{1000 * of_ragged:.0f}", per_row, ratio])
of_views = seconds(lambda X: [row.reshape(-1, 25, 1) for row in X], ragged)
print(f"a bare loop that makes a view of each row: {1000 * of_views:.0f} ms")
print(f"{N_ROWS:,} rows of {N_TIMESTEPS} time steps, medians of {N_RUNS} runs\n")
columns = ["transformer", "dense, ms", "ragged, ms", "ragged, us a row", "ratio"]
print(markdown_table(columns, rows))

rng = np.random.default_rng(0)
rows = []
for shortest, longest in ((100, 300), (300, 3000), (3000, 9000)):
    lengths = rng.integers(shortest, longest, 2000)
    X = [rng.normal(size=n).astype(np.float32) for n in lengths]
    of_loop, of_pipeline = seconds(bare_loop, X), seconds(PIPELINE.fit(X).transform, X)
    numbers = [f"{1000 * of_loop:.0f}", f"{1000 * of_pipeline:.0f}", f"{of_pipeline / of_loop:.2f}"]
    rows.append([f"{shortest} to {longest}", *numbers])
print(f"\nfive steps: {', '.join(type(step).__name__ for _, step in PIPELINE.steps)}\n")
print(markdown_table(["time steps in a row", "bare loop, ms", "pipeline, ms", "ratio"], rows))
