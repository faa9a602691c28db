"""Files written here are read by other libraries, and read back."""

import errno
from dataclasses import replace

import edfio
import numpy as np
import pandas as pd
import pyedflib
import pytest
import wfdb
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_ecg.datasets import ECGRecord, make_ecg, read_record, write_record


@pytest.fixture
def record():
    """Ten seconds of two leads with beats, rhythms and a gap, and someone's name."""
    record = make_ecg(
        duration_s=10, fs=250, premature={"V": 0.2}, leads=["II", "V1"], random_state=0
    )
    signal = record.signal.copy()
    signal[100:150, 1] = np.nan
    beats, symbols = record.annotations
    rhythms = beats[[0, 4, 6]], np.array(["N", "AFIB", "?"])
    return replace(
        record,
        signal=signal,
        annotations=(np.r_[beats[0], beats], np.r_[["+"], symbols]),
        rhythms=rhythms,
        metadata={"name": "Quxley"},
        source="Quxley.edf",
        patient="Quxley",
    )


def filled(record):
    return replace(record, signal=np.nan_to_num(record.signal))


def assert_same_marks(record, again):
    """All marks, and a mark where each rhythm begins."""
    positions, symbols = record.annotations
    marks = list(zip(positions.tolist(), symbols.tolist(), strict=True))
    starts = [(start, "+") for start in record.rhythms[0].tolist()]
    marks += [start for start in starts if start not in marks]
    found = list(zip(*(part.tolist() for part in again.annotations), strict=True))
    assert sorted(found) == sorted(marks)
    assert_array_equal(again.rhythms[0], record.rhythms[0])
    assert again.rhythms[1].tolist() == record.rhythms[1].tolist()


def test_wfdb_is_read_by_wfdb_and_back(record, tmp_path):
    """Signal, gap, rate, leads, marks and the texts of rhythms."""
    path = write_record(record, tmp_path / "r")
    assert path == tmp_path / "r.hea"
    theirs, marks = wfdb.rdrecord(str(tmp_path / "r")), wfdb.rdann(str(tmp_path / "r"), "atr")
    assert theirs.fmt == ["16", "16"]
    assert theirs.sig_name == ["II", "V1"]
    assert theirs.units == ["mV", "mV"]
    assert_allclose(theirs.p_signal, record.signal, atol=0.001)
    assert {
        (int(t), text) for t, text in zip(marks.sample, marks.aux_note, strict=True) if text
    } == {(int(t), f"({name}") for t, name in zip(*record.rhythms, strict=True)}
    ours = read_record(path, annotator="atr")
    assert (ours.fs, ours.lead_names) == (record.fs, record.lead_names)
    assert_allclose(ours.signal, record.signal, atol=0.001)
    assert_same_marks(record, ours)
    assert marks.symbol == ours.annotations[1].tolist()
    assert_array_equal(marks.sample, ours.annotations[0])


@pytest.mark.parametrize("offset_mv", [0.0, 300.0, -1e4])
@pytest.mark.parametrize("span_mv", [0.01, 5.0, 100.0, 1000.0])
def test_wfdb_loses_less_than_a_microvolt(tmp_path, offset_mv, span_mv):
    """Whatever the range, and also with an offset of the electrode."""
    ramp = (offset_mv + span_mv * np.linspace(-0.5, 0.5, 1001)).astype(np.float32)[:, np.newaxis]
    ramp[7] = np.nan
    write_record(ECGRecord(ramp, 500.0, ("II",)), tmp_path / "r")
    precision = 2e-7 * np.nanmax(np.abs(ramp))  # of float32 itself
    assert_allclose(read_record(tmp_path / "r").signal, ramp, atol=0.001 + precision, rtol=0)
    assert_allclose(
        wfdb.rdrecord(str(tmp_path / "r")).p_signal, ramp, atol=0.001 + precision, rtol=0
    )


