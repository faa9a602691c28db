"""An electrocardiogram on paper."""

from dataclasses import replace
from numbers import Real

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions, validate_params
from sklearn.utils.validation import check_array, column_or_1d

from sklearn_ecg.plotting._layouts import LAYOUTS, cells_of
from sklearn_ecg.plotting._paper import (
    HIGHEST_MV,
    LARGE_MV,
    ROOM_S,
    SMALL_MV,
    draw_pulse,
    new_sheet,
    print_paper,
    scale_in_words,
)
from sklearn_ecg.plotting._traces import MOST_MV, draw_trace, mark_beats
from sklearn_ecg.utils._records import ECGRecord, check_records, in_words
from sklearn_ecg.utils._rows import as_plain_array

_LONGEST_S = 300.0  # 7.5 m of paper
_FEWEST_TIMESTEPS = 4  # one in each column
_SHADE_COLOR = "#f0a000"
_NUMBER_S = 0.3  # on paper, a number is so wide


class ECGDisplay:
    """An electrocardiogram on paper of 25 mm/s and 10 mm/mV.

    The grid is true when the figure is printed in its own size: a small square is 1 mm, 0.04 s and
    0.1 mV, and a large one 5 mm, 0.2 s and 0.5 mV. Ten seconds fit A4 in landscape.

    Use :meth:`from_record` or :meth:`from_signal` to draw it.

    Parameters
    ----------
    record : ECGRecord
        The record to draw. Its annotated beats are marked by their class.
    segment_probabilities : array-like of shape (n_segments,), default=None
        A probability for each segment of the record, from its start on; NaN for none. The more
        probable, the darker the segment is shaded. One of 0.3 s or more has its number below.
        Segments must not overlap.
    segment_length_s : float, default=None
        Length of a segment in seconds; needed with `segment_probabilities`.

    Attributes
    ----------
    ax_ : matplotlib Axes
        The sheet. Its x-axis is the time in the record in seconds, its y-axis mV from the baseline
        of the lowest row.
    figure_ : matplotlib Figure
        Figure of the axes.
    baselines_ : ndarray of shape (n_rows,)
        Position of the baseline of each row on the y-axis, in mV, from above.
    traces_ : list of matplotlib Line2D
        The drawn signals, in the order of `leads`. In layout `"3x4"` the rhythm strip is the last.

    See Also
    --------
    HolterDisplay : A long recording on a page.

    Notes
    -----
    The baseline of a lead is the median of its drawn part, so that an offset of the electrode moves
    no trace off the paper. All rows share the time: waves below each other happened at once, and
    columns follow each other. Gaps (NaN) are grey.

    Examples
    --------
    >>> from sklearn_ecg.datasets import make_ecg
    >>> from sklearn_ecg.plotting import ECGDisplay
    >>> record = make_ecg(10, fs=250, premature={"V": 0.2}, random_state=0)
    >>> display = ECGDisplay.from_record(record)
    >>> display.ax_.get_xlabel()
    'time in s (25 mm/s, 10 mm/mV)'
    >>> display.figure_.savefig("ecg.pdf")  # doctest: +SKIP
    """

    def __init__(self, record, *, segment_probabilities=None, segment_length_s=None):
        self.record = record
        self.segment_probabilities = segment_probabilities
        self.segment_length_s = segment_length_s

    @validate_params(
        {
            "layout": [StrOptions(LAYOUTS)],
            "leads": ["array-like", None],
            "start_s": [Interval(Real, 0, None, closed="left")],
            "duration_s": [Interval(Real, 0, _LONGEST_S, closed="right")],
        },
        prefer_skip_nested_validation=True,
    )
    def plot(self, *, layout="auto", leads=None, start_s=0.0, duration_s=10.0, ax=None):
        """Draw a stretch of the record.

        Parameters
        ----------
        layout : {"auto", "1x1", "2x1", "3x1", "3x4", "6x2"}, default="auto"
            Rows x columns of leads; `"3x4"` has the rhythm strip of lead II below. `"auto"` takes
            what suits the leads.
        leads : sequence of str or of tuple of str, default=None
            Names of leads, column by column, as :meth:`~sklearn_ecg.datasets.ECGRecord.leads` takes
            them. None takes the first of the record, or the standard twelve. A lead that the record
            lacks stays empty.
        start_s : float, default=0.0
            Start of the stretch, in seconds.
        duration_s : float, default=10.0
            Duration of the stretch in seconds, at most 300. It ends with the record.
        ax : matplotlib Axes, default=None
            Axes to draw on. None makes a figure whose grid is in millimetres; on other axes the
            squares stay square, and the label states what a square is.

        Returns
        -------
        self : ECGDisplay
            The display.

        Raises
        ------
        ValueError
            If an argument is not as described, or the stretch begins after the end.
        """
        self._check_segments()
        record = self.record
        cells = cells_of(layout, leads, record.lead_names)
        first, last = (round(time * record.fs) for time in (start_s, start_s + duration_s))
        stretch = replace(record, signal=record.signal[first:last])
        last = first + stretch.n_timesteps
        if stretch.n_timesteps < _FEWEST_TIMESTEPS:
            raise ValueError(
                f"start_s={start_s:g} and duration_s={duration_s:g} leave {stretch.n_timesteps} "
                f"time steps of the record, which lasts {record.duration_s:g} s: too few to draw."
            )
        signals = stretch.leads([cell.lead for cell in cells], missing="nan")
        signals = signals - _medians(signals)
        baselines, bottom, top = _place_rows(cells, signals)
        begin_s, end_s = first / record.fs, last / record.fs
        left, right = begin_s - ROOM_S, end_s
        scale = scale_in_words(in_own_size=ax is None)
        if ax is None:
            ax = new_sheet(right - left, top - bottom)
        print_paper(ax, left, right, bottom, top)
        ax.set_xlabel(f"time in s ({scale})", fontsize=8, loc="left")
        for baseline in baselines:
            draw_pulse(ax, begin_s, baseline)
        time_s = np.arange(first, last) / record.fs
        traces = [
            draw_trace(
                ax,
                cell.part_of(time_s),
                cell.part_of(signal),
                baselines[cell.row],
                label=cell.label,
                is_continued=cell.begin > 0,
            )
            for cell, signal in zip(cells, signals.T, strict=True)
        ]
        self._shade_segments(ax, begin_s, end_s, bottom)
        mark_beats(ax, record, begin_s, end_s, bottom, top)
        ax.set_xticks(np.arange(np.ceil(begin_s), end_s + 1e-9))
        title = f"{record.name}, " if record.name else ""
        if stretch.n_timesteps < record.n_timesteps:
            title += f"{in_words(stretch.duration_s)} of "
        title += in_words(record.duration_s)
        ax.set_title(title, fontsize=9, loc="left", parse_math=False)
        self.ax_, self.figure_, self.baselines_, self.traces_ = ax, ax.figure, baselines, traces
        return self

    @classmethod
    def from_record(
        cls,
        record,
        *,
        layout="auto",
        leads=None,
        start_s=0.0,
        duration_s=10.0,
        segment_probabilities=None,
        segment_length_s=None,
        ax=None,
    ):
        """Draw a stretch of a record, and its beats if it is annotated.

        Parameters
        ----------
        record : ECGRecord
            The record to draw.
        layout : {"auto", "1x1", "2x1", "3x1", "3x4", "6x2"}, default="auto"
            See :meth:`plot`.
        leads : sequence of str or of tuple of str, default=None
            See :meth:`plot`.
        start_s : float, default=0.0
            Start of the stretch, in seconds.
        duration_s : float, default=10.0
            Duration of the stretch in seconds, at most 300.
        segment_probabilities : array-like of shape (n_segments,), default=None
            A probability for each segment of the record, by which it is shaded.
        segment_length_s : float, default=None
            Length of a segment in seconds.
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure.

        Returns
        -------
        display : ECGDisplay
            The display.

        Raises
        ------
        TypeError
            If `record` is not a record.
        ValueError
            If an argument is not as described, or the stretch begins after the end.
        """
        (record,) = check_records([record])
        display = cls(
            record,
            segment_probabilities=segment_probabilities,
            segment_length_s=segment_length_s,
        )
        return display.plot(
            layout=layout, leads=leads, start_s=start_s, duration_s=duration_s, ax=ax
        )

    @classmethod
    def from_signal(cls, signal, fs, lead_names=None, **options):
        """Draw a signal, such as a row of `X`.

        Parameters
        ----------
        signal : array-like of shape (n_timesteps,) or (n_timesteps, n_leads)
            The signal in mV; NaN where there is none.
        fs : float
            Sampling rate in Hz.
        lead_names : sequence of str, default=None
            Name of each column. None numbers them from 0.
        **options : dict
            See :meth:`from_record`.

        Returns
        -------
        display : ECGDisplay
            The display.

        Raises
        ------
        ValueError
            If an argument is not as described, or there are not as many names as leads.

        Examples
        --------
        >>> from sklearn_ecg.datasets import make_ecg_classification
        >>> from sklearn_ecg.plotting import ECGDisplay
        >>> X, y, _ = make_ecg_classification(4, fs=100, random_state=0)
        >>> display = ECGDisplay.from_signal(
        ...     X[1], 100, ["II"], segment_probabilities=[0.1, 0.9], segment_length_s=2.5
        ... )
        >>> [round(float(limit), 2) for limit in display.ax_.get_xlim()]
        [-0.48, 5.0]
        """
        signal = check_array(
            as_plain_array(signal),
            ensure_2d=False,
            ensure_all_finite="allow-nan",
            dtype=[np.float32, np.float64],
            input_name="signal",
        )
        signal = signal[:, None] if signal.ndim == 1 else signal
        if not fs > 0:
            raise ValueError(f"fs={fs!r} must be more than 0 Hz.")
        names = names_of_leads(lead_names, signal.shape[1])
        record = ECGRecord(signal, fs=float(fs), lead_names=tuple(names))
        return cls.from_record(record, **options)

    def _check_segments(self):
        if (self.segment_probabilities is None) != (self.segment_length_s is None):
            raise ValueError("Pass segment_probabilities and segment_length_s together.")
        if self.segment_probabilities is None:
            return
        values = column_or_1d(self.segment_probabilities, dtype=float)
        if not ((values >= 0) & (values <= 1) | np.isnan(values)).all():
            raise ValueError("segment_probabilities must be between 0 and 1, or NaN.")
        if not self.segment_length_s > 0:
            raise ValueError(f"segment_length_s={self.segment_length_s!r} must be more than 0.")
        last = np.flatnonzero(~np.isnan(values))[-1:]  # what follows it is padding
        if (last * self.segment_length_s >= self.record.duration_s).any():
            raise ValueError(
                f"segment_probabilities has {len(values)} segments of {self.segment_length_s:g} s, "
                f"the last of which would begin after the record's {self.record.duration_s:g} s: "
                "pass those of segments that do not overlap, of this record."
            )

    def _shade_segments(self, ax, start_s, stop_s, bottom):
        if self.segment_probabilities is None:
            return
        length = self.segment_length_s
        for number, probability in enumerate(self.segment_probabilities):
            begin, end = max(number * length, start_s), min((number + 1) * length, stop_s)
            if begin < end and not np.isnan(probability):
                ax.axvspan(begin, end, color=_SHADE_COLOR, alpha=0.5 * probability, linewidth=0)
                if end - begin < _NUMBER_S:
                    continue
                ax.text(
                    (begin + end) / 2,
                    bottom + SMALL_MV,
                    f"{probability:.2f}",
                    ha="center",
                    fontsize=8,
                    clip_on=True,
                )


