"""Turn recordings into sequences of their beats."""

from numbers import Integral, Real

import numpy as np
from sklearn.utils._param_validation import Interval

from sklearn_ecg.beats._detection import detect_beats_of
from sklearn_ecg.beats._features import (
    BAND,
    beat_feature_names,
    check_features,
    features_of,
)
from sklearn_ecg.preprocessing._base import SignalTransformer
from sklearn_ecg.utils._padding import unpadded_lengths
from sklearn_ecg.utils._rows import as_object_array, each_row


class BeatSequencer(SignalTransformer):
    """Turn each recording into a sequence with a step for each of its beats.

    Rhythms are patterns of beats. Half a minute of ECG is some 40 beats, so a recurrent network
    reads it in 40 steps. Each step describes the time and the shape of a beat.

    Parameters
    ----------
    fs : float, default=None
        Sampling rate in Hz, more than 80. None takes the rate of the signals, which know it after a
        `RecordReader` or after a step with `fs`.
    features : sequence of str, default=("rhythm", "shape", "deviation", "waveform", "quality")
        Groups of features of each beat; see :func:`beat_features`.
    causal : bool, default=False
        Whether each beat is compared with earlier beats only, instead of with the median of the
        **whole recording**, or of half an hour of a long one. The detector of beats looks up to two
        seconds ahead in any case.
    n_beats : int, default=None
        Beats in each row: later ones are cut off, and missing ones are padded with NaN at the end.
        None keeps all, so that rows differ in length.

    Attributes
    ----------
    fs_ : float
        Sampling rate in Hz.
    row_shape_in_ : tuple
        Shape of a row seen in `fit`, `(n_timesteps,)` or `(n_timesteps, n_leads)`; the first is
        None if ragged.
    n_features_in_ : int
        Time steps in a row seen in `fit`. Defined only for `X` of two axes.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of columns seen in `fit`. Defined only for a data frame with string names.

    See Also
    --------
    extract_beats : Makes a row for each beat, for labels of beats.
    beat_feature_names : Names all features but the last.
    detect_beats : The detector.

    Notes
    -----
    The last feature is 1 for beats and 0 for other steps. A recording with fewer than two detected
    beats, such as noise, keeps its row: it has a step for every second, with 0 as last feature.
    Padding at the end of a signal holds no steps.

    Examples
    --------
    >>> from sklearn_ecg.beats import BeatSequencer
    >>> from sklearn_ecg.datasets import make_ecg_classification
    >>> X, y, groups = make_ecg_classification(n_samples=3, fs=250, random_state=0)
    >>> sequences = BeatSequencer(fs=250, features=["rhythm"]).fit_transform(X)
    >>> len(sequences), sequences[0].shape[1]
    (3, 9)
    """

    _parameter_constraints = {
        "fs": [Interval(Real, 2 * BAND[1], None, closed="neither"), None],
        "features": [tuple, list],
        "causal": ["boolean"],
        "n_beats": [Interval(Integral, 1, None, closed="left"), None],
    }
    _allow_segments = False

    def __init__(
        self,
        *,
        fs=None,
        features=("rhythm", "shape", "deviation", "waveform", "quality"),
        causal=False,
        n_beats=None,
    ):
        self.fs = fs
        self.features = features
        self.causal = causal
        self.n_beats = n_beats

    def _prepare(self):
        check_features(self.features)
        if self.fs_ <= 2 * BAND[1]:
            raise ValueError(f"fs={self.fs_:g} Hz must be more than {2 * BAND[1]:g} Hz.")

    def _feature_names(self, input_features):
        names = beat_feature_names(self.features, n_leads=len(self._lead_labels()))
        return [*map(str, names), "is_beat"]

    def transform(self, X):
        """Detect and describe the beats of each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps[, n_leads])
            Signals in mV, or a list with one such array per row. NaN stands for missing values.

        Returns
        -------
        1-D object array of ndarrays of shape (n_beats_i, n_features + 1), float32
            A sequence for each row; with `n_beats` an ndarray of shape
            (n_samples, n_beats, n_features + 1).
        """
        return super().transform(X)

    def _transform(self, X):
        sequences = list(map(self._sequence, each_row(X)))
        if self.n_beats is None:
            return as_object_array(sequences)
        shape = len(sequences), self.n_beats, sequences[0].shape[1]
        dense = np.full(shape, np.nan, dtype=np.float32)
        for to, sequence in zip(dense, sequences, strict=True):
            to[: len(sequence)] = sequence[: self.n_beats]
        return dense

    def _sequence(self, signal):
        signal = signal[: int(unpadded_lengths(signal)) or len(signal)]
        steps = detect_beats_of(signal, self.fs_)
        are_beats = len(steps) > 1
        if not are_beats:
            second = round(self.fs_)
            steps = np.arange(min(second // 2, len(signal) - 1), len(signal), second)
        features = features_of(signal, steps, self.fs_, self.features, self.causal)
        flag = np.full((len(features), 1), are_beats, dtype=np.float32)
        return np.concatenate([features, flag], axis=1)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]  # the features are float32 in any case
        return tags
