"""Estimators within estimators."""

from sklearn.pipeline import Pipeline

from sklearn_ecg.utils._records import in_words

# Where scikit-learn's estimators keep what they have fitted, or what they hold fitted.
_FITTED = (
    "best_estimator_",
    "transformer_",
    "estimator_",
    "estimators_",
    "calibrated_classifiers_",
    "estimator",
)


def readers_of(estimator):
    """List the parts of a fitted estimator that take its rows, if these are recordings.

    Parameters
    ----------
    estimator : estimator
        A pipeline; or a search, a calibrator and the like, whose pipelines take the same rows. The
        members of an ensemble may take different leads.

    Returns
    -------
    list of estimator
        Those that read recordings, each a `RecordReader` or a `BeatClassifier`; empty if none does.

    Examples
    --------
    >>> from sklearn.frozen import FrozenEstimator
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_ecg import RecordReader
    >>> readers_of(FrozenEstimator(make_pipeline(RecordReader(["II"], fs=250))))
    [RecordReader(fs=250, leads=['II'])]
    """
    step = single_steps(estimator)[0]
    if hasattr(step, "leads") and hasattr(step, "get_params"):
        return [step]
    for name in _FITTED:
        within = getattr(step, name, None)
        members = within if isinstance(within, list) else [within]
        found = [
            reader for member in members if member is not None for reader in readers_of(member)
        ]
        if found:
            return found
    return []


def leads_of(estimator):
    """List the leads that a fitted estimator takes, each once.

    Parameters
    ----------
    estimator : estimator
        As `readers_of` takes it.

    Returns
    -------
    list of str or tuple of str
        Names, or alternatives, of all that read recordings.
    """
    leads = [lead for reader in readers_of(estimator) for lead in reader.leads]
    return list(dict.fromkeys(lead if isinstance(lead, str) else tuple(lead) for lead in leads))


def part_taken(estimator, duration_s):
    """Say which part of a recording a fitted estimator takes, if that is not all of it.

    Parameters
    ----------
    estimator : estimator
        As `readers_of` takes it. Of the members of an ensemble, the one that takes most counts.
    duration_s : float
        Duration of the recording in seconds.

    Returns
    -------
    str
        The part, such as `"the first 10 s"`; empty for all of the recording, or nearly all.
    """
    durations = [getattr(reader, "duration_s", None) for reader in readers_of(estimator)]
    if not durations or None in durations or max(durations) >= duration_s:
        return ""
    part = in_words(max(durations))
    return "" if part == in_words(duration_s) else f"the first {part}"


def single_steps(estimator):
    """List the steps of a pipeline, and those of pipelines within it.

    Parameters
    ----------
    estimator : estimator
        A pipeline, or any other estimator, which is one step.

    Returns
    -------
    list of estimator
        The steps, in order.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_ecg import MaxNormalizer, Segmenter
    >>> single_steps(make_pipeline(make_pipeline(MaxNormalizer()), Segmenter(50)))
    [MaxNormalizer(), Segmenter(segment_length=50)]
    """
    if not isinstance(estimator, Pipeline):
        return [estimator]
    steps = (step for _, step in estimator.steps if hasattr(step, "fit"))  # not "passthrough"
    return [single for step in steps for single in single_steps(step)] or [estimator]


def prepare_for_last(estimator, X):
    """Transform rows by all steps of a fitted pipeline but the last, which may then be asked twice.

    Parameters
    ----------
    estimator : estimator
        A pipeline, or any other estimator, which is its own last step.
    X : array-like
        The rows.

    Returns
    -------
    last : estimator
        The last step.
    X : array-like
        The rows that it takes.
    """
    *steps, last = single_steps(estimator)
    for step in steps:
        X = step.transform(X)
    return last, X
