"""Write the files of a WFDB record: header, signal and annotations."""

import re

import numpy as np

from sklearn_ecg.datasets._files._wfdb_annotation import (
    COMMENT,
    NOTE_CODE,
    NOTE_TEXT,
    SKIP,
    code_of_symbols,
)
from sklearn_ecg.datasets._files._wfdb_header import NAME
from sklearn_ecg.datasets._files._wfdb_signal import gap_value
from sklearn_ecg.utils._records import RHYTHM_CHANGE

_COARSEST, _FINEST = 500.0, 64_000.0  # steps per mV; half a step of the coarsest is 1 uV
_LARGEST = 2**31 - 2  # of a value, and of a baseline, which are whole numbers of 32 bits
_LONGEST_STEP = 1023
_FIRST_FREE_CODE, _LAST_CODE = 42, 49
_MAX_TEXT_LENGTH = 255


def check_name(name):
    """Refuse a name that a header cannot have."""
    if not re.fullmatch(NAME, name):
        raise ValueError(
            f"path has the name {name!r}, but the name of a WFDB record has only letters, digits, "
            "'_' and '-'."
        )


def encode_signal(record, name):
    """Encode a signal.

    Returns
    -------
    header, data : bytes
        The record for the files `.hea` and `.dat`.
    """
    leads = zip(record.signal.T, record.lead_names, strict=True)
    scales = [_scale(lead, lead_name) for lead, lead_name in leads]
    n_bits = max(bits for bits, _, _ in scales)  # one file has one format
    digital = np.empty(record.signal.shape, dtype=f"<i{n_bits // 8}")
    lines = [f"{name} {len(scales)} {record.fs:.12g} {record.n_timesteps}"]
    for column, (_, gain, baseline) in enumerate(scales):
        counts = np.rint(record.signal[:, column].astype(np.float64) * gain) + baseline
        digital[:, column] = np.where(np.isnan(counts), gap_value(n_bits), counts)
        first = digital[0, column]
        checksum = (int(digital[:, column].sum(dtype=np.int64)) + 2**15) % 2**16 - 2**15
        lead = " ".join(record.lead_names[column].split())
        lines.append(
            f"{name}.dat {n_bits} {gain:g}({baseline})/mV {n_bits} 0 {first} {checksum} 0 {lead}"
        )
    return ("\n".join(lines) + "\n").encode(), digital.tobytes()


def _scale(lead, name):
    """Choose bits, gain and baseline so that a lead fits with steps as fine as possible."""
    known = lead[~np.isnan(lead)].astype(np.float64)
    if len(known) == 0:
        return 16, 1000.0, 0
    low, high = known.min(), known.max()
    span, middle = high - low, (low + high) / 2
    gain = _FINEST
    while gain > _COARSEST and (span * gain > 2**16 - 4 or abs(middle) * gain > _LARGEST):
        gain /= 2
    if span * gain > 2 * _LARGEST or abs(middle) * gain > _LARGEST:
        raise ValueError(
            f"record has a lead {name!r} of too large a range for WFDB, from {low:g} to {high:g} "
            "mV: check its unit, or write CSV."
        )
    n_bits = 16 if span * gain <= 2**16 - 4 else 32
    # What is known lies in the middle of the range, unless it fits as it is.
    is_centred = max(abs(low), abs(high)) * gain > 2**15 - 2
    return n_bits, gain, -round(middle * gain) if is_centred else 0


def encode_annotations(record, *, has_clock):
    """Encode marks and rhythms.

    Parameters
    ----------
    record : ECGRecord
        The record.
    has_clock : bool
        Whether to say at the beginning how many time steps a second has.

    Returns
    -------
    bytes
        The record with the marks.
    """
    positions, symbols = (part.tolist() for part in record.annotations)
    texts = _texts_of_rhythms(record, positions, symbols)
    codes, definitions = _choose_codes(symbols)
    head = [f"## time resolution: {record.fs:.12g}"] if has_clock else []
    if definitions:
        head += ["## annotation type definitions", *definitions, "## end of definitions"]
    words = bytearray(b"".join(_word(NOTE_CODE, 0) + _text(text) for text in head))
    at = 0
    for position, symbol, text in sorted(texts, key=lambda mark: mark[0]):
        step = position - at
        if not 0 <= step <= _LONGEST_STEP:
            words += _word(SKIP, 0) + (step >> 16).to_bytes(2, "little", signed=True)
            words += (step & 0xFFFF).to_bytes(2, "little")
            step = 0
        words += _word(codes[symbol], step) + _text(text)
        at = position
    return bytes(words) + b"\0\0"


def _texts_of_rhythms(record, positions, symbols):
    """List (position, symbol, text): each mark, and each rhythm at its mark or at a new one."""
    rhythms = dict(zip(*(part.tolist() for part in record.rhythms), strict=True))
    marks = [
        (position, symbol, f"({rhythms.pop(position)}")
        if symbol == RHYTHM_CHANGE and position in rhythms
        else (position, symbol, "")
        for position, symbol in zip(positions, symbols, strict=True)
    ]
    return marks + [(position, RHYTHM_CHANGE, f"({name}") for position, name in rhythms.items()]


def _choose_codes(symbols):
    """Find a code for each symbol, and define one for each that WFDB does not know."""
    codes = code_of_symbols() | {COMMENT: NOTE_CODE}
    definitions = []
    for symbol in sorted(set(symbols) - set(codes)):
        code = _FIRST_FREE_CODE + len(definitions)
        if code > _LAST_CODE:
            raise ValueError("record has more symbols of its own than an annotation file can have.")
        if not (symbol.isascii() and symbol.isprintable() and symbol.strip()):
            raise ValueError(
                f"record has a mark {symbol!r}; a symbol is one letter or sign of ASCII."
            )
        codes[symbol] = code
        definitions.append(f"{code} {symbol} {symbol}")
    return codes, definitions


def _word(code, step):
    return (code << 10 | step).to_bytes(2, "little")


def _text(text):
    data = text.encode("latin-1", "replace")
    if len(data) > _MAX_TEXT_LENGTH or data.decode("latin-1") != text:
        raise ValueError(
            f"record has a rhythm {text[:50]!r}, but WFDB takes {_MAX_TEXT_LENGTH} letters of "
            "Latin-1."
        )
    return _word(NOTE_TEXT, len(data)) + data + b"\0" * (len(data) % 2) if data else b""
