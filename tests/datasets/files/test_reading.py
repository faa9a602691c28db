"""Reading one file, whatever its format."""

import builtins
from pathlib import Path

import numpy as np
import pytest
import wfdb
from numpy.testing import assert_allclose, assert_array_equal
from pydicom.data import get_testdata_file

from sklearn_ecg.datasets import ECGFormatError, load_records, make_ecg, read_record
from sklearn_ecg.utils._aami import CLASS_OF_SYMBOL


def test_each_format_gives_the_same_signal(written, ecg):
    """One call reads each format to within its quantization step, in mV."""
    record = read_record(written.path, **written.options)
    assert record.fs == ecg.fs
    assert record.lead_names == ecg.leads
    assert record.signal.dtype == np.float32
    assert_allclose(record.signal, ecg.mv, atol=written.step_mv * 1.01, rtol=0)
    assert record.metadata == {}
    assert record.source == str(written.path)


@pytest.mark.parametrize("name", ["wfdb", "edf"])
def test_annotations_come_along(write, name, ecg, tmp_path):
    """Formats with annotations give their time steps and symbols."""
    file = write(name, tmp_path, ecg)
    time_steps, symbols = read_record(file.path, **file.options).annotations
    assert time_steps.tolist() == [100, 300]
    assert symbols.tolist() == ["N", "V"]


def test_leads_are_chosen_by_name_in_the_wanted_order(written, ecg):
    """Columns follow `leads`, under whatever spelling."""
    record = read_record(written.path, leads=["Lead V1", "ii"], **written.options)
    assert record.lead_names == ("V1", "II")
    assert_allclose(record.signal, ecg.mv[:, ::-1], atol=written.step_mv * 1.01, rtol=0)


def test_missing_lead_is_an_error_that_says_what_there_is(written):
    """The message names the lead, the file, what it has and the way out."""
    with pytest.raises(ValueError, match=r'record.* has no lead aVR; it has II, V1.*"nan"'):
        read_record(written.path, leads=["II", "aVR"], **written.options)


def test_missing_leads_become_nan_as_asked(written, ecg):
    """A column of NaN keeps its place, even if all wanted leads are missing."""
    options = {"missing_leads": "nan", **written.options}
    record = read_record(written.path, leads=["aVR", "II"], **options)
    assert record.lead_names == ("aVR", "II")
    assert read_record(written.path, leads=["-aVR", "II"], **options).lead_names == ("-aVR", "II")
    assert np.isnan(record.signal[:, 0]).all()
    assert_allclose(record.signal[:, 1], ecg.mv[:, 0], atol=written.step_mv * 1.01, rtol=0)
    with pytest.warns(UserWarning, match=r"record.* gives nothing but NaN, because it has none of"):
        record = read_record(written.path, leads=["aVR"], **options)
    assert record.signal.shape == (1000, 1)


def test_missing_lead_of_a_file_of_one_lead_becomes_nan(tmp_path):
    """As long as the lead that is there."""
    (tmp_path / "a.csv").write_text("II (mV)\n1\n2\n3\n")
    with pytest.warns(UserWarning, match="nothing but NaN"):
        record = read_record(tmp_path / "a.csv", leads=["V1"], missing_leads="nan", file_fs=1)
    assert record.lead_names == ("V1",)
    np.testing.assert_array_equal(record.signal, np.full((3, 1), np.nan))


def test_signal_of_nothing_but_nan_raises_a_warning(tmp_path):
    """The file is named."""
    np.save(tmp_path / "a.npy", np.full(5, np.nan))
    said = {"file_fs": 1, "file_unit": "mV", "file_lead_names": ["II"]}
    with pytest.warns(UserWarning, match=r"a\.npy gives nothing but NaN\."):
        read_record(tmp_path / "a.npy", **said)


def test_alternative_leads_are_named_as_they_are(write, ecg, tmp_path):
    """A record says which of them it has."""
    path = write("npz", tmp_path, ecg).path
    record = read_record(path, leads=[("MLII", "II"), "V1"])
    assert record.lead_names == ("II", "V1")
    assert_allclose(record.signal, ecg.mv, atol=1e-6)
    with pytest.raises(ValueError, match="has no lead MLII or V9; it has II, V1"):
        read_record(path, leads=[("MLII", "V9")])


