"""Units as files and people write them."""

import pytest

from sklearn_ecg.utils._units import is_other_unit, millivolts_per_unit


@pytest.mark.parametrize(
    ("unit", "factor"),
    [
        ("V", 1e3),
        ("mV", 1),
        ("MV", 1),
        ("uV", 1e-3),
        ("µV", 1e-3),
        ("μV", 1e-3),
        ("nV", 1e-6),
        ("microvolts", 1e-3),
        ("uVolt", 1e-3),
        ("microV", 1e-3),
        ("ÂµV", 1e-3),
        ("Î¼V", 1e-3),
        (".V", None),
        ("{ADC}", None),
        ("", None),
        ("mmHg", None),
        ("s", None),
    ],
)
def test_units_of_voltage(unit, factor):
    """Each spelling of a unit of voltage has its factor to mV, and nothing else has one."""
    assert millivolts_per_unit(unit) == factor


@pytest.mark.parametrize(
    "unit", ["bpm", "mmHg", "%", "°C", "deg C", "m/(s^2)", "uS", "NU", "Degrees Celsius"]
)
def test_units_of_something_else(unit):
    """They are known, so nobody may call them a voltage."""
    assert is_other_unit(unit)


@pytest.mark.parametrize("unit", ["", "adu", "{ADC}", ".V", "LSB", "mV"])
def test_units_that_are_not_understood(unit):
    """The caller may say which one is meant."""
    assert not is_other_unit(unit)
