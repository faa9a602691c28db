"""Time the way from a file of 24 hours to an annotated record.

The recording is synthetic, with ventricular and supraventricular beats, two leads at 360 Hz. The
model is a small forest on one lead, trained on a few minutes. The program prints the seconds of
each step and the most memory of the process.

Usage: python examples/benchmarks/day_to_beats.py [--hours 24] [--fs 360]
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
from _measuring import markdown_table, peak_memory_gb
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sklearn_ecg import BeatClassifier, detect_beats, make_ecg, read_record, write_record


def as_table(rows):
    """Put the features of a beat and its neighbours side by side."""
    return rows.reshape(len(rows), -1)


def day(hours, fs):
    """Repeat ten minutes until the day is over, with noise of its own throughout."""
    record = make_ecg(
        600, fs=fs, premature={"V": 0.03, "A": 0.03}, leads=["II", "V1"], random_state=0
    )
    n_repeats = round(hours * 6)
    signal = np.tile(record.signal, (n_repeats, 1))
    rng = np.random.default_rng(0)
    for start in range(0, len(signal), 2**20):
        part = signal[start : start + 2**20]
        part += 0.02 * rng.standard_normal(part.shape, dtype=np.float32)
    shifts = np.arange(n_repeats)[:, None] * record.n_timesteps
    beats, symbols = record.annotations
    marks = (shifts + beats).ravel(), np.tile(symbols, n_repeats)
    return type(record)(signal, record.fs, record.lead_names, annotations=marks)


parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
parser.add_argument("--hours", type=float, default=24)
parser.add_argument("--fs", type=float, default=360)
options = parser.parse_args()

training = [
    make_ecg(120, fs=options.fs, premature={"V": 0.1, "A": 0.1}, leads=["II"], random_state=i)
    for i in range(3)
]
forest = RandomForestClassifier(20, max_depth=10, n_jobs=2, random_state=0)
model = BeatClassifier(make_pipeline(FunctionTransformer(as_table), forest), leads=["II"])
model.fit(training)
with tempfile.TemporaryDirectory() as folder:
    path = write_record(day(options.hours, options.fs), Path(folder, "day"))
    before = peak_memory_gb()
    start = time.perf_counter()
    record = read_record(path, annotator="atr")
    read = time.perf_counter()
    detected = detect_beats([record])[0]
    found = time.perf_counter()
    annotated = model.annotate(record)
    done = time.perf_counter()
reference = record.beats[0]
rows = [
    ["read", f"{read - start:.1f}"],
    ["find beats, two leads", f"{found - read:.1f}"],
    ["find beats in one lead, describe and classify", f"{done - found:.1f}"],
    ["file to annotated record", f"{read - start + done - found:.1f}"],
]
print(markdown_table(["step", "s"], rows))
print(
    f"\n{options.hours:g} h, {len(reference):,} beats; two leads: {len(detected):,} found, one "
    f"lead: {len(annotated.annotations[0]):,}; peak memory {before:.2f} GB before, "
    f"{peak_memory_gb():.2f} GB after"
)
