"""Classify heartbeats while the signal comes in."""

import math
from numbers import Real

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from sklearn.utils._param_validation import Interval, StrOptions, validate_params
from sklearn.utils.validation import check_is_fitted

from sklearn_ecg.beats._detector import LOWEST_FS, BeatDetector, delay_of
from sklearn_ecg.beats._feature_stream import FeatureStream
from sklearn_ecg.compose._beats import BeatClassifier, predict_rows
from sklearn_ecg.datasets._files._recording_rows import warn_of_unit
from sklearn_ecg.preprocessing._resampling import resampling_ratio
from sklearn_ecg.preprocessing._streams import ResamplingStream
from sklearn_ecg.utils._flat_leads import FlatLeads
from sklearn_ecg.utils._leads import (
    combine_leads,
    lead_labels,
    lead_recipe,
    normalize_lead_name,
    refuse_missing_leads,
)
from sklearn_ecg.utils._numbers import plain
from sklearn_ecg.utils._rows import as_chunk

_JUDGED_S = 10  # of signal, by which its unit is judged


class BeatStream:
    """Find heartbeats and classify them while the signal comes in.

    The beats and their classes do not depend on the cuts between chunks. They are those that the
    classifier predicts for the whole recording. Memory does not grow with time, so a stream may run
    for days.

    Parameters
    ----------
    classifier : BeatClassifier
        Fitted classifier with `causal=True` and `beats="detected"`.
    fs : float
        Sampling rate of the signal in Hz, at least 60. The classifier need not have the same.
    lead_names : sequence of str, default=None
        Name of each column of the signal. The leads of the classifier are chosen among them, or
        computed from limb leads. None stands for the leads of the classifier, in their order.
    method : {"predict", "predict_proba"}, default="predict"
        Whether to predict the class of each beat, or the probability of each class.

    See Also
    --------
    BeatClassifier : Learns, and classifies the beats of whole recordings.
    sklearn_ecg.beats.BeatDetector : Only finds the beats.

    Notes
    -----
    *Delay.* A beat is found when at most two seconds of signal have followed it. Its class is known
    when the `n_after` next beats are found too. The first beat of all ends no interval, so it waits
    for the second.

    *The end.* Missing values in all leads at the end of a recording are padding for the classifier.
    A stream cannot know that nothing follows. Where the sampling rate changes, the last time step
    before such an end may differ.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import FunctionTransformer
    >>> from sklearn_ecg.compose import BeatClassifier, BeatStream
    >>> from sklearn_ecg.datasets import make_ecg
    >>> records = [make_ecg(60, fs=250, premature={"V": 0.1}, random_state=i) for i in range(3)]
    >>> def as_table(rows):
    ...     return rows.reshape(len(rows), -1)
    >>> forest = make_pipeline(
    ...     FunctionTransformer(as_table), RandomForestClassifier(random_state=0)
    ... )
    >>> classifier = BeatClassifier(forest, leads=["II"], causal=True, n_after=1)
    >>> stream = BeatStream(classifier.fit(records[:2]), fs=250, lead_names=["II"])
    >>> found = [stream.push(chunk) for chunk in np.array_split(records[2].signal, 100)]
    >>> time_steps, classes = map(np.concatenate, zip(*found, stream.finish()))
    >>> np.array_equal(classes, classifier.predict(records[2:])[0])
    True
    """

    @validate_params(
        {
            "self": [object],
            "classifier": [BeatClassifier],
            "fs": [Interval(Real, LOWEST_FS, None, closed="left")],
            "lead_names": ["array-like", None],
            "method": [StrOptions({"predict", "predict_proba"})],
        },
        prefer_skip_nested_validation=True,
    )
    def __init__(self, classifier, fs, *, lead_names=None, method="predict"):
        check_is_fitted(classifier)
        fs = plain(fs)
        if not classifier.causal:
            raise ValueError(
                "the classifier compares beats with the whole recording, which a stream does not "
                "have: fit one with causal=True."
            )
        if classifier.beats != "detected":
            raise ValueError(
                f'the classifier has beats="{classifier.beats}", but a stream comes without '
                'annotations: set beats="detected".'
            )
        if not hasattr(classifier.estimator_, method):
            raise ValueError(
                f"the estimator of the classifier has no {method}: choose another method."
            )
        names = lead_labels(classifier.leads if lead_names is None else lead_names)
        if len(set(map(normalize_lead_name, names))) < len(names):
            raise ValueError(f"lead_names={names!r} names a lead twice: name each column once.")
        recipes = [lead_recipe(lead, names) for lead in classifier.leads]
        refuse_missing_leads(classifier.leads, recipes, names, where="lead_names")
        self.classifier = classifier
        self.fs = fs
        self.lead_names = lead_names
        self.method = method
        self._n_columns, self._recipes = len(names), recipes
        self._detector = BeatDetector(fs)
        self._ratio = resampling_ratio(fs, classifier.fs_)
        self._begin()

    def push(self, chunk):
        """Take the next part of the signal.

        Parameters
        ----------
        chunk : array-like of shape (n_timesteps,) or (n_timesteps, n_columns)
            The signal in mV, NaN where it is missing. It may be of any length, none too.

        Returns
        -------
        time_steps : ndarray of int64 of shape (n_beats,)
            The beats whose classes are known since the last call, counted from the beginning of the
            first chunk.
        predicted : ndarray of shape (n_beats,) or (n_beats, n_classes)
            Their classes, or the probabilities of their classes in the order of
            `classifier.classes_`.

        Raises
        ------
        ValueError
            If the chunk has other columns than `lead_names`, or a value is infinite.

        Warns
        -----
        UserWarning
            If the first ten seconds in which the signal moves vary by less than 0.01 mV or more
            than 50 mV in a usual second, as signals in another unit do. Where warnings are errors,
            the chunk is taken all the same, and its beats come with the next one.
        """
        chunk = as_chunk(chunk)
        if chunk.shape == (0,):
            return self._nothing
        if chunk.ndim != 2 or chunk.shape[1] != self._n_columns:
            raise ValueError(
                f"chunk has shape {chunk.shape}, but must have a column for each of the "
                f"{self._n_columns} lead names."
            )
        signal = np.array(combine_leads(chunk, self._recipes), dtype=np.float32)
        self._found = np.concatenate([self._found, self._detector.push(signal)])
        self._gathered.append(self._flat_leads.push(signal))
        self._n_gathered += len(signal)
        self._judge_unit(signal)  # once the chunk is taken, because a warning may be an error
        # Small parts of the signal are not worth the work unless there are beats in them.
        is_worth_it = len(self._found) or self._n_gathered >= self.fs
        return self._advance() if is_worth_it else self._nothing

    def finish(self):
        """End the signal, and be ready for another.

        Returns
        -------
        time_steps : ndarray of int64 of shape (n_beats,)
            The last beats.
        predicted : ndarray of shape (n_beats,) or (n_beats, n_classes)
            Their classes, or the probabilities of their classes.
        """
        self._found = np.concatenate([self._found, self._detector.finish()])
        last = self._advance(is_end=True)
        self._begin()
        return last

    def _begin(self):
        classifier = self.classifier
        n_leads = len(self._recipes)
        self._resampling = None
        if self._ratio != 1:
            self._resampling = ResamplingStream(self._ratio, n_leads)
        delay = math.ceil(delay_of(self.fs) * self._ratio)
        self._features = FeatureStream(classifier.fs_, classifier.features, n_leads, delay)
        self._flat_leads = FlatLeads(self.fs, n_leads)
        self._gathered, self._n_gathered = [], 0
        self._found = np.empty(0, dtype=np.int64)  # beats that wait with it
        self._unjudged, self._n_unjudged = [], 0
        self._n_timesteps = 0
        self._beats = np.empty(0, dtype=np.int64)  # whose classes are not known yet
        self._described = None  # features of those and of their neighbours before
        self._nothing = self._beats, predict_rows(classifier, self._beats, self.method)

    def _judge_unit(self, signal):
        """Warn once of a signal that is hardly in mV."""
        if self._unjudged is None:
            return
        self._unjudged.append(signal)
        self._n_unjudged += len(signal)
        if self._n_unjudged >= _JUDGED_S * self.fs:
            signal = np.concatenate(self._unjudged)
            self._unjudged, self._n_unjudged = None, 0
            if not warn_of_unit(["the stream"], [signal], self.fs):
                self._unjudged = []

    def _advance(self, is_end=False):
        """Describe the beats that were found, and classify those whose neighbours are known."""
        no_signal = np.empty((0, len(self._recipes)), dtype=np.float32)
        signal = np.concatenate([no_signal, *self._gathered])
        self._n_timesteps += len(signal)
        self._gathered, self._n_gathered = [], 0
        beats, self._found = self._found, self._found[:0]
        self._beats = np.concatenate([self._beats, beats])
        if self._resampling is not None:
            beats = np.rint(beats * float(self._ratio)).astype(np.int64)
            series = [self._resampling.push(signal.T.astype(np.float64))]
            if is_end:
                series.append(self._resampling.finish())
                beats = np.minimum(beats, math.ceil(self._n_timesteps * self._ratio) - 1)
            signal = np.concatenate(series, axis=1).T.astype(np.float32)
        new = [self._features.push(signal, beats)]
        if is_end:
            new.append(self._features.finish())
        rows = self._rows(np.concatenate(new), is_end)
        time_steps, self._beats = self._beats[: len(rows)], self._beats[len(rows) :]
        return time_steps, predict_rows(self.classifier, rows, self.method)

    def _rows(self, features, is_end):
        """Join the features of each beat with those of its neighbours, once these are known."""
        n_before, n_after = self.classifier.n_before, self.classifier.n_after
        before = self._described
        if before is None:  # so far there was no beat
            before = np.repeat(features[:1], n_before, axis=0)
        described = np.concatenate([before, features])
        if is_end:
            described = np.concatenate([described, np.repeat(described[-1:], n_after, axis=0)])
        n_rows = max(0, len(described) - n_before - n_after)
        self._described = described[n_rows:].copy() if len(described) else None
        if not n_rows:
            return features[:0]
        return sliding_window_view(described, n_before + 1 + n_after, axis=0).swapaxes(1, 2)
