"""Programs in `examples/` are written as a user would write them."""

import ast
import importlib
from pathlib import Path

import pytest
import sklearn

# Not the program that trains the detector: it makes what a private module runs.
EXAMPLES = [
    path
    for path in sorted((Path(__file__).parents[1] / "examples").rglob("*.py"))
    if path.name != "beat_detector.py"
]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_examples_import_public_names_alone(path):
    """What begins with an underscore may change without notice; a user cannot rely on it."""
    imported = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            imported += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            imported += [alias.name for alias in node.names]
    of_package = [name for name in imported if name.split(".")[0] == "sklearn_ecg"]
    assert not [name for name in of_package if "._" in name]


@pytest.mark.parametrize("program", ["mitdb_interpatient", "cinc2017"])
def test_models_of_benchmarks_have_parameters_that_exist(program, monkeypatch):
    """They run for hours elsewhere, where a wrong name would be found too late."""
    monkeypatch.syspath_prepend(Path(__file__).parents[1] / "examples" / "benchmarks")
    module = importlib.import_module(program)
    with sklearn.config_context(enable_metadata_routing=True):
        for name in {"lstm", "small_lstm", "article", "forest"} & set(dir(module)):
            getattr(module, name)(0).get_params()
