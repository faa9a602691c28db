"""Train the models of beats that ship with the package, and write their files with their cards.

Both learn from one lead of MIT-BIH DS1, with simulated rhythms and fusion beats of the same people.
"beats" is for recordings of minutes to days: two networks, of which one learns from real beats
alone, and the other advises it. "beats-10s", one network, also learns from strips of the
recordings, and is for strips of ten seconds to a minute. The figures of the cards are of five folds
by patient within DS1: at annotated beats, and at those that `detect_beats` finds, counted by EC57;
of whole recordings after the first five minutes. By them we chose the strips, and about what and
how much the second network advises: all other settings are those of
examples/benchmarks/mitdb_interpatient.py.

Usage: python examples/training/beats.py --data-home DIR [--model beats-10s] [--output FILE]
           [--folds 5] [--stored tests/pretrained/beats-10s.npz]
"""

import argparse
import warnings
from datetime import date
from pathlib import Path

import numpy as np
import sklearn
from sklearn.base import clone
from sklearn.model_selection import GroupKFold

from sklearn_ecg import AdvisedClassifier, BeatClassifier, LSTMClassifier, fetch_mitdb, make_ecg
from sklearn_ecg.metrics import beat_macro_f1, beat_scores, match_beat_labels
from sklearn_ecg.model_selection import MITDB_DS1
from sklearn_ecg.persistence import save, to_onnx

SKIPPED_S = 300  # EC57: the first five minutes are for learning
CLASSES = "NSVF"
LEADS = [("MLII", "II")]
RHYTHMS = ("few", "many", "runs", "most", "arrhythmia", "pauses", "fibrillation")
WEIGHT = 0.6  # of advice
# What is scored: strips of so many seconds, or whole recordings, at which beats.
FIGURES = {
    "beats": {
        "at annotated beats": (None, "annotations"),
        "at detected beats": (None, "detected"),
        "at annotated beats of strips of 10 s": (10, "annotations"),
    },
    "beats-10s": {
        "at annotated beats of strips of 10 s": (10, "annotations"),
        "at detected beats of strips of 10 s": (10, "detected"),
        "at annotated beats of strips of 30 s": (30, "annotations"),
        "at annotated beats of whole recordings": (None, "annotations"),
    },
}
PURPOSES = {
    "beats": "For recordings of some minutes to days; beats-10s is for shorter ones.",
    "beats-10s": "For strips of 10 s to 1 min; beats is for longer recordings.",
}
CARD = {
    "purpose": (
        "Find the heartbeats of a recording and say of each whether it is normal (N), "
        "supraventricular (S), ventricular (V) or a fusion beat (F)."
    ),
    "limits": (
        "Not a medical device. Not validated for the care of patients, for children, for paced "
        "rhythm, or for ventricular flutter and fibrillation. Supraventricular beats are missed "
        "where only the P wave tells. Fusion beats are rarely found."
    ),
    "data": (
        "The 22 records of DS1 (de Chazal) of the MIT-BIH Arrhythmia Database 1.0.0, 22 patients, "
        "lead MLII, and simulated rhythms and fusion beats made of their beats. "
        "doi:10.13026/C2F305"
    ),
    "licence": "Data: Open Data Commons Attribution License 1.0. Model: BSD 3-clause.",
    "splits": (
        "Figures: five folds by patient within DS1, one seed, counted by EC57 after the first five "
        "minutes. The file: all of DS1."
    ),
    "calibration": "Probabilities are not calibrated: classes were weighed in training.",
}


def make_model(name, seed=0):
    """Build a model."""
    if name == "beats-10s":
        return BeatClassifier(
            network(seed, {"F": 2, "N": 1, "S": 1, "V": 3}),
            leads=LEADS,
            fs=250,
            simulate=["rhythms", "fusions", "strips"],
            random_state=seed,
        )
    on_real = network(seed, {"F": 3, "N": 1, "S": 1, "V": 2})
    on_real.set_fit_request(sample_weight="is_real")  # rows without weight are left out
    on_all = network(seed, {"F": 2, "N": 1, "S": 1, "V": 3})
    return BeatClassifier(
        AdvisedClassifier(on_real, on_all, weight=WEIGHT),
        leads=LEADS,
        fs=250,
        features=("rhythm", "irregularity", "deviation"),
        simulate=[*RHYTHMS, "fusions"],
        random_state=seed,
    )


