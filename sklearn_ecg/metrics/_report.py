"""Print all figures of classified beats on one page."""

from numbers import Integral, Real

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions

from sklearn_ecg.metrics._arguments import check_arguments
from sklearn_ecg.metrics._beat_indices import MACRO_CLASSES, j_of, jk_of, macro_f1_of
from sklearn_ecg.metrics._beat_scores import count_by_record, mean_scores_of, scores_of
from sklearn_ecg.metrics._counting import BEAT_LABELS, COUNTINGS, kappa
from sklearn_ecg.utils._aami import AAMI_CLASSES

_COLUMNS = {
    "Se": "sensitivity",
    "+P": "positive_predictivity",
    "FPR": "false_positive_rate",
    "F1": "f1",
}
_SUMMARY = {
    "accuracy": "accuracy",
    "macro_f1": "macro F1 (N S V F)",
    "kappa": "kappa",
    "j_index": "j",
    "jk_index": "jk",
}


@check_arguments(
    {
        "y_true": ["array-like"],
        "y_pred": ["array-like"],
        "records": ["array-like", None],
        "counting": [StrOptions(COUNTINGS)],
        "time_s": ["array-like", None],
        "skip_s": [Interval(Real, 0, None, closed="left")],
        "digits": [Interval(Integral, 0, None, closed="left")],
        "output_dict": ["boolean"],
    }
)
def beat_classification_report(
    y_true,
    y_pred,
    *,
    records=None,
    counting="one-vs-rest",
    time_s=None,
    skip_s=300.0,
    digits=3,
    output_dict=False,
):
    """Build a text report on classified beats.

    It shows the figures of each class, over all beats and averaged over records, accuracy, macro
    F1, kappa, j and jk, and the confusion matrix.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Reference label of each beat: N, S, V, F or Q of the AAMI, or O for no beat.
    y_pred : array-like of shape (n_samples,)
        Predicted label of each beat.
    records : array-like of shape (n_samples,), default=None
        The record of each beat. None leaves the averages over records out.
    counting : {"one-vs-rest", "ec57"}, default="one-vs-rest"
        The rule for false positives, in all figures but accuracy and kappa; see
        :func:`beat_scores`.
    time_s : array-like of shape (n_samples,), default=None
        Time of each beat in seconds from the beginning of its record. None counts all beats.
    skip_s : float, default=300.0
        Beats before this time, in seconds, are not counted if `time_s` is given.
    digits : int, default=3
        Decimal places.
    output_dict : bool, default=False
        Whether to return a dict, with nothing rounded.

    Returns
    -------
    str or dict
        The report; in a dict: `"gross"` and, given `records`, `"record"`, both as
        :func:`beat_scores` returns them; `"accuracy"`, `"macro_f1"`, `"kappa"`, `"j_index"`,
        `"jk_index"`; and `"confusion_matrix"`, as in `["confusion_matrix"]["F"]["V"]` for the
        number of fusion beats predicted as ventricular.

    Raises
    ------
    ValueError
        If a label is none of these, a record is missing, or nothing is left to count.

    See Also
    --------
    beat_scores : The figures of each class.
    beat_macro_f1, jk_index : Single figures for all classes.
    bootstrap_interval : The uncertainty of such figures.

    Notes
    -----
    Q, and O where beats were missed or falsely detected, are shown if they occur. Undefined figures
    are shown as `-`; a record enters the mean of those figures that are defined for it. Rows of the
    confusion matrix are the reference; predictions are lower case, as EC57 writes them.

    Examples
    --------
    >>> from sklearn_ecg.metrics import beat_classification_report
    >>> y_true = ["N", "N", "N", "S", "N", "V", "V", "F"]
    >>> y_pred = ["N", "N", "N", "N", "S", "V", "V", "V"]
    >>> records = ["100", "100", "100", "100", "208", "208", "208", "208"]
    >>> print(beat_classification_report(y_true, y_pred, records=records, digits=2))
    8 beats, counted one-vs-rest
    <BLANKLINE>
                   n       Se       +P      FPR       F1
    all beats
          N        4     0.75     0.75     0.25     0.75
          S        1     0.00     0.00     0.14     0.00
          V        2     1.00     0.67     0.17     0.80
          F        1     0.00        -     0.00     0.00
    mean over records, n of which have the class
          N        2     0.50     0.75     0.50     0.43
          S        1     0.00     0.00     0.12     0.00
          V        1     1.00     0.67     0.25     0.80
          F        1     0.00        -     0.00     0.00
    <BLANKLINE>
              accuracy   0.62
    macro F1 (N S V F)   0.39
                 kappa   0.41
                     j   1.67
                    jk   0.42
    <BLANKLINE>
                   n        s        v        f
          N        3        1        0        0
          S        1        0        0        0
          V        0        0        2        0
          F        0        0        1        0
    """
    _, by_record = count_by_record(y_true, y_pred, records, time_s, skip_s)
    counts = by_record.sum(axis=0)
    report = {"gross": scores_of(counts, counting)}
    if records is not None:
        report["record"] = mean_scores_of(by_record, counting)
    report |= {
        "accuracy": float(np.trace(counts) / counts.sum()),
        "macro_f1": macro_f1_of(counts, counting),
        "kappa": kappa(counts),
        "j_index": j_of(counts, counting),
        "jk_index": jk_of(counts, counting),
        "confusion_matrix": {
            label: dict(zip(BEAT_LABELS, row, strict=True))
            for label, row in zip(BEAT_LABELS, counts.tolist(), strict=True)
        },
    }
    return report if output_dict else _as_text(report, counting, digits)


def _as_text(report, counting, digits):
    confusion = report["confusion_matrix"]
    predicted = {label: sum(row[label] for row in confusion.values()) for label in BEAT_LABELS}
    shown = [
        label
        for label in BEAT_LABELS
        if label in MACRO_CLASSES or any(confusion[label].values()) or predicted[label]
    ]
    classes = [label for label in shown if label in AAMI_CLASSES]
    n_beats = sum(sum(confusion[label].values()) for label in AAMI_CLASSES)  # not the invented ones
    lines = [f"{n_beats} beats, counted {counting}", "", _line("", ["n", *_COLUMNS])]
    titles = {"gross": "all beats", "record": "mean over records, n of which have the class"}
    for average, title in titles.items():
        if average not in report:
            continue
        lines.append(title)
        for label in classes:
            scores = report[average][label]
            figures = [_number(scores[name], digits) for name in _COLUMNS.values()]
            lines.append(_line(label, [scores.support, *figures]))
    lines.append("")
    width = max(map(len, _SUMMARY.values()))
    for key, name in _SUMMARY.items():
        lines.append(f"{name:>{width}}   {_number(report[key], digits)}")
    lines += ["", _line("", [label.lower() for label in shown])]
    lines += [_line(label, [confusion[label][other] for other in shown]) for label in shown]
    return "\n".join(lines)


def _line(label, cells):
    return f"{label:>7}" + "".join(f"{cell:>9}" for cell in cells)


def _number(value, digits):
    return "-" if np.isnan(value) else f"{value:.{digits}f}"
