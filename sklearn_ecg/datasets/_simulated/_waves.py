"""The waves of a heartbeat as a moving dipole, and its projections on the leads."""

from typing import NamedTuple

import numpy as np

from sklearn_ecg.datasets._simulated._rhythms import CONDUCTION_SYMBOLS
from sklearn_ecg.utils._leads import TWELVE_LEADS, lead_recipe

# Dower's transform (doi:10.1002/clc.1980.3.2.87): each lead's view of a dipole that points to
# the left (x), to the feet (y) and to the back (z). All other leads follow from these eight.
_DOWER = {
    "I": (0.632, -0.235, 0.059),
    "II": (0.235, 1.066, -0.132),
    "V1": (-0.515, 0.157, -0.917),
    "V2": (0.044, 0.164, -1.387),
    "V3": (0.882, 0.098, -1.277),
    "V4": (1.213, 0.127, -0.601),
    "V5": (1.125, 0.127, -0.086),
    "V6": (0.831, 0.076, 0.230),
}
LEADS = (*TWELVE_LEADS, "MLII")

_REACH = 5.0  # a Gaussian is drawn as far as this many widths from its centre
_BEATS_AT_ONCE = 4096  # bounds the memory for scratch arrays


class Wave(NamedTuple):
    """One wave of a heartbeat: a Gaussian in time.

    Attributes
    ----------
    centre_s : float
        Time from the R peak in seconds.
    width_s : float
        Standard deviation in seconds.
    dipole_mv : tuple of 3 floats
        Height towards left, feet and back, in mV.
    follows_rate : bool
        Whether centre and width are meant for RR intervals of 1 s and grow with their square root.
    """

    centre_s: float
    width_s: float
    dipole_mv: tuple[float, float, float]
    follows_rate: bool = False


_P = Wave(-0.17, 0.025, (0.12, 0.102, -0.04), follows_rate=True)
_ECTOPIC_P = Wave(-0.15, 0.022, (0.02, -0.08, -0.02), follows_rate=True)
_QRS_AND_T = {
    "normal": (
        Wave(-0.030, 0.010, (-0.10, -0.05, -0.20)),
        Wave(0.000, 0.011, (1.00, 0.90, 0.30)),
        Wave(0.030, 0.010, (-0.20, -0.20, 0.50)),
        Wave(0.270, 0.055, (0.25, 0.20, -0.15), follows_rate=True),
    ),
    # The left ventricle follows late: no septal q, a broad notched R to the left and back, and a
    # T wave that points away from it.
    "lbbb": (
        Wave(0.000, 0.018, (0.60, 0.80, 0.90)),
        Wave(0.055, 0.022, (0.90, 0.10, 0.90)),
        Wave(0.290, 0.055, (-0.35, -0.10, -0.40), follows_rate=True),
    ),
    # The right ventricle follows late: a second wave to the right and front, R' in V1 and a broad
    # S in I and V6.
    "rbbb": (
        Wave(-0.030, 0.010, (-0.10, -0.05, -0.20)),
        Wave(0.000, 0.011, (0.90, 0.90, 0.20)),
        Wave(0.060, 0.020, (-0.60, -0.10, -0.70)),
        Wave(0.280, 0.055, (0.25, 0.20, 0.15), follows_rate=True),
    ),
}
# From the outflow tract of the right ventricle: no P, broad, with a T wave that points away.
_VENTRICULAR = (
    Wave(0.000, 0.032, (0.30, 1.20, 0.90)),
    Wave(0.090, 0.032, (0.20, -0.50, -0.30)),
    Wave(0.330, 0.065, (-0.30, -0.40, -0.40), follows_rate=True),
)
# An inferior injury: seen alike in II, III and aVF, mirrored in I and aVL.
_ST_CENTRE_S, _ST_WIDTH_S, _ST_DIRECTION = 0.12, 0.035, (0.0, 1.0, 0.0)

# Fibrillatory waves, largest in V1: Stridh & Sörnmo's sawtooth, doi:10.1109/10.900266.
_FIBRILLATION_DIPOLE = (-0.02, 0.05, -0.08)
_FIBRILLATION_HZ, _N_HARMONICS = 6.0, 3


def shape_beats(*, rhythm="sinus", conduction="normal", st_mv=0.0):
    """Return the waves of each kind of beat; `make_ecg` describes the parameters.

    Returns
    -------
    dict of {str: tuple of Wave}
        Symbol of a kind of beat, and its waves.
    """
    ventricles = _QRS_AND_T[conduction]
    if st_mv:
        unit = np.dot(_DOWER["II"], _ST_DIRECTION)
        dipole = tuple(st_mv / unit * part for part in _ST_DIRECTION)
        ventricles = (*ventricles, Wave(_ST_CENTRE_S, _ST_WIDTH_S, dipole))
    atria = (_P,) if rhythm == "sinus" else ()
    return {
        CONDUCTION_SYMBOLS[conduction]: (*atria, *ventricles),
        "A": (_ECTOPIC_P, *ventricles),
        "V": _VENTRICULAR,
    }


