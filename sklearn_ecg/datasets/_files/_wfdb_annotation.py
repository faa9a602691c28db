"""Parse annotation files of WFDB records, as annot(5) describes them."""

import re

import numpy as np

from sklearn_ecg.datasets._files._contents import ECGFormatError, check_fs
from sklearn_ecg.utils._readable import refuse_no_file
from sklearn_ecg.utils._records import RHYTHM_CHANGE, UNKNOWN_RHYTHM

# Symbol of each code. A code that has none is shown as a comment: it means what a text says.
COMMENT = '"'
_SYMBOLS = np.full(64, COMMENT, dtype="<U1")
_SYMBOLS[1:15] = list("NLRaVFJASEj/Q~")
_SYMBOLS[16] = "|"
_SYMBOLS[18:42] = list('sT*D"=pB^t+u?![]en@xf()r')
SYMBOLS = frozenset(_SYMBOLS.tolist())
# O is any other rhythm, as in the CinC Challenge 2017. A text of another kind may name a person.
RHYTHMS = frozenset(
    "AB AF AFIB AFL ASYS AT B B3 BI BII BIII HGEA IVR J N NOD NSR O P PM PREX SAB SBR ST SVT SVTA "
    f"T VER VF VFIB VFL VT {UNKNOWN_RHYTHM}".split()
)
NOTE_CODE = 22
SKIP, NOTE_TEXT = 59, 63  # the first and the last of the codes that are not of marks
# A note at the start, such as "15 c calibration pulse", that says what the file means by a code.
_DEFINITION = re.compile(rb"(\d{1,2})[ \t]+(\S+)(?:[ \t].*)?", re.DOTALL)
_RESOLUTION = re.compile(rb"## time resolution: ([0-9.]{1,20})")


def code_of_symbols():
    """Return the code of each symbol."""
    return {symbol: code for code, symbol in enumerate(_SYMBOLS.tolist()) if symbol != COMMENT}


def read_annotations(path):
    """Read an annotation file.

    Returns
    -------
    marks : tuple of (ndarray of int, ndarray of str)
        Frame, or tick of `fs`, and symbol of each mark.
    rhythms : tuple of (ndarray of int, ndarray of str)
        The time step at which each rhythm begins, and its name.
    notes : list of (int, str)
        Position and free text of the marks that have one.
    fs : float or None
        Ticks per second where the file has a clock of its own.
    is_whole : bool
        Whether the file has the mark that stands at the end of all, or is empty.
    """
    refuse_no_file(path)
    words = np.fromfile(path, dtype="<u2")
    codes = words >> 10
    texts, skips, end = _walk(words, codes)
    is_whole = end < len(words) or not len(words)
    codes, words = codes[:end], words[:end]
    is_extra = np.zeros(end, dtype=bool)
    for start, stop in (*texts, *((skip + 1, skip + 3) for skip in skips)):
        is_extra[start:stop] = True
    is_mark = (codes > 0) & (codes < SKIP) & ~is_extra
    steps = np.where((codes < SKIP) & ~is_extra, words & 0x3FF, 0).astype(np.int64)
    skips = np.array(skips, dtype=np.intp)
    # A long step is stored as two words, the upper one first.
    high, low = words[skips + 1].astype(np.int64), words[skips + 2]
    steps[skips] = ((high ^ 0x8000) - 0x8000) * 0x10000 + low
    positions = np.cumsum(steps)[is_mark]
    notes = _notes(words, texts, is_mark)
    return *_split_off_head(positions, codes[is_mark], notes), is_whole


def _walk(words, codes):
    """Find the words that are text or long steps, and where the marks end.

    Only these, and words that are 0, depend on what stands before them; all the rest is done at
    once.
    """
    texts, skips = [], []
    free_from = 0
    for at in np.flatnonzero((codes == SKIP) | (codes == NOTE_TEXT) | (words == 0)).tolist():
        if at < free_from:
            continue
        if words[at] == 0:
            return texts, skips, at
        if codes[at] == SKIP:
            skips.append(at)
            free_from = at + 3
        else:
            n_bytes = int(words[at]) & 0x3FF
            free_from = at + 1 + (n_bytes + 1) // 2
            texts.append((at + 1, free_from))
        if free_from > len(words):
            raise ECGFormatError("has a truncated annotation file")
    return texts, skips, len(words)


def _notes(words, texts, is_mark):
    marks = np.flatnonzero(is_mark)
    owners = np.searchsorted(marks, [start for start, _ in texts]) - 1
    return {
        int(owner): words[start:stop].tobytes().rstrip(b"\x00")
        for owner, (start, stop) in zip(owners, texts, strict=True)
        if owner >= 0
    }


def _split_off_head(positions, codes, notes):
    """Remove the marks at the start that describe the file itself, and apply them."""
    fs, symbol_of, n_head = None, _SYMBOLS.copy(), 0
    for mark in range(len(positions)):
        text = notes.get(mark, b"")
        definition = _DEFINITION.fullmatch(text)
        is_head = positions[mark] == 0 and codes[mark] == NOTE_CODE
        if not is_head or (definition is None and not text.startswith(b"## ")):
            break
        n_head += 1
        resolution = _RESOLUTION.fullmatch(text)
        if resolution is not None:
            fs = check_fs(resolution[1].decode())
        elif definition is not None and len(definition[2]) == 1:
            code = int(definition[1])
            # What WFDB has a symbol for keeps it.
            if code < len(symbol_of) and code != NOTE_CODE and symbol_of[code] == COMMENT:
                symbol_of[code] = definition[2].decode("latin-1")
    symbols = symbol_of[codes]
    texts = [
        (int(positions[mark]), text.decode("latin-1"))
        for mark, text in notes.items()
        if text and mark >= n_head
    ]
    begins = [
        mark
        for mark, text in notes.items()
        if symbols[mark] == RHYTHM_CHANGE and text.startswith(b"(")
    ]
    names = [notes[mark][1:].decode("latin-1") for mark in begins]
    rhythms = (
        positions[begins],
        np.array([name if name in RHYTHMS else UNKNOWN_RHYTHM for name in names], dtype="<U4"),
    )
    marks = positions[n_head:], symbols[n_head:]
    return marks, rhythms, texts, fs
