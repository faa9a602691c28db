"""Measure speed and memory, as ratios of a named baseline in the same run.

Each section prints a table. The first way of each work is its baseline: "times faster" is its time
over that of the others, by processor time, which others on the machine disturb less, and by wall
time. Ways take turns, and times are medians. "Limit" is what this machine can do at best, and what
share of that is reached.

Usage: python examples/benchmarks/speed.py [--only one_row training ...] [--output DIR]
Set SERVICE_PYTHON to the interpreter of an environment of a service, without TensorFlow, to measure
there what runs without it.
"""

import argparse
import time
import tracemalloc
from copy import deepcopy

import numpy as np
from _measuring import in_turns, markdown_table, write_results
from _speed_of_processes import day, first_prediction, fits, imports

from sklearn_ecg import (
    BandpassFilter,
    LSTMClassifier,
    MaxNormalizer,
    NotchFilter,
    QualityGate,
    Resampler,
    Reshaper,
    Segmenter,
)
from sklearn_ecg.neural_network import build_recurrent

FS = 250


def works_of_predictions(n_rows, repeats, n_calls=1):
    """Predict rows of 125 steps by an LSTM of 64 x 2 units."""
    from sklearn_ecg.persistence import to_onnx

    X = np.random.default_rng(0).normal(size=(n_rows, 125, 8)).astype(np.float32)
    classifier = LSTMClassifier(units=(64, 64), epochs=1, random_state=0)
    classifier.fit(np.repeat(X[:1], 64, axis=0), np.arange(64) % 2)
    by_tensorflow, graph = deepcopy(classifier), to_onnx(classifier).network_.graph
    network = by_tensorflow.network_.keras_model  # who has looked at it is answered by TensorFlow
    ways = {
        "Keras predict": lambda: network.predict(X, verbose=0),
        "LSTMClassifier, by TensorFlow": lambda: by_tensorflow.predict_proba(X),
        "LSTMClassifier, by ONNX Runtime": lambda: classifier.predict_proba(X),
    }
    ways["limit"] = bare_onnxruntime(graph, X)
    times = in_turns(ways, repeats, n_calls)
    limit = times.pop("limit")
    name = f"{n_rows} row{'s' * (n_rows > 1)}, 125 steps, LSTM 64 x 2"
    shares = {way: limit[1] / cpu_s for way, (_, cpu_s) in times.items()}
    return [work(name, times, limit="ONNX Runtime alone", shares=shares)]


def bare_onnxruntime(graph, X):
    """Return a function that runs a graph on all rows at once, and does nothing else."""
    import onnxruntime

    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    return lambda: session.run(["logits"], {"sequences": X})


def one_row(repeats):
    return works_of_predictions(1, repeats, n_calls=20)


def many_rows(repeats):
    return works_of_predictions(4000, repeats)


def keras_layers(sequences, mask, units, bidirectional):
    """Build the same layers as Keras has them, which loop over the steps."""
    import keras

    for n_units in units:
        layer = keras.layers.LSTM(n_units, return_sequences=True)
        layer = keras.layers.Bidirectional(layer) if bidirectional else layer
        sequences = layer(sequences, mask=mask)
    return sequences


def same_layers(sequences, mask, **parameters):
    """Build the layers of `network="lstm"` as a function of the user's, which each fit compiles."""
    return build_recurrent(sequences, mask, **parameters)


