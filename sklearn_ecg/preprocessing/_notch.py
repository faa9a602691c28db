"""Remove the hum of the mains."""

from numbers import Real

import numpy as np
import scipy
from sklearn.utils._param_validation import Interval, validate_params

from sklearn_ecg.preprocessing._base import SignalTransformer
from sklearn_ecg.preprocessing._filtering import check_frequency, filter_rows
from sklearn_ecg.utils._signals import check_signals

_CONSTRAINTS = {
    "fs": [Interval(Real, 0, None, closed="neither")],
    "powerline": [Interval(Real, 10, None, closed="left")],
    "harmonics": ["boolean"],
    "quality": [Interval(Real, 0, None, closed="neither")],
    "causal": ["boolean"],
}


@validate_params({"X": ["array-like"], **_CONSTRAINTS}, prefer_skip_nested_validation=True)
def notch_filter(X, fs, powerline, *, harmonics=True, quality=30.0, causal=False):
    """Remove the mains frequency and its multiples from each lead of each row.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_timesteps[, n_leads])
        Signals, or segments of shape (n_samples, n_segments, n_timesteps, n_leads), or a list with
        one such array per row.
    fs : float
        Sampling rate in Hz.
    powerline : float
        Mains frequency in Hz, at least 10: 50 in most countries, 60 in the Americas and parts of
        Asia.
    harmonics : bool, default=True
        Whether to remove every multiple of `powerline` below `fs / 2` too.
    quality : float, default=30.0
        Frequency divided by the width of the band that is removed around it.
    causal : bool, default=False
        Whether to filter only forwards, from the past, instead of with zero phase.

    Returns
    -------
    X : ndarray or 1-D object array of ndarrays
        The filtered signals, of the shape and form of `X`.

    Raises
    ------
    ValueError
        If `powerline` is not below `fs / 2`.

    See Also
    --------
    NotchFilter : Transformer form, with notes on gaps and short signals.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_ecg.preprocessing import notch_filter
    >>> hum = np.sin(2 * np.pi * 50 * np.arange(1500) / 250)
    >>> filtered = notch_filter(hum[None], fs=250, powerline=50)
    >>> bool(abs(filtered[0, 250:-250]).max() < 0.01)
    True
    """
    sos = _design(fs, powerline, harmonics, quality)
    X = check_signals(X, estimator="notch_filter", leads_last=True, fs=fs)
    return filter_rows(X, sos, causal)


def _design(fs, powerline, harmonics, quality):
    check_frequency("powerline", powerline, fs)
    frequencies = np.arange(powerline, fs / 2, powerline) if harmonics else [powerline]
    return np.vstack(
        [
            scipy.signal.tf2sos(*scipy.signal.iirnotch(frequency, quality, fs=fs))
            for frequency in frequencies
        ]
    )


class NotchFilter(SignalTransformer):
    """Remove the mains frequency and its multiples from each lead of each row.

    A band around each of them is removed. The rest is kept, also above the mains frequency, where a
    low-pass filter would flatten QRS complexes. By default the filter runs forwards and backwards
    and shifts no wave. **Each value then depends on the whole recording, later time steps
    included**.

    Parameters
    ----------
    powerline : float
        Mains frequency in Hz, at least 10: 50 in most countries, 60 in the Americas and parts of
        Asia.
    fs : float, default=None
        Sampling rate in Hz. None takes the rate of the signals, which know it after a
        `RecordReader` or after a step with `fs`.
    harmonics : bool, default=True
        Whether to remove every multiple of `powerline` below `fs / 2` too.
    quality : float, default=30.0
        Frequency divided by the width (at 0.71 of the amplitude, in one pass) of the band that is
        removed around it: at 50 Hz and 30, a band of 1.7 Hz. The narrower, the longer it rings.
    causal : bool, default=False
        Whether to filter only forwards, from the past, instead of with zero phase.

    Attributes
    ----------
    sos_ : ndarray of shape (n_sections, 6)
        The filter, in second-order sections, one for each frequency removed.
    fs_ : float
        Sampling rate in Hz.
    row_shape_in_ : tuple
        Shape of a row seen in `fit`: `(n_timesteps,)`, `(n_timesteps, n_leads)` or
        `(n_segments, n_timesteps, n_leads)`; the first is None if ragged.
    n_features_in_ : int
        Time steps in a row seen in `fit`. Defined only for `X` of two axes.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of columns seen in `fit`. Defined only for a data frame with string names.

    See Also
    --------
    notch_filter : Function form.
    BandpassFilter : Removes all frequencies outside a band.

    Notes
    -----
    NaN stays where it is and does not spread: a straight line bridges each gap, the signal is
    filtered, and NaN is put back. A lead that is NaN throughout stays so. NaN in all leads at the
    end is padding: the signal ends before it.

    Near the ends of a signal, and of a gap, some hum remains: at 50 Hz most of it at the very end,
    and 5 % half a second away. So filter before cutting into segments. Signals of any length are
    accepted; one of a single time step is unchanged.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_ecg.preprocessing import NotchFilter
    >>> time = np.arange(3000) / 500
    >>> wave, hum = np.sin(2 * np.pi * 5 * time), np.sin(2 * np.pi * 50 * time)
    >>> filtered = NotchFilter(fs=500, powerline=50).fit_transform((wave + hum)[None])
    >>> bool(abs(filtered[0] - wave)[500:-500].max() < 0.01)
    True
    """

    _parameter_constraints = {**_CONSTRAINTS, "fs": [*_CONSTRAINTS["fs"], None]}

    def __init__(self, powerline, *, fs=None, harmonics=True, quality=30.0, causal=False):
        self.fs = fs
        self.powerline = powerline
        self.harmonics = harmonics
        self.quality = quality
        self.causal = causal

    def _prepare(self):
        self.sos_ = _design(self.fs_, self.powerline, self.harmonics, self.quality)

    def _transform(self, X):
        return self._at_rate(filter_rows(X, self.sos_, self.causal))
