"""Change signals at random, as patients, electrodes and devices do."""

from numbers import Integral, Real

import numpy as np
from sklearn.base import clone
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, validate_params

from sklearn_ecg.utils._padding import count_steps, refuse_gaps
from sklearn_ecg.utils._rates import are_one_rate, rate_of
from sklearn_ecg.utils._rows import is_ragged
from sklearn_ecg.utils._signals import check_signals
from sklearn_ecg.utils._versions import VersionedEstimator

_WANDER_BAND_HZ = (0.05, 0.5)
_N_WANDERS = 8  # sines from which every lead's wander is mixed
_MAINS_HZ = (50.0, 60.0)

_CONSTRAINTS = {
    "fs": [Interval(Real, 0, None, closed="neither"), None],
    "scale": [Interval(Real, 0, None, closed="left")],
    "flip": [Interval(Real, 0, 1, closed="both")],
    "shift_s": [Interval(Real, 0, None, closed="left")],
    "stretch": [Interval(Real, 0, 1, closed="left")],
    "noise": [Interval(Real, 0, None, closed="left")],
    "wander": [Interval(Real, 0, None, closed="left")],
    "mains": [Interval(Real, 0, None, closed="left")],
    "lead_drop": [Interval(Real, 0, 1, closed="left")],
}


@validate_params(
    {"signals": ["array-like"], "random_state": ["random_state"], **_CONSTRAINTS},
    prefer_skip_nested_validation=True,
)
def augment_signals(
    signals,
    random_state=None,
    *,
    fs=None,
    scale=0.0,
    flip=0.0,
    shift_s=0.0,
    stretch=0.0,
    noise=0.0,
    wander=0.0,
    mains=0.0,
    lead_drop=0.0,
):
    """Change signals at random, as patients, electrodes and devices do.

    Parameters
    ----------
    signals : array-like of shape (n_samples, n_timesteps[, n_leads])
        Signals, in any unit. NaN at the end of a row is padding, which stays as it is.
    random_state : int, RandomState instance or None, default=None
        Pass an int for the same result at each call.
    fs : float, default=None
        Sampling rate in Hz, which `shift_s`, `wander` and `mains` need. None takes the rate of the
        signals, which know it after a `RecordReader` or after a step with `fs`.
    scale, flip, shift_s, stretch, noise, wander, mains, lead_drop : float, default=0.0
        The largest effects, as in `SignalAugmenter`.

    Returns
    -------
    ndarray
        New signals, of the shape and dtype of `signals`.

    Raises
    ------
    ValueError
        If an effect needs `fs` or several leads that it lacks, if `fs` is not the rate of the
        signals, if they are ragged, or if a value is missing before the end of a row.

    See Also
    --------
    SignalAugmenter : Form for the batches that a network trains on, with notes.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_ecg.neural_network import augment_signals
    >>> signals = np.array([[0.0, 1.0, 4.0, 1.0, 0.0, 0.0, 0.0, 1.0]])
    >>> print(augment_signals(signals, 6, fs=1, shift_s=2))
    [[0. 0. 1. 4. 1. 0. 0. 0.]]
    """
    signals = check_signals(signals, estimator="augment_signals", fs=fs)
    if is_ragged(signals) or signals.ndim > 3:
        raise ValueError(
            "signals must be one array of shape (n_samples, n_timesteps) or (n_samples, "
            "n_timesteps, n_leads): augment rows of other lengths, or bags of segments, one by one."
        )
    with_leads = signals if signals.ndim == 3 else signals[:, :, None]
    refuse_gaps(signals, "augment_signals")
    augmented = _augment(
        with_leads,
        check_random_state(random_state),
        fs=rate_of(signals) if fs is None else fs,
        scale=scale,
        flip=flip,
        shift_s=shift_s,
        stretch=stretch,
        noise=noise,
        wander=wander,
        mains=mains,
        lead_drop=lead_drop,
    )
    return augmented.reshape(signals.shape)


