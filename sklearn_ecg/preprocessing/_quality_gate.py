"""Keep what cannot be trusted from being taken for an electrocardiogram."""

from functools import partial
from numbers import Real

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from sklearn_ecg.preprocessing._base import SignalTransformer
from sklearn_ecg.preprocessing._quality import CONSTRAINTS, quality_measure, stack_rows
from sklearn_ecg.preprocessing._series import restore_form
from sklearn_ecg.utils._signals import check_signals, map_rows

_CONSTRAINTS = {
    **CONSTRAINTS,
    "action": [StrOptions({"nan", "zero", "flag"})],
    "max_gaps": [Interval(Real, 0, 1, closed="both")],
    "max_flat": [Interval(Real, 0, 1, closed="both")],
    "max_saturated": [Interval(Real, 0, 1, closed="both")],
    "max_noise": [Interval(Real, 0, None, closed="left")],
}


@validate_params({"X": ["array-like"], **_CONSTRAINTS}, prefer_skip_nested_validation=True)
def gate_signals(
    X,
    fs,
    *,
    action="nan",
    flat_range=0.01,
    max_gaps=0.5,
    max_flat=0.5,
    max_saturated=0.01,
    max_noise=0.5,
):
    """Mask or flag each lead of each row, or of each segment, that is unusable.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_timesteps[, n_leads])
        Signals in mV, or segments of shape (n_samples, n_segments, n_timesteps, n_leads), or a list
        with one such array per row.
    fs : float
        Sampling rate in Hz, above 10.
    action : {"nan", "zero", "flag"}, default="nan"
        Whether unusable leads become NaN or 0 throughout, or flags are returned in place of
        signals.
    flat_range : float, default=0.01
        Range in mV, or in the unit of `X`, within which a signal that stays there for a second is
        flat.
    max_gaps, max_flat, max_saturated : float, default=0.5, 0.5, 0.01
        Largest tolerated fractions of time steps that are NaN, in flat lines, or clipped.
    max_noise : float, default=0.5
        Largest tolerated noise, from 0 to about 1 (Gaussian noise).

    Returns
    -------
    X : ndarray or 1-D object array of ndarrays
        The signals, a copy of the shape and form of `X`. For `action="flag"`, 1 for unusable and 0
        for usable, as `QualityGate.transform` returns it.

    See Also
    --------
    QualityGate : The same as a transformer, with what the defaults do to real recordings.
    signal_quality : Gives the measures themselves.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_ecg.preprocessing import gate_signals
    >>> X = 0.02 * np.random.default_rng(0).normal(size=(2, 500))
    >>> X[:, ::80] += 1.0  # beats
    >>> X[1, 200:] = 0.0
    >>> gate_signals(X, fs=100, action="flag")
    array([[0.],
           [1.]])
    """
    X = check_signals(X, estimator="gate_signals")
    limits = (max_gaps, max_flat, max_saturated, max_noise)
    return _gate_signals(X, fs, action, flat_range, limits)


def _gate_signals(X, fs, action, flat_range, limits):
    measure = quality_measure(fs, flat_range)
    results = map_rows(partial(_gate, measure=measure, action=action, limits=limits), X)
    return stack_rows(results, X) if action == "flag" else restore_form(results, X)


def _gate(signals, measure, action, limits):
    # In the order of MEASURES; a missing lead is never tolerated. NaN, which is what noise is
    # where it cannot be told, exceeds nothing.
    unusable = (measure(signals) > np.array([0, *limits])[:, None]).any(axis=-2)
    if action == "flag":
        return unusable.astype(signals.dtype)
    mask = signals.dtype.type(np.nan if action == "nan" else 0)
    return np.where(unusable[..., None, :], mask, signals)


