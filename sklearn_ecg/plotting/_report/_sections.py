"""Write the parts of a report that are text and tables."""

from collections import Counter

import numpy as np

from sklearn_ecg.beats._spans import choose_span, known_heart_rates, rhythm_shares
from sklearn_ecg.plotting._quality import (
    FAST_RUNS_OF_V,
    WHERE_DOUBTFUL,
    judge_events,
    rates_of_runs,
)
from sklearn_ecg.plotting._report._html import Markup, element, facts, nested, table, together
from sklearn_ecg.plotting._report._reasons import BeatReasons, TimeReasons
from sklearn_ecg.plotting._style import CLASS_COLORS, clock, percent
from sklearn_ecg.utils._intervals import mean_heart_rate
from sklearn_ecg.utils._records import UNKNOWN_RHYTHM, in_words

_MEANINGS = {
    "N": "normal, or bundle branch block",
    "S": "supraventricular ectopic",
    "V": "ventricular ectopic",
    "F": "fusion of V and N",
    "Q": "paced or unclassifiable",
}
# As PhysioNet names them.
_RHYTHMS = {
    "N": "normal rhythm",
    "AFIB": "atrial fibrillation",
    "AF": "atrial fibrillation",
    "AFL": "atrial flutter",
    "AB": "atrial bigeminy",
    "ASYS": "asystole",
    "AT": "atrial tachycardia",
    "B": "ventricular bigeminy",
    "B3": "third-degree block",
    "BI": "first-degree block",
    "BII": "second-degree block",
    "BIII": "third-degree block",
    "HGEA": "much ventricular ectopy",
    "IVR": "idioventricular rhythm",
    "J": "junctional rhythm",
    "NOD": "nodal rhythm",
    "NSR": "normal sinus rhythm",
    "P": "paced rhythm",
    "PM": "paced rhythm",
    "PREX": "pre-excitation",
    "SAB": "sinoatrial block",
    "SBR": "sinus bradycardia",
    "ST": "sinus tachycardia",
    "SVT": "supraventricular tachycardia",
    "SVTA": "supraventricular tachyarrhythmia",
    "T": "ventricular trigeminy",
    "VER": "ventricular escape rhythm",
    "VF": "ventricular fibrillation",
    "VFIB": "ventricular fibrillation",
    "VFL": "ventricular flutter",
    "VT": "ventricular tachycardia",
    "O": "another rhythm",
    UNKNOWN_RHYTHM: "an unknown one",
}
_FEW_INTERVALS = 20  # of fewer the 5th percentile is a guess
_FEW_LEADS = 3  # whose quality is shown at once
_SHORTEST_S = 120.0  # of recordings that are counted span by span


def write_result(findings, unusable, card):
    """Write what the model found, and how much of the signal it may be wrong about.

    Parameters
    ----------
    findings : Findings
        The answer of the model.
    unusable : ndarray of bool of shape (n_strips,)
        Whether the signal is unusable in each strip.
    card : dict or None
        The card of the model, whose purpose says what its classes mean.

    Returns
    -------
    Markup
        The HTML.
    """
    parts = [_write_beats(findings) if findings.predicted is None else _write_classes(findings)]
    if findings.predicted is not None and card and isinstance(card.get("purpose"), str):
        parts.append(element("p", f"What it is for: {card['purpose']}", class_="note"))
    if not unusable.any():
        return together(parts)
    note = (
        f"{percent(float(unusable.mean()))} of this signal is unusable, or ventricular flutter or "
        "fibrillation, which measure alike. What is said of it may be wrong: beats may be missed "
        "there, or false, and with them heart rates, runs and pauses."
    )
    return together([*parts, element("p", note, class_="warning")])


def write_recording(record):
    """Write the facts of the recording.

    Parameters
    ----------
    record : ECGRecord
        The recording, with its beats.

    Returns
    -------
    Markup
        The HTML.
    """
    _, rates = known_heart_rates(record)
    rate = "not found"
    if len(rates):
        about = f"of {len(rates)} intervals" if len(rates) > 1 else "of one interval"
        if len(rates) >= _FEW_INTERVALS:
            low, high = np.percentile(rates, [5, 95])
            about = f"5th to 95th percentile {low:.0f} to {high:.0f}"
        rate = f"{mean_heart_rate(rates):.0f}/min ({about})"
    return facts(
        [
            ("Duration", in_words(record.duration_s)),
            ("Leads", ", ".join(record.lead_names)),
            ("Sampling rate", f"{record.fs:g} Hz"),
            ("Heart rate", rate),
            ("Times", "from the start of the recording, not of the clock"),
        ]
    )