def test_wfdb_has_integers_of_32_bits(tmp_path):
    """Values and baselines, of the largest range and of the largest offset."""
    leads = np.column_stack([np.linspace(0, 2**23, 100), np.linspace(4e6, 4e6 + 1, 100)])
    write_record(ECGRecord(leads, 500.0, ("II", "V1")), tmp_path / "r")
    again = wfdb.rdrecord(str(tmp_path / "r"), physical=False)
    assert max(map(abs, again.baseline)) < 2**31
    assert_allclose(read_record(tmp_path / "r").signal, leads, rtol=1e-7, atol=0.001)


def test_counts_of_a_converter_come_back_exactly(tmp_path, data_home):
    """A record of MIT-BIH, with 200 steps per mV."""
    record = read_record(data_home / "mitdb" / "101", annotator="atr")
    again = read_record(write_record(record, tmp_path / "101"), annotator="atr")
    assert_array_equal(np.rint(again.signal * 200), np.rint(record.signal * 200))
    assert_same_marks(record, again)


def test_checksum_and_first_value_are_those_of_the_standard(record, tmp_path):
    """The package wfdb computes them as well."""
    write_record(record, tmp_path / "r")
    header = wfdb.rdrecord(str(tmp_path / "r"), physical=False)
    sums = header.d_signal.sum(axis=0) % 65536
    assert [checksum % 65536 for checksum in header.checksum] == sums.tolist()
    assert header.init_value == header.d_signal[0].tolist()


def test_annotations_alone(record, tmp_path):
    """Beside a signal that is there, at a rate of their own, with long steps in between."""
    write_record(record, tmp_path / "r")
    steps = np.array([0, 1023, 2047, 10_000, 200_000])
    classes = np.array(["N", "S", "V", "F", "Q"])
    marks = replace(
        record,
        signal=np.empty((400_000, 0)),
        lead_names=(),
        fs=1000.0,
        annotations=(steps, classes),
        rhythms=(steps[:0], classes[:0]),
    )
    assert write_record(marks, tmp_path / "r.ai", annotator="ai") == tmp_path / "r.ai"
    found = wfdb.rdann(str(tmp_path / "r"), "ai")
    assert (found.fs, found.sample.tolist(), found.symbol) == (
        1000,
        steps.tolist(),
        classes.tolist(),
    )
    ours = read_record(tmp_path / "r", annotator="ai")
    assert ours.annotations[0].tolist() == [0, 256, 512]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["r.ai", "r.atr", "r.dat", "r.hea"]
    assert write_record(marks, tmp_path / "s") == tmp_path / "s.atr"


def test_symbols_of_ones_own(record, tmp_path):
    """They are defined at the beginning of the file, where wfdb and we look for them."""
    marks = np.array([3, 7, 9]), np.array(["c", "N", "#"])
    path = write_record(
        replace(record, annotations=marks, rhythms=(marks[0][:0], marks[1][:0])), tmp_path / "r"
    )
    assert read_record(path, annotator="atr").annotations[1].tolist() == ["c", "N", "#"]
    assert wfdb.rdann(str(tmp_path / "r"), "atr").symbol == ["c", "N", "#"]
    for symbol in ("\u03a9", " "):
        wrong = replace(record, annotations=(np.array([3]), np.array([symbol])))
        with pytest.raises(ValueError, match="a symbol is one letter or sign"):
            write_record(wrong, tmp_path / "s")


@pytest.mark.parametrize("name", ["r", "r.edf"])
def test_last_of_rhythms_at_one_time_step_remains(record, tmp_path, name):
    """It is the one that lasts. EDF ordered them by name, so that AFIB ended as it began."""
    rhythms = np.array([0, 0, 500, 500]), np.array(["N", "AFIB", "B", "AFL"])
    path = write_record(replace(filled(record), rhythms=rhythms), tmp_path / name)
    begins, names = read_record(path, annotator="atr" if name == "r" else None).rhythms
    assert (begins.tolist(), names.tolist()) == ([0, 500], ["AFIB", "AFL"])


@pytest.mark.parametrize("rhythm", ["心房颤动", 256 * "A"])
def test_rhythms_that_wfdb_cannot_write_are_named(record, tmp_path, rhythm):
    """And nothing is written."""
    with pytest.raises(ValueError, match=r"has a rhythm '.*but WFDB takes 255 letters of Latin-1"):
        write_record(replace(record, rhythms=([0], [rhythm])), tmp_path / "r.hea")
    assert not list(tmp_path.iterdir())


