"""One spelling for each lead and each unit, and how a lead follows from others."""

import re

import numpy as np

_LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", *(f"V{number}" for number in range(1, 10)))
_LEADS += ("V3R", "V4R", "V5R", "V6R", "X", "Y", "Z")
# MIT-BIH's modified leads: the electrodes of a limb lead, moved to the chest.
_LEADS += ("MLI", "MLII", "MLIII", *(f"MV{number}" for number in range(1, 7)))
_BY_KEY = {lead.casefold(): lead for lead in _LEADS} | {"ml1": "MLI", "ml2": "MLII", "ml3": "MLIII"}
_PREFIX = re.compile(r"(?:mdc_)?(?:(?:ecg|ekg|lead)[\s_:-]+)*", re.IGNORECASE)
_REMARK = re.compile(r"\s*[(\[][^)\]]{0,100}[)\]]?\s*$")

# The limb leads are projections of one vector in the frontal plane; here in terms of I and II.
_LIMB = {
    "I": (1.0, 0.0),
    "II": (0.0, 1.0),
    "III": (-1.0, 1.0),
    "aVR": (-0.5, -0.5),
    "aVL": (1.0, -0.5),
    "aVF": (-0.5, 1.0),
}

_MILLIVOLTS = {"v": 1e3, "mv": 1.0, "uv": 1e-3, "μv": 1e-3, "nv": 1e-6}
_MILLIVOLTS |= {"volt": 1e3, "millivolt": 1.0, "microvolt": 1e-3}


def normalize_lead_name(name):
    """Spell the name of a lead as this package does.

    Parameters
    ----------
    name : str
        Name as a file or a person writes it.

    Returns
    -------
    str
        `"I"`, `"aVR"`, `"V1"`, `"MLII"`, ...; a name that is no known lead comes back as it is,
        without blanks at its ends.

    Examples
    --------
    >>> [normalize_lead_name(name) for name in ["Lead I (Einthoven)", "ECG II", "avr", " resp "]]
    ['I', 'II', 'aVR', 'resp']
    """
    # Nobody names a lead at length; a file that does is not worth the time.
    name = name[:200].strip()
    key = _REMARK.sub("", _PREFIX.sub("", name, count=1)).casefold()
    return _BY_KEY.get(key.replace(" ", ""), name)


def lead_recipe(name, available):
    """Find how a lead is had from those that are there.

    Parameters
    ----------
    name : str or tuple of str
        Name of the lead, with a minus in front if it is to be turned upside down; or alternatives,
        of which the first that can be had is taken.
    available : sequence of str
        Names of the leads that are there.

    Returns
    -------
    dict of int to float, or None
        The position of each lead that is needed and its weight in the sum; None if the lead is not
        there and does not follow from others.

    Examples
    --------
    >>> lead_recipe("aVF", ["V1", "I", "III"])
    {1: 0.5, 2: 1.0}
    >>> lead_recipe(("MLII", "II"), ["ECG II"]), lead_recipe("V1", ["II"])
    ({0: 1.0}, None)
    """
    spelled = [normalize_lead_name(lead) for lead in available]
    choices = [name] if isinstance(name, str) else list(name)
    for find in (_same_lead, _limb_lead):  # a recorded alternative before a computed one
        for choice in choices:
            choice = choice.strip()
            sign = -1.0 if choice.startswith("-") else 1.0
            recipe = find(choice if choice in spelled else choice.removeprefix("-"), spelled)
            if recipe is not None:
                sign = 1.0 if choice in spelled else sign
                return {position: sign * weight for position, weight in recipe.items()}
    return None


def lead_labels(names):
    """Return one name for each wanted lead: the first of alternatives.

    Parameters
    ----------
    names : sequence of str or of tuple of str
        Wanted leads.

    Returns
    -------
    tuple of str
        Their labels.

    Examples
    --------
    >>> lead_labels([("MLII", "II"), "V1"])
    ('MLII', 'V1')
    """
    return tuple(name if isinstance(name, str) else name[0] for name in names)


def _same_lead(name, spelled):
    name = normalize_lead_name(name)
    return {spelled.index(name): 1.0} if name in spelled else None


def _limb_lead(name, spelled):
    name = normalize_lead_name(name)
    pair = [lead for lead in _LIMB if lead in spelled][:2]
    if name not in _LIMB or len(pair) < 2:
        return None
    weights = np.linalg.solve(np.transpose([_LIMB[lead] for lead in pair]), _LIMB[name])
    return {spelled.index(lead): float(w) for lead, w in zip(pair, weights, strict=True)}


def millivolts_per_unit(unit):
    """Give the factor from a unit of voltage to mV, or None for any other unit.

    Parameters
    ----------
    unit : str
        Unit as a file or a person writes it.

    Returns
    -------
    float or None
        The factor.

    Examples
    --------
    >>> millivolts_per_unit("uV"), millivolts_per_unit("V"), millivolts_per_unit("mmHg")
    (0.001, 1000.0, None)
    """
    # Of the two characters for micro, casefold keeps one; "MV" is never meant as megavolt.
    return _MILLIVOLTS.get(unit.strip().casefold().removesuffix("s"))
