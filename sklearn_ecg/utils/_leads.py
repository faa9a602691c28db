"""Normalize the names of leads, and compute leads from other leads."""

import re
from collections.abc import Iterable

import numpy as np

TWELVE_LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
_LEADS = (
    *TWELVE_LEADS,
    *("V7", "V8", "V9", "V3R", "V4R", "V5R", "V6R", "X", "Y", "Z"),
    # MIT-BIH's modified leads: the electrodes of a limb lead, moved to the chest.
    *("MLI", "MLII", "MLIII", "MV1", "MV2", "MV3", "MV4", "MV5", "MV6"),
)
_BY_KEY = {lead.casefold(): lead for lead in _LEADS} | {"ml1": "MLI", "ml2": "MLII", "ml3": "MLIII"}
_BY_KEY |= {"la-ra": "I", "ll-ra": "II", "ll-la": "III"}  # one electrode less another
# In Latin America and the south of Europe. DI may be a digital input; lead I follows from these.
_BY_KEY |= {"dii": "II", "diii": "III"}
_BY_KEY |= {"vx": "X", "vy": "Y", "vz": "Z"}  # Frank's leads in the PTB Diagnostic ECG Database
# Words in front of the name, as devices write them in several languages, whole or cut short.
_WORDS = "ecg ekg lead ableitung abl odprowadzenie odprow odpr dérivation derivation deriv"
_PREFIX = re.compile(rf"^(?:mdc_)?(?:(?:{'|'.join(_WORDS.split())})[\s_:.-]+)*", re.IGNORECASE)
#: The beginning of a remark that says that the lead is upside down, as in "aVR (neg)".
UPSIDE_DOWN = r"\s*(?:neg|inv|rev|flip|upside)"
_REMARK = re.compile(rf"\s*[(\[](?!{UPSIDE_DOWN}|\s*-)[^)\]]{{0,100}}[)\]]?\s*$", re.IGNORECASE)

# The limb leads are projections of one vector in the frontal plane; here in terms of I and II.
_LIMB = {
    "I": (1.0, 0.0),
    "II": (0.0, 1.0),
    "III": (-1.0, 1.0),
    "aVR": (-0.5, -0.5),
    "aVL": (1.0, -0.5),
    "aVF": (-0.5, 1.0),
}


def normalize_lead_name(name):
    """Spell the name of a lead as this package does.

    Parameters
    ----------
    name : str
        Name as a file or a person writes it.

    Returns
    -------
    str
        `"I"`, `"aVR"`, `"V1"`, `"MLII"`, ...; `"ECG"` of a device that says no more; an unknown
        name comes back as it is, without blanks at its ends, and with blanks in place of what
        cannot be printed.

    Examples
    --------
    >>> [normalize_lead_name(name) for name in ["Lead I (Einthoven)", "ECG II", "avr", "ekg", "b "]]
    ['I', 'II', 'aVR', 'ECG', 'b']
    """
    # No lead has a long name, so the rest of a long text is not worth the time.
    name = name[:200].strip()
    if not name.isprintable():  # a terminal would take it for an order
        name = "".join(sign if sign.isprintable() else " " for sign in name).strip()
    key = _REMARK.sub("", _PREFIX.sub("", name)).casefold()
    lead = _BY_KEY.get(key.replace(" ", ""), name)
    return "ECG" if lead.casefold() in ("ecg", "ekg") else lead


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
    return normalize_lead_name(name) in (*_LEADS, "ECG")


def lead_recipe(name, available):
    """Find how to compute a lead from the available ones.

    Parameters
    ----------
    name : str or tuple of str
        Name of the lead, with a minus in front to turn it upside down; or a tuple of alternatives.
        The first available one is used.
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
    for find in (_same_lead, _limb_lead):  # a recorded alternative before a computed one
        for choice in alternatives(name):
            choice = choice.strip()
            is_turned = choice.startswith("-") and choice not in spelled
            recipe = find(choice.removeprefix("-") if is_turned else choice, spelled)
            if recipe is not None:
                sign = -1.0 if is_turned else 1.0
                return {position: sign * weight for position, weight in recipe.items()}
    return None


def alternatives(lead):
    """Return the names of which a wanted lead may have any, the best first."""
    is_one = isinstance(lead, str) or not isinstance(lead, Iterable)
    names = [lead] if is_one else list(lead)
    if not (names and all(isinstance(name, str) for name in names)):
        raise TypeError(
            "a lead is chosen by its name, as in leads=['II'], or by alternatives, as in "
            f"leads=[('MLII', 'II')]; got {lead!r}."
        )
    return names


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
    return tuple(alternatives(name)[0] for name in names)


def label_of(name, available):
    """Return the name of that alternative of a wanted lead which is taken.

    Parameters
    ----------
    name : str or tuple of str
        The wanted lead.
    available : sequence of str
        The leads that are there.

    Returns
    -------
    str
        The name; the first one if none of them is there.

    Examples
    --------
    >>> label_of(("V1", "V5"), ["II", "V5"])
    'V5'
    >>> label_of(("aVF", "V1"), ["I", "II", "V1"])  # what is recorded comes before what is computed
    'V1'
    """
    recipe = lead_recipe(name, available)
    return next(one for one in alternatives(name) if lead_recipe(one, available) == recipe)


def combine_leads(signal, recipes):
    """Compute leads from the columns of a signal.

    Parameters
    ----------
    signal : ndarray of shape (n_timesteps, n_columns)
        The signal.
    recipes : list of (dict of int to float, or None)
        The weights of the columns in the sum that makes each lead; None for a lead of NaN.

    Returns
    -------
    ndarray of shape (n_timesteps, len(recipes))
        The leads, in the dtype of `signal`; `signal` itself if they are all of its columns, in
        their order, and a view of it if they are one column.
    """
    if all(recipe and list(recipe.values()) == [1.0] for recipe in recipes):
        columns = [column for recipe in recipes for column in recipe]
        if columns == list(range(signal.shape[1])):
            return signal
        if len(columns) == 1:  # a view: of a day, a copy would take 100 MB
            return signal[:, columns[0] : columns[0] + 1]
        return signal[:, columns]
    leads = np.full((len(signal), len(recipes)), np.nan, dtype=signal.dtype)
    for lead, recipe in zip(leads.T, recipes, strict=True):
        if recipe is not None:
            lead[:] = sum(weight * signal[:, column] for column, weight in recipe.items())
    return leads


class MissingLeadError(ValueError):
    """A lead is missing: the first argument is the reason, others are advice to those who code."""

    def __str__(self):
        return " ".join(self.args)

    @property
    def reason(self):
        return self.args[0]


def refuse_missing_leads(names, recipes, available, *, where):
    """Raise an error that names the leads for which there is no recipe.

    Parameters
    ----------
    names : sequence of str or of tuple of str
        Wanted leads.
    recipes : list of (dict or None)
        The result of `lead_recipe` for each lead.
    available : sequence of str
        The leads that are there.
    where : str
        Name of the record or file.

    Raises
    ------
    MissingLeadError
        If a lead is missing.
    """
    missing = [
        " or ".join(alternatives(name))
        for name, recipe in zip(names, recipes, strict=True)
        if recipe is None
    ]
    if missing:
        raise MissingLeadError(
            f"{where} has no lead {', '.join(missing)}; it has {', '.join(available) or 'none'}.",
            'Name an alternative, as in leads=[("MLII", "II")], or choose other leads. '
            'RecordReader and read_record make columns of NaN by missing_leads="nan", and '
            'ECGRecord.leads by missing="nan".',
        )


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
