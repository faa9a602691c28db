"""What happens to recordings, for `beat_detector.py`: windows as the network sees them, made worse.

Sizes are relative to the strength of a lead, which is that of its QRS complexes.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from sklearn_ecg.beats import _detector_network as network

RATE = network.RATE
FADE = 4  # steps


@dataclass
class Window:
    """Signals and beats that are disturbed in place."""

    steps: np.ndarray  # (n_leads, n_steps)
    strength: np.ndarray  # (n_leads,)
    beats: np.ndarray  # positions, as numbers of steps, in order of time
    target: np.ndarray  # (n_steps,), 1 near a beat


class Disturbances:
    """What happens to a window, each with the share of windows, or of their leads, that it meets.

    Parameters
    ----------
    noises : list of ndarray of shape (2, n_steps)
        Recordings of noise.
    rng : numpy.random.Generator
        Makes what moving electrodes do.
    """

    def __init__(self, noises, rng):
        artifacts = [artifact(rng) for _ in range(200)]
        self.of_signals = ((0.2, narrow_band), (0.06, pacemaker))
        self.of_leads = ((0.15, other_waves), (0.25, slow_change), (0.15, sudden_change))
        self.of_rhythm = ((0.15, pause), (0.15, atrial_waves))
        self.of_noise = (  # after what changes one lead's strength, so that it does not scale it
            (0.65, partial(recorded_noise, noises=noises)),
            (0.2, white_noise_or_mains),
            (0.2, partial(pops_and_jumps, artifacts=artifacts)),
            (0.06, partial(nothing_but_noise, noises=noises)),
        )
        self.of_all = ((0.05, other_gain),)  # of an amplifier, which scales noise too

    def apply(self, window, rng):
        """Disturb a window in place."""
        _draw(self.of_signals, window, rng)
        for lead in range(len(window.steps)):
            _draw(self.of_leads, window, rng, lead)
        _draw(self.of_rhythm, window, rng)
        _draw(self.of_noise, window, rng)
        _draw(self.of_all, window, rng)


def _draw(disturbances, window, rng, *lead):
    for share, disturb in disturbances:
        if rng.random() < share:
            disturb(window, rng, *lead)


def log_uniform(rng, low, high):
    return np.exp(rng.uniform(np.log(low), np.log(high)))


def narrow_band(window, rng):
    """Take away high frequencies, as another device does."""
    kernel = np.hanning(rng.choice([3, 5]) + 2)[1:-1]
    for lead in window.steps:
        lead[:] = np.convolve(lead, kernel / kernel.sum(), mode="same")


def pacemaker(window, rng):
    """Add the pulses of a pacemaker before each beat, of one chamber or of two."""
    n_steps = window.steps.shape[1]
    for shift in [-rng.integers(1, 8)] + [-rng.integers(16, 26)] * (rng.random() < 0.4):
        at = np.rint(window.beats + shift).astype(int)
        at = at[(at >= 1) & (at < n_steps - 1)]
        for lead, strength in zip(window.steps, window.strength, strict=True):
            size = strength * log_uniform(rng, 0.3, 4)
            lead[at] += size
            lead[at + 1] += size * rng.uniform(-0.5, 0.6)


def other_waves(window, rng, lead):
    """Make P and T waves low, or higher than the QRS complexes."""
    time = np.arange(window.steps.shape[1])
    apart = np.ones(len(time), dtype=np.float32)  # 0 at a beat, 1 from 0.12 s on
    for beat in window.beats:
        near = slice(max(0, int(beat) - 15), int(beat) + 16)
        rise = (np.abs(time[near] - beat) - 0.06 * RATE) / (0.06 * RATE)
        apart[near] = np.minimum(apart[near], np.clip(rise, 0, 1))
    window.steps[lead] *= 1 + (np.exp(rng.uniform(-0.7, 1.8)) - 1) * apart


def slow_change(window, rng, lead):
    """Let the strength of a lead rise and fall, as breathing does."""
    time = np.arange(window.steps.shape[1])
    period, depth = rng.uniform(2, 20) * RATE, rng.uniform(0.1, 0.6)
    window.steps[lead] *= np.exp(depth * np.sin(2 * np.pi * (time / period + rng.random())))


def other_gain(window, rng):
    """Let all leads have another strength from one step on, down to a tenth."""
    window.steps[:, rng.integers(window.steps.shape[1]) :] *= log_uniform(rng, 0.1, 3)


def sudden_change(window, rng, lead):
    """Let a lead have another strength from one step on."""
    window.steps[lead, rng.integers(window.steps.shape[1]) :] *= log_uniform(rng, 0.25, 4)


def pause(window, rng):
    """Let some beats fail; what is before each, a P wave or fibrillation, goes on or does not."""
    if len(window.beats) < 3:
        return
    first = rng.integers(1, len(window.beats) - 1)
    failing = slice(first, first + rng.integers(1, 20))
    size = np.ones(window.steps.shape[1], dtype=np.float32)
    intervals = np.diff(window.beats, append=len(size))[failing]
    starts = window.beats[failing] - 12
    stops = starts + 0.6 * intervals
    if rng.random() < 0.5:
        starts, stops = starts[:1], starts[-1:] + intervals[-1:]
    for start, stop in zip(starts, stops, strict=True):
        at = np.arange(max(0, int(start)), min(len(size), int(stop)))
        # It fades, because a jump would look like a beat.
        size[at] = np.clip(1 - np.minimum(at - start, stop - at) / FADE, 0, 1)
        window.target[at] = 0
    noise = 1e-3 * window.strength[:, None] * rng.standard_normal(window.steps.shape)
    window.steps *= size
    window.steps += noise  # without it the signal would be flat
    window.beats = np.delete(window.beats, failing)


def atrial_waves(window, rng):
    """Add P waves that no beat follows, of an own rhythm, as in atrioventricular block."""
    n_leads, n_steps = window.steps.shape
    interval, time = rng.uniform(0.35, 1.2) * RATE, np.arange(n_steps)
    at = interval * (rng.random() + np.arange(int(n_steps / interval)))
    at += 0.03 * interval * rng.standard_normal(len(at))
    width = log_uniform(rng, 0.012, 0.04) * RATE
    from_wave = (time[:, None] - at).T / width
    shape = np.exp(-(from_wave**2) / 2)
    if rng.random() < 0.3:  # of both signs
        shape *= from_wave
    size = rng.choice([-1, 1, 1], n_leads) * np.exp(rng.normal(0, 0.7, n_leads))
    size = size * log_uniform(rng, 0.03, 0.4) * window.strength
    window.steps += size[:, None] * shape.sum(axis=0).astype(np.float32)


def recorded_noise(window, rng, noises):
    """Add noise of two channels, all the time or for some seconds, to some of the leads."""
    n_leads, n_steps = window.steps.shape
    channels = _part(noises, n_steps, rng)
    mixture = rng.standard_normal((n_leads, 2))
    if n_leads == 2 and rng.random() < 0.8:
        mixture = rng.permutation(np.eye(2)) * rng.choice([-1, 1], (2, 1))
    noise = mixture.astype(np.float32) @ channels
    if rng.random() < 0.5:
        when = np.zeros(n_steps, dtype=np.float32)
        for _ in range(rng.integers(1, 4)):
            start = rng.integers(n_steps)
            when[start : start + rng.integers(100, 2000)] = 1
    else:
        when = 1
    level = log_uniform(rng, 0.03, 0.8)
    for lead, strength, added in zip(window.steps, window.strength, noise, strict=True):
        own = level * np.exp(rng.normal(0, 0.5)) * (rng.random() > 0.25)
        lead += when * added * (own * strength / (added.std() + 1e-9))


def white_noise_or_mains(window, rng):
    n_steps = window.steps.shape[1]
    for lead, strength in zip(window.steps, window.strength, strict=True):
        level = strength * log_uniform(rng, 0.01, 0.3)
        if rng.random() < 0.7:
            lead += level * rng.standard_normal(n_steps)
        else:
            cycles = rng.choice([25.0, 40.0, 50.0, 60.0]) / RATE * np.arange(n_steps)
            lead += level * np.sqrt(2) * np.sin(2 * np.pi * (cycles + rng.random()))


def artifact(rng, fs=1000.0):
    """Make what an electrode does that moves, as the network sees it: a pop, or a jump.

    They differ by the time that the signal takes to come back.
    """
    hop, margin = network.hop_of(fs), network.margin_of(fs)
    signal = 1e-5 * rng.standard_normal((6 * hop + 2 * margin, 1))  # without noise it would be flat
    at = margin + 3 * hop + rng.integers(hop)
    signal[at:, 0] += np.exp(-np.arange(len(signal) - at) / fs / log_uniform(rng, 5e-3, 5))
    steps = network.read_steps(signal, fs, keeps_jumps=True)[0][0]
    return steps / np.abs(steps).max()


def pops_and_jumps(window, rng, artifacts):
    """Add pops and jumps, in one lead or by an electrode that all share."""
    n_leads, n_steps = window.steps.shape
    for _ in range(rng.integers(1, 12)):
        shape = artifacts[rng.integers(len(artifacts))]
        start = rng.integers(n_steps - len(shape))
        size = rng.choice([-1, 1]) * np.exp(rng.uniform(-1, 2.5))
        if rng.random() < 0.5:
            parts = np.zeros(n_leads)
            parts[rng.integers(n_leads)] = 1
        else:
            parts = rng.choice([-1, 1], n_leads) * np.exp(rng.normal(0, 0.7, n_leads))
        added = (size * parts * window.strength)[:, None] * shape
        window.steps[:, start : start + len(shape)] += added


def nothing_but_noise(window, rng, noises):
    """Replace a lead by noise."""
    n_leads, n_steps = window.steps.shape
    lead = rng.integers(n_leads)
    window.steps[lead] = _part(noises, n_steps, rng)[rng.integers(2)]
    window.steps[lead] += 1e-3 * rng.standard_normal(n_steps)


def _part(noises, n_steps, rng):
    noise = noises[rng.integers(len(noises))]
    start = rng.integers(noise.shape[1] - n_steps)
    return noise[:, start : start + n_steps]
