"""Time the predictions of an LSTM of 64 x 2 units for 125 steps: Keras, the classifier, and ONNX.

Prints the processor time of one row and of 4000 rows, and the wall time of these, each as a ratio
of Keras' own `predict` in the same run. Medians.

Usage: python examples/benchmarks/onnx_speed.py [--rows 4000] [--repeats 5]
"""

import argparse
import time

import numpy as np
from _measuring import markdown_table

from sklearn_ecg import LSTMClassifier
from sklearn_ecg.persistence import to_onnx


def median_times(function, repeats):
    """Return the medians of wall time and of processor time, in seconds."""
    function()
    times = []
    for _ in range(repeats):
        start = time.perf_counter(), time.process_time()
        function()
        times.append((time.perf_counter() - start[0], time.process_time() - start[1]))
    return np.median(times, axis=0)


def main():
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=4000)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    X = np.random.default_rng(0).normal(size=(options.rows, 125, 8)).astype(np.float32)
    y = np.arange(len(X)) % 2
    classifier = LSTMClassifier(units=(64, 64), epochs=1, random_state=0).fit(X[:64], y[:64])
    model, served = classifier.network_.keras_model, to_onnx(classifier)
    ways = {
        "Keras predict": lambda X: model.predict(X, verbose=0),
        "LSTMClassifier": classifier.predict_proba,
        "LSTMClassifier, by ONNX": served.predict_proba,
    }
    rows, keras = [], None
    for name, predict in ways.items():
        one = median_times(lambda predict=predict: predict(X[:1]), 20 * options.repeats)
        many = median_times(lambda predict=predict: predict(X), options.repeats)
        keras = many if keras is None else keras
        rows.append(
            [
                name,
                f"{1e3 * one[1]:.2f} ms",
                f"{many[0]:.2f} s",
                f"{many[1]:.2f} s",
                f"{keras[0] / many[0]:.1f}",
                f"{keras[1] / many[1]:.1f}",
            ]
        )
    columns = ["way", "one row, CPU", "rows, wall", "rows, CPU", "times faster, wall", "by CPU"]
    print(markdown_table(columns, rows))


if __name__ == "__main__":
    main()
