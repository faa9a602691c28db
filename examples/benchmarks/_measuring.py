"""What the benchmark programs share: time, memory, tables, and where results go."""

import json
import math
import re
import time
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import numpy as np


def timed_fit_predict(model, X, y, X_test, **metadata):
    """Fit a model and predict, with the seconds that each took."""
    start = time.perf_counter()
    model.fit(X, y, **metadata)
    fitted = time.perf_counter()
    y_pred = model.predict(X_test)
    return y_pred, fitted - start, time.perf_counter() - fitted


def in_turns(ways, repeats, n_calls=1):
    """Call functions in turns, so that all meet the same load of the machine.

    Returns the medians of wall time and of processor time of each, in seconds. A first turn, which
    may import and compile, does not count. A turn of several calls shows what a call costs that
    finds its data and code in the caches of the processor, as those before it left them.
    """
    times = {name: [] for name in ways}
    for _ in range(repeats + 1):
        for name, way in ways.items():
            for _ in range(n_calls):
                start = time.perf_counter(), time.process_time()
                way()
                times[name].append((time.perf_counter() - start[0], time.process_time() - start[1]))
    return {name: np.median(taken[n_calls:], axis=0).tolist() for name, taken in times.items()}


def synthetic_day(hours, fs):
    """Repeat ten minutes of two leads until the day is over, with noise of its own throughout."""
    from sklearn_ecg import ECGRecord, make_ecg

    strip = make_ecg(
        600, fs=fs, premature={"V": 0.03, "A": 0.03}, leads=["II", "V1"], random_state=0
    )
    n_repeats = round(hours * 6)
    signal = np.tile(strip.signal, (n_repeats, 1))
    rng = np.random.default_rng(0)
    for start in range(0, len(signal), 2**20):
        part = signal[start : start + 2**20]
        part += 0.02 * rng.standard_normal(part.shape, dtype=np.float32)
    return ECGRecord(signal, fs, strip.lead_names)


def peak_memory_gb():
    """Return the most memory that this process has had so far."""
    # Not ru_maxrss, because it counts the process that started this one too.
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s*(\d+) kB", status)[1]) / 1e6


def without_uninstalled(wanted, packages, kind):
    """Leave out what needs a package that is not installed, and say so before the work begins."""
    lacking = {name: packages[name] for name in wanted if not find_spec(packages.get(name, "sys"))}
    for name, package in lacking.items():
        print(f"{kind} {name} is left out: the package {package} is not installed.", flush=True)
    left = [name for name in wanted if name not in lacking]
    if not left:
        raise SystemExit(f"no {kind} is left to run")
    return left


def markdown_table(columns, rows):
    """Lay out rows of a table."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def write_results(folder, name, results, text):
    """Write results for programs and for people, side by side."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    packages = ("sklearn-ecg", "scikit-learn", "tensorflow", "keras")
    results = {"versions": {package: version(package) for package in packages}, **results}
    write_json(folder / f"{name}.json", results)
    (folder / f"{name}.md").write_text(text + "\n", encoding="utf-8")


def write_json(path, results):
    """Write results that any program can read: JSON has no NaN, so undefined figures are null."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(_without_nan(results), indent=1, allow_nan=False) + "\n")


def _without_nan(results):
    if isinstance(results, dict):
        return {key: _without_nan(value) for key, value in results.items()}
    if isinstance(results, list | tuple):
        return [_without_nan(value) for value in results]
    if isinstance(results, np.generic):
        results = results.item()
    return None if isinstance(results, float) and not math.isfinite(results) else results
