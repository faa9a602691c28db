"""Measure what differential privacy costs in F1, on synthetic strips.

Each strip is of another person, so that a row is a person. The noise of each epsilon is found with
dp-accounting before any training. Delta is a tenth of one in the number of rows. Once without
privacy, once with clipping and no noise, and with the noise of each epsilon.
Needs the extra `privacy`.

Usage: python examples/benchmarks/private_training.py [--rows 2000] [--seeds 3] [--output results]
"""

import argparse

import dp_accounting
import numpy as np
from _measuring import markdown_table, write_results
from dp_accounting import pld
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline

from sklearn_ecg import LSTMClassifier, MaxNormalizer, Reshaper
from sklearn_ecg.datasets import make_ecg_classification

EPSILONS = (None, np.inf, 8, 3, 1)  # no privacy; clipping alone; with noise
CLIP = 0.5


def noise_for(epsilon, n_rows, batch_size, epochs):
    """Find the noise multiplier that spends an epsilon, before any training."""
    if epsilon == np.inf:
        return 0.0
    n_steps = epochs * -(-n_rows // batch_size)

    def steps(noise):
        step = dp_accounting.PoissonSampledDpEvent(
            batch_size / n_rows, dp_accounting.GaussianDpEvent(noise)
        )
        return dp_accounting.SelfComposedDpEvent(step, n_steps)

    return dp_accounting.calibrate_dp_mechanism(
        pld.PLDAccountant, steps, epsilon, 0.1 / n_rows, tol=1e-3
    )


def network(epsilon, n_rows, *, batch_size, epochs, **parameters):
    """Build a network, whose batches are larger and fewer if it is private."""
    if epsilon is None:
        return LSTMClassifier(epochs=epochs, **parameters)
    return LSTMClassifier(
        dp_l2_norm_clip=CLIP,
        dp_noise_multiplier=noise_for(epsilon, n_rows, batch_size, epochs),
        batch_size=batch_size,
        epochs=epochs,
        **parameters,
    )


def score(epsilon, seed, n_rows):
    """Find strips with a ventricular premature beat, and score 1000 other people."""
    X, y, _ = make_ecg_classification(
        n_rows + 1000,
        classes=("normal", "pvc"),
        n_patients=n_rows + 1000,
        duration_s=4,
        fs=50,
        random_state=seed,
    )
    classifier = network(
        epsilon,
        n_rows,
        batch_size=n_rows // 10,
        epochs=15,
        units=8,
        pooling="max",
        learning_rate=0.03,
        random_state=seed,
    )
    pipeline = make_pipeline(MaxNormalizer(), Reshaper(frame_length=5), classifier)
    pipeline.fit(X[:n_rows], y[:n_rows])
    y_pred = pipeline.predict(X[n_rows:])
    return f1_score(y[n_rows:], y_pred, average="macro"), classifier.epsilon(0.1 / n_rows)


def measure(n_rows, seeds):
    """Score each epsilon with each seed."""
    rows = []
    for epsilon in EPSILONS:
        f1, spent = zip(*(score(epsilon, seed, n_rows) for seed in range(seeds)), strict=True)
        rows.append({"asked": str(epsilon), "spent": max(spent), "f1": f1})
        print(rows[-1], flush=True)
    return rows


def as_markdown(rows):
    """Lay out the results."""
    names = {"None": "no privacy", "inf": "clipped, no noise"}
    table = [
        [
            names.get(row["asked"], f"epsilon {row['spent']:.2f}"),
            f"{np.mean(row['f1']):.3f}",
            ", ".join(f"{value:.3f}" for value in row["f1"]),
        ]
        for row in rows
    ]
    return markdown_table(["training", "macro F1", "seeds"], table)


def main():
    """Measure, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=2000, help="how many people to train on")
    parser.add_argument("--seeds", type=int, default=3, help="how many seeds")
    parser.add_argument("--output", default="results", help="folder for the results")
    options = parser.parse_args()
    rows = measure(options.rows, options.seeds)
    text = as_markdown(rows)
    write_results(options.output, "private_training", {"rows": options.rows, "f1": rows}, text)
    print(text)


if __name__ == "__main__":
    main()
