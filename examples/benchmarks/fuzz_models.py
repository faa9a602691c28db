"""
Fuzz the reader of models
=========================

Feeds `persistence.load` damaged and forged files. A forged file has the digest that belongs to it,
as an attacker would write it. A finding is any exception but `ModelFileError`, a file that takes
over 5 s of the processor, a folder that a planted function has made, or memory that grows by over
300 MB. The input that led there is kept.

    python examples/benchmarks/fuzz_models.py --inputs 100000
"""

import argparse
import copy
import hashlib
import io
import json
import os
import pickle
import tempfile
import time
import warnings
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
from _measuring import peak_memory_gb
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from sklearn_ecg.compose import SegmentedClassifier
from sklearn_ecg.datasets import make_ecg_classification
from sklearn_ecg.neural_network import LSTMClassifier
from sklearn_ecg.persistence import ModelFileError, load, save, to_onnx
from sklearn_ecg.preprocessing import MaxNormalizer, Reshaper, Segmenter

MAX_SECONDS, MAX_GIGABYTES = 5, 0.3
PWNED = "pwned"


class Payload:
    def __reduce__(self):
        return os.mkdir, (PWNED,)


# %%
# Files to start from: a network, an estimator of scikit-learn within one of ours, an ONNX model.
def write_seeds(folder):
    X, y, _ = make_ecg_classification(20, duration_s=2, fs=50, random_state=0)
    network = LSTMClassifier(units=2, epochs=1, random_state=0)
    models = [
        make_pipeline(MaxNormalizer(), Reshaper(frame_length=25), network),
        SegmentedClassifier(Segmenter(segment_length=50), LogisticRegression()),
    ]
    for model in models:
        model.fit(X, y)
    for i, model in enumerate([*models, to_onnx(models[0])]):
        save(model, folder / f"{i}.skecg")
        yield (folder / f"{i}.skecg").read_bytes()


