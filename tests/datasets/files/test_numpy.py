"""Arrays that NumPy saved."""

import pickle
import zipfile

import numpy as np
import pytest

from sklearn_ecg.datasets import ECGFormatError, read_record

SAID = {"file_fs": 100, "file_unit": "uV", "file_lead_names": ["II"]}


@pytest.mark.parametrize("dtype", ["int16", "float32", "float64", ">i2"])
def test_array_of_one_lead(tmp_path, dtype):
    """One axis is time; any real number will do, in any byte order."""
    np.save(tmp_path / "a.npy", np.array([1000, -500], dtype=dtype))
    record = read_record(tmp_path / "a.npy", **SAID)
    assert record.signal.tolist() == [[1], [-0.5]]
    assert type(record.signal) is np.ndarray


def test_what_is_not_said_is_asked_for(tmp_path):
    """An array says nothing of its rate, unit and leads."""
    np.save(tmp_path / "a.npy", np.zeros(5))
    with pytest.raises(ECGFormatError, match="state file_fs, file_lead_names, file_unit"):
        read_record(tmp_path / "a.npy")
    np.savez(tmp_path / "a.npz", signal=np.zeros(5), fs=100)
    with pytest.raises(ECGFormatError, match="state file_lead_names, file_unit"):
        read_record(tmp_path / "a.npz")


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((5, 2)), "2 columns, but there are 1 lead names"),
        (np.zeros((5, 300)), "has 300 signals"),
        (np.zeros((2, 5, 1)), "1 or 2 axes"),
        (np.zeros(0), "damaged|no time steps"),
        (np.zeros(5, dtype=complex), "real numbers"),
        (np.array(["a", "b"]), "real numbers"),
        (np.zeros(5, dtype=[("x", "f4")]), "real numbers"),
    ],
)
def test_arrays_that_are_no_signal_are_refused(tmp_path, array, message):
    """Shape and type have to be those of a signal."""
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(ECGFormatError, match=message):
        read_record(tmp_path / "a.npy", **SAID)


class Unpickled:
    """Runs code where it is unpickled."""

    def __reduce__(self):
        return (pytest.fail, ("was unpickled",))


def test_nothing_is_unpickled(tmp_path):
    """An array of objects, or a bare pickle, is refused without being loaded."""
    objects = np.empty(1, dtype=object)
    objects[0] = Unpickled()
    np.save(tmp_path / "a.npy", objects)
    np.savez(tmp_path / "a.npz", signal=objects, fs=1, unit="mV", lead_names=["II"])
    (tmp_path / "b.npy").write_bytes(pickle.dumps(Unpickled()))
    for name in ("a.npy", "a.npz", "b.npy"):
        with pytest.raises(ECGFormatError):
            read_record(tmp_path / name, **SAID)


def test_array_longer_than_its_file_is_refused(tmp_path):
    """A header that promises more than there is gets nothing allocated."""
    np.save(tmp_path / "a.npy", np.zeros(5))
    content = (tmp_path / "a.npy").read_bytes()
    (tmp_path / "a.npy").write_bytes(content.replace(b"(5,), }   ", b"(5555555,)"[:9] + b"}"))
    with pytest.raises(ECGFormatError):
        read_record(tmp_path / "a.npy", **SAID)


def test_zip_bomb_is_refused(tmp_path):
    """A signal that unfolds a thousandfold is not unfolded."""
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("signal.npy", "w") as member:
            np.lib.format.write_array_header_1_0(
                member, {"descr": "<f4", "fortran_order": False, "shape": (2**26,)}
            )
            for _ in range(256):
                member.write(bytes(2**20))
    assert path.stat().st_size < 2**20
    with pytest.raises(ECGFormatError, match="too many for its"):
        read_record(path, **SAID)


def test_archive_without_signal_is_refused(tmp_path):
    """Some other archive, such as a document, is said to be none of ours."""
    np.savez(tmp_path / "a.npz", x=np.zeros(5))
    with pytest.raises(ECGFormatError, match='without an array "signal"'):
        read_record(tmp_path / "a.npz")
