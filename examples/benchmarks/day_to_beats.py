"""Time the way from a file of 24 hours to an annotated record.

The recording is synthetic, with ventricular and supraventricular beats, two leads at 360 Hz. The
model is a small forest on one lead, trained on a few minutes. The program prints the seconds of
each step and the most memory of a process that does nothing else.

Usage: python examples/benchmarks/day_to_beats.py [--hours 24] [--fs 360]
"""

import argparse
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
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


def measure(path, model):
    """Read a file and annotate it; return seconds, numbers of beats and the most memory in GB."""
    start = time.perf_counter()
    record = read_record(path, annotator="atr")
    read = time.perf_counter()
    annotated = model.annotate(record)
    done = time.perf_counter()
    memory = peak_memory_gb()
    n_detected = len(detect_beats([record])[0])
    found = time.perf_counter()
    seconds = read - start, done - read, found - done
    return seconds, (len(record.beats[0]), len(annotated.annotations[0]), n_detected), memory


def main():
    """Make a day and a model, and measure in a fresh process."""
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
    with (
        tempfile.TemporaryDirectory() as folder,
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process,
    ):
        path = write_record(day(options.hours, options.fs), Path(folder, "day"))
        seconds, counts, memory = process.submit(measure, path, model).result()
    read, annotate, detect = seconds
    rows = [
        ["read", f"{read:.1f}"],
        ["find beats in one lead, describe and classify", f"{annotate:.1f}"],
        ["file to annotated record", f"{read + annotate:.1f}"],
        ["find beats in two leads", f"{detect:.1f}"],
    ]
    print(markdown_table(["step", "s"], rows))
    n_beats, n_annotated, n_detected = counts
    print(
        f"\n{options.hours:g} h, {n_beats:,} beats; one lead: {n_annotated:,} found, two leads: "
        f"{n_detected:,}; file to annotated record within {memory:.2f} GB"
    )


if __name__ == "__main__":
    main()
