"""Programs in `examples/` are written as a user would write them."""

import ast
import importlib
import importlib.metadata
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sklearn

from sklearn_ecg.datasets import make_ecg

# Two train what a private module runs, the other parses HDF5 in another process than it does.
OF_DEVELOPERS = ("beat_detector.py", "_detector_disturbances.py", "fuzz_readers.py")
EXAMPLES = [
    path
    for path in sorted((Path(__file__).parents[1] / "examples").rglob("*.py"))
    if path.name not in OF_DEVELOPERS
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


def test_no_benchmark_hides_a_package():
    """Their folder is searched first: Numba looks for the package `coverage`, and ran a program."""
    programs = {path.stem for path in EXAMPLES if path.parent.name == "benchmarks"}
    packages = {"coverage", *importlib.metadata.packages_distributions()}
    assert not programs & (packages | sys.stdlib_module_names)


@pytest.mark.parametrize("program", ["mitdb_interpatient", "cinc2017"])
def test_models_of_benchmarks_have_parameters_that_exist(program, monkeypatch):
    """They run for hours elsewhere, where a wrong name would be found too late."""
    monkeypatch.syspath_prepend(Path(__file__).parents[1] / "examples" / "benchmarks")
    module = importlib.import_module(program)
    with sklearn.config_context(enable_metadata_routing=True):
        for name in {"lstm", "small_lstm", "article", "forest"} & set(dir(module)):
            getattr(module, name)(0).get_params()


def test_rhythms_of_days_make_rows_to_learn_from(monkeypatch):
    """Of beats that are N or S, fibrillation among them, and of simulated ones."""
    monkeypatch.syspath_prepend(Path(__file__).parents[1] / "examples" / "benchmarks")
    program = importlib.import_module("ltafdb_rhythm")
    monkeypatch.setattr(program, "N_SIMULATED", 100)
    record = make_ecg(4000, fs=128, premature={"A": 0.05, "V": 0.05}, random_state=0)
    day = replace(
        record,
        signal=np.empty((record.n_timesteps, 0), dtype=np.float32),
        lead_names=(),
        rhythms=(np.array([0, 384_000]), np.array(["N", "AFIB"])),
    )
    assert len(program.half_hours(day)) == 3
    rows = program.rows_of_day(day, n_neighbours=8)
    assert len(rows.data) == len(rows.rhythm) == len(record.beats[0])
    assert (rows.rhythm == "AFIB").mean() == pytest.approx(0.25, abs=0.02)
    draws = program.draws_of_days([day], n_neighbours=8)
    for draw in draws:
        assert draw.data.shape[1:] == (17, 8)
        assert set(draw.target) == {"N", "S"}
    assert len(draws) == program.N_DRAWS
    assert not np.array_equal(draws[0].data, draws[1].data)
