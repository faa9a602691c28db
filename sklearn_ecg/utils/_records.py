"""One electrocardiogram as it was recorded, with its leads, its name and its patient."""

from collections import Counter
from dataclasses import dataclass, field, replace
from numbers import Real
from pathlib import PureWindowsPath

import numpy as np

from sklearn_ecg.utils._aami import annotated_beats, annotated_flutter
from sklearn_ecg.utils._intervals import heart_rates, mean_heart_rate
from sklearn_ecg.utils._leads import combine_leads, lead_recipe, refuse_missing_leads
from sklearn_ecg.utils._numbers import plain
from sklearn_ecg.utils._rows import as_plain_array

RHYTHM_CHANGE = "+"  # the symbol of a mark where a rhythm begins
UNKNOWN_RHYTHM = "?"


def _no_marks(dtype):
    return lambda: (np.empty(0, dtype=np.int64), np.empty(0, dtype=dtype))


@dataclass(frozen=True, eq=False, repr=False)
class ECGRecord:
    """One electrocardiogram with the marks that came with it.

    Parameters
    ----------
    signal : ndarray of shape (n_timesteps, n_leads), dtype float32
        The signal in mV; NaN where nothing was recorded. Whole numbers become float32, and masked
        values NaN.
    fs : float
        Sampling rate in Hz.
    lead_names : tuple of str
        Name of each column of `signal`.
    annotations : tuple of (ndarray of int, ndarray of str)
        Time step and symbol of each mark, in order of time. Symbols are PhysioNet's, such as `"N"`
        for a normal beat and `"V"` for a premature ventricular one.
    rhythms : tuple of (ndarray of int, ndarray of str)
        Time step at which each rhythm begins, and its name, such as `"N"`, `"AFIB"` or `"B"`. A
        bracket before the name, as WFDB's texts have it, is dropped.
    metadata : dict
        Other facts in the file about the patient and the recording; empty by default.
    source : str, default=""
        Path of the file.
    patient : str, default=""
        The person, if known. All recordings of one person have one name.

    Raises
    ------
    ValueError
        If `signal` has no column for each of `lead_names`, `fs` is not a number above 0, or marks
        are not whole time steps in order of time, each with its symbol.

    See Also
    --------
    sklearn_ecg.datasets.read_record : Reads a file.
    sklearn_ecg.datasets.make_ecg : Makes a synthetic record.
    sklearn_ecg.datasets.write_record : Writes a record to a file.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_ecg.datasets import ECGRecord
    >>> record = ECGRecord(np.zeros((720, 2), np.float32), fs=360.0, lead_names=("MLII", "V1"))
    >>> record
    ECGRecord(2 s of MLII, V1 at 360 Hz)
    >>> record.n_timesteps, record.duration_s
    (720, 2.0)
    >>> record.leads(["V1"]).shape
    (720, 1)
    """

    signal: np.ndarray
    fs: float
    lead_names: tuple[str, ...]
    annotations: tuple[np.ndarray, np.ndarray] = field(default_factory=_no_marks("<U1"))
    rhythms: tuple[np.ndarray, np.ndarray] = field(default_factory=_no_marks("<U4"))
    metadata: dict = field(default_factory=dict)
    source: str = ""
    patient: str = ""

    def __post_init__(self):
        signal = as_plain_array(self.signal)
        # A list, a data frame, or whole numbers, among which there is no NaN.
        if not isinstance(signal, np.ndarray) or signal.dtype.kind in "iub":
            signal = np.asarray(signal, dtype=np.float32)
        if signal.dtype.kind != "f":
            raise ValueError(f"signal must hold voltages in mV, but it holds {signal.dtype}.")
        object.__setattr__(self, "signal", signal)
        is_array = isinstance(self.fs, np.ndarray) and self.fs.size == 1  # as NumPy's files hold it
        fs = self.fs.item() if is_array else plain(self.fs)
        if not isinstance(fs, Real) or not 0 < fs < np.inf:
            raise ValueError(f"fs must be a number of Hz above 0, but it is {fs!r}.")
        object.__setattr__(self, "fs", fs)
        shape = signal.shape
        are_names = all(isinstance(name, str) for name in self.lead_names)
        is_one = isinstance(self.lead_names, str)
        if is_one or not are_names or shape[1:] != (len(self.lead_names),):
            raise ValueError(
                f"signal has shape {shape} and lead_names are {self.lead_names!r}, but the signal "
                "must be of shape (n_timesteps, n_leads), with a name, a str, for each lead."
            )
        for name in ("annotations", "rhythms"):
            object.__setattr__(self, name, _check_marks(getattr(self, name), name))
        steps, names = self.rhythms
        object.__setattr__(self, "rhythms", (steps, np.char.lstrip(names, "(")))

    def __repr__(self):
        name = f"{self.name}, " if self.source else ""
        leads = ", ".join(self.lead_names) or "no lead"
        marks = f", {len(self.annotations[0])} marks" if len(self.annotations[0]) else ""
        return f"ECGRecord({name}{in_words(self.duration_s)} of {leads} at {self.fs:g} Hz{marks})"

    @property
    def n_timesteps(self):
        """Number of time steps."""
        return self.signal.shape[0]

    @property
    def duration_s(self):
        """Duration in seconds."""
        return self.n_timesteps / self.fs

    @property
    def name(self):
        """Name of the file without its suffix, or an empty str."""
        return _stem(self.source)

    @property
    def beats(self):
        """Time step and AAMI class of each annotated beat, as two ndarrays."""
        return annotated_beats(self.annotations)

    @property
    def flutter(self):
        """First and last time step of each stretch of ventricular flutter, of shape (n, 2).

        Fibrillation counts too. A stretch is from `[` to `]`, or to the end of the recording, if no
        beat follows the last `[`. Any other mark that stands alone is left out.
        """
        return annotated_flutter(self.annotations, self.n_timesteps)

    def leads(self, names, *, missing="error"):
        """Choose columns of the signal by name.

        Any two of the limb leads I, II, III, aVR, aVL and aVF determine the other four. So a limb
        lead that the record lacks is computed if the record has two others.

        Parameters
        ----------
        names : sequence of str or of tuple of str
            Names of leads, in any usual spelling and in the wanted order. A tuple names
            alternatives: the record uses the first that it has. A minus in front, as in `"-aVR"`,
            turns the lead upside down.
        missing : {"error", "nan"}, default="error"
            Whether a lead that the record lacks raises an error or becomes a column of NaN.

        Returns
        -------
        ndarray of shape (n_timesteps, len(names))
            The signal in these leads, in mV; `signal` itself if they are all of its columns, in
            their order, and a view of it if they are one column.

        Raises
        ------
        TypeError
            If `names` is one name and not a sequence.
        ValueError
            If the record lacks one of them.
        """
        if isinstance(names, str):
            raise TypeError(f"names must be a sequence of names, such as [{names!r}]; got a str.")
        recipes = [lead_recipe(name, self.lead_names) for name in names]
        if missing == "error":
            where = self.source or "The record"
            refuse_missing_leads(names, recipes, self.lead_names, where=where)
        return combine_leads(self.signal, recipes)

    def part(self, start, stop=None):
        """Cut out a part of the record, with its marks.

        A rhythm or ventricular flutter that begins before the part begins with it, and flutter that
        ends later ends with it.

        Parameters
        ----------
        start, stop : int or None
            First time step, and the one after the last, as of a slice: negative ones count from the
            end. None is the beginning, or the end.

        Returns
        -------
        ECGRecord
            The part, with the file, the patient and the metadata of the record. Its time steps
            count from `start`. Its signal is a view.

        Raises
        ------
        ValueError
            If there is no time step from `start` to `stop`.
        TypeError
            If `start` or `stop` is not a whole number.

        Examples
        --------
        >>> from sklearn_ecg.datasets import make_ecg
        >>> record = make_ecg(duration_s=60, fs=250, heart_rate=60, random_state=0)
        >>> record.part(2500, 5000)  # the second ten seconds
        ECGRecord(10 s of II at 250 Hz, 10 marks)
        """
        try:
            first, end, _ = slice(start, stop).indices(self.n_timesteps)
        except TypeError:
            raise TypeError(
                f"start={start!r} and stop={stop!r} must be time steps, as whole numbers, or None."
            ) from None
        if first >= end:
            raise ValueError(
                f"{self.source or 'The record'} has {self.n_timesteps} time steps, and none from "
                f"start={start} to stop={stop}."
            )
        times, symbols = self.annotations
        inside = slice(*np.searchsorted(times, [first, end]))
        begin, stops = self.flutter.T
        cut = [int(((begin < step) & (step <= stops)).any()) for step in (first, end)]
        annotations = (
            np.pad(times[inside], cut, constant_values=(first, end - 1)) - first,
            np.pad(symbols[inside], cut, constant_values=("[", "]")),
        )
        begins, names = self.rhythms
        since = max(0, np.searchsorted(begins, first, side="right") - 1)
        until = np.searchsorted(begins, end)
        rhythms = np.maximum(begins[since:until] - first, 0), names[since:until]
        return replace(
            self, signal=self.signal[first:end], annotations=annotations, rhythms=rhythms
        )

    def heart_rate(self):
        """Compute the heart rate at each annotated beat but the first.

        Returns
        -------
        ndarray of shape (n_beats - 1,)
            Beats per minute, each from the interval that ends with the beat. Beats that are marked
            twice at one time step count once. NaN where no rate is known: the interval is longer
            than 30 s, all leads are missing for 0.1 s in it or stand still for a second, which may
            hide a beat, or there is ventricular flutter in it.

        Examples
        --------
        >>> from sklearn_ecg.datasets import make_ecg
        >>> record = make_ecg(duration_s=10, fs=250, heart_rate=60, random_state=0)
        >>> int(record.heart_rate().mean().round())
        60
        """
        return heart_rates(np.unique(self.beats[0]), self.signal, self.flutter, self.fs)

    def describe(self):
        """Summarize the record.

        Returns
        -------
        dict
            `duration_s`, `fs`, `lead_names`, `missing` (share of each lead that is NaN), `beats`
            (how many of each AAMI class) and `heart_rate` (the mean, None where none is known).

        Examples
        --------
        >>> from sklearn_ecg.datasets import make_ecg
        >>> record = make_ecg(duration_s=10, fs=250, heart_rate=60, random_state=0)
        >>> record.describe()["beats"]
        {'N': 10}
        """
        _, classes = self.beats
        rates = self.heart_rate()
        known_rates = rates[~np.isnan(rates)]
        return {
            "duration_s": self.duration_s,
            "fs": self.fs,
            "lead_names": self.lead_names,
            "missing": dict(
                zip(self.lead_names, np.isnan(self.signal).mean(axis=0).tolist(), strict=True)
            ),
            "beats": dict(sorted(Counter(classes.tolist()).items())),
            "heart_rate": mean_heart_rate(known_rates) if len(known_rates) else None,
        }


