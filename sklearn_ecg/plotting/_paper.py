"""The paper of electrocardiographs: 25 mm/s, 10 mm/mV, and squares of 1 and 5 mm."""

import numpy as np

from sklearn_ecg.plotting._style import MM_PER_INCH
from sklearn_ecg.utils._extras import import_extra

MM_PER_S, MM_PER_MV = 25.0, 10.0
SMALL_S, SMALL_MV = 0.04, 0.1  # a millimetre
LARGE_S, LARGE_MV = 0.2, 0.5  # five
_MARGINS_MM = {"left": 4.0, "right": 4.0, "top": 9.0, "bottom": 12.0}
_LEAST_MM = 65.0  # what the title and the scale of a single beat need
# A4 in landscape is 210 mm high, of which printers leave 5 blank at either edge.
HIGHEST_MV = (200.0 - _MARGINS_MM["top"] - _MARGINS_MM["bottom"]) / MM_PER_MV
ROOM_S = 0.48  # for the pulse, before the signal
_PULSE_S = np.array([-0.4, -0.36, -0.36, -0.16, -0.16, -0.12])
_PULSE_MV = np.array([0.0, 0.0, 1.0, 1.0, 0.0, 0.0])
_COLORS = ("#f7d9d6", "#e9aaa4")


def new_sheet(width_s, height_mv):
    """Make a figure on which a second is 25 mm and a millivolt 10 mm.

    Parameters
    ----------
    width_s, height_mv : float
        Size of the sheet; margins come on top of it.

    Returns
    -------
    matplotlib Axes
        The sheet.
    """
    pyplot = import_extra("matplotlib.pyplot", extra="plot")
    left, right, top, bottom = (_MARGINS_MM[side] for side in ("left", "right", "top", "bottom"))
    inner_mm = width_s * MM_PER_S, height_mv * MM_PER_MV
    width_mm = max(inner_mm[0] + left + right, _LEAST_MM)
    height_mm = inner_mm[1] + top + bottom
    figure = pyplot.figure(figsize=(width_mm / MM_PER_INCH, height_mm / MM_PER_INCH))
    place = left / width_mm, bottom / height_mm, inner_mm[0] / width_mm, inner_mm[1] / height_mm
    return figure.add_axes(place)


def print_paper(ax, left, right, bottom, top):
    """Set limits and scale of axes, and draw squares that begin at 0 s and 0 mV.

    Parameters
    ----------
    ax : matplotlib Axes
        The axes.
    left, right : float
        Limits in seconds.
    bottom, top : float
        Limits in mV.
    """
    for is_small, color in zip((True, False), _COLORS, strict=True):
        step_s, step_mv = (SMALL_S, SMALL_MV) if is_small else (LARGE_S, LARGE_MV)
        style = {"color": color, "linewidth": 0.35 if is_small else 0.7, "zorder": 0.5}
        ax.vlines(_multiples(step_s, left, right), bottom, top, **style)
        ax.hlines(_multiples(step_mv, bottom, top), left, right, **style)
    ax.set(xlim=(left, right), ylim=(bottom, top), yticks=[])
    ax.set_aspect(MM_PER_MV / MM_PER_S)
    ax.tick_params(labelsize=8, color=_COLORS[1])
    ax.ticklabel_format(axis="x", useOffset=False)  # hours after the beginning as well
    ax.spines[:].set_color(_COLORS[1])


def scale_in_words(*, in_own_size, gain=1.0):
    """State the scale of a sheet.

    Parameters
    ----------
    in_own_size : bool
        Whether a second of the figure is 25 mm. On axes of the caller's it is what fits, and only
        the squares tell the scale.
    gain : float, default=1.0
        Factor by which voltages are drawn.

    Returns
    -------
    str
        The scale.
    """
    if in_own_size:
        return f"{MM_PER_S:g} mm/s, {gain * MM_PER_MV:g} mm/mV"
    return f"a large square: {LARGE_S:g} s, {LARGE_MV / gain:g} mV"


def draw_pulse(ax, begin_s, baseline, gain=1.0):
    """Draw a pulse of 1 mV and 0.2 s before a row.

    Parameters
    ----------
    ax : matplotlib Axes
        The sheet.
    begin_s : float
        Where the signal begins, in seconds.
    baseline : float
        Baseline of the row, in mV.
    gain : float, default=1.0
        Factor by which the row is drawn.
    """
    ax.plot(begin_s + _PULSE_S, baseline + gain * _PULSE_MV, color="black", linewidth=0.8)


def _multiples(step, low, high):
    return step * np.arange(np.ceil(low / step - 1e-6), high / step + 1e-6)
