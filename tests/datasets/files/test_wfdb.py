"""WFDB: every number is compared with the package wfdb, or worked out by hand."""

import struct

import numpy as np
import pytest
import soundfile
import wfdb
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_ecg.datasets import ECGFormatError, load_records, read_record
from sklearn_ecg.datasets._files._formats import recognize
from sklearn_ecg.datasets._files._wfdb_annotation import read_annotations


def write_header(folder, text, data=b"", name="r"):
    (folder / f"{name}.hea").write_text(text)
    (folder / f"{name}.dat").write_bytes(data)
    return folder / f"{name}.hea"


@pytest.mark.parametrize(
    ("fmt", "bits"),
    [
        ("16", 16),
        ("24", 24),
        ("32", 32),
        ("80", 8),
        ("212", 12),
        ("508", 8),
        ("516", 16),
        ("524", 24),
    ],
)
@pytest.mark.parametrize("n_frames", [1, 2, 7])
def test_each_format_agrees_with_wfdb(tmp_path, fmt, bits, n_frames):
    """Extreme values, gaps, three leads, odd lengths: all as wfdb's own reader gives them."""
    top = 2 ** (bits - 1)
    rng = np.random.default_rng(0)
    digital = rng.integers(-top, top, size=(n_frames, 3))
    digital[0] = -top, -top + 1, top - 1  # the first of these says that nothing was recorded
    wfdb.wrsamp(
        "r",
        fs=100,
        units=["mV"] * 3,
        sig_name=["I", "II", "III"],
        d_signal=digital,
        fmt=[fmt] * 3,
        adc_gain=[200.0, 50.5, 1000.0],
        baseline=[0, -3, 20],
        write_dir=str(tmp_path),
    )
    record = read_record(tmp_path / "r")
    expected = wfdb.rdrecord(str(tmp_path / "r")).p_signal
    assert np.isnan(record.signal[0, 0])
    assert_allclose(record.signal, expected, rtol=1e-6)


def test_format_212_by_hand(tmp_path):
    """Bytes 01 F2 03 are 0x201 and 0xF03, which is -253."""
    path = write_header(
        tmp_path,
        "r 2 100 1\nr.dat 212 100 12 0 0 0 0 I\nr.dat 212 100 12 0 0 0 0 II\n",
        b"\x01\xf2\x03",
    )
    assert_allclose(read_record(path).signal, [[5.13, -2.53]], rtol=1e-6)


SAMPLES = np.array([1, -2, 510, -511, 3, -512, 7], dtype=np.int16)  # -512 is format 310's gap
UNSIGNED = SAMPLES.astype(np.uint16) & 0x3FF


def pack_310(values):
    """Two values in bits 1 to 10 of a word each; of the third, five bits at the top of each."""
    first, second, third = np.append(values, [0] * (-len(values) % 3)).reshape(-1, 3).T
    words = [first << 1 | (third & 31) << 11, second << 1 | third >> 5 << 11]
    return np.stack(words, axis=1).astype("<u2").tobytes()


def pack_311(values):
    """Three values from the lowest bit of four bytes up."""
    values = np.append(values, [0] * (-len(values) % 3)).reshape(-1, 3).astype("<u4")
    return (values << [0, 10, 20]).sum(axis=1).astype("<u4").tobytes()


@pytest.mark.parametrize(
    ("number", "data"),
    [
        (8, np.diff(SAMPLES, prepend=[np.int16(1)]).clip(-128, 127).astype("i1").tobytes()),
        (61, SAMPLES.astype(">i2").tobytes()),
        (160, (SAMPLES.astype(int) + 2**15).astype("<u2").tobytes()),
        (310, pack_310(UNSIGNED)[:10]),
        (311, pack_311(UNSIGNED)[:10]),
    ],
)
@pytest.mark.parametrize("length", ["", "7"])
def test_rare_formats_by_hand(tmp_path, number, data, length):
    """Big-endian, offset, differences, and three values of 10 bits that end within a group."""
    path = write_header(tmp_path, f"r 1 100 {length}\nr.dat {number} 1 0 0 1 0 0 I\n", data)
    expected = SAMPLES.astype(float)
    if number == 8:
        expected = 1 + np.cumsum(np.diff(expected, prepend=1).clip(-128, 127))
    elif number in (310, 311):
        expected[5] = np.nan
    assert_array_equal(read_record(path).signal[:, 0], expected)