def names_of_leads(lead_names, n_leads):
    """Return the names of the columns of a signal; None numbers them, as errors and features do."""
    if lead_names is None:
        return [f"lead {number}" for number in range(n_leads)]
    if len(lead_names) != n_leads:
        raise ValueError(
            f"lead_names has {len(lead_names)} names, but signal has {n_leads} columns."
        )
    return list(lead_names)


def _medians(signals):
    """Return the median of each column, 0 of one without a value."""
    recorded = [values[~np.isnan(values)] for values in signals.T]
    medians = [np.median(values) if len(values) else 0.0 for values in recorded]
    return np.array(medians, dtype=signals.dtype)


def _place_rows(cells, signals):
    """Return the baseline of each row, and the lower and the upper edge of the sheet, in mV.

    A row is as high as its waves, in whole large squares, with one more for the names of leads. If
    that would not fit A4, rows move closer, and high waves run into the next row as on any paper.
    """
    n_rows = max(cell.row for cell in cells) + 1
    above, below = np.full(n_rows, 1.0), np.full(n_rows, 0.5)
    for cell, signal in zip(cells, np.nan_to_num(signals).T, strict=True):
        part = cell.part_of(signal)
        above[cell.row] = max(above[cell.row], part.max())
        below[cell.row] = max(below[cell.row], -part.min())
    above, below = (
        LARGE_MV * np.ceil(np.minimum(extent, MOST_MV) / LARGE_MV) for extent in (above, below)
    )
    above += LARGE_MV
    steps = below[:-1] + above[1:]
    # At either edge there is room for what concerns the whole sheet.
    edges = below[-1] + LARGE_MV, above[0] + LARGE_MV
    room = HIGHEST_MV - sum(edges)
    if steps.sum() > room:
        steps = SMALL_MV * np.floor(steps * room / steps.sum() / SMALL_MV)
    baselines = np.append(np.cumsum(steps[::-1])[::-1], 0.0)
    return baselines, -edges[0], baselines[0] + edges[1]
