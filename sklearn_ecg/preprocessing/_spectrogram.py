"""Turn signals into spectra over time."""

from functools import partial
from numbers import Integral

import numpy as np
import scipy
from numpy.lib.stride_tricks import sliding_window_view
from scipy.fft import rfft
from sklearn.utils._param_validation import Interval, validate_params

from sklearn_ecg.preprocessing._base import SignalTransformer
from sklearn_ecg.preprocessing._tail import fit_to_length
from sklearn_ecg.utils._numbers import plain
from sklearn_ecg.utils._padding import count_steps, refuse_gaps
from sklearn_ecg.utils._rows import map_rows
from sklearn_ecg.utils._signals import check_signals

_CONSTRAINTS = {
    "window_length": [Interval(Integral, 2, None, closed="left")],
    "step": [Interval(Integral, 1, None, closed="left"), None],
}
# A window has at most window_length / 2 of the power of white noise as strong as the signal; a
# hundredth of a unit is far below any ECG, and keeps silence finite.
_FLOOR = 0.01
_SILENCE = 1e-6  # mV, so that a flat lead is not scaled up to its rounding errors


@validate_params({"X": ["array-like"], **_CONSTRAINTS}, prefer_skip_nested_validation=True)
def log_spectrogram(X, window_length=64, *, step=None):
    """Turn each signal into the logarithm of its spectrum over time.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_timesteps[, n_leads])
        Signals, or segments of shape (n_samples, n_segments, n_timesteps, n_leads), or a list with
        one such array per row. NaN at the end of a signal is padding; nowhere else may it be.
    window_length : int, default=64
        Time steps in a window.
    step : int, default=None
        Time steps from one window to the next. None stands for half of `window_length`.

    Returns
    -------
    sequences : ndarray of shape (n_samples, [n_segments,] n_steps, n_features)
        `n_features` is `(window_length // 2 + 1) * n_leads`, by frequency first and by lead second;
        decimal logarithms of power. For a list, a 1-D object array of such arrays without the first
        axis.

    Raises
    ------
    ValueError
        If a value is missing.

    See Also
    --------
    LogSpectrogram : Transformer form, with notes.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_ecg.preprocessing import log_spectrogram
    >>> wave = np.sin(2 * np.pi * 50 * np.arange(640) / 320)  # 50 Hz at 320 Hz
    >>> spectra = log_spectrogram(wave[None], 64)
    >>> spectra.shape, int(spectra[0, 0].argmax()) * 320 / 64
    ((1, 19, 33), 50.0)
    """
    X = check_signals(X, estimator="log_spectrogram", leads_last=True)
    refuse_gaps(X, "log_spectrogram")
    return _log_spectrogram(X, window_length, step)


def _log_spectrogram(X, window_length, step):
    window_length, step = plain(window_length), plain(step)
    step = max(1, window_length // 2) if step is None else step
    return map_rows(partial(_spectra, window_length=window_length, step=step), X)


def _spectra(signals, window_length, step):
    # Row by row, so that intermediate results stay small.
    if signals.ndim > 2:
        return np.stack([_spectra(row, window_length, step) for row in signals])
    signal = signals[: int(count_steps(signals[None])[0][0])]
    if not len(signal):
        return _spectra(np.zeros_like(signals), window_length, step) + np.nan
    # In float32, a sum over a long signal loses a small signal on a large offset.
    centred = signal - signal.mean(axis=0, dtype=np.float64).astype(signal.dtype)
    strength = centred.std(axis=0, dtype=np.float64).astype(signal.dtype)
    scaled = centred / (strength + _SILENCE)
    # A signal shorter than one window is short, not padded; one that is padded ends earlier.
    scaled = np.pad(scaled, ((0, max(window_length - len(scaled), 0)), (0, 0)))
    scaled = fit_to_length(scaled, max(window_length, len(signals)))
    windows = sliding_window_view(scaled, window_length, axis=0)[::step]
    spectra = rfft(
        windows * scipy.signal.windows.hann(window_length, sym=False).astype(signals.dtype), axis=-1
    )
    power = np.square(np.abs(spectra)).swapaxes(1, 2)
    return np.log10(power + _FLOOR).reshape(len(windows), -1)


class LogSpectrogram(SignalTransformer):
    """Turn each signal into the logarithm of its spectrum over time.

    Each step tells how strong every frequency is in a short window: P and T waves, QRS complexes,
    flutter and noise differ in it, wherever in the window they are. It makes few long steps of many
    short ones, as :class:`Reshaper` does, but no longer depends on the phase.

    Parameters
    ----------
    window_length : int, default=64
        Time steps in a window: 0.2 s at 300 Hz. Frequencies are `fs / window_length` apart.
    step : int, default=None
        Time steps from one window to the next. None stands for half of `window_length`.

    Attributes
    ----------
    row_shape_in_ : tuple
        Shape of a row seen in `fit`: `(n_timesteps,)`, `(n_timesteps, n_leads)` or
        `(n_segments, n_timesteps, n_leads)`; the first is None if ragged.
    n_features_in_ : int
        Time steps in a row seen in `fit`. Defined only for `X` of two axes.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of columns seen in `fit`. Defined only for a data frame with string names.

    See Also
    --------
    log_spectrogram : Function form.
    Reshaper : Makes steps of the time steps themselves.

    Notes
    -----
    Each lead of each row, or segment, is centred and divided by its own standard deviation first:
    that **looks at the whole recording**, and makes the result independent of gain and unit. A flat
    one becomes the constant floor of -2.

    Windows are Hann windows and lie within the signal; up to `step - 1` time steps at its end are
    in none. A signal shorter than a window is filled up with zeros once it is centred and scaled.
    A window that holds padding becomes a step of NaN.

    References
    ----------
    Zihlmann M, Perekrestenko D, Tschannen M. Convolutional recurrent neural networks for
    electrocardiogram classification. Computing in Cardiology 44 (2017). arXiv:1710.06122

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_ecg.preprocessing import LogSpectrogram
    >>> X = np.random.default_rng(0).normal(size=(2, 3000, 1)).astype(np.float32)
    >>> LogSpectrogram(window_length=64).fit_transform(X).shape
    (2, 92, 33)
    """

    _parameter_constraints = _CONSTRAINTS
    _allow_nan = False

    def __init__(self, window_length=64, *, step=None):
        self.window_length = window_length
        self.step = step

    def _feature_names(self, input_features):
        leads = self._lead_labels(input_features)
        frequencies = range(self.window_length // 2 + 1)
        return [f"f{k}/{self.window_length}_{lead}" for k in frequencies for lead in leads]

    def transform(self, X):
        """Compute spectra.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps[, n_leads])
            Signals or segments, dense or ragged. NaN only as padding, at the end of a signal.

        Returns
        -------
        sequences : ndarray of shape (n_samples, [n_segments,] n_steps, n_features)
            For a list, a 1-D object array of such arrays without the first axis.
        """
        return super().transform(X)

    def _transform(self, X):
        return _log_spectrogram(X, self.window_length, self.step)
