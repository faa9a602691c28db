"""The code in the README runs as it is written."""

import re
from pathlib import Path

import pytest

from sklearn_ecg import make_ecg, read_record, write_record
from sklearn_ecg.pretrained import model_card

README = Path(__file__).parent.parent / "README.md"
BLOCKS = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Stand in an empty folder, where the README's code reads and writes."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(block):
    """Run a block with names of its own, as a new process would have them."""
    exec(compile(block, str(README), "exec"), {})


def lines_of_code(*blocks):
    return sum(bool(line.strip()) for block in blocks for line in block.splitlines())


def write_labelled_recordings(folder):
    """Write a folder of three formats and rates, its table of labels, and a new file."""
    (folder / "recordings").mkdir()
    table = ["file,label,patient"]
    for i in range(6):
        rhythm = ("sinus", "af")[i % 2]
        fs, suffix = ((250, ".hea"), (500, ".edf"), (360, ".csv"))[i // 2]
        record = make_ecg(10, fs=fs, rhythm=rhythm, leads=["II", "V1"], random_state=i)
        write_record(record, folder / "recordings" / f"r{i}{suffix}")
        table.append(f"r{i}{suffix},{rhythm},p{i // 2}")
    (folder / "labels.csv").write_text("\n".join(table))
    write_record(make_ecg(100, fs=200, random_state=9), folder / "new.edf")


def test_readme_goes_from_files_to_an_answer_in_twelve_lines(folder, capsys):
    """A folder of three formats and rates becomes a saved pipeline, which classifies a new file."""
    pytest.importorskip("edfio")
    train, answer = BLOCKS[:2]
    assert lines_of_code(train, answer) <= 12
    write_labelled_recordings(folder)

    run(train)
    run(answer)
    assert re.search(r"\['(af|sinus)'\]", capsys.readouterr().out)


def test_readme_goes_from_annotated_files_to_annotations_in_ten_lines(folder):
    """Annotated recordings become a saved model, which writes the annotations of a new file."""
    pytest.importorskip("edfio")
    train, annotate = BLOCKS[2:4]
    assert lines_of_code(train, annotate) <= 10
    (folder / "annotated").mkdir()
    for i in range(2):
        record = make_ecg(60, fs=360, premature={"V": 0.1}, random_state=i)
        write_record(record, folder / "annotated" / f"a{i}.hea")
    write_record(make_ecg(20, fs=500, random_state=9), folder / "new.edf")

    run(train)
    run(annotate)
    time_steps, symbols = read_record(folder / "new.hea", annotator="atr").annotations
    assert len(time_steps) == len(symbols) > 10


def test_readme_goes_from_a_file_to_a_report_in_three_lines(folder):
    """A WFDB file of one's own becomes a page, with the model that ships."""
    assert lines_of_code(BLOCKS[4]) == 3
    write_record(make_ecg(100, fs=360, premature={"V": 0.2}, random_state=9), folder / "new.hea")
    run(BLOCKS[4])
    assert "not a diagnosis" in (folder / "report.html").read_text(encoding="utf-8")


def test_readme_goes_to_a_calibrated_and_explained_model_in_twenty_lines(folder, capsys):
    """A model of one's own gives calibrated probabilities, is loaded again and explains itself."""
    pytest.importorskip("edfio")
    train, explain = BLOCKS[5:7]
    assert lines_of_code(train, explain) < 20
    write_labelled_recordings(folder)
    run(train)
    run(explain)
    assert "['af' 'sinus']" in capsys.readouterr().out
    assert (folder / "explained.png").stat().st_size > 10_000


def test_readme_has_the_figures_of_the_model_that_ships():
    """The README's figures of beats are those of the card, so that a new model makes new ones."""
    figures = model_card("beats")["figures"]
    annotated, detected = (
        f"{of['F1 V']:.3f}, {of['F1 S']:.3f} {where}"
        for of, where in (
            (figures["at annotated beats"], "at annotated beats"),
            (figures["at detected beats"], "at those that the detector finds"),
        )
    )
    assert f"{annotated}; {detected}" in README.read_text(encoding="utf-8")
