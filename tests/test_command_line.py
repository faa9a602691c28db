"""The command line: a line for each file, and an exit status."""

import csv
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.io
from joblib.externals.loky.process_executor import TerminatedWorkerError
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import FixedThresholdClassifier, GridSearchCV
from sklearn.multioutput import MultiOutputClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline, make_pipeline

from sklearn_ecg._command_line import main
from sklearn_ecg.compose import BatchedClassifier, BeatClassifier, SegmentedClassifier
from sklearn_ecg.datasets import ECGRecord, RecordReader, make_ecg, read_record, write_record
from sklearn_ecg.neural_network import LSTMClassifier
from sklearn_ecg.persistence import describe_model, save
from sklearn_ecg.plotting import report
from sklearn_ecg.preprocessing import Reshaper, Segmenter
from sklearn_ecg.utils._jobs import run_jobs
from sklearn_ecg.utils._records import record_names


@pytest.fixture(scope="module")
def records():
    return [make_ecg(20, fs=250, premature={"V": 0.2}, random_state=i) for i in range(3)]


@pytest.fixture(scope="module")
def files(records, tmp_path_factory):
    """Three recordings in files, and what is none."""
    folder = tmp_path_factory.mktemp("files")
    paths = []
    for i, record in enumerate(records):
        paths.append(str(folder / f"r{i}.csv"))
        time = np.arange(len(record.signal)) / record.fs
        table = np.column_stack([time, record.leads(["II"])])
        np.savetxt(paths[-1], table, "%.4f", ",", header="time (s),II (mV)", comments="")
    (folder / "broken.edf").write_bytes(b"0       " + bytes(400))
    return paths, str(folder / "broken.edf")


