"""Train the model "rhythm-30s" that ships with the package, and write its file with its card.

Two LSTM layers read the sequence of beats of a recording of one lead, as in one of the pipelines of
examples/benchmarks/cinc2017.py. The training set is folds 0 to 3 of the CinC Challenge 2017. The
figures of the card are those of these four folds, each predicted by a model trained on the others,
and, if DIR holds PTB-XL, of lead I there, of which the model has seen nothing.

All recordings are from one device. So the network also learns from two copies of each that are
disturbed at random, as other devices, hands and rooms would do it. It learns to call constants,
noise, other waves and less than two beats too noisy to tell (~), too.

Usage: python examples/training/rhythm_30s.py --data-home DIR [--folds FILE] [--output FILE]
           [--stored tests/pretrained/rhythm-30s.npz]
"""

import argparse
import os
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from sklearn.base import clone
from sklearn.metrics import accuracy_score, precision_recall_fscore_support
from sklearn.pipeline import make_pipeline

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
from _detection_sets import with_clicks, with_jumps

from sklearn_ecg import (
    BandpassFilter,
    BeatSequencer,
    ECGRecord,
    JumpRemover,
    LSTMClassifier,
    RecordReader,
    fetch_cinc2017,
    fetch_ptbxl,
    make_ecg,
)
from sklearn_ecg.metrics import cinc2017_score
from sklearn_ecg.model_selection import cinc2017_folds
from sklearn_ecg.neural_network import augment_signals
from sklearn_ecg.persistence import save, to_onnx

# Small LSTM layers are trained in less time if TensorFlow does not split operations between cores.
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")

CLASSES = ["N", "A", "O", "~"]
FS = 300  # Hz, of the training set
N_UNREADABLE, N_COPIES = 400, 2
FOLDS = range(4)  # fold 4 is left to examples/benchmarks/cinc2017.py
DISTURBANCES = {"scale": 1.8, "flip": 0.5, "noise": 0.4, "wander": 1.0, "mains": 0.7}
# Statements of PTB-XL, all of which a recording has, or those of another set.
PTBXL = {
    "normal": [{"NORM", "SR"}],
    "atrial fibrillation": [{"AFIB"}],
    "sinus rhythm with premature beats": [{"SR", "PVC"}, {"SR", "PAC"}],
}
CARD = {
    "purpose": (
        "Say of half a minute of one lead whether it shows normal rhythm (N), atrial fibrillation "
        "(A) or another rhythm (O), or is too noisy to tell (~)."
    ),
    "limits": (
        "Not a medical device. Not validated for the care of patients. Trained on the lead between "
        "both hands (lead I), sometimes upside down; it takes lead II or MLII of a recording "
        "without it. Recordings last 9 to 61 s: longer ones are refused. Three of ten other "
        "rhythms are missed, and most of these taken for normal ones."
    ),
    "data": (
        "6824 recordings of 9 to 61 s with a hand-held device (AliveCor), 300 Hz: folds 0 to 3 of "
        "the training set of the PhysioNet/CinC Challenge 2017, labels v3. doi:10.13026/d3hm-sf11. "
        "Also two copies of each, disturbed at random (gain, polarity, noise, wander, hum, clicks "
        "and jumps of electrodes), and 400 synthetic strips of constants, noise, "
        "waves that are not of the heart and less than two beats, as too noisy to tell."
    ),
    "licence": "Data: Open Data Commons Attribution License 1.0. Model: BSD 3-clause.",
    "splits": (
        "Figures: each of the four published folds by a model trained on the three others, one "
        "seed. The file: all four. People are not identified, so one may be in two folds. Settings "
        "were chosen on some of these folds."
    ),
}


def make_model(seed=0):
    """Build the pipeline."""
    network = LSTMClassifier(
        units=(48, 48),
        bidirectional=True,
        pooling="mean_max",
        dropout=0.4,
        input_noise=0.3,
        optimizer="adamw",
        weight_decay=0.1,
        learning_rate=0.004,
        learning_rate_schedule="cosine",
        batch_size=64,
        epochs=6,
        class_weight={"A": 2.6, "N": 1, "O": 1.7, "~": 4.2},
        random_state=seed,
    )
    reader = RecordReader(
        leads=[("ECG", "I", "II", "MLII")], fs=FS, shortest_s=9, longest_s=61, flat_leads="nan"
    )
    # Steep, because the device of the training set records nothing beyond this band.
    band = BandpassFilter(low=0.5, high=40.0, order=6)
    return make_pipeline(reader, JumpRemover(), band, BeatSequencer(), network)