class QualityGate(SignalTransformer):
    """Mask or flag each lead of each row, or of each segment, that is unusable.

    A lead that fell off, a clipped amplifier or a shaking arm looks like no disease and is learnt
    as one. The gate keeps such leads from the classifier, or tells it of them; no row is dropped.
    Each lead is judged by itself, by the measures of `signal_quality`: nothing is learnt in `fit`.
    Placed after a `Segmenter` it judges each segment, so that the rest of a recording remains.

    Parameters
    ----------
    fs : float
        Sampling rate in Hz, above 10.
    action : {"nan", "zero", "flag"}, default="nan"
        What is returned: `"nan"` the signals, with NaN in place of unusable leads, for transformers
        pass NaN on; `"zero"` the same with 0, for a network, while NaN in usable leads stays, for
        `GapFiller` to fill; `"flag"` no signals but one number for each lead, 1 for unusable and 0
        for usable, as features of a `FeatureUnion`.
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
    row_shape_in_ : tuple
        Shape of a row seen in `fit`: `(n_timesteps,)`, `(n_timesteps, n_leads)` or
        `(n_segments, n_timesteps, n_leads)`; the first is None if ragged.
    n_features_in_ : int
        Second axis of `X` seen in `fit`. Defined only for dense `X`.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of columns seen in `fit`. Defined only for a data frame with string names.

    See Also
    --------
    gate_signals : The same as a function.
    signal_quality : Gives the measures themselves.
    GapFiller : Fills gaps with a number.

    Notes
    -----
    A lead is unusable if it is missing, or if one of the measures exceeds its limit. The limits
    were set on real recordings so that few with a readable rhythm are lost. By `max_noise` are
    found unusable, among 1725 recordings of CinC 2017 (by their label) and the 3960 ten-second
    strips of lead MLII of MIT-BIH DS1:

    =========  ======  ===================  =====  =====  ==================
    max_noise  normal  atrial fibrillation  other  noisy  MIT-BIH strips
    =========  ======  ===================  =====  =====  ==================
    0.4        2.4 %   3.0 %                5.8 %  48 %   32 (15 of flutter)
    0.5        0.7 %   1.0 %                1.6 %  32 %   17 (13 of flutter)
    0.6        0 %     0.2 %                0.7 %  18 %   13 (13 of flutter)
    =========  ======  ===================  =====  =====  ==================

    No recording exceeded `max_gaps` or `max_flat`, and 3 strips of record 116, which is clipped,
    exceeded `max_saturated`.

    **Ventricular flutter has no QRS complexes and measures as noise**, as fibrillation must: 13 of
    the 15 strips of it in record 207 are found unusable by default. Where these rhythms matter, put
    `max_noise=2`, which noise does not reach, or flag instead of masking. A long asystole at a very
    quiet electrode measures as flat.

    Signals shorter than 2 s, such as single beats, are not judged by noise. Judge before
    `MaxNormalizer`, after which `flat_range` is no longer in mV, and before filters, which make
    clipped signals look rounded.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_ecg.preprocessing import QualityGate
    >>> noise = np.random.default_rng(0).normal(size=(3, 1000))
    >>> X = 0.02 * noise
    >>> X[:, ::80] += 1.0  # beats
    >>> X[1] = noise[1]  # no beats
    >>> X[2] = 0.0  # a lead that is not connected
    >>> QualityGate(fs=100, action="flag").fit_transform(X)
    array([[0.],
           [1.],
           [1.]])
    >>> np.isnan(QualityGate(fs=100).fit_transform(X)).all(axis=1)
    array([False,  True,  True])
    """

    _parameter_constraints = _CONSTRAINTS

    def __init__(
        self,
        fs,
        *,
        action="nan",
        flat_range=0.01,
        max_gaps=0.5,
        max_flat=0.5,
        max_saturated=0.01,
        max_noise=0.5,
    ):
        self.fs = fs
        self.action = action
        self.flat_range = flat_range
        self.max_gaps = max_gaps
        self.max_flat = max_flat
        self.max_saturated = max_saturated
        self.max_noise = max_noise

    def transform(self, X):
        """Mask or flag unusable leads.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps[, n_leads])
            Signals or segments, dense or ragged.

        Returns
        -------
        X : ndarray or 1-D object array of ndarrays
            For `action="nan"` and `"zero"` the signals, a copy of the shape and form of `X`. For
            `"flag"` an array of shape (n_samples, n_leads), or (n_samples, n_segments, n_leads)
            for segments; for a list of segments, a 1-D object array of (n_segments_i, n_leads).
        """
        limits = (self.max_gaps, self.max_flat, self.max_saturated, self.max_noise)
        X = self._check_against_fit(X)
        return _gate_signals(X, self.fs, self.action, self.flat_range, limits)
