"""Tables of text."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_ecg.datasets import ECGFormatError, read_record

STATED = {"file_fs": 10, "file_unit": "mV"}


@pytest.fixture
def read(tmp_path):
    """Read a text as a file."""

    def read_text(text, encoding="utf-8", **options):
        path = tmp_path / "walk.txt"
        path.write_text(text, encoding=encoding)
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
    assert_allclose(read("II (mV)\n0,5\n0,75\n", file_fs=10).signal, [[0.5], [0.75]])
    assert_allclose(
        read("I (mV);II (mV)\n0,5;1,25\n-0,5;0\n", file_fs=10).signal, [[0.5, 1.25], [-0.5, 0]]
    )


@pytest.mark.parametrize("names", ["", "I II\n", "I(mV) II(mV)\n"])
def test_decimal_commas_between_blanks(read, names):
    """As R writes: whole numbers and decimals, which commas part, had become two leads."""
    text = f"{names}0,5 1,25\n-0,75 2\nNA  3,0\n"
    record = read(text, file_lead_names=["I", "II"], **STATED)
    assert record.lead_names == ("I", "II")
    assert_allclose(record.signal, [[0.5, 1.25], [-0.75, 2], [np.nan, 3]])


@pytest.mark.parametrize("cut", ["2", "2,", "0,5 "])
def test_decimal_commas_between_blanks_above_a_cut_line(read, cut):
    """It has fewer numbers than the others, and so had passed for a line of other columns."""
    record = read(f"I II\n0,5 1,25\n-0,75 2,5\n{cut}", **STATED)
    assert record.lead_names == ("I", "II")
    assert_allclose(record.signal, [[0.5, 1.25], [-0.75, 2.5]])


def test_blanks_within_a_column_between_commas(read):
    """Where commas part as many names, they part the columns: "3,512" is no decimal."""
    record = read("room,II\n2 3,512\n2 3,513\n", **STATED)
    assert record.lead_names == ("II",)
    assert_allclose(record.signal, [[512], [513]])


@pytest.mark.parametrize("name", ["aVR (neg)", "II [Inverted]"])
def test_remark_that_a_lead_is_upside_down_is_no_unit(read, name):
    """Without it, the name would be that of the lead as usual."""
    record = read(f"{name},V1 (mV)\n1,2\n3,4\n", **STATED)
    assert record.lead_names == (name, "V1")


def test_blanks_beside_commas_that_part_columns(read):
    """Such commas are at the end of a number, or of nothing."""
    record = read("1, 2\n3 ,4\n", file_lead_names=["I", "II"], **STATED)
    assert_allclose(record.signal, [[1, 2], [3, 4]])


@pytest.mark.parametrize("names", ["time (s),II (mV),note", '"time (s)","II (mV)","note"'])
def test_decimal_commas_in_quotes(read, names):
    """There they part no columns, even where they might part thousands in other lines."""
    lines = ['0,"0,5",a', '"0,004","-1,234","b, c"', '"0,008",,""', '"1,2e-2","7",d']
    record = read("\n".join([names, *lines]) + "\n")
    assert record.fs == 250
    assert_allclose(record.signal[:, 0], [0.5, -1.234, np.nan, 7])


@pytest.mark.parametrize(("names", "mark"), [("n;II (uV)", "."), ("n\tII (uV)", ",")])
def test_thousands_without_quotes_are_no_decimals(read, names, mark):
    """As spreadsheets write them: 1.234 uV beside 567 uV would be 1.2 uV."""
    values = np.rint(2500 * np.sin(np.arange(500) / 20)).astype(int)
    lines = [f"{i}{names[1]}{value:,}" for i, value in enumerate(values)]
    text = "\n".join([names, *lines]).replace(",", mark)
    with pytest.raises(ECGFormatError, match="write them like 1234"):
        read(text, file_fs=250)


@pytest.mark.parametrize("step", [1, 0.5, 0.125, 0.001])
def test_decimals_are_no_thousands(read, step):
    """Some are below one, few are whole numbers, or few have three digits."""
    values = np.round((np.arange(500) * 7 % 4000) * step * 10 + 1, 3)
    record = read("n;II (uV)\n" + "".join(f"{i};{x:g}\n" for i, x in enumerate(values)), file_fs=9)
    assert_allclose(record.signal[:, 0], values / 1000, rtol=1e-5)


def test_decimals_beside_the_limit_of_a_converter_are_no_thousands(read):
    """An amplifier that is at its limit writes it as a whole number; no thousand is one."""
    values = np.minimum(np.round(900.123 + 300 * np.sin(np.arange(500) / 20), 3), 1000)
    record = read("n;II (uV)\n" + "".join(f"{i};{x:g}\n" for i, x in enumerate(values)), file_fs=9)
    assert_allclose(record.signal[:, 0], values / 1000, rtol=1e-5)


def test_thousands_in_quotes_are_no_decimal_commas(read):
    """A number may be a thousand times as large: it is not guessed which."""
    with pytest.raises(ECGFormatError, match=r"write them like 0\.5 or 0,5"):
        read('time (s),II (uV)\n0,"1,234"\n0.004,"-2,345"\n')


@pytest.mark.parametrize("text", ["II (mV)\n0,5\n-1,25\n", '"II (mV)"\n"0,5"\n"-1,25"\n'])
def test_decimal_commas_of_one_column(read, text):
    """Below a single name with its unit, a comma cannot part columns."""
    assert_allclose(read(text, file_fs=10).signal, [[0.5], [-1.25]])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ECG\n512,498\n513,497\n", "does not name each of its 2 columns"),
        ('"I (mV)","II (mV)"\n"1",0.1,0.2\n"2",0.3,0.4\n', "does not name each of its 3 columns"),
        ("I II\n1 0.1 0.2\n2 0.3 0.4\n", "does not name each of its 3 columns"),
        ("I (mV),II (mV),\n1,2,3\n4,5,6\n", "does not name each of its 3 columns"),
        ("I (mV),II (mV),III (mV)\n1,2\n4,5\n", "does not name each of its 2 columns"),
        ("I (mV);II (mV)\n1.234,5;0,2\n1.234,5;0,2\n", "column 1, which is named as a lead, needs"),
        ("I,II\n0.1,0.2 mV\n0.3,0.4 mV\n", "column 2, which is named as a lead, needs numbers"),
        ("I (mV),wave (uV)\n1,0x10\n2,0x20\n", "column 2, which is named as a lead"),
        ("I (mV),II\n1,2\n3,4\n", "does not say in which unit II is: state file_unit"),
    ],
)
def test_no_lead_is_lost_or_mistaken(read, text, message):
    """A lead without readable numbers, and names that shift by a column, are errors."""
    with pytest.raises(ECGFormatError, match=message):
        read(text, file_fs=10)


def test_empty_cells_are_gaps(read):
    """A cell without a number is NaN, at either end of the line too."""
    record = read("I (mV),II (mV),III (mV)\n,1,2\n3,,4\n5,6,\r\n", file_fs=10)
    nan = np.nan
    assert_array_equal(record.signal, [[nan, 1, 2], [3, nan, 4], [5, 6, nan]])


def test_empty_cells_of_a_long_table_are_gaps(read):
    """Wherever a long table is taken apart to be read, no cell is lost."""
    expected = np.arange(120_000.0).reshape(-1, 3)
    expected[1::7, 0] = expected[2::11, 1] = expected[3::5, 2] = np.nan
    lines = [",".join("" if np.isnan(x) else f"{x:.0f}" for x in line) for line in expected]
    text = "I (mV),II (mV),III (mV)\n" + "\n".join(lines) + "\n12"  # which is cut
    assert_array_equal(read(text, file_fs=10).signal, expected)


@pytest.mark.parametrize("n_before", range(10))
def test_line_that_goes_on_after_the_head_does_not_count(read, n_before):
    """A number may be cut where it is none, as in `1.5e-`; a column of words would be left out."""
    text = "#" + n_before * "x" + "\nII (mV)\n" + 8000 * "1.25e-01\n"
    np.testing.assert_array_equal(read(text, file_fs=10).signal, np.full((8000, 1), 0.125))


def test_byte_order_mark_before_numbers(read):
    """A mark of the encoding is not a part of the first number."""
    stated = STATED | {"file_lead_names": ["I", "II"]}
    for encoding in ("utf-8-sig", "utf-16"):
        assert_array_equal(read("1,2\n3,4\n", encoding, **stated).signal, [[1, 2], [3, 4]])
        record = read("1,2\n,4\n", encoding, **stated)
        assert_array_equal(record.signal, [[1, 2], [np.nan, 4]])


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
        ("time (h),I (mV)\n0,2\n1,3\n", {}, "unit other than min, s, ms, us and ns"),
        ("time,I (mV)\n0,2\n4,3\n", {}, r"unknown unit: name it time \(s\), time \(ms\)"),
        ("time,I (mV)\n0,2\n0.004,3\n0.008,4\n", {"file_fs": 500}, "says 250 Hz, and not file_fs"),
        ("time,I (mV)\n0,1\n0.1,2\n0.2,2\n0.3,2\n1e9,3\n", {}, "too many for its"),
        ("I (mV),II (mV)\n1,2\n1\n", {"file_fs": 10}, "another number of columns in its table"),
        ("I (mV),II (mV)\n1,2\nKarl,3\n", {"file_fs": 10}, "a text in its table near line 2"),
        ("I (mV),note\n1,a\n2,b\n3,c,4\n", {"file_fs": 10}, "another number of columns"),
        (
            ",".join(f"c{i} (mV)" for i in range(300)) + "\n" + ",".join("1" * 300),
            {"file_fs": 10},
            "has 300 columns; 256 leads can be read, one a column, with one line for each",
        ),
        (
            "1,2\n3,4\n",
            {"file_fs": 10},
            "does not name each of its 2 columns: state file_lead_names",
        ),
        (
            "t,I,II\n0,1,2\n1,3,4\n",
            STATED | {"file_lead_names": ["a"]},
            "has 2 columns besides those of time and line numbers, but file_lead_names has 1",
        ),
        (
            "0,5\n0,7\n",
            STATED | {"file_lead_names": ["II"]},
            r'has 1 name; if its commas are decimal, begin it with a line such as "II \(mV\)"',
        ),
        (
            "I (mV),II (mV)\n0,5\n0,7\n",
            STATED | {"file_lead_names": ["II"]},
            r"has 2 columns, but file_lead_names has 1 name\.$",
        ),
        ("Karl Otto\nwas here\nin\n2026\n", STATED, "no known format"),
        ("record,label\nA00001,N\n", {}, "no known format"),
    ],
)
def test_tables_that_make_no_sense_are_refused(read, text, options, message):
    """Each fault has its message, and none quotes the file."""
    with pytest.raises(ECGFormatError, match=message) as error:
        read(text, **options)
    assert "Karl" not in str(error.value)


@pytest.mark.parametrize(
    "first",
    ["", "index", "n", "sample", "'sample #'", "row_id", "Unnamed: 0", "Unnamed: 0.1", "level_0"],
)
def test_numbers_of_lines_are_no_lead(read, first):
    """As pandas and WFDB's own program write them in front, the latter with quotes."""
    record = read(f"{first},'II'\n0,0.5\n1,0.7\n", file_fs=10, file_unit="mV")
    assert record.lead_names == ("II",)
    assert_allclose(record.signal, [[0.5], [0.7]])


