"""EDF and EDF+, written by pyEDFlib or by hand."""

import edfio
import numpy as np
import pyedflib
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_ecg.datasets import ECGFormatError, read_record, write_record


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


def test_signals_without_a_label_have_numbers(tmp_path):
    """By which they are chosen, and named in a table that is read again."""
    signals = {"": 4, "II": 4, " ": 4}
    path = tmp_path / "blank.edf"
    path.write_bytes(make_edf(signals, [np.arange(12)]))
    record = read_record(path)
    assert record.lead_names == ("signal 1", "II", "signal 3")
    assert read_record(write_record(record, tmp_path / "blank.csv")).lead_names == record.lead_names


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
        ({"duration": 0}, "no duration"),
        ({"duration": "1e-9"}, "sampling rate outside"),
        ({"duration": "nan"}, "no duration"),
        ({"length": [0]}, "contradicts itself"),
        ({"length": [-2]}, "contradicts itself"),
        ({"length": [10**7]}, "not as long as its EDF header says"),
        ({"physical_max": [-100]}, "without a valid calibration"),
        ({"physical_max": ["nan"]}, "without a valid calibration"),
        ({"digital_max": [-100]}, "without a valid calibration"),
        ({"reserved": "EDF+D"}, "lack a time"),
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


def test_bytes_after_the_last_record_are_padding(tmp_path):
    """Less than a data record is left out without a word, as it is no signal."""
    path = tmp_path / "r.edf"
    path.write_bytes(make_edf({"II": 2}, [[1, 2], [3, 4]]) + b"\0\0\0")
    assert read_record(path).signal[:, 0].tolist() == [1, 2, 3, 4]


def test_cut_last_record_is_left_out_with_a_warning(tmp_path):
    """A recorder that was switched off leaves the rest readable; a file cut in half is refused."""
    path = tmp_path / "r.edf"
    content = make_edf({"II": 2}, [[1, 2], [3, 4], [5, 6]])
    path.write_bytes(content[:-1])
    with pytest.warns(UserWarning, match=r"r\.edf ends within its last data record, which is left"):
        assert read_record(path).signal[:, 0].tolist() == [1, 2, 3, 4]
    path.write_bytes(content[:-4])
    with pytest.raises(ECGFormatError, match=r"it may be truncated\.$"):
        read_record(path)


def test_more_records_than_the_header_says_are_read_with_a_warning(tmp_path):
    """A recorder that was switched off may not have counted its last records."""
    path = tmp_path / "r.edf"
    path.write_bytes(make_edf({"II": 2}, [[1, 2], [3, 4]], n_records=1))
    with pytest.warns(UserWarning, match="has 2 data records, and all are read; its header says 1"):
        assert read_record(path).signal[:, 0].tolist() == [1, 2, 3, 4]


def test_fields_padded_with_nul(tmp_path):
    """The standard wants blanks."""
    path = tmp_path / "r.edf"
    content = make_edf({"II": 2}, [[1, 2]], reserved="EDF+C")
    path.write_bytes(content[:512].replace(b" ", b"\0") + content[512:])
    record = read_record(path)
    assert record.lead_names == ("II",)
    assert record.signal[:, 0].tolist() == [1, 2]


def test_digital_minimum_above_maximum_turns_the_signal_over(tmp_path):
    """The two pairs of numbers are points of one line, whatever their order."""
    path = tmp_path / "r.edf"
    limits = {"digital_min": [100], "digital_max": [-100]}
    path.write_bytes(make_edf({"II": 2}, [[1, 2]], **limits))
    assert_allclose(read_record(path).signal[:, 0], [-1, -2], rtol=1e-5)


def test_bdf_agrees_with_edfio(tmp_path):
    """Values of 24 bits and annotations, as edfio writes and reads them."""
    values = np.random.default_rng(0).normal(size=(2, 500))
    signals = [
        edfio.BdfSignal(lead, 250, label=label, physical_dimension="mV", physical_range=(-9, 10))
        for lead, label in zip(values, ("II", "V1"), strict=True)
    ]
    path = tmp_path / "r.bdf"
    edfio.Bdf(signals, annotations=[edfio.EdfAnnotation(0.4, None, "N")]).write(path)
    record = read_record(path)
    assert_allclose(record.signal, np.transpose(values), atol=1e-6)
    assert [part.tolist() for part in record.annotations] == [[100], ["N"]]
    expected = [signal.data for signal in edfio.read_bdf(path).signals]
    assert_allclose(record.signal.T, expected, atol=1e-6)


def test_times_with_many_decimals(tmp_path):
    """Programs write all decimals that a float has."""
    signal = edfio.EdfSignal(np.linspace(-1, 1, 1000), 250, label="II", physical_dimension="mV")
    marks = [edfio.EdfAnnotation(3 * 0.8, None, "N")]  # 2.4000000000000004
    edfio.Edf([signal], annotations=marks).write(tmp_path / "r.edf")
    assert read_record(tmp_path / "r.edf").annotations[0].tolist() == [600]


def test_record_without_its_time_in_a_continuous_recording(tmp_path):
    """Marks count from the beginning even if the first data record does not say when it begins."""
    records = [
        np.concatenate([[1, 2], np.zeros(16)]),
        np.concatenate([[3, 4], stamped("+1", "+1.5\x14N\x14\x00")]),
    ]
    path = tmp_path / "r.edf"
    path.write_bytes(make_edf({"II": 2, "EDF Annotations": 16}, records, reserved="EDF+C"))
    assert read_record(path).annotations[0].tolist() == [3]


def test_faros_agrees_with_edfio(data_home):
    """A recorder that also has accelerometers, markers and times between beats."""
    path = data_home / "devices" / "faros.edf"
    record = read_record(path)
    assert record.lead_names == ("ECG",)
    expected = edfio.read_edf(path).get_signal("ECG").data / 1000
    assert_allclose(record.signal[:, 0], expected, atol=1e-6)
