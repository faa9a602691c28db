"""Read MIT-BIH DS1 to beats and CinC 2017 to ragged rows: time and peak memory.

The baseline is the same files read one by one with the package wfdb.

Usage: python examples/benchmarks/read_databases.py --data-home DIR
"""

import argparse
import resource
import subprocess
import sys
import time
import warnings
from pathlib import Path

from sklearn_ecg.datasets import fetch_cinc2017, fetch_mitdb
from sklearn_ecg.model_selection import MITDB_DS1


def mitdb(data_home):
    """Read DS1 to beats of one lead."""
    return fetch_mitdb(
        data_home, record_names=MITDB_DS1, rows="beats", download_if_missing=False
    ).data


def cinc2017(data_home):
    """Read all CinC 2017 records that are there."""
    return fetch_cinc2017(data_home, download_if_missing=False).data


def wfdb_mitdb(data_home):
    """Read the signals and annotations of DS1, without cutting beats."""
    import wfdb

    paths = [str(Path(data_home, "mitdb", name)) for name in MITDB_DS1]
    return [
        (wfdb.rdrecord(path, return_res=32).p_signal, wfdb.rdann(path, "atr")) for path in paths
    ]


def wfdb_cinc2017(data_home):
    """Read the signals of CinC 2017."""
    import wfdb

    headers = sorted(Path(data_home, "cinc2017", "training2017").glob("*.hea"))
    return [wfdb.rdrecord(str(path.with_suffix("")), return_res=32).p_signal for path in headers]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--data-home", required=True)
    parser.add_argument("--only", help="for the child processes")
    arguments = parser.parse_args()
    if arguments.only:
        if arguments.only.startswith("wfdb"):
            warnings.simplefilter("ignore")
            import wfdb  # noqa: F401
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start = time.perf_counter()
        data = globals()[arguments.only](arguments.data_home)
        seconds = time.perf_counter() - start
        extra = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        size = 0 if isinstance(data, list) else sum(row.nbytes for row in data) / 2**20
        ratio = f", {extra / size:.1f} x the {size:.0f} MB of data" if size else ""
        print(f"{arguments.only:14} {seconds:5.1f} s, peak {extra:.0f} MB{ratio}")
    else:  # each in a process of its own, so that one database may be missing
        failed = 0
        for name in ("mitdb", "wfdb_mitdb", "cinc2017", "wfdb_cinc2017"):
            command = [sys.executable, __file__, "--data-home", arguments.data_home, "--only", name]
            failed |= subprocess.run(command).returncode
        sys.exit(failed)
