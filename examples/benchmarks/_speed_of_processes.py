"""The sections of `speed.py` that need a fresh process each time."""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from _measuring import synthetic_day

_PEAK = """
import re
from pathlib import Path
print(re.search(r"VmHWM:\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""


def run(code, *arguments, python=sys.executable):
    """Run code in a fresh process; return wall and processor time, and what it printed."""
    # Containers often set it. Then each process compiles all that it imports, for seconds.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [python, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    wall_s = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall_s, cpu_s, done.stdout.splitlines()


def measure(name, codes, repeats, *arguments, pythons=None):
    """Run each code in turns, by this interpreter unless another one is named for it.

    Returns a work with medians of times and of peak memory. A first turn, which may compile, does
    not count.
    """
    pythons = pythons or {}
    found = {way: [] for way in codes}
    for _ in range(repeats + 1):
        for way, code in codes.items():
            wall_s, cpu_s, printed = run(
                code + _PEAK, *arguments, python=pythons.get(way, sys.executable)
            )
            found[way].append((wall_s, cpu_s, int(printed[-1]) / 1e3))
    return described(name, {way: list(zip(*runs[1:], strict=True)) for way, runs in found.items()})


def described(name, found):
    """Describe ways by the medians of their wall times, processor times and memory in MB."""
    ways = {}
    for way, columns in found.items():
        wall_s, cpu_s, memory_mb = map(statistics.median, columns)
        first = ways[next(iter(ways))] if ways else {"wall_s": wall_s, "cpu_s": cpu_s}
        ways[way] = {
            "wall_s": wall_s,
            "cpu_s": cpu_s,
            "memory_mb": memory_mb,
            "times_faster_wall": first["wall_s"] / wall_s,
            "times_faster_cpu": first["cpu_s"] / cpu_s,
        }
    return {"work": name, "baseline": next(iter(ways)), "ways": ways}


def imports(repeats):
    """Import scikit-learn's pipeline and splits alone, and with five names of this package."""
    sklearn = "from sklearn.pipeline import make_pipeline\nimport sklearn.model_selection\n"
    names = "LSTMClassifier, MaxNormalizer, RecordReader, Reshaper, Segmenter"
    codes = {
        "scikit-learn": sklearn,
        "and sklearn_ecg, five names": f"{sklearn}from sklearn_ecg import {names}\n",
    }
    return [measure("import, fresh process", codes, 2 * repeats + 1)]


def first_prediction(repeats):
    """Load a saved pipeline in a fresh process, and predict one row."""
    import joblib
    from sklearn.pipeline import make_pipeline

    from sklearn_ecg import LSTMClassifier, MaxNormalizer, Reshaper
    from sklearn_ecg.persistence import save, to_onnx

    X = np.random.default_rng(0).normal(size=(64, 1000)).astype(np.float32)
    lstm = LSTMClassifier(units=(64, 64), epochs=1, random_state=0)
    pipeline = make_pipeline(MaxNormalizer(), Reshaper(frame_length=8), lstm)
    pipeline.fit(X, np.arange(64) % 2)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        joblib.dump(pipeline, folder / "keras.joblib")
        joblib.dump(to_onnx(pipeline), folder / "onnx.joblib")
        save(to_onnx(pipeline), folder / "onnx.skecg")
        np.save(folder / "row.npy", X[:1])
        code = (
            "import sys\nimport numpy as np\n{}\n"
            "load(sys.argv[1] + '/{}').predict_proba(np.load(sys.argv[1] + '/row.npy'))\n"
        )
        by_joblib, by_us = "from joblib import load", "from sklearn_ecg.persistence import load"
        codes = {
            "joblib.load, not converted": code.format(by_joblib, "keras.joblib"),
            "joblib.load, by ONNX": code.format(by_joblib, "onnx.joblib"),
            "persistence.load, by ONNX": code.format(by_us, "onnx.skecg"),
        }
        pythons = {}
        if service := os.environ.get("SERVICE_PYTHON"):
            for way in list(codes)[1:]:
                codes[f"{way}, in a service"] = codes[way]
                pythons[f"{way}, in a service"] = service
        name = "saved pipeline (LSTM 64 x 2): load, first prediction, fresh process"
        return [measure(name, codes, repeats, folder, pythons=pythons)]


