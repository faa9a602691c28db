"""The common part of the transformers of signals."""

import numpy as np
from sklearn.base import TransformerMixin, _fit_context
from sklearn.utils.validation import _check_feature_names_in, check_is_fitted

from sklearn_ecg.utils._callbacks import CallbackSupportMixin, follow_as_one_task
from sklearn_ecg.utils._containers import unwrap_rows
from sklearn_ecg.utils._fitting import all_or_nothing
from sklearn_ecg.utils._leads import TWELVE_LEADS, normalize_lead_name
from sklearn_ecg.utils._outputs import SignalOutputMixin
from sklearn_ecg.utils._padding import refuse_gaps
from sklearn_ecg.utils._rates import agreed_rate, with_rate
from sklearn_ecg.utils._row_shapes import shape_with_leads
from sklearn_ecg.utils._signals import check_signals
from sklearn_ecg.utils._versions import VersionedEstimator


class SignalTransformer(
    SignalOutputMixin,
    TransformerMixin,
    CallbackSupportMixin,
    VersionedEstimator,
    auto_wrap_output_keys=None,
):  # type: ignore[call-arg]
    """A transformer that treats each row by itself, and rarely learns more than the form of rows.

    A subclass checks and prepares its parameters in `_prepare`, which runs before the form of the
    rows is stored, and processes checked rows in `_transform`. `transform` checks them first;
    `fit_transform` takes those that `fit` checked. A subclass whose result has another shape
    overrides `transform` to document it.
    """

    _allow_nan = True  # whether signals may have missing values, not only padding
    _allow_segments = True

    def __init_subclass__(cls, auto_wrap_output_keys=None, **kwargs):
        # Signals stay arrays, whatever container scikit-learn is configured to return.
        super().__init_subclass__(auto_wrap_output_keys=auto_wrap_output_keys, **kwargs)

    def fit(self, X, y=None):
        """Check the parameters, store the form of `X`, and learn what the attributes describe.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps[, n_leads])
            Signals or segments, dense, or ragged as a list with one array per row.
        y : None
            Ignored.

        Returns
        -------
        self : estimator
            The transformer itself.

        Raises
        ------
        ValueError
            If a parameter or a row is not valid, or if the sampling rate of `X` is not `fs`.
        """
        self._fit(X, y)
        return self

    def fit_transform(self, X, y=None):
        """Fit to `X`, and transform it without checking it again.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps[, n_leads])
            Signals or segments, dense, or ragged as a list with one array per row.
        y : None
            Ignored.

        Returns
        -------
        ndarray or 1-D object array of ndarrays
            The result of `transform`.
        """
        return self._transform(self._fit(X, y))

    def transform(self, X):
        """Transform signals.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps[, n_leads])
            Signals or segments, dense or ragged.

        Returns
        -------
        X : ndarray or 1-D object array of ndarrays
            New signals, of the shape and form of `X`.
        """
        return self._transform(self._check_against_fit(X))

    def get_feature_names_out(self, input_features=None):
        """Name what lies along the last axis of the result.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the leads, or of the columns that hold the signals. None takes the names seen
            in `fit`, or numbers leads from 0.

        Returns
        -------
        ndarray of str
            The names of leads; of the columns if rows are vectors, which are `"t0"`, `"t1"` and so
            on after a `Resampler`. `Reshaper` has `"t0_II"` for a time step and a lead,
            `LogSpectrogram` `"f3/64_II"` for 3 / 64 of the sampling rate and a lead, `QualityFlags`
            `"unusable_II"`, and `BeatSequencer` the names of `beat_feature_names`, which number the
            leads, and `"is_beat"`.
        """
        check_is_fitted(self)
        return np.asarray(self._feature_names(input_features), dtype=object)

    def _feature_names(self, input_features):
        """Return the names for `get_feature_names_out`."""
        if hasattr(self, "n_features_in_"):
            return _check_feature_names_in(self, input_features)
        return self._lead_labels(input_features)

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=True)
    @follow_as_one_task
    def _fit(self, X, y=None):
        """Fit, and return the checked rows."""
        _, carried, _ = unwrap_rows(X, type(self).__name__)
        # A step without fs works at any rate, and passes it on.
        has_fs = hasattr(self, "fs")
        self.fs_ = agreed_rate(self.fs, carried, type(self).__name__) if has_fs else carried
        self._prepare()
        X = self._check(X, reset=True)
        self._learn(X)
        return X

    def _prepare(self):
        """Check parameters beyond their constraints, and compute what depends on them alone."""

    def _learn(self, X):
        """Learn from checked rows."""

    def _transform(self, X):
        """Transform checked rows."""
        raise NotImplementedError

    def _check_against_fit(self, X):
        check_is_fitted(self)
        return self._check(X, reset=False)

    def _check(self, X, reset):
        X = check_signals(
            X,
            estimator=self,
            reset=reset,
            allow_segments=self._allow_segments,
            leads_last=True,
        )
        if not self._allow_nan:
            refuse_gaps(X, type(self).__name__)
        return X

    def _lead_labels(self, labels=None):
        """Return the names of the leads that `fit` saw, or their numbers.

        A `ColumnTransformer` passes the names of its columns: of one that holds all leads, or of
        the time steps of rows that are vectors.
        """
        n_leads = shape_with_leads(self.row_shape_in_)[-1]
        leads = getattr(self, "lead_names_in_", [f"lead{i}" for i in range(n_leads)])
        if labels is None or (
            n_leads == 1 and len(labels) == getattr(self, "n_features_in_", None)
        ):
            labels = leads
        elif len(labels) == 1 < n_leads and normalize_lead_name(labels[0]) not in TWELVE_LEADS:
            labels = [f"{labels[0]}_{lead}" for lead in leads]
        if len(labels) != n_leads:
            raise ValueError(
                f"input_features has {len(labels)} names, but {type(self).__name__} was fitted on "
                f"{n_leads} leads."
            )
        return np.asarray(labels, dtype=object)

    def _at_rate(self, signals):
        """Attach the sampling rate to the result for the next step, if it is known."""
        return with_rate(signals, self.fs_)

    def __sklearn_is_fitted__(self):
        return hasattr(self, "row_shape_in_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.allow_nan = self._allow_nan
        tags.transformer_tags.preserves_dtype = ["float32", "float64"]
        return tags