def test_record_is_found_beside_a_folder_of_its_name(write, ecg, tmp_path):
    """A bare name is a record before it is a folder."""
    write("wfdb", tmp_path, ecg)
    (tmp_path / "record").mkdir()
    assert read_record(tmp_path / "record").n_timesteps == 1000


def test_table_beside_a_header_is_read_as_a_table(write, ecg, tmp_path):
    """A MATLAB file beside one is a signal of WFDB."""
    write("wfdb", tmp_path, ecg)
    (tmp_path / "record.csv").write_text("II (mV)\n1\n2\n")
    assert read_record(tmp_path / "record.csv", file_fs=10).n_timesteps == 2


def test_table_beside_a_header_that_is_none_is_not_its_record(write, ecg, tmp_path):
    """Whoever names it wants what it holds; a folder with it has the record of the header."""
    write("wfdb", tmp_path, ecg)
    table = tmp_path / "record.csv"
    table.write_bytes(b"PAR1" + bytes(100))
    with pytest.raises(ECGFormatError, match=r"record\.csv is Parquet: make an ECGRecord"):
        read_record(table)
    records = load_records(tmp_path, leads=["II"])
    assert records.groups.tolist() == ["record"]
    assert [path for path, _ in records.skipped] == [str(table)]
    assert "pandas.read_parquet" in records.skipped[0][1]


def test_lead_twice_is_refused(write, ecg, tmp_path):
    """Under any spelling."""
    path = write("npz", tmp_path, ecg).path
    with pytest.raises(ValueError, match="leads has II twice"):
        read_record(path, leads=["II", "Lead II"])


def test_no_leads_read_annotations_only(write, ecg, tmp_path):
    """The beats of a record whose signal is of no use, or is not there."""
    written = write("wfdb", tmp_path, ecg)
    written.path.with_suffix(".dat").unlink()
    record = read_record(written.path, leads=[], **written.options)
    assert record.signal.shape == (1000, 0)
    assert record.annotations[0].tolist() == [100, 300]


def test_format_is_recognized_by_content(written, ecg, tmp_path):
    """The name of the file says nothing, except where a WFDB header is looked for beside it."""
    if written.path.with_suffix(".hea").exists():
        pytest.skip("a WFDB record is its header; the names are part of the format")
    nameless = written.path.rename(tmp_path / "00000001")
    assert read_record(nameless, **written.options).signal.shape == (1000, 2)


def test_unknown_format_is_refused(tmp_path):
    """A file of no known format is named, with the formats there are."""
    path = tmp_path / "record.edf"
    path.write_bytes(b"GIF89a" + bytes(1000))
    with pytest.raises(ECGFormatError, match=r"record\.edf is of no known format \(DICOM, EDF"):
        read_record(path)


def test_missing_file_and_folder_are_named(tmp_path):
    """A path that is no file raises what Python raises, with advice."""
    with pytest.raises(FileNotFoundError, match=r"no_such is not there, nor is a WFDB header"):
        read_record(tmp_path / "no_such")
    with pytest.raises(FileNotFoundError, match=r"no_such\.hea is not there\.$"):
        read_record(tmp_path / "no_such.hea")
    with pytest.raises(IsADirectoryError, match="a folder: name its files, or use load_records"):
        read_record(tmp_path)


@pytest.mark.parametrize(("name", "extra"), [("hdf5", "hdf5"), ("dicom", "dicom")])
def test_missing_extra_is_named(write, name, extra, ecg, tmp_path, monkeypatch):
    """Without the library, the error says which extra to install."""
    if name == "hdf5":
        path = tmp_path / "a.h5"
        path.write_bytes(b"\x89HDF\r\n\x1a\n")
    else:
        path = write(name, tmp_path, ecg).path

    def refuse(module, *arguments):
        raise ImportError(module)

    monkeypatch.setattr("importlib.import_module", refuse)
    with pytest.raises(ImportError, match=rf"sklearn-ecg\[{extra}\]"):
        read_record(path)


