"""Programs in `examples/` are written as a user would write them."""

import ast
import importlib
import importlib.metadata
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sklearn
from scipy.io import savemat
from sklearn.utils import Bunch

from sklearn_ecg.datasets import make_ecg, write_record

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


@pytest.fixture
def benchmark(monkeypatch):
    """Import a program of `examples/benchmarks`."""
    monkeypatch.syspath_prepend(Path(__file__).parents[1] / "examples" / "benchmarks")
    return importlib.import_module


def run(program, monkeypatch, *arguments):
    """Run a program as from a command line."""
    monkeypatch.setattr(sys, "argv", [program.__name__, *map(str, arguments)])
    program.main()


@pytest.mark.parametrize("program", ["mitdb_interpatient", "cinc2017"])
def test_models_of_benchmarks_have_parameters_that_exist(program, benchmark):
    """They run for hours elsewhere, where a wrong name would be found too late."""
    module = benchmark(program)
    with sklearn.config_context(enable_metadata_routing=True):
        for name in {"lstm", "small_lstm", "article", "forest"} & set(dir(module)):
            getattr(module, name)(0).get_params()


def test_rhythms_of_days_make_rows_to_learn_from(monkeypatch, benchmark):
    """Of beats that are N or S, fibrillation among them, and of simulated ones."""
    program = benchmark("ltafdb_rhythm")
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


@pytest.mark.parametrize("n_without", [1800, 4000])
def test_days_may_begin_without_a_normal_beat(n_without, monkeypatch, benchmark):
    """As after an electrode was put on, or in a person with a pacemaker."""
    program = benchmark("ltafdb_rhythm")
    monkeypatch.setattr(program, "N_SIMULATED", 100)
    record = make_ecg(4000, fs=128, premature={"A": 0.05}, random_state=0)
    steps, symbols = record.annotations
    day = replace(
        record,
        signal=np.empty((record.n_timesteps, 0), dtype=np.float32),
        lead_names=(),
        annotations=(steps, np.where(steps < n_without * 128, "V", symbols)),
        rhythms=(np.array([0]), np.array(["N"])),
    )
    rows = program.draws_of_days([day], n_neighbours=8)[0]
    assert set(rows.target) == ({"N", "S"} if n_without < 4000 else set())
    assert len(rows.data) == len(rows.target) == len(rows.people)


def test_people_with_few_early_beats_leave_a_mean_over_people_undefined(benchmark):
    """The figures are the result of hours; a folder may hold such people alone."""
    figures = benchmark("ltafdb_rhythm").figures({"00": [90, 45, 10, 5]})
    assert figures["S F1"] == pytest.approx(2 * 45 / (90 + 45 + 10))
    assert np.isnan(figures["S F1, mean of people"])
    assert np.isnan(figures["S F1, lowest of people"])
    assert figures["people"] == 0


def test_beats_are_counted_in_whatever_a_folder_holds(monkeypatch, benchmark, tmp_path, capsys):
    """Here, in a record that is not of DS1, and in a day of three leads without MLII."""
    program = benchmark("beat_detection")
    beats = 0
    for folder, name, leads in (("mitdb", "100", 2), ("ltdb", "15814", 3)):
        record = make_ecg(
            60, fs=128, heart_rate=60, leads=("II", "V1", "V5")[:leads], random_state=0
        )
        (tmp_path / folder).mkdir()
        write_record(record, tmp_path / folder / f"{name}.hea")
        beats = len(record.beats[0])
    (tmp_path / "ludb").mkdir()
    results = tmp_path / "a new folder" / "counts.json"
    options = ["--data-home", tmp_path, "--detectors", "detect_beats", "--hours", 0.02]

    run(program, monkeypatch, *options)
    said = capsys.readouterr().out
    assert f"0 recordings of DS1 in {tmp_path / 'mitdb'}" in said
    assert f"1 recordings in {tmp_path / 'ltdb'}" in said
    assert f"0 recordings in {tmp_path / 'ludb'}" in said
    run(program, monkeypatch, *options, "--records", "100", "--json", results)
    counts = json.loads(results.read_text())["detect_beats"]
    for name in ("MIT-BIH, both leads", "Long-Term, all leads", "Long-Term, first lead"):
        assert (counts[name]["beats"], counts[name]["missed"]) == (beats, 0)
    assert counts["Long-Term, all leads"]["records"] == {"15814": [beats, 0, 0]}