def training(repeats):
    """Fit for five epochs, the first of which also compiles, unless an earlier fit did."""
    measured = []
    for units, bidirectional, n_rows, n_steps, n_features, batch_size in (
        ((64, 64), True, 2048, 48, 16, 256),
        ((32,), False, 512, 300, 2, 64),
        ((32,), False, 512, 1000, 2, 64),
    ):
        rng = np.random.default_rng(0)
        X = rng.standard_normal((n_rows, n_steps, n_features), dtype=np.float32)
        y = np.arange(n_rows) % 2
        options = {"units": units, "bidirectional": bidirectional, "batch_size": batch_size}

        def fit(network, X=X, y=y, options=options):
            LSTMClassifier(network=network, epochs=5, random_state=0, **options).fit(X, y)

        ways = {
            "Keras' loop": lambda: fit(keras_layers),
            "LSTMClassifier": lambda: fit(same_layers),
            "LSTMClassifier, compiled by an earlier fit": lambda: fit("lstm"),
        }
        times = in_turns(ways, min(repeats, 3))
        n_directions = 1 + bidirectional
        widths = [n_features, *(n_directions * n for n in units)]
        products = sum(4 * n * (n + width) for n, width in zip(units, widths, strict=False))
        # A product is two operations; the way back takes twice those of the way there.
        flops = 5 * n_rows * n_steps * n_directions * products * 2 * 3
        name = f"5 epochs, {n_rows} rows, {n_steps} steps x {n_features}, LSTM {units}"
        name += ", bidirectional" * bidirectional
        measured.append((name, times, flops))
    flops_per_s = matmul_peak()
    limit = f"matrix products, {flops_per_s / 1e9:.0f} GFLOP/s a core"
    for name, times, flops in measured:
        shares = {way: flops / cpu_s / flops_per_s for way, (_, cpu_s) in times.items()}
        yield work(name, times, limit=limit, shares=shares)


def matmul_peak():
    """Return the operations that a core does in a second, in products of large matrices."""
    import tensorflow as tf

    matrix = tf.random.normal((2048, 2048))

    def multiply():
        for _ in range(4):
            product = matrix @ matrix
        return product.numpy()

    _, cpu_s = in_turns({"": multiply}, 5)[""]
    return 4 * 2 * 2048**3 / cpu_s


def transformers(repeats):
    """Filter, normalize and cut ragged rows; take ragged rows in place of dense ones; cut a day."""
    return [pipeline_on_ragged_rows(repeats), *ragged_against_dense(repeats), cut_a_day(repeats)]


