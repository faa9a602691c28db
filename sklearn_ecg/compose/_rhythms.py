"""The rhythms of a long recording, by any classifier of short ones."""

from collections.abc import Mapping
from dataclasses import replace
from numbers import Integral, Real
from os import PathLike

import numpy as np
from sklearn.utils._param_validation import HasMethods, Interval, validate_params
from sklearn.utils.validation import check_is_fitted

from sklearn_ecg.datasets._files._reader import RecordReader
from sklearn_ecg.datasets._files._recording_rows import (
    HARDLY_IN_MV,
    has_signal,
    read_in_all_leads,
    reading_options,
    warn_of_unit,
)
from sklearn_ecg.utils._nesting import leads_of, readers_of
from sklearn_ecg.utils._progress import progress
from sklearn_ecg.utils._records import RHYTHM_CHANGE, UNKNOWN_RHYTHM, ECGRecord
from sklearn_ecg.utils._runs import begins_of_runs
from sklearn_ecg.utils._warning import ignored_warnings

_STRIP_S = 30.0
_STRIPS_AT_ONCE = 64
_NAMES = {"A": "AFIB", "~": UNKNOWN_RHYTHM}


@validate_params(
    {
        "record": [ECGRecord, str, PathLike],
        "classifier": [HasMethods("predict")],
        "strip_s": [Interval(Real, 0, None, closed="neither"), None],
        "fewest_strips": [Interval(Integral, 1, None, closed="left")],
        "names": [Mapping, None],
        "verbose": ["verbose"],
    },
    prefer_skip_nested_validation=True,
)
def annotate_rhythms(record, classifier, *, strip_s=None, fewest_strips=3, names=None, verbose=0):
    """Replace the rhythms of a recording by those that a classifier finds, strip by strip.

    The recording is cut into strips, and each is a row of the classifier. Where its answer changes,
    a rhythm begins. An answer that does not last is taken for the one before it, or at the
    beginning for the one after it.

    Parameters
    ----------
    record : ECGRecord, str or Path
        The recording, of any duration. A file is read in all its leads.
    classifier : Pipeline
        A fitted pipeline that begins with a `RecordReader` and predicts one class for a recording,
        such as `load_pretrained("rhythm-30s")`.
    strip_s : float, default=None
        Duration of a strip in seconds. None takes the `duration_s` of the `RecordReader`, or 30 s
        if it takes recordings of any duration, but no more than its `longest_s`. The last strip
        reaches back to be as long. Less than half a strip at the end counts as what is before it.
    fewest_strips : int, default=3
        In how many strips in a row an answer must be the same, so that it is a rhythm. If the
        recording has fewer strips, it must be the same in all. Three strips of 30 s leave out
        shorter episodes of fibrillation than 90 s; clinicians count those from 30 s on [1]_.
    names : dict of {str: str}, default=None
        Name of the rhythm that a class stands for, if it is another one. `"?"` stands for an
        unknown rhythm, and any name that is none of WFDB's becomes it in a `.atr` that is read
        again. None is for classes of the CinC Challenge 2017, `{"A": "AFIB", "~": "?"}`.
    verbose : int, default=0
        Whether to show a progress bar (extra `fetch`).

    Returns
    -------
    ECGRecord
        The recording with these rhythms in place of its own, whose marks (`"+"`) are left out. The
        answer is unknown (`"?"`) for a strip without a signal, about which the classifier is not
        asked. Where no answer lasts, the rhythm is unknown.

    Raises
    ------
    TypeError
        If the classifier does not take recordings, or classifies beats.
    ValueError
        If it predicts several labels for each recording, the recording lacks a lead, or a strip
        has no time step.

    See Also
    --------
    BeatClassifier.annotate : Replaces the annotations of a recording by its beats.
    sklearn_ecg.beats.summarize_beats : Lists the episodes, and the share of atrial fibrillation.

    References
    ----------
    .. [1] Hindricks G et al. 2020 ESC guidelines for the diagnosis and management of atrial
       fibrillation. Eur Heart J 42(5):373-498 (2021). doi:10.1093/eurheartj/ehaa612

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_ecg.compose import annotate_rhythms
    >>> from sklearn_ecg.datasets import ECGRecord, make_ecg
    >>> from sklearn_ecg.pretrained import load_pretrained
    >>> parts = [
    ...     make_ecg(120, fs=250, rhythm=rhythm, random_state=1) for rhythm in ("sinus", "af")
    ... ]
    >>> signal = np.concatenate([part.signal for part in parts])
    >>> record = ECGRecord(signal, 250.0, parts[0].lead_names)
    >>> begins, names = annotate_rhythms(record, load_pretrained("rhythm-30s")).rhythms
    >>> (begins / record.fs).tolist(), names.tolist()
    ([0.0, 120.0], ['N', 'AFIB'])
    """
    check_is_fitted(classifier)
    readers = readers_of(classifier)
    if not all(isinstance(reader, RecordReader) for reader in readers or [None]):
        raise TypeError(
            f"classifier={classifier!r:.60} must be a pipeline that begins with a RecordReader and "
            "classifies recordings, not beats or arrays."
        )
    if not isinstance(record, ECGRecord):
        record = read_in_all_leads(record, reading_options(readers[0]))
    if strip_s is None:
        strip_s = max(reader.duration_s or 0 for reader in readers) or _STRIP_S
        strip_s = min(strip_s, *(reader.longest_s or strip_s for reader in readers))
    length = min(round(strip_s * record.fs), record.n_timesteps)
    if not length:
        raise ValueError(
            f"A strip of {strip_s:g} s of {record.source or 'the record'}, which has "
            f"{record.n_timesteps} time steps, has none."
        )
    n_strips = max(1, round(record.duration_s / strip_s))
    begins = np.rint(np.arange(n_strips) * strip_s * record.fs).astype(np.int64)
    strips = [_strip(record, begin, length) for begin in begins]
    signal = record.leads(leads_of(classifier), missing="nan")  # which the readers may refuse
    warn_of_unit([record], [signal], record.fs)
    with ignored_warnings(HARDLY_IN_MV):  # of each strip in which an electrode was off
        answers = _answers(classifier, strips, _NAMES if names is None else names, verbose)
    rhythms = _lasting(answers, min(fewest_strips, n_strips))
    first = begins_of_runs(rhythms)
    is_kept = record.annotations[1] != RHYTHM_CHANGE
    marks = tuple(part[is_kept] for part in record.annotations)
    return replace(record, annotations=marks, rhythms=(begins[first], rhythms[first]))


