"""Explain the predictions of a fitted classifier for raw rows."""

from functools import partial
from numbers import Integral

import numpy as np
from sklearn.utils import Bunch
from sklearn.utils._param_validation import Interval, StrOptions, validate_params
from sklearn.utils.validation import check_is_fitted

from sklearn_ecg.compose import BeatClassifier
from sklearn_ecg.compose._beats import beat_rows
from sklearn_ecg.inspection._integration import integrate
from sklearn_ecg.inspection._lines import flat_lines
from sklearn_ecg.inspection._occlusion import occlude
from sklearn_ecg.inspection._rows import read_rows
from sklearn_ecg.utils._outputs import names_of_columns, probabilities_of
from sklearn_ecg.utils._rates import rate_of
from sklearn_ecg.utils._row_shapes import shape_with_leads
from sklearn_ecg.utils._rows import as_object_array, is_ragged, join_rows

_WINDOWS = 50  # of a row, by default


@validate_params(
    {
        "estimator": "no_validation",
        "X": "no_validation",  # records or signals
        "method": [StrOptions({"integrated_gradients", "occlusion"})],
        "target": "no_validation",
        "window_length": [Interval(Integral, 1, None, closed="left"), None],
    },
    prefer_skip_nested_validation=True,
)
def explain(estimator, X, *, method="integrated_gradients", target=None, window_length=None):
    """Show which time steps and leads of each row made the probability of a class.

    Parameters
    ----------
    estimator : classifier or Pipeline
        For integrated gradients, a fitted `LSTMClassifier`, a pipeline that ends in one, or a
        `VotingClassifier` with soft voting over such; or a `BeatClassifier` around one of these.
        For occlusion, any fitted classifier with `predict_proba` that takes signals, or a
        `BeatClassifier` around any.
    X : array-like of shape (n_samples, n_timesteps[, n_leads])
        Rows as the estimator takes them: signals, dense or ragged, or records or paths. For a
        `BeatClassifier`, recordings.
    method : {"integrated_gradients", "occlusion"}, default="integrated_gradients"
        The method:

        - `"integrated_gradients"`: the gradient of the probability, integrated on the way from a
          flat line to the signal [1]_. The attributions of a row add up to the difference of its
          probability and that of the flat line.
        - `"occlusion"`: the fall of the probability when a window of one lead is covered by a flat
          line [2]_. Windows overlap by half. They do not add up to anything.
    target : class label, default=None
        The class whose probability is explained; for a multilabel classifier the name of the label,
        or its number if `y` had no names. None takes the most probable class of each row.
    window_length : int, default=None
        Time steps in a window of occlusion. None takes a fiftieth of the longest row. For a
        `BeatClassifier`, a window is always one feature of one beat.

    Returns
    -------
    Bunch
        `attributions` : ndarray or 1-D object array of ndarrays
            An array for each row, of the shape of its signal; above 0 what speaks for the class,
            below 0 what speaks against it, 0 at padding. For a `BeatClassifier`, an array of shape
            (n_beats_i, n_before + 1 + n_after, n_features) for each recording.
        `target` : ndarray of shape (n_samples,)
            The class that is explained, for each row. For a `BeatClassifier`, this and the next two
            are object arrays with an array for the beats of each recording.
        `probabilities` : ndarray of shape (n_samples,)
            Its probability.
        `baseline_probabilities` : ndarray of shape (n_samples,) or None
            The probability of the flat line. None with occlusion.
        `signals` : ndarray or 1-D object array of ndarrays
            The signals of the rows. Not for a `BeatClassifier`.
        `fs` : float or None
            Sampling rate of the signals in Hz, if they know it. Not for a `BeatClassifier`.
        `lead_names` : tuple of str or None
            Names of the leads, if they are known. Not for a `BeatClassifier`.
        `time_steps` : 1-D object array of ndarrays
            Only for a `BeatClassifier`: the time steps of the beats of each recording.
        `feature_names` : ndarray of str
            Only for a `BeatClassifier`: names of the last axis.

    Raises
    ------
    TypeError
        If the estimator has no gradients, or the output of a step cannot be traced back to time
        steps and leads.
    ValueError
        If `target` is not one of the classes, rows are not signals, or a recording for a
        `BeatClassifier` has no beat.

    Warns
    -----
    ConvergenceWarning
        If integrated gradients add up to the difference of probabilities with an error of more than
        1 %, or of more than 0.001 if the difference is less than 0.1.

    See Also
    --------
    permutation_importance : Finds which leads or features matter over all rows.
    segment_probabilities : Predicts for each segment.
    sklearn_ecg.plotting.AttributionDisplay : Draws the result.

    Notes
    -----
    The flat line of a lead is at its median over the row; for a `BeatClassifier`, each feature is
    at its median over the beats of the recording, which is the usual beat. With integrated
    gradients it is a flat line in the input of the network, after all transformers: one in the raw
    signal, once normalized, would be noise or a step. Padding stays padding.

    *Back to the signal.* `Segmenter` and `Reshaper` only move values, so their attributions return
    to the very values that they came from, and those of overlapping segments are added up.
    Attributions in the output of a `Resampler` are shared out among the time steps next to them.
    A step that keeps the shape of the rows (filters, normalizers) is taken to work in place: what a
    filter spreads to neighbouring time steps, and the effect of one value on the scale of all,
    are not traced back. The sums stay exact. Occlusion covers the raw signal and runs the whole
    pipeline, so that nothing is approximate.

    An attribution says what the network used, not what is true of the heart.

    References
    ----------
    .. [1] Sundararajan M, Taly A, Yan Q. Axiomatic attribution for deep networks. ICML (2017).
       doi:10.48550/arXiv.1703.01365
    .. [2] Zeiler MD, Fergus R. Visualizing and understanding convolutional networks. ECCV (2014).
       doi:10.1007/978-3-319-10590-1_53

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_ecg.datasets import make_ecg_classification
    >>> from sklearn_ecg.inspection import explain
    >>> from sklearn_ecg.neural_network import LSTMClassifier
    >>> from sklearn_ecg.preprocessing import Reshaper, Segmenter
    >>> X, y, _ = make_ecg_classification(n_samples=8, fs=100, random_state=0)
    >>> network = LSTMClassifier(units=2, epochs=1, random_state=0)
    >>> pipeline = make_pipeline(Segmenter(250), Reshaper(10), network).fit(X, y)
    >>> result = explain(pipeline, X[:2])
    >>> result.attributions.shape == X[:2].shape
    True
    >>> gain = result.probabilities - result.baseline_probabilities
    >>> bool((abs(result.attributions.sum(axis=(1, 2)) - gain) < 0.001).all())
    True
    """
    check_is_fitted(estimator)
    options = {"method": method, "target": target}
    if isinstance(estimator, BeatClassifier):
        return _explain_beats(estimator, X, options)
    estimator, X, lead_names = read_rows(estimator, X, "explain")
    if method == "occlusion" and X[0].ndim == 3:
        raise ValueError("X is cut into segments, but occlusion takes whole signals.")
    if window_length is None:
        window_length = max(1, round(max(map(len, X)) / _WINDOWS))
    result = _explain_rows(estimator, X, window_length=window_length, **options)
    result["attributions"] = join_rows(result["attributions"], ragged=is_ragged(X))
    return Bunch(**result, signals=X, fs=rate_of(X), lead_names=lead_names)