def _write_beats(findings):
    _, classes = findings.record.beats
    if not len(classes):
        return element("p", "No heartbeat was found.")
    counts = Counter(classes.tolist())
    kinds = [kind for kind in CLASS_COLORS if kind in findings.classes or kind in counts]
    rows = [
        (
            element("b", kind, style=f"color:{CLASS_COLORS[kind]}"),
            _MEANINGS[kind],
            counts[kind],
            percent(counts[kind] / len(classes)),
        )
        for kind in kinds
    ]
    found = table(["class", "meaning", "beats", "share"], rows)
    if findings.beats_from != "model":
        return found
    note = (
        "Where ventricular or paced beats are the usual ones of a recording, as in ventricular "
        "tachycardia throughout, a model that compares beats with the usual one calls them N."
    )
    return together([found, element("p", note, class_="note")])


def _write_classes(findings):
    predicted = ", ".join(findings.predicted) or "none of the classes"
    parts = [element("p", predicted, class_="verdict")]
    if findings.part:
        note = f"This is about {findings.part} of the recording. The model takes no more."
        parts.append(element("p", note, class_="note"))
    if findings.probabilities is not None:
        known = dict(zip(findings.classes, findings.probabilities.tolist(), strict=True))
        highest = max(known.values())
        if findings.predicted and not any(known[name] == highest for name in findings.predicted):
            note = "This is not the most probable class: the model decides by a threshold."
            parts.append(element("p", note, class_="note"))
        rows = [
            (name, together([f"{value:.2f} ", element("meter", "", value=f"{value:.3f}")]))
            for name, value in sorted(known.items(), key=lambda pair: -pair[1])
        ]
        parts.append(table(["class", "probability"], rows))
    return together(parts)


def write_quality(quality, record, traces):
    """Write how much of each lead can be read.

    Parameters
    ----------
    quality : list of LeadQuality
        Measures of leads.
    record : ECGRecord
        The recording.
    traces : list of Trace
        The leads as they were measured.

    Returns
    -------
    Markup
        The HTML.
    """
    head = ["lead", "gaps", "flat", "noisy", "unusable"]
    rows = [
        (
            lead.name,
            *map(percent, (lead.gaps, lead.flat, lead.noisy, float(lead.unusable.mean()))),
        )
        for lead in quality
    ]
    note = (
        "Shares of the time. Noise is judged in strips of 10 s. A strip is unusable if it is "
        "noisy, or more than half gap or flat line. Ventricular flutter and fibrillation, waves of "
        "atrial flutter and small QRS complexes measure as noise."
    )
    if traces[0].fs < record.fs:
        note += f" Measured at {traces[0].fs:g} Hz."
    told = "not measured"
    if quality:
        worst = max(quality, key=lambda lead: lead.unusable.mean())
        which = f"the worst lead, {worst.name}," if worst.unusable.any() else "each lead"
        told = f"{percent(float(worst.unusable.mean()))} of {which} is unusable"
    summary = element("summary", f"Quality: {told}")
    content = together([summary, table(head, rows), element("p", note, class_="note")])
    return element("details", content, **({"open": ""} if len(rows) <= _FEW_LEADS else {}))


def write_beats_heading(findings):
    """Write what the list of beats shows.

    Parameters
    ----------
    findings : Findings
        The answer of the model.

    Returns
    -------
    Markup
        The HTML; empty if there is no list.
    """
    if findings.beats_from == "detector" or not len(findings.record.beats[0]):
        return Markup("")
    if findings.beats_from == "file":
        note = "As annotated in the file, the rarest class first."
    elif findings.beat_probabilities is None:
        note = "The rarest class first. The model states no probabilities."
    else:
        note = (
            "The most uncertain first. A probability is how sure the model is, which may differ "
            "from how often it is right; see its card."
        )
    return together([element("h2", "Beats"), element("p", note, class_="note")])


def write_reasons(reasons, findings):
    """Write how to read the colours of what spoke for a class, or why there are none.

    Parameters
    ----------
    reasons : BeatReasons, TimeReasons or None
        The reasons.
    findings : Findings
        The answer of the model.

    Returns
    -------
    Markup
        The HTML.
    """
    is_model_asked = findings.predicted is not None or len(findings.record.beats[0])
    if reasons is None and not is_model_asked:
        return Markup("")
    if isinstance(reasons, BeatReasons):
        note = (
            "The five most uncertain beats of each class are explained: choose one below. Beats "
            "that spoke for its class are shaded red, those against it blue."
        )
    elif isinstance(reasons, TimeReasons):
        note = f"Shaded red is what spoke for {reasons.target}, blue what spoke against it."
    elif findings.probabilities is None and findings.beat_probabilities is None:
        note = "Nothing is explained here, because the model states no probabilities."
    else:
        note = (
            "Nothing is explained here, because the recording is longer than a minute or lacks a "
            "lead, or the model joins several pipelines."
        )
    if reasons is not None:
        note += " This shows what the model used, not what is true of the heart."
    return element("p", note, class_="note", id="reasons")


