"""Measure what differential privacy costs in F1.

On synthetic strips, each of another person, so that a row is a person; and, with --data-home, on
the beats of DS1 of the MIT-BIH Arrhythmia Database in patients never seen, where a row is a beat.
There the guarantee is for a beat, not for a patient, because DS1 has no more than 22 patients. The
noise of each epsilon is found with dp-accounting. Delta is a tenth of one in the number of rows.

Usage: python examples/benchmarks/private_training.py [--data-home DIR] [--seeds 3] [--output DIR]
"""

import argparse

import dp_accounting
import numpy as np
from _measuring import markdown_table, write_results
from dp_accounting import pld
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline

from sklearn_ecg import LSTMClassifier, MaxNormalizer, Reshaper, extract_beats, fetch_mitdb
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


def synthetic(epsilon, seed, n_rows=2000):
    """Tell strips with premature beats from those without, and score 1000 other people."""
    X, y, _ = make_ecg_classification(
        n_rows + 1000, n_patients=n_rows + 1000, duration_s=4, random_state=seed
    )
    classifier = network(
        epsilon,
        n_rows,
        batch_size=200,
        epochs=20,
        units=16,
        bidirectional=True,
        pooling="mean_max",
        learning_rate=0.01,
        random_state=seed,
    )
    pipeline = make_pipeline(MaxNormalizer(), Reshaper(frame_length=10), classifier)
    pipeline.fit(X[:n_rows], y[:n_rows])
    y_pred = pipeline.predict(X[n_rows:])
    return f1_score(y[n_rows:], y_pred, average="macro"), spent(classifier, n_rows)


def spent(classifier, n_rows):
    """Return the epsilon that training has spent."""
    return classifier.epsilon(0.1 / n_rows)


def beats_of(data_home):
    """Make a row of each beat of DS1 among four neighbours on either side."""
    records = fetch_mitdb(
        data_home, subset="ds1", rows="records", leads=["MLII"], download_if_missing=False
    ).data
    rows = extract_beats(records, leads=["MLII"], beats="annotations", n_before=4, n_after=4)
    known = np.isin(rows.target, list("NSV"))
    return rows.data[known], rows.target[known], rows.groups[known]


def in_patients_never_seen(data, epsilon, seed):
    """Classify the beats of each fold of patients by those of the others."""
    X, y, groups = data
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=0)
    y_pred, epsilons = np.empty_like(y), []
    for train, test in folds.split(X, y, groups):
        classifier = network(
            epsilon,
            len(train),
            batch_size=1000,
            epochs=4,
            units=24,
            bidirectional=True,
            pooling="middle",
            class_weight={"N": 0.5, "S": 2, "V": 1},
            learning_rate=0.005,
            random_state=seed,
        )
        y_pred[test] = classifier.fit(X[train], y[train]).predict(X[test])
        epsilons.append(spent(classifier, len(train)))
    return f1_score(y, y_pred, average="macro"), max(epsilons)


def measure(score, seeds):
    """Score each epsilon with each seed."""
    rows = []
    for epsilon in EPSILONS:
        f1, epsilons = zip(*(score(epsilon, seed) for seed in range(seeds)), strict=True)
        rows.append({"asked": str(epsilon), "spent": max(epsilons), "f1": f1})
        print(rows[-1], flush=True)
    return rows


def as_markdown(results):
    """Lay out the results."""
    names = {"None": "no privacy", "inf": "clipped, no noise"}
    lines = []
    for data, rows in results.items():
        table = [
            [
                names.get(row["asked"], f"ε = {row['spent']:.2f}"),
                f"{np.mean(row['f1']):.3f}",
                ", ".join(f"{value:.3f}" for value in row["f1"]),
            ]
            for row in rows
        ]
        lines += [f"{data}:", "", markdown_table(["training", "macro F1", "seeds"], table), ""]
    return "\n".join(lines)


def main():
    """Measure on synthetic strips, and on DS1 if there is any."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data-home", help="folder with mitdb/")
    parser.add_argument("--seeds", type=int, default=3, help="how many seeds")
    parser.add_argument("--output", default="results", help="folder for the results")
    options = parser.parse_args()
    results = {"Synthetic strips": measure(synthetic, options.seeds)}
    if options.data_home:
        data = beats_of(options.data_home)
        results["Beats of DS1"] = measure(
            lambda epsilon, seed: in_patients_never_seen(data, epsilon, seed), 1
        )
    text = as_markdown(results)
    write_results(options.output, "private_training", results, text)
    print(text)


if __name__ == "__main__":
    main()
