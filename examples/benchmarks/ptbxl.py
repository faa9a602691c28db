"""Find the statements of cardiologists in twelve leads: PTB-XL, by its authors' folds.

Convolutions and a bidirectional LSTM read windows of 2.5 s. The probability of a label is the
highest of any window. Folds 1 to 8 train, fold 9 decides when to stop, and fold 10 is scored once.

The published networks learn one set of labels each. Here one network learns all statements,
subclasses and superclasses together. Each set is scored, as in the publication, on the recordings
that have a label of it.

Usage: python examples/benchmarks/ptbxl.py --data-home DIR
       python examples/benchmarks/ptbxl.py --synthetic 2000 --epochs 2

The second trains on noise, to see what an epoch of the full set takes. It scores nothing.
"""

import argparse
import os
import time

import numpy as np
from _measuring import markdown_table, peak_memory_gb, write_results
from sklearn.utils import Bunch

from sklearn_ecg import LSTMClassifier, Segmenter, SignalAugmenter, fetch_ptbxl
from sklearn_ecg.metrics import bootstrap_interval, f_max_score, ptbxl_macro_auc
from sklearn_ecg.model_selection import ptbxl_folds

# Small LSTM layers are trained in less time if TensorFlow does not split operations between cores.
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")

FS = 100
N_RECORDINGS = 21799  # of the full set
# Macro AUC on fold 10: LSTM, bidirectional LSTM and xresnet1d101 of Strodthoff et al.
# (doi:10.1109/JBHI.2020.3022989), and S4 trained from scratch (arXiv:2509.25095).
PUBLISHED = {
    "all": [0.907, 0.914, 0.925, 0.941],
    "diagnostic": [0.927, 0.932, 0.937, 0.943],
    "subclass": [0.928, 0.923, 0.929, 0.938],
    "superclass": [0.927, 0.921, 0.928, 0.932],
    "form": [0.851, 0.876, 0.896, 0.919],
    "rhythm": [0.953, 0.949, 0.957, 0.956],
}
LEARNT = ["all", "subclass", "superclass"]  # the other sets are statements among all


def network(seed, epochs):
    """Build the classifier: three convolutional blocks and a bidirectional LSTM layer."""
    return LSTMClassifier(
        conv_filters=(64, 96, 128),
        conv_kernel_size=7,
        units=96,
        bidirectional=True,
        dropout=0.25,
        pooling="mean_max",
        optimizer="adamw",
        weight_decay=0.02,
        learning_rate=0.002,
        learning_rate_schedule="cosine",
        epochs=epochs,
        batch_size=128,  # windows: 32 recordings
        augment=SignalAugmenter(n_leads=12, scale=0.2, noise=0.1, lead_drop=0.1),
        early_stopping=True,
        n_iter_no_change=5,
        aggregate="max",
        random_state=seed,
    )


def load(data_home):
    """Load windows of all recordings, and the labels of each set."""
    data = fetch_ptbxl(data_home, fs=FS, target="all", download_if_missing=False)
    labels = {
        name: fetch_ptbxl(data_home, fs=FS, target=name, leads=["I"], download_if_missing=False)
        for name in PUBLISHED
    }
    return Bunch(
        windows=Segmenter(segment_length=250).fit_transform(data.data),
        folds=ptbxl_folds(data.strat_fold),
        labels={name: bunch.target for name, bunch in labels.items()},
        names={name: bunch.target_names.tolist() for name, bunch in labels.items()},
    )


def train(windows, target, folds, seed, epochs):
    """Train on folds 1 to 8, stop by fold 9, and return the classifier and the seconds it took."""
    start = time.perf_counter()
    rows, watched, _ = folds
    classifier = network(seed, epochs).fit(
        windows[rows], target[rows], X_val=windows[watched], y_val=target[watched]
    )
    return classifier, time.perf_counter() - start


def columns_of(name, names):
    """Return the columns of a set of labels in the target that is learnt."""
    learnt = name if name in LEARNT else "all"
    first = sum(len(names[other]) for other in LEARNT[: LEARNT.index(learnt)])
    return [first + names[learnt].index(label) for label in names[name]]