FIVE = [0, 1, 2, 4, 3]  # of the samples; the last one, -511, has its uppermost bit set


@pytest.mark.parametrize(
    ("number", "data"), [(310, pack_310(UNSIGNED[FIVE])), (311, pack_311(UNSIGNED[FIVE])[:7])]
)
def test_last_group_of_two_values(tmp_path, number, data):
    """Format 310 needs both words for them, format 311 three bytes."""
    path = write_header(tmp_path, f"r 1 100 5\nr.dat {number} 1 0 0 1 0 0 I\n", data)
    assert_array_equal(read_record(path).signal[:, 0], SAMPLES[FIVE])


def test_long_signals_are_whole(tmp_path):
    """Values and gaps are right on both sides of where one part of the work ends."""
    values = (np.arange(2**16 + 9) % 1000).astype("<i2")
    values[[0, 2**16 - 1, 2**16, -1]] = -(2**15)  # format 16's gap
    path = write_header(
        tmp_path, f"r 1 100 {len(values)}\nr.dat 16 200(5)/mV 16 0 0 0 0 I\n", values.tobytes()
    )
    expected = np.where(values == -(2**15), np.nan, (values.astype(float) - 5) / 200)
    assert_allclose(read_record(path).signal[:, 0], expected, rtol=1e-6)


def test_flac_with_several_values_per_frame(tmp_path):
    """FLAC interleaves single values of its signals, whereas a frame of WFDB has runs of them."""
    soundfile.write(tmp_path / "r.flac", np.array([[1, 5], [2, 6], [3, 7], [4, 8]], "i2"), 200)
    data = (tmp_path / "r.flac").read_bytes()
    path = write_header(tmp_path, "r 2 100\nr.dat 516x2 1 16 0 0 0 0 I\nr.dat 516x2 1\n", data)
    record = read_record(path)
    assert record.fs == 200
    assert_array_equal(record.signal, [[1, 5], [2, 6], [3, 7], [4, 8]])
    path = write_header(tmp_path, "r 2 100\nr.dat 524 1\nr.dat 524 1\n", data)
    with pytest.raises(ECGFormatError, match="not the FLAC its header says"):
        read_record(path)


@pytest.mark.parametrize(
    "name", ["310derive", "310derive_3", "311derive_3", "binformats", "flacformats", "mixedsignals"]
)
def test_rare_formats_agree_with_wfdb(data_home, name):
    """The files by which wfdb tests itself give the same values."""
    path = str(data_home / "devices" / "wfdb_formats" / name)
    expected = wfdb.rdrecord(path, smooth_frames=False)
    for number, lead in enumerate(expected.sig_name):
        if expected.units[number] != "mV":
            continue
        signal = read_record(path, leads=[lead]).signal[:, 0]
        assert_allclose(signal, expected.e_p_signal[number], rtol=1e-6, atol=1e-6)


def test_several_values_per_frame_are_a_higher_rate(tmp_path):
    """A lead of two values per frame has twice the rate, and is chosen by itself."""
    data = np.array([1, 10, 20, 2, 30, 40], dtype="<i2").tobytes()
    path = write_header(
        tmp_path, "r 2 100 2\nr.dat 16 1 16 0 0 0 0 I\nr.dat 16x2 1 16 0 0 0 0 II\n", data
    )
    record = read_record(path, leads=["II"])
    assert record.fs == 200
    assert record.signal.ravel().tolist() == [10, 20, 30, 40]
    with pytest.raises(ECGFormatError, match=r"different sampling rates \(I 100 Hz, II 200 Hz\)"):
        read_record(path)