def disturb(record, seed):
    """Draw what another device would have recorded, and what electrodes that move add to it."""
    signal = augment_signals(record.signal[None], seed, fs=record.fs, **DISTURBANCES)[0]
    record, rng = replace(record, signal=signal), np.random.default_rng(seed)
    for add in (with_clicks, with_jumps):
        if rng.random() < 0.3:
            height = rng.choice([-1, 1]) * np.exp(rng.uniform(-1, 1.5))  # mV
            record = add(record, rng, every_s=rng.uniform(2, 10), height=height)
    return record


def unreadable():
    """Draw recordings of which nothing can be said: without beats, or with less than two."""
    rng = np.random.default_rng(0)
    for seed in range(N_UNREADABLE):
        n_timesteps = int(FS * rng.uniform(1, 30))
        if seed % 4 == 0:
            signal = np.full(n_timesteps, rng.normal())
        elif seed % 4 == 1:
            signal = 10 ** rng.uniform(-3, 0) * rng.normal(size=n_timesteps)
        elif seed % 4 == 2:
            signal = wave(n_timesteps, rng)
        else:
            strip = make_ecg(2, fs=FS, heart_rate=60, leads=["I"], random_state=seed).signal
            signal = strip[: int(FS * rng.uniform(0.01, 1))]
        yield ECGRecord(signal.reshape(-1, 1).astype(np.float32), FS, ("I",))


def wave(n_timesteps, rng):
    """Draw what returns without end, such as hum, breath or a pulse, with or without noise."""
    frequency = 10 ** rng.uniform(-0.6, 1.8)
    if frequency > 1 and rng.random() < 0.5:
        frequency = round(frequency)  # each second is as the one before
    phase = 2 * np.pi * frequency * np.arange(n_timesteps) / FS
    signal = np.sin(phase) + rng.choice([0, 0.4]) * np.sin(2 * phase + rng.uniform(0, 6))
    signal += rng.choice([0, 0.02]) * rng.normal(size=n_timesteps)
    return 10 ** rng.uniform(-1, 0.3) * signal


def cross_validate(network, versions, noise, y, folds):
    """Predict each version of each fold by a network that has not seen it, two folds at a time."""
    # Not cross_val_predict, which numbers the classes: `class_weight` names them.
    predicted = Parallel(n_jobs=2)(
        delayed(predict_fold)(clone(network), versions, noise, y, folds == fold) for fold in FOLDS
    )
    probabilities = np.empty((len(versions), len(y), len(CLASSES)))
    for fold, values in zip(FOLDS, predicted, strict=True):
        probabilities[:, folds == fold] = values
    return probabilities


def predict_fold(network, versions, noise, y, is_test):
    """Train on all versions of all rows but those of a fold, and predict these."""
    fit(network, [sequences[~is_test] for sequences in versions], noise, y[~is_test])
    return [network.predict_proba(sequences[is_test]) for sequences in versions]


def fit(network, versions, noise, y):
    """Train on several versions of the same rows, and on noise."""
    labels = np.concatenate([np.tile(y, len(versions)), np.repeat("~", len(noise))])
    return network.fit(np.concatenate([*versions, noise]), labels)


def figures(y_true, probabilities, classes, folds):
    """Compute the scores of the challenge, and how often each class is found and right."""
    y_pred = classes[probabilities.argmax(axis=1)]
    scores = [cinc2017_score(y_true[folds == fold], y_pred[folds == fold]) for fold in FOLDS]
    found = {"mean F1 of N, A and O": f"{np.mean(scores):.3f}"}
    found["by fold"] = " ".join(f"{score:.3f}" for score in scores)
    found["accuracy"] = f"{accuracy_score(y_true, y_pred):.3f}"
    by_class = precision_recall_fscore_support(y_true, y_pred, labels=CLASSES)
    for label, precision, recall, f1, n in zip(CLASSES, *by_class, strict=True):
        found[label] = (
            f"F1 {f1:.3f}, sensitivity {recall:.3f}, positive predictivity {precision:.3f}, "
            f"{n} recordings"
        )
    return found


