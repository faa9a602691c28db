"""Join time steps into the steps a recurrent network sees."""

from functools import partial
from numbers import Integral

from sklearn.utils._param_validation import Interval, StrOptions, validate_params
from sklearn.utils.validation import check_is_fitted

from sklearn_ecg.preprocessing._base import SignalTransformer
from sklearn_ecg.preprocessing._tail import fit_to_length, refuse_short_rows, without_rest
from sklearn_ecg.utils._numbers import plain
from sklearn_ecg.utils._rates import with_rate
from sklearn_ecg.utils._row_shapes import shape_with_leads
from sklearn_ecg.utils._rows import each_row, map_rows
from sklearn_ecg.utils._signals import check_signals

_CONSTRAINTS = {
    "frame_length": [Interval(Integral, 1, None, closed="left")],
    "tail": [StrOptions({"pad", "drop"})],
}


@validate_params({"X": ["array-like"], **_CONSTRAINTS}, prefer_skip_nested_validation=True)
def reshape(X, frame_length, *, tail="pad"):
    """Join every `frame_length` time steps of all leads into one step.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_timesteps[, n_leads])
        Signals, or segments of shape (n_samples, n_segments, n_timesteps, n_leads), or a list with
        one such array per row.
    frame_length : int
        Time steps in a frame.
    tail : {"pad", "drop"}, default="pad"
        Whether time steps after the last whole frame are kept, in a frame padded with NaN, or
        cut off.

    Returns
    -------
    sequences : ndarray of shape (n_samples, [n_segments,] n_steps, n_features)
        `n_features` is `frame_length * n_leads`. For a list, a 1-D object array of such arrays
        without the first axis.

    Raises
    ------
    ValueError
        If a row is shorter than one frame and `tail="drop"`; the message names the row.

    See Also
    --------
    Reshaper : Transformer form, with the inverse.

    Examples
    --------
    >>> from sklearn_ecg.preprocessing import reshape
    >>> reshape([[1, 2, 3, 4, 5]], 2)
    array([[[ 1.,  2.],
            [ 3.,  4.],
            [ 5., nan]]], dtype=float32)
    """
    return _reshape(check_signals(X, estimator="reshape", leads_last=True), frame_length, tail)


def _reshape(X, frame_length, tail):
    frame_length = plain(frame_length)
    if tail == "drop":
        refuse_short_rows(X, frame_length, "frame_length")
    return map_rows(partial(_frames, frame_length=frame_length, tail=tail), X)


def _frames(signals, frame_length, tail):
    *leading, n_timesteps, n_leads = signals.shape
    n_steps = -(-n_timesteps // frame_length) if tail == "pad" else n_timesteps // frame_length
    fitted = fit_to_length(signals, n_steps * frame_length)
    frames = fitted.reshape(*leading, n_steps, frame_length * n_leads)
    if tail == "pad":
        return frames
    return without_rest(frames, signals, frame_length, lambda lengths: lengths // frame_length)


class Reshaper(SignalTransformer):
    """Join every `frame_length` time steps of all leads into one step.

    A recurrent network takes one step at a time. Ten seconds at 360 Hz are 3600 steps, too many to
    train on and to remember; in frames of 20 they are 180, each with `20 * n_leads` features.

    Parameters
    ----------
    frame_length : int, default=1
        Time steps in a frame. 1 makes every time step a step of the network.
    tail : {"pad", "drop"}, default="pad"
        Whether to keep time steps after the last whole frame in one more frame, padded with NaN
        (`"pad"`), or to cut them off (`"drop"`).

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
    reshape : Function form.
    Segmenter : Cuts long signals into segments first.

    Notes
    -----
    Within a step, features are ordered by time step first and by lead second. The result is a view
    of a contiguous signal that needs no padding. NaN stays where it is. If the signals know their
    sampling rate, the result knows the rate of its steps.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_ecg.preprocessing import Reshaper
    >>> X = np.arange(12.0).reshape(1, 6, 2)  # 1 recording, 6 time steps, 2 leads
    >>> reshaper = Reshaper(frame_length=3)
    >>> steps = reshaper.fit_transform(X)
    >>> steps.shape  # (n_samples, n_steps, n_features)
    (1, 2, 6)
    >>> bool((reshaper.inverse_transform(steps) == X).all())
    True
    """

    _parameter_constraints = _CONSTRAINTS

    def __init__(self, frame_length=1, *, tail="pad"):
        self.frame_length = frame_length
        self.tail = tail

    def _feature_names(self, input_features):
        leads = self._lead_labels(input_features)
        return [f"t{i}_{lead}" for i in range(plain(self.frame_length)) for lead in leads]

    def transform(self, X):
        """Join time steps into steps.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps[, n_leads])
            Signals or segments, dense or ragged.

        Returns
        -------
        sequences : ndarray of shape (n_samples, [n_segments,] n_steps, n_features)
            For a list, a 1-D object array of such arrays without the first axis.
        """
        return super().transform(X)

    def _transform(self, X):
        frames = _reshape(X, self.frame_length, self.tail)
        return with_rate(frames, None if self.fs_ is None else self.fs_ / plain(self.frame_length))

    def inverse_transform(self, X):
        """Take steps apart again.

        Padding that `transform` appended is removed from dense data, because `fit` saw their
        length. A ragged row keeps the padding of its last frame. What `tail="drop"` cut off stays
        lost.

        Parameters
        ----------
        X : ndarray of shape (n_samples, [n_segments,] n_steps, n_features)
            Sequences as `transform` returns them, or a list with one such array per row.

        Returns
        -------
        X : ndarray of shape (n_samples, n_timesteps[, n_leads])
            Signals or segments in the form seen in `fit`.

        Raises
        ------
        ValueError
            If the last axis is not `frame_length * n_leads`.
        """
        check_is_fitted(self)
        X = check_signals(X, estimator="Reshaper.inverse_transform")
        has_lead_axis = len(self.row_shape_in_) > 1
        *_, n_timesteps, n_leads = shape_with_leads(self.row_shape_in_)
        expected = self.frame_length * n_leads
        for i, row in enumerate(each_row(X)):
            if row.shape[-1] != expected:
                raise ValueError(
                    f"row {i} of X has {row.shape[-1]} features in a step, but Reshaper makes "
                    f"frame_length * n_leads = {expected}."
                )

        def take_apart(sequences):
            signals = sequences.reshape(*sequences.shape[:-2], -1, n_leads)[..., :n_timesteps, :]
            return signals if has_lead_axis else signals[..., 0]

        return map_rows(take_apart, X)
