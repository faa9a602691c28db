"""Recordings as rows of X: the first step of a pipeline that takes files."""

from numbers import Integral, Real

import joblib
import numpy as np
from sklearn.base import TransformerMixin, _fit_context
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from sklearn_ecg.datasets._files._contents import MAX_FS, MIN_FS
from sklearn_ecg.datasets._files._duration import fit_to_duration
from sklearn_ecg.datasets._files._reading import READING_CONSTRAINTS
from sklearn_ecg.datasets._files._recording_rows import (
    FILE_OPTIONS,
    read_row,
    reading_options,
    recordings_of,
    warn_of_unit,
)
from sklearn_ecg.datasets._files._resampling import resample_record
from sklearn_ecg.utils._callbacks import CallbackSupportMixin, follow_as_one_task
from sklearn_ecg.utils._fitting import all_or_nothing
from sklearn_ecg.utils._flat_leads import without_flat
from sklearn_ecg.utils._jobs import run_jobs
from sklearn_ecg.utils._leads import lead_labels
from sklearn_ecg.utils._numbers import plain
from sklearn_ecg.utils._outputs import SignalOutputMixin
from sklearn_ecg.utils._progress import progress
from sklearn_ecg.utils._rates import with_rate
from sklearn_ecg.utils._rows import join_rows
from sklearn_ecg.utils._versions import VersionedEstimator


