"""Read one electrocardiogram from a file of any format."""

import re
from collections import Counter
from numbers import Real
from os import PathLike
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from sklearn_ecg.datasets._files._contents import (
    MAX_FS,
    MIN_FS,
    Channel,
    ECGFormatError,
    Options,
    check_fs,
    check_n_leads,
    check_n_values,
)
from sklearn_ecg.datasets._files._resampling import resample_record
from sklearn_ecg.utils._leads import (
    combine_leads,
    is_known_lead,
    lead_labels,
    lead_recipe,
    normalize_lead_name,
    refuse_missing_leads,
)
from sklearn_ecg.utils._numbers import plain
from sklearn_ecg.utils._readable import refuse_no_file
from sklearn_ecg.utils._records import ECGRecord
from sklearn_ecg.utils._rows import VALUES_AT_ONCE, are_surely_finite
from sklearn_ecg.utils._units import is_other_unit, millivolts_per_unit
from sklearn_ecg.utils._warning import ignored_logs, ignored_warnings, warn_user

_MAX_LISTED = 6
_LOGGERS = "bioread", "pydicom"  # of libraries that log what they read
_NO_ECG = re.compile("EEG|EOG|EMG|RESP|PLETH", re.IGNORECASE)  # signals of sleep and of monitors
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+:/", re.IGNORECASE)  # a drive has one letter
_RATE = [Interval(Real, MIN_FS, MAX_FS, closed="both"), None]
# Options that load_records also takes and passes on.
READING_CONSTRAINTS = {
    "leads": ["array-like", None],
    "missing_leads": [StrOptions({"error", "nan"})],
    "fs": _RATE,
    "annotator": [str, None],
    "file_fs": _RATE,
    "file_unit": [str, None],
    "file_lead_names": ["array-like", None],
    "file_array": [str, None],
    "metadata_policy": [StrOptions({"drop", "keep"})],
}


