"""A database is a short declaration: one made up here, and the real ones by their length."""

import ast
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import sklearn_ecg
from sklearn_ecg.datasets._databases._database import Database, read_table
from sklearn_ecg.datasets._databases._rows import make_rows

DECLARATIONS = sorted(
    path.name
    for path in Path(sklearn_ecg.__file__).parent.glob("datasets/_databases/_*.py")
    if "Database(" in path.read_text("utf-8") and path.name != "_database.py"
)


@pytest.fixture
def walks(files_of, publish):
    """Declare and publish a database of two records of one person, in a subfolder."""
    made_up = Database(
        name="Walks",
        folder="walks",
        url="",
        landmarks=("walks.csv",),
        suffixes=(".hea", ".dat", ".qrs"),
        records=("data/w1", "data/w2"),
        annotator="qrs",
        patient_of=lambda name: "ann",
    )
    module = SimpleNamespace(_DATABASE=made_up)
    files = {"walks.csv": b"name,pace\nw1,slow\nw2,fast\n"}
    for name in ("data/w1", "data/w2"):
        files |= files_of(name, np.arange(200)[:, None], ["II"], qrs=([50, 150], "NV"))
    publish(module, files)
    return module


def locate(module, folder, download_if_missing=True):
    return module._DATABASE.locate(folder, download_if_missing=download_if_missing, verbose=False)


def test_two_steps_lead_from_a_declaration_to_rows(walks, server, tmp_path):
    """Complete and read the records, then make rows of them."""
    copy = locate(walks, tmp_path)
    paces = [row["pace"] for row in read_table(copy.provide("walks.csv"), ["name", "pace"])]
    paths = copy.complete(None)
    records = copy.read(paths, leads=["II"])
    rows = make_rows(records, "beats", n_records=2, before_s=0.1, after_s=0.1)
    assert paces == ["slow", "fast"]
    assert rows.data.shape == (4, 20, 1)
    assert rows.target.tolist() == ["N", "V", "N", "V"]
    assert rows.records.tolist() == ["w1", "w1", "w2", "w2"]
    assert set(rows.groups) == {"ann"}
    assert (tmp_path / "walks" / "data" / "w1.hea").is_file()
    server.requests.clear()
    assert locate(walks, tmp_path / "walks").complete(None) == paths
    assert server.requests == []


def test_only_wanted_records_and_files_are_downloaded(walks, server, tmp_path):
    """A record is named by the last part of its path; suffixes may be fewer than declared."""
    copy = locate(walks, tmp_path)
    assert copy.complete(["w2"], suffixes=(".hea", ".qrs")) == ["data/w2"]
    names = {name for name, _ in server.requests}
    assert names == {"SHA256SUMS.txt", "data/w2.hea", "data/w2.qrs"}


def test_downloaded_file_has_to_be_the_published_one(walks, server, tmp_path):
    """Each file is compared with the publisher's list before it appears."""
    server.files["data/w1.dat"] = b"something else"
    with pytest.raises(OSError, match=r"w1\.dat could not .* not the published file"):
        locate(walks, tmp_path).complete(None)
    assert not (tmp_path / "walks" / "data" / "w1.dat").exists()


def test_table_is_not_downloaded_if_nothing_may_be(walks, server, tmp_path):
    """A missing table is an error that says how to get it."""
    copy = locate(walks, tmp_path, download_if_missing=False)
    with pytest.raises(FileNotFoundError, match=r"walks lacks walks\.csv of the Walks\. Pass the"):
        copy.provide("walks.csv")
    assert server.requests == []


def test_reading_shows_progress_if_asked_to(walks, tmp_path, capsys):
    """A bar counts the records, on standard error."""
    copy = walks._DATABASE.locate(tmp_path, download_if_missing=True, verbose=True)
    list(copy.read(copy.complete(None), leads=[]))
    assert "2/2" in capsys.readouterr().err


def test_damaged_record_keeps_its_own_message(walks, tmp_path):
    """Advice on leads is for missing leads only."""
    copy = locate(walks, tmp_path)
    paths = copy.complete(None)
    (tmp_path / "walks" / "data" / "w1.dat").write_bytes(b"short")
    with pytest.raises(ValueError, match=r"w1\.hea (?!.*record_names)"):
        list(copy.read(paths, leads=None))


@pytest.mark.parametrize("name", DECLARATIONS)
def test_declaration_takes_less_than_60_lines(name):
    """Code without docstrings and what the database says of itself: the rest is shared."""
    path = Path(sklearn_ecg.__file__).parent / "datasets" / "_databases" / name
    source = path.read_text("utf-8")
    texts = set()
    for node in ast.walk(ast.parse(source)):
        is_text = isinstance(getattr(node, "value", None), ast.Constant) and isinstance(
            node.value.value, str
        )
        if isinstance(node, ast.Expr | ast.Assign) and is_text and node.end_lineno > node.lineno:
            texts.update(range(node.lineno, node.end_lineno + 1))
    lines = enumerate(source.splitlines(), start=1)
    code = [
        line for i, line in lines if i not in texts and line.strip() and line.lstrip()[0] != "#"
    ]
    assert len(code) < 60


def test_five_databases_are_declared():
    """The test of their length sees each of them."""
    assert DECLARATIONS == [
        "_cinc2017.py", "_ltafdb.py", "_ludb.py", "_mitdb.py", "_ptbxl.py",
    ]  # fmt: skip
