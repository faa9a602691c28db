"""Classify the recordings of the CinC Challenge 2017, by the published folds.

Four pipelines see each recording, two as a sequence of beats and two as a spectrum over time; an
LSTM reads each, and their probabilities are averaged. Baselines see the same recordings.

Settings were chosen on fold 3 by training on folds 1 and 2, but for the weight of O, which runs on
folds 0 to 3 decided; fold 4 had no part in it. Nothing is chosen here: each fold is scored once by
models trained on the others.

Usage: python examples/benchmarks/cinc2017.py --data-home DIR --folds DIR/cinc2017/folds.csv
"""

import argparse
import os

import numpy as np
from _measuring import (
    markdown_table,
    peak_memory_gb,
    timed_fit_predict,
    without_uninstalled,
    write_results,
)
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.linear_model import RidgeClassifierCV
from sklearn.metrics import confusion_matrix, f1_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from sklearn_ecg import (
    BeatSequencer,
    LogSpectrogram,
    LSTMClassifier,
    MaxNormalizer,
    Resampler,
    Reshaper,
    Segmenter,
    fetch_cinc2017,
)
from sklearn_ecg.metrics import cinc2017_score
from sklearn_ecg.model_selection import cinc2017_folds

# Small LSTM layers are trained in less time if TensorFlow does not split operations between cores.
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")

CLASSES = ["N", "A", "O", "~"]
# Those of balanced_sqrt, but for O, of which too few would be found.
WEIGHTS = {"A": 2.6, "N": 1, "O": 1.7, "~": 4.2}
# VotingClassifier numbers the classes in alphabetical order.
WEIGHTS_BY_NUMBER = {i: WEIGHTS[label] for i, label in enumerate(sorted(WEIGHTS))}
FS = 300


def lstm(seed):
    """Four LSTM pipelines, trained two at a time, whose probabilities are averaged."""
    return VotingClassifier(
        [
            ("spectra of 64", on_spectra(LogSpectrogram(window_length=64), seed)),
            ("spectra of 128", on_spectra(LogSpectrogram(window_length=128, step=32), seed)),
            ("beats", on_beats(2 * seed)),
            ("beats, second seed", on_beats(2 * seed + 1)),
        ],
        voting="soft",
        n_jobs=2,
    )


def on_spectra(spectrogram, seed):
    """Let an LSTM layer, behind three convolutional blocks, read a spectrum over time."""
    network = LSTMClassifier(
        conv_filters=(48, 64, 96), units=64, dropout=0.1, input_noise=0.5, epochs=20, **shared(seed)
    )
    return make_pipeline(spectrogram, network)


def on_beats(seed):
    """Let two LSTM layers read the sequence of beats."""
    network = LSTMClassifier(
        units=(48, 48), dropout=0.4, input_noise=0.3, epochs=15, **shared(seed)
    )
    return make_pipeline(BeatSequencer(fs=FS), network)


def small_lstm(seed):
    """One LSTM layer on the sequence of beats alone, which is trained in little time."""
    settings = shared(seed) | {"learning_rate": 0.006, "class_weight": WEIGHTS}
    network = LSTMClassifier(units=64, dropout=0.2, input_noise=0.2, epochs=8, **settings)
    return make_pipeline(BeatSequencer(fs=FS), network)


def shared(seed):
    """Collect the settings that all networks have."""
    return {
        "bidirectional": True,
        "pooling": "mean_max",
        "optimizer": "adamw",
        "weight_decay": 0.1,
        "learning_rate": 0.004,
        "learning_rate_schedule": "cosine",
        "batch_size": 64,
        "class_weight": WEIGHTS_BY_NUMBER,
        "random_state": seed,
    }


def article(seed):
    """Build the article's network: two LSTM layers of 50 with relu, and the last state.

    On 9000 time steps a recording it would take days; so it sees segments of 3 s at 100 Hz, in
    frames of 10, for 10 epochs.
    """
    network = LSTMClassifier(
        units=(50, 50), activation="relu", pooling="last", epochs=10, random_state=seed
    )
    return make_pipeline(
        Resampler(fs=FS, fs_new=100),
        Segmenter(segment_length=300),
        MaxNormalizer(),
        Reshaper(frame_length=10),
        network,
    )


def forest(seed):
    """Random forest on the distribution of RR and shape over a recording's beats."""
    trees = RandomForestClassifier(
        500, min_samples_leaf=2, class_weight="balanced_subsample", n_jobs=2, random_state=seed
    )
    summary = FunctionTransformer(summarize)
    return make_pipeline(BeatSequencer(fs=FS, features=["rhythm", "shape"]), summary, trees)


def summarize(sequences):
    """Describe the beats of each recording by quantiles, mean and spread of each feature."""
    quantiles = [np.quantile(beats, [0.1, 0.5, 0.9], axis=0).ravel() for beats in sequences]
    moments = [np.r_[beats.mean(axis=0), beats.std(axis=0), len(beats)] for beats in sequences]
    return np.hstack([quantiles, moments])


