"""Train the network of `detect_beats`.

Usage: python examples/training/beat_detector.py --data-home DIR [--output FILE]
       python examples/training/beat_detector.py --data-home DIR --validate PART [PART …]

DIR holds `mitdb`, `ludb`, `cpsc2019` and `nstdb`, and may hold `ptbxl` and `cinc2021`: twelve leads
without annotated beats. After a third of the training, the network finds the beats of those, where
limb leads and chest leads agree on them, and then learns to find them in one or two leads. A part
of 0 to 4 leaves out a fifth of the patients of each database, and one that names a database leaves
out all of it. For each part a network is trained without it, and counts the beats of what was left
out. Noise is then that of the last five minutes of `em`, and of `ma` and `bw`; the rest of `em`
disturbs what is counted.
"""

import argparse
import json
import queue
import sys
import threading
import time
from functools import partial
from importlib.resources import files
from pathlib import Path

import numpy as np
import tensorflow as tf

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
import _detection_sets as sets
import beat_detection as benchmark
from _detector_disturbances import Disturbances, Window

from sklearn_ecg.beats import _detector_network as network
from sklearn_ecg.datasets import make_ecg

WINDOW = 60 * network.HALF  # steps, half a minute
N_FILTERS = 32
OUTPUT = "_detector.npz"
NEAR = 5  # steps on either side of a beat, where the network is to say so
RATE = network.RATE
# How often a window comes from each set.
SHARES = {"mitdb": 0.45, "ludb": 0.17, "taught": 0.17, "cpsc2019": 0.11, "simulated": 0.1}


