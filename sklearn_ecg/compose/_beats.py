"""A classifier of heartbeats that is one object: from a recording to the classes of its beats."""

from dataclasses import replace
from functools import partial
from numbers import Integral, Real
from os import PathLike

import numpy as np
from sklearn.base import _fit_context, clone
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions, validate_params
from sklearn.utils.metadata_routing import (
    MetadataRouter,
    MethodMapping,
    _routing_enabled,
    get_routing_for_object,
    process_routing,
)
from sklearn.utils.validation import (
    _check_method_params,
    check_consistent_length,
    check_is_fitted,
)

from sklearn_ecg.beats import (
    detect_beats,
    extract_beats,
    simulate_fusions,
    simulate_rhythms,
    simulate_strips,
)
from sklearn_ecg.beats._checking import check_annotated, check_beats
from sklearn_ecg.beats._features import PART_S
from sklearn_ecg.beats._short_strips import STRIP_DURATIONS_S
from sklearn_ecg.beats._simulation import RHYTHMS
from sklearn_ecg.compose._base import name_of_argument
from sklearn_ecg.datasets._files._reading import read_record
from sklearn_ecg.datasets._files._recording_rows import read_row, recordings_of, warn_of_unit
from sklearn_ecg.datasets._files._resampling import resample_record
from sklearn_ecg.metrics import beat_macro_f1, match_beat_labels
from sklearn_ecg.utils._aami import CLASS_OF_SYMBOL
from sklearn_ecg.utils._callbacks import CallbackSupportMixin, follow_as_one_task, follow_part
from sklearn_ecg.utils._fitting import all_or_nothing
from sklearn_ecg.utils._flat_leads import without_flat
from sklearn_ecg.utils._leads import lead_labels
from sklearn_ecg.utils._progress import progress
from sklearn_ecg.utils._records import ECGRecord, record_groups, record_names
from sklearn_ecg.utils._rows import as_object_array
from sklearn_ecg.utils._versions import VersionedEstimator
from sklearn_ecg.utils._warning import warn_user

_UNCLASSIFIABLE = "Q"
_BEATS_AT_ONCE = 2**14
_N_DRAWS = 6  # of a rhythm that is named: one draw of it may be unlike the next
_TIMES_SHORTER = 20
# It names no recording, so that it may be shown once, and not for each of a thousand.
_TOO_SHORT = (
    "A recording lasts less than {:.3g} s, far less than those that this classifier learnt from. "
    "Among so few beats, many normal ones pass for ventricular ones. Use the model 'beats-10s', "
    "which ships, or a classifier that has learnt with simulate=['strips']."
)
_OR_BY_Y = (
    ", put its .atr beside a header of WFDB, or pass as y the time steps and the symbols of the "
    "beats of each recording"
)
_SIMULATIONS = {
    "rhythms": simulate_rhythms,
    "fusions": simulate_fusions,
    "strips": simulate_strips,
}


