"""Files that say whose they are are trained on, saved and reported: nothing tells of the person.

`files/test_privacy.py` searches what is read; this file searches what is made of it.
"""

import datetime
import logging
import pickle
import traceback
import warnings
import zipfile
from dataclasses import replace
from types import SimpleNamespace

import joblib
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sklearn_ecg import _command_line as command_line
from sklearn_ecg.compose import BeatClassifier, SegmentedClassifier
from sklearn_ecg.datasets import RecordReader, make_ecg, read_record, write_record
from sklearn_ecg.neural_network import LSTMClassifier
from sklearn_ecg.persistence import describe_model, save
from sklearn_ecg.plotting import ECGDisplay, HolterDisplay, report
from sklearn_ecg.preprocessing import MaxNormalizer, Segmenter

IDENTITY = SimpleNamespace(
    name="Zacharias_Quxley", identifier="ID7654321", date=datetime.date(1934, 12, 27)
)
DATES = ("1934-12-27", "19341227", "27/12/1934", "12/27/1934", "27.12.1934", "27-DEC-1934")
TRACES = ("Zacharias", "Quxley", "7654321", "27-DEC-34", "27.12.34", *DATES)


def traces_in(*things):
    """Search bytes and texts for any part of the identity, in one or two bytes a character."""
    found = set()
    for thing in things:
        content = thing if isinstance(thing, bytes) else str(thing).encode()
        text = content.replace(b"\0", b"").decode("latin-1").casefold()
        found |= {trace for trace in TRACES if trace.casefold() in text}
    return sorted(found)


def contents_of(folder):
    """Read all files below a folder, and what is packed in them."""
    contents = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            contents.append(path.read_bytes())
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as archive:
                    contents += [archive.read(name) for name in archive.namelist()]
                    contents += [repr(info).encode() for info in archive.infolist()]
                    if "model.skops" in archive.namelist():
                        (path.parent / "inner").mkdir(exist_ok=True)
                        inner = archive.extract("model.skops", path.parent / "inner")
                        with zipfile.ZipFile(inner) as model:
                            contents += [model.read(name) for name in model.namelist()]
    return contents


@pytest.fixture
def identified(write, file_format, ecg, tmp_path):
    """The signal in a file of each format that says whose it is, in a folder of its own."""
    folder = tmp_path / "in"
    folder.mkdir()
    return write(file_format, folder, ecg, IDENTITY)


@pytest.fixture
def out(tmp_path):
    """A folder for what is made."""
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


@pytest.fixture
def heard(caplog, capfd):
    """All that is logged, warned and printed."""
    caplog.set_level(logging.DEBUG)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        yield lambda: [caplog.text, *capfd.readouterr(), *(str(w.message) for w in warned)]


@pytest.fixture(scope="session")
def beat_model():
    """A classifier of beats that has seen other people."""
    records = [make_ecg(40, fs=250, premature={"V": 0.2}, random_state=i) for i in range(2)]
    forest = make_pipeline(FunctionTransformer(_as_table), RandomForestClassifier(5))
    return BeatClassifier(forest, leads=["II"], n_before=1, n_after=1).fit(records)


def _as_table(rows):
    return rows.reshape(len(rows), -1)


def record_with_all_it_says(identified):
    """Read the file with its metadata, and name the patient."""
    record = read_record(identified.path, metadata_policy="keep", **identified.options)
    return replace(record, patient=IDENTITY.name)


