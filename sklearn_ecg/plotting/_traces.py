"""Draw the curve of a lead, and the class of each beat, on paper."""

import numpy as np

from sklearn_ecg.plotting._paper import LARGE_MV, SMALL_MV, SMALL_S
from sklearn_ecg.plotting._style import CLASS_COLORS
from sklearn_ecg.utils._runs import find_runs

MOST_MV = 4.0  # to which a row grows up or down
_NAME_S = 0.5  # the name of a lead is above the waves of so long a stretch
_GAP_COLOR = "#b8b8b8"


def draw_trace(ax, time_s, signal, baseline, *, label, is_continued=False):
    """Draw one lead with its gaps and its name.

    Parameters
    ----------
    ax : matplotlib Axes
        The sheet.
    time_s, signal : ndarray of shape (n_timesteps,)
        Time in seconds, and the signal in mV about its baseline; NaN in gaps.
    baseline : float
        Position of the baseline on the y-axis, in mV.
    label : str
        Name of the lead.
    is_continued : bool, default=False
        Whether another lead precedes this one in its row, from which a line divides it.

    Returns
    -------
    matplotlib Line2D
        The curve.
    """
    step_s = time_s[1] - time_s[0] if len(time_s) > 1 else 0.0
    is_gap = np.isnan(signal)
    (trace,) = ax.plot(time_s, baseline + signal, color="black", linewidth=0.8)
    for begin, end in find_runs(is_gap):
        ax.fill_between(
            time_s[0] + np.array([begin, end]) * step_s,
            baseline - LARGE_MV,
            baseline + LARGE_MV,
            color=_GAP_COLOR,
            alpha=0.6,
            linewidth=0,
        )
    if is_continued:
        ax.vlines(time_s[0], baseline - 0.3, baseline + 0.3, color="black", linewidth=0.8)
    label = f"{label} (missing)" if is_gap.all() else label
    beside = np.nan_to_num(signal[time_s < time_s[0] + _NAME_S]).max(initial=LARGE_MV)
    height = baseline + min(beside, MOST_MV) + SMALL_MV
    # Two signs of dollar in a name are no formula, here and elsewhere.
    style = {"fontsize": 9, "fontweight": "bold", "parse_math": False}
    ax.text(time_s[0] + SMALL_S, height, label, **style)
    return trace


def mark_beats(ax, record, begin_s, end_s, bottom, top):
    """Mark the annotated beats by their class.

    Parameters
    ----------
    ax : matplotlib Axes
        The sheet.
    record : ECGRecord
        The record.
    begin_s, end_s : float
        The drawn stretch in seconds.
    bottom, top : float
        Lower and upper edge of the sheet, in mV.
    """
    time_steps, classes = record.beats
    times_s = time_steps / record.fs
    is_drawn = (times_s >= begin_s) & (times_s < end_s)
    for kind in np.unique(classes[is_drawn]):
        of_kind = times_s[is_drawn & (classes == kind)]
        color = CLASS_COLORS[str(kind)]
        ax.vlines(
            of_kind,
            bottom,
            top - LARGE_MV,
            color=color,
            alpha=0.25 if kind == "N" else 0.8,
            linewidth=0.6,
            linestyle="--",
            label=str(kind),
        )
        for time_s in of_kind:
            ax.text(
                time_s,
                top - LARGE_MV / 2,
                str(kind),
                color=color,
                ha="center",
                va="center",
                fontsize=8,
                fontweight="normal" if kind == "N" else "bold",
            )