def _explain_rows(estimator, X, *, method, target, window_length, pooled=False):
    all_probabilities = probabilities_of(estimator, X)
    columns, target = _columns_of(estimator, all_probabilities, target)
    probabilities = all_probabilities[np.arange(len(columns)), columns]
    n_channels = shape_with_leads(X[0].shape)[-1]
    starts = None
    if method == "integrated_gradients":
        attributions, starts = integrate(
            estimator, X, columns, n_channels=n_channels, pooled=pooled
        )
    else:
        attributions = occlude(
            partial(probabilities_of, estimator),
            X,
            columns,
            probabilities,
            flat_lines(X, n_channels, pooled),
            window_length=window_length,
            step=max(1, window_length // 2),
        )
    return {
        "attributions": attributions,
        "target": target,
        "probabilities": probabilities,
        "baseline_probabilities": starts,
    }


def _explain_beats(classifier, X, options):
    time_steps, results = [], []
    for number, (beats, rows) in enumerate(beat_rows(classifier, X)):
        if not len(beats):
            raise ValueError(f"row {number} of X has no beat to explain: leave it out.")
        result = _explain_rows(classifier.estimator_, rows, window_length=1, pooled=True, **options)
        result["attributions"] = np.stack(result["attributions"])
        time_steps.append(beats)
        results.append(result)
    by_name = {name: [result[name] for result in results] for name in results[0]}
    return Bunch(
        **{
            name: None if values[0] is None else as_object_array(values)
            for name, values in by_name.items()
        },
        time_steps=as_object_array(time_steps),
        feature_names=classifier.feature_names_,
    )


def _columns_of(estimator, probabilities, target):
    """Return the column of the class to explain, and the class, for each row."""
    classes = names_of_columns(estimator)
    if target is None:
        columns = probabilities.argmax(axis=1)
    else:
        found = np.flatnonzero(classes == target)
        if not len(found):
            raise ValueError(f"target={target!r} is not one of the classes {classes.tolist()}.")
        columns = np.full(len(probabilities), found[0])
    return columns, classes[columns]
