"""Cut signals into windows of equal length."""

from functools import partial
from numbers import Integral

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from sklearn_ecg.preprocessing._base import SignalTransformer
from sklearn_ecg.preprocessing._tail import fit_to_length, refuse_short_rows, without_rest
from sklearn_ecg.utils._numbers import plain
from sklearn_ecg.utils._rows import map_rows
from sklearn_ecg.utils._signals import check_signals

_CONSTRAINTS = {
    "segment_length": [Interval(Integral, 1, None, closed="left")],
    "step": [Interval(Integral, 1, None, closed="left"), None],
    "tail": [StrOptions({"pad", "drop"})],
}


@validate_params({"X": ["array-like"], **_CONSTRAINTS}, prefer_skip_nested_validation=True)
def segment(X, segment_length, *, step=None, tail="pad"):
    """Cut each signal into windows of `segment_length` time steps.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_timesteps) or (n_samples, n_timesteps, n_leads)
        Signals in any unit; or a list of arrays (n_timesteps_i,) or (n_timesteps_i, n_leads).
    segment_length : int
        Time steps in a segment.
    step : int, default=None
        Time steps from the start of one segment to the start of the next. Segments overlap when it
        is less than `segment_length` and leave gaps when it is more. None takes `segment_length`.
    tail : {"pad", "drop"}, default="pad"
        Treatment of time steps after the last whole segment: `"pad"` keeps them in one more
        segment, padded with NaN; `"drop"` cuts them off.

    Returns
    -------
    segments : ndarray of shape (n_samples, n_segments, segment_length, n_leads)
        A read-only view of `X` where no padding is needed. For a list, a 1-D object array of such
        arrays without the first axis.

    Raises
    ------
    ValueError
        If a row is shorter than one segment and `tail="drop"`; the message names the row.

    See Also
    --------
    Segmenter : Transformer form.

    Examples
    --------
    >>> from sklearn_ecg.preprocessing import segment
    >>> segment([[1, 2, 3, 4, 5]], 2)[0, :, :, 0]
    array([[ 1.,  2.],
           [ 3.,  4.],
           [ 5., nan]], dtype=float32)
    >>> segment([[1, 2, 3, 4, 5]], 3, step=2)[0, :, :, 0]
    array([[1., 2., 3.],
           [3., 4., 5.]], dtype=float32)
    """
    X = check_signals(X, estimator="segment", allow_segments=False, leads_last=True)
    return _segment(X, segment_length, step, tail)


def _segment(X, segment_length, step, tail):
    segment_length, step = plain(segment_length), plain(step)
    step = segment_length if step is None else step
    if tail == "drop":
        refuse_short_rows(X, segment_length, "segment_length")
    return map_rows(partial(_windows, segment_length=segment_length, step=step, tail=tail), X)


def _windows(signals, segment_length, step, tail):
    count = partial(_count, segment_length=segment_length, step=step, tail=tail)
    n_segments = int(count(signals.shape[-2]))
    fitted = fit_to_length(signals, segment_length + (n_segments - 1) * step)
    if step == segment_length and fitted.flags.c_contiguous:
        segments = fitted.reshape(*fitted.shape[:-2], n_segments, step, fitted.shape[-1])
        segments.flags.writeable = False  # as those that overlap
    else:
        windows = sliding_window_view(fitted, segment_length, axis=-2)[..., ::step, :, :]
        segments = np.swapaxes(windows, -1, -2)
    return without_rest(segments, signals, step, count)


def _count(n_timesteps, segment_length, step, tail):
    """Count the segments of signals of these lengths; there is one at least."""
    if tail == "drop":
        return 1 + np.maximum(n_timesteps - segment_length, 0) // step
    # Rounded up: one more segment holds what whole ones leave over, unless a gap takes it all.
    return 1 + -(-np.maximum(n_timesteps - max(segment_length, step), 0) // step)


class Segmenter(SignalTransformer):
    """Cut each signal into windows of `segment_length` time steps.

    A recording too long for a recurrent network becomes a bag of segments that share its label. It
    stays one row, so that `y`, `groups` and sample weights remain aligned with it.

    Parameters
    ----------
    segment_length : int
        Time steps in a segment (seconds times the sampling rate in Hz).
    step : int, default=None
        Time steps from the start of one segment to the start of the next. Segments overlap when it
        is less than `segment_length` and leave gaps when it is more. None takes `segment_length`.
    tail : {"pad", "drop"}, default="pad"
        Treatment of time steps after the last whole segment: `"pad"` keeps them in one more
        segment, padded with NaN; `"drop"` cuts them off.

    Attributes
    ----------
    row_shape_in_ : tuple
        Shape of a row seen in `fit`, `(n_timesteps,)` or `(n_timesteps, n_leads)`; the first is
        None if ragged.
    n_features_in_ : int
        Time steps in a row seen in `fit`. Defined only for `X` of two axes.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of columns seen in `fit`. Defined only for a data frame with string names.

    See Also
    --------
    segment : Function form.
    Reshaper : Joins time steps into the steps a recurrent network sees.

    Notes
    -----
    If no padding is needed, the result is a read-only *view*: segments cost no memory, and
    overlapping ones share it. Padding copies the signal once. NaN stays where it is.

    A row that is padded already, by NaN in all leads at its end, has the segments of the signal
    without its padding, of which the first stays in any case. The others are NaN.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_ecg.preprocessing import Segmenter
    >>> X = np.arange(12, dtype=np.float32).reshape(2, 6)  # 2 recordings of 6 time steps
    >>> segments = Segmenter(segment_length=3).fit_transform(X)
    >>> segments.shape  # (n_samples, n_segments, segment_length, n_leads)
    (2, 2, 3, 1)
    >>> segments[1, 0, :, 0]
    array([6., 7., 8.], dtype=float32)
    """

    _parameter_constraints = _CONSTRAINTS
    _allow_segments = False

    def __init__(self, segment_length, *, step=None, tail="pad"):
        self.segment_length = segment_length
        self.step = step
        self.tail = tail

    def _feature_names(self, input_features):
        return self._lead_labels(input_features)  # the time steps of vectors become those of a lead

    def transform(self, X):
        """Cut signals into segments.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps) or (n_samples, n_timesteps, n_leads)
            Signals, or a list of arrays (n_timesteps_i,) or (n_timesteps_i, n_leads).

        Returns
        -------
        segments : ndarray of shape (n_samples, n_segments, segment_length, n_leads)
            For a list, a 1-D object array of arrays (n_segments_i, segment_length, n_leads).
        """
        return super().transform(X)

    def _transform(self, X):
        return self._at_rate(_segment(X, self.segment_length, self.step, self.tail))
