"""Write a report of one recording."""

import base64
import hashlib
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from os import PathLike
from pathlib import Path
from string import Template

import numpy as np
from sklearn.utils._param_validation import HasMethods, validate_params
from sklearn.utils.validation import check_is_fitted

from sklearn_ecg.beats import summarize_beats
from sklearn_ecg.beats._spans import (
    choose_span,
    heart_rates_by_bin,
    known_heart_rates,
    rate_bin_s,
)
from sklearn_ecg.compose import BeatClassifier, annotate_rhythms
from sklearn_ecg.datasets import ECGRecord
from sklearn_ecg.datasets._files._recording_rows import read_in_all_leads, reading_options
from sklearn_ecg.plotting._compact import are_kept_whole, make_traces, pack_traces
from sklearn_ecg.plotting._quality import LeadQuality, measure_quality, stretches_of
from sklearn_ecg.plotting._report import _sections as sections
from sklearn_ecg.plotting._report._findings import Findings, find
from sklearn_ecg.plotting._report._html import Markup, element, embed, text, together
from sklearn_ecg.plotting._report._reasons import (
    BeatReasons,
    TimeReasons,
    reasons_for_beats,
    reasons_for_recording,
)
from sklearn_ecg.plotting._style import CLASS_COLORS
from sklearn_ecg.utils._atomic_writing import write_whole
from sklearn_ecg.utils._leads import lead_recipe
from sklearn_ecg.utils._nesting import leads_of, readers_of, single_steps
from sklearn_ecg.utils._records import check_records

_FOLDER = files("sklearn_ecg.plotting._report")


@validate_params(
    {
        "record": [ECGRecord, str, PathLike],
        "pipeline": "no_validation",
        "path": [str, PathLike],
        "card": [dict, None],
        "rhythm_card": [dict, None],
        "rhythm_classifier": [HasMethods("predict"), None],
    },
    prefer_skip_nested_validation=True,
)
def report(record, pipeline, path, *, card=None, rhythm_classifier=None, rhythm_card=None):
    """Write what a model says of a recording as a page for a browser.

    The page is one file that needs no network. It shows what the model found, how much of the
    recording can be read, the signal on paper of 25 mm/s and 10 mm/mV to scroll and to zoom, the
    beats of each class with the uncertain first, what spoke for the class of the most uncertain
    ones, the heart rate and the beats hour by hour, and the model's card. **It is not a
    diagnosis**, and says so.

    Parameters
    ----------
    record : ECGRecord, str or Path
        The recording. A file is read in all its leads.
    pipeline : BeatClassifier or Pipeline
        A fitted classifier of beats, or a pipeline that begins with a `RecordReader` and classifies
        recordings. If it classifies segments too, their probabilities shade the signal.
    path : str or Path
        Path of the new page, usually `.html`. An existing file is replaced once the new one is
        whole.
    card : dict, default=None
        Facts that users of the model must know, as :func:`~sklearn_ecg.pretrained.model_card`
        returns them, or the `card` of :func:`~sklearn_ecg.persistence.describe_model`. None shows
        the parameters only.
    rhythm_classifier : Pipeline, default=None
        A fitted pipeline that :func:`~sklearn_ecg.compose.annotate_rhythms` takes, such as
        `load_pretrained("rhythm-30s")`, to find the rhythms of a long recording. None shows those
        of `record`.
    rhythm_card : dict, default=None
        The card of `rhythm_classifier`.

    Returns
    -------
    Path
        The absolute path of the page; `as_uri()` is its address for a browser.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the pipeline is not fitted.
    TypeError
        If it does not take recordings.
    ValueError
        If the recording cannot be read, or lacks a lead that the pipeline needs.

    See Also
    --------
    sklearn_ecg.inspection.explain : Explains any row.
    ECGDisplay : A stretch of a recording on paper, for print.
    HolterDisplay : A long recording on a page, for print.

    Notes
    -----
    The name of the recording's file is on the page, and no other fact about the patient: not
    `patient`, nor `metadata`. Name files by numbers.

    The five most uncertain beats of each class are explained by occlusion
    (:func:`~sklearn_ecg.inspection.explain`): a feature at a time is covered by its median over the
    beats around, and beats that spoke for the class are shaded red, those against it blue. Of a
    pipeline for recordings, a recording of up to a minute is explained as a whole. The page says if
    nothing is explained.

    Signals are kept to a four-hundredth of a mV if they are short. A day is brought to at least
    100 Hz and kept in steps that grow with its noise, so that the page stays below 10 MB. All of
    one lead is kept for a day; of others, and of longer recordings, the 30 s around each uncertain
    beat. The page unpacks them by JavaScript, which a checksum in the page binds to what this
    function wrote: nothing else in it can run.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn_ecg.datasets import make_ecg
    >>> from sklearn_ecg.plotting import report
    >>> from sklearn_ecg.pretrained import load_pretrained, model_card
    >>> record = make_ecg(20, fs=250, premature={"V": 0.2}, random_state=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "report.html")
    ...     page = report(record, load_pretrained("beats-10s"), path, card=model_card("beats-10s"))
    ...     "not a diagnosis" in page.read_text(encoding="utf-8")
    True
    """
    if isinstance(pipeline, str):
        raise TypeError(
            f"pipeline={pipeline!r} must be a fitted estimator, as load and load_pretrained return."
        )
    check_is_fitted(pipeline)
    pipeline = getattr(pipeline, "best_estimator_", pipeline)  # by which a search predicts
    readers = readers_of(pipeline)
    if not readers:
        raise TypeError(
            f"pipeline begins with {type(single_steps(pipeline)[0]).__name__}, which takes arrays: "
            "pass a BeatClassifier, or a pipeline that begins with a RecordReader."
        )
    (record,) = check_records([_read(record, readers[0])])
    if rhythm_classifier is not None:
        record = annotate_rhythms(record, rhythm_classifier)
    with ThreadPoolExecutor(1) as beside:  # a day takes seconds, and networks use one core
        signals = beside.submit(_prepare_signals, record, _columns(record, leads_of(pipeline)))
        findings = find(record, pipeline)
        order = _reading_order(findings)
        if isinstance(pipeline, BeatClassifier):
            reasons = reasons_for_beats(pipeline, findings, order)
        else:
            reasons = reasons_for_recording(pipeline, findings)
        traces, quality, packed = signals.result()
    contents = _Contents(findings, order, reasons, traces, quality, packed)
    models = [("The model", pipeline, card)]
    if rhythm_classifier is not None:
        models.append(("The model of rhythms", rhythm_classifier, rhythm_card))
    page = _make_page(contents, models)
    path = Path(path).absolute()
    write_whole(path, page.encode(errors="replace"))  # the name of a file may be no UTF-8
    return path


