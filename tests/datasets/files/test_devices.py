"""Files as devices and hospitals write them: read, or refused by the name of their format."""

import pickle
import warnings

import pytest

from sklearn_ecg.datasets import ECGFormatError, make_ecg, read_record, write_record

# What the files say of people, places and days.
TRACES = ("Clark", "SBJ-123", "JMK", "1953", "20021122", "DEFAULT_DEVICE", "1-300m", "2018")
TRACES += ("12-OCT", "River City", "SC-342", "Smith", "1621280")


# Files of devices, with what they do not say: seconds, Hz and number of leads, or why not.
FILES = {
    "ecgtoolkit.dcm": ({"file_array": "0"}, (10, 500, 12)),
    "ecgtoolkit.scp": ({}, (10, 500, 12)),
    "ecgtoolkit_aecg.xml": ({}, (10, 500, 12)),
    "fda_aecg.xml": ({}, (10, 500, 12)),
    "muse_1.xml": ({}, (10, 500, 8)),
    "muse_2.xml": ({}, (10, 500, 8)),
    "ishne_holter.ecg": ({"annotator": "ann"}, (1500, 200, 3)),
    "ishne_holter.ann": ({}, "is ISHNE annotations: read the .ecg file"),
    "faros.edf": ({}, (78, 500, 1)),
    "plux_ecg.h5": ({"file_unit": "mV"}, (11.85, 200, 1)),
    "shimmer.csv": ({"file_fs": 51.2}, (1.76, 51.2, 3)),
    "biosppy_ecg.txt": ({"file_unit": "uV"}, (15, 1000, 1)),
    "opensignals.txt": ({}, "by OpenSignals with no sensor of the ECG"),
    "cleanecg.txt": ({}, "has 1000 columns; 256 leads can be read"),
}


@pytest.mark.filterwarnings("ignore:.*truncated")
def test_every_file_is_read_or_refused_by_what_it_is(data_home):
    """None is passed over."""
    folder = data_home / "devices"
    assert FILES.keys() == {path.name for path in folder.iterdir() if path.is_file()}
    for name, (options, expected) in FILES.items():
        if isinstance(expected, str):
            with pytest.raises(ECGFormatError, match=expected):
                read_record(folder / name, **options)
            continue
        record = read_record(folder / name, **options)
        found = record.duration_s, record.fs, len(record.lead_names)
        assert found == pytest.approx(expected, abs=0.005), name


def test_nothing_of_anyone_comes_out(data_home):
    """Records, warnings and errors of all files are searched."""
    shown = ""
    for path in sorted((data_home / "devices").rglob("*.*")):
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            try:
                record = read_record(path)
            except (ECGFormatError, FileNotFoundError) as error:
                shown += str(error)
                continue
        shown += repr(vars(record)) + pickle.dumps(record).decode("latin-1")
        shown += "".join(str(warning.message) for warning in heard)
    shown = shown.replace(str(data_home), "")  # a folder of any name
    assert [trace for trace in TRACES if trace in shown] == []


def test_signals_of_wfdb_formats_are_read(data_home):
    """Every header of the package wfdb's own test files."""
    for path in (data_home / "devices" / "wfdb_formats").glob("*.hea"):
        leads = ["II"] if path.stem == "mixedsignals" else None
        assert read_record(path, leads=leads).n_timesteps > 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"GDF 2.10", "is GDF: convert it to EDF"),
        (b"%PDF-1.4", "is a PDF, which is a picture"),
        (b"XDF:", "is XDF of the Lab Streaming Layer: make an ECGRecord.* of what pyxdf reads"),
        (b"TDSm", "is TDMS of LabVIEW"),
        (b"ABF2", "is ABF of Axon"),
        (b"\x89PNG\r\n", "is a picture: export"),
        (b"PK\x03\x04" + bytes(30), "is an archive or a spreadsheet|damaged"),
        (b"\x1f\x8b\x08", "compressed by gzip: unpack"),
        (b"\x80\x04\x95", "is a pickle, which is not opened"),
        (b"\x80\x05\x95", "is a pickle, which is not opened"),
        (b'{"ecg": [1, 2]}', "is JSON, .* make an ECGRecord"),
        (b'\xef\xbb\xbf\n {"ecg": [1, 2]}', "is JSON, .* make an ECGRecord"),
        (b'[\n{"t": 0, "ecg": 0.1}]', "is JSON, .* make an ECGRecord"),
        (b'{"valueSampledData": {}}', r"is JSON of FHIR: .* fs = 1000 / period, and NaN where"),
        (f'date,signal\n2026-05-03,"{list(range(30))}"\n'.encode(), "a list of numbers in a cell"),
        (b"RIFF\0\0\0\0WAVE", "is a sound, .* what scipy.io.wavfile reads"),
        (b"ARROW1\0\0", "is a table of Arrow: make an ECGRecord.* pandas.read_feather"),
        (b"PAR1", "is Parquet: make an ECGRecord.* pandas.read_parquet"),
        (b"Obj\x01", "is Avro"),
        (b"SQLite format 3\0", "is a database of SQLite"),
        (b"ALIVE\0\0\0", "is ATC of AliveCor"),
        (b"\x0e\x10\xd9\x07\0\0\0\0.FIT", "is FIT, as of Garmin"),
        (b"\xfd7zXZ\0", "compressed by xz: unpack"),
        (b"\x28\xb5\x2f\xfd", "compressed by Zstandard: unpack"),
        (b"Brain Vision Data Exchange Header File", "is BrainVision"),
        (b"CFWB\x01\x00", "is a binary file of LabChart"),
    ],
)
def test_known_formats_that_are_not_read_are_named(tmp_path, content, words):
    """With the way out."""
    path = tmp_path / "r.bin"
    path.write_bytes(content)
    with pytest.raises(ECGFormatError, match=words):
        read_record(path)


def test_missing_extras_are_named(tmp_path, monkeypatch):
    """FLAC, Biopac and the writing of EDF need a package each."""
    (tmp_path / "r.hea").write_text("r 1 100 2\nr.dat 516\n")
    (tmp_path / "r.dat").write_bytes(b"fLaC")
    (tmp_path / "r.acq").write_bytes(b"\0\0\x26\0\0\0" + bytes(20))

    def refuse(module, *arguments):
        raise ImportError(module)

    monkeypatch.setattr("importlib.import_module", refuse)
    with pytest.raises(ImportError, match=r"sklearn-ecg\[flac\]"):
        read_record(tmp_path / "r.hea")
    with pytest.raises(ImportError, match=r"sklearn-ecg\[biopac\]"):
        read_record(tmp_path / "r.acq")
    with pytest.raises(ImportError, match=r"sklearn-ecg\[edf\]"):
        write_record(make_ecg(duration_s=2, fs=250, random_state=0), tmp_path / "r.edf")
