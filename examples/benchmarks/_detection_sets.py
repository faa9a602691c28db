"""Recordings with annotated beats, on which beat detectors are trained and compared."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from scipy.io import loadmat

from sklearn_ecg.datasets import make_ecg, read_record
from sklearn_ecg.model_selection import MITDB_DS1

LUDB_LEADS = ("i", "ii", "iii", "avr", "avl", "avf", "v1", "v2", "v3", "v4", "v5", "v6")


@dataclass
class Recording:
    """A signal, the beats of each lead, and the part of it in which they count."""

    name: str
    signal: np.ndarray
    fs: float
    beats: list  # of ndarrays, one for each lead
    span: tuple | None = None  # first and last time step that counts; None: first and last beat
    flutter: list = field(default_factory=list)  # stretches in which no beats are annotated


def mitdb(data_home, names=MITDB_DS1):
    """Read records of the MIT-BIH Arrhythmia Database, the lead MLII first."""
    for name in names:
        yield _with_one_annotator(Path(data_home, "mitdb", name))


def ltdb(data_home):
    """Read the records of the MIT-BIH Long-Term Database, days of two or three leads."""
    for path in sorted(Path(data_home, "ltdb").glob("*.hea")):
        yield _with_one_annotator(path)


def _with_one_annotator(path):
    """Read a record whose beats are annotated once for all leads."""
    record = read_record(path, annotator="atr")
    leads = range(len(record.lead_names))
    order = sorted(leads, key=lambda lead: record.lead_names[lead] != "MLII")
    return Recording(
        record.name,
        record.signal if order == [*leads] else record.signal[:, order],
        record.fs,
        [record.beats[0]] * len(order),
        (0, record.n_timesteps),
        record.flutter.tolist(),
    )


def ludb(data_home, names=None):
    """Read records of the Lobachevsky University Database; each lead has its own annotations."""
    folder = Path(data_home, "ludb", "data")
    for name in names or sorted((p.stem for p in folder.glob("*.hea")), key=int):
        marked = [read_record(folder / name, annotator=lead) for lead in LUDB_LEADS]
        beats = [record.beats[0] for record in marked]
        yield Recording(name, marked[0].signal, marked[0].fs, beats)


def cpsc2019(data_home):
    """Read the strips of the China Physiological Signal Challenge 2019."""
    for path in sorted(Path(data_home, "cpsc2019").rglob("data_*.mat")):
        signal = _from_mat(path, "ecg").astype(np.float32).reshape(-1, 1)
        reference = path.parents[1] / "ref" / path.name.replace("data", "R")
        beats = _from_mat(reference, "R_peak").ravel().astype(np.int64)
        yield Recording(path.stem, signal, 500.0, [beats], (250, 4750))


def _from_mat(path, name):
    try:
        return loadmat(path)[name]
    except Exception as error:  # of many kinds, most of which do not name the file
        raise OSError(f"{path} is missing or damaged: {error}") from error


def twelve_leads(data_home):
    """Read recordings of twelve leads whose beats are not annotated."""
    for folder in ("ptbxl", "cinc2021"):
        for path in sorted(Path(data_home, folder).rglob("*.hea")):
            record = read_record(path.with_suffix(""), leads=LUDB_LEADS)
            yield Recording(record.name, record.signal, record.fs, [])


def noise(data_home, name):
    """Read a noise of the Noise Stress Test Database."""
    return read_record(Path(data_home, "nstdb", name)).signal


def with_noise(recording, added, snr_db, start_s=300):
    """Add noise from a time on, scaled by the amplitude of QRS complexes as WFDB's `nst` does."""
    fs, signal = recording.fs, recording.signal.copy()
    start, reach = round(start_s * fs), round(0.05 * fs)
    added = np.resize(added, (len(signal) - start, signal.shape[1]))
    for lead, beats in enumerate(recording.beats):
        beats = beats[(beats > reach) & (beats < min(start, len(signal) - reach))]
        windows = signal[beats[:, None] + np.arange(-reach, reach + 1), lead]
        power = np.median(np.ptp(windows, axis=1)) ** 2 / 8
        gain = np.sqrt(power / added[:, lead].var() / 10 ** (snr_db / 10))
        signal[start:, lead] += gain * added[:, lead]
    return replace(recording, signal=signal, span=(start, len(signal)))


def with_clicks(recording, rng, every_s=5, height=3.0):
    """Add a click of one time step to all leads in each 5 s, as an electrode does that moves."""
    fs, n_clicks = recording.fs, int(len(recording.signal) / recording.fs / every_s)
    at = ((np.arange(n_clicks) + rng.random(n_clicks)) * every_s * fs).astype(int)
    signal = recording.signal.copy()
    signal[at] += np.float32(height)
    return replace(recording, signal=signal)


def with_jumps(recording, rng, every_s=7, height=2.0):
    """Let the baseline of all leads jump to another level every 7 s."""
    number = (np.arange(len(recording.signal)) / recording.fs / every_s).astype(int)
    levels = height * rng.standard_normal(number[-1] + 1).astype(np.float32)
    return replace(recording, signal=recording.signal + levels[number, None])


def with_pauses(recording, rng, every_s=60, pause_s=10, p_wave_mv=0.0, noise_mv=0.02):
    """Put a pause into every minute, in which there is noise, and perhaps P waves go on.

    It comes after a T wave, 0.6 of the way to the next beat, and begins at the level there.
    """
    fs, (beats, *_) = recording.fs, recording.beats
    intervals = np.diff(beats)
    cuts, rest = (beats[:-1] + 0.6 * intervals).astype(int), intervals > 0.6 * fs
    for first, last in recording.flutter:
        rest &= (cuts < first - fs) | (cuts > last + fs)
    cuts = cuts[rest]
    cuts = cuts[np.unique(cuts // round(every_s * fs), return_index=True)[1]]
    time_s = np.arange(round(pause_s * fs)) / fs
    waves = sum(np.exp(-(((time_s - at) / 0.025) ** 2) / 2) for at in np.arange(0.4, pause_s, 0.8))
    parts = np.split(recording.signal, cuts)
    for i, part in enumerate(parts[:-1]):
        still = part[-1] + noise_mv * rng.standard_normal((len(time_s), part.shape[1]))
        still += p_wave_mv * waves[:, None]
        parts[i] = np.concatenate([part, still], dtype=np.float32)
    signal = np.concatenate(parts)

    def later(steps):
        return steps + len(time_s) * np.searchsorted(cuts, steps, side="right")

    return replace(
        recording,
        signal=signal,
        beats=[later(steps) for steps in recording.beats],
        span=(0, len(signal)),
        flutter=[later(np.array(stretch)).tolist() for stretch in recording.flutter],
    )


def synthetic(duration_s, fs=250, random_state=0):
    """Make a recording with ventricular and supraventricular beats."""
    record = make_ecg(
        duration_s,
        fs=fs,
        leads=("II", "V1"),
        premature={"V": 0.1, "A": 0.05},
        random_state=random_state,
    )
    beats = record.annotations[0]
    return Recording("synthetic", record.signal, fs, [beats] * 2, (0, record.n_timesteps))