class BeatClassifier(CallbackSupportMixin, VersionedEstimator):
    """Classify the heartbeats of recordings.

    A row is a recording. The classifier finds its beats, describes each among its neighbours, and
    predicts its class with an estimator. The leads, the sampling rate, the features and the
    neighbours are part of the model. So a saved model takes any recording: it resamples the
    recording, chooses leads by name, and refuses a recording without a lead. What is missing counts
    as usual. A lead that has stood still for a second is missing until it moves, because devices
    write a constant while an electrode is off.

    Parameters
    ----------
    estimator : classifier
        Classifier of rows of beats, arrays of shape (n_beats, n_before + 1 + n_after, n_features).
    leads : sequence of str or of tuple of str, default=(("MLII", "II"),)
        Names of leads. A tuple names alternatives: a recording uses the first that it has.
    fs : float, default=None
        Sampling rate in Hz, more than 80, to which every recording is resampled before its beats
        are described. None takes the rate of the first recording in `fit`.
    beats : {"detected", "annotations"}, default="detected"
        The beats whose classes are predicted: those that :func:`~sklearn_ecg.beats.detect_beats`
        finds, or the annotated ones. The estimator always trains on annotated beats.
    n_before, n_after : int, default=8
        Number of beats before and after each beat in a row of the estimator.
    features : sequence of str, default=("rhythm", "deviation")
        Groups of features of each beat; see :func:`~sklearn_ecg.beats.beat_features`.
    causal : bool, default=False
        Whether each beat is compared with earlier beats only, instead of with the median of the
        **whole recording**, or of half an hour of a long one. Set `n_after` to the number of beats
        by which a decision may be late.
    simulate : sequence of str, default=()
        Kinds of beats to simulate from those of the training recordings, and to train on:
        `"rhythms"`, or some by their names, such as `"most"`, each of which is drawn six times
        (:func:`~sklearn_ecg.beats.simulate_rhythms`); `"fusions"`
        (:func:`~sklearn_ecg.beats.simulate_fusions`) and `"strips"`
        (:func:`~sklearn_ecg.beats.simulate_strips`). An estimator that requests a weight `is_real`
        (by metadata routing) receives 0 for these and 1 for real beats.
    random_state : int, RandomState instance or None, default=None
        Seed of the simulated beats.
    verbose : int, default=0
        Whether to show a progress bar (extra `fetch`).

    Attributes
    ----------
    classes_ : ndarray of str
        The AAMI's classes that were learnt, in alphabetical order.
    estimator_ : classifier
        The fitted estimator.
    fs_ : float
        Sampling rate in Hz at which beats are described.
    feature_names_ : ndarray of str
        Names of the features of a beat.
    shortest_s_ : float
        Duration in seconds of the shortest recording, half an hour of a long one, or simulated
        strip, that was learnt from. A recording of less than a twentieth of it gives a warning,
        unless `causal=True`: among so few beats other ones are usual, and many normal beats pass
        for ventricular ones.

    See Also
    --------
    sklearn_ecg.beats.extract_beats : Makes the rows of the estimator.
    BeatStream : Classifies the same beats while the signal comes in, if `causal=True`.
    SegmentedClassifier : Classifies recordings by their segments.

    Notes
    -----
    Beats that experts could not classify (Q) are not trained on.

    **The usual beat passes for normal.** By the default features each beat is compared with the
    usual one of its recording. Where ventricular or paced beats are the usual ones, as in
    ventricular tachycardia or complete block throughout, nearly all are called N.

    **Splits inside the estimator**, as of `CalibratedClassifierCV` or a search, split beats: with
    `cv=5`, beats of one patient are on both sides, and what is chosen or calibrated promises too
    much. Switch metadata routing on and pass `cv=GroupKFold(5)`, which receives the patients.

    For scikit-learn this is not a classifier, because a row has no class of its own: `cv=5` makes
    folds without a look at `y`.

    References
    ----------
    de Chazal P, O'Dwyer M, Reilly RB. Automatic classification of heartbeats using ECG morphology
    and heartbeat interval features. IEEE Trans Biomed Eng 51(7):1196-1206 (2004).
    doi:10.1109/TBME.2004.827359

    Examples
    --------
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import FunctionTransformer
    >>> from sklearn_ecg.compose import BeatClassifier
    >>> from sklearn_ecg.datasets import make_ecg
    >>> records = [make_ecg(60, fs=250, premature={"V": 0.1}, random_state=i) for i in range(3)]
    >>> def as_table(rows):
    ...     return rows.reshape(len(rows), -1)
    >>> forest = make_pipeline(
    ...     FunctionTransformer(as_table), RandomForestClassifier(random_state=0)
    ... )
    >>> classifier = BeatClassifier(forest, leads=["II"]).fit(records[:2])
    >>> annotated = classifier.annotate(records[2])
    >>> float(classifier.score(records[2:])) > 0.9
    True
    """

    _parameter_constraints = {
        "estimator": [HasMethods(["fit", "predict"])],
        "leads": ["array-like"],
        "fs": [Interval(Real, 80, None, closed="neither"), None],
        "beats": [StrOptions({"detected", "annotations"})],
        "n_before": [Interval(Integral, 0, None, closed="left")],
        "n_after": [Interval(Integral, 0, None, closed="left")],
        "features": [tuple, list],
        "causal": ["boolean"],
        "simulate": [tuple, list],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        estimator,
        *,
        leads=(("MLII", "II"),),
        fs=None,
        beats="detected",
        n_before=8,
        n_after=8,
        features=("rhythm", "deviation"),
        causal=False,
        simulate=(),
        random_state=None,
        verbose=0,
    ):
        self.estimator = estimator
        self.leads = leads
        self.fs = fs
        self.beats = beats
        self.n_before = n_before
        self.n_after = n_after
        self.features = features
        self.causal = causal
        self.simulate = simulate
        self.random_state = random_state
        self.verbose = verbose

    # The parameters of the estimator are its own to check.
    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=False)
    @partial(follow_as_one_task, n_parts=1)
    def fit(self, X, y=None, **fit_params):
        """Learn from the annotated beats of recordings.

        Parameters
        ----------
        X : sequence of ECGRecord, str or Path
            Recordings with annotated beats. Beside a header of WFDB its `.atr` is read.
        y : sequence of tuple of (array-like of int, array-like of str), default=None
            Time steps and symbols of the beats of each recording, in place of its annotations.
        **fit_params : dict
            Passed to `fit` of the estimator; with metadata routing, as it requests. An argument
            with one entry for each recording is repeated for its beats. An estimator that takes
            `groups`, as `LSTMClassifier` does for early stopping, receives the patients; with
            routing, if it requests them. By routing it may also request `is_real`, 1 for real beats
            and 0 for simulated.

        Returns
        -------
        self : BeatClassifier
            The fitted classifier.

        Raises
        ------
        ValueError
            If a recording lacks a lead or has no annotated beats, or its `y` is not a pair; the
            message names it.
        TypeError
            If a row is not a recording.
        """
        if set(self.simulate) - {*_SIMULATIONS, *RHYTHMS}:
            raise ValueError(
                f"simulate={self.simulate!r} must be some of "
                f"{', '.join([*_SIMULATIONS, *RHYTHMS])}."
            )
        records = self._annotated(X, y)
        check_annotated(records, _OR_BY_Y)
        fs = records[0].fs if self.fs is None else float(self.fs)
        records = [_resample(record, fs, self.causal) for record in records]
        warn_of_unit(records, [record.signal for record in records], fs)
        rows = extract_beats(records, **self._row_options())
        known = rows.target != _UNCLASSIFIABLE
        if not known.any():
            raise ValueError(
                "All beats are of class Q, such as paced ones: there is no other class."
            )
        data, target, names, is_real = self._add_simulated(rows, known, records)
        positions = {name: i for i, name in enumerate(dict.fromkeys(rows.records))}
        record_of_row = np.array([positions[name] for name in names])
        fit_params = _check_method_params(records, fit_params, indices=record_of_row)
        patients = record_groups(records)[record_of_row]
        if _routing_enabled():
            fit_params = self._route(fit_params, is_real, patients)
        else:
            fit_params = self._patients_for_estimator(patients) | fit_params
        estimator = clone(self.estimator)
        with follow_part(self, estimator):
            estimator.fit(data, target, **fit_params)
        self.fs_ = fs
        self.shortest_s_ = min(PART_S, *(record.duration_s for record in records))
        if "strips" in self.simulate:
            self.shortest_s_ = min(self.shortest_s_, *STRIP_DURATIONS_S)
        self.feature_names_ = rows.feature_names
        self.classes_ = estimator.classes_
        self.estimator_ = estimator
        return self

    def predict(self, X):
        """Predict the class of each beat of each recording.

        Parameters
        ----------
        X : sequence of ECGRecord, str or Path
            Recordings.

        Returns
        -------
        1-D object array of ndarrays of str
            The classes of the beats of each recording, in order of time; empty where there is no
            beat. `annotate` also says where they are.
        """
        return as_object_array([classes for _, classes in self._predict(X, "predict")])

    def predict_proba(self, X):
        """Predict the probability of each class for each beat of each recording.

        Parameters
        ----------
        X : sequence of ECGRecord, str or Path
            Recordings.

        Returns
        -------
        1-D object array of ndarrays of shape (n_beats_i, n_classes)
            Probabilities in the order of `classes_`.

        Warns
        -----
        UserWarning
            If a recording varies by less than 0.01 mV or more than 50 mV in a usual second, as
            signals in another unit do; `fit`, `predict` and `annotate` warn of it, too.
        """
        return as_object_array([values for _, values in self._predict(X, "predict_proba")])

    @validate_params(
        {"self": [object], "record": [ECGRecord, str, PathLike]},
        prefer_skip_nested_validation=True,
    )
    def annotate(self, record):
        """Replace the annotations of a recording by its beats and their predicted classes.

        Parameters
        ----------
        record : ECGRecord, str or Path
            The recording. A file is read in the leads of the model.

        Returns
        -------
        ECGRecord
            The recording in its own leads and rate. Its annotations are the beats, with the AAMI's
            classes as symbols.
        """
        if not isinstance(record, ECGRecord):
            record = read_record(record, leads=self.leads, annotator=self._annotator())
        ((beats, classes),) = self._predict([record], "predict")
        return replace(record, annotations=(beats, classes))

    def score(self, X, y=None):
        """Compute the macro F1 of the beats of all recordings together, counted by EC57.

        Parameters
        ----------
        X : sequence of ECGRecord, str or Path
            Recordings with annotated beats.
        y : sequence of tuple of (array-like of int, array-like of str), default=None
            Time steps and symbols of the beats of each recording, in place of its annotations.

        Returns
        -------
        float
            The mean F1 of the classes N, S, V and F, over whole recordings. Missed beats and false
            beats count too.

        Raises
        ------
        ValueError
            If a recording has no annotated beats, or none has by `y`. A recording in which nobody
            looked for beats cannot serve as a reference; `y` may state that one has none.

        See Also
        --------
        sklearn_ecg.metrics.beat_classification_report : All figures of EC57.
        """
        check_is_fitted(self)
        records = self._annotated(X, y)
        if y is None or not any(len(record.beats[0]) for record in records):
            check_annotated(records, f"{_OR_BY_Y}, empty where it has none")
        pairs = [
            match_beat_labels(*record.beats, *predicted, fs=record.fs, flutter=record.flutter)[:2]
            for record, predicted in zip(records, self._predict(records, "predict"), strict=True)
        ]
        y_true, y_pred = map(np.concatenate, zip(*pairs, strict=True))
        return beat_macro_f1(y_true, y_pred, counting="ec57")

    def get_metadata_routing(self):
        """Return the routing of metadata to the estimator.

        Returns
        -------
        MetadataRouter
            The routing.
        """
        return MetadataRouter(owner=self).add(
            estimator=self.estimator,
            method_mapping=MethodMapping().add(caller="fit", callee="fit"),
        )

    def _annotator(self):
        """Return the suffix of annotations to read beside a path, if beats come from them."""
        return "atr" if self.beats == "annotations" else None

    def _annotated(self, X, y):
        """Read recordings with their reference annotations."""
        rows = recordings_of(X)
        annotator = "atr" if y is None else None
        records = (read_row(row, leads=self.leads, annotator=annotator) for row in rows)
        records = list(progress(records, "reading", len(rows), self.verbose))
        if y is None:
            return records
        check_consistent_length(records, y)
        return [
            _with_marks(record, marks, i)
            for i, (record, marks) in enumerate(zip(records, y, strict=True))
        ]

    def _row_options(self):
        """Return the options of `extract_beats` for records that `read_row` has read."""
        return {
            "leads": lead_labels(self.leads),
            "n_before": self.n_before,
            "n_after": self.n_after,
            "features": self.features,
            "causal": self.causal,
        }

    def _simulations(self):
        """Return the functions that make the beats to simulate."""
        functions = [_SIMULATIONS[name] for name in self.simulate if name in _SIMULATIONS]
        rhythms = [name for name in self.simulate if name in RHYTHMS]
        if rhythms:
            functions.append(partial(simulate_rhythms, rhythms=rhythms, n_draws=_N_DRAWS))
        return functions

    def _add_simulated(self, rows, known, records):
        """Return data, target and record of known and simulated beats, and 1 for real ones."""
        pieces = [(rows.data[known], rows.target[known], rows.records[known], np.ones(known.sum()))]
        for simulate in self._simulations():
            simulated = simulate(records, random_state=self.random_state, **self._row_options())
            known = simulated.target != _UNCLASSIFIABLE  # strips have all beats of a recording
            rows_of_piece = simulated.data, simulated.target, simulated.records
            pieces.append((*(part[known] for part in rows_of_piece), np.zeros(known.sum())))
        return map(np.concatenate, zip(*pieces, strict=True))

    def _route(self, fit_params, is_real, groups):
        """Choose what the estimator requests of the caller's metadata and of our own."""
        own = {"groups": groups, "is_real": is_real} | fit_params
        wanted = get_routing_for_object(self.estimator).consumes("fit", own)
        given = {name: own[name] for name in own if name in wanted or name in fit_params}
        return process_routing(self, "fit", **given).estimator.fit

    def _patients_for_estimator(self, patients):
        """Return `groups` for an estimator that takes them, unless there is one patient only."""
        argument = name_of_argument(self.estimator, "groups")
        return {argument: patients} if argument and len(set(patients)) > 1 else {}

    def _predict(self, X, method):
        """Call a method of the estimator for the beats of each row, one recording at a time.

        Yields the time steps of the beats, counted at the recording's own rate, and the results.
        """
        for beats, rows in beat_rows(self, X):
            yield beats, predict_rows(self, rows, method)

    def _find_beats(self, X):
        """Yield each recording in the wanted leads, and the time steps of its beats."""
        check_is_fitted(self)
        rows = recordings_of(X)
        # A pickle of an earlier version does not know.
        long_enough_s = 0 if self.causal else getattr(self, "shortest_s_", 0) / _TIMES_SHORTER
        for row in progress(rows, "classifying", len(rows), self.verbose):
            record = read_row(row, leads=self.leads, annotator=self._annotator())
            if record.duration_s < long_enough_s:
                warn_user(_TOO_SHORT.format(long_enough_s))
                long_enough_s = 0  # once is enough
            warn_of_unit([row], [record.signal], record.fs)
            if self.beats == "annotations":
                name = record_names([record.source])[0]
                beats = check_beats(record.beats[0], record.n_timesteps, where=f"record {name}")
                yield record, beats
            else:
                yield record, detect_beats(record)[0]  # which names a record that it refuses

    def _describe(self, record, beats):
        """Make the estimator's row for each beat."""
        unlabelled = replace(record, annotations=(beats, np.full(len(beats), "N")))
        record = without_flat(unlabelled, self.causal)
        record = resample_record(record, self.fs_)  # which moves the beats along
        # Where two of them fall on one time step, both have its row.
        steps, which = np.unique(record.annotations[0], return_inverse=True)
        rows = extract_beats(record, beats=[steps], **self._row_options()).data
        return rows if len(rows) == len(beats) else rows[which]

    def __sklearn_is_fitted__(self):
        return hasattr(self, "estimator_")  # the last thing that a fit sets

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        tags.target_tags.required = False
        return tags