def score(y_true, y_score, names):
    """Score a set of labels on the recordings that have one, and say which labels they lack."""
    has_label = y_true.any(axis=1)
    y_true, y_score = y_true[has_label], y_score[has_label]
    is_there = y_true.any(axis=0) & ~y_true.all(axis=0)
    scored = {
        "n_recordings": len(y_true),
        "n_labels": int(is_there.sum()),
        "lacking": [name for name, there in zip(names, is_there, strict=True) if not there],
    }
    if not is_there.any():
        return scored | {"macro_auc": None, "interval": None, "f_max": None}
    y_true, y_score = y_true[:, is_there], y_score[:, is_there]
    interval = bootstrap_interval(
        auc_of_all_labels,
        y_true,
        y_score,
        groups=np.arange(len(y_true)),
        n_resamples=500,
        confidence_level=0.9,
        random_state=0,
    )
    ends = [interval.low, interval.high]
    return scored | {
        "macro_auc": interval.value,
        "interval": None if np.isnan(ends).any() else ends,  # no draw had all labels
        "f_max": f_max_score(y_true, y_score),
    }


def auc_of_all_labels(y_true, y_score):
    """Compute the macro AUC, or NaN if a label is missing: the authors leave out such draws."""
    return ptbxl_macro_auc(y_true, y_score) if y_true.any(axis=0).all() else float("nan")


def synthetic(n_recordings):
    """Make noise of the size of so many recordings, and labels as many as in the full set."""
    rng = np.random.default_rng(0)
    windows = rng.standard_normal((n_recordings, 4, 250, 12), dtype=np.float32)
    target = (rng.random((n_recordings, 71 + 23 + 5)) < 0.03).astype(int)
    return windows, target, ptbxl_folds(np.arange(n_recordings) % 10 + 1)


def main():
    """Train and score, or measure an epoch."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data-home", help="folder with the database")
    parser.add_argument("--synthetic", type=int, metavar="N", help="train on N recordings of noise")
    parser.add_argument("--epochs", type=int, default=25)
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds")
    parser.add_argument("--output", default="results", help="folder for the results")
    options = parser.parse_args()
    if (options.data_home is None) == (options.synthetic is None):
        parser.error("pass either --data-home or --synthetic")
    if options.synthetic:
        classifier, fit_s = train(*synthetic(options.synthetic), 0, options.epochs)
        epoch_s = fit_s / len(classifier.history_["loss"])
        full_s = epoch_s * N_RECORDINGS / options.synthetic
        print(
            f"{options.synthetic} recordings: {epoch_s:.1f} s an epoch, {peak_memory_gb():.2f} GB; "
            f"{N_RECORDINGS} would take {full_s:.0f} s"
        )
        return

    data = load(options.data_home)
    target = np.hstack([data.labels[name] for name in LEARNT])
    for part, rows in zip(("folds 1 to 8", "fold 9", "fold 10"), data.folds, strict=True):
        for name in LEARNT:
            is_there = data.labels[name][rows].any(axis=0)
            lacking = [data.names[name][i] for i in np.flatnonzero(~is_there)]
            if lacking:
                print(f"{part}, {len(rows)} recordings: no {', '.join(lacking)} ({name})")
    runs = []
    for seed in range(options.seeds):
        classifier, fit_s = train(data.windows, target, data.folds, seed, options.epochs)
        test = data.folds[2]
        y_score = classifier.predict_proba(data.windows[test])
        run = {
            "seed": seed,
            "fit_s": fit_s,
            "epochs": len(classifier.history_["loss"]),
            "peak_memory_gb": peak_memory_gb(),
            "sets": {
                name: score(
                    data.labels[name][test], y_score[:, columns_of(name, data.names)], labels
                )
                for name, labels in data.names.items()
            },
        }
        runs.append(run)
        write_results(options.output, "ptbxl", {"runs": runs}, as_markdown(runs))
    print(as_markdown(runs))
    print(f"\nwritten to {options.output}/ptbxl.json and .md")


def as_markdown(runs):
    """Lay out the scores of each seed beside the published ones."""
    rows = []
    for run in runs:
        for name, scored in run["sets"].items():
            figures = [scored["macro_auc"], *(scored["interval"] or (None, None)), scored["f_max"]]
            figures = ["-" if figure is None else f"{figure:.3f}" for figure in figures]
            counts = [scored["n_recordings"], scored["n_labels"], len(scored["lacking"])]
            rows.append([name, run["seed"], *figures, *counts, *PUBLISHED[name]])
    columns = ["labels", "seed", "macro AUC", "5 %", "95 %", "F-max", "recordings"]
    columns += ["labels scored", "labels lacking"]
    columns += ["LSTM", "bidirectional LSTM", "xresnet1d101", "S4"]
    times = ", ".join(
        f"{run['fit_s']:.0f} s for {run['epochs']} epochs, {run['peak_memory_gb']:.1f} GB"
        for run in runs
    )
    return "\n".join(
        [
            "PTB-XL, fold 10, trained on folds 1 to 8; published figures on the right.",
            "",
            markdown_table(columns, rows),
            "",
            f"Training: {times}.",
        ]
    )


if __name__ == "__main__":
    main()
