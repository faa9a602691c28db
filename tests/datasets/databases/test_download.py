import errno
import hashlib
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import filelock
import pytest

import sklearn_ecg
from sklearn_ecg.datasets._databases import _download
from sklearn_ecg.datasets._databases._download import (
    check_files,
    download,
    read_sha256_sums,
    sole_writer,
)

BODY = bytes(range(256)) * 1024
HALF = len(BODY) // 2
SHA256 = hashlib.sha256(BODY).hexdigest()


@pytest.fixture
def source(server):
    """Address of a file on the server."""
    server.files["signal.dat"] = BODY
    return f"{server.url}signal.dat"


@pytest.fixture
def path(tmp_path):
    """Where the file shall be."""
    return tmp_path / "cache" / "signal.dat"


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 64 kB, and a function that mounts it anew with other options."""
    disk = tmp_path / "disk"
    disk.mkdir()

    def mount(*options):
        command = ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(disk)]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    if sys.platform != "linux" or not mount("size=64k"):
        pytest.skip("only root on Linux may mount a small disk")
    yield disk, mount
    subprocess.run(["umount", str(disk)], check=True)


def fetch(source, path, sha256=SHA256):
    with sole_writer(path.parent):
        download(source, path, sha256=sha256)


def start_process(source, path):
    """Fetch the file in another process, which says when it begins."""
    script = (
        "import sys; from pathlib import Path;"
        "from sklearn_ecg.datasets._databases._download import download, sole_writer;"
        "source, path, sha256 = sys.argv[1], Path(sys.argv[2]), sys.argv[3];"
        "print('ready', flush=True);"
        "writer = sole_writer(path.parent);"
        "writer.__enter__();"
        "path.exists() or download(source, path, sha256=sha256);"
        "writer.__exit__(None, None, None)"
    )
    return subprocess.Popen(
        [sys.executable, "-c", script, source, str(path), SHA256],
        cwd=Path(sklearn_ecg.__file__).parents[1],
        stdout=subprocess.PIPE,
        text=True,
    )


def test_download_leaves_the_file_and_nothing_else(server, source, path):
    """After a download the folder holds the file and the empty lock."""
    fetch(source, path)
    assert path.read_bytes() == BODY
    assert {file.name for file in path.parent.iterdir()} <= {"signal.dat", ".lock"}
    assert server.requests == [("signal.dat", 0)]


def test_download_shows_progress_only_if_verbose(server, source, path, capsys):
    """A progress bar names the file, and without verbose nothing is printed."""
    fetch(source, path)
    assert capsys.readouterr() == ("", "")
    download(source, path, sha256=SHA256, verbose=True)
    assert "signal.dat" in capsys.readouterr().err


def test_broken_transfer_is_resumed_at_once(server, source, path):
    """A truncated answer is completed from where it ended."""
    server.faults.append(server.truncate)
    fetch(source, path)
    assert path.read_bytes() == BODY
    assert server.requests == [("signal.dat", 0), ("signal.dat", HALF)]


def test_broken_transfer_is_resumed_by_the_next_call(server, source, path):
    """If all tries fail, what arrived is kept and the next call asks only for the rest."""
    server.faults += [server.truncate] * 3
    with pytest.raises(OSError, match=r"signal\.dat could not .* call again, which goes on where"):
        fetch(source, path)
    assert not path.exists()
    assert path.with_name("signal.dat.part").stat().st_size == HALF
    fetch(source, path)
    assert path.read_bytes() == BODY
    assert server.requests[-1] == ("signal.dat", HALF)


def test_server_that_cannot_resume_is_read_from_the_start(server, source, path):
    """A server that ignores the range gives the right file all the same."""
    server.faults += [server.truncate, server.ignore_range]
    fetch(source, path)
    assert path.read_bytes() == BODY
    assert len(server.requests) == 2


@pytest.mark.parametrize("leftover", [BODY + b"more", b"other bytes"])
def test_leftover_that_does_not_fit_is_thrown_away(server, source, path, leftover):
    """A part of some other file, longer or shorter than this one, is not built upon."""
    path.parent.mkdir()
    path.with_name("signal.dat.part").write_bytes(leftover)
    fetch(source, path)
    assert path.read_bytes() == BODY
    assert server.requests == [("signal.dat", len(leftover)), ("signal.dat", 0)]


def test_wrong_checksum_leaves_no_file(server, source, path):
    """Bytes that are not the published ones are deleted, and the message gives both sums."""
    wanted = "0" * 64
    with pytest.raises(OSError, match=f"not the published file .SHA-256 {SHA256}, not {wanted}"):
        fetch(source, path, sha256=wanted)
    assert {file.name for file in path.parent.iterdir()} <= {".lock"}


def test_missing_file_is_not_asked_for_twice(server, path):
    """A 404 ends the attempt at once, with address, file and way out."""
    with pytest.raises(OSError, match=r"404.*nowhere\.dat.*save it as .*signal\.dat"):
        fetch(f"{server.url}nowhere.dat", path)
    assert len(server.requests) == 1
    assert not path.exists()


def test_server_error_is_tried_again(server, source, path):
    """A server that recovers after an error 500 gives the file."""
    server.faults.append(server.fail(500))
    fetch(source, path)
    assert path.read_bytes() == BODY


def test_lasting_server_error_is_reported(server, source, path):
    """A server that stays broken is given up after three tries."""
    server.faults += [server.fail(503)] * 3
    with pytest.raises(OSError, match=r"503.*Check the connection"):
        fetch(source, path)
    assert len(server.requests) == 3


def test_stalled_connection_is_given_up_and_resumed(server, source, path, monkeypatch):
    """A silent server is left after the time limit, and what it had sent is kept."""
    monkeypatch.setattr(_download, "_TIMEOUT_S", 3)
    monkeypatch.setattr(_download, "_N_TRIES", 1)
    server.faults.append(server.stall)
    with pytest.raises(OSError, match=r"timed out.*Check the connection"):
        fetch(source, path)
    assert not path.exists()
    monkeypatch.setattr(_download, "_TIMEOUT_S", 600)
    fetch(source, path)
    assert path.read_bytes() == BODY
    assert server.requests == [("signal.dat", 0), ("signal.dat", HALF)]


def test_unreachable_server_is_reported(server, path):
    """Where nothing listens, the message says what to do."""
    server.close()
    with pytest.raises(OSError, match=r"could not be downloaded from http.*Check the connection"):
        fetch(f"{server.url}signal.dat", path)
    assert not path.exists()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no kill -9")
def test_killed_process_leaves_a_cache_that_the_next_call_completes(server, source, path):
    """After kill -9 in the middle no file is there, no lock is held, and the rest is fetched."""
    server.faults.append(server.stall)
    part = path.with_name("signal.dat.part")
    with start_process(source, path) as process:
        assert server.stalled.wait(600)
        while part.stat().st_size < HALF:  # sent, and on its way to the disk
            assert process.poll() is None
        process.kill()
    assert process.returncode == -signal.SIGKILL
    assert not path.exists()
    fetch(source, path)
    assert path.read_bytes() == BODY
    assert server.requests == [("signal.dat", 0), ("signal.dat", HALF)]


def test_two_processes_share_a_download(server, source, path):
    """Of two processes at once one downloads, and both find the whole file."""
    asked, both_ready = threading.Event(), threading.Event()

    def answer_when_both_are_ready(*request):
        asked.set()
        assert both_ready.wait(600)
        server.answer(*request)

    server.faults.append(answer_when_both_are_ready)
    with start_process(source, path) as first, start_process(source, path) as second:
        assert first.stdout.readline() == second.stdout.readline() == "ready\n"
        assert asked.wait(600)
        with pytest.raises(filelock.Timeout):
            filelock.FileLock(path.parent / ".lock", timeout=0).acquire()
        both_ready.set()
    assert (first.returncode, second.returncode) == (0, 0)
    assert path.read_bytes() == BODY
    assert server.requests == [("signal.dat", 0)]


def test_full_disk_is_reported_and_cured(source, small_disk):
    """On a full disk no file appears; with more room the next call completes it."""
    disk, mount = small_disk
    path = disk / "cache" / "signal.dat"
    folder = re.escape(str(path.parent))
    with pytest.raises(OSError, match=f"No space left.*{folder}.*Make room") as raised:
        fetch(source, path)
    assert raised.value.errno == errno.ENOSPC
    assert not path.exists()
    assert mount("remount", "size=1m")
    fetch(source, path)
    assert path.read_bytes() == BODY


def test_read_only_disk_is_reported(source, small_disk):
    """Where nothing may be written the message names the folder and three ways out."""
    disk, mount = small_disk
    assert mount("remount", "ro")
    with pytest.raises(
        OSError, match=r"data_home or .*SKLEARN_ECG_DATA.*download_if_missing=False"
    ):
        fetch(source, disk / "cache" / "signal.dat")
    assert list(disk.iterdir()) == []


def test_read_only_folder_is_reported(source, path):
    """A folder without permission to write is an error that names it."""
    path.parent.mkdir(mode=0o555)
    if os.access(path.parent, os.W_OK):
        pytest.skip("root may write everywhere; see the read-only disk")
    folder = re.escape(str(path.parent))
    with pytest.raises(PermissionError, match=f"{folder}.*download_if_missing=False"):
        fetch(source, path)


def test_file_in_place_of_the_folder_is_reported(source, tmp_path):
    """A cache folder that is a file is an error that names it."""
    (tmp_path / "cache").write_text("not a folder")
    with pytest.raises(FileExistsError, match="cannot be written there"):
        fetch(source, tmp_path / "cache" / "signal.dat")


def test_check_files_names_the_damaged_one(tmp_path):
    """Of the files compared with their sums the wrong one is named."""
    (tmp_path / "whole").write_bytes(BODY)
    (tmp_path / "damaged").write_bytes(BODY[1:])
    check_files(tmp_path, {"whole": SHA256})
    with pytest.raises(OSError, match=r"damaged is not the published file.*delete it"):
        check_files(tmp_path, {"whole": SHA256, "damaged": SHA256})


def test_read_sha256_sums_takes_what_sha256sum_writes(tmp_path):
    """One or two spaces, the mark of binary files, and lines that are no sums are understood."""
    a, b, c = "a" * 64, "b" * 64, "c" * 64
    path = tmp_path / "SHA256SUMS.txt"
    path.write_text(f"{a} 100.dat\n{b}  x/100.hea\r\n<html>\n{c} *100 copy.atr\n")
    assert read_sha256_sums(path) == {"100.dat": a, "x/100.hea": b, "100 copy.atr": c}