@dataclass(frozen=True, eq=False)
class _Contents:
    """The contents of a page."""

    findings: Findings
    order: np.ndarray  # of the beats, by how soon a reader should look at them
    reasons: BeatReasons | TimeReasons | None
    traces: list
    quality: list[LeadQuality]
    packed: tuple | None  # the traces, if they could be packed before the beats were known


def _prepare_signals(record, columns):
    traces = make_traces(record, columns)
    packed = pack_traces(traces, []) if are_kept_whole(traces) else None
    return traces, measure_quality(traces), packed


def _read(record, reader):
    """Take a record, or read a file as the pipeline would."""
    if isinstance(record, ECGRecord):
        return record
    annotator = "atr" if getattr(reader, "beats", None) == "annotations" else None
    return read_in_all_leads(record, reading_options(reader), annotator)


def _columns(record, leads):
    """Return the columns of the signal, with those that the pipeline uses first."""
    recipes = (lead_recipe(lead, record.lead_names) for lead in leads)
    used = [column for recipe in recipes if recipe for column in recipe]
    return list(dict.fromkeys([*used, *range(len(record.lead_names))]))


def _reading_order(findings):
    """Put the most uncertain beats first; without probabilities, those of the rarest class."""
    _, classes = findings.record.beats
    if findings.beat_probabilities is not None:
        return findings.beat_probabilities.max(axis=1, initial=0).argsort(kind="stable")
    _, which, counts = np.unique(classes, return_inverse=True, return_counts=True)
    return counts[which].argsort(kind="stable")


