"""Numbers of rows in place of rows, for tools that take tables only."""

import numpy as np
from sklearn.base import TransformerMixin, _fit_context
from sklearn.utils._param_validation import HasMethods
from sklearn.utils.validation import _num_samples, check_array

from sklearn_ecg.utils._callbacks import CallbackSupportMixin, follow_as_one_task
from sklearn_ecg.utils._containers import take_rows
from sklearn_ecg.utils._fitting import all_or_nothing
from sklearn_ecg.utils._outputs import SignalOutputMixin
from sklearn_ecg.utils._versions import VersionedEstimator


class RowLookup(SignalOutputMixin, TransformerMixin, CallbackSupportMixin, VersionedEstimator):
    """Look up signals, records or paths by their number, as the first step of a pipeline.

    Some tools of scikit-learn and of other packages take only tables of numbers. Pass them the
    column `np.arange(len(rows))[:, None]` as `X`, and a pipeline that begins with this step.

    Parameters
    ----------
    rows : ndarray, list, column of a data frame, or array of Zarr or HDF5, of length n_rows
        All rows: signals, dense or ragged, records or paths.

    See Also
    --------
    sklearn_ecg.datasets.RecordReader : Reads the paths or records that were looked up.

    Notes
    -----
    Copies made by `clone` share the rows. A pickle holds them. To deploy a model, use only the
    fitted steps that follow, which take the rows themselves. Tools that compute with `X`, such as
    SMOTE, which interpolates rows, need the values of the signals, not the numbers of rows.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.ensemble import BaggingClassifier
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_ecg.compose import RowLookup, SegmentedClassifier
    >>> from sklearn_ecg.datasets import make_ecg_classification
    >>> from sklearn_ecg.preprocessing import LogSpectrogram
    >>> X, y, groups = make_ecg_classification(n_samples=60, fs=50, random_state=0)
    >>> classifier = SegmentedClassifier(LogSpectrogram(), LogisticRegression())
    >>> numbers = np.arange(len(X))[:, None]
    >>> bagging = BaggingClassifier(make_pipeline(RowLookup(X), classifier), random_state=0)
    >>> train, test = groups < 7, groups >= 7  # patients
    >>> round(bagging.fit(numbers[train], y[train]).score(numbers[test], y[test]), 2)
    0.89
    """

    _parameter_constraints = {"rows": [HasMethods("__getitem__")]}

    def __init__(self, rows):
        self.rows = rows

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=True)
    @follow_as_one_task
    def fit(self, X, y=None):
        """Check the numbers; learn nothing.

        Parameters
        ----------
        X : array-like of shape (n_samples, 1)
            Numbers of rows.
        y : None
            Ignored.

        Returns
        -------
        self : RowLookup
            The transformer.

        Raises
        ------
        ValueError
            If `X` is not one column of whole numbers from 0 to n_rows - 1.
        """
        self._check(X)
        return self

    def transform(self, X):
        """Return the rows that have these numbers.

        Parameters
        ----------
        X : array-like of shape (n_samples, 1)
            Numbers of rows, in any order, repeated or not.

        Returns
        -------
        ndarray, list or column of a data frame, of length n_samples
            The rows, in the form of `rows`.
        """
        return take_rows(self.rows, self._check(X))

    def _check(self, X):
        X = check_array(X, input_name="X", estimator=self)
        if X.shape[1] > 1:
            raise ValueError(
                f"X has {X.shape[1]} columns, but RowLookup takes one, of row numbers. Where a "
                "tool adds columns, as ClassifierChain does, put RowLookup into a "
                'ColumnTransformer for column 0, with remainder="passthrough".'
            )
        numbers = X[:, 0].astype(np.intp)
        n_rows = _num_samples(self.rows)
        is_wrong = (numbers != X[:, 0]) | (numbers < 0) | (numbers >= n_rows)
        if is_wrong.any():
            row = int(np.argmax(is_wrong))
            raise ValueError(
                f"row {row} of X is {X[row, 0]}, but RowLookup has the rows 0 to "
                f"{n_rows - 1}: X must be np.arange(len(rows))[:, None], or a part of it."
            )
        return numbers

    def __sklearn_clone__(self):
        return type(self)(self.rows)  # the same rows; clone would copy them

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.input_tags.two_d_array = False  # only one column, and only of certain numbers
        return tags
