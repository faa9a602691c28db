"""Which symbol is which beat, written out by hand."""

from dataclasses import replace

import numpy as np
import pytest

from sklearn_ecg.beats import extract_beats
from sklearn_ecg.datasets import make_ecg
from sklearn_ecg.datasets._files._wfdb_annotation import SYMBOLS
from sklearn_ecg.utils._aami import CLASS_OF_SYMBOL, NOT_BEATS, annotated_beats, annotated_flutter

# WFDB's list of beats (ecgcodes.h), with the AAMI's classes after de Chazal et al.
BEATS = {
    "N": "N",  # normal
    "L": "N",  # left bundle branch block
    "R": "N",  # right bundle branch block
    "B": "N",  # bundle branch block, side not said
    "e": "N",  # atrial escape
    "j": "N",  # nodal (junctional) escape
    "A": "S",  # atrial premature
    "a": "S",  # aberrated atrial premature
    "J": "S",  # nodal (junctional) premature
    "S": "S",  # premature or ectopic supraventricular
    "n": "S",  # supraventricular escape
    "V": "V",  # premature ventricular
    "r": "V",  # R-on-T premature ventricular
    "E": "V",  # ventricular escape
    "F": "F",  # fusion of ventricular and normal
    "/": "Q",  # paced
    "f": "Q",  # fusion of paced and normal
    "Q": "Q",  # unclassifiable
    "?": "Q",  # not classified during learning
}


def test_each_beat_of_wfdb_has_its_class():
    """19 symbols, each with the class that a cardiologist would expect."""
    assert CLASS_OF_SYMBOL == BEATS


def test_each_symbol_of_a_file_is_a_beat_or_known_not_to_be_one():
    """Nothing that the reader of annotation files returns is unknown here."""
    assert not BEATS.keys() & NOT_BEATS
    assert BEATS.keys() < SYMBOLS
    assert SYMBOLS - BEATS.keys() <= NOT_BEATS


def test_beats_are_picked_in_order():
    """Marks of rhythms and waves are left out, and positions go with their classes."""
    time_steps, classes = annotated_beats((np.arange(6), np.array(list("+Npe?V"))))
    assert time_steps.tolist() == [1, 3, 4, 5]
    assert classes.tolist() == ["N", "N", "Q", "V"]
    none = annotated_beats((np.arange(0), np.array([], dtype="<U1")))
    assert [len(part) for part in none] == [0, 0]


def test_flutter_is_what_lies_between_its_marks():
    """A mark without the other says nothing."""
    symbols = np.array(list("N[!!]N]N[[!][N"))
    stretches = annotated_flutter((10 * np.arange(len(symbols)), symbols), 1000)
    assert stretches.tolist() == [[10, 40], [90, 110]]
    for symbols in ("", "N", "N[V", "]", "NN["):  # the last begins where the recording is over
        assert annotated_flutter((np.arange(len(symbols)), np.array([*symbols])), 2).shape == (0, 2)


@pytest.mark.parametrize("after", ["", "!!", "~"])
def test_fibrillation_may_last_to_the_end(after):
    """As in recordings of sudden death. Then beats that a detector finds there are no errors."""
    symbols = np.array([*"N[]N[", *after])
    record = make_ecg(duration_s=8, fs=100)
    record = replace(record, annotations=(100 * np.arange(len(symbols)), symbols))
    assert record.flutter.tolist() == [[100, 200], [400, 799]]
    assert record.part(500).flutter.tolist() == [[0, 299]]
    assert record.part(300, 500).flutter.tolist() == [[100, 199]]


@pytest.mark.parametrize(("symbols", "named"), [(["N", "Z"], "'Z'"), (["N", "VT", ""], "'', 'VT'")])
def test_symbol_that_wfdb_lacks_is_refused(symbols, named):
    """A beat under an unknown name must not vanish; the message names the symbol."""
    with pytest.raises(ValueError, match=f"symbols that WFDB does not have: {named}. Name beats"):
        annotated_beats((np.arange(len(symbols)), np.array(symbols)))


def test_rare_beats_do_not_vanish_from_rows():
    """Two of 20 beats are renamed `n` and `B`: all 20 stay, and no interval grows."""
    record = make_ecg(duration_s=20, fs=250, heart_rate=60, random_state=0)
    before = extract_beats(record, leads=["II"])
    symbols = record.annotations[1].copy()
    symbols[[7, 12]] = ["n", "B"]
    record.annotations[1][:] = symbols
    after = extract_beats(record, leads=["II"])
    assert len(before.target) == len(after.target) == 20
    assert after.target[[7, 12]].tolist() == ["S", "N"]
    np.testing.assert_array_equal(after.time_steps, before.time_steps)
    np.testing.assert_array_equal(after.data, before.data)
    assert record.heart_rate().min() > 40
