"""The five classes of heartbeats that the AAMI recommends to report."""

import numpy as np

# de Chazal's mapping (doi:10.1109/TBME.2004.827359) of beat symbols to the AAMI's five classes;
# every other symbol marks a rhythm, a wave or noise, not a beat.
AAMI_CLASS = {
    symbol: aami
    for aami, symbols in {"N": "NLRej", "S": "AaJS", "V": "VE", "F": "F", "Q": "/fQ"}.items()
    for symbol in symbols
}


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
    """
    time_steps, symbols = annotations
    is_beat = np.isin(symbols, list(AAMI_CLASS))
    classes = np.array([AAMI_CLASS[symbol] for symbol in symbols[is_beat]], dtype="<U1")
    return time_steps[is_beat], classes
