"""Fill gaps in signals, that is runs of NaN."""

from functools import partial
from numbers import Integral, Real

import numpy as np
from sklearn.utils._param_validation import Interval, validate_params

from sklearn_ecg.preprocessing._base import SignalTransformer
from sklearn_ecg.preprocessing._series import by_series
from sklearn_ecg.utils._padding import find_padding
from sklearn_ecg.utils._rows import map_rows
from sklearn_ecg.utils._signals import check_signals

_CONSTRAINTS = {
    "max_gap_length": [Interval(Integral, 0, None, closed="left")],
    "fill_value": [Interval(Real, None, None, closed="neither"), "nan"],
}


@validate_params({"X": ["array-like"], **_CONSTRAINTS}, prefer_skip_nested_validation=True)
def fill_gaps(X, max_gap_length, *, fill_value=np.nan):
    """Interpolate short gaps of each lead of each row, and mark longer ones.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_timesteps[, n_leads])
        Signals, or segments of shape (n_samples, n_segments, n_timesteps, n_leads), or a list with
        one such array per row. NaN stands for a missing value, and in all leads at the end of a
        signal for padding, which stays.
    max_gap_length : int
        Time steps in the longest gap that is interpolated.
    fill_value : float, default=nan
        Value of longer gaps. NaN leaves them as they are.

    Returns
    -------
    X : ndarray or 1-D object array of ndarrays
        The filled signals, a copy of the shape and form of `X`.

    See Also
    --------
    GapFiller : Transformer form, with notes on gaps at the ends and missing leads.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_ecg.preprocessing import fill_gaps
    >>> fill_gaps([[1.0, np.nan, 2.0, np.nan, np.nan, 3.0]], max_gap_length=1)
    array([[1. , 1.5, 2. , nan, nan, 3. ]], dtype=float32)
    >>> fill_gaps([[1.0, np.nan, 2.0, np.nan, np.nan, 3.0]], max_gap_length=1, fill_value=0)
    array([[1. , 1.5, 2. , 0. , 0. , 3. ]], dtype=float32)
    """
    return _fill_gaps(
        check_signals(X, estimator="fill_gaps", leads_last=True), max_gap_length, fill_value
    )


def _fill_gaps(X, max_gap_length, fill_value):
    fill = partial(_fill, max_gap_length=max_gap_length, fill_value=fill_value)

    def fill_rows(rows):
        if not np.isnan(rows).any():
            return rows.copy()
        filled = by_series(fill, rows)
        filled[find_padding(rows)] = np.nan
        return filled

    return map_rows(fill_rows, X, keeps_form=True)


def _fill(series, max_gap_length, fill_value):
    series = series.astype(np.float64)
    interpolate(series, max_gap_length)
    if not np.isnan(fill_value):
        series[np.isnan(series)] = fill_value
    return series


def interpolate(series, max_gap_length, longest_line=np.inf):
    """Draw a line over each run of NaN, in place; a run at an end takes the nearest value.

    Parameters
    ----------
    series : ndarray of shape (n_series, n_timesteps)
        Signals. One that is NaN throughout stays so.
    max_gap_length : int
        Time steps in the longest run to fill.
    longest_line : int, default=inf
        Time steps in the longest run to draw a line over. A longer one takes the nearest values, so
        that neither side of it depends on the other.
    """
    is_gap = np.isnan(series)
    if not is_gap.any():
        return
    # Gap by gap: numbers for each time step of a day would take a gigabyte.
    rows, edges = np.nonzero(np.diff(is_gap, axis=-1, prepend=False, append=False))
    rows, first, stop = rows[::2], edges[::2], edges[1::2]
    is_empty = (first == 0) & (stop == series.shape[1])
    is_short = ~is_empty & (stop - first <= max_gap_length)
    rows, first, stop = rows[is_short], first[is_short], stop[is_short]
    n_missing = stop - first
    # For each missing time step, the last known one before it, and the first known one after it.
    rows, before, after = (np.repeat(each, n_missing) for each in (rows, first - 1, stop))
    time = np.arange(len(rows)) + np.repeat(first - np.cumsum(n_missing) + n_missing, n_missing)
    left = np.where(before < 0, after, before)
    right = np.where(after == series.shape[1], before, after)
    weight = (time - left) / np.maximum(right - left, 1)
    weight = np.where(right - left > longest_line + 1, np.rint(weight), weight)
    series[rows, time] = (1 - weight) * series[rows, left] + weight * series[rows, right]


class GapFiller(SignalTransformer):
    """Interpolate short gaps of each lead of each row, and mark longer ones.

    A few lost time steps can be guessed from their neighbours. A lost heartbeat cannot, and a
    straight line in its place would look like asystole. So gaps up to `max_gap_length` are
    interpolated linearly, and longer gaps stay NaN or get `fill_value`. About 0.05 s is half a QRS
    complex. Place this step before a `Segmenter`, which may cut a gap in two.

    Parameters
    ----------
    max_gap_length : int
        Time steps in the longest gap that is interpolated (seconds times the sampling rate in Hz).
        0 interpolates none.
    fill_value : float, default=nan
        Value of longer gaps, in the unit of the signal. NaN leaves them as they are. Transformers
        pass NaN on, but a network needs a number, such as 0.

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
    fill_gaps : Function form.
    QualityGate : Masks leads with too many missing values.

    Notes
    -----
    ==============================  ========================================================
    gap                             result
    ==============================  ========================================================
    between two values, short       the straight line between them
    at the start or end, short      the nearest value
    longer than `max_gap_length`    NaN, or `fill_value`, over its whole length
    the lead throughout             NaN, or `fill_value`, for any `max_gap_length`
    padding                         NaN, for any `fill_value`
    ==============================  ========================================================

    Padding is NaN in all leads at the end of a signal or segment, and a segment of only NaN at the
    end of a row. It is not missing: the signal ends there, and a network does not read on.

    Each lead, each row and each segment of a row is filled by itself.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_ecg.preprocessing import GapFiller
    >>> X = np.array([[1.0, np.nan, np.nan, 4.0], [np.nan, np.nan, np.nan, 1.0]])
    >>> GapFiller(max_gap_length=2, fill_value=0).fit_transform(X)
    array([[1., 2., 3., 4.],
           [0., 0., 0., 1.]])
    """

    _parameter_constraints = _CONSTRAINTS

    def __init__(self, max_gap_length, *, fill_value=np.nan):
        self.max_gap_length = max_gap_length
        self.fill_value = fill_value

    def _transform(self, X):
        return self._at_rate(_fill_gaps(X, self.max_gap_length, self.fill_value))