def pipeline_on_ragged_rows(repeats):
    import scipy
    from sklearn.pipeline import make_pipeline

    rng = np.random.default_rng(0)
    lengths = rng.integers(2000, 3000, size=2000)
    rows = [rng.standard_normal((n, 1), dtype=np.float32) for n in lengths]
    pipeline = make_pipeline(
        BandpassFilter(fs=FS),
        NotchFilter(50, fs=FS, harmonics=False),
        MaxNormalizer(),
        Segmenter(500),
        Reshaper(frame_length=10),
    ).fit(rows)
    band = scipy.signal.butter(2, (0.5, 40), "bandpass", fs=FS, output="sos")
    notch = scipy.signal.tf2sos(*scipy.signal.iirnotch(50, 30, fs=FS))

    def loop():
        for row in rows:
            signal = scipy.signal.sosfiltfilt(band, row, axis=0).astype(np.float32)
            signal = scipy.signal.sosfiltfilt(notch, signal, axis=0).astype(np.float32)
            signal /= np.abs(signal).max(axis=0)
            n_segments = -(-len(signal) // 500)
            padded = np.full((n_segments * 500, 1), np.nan, dtype=np.float32)
            padded[: len(signal)] = signal
            padded.reshape(n_segments, 50, 10)

    ways = {"a loop of SciPy": loop, "five transformers": lambda: pipeline.transform(rows)}
    return work("2000 ragged rows, 10 s at 250 Hz", in_turns(ways, repeats))


def ragged_against_dense(repeats):
    dense = np.random.default_rng(0).normal(size=(20_000, 75)).astype(np.float32)
    ragged = list(dense)
    for step in (
        Segmenter(25),
        Segmenter(50),  # pads
        Reshaper(frame_length=5),
        MaxNormalizer(),
        Resampler(50, fs=100),
        BandpassFilter(fs=100),
        QualityGate(fs=100),
    ):
        ways = {
            "dense": lambda step=step: step.fit_transform(dense),
            "ragged": lambda step=step: step.fit_transform(ragged),
        }
        measured = work(f"20,000 rows of 75 time steps, {step!r}", in_turns(ways, repeats))
        for way in ways:  # because the work on dense rows may be nil: they are only viewed
            measured["ways"][way]["us_a_row"] = 1e6 * measured["ways"][way]["cpu_s"] / len(dense)
        yield measured


def cut_a_day(repeats):
    X = np.random.default_rng(0).standard_normal((1, 24 * 3600 * 360, 2), dtype=np.float32)
    length = 3600
    ways = {
        "a copy of it": X.copy,
        "Segmenter": lambda: Segmenter(length).fit_transform(X),
        "Segmenter, overlap 1/2": lambda: Segmenter(length, step=length // 2).fit_transform(X),
        "Segmenter, padded tail": lambda: Segmenter(length + 1).fit_transform(X),
    }
    measured = work("24 h of two leads at 360 Hz, cut", in_turns(ways, repeats))
    for way, function in ways.items():
        tracemalloc.start()
        function()
        measured["ways"][way]["memory_mb"] = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
    return measured


def work(name, times, limit=None, shares=None):
    """Describe what was measured: seconds, and how they compare with the baseline's."""
    (baseline, (wall_s, cpu_s)), *_ = times.items()
    ways = {}
    for way, (way_wall_s, way_cpu_s) in times.items():
        ways[way] = {
            "wall_s": way_wall_s,
            "cpu_s": way_cpu_s,
            "times_faster_wall": wall_s / way_wall_s,
            "times_faster_cpu": cpu_s / way_cpu_s,
        }
        if shares is not None:
            ways[way]["share_of_limit"] = shares[way]
    return {"work": name, "baseline": baseline, "limit": limit, "ways": ways}


SECTIONS = {
    "one_row": one_row,
    "many_rows": many_rows,
    "training": training,
    "first_prediction": first_prediction,
    "import": imports,
    "transformers": transformers,
    "day": day,
    "fits": fits,
}
COLUMNS = {
    "cpu_s": ("CPU", lambda value: f"{1e3 * value:.2f} ms" if value < 1 else f"{value:.1f} s"),
    "times_faster_cpu": ("times faster, CPU", "{:.2f}".format),
    "times_faster_wall": ("wall", "{:.2f}".format),
    "us_a_row": ("a row", "{:.2f} us".format),
    "memory_mb": ("memory", "{:.0f} MB".format),
    "growth_mb": ("growth a fit", "{:.2f} MB".format),
    "share_of_limit": ("share of limit", "{:.0%}".format),
}


def as_table(works):
    """Lay out the works of a section, without columns that none of them has."""
    of_ways = [of_way for each in works for of_way in each["ways"].values()]
    columns = [column for column in COLUMNS if any(column in of_way for of_way in of_ways)]
    rows = []
    for each in works:
        limit = f" (limit: {each['limit']})" if each.get("limit") else ""
        for way, values in each["ways"].items():
            name = each["work"] + limit if way == each["baseline"] else ""
            cells = [COLUMNS[c][1](values[c]) if c in values else "" for c in columns]
            rows.append([name, way, *cells])
    return markdown_table(["work", "way", *(COLUMNS[column][0] for column in columns)], rows)


def main():
    """Measure the chosen sections, print them, and write them if told where."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--output", help="folder for speed.json and speed.md")
    options = parser.parse_args()
    results, tables = {}, []
    for name in options.only:
        start = time.perf_counter()
        results[name] = list(SECTIONS[name](options.repeats))
        tables.append(f"## {name}\n\n{as_table(results[name])}\n")
        print(f"{tables[-1]}\n{name}: {time.perf_counter() - start:.0f} s in all\n", flush=True)
    if options.output:
        write_results(options.output, "speed", {"sections": results}, "\n".join(tables))


if __name__ == "__main__":
    main()