def day(repeats, hours=24, fs=360):
    """Annotate a day of two leads from its file, and find its beats by another detector."""
    import joblib

    from sklearn_ecg import write_record

    record = synthetic_day(hours, fs)
    forest = small_forest(fs)
    read = "import sys\nfrom sklearn_ecg import read_record\nrecord = read_record(sys.argv[1])\n"
    ours = read + "from sklearn_ecg.pretrained import load_pretrained\n"
    codes = {
        "read, beats of lead II by SleepECG, no classes": read
        + "from sleepecg import detect_heartbeats\n"
        "detect_heartbeats(record.leads(['II'])[:, 0].astype(float), record.fs)\n",
        "read, beats of lead II, no classes": read + "from sklearn_ecg import detect_beats\n"
        "detect_beats(record.leads(['II'])[None], fs=record.fs)\n",
        "read, beats of lead II, a forest's classes": read + "import joblib\n"
        "joblib.load(sys.argv[2]).annotate(record)\n",
        'read, beats of lead II, classes of "beats"': ours
        + "load_pretrained('beats').annotate(record)\n",
    }
    with tempfile.TemporaryDirectory() as folder:
        path = write_record(record, Path(folder, "day"))
        del record
        joblib.dump(forest, Path(folder, "forest.joblib"))
        name = f"{hours} h, two leads at {fs} Hz, in a file"
        return [measure(name, codes, min(repeats, 3), path, Path(folder, "forest.joblib"))]


def small_forest(fs):
    """Fit a forest that classifies the beats of one lead."""
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    from sklearn_ecg import BeatClassifier, make_ecg

    training = [
        make_ecg(120, fs=fs, premature={"V": 0.1, "A": 0.1}, leads=["II"], random_state=i)
        for i in range(3)
    ]
    forest = RandomForestClassifier(20, max_depth=10, n_jobs=2, random_state=0)
    as_table = FunctionTransformer(np.reshape, kw_args={"shape": (-1, 17 * 19)})
    classifier = BeatClassifier(
        make_pipeline(as_table, forest), leads=["II"], n_before=8, n_after=8
    )
    return classifier.fit(training)


_FITS = """
import sys
import psutil
from sklearn_ecg import LSTMClassifier, Reshaper, make_ecg_classification
X, y, _ = make_ecg_classification(n_samples=60, random_state=0)
X = Reshaper(frame_length=20).fit_transform(X)
def own_memory():  # without the pages of libraries, which come and go
    memory = psutil.Process().memory_info()
    return memory.rss - memory.shared
kept = []
n_fits = int(sys.argv[1])
for i in range(n_fits):
    {predict}({make}.fit(X, y))
    if i == 4:
        after_fifth = own_memory()
print((own_memory() - after_fifth) / 1e6 / (n_fits - 5))
"""
_OURS = "LSTMClassifier(units=(8, 8), bidirectional=True, epochs=2, random_state=0)"
_BARE = """
import keras
from scikeras.wrappers import KerasClassifier
def build():
    layers = keras.layers
    network = keras.Sequential([
        keras.Input((25, 20)),
        layers.Bidirectional(layers.LSTM(8, return_sequences=True)),
        layers.Bidirectional(layers.LSTM(8, return_sequences=True)),
        layers.GlobalAveragePooling1D(),
        layers.Dense(1, activation="sigmoid"),
    ])
    network.compile("adam", "binary_crossentropy")
    return network
"""
_BARE_FIT = "KerasClassifier(build, epochs=2, batch_size=32, random_state=0, verbose=0)"


def fits(repeats, n_fits=25):
    """Fit one network again and again in one process: how its memory grows after the fifth fit."""
    codes = {
        "bare SciKeras": _BARE + _FITS.format(make=_BARE_FIT, predict=""),
        "LSTMClassifier": _FITS.format(make=_OURS, predict=""),
        "LSTMClassifier, predicts too": _FITS.format(
            make=_OURS, predict="(lambda fitted: fitted.predict_proba(X))"
        ),
        "LSTMClassifier, all kept": _FITS.format(make=_OURS, predict="kept.append"),
        "LSTMClassifier, predicts too, all kept": _FITS.format(
            make=_OURS, predict="(lambda fitted: kept.append(fitted) or fitted.predict_proba(X))"
        ),
    }
    found, growth = {}, {}
    for way, code in codes.items():
        wall_s, cpu_s, printed = run(code + _PEAK, n_fits)
        growth[way] = float(printed[-2])
        found[way] = [[wall_s], [cpu_s], [int(printed[-1]) / 1e3]]
    described_fits = described(f"{n_fits} fits in one process", found)
    for way, growth_mb in growth.items():
        described_fits["ways"][way]["growth_mb"] = growth_mb
    return [described_fits]
