"""The common part of the formats of arrays: choose the array of the signal and its axes."""

import math
from functools import partial

import numpy as np

from sklearn_ecg.datasets._files._contents import (
    Channel,
    ECGFormatError,
    check_given_names,
    check_n_leads,
)
from sklearn_ecg.datasets._files._names import is_time

_SIGNAL_NAMES = ("signal", "signals", "ecg", "val", "data")
_ONE = {"1", "1.0"}  # no gain
_MAX_ARRAYS = 1000
_MAX_LISTED = 20


def is_signal(kind, shape):
    """Check whether an array of a kind of NumPy's and a shape may be a signal, or several."""
    return kind in "iuf" and len(shape) > 0 and math.prod(shape) > 1


def check_n_arrays(n_arrays):
    """Refuse more arrays than any recording has."""
    if n_arrays > _MAX_ARRAYS:
        raise ECGFormatError(f"holds more than {_MAX_ARRAYS} arrays")


def check_axes(shape):
    """Check that an array is of one recording."""
    if len(shape) > 2:
        size = " x ".join(map(str, shape))
        raise ECGFormatError(
            f"holds an array of {size} values, as of several recordings: load it by its own "
            "library (numpy, h5py, scipy.io), as rows of X"
        )


def choose_array(shapes, wanted):
    """Choose the array that is the signal.

    Parameters
    ----------
    shapes : dict of str to tuple of int
        Name and shape of each array that may be a signal, in the order of the file.
    wanted : str or None
        Name or number of an array, as the caller states it.

    Returns
    -------
    str
        The name of the array.

    Raises
    ------
    ECGFormatError
        If there is none, if it has more than two axes, or if there are several and no name says
        which one is the signal. The message counts them and does not quote names, which are a part
        of the file.
    """
    name = _choose(shapes, wanted)
    check_axes(shapes[name])
    return name


def _choose(shapes, wanted):
    names = list(shapes)
    if not names:
        raise ECGFormatError("is without an array of real numbers of 1 or 2 axes, time and lead")
    sizes = [" x ".join(map(str, shape)) for shape in shapes.values()]
    listing = ", ".join(f"{i} ({size})" for i, size in enumerate(sizes[:_MAX_LISTED]))
    listing += ", ..." if len(names) > _MAX_LISTED else ""
    if wanted is not None:
        for number, name in enumerate(names):
            if wanted.strip("/") in (name.strip("/"), str(number)):
                return name
        raise ECGFormatError(f"lacks the array that file_array names; it has {listing}")
    if len(names) == 1:
        return names[0]
    for known in _SIGNAL_NAMES:
        found = [name for name in names if name.rpartition("/")[2].casefold() == known]
        if len(found) == 1:
            return found[0]
    raise ECGFormatError(
        f"holds several arrays that may be the signal: {listing}. Choose one by file_array, its "
        "name or number"
    )


def arrays_of_times(shapes, chosen):
    """Find the arrays beside a signal that hold its times.

    Parameters
    ----------
    shapes : dict of str to tuple of int
        Name and shape of each array.
    chosen : str
        Name of the signal.

    Returns
    -------
    list of str
        Their names.
    """
    found = []
    for name, shape in shapes.items():
        structure, slash, own_name = name.rpartition("/")
        is_beside = name != chosen and chosen.startswith(structure + slash)
        if is_beside and math.prod(shape) == max(shapes[chosen]) and is_time(own_name):
            found.append(name)
    return found


def note_of_times(arrays):
    """Return what to warn of if times beside a signal have pauses; else nothing.

    Parameters
    ----------
    arrays : iterable of ndarray
        The times, of none or several.

    Returns
    -------
    str
        The note, or "".
    """
    for times in arrays:
        gaps = np.diff(np.ravel(times).astype(np.float64))
        # Rounding may double a gap, and the lines of a packet have one time.
        if gaps.min() >= 0 and 0 < np.median(gaps) < gaps.max() / 2.5:
            return (
                "holds times with pauses, which are not read, so that what follows comes too "
                "early: save a table of text with a column of time"
            )
    return ""


def note_of_gain(signal, gain):
    """Return what to warn of if a file states a gain beside whole numbers; else nothing.

    Parameters
    ----------
    signal : ndarray
        The signal. Decimal numbers have a unit, but whole ones may be those of a converter.
    gain : float, sequence of float, or None
        The gain that the file states, if any.

    Returns
    -------
    str
        The note, or "".
    """
    if signal.dtype.kind not in "iu" or gain is None or set(map(str, np.ravel(gain))) <= _ONE:
        return ""
    return (
        "states a gain or a scale, which is not applied: if its whole numbers are those of a "
        "converter, make an ECGRecord of the voltages"
    )


def array_channels(signal, options, *, fs=None, unit=None, lead_names=None):
    """Make channels of an array with the facts in the file and those of the caller.

    The longer axis is the time, because no electrocardiogram has more leads than time steps. The
    file may have one rate, or one for each lead, and one unit, or one for each lead.
    """
    check_axes(signal.shape)
    if not is_signal(signal.dtype.kind, signal.shape):
        raise ECGFormatError("is without an array of real numbers of 1 or 2 axes, time and lead")
    signal = signal.reshape(len(signal), -1)
    if signal.shape[1] > signal.shape[0]:
        signal = signal.T
    n_leads = signal.shape[1]
    check_n_leads(n_leads)
    fs = options.fs if fs is None else _only_rate(fs, options)
    unit = options.unit if unit is None else unit
    own_names = lead_names
    lead_names = own_names if options.lead_names is None else options.lead_names
    said = {"file_fs": fs, "file_lead_names": lead_names, "file_unit": unit}
    missing = [name for name, value in said.items() if value is None]
    if missing:
        raise ECGFormatError(f"does not say all about its signal: state {', '.join(missing)}")
    lead_names = np.atleast_1d(lead_names).tolist()
    if len(lead_names) != n_leads:
        raise ECGFormatError(f"has {n_leads} leads, but there are {len(lead_names)} lead names")
    if own_names is not None and np.size(own_names) == n_leads:
        check_given_names(map(str, lead_names), np.atleast_1d(own_names))
    units = _units_of_leads(unit, n_leads, options)
    return [
        Channel(str(name), str(unit), fs, partial(signal.__getitem__, (slice(None), column)))
        for column, (name, unit) in enumerate(zip(lead_names, units, strict=True))
    ]


def _units_of_leads(units, n_leads, options):
    """Return a unit for each lead; the caller's if those of the file are of other columns."""
    units = np.atleast_1d(units).tolist()
    if len(units) not in (1, n_leads):
        if options.unit is None:
            raise ECGFormatError(
                f"states {len(units)} units, but the number of its leads is {n_leads}: state "
                "file_unit"
            )
        units = [options.unit]
    return units * n_leads if len(units) == 1 else units


def _only_rate(fs, options):
    """Return the rate of all leads, or the caller's if the file states several."""
    rates = np.unique(fs)
    if len(rates) > 1 and options.fs is None:
        raise ECGFormatError("states several sampling rates: state that of its signal as file_fs")
    return float(rates[0]) if len(rates) == 1 else options.fs
