"""Random series with a given power spectrum."""

import numpy as np
import scipy.fft


def draw_series(n_values, power, rng, *, margin):
    """Draw a series of mean 0 and variance 1 with random phases.

    Parameters
    ----------
    n_values : int
        Values wanted.
    power : callable
        Takes frequencies in cycles per value (0 < f < 0.5), an ndarray, and returns the power at
        each, in any unit.
    rng : RandomState
        Source of the phases.
    margin : int
        The series repeats itself only this many values after those wanted, so that its end does
        not join on to its beginning. The spectrum has lines at least as dense as `1 / margin`.

    Returns
    -------
    ndarray of shape (n_values,)
        The series; it is the longer one that has mean 0 and variance 1 exactly.
    """
    n_period = scipy.fft.next_fast_len(n_values + margin, real=True)
    # Neither mean nor Nyquist frequency, which have no phase.
    density = power(scipy.fft.rfftfreq(n_period)[1 : (n_period + 1) // 2])
    lines = np.flatnonzero(density)
    amplitudes = np.zeros(n_period // 2 + 1, dtype=complex)
    amplitudes[1 + lines] = n_period * np.sqrt(density[lines] / (2 * density.sum()))
    amplitudes[1 + lines] *= np.exp(2j * np.pi * rng.uniform(size=len(lines)))
    return scipy.fft.irfft(amplitudes, n_period, overwrite_x=True)[:n_values]
