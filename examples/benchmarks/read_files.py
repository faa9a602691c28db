"""
How long files take to read
===========================

Each section writes 30 minutes of two leads at 360 Hz, or 20 files of 10 s, and reads them with
`read_record` and with the package that people read such files with. The two take turns, so that
both see the same machine; the median of the processor time of each is printed, and the ratio.

    python examples/benchmarks/read_files.py --repeats 11
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from sklearn_ecg.datasets import make_ecg, read_record

FS = 360
SECTIONS = ["csv", "csv_with_gaps", "short_csv", "edf", "wfdb"]


def make_signal():
    record = make_ecg(duration_s=1800, fs=FS, leads=["MLII", "V1"], random_state=0)
    return np.rint(record.signal * 200).astype(np.int64)


# %%
# Each section writes a file, and returns what reads it: the baseline, then ours.
def csv(folder, counts, step_of_gaps=None):
    import pandas as pd

    path = folder / "r.csv"
    leads = counts / 200
    leads[:: step_of_gaps or len(leads)] = np.nan if step_of_gaps else leads[0]
    columns = {"time (s)": np.arange(len(counts)) / FS, "MLII (mV)": leads[:, 0]}
    table = pd.DataFrame(columns | {"V1 (mV)": leads[:, 1]})
    table.to_csv(path, index=False, float_format="%.6f")
    return "pandas.read_csv", lambda: pd.read_csv(path).to_numpy(), lambda: read_record(path)


def csv_with_gaps(folder, counts):
    return csv(folder, counts, step_of_gaps=1000)


def short_csv(folder, counts):
    read_all = []
    for i in range(20):  # of 10 s: other files, because whoever reads may remember the last one
        (folder / str(i)).mkdir()
        start = i * 10 * FS
        read_all.append(csv(folder / str(i), counts[start : start + 10 * FS]))
    package, _, _ = read_all[0]
    return (
        package,
        lambda: [theirs() for _, theirs, _ in read_all][-1],
        lambda: [ours() for _, _, ours in read_all][-1],
    )


def edf(folder, counts):
    import edfio

    path = folder / "r.edf"
    signals = [
        edfio.EdfSignal(lead / 200, FS, label=name, physical_dimension="mV")
        for lead, name in zip(counts.T, ("MLII", "V1"), strict=True)
    ]
    edfio.Edf(signals).write(path)

    def read():
        return np.stack([signal.data for signal in edfio.read_edf(path).signals], axis=1)

    return "edfio.read_edf", read, lambda: read_record(path)


def wfdb(folder, counts):
    import wfdb

    names = {"sig_name": ["MLII", "V1"], "units": ["mV", "mV"], "fmt": ["212", "212"]}
    wfdb.wrsamp(
        "r", FS, d_signal=counts, adc_gain=[200.0] * 2, baseline=[0, 0], **names, write_dir=folder
    )
    path = folder / "r"
    return (
        "wfdb.rdrecord",
        lambda: wfdb.rdrecord(str(path), return_res=32).p_signal,
        lambda: read_record(path),
    )


# %%
def measure(baseline, ours, repeats):
    seconds = {baseline: [], ours: []}
    for _ in range(repeats + 1):
        for read, taken in seconds.items():
            start = time.process_time()
            read()
            taken.append(time.process_time() - start)
    # The first of each also imports what it needs.
    return [statistics.median(taken[1:]) for taken in seconds.values()]


def main():
    parser = argparse.ArgumentParser(description="Measure how long files take to read.")
    parser.add_argument("--repeats", type=int, default=11)
    parser.add_argument("--only", nargs="+", default=SECTIONS)
    arguments = parser.parse_args()
    counts = make_signal()
    for name in arguments.only:
        with tempfile.TemporaryDirectory() as folder:
            package, baseline, ours = globals()[name](Path(folder), counts)
            np.testing.assert_allclose(
                np.asarray(baseline())[:, -2:], ours().signal, atol=0.003, rtol=0
            )
            theirs_s, ours_s = measure(baseline, ours, arguments.repeats)
        print(
            f"{name:14} {package:16} {1000 * theirs_s:6.0f} ms, "
            f"read_record {1000 * ours_s:6.0f} ms, ratio {ours_s / theirs_s:.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
