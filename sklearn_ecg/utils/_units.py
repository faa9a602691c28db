"""Recognize units as files and people write them."""

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