def test_bad_arguments_are_refused(tmp_path):
    """Parameters are checked before the file is looked for."""
    with pytest.raises(ValueError, match="'fs' parameter"):
        read_record(tmp_path, fs=-1)
    with pytest.raises(ValueError, match="'metadata_policy' parameter"):
        read_record(tmp_path, metadata_policy="hide")


def test_resampling_moves_annotations_along(write, ecg, tmp_path):
    """At twice the rate a mark is at twice the time step, and every other value is the old one."""
    file = write("wfdb", tmp_path, ecg)
    record = read_record(file.path, fs=500, **file.options)
    assert record.fs == 500
    assert record.signal.shape == (2000, 2)
    assert record.annotations[0].tolist() == [200, 600]
    assert record.signal.dtype == np.float32


def test_resampling_out_of_proportion_is_refused(tmp_path):
    """A signal at 1 Hz that would become one of 100 kHz is not made."""
    np.save(tmp_path / "a.npy", np.zeros(1000))
    said = {"file_fs": 1, "file_unit": "mV", "file_lead_names": ["II"]}
    with pytest.raises(ECGFormatError, match="describes 100000000 values, too many"):
        read_record(tmp_path / "a.npy", fs=100_000, **said)


def test_rates_without_a_ratio_are_named(tmp_path):
    """They are the caller's fault, and not that of a damaged file."""
    np.save(tmp_path / "a.npy", np.zeros(100))
    said = {"file_fs": 1.5, "file_unit": "mV", "file_lead_names": ["II"]}
    with pytest.raises(ValueError, match=r"fs_new / fs = 99999\.9 / 1\.5 is not a ratio"):
        read_record(tmp_path / "a.npy", fs=99_999.9, **said)


def test_signals_that_are_not_voltages_are_left_out(tmp_path):
    """Respiration in bpm is no lead; a file of nothing else is refused."""
    path = tmp_path / "walk.csv"
    path.write_text("resp (bpm),II (mV)\n12,0.5\n13,0.6\n")
    assert read_record(path, file_fs=100).lead_names == ("II",)
    path.write_text("resp (bpm)\n12\n13\n")
    with pytest.raises(ECGFormatError, match="has no signal in V, mV, uV or nV"):
        read_record(path, file_fs=100)


def test_leads_of_one_name_are_told_apart(tmp_path):
    """The second one of a name gets a number."""
    path = tmp_path / "walk.csv"
    path.write_text("ECG (mV),ECG (mV)\n1,2\n3,4\n")
    record = read_record(path, file_fs=100)
    assert record.lead_names == ("ECG", "ECG #2")
    assert record.leads(["ECG #2"]).ravel().tolist() == [2, 4]


@pytest.mark.parametrize("value", ["inf", "1e300"])
def test_infinite_values_are_refused(tmp_path, value):
    """Infinity is no voltage, nor is what float32 cannot hold."""
    path = tmp_path / "walk.csv"
    path.write_text(f"II (mV),V1 (mV)\n1,2\n3,{value}\n")
    with pytest.raises(ECGFormatError, match=r"infinite values|no format"):
        read_record(path, file_fs=100)


def test_reading_opens_only_the_file_it_was_given(write, ecg, tmp_path, monkeypatch):
    """A file that stands for itself is the only one opened."""
    path = write("csv", tmp_path, ecg).path
    opened = []
    real_open = builtins.open
    monkeypatch.setattr(builtins, "open", lambda *a, **k: opened.append(a[0]) or real_open(*a, **k))
    read_record(path)
    assert set(map(str, opened)) <= {str(path)}


def test_mark_just_after_the_signal_is_dropped(write, ecg, tmp_path):
    """The last time step is `n_timesteps - 1`; a mark at `n_timesteps` would index nothing."""
    path = write("wfdb", tmp_path, ecg).path
    wfdb.wrann("record", "end", np.array([999, 1000]), ["N", "V"], write_dir=str(tmp_path))
    record = read_record(path, annotator="end")
    assert record.n_timesteps == 1000
    assert record.annotations[0].tolist() == [999]