@validate_params(
    {"path": [str, PathLike], **READING_CONSTRAINTS}, prefer_skip_nested_validation=True
)
def read_record(
    path,
    *,
    leads=None,
    missing_leads="error",
    fs=None,
    annotator=None,
    file_fs=None,
    file_unit=None,
    file_lead_names=None,
    file_array=None,
    metadata_policy="drop",
):
    r"""Read an electrocardiogram from a file, in mV.

    The content of the file decides the format. Signals that are not voltages, such as respiration
    or blood pressure, are left out. Names of leads are normalized: `"ECG II"`, `"Lead II"` and
    `"ii"` become `"II"`.

    Parameters
    ----------
    path : str or Path
        The file. You may also name a WFDB record without suffix, or by its signal file. A file with
        exactly this name takes precedence, and a table of text is read as a table even beside a
        header.
    leads : sequence of str or of tuple of str, default=None
        Names of leads, in the wanted order, as in :meth:`ECGRecord.leads`: a tuple names
        alternatives, a minus as in `"-aVR"` turns a lead upside down, and a limb lead that the file
        lacks is computed from two others. None takes all leads, which must have one sampling rate.
        An empty list reads annotations without signals.
    missing_leads : {"error", "nan"}, default="error"
        Whether a lead that the file lacks raises an error or becomes a column of NaN. A record that
        is all NaN raises a warning, and so does one with leads of unknown names beside.
    fs : float, default=None
        Wanted sampling rate in Hz. A polyphase filter resamples the signal, and annotations move
        along. None keeps the rate of the file.
    annotator : str, default=None
        Suffix of the annotation file of a WFDB record, such as `"atr"`, or of ISHNE, `"ann"`. None
        reads no such file. Annotations within an EDF+ file are always read.
    file_fs : float, default=None
        Sampling rate in Hz of a file without one (tables without time, arrays).
    file_unit : str, default=None
        Unit (`"V"`, `"mV"`, `"uV"`, `"nV"`) of signals without a unit, or with a unit that is not
        understood, such as `"{ADC}"`. It does not replace a known unit, so a signal in bpm does
        not become a lead.
    file_lead_names : sequence of str, default=None
        Names of the columns of a table or of an array, in place of those in the file. They name
        its signals or, for a table, all its columns of numbers, such as `["time (ms)", "II"]`.
        If the file has one of these names for another column, that is an error.
    file_array : str, default=None
        The array that holds the signal in a file with several (NPZ, MATLAB, HDF5): its name, its
        path in the file, or its number in the error that lists the arrays. Or the waveform of
        DICOM, HL7 aECG or MUSE: its name or its number, from 0. By default the rhythm of DICOM or
        aECG is read, and a warning names the other waveforms.
    metadata_policy : {"drop", "keep"}, default="drop"
        Whether to drop all facts about the patient and the recording (names, identifiers, dates,
        free text), or to return them as the record's `metadata`. With `"drop"` none of them
        appears in the record, in a warning or in an error, unless it is the name of a lead.

    Returns
    -------
    ECGRecord
        The record: signal in mV as float32, with NaN where nothing was recorded.

    Raises
    ------
    ECGFormatError
        If the file is damaged, contradicts itself, or has an unknown format; or if the wanted
        leads differ in sampling rate.
    FileNotFoundError
        If the file, or a file that belongs to it, is not there.
    ImportError
        If the package that reads the format is not installed; the message names the extra.
    ValueError
        If the file lacks a wanted lead, `file_unit` is no unit of voltage, or `annotator` a path.

    Warns
    -----
    UserWarning
        If the file was not read as it may be meant: without a last part, with lines that may be
        missing, with a gain that is not applied, or with `leads=None`, a column of no known name
        that `file_unit` makes a lead.

    See Also
    --------
    write_record : Write a file.
    load_records : Read many files into `X` and `groups`.

    Notes
    -----
    ========  ======================================  =========================================
    format    recognized by                           content read
    ========  ======================================  =========================================
    WFDB      a header (`.hea`) as it or beside it    all formats of signals; `.dat` and `.mat`;
                                                      several segments; gaps are NaN
    EDF, BDF  its first bytes                         EDF, EDF+C and EDF+D, whose gaps are NaN
    DICOM     its mark, or its first element          the rhythm, or what `file_array` names,
                                                      uncompressed
    SCP-ECG   its first section                       the rhythm, with the codes of Huffman, but
                                                      not with reference beats subtracted
    aECG      XML, its first element                  HL7 aECG: the first series of rhythm
    MUSE      XML, its first element                  the rhythm, and beats as marks `"Q"`
    Philips   XML, its first element                  the rhythm, compressed as XLI or not
    ISHNE     its first bytes                         all leads; `annotator="ann"` for beats
    Biopac    `.acq` and its revision                 channels of voltages, event markers
    CSV, TSV  lines of numbers                        names in the line before, or by
                                                      `file_lead_names`; units as in `II (mV)`
                                                      or in a second line; a column of time; an
                                                      empty cell and a missing line are NaN
    NPY       its first bytes                         1 or 2 axes, of which the longer is time
    NPZ       the arrays in it                        as NPY: the array `signal`, `ecg`, `val` or
                                                      `data`, or the only one; `fs`, `lead_names`
                                                      and `unit` if there
    MATLAB    its first bytes                         versions 4 to 7, as NPZ; the array may
                                                      be a field of a structure
    HDF5      its first bytes                         as NPZ, attributes included; OpenSignals;
                                                      MATLAB 7.3
    ========  ======================================  =========================================

    Separators of tables are tabs, semicolons, commas or blanks; encodings are UTF-8, UTF-16 and
    Windows-1252. A column with a name such as time or timestamp, or a first one with a unit of
    time, may count min, s, ms, us or ns from any day, or days as Excel and MATLAB do; a column of
    any name may hold times with seconds, such as `2026-01-31 12:00:00.004`,
    `31/01/2026 12:00:00.004`, `12:00:00.004 PM` or, of minutes, `0:00.004` (as Excel saves times).
    Of dates such as 5/6 and 6/6 the order is the one that puts them close together. Columns of
    words are ignored, and those that count the lines tell only, in a table without time, which
    lines are missing. Lines before a table may state what it lacks: the rate, as in `# fs: 250 Hz`;
    names and units in files of watches (of Apple in any language), LabChart and AcqKnowledge.
    Values of a converter (OpenSignals, BioSPPy) have no unit, so they need `file_unit`. Where
    sensors were joined, lines without a lead are passed over. A table of several recordings or
    leads below each other is refused.

    HDF5 needs `sklearn-ecg[hdf5]`, DICOM `sklearn-ecg[dicom]`, Biopac `sklearn-ecg[biopac]`, and
    signals of WFDB in FLAC `sklearn-ecg[flac]`.

    Texts of annotations may name a person: an EDF+ annotation keeps its time, but its text only if
    it is one of WFDB's symbols or, as in `"(AFIB"`, one of its rhythms; otherwise the symbol is
    `'"'`, WFDB's for a comment. Annotations outside the signal are dropped.

    Files are hostile until parsed. The reader opens nothing outside the folder of a WFDB header,
    and unpickles and downloads nothing. No file unfolds to a signal out of proportion to its size.

    References
    ----------
    WFDB: https://physionet.org/physiotools/wag/ ; EDF+: doi:10.1016/S1388-2457(03)00123-8

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn_ecg.datasets import read_record
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "walk.csv")
    ...     _ = path.write_text("time (ms),Lead II (uV)\n0,120\n4,150\n8,-30\n")
    ...     record = read_record(path)
    >>> record.fs, record.lead_names
    (250.0, ('II',))
    >>> record.signal[:, 0]
    array([ 0.12,  0.15, -0.03], dtype=float32)
    """
    if file_unit is not None and millivolts_per_unit(file_unit) is None:
        raise ValueError(f"file_unit={file_unit!r} is no unit of voltage: state V, mV, uV or nV.")
    if annotator is not None and (not annotator or Path(annotator).name != annotator):
        raise ValueError(f'annotator={annotator!r} must be a suffix such as "atr", and no path.')
    path, fs, file_fs = existing_file(Path(path)), plain(fs), plain(file_fs)
    if not path.stat().st_size:
        raise ECGFormatError(f"{path} is empty.")
    options = Options(
        fs=file_fs,
        unit=file_unit,
        lead_names=file_lead_names,
        annotator=annotator,
        array=file_array,
        keeps_metadata=metadata_policy == "keep",
    )
    contents, assumed = _only_format_errors(path, lambda: _open(path, options))
    if contents.note:
        warn_user(f"{path} {contents.note}.")
    if leads is None and assumed:
        _warn_of_assumed_leads(path, assumed)
    choice = _choose(contents.channels, leads, missing_leads, path)
    record = _only_format_errors(path, lambda: _decode(contents, choice, path))
    # The first value decides at once for nearly all records.
    if record.signal.size and np.isnan(record.signal[0]).all() and np.isnan(record.signal).all():
        warn_of_nothing(path, () if any(choice.recipes) else choice.names)
    if fs is None or fs == record.fs:
        return record
    n_values = int(record.signal.size * fs / record.fs)
    _only_format_errors(path, lambda: check_n_values(n_values, record.signal.nbytes))
    return resample_record(record, fs)


