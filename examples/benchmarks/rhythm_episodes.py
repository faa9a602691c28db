"""Find atrial fibrillation in half-hours of people never seen, by the model that ships.

`annotate_rhythms` asks `"rhythm-30s"`, which has learnt from the CinC Challenge 2017 alone, about
strips of lead II of the MIT-BIH Arrhythmia Database. Time is counted, and flutter as fibrillation.

Usage: python examples/benchmarks/rhythm_episodes.py --data-home DIR [--fewest-strips 1 2 3 4]
"""

import argparse

import numpy as np
from _measuring import markdown_table, write_results

from sklearn_ecg import fetch_mitdb
from sklearn_ecg.compose import annotate_rhythms
from sklearn_ecg.pretrained import load_pretrained

FIBRILLATION = ("AFIB", "AFL")


def main():
    """Count the time in fibrillation, annotated and found, of each record."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data-home", required=True, help="folder with the database")
    parser.add_argument(
        "--fewest-strips", type=int, nargs="+", default=[3], help="strips that make a rhythm"
    )
    parser.add_argument("--output", default="results", help="folder for the results")
    options = parser.parse_args()
    records = fetch_mitdb(options.data_home, rows="records", download_if_missing=False).data
    model = load_pretrained("rhythm-30s")
    runs = [count(records, model, fewest) for fewest in options.fewest_strips]
    text = as_markdown(runs)
    write_results(options.output, "rhythm_episodes", {"runs": runs}, text)
    print(text)


def count(records, model, fewest_strips):
    """Count time steps in and outside fibrillation, and those found to be so."""
    by_record, total = {}, np.zeros(4)
    for record in records:
        found = in_fibrillation(annotate_rhythms(record, model, fewest_strips=fewest_strips))
        annotated = in_fibrillation(record)
        cases = [annotated & found, annotated & ~found, ~annotated & found, ~annotated & ~found]
        total += [case.sum() / record.fs for case in cases]
        by_record[record.name] = {
            "annotated": float(annotated.mean()),
            "found": float(found.mean()),
        }
    hits_s, missed_s, false_s, others_s = total
    return {
        "fewest strips": fewest_strips,
        "sensitivity": float(hits_s / (hits_s + missed_s)),
        "specificity": float(others_s / (others_s + false_s)),
        "positive predictivity": float(hits_s / (hits_s + false_s)),
        "by_record": by_record,
    }


def in_fibrillation(record):
    """Mark the time steps of a record that are in fibrillation."""
    begins, names = record.rhythms
    number = np.searchsorted(begins, np.arange(record.n_timesteps), side="right")
    return np.append(False, np.isin(names, FIBRILLATION))[number]


def as_markdown(runs):
    """Lay out the figures, and the records that are or were found in fibrillation."""
    columns = ["fewest strips", "sensitivity", "specificity", "positive predictivity"]
    rows = [[f"{run[name]:.4g}" for name in columns] for run in runs]
    records = [
        [run["fewest strips"], name, *(f"{100 * share:.1f}" for share in shares.values())]
        for run in runs
        for name, shares in run["by_record"].items()
        if any(shares.values())
    ]
    people = ["fewest strips", "record", "annotated, % of time", "found"]
    n_records = len(runs[0]["by_record"])
    return "\n\n".join(
        [
            f"Time in atrial fibrillation or flutter, {n_records} records of MIT-BIH.",
            markdown_table(columns, rows),
            "Records in which it is annotated or found:",
            markdown_table(people, records),
        ]
    )


if __name__ == "__main__":
    main()
