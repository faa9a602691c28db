"""What programs state of a table in the lines before it."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from sklearn_ecg.datasets import ECGFormatError, load_records, read_record

WATCH = """Name,Karl Otto
Date of Birth,"27 Sep 1999"
Recorded Date,2023-07-04 21:57:38 +0800
Classification,Sinus Rhythm
Symptoms,
Software Version,1.90
Device,"Watch5,1"
Sample Rate,513.625 hertz


Lead,Lead I
Unit,µV

"""
WATCH += "-65.732\n-59.085\n" + 20 * "-41\n"
LABCHART = (
    "Interval=\t0.004 s\nExcelDateTime=\t4.4231763234375e+004\t05/02/2021 18:19:03.4375\n"
    "TimeFormat=\tStartOfBlock\nDateFormat=\t\nChannelTitle=\tECG\tFinger\n"
    "Range=\t10.000 mV\t100.000 %\n"
)
ACQKNOWLEDGE = "a.acq\n0.5 msec/sample\n2 channels\nECG - ECG100C\nmV\nBelt\nkg\n"


@pytest.fixture
def read(tmp_path):
    """Read a text as a file."""

    def read_text(text, **options):
        path = tmp_path / "walk.txt"
        path.write_text(text, encoding="utf-8")
        return read_record(path, **options)

    return read_text


@pytest.mark.parametrize("comma", ["", ","])
def test_file_of_a_watch(read, comma):
    """It states rate, lead and unit; each line may end with a comma."""
    record = read(WATCH.replace("\n", f"{comma}\n"))
    assert (record.fs, record.lead_names) == (513.625, ("I",))
    assert record.signal.shape == (22, 1)
    assert_allclose(record.signal[:3, 0], [-0.065732, -0.059085, -0.041], rtol=1e-6)
    assert "Otto" not in repr(vars(record))


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        ("Messrate,513,625\N{NO-BREAK SPACE}Hertz", {"Lead": "Ableitung", "Unit": "Einheit"}),
        ("サンプルレート,513.625ヘルツ", {"Lead,Lead ": "リード,リード", "Unit": "単位"}),
        ("Fréquence,513,625 hertz", {"Lead": "Dérivation", "Device": "Appareil", "Unit": "Unité"}),
    ],
)
def test_file_of_a_watch_in_another_language(read, rate, words):
    """Its model tells what it is; numbers are those of the language, some of them whole."""
    text = WATCH.replace("Sample Rate,513.625 hertz", rate)
    for word, translation in words.items():
        text = text.replace(word, translation)
    if "513,625" in rate:
        text = text.replace("-65.732", "-65,732").replace("-59.085", "-59,08")
    record = read(text)
    assert (record.fs, record.lead_names) == (513.625, ("I",))
    assert record.signal.shape == (22, 1)
    assert_allclose(record.signal[:3, 0], [-0.065732, -0.05908, -0.041], rtol=2e-4)


def test_words_of_another_language(read):
    """What they say is not guessed, if no watch wrote them."""
    text = WATCH.replace("Sample Rate", "Messfrequenz").replace("Lead,Lead", "Ableitung,Ableitung")
    text = text.replace("Watch5,1", "Band 5")
    with pytest.raises(ECGFormatError, match="state file_lead_names"):
        read(text)
    with pytest.raises(ECGFormatError, match="state its sampling rate as file_fs"):
        read(text, file_lead_names=["I"])
    record = read(text, file_lead_names=["I"], file_fs=513)
    assert_allclose(record.signal[0], -0.065732, rtol=1e-6)  # the unit was understood


def test_caller_knows_better(read):
    """What the caller states replaces what the file does."""
    record = read(WATCH, file_fs=512, file_lead_names=["II (mV)"])
    assert (record.fs, record.lead_names) == (512, ("II",))
    assert_allclose(record.signal[0], -65.732, rtol=1e-6)
    with pytest.warns(UserWarning, match=r"states .* of 513\.625 Hz, but file_fs=250 is taken\."):
        assert read(WATCH, file_fs=250).fs == 250


@pytest.mark.parametrize(
    ("line", "fs"),
    [
        ("# Sampling rate: 250 Hz", 250),
        ("# fs = 250", 250),
        ("sampling_rate=250", 250),
        ("%Sample Rate = 200 Hz", 200),
        ("Sampling Frequency (kHz);0.5", 500),
        ("# sample frequency:= 1e3 Hertz", 1000),
    ],
)
def test_stated_rates(read, line, fs):
    """Above named columns too."""
    assert read(f"{line}\nI (mV);II (mV)\n1;2\n3;4\n").fs == fs


@pytest.mark.parametrize(
    "line",
    [
        "# fs: 250 Hz\n# sampling rate: 500 Hz",
        "# fs: 4 ms",
        "# fs: 0 Hz",
        "# fs: 1e999 Hz",
        "# fs: 1,000 Hz",
        "# interval: 5 s",
        "# heart rate: 60",
        "# sampling rate: 1.000 Hz",  # or 1000, in many languages
    ],
)
def test_unclear_rates(read, line):
    """Nothing is guessed."""
    with pytest.raises(ECGFormatError, match="state its sampling rate as file_fs"):
        read(f"{line}\nI (mV);II (mV)\n1;2\n3;4\n")


def test_column_of_time_knows_more_than_a_statement(read):
    """A device may have written every second value; in whole seconds, its rate helps."""
    text = "# sampling rate: 100 Hz\ntime (s),I (mV)\n"
    assert read(text + "".join(f"{i / 50},{i}\n" for i in range(9))).fs == 50
    for n_lines in (500, 150):  # the first tell their rate by themselves
        record = read(text + "".join(f"{i // 100},{i}\n" for i in range(n_lines)))
        assert (record.fs, record.n_timesteps) == (100, n_lines)


@pytest.mark.parametrize("end", ["", "\t"])
@pytest.mark.parametrize("has_time", [True, False])
def test_labchart(read, has_time, end):
    """Its header states the interval, names and, with the ranges, units."""
    rows = [f"{i * 0.004:g}\t{i / 10}\t{i}{end}\n" for i in range(9)]
    rows = rows if has_time else [row.partition("\t")[2] for row in rows]
    record = read(LABCHART + "".join(rows))
    assert (record.fs, record.lead_names) == (250, ("ECG",))
    assert_allclose(record.signal[:, 0], np.arange(9) / 10, rtol=1e-6)


@pytest.mark.parametrize(
    "line", ["", "UnitName=\tmV\t%\n", "UnitName=\tmV\t%\nTopValue=\t5\t100\nBottomValue=\t-5\t0\n"]
)
def test_labchart_with_comments(read, line):
    """They stand behind some lines; the last lines of its header are no names of columns."""
    rows = [f"{i * 0.004:g}\t{i / 10}\t{i}\n" for i in range(900)]
    rows[7] = rows[7].replace("\n", "\t#* cough\n")
    rows[700] = rows[700].replace("\n", "\t#1 says Karl\n")
    record = read(LABCHART + line + "".join(rows))
    assert (record.fs, record.lead_names) == (250, ("ECG",))
    assert_allclose(record.signal[:, 0], np.arange(900) / 10, rtol=1e-6)


def test_labchart_without_units(read):
    """Ranges for other columns say nothing."""
    text = LABCHART.replace("\t100.000 %", "") + 9 * "0.1\t7\n"
    with pytest.raises(ECGFormatError, match="if it has no unit, state file_unit"):
        read(text)


@pytest.mark.parametrize(
    ("names", "counts", "row"),
    [
        ("CH1\tCH2", "9\t9\n", "{1}\t{2}"),
        ("CH1\tCH2\t", "9\t9\t\n", "{1}\t{2}\t"),
        ("milliSec\tCH1\tCH2\t", "\t9\t9\t\n", "{0}\t{1}\t{2}\t"),
        ("min\tCH1\tCH2", "", "{0}\t{1}\t{2}"),
    ],
)
def test_acqknowledge(read, names, counts, row):
    """The line that counts the samples of each channel is no sample."""
    rows = [row.format(i * 0.5, 0.25 + i, 0.5 * i) for i in range(9)]
    record = read(ACQKNOWLEDGE + f"{names}\n{counts}" + "\n".join(rows) + "\n")
    assert (record.fs, record.lead_names) == (2000, ("ECG - ECG100C",))
    assert_allclose(record.signal[:, 0], 0.25 + np.arange(9))


def test_files_of_devices_in_a_folder(tmp_path):
    """They need nothing stated."""
    (tmp_path / "watch.csv").write_text(WATCH, encoding="utf-8")
    (tmp_path / "acq.txt").write_text(
        ACQKNOWLEDGE.replace("2 channels", "1 channels")
        .replace("Belt\nkg\n", "")
        .replace("ECG - ECG100C", "I")
        + "CH1\n"
        + 9 * "0.5\n"
    )
    loaded = load_records(tmp_path, leads=["I"], fs=100)
    assert loaded.data.shape[0] == 2
