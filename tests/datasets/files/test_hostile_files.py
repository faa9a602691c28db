"""Whatever is done to a file, its reader returns a record or says that it is no good.

Hypothesis damages valid files of each format. `examples/benchmarks/fuzz_readers.py` does so for
as long as one likes, guided by coverage; what it has found stands here by itself.
"""

import io
import re
import struct
import warnings
import zipfile
import zlib
from time import process_time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sklearn_ecg.datasets import ECGFormatError, read_record
from sklearn_ecg.datasets._files import _edf
from sklearn_ecg.datasets._files._formats import recognize

TOKENS = [
    b"0",
    b"-1",
    b"1e308",
    b"nan",
    b"9" * 15,
    b"",
    b"\n",
    b"\x00",
    b"../x",
    b"~",
    b"inf",
    b"#",
]
WORDS = [struct.pack("<I", word) for word in (0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)]


@st.composite
def damages(draw):
    """A few ways to damage a file, at places given as fractions of its length."""
    place = st.floats(0, 1, exclude_max=True)
    edit = st.one_of(
        st.tuples(st.just("put"), place, st.binary(min_size=1, max_size=8)),
        st.tuples(st.just("put"), place, st.sampled_from(WORDS)),
        st.tuples(st.just("insert"), place, st.sampled_from(TOKENS) | st.binary(max_size=8)),
        st.tuples(st.just("token"), place, st.sampled_from(TOKENS)),
        st.tuples(st.just("cut"), place, st.integers(1, 64)),
        st.tuples(st.just("repeat"), place, st.integers(1, 64)),
        st.tuples(st.just("end"), place, st.just(None)),
    )
    # Most of what matters stands at the front of a file.
    is_front = draw(st.booleans())
    return is_front, draw(st.lists(edit, min_size=1, max_size=4))


def apply(content, damage):
    is_front, edits = damage
    for kind, place, what in edits:
        at = int(place * min(len(content), 800 if is_front else len(content)))
        if kind == "put":
            content = content[:at] + what + content[at + len(what) :]
        elif kind == "insert":
            content = content[:at] + what + content[at:]
        elif kind == "token":
            match = re.compile(rb"[^\s,]+").search(content, at)
            if match:
                content = content[: match.start()] + what + content[match.end() :]
        elif kind == "cut":
            content = content[:at] + content[at + what :]
        elif kind == "repeat":
            content = content[:at] + content[at : at + what] * 3 + content[at:]
        else:
            content = content[:at]
    return content


def read_or_refuse(path, **options):
    """Read a file; only the errors that the reader promises may come out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of what was left out
        try:
            record = read_record(path, **options)
        except (ECGFormatError, FileNotFoundError):
            return
    assert record.signal.dtype == np.float32
    assert 1 <= record.signal.shape[1] <= 256
    assert 1 <= record.fs <= 100_000
    assert not np.isinf(record.signal).any()
    time_steps, symbols = record.annotations
    assert len(time_steps) == len(symbols)
    assert np.all((time_steps >= 0) & (time_steps < record.n_timesteps))


@pytest.fixture
def valid(written):
    """A valid file of each format, and the contents of all files that belong to it."""
    return written, {path: path.read_bytes() for path in written.path.parent.iterdir()}


@settings(
    max_examples=60,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(damage=damages(), which=st.integers(0, 2))
def test_damaged_files_are_read_or_refused(valid, damage, which):
    """No damage to any of a record's files lets another error out."""
    file, contents = valid
    path = sorted(contents)[which % len(contents)]
    path.write_bytes(apply(contents[path], damage))
    try:
        read_or_refuse(file.path, **file.options)
    finally:
        path.write_bytes(contents[path])


@settings(
    max_examples=200,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    head=st.sampled_from(
        [
            b"",
            b"\0" * 128 + b"DICM",
            b"0       ",
            b"\x93NUMPY\x01\x00",
            b"PK\x03\x04",
            b"r 1 100 2\n",
            b"II (mV)\n1\n",
            b"\xffBIOSEMI",
            b"\0" * 16 + b"SCPECG",
            b"ISHNE1.0",
            b"<AnnotatedECG>",
            b"<RestingECG>",
            b"<restingecgdata>",
            b"1\n2\n",
            b"# OpenSignals Text File Format\n# {",
            b"MATLAB".ljust(124) + b"\x00\x01IM\x0e\x00\x00\x00",
            b"\x89HDF\r\n\x1a\n",
        ]
    ),
    rest=st.binary(max_size=600),
)
def test_anything_at_all_is_read_or_refused(tmp_path_factory, head, rest):
    """Random bytes after the mark of a format are no record, and no accident either."""
    path = tmp_path_factory.getbasetemp() / "anything"
    path.write_bytes(head + rest)
    recognize(path)
    read_or_refuse(path, file_fs=100, file_unit="mV", file_lead_names=["II"])


