"""Draw the times and the kinds of heartbeats."""

from typing import NamedTuple

import numpy as np

from sklearn_ecg.datasets._simulated._spectra import draw_series

CONDUCTION_SYMBOLS = {"normal": "N", "lbbb": "L", "rbbb": "R"}

_LF_HZ, _HF_HZ, _PEAK_WIDTH_HZ = 0.1, 0.25, 0.01  # McSharry's Mayer waves and respiration
_DEFAULT_VARIATION = {"sinus": 0.05, "af": 0.24}  # SD of RR intervals over their mean
_PREMATURITY = (0.3, 0.4)  # a premature beat comes early by this part of its interval
_LEAD_IN = 3  # beats before the record, whose T waves may reach into it


class Heartbeats(NamedTuple):
    """Heartbeats in order of time, some of them before and after the record.

    Attributes
    ----------
    times_s : ndarray of shape (n_beats,)
        Time of each R peak in seconds from the start of the record.
    intervals_s : ndarray of shape (n_beats,)
        The RR interval that ends with each beat, in seconds.
    symbols : ndarray of shape (n_beats,)
        MIT-BIH symbol of each beat.
    """

    times_s: np.ndarray
    intervals_s: np.ndarray
    symbols: np.ndarray


def draw_heartbeats(
    duration_s,
    rng,
    *,
    rhythm="sinus",
    heart_rate=70.0,
    rr_sd_s=None,
    lf_hf=0.5,
    premature=None,
    conduction="normal",
):
    """Draw the heartbeats of one record; `make_ecg` describes the parameters.

    Parameters
    ----------
    duration_s : float
        Duration of the record in seconds.
    rng : RandomState
        Source of randomness.
    rhythm, heart_rate, rr_sd_s, lf_hf, premature, conduction
        As in `make_ecg`.

    Returns
    -------
    Heartbeats
        All beats of the record and a few on either side.
    """
    premature = premature or {}
    mean = 60.0 / heart_rate
    variation = _DEFAULT_VARIATION[rhythm] if rr_sd_s is None else rr_sd_s / mean
    # Supraventricular beats reset the sinus node, so that more beats fit into the record.
    reset = np.mean(_PREMATURITY) * premature.get("A", 0.0)
    n_beats = int(1.5 * duration_s / mean / (1 - reset)) + 12
    if rhythm == "sinus":
        irregularity = _draw_sinus_irregularity(n_beats, mean, lf_hf, rng)
    else:
        irregularity = rng.standard_normal(n_beats)
    intervals = mean * _to_lognormal(irregularity, variation)
    symbols = np.full(n_beats, CONDUCTION_SYMBOLS[conduction])
    start = intervals[:_LEAD_IN].sum() + rng.uniform() * intervals[_LEAD_IN]
    if premature:
        n_inside = np.searchsorted(np.cumsum(intervals) - start, duration_s) - _LEAD_IN
        # The first beat in the record stays in time, for the next one to be early after it.
        n_candidates = int(n_inside / (1 - reset)) - 1
        if n_candidates < 1:
            raise ValueError(
                f"duration_s={duration_s} at heart_rate={heart_rate} holds a single beat, so that "
                "none can be premature. Give a longer duration_s or a higher heart_rate."
            )
        chosen = _LEAD_IN + 1 + _choose_apart(n_candidates, sum(premature.values()), rng)
        _make_premature(intervals, symbols, chosen, premature, rng)
    times = np.cumsum(intervals) - start
    # Two beats after the end of the record: their P waves may begin inside.
    n_kept = np.searchsorted(times, duration_s) + 2
    return Heartbeats(times[:n_kept], intervals[:n_kept], symbols[:n_kept])


def _draw_sinus_irregularity(n_beats, mean, lf_hf, rng):
    def power(cycles_per_beat):
        frequencies = cycles_per_beat / mean
        lf, hf = (
            np.exp(-0.5 * ((frequencies - peak) / _PEAK_WIDTH_HZ) ** 2) for peak in (_LF_HZ, _HF_HZ)
        )
        return lf_hf * lf / lf.sum() + hf / hf.sum()

    return draw_series(n_beats, power, rng, margin=512)


def _to_lognormal(standard_normal, variation):
    """Draw positive values with mean 1 and a given standard deviation."""
    sigma = np.sqrt(np.log1p(variation**2))
    return np.exp(sigma * standard_normal - 0.5 * sigma**2)


def _choose_apart(n_candidates, share, rng):
    """Choose that share of places, rounded up, no two of them side by side."""
    n_chosen = int(np.ceil(share * n_candidates))
    # Places in a shorter row, to which one more is added after each place chosen.
    shorter = rng.choice(n_candidates - n_chosen + 1, size=n_chosen, replace=False)
    return np.sort(shorter) + np.arange(n_chosen)


def _make_premature(intervals, symbols, chosen, premature, rng):
    """Bring beats forward, in place, and let pauses follow."""
    shares = np.array(list(premature.values()))
    kinds = rng.choice(list(premature), size=len(chosen), p=shares / shares.sum())
    early = rng.uniform(*_PREMATURITY, size=len(chosen)) * intervals[chosen]
    intervals[chosen] -= early
    symbols[chosen] = kinds
    # The sinus node keeps its time behind a ventricular beat, whose pause thus is compensatory; a
    # supraventricular beat resets it, and a common interval follows.
    is_ventricular = kinds == "V"
    intervals[chosen[is_ventricular] + 1] += early[is_ventricular]
