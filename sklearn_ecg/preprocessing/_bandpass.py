"""Keep one band of frequencies."""

from numbers import Integral, Real

import scipy
from sklearn.utils._param_validation import Interval, validate_params

from sklearn_ecg.preprocessing._base import SignalTransformer
from sklearn_ecg.preprocessing._filtering import check_frequency, filter_rows
from sklearn_ecg.utils._signals import check_signals

_CONSTRAINTS = {
    "fs": [Interval(Real, 0, None, closed="neither")],
    "low": [Interval(Real, 0, None, closed="neither"), None],
    "high": [Interval(Real, 0, None, closed="neither"), None],
    "order": [Interval(Integral, 1, 10, closed="both")],
    "causal": ["boolean"],
}


@validate_params({"X": ["array-like"], **_CONSTRAINTS}, prefer_skip_nested_validation=True)
def bandpass_filter(X, fs, *, low=0.5, high=40.0, order=2, causal=False):
    """Remove frequencies below `low` and above `high` from each lead of each row.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_timesteps[, n_leads])
        Signals, or segments of shape (n_samples, n_segments, n_timesteps, n_leads), or a list with
        one such array per row.
    fs : float
        Sampling rate in Hz.
    low, high : float or None, default=0.5, 40.0
        Cut-off frequencies in Hz. None leaves that side open.
    order : int, default=2
        Order of the Butterworth filter on either side, from 1 to 10.
    causal : bool, default=False
        Whether to filter only forwards, from the past, instead of with zero phase.

    Returns
    -------
    X : ndarray or 1-D object array of ndarrays
        The filtered signals, of the shape and form of `X`.

    Raises
    ------
    ValueError
        If `high` or `low` is not below `fs / 2` or is less than a millionth of `fs`, if `low` is
        not below `high`, or if both are None.

    See Also
    --------
    BandpassFilter : Transformer form, with notes on phase, gaps and short signals.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_ecg.preprocessing import bandpass_filter
    >>> wave = np.sin(2 * np.pi * 5 * np.arange(1000) / 250)
    >>> filtered = bandpass_filter(wave[None] + 3.0, fs=250)  # an offset of 3 mV
    >>> bool(abs(filtered[0] - wave)[250:-250].max() < 0.01)
    True
    """
    sos = design_bandpass(fs, low, high, order)
    X = check_signals(X, estimator="bandpass_filter", leads_last=True, fs=fs)
    return filter_rows(X, sos, causal)


def design_bandpass(fs, low, high, order):
    """Design a Butterworth filter.

    Parameters
    ----------
    fs : float
        Sampling rate in Hz.
    low, high : float or None
        Cut-off frequencies in Hz.
    order : int
        Order on either side.

    Returns
    -------
    ndarray of shape (n_sections, 6)
        The filter, in second-order sections.

    Raises
    ------
    ValueError
        If the band is empty, unbounded or beyond the Nyquist frequency.
    """
    if low is None and high is None:
        raise ValueError("low and high are both None, so that there is nothing to filter.")
    for name, frequency in (("low", low), ("high", high)):
        if frequency is not None:
            check_frequency(name, frequency, fs)
    if high is None:
        return scipy.signal.butter(order, low, "highpass", fs=fs, output="sos")
    if low is None:
        return scipy.signal.butter(order, high, "lowpass", fs=fs, output="sos")
    if low >= high:
        raise ValueError(f"low={low} Hz must be below high={high} Hz.")
    return scipy.signal.butter(order, (low, high), "bandpass", fs=fs, output="sos")


class BandpassFilter(SignalTransformer):
    """Remove frequencies below `low` and above `high` from each lead of each row.

    Breathing and the drift of electrodes lie below half a hertz. Muscles and the mains lie mostly
    above 40 Hz. Monitors use the default band to recognize rhythms. To measure ST segments or fine
    notches, keep 0.05 to 150 Hz.

    By default the filter runs forwards and backwards. It then shifts no wave, but **each value
    depends on the whole recording, later time steps included**. Set `causal=True` for a classifier
    that runs on a live signal, at the price of delayed and somewhat distorted waves.

    Parameters
    ----------
    fs : float, default=None
        Sampling rate in Hz. None takes the rate of the signals, which know it after a
        `RecordReader` or after a step with `fs`.
    low, high : float or None, default=0.5, 40.0
        Cut-off frequencies in Hz. None leaves that side open: a low-pass or a high-pass filter.
    order : int, default=2
        Order of the Butterworth filter on either side, from 1 to 10. High orders ring after each
        QRS complex.
    causal : bool, default=False
        Whether to filter only forwards, from the past, instead of with zero phase.

    Attributes
    ----------
    sos_ : ndarray of shape (n_sections, 6)
        The filter, in second-order sections.
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
    bandpass_filter : Function form.
    NotchFilter : Removes the mains and keeps the frequencies around it.

    Notes
    -----
    *Gain.* At a cut-off, a causal filter passes 0.71 of the amplitude, and a zero-phase filter,
    which runs twice, 0.5. Standards name the frequencies at which 0.71 (-3 dB) is left. With zero
    phase and `order=2` these are 1.24 times `low` and 0.81 to 0.95 times `high`, more the nearer it
    is to `fs / 2`: 0.62 to 33 Hz by default, and 0.062 to 133 Hz with `low=0.05` and `high=150` at
    500 Hz, where 0.04 and 166 keep 0.05 to 150 Hz. With zero phase, the recommendations below allow
    a `low` of up to 0.67 Hz for ST segments. State the order and the phase beside the band.

    *Gaps.* NaN stays where it is and does not spread: a straight line bridges each gap, the
    signal is filtered, and NaN is put back. Near a gap of some length the result is therefore as
    uncertain as near an end. A lead that is NaN throughout stays so. NaN in all leads at the end is
    padding: the signal ends before it.

    *Ends.* The signal is continued beyond its ends for as long as the filter remembers, or for its
    own length if that is less: by reflection in the end point, or, if causal, by its first value.
    So a signal of any length has a result; a single time step becomes 0 unless `low` is None.
    Filter before cutting into segments: in ten-second strips of MIT-BIH cut before filtering, the
    first second differs by 0.13 mV rms from strips cut afterwards, the inner four seconds by less
    than 0.001 mV.

    Computation is in float64, some rows at a time, and float32 is returned for float32.

    References
    ----------
    Kligfield P et al. Recommendations for the standardization and interpretation of the
    electrocardiogram, part I. Circulation 115(10):1306-1324 (2007).
    doi:10.1161/CIRCULATIONAHA.106.180200

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_ecg.preprocessing import BandpassFilter
    >>> X = np.full((2, 500), 3.0)  # an offset and no signal
    >>> X[0, 100:120] = np.nan
    >>> filtered = BandpassFilter(fs=250).fit_transform(X)
    >>> bool(np.nanmax(abs(filtered)) < 1e-9), int(np.isnan(filtered).sum())
    (True, 20)
    """

    _parameter_constraints = {**_CONSTRAINTS, "fs": [*_CONSTRAINTS["fs"], None]}

    def __init__(self, *, fs=None, low=0.5, high=40.0, order=2, causal=False):
        self.fs = fs
        self.low = low
        self.high = high
        self.order = order
        self.causal = causal

    def _prepare(self):
        self.sos_ = design_bandpass(self.fs_, self.low, self.high, self.order)

    def _transform(self, X):
        return self._at_rate(filter_rows(X, self.sos_, self.causal))