def _make_page(contents, models):
    findings = contents.findings
    record = findings.record
    script = (_FOLDER / "page.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    beats_s = record.beats[0][contents.order] / record.fs
    leads, packed = contents.packed or pack_traces(contents.traces, beats_s)
    blobs = {f"lead-{number}": blob for number, blob in enumerate(packed)}
    blobs["beat-times"] = _pack_beats(findings)
    summary = summarize_beats(record)
    # Of the lead that the model takes, or the first of them.
    unusable = contents.quality[0].unusable if contents.quality else np.zeros(0, dtype=bool)
    stretches = stretches_of(unusable, record.duration_s)
    data = _data(contents) | {"leads": leads, "unusable": stretches}
    return Template((_FOLDER / "page.html").read_text(encoding="utf-8")).substitute(
        name=text(record.name or "a recording"),
        style=(_FOLDER / "page.css").read_text(encoding="utf-8"),
        script_hash=f"sha256-{digest}",
        result=sections.write_result(findings, unusable, models[0][2]),
        recording=sections.write_recording(record),
        quality=sections.write_quality(contents.quality, record, contents.traces),
        reasons=sections.write_reasons(contents.reasons, findings),
        beats_heading=sections.write_beats_heading(findings),
        hours=sections.write_spans(findings, summary),
        events=sections.write_events(findings, summary, stretches),
        rhythms=sections.write_rhythms(summary, are_found=len(models) > 1),
        models=together(sections.write_model(*model) for model in models),
        version=text(version("sklearn-ecg")),
        data=embed(data),
        blobs=together(
            element("script", Markup(blob), type="application/octet-stream", id=name)
            for name, blob in blobs.items()
        ),
        script=script,
    )


def _data(contents):
    """Return what the script of the page needs to know."""
    findings, record = contents.findings, contents.findings.record
    bin_s = rate_bin_s(choose_span(record.duration_s)[1])
    known_rates = known_heart_rates(record)
    rates = heart_rates_by_bin(known_rates, record.duration_s, bin_s)
    has_rate = np.isin(record.beats[0] / record.fs, known_rates[0])
    segments = findings.segments
    return {
        "duration": record.duration_s,
        "fs": record.fs,
        "beatsFrom": findings.beats_from,
        "kinds": list(CLASS_COLORS),
        "colors": list(CLASS_COLORS.values()),
        "hasProbabilities": findings.beat_probabilities is not None,
        "withoutRate": np.flatnonzero(~has_rate).tolist(),
        "binLength": bin_s,
        "rates": [[None if np.isnan(v) else round(v, 1) for v in row] for row in rates.tolist()],
        "segments": segments
        and {
            "begins": segments.begin_s.round(3).tolist(),
            "length": segments.length_s,
            "classes": findings.classes,
            "shown": findings.shown,
            "probabilities": [
                [None if np.isnan(v) else round(v, 3) for v in row]
                for row in segments.probabilities.tolist()
            ],
        },
        "reasons": _reasons_data(contents.reasons),
    }


def _reasons_data(reasons):
    """Scale weights so that the strongest is 1."""
    if reasons is None:
        return None
    largest = np.abs(reasons.weights).max(initial=0) or 1.0
    weights = np.round(reasons.weights / largest, 2).tolist()
    if isinstance(reasons, BeatReasons):
        return {
            "beats": reasons.beats.tolist(),
            "before": reasons.n_before,
            "weights": weights,
            "parts": reasons.parts,
        }
    return {"leads": reasons.lead_names, "length": reasons.length_s, "weights": weights}


def _pack_beats(findings):
    """Pack beats: time steps, classes, and the probability and the rival of each class."""
    steps, classes = findings.record.beats
    kinds = list(CLASS_COLORS)
    numbers = np.array([kinds.index(kind) for kind in classes.tolist()], dtype=np.uint8)
    parts = [np.diff(steps, prepend=0).astype("<u4"), numbers]
    if findings.beat_probabilities is not None and len(steps):
        ordered = findings.beat_probabilities.argsort(axis=1, kind="stable")
        of_class = np.array([kinds.index(name) for name in findings.classes], dtype=np.uint8)
        own = np.array([findings.classes.index(kind) for kind in classes.tolist()])
        rows = np.arange(len(steps))
        # The most probable class other than the predicted one.
        rival = np.where(
            ordered[:, -1] == own, ordered[:, -min(2, ordered.shape[1])], ordered[:, -1]
        )
        probability = findings.beat_probabilities[rows, own]
        parts += [np.round(255 * probability).astype(np.uint8), of_class[rival]]
    content = b"".join(part.tobytes() for part in parts)
    return base64.b64encode(zlib.compress(content)).decode()
