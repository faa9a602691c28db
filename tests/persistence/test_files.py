"""Files of models: whole, checked, and without code."""

import hashlib
import io
import json
import os
import zipfile
from contextlib import suppress

import numpy as np
import pytest
import skops.io
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sklearn_ecg.compose import SegmentedClassifier
from sklearn_ecg.datasets import RecordReader
from sklearn_ecg.persistence import ModelFileError, _files, describe_model, load, save
from sklearn_ecg.preprocessing import MaxNormalizer, Segmenter


@pytest.fixture
def model(strips):
    X, y, _ = strips
    classifier = SegmentedClassifier(Segmenter(segment_length=100), LogisticRegression())
    return make_pipeline(MaxNormalizer(), classifier).fit(X, y)


@pytest.fixture
def path(model, tmp_path):
    save(model, tmp_path / "model.skecg", card={"limits": "a toy"})
    return tmp_path / "model.skecg"


def rewrite(path, **members):
    """Replace members of the outer archive."""
    with zipfile.ZipFile(path) as archive:
        old = {info.filename: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (old | members).items():
            archive.writestr(name, data)


def with_digest(path, model):
    """Put another model in, with the digest that belongs to it, as an attacker would."""
    with zipfile.ZipFile(path) as archive:
        about = json.loads(archive.read("about.json"))
    about["sha256"] = hashlib.sha256(model).hexdigest()
    rewrite(path, **{"about.json": json.dumps(about), "model.skops": model})


def test_loaded_model_predicts_the_same(model, path, strips):
    """To the last bit."""
    np.testing.assert_array_equal(
        load(path).predict_proba(strips[0]), model.predict_proba(strips[0])
    )


def test_networks_are_saved_too(tiny, sequences, tmp_path):
    """As arrays, from which the network is built again."""
    classifier = tiny().fit(*sequences)
    save(classifier, tmp_path / "lstm.skecg")
    loaded = load(tmp_path / "lstm.skecg")
    np.testing.assert_array_equal(
        loaded.predict_proba(sequences[0]), classifier.predict_proba(sequences[0])
    )


def test_model_describes_itself(path, tmp_path):
    """Versions, card and input, without loading it."""
    about = describe_model(path)
    assert about["card"] == {"limits": "a toy"}
    assert about["input"] == {"row_shape": [200, 1]}
    assert "scikit-learn" in about["versions"]
    reader = RecordReader([("MLII", "II")], fs=250, duration_s=2).fit(["a.csv"])
    save(make_pipeline(reader), tmp_path / "reader.skecg")
    assert describe_model(tmp_path / "reader.skecg")["input"] == {
        "leads": [["MLII", "II"]],
        "fs": 250,
        "unit": "mV",
        "n_timesteps": 500,
    }


def test_unfitted_estimator_is_refused(tmp_path):
    """There is nothing to keep, and no file is left."""
    with pytest.raises(NotFittedError):
        save(Segmenter(segment_length=2), tmp_path / "x.skecg")
    assert not list(tmp_path.iterdir())


def test_failed_save_leaves_the_old_file(model, path, strips):
    """A card that JSON cannot hold breaks off before anything is written."""
    before = path.read_bytes()
    with pytest.raises(TypeError):
        save(model, path, card={"bad": object()})
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_other_versions_are_told(path):
    """Because a model may predict otherwise."""
    with zipfile.ZipFile(path) as archive:
        about = json.loads(archive.read("about.json"))
    about["versions"]["scikit-learn"] = "0.1"
    rewrite(path, **{"about.json": json.dumps(about)})
    with pytest.warns(UserWarning, match=r"saved with scikit-learn 0\.1 \(here"):
        load(path)


class Payload:
    """Run code when unpickled."""

    def __reduce__(self):
        return os.mkdir, ("pwned",)


def test_untrusted_types_are_refused(path, tmp_path, monkeypatch):
    """By name, with the way out, and no code runs."""
    monkeypatch.chdir(tmp_path)
    transformer = FunctionTransformer(os.path.join).fit([[1]])
    with_digest(path, skops.io.dumps(transformer))
    with pytest.raises(ModelFileError, match=r"not trusted: .*posixpath\.join.*`trusted`"):
        load(path)
    assert not (tmp_path / "pwned").exists()


def test_functions_of_ones_own_are_loaded_when_trusted(path):
    """By full name."""
    transformer = FunctionTransformer(np.ravel).fit([[1]])
    save(transformer, path)
    assert load(path, trusted=["numpy.ravel"]).func is np.ravel


def test_changed_file_is_refused(path):
    """Any byte of the model."""
    with zipfile.ZipFile(path) as archive:
        data = bytearray(archive.read("model.skops"))
    data[len(data) // 2] ^= 1
    rewrite(path, **{"model.skops": bytes(data)})
    with pytest.raises(ModelFileError, match="was changed after"):
        load(path)


def test_later_format_is_refused(path):
    """With the way out."""
    with zipfile.ZipFile(path) as archive:
        about = json.loads(archive.read("about.json"))
    rewrite(path, **{"about.json": json.dumps(about | {"format": 2})})
    with pytest.raises(ModelFileError, match="update sklearn-ecg"):
        load(path)


@pytest.mark.parametrize("name", ["../outside", "/etc/x", "extra"])
def test_other_members_are_refused(path, name):
    """Nothing is ever unpacked to disk, and nothing else belongs in the file."""
    rewrite(path, **{name: b"x"})
    with pytest.raises(ModelFileError, match="is not a model"):
        load(path)


def test_zip_bomb_is_refused(path, monkeypatch):
    """Before it is unfolded."""
    monkeypatch.setattr(_files, "_MAX_BYTES", 2**22)
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        for i in range(9):
            archive.writestr(f"{i}.npy", bytes(2**20))
    with_digest(path, inner.getvalue())
    with pytest.raises(ModelFileError, match="unfolds to more bytes"):
        load(path)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\x80\x04junk", b"x" * 1000])
def test_what_is_no_model_is_refused(tmp_path, data):
    """Whatever it is."""
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(ModelFileError, match="is damaged or holds no model"):
        load(tmp_path / "x")


def test_damaged_files_raise_no_other_error(path):
    """Random changes to the outer file, and to the model within it."""
    rng = np.random.default_rng(0)
    whole = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        model = archive.read("model.skops")
    for _ in range(30):
        data = bytearray(whole)
        data[rng.integers(len(data))] = rng.integers(256)
        path.write_bytes(bytes(data))
        _load_or_refuse(path)
        data = bytearray(model)
        data[rng.integers(len(data))] = rng.integers(256)
        path.write_bytes(whole)
        with_digest(path, bytes(data))
        _load_or_refuse(path)


def _load_or_refuse(path):
    with suppress(ModelFileError):
        load(path)
