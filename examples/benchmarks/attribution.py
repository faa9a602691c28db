"""Measure whether attributions show what a network uses.

On synthetic strips of which half have one premature beat: in how many is the peak of the
attribution on that beat? On strips of CinC 2017 (normal rhythm or atrial fibrillation): how much of
the probability of the predicted class is left when the tenth, fifth, ... of the time with the
highest attribution is covered by a flat line, compared with as much time chosen at random?

Usage: python examples/benchmarks/attribution.py --data-home DIR [--output results]
"""

import argparse

import numpy as np
from _measuring import markdown_table, write_results
from sklearn.pipeline import make_pipeline

from sklearn_ecg import (
    BandpassFilter,
    LSTMClassifier,
    MaxNormalizer,
    Resampler,
    Reshaper,
    fetch_cinc2017,
    make_ecg,
)
from sklearn_ecg.inspection import explain

METHODS = ("integrated_gradients", "occlusion")
BLOCK = 30  # time steps at 300 Hz that are covered together
SHARES = (0.1, 0.2, 0.3, 0.5)


def network(seed, **parameters):
    """Build a small network that is trained within seconds."""
    return LSTMClassifier(
        conv_filters=(16,),
        units=12,
        pooling="mean_max",
        learning_rate=0.01,
        random_state=seed,
        **parameters,
    )


def premature_beats(seed):
    """Count the strips whose attribution is highest on the planted beat."""
    rng = np.random.RandomState(seed)
    records = [
        make_ecg(
            6,
            fs=100,
            heart_rate=rng.uniform(55, 95),
            premature={"V": 1e-9} if number % 2 else None,  # one, or none
            noise={"muscle": 15, "baseline_wander": 10},
            random_state=1000 * seed + number,
        )
        for number in range(400)
    ]
    X = np.stack([record.signal for record in records])
    y = np.array(["V" if "V" in record.beats[1] else "N" for record in records])
    pipeline = make_pipeline(
        BandpassFilter(fs=100), MaxNormalizer(), Reshaper(5), network(seed, epochs=25)
    ).fit(X[:300], y[:300])
    tested = np.arange(300, 400)[y[300:] == "V"]
    row = {"accuracy": pipeline.score(X[300:], y[300:])}
    for method in METHODS:
        result = explain(pipeline, X[tested], target="V", method=method, window_length=20)
        peaks = result.attributions[:, :, 0].argmax(axis=1) / 100
        if method == "integrated_gradients":
            gains = result.probabilities - result.baseline_probabilities
            row["worst sum"] = float(np.abs(result.attributions.sum(axis=(1, 2)) - gains).max())
        hits = []
        for peak, number in zip(peaks, tested, strict=True):
            steps, classes = records[number].beats
            from_beat = peak - steps[classes == "V"] / 100
            hits.append(bool(((from_beat >= -0.3) & (from_beat <= 0.45)).any()))
        row[method] = float(np.mean(hits))
    return row


def cover(signal, blocks):
    """Cover blocks of a strip by a flat line at its median."""
    covered = signal.copy()
    for block in blocks:
        covered[block * BLOCK : (block + 1) * BLOCK] = np.median(signal, axis=0)
    return covered


def deletion(data, seed, n_train=600, n_test=60):
    """Cover the time of highest attribution, or any, and see what is left of the probability."""
    rng = np.random.RandomState(seed)
    rows = np.concatenate(
        [
            rng.permutation(np.flatnonzero(data.target == label))[: (n_train + n_test) // 2]
            for label in ("N", "A")
        ]
    )
    rows = rng.permutation([row for row in rows if len(data.data[row]) >= 3000])
    X = np.stack([data.data[row][:3000].reshape(3000, 1) for row in rows])  # 10 s
    y = data.target[rows]
    pipeline = make_pipeline(
        BandpassFilter(fs=300),
        Resampler(100),
        MaxNormalizer(),
        Reshaper(5),
        network(seed, epochs=15),
    ).fit(X[:-n_test], y[:-n_test])
    X, y = X[-n_test:], y[-n_test:]
    result = {"accuracy": pipeline.score(X, y)}
    columns = pipeline.predict_proba(X).argmax(axis=1)

    def left(order):
        """Return the mean probability of the predicted class at each share of covered time."""
        found = []
        for share in SHARES:
            n_blocks = round(share * order.shape[1])
            covered = np.stack(
                [cover(x, blocks[:n_blocks]) for x, blocks in zip(X, order, strict=True)]
            )
            found.append(pipeline.predict_proba(covered)[np.arange(len(X)), columns].mean())
        return np.array(found)

    result["whole"] = float(pipeline.predict_proba(X).max(axis=1).mean())
    n_blocks = X.shape[1] // BLOCK
    for method in METHODS:
        attributions = explain(pipeline, X, method=method, window_length=2 * BLOCK).attributions
        by_block = attributions.reshape(len(X), n_blocks, -1).sum(axis=2)
        result[method] = left(np.argsort(-by_block, axis=1)).tolist()
    at_random = [left(np.stack([rng.permutation(n_blocks) for _ in X])) for _ in range(5)]
    result["random"] = np.mean(at_random, axis=0).tolist()
    return result


def main():
    """Measure with each seed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data-home", required=True, help="folder with cinc2017/")
    parser.add_argument("--seeds", type=int, default=2, help="how many seeds")
    parser.add_argument("--output", default="results", help="folder for the results")
    options = parser.parse_args()
    data = fetch_cinc2017(options.data_home, download_if_missing=False)
    planted = [premature_beats(seed) for seed in range(options.seeds)]
    print(planted, flush=True)
    deleted = [deletion(data, seed) for seed in range(options.seeds)]
    text = as_markdown(planted, deleted)
    write_results(options.output, "attribution", {"planted": planted, "deleted": deleted}, text)
    print(text)


def as_markdown(planted, deleted):
    """Lay out the results."""
    columns = ["seed", "accuracy", *METHODS, "largest error of a sum"]
    rows = [
        [seed, *(f"{row[name]:.2f}" for name in ("accuracy", *METHODS)), f"{row['worst sum']:.4f}"]
        for seed, row in enumerate(planted)
    ]
    lines = ["Strips whose highest attribution is on the planted beat:", ""]
    lines += [markdown_table(columns, rows), "", "Probability left when time is covered:", ""]
    rows = [
        [seed, f"{row['accuracy']:.2f}", f"{row['whole']:.3f}", order]
        + [f"{value:.3f}" for value in row[order]]
        for seed, row in enumerate(deleted)
        for order in (*METHODS, "random")
    ]
    columns = ["seed", "accuracy", "nothing covered", "order", *(f"{s:.0%}" for s in SHARES)]
    return "\n".join([*lines, markdown_table(columns, rows)])


if __name__ == "__main__":
    main()