def test_edf_is_read_by_edfio_and_pyedflib_and_back(record, tmp_path):
    """Signal and marks; EDF has no missing values."""
    record = filled(record)
    path = write_record(record, tmp_path / "r.edf")
    with pyedflib.EdfReader(str(path)) as file:
        assert file.getSignalLabels() == ["ECG II", "ECG V1"]
        assert_allclose(file.readSignal(0), record.signal[:, 0] * 1000, atol=1)
        assert [*file.readAnnotations()[2]].count("V") == [*record.annotations[1]].count("V")
    theirs = edfio.read_edf(path)
    assert_allclose(theirs.get_signal("ECG V1").data, record.signal[:, 1] * 1000, atol=1)
    ours = read_record(path)
    assert (ours.fs, ours.lead_names) == (record.fs, record.lead_names)
    assert_allclose(ours.signal, record.signal, atol=0.001)
    assert_same_marks(record, ours)


@pytest.mark.parametrize("suffix", [".hea", ".edf", ".csv"])
@pytest.mark.parametrize("name", ["II", "aVR", "MCL1", "CM5", "ECG 1", "II, links", "Ableitung Ⅱ"])
def test_names_of_leads_come_back(tmp_path, suffix, name):
    """Also those that this package does not know, and, but for EDF, in other alphabets."""
    record = ECGRecord(np.zeros((250, 1), np.float32), 250.0, (name,))
    if suffix == ".edf" and not name.isascii():
        with pytest.raises(ValueError, match="16 characters of ASCII"):
            write_record(record, tmp_path / f"r{suffix}")
    else:
        assert read_record(write_record(record, tmp_path / f"r{suffix}")).lead_names == (name,)


@pytest.mark.parametrize("name", ["time", "Time (s)", "index", "Unnamed: 0", "ECG [filtered]"])
def test_lead_of_a_table_may_have_any_name(record, tmp_path, name):
    """What stands last in brackets is its unit, and a voltage is neither the time nor a count."""
    record = replace(record, lead_names=(name, "V1"))
    ours = read_record(write_record(record, tmp_path / "r.csv"))
    assert (ours.fs, ours.lead_names) == (250, (name, "V1"))
    assert_array_equal(ours.signal, record.signal)


def test_a_header_may_be_in_latin_1(record, tmp_path):
    """WFDB does not say in what letters beyond ASCII are."""
    path = write_record(replace(record, lead_names=("II", "Ärmel")), tmp_path / "r")
    path.write_bytes(path.read_text("utf-8").encode("latin-1"))
    assert read_record(path).lead_names == ("II", "Ärmel")


def test_edf_fills_its_last_data_record(record, tmp_path):
    """Time steps that no duration of data records would divide are rounded up, with a warning."""
    record = filled(replace(record, signal=record.signal[:2477]))
    with pytest.warns(UserWarning, match=r"23 time steps with the last values were added"):
        path = write_record(record, tmp_path / "r.edf")
    signal = read_record(path).signal
    assert len(signal) == 2500
    assert_allclose(signal[:2477], record.signal, atol=0.001)
    assert_allclose(signal[2477:], np.tile(record.signal[-1], (23, 1)), atol=0.001)


def test_edf_adds_as_little_as_its_data_records_allow(record, tmp_path):
    """9.9 s are whole data records of 0.1 s, but not of a second: nothing is added or told."""
    record = filled(replace(record, signal=record.signal[:2475]))
    assert read_record(write_record(record, tmp_path / "r.edf")).n_timesteps == 2475


def test_csv_is_read_by_pandas_and_back(record, tmp_path):
    """All digits, and the gap."""
    path = write_record(record, tmp_path / "r.csv")
    table = pd.read_csv(path)
    assert table.columns.tolist() == ["time (s)", "II (mV)", "V1 (mV)"]
    assert_array_equal(table.iloc[:, 1:].to_numpy(np.float32), record.signal)
    assert_allclose(table["time (s)"], np.arange(2500) / 250)
    ours = read_record(path)
    assert (ours.fs, ours.lead_names) == (250, ("II", "V1"))
    assert_array_equal(ours.signal, record.signal)


