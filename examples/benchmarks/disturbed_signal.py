"""Disturb recordings as devices do, and count the answers of the shipped models that change.

Parts go missing or become a constant, single values or packets get lost, an electrode clicks or
makes the baseline jump, and the gain, the polarity, the band, the rate or the noise are those of
another device. Beats of MIT-BIH DS1 that are found with and without it are compared; and every 34th
recording of the CinC Challenge 2017. The models have learnt from these recordings, so the counts
say what disturbs them, and no more. The card of "rhythm-30s" has scores of disturbed recordings
that were not learnt from.

Usage: python examples/benchmarks/disturbed_signal.py --data-home DIR
"""

import argparse
from dataclasses import replace
from functools import partial

import numpy as np
from _detection_sets import with_clicks, with_jumps
from _measuring import markdown_table, write_results

from sklearn_ecg import ECGRecord, fetch_cinc2017, fetch_mitdb
from sklearn_ecg.metrics import match_beats
from sklearn_ecg.model_selection import MITDB_DS1
from sklearn_ecg.preprocessing import bandpass_filter, resample
from sklearn_ecg.pretrained import load_pretrained

EVERY = 34  # recordings of CinC 2017, so that 200 are left of folds 0 to 3


def with_gaps(record, rng, value=np.nan):
    """Put a value in place of one to four seconds of every 20, or of a tenth of what is shorter."""
    signal, fs, n_timesteps = record.signal.copy(), record.fs, record.n_timesteps
    if n_timesteps < 70 * fs:
        start, width = n_timesteps // 2, n_timesteps // 10
        signal[start : start + width] = value
        return replace(record, signal=signal)
    for start in np.arange(5, n_timesteps / fs - 15, 20) + rng.uniform(0, 10):
        signal[int(start * fs) : int((start + rng.uniform(1, 4)) * fs)] = value
    return replace(record, signal=signal)


def with_constants(record, rng):
    """Put 0 there, as some devices do while an electrode is off."""
    return with_gaps(record, rng, value=0)


def with_lost_values(record, rng):
    """Remove one value in a hundred."""
    is_lost = rng.random(record.signal.shape) < 0.01
    return replace(record, signal=np.where(is_lost, np.nan, record.signal))


def with_lost_packets(record, rng):
    """Remove one packet of 80 ms in ten, as a radio link does."""
    length = round(0.08 * record.fs)
    is_lost = np.repeat(rng.random(-(-record.n_timesteps // length)) < 0.1, length)
    signal = record.signal.copy()
    signal[is_lost[: record.n_timesteps]] = np.nan
    return replace(record, signal=signal)


def with_gain(record, rng, gain):
    """Change the gain."""
    return replace(record, signal=gain * record.signal)


def with_hum(record, rng):
    """Add the hum of the mains, 0.2 mV at 50 Hz."""
    cycles = 50 / record.fs * np.arange(record.n_timesteps) + rng.random()
    return add(record, 0.2 * np.sin(2 * np.pi * cycles))


def with_noise(record, rng):
    """Add white noise of 0.05 mV."""
    return add(record, 0.05 * rng.standard_normal(record.n_timesteps))


def with_drift(record, rng):
    """Let the baseline drift by 10 mV."""
    return add(record, np.linspace(0, 10, record.n_timesteps))


def add(record, series):
    """Add a series to each lead."""
    return replace(record, signal=record.signal + series[:, None].astype(np.float32))


def as_monitor(record, rng):
    """Keep what a monitor keeps, 0.5 to 40 Hz, by a filter that runs forwards."""
    signal = bandpass_filter(record.signal[None], record.fs, causal=True)[0]
    return replace(record, signal=signal)


def at_125_hz(record, rng):
    """Change the sampling rate."""
    signal = resample(record.signal[None], record.fs, 125)[0]
    return replace(record, signal=signal, fs=125.0)


DISTURBANCES = {
    "parts missing": with_gaps,
    "0 in their place": with_constants,
    "one value in a hundred missing": with_lost_values,
    "one packet of 80 ms in ten missing": with_lost_packets,
    "half the gain": partial(with_gain, gain=0.5),
    "twice the gain": partial(with_gain, gain=2),
    "upside down": partial(with_gain, gain=-1),
    "hum of 0.2 mV": with_hum,
    "white noise of 0.05 mV": with_noise,
    "drift of 10 mV": with_drift,
    "clicks of 3 mV": with_clicks,
    "jumps of 2 mV": with_jumps,
    "band of a monitor": as_monitor,
    "125 Hz": at_125_hz,
}


def disturb_all(records, disturb):
    """Disturb each record, in the same way in each run."""
    return [disturb(record, np.random.default_rng(seed)) for seed, record in enumerate(records)]


def compare_beats(before, after):
    """Count beats that are found in both, those lost or new, and those of another class."""
    counts = {"answers": 0, "lost": 0, "new": 0, "changed": 0, "to S": 0, "to V": 0}
    for one, other in zip(before, after, strict=True):
        (beats, classes), (others, other_classes) = one.annotations, other.annotations
        here, there = match_beats(beats, others * one.fs / other.fs, fs=one.fs)
        classes, other_classes = classes[here], other_classes[there]
        is_changed = classes != other_classes
        counts["answers"] += len(here)
        counts["lost"] += len(beats) - len(here)
        counts["new"] += len(others) - len(there)
        counts["changed"] += int(is_changed.sum())
        for name in ("S", "V"):
            counts[f"to {name}"] += int((is_changed & (other_classes == name)).sum())
    return counts


def main():
    """Compare both models."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data-home", required=True, help="folder with the databases")
    parser.add_argument("--output", default="results", help="folder for the results")
    options = parser.parse_args()
    home = {"data_home": options.data_home, "rows": "records", "download_if_missing": False}
    mitdb = [
        ECGRecord(record.signal, record.fs, record.lead_names)  # without its annotations
        for record in fetch_mitdb(record_names=MITDB_DS1, **home).data
    ]
    cinc = fetch_cinc2017(**home).data[::EVERY]
    beats, rhythms = load_pretrained("beats"), load_pretrained("rhythm-30s")
    beats_before, rhythms_before = list(map(beats.annotate, mitdb)), rhythms.predict(cinc)
    results = {}
    for name, disturb in DISTURBANCES.items():
        beats_after = map(beats.annotate, disturb_all(mitdb, disturb))
        rhythms_after = rhythms.predict(disturb_all(cinc, disturb))
        results[name] = {
            "beats": compare_beats(beats_before, beats_after),
            "rhythm-30s": {"changed": int((rhythms_before != rhythms_after).sum())},
        }
        print(name, results[name], flush=True)
    columns = list(results[name]["beats"])
    rows = [
        [name, *(found["beats"][column] for column in columns), found["rhythm-30s"]["changed"]]
        for name, found in results.items()
    ]
    text = markdown_table(["disturbance", *columns, f"half minutes of {len(cinc)}"], rows)
    print(text)
    write_results(options.output, "disturbed_signal", results, text)


if __name__ == "__main__":
    main()