@pytest.mark.parametrize(
    "unit",
    [b"uV", b"microV", b"uVolt", *map(str.encode, ("µV", "\N{GREEK SMALL LETTER MU}V")), b"\xb5V"],
)
def test_micro_is_understood(tmp_path, unit):
    """By word and by sign, in UTF-8 and in Latin-1."""
    (tmp_path / "r.hea").write_bytes(b"r 1 100 2\nr.dat 16 200/" + unit + b" 16 0 0 0 0 II\n")
    (tmp_path / "r.dat").write_bytes(np.array([200, 400], dtype="<i2").tobytes())
    assert read_record(tmp_path / "r.hea").signal[:, 0] == pytest.approx([1e-3, 2e-3])


def test_skew_is_taken_out(tmp_path):
    """A signal that was recorded one frame late moves one frame back; its end is unknown."""
    data = np.array([1, 9, 2, 1, 3, 2], dtype="<i2").tobytes()
    path = write_header(
        tmp_path, "r 2 100 3\nr.dat 16 1 16 0 0 0 0 I\nr.dat 16:1 1 16 0 0 0 0 II\n", data
    )
    assert_array_equal(read_record(path).signal, [[1, 1], [2, 2], [3, np.nan]])


def test_skew_counts_frames_and_not_values(tmp_path):
    """At two values in each frame, a frame late is two values late."""
    data = np.array([1, 9, 9, 2, 1, 2, 3, 3, 4], dtype="<i2").tobytes()
    path = write_header(
        tmp_path, "r 2 100 3\nr.dat 16 1 16 0 0 0 0 I\nr.dat 16x2:1 1 16 0 0 0 0 II\n", data
    )
    signal = read_record(path, leads=["II"]).signal[:, 0]
    assert_array_equal(signal, [1, 2, 3, 4, np.nan, np.nan])


def test_differences_begin_at_the_zero_of_the_converter(tmp_path):
    """If the header states no first value: 100 + 1, + 2, - 4, about a zero of 100."""
    data = np.array([1, 2, -4], dtype="i1").tobytes()
    path = write_header(tmp_path, "r 1 100 3\nr.dat 8 1 12 100\n", data)
    assert_array_equal(read_record(path).signal[:, 0], [1, 3, -1])


def test_defaults_of_a_bare_header(tmp_path):
    """Rate 250 Hz, gain 200, mV, baseline as the converter's zero, length as the file's."""
    data = np.array([100, 300, 500], dtype="<i2").tobytes()
    record = read_record(write_header(tmp_path, "r 1\nr.dat 16 0 12 100\n", data))
    assert record.fs == 250
    assert record.lead_names == ("signal 1",)
    assert record.signal.ravel().tolist() == [0, 1, 2]


def test_segments_are_joined_and_gaps_are_nan(tmp_path):
    """A lead that a segment lacks, and a segment that is not there, are NaN."""
    write_header(
        tmp_path,
        "a 2 100 2\na.dat 16 1 16 0 0 0 0 I\na.dat 16 1 16 0 0 0 0 II\n",
        np.array([1, 11, 2, 12], "<i2").tobytes(),
        "a",
    )
    write_header(
        tmp_path, "b 1 100 1\nb.dat 16 1 16 0 0 0 0 II\n", np.array([13], "<i2").tobytes(), "b"
    )
    (tmp_path / "layout.hea").write_text("layout 2 100 0\n~ 0 1 0 0 0 0 0 I\n~ 0 1 0 0 0 0 0 II\n")
    (tmp_path / "r.hea").write_text("r/4 2 100 5\nlayout 0\na 2\n~ 2\nb 1\n")
    record = read_record(tmp_path / "r")
    nan = np.nan
    assert record.lead_names == ("I", "II")
    assert_array_equal(record.signal, [[1, 11], [2, 12], [nan, nan], [nan, nan], [nan, 13]])


