"""Count the beats of MIT-BIH DS1 that `detect_beats` misses, and those that it invents.

Usage: python examples/benchmarks/beat_detection.py --data-home DIR
"""

import argparse
from pathlib import Path

import numpy as np

from sklearn_ecg.beats import detect_beats
from sklearn_ecg.datasets import fetch_mitdb, read_record
from sklearn_ecg.metrics import match_beats
from sklearn_ecg.model_selection import MITDB_DS1

parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
parser.add_argument("--data-home", required=True)
options = parser.parse_args()

annotated = fetch_mitdb(options.data_home, records=MITDB_DS1, rows="beats")
n_missed, n_extra = np.zeros((2, 2), dtype=int)  # with all leads, with MLII
for name in MITDB_DS1:
    record = read_record(Path(options.data_home, "mitdb", name))
    reference = annotated.time_steps[annotated.records == name]
    for i, signal in enumerate([record.signal, record.leads(["MLII"])]):
        detected = detect_beats(signal[None], record.fs)[0]
        matched, _ = match_beats(reference, detected, fs=record.fs)
        n_missed[i] += len(reference) - len(matched)
        n_extra[i] += len(detected) - len(matched)
for leads, missed, extra in zip(("both leads", "MLII alone"), n_missed, n_extra, strict=True):
    print(f"{leads}: {missed} missed and {extra} extra of {len(annotated.target):,} beats")
