"""Read models that consist of plain data and of our own estimators, without skops.

The import of skops imports all of scikit-learn: a quarter of the time, and a sixth of the memory,
in which a service loads a model and answers. Most models need only the kinds of parts in
`_KINDS`. Whatever has another part, type or protocol is left to skops, which then decides whether
to trust it. So nothing can be read here that skops would refuse there.
"""

import io
import json
import zipfile
from importlib import import_module

import numpy as np

from sklearn_ecg.utils._discovery import is_estimator_name

_PROTOCOL = 2  # of skops; a later one may write the same names otherwise
_KEY_TYPES = {"str": str, "int": int, "float": float}


class _NotPlainError(Exception):
    """A part is left to skops."""


def read_plain(data):
    """Read a model that skops wrote, if it is plain.

    Parameters
    ----------
    data : bytes
        The archive, which `check_members` has checked.

    Returns
    -------
    object or None
        The model. None if it has a part that is not plain.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        schema = json.loads(archive.read("schema.json"))
        if schema["protocol"] != _PROTOCOL:
            return None
        try:
            return _Reader(archive).read(schema)
        except _NotPlainError:
            return None


class _Reader:
    """Turn the nodes of a schema into what they stand for.

    Parameters
    ----------
    archive : zipfile.ZipFile
        The archive, with the arrays and bytes that nodes refer to.
    """

    def __init__(self, archive):
        self.archive = archive
        self.known = {}  # by number: an object that occurs twice is one object

    def read(self, node):
        number = node.get("__id__")
        if number in self.known:
            return self.known[number]
        kind = node["__loader__"]
        name = f"{node['__module__']}.{node['__class__']}"
        if kind == "ObjectNode":
            value = self._read_estimator(name, node)
        elif (kind, name) in _KINDS:
            value = _KINDS[kind, name](self, node)
        else:
            raise _NotPlainError
        if number:
            self.known[number] = value
        return value

    def _read_estimator(self, name, node):
        if name != "sklearn.pipeline.Pipeline" and not is_estimator_name(name):
            raise _NotPlainError
        state = self.read(node["content"])
        kind = getattr(import_module(node["__module__"]), node["__class__"])
        estimator = kind.__new__(kind)
        estimator.__setstate__(state)
        return estimator

    def _read_json(self, node):
        return json.loads(node["content"])

    def _read_key_type(self, node):
        return _KEY_TYPES[node["__class__"]]

    def _read_list(self, node):
        return [self.read(part) for part in node["content"]]

    def _read_tuple(self, node):
        return tuple(self._read_list(node))

    def _read_dict(self, node):
        types, content = self.read(node["key_types"]), node["content"].items()
        return {
            kind(key): self.read(part) for kind, (key, part) in zip(types, content, strict=True)
        }

    def _read_bytes(self, node):
        return self.archive.read(node["file"])

    def _read_array(self, node):
        if node["type"] != "numpy":  # objects
            raise _NotPlainError
        with self.archive.open(node["file"]) as file:
            return np.lib.format.read_array(file, allow_pickle=False)

    def _read_random_state(self, node):
        random_state = np.random.RandomState()
        random_state.set_state(self.read(node["content"]))
        return random_state


_KINDS = {
    ("JsonNode", "builtins.str"): _Reader._read_json,
    **{("TypeNode", f"builtins.{name}"): _Reader._read_key_type for name in _KEY_TYPES},
    ("ListNode", "builtins.list"): _Reader._read_list,
    ("TupleNode", "builtins.tuple"): _Reader._read_tuple,
    ("DictNode", "builtins.dict"): _Reader._read_dict,
    ("BytesNode", "builtins.bytes"): _Reader._read_bytes,
    ("NdArrayNode", "numpy.ndarray"): _Reader._read_array,
    ("RandomStateNode", "numpy.random.mtrand.RandomState"): _Reader._read_random_state,
}
