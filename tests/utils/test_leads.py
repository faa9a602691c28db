"""One spelling for each lead, and how a lead follows from those that are there."""

import numpy as np
import pandas as pd
import pytest

from sklearn_ecg.utils._leads import (
    is_known_lead,
    lead_labels,
    lead_recipe,
    normalize_lead_name,
)

# The limb leads as differences of the potentials at the right arm, the left arm and the left leg.
RIGHT, LEFT, LEG = 0.3, 1.1, 2.0
LIMB = {
    "I": LEFT - RIGHT,
    "II": LEG - RIGHT,
    "III": LEG - LEFT,
    "aVR": RIGHT - (LEFT + LEG) / 2,
    "aVL": LEFT - (RIGHT + LEG) / 2,
    "aVF": LEG - (LEFT + RIGHT) / 2,
}


@pytest.mark.parametrize(
    ("written", "lead"),
    [
        ("I", "I"),
        ("Lead I (Einthoven)", "I"),
        ("lead_iii", "III"),
        ("ECG II", "II"),
        ("EKG V1", "V1"),
        ("ECG Lead aVF", "aVF"),
        ("AVR", "aVR"),
        ("MDC_ECG_LEAD_V6", "V6"),
        ("ECG aVL [mV]", "aVL"),
        ("Ableitung aVR", "aVR"),
        ("Abl. V6", "V6"),
        ("EKG Abl.I", "I"),
        ("Odprowadzenie AVL", "aVL"),
        ("odpr. iii", "III"),
        ("Dérivation V2", "V2"),
        ("mlii", "MLII"),
        ("ML2", "MLII"),
        ("ECG LA-RA", "I"),
        ("LL-RA", "II"),
        ("ll-la (mV)", "III"),
        ("DIII", "III"),  # derivación
        ("vx", "X"),  # of Frank, in PTB's first database
        ("DI", "DI"),  # lead I, or a digital input
        ("ECG", "ECG"),
        ("ecg", "ECG"),  # of devices with one lead, which one model shall take
        ("Ekg", "ECG"),
        ("ECG1", "ECG1"),
        ("C1", "C1"),  # an electrode of the chest, or of the head
        ("Ableitung 3", "Ableitung 3"),
        ("V lead 1", "V lead 1"),  # only in front is it a word beside the name
        (" resp ", "resp"),
        ("II\x1b", "II"),  # what cannot be printed may be an order to a terminal
        ("Lead\u00a0II", "II"),
        ("chest\x1b[2J\u202e\n1", "chest [2J  1"),
        ("aVR (neg)", "aVR (neg)"),  # upside down, so another lead
        ("aVR [inverted]", "aVR [inverted]"),
        ("II (-)", "II (-)"),
        ("II (upside down)", "II (upside down)"),
        ("V1 (Reversed)", "V1 (Reversed)"),
        ("", ""),
    ],
)
def test_leads_have_one_spelling(written, lead):
    """Known leads are spelled in one way; other names stay as they are."""
    assert normalize_lead_name(written) == lead
    assert normalize_lead_name(lead) == lead


def test_known_leads():
    """A name that only some file has is not known."""
    assert all(map(is_known_lead, ["Lead II", "avr", "V1", "MLII", "ECG", "ekg"]))
    assert not any(map(is_known_lead, ["", "resp", "Karl", "V12", "CH1"]))


@pytest.mark.parametrize("first", LIMB)
@pytest.mark.parametrize("second", LIMB)
def test_any_two_limb_leads_give_the_others(first, second):
    """Whatever is recorded, in whatever order, with other leads between."""
    available = [first, "V1", second]
    for lead, value in LIMB.items():
        recipe = lead_recipe(lead, available)
        if lead in (first, second):
            assert recipe == {available.index(lead): 1.0}
        elif first == second:
            assert recipe is None
        else:
            potentials = [LIMB[first], np.nan, LIMB[second]]
            total = sum(weight * potentials[column] for column, weight in recipe.items())
            assert total == pytest.approx(value)


@pytest.mark.parametrize(
    ("name", "available", "recipe"),
    [
        ("v2", ["V1", "V2"], {1: 1.0}),
        ("-V2", ["V1", "V2"], {1: -1.0}),
        (" - lead II", ["ECG II"], {0: -1.0}),
        (("V1", "-V2"), ["V2"], {0: -1.0}),
        (("III", "V2"), ["I", "II", "V2"], {2: 1.0}),  # recorded before computed
        (("V3", "III"), ["I", "II", "V2"], {0: -1.0, 1: 1.0}),
        ("-III", ["I", "II"], {0: 1.0, 1: -1.0}),
        ("aVF", ["III", "I", "II"], {1: -0.5, 2: 1.0}),  # two of three
        ("-x", ["x", "-x"], {1: 1.0}),  # a name that begins with a minus
        ("Z", ["X", "Y"], None),
        (("V1", "V2"), ["II"], None),
        ("III", [], None),
    ],
)
def test_recipe_by_hand(name, available, recipe):
    """The position of each lead that is needed and its weight."""
    assert lead_recipe(name, available) == recipe


@pytest.mark.parametrize("kind", [tuple, list, np.array, pd.Index, pd.Series])
def test_alternatives_may_be_of_any_sequence(kind):
    """Such as the column of a table."""
    names = kind(["MLII", "II"])
    assert lead_labels([names, "V1"]) == ("MLII", "V1")
    assert lead_recipe(names, ["II"]) == {0: 1.0}


@pytest.mark.parametrize("lead", [0, None, (), b"II", ["II", 1]])
def test_lead_that_is_no_name_is_refused(lead):
    """Such as a position: the error was one of a line of ours."""
    for use in (lambda: lead_labels(["II", lead]), lambda: lead_recipe(lead, ["II"])):
        with pytest.raises(TypeError, match="a lead is chosen by its name") as error:
            use()
        assert f"; got {lead!r}." in str(error.value)


@pytest.mark.parametrize(
    "lead",
    [*LIMB, *(f"V{n}" for n in range(1, 10)), "V3R", "V6R", "X", "Y", "Z", "MLIII", "MV1", "MV6"],
)
def test_leads_are_known_in_small_letters(lead):
    """Each lead of a usual recording has its spelling, and what is not one keeps its own."""
    assert normalize_lead_name(lead.lower()) == lead
    assert normalize_lead_name(f"ecg {lead[:-1]} {lead[-1]}") == lead
    for other in ("v10", "mv7", "v2r", "mliv"):
        assert normalize_lead_name(other) == other


@pytest.mark.parametrize(("written", "lead"), [("ml1", "MLI"), ("ML3", "MLIII"), ("mli", "MLI")])
def test_modified_leads_are_known_by_number(written, lead):
    """MIT-BIH's leads may be numbered in Arabic too."""
    assert normalize_lead_name(written) == lead
