"""Remove parts of recordings, and count the answers of the shipped models that change.

One to four seconds go from every 20 s of MIT-BIH DS1, or become 0, as in the files of some devices,
or one value in a hundred goes, and beats outside gaps are compared; a tenth goes from the middle of
every 34th recording of the CinC Challenge 2017.

Usage: python examples/benchmarks/missing_signal.py --data-home DIR
"""

import argparse
from dataclasses import replace
from functools import partial

import numpy as np
from _measuring import markdown_table, write_results

from sklearn_ecg import fetch_cinc2017, fetch_mitdb
from sklearn_ecg.metrics import match_beats
from sklearn_ecg.model_selection import MITDB_DS1
from sklearn_ecg.pretrained import load_pretrained

EVERY = 34  # recordings of CinC 2017, so that 200 are left of folds 0 to 3


def with_gaps(record, rng, value=np.nan):
    """Put a value in place of one to four seconds of every 20."""
    signal, fs = record.signal.copy(), record.fs
    for start in np.arange(5, record.n_timesteps / fs - 15, 20) + rng.uniform(0, 10):
        signal[int(start * fs) : int((start + rng.uniform(1, 4)) * fs)] = value
    return replace(record, signal=signal)


def with_lost_values(record, rng):
    """Remove one value in a hundred."""
    is_lost = rng.random(record.signal.shape) < 0.01
    return replace(record, signal=np.where(is_lost, np.nan, record.signal))


def without_middle(record):
    """Remove the tenth in the middle."""
    signal = record.signal.copy()
    middle, width = len(signal) // 2, len(signal) // 10
    signal[middle : middle + width] = np.nan
    return replace(record, signal=signal)


def compare_beats(model, records, damage):
    """Count beats that are found with and without gaps, and those of another class."""
    rng = np.random.default_rng(0)
    counts = {"answers": 0, "changed": 0, "to S": 0, "to V": 0}
    for record in records:
        whole, cut = (model.annotate(r).annotations for r in (record, damage(record, rng)))
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
        "beats": compare_beats(beats, mitdb, with_gaps),
        "beats, 0 for missing": compare_beats(beats, mitdb, partial(with_gaps, value=0)),
        "beats, values lost": compare_beats(beats, mitdb, with_lost_values),
        "rhythm-30s": compare_rhythms(load_pretrained("rhythm-30s"), cinc),
    }
    names = list(results["beats"])
    rows = [[model, *(found.get(name, "") for name in names)] for model, found in results.items()]
    text = markdown_table(["model", *names], rows)
    print(text)
    write_results(options.output, "missing_signal", results, text)


if __name__ == "__main__":
    main()
