"""Signals that know their sampling rate, from one step of a pipeline to the next."""

import copyreg
from functools import cache

import numpy as np

from sklearn_ecg.utils._numbers import plain

_TOLERANCE = 1e-6  # relative: rates that differ by less are one


class _ClassOfRate(type):
    """The class of a class of arrays, one for each rate.

    The cache of a pipeline knows an array by its class and its values alone. By one class for all
    rates, a step would find there what it has made of the same values at another rate.
    """

    class_fs: float


@cache
def _class_at(fs):
    return _ClassOfRate(SampledArray.__name__, (SampledArray,), {"class_fs": fs})


copyreg.pickle(_ClassOfRate, lambda of_rate: (_class_at, (of_rate.class_fs,)))


class SampledArray(np.ndarray):
    """An array of signals, dense or of objects, with its sampling rate in Hz as `fs`.

    The rate stays when rows are chosen, and when the array is pickled. Any other operation returns
    an array without it, because it may have changed the rate, as `X[:, ::2]` does.
    """

    fs = None

    def __new__(cls, array):
        # So skops makes one of the array in its file, which has no rate.
        return np.asarray(array)

    def __getitem__(self, key):
        chosen = super().__getitem__(key)
        if isinstance(chosen, SampledArray) and chosen.ndim == self.ndim and _are_rows(key):
            chosen.fs = self.fs
        return chosen

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
        # A result computed from signals is a plain array.
        if out is not None:
            options["out"] = tuple(map(_plain, out))
        return getattr(ufunc, method)(*map(_plain, inputs), **options)

    def __reduce__(self):
        return with_rate, (_plain(self), self.fs)

    def __repr__(self):
        return repr(_plain(self))


def _plain(array):
    return array.view(np.ndarray) if isinstance(array, SampledArray) else array


def _are_rows(key):
    """Check whether a key chooses only rows, in the ways of users and of scikit-learn."""
    if isinstance(key, tuple):
        return len(key) == 2 and key[1] is Ellipsis
    return key is not None and key is not Ellipsis


def with_rate(X, fs):
    """Attach a sampling rate to an array of signals.

    Parameters
    ----------
    X : ndarray
        Signals, dense or a 1-D object array of ndarrays.
    fs : float or None
        Sampling rate in Hz; None if it is not known.

    Returns
    -------
    ndarray
        A view of `X` that has the rate as its attribute `fs`; `X` itself if it is not known.
    """
    if fs is None:
        return X
    X = X.view(_class_at(float(fs)))
    X.fs = float(fs)
    return X


def rate_of(X):
    """Return the sampling rate of signals in Hz, or None.

    Parameters
    ----------
    X : array-like
        Signals.

    Returns
    -------
    float or None
        The rate.
    """
    return X.fs if isinstance(X, SampledArray) else None


def are_one_rate(fs, other):
    """Check whether two sampling rates differ by no more than their rounding.

    Parameters
    ----------
    fs, other : float
        Rates in Hz.

    Returns
    -------
    bool
        Whether they are one.
    """
    return abs(fs - other) <= _TOLERANCE * other


def agreed_rate(fs, carried, name):
    """Return the sampling rate of a step, checked against that of its signals.

    Parameters
    ----------
    fs : float or None
        The `fs` parameter of the step, in Hz.
    carried : float or None
        The rate in Hz that the signals know.
    name : str
        Name of the step, for the message.

    Returns
    -------
    float
        The rate in Hz.

    Raises
    ------
    ValueError
        If neither knows the rate, or they contradict each other.
    """
    fs, carried = plain(fs), plain(carried)
    if fs is None and carried is None:
        raise ValueError(
            f"{name} needs the sampling rate: pass fs, in Hz. The steps after a RecordReader, or "
            "after a step that was given fs, know it already, unless a step that is none of this "
            "package's comes between."
        )
    if fs is None or carried is None:
        return carried if fs is None else fs
    if not are_one_rate(fs, carried):
        raise ValueError(
            f"{name} was given fs={fs:g} Hz, but its signals come at {carried:g} Hz. Pass fs to "
            "the first step only, or correct it."
        )
    return fs
