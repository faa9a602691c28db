"""Fit and predict rows on disk that are larger than memory: the most memory that it takes.

Writes signals of ten seconds, twelve leads at 500 Hz, as one memory-mapped array, as an array of
Zarr, or as a file for each. A fresh process fits one epoch of a small LSTM and predicts all rows,
batch by batch. The program prints the peak memory of that process, mapped pages included, and
deletes what it wrote.

Usage: python examples/benchmarks/larger_than_memory.py [--gigabytes 20] [--kind memmap zarr files]
"""

import argparse
import shutil
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from _measuring import markdown_table, peak_memory_gb, write_results
from sklearn.metrics import accuracy_score
from sklearn.pipeline import make_pipeline

from sklearn_ecg import (
    BatchedClassifier,
    ECGRecord,
    LSTMClassifier,
    MaxNormalizer,
    RecordReader,
    Reshaper,
    make_ecg,
    write_record,
)

FS, N_TIMESTEPS = 500, 5000
LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
ROW_BYTES = N_TIMESTEPS * len(LEADS) * 4
N_DISTINCT = 64


def distinct_rows():
    """Make rows of two classes: sinus rhythm, and atrial fibrillation at twice the rate."""
    rows = [
        make_ecg(
            10,
            fs=FS,
            rhythm=("sinus", "af")[i % 2],
            heart_rate=60 + 60 * (i % 2),
            leads=list(LEADS),
            random_state=i,
        ).signal
        for i in range(N_DISTINCT)
    ]
    return np.stack(rows)


def write_memmap(folder, rows, n_rows):
    path = folder / "signals.npy"
    shape = (n_rows, *rows.shape[1:])
    stored = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=shape)
    for start in range(0, n_rows, N_DISTINCT):
        stored[start : start + N_DISTINCT] = rows[: n_rows - start]
    stored.flush()
    return path


def write_zarr(folder, rows, n_rows):
    import zarr

    path = folder / "signals.zarr"
    shape = (n_rows, *rows.shape[1:])
    chunks = (8, *rows.shape[1:])
    stored = zarr.create_array(path, shape=shape, chunks=chunks, dtype="float32")
    for start in range(0, n_rows, N_DISTINCT):
        stored[start : start + N_DISTINCT] = rows[: n_rows - start]
    return path


def write_files(folder, rows, n_rows):
    for i in range(n_rows):
        path = folder / f"{i // 1000:03}" / f"r{i:06}.hea"
        path.parent.mkdir(exist_ok=True)
        write_record(ECGRecord(rows[i % N_DISTINCT], FS, LEADS), path)
    return folder


def opened(kind, path, n_rows):
    """Return rows that are not in memory."""
    if kind == "memmap":
        return np.load(path, mmap_mode="r")
    if kind == "zarr":
        import zarr

        return zarr.open_array(path, mode="r")
    return [path / f"{i // 1000:03}" / f"r{i:06}.hea" for i in range(n_rows)]


def measure(kind, path, n_rows):
    """Fit and predict; return seconds and peak memory."""
    X = opened(kind, path, n_rows)
    y = np.arange(n_rows) % 2
    steps = [RecordReader(leads=LEADS, fs=FS, duration_s=10)] if kind == "files" else []
    classifier = BatchedClassifier(
        make_pipeline(*steps, MaxNormalizer(), Reshaper(frame_length=50)),
        LSTMClassifier(units=8, learning_rate=0.01, random_state=0),
        random_state=0,
    )
    start = time.perf_counter(), time.process_time()
    classifier.fit(X, y)
    fitted = time.perf_counter(), time.process_time()
    accuracy = accuracy_score(y, classifier.predict(X))
    done = time.perf_counter(), time.process_time()
    return {
        "gigabytes": n_rows * ROW_BYTES / 1e9,
        "rows": n_rows,
        "peak_memory_gb": peak_memory_gb(),
        "fit_wall_s": fitted[0] - start[0],
        "fit_cpu_s": fitted[1] - start[1],
        "predict_wall_s": done[0] - fitted[0],
        "predict_cpu_s": done[1] - fitted[1],
        "accuracy": accuracy,
    }


def main():
    """Write, measure and delete, one kind after the other."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--gigabytes", type=float, default=20)
    kinds = {"memmap": write_memmap, "zarr": write_zarr, "files": write_files}
    parser.add_argument("--kind", nargs="+", choices=kinds, default=["memmap"])
    parser.add_argument("--folder", help="where there is room; default: that of temporary files")
    parser.add_argument("--output", help="folder for larger_than_memory.json and .md")
    options = parser.parse_args()
    n_rows = round(options.gigabytes * 1e9 / ROW_BYTES)
    results = {}
    for kind in options.kind:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            if shutil.disk_usage(folder).free < 1.2e9 * options.gigabytes:
                raise SystemExit(f"{folder} has no room for {options.gigabytes} GB")
            path = kinds[kind](Path(folder), distinct_rows(), n_rows)
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
                results[kind] = process.submit(measure, kind, path, n_rows).result()
        print(kind, results[kind], flush=True)
    columns = ["kind", *next(iter(results.values()))]
    rows = [
        [kind, *(f"{value:.3g}" for value in values.values())] for kind, values in results.items()
    ]
    table = markdown_table(columns, rows)
    print(table)
    if options.output:
        write_results(options.output, "larger_than_memory", {"kinds": results}, table)


if __name__ == "__main__":
    main()