def beat_rows(classifier, X):
    """Make the rows of the beats of recordings that the estimator of a classifier takes.

    Parameters
    ----------
    classifier : BeatClassifier
        A fitted classifier.
    X : sequence of ECGRecord, str or Path
        Recordings.

    Yields
    ------
    beats : ndarray of int of shape (n_beats,)
        Time steps of the beats of a recording, counted at its own rate.
    rows : ndarray of shape (n_beats, n_before + 1 + n_after, n_features)
        Their rows; empty, without further axes, where there is no beat.
    """
    for record, beats in classifier._find_beats(X):
        yield beats, classifier._describe(record, beats) if len(beats) else beats


def predict_rows(classifier, rows, method):
    """Call a method of the estimator of a classifier for rows of beats, some at a time.

    Parameters
    ----------
    classifier : BeatClassifier
        A fitted classifier.
    rows : ndarray of shape (n_beats, ...)
        From `beat_rows`.
    method : {"predict", "predict_proba"}
        The method.

    Returns
    -------
    ndarray of shape (n_beats,) or (n_beats, n_classes)
        The results.
    """
    if not len(rows):
        if method == "predict":
            return np.empty(0, dtype=classifier.classes_.dtype)
        return np.empty((0, len(classifier.classes_)))
    ask = getattr(classifier.estimator_, method)
    # A row holds its neighbours too, so a copy of all would take far more than the features.
    starts = range(0, len(rows), _BEATS_AT_ONCE)
    return np.concatenate([ask(rows[i : i + _BEATS_AT_ONCE]) for i in starts])


def _with_marks(record, marks, i):
    """Annotate the recording of a row by its `y`, which the error names."""
    try:
        annotated = replace(record, annotations=marks)
        _ = annotated.beats  # which refuses unknown symbols
        return annotated
    except ValueError as error:
        raise ValueError(
            f"y of recording {i}: {error} For a label of the whole recording, use "
            "SegmentedClassifier or LSTMClassifier."
        ) from error


def _resample(record, fs, causal):
    """Resample a record, and keep the first of the beats that fall on one time step by that."""
    resampled = resample_record(without_flat(record, causal), fs)
    beats = np.flatnonzero(np.isin(record.annotations[1], list(CLASS_OF_SYMBOL)))
    before, after = (each.annotations[0][beats] for each in (record, resampled))
    dropped = beats[1:][(np.diff(after) == 0) & (np.diff(before) > 0)]
    marks = tuple(np.delete(each, dropped) for each in resampled.annotations)
    return replace(resampled, annotations=marks)