def _check_marks(marks, name):
    """Return the time steps of marks as int64, whose differences do not wrap, and their symbols."""
    wanted = f"{name} must be the time steps of marks, as whole numbers, and a symbol for each"
    try:
        steps, symbols = map(np.asarray, marks)
    except (TypeError, ValueError):
        raise ValueError(f"{wanted}; got {marks!r:.60}, which is not a pair.") from None
    are_whole = steps.dtype.kind in "iu" or not steps.size
    if steps.ndim != 1 or steps.shape != symbols.shape or not are_whole:
        raise ValueError(
            f"{wanted}; got {steps.dtype} of shape {steps.shape} and symbols of shape "
            f"{symbols.shape}."
        )
    symbols = symbols if symbols.dtype.kind == "U" else symbols.astype(str)
    steps = steps.astype(np.int64, copy=False)
    backwards = np.flatnonzero(np.diff(steps) < 0)
    if backwards.size:
        i = backwards[0]
        raise ValueError(
            f"{name} must be in order of time, but time step {steps[i + 1]} follows {steps[i]}."
        )
    return steps, symbols


def check_records(records):
    """Check that all records are recordings.

    Parameters
    ----------
    records : ECGRecord or sequence of ECGRecord
        One recording or several.

    Returns
    -------
    list of ECGRecord
        The recordings.

    Raises
    ------
    ValueError
        If there are none.
    TypeError
        If one of them is not a recording.
    """
    records = [records] if isinstance(records, ECGRecord) else list(records)
    if not records:
        raise ValueError("records is empty: give at least one record.")
    for i, record in enumerate(records):
        if not isinstance(record, ECGRecord):
            raise TypeError(
                f"records must be one or several of ECGRecord; number {i} is of type "
                f"{type(record).__name__}. read_record(path) returns the ECGRecord of a file."
            )
    return records