def dicom_of(*elements):
    """A DICOM file of raw elements: group, element, kind, value."""
    meta = _element(2, 0x10, b"UI", b"1.2.840.10008.1.2.1\0")
    return b"\0" * 128 + b"DICM" + meta + b"".join(_element(*element) for element in elements)


def _element(group, number, kind, value, length=None):
    length = len(value) if length is None else length
    is_long = kind in (b"SQ", b"OW", b"OB", b"UN")
    size = struct.pack("<HI", 0, length) if is_long else struct.pack("<H", length)
    return struct.pack("<HH", group, number) + kind + size + value


ITEM = struct.pack("<HHI", 0xFFFE, 0xE000, 0)
OPEN_ITEM = struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)
OPEN_SEQUENCE = struct.pack("<HH2sHI", 0x5400, 0x0100, b"SQ", 0, 0xFFFFFFFF)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(dicom_of((0x5400, 0x0100, b"SQ", ITEM * 100_000)), id="many items"),
        pytest.param(dicom_of() + (OPEN_SEQUENCE + OPEN_ITEM) * 5_000, id="nested sequences"),
        pytest.param(dicom_of((0x5400, 0x0100, b"SQ", b"", 0xFFFFFFF0)), id="huge length"),
        pytest.param(dicom_of((0x5400, 0x1010, b"OW", b"", 0x7FFFFFFF)), id="huge waveform"),
        pytest.param(dicom_of() + zlib.compress(bytes(10**6)), id="deflated without saying so"),
        pytest.param(dicom_of(*[(8, 0x16, b"SH", b"")] * 100_000), id="many elements"),
        pytest.param(b"#\n" * 500_000 + b"II (mV)\n1\n", id="many comments"),
        pytest.param(b"II (mV)" + b",I (mV)" * 100_000 + b"\n1" + b",1" * 100_000, id="wide table"),
        pytest.param(b"II (mV),I (mV)\n" + b"," * 1_000_000 + b"\n", id="many empty cells"),
        pytest.param(b"II (mV)\n" + b"1" * 1_000_000 + b"\n", id="long number"),
        pytest.param(b"II (mV)\n" + b"1" * 60_000 + b"x\n", id="long word of digits"),
        pytest.param(b"II" + b" " * 130_000 + b"((\n1\n", id="long name of blanks"),
        pytest.param(b"II (mV)\n1\n" + b'"' * 1_000_000, id="open quotes"),
        pytest.param(b"II" + b" (" * 400_000 + b"\n1\n", id="open brackets"),
        pytest.param(b"r 1 100 2\n" + b"r.dat 16 " + b"1" * 1_000_000, id="long header"),
        pytest.param(b"r/999999 1 100\n" + b"~ 1\n" * 200_000, id="many segments"),
        pytest.param(
            b'# OpenSignals\n# {"a":' + b"[" * 60_000 + b"\n1\t2\n1\t2\n", id="nested JSON"
        ),
        pytest.param(b"1\n2\n" + b"- " * 500_000, id="many words for missing values"),
        pytest.param(b"1,\n" * 250_000 + b"x,\n", id="empty column"),
        pytest.param(b"time,II (mV)\n0,1\n0,2\n" * 40_000, id="times that go back"),
        pytest.param(b"\x93NUMPY\x01\x00\xff\xff" + b"(" * 65535, id="nested header"),
    ],
)
def test_bombs_are_refused(tmp_path, content):
    """A megabyte that would cost seconds or gigabytes to parse is refused."""
    path = tmp_path / "bomb"
    path.write_bytes(content)
    with pytest.raises(ECGFormatError):
        read_record(path, file_fs=100, file_unit="mV", file_lead_names=["II"])


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("wfdb", b"200.0(0)", b"1e999(0)"),
        ("dicom", b"DS\x02\x005 ", b"DS\x02\x000 "),
        ("aecg", b'scale value="5"', b'scale value="0"'),
        ("aecg", b'scale value="5"', b'scale value="nan"'),
        ("muse", b"PerBit>5<", b"PerBit>0<"),
        ("philips", b"resolution>5<", b"resolution>0<"),
    ],
)
def test_gain_that_makes_no_voltages_is_refused(write, ecg, tmp_path, kind, old, new):
    """By it a recording would be a flat line, without a word."""
    written = write(kind, tmp_path, ecg)
    content = written.path.read_bytes()
    assert old in content
    written.path.write_bytes(content.replace(old, new))
    with pytest.raises(ECGFormatError, match="without a valid calibration"):
        read_record(written.path, **written.options)