class SignalAugmenter(VersionedEstimator):
    """Change the signals that a network trains on at random, anew in each epoch.

    Use it as `LSTMClassifier(augment=SignalAugmenter(...))`, which passes each training batch
    through it, but no validation data and no rows to predict. It is a parameter object, without
    `fit` and `transform`. `clone`, `set_params` and a grid search reach its parameters, as in
    `lstmclassifier__augment__noise`.

    Each effect is off at 0. A larger argument is the largest effect that a signal can get. The
    effect on each signal is drawn uniformly between none and this, so some signals stay nearly as
    they are.

    Parameters
    ----------
    n_leads : int, default=1
        Number of leads. The features of a step are time steps of them all, time first, as in
        signals and as `Reshaper` makes them.
    fs : float, default=None
        Sampling rate of the signals in Hz, which `shift_s`, `wander` and `mains` need. None takes
        that of the rows of `fit`, which know it after a `RecordReader` or after a step with `fs`.
    scale : float, default=0.0
        Each lead is multiplied by a factor of its own between `1 / (1 + scale)` and `1 + scale`.
        Factors below 1 are as probable as factors above 1.
    flip : float, default=0.0
        Probability that a lead is upside down, as with exchanged electrodes.
    shift_s : float, default=0.0
        All leads move by up to this many seconds to either side, in whole time steps.
    stretch : float, default=0.0
        All leads become up to this fraction longer, or shorter in the same ratio, about the middle
        of the row, by linear interpolation; below 1. The number of time steps stays.
    noise : float, default=0.0
        Standard deviation of white noise, relative to that of each lead of each row.
    wander : float, default=0.0
        Standard deviation of baseline wander from 0.05 to 0.5 Hz, relative to that of each lead of
        each row.
    mains : float, default=0.0
        Standard deviation of the hum of the mains, at 50 or 60 Hz, relative to that of each lead of
        each row. Needs `fs` above 120.
    lead_drop : float, default=0.0
        Probability that a lead is zero throughout. One lead always stays. Needs two or more.

    See Also
    --------
    augment_signals : Function form.
    LSTMClassifier : Takes it as `augment`.

    Notes
    -----
    Relative sizes act alike in mV, in a converter's units and after a
    :class:`~sklearn_ecg.preprocessing.MaxNormalizer`. A flat lead gets no noise.

    A shift or a stretch repeats the first or last value of its row where it leaves a space. NaN at
    the end of a row is padding: it is neither moved into the signal nor changed.

    Features that are not signals, such as RR intervals, must not pass through it.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_ecg.neural_network import SignalAugmenter
    >>> augment = SignalAugmenter(n_leads=2, lead_drop=0.5)
    >>> frames = np.arange(1, 9, dtype=np.float32).reshape(1, 2, 4)  # 2 time steps of 2 leads each
    >>> print(augment(frames, np.random.RandomState(1)))
    [[[1. 0. 3. 0.]
      [5. 0. 7. 0.]]]
    """

    _parameter_constraints = {
        "n_leads": [Interval(Integral, 1, None, closed="left")],
        **_CONSTRAINTS,
    }

    def __init__(
        self,
        *,
        n_leads=1,
        fs=None,
        scale=0.0,
        flip=0.0,
        shift_s=0.0,
        stretch=0.0,
        noise=0.0,
        wander=0.0,
        mains=0.0,
        lead_drop=0.0,
    ):
        self.n_leads = n_leads
        self.fs = fs
        self.scale = scale
        self.flip = flip
        self.shift_s = shift_s
        self.stretch = stretch
        self.noise = noise
        self.wander = wander
        self.mains = mains
        self.lead_drop = lead_drop

    def __call__(self, sequences, random_state):
        """Change a batch of sequences at random.

        Parameters
        ----------
        sequences : ndarray of shape (n_sequences, n_steps, n_features)
            Signals, whose features are leads, or frames of them. NaN at the end of a sequence is
            padding.
        random_state : RandomState
            Source of randomness.

        Returns
        -------
        ndarray of shape (n_sequences, n_steps, n_features)
            New sequences, of the dtype of `sequences`.

        Raises
        ------
        ValueError
            If a parameter is out of range, or `n_features` is not a multiple of `n_leads`.
        """
        n_sequences, _, n_features = sequences.shape
        self._count_time_steps(n_features)
        augmented = _augment(
            sequences.reshape(n_sequences, -1, self.n_leads),
            random_state,
            **{name: getattr(self, name) for name in _CONSTRAINTS},
        )
        return augmented.reshape(sequences.shape)

    def _count_time_steps(self, n_features):
        """Check the parameters, and count the time steps that were joined into a step."""
        self._validate_params()
        if n_features % self.n_leads:
            raise ValueError(
                f"Steps of {n_features} features are not made of n_leads={self.n_leads} leads: set "
                "n_leads to the number of leads in X, from which frames were made."
            )
        return n_features // self.n_leads


