"""Count the beats that detectors miss and invent, on every set of recordings that DIR holds.

Usage: python examples/benchmarks/beat_detection.py --data-home DIR [--records 101 106 …]
       [--sets NAME …] [--detectors NAME …] [--hours 24] [--json FILE]

DIR may hold `mitdb`, `ltdb`, `ludb`, `cpsc2019` and `nstdb`, whole or in part. Beside
`detect_beats`, SleepECG, NeuroKit2 and WFDB's XQRS read the same signals, where they are installed;
they read the first lead of each. A detected beat is right within 150 ms of an annotated one. LUDB
counts from the first to the last annotated beat, CPSC 2019 from 0.5 to 9.5 s. Ventricular flutter
(MIT-BIH record 207), in which no beats are annotated, does not count; what is detected there is
printed by itself. Clicks, jumps of the baseline, pauses and noise are added to records of MIT-BIH.

The detector that ships has learnt from DS1, LUDB 1 to 100 and CPSC 2019: figures on those say how
it fits. `examples/training/beat_detector.py --validate` counts what it does on patients left out.
"""

import argparse
import time
from collections import defaultdict
from functools import partial
from pathlib import Path

import _detection_sets as sets
import numpy as np
from _measuring import markdown_table, without_uninstalled, write_json

from sklearn_ecg.beats import BeatDetector
from sklearn_ecg.metrics import match_beats
from sklearn_ecg.model_selection import MITDB_DS1

SEVERAL_LEADS = ("MIT-BIH, both leads", "Long-Term, all leads", "LUDB, 12 leads")  # baselines: one
DISTURBANCES = {
    "clicks": sets.with_clicks,
    "jumps": sets.with_jumps,
    "pauses": sets.with_pauses,
    "pauses with P waves": partial(sets.with_pauses, p_wave_mv=0.15),
}


def detect(signal, fs, weights=None):
    """Find beats as `detect_beats` does, by weights that may still be in training."""
    detector, size = BeatDetector(fs, weights=weights), round(120 * fs)
    found = [detector.push(signal[i : i + size]) for i in range(0, len(signal), size)]
    return np.concatenate([*found, detector.finish()])


def sleepecg(signal, fs):
    from sleepecg import detect_heartbeats

    return detect_heartbeats(signal[:, 0].astype(np.float64), fs)


def neurokit(signal, fs):
    import neurokit2

    cleaned = neurokit2.ecg_clean(signal[:, 0].astype(np.float64), sampling_rate=round(fs))
    found = neurokit2.ecg_peaks(cleaned, sampling_rate=round(fs))[1]["ECG_R_Peaks"]
    return np.asarray(found, dtype=np.int64)


def xqrs(signal, fs):
    from wfdb.processing import XQRS

    detector = XQRS(sig=signal[:, 0].astype(np.float64), fs=fs)
    detector.detect(verbose=False)
    return np.asarray(detector.qrs_inds, dtype=np.int64)


DETECTORS = {"detect_beats": detect, "sleepecg": sleepecg, "neurokit2": neurokit, "wfdb": xqrs}


def count(recording, beats, detected):
    """Count annotated, missed and extra beats, those in flutter, and how far off they are."""
    fs = recording.fs
    matched, found = match_beats(beats, detected, fs=fs)
    start, stop = recording.span or ((beats[0], beats[-1] + 1) if len(beats) else (0, 0))

    def counts(steps):
        inside = (steps >= start) & (steps < stop)
        for first, last in recording.flutter:
            inside &= (steps < first - 0.15 * fs) | (steps > last + 0.15 * fs)
        return inside

    is_missed, is_extra = np.ones(len(beats), bool), np.ones(len(detected), bool)
    is_missed[matched] = is_extra[found] = False
    off = np.abs(beats[matched] - detected[found]) / fs * 1000
    return {
        "record": recording.name,
        "beats": counts(beats).sum(),
        "missed": (is_missed & counts(beats)).sum(),
        "extra": (is_extra & counts(detected)).sum(),
        "in_flutter": (~counts(detected) & (detected >= start) & (detected < stop)).sum(),
        "off_ms": np.median(off) if len(off) else np.nan,
    }


