"""Train the model "beats" that ships with the package, and write its file with its card.

One network on one lead of MIT-BIH DS1, with simulated rhythms and fusion beats of the same people.
The figures of the card are of five folds by patient within DS1: at annotated beats, and at those
that `detect_beats` finds, both counted by EC57 after the first five minutes. Nothing was chosen by
them: the settings are those of examples/benchmarks/mitdb_interpatient.py.

Usage: python examples/training/beats.py --data-home DIR [--output FILE] [--folds 5]
           [--stored tests/pretrained/beats.npz]
"""

import argparse
from datetime import date
from pathlib import Path

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import GroupKFold

from sklearn_ecg import BeatClassifier, LSTMClassifier, fetch_mitdb, make_ecg
from sklearn_ecg.metrics import beat_macro_f1, beat_scores, match_beat_labels
from sklearn_ecg.model_selection import MITDB_DS1
from sklearn_ecg.persistence import save, to_onnx

SKIPPED_S = 300  # EC57: the first five minutes are for learning
CLASSES = "NSVF"
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


def make_model(seed=0):
    """Build the model."""
    network = LSTMClassifier(
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
        class_weight={"F": 2, "N": 1, "S": 1, "V": 3},
        epochs=8,
        batch_size=256,
        random_state=seed,
    )
    return BeatClassifier(
        network,
        leads=[("MLII", "II")],
        fs=250,
        simulate=["rhythms", "fusions"],
        random_state=seed,
    )


def labels_of(model, record, beats):
    """Put the predicted labels of a record beside those of its annotations."""
    model = model.set_params(beats=beats)
    predicted = model.annotate(record).annotations
    y_true, y_pred, steps = match_beat_labels(
        *record.beats, *predicted, fs=record.fs, flutter=record.flutter
    )
    late = steps >= SKIPPED_S * record.fs
    return y_true[late], y_pred[late]


def cross_validate(records, n_folds):
    """Predict each record by a model that has not seen its patient."""
    found = {"annotations": {}, "detected": {}}
    groups = [record.patient for record in records]
    splitter = GroupKFold(n_folds, shuffle=True, random_state=0)
    for train, test in splitter.split(records, groups=groups):
        model = clone(make_model()).fit([records[i] for i in train])
        for beats, labels in found.items():
            labels |= {records[i].name: labels_of(model, records[i], beats) for i in test}
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
    record = make_ecg(20, fs=250, premature={"V": 0.2}, leads=["II"], random_state=0)
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
    parser.add_argument("--folds", type=int, default=5, help="folds of the figures")
    default = Path(__file__).parents[2] / "sklearn_ecg" / "pretrained" / "beats.skecg"
    parser.add_argument("--output", type=Path, default=default)
    parser.add_argument("--stored", type=Path, help="file of answers for the tests")
    options = parser.parse_args()
    records = fetch_mitdb(
        options.data_home,
        record_names=MITDB_DS1,
        rows="records",
        leads=["MLII"],
        download_if_missing=False,
    ).data
    found = cross_validate(records, options.folds)
    card = CARD | {
        "figures": {
            "at annotated beats": figures(found["annotations"]),
            "at detected beats": figures(found["detected"]),
        },
        "made": f"{date.today()} by examples/training/beats.py",
    }
    model = make_model().fit(records)
    save(to_onnx(model), options.output, card=card)  # answers without TensorFlow, too
    print(options.output, options.output.stat().st_size, "bytes")
    print(card["figures"])
    if options.stored is not None:
        store_answers(model, options.stored)


if __name__ == "__main__":
    main()
