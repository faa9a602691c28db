"""No name, identifier, date or comment leaves a file unless it is asked for."""

import datetime
import logging
import pickle
import re
import traceback
import warnings
from types import SimpleNamespace

import pytest

from sklearn_ecg.datasets import load_records, read_record

IDENTITY = SimpleNamespace(
    name="Zacharias_Quxley", identifier="ID7654321", date=datetime.date(1934, 12, 27)
)
TRACES = ("Zacharias", "Quxley", "7654321", "1934", "27-DEC", "27.12", "27/12", "11:12")


@pytest.fixture
def find_traces(tmp_path):
    """Search objects, by their pickles and their texts, for any part of the identity."""

    def find(*things):
        text = " ".join(
            str(thing) + repr(thing) + pickle.dumps(thing).decode("latin-1") for thing in things
        ).casefold()
        text = text.replace(str(tmp_path).casefold(), "")  # whose numbers may be any
        return [trace for trace in TRACES if trace.casefold() in text]

    return find


@pytest.fixture
def identified(write, file_format, ecg, tmp_path):
    """The signal in a file of each format that says whose it is."""
    return write(file_format, tmp_path, ecg, IDENTITY)


@pytest.fixture
def heard(caplog, capfd):
    """All that has been logged, warned and printed."""

    def printed():  # without the times and the speed of a progress bar, which may be any numbers
        return [re.sub(r"\[\d+:\d\d<[^\r\n]*", "", text) for text in capfd.readouterr()]

    caplog.set_level(logging.DEBUG)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        yield lambda: (caplog.text, printed(), [str(w.message) for w in warned])


def test_the_files_do_say_whose_they_are(identified):
    """Without this, finding nothing would prove nothing. An array has no room for a name."""
    files = [path for path in identified.path.parent.iterdir() if path.suffix != ".npz"]
    content = b"".join(path.read_bytes() for path in files).replace(b"\0", b"")  # of UTF-16
    is_bare = identified.path.suffix in (".npy", ".npz")
    assert is_bare == (IDENTITY.name.encode() not in content)


def test_record_tells_nothing(identified, heard, find_traces):
    """Everything returned, pickled, logged, warned and printed is searched."""
    record = read_record(identified.path, **identified.options)
    assert find_traces(record, vars(record), record.annotations[1].tolist(), heard()) == []


def test_loaded_rows_tell_nothing(identified, heard, find_traces):
    """The same for many records, with the progress bar and the summary."""
    records = load_records([identified.path] * 2, leads=None, verbose=1, **identified.options)
    assert find_traces(dict(records), records, heard()) == []


def test_metadata_are_kept_only_on_request(identified, find_traces):
    """With `metadata_policy="keep"` the record says what the file says, in its metadata alone."""
    record = read_record(identified.path, metadata_policy="keep", **identified.options)
    if identified.path.suffix == ".npy":
        assert record.metadata == {}
    else:
        assert "Quxley" in str(record.metadata)
        assert "7654321" in str(record.metadata)
    assert find_traces(record.signal, record.annotations, record.lead_names) == []


def damage(content):
    """Yield damaged copies of a file, some of them in the midst of the identity."""
    for size in (len(content) // 2, len(content) - 3, 300):
        yield content[:size]
    name = IDENTITY.name.encode()
    for other in (b"\n" + name, b"\xff\xfe" + name, b"," + name + b"\n", b"\x14\x00+" + name):
        yield content.replace(name, other)
        yield content[:400] + other + content[400:]
        yield content[: len(content) // 2] + other + content[len(content) // 2 :]
        yield content[:-20] + other
    for old, new in ((b"250", name), (b"record.", name), (b"0.0040", name), (b"200", name)):
        yield content.replace(old, new)
        yield content.replace(old, new[: len(old)])


def test_errors_tell_nothing(identified, heard, find_traces):
    """Nor does any error of a damaged file, with all that its traceback would show."""
    shown, errors = [], []
    files = [file for file in identified.path.parent.iterdir() if file.is_file()]
    for file in files:
        content = file.read_bytes()
        for damaged in dict.fromkeys(damage(content)):
            if damaged == content:  # it holds nothing of what would have been replaced
                continue
            file.write_bytes(damaged)
            try:
                shown.append(read_record(identified.path, **identified.options).annotations)
            except (ValueError, FileNotFoundError) as error:
                errors.append(error)
                shown.append("".join(traceback.format_exception(error, chain=True)))
        file.write_bytes(content)
    assert errors
    assert all(error.__cause__ is error.__context__ is None for error in errors)
    assert find_traces(*shown, *errors, heard()) == []