def record_names(sources):
    """Name records by their files, each by a name of its own.

    Parameters
    ----------
    sources : sequence of str or Path
        Path of each record; empty for a record without a file.

    Returns
    -------
    ndarray of str
        The name of each file without its suffix. If names repeat, the paths. If paths repeat or
        are empty, the position of each record.
    """
    for names in ([_stem(source) for source in sources], [str(s) for s in sources]):
        if all(names) and len(set(names)) == len(names):
            return np.array(names)
    return np.array([str(i) for i in range(len(sources))])


def record_groups(records):
    """Return the patient of each recording.

    Parameters
    ----------
    records : list of ECGRecord
        Recordings.

    Returns
    -------
    ndarray of str
        The patient of each record; where none is known, a patient with the name of the file.
    """
    return name_patients(
        [record.source for record in records], [record.patient for record in records]
    )


def name_patients(sources, patients):
    """Name the patient of each recording; each file without a known patient is one of its own.

    Parameters
    ----------
    sources : sequence of str or Path
        Path of each recording; empty for one without a file.
    patients : sequence of str
        The patient of each; empty where none is known.

    Returns
    -------
    ndarray of str
        The patients. One who is not known has the name of the file, or the position of a recording
        without a file, with a `_` if another one has this name.
    """
    files = [str(source) or str(i) for i, source in enumerate(sources)]
    distinct = list(dict.fromkeys(files))
    names, taken = dict(zip(distinct, record_names(distinct).tolist(), strict=True)), set(patients)
    for file, name in names.items():
        while name in taken:
            name += "_"
        names[file] = name
        taken.add(name)
    return np.array([patient or names[file] for patient, file in zip(patients, files, strict=True)])


