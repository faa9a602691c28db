"""EDF and EDF+, written by pyEDFlib or by hand."""

import edfio
import numpy as np
import pyedflib
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_ecg.datasets import ECGFormatError, read_record


def make_edf(signals, records, *, duration=1, reserved="", n_records=None, **fields):
    """Write EDF by hand: `signals` maps labels to values per record, `records` are arrays."""
    n_records = len(records) if n_records is None else n_records
    count = len(signals)
    head = [
        "0",
        "X X X X",
        "Startdate X X X X",
        "01.01.85",
        "00.00.00",
        256 * (1 + count),
        reserved,
    ]
    head += [n_records, duration, count]
    text = "".join(
        str(v).ljust(n) for v, n in zip(head, (8, 80, 80, 8, 8, 8, 44, 8, 8, 4), strict=True)
    )
    per_signal = {
        "label": (16, list(signals)),
        "transducer": (80, [""] * count),
        "unit": (8, ["mV"] * count),
        "physical_min": (8, [-100] * count),
        "physical_max": (8, [100] * count),
        "digital_min": (8, [-100] * count),
        "digital_max": (8, [100] * count),
        "filter": (80, [""] * count),
        "length": (8, list(signals.values())),
        "reserved": (32, [""] * count),
    }
    for name, (width, values) in per_signal.items():
        text += "".join(str(v).ljust(width) for v in fields.get(name, values))
    return text.encode() + b"".join(np.asarray(record, "<i2").tobytes() for record in records)


def test_real_writer_and_reader_agree(write, ecg, tmp_path):
    """pyEDFlib, which wrote the file, reads the same values."""
    path = write("edf", tmp_path, ecg).path
    with pyedflib.EdfReader(str(path)) as reader:
        expected = np.column_stack([reader.readSignal(i) for i in range(2)]) / 1000
    assert_allclose(read_record(path).signal, expected, atol=1e-6)


def stamped(onset, *texts, length=16):
    """Annotations of one data record, as its words."""
    lists = f"{onset}\x14\x14\x00".encode() + b"".join(text.encode() for text in texts)
    return np.frombuffer(lists.ljust(2 * length, b"\0"), "<i2")


def test_gaps_of_a_discontinuous_recording_are_nan(tmp_path):
    """Records at 0 s and 2 s leave the second in between unknown; marks keep their time."""
    records = [
        np.concatenate([[1, 2], stamped("+0.5", "+1\x14N\x14\x00")]),
        np.concatenate([[3, 4], stamped("+2.5", "+3\x14went for a walk\x14\x00")]),
    ]
    path = tmp_path / "r.edf"
    path.write_bytes(make_edf({"II": 2, "EDF Annotations": 16}, records, reserved="EDF+D"))
    record = read_record(path)
    assert record.fs == 2
    assert_array_equal(record.signal[:, 0], [1, 2, np.nan, np.nan, 3, 4])
    assert record.annotations[0].tolist() == [1, 5]
    assert record.annotations[1].tolist() == ["N", '"']
    assert read_record(path, metadata_policy="keep").metadata["annotations"] == [
        (0.5, "N"),
        (2.5, "went for a walk"),
    ]


def test_plain_edf_without_annotations(tmp_path):
    """The format of 1992 has no annotations; -1 records means that they are to be counted."""
    path = tmp_path / "r.edf"
    path.write_bytes(make_edf({"ECG II": 2}, [[1, 2], [3, 4]], n_records=-1))
    record = read_record(path)
    assert record.signal.ravel().tolist() == [1, 2, 3, 4]
    assert len(record.annotations[0]) == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_records": 3}, "not as long as its EDF header says"),
        ({"n_records": 1}, "not as long as its EDF header says"),
        ({"duration": 0}, "damaged"),
        ({"duration": "1e-9"}, "sampling rate outside"),
        ({"duration": "nan"}, "sampling rate outside|damaged"),
        ({"length": [0]}, "contradicts itself"),
        ({"length": [-2]}, "contradicts itself"),
        ({"length": [10**7]}, "not as long as its EDF header says"),
        ({"physical_max": [-100]}, "without a valid calibration"),
        ({"physical_max": ["nan"]}, "without a valid calibration"),
        ({"digital_max": [-100]}, "without a valid calibration"),
        ({"digital_max": ["many"]}, "damaged"),
    ],
)
def test_headers_that_lie_are_refused(tmp_path, change, message):
    """Each lie has its message, and none quotes the file."""
    path = tmp_path / "r.edf"
    path.write_bytes(make_edf({"II": 2}, [[1, 2], [3, 4]], **change))
    with pytest.raises(ECGFormatError, match=message):
        read_record(path)


@pytest.mark.parametrize(
    "onsets", [("+0", "+0.5"), ("+1", "+0"), ("+0", "nothing"), ("+0", "+99999999")]
)
def test_records_out_of_order_are_refused(tmp_path, onsets):
    """Records that overlap, go back, lack a time or lie a year apart are refused."""
    records = [np.concatenate([[1, 2], stamped(onset)]) for onset in onsets]
    path = tmp_path / "r.edf"
    path.write_bytes(make_edf({"II": 2, "EDF Annotations": 16}, records, reserved="EDF+D"))
    with pytest.raises(ECGFormatError, match=r"overlap|without a time|too many"):
        read_record(path)


@pytest.mark.parametrize("unit", ["µV".encode("latin-1"), "µV".encode()])
def test_micro_sign_is_understood(tmp_path, unit):
    """EDF allows ASCII only; programs write it all the same."""
    path = tmp_path / "micro.edf"
    signal = edfio.EdfSignal(np.linspace(-100, 100, 500), 250, label="II", physical_dimension="uV")
    edfio.Edf([signal]).write(path)
    header, rest = path.read_bytes()[:512], path.read_bytes()[512:]
    path.write_bytes(header.replace(b"uV".ljust(8), unit.ljust(8)) + rest)
    assert read_record(path).signal[[0, -1], 0] == pytest.approx([-0.1, 0.1])
