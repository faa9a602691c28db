"""Find heartbeats in a signal that comes in chunks."""

from numbers import Real

import numpy as np
from scipy.ndimage import maximum_filter1d
from sklearn.utils._param_validation import Interval, validate_params

from sklearn_ecg.beats._detector_network import (
    BLOCK,
    CONTEXT,
    DELAY,
    HALF,
    MEMORY,
    half_of,
    hop_of,
    load_weights,
    margin_of,
    no_memory,
    probabilities,
    read_steps,
    remember,
    scale,
)
from sklearn_ecg.utils._numbers import plain
from sklearn_ecg.utils._rows import as_chunk

LOWEST_FS = 60.0  # Hz
_SHORTEST_S = 1.0  # of a signal; less cannot be told to hold a beat
_THRESHOLD = 0.4
_APART = 25  # steps: no two beats are closer, which is 0.2 s
_SPREAD = 4  # steps on either side, over which a probability is averaged
_POSITION = 8  # steps on either side, whose probabilities have the beat in their midst
_TAIL = _APART + _POSITION + _SPREAD


def delay_of(fs):
    """Count the time steps by which beats are found late, at most.

    Parameters
    ----------
    fs : float
        Sampling rate in Hz.

    Returns
    -------
    int
        The count.
    """
    return margin_of(fs) + (DELAY + _TAIL + _POSITION + HALF) * hop_of(fs) // BLOCK + 1


class BeatDetector:
    """Find heartbeats in a signal while it comes in.

    The result does not depend on the cuts between chunks. It is that of :func:`detect_beats` for
    the whole signal. A beat is reported when at most two seconds of signal have followed it. Memory
    does not grow with time.

    Parameters
    ----------
    fs : float
        Sampling rate in Hz, at least 60.
    weights : dict of {str: ndarray}, default=None
        Weights of the network, as `examples/training/beat_detector.py` saves them. None stands for
        those that come with the package.

    See Also
    --------
    detect_beats : Finds the beats of whole signals.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_ecg.beats import BeatDetector, detect_beats
    >>> from sklearn_ecg.datasets import make_ecg
    >>> record = make_ecg(duration_s=10, fs=250, heart_rate=60, random_state=0)
    >>> detector = BeatDetector(fs=250)
    >>> found = [detector.push(chunk) for chunk in np.array_split(record.signal, 40)]
    >>> beats = np.concatenate([*found, detector.finish()])
    >>> np.array_equal(beats, detect_beats(record)[0])
    True
    """

    @validate_params(
        {
            "self": [object],
            "fs": [Interval(Real, LOWEST_FS, None, closed="left")],
            "weights": [dict, None],
        },
        prefer_skip_nested_validation=True,
    )
    def __init__(self, fs, *, weights=None):
        self.fs = plain(fs)
        self.weights = weights
        self._n_leads = None

    def push(self, chunk):
        """Take the next part of the signal.

        Parameters
        ----------
        chunk : array-like of shape (n_timesteps,) or (n_timesteps, n_leads)
            The signal in any unit, NaN where it is missing. It may be of any length, none too.

        Returns
        -------
        ndarray of int64
            The time steps of beats that were found since the last call, counted from the beginning
            of the first chunk.

        Raises
        ------
        ValueError
            If the number of leads changes, or a value is infinite.
        """
        chunk = as_chunk(chunk)
        if chunk.shape == (0,):
            return np.empty(0, dtype=np.int64)
        if chunk.ndim != 2 or not chunk.shape[1]:
            raise ValueError(
                f"chunk has shape {chunk.shape}, but must be of (n_timesteps,) or (n_timesteps, "
                "n_leads)."
            )
        if np.isinf(chunk).any():
            raise ValueError("chunk has infinite values: set them to NaN, which means missing.")
        if self._n_leads is None:
            self._start(chunk.shape[1])
        if chunk.shape[1] != self._n_leads:
            raise ValueError(
                f"chunk has {chunk.shape[1]} leads, but the first chunk had {self._n_leads}."
            )
        self._n_timesteps += len(chunk)
        return self._advance(chunk)

    def finish(self):
        """End the signal, and be ready for another.

        Returns
        -------
        ndarray of int64
            The time steps of the last beats.
        """
        if self._n_leads is None:
            return np.empty(0, dtype=np.int64)
        n_after = 4 * half_of(self.fs) + margin_of(self.fs)
        beats = self._advance(np.full((n_after, self._n_leads), np.nan, dtype=np.float32))
        is_long_enough = self._n_timesteps >= _SHORTEST_S * self.fs
        beats = beats[(beats < self._n_timesteps) & is_long_enough]
        self._n_leads = None
        return beats

    def _start(self, n_leads):
        self._n_leads, self._n_timesteps = n_leads, 0
        self._gathered = []  # chunks, until they are worth a look
        n_before = CONTEXT * half_of(self.fs) + margin_of(self.fs)
        self._signal = np.full((n_before, n_leads), np.nan, dtype=np.float32)
        self._memory = no_memory(n_leads)
        # The last probabilities, and the step of the recording that the first of them is of.
        self._probabilities, self._first_step = np.zeros(2 * _TAIL), -DELAY - 2 * _TAIL
        self._last_beat = -np.inf  # step

    def _advance(self, chunk):
        """Append signal, and report the beats that are certain now."""
        self._gathered.append(chunk.copy())  # whoever brought it may use its memory again
        half, margin = half_of(self.fs), margin_of(self.fs)
        n_timesteps = len(self._signal) + sum(map(len, self._gathered))
        n_halves = (n_timesteps - 2 * margin) // half - CONTEXT
        if n_halves < 1:
            return np.empty(0, dtype=np.int64)
        self._signal = np.concatenate([self._signal, *self._gathered])
        self._gathered = []
        signal = self._signal[: (CONTEXT + n_halves) * half + 2 * margin]
        self._signal = self._signal[n_halves * half :].copy()
        steps, alive = read_steps(signal, self.fs)
        weights = load_weights() if self.weights is None else self.weights
        largest = remember(self._memory, steps, alive)
        self._memory = largest[:, n_halves:][:, :MEMORY]
        new = probabilities(*scale(steps, alive, largest), weights)
        probability = np.concatenate([self._probabilities, new])
        kept = len(probability) - 2 * _TAIL
        beats = self._highest(probability)
        self._probabilities = probability[kept:]
        self._first_step += kept
        time = np.rint(beats * (half / HALF)).astype(np.int64)
        return time[time >= 0]

    def _highest(self, probability):
        """Find where, away from both ends, probability is highest within 0.2 s, in steps."""
        mean = np.convolve(probability, np.ones(2 * _SPREAD + 1) / (2 * _SPREAD + 1), mode="same")
        highest = maximum_filter1d(mean, 2 * _APART + 1)
        peaks = np.flatnonzero((mean == highest) & (mean >= _THRESHOLD))
        peaks = peaks[(peaks >= _TAIL) & (peaks < len(probability) - _TAIL)]
        beats = []
        for peak in peaks:
            if peak + self._first_step - self._last_beat > _APART:  # else as high as the one before
                self._last_beat = peak + self._first_step
                beats.append(peak)
        beats, offsets = np.array(beats, dtype=np.int64), np.arange(-_POSITION, _POSITION + 1)
        weight = probability[beats[:, None] + offsets]
        return self._first_step + beats + (weight * offsets).sum(axis=1) / weight.sum(axis=1)
