"""Train and predict with long sequences: one operation for all steps, against Keras' loop.

Both networks are fed and trained by `LSTMClassifier`; they differ in how the layer takes its steps.

Usage: python examples/benchmarks/lstm_speed.py
"""

import time

import numpy as np

from sklearn_ecg import LSTMClassifier

N_SEQUENCES, N_FEATURES = 512, 2


def keras_loop(sequences, mask, units):
    """Build the same layer as Keras has it."""
    import keras

    return keras.layers.LSTM(units[0], return_sequences=True)(sequences, mask=mask)


def seconds(network, X, y):
    """Return the time of an epoch of training, and of a prediction, without what starting takes."""
    classifier = LSTMClassifier(network=network, units=32, batch_size=64, random_state=0)
    classifier.set_params(epochs=1, warm_start=True).fit(X, y).predict(X)
    start = time.perf_counter()
    classifier.set_params(epochs=3).fit(X, y)
    fitted = time.perf_counter()
    classifier.predict(X)
    return (fitted - start) / 3, time.perf_counter() - fitted


def main():
    """Print median times of five turns, for several lengths."""
    rng = np.random.default_rng(0)
    for n_steps in (50, 300, 1000):
        X = rng.standard_normal((N_SEQUENCES, n_steps, N_FEATURES), dtype=np.float32)
        y = np.arange(N_SEQUENCES) % 2
        turns = [[seconds(network, X, y) for network in (keras_loop, "lstm")] for _ in range(5)]
        keras_s, ours_s = np.median(turns, axis=0)
        print(
            f"{n_steps:5} steps: an epoch {keras_s[0]:.2f} s with Keras' loop, {ours_s[0]:.2f} s "
            f"in one operation ({keras_s[0] / ours_s[0]:.1f} x faster); prediction "
            f"{keras_s[1]:.3f} s, {ours_s[1]:.3f} s ({keras_s[1] / ours_s[1]:.1f} x)",
            flush=True,
        )


if __name__ == "__main__":
    main()