@pytest.mark.parametrize("first", ["sample", "seq", "index", "", "Unnamed: 0"])
def test_numbers_of_lines_that_are_left_out_are_gaps(read, first):
    """They are all that says when the other lines were."""
    kept = np.delete(np.arange(40), [7, 20, 21])
    text = f"{first},II (mV)\n" + "".join(f"{i + 5},{i / 10}\n" for i in kept)
    signal = read(text, file_fs=250).signal[:, 0]
    assert len(signal) == 40
    assert np.flatnonzero(np.isnan(signal)).tolist() == [7, 20, 21]
    assert_allclose(signal[kept], kept / 10, rtol=1e-6)
    text = ",seq,II (mV)\n" + "".join(f"{i},{number},1\n" for i, number in enumerate(kept))
    assert read(text, file_fs=250).n_timesteps == 40  # pandas has counted the lines that are left


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("sample", np.arange(40) % 16),
        ("index", np.arange(40) * 4),
        ("id", np.arange(40) + 900 * (np.arange(40) >= 25)),
        ("sample", np.arange(40) / 250),
    ],
)
def test_numbers_that_say_nothing_of_gaps(read, name, numbers):
    """They begin anew, leave out most, are those of a database, or are no whole numbers."""
    text = f"{name},II (mV)\n" + "".join(f"{number},{i}\n" for i, number in enumerate(numbers))
    assert_allclose(read(text, file_fs=250).signal[:, 0], np.arange(40))