def test_format_may_be_stated(record, tmp_path):
    """Whatever the suffix."""
    path = write_record(record, tmp_path / "r.txt", format="csv")
    np.testing.assert_array_equal(read_record(path).signal, record.signal)


@pytest.mark.parametrize("name", ["r", "r.edf", "r.csv"])
def test_nothing_of_anyone_is_written(record, tmp_path, name):
    """Neither metadata, nor the path, nor the patient."""
    write_record(filled(record), tmp_path / name)
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"Quxley" not in content


def test_files_are_replaced_only_if_asked(record, tmp_path):
    """All files of a record are looked at before one is written."""
    (tmp_path / "r.atr").write_text("precious")
    with pytest.raises(FileExistsError, match=r"r\.atr is there already: pass overwrite=True"):
        write_record(record, tmp_path / "r")
    assert [path.name for path in tmp_path.iterdir()] == ["r.atr"]
    write_record(record, tmp_path / "r", overwrite=True)
    assert len(read_record(tmp_path / "r", annotator="atr").annotations[0]) > 0


def test_annotations_of_the_replaced_record_are_named(record, tmp_path):
    """They would be read as those of the new one; but an expert's may be wanted beside it."""
    write_record(record, tmp_path / "r")
    marks = (tmp_path / "r.atr").read_bytes()
    none = np.empty(0, dtype=int), np.empty(0, dtype="<U1")
    bare = replace(record, annotations=none, rhythms=none)
    with pytest.warns(UserWarning, match=r"no annotations, so .*r\.atr stays as it was"):
        write_record(bare, tmp_path / "r.hea", overwrite=True)
    assert (tmp_path / "r.atr").read_bytes() == marks
    write_record(bare, tmp_path / "new")  # of nobody
    write_record(bare, tmp_path / "new", overwrite=True)


def test_nothing_is_left_half_written(record, tmp_path, monkeypatch):
    """What was there stays whole when a disk is full."""
    write_record(record, tmp_path / "r")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}

    original, written = type(tmp_path).write_bytes, []

    def fail(self, data):
        written.append(original(self, data))
        if len(written) == 3:  # the header, after the signal and the marks
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(type(tmp_path), "write_bytes", fail)
    with pytest.raises(OSError, match=r"No space .*r\.hea"):
        write_record(make_ecg(duration_s=5, fs=250), tmp_path / "r", overwrite=True)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("r.xyz", {}, r"suffix \.xyz, which tells no format: use \.hea, \.edf, \.csv or \.atr"),
        ("my walk", {}, "only letters, digits"),
        ("r.edf", {}, "missing values, which EDF cannot have: fill them by GapFiller"),
        ("r.edf", {"signal": np.zeros((9, 2)), "fs": 62.4725}, "of which EDF cannot hold a whole"),
        ("r.edf", {"signal": np.zeros((9, 2)), "lead_names": ("II", "x" * 17)}, "16 characters"),
        ("r.edf", {"signal": np.outer(range(9), [1, 99])}, "too large a range for EDF"),
        ("r.csv", {"signal": np.empty((9, 0)), "lead_names": ()}, "has no signal"),
        ("r", {"signal": np.empty((0, 2))}, "has no signal"),
        ("r", {"signal": np.full((9, 2), np.inf)}, "infinite values"),
        (
            "r",
            {"signal": np.outer(range(9), [1, 2**21])},
            "V1' of too large a range for WFDB, from 0",
        ),
    ],
)
def test_what_cannot_be_written_is_refused(record, tmp_path, name, change, message):
    """The message says why and what else could be done; no file is made."""
    with pytest.raises(ValueError, match=message):
        write_record(replace(record, **change), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_folder_has_to_be_there(record, tmp_path):
    """It is not made in passing: its name may be misspelled."""
    with pytest.raises(FileNotFoundError, match=r"make the folder .* first"):
        write_record(record, tmp_path / "no" / "r")