def minirocket(seed):
    """MiniRocket on 30 s at 100 Hz, and ridge regression, as its authors pair them."""
    from aeon.transformations.collection.convolution_based import MiniRocket

    linear = RidgeClassifierCV(alphas=np.logspace(-3, 3, 7), class_weight="balanced")
    return make_pipeline(
        Resampler(fs=FS, fs_new=100),
        FunctionTransformer(to_30_s),
        MiniRocket(n_jobs=2, random_state=seed),
        StandardScaler(),
        linear,
    )


def to_30_s(signals):
    """Cut recordings to 30 s, or fill them up with zeros, with leads before time."""
    dense = np.zeros((len(signals), 1, 3000), dtype=np.float32)
    for to, signal in zip(dense, signals, strict=True):
        to[0, : len(signal)] = signal[:3000, 0]
    return dense


MODELS = {m.__name__: m for m in (lstm, small_lstm, article, forest, minirocket)}


def main():
    """Score every fold once, with each model and seed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data-home", required=True, help="folder with the database")
    parser.add_argument("--folds", required=True, help="CSV file with a line record,fold for each")
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds")
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--only-folds", nargs="+", type=int, help="score only these folds")
    parser.add_argument("--output", default="results", help="folder for the results")
    options = parser.parse_args()

    data = fetch_cinc2017(options.data_home, download_if_missing=False)
    splitter = cinc2017_folds(data.records, options.folds)
    folds, sizes = (part.tolist() for part in np.unique(splitter.test_fold, return_counts=True))
    print(f"{len(data.records)} recordings; in folds {folds} there are {sizes}", flush=True)
    if unknown := set(options.only_folds or ()) - set(folds):
        parser.error(f"no recording is in fold {min(unknown)}, only in {folds}")
    runs = []
    for name in without_uninstalled(options.models, {"minirocket": "aeon"}, "model"):
        for seed in range(options.seeds):
            for fold, (train, test) in zip(folds, splitter.split(), strict=True):
                if options.only_folds and fold not in options.only_folds:
                    continue
                y_pred, fit_s, predict_s = timed_fit_predict(
                    MODELS[name](seed), data.data[train], data.target[train], data.data[test]
                )
                y_true = data.target[test]
                f1 = f1_score(y_true, y_pred, labels=CLASSES, average=None)
                run = {
                    "model": name,
                    "seed": seed,
                    "fold": fold,
                    "score": cinc2017_score(y_true, y_pred),
                    "accuracy": float((y_true == y_pred).mean()),
                    "f1": dict(zip(CLASSES, f1.tolist(), strict=True)),
                    "confusion_matrix": confusion_matrix(y_true, y_pred, labels=CLASSES).tolist(),
                    "fit_s": fit_s,
                    "predict_s": predict_s,
                    "peak_memory_gb": peak_memory_gb(),
                }
                runs.append(run)
                done = f"{name}, seed {seed}, fold {fold}: {run['score']:.4f}, {fit_s:.0f} s"
                print(done, flush=True)
                # After each, so that hours are not lost to a later failure.
                write_results(options.output, "cinc2017", {"runs": runs}, as_markdown(runs))
    print(as_markdown(runs))
    print(f"\nwritten to {options.output}/cinc2017.json and .md")


def as_markdown(runs):
    """Lay out means over folds and seeds, and the confusion of the first model."""
    rows = []
    for model in dict.fromkeys(run["model"] for run in runs):
        of_model = [run for run in runs if run["model"] == model]
        scores = [run["score"] for run in of_model]
        rows.append(
            [
                model,
                f"{np.mean(scores):.3f}",
                f"{min(scores):.3f} to {max(scores):.3f}",
                *(f"{np.mean([run['f1'][label] for run in of_model]):.3f}" for label in CLASSES),
                f"{np.mean([run['accuracy'] for run in of_model]):.3f}",
                f"{np.median([run['fit_s'] for run in of_model]):.0f}",
                f"{np.median([run['predict_s'] for run in of_model]):.0f}",
                f"{max(run['peak_memory_gb'] for run in of_model):.1f}",
            ]
        )
    columns = ["model", "mean F1 (N A O)", "by fold and seed", *(f"F1 {c}" for c in CLASSES)]
    columns += ["accuracy", "fit, s a fold", "predict, s", "peak memory so far, GB"]
    first = [run for run in runs if run["model"] == runs[0]["model"]]
    confusion = np.sum([run["confusion_matrix"] for run in first], axis=0).tolist()
    folds, seeds = ({run[key] for run in runs} for key in ("fold", "seed"))
    return "\n".join(
        [
            f"CinC 2017, v3 labels, folds {sorted(folds)}, {len(seeds)} seed(s).",
            "",
            markdown_table(columns, rows),
            "",
            f"Confusion matrix of {runs[0]['model']}, all folds and seeds (rows: reference):",
            "",
            markdown_table(
                ["", *CLASSES], [[c, *row] for c, row in zip(CLASSES, confusion, strict=True)]
            ),
        ]
    )


if __name__ == "__main__":
    main()
