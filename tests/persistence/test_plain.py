"""Models of plain data are read without skops, as skops would read them."""

import io
import json
import sys
import zipfile
from collections import OrderedDict

import numpy as np
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from sklearn_ecg.persistence._plain import read_plain
from sklearn_ecg.preprocessing import Segmenter


def holding(value):
    """Write a model with such a value in it."""
    model = make_pipeline(Segmenter(segment_length=2).fit(np.zeros((3, 6))))
    model[0].value_ = value
    return skops.io.dumps(model)


def with_schema(data, change):
    """Change the schema of a model."""
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(content, "w") as new:
        for name in old.namelist():
            if name != "schema.json":
                new.writestr(name, old.read(name))
        schema = json.loads(old.read("schema.json"))
        change(schema)
        new.writestr("schema.json", json.dumps(schema))
    return content.getvalue()


def test_plain_values_are_those_that_were_saved():
    """Of each type, and one that occurs twice is one."""
    array = np.arange(6.0, dtype="f4").reshape(2, 3)
    value = {
        "json": [None, True, 1, 2.5, "text", float("inf")],
        "keys": {1: "one", 2.5: "number", "x": {}},
        "tuple": (array, [array, ()]),
        "bytes": b"\x00\xff",
        "label": np.array(["N", "V"]),
    }
    found = read_plain(holding(value))[0].value_
    assert found["tuple"][0] is found["tuple"][1][0]
    np.testing.assert_array_equal(found["tuple"][0], array)
    assert found["tuple"][0].dtype == np.float32
    assert found["label"].tolist() == ["N", "V"]
    found["tuple"] = found["label"] = value["tuple"] = value["label"] = None
    assert found == value
    assert [type(key) for key in found["keys"]] == [int, float, str]


def test_estimators_are_those_that_were_saved():
    """With parameters and fitted attributes."""
    found = read_plain(holding(None))
    assert [type(step).__name__ for step in (found, found[0])] == ["Pipeline", "Segmenter"]
    assert found[0].segment_length == 2
    assert found.transform(np.eye(6)[:1]).ravel().tolist() == [1, 0, 0, 0, 0, 0]


def test_random_state_goes_on():
    """Where it was when it was saved."""
    random_state = np.random.RandomState(0)
    random_state.normal()  # which draws two numbers, and keeps one
    found = read_plain(holding(random_state))[0].value_
    assert found.normal(size=3).tolist() == random_state.normal(size=3).tolist()


@pytest.mark.parametrize(
    "value",
    [
        np.float32(1),
        np.float32,
        np.array(["N", None]),
        np.ravel,
        {True: 1},
        {1, 2},
        slice(1, 2),
        OrderedDict(a=1),
        np.random.default_rng(0),
        np.ma.array([1, 2]),
        LogisticRegression(),
    ],
    ids=lambda value: type(value).__name__,
)
def test_other_parts_are_left_to_skops(value):
    """The whole model."""
    assert read_plain(holding(value)) is None


@pytest.mark.parametrize("protocol", [0, 1, 3, None])
def test_other_protocols_are_left_to_skops(protocol):
    """They may mean something else."""
    data = with_schema(holding(None), lambda schema: schema.update(protocol=protocol))
    assert read_plain(data) is None


@pytest.mark.parametrize(
    "loader", [*sorted({name for name, _ in skops.io._audit.NODE_TYPE_MAPPING}), "", "read"]
)
@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("os", "mkdir"),
        ("antigravity", "Segmenter"),
        ("builtins", "eval"),
        ("builtins", "object"),
        ("sklearn.tree._tree", "Tree"),
        ("sklearn.pipeline", "make_pipeline"),
        ("sklearn_ecg.datasets._files._reading", "read_record"),
        ("sklearn_ecg.preprocessing._segmentation", "segment"),
        ("sklearn_ecg.preprocessing._base", "SignalTransformer"),
        ("sklearn_ecg.neural_network._keras_network", "KerasNetwork"),
    ],
)
def test_other_types_are_left_to_skops(loader, module, name):
    """Whatever loader they name, and without an import of what they name."""

    def plant(schema):
        schema.update(__loader__=loader, __module__=module, __class__=name)

    assert read_plain(with_schema(holding(None), plant)) is None
    assert "antigravity" not in sys.modules


def test_name_of_a_class_must_be_whole():
    """And not a path through other modules, which leads to the same name."""

    def split_otherwise(schema):
        schema.update(__module__="sklearn", __class__="pipeline.Pipeline")

    with pytest.raises(AttributeError):
        read_plain(with_schema(holding(None), split_otherwise))
