"""Classify the beats of a synthetic day while it comes in, and compare with the whole recording.

The signal has two leads at 360 Hz, with ventricular and supraventricular beats, noise and gaps. Two
classifiers read one of the leads: a logistic regression, which shows what the stream itself costs,
and the networks of the shipped model `"beats"`, told to compare beats with earlier ones only. That
model was not trained so, which changes its classes but not its speed. For chunks of several lengths
the program prints the time of the processor for a second of signal, in one thread; how much later
than its beat a class comes; and how far the results are from those of the whole recording. Then the
regression reads a whole day, and the program prints what the stream and the process keep after half
an hour and after the day.

Usage: python examples/benchmarks/stream.py [--hours 24] [--chunk-s 1]
"""

import argparse
import os

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

import pickle
import time
from dataclasses import replace

import numpy as np
from _measuring import markdown_table, peak_memory_gb
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sklearn_ecg.compose import BeatClassifier, BeatStream
from sklearn_ecg.datasets import make_ecg
from sklearn_ecg.pretrained import load_pretrained

FS = 360
LEADS = ("II", "V1")
PREMATURE = {"V": 0.05, "A": 0.05}


def as_table(rows):
    """Put the features of a beat and its neighbours side by side."""
    return rows.reshape(len(rows), -1)


def simulate(minutes, seed):
    """Make a recording in which some seconds are missing."""
    record = make_ecg(
        60 * minutes,
        fs=FS,
        leads=LEADS,
        premature=PREMATURE,
        noise={"muscle": 15, "baseline_wander": 10},
        random_state=seed,
    )
    signal = record.signal.copy()
    for start in np.random.default_rng(seed).integers(0, len(signal), minutes):
        signal[start : start + 2 * FS] = np.nan
    signal[-1] = 0
    return replace(record, signal=signal)


def stream_through(stream, signal, n_timesteps):
    """Push a signal in chunks.

    Returns the beats, the probabilities, for each beat the seconds of signal that had followed it,
    and the milliseconds of the processor for a second of signal.
    """
    found, lateness = [], []
    begin = time.process_time()
    for start in range(0, len(signal), n_timesteps):
        found.append(stream.push(signal[start : start + n_timesteps]))
        lateness.append((start + n_timesteps - found[-1][0]) / FS)
    found.append(stream.finish())
    spent = time.process_time() - begin
    beats, probabilities = map(np.concatenate, zip(*found, strict=True))
    return beats, probabilities, np.concatenate(lateness), 1000 * spent * FS / len(signal)


def compare(name, classifier, record, chunks_s):
    """Stream a recording in chunks of several lengths, and return rows of the table."""
    expected_beats = classifier.annotate(record).annotations[0]
    (expected,) = classifier.predict_proba([record])
    rows = []
    for chunk_s in chunks_s:
        n_timesteps = max(1, round(chunk_s * FS))
        stream = BeatStream(classifier, FS, lead_names=LEADS, method="predict_proba")
        signal = record.signal[: 120 * FS] if n_timesteps == 1 else record.signal
        beats, probabilities, lateness, cost = stream_through(stream, signal, n_timesteps)
        difference = "-"
        if len(signal) == record.n_timesteps:
            np.testing.assert_array_equal(beats, expected_beats)
            np.testing.assert_array_equal(probabilities.argmax(1), expected.argmax(1))
            difference = f"{abs(probabilities - expected).max():.1e}"
        length = "one time step" if n_timesteps == 1 else f"{chunk_s:g} s"
        late = [f"{value:.1f}" for value in (np.median(lateness), lateness.max())]
        rows.append([name, classifier.n_after, length, f"{cost:.1f}", *late, difference])
    return rows


def stream_for_hours(classifier, record, hours, chunk_s):
    """Repeat a recording for hours, and print what the stream and the process keep."""
    stream = BeatStream(classifier, FS, lead_names=LEADS)
    sizes, memory, n_beats, n_pushed = [], [], 0, 0
    step = round(chunk_s * FS)
    begin = time.process_time()
    while n_pushed < hours * 3600 * FS:
        start = n_pushed % record.n_timesteps
        chunk = record.signal[start : start + step]
        n_beats += len(stream.push(chunk)[0])
        n_pushed += len(chunk)
        if n_pushed // FS >= 1800 * (len(sizes) + 1):
            sizes.append(len(pickle.dumps(stream)) / 1000)
            memory.append(peak_memory_gb())
    spent = time.process_time() - begin
    print(
        f"\n{hours:g} h in chunks of {chunk_s:g} s: {n_beats:,} beats, {spent:.0f} s of the "
        f"processor; the stream has {sizes[0]:.0f} kB after half an hour, {max(sizes):.0f} kB at "
        f"most; the process has {memory[0]:.3f} GB after half an hour, {memory[-1]:.3f} GB at the "
        "end"
    )


def main():
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--hours", type=float, default=24)
    parser.add_argument("--chunk-s", type=float, default=1, help="chunks of these hours")
    options = parser.parse_args()
    table = make_pipeline(FunctionTransformer(as_table), LogisticRegression(C=0.01))
    quick = BeatClassifier(table, leads=["II"], causal=True, n_after=2)
    quick.fit([simulate(5, seed) for seed in (1, 2)])
    networks = load_pretrained("beats").set_params(causal=True)
    record = simulate(10, seed=0)
    rows = [
        *compare("logistic regression", quick, record, [0, 0.1, 1, 60]),
        *compare('networks of "beats"', networks, record, [0, 0.1, 1, 60]),
    ]
    columns = [
        *("classifier", "beats waited for", "chunk", "ms a second of signal"),
        *("s late, median", "s late, most", "difference"),
    ]
    print(markdown_table(columns, rows))

    stream_for_hours(quick, record, options.hours, options.chunk_s)


if __name__ == "__main__":
    main()