def warn_of_nothing(where, absent):
    """Warn of a recording that is all NaN.

    Parameters
    ----------
    where : str or Path
        Its name.
    absent : tuple of str
        The wanted leads, if it has none of them.
    """
    reason = f", because it has none of {', '.join(absent)}" if absent else ""
    warn_user(f"{where} gives nothing but NaN{reason}.")


def warn_of_unknown_names(where, leads, recipes, available):
    """Warn if some wanted leads are missing, which may be there by names that are not known.

    Parameters
    ----------
    where : str or Path
        Name of the recording.
    leads : sequence of str or of tuple of str
        Wanted leads.
    recipes : list of (dict of int to float, or None)
        The result of `lead_recipe` for each.
    available : sequence of str
        Names of the leads of the recording.
    """
    missing = [lead for lead, recipe in zip(leads, recipes, strict=True) if recipe is None]
    used = {position for recipe in recipes if recipe for position in recipe}
    unknown = [
        name
        for i, name in enumerate(available)
        if i not in used and not is_known_lead(name) and not _NO_ECG.match(name)
    ]
    if missing and unknown and used:  # of a recording with none of them there is another warning
        shown = ", ".join(unknown[:_MAX_LISTED]) + ", ..." * (len(unknown) > _MAX_LISTED)
        warn_user(  # with an example of its own: nobody here knows which of the names is which lead
            f"{where} has no lead {', '.join(lead_labels(missing))}. It has {shown}, by which no "
            'lead is known: if one is the same, name both, as in leads=[("V1", "C1")].'
        )