def calibration(y_true, probabilities, classes):
    """Say how probable each class is on average, and how often it is true."""
    parts = [
        f"{label} {probabilities[:, classes == label].mean():.3f} ({(y_true == label).mean():.3f})"
        for label in CLASSES
    ]
    return (
        "Probabilities are not calibrated: classes were weighed in training. Mean probability in "
        f"the four folds, and true share in brackets: {', '.join(parts)}."
    )


def elsewhere(model, data_home):
    """Count the answers to recordings of another database, by what cardiologists said."""
    if not (Path(data_home) / "ptbxl").is_dir():
        return "not measured"
    data = fetch_ptbxl(data_home, rows="records", leads=["I"], download_if_missing=False)
    y_pred = model.predict(data.data)
    statements = [said["statements"].keys() for said in data.metadata]
    found = []
    for name, wanted in PTBXL.items():
        rows = [any(one <= said for one in wanted) for said in statements]
        counts = [f"{(y_pred[rows] == label).sum()} {label}" for label in CLASSES]
        found.append(f"{name}, {sum(rows)}: {', '.join(counts)}")
    return f"PTB-XL, {len(y_pred)} recordings of 10 s, lead I, 100 Hz. {'; '.join(found)}."


def store_answers(model, path):
    """Keep synthetic signals, and the model's answers to them, for a test."""
    records = [make_ecg(30, fs=250, rhythm=rhythm, random_state=1) for rhythm in ("sinus", "af")]
    np.savez_compressed(
        path,
        signals=np.stack([record.signal[:, 0] for record in records]),
        probabilities=model.predict_proba(records),
    )


def main():
    """Train, measure and write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data-home", required=True, help="folder with the database")
    parser.add_argument("--folds", help="CSV file of folds, as for examples/benchmarks/cinc2017.py")
    default = Path(__file__).parents[2] / "sklearn_ecg" / "pretrained" / "rhythm-30s.skecg"
    parser.add_argument("--output", type=Path, default=default)
    parser.add_argument("--stored", type=Path, help="file of answers for the tests")
    options = parser.parse_args()

    data = fetch_cinc2017(options.data_home, rows="records", download_if_missing=False)
    path = options.folds or Path(options.data_home) / "cinc2017" / "folds.csv"
    folds = cinc2017_folds(data.records, path).test_fold
    rows = np.flatnonzero(np.isin(folds, FOLDS))
    y, folds = data.target[rows], folds[rows]
    model = make_model()
    # No step learns anything from recordings, so all folds may share their sequences.
    records = [data.data[i] for i in rows]
    copies = [  # with a seed of its own for each recording
        [disturb(record, 10_000 * copy + i) for i, record in enumerate(records)]
        for copy in range(N_COPIES)
    ]
    versions = [model[:-1].fit_transform(version) for version in (records, *copies)]
    noise = model[:-1].transform(list(unreadable()))
    network = model[-1]
    probabilities, of_disturbed, *_ = cross_validate(network, versions, noise, y, folds)
    fit(network, versions, noise, y)
    card = CARD | {
        "figures": figures(y, probabilities, network.classes_, folds),
        "figures, disturbed": figures(y, of_disturbed, network.classes_, folds),
        "elsewhere": elsewhere(model, options.data_home),
        "calibration": calibration(y, probabilities, network.classes_),
        "made": f"{date.today()} by examples/training/rhythm_30s.py",
    }
    network.network_.forget_optimizer()
    save(to_onnx(model), options.output, card=card)  # answers without TensorFlow, too
    print(options.output, options.output.stat().st_size, "bytes")
    print(card["figures"], card["calibration"], sep="\n")
    if options.stored is not None:
        store_answers(model, options.stored)


if __name__ == "__main__":
    main()
