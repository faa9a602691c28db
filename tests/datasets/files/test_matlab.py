"""Arrays that MATLAB saved."""

import struct
import zlib

import numpy as np
import pytest
import scipy.io
from numpy.testing import assert_allclose

from sklearn_ecg.datasets import ECGFormatError, read_record

SAID = {"file_fs": 100, "file_unit": "uV", "file_lead_names": ["II", "V1"]}
VALUES = np.arange(20, dtype=np.int16).reshape(2, 10) * 1000


@pytest.mark.parametrize("name", ["val", "ecg", "data", "whatever"])
@pytest.mark.parametrize("options", [{}, {"do_compression": True}, {"format": "4"}])
def test_array_of_leads(tmp_path, name, options):
    """Versions 4 and 5, packed or not; the longer axis is the time."""
    scipy.io.savemat(tmp_path / "a.mat", {name: VALUES}, **options)
    record = read_record(tmp_path / "a.mat", **SAID)
    assert (record.fs, record.lead_names) == (100, ("II", "V1"))
    assert_allclose(record.signal, VALUES.T / 1000)


@pytest.mark.parametrize("unit", ["mV", "µV"])
@pytest.mark.parametrize("options", [{}, {"do_compression": True}, {"format": "4"}])
def test_what_the_file_says(tmp_path, unit, options):
    """Rate, unit and names of leads where variables say so."""
    said = {"ECG": VALUES, "Fs": 250.0, "unit": unit, "leads": np.array(["I", "aVR"])}
    scipy.io.savemat(tmp_path / "a.mat", said, **options)
    record = read_record(tmp_path / "a.mat")
    assert (record.fs, record.lead_names) == (250, ("I", "aVR"))
    assert_allclose(record.signal, VALUES.T * (1 if unit == "mV" else 1e-3), rtol=1e-6)


def test_file_of_the_other_byte_order(tmp_path):
    """As MATLAB once wrote on other processors; the elements by hand."""
    head = b"MATLAB 5.0 MAT-file".ljust(124) + b"\x01\x00MI"
    parts = [
        struct.pack(">4I", 6, 8, 10, 0),  # flags: an array of int16
        struct.pack(">2I2i", 5, 8, 1, 3),  # shape
        struct.pack(">2H4s", 3, 1, b"ecg"),  # name, in its own tag
        struct.pack(">2I3h2x", 3, 6, 1000, -500, 250),
    ]
    body = b"".join(parts)
    (tmp_path / "a.mat").write_bytes(head + struct.pack(">2I", 14, len(body)) + body)
    record = read_record(tmp_path / "a.mat", **SAID | {"file_lead_names": ["II"]})
    assert record.signal.ravel().tolist() == [1, -0.5, 0.25]


def test_rate_is_asked_for(tmp_path):
    """A bare array says nothing."""
    scipy.io.savemat(tmp_path / "a.mat", {"val": VALUES})
    with pytest.raises(ECGFormatError, match="state file_fs, file_lead_names, file_unit"):
        read_record(tmp_path / "a.mat")


def test_one_of_several_arrays_is_asked_for(tmp_path):
    """By name or number; fields of structures, cells and texts are none of them."""
    others = {"left": VALUES, "info": {"x": np.zeros(5)}, "text": "Karl", "right": -VALUES}
    scipy.io.savemat(tmp_path / "a.mat", others | {"cell": np.array([1, "a"], dtype=object)})
    with pytest.raises(ECGFormatError, match=r"signal: 0 \(2 x 10\), 1 \(2 x 10\)\. Choose"):
        read_record(tmp_path / "a.mat", **SAID)
    for wanted in ("right", "1"):
        record = read_record(tmp_path / "a.mat", file_array=wanted, **SAID)
        assert_allclose(record.signal, -VALUES.T / 1000)


@pytest.mark.parametrize("options", [{}, {"do_compression": True}])
def test_field_of_a_structure(tmp_path, options):
    """As the recordings of CPSC 2018 are; what it says beside counts too, at any depth of three."""
    fields = {"sex": "Male", "age": 40.0, "data": VALUES, "more": {"fs": 250.0}}
    scipy.io.savemat(tmp_path / "a.mat", {"ECG": fields}, **options)
    record = read_record(tmp_path / "a.mat", file_unit="uV", file_lead_names=["I", "II"])
    assert record.fs == 250
    assert_allclose(record.signal, VALUES.T / 1000)


def test_one_of_several_fields_is_asked_for(tmp_path):
    """By its path, as in HDF5."""
    scipy.io.savemat(tmp_path / "a.mat", {"x": {"left": VALUES, "right": -VALUES}})
    with pytest.raises(ECGFormatError, match=r"signal: 0 \(2 x 10\), 1 \(2 x 10\)\. Choose"):
        read_record(tmp_path / "a.mat", **SAID)
    record = read_record(tmp_path / "a.mat", file_array="x/right", **SAID)
    assert_allclose(record.signal, -VALUES.T / 1000)


