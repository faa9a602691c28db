"""Arrays in HDF5 files."""

import sys
import zlib

import h5py
import numpy as np
import pytest
from numpy.testing import assert_allclose

from sklearn_ecg.datasets import ECGFormatError, read_record
from sklearn_ecg.datasets._files import _hdf5

SAID = {"file_fs": 100, "file_unit": "uV", "file_lead_names": ["II", "V1"]}
VALUES = np.arange(20, dtype=np.int16).reshape(10, 2) * 1000


def test_only_data_set(tmp_path):
    """A file of one array needs no path to it."""
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("x/y", data=VALUES, compression="gzip")
    record = read_record(tmp_path / "a.h5", **SAID)
    assert record.lead_names == ("II", "V1")
    assert_allclose(record.signal, VALUES / 1000)


def test_names_may_have_line_breaks(tmp_path):
    """Also that of times, which are not asked for."""
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["II\n"] = VALUES
        file["time\n"] = np.arange(len(VALUES))
    record = read_record(tmp_path / "a.h5", **SAID, file_array="II\n")
    assert_allclose(record.signal, VALUES / 1000)


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_whether_or_not_python_buffers_its_output(tmp_path, monkeypatch, unbuffered):
    """The process that parses the file writes the array into a pipe, which has no position."""
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["ecg"] = VALUES
    assert_allclose(read_record(tmp_path / "a.h5", **SAID).signal, VALUES / 1000)


@pytest.mark.parametrize("place", ["x/ecg", "x", "/"])
def test_attributes_say_the_rest(tmp_path, place):
    """Those of the data set or of a group around it."""
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x/ecg"] = VALUES
        attributes = {"sampling rate": 250, "unit": "mV", "lead_names": ["I", "aVR"]}
        file[place].attrs.update(attributes)
    record = read_record(tmp_path / "a.h5")
    assert (record.fs, record.lead_names) == (250, ("I", "aVR"))
    assert_allclose(record.signal, VALUES)


def test_other_attributes_are_passed_over(tmp_path):
    """Such as those of axes by netCDF, of structures by MATLAB, and texts of other encodings."""
    fields = np.empty(2, dtype=object)
    fields[:] = np.array(list("ecg"), "S1"), np.array(list("fs"), "S1")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x/ecg"], file["x/time"] = VALUES, np.arange(10) / 250
        file["x/time"].make_scale("time")
        file["x/ecg"].dims[0].attach_scale(file["x/time"])
        attributes = file["x"].attrs
        attributes.update({"fs": np.longdouble(250), "unit": b"mV", "leads": [b"I", b"aVR"]})
        attributes.create("MATLAB_fields", fields, dtype=h5py.vlen_dtype("S1"))
        attributes["about"], attributes["nothing"] = file["x/ecg"].ref, h5py.Empty("f")
        attributes["place"] = np.bytes_("K\u00f6ln".encode("latin-1"))
        file["x/number"], file["x/none"] = np.longdouble(1), h5py.Empty("f")
    record = read_record(tmp_path / "a.h5", metadata_policy="keep", file_fs=250)
    assert (record.fs, record.lead_names) == (250, ("I", "aVR"))
    assert_allclose(record.signal, VALUES)
    assert record.metadata["/x"]["place"] == ["K\ufffdln"]


def test_a_unit_for_each_lead(tmp_path):
    """The first is not that of all."""
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["ecg"] = VALUES
        file["ecg"].attrs["units"] = ["mV", "uV"]
    record = read_record(tmp_path / "a.h5", file_fs=100, file_lead_names=["II", "V1"])
    assert_allclose(record.signal, VALUES * [1, 1e-3])


def test_number_beside_the_data_set_is_its_rate(tmp_path):
    """As MATLAB 7.3 writes a variable fs; its mark comes after 512 bytes of text."""
    with h5py.File(tmp_path / "a.mat", "w", userblock_size=512) as file:
        file["ecg"], file["fs"] = VALUES.T, np.array([[250.0]])
        file["#refs#/a"] = np.zeros(100)
    content = (tmp_path / "a.mat").read_bytes()
    (tmp_path / "a.mat").write_bytes(b"MATLAB 7.3 MAT-file".ljust(512) + content[512:])
    record = read_record(tmp_path / "a.mat", file_unit="mV", file_lead_names=["II", "V1"])
    assert (record.fs, record.signal.shape) == (250, (10, 2))


def test_one_of_several_data_sets_is_asked_for(tmp_path):
    """By its path or number, and no path is quoted: it may name a person."""
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["Karl/one"], file["Karl/two"] = VALUES, -VALUES
    with pytest.raises(ECGFormatError, match=r"0 \(10 x 2\), 1 \(10 x 2\)\. Choose one") as error:
        read_record(tmp_path / "a.h5", **SAID)
    assert "Karl" not in str(error.value)
    for wanted in ("Karl/two", "/Karl/two", "1"):
        record = read_record(tmp_path / "a.h5", file_array=wanted, **SAID)
        assert_allclose(record.signal, -VALUES / 1000)


