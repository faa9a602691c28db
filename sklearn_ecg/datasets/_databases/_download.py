"""Bring published files into a folder: whole and checked, or not at all."""

import contextlib
import hashlib
import os
import re
import shutil
import time
import zipfile

from sklearn_ecg.utils._extras import import_extra

_CHUNK_SIZE = 2**16
_MAX_MEMBER_SIZE = 1_000_000  # bytes; the longest recording that comes in an archive has 37 kB
_TIMEOUT_S = 30.0  # between two pieces of an answer, not for the whole of it
_N_TRIES = 3
_PAUSE_S = 1.0
_SHA256_LINE = re.compile(r"^(?P<sha256>[0-9a-f]{64}) [ *]?(?P<name>\S.*)$", re.MULTILINE)
_LOCK = ".lock"


def may_be_completed(folder):
    """Check whether missing files may be downloaded into a folder.

    A folder that holds files but was never written to from here is a copy that somebody else made:
    it is read as it is.

    Parameters
    ----------
    folder : Path
        The folder.

    Returns
    -------
    bool
        True for a folder that is empty, does not exist, or that :func:`sole_writer` once held.
    """
    return (folder / _LOCK).exists() or not folder.is_dir() or not any(folder.iterdir())


@contextlib.contextmanager
def sole_writer(folder):
    """Hold a folder so that no other process writes to it meanwhile.

    A process that comes second waits. The lock is the operating system's: it goes with its process,
    so one that was killed leaves nothing to clear away but the empty file `.lock`.

    Parameters
    ----------
    folder : Path
        The folder; it is created if need be.

    Raises
    ------
    OSError
        If the folder cannot be written, here or in the body. The message says what to do.
    """
    filelock = import_extra("filelock", extra="fetch")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(folder / _LOCK):
            yield
    except OSError as error:
        if error.errno is None:  # not of the disk: it carries a message of its own
            raise
        raise OSError(
            error.errno,
            f"{error.strerror}: files are missing from {folder} and cannot be written there. Make "
            "room, or choose another folder with data_home or the environment variable "
            "SKLEARN_ECG_DATA; with download_if_missing=False nothing is written, and the records "
            "that are there can be used",
        ) from error


def download(url, path, *, sha256=None, verbose=False):
    """Download a file, so that it appears whole and checked or not at all.

    The part that arrived is kept in `<path>.part`. If the transfer breaks off, it is resumed there,
    at once or by the next call.

    Parameters
    ----------
    url : str
        Address of the file.
    path : Path
        Path of the new file. An existing file is replaced.
    sha256 : str, default=None
        SHA-256 that the file must have. None does not check it.
    verbose : bool, default=False
        Whether to show a progress bar.

    Raises
    ------
    OSError
        If the file cannot be had or is not the right one, after three tries. The message says what
        to do.
    """
    requests = import_extra("requests", extra="fetch")  # pooch brings it
    part = path.with_name(f"{path.name}.part")
    for n_tries in range(1, _N_TRIES + 1):
        try:
            _download_rest(url, part, verbose)
            _check_part(part, sha256)
            break
        except (requests.RequestException, ValueError) as error:
            if n_tries == _N_TRIES or not _may_pass(error):
                raise OSError(
                    f"{path.name} could not be downloaded from {url}: {error}. Check the "
                    "connection and call again, which goes on where this stopped; or get the file "
                    f"by other means and save it as {path}."
                ) from error
        time.sleep(_PAUSE_S * n_tries)
    os.replace(part, path)


def read_sha256_sums(path):
    """Read a list of checksums as the program sha256sum writes it.

    Parameters
    ----------
    path : Path or Traversable
        The list.

    Returns
    -------
    dict of str to str
        Name of each file and its SHA-256. Other lines are ignored.
    """
    lines = _SHA256_LINE.finditer(path.read_text("utf-8", errors="replace"))
    return {line["name"]: line["sha256"] for line in lines}


def check_files(folder, sums):
    """Check files against their published checksums.

    Parameters
    ----------
    folder : Path
        Folder of the files.
    sums : dict of str to str
        Name of each file and its SHA-256.

    Raises
    ------
    OSError
        If a file is not the published one.
    """
    for name, sha256 in sums.items():
        found = _sha256_of(folder / name)
        if found != sha256:
            raise OSError(
                f"{folder / name} is not the published file: its SHA-256 is {found}, not {sha256}. "
                "It was damaged or changed; delete it, and it will be downloaded anew."
            )


def unpack(archive, folder, members):
    """Unpack members by name; other members of the archive are not touched.

    Parameters
    ----------
    archive : Path
        The ZIP file.
    folder : Path
        Folder for the members.
    members : list of str
        Their paths in the archive, and in the folder.

    Raises
    ------
    OSError
        If a member is missing, damaged, or larger than a recording can be.
    """
    with zipfile.ZipFile(archive) as bundle:
        for member in members:
            part = folder / f"{member}.part"
            part.parent.mkdir(exist_ok=True)
            try:
                if bundle.getinfo(member).file_size > _MAX_MEMBER_SIZE:
                    raise ValueError(f"{member} is larger than a recording can be")
                with bundle.open(member) as packed, part.open("wb") as unpacked:
                    shutil.copyfileobj(packed, unpacked)
            except (KeyError, ValueError, zipfile.BadZipFile) as error:
                raise OSError(
                    f"{archive} is not the archive of the database: {error}. Delete it and call "
                    "again."
                ) from error
            part.replace(folder / member)


def _download_rest(url, part, verbose):
    """Append the missing rest to a file."""
    pooch = import_extra("pooch", extra="fetch")
    tqdm = import_extra("tqdm", extra="fetch")
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(part.open("ab"))
        # Compressed on the way, the rest could not be counted in bytes of the file.
        headers = {"Accept-Encoding": "identity"}
        if file.tell():
            headers["Range"] = f"bytes={file.tell()}-"

        def start_over_unless_resumed(response, **_):
            stack.callback(response.close)
            # 200: the server sends the whole file. 416: the part here is not a beginning of the
            # file.
            if response.status_code in (200, 416):
                file.truncate(0)

        progress = stack.enter_context(
            tqdm.tqdm(
                desc=part.stem, total=1, unit="B", unit_scale=True, leave=False, disable=not verbose
            )
        )
        downloader = pooch.HTTPDownloader(
            progressbar=progress,
            chunk_size=_CHUNK_SIZE,
            timeout=_TIMEOUT_S,
            headers=headers,
            hooks={"response": start_over_unless_resumed},
        )
        downloader(url, file, None)


def _check_part(part, sha256):
    if sha256 is not None and (found := _sha256_of(part)) != sha256:
        part.unlink()
        raise ValueError(
            f"the download is not the published file (SHA-256 {found}, not {sha256}) and was "
            "deleted"
        )


def _sha256_of(path):
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _may_pass(error):
    """Check whether another try may succeed."""
    response = getattr(error, "response", None)
    if response is None:  # a broken connection, or wrong bytes, perhaps of an earlier beginning
        return True
    return response.status_code >= 500 or response.status_code in (408, 416, 429)
