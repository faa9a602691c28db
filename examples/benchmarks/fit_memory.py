"""Fit the same network many times in one process: how the memory of the process grows.

The baseline is the same network in a bare SciKeras KerasClassifier, as a user would write it.

With `--keep` the fitted classifiers are kept, as an ensemble keeps them: what each takes.

Usage: python examples/benchmarks/fit_memory.py [--fits 50] [--predict] [--keep]
"""

import argparse
import subprocess
import sys

import psutil

from sklearn_ecg.datasets import make_ecg_classification
from sklearn_ecg.neural_network import LSTMClassifier
from sklearn_ecg.preprocessing import Reshaper


def bare_scikeras():
    """Make the baseline: two bidirectional LSTM layers, the mean over time, one logit."""
    import keras
    from scikeras.wrappers import KerasClassifier

    def build():
        layers = keras.layers
        network = keras.Sequential(
            [
                keras.Input((25, 20)),
                layers.Bidirectional(layers.LSTM(8, return_sequences=True)),
                layers.Bidirectional(layers.LSTM(8, return_sequences=True)),
                layers.GlobalAveragePooling1D(),
                layers.Dense(1, activation="sigmoid"),
            ]
        )
        network.compile("adam", "binary_crossentropy")
        return network

    return KerasClassifier(build, epochs=2, batch_size=32, random_state=0, verbose=0)


def ours():
    """Make the same network as an LSTMClassifier."""
    return LSTMClassifier(units=(8, 8), bidirectional=True, epochs=2, random_state=0)


def own_memory():
    """Return the bytes that this process has for itself: pages of libraries come and go."""
    memory = psutil.Process().memory_info()
    return memory.rss - memory.shared


def run(make, fits, predict, keep):
    """Fit again and again, and print how memory grew after the fifth."""
    X, y, _ = make_ecg_classification(n_samples=60, random_state=0)
    X = Reshaper(frame_length=20).fit_transform(X)
    kept = []
    for i in range(fits):
        model = make().fit(X, y)
        if predict:
            model.predict_proba(X)
        if keep:
            kept.append(model)
        if i == 4:
            after_fifth = own_memory()
    growth = (own_memory() - after_fifth) / 1e6
    print(
        f"{make.__name__:14} {fits} fits: {growth:+.1f} MB in all after the fifth, "
        f"{growth / (fits - 5):.2f} MB each"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--fits", type=int, default=50)
    parser.add_argument("--predict", action="store_true", help="predict after each fit, too")
    parser.add_argument("--keep", action="store_true", help="keep what was fitted")
    parser.add_argument("--only", choices=["ours", "bare_scikeras"], help="for the child processes")
    arguments = parser.parse_args()
    if arguments.only:
        run(globals()[arguments.only], arguments.fits, arguments.predict, arguments.keep)
    else:  # each in a process of its own
        for name in ("ours", "bare_scikeras"):
            command = [sys.executable, __file__, *sys.argv[1:], "--only", name]
            subprocess.run(command, check=True)