@pytest.mark.parametrize(
    "numbers",
    [
        np.delete(np.arange(100), np.arange(0, 100, 7)),
        np.delete(np.arange(100) % 16, [40, 41]),
        np.delete(np.arange(100) * 4, 50),
        np.delete(np.arange(100) // 10, np.arange(30, 40)),
    ],
    ids=["many", "anew", "by 4", "packets"],
)
def test_numbers_that_may_say_something_of_gaps(read, numbers):
    """Nothing is guessed, but a warning says that lines may be missing."""
    text = "sample,II (mV)\n" + "".join(f"{number},{i}\n" for i, number in enumerate(numbers))
    with pytest.warns(UserWarning, match="leaves out some numbers of its lines"):
        record = read(text, file_fs=250)
    assert_allclose(record.signal[:, 0], np.arange(len(numbers)))


def test_micro_of_old_programs_is_read(tmp_path):
    """In Latin-1 the micro sign is one byte."""
    path = tmp_path / "old.csv"
    path.write_bytes("time (s);II (µV)\r\n0;120\r\n0,004;150\r\n".encode("cp1252"))
    assert_allclose(read_record(path).signal, [[0.12], [0.15]])


@pytest.mark.parametrize("text", ["0.1\n0.2\n0.3\n", "\n# by hand\n0.1\r\n0.2\r\n0.3"])
def test_table_without_names(read, text):
    """Numbers alone are a signal where the caller says all about them."""
    record = read(text, file_lead_names=["II"], **STATED)
    assert record.lead_names == ("II",)
    assert_allclose(record.signal[:, 0], [0.1, 0.2, 0.3])


@pytest.mark.parametrize("n_columns", [1, 2])
def test_time_and_rate_above_the_numbers_are_no_voltages(read, n_columns):
    """As Empatica writes its files."""
    lines = [",".join([cell] * n_columns) for cell in ["1696000000.0", "250.0", "12.5", "-3.25"]]
    names = ["II", "V1"][:n_columns]
    with pytest.raises(ECGFormatError, match="begins with a time and, below it"):
        read("\n".join(lines), file_fs=250, file_unit="uV", file_lead_names=names)
    record = read("\n".join(lines[2:]), file_fs=250, file_unit="uV", file_lead_names=names)
    assert_allclose(record.signal[:, 0], [0.0125, -0.00325])
    lines[1:] = [line.replace("0.0", "1.5") for line in lines[:1]] * 3  # voltages all of them
    record = read("\n".join(lines), file_fs=250, file_unit="nV", file_lead_names=names)
    assert_allclose(record.signal[:, 0], [1696] * 4)


@pytest.mark.parametrize("blanks", [" ", "   "])
def test_columns_parted_by_blanks(read, blanks):
    """As np.savetxt writes them."""
    lines = f"0.5{blanks}1\n{blanks}0.7{blanks}-2e-1\n"
    record = read(lines, file_lead_names=["II", "V1"], **STATED)
    assert_allclose(record.signal, [[0.5, 1], [0.7, -0.2]])


def test_names_in_a_comment_of_savetxt(read):
    """np.savetxt puts a mark in front of its header; a comment that is no header names nothing."""
    record = read("# time II\n0 0.5\n0.1 0.7\n", file_unit="mV")
    assert (record.fs, record.lead_names) == (10, ("II",))
    with pytest.raises(ECGFormatError, match="does not name"):
        read("# Karl Otto\n0 0.5\n0.1 0.7\n", file_unit="mV")


def test_stated_names_go_before_those_of_the_file(read):
    """The caller names the signals, whatever the file calls them, and their units stay."""
    record = read("time,ECG (uV)\n0,500\n0.1,700\n", file_lead_names=["II"])
    assert record.lead_names == ("II",)
    assert_allclose(record.signal[:, 0], [0.5, 0.7])


def test_metadata_are_those_of_one_reading(read):
    """Whoever changes them changes no later record."""
    text, options = "# made by hand\ntime,II (mV)\n0,1\n0.1,2\n", {"metadata_policy": "keep"}
    read(text, **options).metadata["comments"].append("another")
    assert read(text, **options).metadata == {"comments": ["made by hand"]}


def test_stated_names_are_those_of_one_reading(read):
    """A file that is read again has its own names."""
    text = "time,ECG (uV)\n0,500\n0.1,700\n"
    assert read(text, file_lead_names=["II (mV)"]).lead_names == ("II",)
    record = read(text)
    assert record.lead_names == ("ECG",)
    assert_allclose(record.signal[:, 0], [0.5, 0.7])


@pytest.mark.parametrize("names", ["ts,ecg_uV", "epoch,ecg_uv", "time [s],ecg_µV"])
def test_unit_at_the_end_of_a_name(read, names):
    """As programs write it that want no brackets."""
    record = read(f"{names}\n1600000000.000,500\n1600000000.004,700\n1600000000.008,600\n")
    assert (record.fs, record.lead_names) == (250, ("ECG",))
    assert_allclose(record.signal[:, 0], [0.5, 0.7, 0.6])


def test_time_in_ticks_of_a_clock(read):
    """As Hexoskin counts it."""
    text = "time [s/256],ECG_I\n344567890123,1340\n344567890124,1341\n344567890125,1339\n"
    assert read(text, file_unit="uV").fs == 256


def test_stated_names_may_name_the_time(read):
    """A table without names has a column of time where the caller says so, in its unit."""
    record = read("0,500\n4,700\n", file_lead_names=["time (ms)", "II (uV)"])
    assert (record.fs, record.lead_names) == (250, ("II",))
    assert_allclose(record.signal[:, 0], [0.5, 0.7])


def test_signal_with_the_name_of_a_line_number(read):
    """As Movesense names it; the error says how to name it otherwise."""
    text = "timestamp,sample\n0,10\n4,20\n8,30\n"
    with pytest.raises(ECGFormatError, match="name each of its 2 columns by file_lead_names"):
        read(text, file_unit="mV")
    record = read(text, file_unit="mV", file_lead_names=["time (ms)", "ECG"])
    assert record.fs == 250
    assert_allclose(record.signal, [[10], [20], [30]])


def test_names_that_are_numbers(read):
    """pandas numbers columns that have no names."""
    record = read(",0,1\n0,0.5,1\n1,0.7,2\n", **STATED)
    assert record.signal.shape == (2, 2)
    assert_allclose(record.signal[0], [0.5, 1])
    named = {**STATED, "file_lead_names": ["I", "II"]}
    assert_allclose(read("0,1\n0.5,1\n0.7,2\n", **named).signal, [[0.5, 1], [0.7, 2]])
    assert_allclose(read("0,1\n5,1\n7,2\n", **named).signal[0], [0, 1])  # which they may be
    named["file_lead_names"] = ["I", "II", "V1"]
    assert_allclose(read("0,1,2\n5,1,4\n7,2,4\n", **named).signal, [[5, 1, 4], [7, 2, 4]])
    assert read("time,I,II\n0,1,2\n0.1,3,4\n0.2,3,4\n", file_unit="mV").n_timesteps == 3


@pytest.mark.parametrize("reason", ["#NUM!", "#DIV/0!", "#ref!"])
def test_cells_without_a_number_in_a_spreadsheet_are_gaps(read, reason):
    """The sign begins no comment, which would hide the line."""
    text = f"I (mV),II (mV)\n1,2\n{reason},3\n5,{reason}\n"
    assert_array_equal(read(text, file_fs=10).signal, [[1, 2], [np.nan, 3], [5, np.nan]])


def test_leads_of_two_rates_are_refused(read):
    """Each has its own time; the second would be read by that of the first."""
    lines = [f"{i / 500},{i},{i / 250},{i}\n" for i in range(100)]
    with pytest.raises(ECGFormatError, match="columns of time, which do not go on alike"):
        read("t1 (s),II (mV),t2 (s),V1 (mV)\n" + "".join(lines))
    lines[50:] = [f"{i / 500},{i},,\n" for i in range(50, 100)]
    with pytest.raises(ECGFormatError, match="columns of time, which do not go on alike"):
        read("t1 (s),II (mV),t2 (s),V1 (mV)\n" + "".join(lines))


@pytest.mark.parametrize(("fs", "is_other"), [(500, False), (503, False), (510, True)])
def test_clocks_of_two_leads_may_differ_by_a_hundredth(read, fs, is_other):
    """A device that states 500 Hz may be measured at 503; another sensor has another rate."""
    lines = [f"{i / 500},{i},{i / fs},{i}\n" for i in range(1000)]
    text = "t1 (s),II (mV),t2 (s),V1 (mV)\n" + "".join(lines)
    if is_other:
        with pytest.raises(ECGFormatError, match="columns of time, which do not go on alike"):
            read(text)
    else:
        assert read(text).lead_names == ("II", "V1")


@pytest.mark.parametrize("name", ["time (ms)", "timestamp", "RR (ms)", "t_ms"])
def test_other_columns_of_time_are_passed_over(read, name):
    """Those that go on alike from another day on, and those that are no clock."""
    times = {"timestamp": 1.7e12, "RR (ms)": 800}
    step = 0 if name == "RR (ms)" else 2
    lines = [f"{i / 500},{i},{times.get(name, 0) + step * i:.0f}\n" for i in range(100)]
    record = read(f"time,II (mV),{name}\n" + "".join(lines))
    assert (record.fs, record.lead_names, record.n_timesteps) == (500, ("II",), 100)


@pytest.mark.parametrize("step", [20_000, 1 / 86_400 / 500, 1, 65.536, 0.00204])
def test_clock_behind_the_leads_is_passed_over(read, step):
    """It is that of no lead: in ticks of Windows, in days, of samples, of a device or a phone."""
    lines = [f"{i / 500},{i},{45_000 + step * i:.12f}\n" for i in range(100)]
    record = read("time (s),II (mV),timestamp\n" + "".join(lines))
    assert (record.fs, record.lead_names, record.n_timesteps) == (500, ("II",), 100)


@pytest.mark.parametrize("line", [0, 99])
def test_line_without_a_time_beside_another_clock(read, line):
    """The error is the one of the time, whatever else the line holds."""
    lines = [f"{i / 500},{i},{i / 500},{i}\n" for i in range(100)]
    lines[line] = f",{line},{line / 500},{line}\n"
    with pytest.raises(ECGFormatError, match="column of time that does not increase"):
        read("t1 (s),II (mV),t2,V1 (mV)\n" + "".join(lines))


@pytest.mark.parametrize(
    "text",
    [
        "'Elapsed time','MLII'\n'seconds','mV'\n0.000,-0.145\n0.004,-0.5\n",
        '"sep=;"\r\nTimestamp_Unix_CAL;LL_RA_CAL;\r\nms;mV;\r\n1595933810034;-0.145;\r\n'
        "1595933810038;-0.5;\r\n",
        "sep=\t\ntime\tII\nms\tmV\n0\t-0.145\n4\t-0.5\n",
    ],
    ids=["PhysioBank ATM", "Shimmer", "tabs"],
)
def test_units_in_a_second_line(read, text):
    """The first line names the columns, the second their units."""
    record = read(text)
    assert record.fs == 250
    assert len(record.lead_names) == 1
    assert_allclose(record.signal[:, 0], [-0.145, -0.5])


@pytest.mark.parametrize("word", ["", "NA", "n/a", "#N/A", "NaN", "null", "-", "?", ".", '""'])
def test_words_for_missing_values(read, word):
    """Each way to write that there is no value is NaN, alone in its line too."""
    record = read(f"I (mV),II (mV)\n1,{word}\n{word},3\n4,5\n", file_fs=10)
    assert_array_equal(record.signal, [[1, np.nan], [np.nan, 3], [4, 5]])
    record = read(f"I (mV),II (mV)\n{word},1\n# moved\n2,3\n", file_fs=10)
    assert_array_equal(record.signal, [[np.nan, 1], [2, 3]])


@pytest.mark.parametrize("names", [("ECG", "ACC"), ("1", "2")])
def test_signals_below_each_other_are_refused(read, names):
    """They would be one lead, at the sum of their rates."""
    lines = [f"{4 * i},{name},{i}\n" for i in range(9) for name in names]
    with pytest.raises(ECGFormatError, match="several lines for one time"):
        read("time (ms),channel,value (mV)\n" + "".join(lines))


@pytest.mark.parametrize("name", ["channel", "Channel_ID", "lead no"])
def test_numbers_of_channels_tell_lines_of_one_time_apart(read, name):
    """Whether or not the column has such a name alone."""
    lines = [f"{4 * i},{channel},{i}\n" for i in range(9) for channel in (1, 2)]
    with pytest.raises(ECGFormatError, match="several lines for one time"):
        read(f"time (ms),{name},value (mV)\n" + "".join(lines))


@pytest.mark.parametrize(
    ("names", "values"),
    [
        ("patient_id,II (mV)", (7, 8)),
        ("Subject,II (mV)", ("ann", "ben")),
        ("file,II (mV)", ("a.csv", "b.csv")),
        ("lead,value (mV)", ("II", "V1")),
        ("what,value (mV)", ("II", "V1")),
        ("channel,value (mV)", (1, 2)),
    ],
)
@pytest.mark.parametrize("n_lines", [40, 9000])
@pytest.mark.parametrize("has_time", [False, True])
def test_recordings_below_each_other_are_refused(read, names, values, n_lines, has_time):
    """They would be one recording, also where the second begins after the head of the file."""
    lines = [f"{value},{i % 9}\n" for value in values for i in range(n_lines)]
    options = {"file_fs": 250}
    if has_time:  # that goes on
        names, options = f"time (ms),{names}", {}
        lines = [f"{4 * i},{line}" for i, line in enumerate(lines)]
    if has_time and names.startswith("time (ms),channel"):
        return  # which may be any number beside a signal
    column = 2 if has_time else 1
    with pytest.raises(ECGFormatError, match=f"which its column {column} tells apart"):
        read(names + "\n" + "".join(lines), **options)


@pytest.mark.parametrize("names", ["patient", "lead", "channel", "sensor"])
def test_recording_that_names_itself_in_each_line_is_read(read, names):
    """Some lines may not."""
    text = f"{names},II (mV)\n" + "".join(f"{'' if i == 5 else 7},{i}\n" for i in range(40))
    assert_allclose(read(text, file_fs=250).leads(["II"])[:, 0], np.arange(40))


def test_columns_that_only_the_stated_unit_makes_leads_are_told(read):
    """A battery is none; where no name is known, any may be."""
    text = "time (s),II,battery,V1\n0,0.5,98,0.6\n0.004,0.7,98,0.8\n"
    with pytest.warns(UserWarning, match="no unit of battery, by which no lead is known"):
        assert read(text, file_unit="mV").lead_names == ("II", "battery", "V1")
    assert read(text, file_unit="mV", leads=["II"]).lead_names == ("II",)
    assert read(text.replace("II", "a").replace("V1", "b"), file_unit="mV").signal.shape == (2, 3)


@pytest.mark.parametrize(
    ("every", "offset"), [(4, 0), (20, 1), (1000, 0), (4, 2)], ids=["same", "between", "rare", "2"]
)
@pytest.mark.parametrize("unit", [" (mV)", ""])
def test_lines_of_another_sensor_are_no_gaps(read, every, offset, unit):
    """Sensors were joined by their times; the lead keeps its own rate and all of its values."""
    lines = [(4 * i, i, "") for i in range(2000)]
    lines += [(every * i + offset, "", 9) for i in range(8000 // every)]
    lines.sort(key=lambda line: line[0])
    text = "".join(f"{time},{lead},{other},7\n" for time, lead, other in lines)
    names = f"time (ms),II{unit},acc{' (g)' if unit else ''},subject\n"
    record = read(names + text, file_unit="mV", leads=["II"])
    assert (record.fs, record.n_timesteps) == (250, 2000)
    assert_allclose(record.signal[:, 0], np.arange(2000))


@pytest.mark.parametrize("gap", [slice(500), slice(800, 900), slice(1500, None)])
@pytest.mark.parametrize("tick", [0.1, 10, 40], ids=["inexact", "rounded", "packets"])
def test_other_sensor_goes_on_in_a_gap(read, gap, tick):
    """The table has one clock, so that no part of the recording is left out."""
    values = np.arange(2000.0)
    values[gap] = np.nan
    late = 0 if tick > 1 else np.random.default_rng(0).uniform(0, 1.6, 2000)
    times = (np.arange(2000) * 4 + late) // tick * tick
    text = "".join(
        f"{t:.1f},{'' if np.isnan(v) else v},9\n" for t, v in zip(times, values, strict=True)
    )
    record = read("time (ms),II (mV),acc (g)\n" + text)
    assert record.fs == 250
    assert_allclose(record.signal[:, 0], values)


@pytest.mark.parametrize("gap", [slice(300), slice(800, 900), slice(1700, None)])
@pytest.mark.parametrize("is_joined", [True, False])
def test_lead_is_off_beside_a_signal_of_few_values(read, gap, is_joined):
    """Whether its values have lines of their own; the lines of the lead stay, though empty."""
    values = np.arange(2000.0).astype(str)
    values[gap] = ""
    lines = []
    for i, value in enumerate(values):
        rate = "70" if i % 250 == 125 else ""
        cells = [f"{value},", f",{rate}"] if is_joined and rate else [f"{value},{rate}"]
        lines += [f"{4 * i // 10 * 10},{cell}\n" for cell in cells]
    record = read("time (ms),II (mV),heart rate\n" + "".join(lines))
    assert (record.fs, record.n_timesteps) == (250, 2000)
    assert_allclose(record.signal[:, 0], [float(value or "nan") for value in values])


def test_signals_of_one_time_are_of_a_packet(read):
    """A column called channel is the signal if it is the only one; texts may be times in words."""
    lines = [f"{i // 10 / 10},{i}\n" for i in range(600)]
    assert read("time (s),channel (mV)\n" + "".join(lines)).n_timesteps == 600
    lines = [f"{i // 10 / 10},{i} of 600,{i}\n" for i in range(600)]
    assert read("time (s),said,II (mV)\n" + "".join(lines)).n_timesteps == 600


def test_lines_of_one_time_may_differ_in_a_remark(read):
    """A clock of tenths of a second, and a remark that changes within one of them."""
    lines = [f"{i // 10 / 10},{'rest' if i < 305 else 'walk'},{i}\n" for i in range(600)]
    record = read("time (s),doing,II (mV)\n" + "".join(lines), file_fs=100)
    assert (record.fs, record.n_timesteps) == (100, 600)


def test_columns_of_words_are_passed_over(read):
    """A column of notes or of dates is no signal, wherever it stands."""
    record = read("date,II (mV),note\n2020-01-01,0.5,N\n2020-01-01,0.7,\n", file_fs=10)
    assert record.lead_names == ("II",)
    assert_allclose(record.signal[:, 0], [0.5, 0.7])


@pytest.mark.parametrize("where", [0, 150, 20_000])
@pytest.mark.parametrize("remark", ["paced", '"moved, coughed"', "12:30"])
def test_columns_of_few_words_are_passed_over(read, where, remark):
    """Most cells of a column of remarks are empty, wherever the few others stand."""
    lines = [f"{i / 100},{i % 7},,{i % 5}\n" for i in range(30_000)]
    lines[where] = lines[where].replace(",,", f",{remark},")
    record = read(f"time,II (mV),remark,V1 (mV)\n{''.join(lines)}")
    assert record.lead_names == ("II", "V1")
    assert_allclose(record.signal, np.stack([np.arange(30_000) % 7, np.arange(30_000) % 5], 1))
    with pytest.raises(ECGFormatError, match=r"text.* near line"):  # V1 is a lead
        read(f"time,II (mV),V1,V2 (mV)\n{''.join(lines)}", file_unit="mV")


@pytest.mark.parametrize(
    ("names", "line"),
    [
        (",II (mV)", "2026-01-31 23:59:{:09.6f},{}"),  # as pandas writes an index of times
        ("timestamp;note;II (mV)", "2026-01-31T23:59:{:06.3f}Z;a;{}"),
        ("time\tII (mV)", "1:59:{:06.3f}\t{}"),
        ("'Elapsed time','II'\n'hh:mm:ss.mmm','mV'", "'0:{:06.3f}',{}"),  # PhysioBank ATM
    ],
)
def test_stamps_of_time(read, names, line):
    """They tell the rate and the lines that are missing, as numbers of seconds do."""
    steps = [*range(20), *range(25, 40)]
    lines = [line.format(50 + i / 250, i / 10) for i in steps]
    record = read("\n".join([names, *lines]))
    assert (record.fs, record.lead_names, record.n_timesteps) == (250, ("II",), 40)
    assert_allclose(record.signal[steps, 0], np.array(steps) / 10, rtol=1e-6)
    assert np.isnan(record.signal[20:25]).all()


def test_words_that_are_no_times_are_told(read):
    """Without times, gaps are not known."""
    lines = [f"Mon Mar 30 12:00:{i:02} CET 2026,{i}\n" for i in range(40)]
    text = "time,II (mV)\n" + "".join(lines)
    with pytest.raises(ECGFormatError, match="a column of time that is not understood"):
        read(text)
    with pytest.warns(UserWarning, match="not understood, so no line counts as missing"):
        record = read(text, file_fs=10)
    assert_allclose(record.signal[:, 0], np.arange(40))
    text = "date,II (mV)\n" + "".join(f"2026-03-30,{i}\n" for i in range(40))
    assert read(text, file_fs=10).n_timesteps == 40  # of the recording, and of no line
    lines = [f"{i},12h{i},{i}\n" for i in range(40) if i != 20]
    record = read("sample,time,II (mV)\n" + "".join(lines), file_fs=10)  # numbers of lines tell it
    assert np.isnan(record.signal[20, 0])


@pytest.mark.parametrize("name", ["Zeit [s]", "Idő (s)", "时间 (s)", "clock (sec)"])
def test_first_column_with_a_unit_of_time_is_the_time(read, name):
    """In any language; a later one may be an interval, and is no lead."""
    record = read(f"{name},II (mV),RR (ms)\n0,1,800\n0.004,2,800\n")
    assert (record.fs, record.lead_names) == (250, ("II",))
    assert_array_equal(record.signal, [[1], [2]])


@pytest.mark.parametrize(
    "date", ["{d:02}/{m:02}/{y}", "{m:02}/{d:02}/{y}", "{d}.{m}.{y}", "{y}/{m}/{d}", "{m}/{d}/19"]
)
@pytest.mark.parametrize(
    ("before", "after"),
    [((5, 6), (6, 6)), ((11, 12), (12, 12)), ((12, 11), (13, 11)), ((30, 11), (1, 12))],
)
def test_order_of_day_and_month(read, date, before, after):
    """The one in which midnight parts two days, so that no time steps are missing."""
    dates = [date.format(d=d, m=m, y=2019) for d, m in (before, after)]
    times = [f"{dates[0]} 23:59:{58 + i / 250:06.3f}" for i in range(500)]
    times += [f"{dates[1]} 00:00:{i / 250:06.3f}" for i in range(500)]
    record = read("time,II (mV)\n" + "".join(f"{time},{i}\n" for i, time in enumerate(times)))
    assert record.fs == 250
    assert_array_equal(record.signal[:, 0], np.arange(1000))


def test_dates_far_apart_in_any_order_are_refused(read):
    """No recording pauses from May to October."""
    days = ("30/5/2019", "30/10/2019")
    text = "".join(f"{day} 12:00:00.{i},1\n" for day in days for i in range(9))
    with pytest.raises(ECGFormatError, match="values, too many for its"):
        read(f"time,II (mV)\n{text}")


def test_numbers_go_before_stamps(read):
    """Of two columns of time, the date may be rounded to seconds."""
    text = "when,time (s),II (mV)\n" + "".join(
        f"2026-01-31 23:59:50,{i / 250},1\n" for i in range(9)
    )
    assert read(text).fs == 250


def test_stamps_in_a_table_without_names(read):
    """As a logger writes it; a list of dates beside words is no signal."""
    text = "".join(f"12:00:{i / 250:06.3f},{i}\n" for i in range(9))
    assert read(text, file_unit="mV", file_lead_names=["II"]).fs == 250
    with pytest.raises(ECGFormatError, match="no known format"):
        read("id,when,age\np,2026-01-31 12:00:00,60\nq,2026-01-31 12:00:01,70\n")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_encodings(read, encoding):
    """What spreadsheets save as text is text."""
    record = read("time (s),II (µV)\n0,120\n0.004,150\n", encoding=encoding)
    assert record.fs == 250
    assert_allclose(record.signal[:, 0], [0.12, 0.15])


def test_micro_sign_that_was_read_wrongly(read):
    """UTF-8 that some program took for Latin-1."""
    assert_allclose(read("II (ÂµV)\n120\n", file_fs=10).signal, [[0.12]])


def test_last_line_that_is_cut_is_passed_over(read):
    """A recording that ends in the middle of a line has all lines before it."""
    record = read("I (mV),II (mV)\n1,2\n3,4\n5", file_fs=10)
    assert_array_equal(record.signal, [[1, 2], [3, 4]])


def test_stated_unit_replaces_what_is_not_understood(read):
    """But a unit of something else stands, so that respiration does not become a lead."""
    record = read("ECG [.V],CH2 [{ADC}],resp [bpm]\n100,200,12\n", file_fs=10, file_unit="uV")
    assert record.lead_names == ("ECG", "CH2")
    assert_allclose(record.signal, [[0.1, 0.2]])


def test_biosppy(read):
    """Comments in front name the rate and the columns; counts of a converter need a unit."""
    text = (
        "# Simple Text Format\n# Sampling Rate (Hz):= 1000.00\n# Resolution:= 12\n"
        "# Labels:= ECG\n2044.0\n2046.0\n"
    )
    record = read(text, file_unit="uV")
    assert (record.fs, record.lead_names) == (1000, ("ECG",))
    assert_allclose(record.signal[:, 0], [2.044, 2.046])
    with pytest.raises(ECGFormatError, match="if it has no unit, state file_unit"):
        read(text)


def opensignals(sensor):
    return (
        "# OpenSignals Text File Format\n"
        f'# {{"00:07": {{"sensor": ["{sensor}"], "column": ["nSeq", "DI", "CH1"], '
        '"sampling rate": 1000, "label": ["CH1"], "resolution": [16]}}\n# EndOfHeader\n'
        "0\t0\t39072\t\n1\t0\t39088\t\n2\t0\t"
    )


def test_opensignals(read):
    """A header of JSON names rate and sensors; only those of an ECG are leads."""
    record = read(opensignals("ECG"), file_unit="uV")
    assert (record.fs, record.lead_names) == (1000, ("ECG",))
    assert_allclose(record.signal[:, 0], [39.072, 39.088])
    with pytest.raises(ECGFormatError, match="with no sensor of the ECG"):
        read(opensignals("BVP"), file_unit="uV")
    assert read(opensignals("BVP"), file_unit="uV", file_lead_names=["PPG"]).signal.shape == (2, 1)


@pytest.mark.parametrize("line", ["Patient: Karl", "Karl Otto", "Karl, Otto"])
def test_sentence_before_one_column_is_no_name(read, line):
    """It may be the name of a person."""
    with pytest.raises(ECGFormatError, match="does not name"):
        read(f"{line}\n0.1\n0.2\n", **STATED)


def test_lines_about_the_patient_name_no_columns(read):
    """As many of them as columns, and in front of the numbers."""
    with pytest.raises(ECGFormatError, match="does not name"):
        read("Patient,Karl\nBirth,Otto\n0.1,1\n0.2,2\n", **STATED)
    for names in ("I,II", "I (mV),II (mV)"):
        record = read(f"Patient,Karl\n{names}\n0.1,1\n0.2,2\n", **STATED)
        assert record.lead_names == ("I", "II")


def test_table_of_beats_is_no_recording(read):
    """As in a set of heartbeats on Kaggle: 187 values and a class a line."""
    with pytest.raises(ECGFormatError, match=r"188 columns: .* read it by numpy\.loadtxt"):
        read(3 * (",".join(["0.5"] * 188) + "\n"))


def test_tables_of_devices(data_home):
    """Real files of each program, with what has to be said of them."""
    device_files = data_home / "devices"
    shimmer = read_record(device_files / "shimmer.csv", file_fs=51.2)
    assert shimmer.lead_names[1] == "Shimmer_40AC_Ext_Exp_A15_CAL"
    assert_allclose(shimmer.signal[0, 1], 1684.9817, rtol=1e-6)
    with pytest.raises(ECGFormatError, match="state file_fs"):
        read_record(device_files / "shimmer.csv")
    biosppy = read_record(device_files / "biosppy_ecg.txt", file_unit="uV")
    assert (biosppy.fs, biosppy.n_timesteps) == (1000, 15000)
    with pytest.raises(ECGFormatError, match="with no sensor of the ECG"):
        read_record(device_files / "opensignals.txt")
    with pytest.raises(ECGFormatError, match=r"has 1000 columns; 256 leads .* one line for each"):
        read_record(device_files / "cleanecg.txt")


@pytest.mark.parametrize("names", ["aVL,I,II", "Odpr. aVL [mV],Odpr. I [mV],Odpr. II [mV]"])
def test_names_of_the_caller_that_the_file_has_elsewhere_are_refused(read, names):
    """Leads would change places: as when names for bare files are stated for a whole archive."""
    text = f"{names}\n0.1,0.2,0.3\n0.1,0.2,0.3\n"
    said = {"file_fs": 100, "file_unit": "mV"}
    with pytest.raises(ECGFormatError, match="a lead I of its own, but file_lead_names gives this"):
        read(text, file_lead_names=["I", "II", "aVL"], **said)
    same = read(text, file_lead_names=["aVL", "lead I", "II"], **said)
    assert_allclose(same.leads(["I", "II", "aVL"])[0], [0.2, 0.3, 0.1])
    other = read(text, file_lead_names=["V1", "V2", "V3"], **said)
    assert other.lead_names == ("V1", "V2", "V3")