def mix_leads(lead_names):
    """Express leads by the eight from which all follow.

    Parameters
    ----------
    lead_names : sequence of str
        Names out of `LEADS`.

    Returns
    -------
    ndarray of shape (n_leads, 8)
        Parts of I, II and V1 to V6 in each lead.

    Examples
    --------
    >>> mix_leads(["II", "III"])[:, :3]
    array([[ 0.,  1.,  0.],
           [-1.,  1.,  0.]])
    """
    # MLII is drawn like II.
    recipes = [lead_recipe(name.removeprefix("ML"), _DOWER) for name in lead_names]
    return np.array([[recipe.get(i, 0.0) for i in range(len(_DOWER))] for recipe in recipes])


def lead_vectors(lead_names):
    """Compute the projections of a dipole on leads.

    Parameters
    ----------
    lead_names : sequence of str
        Names out of `LEADS`.

    Returns
    -------
    ndarray of shape (n_leads, 3)
        Signal in mV for a dipole of 1 mV to the left, to the feet and to the back.
    """
    return mix_leads(lead_names) @ np.array(list(_DOWER.values()))


def draw_beats(beats, shapes, vectors, n_timesteps, fs):
    """Draw the waves of all heartbeats.

    Parameters
    ----------
    beats : Heartbeats
        Times and kinds of the beats.
    shapes : dict of {str: sequence of Wave}
        The waves of each kind of beat.
    vectors : ndarray of shape (n_leads, 3)
        The signal of each lead for a dipole of 1 along each axis.
    n_timesteps : int
        Time steps to draw.
    fs : float
        Sampling rate in Hz.

    Returns
    -------
    ndarray of shape (n_timesteps, n_leads), float32
        The signal in mV.
    """
    # One more row at either end takes up what lies outside.
    signal = np.zeros((n_timesteps + 2, len(vectors)), dtype=np.float32)
    for symbol, waves in shapes.items():
        members = np.flatnonzero(beats.symbols == symbol)
        for first in range(0, len(members), _BEATS_AT_ONCE):
            chunk = members[first : first + _BEATS_AT_ONCE]
            for wave in waves:
                _add_wave(signal, wave, beats, chunk, vectors, fs)
    return signal[1:-1]


def _add_wave(signal, wave, beats, chunk, vectors, fs):
    scale = np.sqrt(beats.intervals_s[chunk, None]) if wave.follows_rate else 1.0
    centres = beats.times_s[chunk, None] + scale * wave.centre_s
    widths = scale * wave.width_s
    reach = int(np.ceil(_REACH * np.max(widths) * fs))
    steps = np.rint(centres * fs).astype(np.intp) + np.arange(-reach, reach + 1)
    heights = np.exp(-0.5 * ((steps / fs - centres) / widths) ** 2).astype(np.float32).ravel()
    places = (steps.ravel() + 1).clip(0, len(signal) - 1) * len(vectors)
    for lead, gain in enumerate((vectors @ wave.dipole_mv).astype(np.float32)):
        # Waves of neighbouring beats may overlap, so += would lose some.
        np.add.at(signal.reshape(-1), places + lead, gain * heights)


def add_fibrillation(signal, vectors, fs, rng):
    """Add the fibrillatory waves of the atria in place: a sawtooth of varying rate and height.

    Parameters
    ----------
    signal : ndarray of shape (n_timesteps, n_leads)
        The signal in mV.
    vectors : ndarray of shape (n_leads, 3)
        The signal of each lead for a dipole of 1 along each axis.
    fs : float
        Sampling rate in Hz.
    rng : RandomState
        Source of phases.
    """
    time = np.arange(len(signal)) / fs
    of_wave, of_rate, of_height = rng.uniform(0, 2 * np.pi, size=3)
    # The rate swings by 0.2 Hz ten seconds long, the height by a third.
    phase = 2 * np.pi * _FIBRILLATION_HZ * time + 2 * np.sin(2 * np.pi * 0.1 * time + of_rate)
    height = 1 + np.sin(2 * np.pi * 0.08 * time + of_height) / 3
    teeth = sum(np.sin(i * (phase + of_wave)) / i for i in range(1, _N_HARMONICS + 1))
    waves = -2 / np.pi * height * teeth
    for lead, gain in enumerate(vectors @ _FIBRILLATION_DIPOLE):
        signal[:, lead] += gain * waves
