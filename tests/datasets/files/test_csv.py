"""Tables of text."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_ecg.datasets import ECGFormatError, read_record


@pytest.fixture
def read(tmp_path):
    """Read a text as a file."""

    def read_text(text, **options):
        path = tmp_path / "walk.txt"
        path.write_text(text, encoding="utf-8")
        return read_record(path, **options)

    return read_text


def test_units_and_names_stand_in_the_header(read):
    """Each column has its own unit, in either kind of brackets."""
    record = read("time (s),Lead II (mV),avr [µV],V1 (V)\n0,1,1000,0.001\n0.01,2,2000,0.002\n")
    assert record.lead_names == ("II", "aVR", "V1")
    assert record.fs == 100
    assert_allclose(record.signal, [[1, 1, 1], [2, 2, 2]])


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters(read, delimiter):
    """Commas, semicolons and tabs part columns; comments and empty lines may come first."""
    lines = ["# made by hand", "", '"II (mV)",I', "1,5".replace(",", "."), ""]
    text = "\n".join(
        [*lines[:2], f'"II (mV)"{delimiter}I (mV)', f"1.5{delimiter}2", f"3{delimiter}-4e-1"]
    )
    assert_allclose(read(text, file_fs=10).signal, [[1.5, 2], [3, -0.4]])


def test_decimal_commas(read):
    """Where columns are parted otherwise, a comma is a decimal point."""
    assert_allclose(
        read("I (mV);II (mV)\n0,5;1,25\n-0,5;0\n", file_fs=10).signal, [[0.5, 1.25], [-0.5, 0]]
    )


def test_empty_cells_are_gaps(read):
    """A cell without a number is NaN, at either end of the line too."""
    record = read("I (mV),II (mV),III (mV)\n,1,2\n3,,4\n5,6,\r\n", file_fs=10)
    nan = np.nan
    assert_array_equal(record.signal, [[nan, 1, 2], [3, nan, 4], [5, 6, nan]])


def test_missing_lines_are_gaps(read):
    """Where the time jumps by whole steps, the steps between are NaN."""
    record = read("time,II (mV)\n0,1\n0.1,2\n0.2,3\n0.5,4\n0.6,5\n")
    assert record.fs == 10
    assert_array_equal(record.signal[:, 0], [1, 2, 3, np.nan, np.nan, 4, 5])


def test_one_missing_line_among_many_is_a_gap(read):
    """A slightly lower rate would explain it as well, to within half a step: it is not taken."""
    lines = "".join(f"{i / 100},{i}\n" for i in range(1001) if i != 500)
    record = read(f"time,II (mV)\n{lines}")
    assert record.fs == 100
    assert np.flatnonzero(np.isnan(record.signal[:, 0])).tolist() == [500]


@pytest.mark.parametrize("fs", [100, 125, 128, 250, 256, 300, 360, 500, 1000])
def test_rate_is_found_in_rounded_times(read, fs):
    """Times that were rounded to a millisecond give the rate that they were made with."""
    lines = "".join(f"{i / fs:.3f},{i}\n" for i in range(10 * fs))
    record = read(f"time (s),II (mV)\n{lines}")
    assert (record.fs, record.n_timesteps) == (fs, 10 * fs)


def test_stated_rate_decides(read):
    """`file_fs` goes first where several rates explain the times."""
    assert read("time (ms),II (mV)\n0,1\n3,2\n5,3\n8,4\n", file_fs=360).fs == 360


def test_stated_unit_is_used_where_there_is_none(read):
    """A unit in the header goes before the stated one."""
    record = read("I,II (mV)\n1000,1\n2000,2\n", file_fs=10, file_unit="uV")
    assert_allclose(record.signal, [[1, 1], [2, 2]])


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("I (mV),II (mV)\n1,2\n", {}, "state its sampling rate as file_fs"),
        ("I,II\n1,2\n", {"file_fs": 10}, "state file_unit"),
        ("time,I (mV)\n0,2\n0,3\n", {}, "does not increase"),
        ("time,I (mV)\n0,2\n0.1,3\n0.173,4\n0.2,5\n0.9,3\n", {}, "no sampling rate explains"),
        ("time (h),I (mV)\n0,2\n1,3\n", {}, "unit other than s and ms"),
        ("time_ms,I (mV)\n0,2\n4,3\n", {"file_fs": 250}, r"name it time \(s\) or time \(ms\)"),
        ("time,I (mV)\n0,2\n0.004,3\n0.008,4\n", {"file_fs": 500}, "says 250 Hz, and not file_fs"),
        ("time,I (mV)\n0,1\n0.1,2\n0.2,2\n0.3,2\n1e9,3\n", {}, "too many for its"),
        ("I (mV),II (mV)\n1,2\n1\n", {"file_fs": 10}, "damaged"),
        ("I (mV),II (mV)\n1,2\nKarl,3\n", {"file_fs": 10}, "damaged"),
        (
            ",".join(f"c{i} (mV)" for i in range(300)) + "\n" + ",".join("1" * 300),
            {"file_fs": 10},
            "has 300 signals",
        ),
        ("1,2\n3,4\n", {"file_fs": 10}, "no known format"),
        ("record,label\nA00001,N\n", {}, "no known format"),
    ],
)
def test_tables_that_make_no_sense_are_refused(read, text, options, message):
    """Each fault has its message, and none quotes the file."""
    with pytest.raises(ECGFormatError, match=message) as error:
        read(text, **options)
    assert "Karl" not in str(error.value)


@pytest.mark.parametrize("first", ["", "index", "sample", "'sample #'"])
def test_numbers_of_lines_are_no_lead(read, first):
    """As pandas and WFDB's own program write them in front, the latter with quotes."""
    record = read(f"{first},'II'\n0,0.5\n1,0.7\n", file_fs=10, file_unit="mV")
    assert record.lead_names == ("II",)
    assert_allclose(record.signal, [[0.5], [0.7]])


def test_micro_of_old_programs_is_read(tmp_path):
    """In Latin-1 the micro sign is one byte."""
    path = tmp_path / "old.csv"
    path.write_bytes("time (s);II (µV)\r\n0;120\r\n0,004;150\r\n".encode("cp1252"))
    assert_allclose(read_record(path).signal, [[0.12], [0.15]])
