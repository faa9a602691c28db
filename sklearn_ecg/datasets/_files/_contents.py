"""The result of the reader of a format, and the limits of all formats."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from sklearn_ecg.utils._leads import normalize_lead_name

HEAD_BYTES = 2**16  # by so many a file is recognized
MAX_LEADS = 256
# Slower than 1 Hz is a trend, not an electrocardiogram; no device samples faster than 100 kHz.
MIN_FS, MAX_FS = 1.0, 100_000.0
# A small file may describe a large signal (gaps, compression), but not without bound.
_VALUES_ALWAYS_ALLOWED = 2**24
_VALUES_PER_BYTE = 16


class ECGFormatError(ValueError):
    """A file is damaged, contradicts itself, or has a format that cannot be read.

    The message names the file and the fault, but never quotes the file, because a file from a
    hospital may have a name or a date anywhere.

    Attributes
    ----------
    rates : dict of str to float, or None
        Rate of each wanted lead in Hz, if the fault is that they differ.

    See Also
    --------
    read_record : Raises it.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn_ecg.datasets import ECGFormatError, read_record
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     Path(folder, "empty.edf").touch()
    ...     try:
    ...         read_record(Path(folder, "empty.edf"))
    ...     except ECGFormatError as error:
    ...         print("not an ECG")
    not an ECG
    """

    rates: dict[str, float] | None = None


@dataclass
class Options:
    """Facts about a file that the caller states because the file may lack them."""

    fs: float | None = None
    unit: str | None = None
    lead_names: tuple[str, ...] | None = None
    annotator: str | None = None
    array: str | None = None
    keeps_metadata: bool = False


@dataclass
class Channel:
    """One signal of a file; `values` decodes it when it is wanted.

    It returns a 1-D array in `unit`, or an object of as many values whose slices are such arrays.
    """

    name: str
    unit: str
    fs: float
    values: Callable[[], np.ndarray]


@dataclass
class Contents:
    """The content of a file: channels, marks and rhythms, whose positions count at `marks_fs`."""

    channels: list[Channel]
    marks: tuple[np.ndarray, np.ndarray] = field(
        default_factory=lambda: (np.empty(0), np.empty(0, dtype="<U1"))
    )
    rhythms: tuple[np.ndarray, np.ndarray] = field(
        default_factory=lambda: (np.empty(0), np.empty(0, dtype="<U4"))
    )
    marks_fs: float = 1.0
    n_timesteps: int | None = None  # where the file says it, so that no signal has to be decoded
    metadata: dict = field(default_factory=dict)
    note: str = ""  # what the caller should know of how the file was read, in our own words


def as_written(path):
    """Return a path in the letters of its file: old systems and discs have nothing but capitals.

    Parameters
    ----------
    path : Path
        The path of a file that another one names.

    Returns
    -------
    Path
        The path of the file; `path` itself if there is none.
    """
    name = path.name
    names = (name, path.stem + path.suffix.upper(), name.upper(), name.lower())
    return next((file for file in map(path.with_name, names) if file.is_file()), path)


def marks_beside(path, annotator):
    """Return the path of the annotations beside a file.

    Parameters
    ----------
    path : Path
        The file.
    annotator : str
        Suffix of its annotations.

    Returns
    -------
    Path
        The annotations.

    Raises
    ------
    FileNotFoundError
        If they are not there.
    """
    marks = as_written(path.with_suffix(f".{annotator}"))
    if not marks.exists():
        raise FileNotFoundError(
            f"{marks}, the annotations of {path.name}, is not there. read_record reads those of "
            'another suffix, as in annotator="qrs", or none without annotator.'
        )
    return marks


def split_lines(text):
    """Split a text at the line ends of any system.

    Not by `splitlines`, which also splits at signs that a cell or a letter may hold.

    Parameters
    ----------
    text : str
        The text.

    Returns
    -------
    list of str
        The lines.
    """
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def check_given_names(given, own):
    """Refuse names of leads that stand for other signals in the file, which would change places.

    Parameters
    ----------
    given : sequence of str
        The caller's names of the signals.
    own : sequence of str
        The names in the file, in the same order.
    """
    own = [normalize_lead_name(str(name)) for name in own]
    either_way_up = {name.removeprefix("-") for name in own}
    for name, own_name in zip(map(normalize_lead_name, given), own, strict=True):
        if own_name != name and name.removeprefix("-") in either_way_up:
            raise ECGFormatError(
                f"has a lead {name} of its own, but file_lead_names gives this name to its signal "
                f"{own_name}: leave file_lead_names out for this file"
            )


def check_fs(fs):
    """Return a sampling rate in Hz as a float if it is a reasonable one."""
    fs = float(fs)
    if not (math.isfinite(fs) and MIN_FS <= fs <= MAX_FS):
        raise ECGFormatError(
            f"has a sampling rate outside the {MIN_FS:g} to {MAX_FS:g} Hz of electrocardiograms"
        )
    return fs


def check_gain(gain):
    """Return the voltage of one step of a converter as a float if it turns counts into voltages.

    By a gain of 0, or an infinite number of steps in a unit, every voltage would be 0.
    """
    gain = float(gain)
    if not (math.isfinite(gain) and gain):
        raise ECGFormatError("has a signal without a valid calibration")
    return gain


def check_n_leads(n_leads):
    """Refuse more leads than any electrocardiograph has."""
    if not 1 <= n_leads <= MAX_LEADS:
        raise ECGFormatError(f"has {n_leads} signals; 1 to {MAX_LEADS} can be read")


def check_n_values(n_values, n_bytes):
    """Refuse a signal out of all proportion to the bytes that it comes from."""
    if n_values > max(_VALUES_ALWAYS_ALLOWED, _VALUES_PER_BYTE * n_bytes):
        raise ECGFormatError(f"describes {n_values} values, too many for its {n_bytes} bytes")
