"""Stamps of time in tables."""

import numpy as np
import pytest

from sklearn_ecg.datasets._files._csv_stamps import is_stamp, stamp_reader, unwrap_clock


@pytest.mark.parametrize(
    ("cell", "seconds"),
    [
        ("1970-01-02 00:00:01.25", 86401.25),
        ("1970-01-02T01:00:00Z", 90000),
        ("1970-01-01T01:00:00.5+01:00", 0.5),
        ("1970-01-01T01:00:00-0130", 9000),
        ("1970-01-01 01:00:00.5+01", 0.5),
        ("1970-01-01 01:00:00.5 -0130", 9000.5),
        ("1970-01-01 01:00:00.5 UTC", 3600.5),
        ("1970-01-01 00:00:00.123456789", 0.123456789),
        ("12:00:00.004", 43200.004),
        ("1:00:00,5", 3600.5),
        ("100:00:00", 360000),
        ("0:00.004", 0.004),
        ("61:02.5", 3662.5),
        ("02/01/1970 00:00:01.25", 86401.25),
        ("1/31/1970 0:00:01", 30 * 86400 + 1),
        ("31.01.1970 00:00:01,5", 30 * 86400 + 1.5),
        ("1970/01/02 00:00:01", 86401),
        ("02-Jan-1970 00:00:01", 86401),
        ("1/2/00 00:00:01", 31 * 86400 + 946684801),
        ("[00:00:01.250 02/01/1970]", 86401.25),
        ("12:00:01.5 AM", 1.5),
        ("1/31/1970 12:00:01 pm", 30 * 86400 + 43201),
        ("1:00:01PM", 46801),
        ("1:00:01.5 p. m.", 46801.5),
        ("1 days 00:00:01.25", 86401.25),
        ("0 days 00:00:01", 1),
        ("2/1/1970 9:00:01:250", 86400 + 32401.25),
    ],
)
def test_stamps_are_seconds(cell, seconds):
    """Since 1970, since midnight, or since the start."""
    assert is_stamp(cell)
    assert stamp_reader()(f"'{cell}'") == pytest.approx(seconds, abs=1e-9)


@pytest.mark.parametrize(
    "cell",
    [
        "12:30",
        "2026-01-31",
        "2026-01-31 12:30",
        "1:2:3",
        "a",
        "12.5",
        "1:02:250",
        "1:02:03:25",
        "31/13/2026 12:00:00",
        "30/Fab/2026 12:00:00",
        "31-01-2026 12:00",
    ],
)
def test_what_does_not_tell_seconds_is_no_stamp(cell):
    """An hour and a minute cannot be told from a minute and a second."""
    assert not is_stamp(cell)
    assert np.isnan(stamp_reader()(cell))


def test_clock_goes_on_after_midnight():
    """If it has no date; otherwise it would have run backwards."""
    assert unwrap_clock(np.array([86399.0, 0, 1])).tolist() == [86399, 86400, 86401]
    dated = np.array([10 * 86400.0, 9 * 86400])
    assert unwrap_clock(dated).tolist() == dated.tolist()
    set_back = np.array([36000.0, 36001, 35999])  # which is no midnight
    assert unwrap_clock(set_back).tolist() == set_back.tolist()


def test_clock_goes_on_after_a_full_hour():
    """If it has no hours, as Excel saves "59:59.9"."""
    stamps = [stamp_reader()(cell) for cell in ("59:59.9", "00:00.0", "59:59.9", "00:00.1")]
    np.testing.assert_allclose(unwrap_clock(np.array(stamps)), [3599.9, 3600, 7199.9, 7200.1])


def test_months_are_english_in_a_program_of_any_language(run_python):
    """As one is that calls `locale.setlocale`; it read no stamps of October."""
    code = """
import calendar
calendar.month_abbr = " Jan Feb Mär Apr Mai Jun Jul Aug Sep Okt Nov Dez".split(" ")
from sklearn_ecg.datasets._files._csv_stamps import stamp_reader
print([stamp_reader()(f"02-{month}-1970 00:00:00") for month in ("Jan", "OCT")])
"""
    assert run_python(code).stdout == f"[86400.0, {274 * 86400.0}]\n"
