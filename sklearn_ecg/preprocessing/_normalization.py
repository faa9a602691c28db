"""Scale signals by their own maximum."""

from functools import partial

import numpy as np
from sklearn.utils._param_validation import StrOptions, validate_params

from sklearn_ecg.preprocessing._base import SignalTransformer
from sklearn_ecg.utils._rows import map_rows
from sklearn_ecg.utils._signals import check_signals

_CONSTRAINTS = {"norm": [StrOptions({"max_abs", "max"})]}


@validate_params({"X": ["array-like"], **_CONSTRAINTS}, prefer_skip_nested_validation=True)
def max_normalize(X, *, norm="max_abs"):
    """Divide each lead of each row, or of each segment, by its own maximum.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_timesteps[, n_leads])
        Signals, or segments of shape (n_samples, n_segments, n_timesteps, n_leads), or a list with
        one such array per row.
    norm : {"max_abs", "max"}, default="max_abs"
        Divide by the maximum absolute value, or by the maximum.

    Returns
    -------
    X : ndarray or 1-D object array of ndarrays
        The scaled signals, of the shape and form of `X`.

    See Also
    --------
    MaxNormalizer : Transformer form, with notes on flat, negative and NaN signals.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_ecg.preprocessing import max_normalize
    >>> max_normalize(np.array([[1.0, -2.0, 0.5], [0.0, 0.0, 0.0]]))
    array([[ 0.5 , -1.  ,  0.25],
           [ 0.  ,  0.  ,  0.  ]])
    """
    return _max_normalize(check_signals(X, estimator="max_normalize", leads_last=True), norm)


def _max_normalize(X, norm):
    return map_rows(partial(_divide_by_maximum, norm=norm), X, keeps_form=True)


def _divide_by_maximum(signals, norm):
    # fmax and fmin pass over NaN, make no copy of the signal, and are NaN only where all is NaN.
    highest = np.fmax.reduce(signals, axis=-2, keepdims=True)
    largest = np.fmax(highest, -np.fmin.reduce(signals, axis=-2, keepdims=True))
    # A maximum that is not positive, or nearly 0, would flip the signal or make it infinite.
    is_usable = highest > largest * np.finfo(signals.dtype).tiny
    scale = largest if norm == "max_abs" else np.where(is_usable, highest, largest)
    return signals / np.where(scale == 0, 1, scale).astype(signals.dtype, copy=False)


class MaxNormalizer(SignalTransformer):
    """Divide each lead of each row, or of each segment, by its own maximum.

    Gain differs between devices, electrodes and patients. After this step the peaks of every signal
    reach 1, in any unit. Each signal is scaled by itself. `fit` learns nothing, so nothing can leak
    from training to test data. Before a `Segmenter` it looks at the whole recording; after a
    `Segmenter`, at each segment alone.

    Parameters
    ----------
    norm : {"max_abs", "max"}, default="max_abs"
        `"max_abs"` divides by the maximum absolute value, so that the result lies in [-1, 1].
        `"max"` divides by the maximum, as is right for a lead whose R peaks point upwards; a signal
        with deep S waves then falls below -1.

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
    max_normalize : Function form.
    sklearn.preprocessing.MaxAbsScaler : Scales each column over all rows, which mixes patients.

    Notes
    -----
    ==================  ==================================================================
    signal              result
    ==================  ==================================================================
    zero everywhere     unchanged
    constant, not zero  1 or -1 everywhere, by its sign
    maximum <= 0        divided by the maximum absolute value under either norm: never
                        flipped, never infinite; so is a signal whose maximum is so
                        near to 0 that dividing by it would overflow
    NaN in places       NaN stays where it is; the maximum is over the other time steps
    NaN everywhere      unchanged
    ==================  ==================================================================

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_ecg.preprocessing import MaxNormalizer
    >>> X = np.array([[0.2, 1.6, -0.8], [-1.0, -2.0, np.nan]])
    >>> MaxNormalizer().fit_transform(X)
    array([[ 0.125,  1.   , -0.5  ],
           [-0.5  , -1.   ,    nan]])
    """

    _parameter_constraints = _CONSTRAINTS

    def __init__(self, *, norm="max_abs"):
        self.norm = norm

    def _transform(self, X):
        return self._at_rate(_max_normalize(X, self.norm))
