"""What the transformers of signals share."""

from sklearn.base import BaseEstimator, TransformerMixin, _fit_context
from sklearn.utils.validation import check_is_fitted

from sklearn_ecg.utils._signals import check_signals


class SignalTransformer(TransformerMixin, BaseEstimator):
    """A transformer that treats each row by itself and learns only the form of the rows."""

    _allow_nan = True  # whether signals may have missing values

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Check the parameters and note the form of `X`; nothing is learnt from the signals.

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
        """
        check_signals(X, estimator=self, allow_nan=self._allow_nan)
        return self

    def _check_against_fit(self, X):
        check_is_fitted(self)
        return check_signals(X, estimator=self, reset=False, allow_nan=self._allow_nan)

    def __sklearn_is_fitted__(self):
        return hasattr(self, "row_shape_in_")  # set last, so not by a fit that fails

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.allow_nan = self._allow_nan
        tags.transformer_tags.preserves_dtype = ["float32", "float64"]
        return tags
