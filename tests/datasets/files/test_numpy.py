"""Arrays that NumPy saved."""

import pickle
import zipfile

import numpy as np
import pytest
import scipy.io

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
        (np.zeros((5, 2)), "2 leads, but there are 1 lead names"),
        (np.zeros((300, 300)), "has 300 signals"),
        (np.zeros((2, 5, 1)), "2 x 5 x 1 values, as of several recordings: load it"),
        (np.zeros(0), "1 or 2 axes"),
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


def test_texts_may_be_bytes(tmp_path):
    """As old programs write them."""
    said = {"fs": 100, "lead_names": np.array([b"I", b"II"]), "unit": np.bytes_("mV")}
    np.savez(tmp_path / "a.npz", signal=np.zeros((5, 2)), **said)
    assert read_record(tmp_path / "a.npz").lead_names == ("I", "II")


def test_texts_that_are_objects_are_asked_for(tmp_path):
    """As names of columns of pandas are: they could run code."""
    names = np.array(["I", "II"], dtype=object)
    np.savez(tmp_path / "a.npz", signal=np.zeros((5, 2)), fs=100, unit="mV", lead_names=names)
    for policy in ("drop", "keep"):
        with pytest.raises(ECGFormatError, match="state file_lead_names"):
            read_record(tmp_path / "a.npz", metadata_policy=policy)


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
    """Some other archive holds nothing that may be a signal."""
    np.savez(tmp_path / "a.npz", x=np.zeros((2, 0)), y=np.array("text"), fs=100)
    with pytest.raises(ECGFormatError, match="without an array of real numbers"):
        read_record(tmp_path / "a.npz")


def test_numbers_of_recordings_are_no_signal(tmp_path):
    """They stand beside the signals of all, as in CODE-15."""
    np.savez(tmp_path / "a.npz", exam_id=np.arange(5), tracings=np.zeros((5, 100, 2)))
    with pytest.raises(ECGFormatError, match=r"0 \(5\), 1 \(5 x 100 x 2\)\. Choose one"):
        read_record(tmp_path / "a.npz", **SAID)
    with pytest.raises(ECGFormatError, match="5 x 100 x 2 values, as of several recordings: load"):
        read_record(tmp_path / "a.npz", file_array="tracings", **SAID)


def test_longer_axis_is_time(tmp_path):
    """Twelve rows of many columns are twelve leads, not twelve time steps."""
    np.save(tmp_path / "a.npy", np.arange(20.0).reshape(2, 10))
    record = read_record(tmp_path / "a.npy", **SAID | {"file_lead_names": ["I", "II"]})
    assert record.signal.shape == (10, 2)
    assert record.signal[0].tolist() == pytest.approx([0, 0.01])


def test_only_array_is_the_signal_whatever_its_name(tmp_path):
    """An archive of one array needs no name for it."""
    np.savez(tmp_path / "a.npz", np.array([1000, -500]), fs=np.array([100]))
    record = read_record(tmp_path / "a.npz", file_unit="uV", file_lead_names=["II"])
    assert record.fs == 100
    assert record.signal.tolist() == [[1], [-0.5]]


def test_one_of_several_arrays_is_asked_for(tmp_path):
    """By name or number; a name that says "ECG" needs no asking, and no name is quoted."""
    np.savez(tmp_path / "a.npz", Karl=np.zeros(5), left=np.array([1000, -500]))
    with pytest.raises(
        ECGFormatError, match=r"0 \(5\), 1 \(2\)\. Choose one by file_array"
    ) as error:
        read_record(tmp_path / "a.npz", **SAID)
    assert "Karl" not in str(error.value)
    for wanted in ("left", "1"):
        record = read_record(tmp_path / "a.npz", file_array=wanted, **SAID)
        assert record.signal.tolist() == [[1], [-0.5]]
    with pytest.raises(ECGFormatError, match="lacks the array that file_array names"):
        read_record(tmp_path / "a.npz", file_array="right", **SAID)
    np.savez(tmp_path / "a.npz", rest=np.zeros(5), ECG=np.array([1000, -500]))
    assert read_record(tmp_path / "a.npz", **SAID).n_timesteps == 2


def test_stated_lead_names_go_before_those_of_the_file(tmp_path):
    """As for a table."""
    np.savez(tmp_path / "a.npz", signal=np.zeros(5), fs=100, unit="mV", lead_names=["ECG"])
    assert read_record(tmp_path / "a.npz", file_lead_names=["II"]).lead_names == ("II",)


def test_stated_unit_replaces_what_is_not_understood(tmp_path):
    """As for a table."""
    np.savez(tmp_path / "a.npz", signal=np.full(2, 500), fs=100, unit="adu", lead_names=["II"])
    assert read_record(tmp_path / "a.npz", file_unit="uV").signal[0, 0] == 0.5
    with pytest.raises(ECGFormatError, match="no signal in V"):
        read_record(tmp_path / "a.npz")


