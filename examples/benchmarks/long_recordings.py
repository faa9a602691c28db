"""Classify the beats of recordings of three hours in one piece, and half-hour by half-hour.

Each record of MIT-BIH DS1 is joined from six copies of itself, whose rate and size differ as those
of a person do in the course of a day. The model that ships, `"beats"`, classifies the annotated
beats of the whole, and those of each half-hour alone. It has learnt from these records, so the
figures only tell how the two ways differ.

Usage: python examples/benchmarks/long_recordings.py --data-home DIR
"""

import argparse

import numpy as np
from _measuring import markdown_table, write_results
from sklearn.metrics import f1_score

from sklearn_ecg import ECGRecord, fetch_mitdb
from sklearn_ecg.model_selection import MITDB_DS1
from sklearn_ecg.preprocessing import resample
from sklearn_ecg.pretrained import load_pretrained

RATES = [0.78, 0.9, 1, 1.12, 1.25, 1]  # of the heart, to that of the record
SIZES = [0.8, 1, 1.2, 0.9, 1.1, 1]


def main():
    """Count the errors of each record."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data-home", required=True, help="folder with the database")
    parser.add_argument("--output", default="results", help="folder for the results")
    options = parser.parse_args()
    records = fetch_mitdb(
        options.data_home, record_names=MITDB_DS1, rows="records", download_if_missing=False
    ).data
    model = load_pretrained("beats").set_params(beats="annotations")
    truth, answers, by_record = [], {"in one piece": [], "half-hours": []}, {}
    for record in records:
        parts = [changed(record, *change) for change in zip(RATES, SIZES, strict=True)]
        truth.append(np.concatenate([part.beats[1] for part in parts]))
        answers["in one piece"].append(model.predict([join(parts)])[0])
        answers["half-hours"].append(np.concatenate(model.predict(parts)))
        by_record[record.name] = {
            way: int((truth[-1] != of_records[-1]).sum()) for way, of_records in answers.items()
        }
    results = {way: figures(truth, of_records) for way, of_records in answers.items()}
    text = as_markdown(results, by_record)
    write_results(
        options.output, "long_recordings", {"figures": results, "errors": by_record}, text
    )
    print(text)


def changed(record, rate, size):
    """Change the rate of the heart, and the size of the signal."""
    signal = size * resample(record.signal[None], record.fs * rate, record.fs)[0]
    steps, symbols = record.annotations
    steps = np.rint(steps / rate).astype(int)
    inside = steps < len(signal)
    marks = steps[inside], symbols[inside]
    return ECGRecord(signal, record.fs, record.lead_names, annotations=marks)


def join(parts):
    """Join recordings, one after the other."""
    signal = np.concatenate([part.signal for part in parts])
    starts = np.cumsum([0, *(part.n_timesteps for part in parts[:-1])])
    steps, symbols = zip(*(part.annotations for part in parts), strict=True)
    steps = [of_part + start for of_part, start in zip(steps, starts, strict=True)]
    marks = np.concatenate(steps), np.concatenate(symbols)
    return ECGRecord(signal, parts[0].fs, parts[0].lead_names, annotations=marks)


def figures(truth, answers):
    """Compute the F1 of N, S and V over all beats, and count the errors."""
    truth, answers = np.concatenate(truth), np.concatenate(answers)
    scores = f1_score(truth, answers, labels=["N", "S", "V"], average=None)
    return dict(zip("NSV", scores.tolist(), strict=True)) | {
        "errors": int((truth != answers).sum())
    }


def as_markdown(results, by_record):
    """Lay out the figures of both ways, and the errors in each record."""
    rows = [
        [way, *(f"{found[kind]:.3f}" for kind in "NSV"), found["errors"]]
        for way, found in results.items()
    ]
    summary = markdown_table(["way", "F1 N", "F1 S", "F1 V", "errors"], rows)
    columns = ["errors in record", *results]
    records = [[name, *errors.values()] for name, errors in by_record.items()]
    return f"{summary}\n\n{markdown_table(columns, records)}"


if __name__ == "__main__":
    main()
