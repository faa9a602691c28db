"""The look that all displays share."""

from sklearn_ecg.utils._extras import import_extra

# Colours of the AAMI's classes. In print without colour all are one grey, so each mark also has the
# letter of its class; a normal beat is not news.
CLASS_COLORS = {"N": "#555555", "S": "#0067b1", "V": "#c03000", "F": "#8a3a9c", "Q": "#8c6d1f"}
MM_PER_INCH = 25.4
LETTER_MM = 1.7  # width of a letter of a name in 8 pt, at most


def new_axes(ax, *, width_mm, height_mm):
    """Take the caller's axes, or make a figure with one.

    Parameters
    ----------
    ax : matplotlib Axes or None
        The argument of the caller.
    width_mm, height_mm : float
        Size of a new figure.

    Returns
    -------
    matplotlib Axes
        The axes to draw on.
    """
    if ax is not None:
        return ax
    pyplot = import_extra("matplotlib.pyplot", extra="plot")
    size = (width_mm / MM_PER_INCH, height_mm / MM_PER_INCH)
    return pyplot.subplots(figsize=size, layout="constrained")[1]


def write_caption(ax, text):
    """Write a caption above axes, in bold."""
    ax.set_title(text, fontsize=8, fontweight="bold", loc="left", pad=3)


def clock(time_s):
    """Write a time since the start.

    Parameters
    ----------
    time_s : float
        The time in seconds.

    Returns
    -------
    str
        Hours, minutes and seconds.
    """
    minutes, seconds = divmod(round(time_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}"


def percent(share):
    """Write a share of a whole; one that is not 0 is never written as 0.

    Parameters
    ----------
    share : float
        The share, from 0 to 1.

    Returns
    -------
    str
        The share in percent.
    """
    return "0 %" if share == 0 else f"{100 * share:.1f} %" if share >= 0.0005 else "< 0.1 %"
