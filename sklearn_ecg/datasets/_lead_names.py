"""One spelling for each lead and each unit."""

import re

_LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", *(f"V{number}" for number in range(1, 10)))
_LEADS += ("V3R", "V4R", "V5R", "V6R", "X", "Y", "Z")
# MIT-BIH's modified leads: the electrodes of a limb lead, moved to the chest.
_LEADS += ("MLI", "MLII", "MLIII", *(f"MV{number}" for number in range(1, 7)))
_BY_KEY = {lead.casefold(): lead for lead in _LEADS} | {"ml1": "MLI", "ml2": "MLII", "ml3": "MLIII"}
_PREFIX = re.compile(r"(?:mdc_)?(?:(?:ecg|ekg|lead)[\s_:-]+)*", re.IGNORECASE)
_REMARK = re.compile(r"\s*[(\[][^)\]]{0,100}[)\]]?\s*$")

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