@pytest.mark.parametrize("names", [("chest", "belt"), ("belt", "chest")])
def test_facts_of_another_structure_are_not_those_of_the_array(tmp_path, names):
    """Its own structure says its rate and unit, and not the first one of the file."""
    structures = {
        "chest": {"values": VALUES, "fs": 250.0, "units": "uV", "leads": np.array(["I", "II"])},
        "belt": {"values": np.zeros(9), "fs": 25.0, "units": "V"},
    }
    content = {name: structures[name] for name in names}
    for whole, path in ((content, "chest/values"), ({"day": content}, "day/chest/values")):
        scipy.io.savemat(tmp_path / "a.mat", whole)
        record = read_record(tmp_path / "a.mat", file_array=path)
        assert (record.fs, record.lead_names) == (250, ("I", "II"))
        assert_allclose(record.signal, VALUES.T / 1000)
    del structures["chest"]["fs"]
    scipy.io.savemat(tmp_path / "a.mat", content)
    with pytest.raises(ECGFormatError, match="state file_fs"):
        read_record(tmp_path / "a.mat", file_array="chest/values")


def test_a_unit_for_each_lead(tmp_path):
    """As AcqKnowledge exports them; a signal of another unit is no lead."""
    units = np.array(["uV   ", "Volts"])
    scipy.io.savemat(tmp_path / "a.mat", {"data": VALUES, "units": units})
    said = {"file_fs": 100, "file_lead_names": ["II", "V1"]}
    assert_allclose(read_record(tmp_path / "a.mat", **said).signal, VALUES.T * [1e-3, 1e3])
    scipy.io.savemat(tmp_path / "a.mat", {"data": VALUES, "units": np.array(["mV", "uS"])})
    assert read_record(tmp_path / "a.mat", **said).lead_names == ("II",)


def test_labchart_is_named(tmp_path):
    """Its channels stand in one array, one after the other, and would be one lead."""
    ends = {"datastart": np.array([[1.0], [11.0]]), "dataend": np.array([[10.0], [20.0]])}
    scipy.io.savemat(tmp_path / "a.mat", {"data": VALUES.reshape(1, 20), **ends})
    with pytest.raises(ECGFormatError, match="LabChart, where one channel follows the other"):
        read_record(tmp_path / "a.mat", **SAID | {"file_lead_names": ["II"]})


@pytest.mark.parametrize(
    "content",
    [
        {"x": np.zeros(5, complex)[:0]},
        {"x": {"x": {"x": {"x": {"ecg": VALUES}}}}},
        {"x": np.array([(VALUES,), (VALUES,)], dtype=[("ecg", object)])},
    ],
    ids=["empty", "too deep", "several structures"],
)
def test_file_of_no_signal_is_refused(tmp_path, content):
    """Nothing says where the signal is."""
    scipy.io.savemat(tmp_path / "a.mat", content)
    with pytest.raises(ECGFormatError, match="without an array of real numbers"):
        read_record(tmp_path / "a.mat", **SAID)


def test_complex_numbers_are_refused(tmp_path):
    """They are no voltage."""
    scipy.io.savemat(tmp_path / "a.mat", {"ecg": np.zeros((1, 5), complex)})
    with pytest.raises(ECGFormatError, match="real numbers"):
        read_record(tmp_path / "a.mat", **SAID)


def test_text_of_many_empty_lines_costs_nothing(tmp_path):
    """Lines without letters take no bytes, so that their number may be anything."""
    scipy.io.savemat(tmp_path / "a.mat", {"val": VALUES, "unit": "mV"})
    content = (tmp_path / "a.mat").read_bytes()
    shape = struct.pack("<2i", 1, 2)  # that of "mV"
    assert content.count(shape) == 1
    (tmp_path / "a.mat").write_bytes(content.replace(shape, struct.pack("<2i", 2**31 - 1, 0)))
    assert read_record(tmp_path / "a.mat", **SAID).n_timesteps == 10


def test_packed_bomb_is_refused(tmp_path):
    """A variable that unfolds a thousandfold is not unfolded."""
    scipy.io.savemat(tmp_path / "a.mat", {"val": VALUES})
    head = (tmp_path / "a.mat").read_bytes()[:128]
    packed = zlib.compress(bytes(2**28))
    (tmp_path / "a.mat").write_bytes(head + struct.pack("<2I", 15, len(packed)) + packed)
    with pytest.raises(ECGFormatError, match="unfolds to too many values"):
        read_record(tmp_path / "a.mat", **SAID)
