"""An LSTM network, or another one, as a scikit-learn classifier."""

from numbers import Integral, Real

import numpy as np
from sklearn.base import _fit_context
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from sklearn_ecg.neural_network._augmentation import for_steps
from sklearn_ecg.neural_network._keras_network import KerasNetwork
from sklearn_ecg.neural_network._network_parameters import changed_parameters, network_parameters
from sklearn_ecg.neural_network._networks import CHOICES
from sklearn_ecg.neural_network._private import check_private, compute_epsilon, plan_private
from sklearn_ecg.neural_network._sequences import Sequences
from sklearn_ecg.neural_network._targets import Labels, check_weight
from sklearn_ecg.neural_network._validation_split import split_for_early_stopping
from sklearn_ecg.utils._bags import (
    combine_segments,
    mark_padding,
    split_by_row,
    weight_of_segments,
)
from sklearn_ecg.utils._callbacks import CallbackSupportMixin, FitTasks, with_callbacks
from sklearn_ecg.utils._fitting import (
    ClassifierOfNamedLabels,
    all_or_nothing,
    check_groups,
    check_label_names,
    check_y,
    require_y,
)
from sklearn_ecg.utils._numbers import plain
from sklearn_ecg.utils._row_shapes import shape_with_leads
from sklearn_ecg.utils._rows import is_ragged
from sklearn_ecg.utils._signals import check_signals
from sklearn_ecg.utils._versions import VersionedEstimator