@pytest.mark.parametrize("kind", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_archives_that_unpack_in_one_go_are_refused(tmp_path, kind):
    """A few bytes of bzip2 would be a gigabyte before the first of them can be looked at."""
    array = io.BytesIO()
    np.save(array, np.zeros(2**20, dtype=np.float32))
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w", kind) as archive:
        archive.writestr("signal.npy", array.getvalue())
    with pytest.raises(ECGFormatError, match="compressed in another way than NumPy does"):
        read_record(tmp_path / "bomb.npz", file_fs=100, file_unit="mV", file_lead_names=["II"])


@pytest.mark.parametrize("inner", [b"<!--%s-->", b"<a b='%s'/>", b"<?a %s?>", b"<a %s='1'/>"])
def test_long_tags_are_read_in_linear_time(tmp_path, inner):
    """Old versions of expat read a tag anew with each part of the file that they are given."""
    path = tmp_path / "long.xml"
    path.write_bytes(b"<AnnotatedECG>" + inner % (b"a" * 6_000_000) + b"</AnnotatedECG>")
    start = process_time()
    with pytest.raises(ECGFormatError, match="without a series of waveforms"):
        read_record(path)
    assert process_time() - start < 3


@pytest.mark.parametrize("word", [0xEC00, 0xFC01, 0xFFFF, 0x0400, 0x0001])
def test_annotations_of_one_word_repeated(tmp_path, word):
    """Nothing but long steps, texts, or marks: half a million words, read or refused."""
    (tmp_path / "r.hea").write_text("r 1 100 2\nr.dat 16\n")
    (tmp_path / "r.dat").write_bytes(bytes(4))
    (tmp_path / "r.atr").write_bytes(struct.pack("<H", word) * 500_000)
    read_or_refuse(tmp_path / "r.hea", annotator="atr")


@pytest.mark.parametrize("text", [b"+1\x14", b"+1\x14a\x14\x00", b"+0\x14\x14\x00", b"\x14\x00+"])
def test_annotations_of_edf_that_never_end(write, ecg, tmp_path, text):
    """Lists that do not end, or of which there are very many, are read in linear time."""
    path = write("edf", tmp_path, ecg).path
    write_annotations(path, text)
    read_or_refuse(path)


def test_more_annotations_of_edf_than_beats_of_a_month_are_refused(
    write, ecg, tmp_path, monkeypatch
):
    """Each would take sixty times its bytes."""
    path = write("edf", tmp_path, ecg).path
    write_annotations(path, b"+0\x14" + b"N\x14" * 499_998 + b"\x00")
    monkeypatch.setattr(_edf, "_MAX_MARKS", 250_000)
    assert len(read_record(path).annotations[0]) == 499_998
    monkeypatch.setattr(_edf, "_MAX_MARKS", 200_000)
    with pytest.raises(ECGFormatError, match="has more than 200000 annotations"):
        read_record(path)


def write_annotations(path, text):
    """Repeat a text in place of the annotations of EDF, for a megabyte."""
    head = path.read_bytes()[: 256 * 4]
    lengths = b"".join(str(n).ljust(8).encode() for n in (1, 1, 500_000))
    head = head[: 256 + 216 * 3] + lengths + head[256 + 216 * 3 + 24 :]
    head = head[:236] + b"1       " + head[244:]
    path.write_bytes(head + bytes(4) + (text * (10**6 // len(text) + 1))[: 10**6])