class RecordReader(
    SignalOutputMixin,
    TransformerMixin,
    CallbackSupportMixin,
    VersionedEstimator,
    auto_wrap_output_keys=None,
):  # type: ignore[call-arg]
    r"""Turn files and records into signals of the same leads, unit and sampling rate.

    As the first step of a pipeline, it makes recordings the rows of `X`. Train and cross-validate
    the pipeline on paths, save it, and pass it the path of a new file. The leads, the unit (mV) and
    the rate are saved with it. So it resamples a file at another rate, converts one in another
    unit, and refuses one without a lead. It learns nothing from the signals.

    Parameters
    ----------
    leads : sequence of str or of tuple of str
        Names of leads, in the wanted order. A tuple names alternatives, such as `("MLII", "II")`:
        each recording uses the first that it has. A minus in front turns a lead upside down. A limb
        lead that was not recorded is computed from two others.
    fs : float
        Sampling rate in Hz to which every recording is resampled.
    duration_s : float, default=None
        Duration in seconds to which each signal is cut or padded with NaN, so that the result is
        dense. None keeps all of each recording.
    shortest_s, longest_s : float, default=None
        Shortest and longest duration in seconds of a recording; a shorter or longer one raises an
        error. None takes any. A network that has learnt from half minutes has an answer for a
        second and for a day too, but it means nothing.
    missing_leads : {"error", "nan"}, default="error"
        Whether a lead that a recording lacks raises an error or becomes a column of NaN.
    flat_leads : {"keep", "nan"}, default="keep"
        Whether a lead keeps its value or becomes NaN where it stands still for more than a second.
        Devices write a constant while an electrode is off.
    file_fs : float, default=None
        Sampling rate in Hz of files without one.
    file_unit : str, default=None
        Unit of signals in files without one, such as `"uV"`.
    file_lead_names : sequence of str, default=None
        Names of the columns of tables and arrays, in place of those in the files, as `read_record`
        takes them. If only some files lack names, pass these as records that `read_record` made.
    file_array : str, default=None
        The array, or the waveform, that is the signal in files with several: its name or number.
    n_jobs : int, default=None
        Number of processes that read. None is one.
    verbose : int, default=0
        Whether to show a progress bar (extra `fetch`).

    Attributes
    ----------
    lead_names_ : tuple of str
        Name of each column of the signals: the first of alternatives.
    n_timesteps_ : int or None
        Time steps in each signal, if `duration_s` is given.

    See Also
    --------
    read_record : Reads one file, and lists the known formats.
    load_records : Reads many files at once, for work without a pipeline.

    Notes
    -----
    Rows are read when they are needed and not kept. `Pipeline(memory=...)` keeps them on disk
    instead of reading them again in each fit of a search. It knows a recording by its path, and
    does not notice that a file has changed: call `memory.clear()` then.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn_ecg.datasets import RecordReader
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "walk.csv")
    ...     _ = path.write_text("time (ms),Lead II (uV)\n0,120\n4,150\n8,-30\n")
    ...     reader = RecordReader(leads=[("MLII", "II")], fs=250, duration_s=0.016)
    ...     reader.fit_transform([path])[0, :, 0]
    array([ 0.12,  0.15, -0.03,   nan], dtype=float32)
    """

    _parameter_constraints = {
        "leads": ["array-like"],
        "fs": [Interval(Real, MIN_FS, MAX_FS, closed="both")],
        "duration_s": [Interval(Real, 0, None, closed="neither"), None],
        "shortest_s": [Interval(Real, 0, None, closed="neither"), None],
        "longest_s": [Interval(Real, 0, None, closed="neither"), None],
        **{name: READING_CONSTRAINTS[name] for name in ("missing_leads", *FILE_OPTIONS)},
        "flat_leads": [StrOptions({"keep", "nan"})],
        "n_jobs": [Integral, None],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        leads,
        *,
        fs,
        duration_s=None,
        shortest_s=None,
        longest_s=None,
        missing_leads="error",
        flat_leads="keep",
        file_fs=None,
        file_unit=None,
        file_lead_names=None,
        file_array=None,
        n_jobs=None,
        verbose=0,
    ):
        self.leads = leads
        self.fs = fs
        self.duration_s = duration_s
        self.shortest_s = shortest_s
        self.longest_s = longest_s
        self.missing_leads = missing_leads
        self.flat_leads = flat_leads
        self.file_fs = file_fs
        self.file_unit = file_unit
        self.file_lead_names = file_lead_names
        self.file_array = file_array
        self.n_jobs = n_jobs
        self.verbose = verbose

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=True)
    @follow_as_one_task
    def fit(self, X, y=None):
        """Check the parameters and that rows are recordings; no file is opened.

        Parameters
        ----------
        X : sequence of ECGRecord, str or Path, or such a column of shape (n_samples, 1)
            Recordings: records, or paths of files.
        y : None
            Ignored.

        Returns
        -------
        self : RecordReader
            The transformer itself.

        Raises
        ------
        TypeError
            If a row is not a recording.
        """
        recordings_of(X)
        if not len(self.leads):
            raise ValueError("leads is empty: name at least one lead.")
        duration_s = plain(self.duration_s)
        n_timesteps = None if duration_s is None else round(duration_s * plain(self.fs))
        if n_timesteps == 0:
            raise ValueError(f"duration_s={self.duration_s} is less than a time step.")
        lead_names = lead_labels(self.leads)
        if len(set(lead_names)) < len(lead_names):
            raise ValueError(f"leads={self.leads!r} names a lead twice: name each once.")
        self.lead_names_ = lead_names
        self.n_timesteps_ = n_timesteps
        return self

    def transform(self, X):
        """Read recordings.

        Parameters
        ----------
        X : sequence of ECGRecord, str or Path, or such a column of shape (n_samples, 1)
            Recordings.

        Returns
        -------
        ndarray of shape (n_samples, n_timesteps, n_leads), or 1-D object array, float32
            Signals in mV. Without `duration_s`, one array (n_timesteps_i, n_leads) for each row.

        Raises
        ------
        ECGFormatError
            If a file cannot be read; the message names it.
        FileNotFoundError
            If a file is not there.
        ValueError
            If a recording lacks a lead, or lasts less than `shortest_s` or more than `longest_s`.

        Warns
        -----
        UserWarning
            If recordings vary by less than 0.01 mV or more than 50 mV in a usual second, as signals
            in another unit do.
        """
        check_is_fitted(self)
        rows = recordings_of(X)
        reads = (joblib.delayed(self._read)(row) for row in rows)
        signals = run_jobs(reads, self.n_jobs)
        signals = list(progress(signals, "reading", len(rows), self.verbose))
        warn_of_unit(rows, signals, self.fs)
        return with_rate(join_rows(signals, ragged=self.duration_s is None), self.fs)

    def _read(self, row):
        record = read_row(row, **reading_options(self))
        lasts = f"{record.source or 'A record'} lasts {record.duration_s:.5g} s"
        if self.shortest_s is not None and record.n_timesteps < round(self.shortest_s * record.fs):
            raise ValueError(
                f"{lasts}, but shortest_s={self.shortest_s:g}: leave it out, because the model "
                "knows longer recordings only."
            )
        if self.longest_s is not None and record.n_timesteps > round(self.longest_s * record.fs):
            raise ValueError(
                f"{lasts}, but longest_s={self.longest_s:g}: pass parts of it, as "
                "record.part(start, stop), or find the rhythms of all of it by "
                "sklearn_ecg.compose.annotate_rhythms (on the command line by classify "
                "--by-strips)."
            )
        if self.flat_leads == "nan":  # before it is resampled, which moves equal values apart
            record = without_flat(record)
        record = resample_record(record, self.fs)
        if self.duration_s is not None:
            record = fit_to_duration(record, self.duration_s)
        return record.signal

    def get_feature_names_out(self, input_features=None):
        """Return the names of the leads.

        Parameters
        ----------
        input_features : None
            Ignored.

        Returns
        -------
        ndarray of str
            The names, in the order of the last axis.
        """
        check_is_fitted(self)
        return np.asarray(self.lead_names_, dtype=object)

    def __sklearn_is_fitted__(self):
        return hasattr(self, "lead_names_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        return tags
