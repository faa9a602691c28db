"""Fit and predict batch by batch, for more rows than fit into memory."""

from contextlib import contextmanager
from numbers import Integral

import numpy as np
from scipy.sparse import issparse
from sklearn.base import _fit_context, clone
from sklearn.utils import check_random_state, get_tags
from sklearn.utils._param_validation import HasMethods, Interval
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import _num_samples, check_is_fitted

from sklearn_ecg.compose._base import has_probabilities
from sklearn_ecg.utils._callbacks import CallbackSupportMixin, follow_as_one_task
from sklearn_ecg.utils._containers import take_rows
from sklearn_ecg.utils._fitting import (
    ClassifierOfNamedLabels,
    all_or_nothing,
    check_label_names,
    check_weight_of_rows,
    check_y,
    require_y,
)
from sklearn_ecg.utils._versions import VersionedEstimator


class BatchedClassifier(ClassifierOfNamedLabels, CallbackSupportMixin, VersionedEstimator):
    """Train any classifier that has `partial_fit` on rows that are read batch by batch.

    In a plain pipeline each step works on all rows at once, so all signals are in memory. Here only
    one batch is: its rows are taken out of `X`, transformed, trained on and forgotten. `X` may be
    paths of files, a memory-mapped array, or an array of Zarr or HDF5.

    Parameters
    ----------
    transformer : transformer or None
        Turns rows into those that the estimator takes, such as a pipeline that begins with a
        `RecordReader`. It is fitted on the first batch, so it must treat each row by itself, as all
        transformers of signals in this package do but `NoveltyGate`: fit that one before, on all of
        the training data, and put it into the pipeline in a `FrozenEstimator`. None passes rows on
        as they are.
    estimator : classifier
        A classifier with `partial_fit`, such as `LSTMClassifier` or `SGDClassifier`.
    batch_rows : int, default=256
        Rows in memory at once.
    epochs : int, default=1
        Passes over the rows.
    random_state : int, RandomState instance or None, default=None
        Decides the order of the rows, which is another one in each epoch. The estimator has its
        own.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,) or list of ndarray
        The classes.
    label_names_ : ndarray of shape (n_labels,)
        Names of the labels. Defined only for multilabel `y` in a data frame with string names.
    transformer_ : transformer or None
        The fitted transformer.
    estimator_ : classifier
        The fitted estimator.
    n_features_in_ : int
        Number of columns of `X` seen in `fit`. Defined only if the first step defines it.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of columns seen in `fit`. Defined only for a data frame with string names.

    See Also
    --------
    sklearn_ecg.datasets.list_records : Lists files, with labels and patients, without reading them.
    RowLookup : Numbers of rows as `X`, for splits that must not copy an array.

    Notes
    -----
    **Order.** A batch holds rows from anywhere, in the order in which they are stored. Rows of an
    array in chunks, as of Zarr, stay together by chunk, so that no chunk is read for a single row.

    **Splits.** `cross_validate` and `GridSearchCV` split a list of paths without reading a file.
    But they copy the rows of an array into memory. Pass them `np.arange(len(array))[:, None]`, and
    a `RowLookup(array)` as first step of `transformer`.

    **Class weights.** `partial_fit` cannot know how frequent classes are. Pass
    `sample_weight=compute_sample_weight("balanced", y)`.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_ecg.compose import BatchedClassifier
    >>> from sklearn_ecg.datasets import make_ecg_classification
    >>> from sklearn_ecg.neural_network import LSTMClassifier
    >>> from sklearn_ecg.preprocessing import MaxNormalizer, Reshaper
    >>> X, y, groups = make_ecg_classification(n_samples=40, random_state=0)
    >>> classifier = BatchedClassifier(
    ...     make_pipeline(MaxNormalizer(), Reshaper(frame_length=10)),
    ...     LSTMClassifier(units=4, random_state=0),
    ...     batch_rows=20, epochs=2, random_state=0,
    ... )
    >>> classifier.fit(X, y).predict_proba(X).shape
    (40, 2)
    """

    _parameter_constraints = {
        "transformer": [HasMethods(["fit_transform", "transform"]), None],
        "estimator": [HasMethods(["partial_fit", "predict"])],
        "batch_rows": [Interval(Integral, 1, None, closed="left")],
        "epochs": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(self, transformer, estimator, *, batch_rows=256, epochs=1, random_state=None):
        self.transformer = transformer
        self.estimator = estimator
        self.batch_rows = batch_rows
        self.epochs = epochs
        self.random_state = random_state

    # The parameters of transformer and estimator are theirs to check.
    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=False)
    @follow_as_one_task
    def fit(self, X, y, sample_weight=None):
        """Fit the transformer on the first batch, and the estimator on all, one after the other.

        Parameters
        ----------
        X : sequence or array of length n_samples
            Rows that `transformer` takes: paths, records or signals.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Class of each row, or an indicator matrix if the estimator takes one.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row.

        Returns
        -------
        self : BatchedClassifier
            The fitted classifier.

        Raises
        ------
        ValueError
            If an argument is not as described, or as the transformer and the estimator raise it;
            the row that they name is that of the batch, whose rows of `X` a note lists.
        """
        require_y(y, type(self).__name__)
        X = self._as_rows(X)
        check_label_names(self, y, reset=True)
        y = check_y(y, X)
        rows = np.arange(len(y))
        if sample_weight is not None:
            sample_weight = check_weight_of_rows(sample_weight, y)
            rows = np.flatnonzero(sample_weight)  # one without weight is as good as absent
        options = {"classes": np.unique(y[rows])} if y.ndim == 1 else {}
        rng = check_random_state(self.random_state)
        transformer = None if self.transformer is None else clone(self.transformer)
        estimator = clone(self.estimator)
        transform = None if transformer is None else transformer.fit_transform
        for _ in range(self.epochs):
            for positions in _shuffled_batches(rows, _rows_in_a_chunk(X), self.batch_rows, rng):
                if sample_weight is not None:
                    options["sample_weight"] = sample_weight[positions]
                with _naming_rows(positions):
                    batch = take_rows(X, positions)
                    if transformer is not None:
                        batch = transform(batch)
                        transform = transformer.transform  # from the second batch on
                    estimator.partial_fit(batch, y[positions], **options)
        self.transformer_ = transformer
        self.estimator_ = estimator
        for name in ("n_features_in_", "feature_names_in_"):
            first = estimator if transformer is None else transformer
            if hasattr(first, name):
                setattr(self, name, getattr(first, name))
        self.classes_ = estimator.classes_
        return self

    @available_if(has_probabilities)
    def predict_proba(self, X):
        """Predict the probability of each class for each row, batch by batch.

        Parameters
        ----------
        X : sequence or array of length n_samples
            Rows as in `fit`.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Probabilities in the order of `classes_`.
        """
        return self._ask("predict_proba", X)

    def predict(self, X):
        """Predict the class of each row, batch by batch.

        Parameters
        ----------
        X : sequence or array of length n_samples
            Rows as in `fit`.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_labels)
            The classes.
        """
        return self._ask("predict", X)

    def _ask(self, method, X):
        check_is_fitted(self)
        X = self._as_rows(X)
        answers = []
        for start in range(0, _num_samples(X), self.batch_rows):
            positions = np.arange(start, min(start + self.batch_rows, _num_samples(X)))
            with _naming_rows(positions):
                batch = take_rows(X, positions)
                if self.transformer_ is not None:
                    batch = self.transformer_.transform(batch)
                answers.append(getattr(self.estimator_, method)(batch))
        return np.concatenate(answers)

    def _as_rows(self, X):
        """Check that there are rows to choose from."""
        if issparse(X):
            raise TypeError("X is sparse, but rows of signals are not: pass X.toarray().")
        if not (hasattr(X, "__getitem__") or hasattr(X, "iloc")):
            X = np.asarray(X)
        if not _num_samples(X):
            raise ValueError("X is empty: pass at least one row.")
        return X

    def __sklearn_is_fitted__(self):
        return hasattr(self, "classes_")  # the last thing that a fit sets

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        of_estimator = get_tags(self.estimator)
        tags.classifier_tags = of_estimator.classifier_tags
        tags.non_deterministic = of_estimator.non_deterministic
        if self.transformer is None:
            tags.input_tags = of_estimator.input_tags
        elif hasattr(self.transformer, "__sklearn_tags__"):
            tags.input_tags = get_tags(self.transformer).input_tags
        return tags


@contextmanager
def _naming_rows(positions):
    """Note the rows of `X` that are in a batch, because an error in it counts within the batch."""
    try:
        yield
    except Exception as error:
        error.add_note(
            f"The rows of this batch are, in this order, rows {positions.tolist()} of X."
        )
        raise


def _rows_in_a_chunk(X):
    """Return how many rows of an array, as of Zarr or HDF5, are read together."""
    chunks = getattr(X, "chunks", None)
    return chunks[0] if chunks and isinstance(chunks[0], Integral) else 1


def _shuffled_batches(rows, n_together, batch_rows, rng):
    """Yield positions of batches, sorted, in which rows that are read together stay together."""
    starts = np.flatnonzero(np.diff(rows // n_together, prepend=-1))
    parts = np.split(rows, starts[1:])
    order = np.concatenate([parts[i] for i in rng.permutation(len(parts))])
    for start in range(0, len(order), batch_rows):
        yield np.sort(order[start : start + batch_rows])
