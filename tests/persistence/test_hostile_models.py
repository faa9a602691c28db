"""Files of models that were damaged, or made to do harm: refused by a message, and no code runs.

`examples/benchmarks/fuzz_models.py` damages such files for as long as one likes.
"""

import hashlib
import io
import json
import os
import pickle
import zipfile
from contextlib import suppress

import numpy as np
import pytest
import scipy.sparse
import skops.io
from sklearn.base import BaseEstimator
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import SVC, SVR, OneClassSVM

from sklearn_ecg.persistence import ModelFileError, _checks, describe_model, load, save
from sklearn_ecg.preprocessing import Segmenter


class Payload:
    """Make a folder when unpickled, as a sign that code has run."""

    def __reduce__(self):
        return os.mkdir, ("pwned",)


@pytest.fixture(autouse=True)
def _no_code_runs(tmp_path, monkeypatch):
    """No payload of any test here is ever run."""
    monkeypatch.chdir(tmp_path)
    yield
    assert not (tmp_path / "pwned").exists()


def members_of(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def as_archive(members, kind=zipfile.ZIP_DEFLATED):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", kind) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return content.getvalue()


def rewrite(path, **members):
    """Replace members of the file."""
    path.write_bytes(as_archive(members_of(path.read_bytes()) | members))


def describe_otherwise(path, **about):
    """Replace what the file says of itself."""
    old = json.loads(members_of(path.read_bytes())["about.json"])
    rewrite(path, **{"about.json": json.dumps(old | about)})


def with_digest(path, model):
    """Put another model in, with the digest that belongs to it, as an attacker would."""
    rewrite(path, **{"model.skops": model})
    describe_otherwise(path, sha256=hashlib.sha256(model).hexdigest())


def schema_of(path):
    """Return the members of the model, and its schema."""
    members = members_of(members_of(path.read_bytes())["model.skops"])
    return members, json.loads(members["schema.json"])


def with_schema(path, members, schema):
    with_digest(path, as_archive(members | {"schema.json": json.dumps(schema)}))


def nodes_of(tree):
    """Yield all nodes of a schema that name a type."""
    if isinstance(tree, dict):
        if "__loader__" in tree:
            yield tree
        for value in tree.values():
            yield from nodes_of(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from nodes_of(value)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\x80\x04junk", b"x" * 1000])
def test_what_is_no_model_is_refused(tmp_path, data):
    """Whatever it is."""
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(ModelFileError, match="is damaged or holds no model"):
        load(tmp_path / "x")


def test_pickle_is_refused(tmp_path):
    """It is not even opened as one."""
    (tmp_path / "x").write_bytes(pickle.dumps(Payload()))
    with pytest.raises(ModelFileError, match="is damaged or holds no model"):
        load(tmp_path / "x")


def test_keras_file_with_a_lambda_layer_is_refused(tmp_path):
    """The code in such a file is that of a layer."""
    config = {"class_name": "Lambda", "config": {"function": "os.mkdir('pwned')"}}
    (tmp_path / "x.keras").write_bytes(as_archive({"config.json": json.dumps(config)}))
    with pytest.raises(ModelFileError, match="is not a model that"):
        load(tmp_path / "x.keras")


def test_lambda_as_a_network_is_not_loaded(tiny, sequences, path):
    """A function without a name of its own cannot be imported, nor hidden in the file."""
    classifier = tiny(network=lambda sequences, mask: (sequences, mask), epochs=1).fit(*sequences)
    with_digest(path, skops.io.dumps(classifier))
    with pytest.raises(ModelFileError, match=r"not trusted: .*<lambda>"):
        load(path)


@pytest.mark.parametrize("name", ["../outside", "/etc/x", "extra"])
def test_other_members_are_refused(path, name):
    """Nothing is ever unpacked to disk, and nothing else belongs in the file."""
    rewrite(path, **{name: b"x"})
    with pytest.raises(ModelFileError, match="is not a model"):
        load(path)


def test_paths_that_leave_the_folder_are_not_followed(path, tmp_path, monkeypatch):
    """An array of the model that has such a name is read from the file, and nothing is written."""
    members, schema = schema_of(path)
    node = next(node for node in nodes_of(schema) if "file" in node)
    node["file"] = "../../outside.npy"
    with_schema(path, members, schema)
    with pytest.raises(ModelFileError, match="is damaged"):
        load(path)
    (tmp_path / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "a" / "b")
    path = path.rename(tmp_path / "a" / "b" / path.name)
    with_schema(path, members | {"../../outside.npy": b"x"}, schema)
    with suppress(ModelFileError):
        load(path)
    assert list(tmp_path.rglob("outside*")) == []


def test_changed_file_is_refused(path):
    """Any byte of the model."""
    data = bytearray(members_of(path.read_bytes())["model.skops"])
    data[len(data) // 2] ^= 1
    rewrite(path, **{"model.skops": bytes(data)})
    with pytest.raises(ModelFileError, match="was changed after"):
        load(path)


def test_later_format_is_refused(path):
    """With the way out."""
    describe_otherwise(path, format=2)
    with pytest.raises(ModelFileError, match="update sklearn-ecg"):
        load(path)


@pytest.mark.parametrize("package", ["sklearn-ecg", "scikit-learn", "keras"])
def test_other_versions_are_told(path, package):
    """Once for the file, because a model may predict otherwise."""
    versions = describe_model(path)["versions"] | {package: "0.0.1"}
    describe_otherwise(path, versions=versions)
    with pytest.warns(UserWarning, match=rf"saved with {package} 0\.0\.1 \(here") as warned:
        load(path)
    assert [warning.filename for warning in warned] == [__file__]


@pytest.mark.parametrize(
    "part",
    [
        {"versions": [1]},
        {"input": [1]},
        {"card": [1]},
        {"versions": {"keras": "3\x1b[2J"}},
    ],
)
def test_damaged_description_is_refused(path, part):
    """Code that reads it can rely on its form, and a warning can quote it."""
    describe_otherwise(path, **part)
    for read in (load, describe_model):
        with pytest.raises(ModelFileError, match="description that is damaged"):
            read(path)


def test_untrusted_types_are_refused(path):
    """By name, with the way out."""
    with_digest(path, skops.io.dumps(FunctionTransformer(os.path.join).fit([[1]])))
    with pytest.raises(ModelFileError, match=r"not trusted: .*posixpath\.join.*`trusted`"):
        load(path)


@pytest.mark.parametrize(
    ("module", "name"),
    [("_segmentation", "FutureSegmenter"), ("_future", "Segmenter"), ("_segmentation.np", "f2py")],
)
def test_what_another_version_has_is_no_matter_of_trust(path, module, name):
    """To trust its name would lead no further; other packages are not looked into."""
    members, schema = schema_of(path)
    node = next(node for node in nodes_of(schema) if node["__class__"] == "Segmenter")
    node |= {"__module__": f"sklearn_ecg.preprocessing.{module}", "__class__": name}
    with_schema(path, members, schema)
    name = f"sklearn_ecg.preprocessing.{module}.{name}"
    for trusted in ([], [name]):
        with pytest.raises(ModelFileError, match=rf"holds '{name}', which .* does not have: load"):
            load(path, trusted=trusted)


def test_trees_are_refused_unless_trusted(path, strips):
    """Scikit-learn follows the numbers in them without a check, so that they can crash Python."""
    X, y, _ = strips
    forest = RandomForestClassifier(2, random_state=0).fit(X[:, :, 0], y)
    save(forest, path)
    with pytest.raises(ModelFileError, match=r"sklearn\.tree\._tree\.Tree"):
        load(path)
    loaded = load(path, trusted=["sklearn.tree._tree.Tree"])
    np.testing.assert_array_equal(loaded.predict(X[:, :, 0]), forest.predict(X[:, :, 0]))


LOADERS = sorted(skops.io._audit.NODE_TYPE_MAPPING)


@pytest.mark.parametrize("loader", [name for name, _ in LOADERS])
def test_planted_functions_are_refused_in_each_part(path, loader):
    """As a part of any kind, in the place of each part of the model."""
    members, schema = schema_of(path)
    payload = {"__loader__": loader, "__module__": "os", "__class__": "mkdir", "__id__": 1}
    name = {"__loader__": "JsonNode", "content": '"pwned"'}
    name |= {"__module__": "builtins", "__class__": "str", "__id__": 2}
    arguments = {"__loader__": "TupleNode", "content": [name]}
    arguments |= {"__module__": "builtins", "__class__": "tuple", "__id__": 3}
    members["4.npy"] = b""
    payload |= {
        "file": "4.npy",
        "type": "json",
        "shape": arguments,
        "key_types": arguments,
        "attrs": arguments,
        "content": arguments,
        "__reduce__": {"args": arguments},
    }
    contents = [arguments, [name], {"func": payload | {"content": "x"}, "obj": arguments}]
    n_nodes = len(list(nodes_of(schema)))
    for content in contents:
        for i in range(0, n_nodes, 7):
            _, schema = schema_of(path)
            node = list(nodes_of(schema))[i]
            node.clear()
            node.update(payload, content=content)
            evil = path.with_name("evil.skecg")
            evil.write_bytes(path.read_bytes())
            with_schema(evil, members, schema)
            if loader == "JsonNode":  # which is text, whatever it says of itself
                with suppress(ModelFileError):
                    load(evil)
            else:
                with pytest.raises(ModelFileError):
                    load(evil)


def test_planted_pickles_are_refused_in_each_member(path):
    """Each array, the schema and the description may be a pickle instead."""
    payload = pickle.dumps(Payload())
    members, _ = schema_of(path)
    whole = path.read_bytes()
    for name in members:
        path.write_bytes(whole)
        with_digest(path, as_archive(members | {name: payload}))
        with pytest.raises(ModelFileError, match=r"is damaged"):
            load(path)
    for name in ("about.json", "model.skops"):
        path.write_bytes(whole)
        rewrite(path, **{name: payload})
        with pytest.raises(ModelFileError, match=r"is damaged|was changed"):
            load(path)


def test_array_of_objects_is_refused(path):
    """NumPy would unpickle them."""
    array = io.BytesIO()
    np.save(array, np.array([Payload()], dtype=object), allow_pickle=True)
    members, schema = schema_of(path)
    name = next(name for name in members if name.endswith(".npy"))
    with_schema(path, members | {name: array.getvalue()}, schema)
    with pytest.raises(ModelFileError):
        load(path)


@pytest.mark.parametrize("swapped", ["MaxNormalizer", "QualityGate", "RowLookup"])
def test_swapped_classes_are_refused(path, swapped):
    """An object with the parameters of another class is not whole."""
    save(Segmenter(segment_length=2).fit(np.zeros((3, 6))), path)
    members, schema = schema_of(path)
    modules = {
        "MaxNormalizer": "sklearn_ecg.preprocessing._normalization",
        "QualityGate": "sklearn_ecg.preprocessing._quality_gate",
        "RowLookup": "sklearn_ecg.compose._lookup",
    }
    schema |= {"__class__": swapped, "__module__": modules[swapped]}
    with_schema(path, members, schema)
    with pytest.raises(ModelFileError, match=f"holds a {swapped} that is not a complete.*versions"):
        load(path)


@pytest.mark.parametrize("thing", [[1, 2], {"a": 1}, "text", LogisticRegression()])
def test_what_is_no_fitted_estimator_is_refused(path, thing):
    """Even if all of its types are trusted."""
    with_digest(path, skops.io.dumps(thing))
    with pytest.raises(ModelFileError, match="not a complete, fitted estimator"):
        load(path)


def bomb(n_bytes=9):
    """Pack megabytes of zeros."""
    return as_archive({f"{i}.npy": bytes(2**20) for i in range(n_bytes)})


def test_zip_bomb_is_refused(path, monkeypatch):
    """Before it is unfolded: in the file, in the model, and in an archive within the model."""
    monkeypatch.setattr(_checks, "MAX_BYTES", 2**22)
    for model in (bomb(), as_archive({"1.npz": bomb()})):
        with_digest(path, model)
        with pytest.raises(ModelFileError, match="unfolds to more bytes"):
            load(path)
    rewrite(path, **{"model.skops": bytes(2**23)})
    with pytest.raises(ModelFileError, match="unfolds to more bytes"):
        load(path)


def test_archive_of_too_many_members_is_refused(path, monkeypatch):
    """Because each takes memory, even if it is empty."""
    monkeypatch.setattr(_checks, "_MAX_MEMBERS", 20)
    with_digest(path, as_archive({f"{i}": b"" for i in range(21)}))
    with pytest.raises(ModelFileError, match="unfolds to more"):
        load(path)


def test_array_that_is_read_again_and_again_is_refused(path, monkeypatch):
    """A small file could stand for any amount of memory."""
    monkeypatch.setattr(_checks, "MAX_BYTES", 2**20)
    array = io.BytesIO()
    np.save(array, np.zeros(2**14))
    node = {"__loader__": "NdArrayNode", "__module__": "numpy", "__class__": "ndarray"}
    node |= {"type": "numpy", "file": "1.npy"}
    schema = {"__loader__": "ListNode", "__module__": "builtins", "__class__": "list"}
    schema |= {"protocol": skops.io._protocol.PROTOCOL}
    for numbers, match in [([1] * 99, "not a complete"), (range(1, 100), "unfolds to more")]:
        content = [node | {"__id__": number} for number in numbers]
        with_schema(path, {"1.npy": array.getvalue()}, schema | {"content": content})
        with pytest.raises(ModelFileError, match=match):
            load(path)


def test_object_that_stands_for_others_is_refused(path):
    """Lists of the lists before, forty times over, would take for ever to look through."""
    node = {"__loader__": "ListNode", "__module__": "builtins", "__class__": "list"}
    schema = node | {"__id__": 1, "content": []}
    for number in range(2, 42):
        again = node | {"__id__": number - 1, "content": []}
        schema = node | {"__id__": number, "content": [schema, again]}
    with_schema(path, {}, schema | {"protocol": skops.io._protocol.PROTOCOL})
    with pytest.raises(ModelFileError, match="two objects of one number"):
        load(path)


def test_too_much_json_is_refused(path, monkeypatch):
    """Parsed, it takes many times the memory."""
    monkeypatch.setattr(_checks, "_MAX_JSON_BYTES", 1000)
    with pytest.raises(ModelFileError, match="more JSON than any model"):
        load(path)


def test_too_long_a_description_is_refused(path, monkeypatch):
    """It is parsed like any other JSON, and before the model is looked at."""
    describe_otherwise(path, card={"numbers": [0] * 10**6})
    monkeypatch.setattr(_checks, "_MAX_JSON_BYTES", 10**6)
    for read in (load, describe_model):
        with pytest.raises(ModelFileError, match="more JSON than any model"):
            read(path)


@pytest.mark.parametrize("kind", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_archive_that_unpacks_in_one_go_is_refused(path, kind):
    """Whatever size it states: in the file, and in the model."""
    whole = path.read_bytes()
    with_digest(path, as_archive(members_of(members_of(whole)["model.skops"]), kind))
    with pytest.raises(ModelFileError, match="compressed in another way than models are"):
        load(path)
    path.write_bytes(as_archive(members_of(whole), kind))
    with pytest.raises(ModelFileError, match="compressed in another way than models are"):
        load(path)


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [
        ((2**60,), "<f8"),
        ((2**40, 0), "<f8"),
        ((-1, -1), "<f8"),
        ((1,), "<U99999999"),
        ((9,), "V0"),
    ],
)
def test_absurd_shapes_are_refused(path, shape, dtype):
    """Before any memory is taken for them."""
    array = io.BytesIO()
    header = {"descr": dtype, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(array, header)
    array.write(bytes(8))
    members, schema = schema_of(path)
    name = next(name for name in members if name.endswith(".npy"))
    with_schema(path, members | {name: array.getvalue()}, schema)
    with pytest.raises(ModelFileError, match="not of the shape"):
        load(path)


@pytest.mark.parametrize(
    ("random_state", "name", "position"),
    [
        (np.random.RandomState(0), "pos", 625),
        (np.random.RandomState(0), "pos", -1),
        (np.random.Generator(np.random.MT19937(0)), "pos", 2**30),
        (np.random.Generator(np.random.Philox(0)), "buffer_pos", 5),
    ],
)
def test_random_state_beyond_its_numbers_is_refused(path, random_state, name, position):
    """By NumPy or by us: where it reads there, a model that is trained further crashes Python."""
    model = Segmenter(segment_length=2).fit(np.zeros((3, 6)))
    model.states_ = {"a": [random_state]}
    save(model, path)
    load(path)
    members, schema = schema_of(path)
    changed = [node["content"] for node in nodes_of(schema) if name in _content(node)]
    for content in changed:
        content[name]["content"] = str(position)
    assert changed
    with_schema(path, members, schema)
    with pytest.raises(ModelFileError, match="damaged"):
        load(path)


@pytest.mark.parametrize("machine", [SVC(), SVR(), OneClassSVM(), SVC(kernel="precomputed")])
def test_support_vector_machines_are_loaded(path, machine):
    """Of all kinds, those of a regression too, which count their vectors otherwise."""
    X = np.random.default_rng(0).normal(size=(30, 30))
    save(machine.fit(X, np.arange(30) % 3), path)
    np.testing.assert_array_equal(load(path).predict(X), machine.predict(X))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("_n_support", np.zeros(200_000, dtype=np.int32)),  # classes, of which it reads as many
        ("_n_support", np.array([2**31 - 1, 1 - 2**31, 27], dtype=np.int32)),
        ("_n_support", np.array([27], dtype=np.int32)),
        ("_dual_coef_", np.zeros((1, 1))),
        ("_intercept_", np.zeros(0)),
        ("_probA", np.zeros(1)),
        ("support_", np.zeros(1, dtype=np.int32)),
        ("support_", np.full(27, 2**30, dtype=np.int32)),
        ("support_vectors_", np.zeros((1, 2))),
    ],
)
def test_support_vector_machine_that_lies_is_refused(path, name, value):
    """Its compiled code would read beyond the arrays, which crashes Python or gives any answer."""
    X = np.random.default_rng(0).normal(size=(27, 2))
    machine = SVC(C=1e-3).fit(X, np.arange(27) % 3)
    assert machine._n_support.sum() == 27
    setattr(machine, name, value)
    save(machine, path)
    with pytest.raises(ModelFileError, match="support vector machine that is damaged"):
        load(path)


def test_range_without_end_is_refused(path):
    """It is a few bytes of a file, and takes all memory where it is used."""
    model = Segmenter(segment_length=2).fit(np.zeros((3, 6)))
    model.grid_ = {"columns": range(10**6)}
    save(model, path)
    assert len(load(path).grid_["columns"]) == 10**6
    for numbers in (range(10**6 + 1), range(10**30), range(0, -(10**9), -1)):
        model.grid_ = {"columns": numbers}
        save(model, path)
        with pytest.raises(ModelFileError, match="more numbers than any grid"):
            load(path)


def _content(node):
    return node.get("content") if isinstance(node.get("content"), dict) else {}


def test_nesting_without_end_is_refused(path):
    """As an error, not as a crash."""
    members, _ = schema_of(path)
    with_digest(path, as_archive(members | {"schema.json": b"[" * 10**6}))
    with pytest.raises(ModelFileError, match="is damaged"):
        load(path)


def test_sparse_arrays_are_loaded(path):
    """The archive that holds one is no bomb."""
    classifier = LogisticRegression().fit([[0.0], [1.0]], [0, 1]).sparsify()
    assert scipy.sparse.issparse(classifier.coef_)
    save(classifier, path)
    loaded = load(path, trusted=["scipy.sparse._csr.csr_matrix"])
    assert loaded.predict([[2.0]]).tolist() == [1]


class Shared(BaseEstimator):
    """Hold one array twice, with itself in both."""

    def fit(self, X, y=None):
        self.one_ = self.other_ = np.zeros(3)
        self.both_ = [self.one_, [self.other_]] * 2
        return self


def test_objects_that_occur_twice_are_loaded(path):
    """As one object."""
    save(Shared().fit([[1]]), path)
    loaded = load(path, trusted=[f"{Shared.__module__}.Shared"])
    assert loaded.one_ is loaded.other_ is loaded.both_[0]


def test_damaged_files_raise_no_other_error(path):
    """Random changes to the outer file, and to the model within it."""
    rng = np.random.default_rng(0)
    whole = path.read_bytes()
    model = members_of(whole)["model.skops"]
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