def test_more_arrays_than_any_recording_has_are_refused(tmp_path):
    """Each would take a look into the file."""
    np.savez(tmp_path / "x.npz", **{f"lead{i}": np.zeros(2) for i in range(1001)})
    with pytest.raises(ECGFormatError, match="holds more than 1000 arrays"):
        read_record(tmp_path / "x.npz")


def test_names_of_the_caller_that_the_file_has_elsewhere_are_refused(tmp_path):
    """Leads would change places, or be turned over."""
    path = tmp_path / "a.npz"
    np.savez(path, signal=np.zeros((9, 2)), fs=100, unit="mV", lead_names=["-aVR", "I"])
    for given, name in ((["I", "-aVR"], "I"), (["aVR", "I"], "aVR"), (["-aVR", "-I"], "-I")):
        with pytest.raises(ECGFormatError, match=f"a lead {name} of its own, but file_lead_names"):
            read_record(path, file_lead_names=given)
    assert read_record(path, file_lead_names=["-aVR", "I"]).lead_names == ("-aVR", "I")
    assert read_record(path, file_lead_names=["V1", "V2"]).lead_names == ("V1", "V2")


def test_units_and_rates_of_each_lead(tmp_path):
    """One for all, or one for each; where they contradict each other, they are asked for."""
    values = np.array([[1, 1000], [2, -500], [4, 0]])
    path = tmp_path / "a.npz"
    said = {"signal": values, "lead_names": np.array([b"I", b"V1"])}
    np.savez(path, sampling_frequency=[250, 250], units=["mV", "uV"], **said)
    record = read_record(path)
    assert (record.fs, record.lead_names) == (250, ("I", "V1"))
    np.testing.assert_allclose(record.signal, values * [1, 1e-3])
    np.savez(path, fs=[250, 50], units=["s", "mV", "g"], **said)
    with pytest.raises(ECGFormatError, match="several sampling rates: state that of"):
        read_record(path)
    with pytest.raises(ECGFormatError, match="3 units, but the number of its leads is 2"):
        read_record(path, file_fs=100)
    record = read_record(path, file_fs=100, file_unit="mV")
    assert record.fs == 100
    np.testing.assert_allclose(record.signal, values)


def save_hdf5(path, **arrays):
    h5py = pytest.importorskip("h5py")
    with h5py.File(path, "w") as file:
        for name, array in arrays.items():
            file[f"sensors/{name}"] = array


SAVE = {
    ".npz": np.savez,
    ".mat": lambda path, **arrays: scipy.io.savemat(path, arrays),
    ".h5": save_hdf5,
}


@pytest.mark.parametrize("suffix", SAVE)
@pytest.mark.parametrize("name", ["gain", "ADC_gain", "scale_factor"])
def test_gain_beside_whole_numbers_is_warned_of(tmp_path, suffix, name):
    """It is not applied, because the numbers may be voltages; decimal numbers are."""
    path, values = tmp_path / f"a{suffix}", np.arange(400, dtype=np.int16)
    SAVE[suffix](path, ecg=values, **{name: 200.0})
    with pytest.warns(UserWarning, match="states a gain or a scale, which is not applied"):
        record = read_record(path, **SAID)
    np.testing.assert_allclose(record.signal[:, 0], values / 1000, rtol=1e-6)
    for others in ({"ecg": values, name: 1}, {"ecg": values / 8, name: 200.0}):
        SAVE[suffix](path, **others)
        assert read_record(path, **SAID).n_timesteps == 400


@pytest.mark.parametrize("suffix", SAVE)
@pytest.mark.parametrize("name", ["time", "t_ms", "Timestamps"])
def test_times_with_pauses_are_warned_of(tmp_path, suffix, name):
    """They are not read; regular ones, also rounded, need no warning, nor do other arrays."""
    path, save = tmp_path / f"a{suffix}", SAVE[suffix]
    time = np.round(np.arange(400) / 360, 3)
    others = {"r_times": np.array([0.1, 0.2, 0.9]), "s": np.random.default_rng(0).random(400)}
    save(path, ecg=np.zeros(400), **others, **{name: time})
    assert read_record(path, **SAID).n_timesteps == 400
    save(path, ecg=np.zeros(400), **others, **{name: time + (time > 0.5) / 360})  # one is lost
    assert read_record(path, **SAID).n_timesteps == 400
    for pause_s in (2 / 360, 1):
        save(path, ecg=np.zeros(400), **others, **{name: time + pause_s * (time > 0.5)})
        with pytest.warns(UserWarning, match="holds times with pauses, which are not read"):
            assert read_record(path, **SAID).n_timesteps == 400