def test_ds1_has_the_published_beats(data_home):
    """The 22 records of de Chazal's DS1 have exactly the beats that the database publishes."""
    records = load_records(data_home / "mitdb", annotator="atr")
    symbols = np.concatenate([symbols for _, symbols in records.annotations])
    classes = [CLASS_OF_SYMBOL[symbol] for symbol in symbols if symbol in CLASS_OF_SYMBOL]
    counts = dict(zip(*np.unique(classes, return_counts=True), strict=True))
    assert counts == {"N": 45866, "S": 944, "V": 3788, "F": 415, "Q": 8}
    assert records.data.shape == (22, 650000, 1)


def test_cinc_record_is_read_by_any_of_its_names(data_home):
    """Header, signal file and bare name are the same record."""
    base = data_home / "cinc2017" / "training2017" / "A00001"
    signals = [read_record(f"{base}{suffix}").signal for suffix in ("", ".hea", ".mat")]
    assert signals[0].shape == (9000, 1)
    assert_allclose(signals[0][:3, 0], [-0.127, -0.162, -0.197], rtol=1e-6)
    assert_array_equal(signals[1], signals[0])
    assert_array_equal(signals[2], signals[0])


def test_pydicoms_own_electrocardiogram_is_read():
    """The 12-lead rest ECG of a commercial device that ships with pydicom: leads, unit, rate."""
    with pytest.warns(UserWarning, match="0 .RHYTHM, 12 leads, 10 s., 1 .MEDIAN BEAT"):
        record = read_record(get_testdata_file("waveform_ecg.dcm", download=False))
    assert record.lead_names[:6] == ("I", "II", "III", "aVR", "aVL", "aVF")
    assert record.lead_names[6:] == ("V1", "V2", "V3", "V4", "V5", "V6")
    assert (record.fs, record.signal.shape) == (1000.0, (10000, 12))
    # Counts 80 and 90 at 1.25 uV.
    assert_allclose(record.signal[0, :2], [0.1, 0.1125], rtol=1e-6)
    # Einthoven: I + III = II, to within the rounding of three leads.
    assert_allclose(
        record.leads(["I"]) + record.leads(["III"]), record.leads(["II"]), atol=3 * 0.00125
    )


def test_one_name_is_no_sequence_of_leads():
    """The letters of "II" would be lead I, twice."""
    record = make_ecg(duration_s=2, leads=("I", "II"), random_state=0)
    with pytest.raises(TypeError, match=r"such as \['II'\]"):
        record.leads("II")


def test_pipe_is_named(tmp_path, make_pipe):
    """As a shell has it for the output of another program."""
    make_pipe(tmp_path / "pipe")
    with pytest.raises(OSError, match="pipe is a pipe or a device: save what comes from it"):
        read_record(tmp_path / "pipe")


@pytest.mark.parametrize("path", ["https://physionet.org/a.edf", "s3://bucket/a", Path("ftp://a")])
def test_address_is_no_path(path):
    """Nothing is downloaded."""
    with pytest.raises(FileNotFoundError, match="is an address: download the file"):
        read_record(path)


def test_empty_file_is_called_so(tmp_path):
    """Whatever its name says: no format has a word for it."""
    path = tmp_path / "a.edf"
    path.touch()
    with pytest.raises(ECGFormatError, match=r"a\.edf is empty\.$"):
        read_record(path)


@pytest.mark.parametrize("annotator", ["", "../atr", "/etc/passwd"])
def test_annotator_that_is_no_suffix_is_refused(tmp_path, annotator):
    """The file was said to be damaged."""
    path = tmp_path / "a.hea"
    path.write_text("a 1 250 1\na.dat 16\n")
    (tmp_path / "a.dat").write_bytes(bytes(2))
    with pytest.raises(ValueError, match=f"annotator='{annotator}' must be a suffix"):
        read_record(path, annotator=annotator)


def test_unit_that_is_no_voltage_is_refused(tmp_path):
    """Or the advice would be to state file_unit, which was stated."""
    path = tmp_path / "a.csv"
    for name in ("II", "II (mV)"):
        path.write_text(f"{name}\n1\n2\n")
        with pytest.raises(ValueError, match="file_unit='furlong' is no unit of voltage: state V,"):
            read_record(path, file_fs=100, file_unit="furlong")
        assert_array_equal(read_record(path, file_fs=100, file_unit="MV").signal[:, 0], [1, 2])
