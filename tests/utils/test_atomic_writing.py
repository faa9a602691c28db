"""Files that appear whole or not at all."""

import errno
import os
from pathlib import Path

import pytest

from sklearn_ecg.utils._atomic_writing import write_all_whole, write_whole


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


def test_full_disk_is_told_with_the_name_of_the_file(tmp_path, monkeypatch):
    """The system does not name it; and what was there stays."""
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def fill(draft, data):
        draft.touch()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", fill)
    with pytest.raises(OSError, match=r"No space left on device: '.*/a'"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="the whole path counts there")
def test_name_may_be_as_long_as_the_system_takes_it(tmp_path):
    """The draft has a shorter one."""
    path = tmp_path / ("n" * 255)
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    with pytest.raises(OSError, match=r"too long: '.*/n{256}'"):
        write_whole(tmp_path / ("n" * 256), b"new")


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_link_stays_a_link(tmp_path):
    """The file that it names is replaced."""
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "link").symlink_to("a")
    write_whole(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "a").read_bytes() == b"new"


def test_file_that_is_protected_stays(tmp_path, monkeypatch):
    """Although a file could take its place, because the folder is open."""
    path = tmp_path / "a"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "access", lambda file, mode: False)  # of root nothing is protected
    with pytest.raises(PermissionError, match="a is there and must not be written to"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps permissions by folder")
def test_who_may_read_a_file_stays_so(tmp_path, monkeypatch):
    """When it is replaced, and already while that is written; a new file is as others."""
    seen = []
    write = Path.write_bytes

    def write_bytes(draft, data):
        write(draft, data)
        seen.append(draft.stat().st_mode & 0o777)

    monkeypatch.setattr(Path, "write_bytes", write_bytes)
    private, shared, new = (tmp_path / name for name in ("private", "shared", "new"))
    for path, mode in ((private, 0o600), (shared, 0o666)):
        path.touch()
        path.chmod(mode)
    (tmp_path / "link").symlink_to(private)
    usual = os.umask(0o022)
    try:
        write_all_whole(dict.fromkeys((private, shared, new, tmp_path / "link"), b"new"))
    finally:
        os.umask(usual)
    assert seen == [0o600, 0o666, 0o644, 0o600]
    assert [path.stat().st_mode & 0o777 for path in (private, shared, new)] == seen[:3]


def test_file_system_without_permissions_is_written_to(tmp_path, monkeypatch):
    """As a share of a network may be, which says so in one of several ways."""
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def chmod(*_, **__):
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    monkeypatch.setattr(os, "chmod", chmod)
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"


def test_pipe_or_device_stays(tmp_path, make_pipe):
    """A file would take the place of /dev/null."""
    make_pipe(tmp_path / "pipe")
    with pytest.raises(OSError, match="pipe is a device or a pipe: name a file"):
        write_whole(tmp_path / "pipe", b"new")
    assert (tmp_path / "pipe").is_fifo()