class LSTMClassifier(ClassifierOfNamedLabels, CallbackSupportMixin, VersionedEstimator):
    """Classify signals with a long short-term memory (LSTM) network, or another one.

    The network [1]_ reads each sequence step by step, pools its outputs into one vector, and ends
    in one probability per class. A row may be one sequence or a bag of segments. In a bag, every
    segment has its row's label and an equal share of its row's weight in training. The predictions
    for the segments are combined, so that there is one prediction for each row.

    Parameters
    ----------
    network : {"lstm", "gru", "simple_rnn", "cnn"} or callable, default="lstm"
        Layers between the input, or the convolutional blocks, and the pooling: recurrent layers of
        one of three kinds; no layers with `"cnn"`, which uses the blocks alone; or the layers that
        a function of your own builds, see `build_network`.
    units : int or sequence of int, default=32
        Units of the recurrent layer, or of each of several stacked layers. On a CPU, an
        LSTM layer with an even number of units and `activation="tanh"` is faster.
    activation : {"tanh", "relu"}, default="tanh"
        Activation of the recurrent layers. `"relu"` is unbounded and can diverge.
    bidirectional : bool, default=False
        Whether each layer also reads the sequence backwards, with as many units again.
    dropout : float, default=0.0
        Fraction of each layer's outputs set to zero at random in training.
    pooling : {"last", "middle", "mean", "max", "mean_max", "attention"}, default="mean"
        The vector that represents a sequence: the output after its last step, or at its middle one,
        as for a beat between its neighbours; the mean or maximum of the outputs over its steps, or
        both; or their mean with learnt weights [2]_.
    conv_filters : int or sequence of int, default=()
        Filters of the convolutional block in front of the layers, or of each of several blocks. A
        block is a convolution over the steps, batch normalization, relu and max pooling.
    conv_kernel_size : int, default=5
        Steps that a filter sees.
    conv_pool_size : int or sequence of int, default=2
        Steps of which a block keeps the maximum, or one number for each block.
    input_noise : float, default=0.0
        Standard deviation of the Gaussian noise added to `X` in training.
    optimizer : {"adam", "adamw", "nadam", "rmsprop", "sgd"}, default="adam"
        Keras optimizer.
    learning_rate : float, default=0.001
        Step size of the optimizer.
    learning_rate_schedule : {"constant", "cosine"}, default="constant"
        With `"cosine"`, the step size falls from `learning_rate` to 0 over the `epochs` of a fit,
        along half a cosine wave [3]_. `partial_fit` keeps it constant.
    weight_decay : float, default=None
        Part of each weight, times the learning rate, that a step of the optimizer subtracts [4]_,
        except for biases and batch normalization. None leaves it to the optimizer: 0.004 of all
        weights for `"adamw"`, no decay for the others.
    loss : {"cross_entropy", "focal", "mean_squared_error"}, default="cross_entropy"
        The loss that training minimizes. The focal loss [5]_, with gamma = 2, gives little weight
        to rows that are already recognized. The squared error is that of the probabilities.
    epochs : int, default=30
        Passes over the training data; with early stopping, the largest number of passes.
    batch_size : int, default=32
        Sequences, that is rows or segments, in a step of the optimizer.
    class_weight : dict, "balanced", "balanced_sqrt" or None, default=None
        Weight of each class; a class that a dict leaves out has 1. `"balanced"` makes the weights
        inversely proportional to class frequencies, `"balanced_sqrt"` to their square roots. Rows
        count by their weights. `partial_fit`, which sees only a batch, takes neither.
        Within a `VotingClassifier`, `StackingClassifier` or `BaggingClassifier` the keys of a dict
        are 0, 1, ... for the sorted classes, because these number the classes before they fit.
    augment : callable, default=None
        Changes the training rows or segments, and no other data. It is called as
        `augment(sequences, random_state)` with each batch, a float32 array of shape
        (n_sequences, n_steps, n_features), NaN at padding, and a RandomState. It returns an array
        of that shape.
    early_stopping : bool, default=False
        Whether to watch the loss on rows set aside, stop when it no longer falls, and restore the
        best weights. Pass `groups` to `fit` to keep a patient's rows on one side.
    validation_fraction : float, default=0.1
        Fraction of the rows set aside for early stopping, stratified by class. With `groups` and
        one class a row it is one of 2, 3, 4 or more equal parts: a third for .3, half for .4 or
        more.
    n_iter_no_change : int, default=5
        Epochs without a lower validation loss after which training stops.
    dp_l2_norm_clip : float, default=None
        Trains with differential privacy [6]_, if given with `dp_noise_multiplier`: the largest norm
        of the gradient of a row, or of a group if `fit` is given `groups`. A step then holds
        `batch_size` rows or groups on average. See Notes.
    dp_noise_multiplier : float, default=None
        Standard deviation of the noise added to the sum of these gradients, as a multiple of
        `dp_l2_norm_clip`. 0 only clips, which guarantees nothing.
    aggregate : {"mean", "mean_logit", "max", "vote"}, default="mean"
        The rule that combines the predictions for the segments of a row: the mean of their
        probabilities or of their logits, the highest probability of each class (rescaled to sum to
        1), or the share of segments in which a class is the most probable one.
    warm_start : bool, default=False
        Whether `fit` continues from the weights of the previous fit. `y` may then lack some of the
        classes, but hold no new one.
    random_state : int, RandomState instance or None, default=None
        Decides initial weights, shuffling, dropout, noise, augmentation and the rows set aside.
        Pass an int for the same probabilities at each fit, in any process on the same machine.
        Whoever knows it, or has two networks of it, can subtract the noise of differential privacy:
        leave it None for that.
    verbose : int, default=0
        0 is silent, 1 shows a progress bar, 2 prints a line for each epoch.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,) or (n_labels, 2)
        The classes; for multilabel `y`, `[0, 1]` for each label.
    label_names_ : ndarray of shape (n_labels,)
        Names of the labels. Defined only for multilabel `y` in a data frame with string names.
    history_ : dict of str to list of float
        `"loss"` and, with early stopping, `"val_loss"`, one value for each epoch. With
        differential privacy `"learning_rate"` alone, because a loss would tell of rows.
    dp_history_ : list of dict
        The `"unit"`, `"sampling_probability"`, `"noise_multiplier"` and `"n_steps"` of each fit,
        as `epsilon` counts them. Defined only after a fit with differential privacy.
    network_ : KerasNetwork
        The trained network.
    fs_in_, lead_names_in_ : float, tuple of str
        Rate of the steps in Hz and names of the leads in `fit`. Defined only for rows that know
        them, such as records. Then rows of another rate or of other leads are refused.
    row_shape_in_ : tuple
        Shape of a row seen in `fit`: `(n_steps,)`, `(n_steps, n_features)` or
        `(n_segments, n_steps, n_features)`; the first is None if ragged.
    n_features_in_ : int
        Time steps of a row seen in `fit`. Defined only for 2-D `X`, whose rows are vectors.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of columns seen in `fit`. Defined only for a data frame with string names.

    See Also
    --------
    build_network : Builds the network.
    sklearn_ecg.preprocessing.Segmenter : Makes bags of segments from long recordings.
    sklearn_ecg.preprocessing.Reshaper : Makes few long steps from many short ones.
    sklearn_ecg.compose.SegmentedClassifier : Trains any other classifier on segments.

    Notes
    -----
    Padding is NaN. The last steps of a sequence or segment that hold any NaN, and the last segments
    of a bag that hold nothing else, are not steps and not segments. Rows of different lengths are
    padded within a batch. Padding is masked: it enters neither convolutions, nor the state of
    recurrent layers, nor the pooling. So a row's probabilities do not depend on the other rows in
    its batch. NaN before the last valid step is a missing value, which is an error.

    The article behind this package trained the network
    `LSTMClassifier(units=(50, 50), activation="relu", pooling="last", epochs=100)` on one time step
    per step, as `Reshaper(frame_length=1)` makes them.

    With differential privacy, each step takes each unit with one probability, independently of the
    others (Poisson sampling), and at most 32 sequences of it, at random. A unit is a row, or a
    group if `fit` is given `groups`: the guarantee is for a person only if all rows of a person are
    one unit. `epsilon` counts all fits since the first one with noise. It covers the weights, not
    other steps of a pipeline, and takes the number of units, the shapes of rows and the classes as
    public. Sample weights, `"balanced"` class weights, early stopping and batch normalization, and
    so `conv_filters`, are refused. The noise is pseudo-random and in floating point, which an
    attacker with the seed or with many models may use [7]_.

    TensorFlow is imported by the first `fit` or prediction in a process. Within a joblib worker it
    uses that worker's share of the cores. Where the extra `serve` is installed and the network
    converts, ONNX Runtime predicts, faster and within 1e-5 of Keras. The network is in float32 with
    channels last, under any global settings of Keras. A pickled classifier holds plain arrays.

    References
    ----------
    .. [1] Hochreiter S, Schmidhuber J. Long short-term memory. Neural Computation 9(8):1735-1780
       (1997). doi:10.1162/neco.1997.9.8.1735
    .. [2] Yang Z, et al. Hierarchical attention networks for document classification. NAACL-HLT
       (2016). doi:10.18653/v1/N16-1174
    .. [3] Loshchilov I, Hutter F. SGDR: stochastic gradient descent with warm restarts. ICLR
       (2017). doi:10.48550/arXiv.1608.03983
    .. [4] Loshchilov I, Hutter F. Decoupled weight decay regularization. ICLR (2019).
       doi:10.48550/arXiv.1711.05101
    .. [5] Lin T-Y, et al. Focal loss for dense object detection. ICCV (2017).
       doi:10.1109/ICCV.2017.324
    .. [6] Abadi M, et al. Deep learning with differential privacy. CCS (2016).
       doi:10.1145/2976749.2978318
    .. [7] Mironov I. On significance of the least significant bits for differential privacy. CCS
       (2012). doi:10.1145/2382196.2382264

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_ecg.datasets import make_ecg_classification
    >>> from sklearn_ecg.neural_network import LSTMClassifier
    >>> from sklearn_ecg.preprocessing import MaxNormalizer, Reshaper, Segmenter
    >>> X, y, groups = make_ecg_classification(random_state=0)
    >>> train, test = groups < 7, groups >= 7  # patients
    >>> pipeline = make_pipeline(
    ...     Segmenter(segment_length=250), MaxNormalizer(), Reshaper(frame_length=10),
    ...     LSTMClassifier(pooling="max", learning_rate=0.01, epochs=20, random_state=0),
    ... )
    >>> pipeline.fit(X[train], y[train]).predict_proba(X[test]).shape  # a row for each recording
    (30, 2)
    >>> bool(pipeline.score(X[test], y[test]) > 0.75)  # a guess has 0.5
    True
    """

    _parameter_constraints = {
        **CHOICES,  # network, pooling and loss
        "units": [Interval(Integral, 1, None, closed="left"), "array-like"],
        "activation": [StrOptions({"tanh", "relu"})],
        "bidirectional": ["boolean"],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "conv_filters": [Interval(Integral, 1, None, closed="left"), "array-like"],
        "conv_kernel_size": [Interval(Integral, 1, None, closed="left")],
        "conv_pool_size": [Interval(Integral, 1, None, closed="left"), "array-like"],
        "input_noise": [Interval(Real, 0, None, closed="left")],
        "optimizer": [StrOptions({"adam", "adamw", "nadam", "rmsprop", "sgd"})],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "learning_rate_schedule": [StrOptions({"constant", "cosine"})],
        "weight_decay": [Interval(Real, 0, None, closed="left"), None],
        "epochs": [Interval(Integral, 1, None, closed="left")],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "class_weight": [dict, StrOptions({"balanced", "balanced_sqrt"}), None],
        "augment": [callable, None],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
        "dp_l2_norm_clip": [Interval(Real, 0, None, closed="neither"), None],
        "dp_noise_multiplier": [Interval(Real, 0, None, closed="left"), None],
        "aggregate": [StrOptions({"mean", "mean_logit", "max", "vote"})],
        "warm_start": ["boolean"],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        *,
        network="lstm",
        units=32,
        activation="tanh",
        bidirectional=False,
        dropout=0.0,
        pooling="mean",
        conv_filters=(),
        conv_kernel_size=5,
        conv_pool_size=2,
        input_noise=0.0,
        optimizer="adam",
        learning_rate=0.001,
        learning_rate_schedule="constant",
        weight_decay=None,
        loss="cross_entropy",
        epochs=30,
        batch_size=32,
        class_weight=None,
        augment=None,
        early_stopping=False,
        validation_fraction=0.1,
        n_iter_no_change=5,
        dp_l2_norm_clip=None,
        dp_noise_multiplier=None,
        aggregate="mean",
        warm_start=False,
        random_state=None,
        verbose=0,
    ):
        self.network = network
        self.units = units
        self.activation = activation
        self.bidirectional = bidirectional
        self.dropout = dropout
        self.pooling = pooling
        self.conv_filters = conv_filters
        self.conv_kernel_size = conv_kernel_size
        self.conv_pool_size = conv_pool_size
        self.input_noise = input_noise
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.learning_rate_schedule = learning_rate_schedule
        self.weight_decay = weight_decay
        self.loss = loss
        self.epochs = epochs
        self.batch_size = batch_size
        self.class_weight = class_weight
        self.augment = augment
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.dp_l2_norm_clip = dp_l2_norm_clip
        self.dp_noise_multiplier = dp_noise_multiplier
        self.aggregate = aggregate
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose

    @with_callbacks
    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y, sample_weight=None, *, groups=None, X_val=None, y_val=None):
        """Train the network.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_steps[, n_features])
            Sequences, or bags of segments of shape (n_samples, n_segments, n_steps, n_features), or
            a list with one such array per row, of any length. Converted to float32.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Classes, as numbers or strings, or an indicator matrix of labels: a data frame, if they
            are to have names.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row, which its segments share. Only ratios matter.
        groups : array-like of shape (n_samples,), default=None
            Group of each row, such as the patient. With `early_stopping`, rows of one group are
            either all trained on or all set aside. With differential privacy, they are protected
            together. Not used otherwise.
        X_val, y_val : array-like, default=None
            Rows to watch for early stopping, in place of some set aside from `X`.

        Returns
        -------
        self : LSTMClassifier
            The fitted classifier.

        Raises
        ------
        ValueError
            If an argument is not as described, if `y` of a first fit has one class only, or if
            training diverges. After any error the classifier is not fitted; with `warm_start` it is
            as the previous fit left it.
        RuntimeError
            If Keras does not run on TensorFlow, or in a process that was forked from one in which
            TensorFlow had run.
        """
        require_y(y, type(self).__name__)
        check_private(self, sample_weight)
        goes_on = hasattr(self, "network_")  # which a fit that begins anew has forgotten
        tasks = FitTasks(self, self.epochs, X, y, sample_weight)
        check_label_names(self, y, reset=not goes_on)
        sequences, y = self._check_X(X, reset=not goes_on), check_y(y, X)
        if not goes_on:
            self.classes_ = Labels.of(y).classes
        self._rng = check_random_state(self.random_state)
        codes = self._labels.encode(y)
        weight = check_weight(self._labels, codes, sample_weight, self.class_weight)
        groups = check_groups(groups, X)
        watched = self._check_validation_data(X_val, y_val)
        rows = np.flatnonzero(weight)  # one without weight is as good as absent
        if self.early_stopping and watched is None:
            train, held_out = split_for_early_stopping(
                codes[rows],
                None if groups is None else groups[rows],
                self.validation_fraction,
                self._rng,
            )
            watched = sequences, codes, weight, rows[held_out]
            rows = rows[train]
        self.history_ = self._train(
            (sequences, codes, weight, rows),
            watched,
            tasks,
            groups,
            epochs=self.epochs,
            schedule=self.learning_rate_schedule,
        )
        tasks.end()
        return self

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y, classes=None, sample_weight=None):
        """Train the network for one epoch more.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_steps[, n_features])
            Sequences or bags of segments, dense or ragged, as in `fit`.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Classes or an indicator matrix.
        classes : array-like of shape (n_classes,), default=None
            All classes that will ever occur. Needed at the first call, unless `y` is an indicator
            matrix; may be left out later.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row, which its segments share. Weights count as they are, not relative
            to others of one call as in `fit`, so that they hold from call to call.

        Returns
        -------
        self : LSTMClassifier
            The fitted classifier.

        Raises
        ------
        ValueError
            If an argument is not as described, if `class_weight` needs class frequencies, if the
            first call is to stop early, or if training diverges.
        """
        if isinstance(self.class_weight, str):
            raise ValueError(
                f'class_weight="{self.class_weight}" is not supported for partial_fit, which does '
                "not know how frequent classes are beyond its batch: give a dict, or sample_weight."
            )
        require_y(y, type(self).__name__)
        check_private(self, sample_weight)
        goes_on = hasattr(self, "network_")
        if self.early_stopping and not goes_on:
            raise ValueError(
                "early_stopping=True is not supported for partial_fit, which trains for one epoch "
                "on all of its rows: set it to False, or call fit first."
            )
        check_label_names(self, y, reset=not goes_on)
        sequences, y = self._check_X(X, reset=not goes_on), check_y(y, X)
        if not goes_on:
            if classes is None and y.ndim == 1:
                raise ValueError("classes must be passed on the first call to partial_fit.")
            self.classes_ = Labels.of(y, classes).classes
            self._rng = check_random_state(self.random_state)
            self.history_ = {}
        elif (
            classes is not None
            and y.ndim == 1
            and not np.array_equal(np.unique(classes), self.classes_)
        ):
            raise ValueError(
                f"classes={np.unique(classes).tolist()} is not the same as on the last call to "
                f"partial_fit, {self.classes_.tolist()}."
            )
        codes = self._labels.encode(y)
        weight = check_weight(self._labels, codes, sample_weight, self.class_weight)
        history = self._train(
            (sequences, codes, weight, np.flatnonzero(weight)),
            relative=False,
            epochs=1,
            keep_compiled=True,
        )
        self.history_ = self.history_ | {
            name: self.history_.get(name, []) + losses for name, losses in history.items()
        }
        return self

    def epsilon(self, delta):
        """Compute the epsilon of differential privacy that training has spent.

        Parameters
        ----------
        delta : float
            The probability with which epsilon may not hold: less than one in the number of units.

        Returns
        -------
        float
            Epsilon of all fits since the first one with noise, where one unit is added or removed.
            Infinite if there is none, or a later fit had no noise.

        Raises
        ------
        ImportError
            If dp-accounting is not installed, which the extra `privacy` installs.
        ValueError
            If `delta` is not between 0 and 1.
        """
        check_is_fitted(self)
        if not 0 < delta < 1:
            raise ValueError(f"delta={delta} must be between 0 and 1.")
        return compute_epsilon(getattr(self, "dp_history_", []), delta)

    def predict_proba(self, X):
        """Predict the probability of each class for each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_steps[, n_features])
            Sequences or bags of segments, dense or ragged, as in `fit`.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Probabilities in the order of `classes_`. They sum to 1, unless `y` was multilabel.
        """
        logits, sequences = self._predict_segments(X)
        return combine_segments(
            self._labels.probabilities(logits),
            sequences.n_segments,
            self.aggregate,
            multilabel=self._labels.multilabel,
            logits=logits,
        )

    def predict_log_proba(self, X):
        """Predict the logarithm of the probability of each class for each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_steps[, n_features])
            Sequences or bags of segments, dense or ragged, as in `fit`.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Logarithms of `predict_proba`.
        """
        with np.errstate(divide="ignore"):  # no segment votes for some class
            return np.log(self.predict_proba(X))

    def predict_proba_segments(self, X):
        """Predict the probability of each class for each segment of each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_segments, n_steps, n_features)
            Bags of segments, dense or ragged. A row that is a sequence counts as one segment.

        Returns
        -------
        ndarray of shape (n_samples, n_segments, n_classes)
            Probabilities, NaN for segments that are padding; for ragged `X` a 1-D object array of
            `(n_segments_i, n_classes)`.
        """
        logits, sequences = self._predict_segments(X)
        probabilities = mark_padding(
            self._labels.probabilities(logits), sequences.n_segments, sequences.bag_sizes
        )
        return split_by_row(probabilities, sequences.bag_sizes, is_ragged(X))

    def predict(self, X):
        """Predict the class of each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_steps[, n_features])
            Sequences or bags of segments, dense or ragged, as in `fit`.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_labels)
            The most probable class; for multilabel, 1 if a label's probability is at least 0.5.
        """
        probabilities = self.predict_proba(X)  # first, because it refuses to predict before `fit`
        return self._labels.decode(probabilities)

    @property
    def _labels(self):
        return Labels(self.classes_)

    def _check_X(self, X, reset):
        return Sequences(check_signals(X, estimator=self, reset=reset, dtype=np.float32))

    def _check_validation_data(self, X_val, y_val):
        if X_val is None and y_val is None:
            return None
        if X_val is None or y_val is None:
            raise ValueError("X_val and y_val must be passed together.")
        if not self.early_stopping:
            raise ValueError("X_val is for early stopping: set early_stopping=True to use it.")
        try:
            sequences = self._check_X(X_val, reset=False)
            check_label_names(self, y_val, reset=False)
            codes = self._labels.encode(check_y(y_val, X_val))
        except ValueError as error:
            raise ValueError(f"In X_val and y_val: {error}") from error
        weight = check_weight(self._labels, codes, None, self.class_weight)
        return sequences, codes, weight, np.arange(len(codes))

    def _train(self, data, watched=None, tasks=None, groups=None, relative=True, **options):
        """Train on some rows, and watch the loss on others; each are all data and positions.

        Weights are `relative` if they are all that there will be.
        """
        parts = [part for part in (data, watched) if part is not None]
        network = self._get_network(masked=any(sequences.needs_mask for sequences, *_ in parts))
        if tasks is not None and tasks.are_followed:
            options["on_epoch"] = lambda: tasks.begin_epoch(lambda: {"network_": network})
        sequences, *_, rows = data
        seed = self._rng.randint(np.iinfo(np.int32).max)
        private, dp_history = plan_private(self, sequences, rows, groups, options["epochs"], seed)
        history = network.train(
            *(
                self._as_training_data(*part, network.parameters["masked"], relative)
                for part in parts
            ),
            seed=seed,
            learning_rate=self.learning_rate,
            batch_size=plain(self.batch_size),
            patience=self.n_iter_no_change,
            augment=for_steps(self.augment, getattr(self, "fs_in_", None), sequences.n_features),
            private=private,
            verbose=self.verbose,
            **options,
        )
        self.network_ = network
        if dp_history:
            self.dp_history_ = dp_history
        return history

    def _get_network(self, masked):
        """Return the network to continue with, or a new one."""
        trained = getattr(self, "network_", None)
        if trained is not None:
            masked = trained.parameters["masked"]
        parameters = network_parameters(
            self,
            n_features=shape_with_leads(self.row_shape_in_)[-1],
            labels=self._labels,
            masked=masked,
        )
        if trained is None:
            return KerasNetwork(parameters)
        if changed := changed_parameters(trained.parameters, parameters):
            raise ValueError(
                f"A network cannot change its {', '.join(changed)} while it goes on training: "
                "fit a new LSTMClassifier, or set warm_start=False."
            )
        return trained

    def _as_training_data(self, sequences, codes, weight, rows, masked, relative):
        """Turn rows into sequences, targets between 0 and 1, and weights, of mean 1 if relative."""
        sequences = sequences.take(rows, masked)
        targets = np.repeat(self._labels.targets(codes[rows]), sequences.n_segments, axis=0)
        if self.dp_noise_multiplier is not None:  # no weight may depend on other rows
            weight = np.repeat(weight[rows], sequences.n_segments)
        else:
            weight = weight_of_segments(weight[rows], sequences.n_segments)
            weight = weight / weight.mean() if relative else weight
        return sequences, targets, weight.astype(np.float32)

    def _predict_segments(self, X):
        """Compute the logits of all segments, row by row, and return them with the segments."""
        check_is_fitted(self)
        sequences = self._check_X(X, reset=False)
        sequences.masked = self.network_.parameters["masked"]
        return self._labels.logits(self.network_.logits(sequences)), sequences

    def __getstate__(self):
        state = dict(super().__getstate__())
        if "network_" in state:  # as plain arrays, of which no reader has to trust a type
            state["network_"] = self.network_.__getstate__()
        return state

    def __setstate__(self, state):
        super().__setstate__(state)
        if "network_" in state:
            self.network_ = KerasNetwork(**state["network_"])

    def __sklearn_is_fitted__(self):
        return hasattr(self, "network_")  # the last thing that a fit sets

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.classifier_tags.multi_label = True
        return tags
