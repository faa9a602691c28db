"""Segment a 24-hour recording of two leads: time and memory, against one copy of it.

Usage: python examples/benchmarks/segmenter_day.py
"""

import time
import tracemalloc

import numpy as np

from sklearn_ecg.preprocessing import Segmenter

FS = 360
SEGMENT_S = 10


def measure(function):
    """Return the median time of five calls, and the most memory that one takes beyond its input."""
    times = []
    for _ in range(5):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    tracemalloc.start()
    function()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return np.median(times), peak


X = np.random.default_rng(0).standard_normal((1, 24 * 3600 * FS, 2), dtype=np.float32)
segmenter = Segmenter(segment_length=SEGMENT_S * FS)
overlapping = Segmenter(segment_length=SEGMENT_S * FS, step=SEGMENT_S * FS // 2)
odd = Segmenter(segment_length=SEGMENT_S * FS + 1)
print(f"{X.shape[1] / 1e6:.1f} million time steps x {X.shape[2]} leads, {X.nbytes / 1e6:.0f} MB")
print(f"segments {segmenter.fit_transform(X).shape}")
tasks = {
    "copy of the recording": X.copy,
    "Segmenter, overlap 0": lambda: segmenter.fit_transform(X),
    "Segmenter, overlap 1/2": lambda: overlapping.fit_transform(X),
    "Segmenter, padded tail": lambda: odd.fit_transform(X),
}
measured = {name: measure(function) for name, function in tasks.items()}
copy_s, _ = measured["copy of the recording"]
for name, (seconds, peak) in measured.items():
    print(
        f"{name:24} {seconds:6.3f} s = {seconds / copy_s:5.2f} x copy; "
        f"with its input {1 + peak / X.nbytes:.2f} x the input's memory"
    )