class Clip:
    """A recording at the rate of the network, with its beats there."""

    def __init__(self, recording):
        fs, hop = recording.fs, network.hop_of(recording.fs)
        margin = network.margin_of(fs)
        n_blocks = -(-len(recording.signal) // hop)
        padded = np.full(
            (n_blocks * hop + 2 * margin, recording.signal.shape[1]), np.nan, dtype=np.float32
        )
        padded[margin : margin + len(recording.signal)] = recording.signal
        self.name = recording.name
        self.steps, self.alive = network.read_steps(padded, fs)
        per_step = hop / network.BLOCK
        self.beats = [beats / per_step for beats in recording.beats]
        self.targets = [self._target(beats) for beats in self.beats]
        self.weight = np.ones(self.steps.shape[1], dtype=np.float32)
        if recording.span is None:  # unannotated beats may lie outside the annotated ones
            first = max(beats[0] for beats in self.beats) - 0.2 * RATE
            last = min(beats[-1] for beats in self.beats) + 0.2 * RATE
            self.weight[: max(0, int(first))] = 0
            self.weight[int(last) :] = 0
        for start, stop in recording.flutter:
            self.weight[int(start / per_step) - 40 : int(stop / per_step) + 40] = 0
        # Strength of a QRS complex in each lead.
        n = self.steps.shape[1] // 128
        seconds = np.abs(self.steps[:, : n * 128]).reshape(len(self.steps), n, 128).max(axis=2)
        self.strength = np.maximum(np.median(seconds, axis=1), 1e-3)

    def _target(self, beats):
        target = np.zeros(self.steps.shape[1], dtype=np.float32)
        for offset in range(-NEAR, NEAR + 1):
            at = np.rint(beats).astype(int) + offset
            target[at[(at >= 0) & (at < len(target))]] = 1
        return target


def simulated(rng, n, duration_s=30):
    """Make recordings of every rhythm, rate and conduction that `make_ecg` knows."""
    leads = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
    for i in range(n):
        rhythm = rng.choice(["sinus", "sinus", "af"])
        premature = {}
        if rng.random() < 0.7:
            premature["V"] = rng.choice([0.05, 0.15, 0.3])
        if rhythm == "sinus" and rng.random() < 0.4:
            premature["A"] = rng.choice([0.05, 0.15])
        fs = float(
            rng.choice([60, 75, 100, 125, 128, 180, 200, 250, 257, 300, 360, 500, 512, 1000])
        )
        record = make_ecg(
            duration_s,
            fs=fs,
            heart_rate=rng.uniform(35, 70) if rng.random() < 0.2 else rng.uniform(55, 150),
            rhythm=rhythm,
            premature=premature or None,
            conduction=rng.choice(["normal", "normal", "lbbb", "rbbb"]),
            st_mv=rng.choice([0, 0, 0, -0.2, 0.3]),
            leads=leads,
            random_state=int(rng.integers(2**31)),
        )
        beats = record.annotations[0]
        yield sets.Recording(
            f"simulated {i}", record.signal, fs, [beats] * 12, (0, len(record.signal))
        )


def taught(recordings, weights):
    """Annotate recordings of twelve leads, where limb leads and chest leads agree on the beats."""
    for recording in recordings:
        signal, fs = recording.signal, recording.fs
        limb, chest = (
            benchmark.detect(signal[:, leads], fs, weights) for leads in (slice(6), slice(6, 12))
        )
        if 3 <= len(limb) == len(chest) and np.abs(limb - chest).max() < 0.1 * fs:
            beats = benchmark.detect(signal, fs, weights)
            yield sets.Recording(recording.name, signal, fs, [beats] * 12)


class Data:
    """Windows of recordings, with noise and what else happens to recordings."""

    def __init__(self, clips, noises, seed):
        self.rng = np.random.default_rng(seed)
        self.clips = clips
        self.disturbances = Disturbances(noises, self.rng)

    def window(self, n_leads):
        rng = self.rng
        names = [name for name in SHARES if self.clips.get(name)]
        if n_leads > 2:
            names = [name for name in names if name not in ("mitdb", "cpsc2019")]
        share = np.array([SHARES[name] for name in names])
        kind = rng.choice(names, p=share / share.sum())
        steps = np.zeros((n_leads, WINDOW), dtype=np.float32)
        alive = np.zeros((n_leads, WINDOW), dtype=bool)
        target, weight = np.zeros((2, WINDOW), dtype=np.float32)
        beats = []
        position, strength = 0, np.ones(n_leads, dtype=np.float32)
        while position < WINDOW:
            clip = self.clips[kind][rng.integers(len(self.clips[kind]))]
            n_available, n_clip = clip.steps.shape
            leads = rng.permutation(n_available)[:n_leads] if n_available > 1 else [0, 0]
            start = rng.integers(max(1, n_clip - WINDOW))
            n = min(n_clip - start, WINDOW - position)
            to, source = slice(position, position + n), slice(start, start + n)
            gain = np.ones((n_leads, 1), dtype=np.float32)
            if position:  # another strip in one window: bring it to the strength of the one before
                gain = (strength / clip.strength[leads])[:, None] * np.exp(rng.normal(0, 0.3))
            else:
                strength = clip.strength[leads]
            steps[:, to] = clip.steps[leads, source] * gain
            alive[:, to] = clip.alive[leads, source]
            if n_available == 1:
                alive[1, to] = False
            target[to] = clip.targets[leads[0]][source]
            weight[to] = clip.weight[source]
            inside = clip.beats[leads[0]]
            inside = inside[(inside >= start) & (inside < start + n)]
            beats.append(inside - start + position)
            position += n + rng.integers(20, 250)
        beats = np.concatenate(beats)
        self.disturbances.apply(Window(steps, strength, beats, target), rng)
        if n_leads == 2 and rng.random() < 0.45 and alive[1].any():
            alive[rng.integers(2)] = False
        if rng.random() < 0.1:  # a gap, or where the recording begins or ends
            start = rng.integers(WINDOW)
            stop = start + rng.integers(15, 1000)
            alive[rng.integers(n_leads) if rng.random() < 0.5 else slice(None), start:stop] = False
        steps[~alive] = 0
        target[~alive.any(axis=0)] = 0
        return steps, alive, target, weight

    def batch(self, size):
        n_leads = 2
        if self.rng.random() < 0.2 and self.clips.get("ludb"):
            n_leads, size = 8, size // 4
        before, after = network.CONTEXT * network.HALF, 2 * network.HALF
        steps, alive, target, weight = (
            np.stack(part)
            for part in zip(*[self.window(n_leads) for _ in range(size)], strict=True)
        )
        pad = ((0, 0), (before, after))
        steps, leads_alive = (
            np.pad(part.reshape(n_leads * size, -1), pad) for part in (steps, alive)
        )
        largest = network.remember(network.no_memory(len(steps)), steps, leads_alive)
        scaled, there = network.scale(steps, leads_alive, largest)
        weight = weight * alive.any(axis=1)
        weight[:, : round(2.5 * RATE)] *= 3  # where little is known yet
        return scaled.reshape(size, n_leads, -1), there.reshape(size, n_leads, -1), target, weight


def initial_weights(rng):
    def normal(n_in, n_out, scale=1.0):
        return (scale * np.sqrt(2 / n_in) * rng.standard_normal((n_in, n_out))).astype(np.float32)

    size = network.PATCH[1] - network.PATCH[0]
    weights = {"patch": normal(size, N_FILTERS), "gate": normal(N_FILTERS, 1, 0.1)[:, 0]}
    for kind, layers in (("lead", network.LEAD_LAYERS), ("joint", network.JOINT_LAYERS)):
        for i, offsets in enumerate(layers):
            weights[f"{kind}_{i}"] = normal(len(offsets) * N_FILTERS, N_FILTERS, 0.5)
            weights[f"{kind}_{i}_bias"] = np.zeros(N_FILTERS, dtype=np.float32)
    weights["out"] = normal(N_FILTERS, 4, 0.3)
    weights["out_bias"] = np.full(4, -1.5, dtype=np.float32)
    return weights


def layer(cells, offsets, weights, bias):
    n = cells.shape[1] - (offsets[-1] - offsets[0])
    columns = [cells[:, o - offsets[0] : o - offsets[0] + n] for o in offsets]
    change = tf.nn.relu(tf.concat(columns, axis=-1) @ weights + bias)
    return change + cells[:, -offsets[0] : n - offsets[0]]


def logits(scaled, alive, w):
    """Compute what `network.probabilities` does, for a batch."""
    cell = 4
    size = network.PATCH[1] - network.PATCH[0]
    n_steps = WINDOW + 2 * network.HALF
    start = scaled.shape[2] - network.DELAY - n_steps - network._CELLS_BEFORE * cell
    n_cells = n_steps // cell + network._CELLS_BEFORE + network._CELLS_AFTER
    x = tf.reshape(scaled, (-1, scaled.shape[2]))[:, start + network.PATCH[0] :]
    parts = [
        tf.reshape(x[:, i * cell : i * cell + n_cells * cell], (-1, n_cells, cell))
        for i in range(size // cell)
    ]
    cells = tf.abs(tf.concat(parts, axis=-1) @ w["patch"])
    for i, offsets in enumerate(network.LEAD_LAYERS):
        cells = layer(cells, offsets, w[f"lead_{i}"], w[f"lead_{i}_bias"])
    n_before = -sum(offsets[0] for offsets in network.LEAD_LAYERS)
    n = cells.shape[1]
    cells = tf.reshape(cells, (-1, scaled.shape[1], n, N_FILTERS))
    gate = tf.einsum("blnf,f->bln", cells, w["gate"])
    there = alive[:, :, start + n_before * cell :][:, :, : n * cell]
    there = tf.reduce_any(tf.reshape(there, (-1, scaled.shape[1], n, cell)), axis=3)
    share = tf.nn.softmax(tf.where(there, gate, -1e9), axis=1)
    cells = tf.einsum("blnf,bln->bnf", cells, share)
    for i, offsets in enumerate(network.JOINT_LAYERS):
        cells = layer(cells, offsets, w[f"joint_{i}"], w[f"joint_{i}_bias"])
    out = tf.reshape(cells @ w["out"] + w["out_bias"], (-1, n_steps))
    return out[:, network.DELAY : network.DELAY + WINDOW]


def train(data, n_batches, seed, unannotated, size=16, rate=4e-3):
    """Train on so many batches, and return the weights."""
    initial = initial_weights(np.random.default_rng(seed))
    w = {name: tf.Variable(value) for name, value in initial.items()}
    optimizer = tf.keras.optimizers.Adam(rate, clipnorm=1.0)
    order = list(w)

    @tf.function(jit_compile=True)
    def loss_and_gradients(scaled, alive, target, weight):
        with tf.GradientTape() as tape:
            out = logits(scaled, alive, w)
            losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=target, logits=out)
            loss = tf.reduce_sum(losses * weight) / tf.reduce_sum(weight)
        return loss, tape.gradient(loss, [w[name] for name in order])

    @tf.function
    def step(*batch):
        loss, gradients = loss_and_gradients(*batch)
        optimizer.apply_gradients(zip(gradients, [w[name] for name in order], strict=True))
        return loss

    averages = {name: value.copy() for name, value in initial.items()}
    batches = queue.Queue(4)

    def fill():
        for _ in range(n_batches):
            batches.put(tuple(map(tf.constant, data.batch(size))))

    threading.Thread(target=fill, daemon=True).start()
    start, mean = time.perf_counter(), None
    for n in range(n_batches):
        done = n / n_batches
        optimizer.learning_rate.assign(rate * (0.5 + 0.5 * np.cos(np.pi * done)) * min(1, n / 50))
        loss = float(step(*batches.get()))
        mean = loss if mean is None else 0.98 * mean + 0.02 * loss
        for name in averages:
            averages[name] += 0.02 * (w[name].numpy() - averages[name])
        if n == n_batches // 3:
            data.clips["taught"] = [Clip(r) for r in taught(unannotated, averages)]
            print(f"  {len(data.clips['taught'])} of {len(unannotated)} recordings annotated")
        if n % 200 == 0:
            print(
                f"  {n} batches, {time.perf_counter() - start:.0f} s, loss {mean:.4f}", flush=True
            )
    return averages


def split(recordings, part):
    """Leave out a fifth of each database, or one database."""
    used, left = {}, {}
    for name, some in recordings.items():
        is_left = [part == name or str(i % 5) == part for i in range(len(some))]
        used[name] = [r for r, out in zip(some, is_left, strict=True) if not out]
        left[name] = [r for r, out in zip(some, is_left, strict=True) if out]
    return used, left


def fit(recordings, unannotated, data_home, *, all_noise, n_batches, seed):
    """Train on recordings, simulated ones, and noise."""
    used = {**recordings, "simulated": list(simulated(np.random.default_rng(seed), 150))}
    clips = {name: [Clip(r) for r in some] for name, some in used.items()}
    noises = []
    for name in ("em", "ma", "bw", "em"):  # the one most like beats twice as often
        signal = sets.noise(data_home, name)
        if name == "em" and not all_noise:
            signal = signal[-5 * 60 * 360 :]
        no_beats = [np.empty(0, dtype=np.int64)] * 2
        noises.append(Clip(sets.Recording(name, signal, 360.0, no_beats, (0, len(signal)))).steps)
    return train(Data(clips, noises, seed), n_batches, seed, unannotated)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data-home", required=True)
    parser.add_argument("--output", help="file of the weights; the package's own if left out")
    parser.add_argument("--validate", nargs="+", metavar="PART")
    parser.add_argument("--batches", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", help="file of the counts")
    options = parser.parse_args()
    home = options.data_home
    recordings = {
        "mitdb": list(sets.mitdb(home)),
        "ludb": list(sets.ludb(home)),
        "cpsc2019": list(sets.cpsc2019(home)),
    }
    unannotated = list(sets.twelve_leads(home))
    settings = {"n_batches": options.batches, "seed": options.seed}
    if not options.validate:
        weights = fit(recordings, unannotated, home, all_noise=True, **settings)
        np.savez_compressed(options.output or files("sklearn_ecg.beats") / OUTPUT, **weights)
        return
    results = {}
    for part in options.validate:
        used, left = split(recordings, part)
        weights = fit(used, unannotated, home, all_noise=False, **settings)
        if options.output:
            np.savez_compressed(f"{options.output}_{part}.npz", **weights)
        found = benchmark.count_sets(partial(benchmark.detect, weights=weights), left, home)
        benchmark.print_sets(found, f"without {part}")
        results = benchmark.pool(results, found)
    if len(options.validate) > 1:
        benchmark.print_sets(results, "all parts")
    if options.json:
        Path(options.json).write_text(json.dumps(results, indent=1, default=int) + "\n")


if __name__ == "__main__":
    main()
