"""Synthetic electrocardiograms that know their own heartbeats."""

from numbers import Real

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from sklearn_ecg.datasets._simulated._noise import NOISES, draw_noise, noise_gain, total_variance
from sklearn_ecg.datasets._simulated._rhythms import CONDUCTION_SYMBOLS, draw_heartbeats
from sklearn_ecg.datasets._simulated._waves import (
    LEADS,
    add_fibrillation,
    draw_beats,
    lead_vectors,
    mix_leads,
    shape_beats,
)
from sklearn_ecg.utils._numbers import plain
from sklearn_ecg.utils._records import ECGRecord


@validate_params(
    {
        "duration_s": [Interval(Real, 2, None, closed="left")],
        "fs": [Interval(Real, 50, None, closed="left")],
        "heart_rate": [Interval(Real, 30, 250, closed="both")],
        "rhythm": [StrOptions({"sinus", "af"})],
        "rr_sd_s": [Interval(Real, 0, None, closed="left"), None],
        "lf_hf": [Interval(Real, 0, None, closed="left")],
        "premature": [dict, None],
        "conduction": [StrOptions(set(CONDUCTION_SYMBOLS))],
        "st_mv": [Interval(Real, None, None, closed="neither")],
        "leads": ["array-like"],
        "noise": [dict, None],
        "gaps_s": ["array-like"],
        "saturation_mv": [Interval(Real, 0, None, closed="neither"), None],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def make_ecg(
    duration_s=10.0,
    *,
    fs=500.0,
    heart_rate=70.0,
    rhythm="sinus",
    rr_sd_s=None,
    lf_hf=0.5,
    premature=None,
    conduction="normal",
    st_mv=0.0,
    leads=("II",),
    noise=None,
    gaps_s=(),
    saturation_mv=None,
    random_state=None,
):
    r"""Make an electrocardiogram, with its heartbeats as annotations.

    The signal is that of McSharry's dynamical model [1]_, carried over from one lead to twelve:
    each wave of a heartbeat is a Gaussian that moves the heart's dipole, and each lead sees the
    dipole from its own side.

    Parameters
    ----------
    duration_s : float, default=10.0
        Duration in seconds, at least 2.
    fs : float, default=500.0
        Sampling rate in Hz, at least 50.
    heart_rate : float, default=70.0
        Mean heart rate in beats per minute, from 30 to 250. Premature supraventricular beats come
        on top of it.
    rhythm : {"sinus", "af"}, default="sinus"
        `"sinus"` has a P wave before each beat, and RR intervals that vary with respiration
        (0.25 Hz) and Mayer waves (0.1 Hz). `"af"` is atrial fibrillation: each RR interval is
        independent of those before, and fibrillatory waves of about 6 Hz take the place of P waves.
    rr_sd_s : float, default=None
        Standard deviation of RR intervals in seconds, at most half of their mean. None stands for
        5% of the mean in sinus rhythm and for 24% in atrial fibrillation. Premature beats and
        their pauses come on top of it.
    lf_hf : float, default=0.5
        Power of the RR intervals' low frequencies (around 0.1 Hz) over that of their high ones
        (around 0.25 Hz), in sinus rhythm.
    premature : dict of {"V" or "A": float}, default=None
        Share of beats that are premature: ventricular `"V"`, with a broad QRS complex and a
        compensatory pause; supraventricular `"A"`, with a P wave of another shape and a pause that
        is not compensatory. No two follow each other, so the sum is at most 0.5 (bigeminy). Their
        number is rounded up: there is one at least.
    conduction : {"normal", "lbbb", "rbbb"}, default="normal"
        Conduction in the ventricles: normal, left or right bundle branch block.
    st_mv : float, default=0.0
        Shift of the ST segment in lead II, 120 ms after the R peak, in mV: above 0 an elevation,
        below 0 a depression. It is that of an inferior injury, thus mirrored in I and aVL.
        Ventricular premature beats do not show it. The T wave, which comes sooner at a higher rate,
        adds to it: 0.01 mV at 70 beats per minute, 0.03 at 100 and 0.12 at 160.
    leads : sequence of str, default=("II",)
        Names out of I, II, III, aVR, aVL, aVF, V1 to V6; MLII stands for II.
    noise : dict of {str: float}, default=None
        Kinds of noise, and the signal-to-noise ratio in dB of each by itself. Kinds are
        `"baseline_wander"` (0.05 to 0.5 Hz), `"mains_50hz"`, `"mains_60hz"`, `"muscle"` (above
        20 Hz) and `"electrode_motion"` (jumps that fade within a second).
    gaps_s : sequence of (float, float), default=()
        Start and end in seconds of stretches where all leads are NaN.
    saturation_mv : float, default=None
        The signal is clipped to this many mV either side of 0. None does not clip.
    random_state : int, RandomState instance or None, default=None
        Pass an int for the same record at each call. The heartbeats are drawn first: with the same
        int and other leads, noise, gaps or saturation they remain the same.

    Returns
    -------
    ECGRecord
        The signal in mV, of shape (n_timesteps, n_leads) and dtype float32, and in `annotations`
        the time step of each R peak, rounded, with its MIT-BIH symbol: `"N"` normal (in atrial
        fibrillation too), `"L"` and `"R"` left and right bundle branch block, `"V"` and `"A"`
        premature ventricular and supraventricular. Beats in gaps are annotated as well.

    Raises
    ------
    ValueError
        If a lead, a kind of noise or of premature beat is unknown, or a number is out of range.

    See Also
    --------
    make_ecg_classification : Rows of several classes and patients.

    Notes
    -----
    On the limit cycle of the model the phase advances by `2 pi` from one R peak to the next,
    and the equation of motion integrates in closed form: each wave is a Gaussian in phase. It is
    evaluated in one step for all beats, only where it differs from zero, in place of a numerical
    integration step by step; that is where the speed comes from. Departures from the paper:

    * Waves are set in seconds and mV: a height stands for the paper's
      `a_i b_i^2 / omega`. The single lead of the paper became a dipole [2]_, seen through
      Dower's transform [3]_, so that waves and their signs differ from lead to lead as they should
      and Einthoven's law I + III = II holds, noise included.
    * The distance from R and the width of P and T grow with the square root of the RR interval
      before the beat, which the authors' program does with the mean heart rate; QRS complexes keep
      their width. The paper lets all waves follow the interval in which they lie, even if it has
      not ended yet.
    * So, from where a wave begins to where it ends (two widths either side of its centre), PR, QRS
      and QT take 170, 100 and 430 ms at 60 beats per minute, 120, 100 and 344 ms at 100, and 89,
      100 and 290 ms at 150. PR follows the rate more than in people: below 46 beats per minute it
      is longer than 200 ms, which a reader calls a first-degree block.
    * The model's return to the baseline within a second, which tilts the isoelectric line, is left
      out; the baseline is noise, and stays away unless asked for.
    * RR intervals are drawn beat by beat from the paper's two-peaked spectrum, and are lognormal:
      none can be negative. Mean and standard deviation are those of the process; a short record
      differs from them by chance.
    * Premature beats, atrial fibrillation (f waves after [4]_), bundle branch blocks and ST changes
      are not in the paper. A premature beat comes early by 30 to 40% of its interval. After a
      ventricular one the pause makes up for that, so both intervals together are two common ones;
      after a supraventricular one a common interval follows.

    The reported time is that of the main wave of the QRS complex, which is the maximum of lead II;
    other leads may peak some milliseconds apart. The signal-to-noise ratio is that of the
    variances over the whole record, all leads taken together, before clipping.

    References
    ----------
    .. [1] McSharry PE, Clifford GD, Tarassenko L, Smith LA. A dynamical model for generating
       synthetic electrocardiogram signals. IEEE Trans Biomed Eng 50(3):289-294 (2003).
       doi:10.1109/TBME.2003.808805
    .. [2] Sameni R, Clifford GD, Jutten C, Shamsollahi MB. Multichannel ECG and noise modeling.
       EURASIP J Adv Signal Process 2007:043407. doi:10.1155/2007/43407
    .. [3] Dower GE, Machado HB, Osborne JA. On deriving the electrocardiogram from
       vectorcardiographic leads. Clin Cardiol 3(2):87-95 (1980). doi:10.1002/clc.1980.3.2.87
    .. [4] Stridh M, Sörnmo L. Spatiotemporal QRST cancellation techniques for analysis of atrial
       fibrillation. IEEE Trans Biomed Eng 48(1):105-111 (2001). doi:10.1109/10.900266

    Examples
    --------
    >>> from sklearn_ecg.datasets import make_ecg
    >>> record = make_ecg(premature={"V": 0.1}, leads=("II", "V1"), random_state=0)
    >>> record.signal.shape, record.signal.dtype
    ((5000, 2), dtype('float32'))
    >>> time_steps, symbols = record.annotations
    >>> print(time_steps[:6], symbols[:6])
    [ 212  592 1009 1344 1990 2422] ['N' 'N' 'N' 'V' 'N' 'N']
    """
    duration_s, fs = plain(duration_s), plain(fs)
    check_names("leads", leads, LEADS)
    leads = tuple(map(str, leads))
    _check_rhythm(rhythm, heart_rate, rr_sd_s, premature)
    _check_noise(noise)
    _check_gaps(gaps_s, duration_s)
    rng = check_random_state(random_state)
    signal, beats = draw_clean_signal(
        duration_s,
        fs,
        lead_vectors(leads),
        rng,
        st_mv=st_mv,
        rhythm=rhythm,
        heart_rate=heart_rate,
        rr_sd_s=rr_sd_s,
        lf_hf=lf_hf,
        premature=premature,
        conduction=conduction,
    )
    if noise:
        variance, mixing = total_variance(signal), mix_leads(leads)
        for kind, snr_db in noise.items():
            disturbance = draw_noise(kind, len(signal), fs, mixing, rng)
            disturbance *= noise_gain(variance, disturbance, snr_db)
            signal += disturbance
    if saturation_mv is not None:
        np.clip(signal, -saturation_mv, saturation_mv, out=signal)
    for start, stop in gaps_s:
        signal[round(start * fs) : round(stop * fs)] = np.nan
    annotations = _annotate(beats, len(signal), fs)
    return ECGRecord(signal, float(fs), leads, annotations)


def draw_clean_signal(
    duration_s,
    fs,
    vectors,
    rng,
    *,
    rhythm="sinus",
    conduction="normal",
    st_mv=0.0,
    vary=None,
    **settings,
):
    """Draw heartbeats and their waves without noise; `make_ecg` describes the parameters.

    Parameters
    ----------
    duration_s, fs, rhythm, conduction, st_mv
        As in `make_ecg`.
    vectors : ndarray of shape (n_leads, 3)
        The signal of each lead for a dipole of 1 along each axis.
    rng : RandomState
        Source of randomness.
    vary : callable, default=None
        Takes a Wave of the model and returns that of a patient. None takes the model's.
    **settings
        Other arguments of `draw_heartbeats`.

    Returns
    -------
    signal : ndarray of shape (n_timesteps, n_leads), float32
        The signal in mV.
    beats : Heartbeats
        The heartbeats, some of them before and after the signal.
    """
    beats = draw_heartbeats(duration_s, rng, rhythm=rhythm, conduction=conduction, **settings)
    shapes = shape_beats(rhythm=rhythm, conduction=conduction, st_mv=st_mv)
    if vary is not None:
        shapes = {symbol: tuple(map(vary, waves)) for symbol, waves in shapes.items()}
    signal = draw_beats(beats, shapes, vectors, round(duration_s * fs), fs)
    if rhythm == "af":
        add_fibrillation(signal, vectors, fs, rng)
    return signal, beats


def _annotate(beats, n_timesteps, fs):
    time_steps = np.rint(beats.times_s * fs).astype(np.int64)
    is_inside = (time_steps >= 0) & (time_steps < n_timesteps)
    return time_steps[is_inside], beats.symbols[is_inside]


def check_names(argument, names, known):
    """Refuse names of which one is unknown, or there twice, or none at all."""
    if any(name not in known for name in names) or not 0 < len(set(names)) == len(names):
        raise ValueError(
            f"{argument}={tuple(names)} must be one or more different names out of "
            f"{', '.join(known)}."
        )


def _check_rhythm(rhythm, heart_rate, rr_sd_s, premature):
    premature = premature or {}
    largest_sd = 30.0 / heart_rate
    if rr_sd_s is not None and rr_sd_s > largest_sd:
        raise ValueError(
            f"rr_sd_s={rr_sd_s} must be at most {largest_sd:.3g} s, half of the mean RR interval "
            f"at heart_rate={heart_rate}."
        )
    for symbol, share in premature.items():
        if symbol not in ("V", "A") or not isinstance(share, Real) or not 0 < share <= 0.5:
            raise ValueError(
                f'premature={premature} must give for "V" (ventricular) or "A" (atrial, class S) a '
                "share of beats above 0 and up to 0.5."
            )
    if sum(premature.values()) > 0.5:
        raise ValueError(
            f"premature={premature} adds up to more than 0.5, but no two premature beats follow "
            "each other."
        )
    if rhythm == "af" and "A" in premature:
        raise ValueError(
            'premature beats "A" come from atria in rhythm, which rhythm="af" does not have.'
        )


def _check_noise(noise):
    for kind, snr_db in (noise or {}).items():
        if kind not in NOISES or not isinstance(snr_db, Real) or not np.isfinite(snr_db):
            raise ValueError(
                f"noise={noise} must give a finite signal-to-noise ratio in dB for kinds out of "
                f"{', '.join(NOISES)}."
            )


def _check_gaps(gaps_s, duration_s):
    for gap in gaps_s:
        if np.shape(gap) != (2,) or not 0 <= gap[0] < gap[1] <= duration_s:
            raise ValueError(
                f"gap {gap} in gaps_s must be (start, end) in seconds with "
                f"0 <= start < end <= duration_s={duration_s}."
            )