def test_annotations_agree_with_wfdb(tmp_path):
    """Long steps, texts of odd length, channels and subtypes are walked over as wfdb does."""
    samples = np.array([5, 1500, 200000, 200000, 70_000_000])
    symbols = ["N", "+", "V", "~", "/"]
    wfdb.wrann(
        "r",
        "atr",
        samples,
        symbols,
        subtype=np.array([0, 1, 0, 2, 0]),
        chan=np.array([0, 0, 1, 1, 0]),
        num=np.array([0, 0, 3, 3, 0]),
        aux_note=["", "(AFIB", "", "odd", ""],
        write_dir=str(tmp_path),
    )
    (positions, found), rhythms, notes, fs, is_whole = read_annotations(tmp_path / "r.atr")
    expected = wfdb.rdann(str(tmp_path / "r"), "atr")
    assert_array_equal(positions, expected.sample)
    assert found.tolist() == expected.symbol
    assert notes == [(1500, "(AFIB"), (200000, "odd")]
    assert [part.tolist() for part in rhythms] == [[1500], ["AFIB"]]
    assert fs is None
    assert is_whole


@pytest.mark.parametrize("n_bytes", [4, 5])
def test_truncated_annotations_warn(tmp_path, n_bytes):
    """A copy that broke off has marks too; the rest of them would be missing without a word."""
    path = write_header(tmp_path, "r 1 100 20\nr.dat 16 1\n", bytes(40))
    wfdb.wrann("r", "atr", np.array([3, 7, 11]), ["N", "V", "N"], write_dir=str(tmp_path))
    whole = (tmp_path / "r.atr").read_bytes()
    assert read_record(path, annotator="atr").annotations[0].tolist() == [3, 7, 11]
    (tmp_path / "r.atr").write_bytes(whole[:n_bytes])
    with pytest.warns(UserWarning, match=r"r\.hea has a \.atr file without an end"):
        record = read_record(path, annotator="atr")
    assert record.annotations[0].tolist() == [3, 7]


def test_annotations_with_a_clock_of_their_own(tmp_path):
    """An annotation file may count finer than the signal: marks go to the nearest time step."""
    wfdb.wrann("r", "atr", np.array([50, 149]), ["N", "V"], fs=1000, write_dir=str(tmp_path))
    path = write_header(tmp_path, "r 1 100 20\nr.dat 16 1\n", bytes(40))
    time_steps, symbols = read_record(path, annotator="atr").annotations
    assert time_steps.tolist() == [5, 15]
    assert symbols.tolist() == ["N", "V"]


def note(text, code=22, time=0):
    """An annotation and its text, as words of the file."""
    text += b"\0" * (len(text) % 2)
    return struct.pack("<HH", code << 10 | time, 63 << 10 | len(text)) + text


def test_definitions_of_marks_are_not_marks(tmp_path):
    """Notes at the start say what the file means by a code; only the beat at 3 is a mark."""
    path = write_header(tmp_path, "r 1 100 20\nr.dat 16 1\n", bytes(40))
    words = struct.pack("<HHH", 1 << 10 | 3, 15 << 10 | 4, 0)
    (tmp_path / "r.atr").write_bytes(note(b"15 c calibration pulse") + words)
    time_steps, symbols = read_record(path, annotator="atr").annotations
    assert time_steps.tolist() == [3, 7]
    assert symbols.tolist() == ["N", "c"]
    parts = [b"## annotation type definitions", b"42 # noise", b"1 V no", b"## end of definitions"]
    (tmp_path / "r.atr").write_bytes(
        b"".join(map(note, parts)) + note(b"said at 3", time=3) + words
    )
    time_steps, symbols = read_record(path, annotator="atr").annotations
    assert time_steps.tolist() == [3, 6, 10]
    assert symbols.tolist() == ['"', "N", '"']


def test_annotations_outside_the_signal_are_dropped(tmp_path):
    """A mark that points nowhere is not returned."""
    wfdb.wrann("r", "atr", np.array([3, 50]), ["N", "V"], write_dir=str(tmp_path))
    path = write_header(tmp_path, "r 1 100 20\nr.dat 16 1\n", bytes(40))
    assert read_record(path, annotator="atr").annotations[0].tolist() == [3]