def for_steps(augment, steps_per_s, n_features):
    """Return what augments sequences whose steps come at some rate.

    Parameters
    ----------
    augment : callable or None
        The parameter of the classifier.
    steps_per_s : float or None
        Rate of the steps in Hz, if the sequences know it.
    n_features : int
        Features of a step.

    Returns
    -------
    callable or None
        A `SignalAugmenter` for the sampling rate of the signals that the steps were made of;
        anything else as it is.

    Raises
    ------
    ValueError
        If the augmenter has another rate, or the steps are not made of its number of leads.
    """
    if steps_per_s is None or not isinstance(augment, SignalAugmenter):
        return augment
    fs = steps_per_s * augment._count_time_steps(n_features)
    if augment.fs is not None and not are_one_rate(augment.fs, fs):
        raise ValueError(
            f"{augment!r} has fs={augment.fs:g}, but {steps_per_s:g} steps a second, of "
            f"{n_features} features, are made of n_leads={augment.n_leads} at {fs:g} Hz: correct "
            "n_leads, or leave fs out."
        )
    return clone(augment).set_params(fs=fs)


def _augment(
    signals, random_state, *, fs, scale, flip, shift_s, stretch, noise, wander, mains, lead_drop
):
    """Augment signals of shape (n_samples, n_timesteps, n_leads) into a new array."""
    n_samples, n_timesteps, n_leads = signals.shape
    for name, size in {"shift_s": shift_s, "wander": wander, "mains": mains}.items():
        if size and fs is None:
            raise ValueError(f"{name} needs the sampling rate: pass fs in Hz, or {name}=0.")
    if mains and fs <= 2 * max(_MAINS_HZ):
        raise ValueError(f"mains={mains} needs fs above {2 * max(_MAINS_HZ):g} Hz, got fs={fs}.")
    if lead_drop and n_leads < 2:
        raise ValueError(
            f"lead_drop={lead_drop} needs n_leads of 2 or more: the only lead is never dropped."
        )
    # A Generator draws normal numbers in float32 several times as fast as a RandomState.
    rng = np.random.default_rng(random_state.randint(np.iinfo(np.int32).max))
    # Lead by lead: NumPy is slow where the last axis is short.
    leads = np.array(np.swapaxes(signals, 1, 2), order="C")
    lengths, _ = count_steps(signals)
    if shift_s or stretch:
        _move(leads, lengths, shift_s * (fs or 0), stretch, rng)
    if noise or wander or mains:
        deviations = _standard_deviations(leads, lengths)
        # One number for all leads of a row: a patient who moves, moves them all.
        wander_sizes, noise_sizes = (
            deviations * rng.uniform(0, most, size=(n_samples, 1)).astype(leads.dtype)
            for most in (wander, noise)
        )
        if wander:
            leads += _draw_wander(wander_sizes, n_timesteps, fs, rng)
        if noise:
            white = rng.standard_normal(leads.shape, dtype=leads.dtype)
            white *= noise_sizes[:, :, None]
            leads += white
        if mains:
            mains_sizes = deviations * rng.uniform(0, mains, size=(n_samples, 1))
            leads += _draw_mains(mains_sizes.astype(leads.dtype), n_timesteps, fs, rng)
    factors = np.exp(rng.uniform(-1, 1, size=(n_samples, n_leads)) * np.log1p(scale))
    if flip:
        factors[rng.uniform(size=(n_samples, n_leads)) < flip] *= -1
    if lead_drop:
        luck = rng.uniform(size=(n_samples, n_leads))
        luckiest = luck.max(axis=1, keepdims=True)
        factors *= (luck >= lead_drop) | (luck == luckiest)
    leads *= factors.astype(leads.dtype)[:, :, None]
    for row in np.flatnonzero(lengths < n_timesteps):
        leads[row, :, lengths[row] :] = np.nan
    return np.ascontiguousarray(np.swapaxes(leads, 1, 2))