def network(seed, class_weight):
    """Build a network on the beats of a row."""
    return LSTMClassifier(
        conv_filters=(64,),  # of one step and without pooling: a dense layer on each beat
        conv_kernel_size=1,
        conv_pool_size=1,
        units=48,
        bidirectional=True,
        pooling="middle",
        dropout=0.3,
        input_noise=0.5,
        optimizer="adamw",
        weight_decay=0.01,
        learning_rate=0.002,
        learning_rate_schedule="cosine",
        class_weight=class_weight,
        epochs=8,
        batch_size=256,
        random_state=seed,
    )


def labels_of(model, record, strip_s, beats):
    """Put the predicted labels of a record, or of its strips, beside those of its annotations."""
    model = model.set_params(beats=beats)
    labels = []
    for part in [record] if strip_s is None else strips_of(record, strip_s):
        predicted = model.annotate(part).annotations
        y_true, y_pred, steps = match_beat_labels(
            *part.beats, *predicted, fs=part.fs, flutter=part.flutter
        )
        scored = steps >= (SKIPPED_S * part.fs if strip_s is None else 0)
        labels.append((y_true[scored], y_pred[scored]))
    return tuple(map(np.concatenate, zip(*labels, strict=True)))


def strips_of(record, strip_s):
    """Cut a record into strips, and leave out those without a beat and in flutter."""
    length = round(strip_s * record.fs)
    strips = [record.part(start, start + length) for start in range(0, record.n_timesteps, length)]
    return [strip for strip in strips if len(strip.beats[0]) and not len(strip.flutter)]


def cross_validate(name, records, n_folds):
    """Predict each record by a model that has not seen its patient."""
    found = {kind: {} for kind in FIGURES[name]}
    groups = [record.patient for record in records]
    splitter = GroupKFold(n_folds, shuffle=True, random_state=0)
    for train, test in splitter.split(records, groups=groups):
        model = clone(make_model(name)).fit([records[i] for i in train])
        for kind, labels in found.items():
            how = FIGURES[name][kind]
            labels |= {records[i].name: labels_of(model, records[i], *how) for i in test}
        print("fold done:", ", ".join(records[i].name for i in test), flush=True)
    return found


def figures(labels):
    """Compute F1 of each class over all beats, and the macro F1 of each record, as EC57 counts."""
    y_true, y_pred = (np.concatenate(part) for part in zip(*labels.values(), strict=True))
    scores = beat_scores(y_true, y_pred, counting="ec57")
    by_record = {
        name: round(float(beat_macro_f1(*pair, counting="ec57")), 3)
        for name, pair in sorted(labels.items())
    }
    return {
        **{f"F1 {label}": round(float(scores[label]["f1"]), 3) for label in CLASSES},
        "macro F1": round(float(beat_macro_f1(y_true, y_pred, counting="ec57")), 3),
        "macro F1 by record": " ".join(f"{name} {value}" for name, value in by_record.items()),
    }


def store_answers(model, path):
    """Keep a synthetic signal, and what the model says of its beats, for a test."""
    record = make_ecg(100, fs=250, premature={"V": 0.2}, leads=["II"], random_state=0)
    np.savez_compressed(
        path,
        signal=record.signal[:, 0],
        beats=record.beats[0],
        probabilities=model.set_params(beats="annotations").predict_proba([record])[0],
    )


def main():
    """Train, measure and write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data-home", required=True, help="folder with the database")
    parser.add_argument("--model", choices=FIGURES, default="beats", help="the model to train")
    parser.add_argument("--folds", type=int, default=5, help="folds of the figures")
    parser.add_argument("--output", type=Path, help="the package's own file if left out")
    parser.add_argument("--stored", type=Path, help="file of answers for the tests")
    options = parser.parse_args()
    sklearn.set_config(enable_metadata_routing=True)
    warnings.filterwarnings("ignore", "A recording lasts less")  # than "beats" is for: it is scored
    records = fetch_mitdb(
        options.data_home,
        record_names=MITDB_DS1,
        rows="records",
        leads=["MLII"],
        download_if_missing=False,
    ).data
    name = options.model
    found = cross_validate(name, records, options.folds)
    card = CARD | {
        "purpose": f"{CARD['purpose']} {PURPOSES[name]}",
        "figures": {kind: figures(labels) for kind, labels in found.items()},
        "made": f"{date.today()} by examples/training/beats.py",
    }
    model = make_model(name).fit(records)
    folder = Path(__file__).parents[2] / "sklearn_ecg" / "pretrained"
    output = options.output or folder / f"{name}.skecg"
    save(to_onnx(model), output, card=card)  # answers without TensorFlow, too
    print(output, output.stat().st_size, "bytes")
    print(card["figures"])
    if options.stored is not None:
        store_answers(model, options.stored)


if __name__ == "__main__":
    main()