def test_missing_signal_and_annotation_files_are_named(tmp_path):
    """What is not there is said by name."""
    path = write_header(tmp_path, "r 2 100 2\nr_1.dat 16\nr_2.dat 16\n")
    (tmp_path / "r_1.dat").write_bytes(bytes(4))
    with pytest.raises(FileNotFoundError, match=r"r_2\.dat, .* leads=\[\] reads annotations"):
        read_record(path)
    path = write_header(tmp_path, "r 1 100 2\nr.dat 16\n", bytes(4))
    with pytest.raises(
        FileNotFoundError, match=r"r\.qrs, the annotations of r\.hea, is not there\. .* annotator="
    ):
        read_record(path, annotator="qrs")
    path = write_header(tmp_path, "r/1 1 100 2\nr_1 2\n")
    with pytest.raises(FileNotFoundError, match=r"r_1\.hea, .* leads=\[\] reads annotations"):
        read_record(path)


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("1 2 100 2\n1.dat 16\nQuxley_1934.dat 16\n", "signal 2"),
        ("1/2 1 100 4\n~ 2\nQuxley_1934 2\n", "segment 2"),
    ],
)
def test_missing_files_of_a_renamed_record_are_not_named(tmp_path, header, part):
    """Whoever names files by numbers, to hide the patient, forgets the names in the header."""
    path = write_header(tmp_path, header, bytes(4), "1")
    message = rf"1\.hea names a file of another name than its own for {part}: it is not there"
    with pytest.raises(FileNotFoundError, match=message) as error:
        read_record(path)
    assert "Quxley" not in str(error.value)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("r 1 0 2\nr.dat 16\n", "sampling rate outside"),
        ("r 1 1e9 2\nr.dat 16\n", "sampling rate outside"),
        ("r 1 nan 2\nr.dat 16\n", "no valid sampling rate"),
        ("r 0 100 2\n", "has 0 signals"),
        ("r 257 100 2\n", "has 257 signals"),
        ("r 2 100 2\nr.dat 16\n", "fewer lines in its header than signals"),
        ("r 1 100 x\nr.dat 16\n", "number of time steps"),
        ("r 1 100 3\nr.dat 16\n", "shorter than its header says"),
        ("r 1 100 2\nr.dat 16+8\n", "shorter than its header says"),
        ("r 1 100 2\nr.dat 300\n", "format 300; formats 8, 16, 24, 32, 61, 80, 160, 212, 310"),
        ("r 1 100 2 at rest\nr.dat 16\n", "no valid time and date"),
        ("r 1 100 2\nr.dat sixteen\n", "invalid line for signal 1"),
        ("r 1 100 2\nr.dat 16 many\n", "invalid line for signal 1"),
        ("r 2 100 1\nr.dat 16\nr.dat 80\n", "one signal file two formats"),
        ("r 1 100 99999999999\n~ 0\n", "too many for its 0 bytes"),
        ("r/2 1 100 4\nr 2\n", "fewer lines in its header than segments"),
        ("r/1 1 100 4\n../r 2\n", "invalid line for segment 1"),
        ("r/1 1 100 4\nr 4\n", "segment that is divided into segments"),
        ("r/1 1 100 4\n~ 3\n", "do not add up"),
        ("r/1 1 100\ns 3\n", "another length than the segment's header"),
        ("r/1 1 200\ns 2\n", "different sampling rates"),
    ],
)
def test_headers_that_lie_are_refused(tmp_path, header, message):
    """Each lie has its own message."""
    write_header(tmp_path, "s 1 100 2\ns.dat 16\n", bytes(4), "s")
    with pytest.raises(ECGFormatError, match=message):
        read_record(write_header(tmp_path, header, bytes(4)))


def test_segments_out_of_proportion_are_refused(tmp_path):
    """A signal of many values in each frame counts as many: here 32 GB in 0.1 kB of headers."""
    write_header(tmp_path, "s 1 1 1\ns.dat 16x500\n", bytes(1000), "s")
    with pytest.raises(ECGFormatError, match="describes 8000000000 values, too many for its 1000"):
        read_record(write_header(tmp_path, "r/2 1 1 16000000\ns 1\n~ 15999999\n"))


