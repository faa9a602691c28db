"""Show the progress of long work, if `verbose` is set."""

import pytest

from sklearn_ecg.utils._progress import progress


def test_rows_pass_as_they_are():
    """Without a word, and without tqdm, unless `verbose` is set."""
    rows = [1, 2]
    assert progress(rows, "reading", 2, verbose=0) is rows


def test_bar_says_what_is_done_and_how_much(capsys):
    """On standard error, with the total, which a generator does not know."""
    pytest.importorskip("tqdm")
    assert list(progress(iter([1, 2]), "reading", 2, verbose=1)) == [1, 2]
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "reading: 100%" in printed.err
    assert "2/2" in printed.err
    assert "record" in printed.err
