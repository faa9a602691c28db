"""A signal on paper, coloured by what spoke for its class."""

from os import PathLike

import numpy as np
from sklearn.utils.validation import check_array

from sklearn_ecg.compose import BeatClassifier
from sklearn_ecg.datasets import ECGRecord, RecordReader
from sklearn_ecg.datasets._files._recording_rows import read_in_all_leads, reading_options
from sklearn_ecg.inspection import explain
from sklearn_ecg.plotting._ecg import ECGDisplay, names_of_leads
from sklearn_ecg.utils._extras import import_extra
from sklearn_ecg.utils._leads import label_of
from sklearn_ecg.utils._nesting import readers_of
from sklearn_ecg.utils._rates import agreed_rate
from sklearn_ecg.utils._records import in_words

# In print without colour, what speaks for the class is nearly black, and the rest is grey.
_FOR, _NOTHING, _AGAINST = "#a02000", "#d8d8d8", "#4da3e8"
_BLUR_S = 0.04  # attributions of neighbouring time steps, which alternate, are averaged
_STRENGTH = 99.5  # per cent of the values that are not beyond the end of the colours


class AttributionDisplay:
    """An electrocardiogram on paper, with a band of colour behind what made the decision.

    Red speaks for the class and blue against it. The paper is that of `ECGDisplay`, of 25 mm/s and
    10 mm/mV.

    Use :meth:`from_estimator` or :meth:`from_predictions` to draw it.

    Parameters
    ----------
    signal : array-like of shape (n_timesteps,) or (n_timesteps, n_leads)
        The signal in mV; NaN where there is none.
    attributions : array-like of the shape of `signal`
        Its attributions, as :func:`~sklearn_ecg.inspection.explain` returns them.
    fs : float
        Sampling rate in Hz.
    lead_names : sequence of str, default=None
        Name of each column. None numbers them from 0.

    Attributes
    ----------
    ax_ : matplotlib Axes
        The sheet.
    figure_ : matplotlib Figure
        Figure of the axes.
    ecg_ : ECGDisplay
        The signal on it.

    See Also
    --------
    ECGDisplay : Draws the signal alone.
    sklearn_ecg.inspection.explain : Computes attributions.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_ecg.datasets import make_ecg
    >>> from sklearn_ecg.plotting import AttributionDisplay
    >>> signal = make_ecg(5, fs=100, random_state=0).signal
    >>> attributions = np.zeros_like(signal)
    >>> attributions[200:230] = 1.0
    >>> display = AttributionDisplay.from_predictions(signal, attributions, fs=100)
    >>> display.ax_.get_xlabel()
    'time in s (25 mm/s, 10 mm/mV)'
    """

    def __init__(self, signal, attributions, *, fs, lead_names=None):
        self.signal = signal
        self.attributions = attributions
        self.fs = fs
        self.lead_names = lead_names

    def plot(self, *, start_s=0.0, duration_s=10.0, ax=None):
        """Draw a stretch of the signal, in two leads at most, those with the largest attributions.

        Parameters
        ----------
        start_s : float, default=0.0
            Start of the stretch, in seconds.
        duration_s : float, default=10.0
            Duration of the stretch in seconds, at most 300.
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure whose grid is in millimetres.

        Returns
        -------
        self : AttributionDisplay
            The display.

        Raises
        ------
        ValueError
            If the shapes differ, or an argument is not as described.
        """
        signal, values = (
            check_array(array, ensure_2d=False, ensure_all_finite="allow-nan", input_name=name)
            for name, array in (("signal", self.signal), ("attributions", self.attributions))
        )
        if signal.shape != values.shape:
            raise ValueError(
                f"attributions has shape {values.shape}, but signal has shape {signal.shape}."
            )
        values = np.nan_to_num(values.reshape(len(values), -1))
        names = names_of_leads(self.lead_names, values.shape[1])
        # A sheet has room for two leads.
        shown = np.sort(np.argsort(-np.abs(values).sum(axis=0), kind="stable")[:2])
        values = values[:, shown]
        ecg = ECGDisplay.from_signal(
            signal.reshape(len(signal), -1)[:, shown],
            self.fs,
            [names[lead] for lead in shown],
            layout="1x1" if len(shown) == 1 else "2x1",
            start_s=start_s,
            duration_s=duration_s,
            ax=ax,
        )
        kernel = np.ones(max(1, round(_BLUR_S * self.fs)))
        values = np.stack([np.convolve(lead, kernel, mode="same") for lead in values.T], axis=1)
        strength = np.percentile(np.abs(values), _STRENGTH) or np.abs(values).max() or 1.0
        first = round(start_s * self.fs)
        for trace, lead in zip(ecg.traces_, values[first:].T, strict=True):
            _color(trace, lead, strength)
        self.ecg_, self.ax_, self.figure_ = ecg, ecg.ax_, ecg.figure_
        self._set_title(ecg.ax_.get_title(loc="left"))
        return self

    @classmethod
    def from_predictions(cls, signal, attributions, *, fs, lead_names=None, **options):
        """Draw attributions that are known.

        Parameters
        ----------
        signal : array-like of shape (n_timesteps,) or (n_timesteps, n_leads)
            The signal in mV.
        attributions : array-like of the shape of `signal`
            Its attributions.
        fs : float
            Sampling rate in Hz.
        lead_names : sequence of str, default=None
            Name of each column.
        **options : dict
            See :meth:`plot`.

        Returns
        -------
        display : AttributionDisplay
            The display.
        """
        return cls(signal, attributions, fs=fs, lead_names=lead_names).plot(**options)

    @classmethod
    def from_estimator(
        cls, estimator, row, *, fs=None, method="integrated_gradients", target=None, **options
    ):
        """Explain one row, and draw it.

        Parameters
        ----------
        estimator : classifier or Pipeline
            A fitted classifier of signals, as :func:`~sklearn_ecg.inspection.explain` takes it.
        row : array-like of shape (n_timesteps[, n_leads]), ECGRecord, str or Path
            One row of `X`.
        fs : float, default=None
            Sampling rate in Hz; needed if the row does not know it.
        method : {"integrated_gradients", "occlusion"}, default="integrated_gradients"
            The method.
        target : class label, default=None
            The class to explain. None takes the most probable one.
        **options : dict
            See :meth:`plot`.

        Returns
        -------
        display : AttributionDisplay
            The display, with the class and its probability in the title.

        Raises
        ------
        ValueError
            If the sampling rate is not known, or `fs` is not that of the row.
        TypeError
            If the estimator is a `BeatClassifier`, whose attributions are not of the signal.
        """
        if isinstance(estimator, BeatClassifier):
            raise TypeError(
                "A BeatClassifier decides by features of beats, so there is nothing to draw on the "
                "signal: explain returns the attributions, and report shows them."
            )
        reader = next(iter(readers_of(estimator)), None)
        takes_records = isinstance(reader, RecordReader)
        if takes_records and isinstance(row, str | PathLike):
            row = read_in_all_leads(row, reading_options(reader))
        result = explain(estimator, [row], method=method, target=target)
        lead_names = result.lead_names
        if takes_records and isinstance(row, ECGRecord):  # the reader says the first alternative
            lead_names = [label_of(lead, row.lead_names) for lead in reader.leads]
        fs = agreed_rate(fs, result.fs, "AttributionDisplay")
        display = cls.from_predictions(
            result.signals[0],
            result.attributions[0],
            fs=fs,
            lead_names=lead_names,
            **options,
        )
        whole = in_words(len(result.signals[0]) / fs)  # of which a part may be drawn
        probability = f"{result.probabilities[0]:.2f}"
        display._set_title(f"{result.target[0]}: probability {probability} (of the whole {whole})")
        return display

    def _set_title(self, title):
        # In two lines, for which a stretch of one beat has room too.
        title += "\nred: for the class, blue: against it"
        self.ax_.set_title(title, fontsize=9, loc="left", pad=3, parse_math=False)


def _color(trace, values, strength):
    """Draw a band behind a trace, whose colour and width show values from its first point on."""
    colors = import_extra("matplotlib.colors", extra="plot")
    collections = import_extra("matplotlib.collections", extra="plot")
    points = np.column_stack(trace.get_data())
    values = values[: len(points) - 1]
    pieces = collections.LineCollection(
        np.stack([points[:-1], points[1:]], axis=1),
        cmap=colors.LinearSegmentedColormap.from_list("attribution", [_AGAINST, _NOTHING, _FOR]),
        norm=colors.Normalize(-strength, strength),
        linewidth=1 + 5 * np.minimum(np.abs(values) / strength, 1),
        capstyle="round",
        zorder=1.5,  # behind the trace, in front of the paper
    )
    pieces.set_array(values)
    trace.axes.add_collection(pieces)
