"""Mask leads that nobody could read."""

from numbers import Real

import numpy as np
from sklearn.utils._param_validation import Interval, validate_params

from sklearn_ecg.preprocessing._quality_limits import (
    LIMITS,
    LIMITS_OF_ESTIMATORS,
    QualityTransformer,
    judge_leads,
)
from sklearn_ecg.utils._padding import find_padding
from sklearn_ecg.utils._rows import map_rows
from sklearn_ecg.utils._signals import check_signals

_FILL = {"fill_value": [Interval(Real, None, None, closed="neither"), "nan"]}


@validate_params({"X": ["array-like"], **LIMITS, **_FILL}, prefer_skip_nested_validation=True)
def quality_gate(
    X,
    fs,
    *,
    fill_value=np.nan,
    flat_range=0.01,
    max_gaps=0.5,
    max_flat=0.5,
    max_saturated=0.01,
    max_noise=0.5,
):
    """Mask each lead of each row, or of each segment, that is unusable.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_timesteps[, n_leads])
        Signals in mV, or segments of shape (n_samples, n_segments, n_timesteps, n_leads), or a list
        with one such array per row.
    fs : float
        Sampling rate in Hz, above 10.
    fill_value : float, default=nan
        Value that unusable leads get throughout. Padding stays NaN.
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
        The signals, a copy of the shape and form of `X`.

    See Also
    --------
    QualityGate : Transformer form, with notes on the defaults and real recordings.
    quality_flags : Flags the leads and leaves the signals.
    signal_quality : Computes the measures themselves.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_ecg.preprocessing import quality_gate
    >>> X = 0.02 * np.random.default_rng(0).normal(size=(2, 500))
    >>> X[:, ::80] += 1.0  # beats
    >>> X[1, 200:] = 0.0
    >>> np.isnan(quality_gate(X, fs=100)).all(axis=1)
    array([False,  True])
    """
    X = check_signals(X, estimator="quality_gate", leads_last=True, fs=fs)
    judge = judge_leads(fs, flat_range, (max_gaps, max_flat, max_saturated, max_noise))
    return _mask(X, judge, fill_value)


def _mask(X, judge, fill_value):
    def mask(signals):
        is_masked = judge(signals)[..., None, :] & ~find_padding(signals)[..., None]
        return np.where(is_masked, signals.dtype.type(fill_value), signals)

    return map_rows(mask, X, keeps_form=True)


class QualityGate(QualityTransformer):
    """Mask each lead of each row, or of each segment, that is unusable.

    A lead that fell off, a clipped amplifier or a shaking arm looks like no disease and is learnt
    as one. The gate keeps such leads from the classifier; no row is dropped. Each lead is judged by
    itself, by the measures of `signal_quality`: nothing is learnt in `fit`. Placed after a
    `Segmenter` it judges each segment, so that the rest of a recording remains.

    Parameters
    ----------
    fs : float, default=None
        Sampling rate in Hz, above 10. None takes the rate of the signals, which know it after a
        `RecordReader` or after a step with `fs`.
    fill_value : float, default=nan
        Value that unusable leads get throughout. Transformers pass NaN on; a network needs a
        number, such as 0. Padding stays NaN.
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
    quality_gate : Function form.
    QualityFlags : Flags leads instead.
    signal_quality : Computes the measures themselves.
    GapFiller : Fills gaps with a number.

    Notes
    -----
    A lead is unusable if it is missing, or if one of the measures exceeds its limit. The limits
    were set on real recordings so that few with a readable rhythm are lost. The table shows how
    many are unusable by `max_noise`, among 1725 recordings of CinC 2017 (by their label) and the
    3960 ten-second strips of lead MLII of MIT-BIH DS1:

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
    the 15 strips of it in record 207 are found unusable by default. **So do the waves of atrial
    flutter, and limb leads with small QRS complexes**, which lie across the axis of the heart. Of
    the first 500 recordings of PTB-XL, 7 of the 8 with atrial flutter lose lead III or aVF, which
    show its waves best, and 37 of the others a limb lead, most often aVL; none loses a chest lead.
    Where these rhythms matter, and with twelve leads, put `max_noise=2`, which noise does not
    reach, or use :class:`QualityFlags`. A long asystole at a very quiet electrode measures as flat.

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
    >>> np.isnan(QualityGate(fs=100).fit_transform(X)).all(axis=1)
    array([False,  True,  True])
    """

    _parameter_constraints = {**LIMITS_OF_ESTIMATORS, **_FILL}

    def __init__(
        self,
        *,
        fs=None,
        fill_value=np.nan,
        flat_range=0.01,
        max_gaps=0.5,
        max_flat=0.5,
        max_saturated=0.01,
        max_noise=0.5,
    ):
        self.fs = fs
        self.fill_value = fill_value
        self.flat_range = flat_range
        self.max_gaps = max_gaps
        self.max_flat = max_flat
        self.max_saturated = max_saturated
        self.max_noise = max_noise

    def _transform(self, X):
        return self._at_rate(_mask(X, self._judge(), self.fill_value))