@pytest.mark.parametrize(
    "name",
    [
        "../secret.dat",
        "/etc/passwd",
        "..",
        "a/b.dat",
        "a\\b.dat",
        "C:x.dat",
        "http://host/x.dat",
        ".x",
    ],
)
def test_names_that_lead_out_of_the_folder_are_refused(tmp_path, name):
    """Whatever could be a path, and not a name, is not opened."""
    folder = tmp_path / "inner"
    folder.mkdir()
    (tmp_path / "secret.dat").write_bytes(bytes(4))
    path = write_header(folder, f"r 1 100 2\n{name} 16\n")
    with pytest.raises(ECGFormatError, match="not in the header's folder"):
        read_record(path)


def test_mat_file_has_to_be_the_matrix_its_header_describes(write, ecg, tmp_path):
    """A level 5 file, or a matrix of another size, is refused instead of read as noise."""
    path = write("mat", tmp_path, ecg).path
    content = path.read_bytes()
    path.write_bytes(b"\x1e\0\0\0\x03" + content[5:])
    with pytest.raises(ECGFormatError, match="not the matrix its header describes"):
        read_record(path)


@pytest.mark.parametrize("name", ["101", "109", "207", "223"])
def test_mitdb_agrees_with_wfdb(data_home, name):
    """Real records and their annotations are those of wfdb's reader."""
    path = str(data_home / "mitdb" / name)
    record = read_record(path, annotator="atr")
    expected, marks = wfdb.rdrecord(path), wfdb.rdann(path, "atr")
    assert record.lead_names == tuple(expected.sig_name)
    assert_allclose(record.signal, expected.p_signal, rtol=1e-6, atol=1e-9)
    assert_array_equal(record.annotations[0], marks.sample)
    assert record.annotations[1].tolist() == marks.symbol


def test_cinc_agrees_with_wfdb(data_home):
    """Real .mat records are those of wfdb's reader."""
    headers = sorted((data_home / "cinc2017" / "training2017").glob("*.hea"))[::1000]
    for header in headers:
        expected = wfdb.rdrecord(str(header.with_suffix(""))).p_signal
        assert_allclose(read_record(header).signal, expected, rtol=1e-6, atol=1e-9)


def test_two_signals_of_one_name_in_segments_are_both_read(tmp_path):
    """The second must not take the place of the first."""
    for name, values in (("a", [1, 11, 2, 12]), ("b", [3, 13])):
        lines = f"{name}.dat 16 1 16 0 0 0 0 ECG\n" * 2
        content = np.array(values, "<i2").tobytes()
        write_header(tmp_path, f"{name} 2 100 {len(values) // 2}\n{lines}", content, name)
    (tmp_path / "r.hea").write_text("r/2 2 100 3\na 2\nb 1\n")
    record = read_record(tmp_path / "r")
    assert record.lead_names == ("ECG", "ECG #2")
    assert_array_equal(record.signal, [[1, 11], [2, 12], [3, 13]])


def test_header_may_begin_with_a_comment_in_another_alphabet(tmp_path):
    """The second byte of this letter would be a line break in Latin-1."""
    text = "# Åbo\na 1 100 2\na.dat 16 1 16 0 0 0 0 II\n".encode()
    (tmp_path / "a.hea").write_bytes(text)
    (tmp_path / "a.dat").write_bytes(np.array([1, 2], "<i2").tobytes())
    assert_array_equal(read_record(tmp_path / "a").signal, [[1], [2]])


@pytest.mark.parametrize(
    "text", ["Session 3 recorded at rest\n", "0\t0\t512\n", "1 1\n2 16\n3 9\n"]
)
def test_text_is_no_header(tmp_path, text):
    """A note beside the records does not stop them from being loaded."""
    write_header(tmp_path, "r 1 100 2\nr.dat 16 1 16 0 0 0 0 II\n", bytes(4))
    (tmp_path / "notes").write_text(text)
    known = recognize(tmp_path / "notes")
    assert known is None or known.name != "WFDB"  # numbers may be a table
    assert load_records(tmp_path, leads=["II"]).groups.tolist() == ["r"]


