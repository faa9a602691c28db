"""Compare the predictions of Keras and of ONNX Runtime for random networks.

Each network is drawn from the grid of LSTMClassifier's parameters, and fitted for one epoch on a
few random rows: dense or ragged, padded or not, sequences or bags, of two or more classes or of
several labels. The program prints the largest difference of probabilities, and fails if one is
above 1e-5.

Usage: python examples/benchmarks/onnx_equality.py [--networks 1000] [--seed 0]
"""

import argparse

import numpy as np

from sklearn_ecg import LSTMClassifier
from sklearn_ecg.persistence import to_onnx

TOLERANCE = 1e-5


def random_parameters(rng):
    """Draw the parameters of a network."""
    network = rng.choice(["lstm", "gru", "simple_rnn", "cnn"], p=[0.4, 0.25, 0.15, 0.2])
    n_blocks = rng.integers(network == "cnn", 3)
    return {
        "network": str(network),
        "units": tuple(rng.integers(1, 9, size=rng.integers(1, 4)).tolist()),
        "activation": str(rng.choice(["tanh", "relu"])),
        "bidirectional": bool(rng.integers(2)),
        "dropout": float(rng.choice([0, 0.3])),
        "pooling": str(rng.choice(["last", "middle", "mean", "max", "mean_max", "attention"])),
        "conv_filters": tuple(rng.integers(1, 9, size=n_blocks).tolist()),
        "conv_kernel_size": int(rng.integers(1, 7)),
        "conv_pool_size": tuple(rng.integers(1, 5, size=n_blocks).tolist()) or 2,
        "input_noise": float(rng.choice([0, 0.1])),
        "aggregate": str(rng.choice(["mean", "mean_logit", "max", "vote"])),
    }


def random_rows(rng):
    """Draw rows and their labels."""
    form, n_features = rng.integers(4), int(rng.integers(1, 5))
    n_rows, n_steps, n_segments = 6, int(rng.integers(8, 40)), int(rng.integers(1, 4))
    if form == 0:
        X = rng.normal(size=(n_rows, n_steps, n_features))
    elif form == 1:
        X = [rng.normal(size=(rng.integers(1, n_steps + 1), n_features)) for _ in range(n_rows)]
    elif form == 2:  # bags, the last row's with padding in its last segment
        X = rng.normal(size=(n_rows, n_segments, n_steps, n_features))
        X[-1, -1, rng.integers(1, n_steps) :] = np.nan
    else:
        shapes = [(rng.integers(1, 4), n_steps, n_features) for _ in range(n_rows)]
        X = [rng.normal(size=shape) for shape in shapes]
    if rng.integers(3) == 0:
        labels = np.arange(n_rows * 3).reshape(n_rows, 3) % 2
        return X, labels
    return X, np.arange(n_rows) % rng.integers(2, 4)


def largest_difference(seed):
    """Fit and convert one network, and return the largest difference of its probabilities."""
    rng = np.random.default_rng(seed)
    classifier = LSTMClassifier(**random_parameters(rng), epochs=1, random_state=seed)
    X, y = random_rows(rng)
    classifier.fit(X, y)
    served = to_onnx(classifier)
    assert classifier.network_.keras_model  # who has looked at it is answered by TensorFlow
    if classifier.aggregate == "vote":  # rounding decides a tie
        classifier.aggregate = served.aggregate = "mean"
    return np.abs(served.predict_proba(X) - classifier.predict_proba(X)).max()


def main():
    """Compare, and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--networks", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0, help="of the first network")
    options = parser.parse_args()
    worst = 0.0
    for seed in range(options.seed, options.seed + options.networks):
        difference = largest_difference(seed)
        if difference > TOLERANCE:
            raise SystemExit(f"seed {seed}: probabilities differ by {difference:.2g}")
        worst = max(worst, difference)
    print(f"{options.networks} networks: probabilities differ by at most {worst:.2g}")


if __name__ == "__main__":
    main()