def _warn_of_assumed_leads(path, names):
    """Warn of signals that become leads because of `file_unit`, among others that are known."""
    unknown = [name for name in names if not is_known_lead(name)]
    if unknown and len(unknown) < len(names):
        shown = ", ".join(unknown[:_MAX_LISTED]) + ", ..." * (len(unknown) > _MAX_LISTED)
        warn_user(
            f"{path} says no unit of {shown}, by which no lead is known, so that file_unit makes "
            "leads of them: if they are none, name the wanted leads, or leave those columns out."
        )


def existing_file(path):
    """Return the path of a file, or of the header of a WFDB record that it names.

    Parameters
    ----------
    path : Path
        The file, or the name of the record.

    Returns
    -------
    Path
        What is there.

    Raises
    ------
    OSError
        If there is none: nothing, a folder, a pipe, or an address.
    """
    # As `_wfdb_header` has them, which is not imported with the package.
    for candidate in (path, *(path.parent / f"{path.name}{end}" for end in (".hea", ".HEA"))):
        if candidate.is_file():
            return candidate
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder: name its files, or use load_records.")
    refuse_no_file(path)
    if _ADDRESS.match(str(path)):
        raise FileNotFoundError(f"{path} is an address: download the file, and pass its path.")
    header = "" if path.suffix == ".hea" else f", nor is a WFDB header {path.name}.hea"
    raise FileNotFoundError(f"{path} is not there{header}.")


def _only_format_errors(path, function):
    """Call a function that parses a file, and hide all texts of libraries about the file.

    An error, a warning or a log of a parser may quote the file, and so a name or a date. The new
    error is raised after the old one is gone, so that it does not carry it along.
    """
    try:
        with ignored_warnings(), ignored_logs(*_LOGGERS):
            return function()
    except (FileNotFoundError, IsADirectoryError, PermissionError):
        raise
    except ImportError as error:  # of an extra, whose message knows no file
        raise ImportError(f"{path} cannot be read. {error}") from error
    except ECGFormatError as error:
        reason = str(error)
    except Exception as error:
        reason = f"is damaged or of no format that can be read ({type(error).__name__})"
    raise ECGFormatError(f"{path} {reason}.")


def _open(path, options):
    # Not with the package: there are many formats, and whoever predicts signals reads no file.
    from sklearn_ecg.datasets._files._formats import explain_unknown, recognize

    known = recognize(path)
    if known is None:
        raise ECGFormatError(explain_unknown(path))
    contents = known.read(path, options)
    check_n_leads(len(contents.channels))
    voltages, unclear, assumed = [], [], []
    for number, channel in enumerate(contents.channels, start=1):
        channel.fs = check_fs(channel.fs)
        channel.name = normalize_lead_name(channel.name) or f"signal {number}"
        if options.unit and not _is_understood(channel.unit):
            if not channel.unit.strip():
                assumed.append(channel.name)
            channel.unit = options.unit
        if millivolts_per_unit(channel.unit) is not None:
            voltages.append(channel)
        elif is_known_lead(channel.name) and not _is_understood(channel.unit):
            unclear.append(channel.name)
    if voltages and unclear:
        raise ECGFormatError(f"does not say in which unit {unclear[0]} is: state file_unit")
    if not voltages:
        raise ECGFormatError("has no signal in V, mV, uV or nV: if it has no unit, state file_unit")
    contents.channels = voltages
    _distinguish(voltages)
    return contents, assumed


def _is_understood(unit):
    return millivolts_per_unit(unit) is not None or is_other_unit(unit)


