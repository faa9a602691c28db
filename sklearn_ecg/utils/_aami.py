"""The five classes of heartbeats of the AAMI."""

import numpy as np

# Symbols that WFDB has for the beats of each class, by de Chazal's mapping
# (doi:10.1109/TBME.2004.827359), in which atrial and junctional escape beats (e, j) are N. Four
# symbols do not occur in his data: B bundle branch block, n supraventricular escape beat, r R-on-T
# ventricular beat, ? beat not classified.
_SYMBOLS = {"N": "NLRBej", "S": "AaJSn", "V": "VEr", "F": "F", "Q": "/fQ?"}
AAMI_CLASSES = tuple(_SYMBOLS)
CLASS_OF_SYMBOL = {symbol: aami for aami, symbols in _SYMBOLS.items() for symbol in symbols}
# WFDB's other symbols: rhythm and signal quality, waves and their limits, flutter waves, blocked
# P waves, spikes of a pacemaker, measurements, comments; ` and ' are older forms of ( and ).
NOT_BEATS = frozenset("+~|sT*D\"=p^tu[!]x()@`'")


def annotated_flutter(annotations, n_timesteps):
    """Find the stretches of ventricular flutter or fibrillation, which have waves and no beats.

    Parameters
    ----------
    annotations : tuple of (ndarray of int, ndarray of str)
        Time step and symbol of each mark, in order of time.
    n_timesteps : int
        Time steps of the recording.

    Returns
    -------
    ndarray of shape (n_stretches, 2), int
        First and last time step of each, from `[` to `]`. If no beat follows the last `[`, the
        stretch lasts to the end of the recording. Any other mark that stands alone is left out.
    """
    time_steps, symbols = annotations
    marks = np.flatnonzero(np.isin(symbols, ["[", "]"]))
    is_start = symbols[marks] == "["
    whole = np.flatnonzero(is_start[:-1] & ~is_start[1:])
    stretches = np.stack([time_steps[marks[whole]], time_steps[marks[whole + 1]]], axis=1)
    if is_start[-1:].any() and not np.isin(symbols[marks[-1] :], [*CLASS_OF_SYMBOL]).any():
        # The heart or the recorder stopped before the fibrillation did.
        to_the_end = [time_steps[marks[-1]], n_timesteps - 1]
        if to_the_end[0] < to_the_end[1]:  # marks of a record may lie behind its signal
            stretches = np.append(stretches, [to_the_end], axis=0)
    return stretches


def annotated_beats(annotations):
    """Pick the beats among the marks of a record.

    Parameters
    ----------
    annotations : tuple of (ndarray of int, ndarray of str)
        Time step and symbol of each mark.

    Returns
    -------
    time_steps : ndarray of shape (n_beats,)
        The time step of each beat.
    classes : ndarray of shape (n_beats,)
        The AAMI's class of each beat.

    Raises
    ------
    ValueError
        If a symbol is not one of WFDB's, because a beat could vanish behind it.
    """
    time_steps, symbols = annotations
    kinds, which = np.unique(symbols, return_inverse=True)
    unknown = [str(kind) for kind in kinds if kind not in CLASS_OF_SYMBOL and kind not in NOT_BEATS]
    if unknown:
        raise ValueError(
            f"annotations has symbols that WFDB does not have: {', '.join(map(repr, unknown))}. "
            f"Name beats by one of {' '.join(CLASS_OF_SYMBOL)}, and other marks by '\"', a comment."
        )
    classes = np.array([CLASS_OF_SYMBOL.get(str(kind), "") for kind in kinds], dtype="<U1")[which]
    is_beat = classes != ""
    return time_steps[is_beat], classes[is_beat]