def test_a_lead_without_annotated_beats_counts_nothing(benchmark):
    """Nobody has said where the part begins and ends in which beats count."""
    program = benchmark("beat_detection")
    none = np.empty(0, dtype=np.int64)
    recording = program.sets.Recording("1", np.zeros((5000, 1)), 500.0, [none])
    row = program.count(recording, none, np.array([500, 1000]))
    assert (row["beats"], row["missed"], row["extra"]) == (0, 0, 0)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("beat_detection", ["--data-home", "no/such/folder"], "no folder no/such/folder"),
        ("beat_detection", ["--data-home", ".", "--detectors", "ear"], "no detector ear, only"),
    ],
)
def test_programs_refuse_what_is_not_there(
    name, arguments, message, monkeypatch, benchmark, capsys
):
    """In place of results about nothing."""
    with pytest.raises(SystemExit):
        run(benchmark(name), monkeypatch, *arguments)
    assert message in capsys.readouterr().err


def test_a_fold_without_recordings_is_refused(monkeypatch, benchmark, tmp_path, capsys):
    """Before anything is trained."""
    program = benchmark("cinc2017")
    names = ["A00001", "A00002"]
    monkeypatch.setattr(program, "fetch_cinc2017", lambda *_, **__: Bunch(records=names))
    folds = tmp_path / "folds.csv"
    folds.write_text("record,fold\nA00001,0\nA00002,4\n")
    with pytest.raises(SystemExit):
        run(program, monkeypatch, "--data-home", ".", "--folds", folds, "--only-folds", 4, 5)
    assert "no recording is in fold 5, only in [0, 4]" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["data/data_00001.mat", "ref/R_00001.mat"])
def test_a_damaged_strip_is_named(name, benchmark, tmp_path):
    """SciPy says that it could not read bytes, and not of which of 2000 files."""
    for folder, file, values in (("data", "data_00001", "ecg"), ("ref", "R_00001", "R_peak")):
        (tmp_path / "cpsc2019" / folder).mkdir(parents=True)
        savemat(tmp_path / "cpsc2019" / folder / f"{file}.mat", {values: np.arange(5000)})
    strips = benchmark("_detection_sets").cpsc2019
    assert [strip.name for strip in strips(tmp_path)] == ["data_00001"]
    damaged = tmp_path / "cpsc2019" / name
    damaged.write_bytes(damaged.read_bytes()[:300])
    with pytest.raises(OSError, match=f"{name} is missing or damaged"):
        list(strips(tmp_path))


def test_what_is_not_installed_is_left_out_before_the_work_begins(benchmark, capsys):
    """It failed after the models that come before it, in hours."""
    left = benchmark("_measuring").without_uninstalled(
        ["lstm", "minirocket"], {"minirocket": "no_such_package"}, "model"
    )
    assert left == ["lstm"]
    assert "minirocket is left out: the package no_such_package" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="no detector is left to run"):
        benchmark("_measuring").without_uninstalled(
            ["xqrs"], {"xqrs": "no_such_package"}, "detector"
        )


def test_results_have_null_for_what_is_undefined(benchmark, tmp_path):
    """NaN is no JSON, and other languages refuse it."""
    results = {"f1": [np.float64("nan"), np.int64(3)], "Q": {"f1": float("nan")}}
    benchmark("_measuring").write_json(tmp_path / "new" / "file.json", results)
    text = (tmp_path / "new" / "file.json").read_text()
    assert "NaN" not in text
    assert json.loads(text) == {"f1": [None, 3], "Q": {"f1": None}}


def test_beats_that_were_detected_are_paired_with_those_annotated(benchmark):
    """By the model that is for their record, with times in seconds."""
    program = benchmark("mitdb_interpatient")
    record = make_ecg(60, fs=360, heart_rate=60, leads=("II", "V1"), random_state=0)
    record = replace(record, lead_names=("MLII", "V1"), source="100")

    class Always:
        def predict(self, rows):
            return np.full(len(rows), "V")

    labels = program.label_detected({"100": Always()}, [record], causal=False)
    steps, classes = record.beats
    assert labels["y_true"].tolist() == classes.tolist()
    assert set(labels["y_pred"]) == {"V"}
    assert set(labels["records"]) == {"100"}
    assert labels["time_s"] == pytest.approx(steps / 360)