def without_suffix(path):
    """Take the suffix off a path, unless it is a number.

    Files of DICOM are often named by their identifiers alone, without `.dcm`: the last number is a
    part of the name, without which it is that of another one.

    Parameters
    ----------
    path : PurePath
        The path.

    Returns
    -------
    PurePath
        The path without suffix, or as it is.

    Examples
    --------
    >>> from pathlib import PurePosixPath
    >>> [str(without_suffix(PurePosixPath(name))) for name in ("day.edf", "1.2.840.7", "")]
    ['day', '1.2.840.7', '.']
    """
    suffix = path.suffix.removeprefix(".")
    return path.with_suffix("") if suffix and not suffix.isdecimal() else path


def _stem(source):
    return without_suffix(PureWindowsPath(source)).name  # of Windows, which takes both slashes


def in_words(duration_s):
    """Write a duration in the unit that suits it.

    Parameters
    ----------
    duration_s : float
        Duration in seconds.

    Returns
    -------
    str
        The duration with its unit.

    Examples
    --------
    >>> in_words(10), in_words(1800), in_words(86400)
    ('10 s', '30 min', '24 h')
    """
    for unit, seconds in (("h", 3600), ("min", 60)):
        if duration_s >= 2 * seconds:
            return f"{duration_s / seconds:.3g} {unit}"
    return f"{duration_s:.3g} s"
