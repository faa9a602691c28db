"""Flag leads that nobody could read."""

import numpy as np
from sklearn.utils._param_validation import validate_params

from sklearn_ecg.preprocessing._base import SignalTransformer
from sklearn_ecg.preprocessing._quality import stack_rows
from sklearn_ecg.preprocessing._quality_limits import (
    LIMITS,
    LIMITS_OF_ESTIMATORS,
    QualityTransformer,
    judge_leads,
)
from sklearn_ecg.utils._padding import find_padding
from sklearn_ecg.utils._rows import map_rows
from sklearn_ecg.utils._signals import check_signals


@validate_params({"X": ["array-like"], **LIMITS}, prefer_skip_nested_validation=True)
def quality_flags(
    X, fs, *, flat_range=0.01, max_gaps=0.5, max_flat=0.5, max_saturated=0.01, max_noise=0.5
):
    """Flag each lead of each row, or of each segment, that is unusable.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_timesteps[, n_leads])
        Signals in mV, or segments of shape (n_samples, n_segments, n_timesteps, n_leads), or a list
        with one such array per row.
    fs : float
        Sampling rate in Hz, above 10.
    flat_range : float, default=0.01
        Range in mV, or in the unit of `X`, within which a signal that stays there for a second is
        flat.
    max_gaps, max_flat, max_saturated : float, default=0.5, 0.5, 0.01
        Largest tolerated fractions of time steps that are NaN, in flat lines, or clipped.
    max_noise : float, default=0.5
        Largest tolerated noise, from 0 to about 1 (Gaussian noise).

    Returns
    -------
    flags : ndarray of shape (n_samples, n_leads)
        1 for unusable leads and 0 for usable ones. For segments of shape
        (n_samples, n_segments, n_leads), NaN where a segment is padding; for a list of segments, a
        1-D object array of (n_segments_i, n_leads).

    See Also
    --------
    QualityFlags : Transformer form.
    quality_gate : Masks the leads.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_ecg.preprocessing import quality_flags
    >>> X = 0.02 * np.random.default_rng(0).normal(size=(2, 500))
    >>> X[:, ::80] += 1.0  # beats
    >>> X[1, 200:] = 0.0
    >>> quality_flags(X, fs=100)
    array([[0.],
           [1.]])
    """
    X = check_signals(X, estimator="quality_flags", leads_last=True, fs=fs)
    return _flag(X, judge_leads(fs, flat_range, (max_gaps, max_flat, max_saturated, max_noise)))


def _flag(X, judge):
    def flag(signals):
        flags = judge(signals).astype(signals.dtype)
        if signals.ndim == 4:
            flags[find_padding(signals).all(axis=-1)] = np.nan
        return flags

    return stack_rows(map_rows(flag, X), X)


class QualityFlags(QualityTransformer, auto_wrap_output_keys=("transform",)):  # type: ignore[call-arg]
    """Flag each lead of each row, or of each segment, that is unusable.

    The flags are features. In a `FeatureUnion`, beside others, they tell a classifier about the
    quality of a signal. `fit` learns nothing.

    Parameters
    ----------
    fs : float, default=None
        Sampling rate in Hz, above 10. None takes the rate of the signals, which know it after a
        `RecordReader` or after a step with `fs`.
    flat_range : float, default=0.01
        Range in mV, or in the unit of `X`, within which a signal that stays there for a second is
        flat.
    max_gaps : float, default=0.5
        Largest tolerated fraction of time steps that are NaN.
    max_flat : float, default=0.5
        Largest tolerated fraction of time steps in flat lines.
    max_saturated : float, default=0.01
        Largest tolerated fraction of clipped time steps.
    max_noise : float, default=0.5
        Largest tolerated noise: 0 is silence between sharp QRS complexes, 1 is Gaussian noise.

    Attributes
    ----------
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
    quality_flags : Function form.
    QualityGate : Masks such leads, with notes on the default limits and real recordings.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_ecg.preprocessing import QualityFlags
    >>> noise = np.random.default_rng(0).normal(size=(3, 1000))
    >>> X = 0.02 * noise
    >>> X[:, ::80] += 1.0  # beats
    >>> X[1] = noise[1]  # no beats
    >>> X[2] = 0.0  # a lead that is not connected
    >>> QualityFlags(fs=100).fit_transform(X)
    array([[0.],
           [1.],
           [1.]])
    """

    _parameter_constraints = LIMITS_OF_ESTIMATORS

    def __init__(
        self,
        *,
        fs=None,
        flat_range=0.01,
        max_gaps=0.5,
        max_flat=0.5,
        max_saturated=0.01,
        max_noise=0.5,
    ):
        self.fs = fs
        self.flat_range = flat_range
        self.max_gaps = max_gaps
        self.max_flat = max_flat
        self.max_saturated = max_saturated
        self.max_noise = max_noise

    # Flags fit into a data frame, signals do not. Only one who asks for it here gets one, whatever
    # scikit-learn is set to: after steps that return arrays it has not the index of the rows, and a
    # `ColumnTransformer` would join it with other columns by the index, flags of other rows.
    _sklearn_output_config = {"transform": "default"}
    fit_transform = SignalTransformer.fit_transform  # scikit-learn wraps only what a class defines

    def set_output(self, *, transform=None):
        """Choose the container of the flags.

        Parameters
        ----------
        transform : {"default", "pandas", "polars", None}, default=None
            `"default"` is an array. None changes nothing.

        Returns
        -------
        self : estimator
            The transformer itself.
        """
        if transform is not None:
            self._sklearn_output_config = {"transform": transform}
        return self

    def _feature_names(self, input_features):
        return [f"unusable_{lead}" for lead in self._lead_labels(input_features)]

    def transform(self, X):
        """Flag unusable leads.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps[, n_leads])
            Signals or segments, dense or ragged.

        Returns
        -------
        flags : ndarray of shape (n_samples, n_leads)
            1 for unusable leads and 0 for usable ones. For segments of shape
            (n_samples, n_segments, n_leads), NaN where a segment is padding; for a list of
            segments, a 1-D object array of (n_segments_i, n_leads).
        """
        return super().transform(X)

    def _transform(self, X):
        return _flag(X, self._judge())