def test_nothing_outside_the_file_is_read(tmp_path):
    """Neither a link to another file, nor data in one, nor data made of another's."""
    with h5py.File(tmp_path / "b.h5", "w") as other:
        other["ecg"] = VALUES
    (tmp_path / "raw").write_bytes(bytes(40))
    layout = h5py.VirtualLayout((10, 2), "i2")
    layout[:] = h5py.VirtualSource(tmp_path / "b.h5", "ecg", (10, 2))
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["link"] = h5py.ExternalLink("b.h5", "/ecg")
        file.create_dataset("data", (10, 2), "i2", external=[(str(tmp_path / "raw"), 0, 40)])
        file.create_virtual_dataset("ecg", layout)
    with pytest.raises(ECGFormatError, match="without an array of real numbers"):
        read_record(tmp_path / "a.h5", **SAID)


@pytest.mark.parametrize("place", ["/", "x"])
@pytest.mark.parametrize("kind", ["link", "link to a link", "raw", "virtual"])
def test_no_number_of_another_file_is_the_rate(tmp_path, kind, place):
    """A file could take facts, and any bytes, from wherever its reader may look."""
    with h5py.File(tmp_path / "b.h5", "w") as other:
        other["fs"] = 125.0
    (tmp_path / "raw").write_bytes(np.array([187.0]).tobytes())
    layout = h5py.VirtualLayout((1,), "f8")
    layout[:] = h5py.VirtualSource(tmp_path / "b.h5", "fs", (1,))
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x/ecg"] = VALUES
        if kind == "link":
            file[place]["fs"] = h5py.ExternalLink("b.h5", "/fs")
        elif kind == "link to a link":
            file["other"] = h5py.ExternalLink("b.h5", "/")
            file[place]["fs"] = h5py.SoftLink("/other/fs")
        elif kind == "raw":
            file[place].create_dataset("fs", (1,), "f8", external=[(tmp_path / "raw", 0, 8)])
        else:
            file[place].create_virtual_dataset("fs", layout)
    assert read_record(tmp_path / "a.h5", **SAID).fs == SAID["file_fs"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how much memory there is")
def test_chunk_that_unpacks_to_gigabytes_is_refused(tmp_path):
    """However few values it says that it has."""
    packer = zlib.compressobj()
    chunk = b"".join(packer.compress(bytes(2**20)) for _ in range(2**10)) + packer.flush()
    with h5py.File(tmp_path / "a.h5", "w") as file:
        shape = 1000, 2
        data_set = file.create_dataset("ecg", shape, "f8", chunks=shape, compression="gzip")
        data_set.id.write_direct_chunk((0, 0), chunk)
    with pytest.raises(ECGFormatError, match="is HDF5 and damaged"):
        read_record(tmp_path / "a.h5", **SAID)


def test_data_set_out_of_proportion_is_refused(tmp_path):
    """Values that were never written take no room in the file."""
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("ecg", (2**30, 2), "f4", chunks=(2**16, 2))
    with pytest.raises(ECGFormatError, match="too many for its"):
        read_record(tmp_path / "a.h5", **SAID)


@pytest.mark.parametrize("program", ["while True: pass", "import os; os.abort()", "print('[]')"])
def test_library_that_crashes_or_hangs_ends_with_an_error(tmp_path, monkeypatch, program):
    """It runs in a process of its own, with a limit of time."""
    (tmp_path / "program.py").write_text(program)
    monkeypatch.setattr(_hdf5, "_PROGRAM", tmp_path / "program.py")
    monkeypatch.setattr(_hdf5, "_WALL_PER_SECOND", 0.1)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["ecg"] = VALUES
    with pytest.raises(ECGFormatError, match=r"is HDF5 and damaged|without an array"):
        read_record(tmp_path / "a.h5", **SAID)


@pytest.mark.skipif(sys.platform == "win32", reason="no such limits on Windows")
def test_process_has_its_time_after_what_it_imports(run_python):
    """Which takes seconds on a slow machine; and the limits of a batch queue stay as they are."""
    code = """
import resource, time
from sklearn_ecg.datasets._files._hdf5_process import _limit

time.process_time = lambda: 1.5
resource.setrlimit(resource.RLIMIT_CPU, (50, 60))
for seconds in (100, 5):
    _limit(seconds, 2**40)
    print(resource.getrlimit(resource.RLIMIT_CPU))
"""
    assert run_python(code).stdout == "(50, 60)\n(7, 7)\n"


def test_texts_and_objects_are_no_signal(tmp_path):
    """Nor are numbers that are complex or alone; three axes are those of several recordings."""
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["a"], file["c"], file["d"] = ["x", "y"], np.zeros(3, complex), 5.0
    with pytest.raises(ECGFormatError, match="without an array of real numbers"):
        read_record(tmp_path / "a.h5", **SAID)
    with h5py.File(tmp_path / "a.h5", "a") as file:
        file["b"] = np.zeros((2, 2, 2))
    with pytest.raises(ECGFormatError, match="2 x 2 x 2 values, as of several recordings"):
        read_record(tmp_path / "a.h5", **SAID)


def test_opensignals_file_of_a_device(data_home):
    """Of its many data sets one is of an ECG sensor; its counts need a unit."""
    path = data_home / "devices" / "plux_ecg.h5"
    record = read_record(path, file_unit="uV")
    assert (record.fs, record.lead_names, record.n_timesteps) == (200, ("ECG",), 2370)
    with pytest.raises(ECGFormatError, match="state file_unit"):
        read_record(path)