def _move(leads, lengths, most_steps, stretch, rng):
    """Shift by up to so many whole time steps, and stretch about the middle of each row, in place.

    The leads have the shape (n_samples, n_leads, n_timesteps).
    """
    n_samples, _, n_timesteps = leads.shape
    most_steps = int(most_steps + 1e-9)  # 0.3 s at 10 Hz are 3 steps
    shifts = rng.integers(-most_steps, most_steps, size=n_samples, endpoint=True)
    speeds = np.exp(rng.uniform(-1, 1, size=n_samples) * np.log1p(stretch))
    lasts = np.maximum(lengths - 1, 0)
    time_steps = np.arange(n_timesteps)
    # Row by row stays in the processor's cache, which is faster than all rows at once.
    for row, shift, speed, last in zip(leads, shifts, speeds, lasts, strict=True):
        if not stretch:
            row[:] = row[:, np.clip(time_steps - shift, 0, last)]
            continue
        sources = np.clip((time_steps - shift - last / 2) * speed + last / 2, 0, last)
        before = sources.astype(np.intp)
        after = np.minimum(before + 1, last)
        parts = (sources - before).astype(leads.dtype)
        lower = row[:, before]
        row[:] = lower + parts * (row[:, after] - lower)


def _standard_deviations(leads, lengths):
    """Compute that of each lead of each row, of shape (n_samples, n_leads), without padding."""
    if (lengths == leads.shape[2]).all():
        return leads.std(axis=2)
    parts = zip(leads, lengths, strict=True)
    return np.stack([row[:, : max(length, 1)].std(axis=1) for row, length in parts])


def _draw_wander(sizes, n_timesteps, fs, rng):
    """Mix sines with random weights, so that each lead has its own, of those sizes on average."""
    frequencies = rng.uniform(*_WANDER_BAND_HZ, size=_N_WANDERS)
    phases = 2 * np.pi * np.outer(frequencies / fs, np.arange(n_timesteps))
    waves = np.concatenate([np.sin(phases), np.cos(phases)]).astype(sizes.dtype)
    weights = rng.standard_normal((*sizes.shape, 2 * _N_WANDERS), dtype=sizes.dtype)
    weights *= sizes[:, :, None] / np.sqrt(_N_WANDERS, dtype=sizes.dtype)
    return weights @ waves


def _draw_mains(sizes, n_timesteps, fs, rng):
    """Draw sines of one frequency a row and one phase a lead, of those sizes."""
    frequencies = rng.choice(_MAINS_HZ, size=(len(sizes), 1, 1))
    cycles = frequencies / fs * np.arange(n_timesteps) + rng.uniform(size=(*sizes.shape, 1))
    return (np.sqrt(2) * sizes[:, :, None] * np.sin(2 * np.pi * cycles)).astype(sizes.dtype)