def test_model_trained_on_files_tells_nothing(identified, file_format, out, heard):
    """Neither its pickles and files, nor what training prints, nor what it says of itself."""
    classifier = SegmentedClassifier(Segmenter(segment_length=250), LogisticRegression(verbose=1))
    if file_format in ("wfdb", "edf", "dicom"):
        classifier = LSTMClassifier(units=2, epochs=1, verbose=2, random_state=0)
    options = {key: value for key, value in identified.options.items() if key != "annotator"}
    pipeline = make_pipeline(
        RecordReader(leads=["II"], fs=250, **options),
        MaxNormalizer(),
        classifier,
    )
    paths = [identified.path] * 4
    pipeline.fit(paths, [0, 1, 0, 1])
    joblib.dump(pipeline, out / "model.joblib")
    save(pipeline, out / "model.skecg")
    assert len(contents_of(out)) > 10  # what is packed was found
    said = [repr(pipeline), pipeline._repr_html_(), describe_model(out / "model.skecg")]
    kept = [pickle.dumps(pipeline)]
    assert traces_in(*said, *kept, *contents_of(out), *heard()) == []


def test_model_trained_on_records_that_say_whose_they_are_tells_nothing(identified, out, heard):
    """With `metadata_policy="keep"` the records tell, but not what learns from them."""
    record = record_with_all_it_says(identified)
    beats = make_ecg(20, fs=250, premature={"V": 0.3}, random_state=0)
    named = replace(beats, patient=IDENTITY.name, metadata=record.metadata)
    forest = make_pipeline(FunctionTransformer(_as_table), RandomForestClassifier(3))
    model = BeatClassifier(forest, leads=["II"], n_before=1, n_after=1, verbose=1).fit([named])
    joblib.dump(model, out / "model.joblib")
    save(model, out / "model.skecg")
    assert traces_in(repr(model), repr(vars(model)), *contents_of(out), *heard()) == []


def test_report_and_pictures_tell_nothing(identified, beat_model, out, heard):
    """Of a record that says whose it is: the page, and pictures with their own metadata."""
    record = record_with_all_it_says(identified)
    report(record, beat_model, out / "report.html")
    for suffix in ("svg", "png", "pdf"):
        ECGDisplay(record).plot().figure_.savefig(out / f"paper.{suffix}")
    HolterDisplay(beat_model.annotate(record)).plot().figure_.savefig(out / "day.svg")
    assert traces_in(*contents_of(out), *heard()) == []


def test_written_files_tell_nothing(identified, out, heard):
    """Another format is no place for what the first one said."""
    record = record_with_all_it_says(identified)
    for suffix in (".hea", ".edf", ".csv"):
        write_record(record, out / f"record{suffix}")
    assert traces_in(*contents_of(out), *heard()) == []


def test_command_line_tells_nothing(identified, out, heard):
    """What it prints, and all files in its folders."""
    options = [
        word
        for name in ("file_fs", "file_unit")
        if name in identified.options
        for word in (f"--{name.replace('_', '-')}", str(identified.options[name]))
    ]
    path = str(identified.path)
    ran = [
        command_line.main(["info", *options, path]),
        command_line.main(["classify", *options, "--output", str(out / "c"), "beats-10s", path]),
        command_line.main(["report", *options, "--output", str(out / "r"), "beats-10s", path]),
    ]
    assert ran == [0, 0, 0] or "file_lead_names" in identified.options
    assert traces_in(*contents_of(out), *heard()) == []


def test_errors_of_models_tell_nothing(identified):
    """A recording that a model cannot take is named by its file, and by nothing else."""
    record = record_with_all_it_says(identified)
    needs_more = RecordReader(leads=["aVR"], fs=250)
    errors = []
    for rows in ([record], [identified.path]):
        with pytest.raises(ValueError, match=r"aVR|unit|rate") as error:
            needs_more.fit_transform(rows)
        errors += traceback.format_exception(error.value)
    assert "record" in str(errors)
    assert traces_in(*errors) == []


def test_the_search_finds_what_is_there(out):
    """In files, packed files, and texts of two bytes a character."""
    with zipfile.ZipFile(out / "a.skecg", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.json", f"{IDENTITY.name}, {IDENTITY.date}" * 9)
    (out / "b").write_text(IDENTITY.identifier, encoding="utf-16")
    found = ["1934-12-27", "7654321", "Quxley", "Zacharias"]
    assert traces_in(*contents_of(out)) == found