@pytest.fixture(scope="module")
def beat_model(records, tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "beats.skecg"
    table = SegmentedClassifier(None, GaussianNB())  # takes arrays of three axes
    save(BeatClassifier(table, leads=[("MLII", "II")]).fit(records), path)
    return str(path)


def test_info_prints_a_line_for_each_file(files, capsys):
    """Bad ones are named on the other stream, and the rest goes on."""
    paths, broken = files
    assert main(["info", paths[0], broken, paths[1]]) == 1
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert len(lines) == 3
    assert lines[1].split("\t")[:4] == [paths[0], "20.000", "250", "II"]
    assert "broken.edf" in err
    assert main(["info", paths[0]]) == 0


def test_a_record_of_several_files_has_one_line(records, tmp_path, capsys):
    """As `folder/*` names them; a table of the same name is a recording of its own."""
    path = write_record(records[0], tmp_path / "r0.hea")
    write_record(records[1], tmp_path / "r0.csv")
    (tmp_path / "r1.dat").write_bytes(b"x")  # without a header
    assert main(["info", *map(str, sorted(tmp_path.iterdir()))]) == 1
    out, err = capsys.readouterr()
    names = [line.partition("\t")[0] for line in out.splitlines()[1:]]
    assert names == [str(tmp_path / "r0.csv"), str(path)]
    assert "r1.dat" in err
    assert main(["info", str(path.with_suffix(".dat"))]) == 0  # which reads the record


def test_a_file_beside_a_header_that_may_not_be_read_stops_no_other(
    records, tmp_path, monkeypatch, capsys
):
    """As `folder/*` names it: it has an error of its own, as it may be another recording."""
    path = write_record(records[0], tmp_path / "r0.hea")
    (tmp_path / "r0.qrs").write_bytes(b"x")
    opened = Path.open

    def refuse(file, *arguments, **named):
        if file.suffix == ".qrs":
            raise PermissionError(13, "Permission denied", str(file))
        return opened(file, *arguments, **named)

    monkeypatch.setattr(Path, "open", refuse)  # because root may read any file
    assert main(["info", *map(str, sorted(tmp_path.iterdir()))]) == 1
    out, err = capsys.readouterr()
    assert [line.partition("\t")[0] for line in out.splitlines()[1:]] == [str(path)]
    assert "Permission denied" in err


def test_what_is_no_recording_is_told_and_others_are_read(files, tmp_path, monkeypatch, capsys):
    """A folder without a name, and a header that names itself, are no parts of others."""
    monkeypatch.chdir(tmp_path)
    Path("r.hea").write_text("r/1 1 250 10\nr 10\n")
    path = str(files[0][0])
    assert main(["info", ".", "r.hea", path]) == 1
    out, err = capsys.readouterr()
    assert [line.partition("\t")[0] for line in out.splitlines()[1:]] == [path]
    assert "error: . is a folder" in err
    assert "error: r.hea has a segment that is divided into segments" in err


def test_info_goes_on_after_unknown_marks(records, tmp_path, capsys):
    """A program may define a symbol of its own, of which nobody knows whether it is of a beat."""
    marks = np.array([100]), np.array(["k"])
    paths = [
        str(write_record(replace(records[i], annotations=marks), tmp_path / f"r{i}"))
        for i in range(2)
    ]
    assert main(["info", *paths]) == 1
    out, err = capsys.readouterr()
    assert out.count("\n") == 1
    assert [line.split(":")[1].strip() for line in err.splitlines()] == paths
    assert err.count("symbols that WFDB does not have: 'k'") == 2


def test_info_prints_a_line_for_each_rate(tmp_path, capsys):
    """A polysomnogram has signals at several rates."""
    edfio = pytest.importorskip("edfio")
    signals = [
        edfio.EdfSignal(np.sin(np.arange(10.0 * fs)), fs, label=label, physical_dimension="mV")
        for label, fs in (("ECG II", 250), ("EEG", 100), ("ECG V1", 250))
    ]
    edfio.Edf(signals).write(tmp_path / "sleep.edf")
    assert main(["info", str(tmp_path / "sleep.edf")]) == 0
    cells = [line.split("\t")[1:4] for line in capsys.readouterr().out.splitlines()[1:]]
    assert cells == [["10.000", "250", "II,V1"], ["10.000", "100", "EEG"]]


def test_classify_writes_beats_that_read_back(files, beat_model, tmp_path, capsys):
    """As a table and as annotations, with a summary for each file."""
    paths, broken = files
    output = tmp_path / "out"
    assert main(["classify", beat_model, *paths, broken, "--output", str(output)]) == 1
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 4
    assert "N:" in out
    assert "broken.edf" in err
    results = [f"r{i}.{s}" for i in range(3) for s in ("atr", "csv")]
    assert sorted(os.listdir(output)) == ["files.csv", *results]
    table = (output / "r0.csv").read_text().splitlines()
    assert table[0] == "time_step,time_s,class"
    step, time_s, _ = table[1].split(",")
    assert float(time_s) == pytest.approx(int(step) / 250, abs=1e-4)


@pytest.mark.parametrize("beats", ["detected", "annotations"])
def test_classify_writes_what_annotate_returns(records, beats, tmp_path, capsys):
    """The rhythms that an expert marked beside the recording are no results of the model."""
    rhythms = (np.array([0, 2000]), np.array(["N", "AFIB"]))
    path = write_record(replace(records[0], rhythms=rhythms), tmp_path / "r")
    model = BeatClassifier(SegmentedClassifier(None, GaussianNB()), leads=["II"], beats=beats)
    save(model.fit(records), tmp_path / "model.skecg")
    output = tmp_path / "out"
    assert (
        main(["classify", str(tmp_path / "model.skecg"), str(path), "--output", str(output)]) == 0
    )
    (output / "r.atr").rename(tmp_path / "r.found")  # beside the header
    written = read_record(path, leads=[], annotator="found")
    expected = model.annotate(path)
    for name in ("beats", "rhythms"):
        for part, wanted in zip(getattr(written, name), getattr(expected, name), strict=True):
            np.testing.assert_array_equal(part, wanted)
    assert bool(len(written.rhythms[0])) is (beats == "annotations")


@pytest.mark.parametrize("suffix", [".csv", ".hea"])
def test_a_file_that_has_changed_is_classified_again(suffix, records, beat_model, tmp_path, capsys):
    """Also if only the signal of a record has; as a device may write again and again."""
    path = write_record(records[0], tmp_path / f"latest{suffix}")
    command = ["classify", beat_model, str(path), "--output", str(tmp_path / "out")]
    assert main(command) == 0
    assert main(command) == 0
    assert "done before" in capsys.readouterr().out
    write_record(make_ecg(40, fs=250, random_state=9), path, overwrite=True)
    changed = path.with_suffix(".dat") if suffix == ".hea" else path
    os.utime(changed, ns=(2 * time.time_ns(),) * 2)  # of clocks that are not fine
    assert main(command) == 0
    assert "done before" not in capsys.readouterr().out
    table = (tmp_path / "out" / "latest.csv").read_text().splitlines()
    assert float(table[-1].split(",")[1]) > 30


def test_a_file_that_took_the_place_of_another_is_classified(beat_model, tmp_path, capsys):
    """However old it is: its result would be that of another patient."""
    old, path = tmp_path / "old.csv", tmp_path / "1.csv"
    write_record(make_ecg(40, fs=250, random_state=9), old)
    os.utime(old, (0, 0))
    write_record(make_ecg(20, fs=250, random_state=0), path)
    command = ["classify", beat_model, str(path), "--output", str(tmp_path / "out")]
    assert main(command) == 0
    old.replace(path)
    capsys.readouterr()
    assert main(command) == 0
    assert "done before" not in capsys.readouterr().out
    path.write_text("")
    assert main(command) == 1
    assert os.listdir(tmp_path / "out") == ["files.csv"]  # and nothing of the other file
    path.unlink()
    assert main(command) == 1


def test_result_of_a_recording_that_is_gone_stays(beat_model, tmp_path, capsys):
    """Also where its signal and annotations are left."""
    path = tmp_path / "1.hea"
    write_record(make_ecg(20, fs=250, random_state=0), path)
    command = ["classify", beat_model, str(path), "--output", str(tmp_path / "out")]
    assert main(command) == 0
    path.unlink()
    assert main(command) == 0
    assert "done before" in capsys.readouterr().out


def test_a_signal_of_matlab_that_has_changed_is_classified_again(beat_model, tmp_path, capsys):
    """Of a record that is named by its header, as those of the CinC Challenges are."""
    path = tmp_path / "1.hea"
    path.write_text("1 1 250 5000\n1.mat 16+24 200/mV 16 0 0 0 0 II\n")
    said = []
    for seed in (0, 0, 1):
        if len(said) != 1:
            counts = 200 * make_ecg(20, fs=250, leads=["II"], random_state=seed).signal.T
            scipy.io.savemat(tmp_path / "1.mat", {"val": counts.astype(np.int16)}, format="4")
            os.utime(tmp_path / "1.mat", (seed, seed))  # of clocks that are not fine
        assert main(["classify", beat_model, str(path), "--output", str(tmp_path / "out")]) == 0
        said.append("done before" in capsys.readouterr().out)
    assert said == [False, True, False]


def test_a_signal_of_another_name_that_has_changed_is_classified_again(
    beat_model, tmp_path, capsys
):
    """A header may name any files, also by way of the headers of segments."""
    (tmp_path / "s.hea").write_text("s 1 250 5000\nsignal.dat 16 200/mV 16 0 0 0 0 II\n")
    (tmp_path / "r.hea").write_text("r/1 1 250 5000\ns 5000\n")
    for recording in ("s.hea", "r.hea"):
        command = ["classify", beat_model, str(tmp_path / recording), "--output", str(tmp_path)]
        said = []
        for rate in (60, 60, 120):
            if len(said) != 1:
                record = make_ecg(20, fs=250, leads=["II"], heart_rate=rate, random_state=0)
                (tmp_path / "signal.dat").write_bytes((200 * record.signal).astype("<i2").tobytes())
                os.utime(tmp_path / "signal.dat", (rate, rate))
            assert main(command) == 0
            said.append(capsys.readouterr().out.splitlines()[1].split("\t")[1])
        assert said[1] == "done before"
        assert int(said[2].removeprefix("N:")) > 1.8 * int(said[0].removeprefix("N:"))


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_header_that_is_a_link_is_a_recording_of_its_own(beat_model, tmp_path, capsys):
    """As programs leave it that put one link for each file of equal content: signals differ."""
    paths = []
    for name, rate in (("a", 60), ("b", 120)):
        (tmp_path / name).mkdir()
        record = make_ecg(20, fs=250, leads=["II"], heart_rate=rate, random_state=0)
        paths.append(str(write_record(record, tmp_path / name / "ecg.hea")))
    Path(paths[1]).unlink()
    Path(paths[1]).symlink_to(paths[0])
    assert main(["classify", beat_model, *paths, "--output", str(tmp_path / "out")]) == 0
    n_beats = [int(line.rpartition(":")[2]) for line in capsys.readouterr().out.splitlines()[1:]]
    assert n_beats[1] > 1.8 * n_beats[0]
    assert len(list((tmp_path / "out").glob("*.atr"))) == 2


def test_results_of_another_model_leave_nothing_behind(files, beat_model, tmp_path):
    """Beats of the one would pass for beats of the other, which finds none."""
    paths, _ = files
    output = ["--output", str(tmp_path)]
    assert main(["classify", beat_model, paths[0], *output]) == 0
    assert (tmp_path / "r0.atr").exists()
    assert main(["classify", "rhythm-30s", paths[0], *output, "--overwrite"]) == 0
    assert sorted(os.listdir(tmp_path)) == ["files.csv", "r0.csv"]


def test_classify_goes_on_where_it_stopped(files, beat_model, tmp_path, capsys):
    """What is done is done, unless the user says otherwise."""
    paths, _ = files
    command = ["classify", beat_model, *paths, "--output", str(tmp_path)]
    assert main(command[:-3] + command[-2:]) == 0
    capsys.readouterr()
    assert main(command) == 0
    assert capsys.readouterr().out.count("done before") == 2
    assert main([*command, "--overwrite", "--jobs", "2"]) == 0
    assert "done before" not in capsys.readouterr().out


def test_results_of_another_model_are_not_passed_off(files, beat_model, tmp_path, capsys):
    """They are refused, or replaced; those of other files stay what they are."""
    paths, _ = files
    output = ["--output", str(tmp_path)]
    assert main(["classify", beat_model, *paths, *output]) == 0
    assert main(["classify", "beats-10s", *paths[:2], *output]) == 2
    message = capsys.readouterr().err
    assert "r0.csv was made by another model than beats-10s: choose another --output" in message
    assert main(["classify", "beats-10s", *paths[:2], *output, "--overwrite"]) == 0
    capsys.readouterr()
    assert main(["classify", "beats-10s", *paths[:2], *output]) == 0
    assert capsys.readouterr().out.count("done before") == 2
    assert main(["classify", "beats-10s", paths[2], *output]) == 2
    assert main(["classify", beat_model, paths[2], *output]) == 0
    assert "done before" in capsys.readouterr().out


def test_models_at_once_do_not_share_a_folder(files, beat_model, tmp_path, monkeypatch, capsys):
    """Or the later one passes tables of the other off as its own."""
    command = ["classify", beat_model, files[0][0], "--output", str(tmp_path)]
    statuses = []

    def classify_otherwise_meanwhile(jobs, n_jobs):
        monkeypatch.undo()
        statuses.append(main(["classify", "rhythm-30s", *command[2:]]))
        return run_jobs(jobs, n_jobs)

    monkeypatch.setattr("sklearn_ecg._command_line.run_jobs", classify_otherwise_meanwhile)
    assert main(command) == 0
    assert statuses == [2]
    message = capsys.readouterr().err
    assert "r0.csv is to be made by another model than rhythm-30s, which may be at work" in message
    assert (tmp_path / "r0.csv").read_text().startswith("time_step")


def test_results_with_other_facts_are_not_passed_off(beat_model, tmp_path, capsys):
    """Who corrects a rate gets other beats; who adds one for the files that lack it goes on."""
    lacking, saying = tmp_path / "lacking.csv", tmp_path / "saying.csv"
    record = make_ecg(10, fs=250, leads=["II"], random_state=0)
    np.savetxt(lacking, record.signal, header="II (mV)", comments="")
    write_record(record, saying)
    command = ["classify", beat_model, str(lacking), str(saying), "--output", str(tmp_path / "o")]
    assert main(command) == 1
    assert main([*command, "--file-fs", "125"]) == 0
    assert "saying.csv\tdone before" in capsys.readouterr().out
    assert main([*command, "--file-fs", "250"]) == 2
    assert "lacking.csv was made with --file-fs 125.0: choose" in capsys.readouterr().err
    assert main([*command, "--file-fs", "250", "--overwrite"]) == 0
    capsys.readouterr()
    assert main([*command, "--file-fs", "250"]) == 0
    assert capsys.readouterr().out.count("done before") == 2
    index = (tmp_path / "o" / "files.csv").read_text()
    assert index.count("--file-fs 250.0") == 2


def test_table_of_another_program_is_left_alone(files, beat_model, tmp_path, capsys):
    """A `files.csv` of one's own is neither read as ours nor written over.

    Nor is one that names results in another folder.
    """
    contents = ("path,size\na.csv,3\n", "file,name,model,state\na.csv,a\n", "", '"' + 200_000 * "a")
    outside = f"file,name,model,state\n{Path(files[0][0]).resolve()},../a,,\n"
    for content in (*contents, outside):
        (tmp_path / "files.csv").write_text(content)
        for command in ("classify", "report"):
            assert main([command, beat_model, files[0][0], "--output", str(tmp_path)]) == 2
            assert "files.csv does not list results" in capsys.readouterr().err
        assert (tmp_path / "files.csv").read_text() == content


@pytest.mark.parametrize("names", [["0", "1"], ["AFIB", "NORM"]])
@pytest.mark.parametrize(
    ("bias", "expected", "verdict"),
    [(5, "{} (0.99)", "{}"), (-5, "no label", "none of the classes")],
)
def test_labels_of_which_several_may_be_true_have_names_or_numbers(
    bias, expected, verdict, names, files, tmp_path, capsys
):
    """The result names those that are probable, and the table all."""
    paths, _ = files
    reader = RecordReader(["II"], fs=50, duration_s=20)
    network = LSTMClassifier(units=2, epochs=1, random_state=0)
    pipeline = make_pipeline(reader, Reshaper(frame_length=20), network)
    labels = np.array([[1, 0], [0, 1], [1, 1]])
    pipeline.fit(paths, pd.DataFrame(labels, columns=names) if names[0] == "AFIB" else labels)
    dense = network.network_.keras_model.layers[-1]
    dense.set_weights([np.zeros_like(dense.kernel), np.array([-5.0, bias])])
    save(pipeline, tmp_path / "model.skecg")
    output = str(tmp_path / "out")
    assert main(["classify", str(tmp_path / "model.skecg"), paths[0], "--output", output]) == 0
    assert capsys.readouterr().out.splitlines()[1] == f"{paths[0]}\t{expected.format(names[1])}"
    lines = (tmp_path / "out" / "r0.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in lines] == ["class", *names]
    page = report(paths[0], pipeline, tmp_path / "r.html").read_text(encoding="utf-8")
    assert re.search('class="verdict">([^<]*)<', page)[1] == verdict.format(names[1])
    assert "[0 1]" not in page


def test_recordings_are_classified_by_a_pipeline(files, tmp_path, monkeypatch, capsys):
    """One label for each file, with its probability; the steps before the last are run once."""
    paths, _ = files
    prepared = []
    transform = Reshaper.transform
    monkeypatch.setattr(
        Reshaper, "transform", lambda self, X: prepared.append(len(X)) or transform(self, X)
    )
    pipeline = make_pipeline(
        RecordReader(["II"], fs=50, duration_s=20),
        Reshaper(frame_length=20),
        SegmentedClassifier(None, LogisticRegression()),
    ).fit(paths, ["a", "b", "a"])
    save(pipeline, tmp_path / "model.skecg")
    output = str(tmp_path / "out")
    assert main(["classify", str(tmp_path / "model.skecg"), *paths, "--output", output]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 4
    assert prepared == [1, 1, 1]
    assert (tmp_path / "out" / "r0.csv").read_text().startswith("class,probability\na,")


def classifier_of_recordings():
    """Make a pipeline that takes files of 20 s."""
    reader = RecordReader(["II"], fs=50, duration_s=20)
    return make_pipeline(reader, SegmentedClassifier(None, LogisticRegression()))


def test_guide_joins_the_answers_of_all_files(files, tmp_path, monkeypatch):
    """Whatever pandas takes their names, or those of their classes, for; in any encoding."""
    paths = [*files[0], files[0][0]]
    names = ["007.csv", "NA.csv", "1e5.csv", "1.csv"]
    if sys.platform == "linux":  # other systems take no such name
        names[3] = os.fsdecode(b"\xe9.csv")
    model = classifier_of_recordings().fit(paths, ["01", "NA", "01", "01"])
    save(model, tmp_path / "model.skecg")
    monkeypatch.chdir(tmp_path)
    for path, name in zip(paths, names, strict=True):
        Path(name).write_bytes(Path(path).read_bytes())
    assert main(["classify", "model.skecg", *names, "--output", "answers"]) == 0
    guide = Path(__file__).parents[1] / "docs" / "user_guide" / "recordings.rst"
    code = guide.read_text(encoding="utf-8").partition("table of all answers in a folder:")[2]
    code = "".join(code.partition(".. _saving")[0].partition("   from")[1:])
    exec(textwrap.dedent(code), {})
    header, *lines = os.fsdecode(Path("answers.csv").read_bytes()).splitlines()
    assert header == "file,01,NA"
    assert [Path(line.split(",")[0]).name for line in lines] == names
    probabilities = [list(map(float, line.split(",")[1:])) for line in lines]
    np.testing.assert_allclose(probabilities, model.predict_proba(paths), atol=1e-6)


def test_file_that_the_model_refuses_is_named(files, tmp_path, monkeypatch, capsys):
    """Though the steps after the reader know no files."""
    paths, _ = files
    model = classifier_of_recordings().fit(paths, ["a", "b", "a"])
    save(model, tmp_path / "model.skecg")
    record = read_record(paths[0])
    signal = record.signal.copy()
    signal[1000:1100] = np.nan
    path = write_record(replace(record, signal=signal), tmp_path / "gap.hea")
    for command in ("classify", "report"):
        output = ["--output", str(tmp_path / "out")]
        assert main([command, str(tmp_path / "model.skecg"), paths[1], str(path), *output]) == 1
        error = capsys.readouterr().err
        assert error.startswith(f"error: {path}: Input X contains NaN")
    monkeypatch.chdir(path.parent)
    write_record(replace(record, signal=signal), "X.hea")  # a name that is in the message, too
    assert main(["classify", "model.skecg", "X"]) == 1
    assert capsys.readouterr().err.startswith("error: X: Input X contains NaN")


def test_answer_about_a_part_of_a_recording_says_so(tmp_path, capsys):
    """A day is no ten seconds; a few time steps more are no part worth a word."""
    records = [make_ecg(10.04, fs=100, leads=["II"], random_state=i) for i in range(2)]
    model = make_pipeline(
        RecordReader(["II"], fs=50, duration_s=10), SegmentedClassifier(None, LogisticRegression())
    ).fit(records, ["a", "b"])
    save(model, tmp_path / "model.skecg")
    long, short = make_ecg(60, fs=100, leads=["II"], random_state=0), records[0]
    paths = [str(write_record(r, tmp_path / f"r{r.n_timesteps}.hea")) for r in (short, long)]
    with pytest.warns(UserWarning, match=r"takes the first 10 s of .*r6000\.hea, and no more") as w:
        assert main(["classify", str(tmp_path / "model.skecg"), *paths]) == 0
    assert len(w) == 1
    assert main(["report", str(tmp_path / "model.skecg"), *paths, "--output", str(tmp_path)]) == 0
    about = [(tmp_path / name).read_text(encoding="utf-8") for name in ("r1004.html", "r6000.html")]
    assert ["about the first 10 s" in page for page in about] == [False, True]
    nothing = np.concatenate([np.zeros((1000, 1)), long.signal])  # where the model looks
    path = write_record(replace(long, signal=nothing), tmp_path / "late.hea")
    capsys.readouterr()
    assert main(["classify", str(tmp_path / "model.skecg"), str(path)]) == 1
    assert "has no signal" in capsys.readouterr().err


def test_beats_in_noise_are_no_answer_without_a_word(beat_model, tmp_path, capsys):
    """Of beats too, how much of the recording cannot be read; nothing where all of it can."""
    record = make_ecg(60, fs=250, leads=["II", "V1"], random_state=5)
    signal = record.signal.copy()
    signal[5000:10000, 0] = np.random.default_rng(0).normal(size=5000)  # V1 is fine, and not read
    noisy = str(write_record(replace(record, signal=signal), tmp_path / "noisy.hea"))
    clean = str(write_record(record, tmp_path / "clean.hea"))
    with pytest.warns(UserWarning, match=r"20 s of 60 s of .*noisy\.hea are unusable") as warned:
        assert main(["classify", beat_model, noisy, clean]) == 0
    assert len(warned) == 1


def test_answer_follows_the_threshold_of_the_model(tmp_path, capsys):
    """And is not always the most probable class."""
    records = [make_ecg(4, fs=100, leads=["II"], random_state=i) for i in range(2)]
    paths = [write_record(record, tmp_path / f"r{i}.hea") for i, record in enumerate(records)]
    pipeline = make_pipeline(
        RecordReader(["II"], fs=50, duration_s=4),
        Reshaper(frame_length=20),
        SegmentedClassifier(None, LogisticRegression()),
    )
    for threshold, predicted in [(0.001, "b"), (0.999, "a")]:
        fixed = FixedThresholdClassifier(pipeline, threshold=threshold).fit(paths, ["a", "b"])
        save(fixed, tmp_path / "model.skecg")
        assert main(["classify", str(tmp_path / "model.skecg"), str(paths[0])]) == 0
        of_a, of_b = fixed.predict_proba(paths[:1])[0]
        assert of_a > of_b
        probability = of_a if predicted == "a" else of_b
        assert f"{predicted} ({probability:.2f})" in capsys.readouterr().out


@pytest.mark.parametrize(
    "around",
    [
        lambda pipeline: make_pipeline(pipeline[:2], pipeline[-1]),
        lambda pipeline: CalibratedClassifierCV(pipeline, cv=2),
        lambda pipeline: GridSearchCV(pipeline, {"reshaper__frame_length": [20]}, cv=2),
        lambda pipeline: VotingClassifier([("a", pipeline), ("b", pipeline)], voting="soft"),
        lambda pipeline: BatchedClassifier(
            pipeline[:2], LSTMClassifier(units=2, random_state=0), batch_rows=4
        ),
    ],
    ids=["nested", "calibrated", "searched", "voting", "batched"],
)
def test_reader_may_be_within_another_estimator(around, tmp_path, capsys):
    """Of which the model reads as it learnt to read, in other leads if the command says so."""
    paths = []
    for i in range(8):
        paths.append(tmp_path / f"r{i}.csv")
        write_record(make_ecg(4, fs=100, leads=["II"], random_state=i), paths[-1])
    model = around(
        make_pipeline(
            RecordReader(["II"], fs=50, duration_s=4),
            Reshaper(frame_length=10),
            SegmentedClassifier(None, LogisticRegression()),
        )
    ).fit(paths, ["a", "b"] * 4)
    save(model, tmp_path / "model.skecg")
    assert describe_model(tmp_path / "model.skecg")["input"]["leads"] == ["II"]
    command = [str(tmp_path / "model.skecg"), str(paths[0])]
    assert main(["classify", *command]) == 0
    probability = model.predict_proba(paths[:1]).max()
    assert f"({probability:.2f})" in capsys.readouterr().out
    device = tmp_path / "device.csv"
    device.write_text(paths[0].read_text().replace("II", "ECG", 1))
    assert main(["classify", command[0], str(device), "--lead", "ECG"]) == 0
    assert f"({probability:.2f})" in capsys.readouterr().out
    assert main(["report", *command, "--output", str(tmp_path / "out")]) == 0
    page = (tmp_path / "out" / "r0.html").read_text(encoding="utf-8")
    assert "joins several pipelines" in page or isinstance(model, GridSearchCV | Pipeline)


def test_members_of_an_ensemble_may_take_different_leads(tmp_path, capsys):
    """The model takes the leads of all, and no other lead stands for two."""
    paths = []
    for i in range(8):
        paths.append(tmp_path / f"r{i}.csv")
        write_record(make_ecg(4, fs=100, leads=["I", "II", "V1"], random_state=i), paths[-1])
    members = [
        (
            lead,
            make_pipeline(
                RecordReader([lead], fs=fs, duration_s=4),
                Reshaper(frame_length=10),
                SegmentedClassifier(None, LogisticRegression()),
            ),
        )
        for lead, fs in (("II", 50), ("V1", 100))
    ]
    model = VotingClassifier(members, voting="soft").fit(paths, ["a", "b"] * 4)
    saved = str(tmp_path / "model.skecg")
    save(model, saved)
    assert describe_model(saved)["input"] == {"leads": ["II", "V1"], "unit": "mV"}
    assert main(["classify", saved, str(paths[0]), "--output", str(tmp_path / "out")]) == 0
    with open(tmp_path / "out" / "r0.csv", newline="") as file:
        found = {line["class"]: float(line["probability"]) for line in csv.DictReader(file)}
    expected = dict(zip("ab", model.predict_proba(paths[:1])[0], strict=True))
    assert found == pytest.approx(expected)
    assert main(["report", saved, str(paths[0]), "--output", str(tmp_path / "out")]) == 0
    assert main(["classify", saved, str(paths[0]), "--lead", "I"]) == 2
    assert "takes 2 leads: leave out --lead" in capsys.readouterr().err


def test_beats_of_a_search_are_written(files, records, tmp_path, capsys):
    """A search of a BeatClassifier answers by its best one."""
    table = SegmentedClassifier(None, GaussianNB())
    search = GridSearchCV(BeatClassifier(table, leads=["II"]), {"n_before": [1]}, cv=2)
    save(search.fit(records), tmp_path / "search.skecg")
    output = ["--output", str(tmp_path / "out")]
    assert main(["classify", str(tmp_path / "search.skecg"), files[0][0], *output]) == 0
    assert (tmp_path / "out" / "r0.atr").exists()


def test_report_writes_a_page_for_each_file(files, beat_model, tmp_path, capsys):
    """With the input of the model on it; bad files are named, and the rest goes on."""
    paths, broken = files
    output = tmp_path / "pages"
    assert main(["report", beat_model, *paths, broken, "--output", str(output)]) == 1
    out, err = capsys.readouterr()
    assert out.splitlines()[1] == f"{paths[0]}\t{output / 'r0.html'}"
    assert "broken.edf" in err
    assert sorted(page.name for page in output.glob("*.html")) == [f"r{i}.html" for i in range(3)]
    assert "MLII or II" in (output / "r0.html").read_text(encoding="utf-8")
    assert main(["report", broken, *paths]) == 2


def test_rhythms_of_a_long_recording_are_found_strip_by_strip(tmp_path, capsys):
    """The result is the share of each, with a table and a .atr of the episodes."""
    parts = [make_ecg(120, fs=250, rhythm=name, random_state=1) for name in ("sinus", "af")]
    signal = np.concatenate([part.leads(["II"]) for part in parts])
    day = write_record(ECGRecord(signal, 250.0, ("II",)), tmp_path / "day.hea")
    output = tmp_path / "out"
    command = ["classify", "rhythm-30s", str(day), "--output", str(output)]
    assert main(command) == 1
    assert "classify --by-strips" in capsys.readouterr().err
    assert main([*command, "--by-strips"]) == 0
    assert capsys.readouterr().out.splitlines()[1] == f"{day}\tAFIB (50.0 %), N (50.0 %)"
    with open(output / "day.csv", newline="") as table:
        rows = list(csv.reader(table))
    assert rows == [
        ["begin_s", "duration_s", "rhythm"],
        ["0.0", "120.0", "N"],
        ["120.0", "120.0", "AFIB"],
    ]
    assert (output / "day.atr").exists()
    page = tmp_path / "day.html"
    model = ["report", "beats", "--rhythms", "rhythm-30s", str(day), "--output", str(tmp_path)]
    assert main(model) == 0
    text = page.read_text(encoding="utf-8")
    assert "Rhythms found by a model" in text
    models = text.partition("<h2>The model</h2>")[2].partition("<h2>The model of rhythms</h2>")
    assert "Find the heartbeats" in models[0]
    assert "CinC" in models[2]
    assert "CinC" not in models[0]
    # Answers about the whole, and about strips, are never taken for each other.
    assert main(command) == 2
    assert "was made with --by-strips" in capsys.readouterr().err
    short = write_record(make_ecg(30, fs=250, leads=["II"], random_state=0), tmp_path / "s.hea")
    command[2] = str(short)
    assert main(command) == 0
    assert main([*command, "--by-strips"]) == 2
    assert "s.csv was made without --by-strips: choose" in capsys.readouterr().err


def test_strips_may_begin_without_a_signal(tmp_path, capsys):
    """Also where the model takes the beginning of a recording only; a day without any has none."""
    normal = make_ecg(10, fs=100, leads=["II"], random_state=1)
    records = [normal, replace(normal, signal=9 * normal.signal)]
    reader = RecordReader(["II"], fs=100, duration_s=10)
    network = SegmentedClassifier(None, GaussianNB())
    model = make_pipeline(reader, Reshaper(frame_length=10), network).fit(records, ["N", "A"])
    saved = str(tmp_path / "model.skecg")
    save(model, saved)
    signal = make_ecg(80, fs=100, leads=["II"], random_state=0).signal
    for name, signal[: 40 * 100] in (("late", np.nan), ("flat", 0)):
        path = write_record(ECGRecord(signal, 100.0, ("II",)), tmp_path / f"{name}.hea")
        assert main(["classify", saved, str(path), "--by-strips"]) == 0
        assert "N (50.0 %)" in capsys.readouterr().out
        assert main(["classify", saved, str(path)]) == 1
    signal[:] = 0
    path = write_record(ECGRecord(signal, 100.0, ("II",)), tmp_path / "none.hea")
    assert main(["classify", saved, str(path), "--by-strips"]) == 1
    assert "has no signal in the leads" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command", [["classify", "beats", "--by-strips"], ["report", "beats", "--rhythms", "beats"]]
)
def test_model_of_beats_finds_no_rhythms(command, files, capsys):
    assert main([*command, files[0][0]]) == 2
    assert "beats classifies beats" in capsys.readouterr().err


def test_report_goes_beside_its_recording(records, beat_model, tmp_path, capsys):
    """Under the name of the recording, which is a table of that name itself."""
    table = np.column_stack([np.arange(5000) / 250, records[0].leads(["II"])])
    path = tmp_path / "ecg.csv"
    np.savetxt(path, table, "%.4f", ",", header="time (s),II (mV)", comments="")
    assert main(["report", beat_model, str(path), "--output", str(tmp_path)]) == 0
    assert capsys.readouterr().out.splitlines()[1] == f"{path}\t{tmp_path / 'ecg.html'}"


@pytest.mark.parametrize("name", ["ecg.hea", "ecg.csv"])
def test_results_beside_a_recording_leave_its_files_alone(name, records, beat_model, tmp_path):
    """The table may be the recording itself, and the annotations those of an expert."""
    record = records[0] if name == "ecg.hea" else replace(records[0], annotations=([], []))
    write_record(record, tmp_path / name)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    output = [str(tmp_path / name), "--output", str(tmp_path)]
    assert main(["report", beat_model, *output]) == 0
    assert main(["classify", beat_model, *output, "--overwrite"]) == 0
    assert main(["classify", beat_model, *output, "--overwrite"]) == 0
    assert {path: path.read_bytes() for path in before} == before
    made = {path.name for path in set(tmp_path.iterdir()) - set(before)}
    assert made == {"files.csv", "ecg.html", "ecg_2.csv", "ecg_2.atr"}


def test_report_has_the_card_of_a_model_that_ships(files, tmp_path, capsys):
    """Its limits are what a reader has to know."""
    assert main(["report", "beats-10s", files[0][0], "--output", str(tmp_path)]) == 0
    assert "Not a medical device" in (tmp_path / "r0.html").read_text(encoding="utf-8")


def test_models_that_ship_are_known_by_name(files, capsys):
    """Without a file."""
    assert main(["classify", "beats-10s", files[0][0]]) == 0
    assert "V:" in capsys.readouterr().out
    assert main(["classify", "beets", files[0][0]]) == 2
    message = "error: beets is no file, and no model that ships: these are beats, beats-10s, rhythm"
    assert message in capsys.readouterr().err


def test_lead_of_another_name_may_stand_for_that_of_the_model(records, tmp_path, capsys):
    """Of devices that do not name their only lead."""
    paths = [tmp_path / "own.csv", tmp_path / "device.csv"]
    write_record(replace(records[0], annotations=((), ())), paths[0])
    write_record(replace(records[0], lead_names=("ECG",)), paths[1])
    assert main(["classify", "beats-10s", str(paths[1])]) == 1
    error = capsys.readouterr().err
    assert "has no lead MLII or II; it has ECG. Name one of these by --lead" in error
    assert "RecordReader" not in error  # which is advice for programs
    assert main(["classify", "beats-10s", *map(str, paths), "--lead", "ECG"]) == 0
    own, device = (line.split("\t")[1] for line in capsys.readouterr().out.splitlines()[1:])
    assert own == device
    assert (
        main(["report", "beats-10s", str(paths[1]), "--lead", "ECG", "--output", str(tmp_path)])
        == 0
    )
    wide = [make_ecg(4, fs=100, leads=["II", "V1"], random_state=i) for i in (0, 1)]
    reader = RecordReader(["II", "V1"], fs=100, duration_s=2)
    model = make_pipeline(reader, SegmentedClassifier(Segmenter(50), LogisticRegression()))
    save(model.fit(wide, ["N", "V"]), tmp_path / "two.skecg")
    assert main(["classify", str(tmp_path / "two.skecg"), str(paths[1]), "--lead", "ECG"]) == 2
    assert "takes 2 leads: leave out --lead" in capsys.readouterr().err


def test_recording_without_signal_has_no_class(tmp_path, capsys):
    """A network would answer, because it always does."""
    signal = np.stack([np.ones(3000), np.arange(3000) % 7], axis=1).astype(np.float32)
    write_record(ECGRecord(signal, 300, ("I", "V1")), tmp_path / "flat.csv")
    for command in ("classify", "report"):
        output = ["--output", str(tmp_path / command)]
        assert main([command, "rhythm-30s", str(tmp_path / "flat.csv"), *output]) == 1
        assert "flat.csv has no signal in the leads that" in capsys.readouterr().err
        assert os.listdir(tmp_path / command) == ["files.csv"]


def test_what_is_no_model_of_recordings_is_refused(files, tmp_path, capsys):
    """With exit status 2, before any file is read."""
    paths, broken = files
    assert main(["classify", broken, *paths]) == 2
    assert "holds no model" in capsys.readouterr().err
    save(Segmenter(segment_length=2).fit(np.zeros((2, 6))), tmp_path / "model.skecg")
    assert main(["classify", str(tmp_path / "model.skecg"), *paths]) == 2
    assert "RecordReader" in capsys.readouterr().err
    assert main(["classify", str(tmp_path / "gone.skecg"), *paths]) == 2
    assert main(["classify", "beats-10s", *paths, "--jobs", "0"]) == 2
    assert "error: --jobs is 0: name a number" in capsys.readouterr().err


def test_files_may_be_named_by_a_pattern(files, tmp_path, monkeypatch, capsys):
    """Which the shell of Windows hands over as it is; a file of that very name comes first."""
    monkeypatch.chdir(tmp_path)
    for path in map(Path, files[0]):
        Path(path.name).write_bytes(path.read_bytes())
    assert main(["info", "r?.csv", "gone*.csv"]) == 1
    said = capsys.readouterr()
    assert [line.split("\t")[0] for line in said.out.splitlines()[1:]] == [
        "r0.csv",
        "r1.csv",
        "r2.csv",
    ]
    assert "gone*.csv is not there" in said.err
    with suppress(OSError):  # on Windows
        Path("r*.csv").write_bytes(Path("r0.csv").read_bytes())
        assert main(["info", "r*.csv"]) == 0
        assert len(capsys.readouterr().out.splitlines()) == 2


def test_pattern_may_stand_for_folders_in_folders(tmp_path, monkeypatch, capsys):
    """At any depth, by two stars; brackets are a part of a name, if there is one."""
    monkeypatch.chdir(tmp_path)
    names = ["1.csv", "a/2.csv", "a/b/3.csv", "c [4]/4.csv", "c 4/5.csv"]
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text("time (s),II (mV)\n0,1\n1,2\n")
    if sys.platform != "win32":  # links need rights there
        Path("a", "loop").symlink_to(tmp_path)
    assert main(["info", "**/*.csv"]) == 0
    said = [line.split("\t")[0] for line in capsys.readouterr().out.splitlines()[1:]]
    assert sorted(map(Path, said)) == sorted(map(Path, names))
    assert main(["info", "c [4]/*.csv", "a*/b[0-9]/*.csv", "[a]/*.csv"]) == 1
    said = capsys.readouterr()
    said_files = [line.split("\t")[0] for line in said.out.splitlines()[1:]]
    assert list(map(Path, said_files)) == [Path("c [4]/4.csv"), Path("a/2.csv")]
    assert "a*/b[0-9]/*.csv is not there" in said.err


def test_folder_is_no_file(tmp_path, monkeypatch, capsys):
    """Nor is the one that the program runs in, which has no name."""
    monkeypatch.chdir(tmp_path)
    assert main(["info", "."]) == 1
    assert "error: . is a folder" in capsys.readouterr().err


def test_names_of_files_may_have_any_letters(files, beat_model, tmp_path):
    """Of another alphabet than that of the terminal, or of an older encoding, and many of them."""
    names = []
    for stem in (
        "\N{LATIN SMALL LETTER A WITH DIAERESIS}",
        "\udce4",
        "two\nlines, a\ttab",
        "n" * 251,
    ):
        with suppress(OSError, UnicodeError):  # the file system does not take this name
            (tmp_path / f"{stem}.csv").write_bytes(Path(files[0][0]).read_bytes())
            names.append(f"{stem}.csv")
    assert names
    command = [sys.executable, "-m", "sklearn_ecg"]
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    for arguments in (
        ["info"],
        ["report", beat_model],
        ["classify", beat_model, "--output", "out"],
    ):
        done = subprocess.run(
            [*command, *arguments, *names],
            cwd=tmp_path,
            env=environment | {"PYTHONPATH": os.getcwd()},
            capture_output=True,
            check=False,
        )
        assert (done.returncode, done.stderr, done.stdout.count(b"\n")) == (0, b"", 1 + len(names))
    assert b"done before" not in done.stdout
    assert len(list((tmp_path / "out").glob("*.atr"))) == len(names)


@pytest.mark.parametrize("stem", ["red\x1b[31m", "two\rlines", "\x9b2J"])
def test_no_name_of_a_file_is_an_order_to_the_terminal(stem, files, beat_model, tmp_path, capsys):
    """In any line that is printed; and the index of results reads it again."""
    named = tmp_path / f"{stem}.csv"
    try:
        named.write_bytes(Path(files[0][0]).read_bytes())
    except OSError:
        pytest.skip("the file system does not take this name")
    out = str(tmp_path / "out")
    for _ in range(2):
        assert main(["classify", "--output", out, beat_model, str(named), f"{named}.gone"]) == 1
        said = capsys.readouterr()
        lines = [*said.out.splitlines(), *said.err.splitlines()]
        assert all(line.replace("\t", "").isprintable() for line in lines)
    assert "done before" in said.out
    assert "is not there" in said.err


def test_process_that_the_system_ended_is_told(files, beat_model, monkeypatch, capsys):
    """As when memory runs short, in a line of words and not of code."""

    def lose_a_worker(jobs, n_jobs):
        yield files[0][0], [("N:1",)], None
        raise TerminatedWorkerError

    monkeypatch.setattr("sklearn_ecg._command_line.run_jobs", lose_a_worker)
    assert main(["classify", beat_model, *files[0], "--jobs", "2"]) == 1
    said = capsys.readouterr()
    assert said.out.endswith("r0.csv\tN:1\n")
    assert said.err.startswith("error: the system ended a process")
    assert said.err.count("\n") == 1


def test_reader_that_has_seen_enough_is_no_error(files):
    """As `head` does."""
    command = [sys.executable, "-m", "sklearn_ecg", "info", files[0][0]]
    reader, writer = os.pipe()
    os.close(reader)  # before anything is written
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")


def test_reader_that_has_seen_enough_is_no_error_on_windows(run_python):
    """Which calls it an invalid argument."""
    code = """
import errno, sys
from sklearn_ecg import _command_line

def fail():
    raise OSError(errno.EINVAL, "Invalid argument")

sys.platform, _command_line.main = sys.argv[1], fail
try:
    _command_line.run_as_program()
except SystemExit as ended:
    print(ended.code, file=sys.stderr)
"""
    assert run_python(code, "win32").stderr == "1\n"
    assert run_python(code, "linux").stderr == "error: [Errno 22] Invalid argument\n1\n"


def start_with(number, handler, command):
    """Start a process that inherits how a signal is handled, whoever runs the tests."""
    before = signal.signal(number, handler)
    try:
        # Without a buffer, what is read by lines loses nothing of the rest.
        return subprocess.Popen(command, bufsize=0, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    finally:
        signal.signal(number, before)


@pytest.mark.skipif(os.name == "nt", reason="no such signals on Windows")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_program_ends_in_order_when_it_is_told_to(name, files):
    """In a line of words, with the exit status that Ctrl-C has."""
    command = [sys.executable, "-m", "sklearn_ecg", "info", *files[0][:1] * 5000]
    number = getattr(signal, name)
    with start_with(number, signal.SIG_DFL, command) as process:
        assert process.stdout.readline().startswith(b"file")
        process.send_signal(number)
        _, errors = process.communicate()
    assert (process.returncode, errors) == (130, b"error: interrupted\n")


@pytest.mark.skipif(os.name == "nt", reason="no such signals on Windows")
def test_program_goes_on_where_its_terminal_shall_not_end_it(files):
    """As below `nohup`, which has it ignore the signal."""
    command = [sys.executable, "-m", "sklearn_ecg", "info", *files[0][:1] * 100]
    with start_with(signal.SIGHUP, signal.SIG_IGN, command) as process:
        first = process.stdout.readline()
        process.send_signal(signal.SIGHUP)
        rest, errors = process.communicate()
    assert (process.returncode, errors, (first + rest).count(b"\n")) == (0, b"", 101)


@pytest.mark.skipif(os.name == "nt", reason="no such signals on Windows")
def test_interrupt_while_modules_are_imported_prints_no_traceback():
    """They take a second or two, in which a user may notice a wrong word."""
    code = """
import os, runpy, signal, sys

class Interrupted:
    def find_spec(self, name, *_):
        if name == "sklearn_ecg._command_line":
            os.kill(os.getpid(), signal.SIGINT)

signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may ignore it
sys.meta_path.insert(0, Interrupted())
runpy.run_module("sklearn_ecg", run_name="__main__")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, b"", b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_full_disk_behind_the_output_is_an_error(files):
    """As when it goes to a file."""
    command = [sys.executable, "-m", "sklearn_ecg", "info", files[0][0]]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(b"error: ")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("stream", ["1", "2"])
def test_closed_stream_is_no_error(stream, files, beat_model, tmp_path):
    """As a service that was started without one has it; and nothing goes to the other."""
    command = f'exec "$0" -m sklearn_ecg classify "$@" --output "{tmp_path}" {stream}>&-'
    arguments = [beat_model, files[0][0], files[1]]
    done = subprocess.run(
        ["sh", "-c", command, sys.executable, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line.split(files[0][0])[0] for line in (done.stdout + done.stderr).splitlines()]
    assert done.returncode == 1  # of the bad file
    assert (tmp_path / "r0.csv").exists()
    if stream == "1":
        assert lines == [f"error: {line.removeprefix('error: ')}" for line in lines]
        assert len(lines) == 1
    else:
        assert lines == ["file\tresult", ""]


def test_module_is_a_program(run_python):
    """Its help names the commands."""
    code = "import runpy, sys; sys.argv[1:] = ['--help']; runpy.run_module('sklearn_ecg')"
    code = code.replace("'sklearn_ecg')", "'sklearn_ecg', run_name='__main__')")
    assert "classify" in run_python(code).stdout


@pytest.mark.parametrize("n_jobs", ["1", "2"])
def test_a_warning_is_a_line_without_the_code_that_led_to_it(n_jobs, beat_model, tmp_path):
    """Whether this process reads the file or another one."""
    path = str(tmp_path / "nothing.csv")
    write_record(ECGRecord(np.full((500, 1), np.nan), 250.0, ("II",)), path)
    command = [sys.executable, "-m", "sklearn_ecg", "classify", beat_model, path, "--jobs", n_jobs]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["file\tresult", f"{path}\tno beats"]
    of_reader, of_beats = done.stderr.splitlines()
    assert of_reader == f"warning: {path} gives nothing but NaN."
    assert of_beats.startswith(f"warning: 2 s of 2 s of {path} are unusable")


def test_a_warning_about_many_files_is_one_line(tmp_path):
    """A thousand strips need no more to say that they are short."""
    paths = [str(tmp_path / f"{i}.csv") for i in range(3)]
    for i, path in enumerate(paths):
        write_record(make_ecg(10, fs=250, leads=["II"], random_state=i), path)
    command = [sys.executable, "-m", "sklearn_ecg", "classify", "beats", *paths]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert len(done.stdout.splitlines()) == 4
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("warning: ")]
    assert line.startswith("warning: A recording lasts less than 90")
    assert "the model 'beats-10s'" in line


@pytest.mark.parametrize(
    ("around", "reason"),
    [
        (MultiOutputClassifier, "answers 2 questions about each row"),
        (lambda part: VotingClassifier([("a", part)], voting="hard"), "predicts no probabilities"),
    ],
)
def test_models_without_probabilities_of_one_question_are_named(
    around, reason, files, tmp_path, capsys
):
    """In place of an error about lengths, or of one class of several."""
    part = SegmentedClassifier(None, LogisticRegression())
    model = make_pipeline(RecordReader(["II"], fs=50, duration_s=20), around(part))
    y = np.array([["a", "x"], ["b", "x"], ["b", "y"]])
    y = y if around is MultiOutputClassifier else y[:, 0]
    save(model.fit(files[0], y), tmp_path / "model.skecg")
    assert main(["classify", str(tmp_path / "model.skecg"), *files[0]]) == 1
    output = capsys.readouterr()
    assert output.out == "file\tresult\n"
    assert output.err.count(reason) == 3


def test_labels_of_several_classifiers_are_those_of_one_each(files, tmp_path, capsys):
    """scikit-learn's own list of probabilities was refused, though each question is yes or no."""
    part = SegmentedClassifier(None, LogisticRegression())
    reader = RecordReader(["II"], fs=50, duration_s=20)
    y = np.array([[1, 0], [0, 0], [1, 1]])
    model = make_pipeline(reader, MultiOutputClassifier(part)).fit(files[0], y)
    save(model, tmp_path / "model.skecg")
    assert main(["classify", str(tmp_path / "model.skecg"), *files[0]]) == 0
    lines = capsys.readouterr().out.splitlines()[1:]
    alone = [make_pipeline(reader, clone(part)).fit(files[0], column) for column in y.T]
    for path, line in zip(files[0], lines, strict=True):
        found = [(n, model.predict_proba([path])[0, 1]) for n, model in enumerate(alone)]
        expected = ", ".join(f"{n} ({p:.2f})" for n, p in found if p > 0.5) or "no label"
        assert line == f"{path}\t{expected}"


def test_only_the_leads_of_the_model_are_read(records, beat_model, tmp_path, capsys):
    """A polysomnogram has other signals at other rates beside the ECG."""
    edfio = pytest.importorskip("edfio")
    lead = records[0].leads(["II"])[:, 0].astype(float)
    signals = [
        edfio.EdfSignal(lead, 250, label="ECG II", physical_dimension="mV"),
        edfio.EdfSignal(np.sin(np.arange(2000.0)), 100, label="EEG", physical_dimension="uV"),
    ]
    edfio.Edf(signals).write(tmp_path / "sleep.edf")
    assert main(["classify", beat_model, str(tmp_path / "sleep.edf")]) == 0
    assert "N:" in capsys.readouterr().out


def test_what_the_reader_of_a_model_knows_of_files_holds(tmp_path, capsys):
    """Files without rate, unit and names need no more arguments than in Python."""
    paths = [str(tmp_path / f"{name}.csv") for name in "ab"]
    for i, path in enumerate(paths):
        np.savetxt(path, np.sin(np.arange(200) / (2 + i)))
    said = {"file_fs": 50, "file_unit": "mV", "file_lead_names": ["II"]}
    pipeline = make_pipeline(
        RecordReader(["II"], fs=50, duration_s=4, **said),
        Reshaper(frame_length=20),
        SegmentedClassifier(None, LogisticRegression()),
    ).fit(paths, ["a", "b"])
    save(pipeline, tmp_path / "model.skecg")
    assert main(["classify", str(tmp_path / "model.skecg"), *paths]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_name_of_a_file_is_no_option(tmp_path, capsys):
    """Though it may be written as one."""
    path = tmp_path / "file_unit.csv"
    np.savetxt(path, make_ecg(10, fs=100, random_state=0).signal)
    facts = ["--file-fs", "100", "--file-lead-names", "II"]
    assert main(["info", str(path), *facts]) == 1
    error = capsys.readouterr().err
    assert f"error: {path} " in error
    assert "state --file-unit" in error


def test_facts_that_a_file_lacks_can_be_stated(tmp_path, capsys):
    """All those that `read_record` may ask for."""
    np.savetxt(tmp_path / "bare.csv", make_ecg(10, fs=100, random_state=0).signal)
    bare = [str(tmp_path / "bare.csv"), "--file-fs", "100", "--file-unit", "mV"]
    assert main(["info", *bare]) == 1
    assert "state --file-lead-names" in capsys.readouterr().err
    assert main(["info", *bare, "--file-lead-names", "II"]) == 0
    assert "\t10.000\t100\tII\t" in capsys.readouterr().out
    np.savez(tmp_path / "two.npz", left=np.zeros((300, 1)), right=np.ones((200, 1)))
    two = [str(tmp_path / "two.npz"), *bare[1:], "--file-lead-names", "II"]
    assert main(["info", *two]) == 1
    assert "--file-array" in capsys.readouterr().err
    assert main(["info", *two, "--file-array", "right"]) == 0
    assert "\t2.000\t100\tII\t" in capsys.readouterr().out


def test_results_of_files_are_kept_apart(files, beat_model, tmp_path, capsys):
    """Whatever the folders are called; and a file that is named twice is classified once."""
    for name in ("x/a/b.csv", "x/a_b.csv", "y/a_b.csv"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(Path(files[0][0]).read_bytes())
    paths = [str(tmp_path / name) for name in ("x/a/b.csv", "x/a_b.csv", "y/a_b.csv", "x/a_b.csv")]
    command = ["classify", beat_model, *paths, "--output", str(tmp_path / "out")]
    assert main(command) == 0
    assert "done before" not in capsys.readouterr().out
    assert len(list((tmp_path / "out").glob("*.csv"))) == 4  # and one that says whose they are


def test_results_are_kept_apart_where_case_does_not_count(files, beat_model, tmp_path):
    """As on Windows and macOS, which also takes two ways to write an accent for one."""
    stems = ("Same", "same", "\N{LATIN SMALL LETTER E WITH ACUTE}", "e\N{COMBINING ACUTE ACCENT}")
    paths = [tmp_path / str(i) / f"{stem}.csv" for i, stem in enumerate(stems)]
    for path in paths:
        path.parent.mkdir()
        path.write_bytes(Path(files[0][0]).read_bytes())
    command = ["classify", beat_model, *map(str, paths), "--output", str(tmp_path / "out")]
    assert main(command) == 0
    names = [unicodedata.normalize("NFC", path.name.lower()) for path in tmp_path.glob("out/*.csv")]
    assert len(set(names)) == len(names) == 5  # and one that says whose they are


@pytest.mark.skipif(os.name == "nt", reason="no file has such a name there")
def test_results_have_names_that_any_system_takes(files, beat_model, tmp_path, monkeypatch):
    """A colon would be that of a drive, and a part of a character is no name on macOS."""
    monkeypatch.chdir(tmp_path)
    long = "a" + "\N{GREEK SMALL LETTER ALPHA}" * 120
    for stem in ("a/12:30", "b/12:30", long):
        path = Path(f"{stem}.csv")
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(Path(files[0][0]).read_bytes())
    assert main(["classify", beat_model, "a/12:30.csv", "b/12:30.csv", "--output", "out"]) == 0
    assert main(["classify", beat_model, f"{long}.csv", "--output", "out"]) == 0
    names = {path.stem for path in Path("out").glob("*.csv")}
    assert names == {"files", "a_12_30.csv", "b_12_30.csv", long[-100:]}


@pytest.mark.skipif(os.name == "nt", reason="no file has such a name there")
def test_no_result_has_the_name_of_a_device_of_windows(files, beat_model, tmp_path):
    """Where the folder is copied to such a machine, or shared with it."""
    stems = ("NUL", "com1.2026", "Con", "console", "nul_1")
    paths = [tmp_path / f"{stem}.csv" for stem in stems]
    for path in paths:
        path.write_bytes(Path(files[0][0]).read_bytes())
    out = tmp_path / "out"
    assert main(["classify", beat_model, *map(str, paths), "--output", str(out)]) == 0
    names = {path.stem for path in out.glob("*.csv")}
    assert names == {"files", "_NUL", "_com1.2026", "_Con", "console", "nul_1"}


def test_no_result_is_hidden(files, beat_model, tmp_path, monkeypatch):
    """Where names of files repeat, their paths name the results; they may begin with a point."""
    paths = ["./a/r.csv", "../b/r.csv", ".r.csv"]
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for path in map(Path, paths):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(Path(files[0][0]).read_bytes())
    assert main(["classify", beat_model, *paths[:2], "--output", "out"]) == 0
    assert main(["classify", beat_model, paths[2], "--output", "out"]) == 0
    names = {path.name for path in Path("out").glob("*.csv")}
    assert names == {"files.csv", "a_r.csv.csv", "b_r.csv.csv", "r.csv"}


@pytest.mark.skipif(os.name == "nt", reason="a colon is that of a drive on Windows")
def test_folder_with_names_of_an_older_version_is_ours(files, beat_model, tmp_path, capsys):
    """Which kept a colon; the whole folder was refused as that of another program."""
    path = tmp_path / "a:1.csv"
    path.write_bytes(Path(files[0][0]).read_bytes())
    command = ["classify", beat_model, str(path), "--output", str(tmp_path / "out")]
    assert main(command) == 0
    out = tmp_path / "out"
    index = out / "files.csv"
    index.write_text(index.read_text().replace(",a_1,", ",a:1,"))
    for result in out.glob("a_1.*"):
        result.rename(out / result.name.replace("_", ":"))
    capsys.readouterr()
    assert main(command) == 0
    assert capsys.readouterr().out.endswith("a:1.csv\tdone before\n")


def test_index_is_of_the_names_that_the_file_system_has(files, beat_model, tmp_path):
    """In a locale that reads their bytes as other letters, files were classified once more."""
    name = os.fsdecode("\N{LATIN SMALL LETTER E WITH ACUTE}.csv".encode())
    (tmp_path / name).write_bytes(Path(files[0][0]).read_bytes())
    command = [sys.executable, "-m", "sklearn_ecg", "classify", beat_model, name, "--output", "out"]
    ascii_names = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    outputs = [
        subprocess.run(
            command,
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": os.getcwd()} | locale,
            capture_output=True,
            check=True,
        ).stdout
        for locale in (ascii_names, ascii_names, {"PYTHONUTF8": "1"})
    ]
    assert ["done before" in output.decode(errors="replace") for output in outputs] == [0, 1, 1]
    assert len((tmp_path / "out" / "files.csv").read_bytes().splitlines()) == 2


def test_runs_at_once_keep_their_results_apart(files, beat_model, tmp_path, monkeypatch):
    """Processes of a cluster begin in one moment, and each names its results before it has any."""

    def look_slowly(paths):
        names = record_names(paths)
        time.sleep(0.3)
        return names

    monkeypatch.setattr("sklearn_ecg.utils._results.record_names", look_slowly)
    commands = []
    for i, folder in enumerate("ab"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "r.csv").write_bytes(Path(files[0][i]).read_bytes())
        path = str(tmp_path / folder / "r.csv")
        commands.append(["classify", beat_model, path, "--output", str(tmp_path / "out")])
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(main, commands)) == [0, 0]
    with (tmp_path / "out" / "files.csv").open(newline="") as index:
        _, *rows = csv.reader(index)
    assert sorted(file for file, *_ in rows) == sorted(command[2] for command in commands)
    assert sorted(name for _, name, *_ in rows) == ["r", "r_2"]
    first, second = ((tmp_path / "out" / name).read_text() for name in ("r.csv", "r_2.csv"))
    assert first != second


def test_results_of_an_earlier_run_are_not_those_of_another_file(
    files, beat_model, tmp_path, monkeypatch, capsys
):
    """Files of one name in two folders keep their results apart, run after run."""
    for i, folder in enumerate(("a", "b")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "r.csv").write_bytes(Path(files[0][i]).read_bytes())
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.csv").write_text("mine")
    command = ["classify", beat_model, "r.csv", "--output", str(tmp_path / "out")]
    for folder in "ab":
        monkeypatch.chdir(tmp_path / folder)
        assert main(command) == 0
        assert "done before" not in capsys.readouterr().out
    assert main(["classify", beat_model, str(tmp_path / "a" / "r.csv"), *command[2:]]) == 0
    assert capsys.readouterr().out.count("done before") == 2
    first, second = ((tmp_path / "out" / name).read_text() for name in ("r.csv", "r_2.csv"))
    assert first != second
    Path("notes.csv").write_bytes(Path(files[0][0]).read_bytes())
    assert main(["classify", beat_model, "notes.csv", *command[3:]]) == 0
    assert (tmp_path / "out" / "notes.csv").read_text() == "mine"


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_nothing_is_written_through_a_link_that_leads_nowhere(files, beat_model, tmp_path):
    """What stands in the folder is not ours, and would be a file elsewhere."""
    out = tmp_path / "out"
    out.mkdir()
    (out / "r0.csv").symlink_to(tmp_path / "elsewhere")
    assert main(["classify", beat_model, files[0][0], "--output", str(out)]) == 0
    assert not (tmp_path / "elsewhere").exists()
    assert (out / "r0_2.csv").is_file()
