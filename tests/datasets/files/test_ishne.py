"""ISHNE Holter recordings and their annotations."""

import struct

import numpy as np
import pytest

from sklearn_ecg.datasets import ECGFormatError, load_records, read_record


def write_marks(path, ishne_head, ecg, first, *marks, size=None):
    content = ishne_head(b"ANN  1.0", ecg) + struct.pack("<I", first)
    content += b"".join(struct.pack("<ccH", symbol, b"#", step) for symbol, step in marks)
    path.write_bytes(content[:size])


def test_annotations_count_from_beat_to_beat(write, ishne_head, ecg, tmp_path):
    """Classes become WFDB's symbols; after a pause of unknown length nothing can be placed."""
    path = write("ishne", tmp_path, ecg).path
    marks = [(b"N", 90), (b"V", 200), (b"P", 10), (b"U", 5), (b"C", 5)]
    marks += [(each, 5) for each in (b"S", b"F", b"B", b"X")] + [(b"!", 1), (b"N", 50)]
    write_marks(tmp_path / "record.ann", ishne_head, ecg, 10, *marks)
    record = read_record(path, annotator="ann")
    assert record.annotations[0].tolist() == [100, 300, 310, 315, 320, 325, 330, 335, 340]
    assert record.annotations[1].tolist() == ["N", "V", "/", "Q", '"', "S", "F", "B", "|"]
    assert load_records(tmp_path, leads=["II"], annotator="ann").groups.tolist() == ["record"]


def test_annotation_file_by_itself_says_what_to_do(ishne_head, ecg, tmp_path):
    """It is known, but no recording; one that is missing or cut is named."""
    path = tmp_path / "record.ann"
    write_marks(path, ishne_head, ecg, 0)
    with pytest.raises(
        ECGFormatError, match=r"ISHNE annotations: read the \.ecg file with annotator"
    ):
        read_record(path)


@pytest.mark.parametrize("size", [300, 524])
def test_cut_annotations_are_refused(write, ishne_head, ecg, tmp_path, size):
    """A part of a header, or no first beat."""
    path = write("ishne", tmp_path, ecg).path
    write_marks(tmp_path / "record.ann", ishne_head, ecg, 0, size=size)
    with pytest.raises(ECGFormatError, match=r"without a whole header|truncated"):
        read_record(path, annotator="ann")
    with pytest.raises(
        FileNotFoundError, match=r"record\.qrs, the annotations of record\.\w+, is not there"
    ):
        read_record(path, annotator="qrs")


def test_shorter_than_its_header_says(write, ecg, tmp_path):
    """What is there is read, and the rest is told of."""
    path = write("ishne", tmp_path, ecg).path
    path.write_bytes(path.read_bytes()[:-400])
    with pytest.warns(UserWarning, match="fewer time steps than its header says"):
        assert read_record(path).n_timesteps == 900


@pytest.mark.parametrize(
    ("at", "content", "message"),
    [
        (156, struct.pack("<h", 13), "header contradicts itself"),
        (156, struct.pack("<h", 0), "header contradicts itself"),
        (22, struct.pack("<i", -1), "header contradicts itself"),
        (22, struct.pack("<i", 10**6), "header contradicts itself"),
        (208, struct.pack("<h", -9), "unknown resolution"),
        (272, struct.pack("<H", 0), "sampling rate outside"),
    ],
)
def test_headers_that_lie_are_refused(write, ecg, tmp_path, at, content, message):
    """Each lie has its message."""
    path = write("ishne", tmp_path, ecg).path
    head = bytearray(path.read_bytes())
    head[at : at + len(content)] = content
    path.write_bytes(head)
    with pytest.raises(ECGFormatError, match=message):
        read_record(path)


@pytest.mark.filterwarnings("ignore:.*fewer time steps than its header says")
def test_real_beats_are_where_the_signal_is_steep(data_home):
    """The annotations of a real recording are within 20 ms of its QRS complexes."""
    record = read_record(data_home / "devices" / "ishne_holter.ecg", annotator="ann")
    assert record.lead_names == ("X", "Y", "Z")
    beats = record.annotations[0]
    assert len(beats) == 1227
    steepness = np.abs(np.diff(record.signal, axis=0)).sum(axis=1)
    offsets = [np.argmax(steepness[beat - 40 : beat + 40]) - 40 for beat in beats[1:-1]]
    assert np.median(np.abs(offsets)) <= 4
