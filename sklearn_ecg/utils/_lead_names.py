"""Normalize the names of leads and units, and compute leads from other leads."""

import re

import numpy as np

_LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", *(f"V{number}" for number in range(1, 10)))
_LEADS += ("V3R", "V4R", "V5R", "V6R", "X", "Y", "Z")
# MIT-BIH's modified leads: the electrodes of a limb lead, moved to the chest.
_LEADS += ("MLI", "MLII", "MLIII", *(f"MV{number}" for number in range(1, 7)))
_BY_KEY = {lead.casefold(): lead for lead in _LEADS} | {"ml1": "MLI", "ml2": "MLII", "ml3": "MLIII"}
_PREFIX = re.compile(r"^(?:mdc_)?(?:(?:ecg|ekg|lead)[\s_:-]+)*", re.IGNORECASE)
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

_PREFIXES = {"": 1e3, "m": 1.0, "milli": 1.0, "u": 1e-3, "μ": 1e-3, "micro": 1e-3, "n": 1e-6}
_PREFIXES |= {"nano": 1e-6}
_MILLIVOLTS = {
    f"{prefix}{volt}": factor
    for prefix, factor in _PREFIXES.items()
    for volt in ("v", "volt", "volts")
}
# Units of other signals that a device records. Only a unit in neither table is not understood, and
# the caller may replace it.
_OTHER_UNITS = set(
    """mmhg cmh2o pa hpa kpa % percent bpm rpm brpm min /min 1/min hz khz s sec ms us μs ns l ml
    l/min l/s ml/s g mg m mm cm m/s m/s2 m/s^2 m/(s^2) m/s² deg deg/s rad rad/s °/s °c ° c degc
    celsius ohm ohms kohm kohms mohm ω kω μs siemens us μsiemens a ma μa ua w lux t mt μt gauss
    local_flux no_units nu pm nd""".split()
) | {"degrees celsius", "deg c"}


def normalize_lead_name(name):
    """Spell the name of a lead as this package does.

    Parameters
    ----------
    name : str
        Name as a file or a person writes it.

    Returns
    -------
    str
        `"I"`, `"aVR"`, `"V1"`, `"MLII"`, ...; an unknown name comes back as it is,
        without blanks at its ends.

    Examples
    --------
    >>> [normalize_lead_name(name) for name in ["Lead I (Einthoven)", "ECG II", "avr", " resp "]]
    ['I', 'II', 'aVR', 'resp']
    """
    # No lead has a long name, so the rest of a long text is not worth the time.
    name = name[:200].strip()
    key = _REMARK.sub("", _PREFIX.sub("", name)).casefold()
    return _BY_KEY.get(key.replace(" ", ""), name)


def is_known_lead(name):
    """Check whether a name is that of a lead, or only "ECG".

    Parameters
    ----------
    name : str
        Name as a file or a person writes it.

    Returns
    -------
    bool
        False for any other name, even if it is one of a lead in some file.

    Examples
    --------
    >>> is_known_lead("Lead II"), is_known_lead("ECG"), is_known_lead("resp")
    (True, True, False)
    """
    return normalize_lead_name(name) in _LEADS or name.strip().casefold() in ("ecg", "ekg")


def lead_recipe(name, available):
    """Find how to compute a lead from the available ones.

    Parameters
    ----------
    name : str or tuple of str
        Name of the lead, with a minus in front to turn it upside down; or alternatives, of which
        the first available one is used.
    available : sequence of str
        Names of the available leads.

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
    """Find the factor from a unit of voltage to mV.

    Parameters
    ----------
    unit : str
        Unit as a file or a person writes it. The micro sign may be any of Unicode's two, and may
        have been written in UTF-8 and read as Latin-1.

    Returns
    -------
    float or None
        The factor; None for any other unit.

    Examples
    --------
    >>> millivolts_per_unit("uV"), millivolts_per_unit("V"), millivolts_per_unit("mmHg")
    (0.001, 1000.0, None)
    """
    # "MV" is never meant as megavolt.
    return _MILLIVOLTS.get(_spell_unit(unit))


def is_other_unit(unit):
    """Check whether a unit is known but not a unit of voltage.

    Parameters
    ----------
    unit : str
        Unit as a file or a person writes it.

    Returns
    -------
    bool
        True for units such as `"bpm"`; False for voltages and for unknown units.

    Examples
    --------
    >>> is_other_unit("bpm"), is_other_unit("uV"), is_other_unit("adu")
    (True, False, False)
    """
    return _spell_unit(unit) in _OTHER_UNITS


def _spell_unit(unit):
    # Of the two characters for micro, casefold keeps one. In UTF-8 each has two bytes, which
    # Latin-1 takes for two characters.
    spelled = unit[:50].strip().casefold().replace("âμ", "μ").replace("î¼", "μ")
    return spelled.removesuffix("s") if spelled.endswith("vs") else spelled
