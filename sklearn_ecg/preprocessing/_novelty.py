"""Notice signals that are unlike those of the training data."""

from numbers import Real

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions

from sklearn_ecg.preprocessing._base import SignalTransformer
from sklearn_ecg.utils._padding import unpadded_lengths
from sklearn_ecg.utils._rows import map_rows
from sklearn_ecg.utils._warning import ignored_warnings, warn_user

_MEASURES = ("amplitude", "polarity", "speed", "noise")
_TAIL = 0.01  # of the values, which QRS complexes have and the baseline has not


class NoveltyGate(SignalTransformer):
    """Refuse or report signals that are unlike those of the training data.

    A classifier answers for any signal, even for one that it knows nothing about: in another unit,
    at another rate, of another lead or full of noise. This step learns the range of four measures
    of each lead from the training data, and lets signals pass unchanged. It comes first in a
    pipeline, or after the filters.

    Parameters
    ----------
    action : {"warn", "raise", "ignore"}, default="warn"
        Whether `transform` warns of rows that are unlike, raises an error, or does nothing.
        :meth:`find_novel` marks such rows in any case.
    tolerance : float, default=2.0
        A measure may lie this many interquartile ranges below the first or above the third quartile
        of the training data. Take about 3 for twelve leads.

    Attributes
    ----------
    limits_ : ndarray of shape (2, 4, n_leads)
        Least and largest usual value of each measure of each lead.
    fs_ : float
        Sampling rate in Hz, if the signals know it.
    row_shape_in_ : tuple
        Shape of a row seen in `fit`: `(n_timesteps,)`, `(n_timesteps, n_leads)` or
        `(n_segments, n_timesteps, n_leads)`; the first is None if ragged.
    n_features_in_ : int
        Time steps in a row seen in `fit`. Defined only for `X` of two axes.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of columns seen in `fit`. Defined only for a data frame with string names.

    See Also
    --------
    QualityGate : Masks leads that nobody could read, whatever the training data were.

    Notes
    -----
    The measures are

    - amplitude: logarithm of the range that holds 98 % of the values;
    - polarity: where the median lies in that range, from 0 to 1, as leads and inversion change it;
    - speed: logarithm of the mean change from one time step to the next, relative to that range, as
      the sampling rate changes it;
    - noise: logarithm of the median such change, relative to the 99th percentile.

    A measure that cannot be computed, because a lead is missing, is left to :class:`QualityGate`.
    Of segments, one that ends in padding is measured only if it is the first of its row.

    Fit it on all of the training data. Some of them may be outside the ranges, which most define.
    `fit_transform`, and so the fit of a pipeline, lets all of them pass. Rows that cross-validation
    or calibration holds out are judged: `action="raise"` is for the model that is saved in the end.
    A signal within all ranges may be unlike the training data all the same, by its rhythm or its
    disease.

    Each lead has four ranges, so the more leads there are, the more usual rows are outside one. The
    table is of 500 recordings of PTB-XL, learnt from folds 1 to 6: the share of those of the other
    folds that is marked, as they are, with the electrodes of both arms exchanged, with the chest
    leads in reverse, and with five times the gain.

    =========  ===========  =====  =============  =============  ====
    tolerance  leads        as is  arms, changed  chest, turned  gain
    =========  ===========  =====  =============  =============  ====
    2          II alone     2 %    14 %                          77 %
    2          all twelve   26 %   92 %           99 %           100 %
    3          all twelve   6 %    76 %           94 %           92 %
    4          all twelve   2 %    27 %           57 %           39 %
    =========  ===========  =====  =============  =============  ====

    References
    ----------
    .. [1] Tukey JW. Exploratory data analysis, section 2E. Addison-Wesley (1977).

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_ecg.datasets import make_ecg_classification
    >>> from sklearn_ecg.preprocessing import NoveltyGate
    >>> X, _, _ = make_ecg_classification(60, random_state=0)
    >>> gate = NoveltyGate().fit(X)
    >>> X_new = X[:3].copy()
    >>> X_new[1] *= 1000  # in microvolts
    >>> gate.find_novel(X_new)
    array([False,  True, False])
    """

    _parameter_constraints = {
        "action": [StrOptions({"warn", "raise", "ignore"})],
        "tolerance": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(self, *, action="warn", tolerance=2.0):
        self.action = action
        self.tolerance = tolerance

    def _learn(self, X):
        """Learn the usual range of each measure of each lead."""
        measures = map_rows(_measure, X)
        measures = np.concatenate([row.reshape(-1, *row.shape[-2:]) for row in measures])
        first, third = _quantiles(measures, [0.25, 0.75], axis=0)
        margin = self.tolerance * (third - first) + 1e-6
        self.limits_ = np.stack([first - margin, third + margin])

    def find_novel(self, X):
        """Mark rows that are unlike the training data.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps[, n_leads])
            Signals or segments, dense or ragged.

        Returns
        -------
        ndarray of shape (n_samples,), bool
            Whether a measure of a lead, or of a lead of a segment, is outside its usual range.
        """
        return np.array([bool(reason) for reason in self._reasons(self._check_against_fit(X))])

    def fit_transform(self, X, y=None):
        """Learn the usual ranges, and let all signals pass: they are the training data.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps[, n_leads])
            Signals or segments, dense or ragged.
        y : None
            Ignored.

        Returns
        -------
        X : ndarray or 1-D object array of ndarrays
            The same signals.
        """
        return self._at_rate(self._fit(X, y))

    def transform(self, X):
        """Let signals pass, and warn of those that are unlike the training data.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps[, n_leads])
            Signals or segments, dense or ragged.

        Returns
        -------
        X : ndarray or 1-D object array of ndarrays
            The same signals.

        Raises
        ------
        ValueError
            If a row is unlike and `action="raise"`.

        Warns
        -----
        UserWarning
            If a row is unlike and `action="warn"`.
        """
        return super().transform(X)

    def _transform(self, X):
        if self.action == "ignore":
            return self._at_rate(X)
        reasons = self._reasons(X)
        novel = [i for i, reason in enumerate(reasons) if reason]
        if novel:
            message = (
                f"{len(novel)} of {len(X)} rows of X are unlike the training data, such as row "
                f"{novel[0]} by {reasons[novel[0]]}. Check units, sampling rate and leads: what is "
                "predicted for such rows is not reliable."
            )
            if self.action == "raise":
                raise ValueError(message)
            warn_user(message)
        return self._at_rate(X)

    def _reasons(self, X):
        """Say for each row by which measures it is unlike; an empty text if by none."""
        low, high = self.limits_
        labels = self._lead_labels()
        reasons = []
        for row in map_rows(_measure, X):
            is_outside = ((row < low) | (row > high)).reshape(-1, *low.shape).any(axis=0)
            found = [f"{_MEASURES[i]} of {labels[lead]}" for i, lead in np.argwhere(is_outside)]
            reasons.append(", ".join(found))
        return reasons


def _measure(signals):
    """Measure each lead of signals of shape (..., n_timesteps, n_leads): (..., 4, n_leads)."""
    change = np.abs(np.diff(signals, axis=-2))
    if not change.size:
        change = np.full_like(signals, np.nan)
    low, middle, high = _quantiles(signals, [_TAIL, 0.5, 1 - _TAIL], axis=-2)
    usual, fast = _quantiles(change, [0.5, 1 - _TAIL], axis=-2)
    extent = high - low
    is_empty = ignored_warnings("Mean of empty slice", RuntimeWarning)
    with is_empty, np.errstate(divide="ignore", invalid="ignore"):
        measures = [
            np.log(extent),
            (middle - low) / extent,
            np.log(np.nanmean(change, axis=-2, dtype=np.float64) / extent),
            np.log(usual / fast),
        ]
    measures = np.stack(measures, axis=-2)
    if signals.ndim > 3:
        # The last segment may be short of a beat. Those before it tell enough.
        is_short = unpadded_lengths(signals) < signals.shape[-2]
        is_short[:, 0] = False
        measures[is_short] = np.nan
    return measures


def _quantiles(values, shares, axis):
    """Compute quantiles of what is not NaN; NaN where all is."""
    quantile = np.nanquantile if np.isnan(values).any() else np.quantile  # which is much faster
    with ignored_warnings("All-NaN slice", RuntimeWarning), np.errstate(invalid="ignore"):
        return quantile(values, shares, axis=axis)