def _distinguish(channels):
    """Distinguish channels of one name by a number, so that each can be chosen by name."""
    seen = Counter()
    for channel in channels:
        seen[channel.name] += 1
        if seen[channel.name] > 1:
            channel.name = f"{channel.name} #{seen[channel.name]}"


class _Choice(NamedTuple):
    """The channels to decode, and the way from them to each wanted lead."""

    channels: list[Channel]
    recipes: list[dict[int, float] | None]
    names: tuple[str, ...]


def _choose(channels, leads, missing_leads, path):
    """Find the parts of each wanted lead: a channel, several limb leads, or nothing."""
    available = [channel.name for channel in channels]
    if leads is None:
        leads = available
    recipes = [lead_recipe(lead, available) for lead in leads]
    if missing_leads == "error":
        refuse_missing_leads(leads, recipes, available, where=path)
    else:
        warn_of_unknown_names(path, leads, recipes, available)
    names = [
        _lead_name(lead, recipe, available) for lead, recipe in zip(leads, recipes, strict=True)
    ]
    if len(set(names)) < len(names):
        raise ValueError(f"leads has {_repeated(names)} twice: name each wanted lead once.")
    needed = sorted({position for recipe in recipes if recipe for position in recipe})
    rates = {channels[position].name: channels[position].fs for position in needed}
    if len(set(rates.values())) > 1:
        listing = ", ".join(f"{lead} {rate:g} Hz" for lead, rate in rates.items())
        error = ECGFormatError(
            f"{path} has leads of different sampling rates ({listing}): choose leads of one rate."
        )
        error.rates = rates
        raise error
    # Where no wanted lead is there, another one tells how long the columns of NaN are.
    chosen = [channels[position] for position in needed or [0]]
    recipes = [
        recipe and {needed.index(position): weight for position, weight in recipe.items()}
        for recipe in recipes
    ]
    return _Choice(chosen, recipes, tuple(names))


def _lead_name(lead, recipe, available):
    """Name a lead as the file does, or by its first alternative if the file lacks it."""
    if recipe is not None and list(recipe.values()) == [1.0]:
        return available[next(iter(recipe))]
    (first,) = lead_labels([lead])
    sign = "-" if first.startswith("-") else ""
    return sign + normalize_lead_name(first.removeprefix("-"))


def _repeated(names):
    return next(name for name, count in Counter(names).items() if count > 1)


def _decode(contents, choice, path):
    if not choice.recipes and contents.n_timesteps:
        signal = np.empty((contents.n_timesteps, 0), dtype=np.float32)
    else:
        signal = combine_leads(_decode_channels(choice.channels), choice.recipes)
    n_timesteps = len(signal)
    if not are_surely_finite(signal) and np.isinf(signal).any():
        raise ECGFormatError("has infinite values, or values too large for a voltage")
    fs = choice.channels[0].fs
    return ECGRecord(
        signal,
        fs,
        choice.names,
        annotations=_marks(contents, contents.marks, fs, n_timesteps),
        rhythms=_marks(contents, contents.rhythms, fs, n_timesteps),
        metadata=contents.metadata,
        source=str(path),
    )


def _decode_channels(channels):
    values = channels[0].values()
    if len(values) == 0:
        raise ECGFormatError("has no time steps")
    signal = np.empty((len(values), len(channels)), dtype=np.float32)
    for column, channel in enumerate(channels):
        values = channel.values() if column else values
        factor = millivolts_per_unit(channel.unit)
        # A copy of a day's lead would take 100 MB.
        for start in range(0, len(signal), VALUES_AT_ONCE):
            to = signal[start : start + VALUES_AT_ONCE, column]
            to[:] = values[start : start + VALUES_AT_ONCE]
            if factor != 1:
                to *= factor
    return signal


def _marks(contents, marks, fs, n_timesteps):
    """Bring marks to the clock of the signal, in order of time, and drop those outside it."""
    positions, names = marks
    time_steps = np.rint(np.asarray(positions) * (fs / contents.marks_fs)).astype(np.int64)
    is_inside = (time_steps >= 0) & (time_steps < n_timesteps)
    order = np.argsort(time_steps[is_inside], kind="stable")
    return time_steps[is_inside][order], names[is_inside][order]