@pytest.mark.parametrize(
    "line",
    [
        "r 1 100 2 12:00:00 1/ 1/2000",
        "r 1 100 2 05-May-2020 14:50:55",
        "r.mat 1 100 2 05-May-2020 14:50:55",
        "r 1 100 2 [14:50:55.123 05/05/2020]",
        "\ufeffr 1 100 2",
        "\ufeff# a comment\nr 1 100 2",
    ],
)
def test_record_lines_as_devices_write_them(tmp_path, line):
    """Date before time, blanks in a date, a suffix in the name, a byte order mark."""
    path = tmp_path / "r.hea"
    path.write_text(f"{line}\nr.dat 16 1 16 0 0 0 0 II\n", encoding="utf-8")
    (tmp_path / "r.dat").write_bytes(np.array([1, 2], "<i2").tobytes())
    assert read_record(path).signal[:, 0].tolist() == [1, 2]
    renamed = path.rename(tmp_path / "r.header")
    assert recognize(renamed).name == "WFDB"


@pytest.mark.parametrize("stated", ["Ab_1.dat", "AB_1.DAT", "ab_1.dat"])
def test_files_in_capitals(tmp_path, stated):
    """As old systems and discs name them, whatever the header says."""
    content = np.array([1, 2], "<i2").tobytes()
    path = write_header(tmp_path, f"Ab_1 1 100 2\n{stated} 16 1 16 0 0 0 0 II\n", content, "AB_1")
    marks = np.array([1]), ["V"]
    wfdb.wrann("AB_1", "atr", *marks, write_dir=str(tmp_path))
    for file in list(tmp_path.iterdir()):
        file.rename(file.with_name(file.name.upper()))
    for name in ("AB_1.HEA", "AB_1.DAT", "AB_1"):
        record = read_record(path.with_name(name), annotator="atr")
        assert record.signal[:, 0].tolist() == [1, 2]
        assert record.annotations[0].tolist() == [1]
    records = load_records(tmp_path, leads=["II"])
    assert (records.groups.tolist(), records.skipped) == (["AB_1"], [])


def test_segments_in_capitals(tmp_path):
    """They are parts of the record, and no records of their own."""
    write_header(tmp_path, "s 1 100 2\ns.dat 16 1 16 0 0 0 0 II\n", bytes([1, 0, 2, 0]), "s")
    (tmp_path / "r.hea").write_text("r/2 1 100 4\ns 2\ns 2\n")
    for file in list(tmp_path.iterdir()):
        file.rename(file.with_name(file.name.upper()))
    records = load_records(tmp_path, leads=["II"])
    assert records.data[0, :, 0].tolist() == [1, 2, 1, 2]


def test_segment_may_stand_in_several_places(tmp_path):
    """A piece that repeats is stored once."""
    write_header(tmp_path, "s 1 100 2\ns.dat 16 1\n", np.array([1, 2], "<i2").tobytes(), "s")
    (tmp_path / "r.hea").write_text("r/3 1 100 6\ns 2\n~ 2\ns 2\n")
    signal = read_record(tmp_path / "r").signal[:, 0]
    assert_array_equal(signal, [1, 2, np.nan, np.nan, 1, 2])


def test_segment_in_many_places_does_not_blow_up(tmp_path):
    """A header of 1 MB that repeats a segment of 2 MB would describe 100 GB."""
    write_header(tmp_path, "s 1 100 1000000\ns.dat 16 1\n", bytes(2_000_000), "s")
    (tmp_path / "r.hea").write_text("r/50000 1 100\n" + "s 1000000\n" * 50_000)
    with pytest.raises(ECGFormatError, match="too many for its 2000000 bytes"):
        read_record(tmp_path / "r")