def each_lead(recordings):
    for recording in recordings:
        for i, beats in enumerate(recording.beats):
            yield recording, recording.signal[:, [i]], beats


def all_leads(recordings, lead=0):
    for recording in recordings:
        yield recording, recording.signal, recording.beats[lead]


def first_lead(recordings):
    for recording in recordings:
        yield recording, recording.signal[:, :1], recording.beats[0]


def jobs(recordings, data_home):
    """Yield the name of each set, and (recording, signal, beats) of all that belong to it."""
    mitdb, ludb = recordings.get("mitdb", ()), recordings.get("ludb", ())
    if mitdb:
        yield "MIT-BIH, both leads", list(all_leads(mitdb))
        yield "MIT-BIH, MLII alone", list(first_lead(mitdb))
        for name, disturb in DISTURBANCES.items():
            some = [disturb(r, np.random.default_rng(list(r.name.encode()))) for r in mitdb]
            yield f"MIT-BIH, {name}", list(all_leads(some))
    if recordings.get("ltdb"):
        yield "Long-Term, all leads", list(all_leads(recordings["ltdb"]))
        yield "Long-Term, first lead", list(first_lead(recordings["ltdb"]))
    if ludb:
        yield "LUDB, each lead", list(each_lead(ludb))
        yield "LUDB, 12 leads", list(all_leads(ludb, lead=1))
    if recordings.get("cpsc2019"):
        yield "CPSC 2019", list(all_leads(recordings["cpsc2019"]))
    noisy = [r for r in mitdb if r.name in ("118", "119")]
    if noisy and Path(data_home, "nstdb").is_dir():
        em = sets.noise(data_home, "em")
        for snr_db in (12, 6, 0):
            some = [sets.with_noise(r, em, snr_db) for r in noisy]
            yield f"118 and 119, em at {snr_db} dB", list(all_leads(some))
    if recordings.get("synthetic"):
        yield "synthetic, whole", list(all_leads(recordings["synthetic"]))
        pieces = []
        for r in recordings["synthetic"]:
            size = round(1800 * r.fs)
            for start in range(0, len(r.signal), size):
                inside = [b[(b >= start) & (b < start + size)] - start for b in r.beats]
                signal = r.signal[start : start + size]
                pieces.append(sets.Recording("piece", signal, r.fs, inside, (0, len(signal))))
        yield "synthetic, in half-hours", list(all_leads(pieces))


def count_sets(detector, recordings, data_home, is_wanted=lambda name: True):
    """Count for each set, with the detector's seconds."""
    results = {}
    for name, job in jobs(recordings, data_home):
        if not is_wanted(name):
            continue
        start = time.perf_counter()
        detected = [detector(signal, recording.fs) for recording, signal, _ in job]
        seconds = time.perf_counter() - start
        rows = [count(r, beats, d) for (r, _, beats), d in zip(job, detected, strict=True)]
        by_record = defaultdict(lambda: np.zeros(3, dtype=int))
        for row in rows:
            by_record[row["record"]] += [row["beats"], row["missed"], row["extra"]]
        results[name] = {
            "beats": sum(row["beats"] for row in rows),
            "missed": sum(row["missed"] for row in rows),
            "extra": sum(row["extra"] for row in rows),
            "in_flutter": sum(row["in_flutter"] for row in rows),
            "off_ms": float(np.nanmedian([row["off_ms"] for row in rows])),
            "seconds": round(seconds, 2),
            "records": {key: value.tolist() for key, value in by_record.items()},
        }
    return results