def unpack(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {member.filename: archive.read(member) for member in archive.infolist()}


def pack(members):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return content.getvalue()


def with_model(outer, model):
    about = json.loads(outer["about.json"]) | {"sha256": hashlib.sha256(model).hexdigest()}
    return pack({"about.json": json.dumps(about), "model.skops": model})


# %%
# Four ways to damage a file.
def change_bytes(data, rng):
    data = bytearray(data)
    for _ in range(rng.integers(1, 5)):
        at, size = rng.integers(len(data)), rng.integers(1, 9)
        if rng.random() < 0.7:
            data[at] = rng.integers(256)
        elif rng.random() < 0.5:
            del data[at : at + size]
        else:
            data[at:at] = rng.bytes(size)
    return bytes(data)


def forge_bytes(data, rng):
    """Change the model, or one of its members, and give it its digest."""
    outer = unpack(data)
    model = outer["model.skops"]
    if rng.random() < 0.3:
        return with_model(outer, change_bytes(model, rng))
    members = unpack(model)
    name = list(members)[rng.integers(len(members))]
    planted = pickle.dumps(Payload()) if rng.random() < 0.05 else None
    members[name] = planted or change_bytes(members[name], rng)
    return with_model(outer, pack(members))


def forge_schema(data, rng):
    """Change the description of the objects, and give the model its digest."""
    outer = unpack(data)
    members = unpack(outer["model.skops"])
    schema = json.loads(members["schema.json"])
    for _ in range(rng.integers(1, 4)):
        parts = list(parts_of(schema))
        node, key = parts[rng.integers(len(parts))]
        other, other_key = parts[rng.integers(len(parts))]
        node[key] = another_value(node[key], other[other_key], list(members), rng)
    members["schema.json"] = json.dumps(schema).encode()
    return with_model(outer, pack(members))


def another_value(value, other, names, rng):
    words = ["os", "mkdir", "posix", "builtins", "eval", "__init__", ""]
    values = [
        copy.deepcopy(other),
        planted_node(rng),
        words[rng.integers(len(words))],
        names[rng.integers(len(names))],
        int(rng.integers(-2, 2**62)),
        [copy.deepcopy(value)] * int(rng.integers(5)),
        None,
    ]
    return values[rng.integers(len(values))]


def forge_description(data, rng):
    outer = unpack(data)
    about = json.loads(outer["about.json"])
    parts = list(parts_of(about))
    node, key = parts[rng.integers(len(parts))]
    values = [None, -1, 10**400, "", "0", [], {}, 1e308]
    node[key] = values[rng.integers(len(values))]
    return pack(outer | {"about.json": json.dumps(about)})


def parts_of(tree):
    """Yield all places in parsed JSON: what holds a value, and the key of the value."""
    stack = [tree]
    while stack:
        node = stack.pop()
        items = node.items() if isinstance(node, dict) else enumerate(node)
        for key, value in list(items):
            yield node, key
            if isinstance(value, dict | list):
                stack.append(value)


def planted_node(rng):
    """Write a call of `os.mkdir` as one of the kinds of objects that skops knows."""
    name = {"__loader__": "JsonNode", "__module__": "builtins", "__class__": "str"}
    name |= {"content": json.dumps(PWNED)}
    arguments = {"__loader__": "TupleNode", "__module__": "builtins", "__class__": "tuple"}
    arguments |= {"content": [name]}
    kinds = ["Function", "Type", "Object", "Partial", "Method", "OperatorFunc", "Reduce", "List"]
    kinds += ["ConstructorFromReduce", "Dict", "DefaultDict", "Tree", "Loss", "DType", "Set"]
    node = {
        "__loader__": f"{kinds[rng.integers(len(kinds))]}Node",
        "__module__": "os",
        "__class__": "mkdir",
    }
    content = arguments if rng.random() < 0.5 else [name]
    node |= {"content": content, "attrs": arguments, "key_types": arguments, "type": "json"}
    return node | {"__reduce__": {"args": arguments}, "shape": arguments}


WAYS = [change_bytes, forge_bytes, forge_schema, forge_schema, forge_description]


# %%
# Each input has its own seed, so that pieces of a long run can follow each other.
def fuzz(first, n_inputs, findings):
    warnings.simplefilter("ignore")
    counts = Counter()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        seeds = list(write_seeds(folder))
        os.chdir(folder)
        before = peak_memory_gb()
        for number in range(first, first + n_inputs):
            rng = np.random.default_rng(number)
            way = WAYS[rng.integers(len(WAYS))]
            data = way(seeds[rng.integers(len(seeds))], rng)
            Path("x").write_bytes(data)
            started = time.process_time()
            try:
                load("x")
                outcome = "loaded"
            except ModelFileError:
                outcome = "refused"
            except Exception as error:  # what is looked for
                outcome = f"FINDING: {type(error).__name__}: {error}"
            if time.process_time() - started > MAX_SECONDS:
                outcome = f"FINDING: over {MAX_SECONDS} s"
            if Path(PWNED).exists():
                outcome = "FINDING: code ran"
                os.rmdir(PWNED)
            if outcome.startswith("FINDING"):
                (findings / f"{number}.skecg").write_bytes(data)
                print(number, way.__name__, outcome, flush=True)
                outcome = "FINDING"
            counts[way.__name__, outcome] += 1
            if number % 1000 == 999:
                print(number + 1, "inputs", flush=True)
    for (way, outcome), count in sorted(counts.items()):
        print(f"{way:18} {outcome:8} {count:7}")
    grown = peak_memory_gb() - before
    print(
        f"memory {before:.2f} GB, grown by {grown:.2f}{' FINDING' if grown > MAX_GIGABYTES else ''}"
    )


def main():
    parser = argparse.ArgumentParser(description="Fuzz the reader of models.")
    parser.add_argument("--inputs", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    parser.add_argument("--findings", type=Path, default=Path("fuzz-findings"))
    arguments = parser.parse_args()
    arguments.findings.mkdir(exist_ok=True)
    fuzz(arguments.first, arguments.inputs, arguments.findings.resolve())


if __name__ == "__main__":
    main()
