"""Files that appear whole or not at all."""

import pytest

from sklearn_ecg.utils._writing import write_all_whole, write_whole


def test_file_is_replaced_once_the_new_one_is_whole(tmp_path):
    """And no draft is left beside it."""
    path = tmp_path / "a"
    path.write_bytes(b"old")
    write_whole(str(path), b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_none_of_several_files_appears_if_one_cannot_be_written(tmp_path):
    """Those that were there stay as they were."""
    first, second = tmp_path / "a", tmp_path / "no folder" / "b"
    first.write_bytes(b"old")
    with pytest.raises(FileNotFoundError, match=r"make the folder .*no folder first"):
        write_all_whole({first: b"new", second: b"new"})
    with pytest.raises(IsADirectoryError, match="is a folder: name a file in it"):
        write_all_whole({first: b"new", tmp_path: b"new"})
    assert first.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [first]


def test_several_files_appear_together(tmp_path):
    """Each with its own content."""
    write_all_whole({tmp_path / "a": b"1", tmp_path / "b": b"2"})
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"1", "b": b"2"}