def pool(results, others):
    """Add the counts of other recordings of the same sets."""
    pooled = dict(results)
    for name, other in others.items():
        mine = pooled.get(name)
        if mine is None:
            pooled[name] = other
            continue
        total = {key: mine[key] + other[key] for key in ("beats", "missed", "extra", "in_flutter")}
        n, m = len(mine["records"]), len(other["records"])
        pooled[name] = {
            **total,
            "off_ms": (n * mine["off_ms"] + m * other["off_ms"]) / (n + m),
            "seconds": round(mine["seconds"] + other["seconds"], 2),
            "records": {**mine["records"], **other["records"]},
        }
    return pooled


def summarize(result):
    """Return a row of the table."""
    n, missed, extra = result["beats"], result["missed"], result["extra"]
    worst = sorted(result["records"].items(), key=lambda item: -max(_shares(item[1])))[:3]
    return [
        f"{n:,}",
        missed,
        extra,
        f"{1 - missed / n:.4f}",
        f"{1 - extra / max(1, n - missed + extra):.4f}",
        ", ".join(f"{r} {_shares(c)[0]:.1%}/{_shares(c)[1]:.1%}" for r, c in worst if sum(c[1:])),
        result["in_flutter"],
        f"{result['off_ms']:.1f}",
        result["seconds"],
    ]


def _shares(counts):
    n, missed, extra = counts
    return missed / max(1, n), extra / max(1, n - missed + extra)


COLUMNS = ["set", "detector", "beats", "missed", "extra", "Se", "+P", "worst records, missed/extra",
           "in flutter", "off, ms", "s"]  # fmt: skip


def print_sets(results, detector="ours"):
    rows = [[name, detector, *summarize(result)] for name, result in results.items()]
    print(markdown_table(COLUMNS, rows), flush=True)


def read(home, names=None):
    """Read the sets that a folder holds, and say what it holds of each."""
    of_ds1 = "" if names else " of DS1"
    if not names:
        names = [name for name in MITDB_DS1 if (home / "mitdb" / f"{name}.hea").exists()]
    recordings = {
        "mitdb": list(sets.mitdb(home, names)),
        "ltdb": list(sets.ltdb(home)),
        "ludb": list(sets.ludb(home)),
        "cpsc2019": list(sets.cpsc2019(home)),
    }
    for folder, some in recordings.items():
        kind = of_ds1 if folder == "mitdb" else ""
        print(f"{len(some)} recordings{kind} in {home / folder}", flush=True)
    return recordings


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data-home", required=True)
    parser.add_argument(
        "--records", nargs="+", help="of MIT-BIH; those of DS1 that are there if left out"
    )
    parser.add_argument("--sets", nargs="+", help="parts of the names of sets; all if left out")
    parser.add_argument("--detectors", nargs="+", help="names of detectors; all if left out")
    parser.add_argument("--hours", type=float, default=24, help="of the synthetic recording")
    parser.add_argument("--json")
    options = parser.parse_args()
    if unknown := set(options.detectors or ()) - set(DETECTORS):
        parser.error(f"no detector {', '.join(unknown)}, only {', '.join(DETECTORS)}")
    home = Path(options.data_home)
    if not home.is_dir():
        parser.error(f"there is no folder {home}")
    packages = {name: name for name in DETECTORS if name != "detect_beats"}
    detectors = without_uninstalled(options.detectors or DETECTORS, packages, "detector")
    recordings = read(home, options.records)
    recordings["synthetic"] = [sets.synthetic(options.hours * 3600)]
    results = {}
    for name in detectors:

        def is_wanted(title, name=name):
            if name != "detect_beats" and title in SEVERAL_LEADS:
                return False
            return not options.sets or any(part in title for part in options.sets)

        results[name] = count_sets(DETECTORS[name], recordings, home, is_wanted)
        print_sets(results[name], name)
        if options.json:  # after each, so that hours are not lost to a later failure
            write_json(options.json, results)


if __name__ == "__main__":
    main()
