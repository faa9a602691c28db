"""Remove parts of recordings, and count the answers of the shipped models that change.

One to four seconds go from every 20 s of MIT-BIH DS1, or become 0, as in the files of some devices,
and beats outside are compared; a tenth goes from the middle of every 34th recording of the CinC
Challenge 2017.

Usage: python examples/benchmarks/missing_signal.py --data-home DIR
"""

import argparse
from dataclasses import replace

import numpy as np
from _measuring import markdown_table, write_results

from sklearn_ecg import fetch_cinc2017, fetch_mitdb
from sklearn_ecg.metrics import match_beats
from sklearn_ecg.model_selection import MITDB_DS1
from sklearn_ecg.pretrained import load_pretrained

EVERY = 34  # recordings of CinC 2017, so that 200 are left of folds 0 to 3


def with_gaps(record, value, rng):
    """Put a value in place of one to four seconds of every 20."""
    signal, fs = record.signal.copy(), record.fs
    for start in np.arange(5, record.n_timesteps / fs - 15, 20) + rng.uniform(0, 10):
        signal[int(start * fs) : int((start + rng.uniform(1, 4)) * fs)] = value
    return replace(record, signal=signal)


def without_middle(record):
    """Remove the tenth in the middle."""
    signal = record.signal.copy()
    middle, width = len(signal) // 2, len(signal) // 10
    signal[middle : middle + width] = np.nan
    return replace(record, signal=signal)


def compare_beats(model, records, value):
    """Count beats that are found with and without gaps, and those of another class."""
    rng = np.random.default_rng(0)
    counts = {"answers": 0, "changed": 0, "to S": 0, "to V": 0}
    for record in records:
        whole, cut = (
            model.annotate(r).annotations for r in (record, with_gaps(record, value, rng))
        )
        here, there = match_beats(whole[0], cut[0], fs=record.fs)
        before, after = whole[1][here], cut[1][there]
        counts["answers"] += len(before)
        counts["changed"] += int((before != after).sum())
        for name in ("S", "V"):
            counts[f"to {name}"] += int(((before != after) & (after == name)).sum())
    return counts


def compare_rhythms(model, records):
    """Count recordings whose class changes."""
    before, after = model.predict(records), model.predict(list(map(without_middle, records)))
    return {"answers": len(before), "changed": int((before != after).sum())}


def main():
    """Compare both models."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data-home", required=True, help="folder with the databases")
    parser.add_argument("--output", default="results", help="folder for the results")
    options = parser.parse_args()
    home = {"data_home": options.data_home, "rows": "records", "download_if_missing": False}
    mitdb = fetch_mitdb(record_names=MITDB_DS1, **home).data
    cinc = fetch_cinc2017(**home).data[::EVERY]
    beats = load_pretrained("beats")
    results = {
        "beats": compare_beats(beats, mitdb, np.nan),
        "beats, 0 for missing": compare_beats(beats, mitdb, 0),
        "rhythm-30s": compare_rhythms(load_pretrained("rhythm-30s"), cinc),
    }
    names = list(results["beats"])
    rows = [[model, *(found.get(name, "") for name in names)] for model, found in results.items()]
    text = markdown_table(["model", *names], rows)
    print(text)
    write_results(options.output, "missing_signal", results, text)


if __name__ == "__main__":
    main()