def write_spans(findings, summary):
    """Write the heart rate and the number of beats of each class, hour by hour.

    Parameters
    ----------
    findings : Findings
        The answer of the model.
    summary : Bunch
        As `summarize_beats` returns it.

    Returns
    -------
    Markup
        The HTML; empty for a short recording or one without beats.
    """
    record = findings.record
    if record.duration_s < _SHORTEST_S or not len(record.beats[0]):
        return Markup("")
    span, _ = choose_span(record.duration_s)
    counts = {} if findings.beats_from == "detector" else summary.counts
    head = ["from", "beats/min", "5th to 95th percentile", *counts]
    rows = []
    for number, (begin_s, rates) in enumerate(
        zip(summary.begin_s, summary.heart_rate, strict=True)
    ):
        low, middle, high = rates
        is_known = not np.isnan(middle)
        rows.append(
            (
                _link(begin_s),
                f"{middle:.0f}" if is_known else "",
                f"{low:.0f} to {high:.0f}" if is_known else "",
                *(of_kind[number] for of_kind in counts.values()),
            )
        )
    return together([element("h2", f"Every {span.removeprefix('1 ')}"), table(head, rows)])


def write_events(findings, summary, unusable):
    """Write the ventricular flutter, the runs of ectopic beats and the pauses.

    Parameters
    ----------
    findings : Findings
        The answer of the model.
    summary : Bunch
        As `summarize_beats` returns it.
    unusable : sequence of (float, float)
        Begin and end of each stretch in which the signal is unusable, in seconds. Beats that were
        found there, or missed, make runs and pauses that are none.

    Returns
    -------
    Markup
        The HTML; empty if there are none.
    """
    judged = judge_events(summary, unusable, findings.record)
    if findings.beats_from == "detector":  # which knows no classes
        judged = {"pauses": judged["pauses"]}
    rows = []
    for name, (of_name, doubts) in judged.items():
        doubts = doubts & (findings.beats_from != "file")
        for where, which in (("", ~doubts), (WHERE_DOUBTFUL, doubts)):
            if which.any():
                # Of a run the last number is that of its beats, and of others their duration.
                longest = max(of_name[which].tolist(), key=lambda event: event[-1])
                about = (f"{name}{where}", which.sum(), _describe(longest), _link(longest[0]))
                rows.append(about)
    if not rows:
        return Markup("")
    heading = element("h2", "Runs and pauses")
    note = "A run is three or more ectopic beats of one class, a pause two seconds without a beat."
    if any(name.startswith(FAST_RUNS_OF_V) for name, *_ in rows):
        note += " A run of V above 100/min counts as ventricular tachycardia."
    if len(summary.flutter):
        note += " VF is ventricular fibrillation, VFL ventricular flutter."
    head = ["", "number", "longest", "at"]
    return together([heading, element("p", note, class_="note"), table(head, rows)])


def _describe(event):
    if len(event) == 2:
        return f"{event[1]:.1f} s"
    (rate,) = rates_of_runs(np.array([event]))
    return f"{event[2]:.0f} beats, {rate:.0f}/min"


def write_rhythms(summary, are_found=False):
    """Write the rhythms of the recording.

    Parameters
    ----------
    summary : Bunch
        As `summarize_beats` returns it.
    are_found : bool, default=False
        Whether a model has found them. Else they came with the recording.

    Returns
    -------
    Markup
        The HTML; empty if there are none.
    """
    shares = rhythm_shares(summary.rhythms)
    rows = [
        (name, len(episodes), percent(shares[name]) if name in shares else "")
        for name, episodes in summary.rhythms.items()
    ]
    if not rows:
        return Markup("")
    by = "found by a model, strip by strip" if are_found else "that came with the recording"
    heading = element("h2", f"Rhythms {by}")
    known = [f"{name} is {_RHYTHMS[name]}" for name in summary.rhythms if name in _RHYTHMS]
    notes = [", ".join(known) + "."] if known else []
    if summary.af_burden > 0:
        burden = percent(summary.af_burden)
        notes.append(f"Atrial fibrillation or flutter: {burden} of the known rhythm.")
    return together(
        [
            heading,
            table(["rhythm", "episodes", "share of the known rhythm"], rows),
            element("p", " ".join(notes), class_="note") if notes else Markup(""),
        ]
    )


def write_model(heading, pipeline, card):
    """Write the card of a model and its parameters.

    Parameters
    ----------
    heading : str
        What the model is on this page.
    pipeline : estimator
        The model.
    card : dict or None
        Its card.

    Returns
    -------
    Markup
        The HTML.
    """
    about = nested(card) if card else element("p", "No card came with this model.")
    parameters = together([element("summary", "Parameters"), element("pre", repr(pipeline))])
    return together([element("h2", heading), about, element("details", parameters)])


def _link(time_s):
    """Write a button that moves the strip to a time."""
    return element("button", clock(time_s), class_="goto", data_time=time_s)