def _strip(record, begin, length):
    """Cut the strip that begins at a time step, or the last one, which ends with the recording."""
    start = min(begin, record.n_timesteps - length)
    part = record.signal[start : start + length]
    return ECGRecord(part, record.fs, record.lead_names, source=record.source)


def _answers(classifier, strips, names, verbose):
    """Name the rhythm of each strip, without a look at which of them lasts."""
    readers = readers_of(classifier)
    rhythms = np.full(len(strips), UNKNOWN_RHYTHM, dtype=object)
    parts = range(0, len(strips), _STRIPS_AT_ONCE)
    for start in progress(parts, f"strips, {_STRIPS_AT_ONCE} at a time", len(parts), verbose):
        numbers = np.arange(start, min(start + _STRIPS_AT_ONCE, len(strips)))
        some = [i for i in numbers if any(has_signal(strips[i], reader) for reader in readers)]
        if not some:
            continue
        classes = classifier.predict([strips[i] for i in some])
        if np.ndim(classes) > 1 or any(np.ndim(label) for label in classes):
            raise ValueError(
                f"classifier={classifier!r:.60} must predict one class for each recording."
            )
        rhythms[some] = [str(names.get(label, label)) for label in np.asarray(classes).tolist()]
    return rhythms


def _lasting(answers, fewest):
    """Replace answers that too few strips in a row share by the last one that lasted."""
    begins = begins_of_runs(answers)
    lasting = begins[np.diff(begins, append=len(answers)) >= fewest]
    if not len(lasting):
        return np.full(len(answers), UNKNOWN_RHYTHM)
    which = np.searchsorted(lasting, np.arange(len(answers)), side="right") - 1
    return answers[lasting[np.maximum(which, 0)]].astype(str)
