"""Write files so that they appear whole or not at all."""

import os
import shutil
from contextlib import suppress
from pathlib import Path
from uuid import uuid4


def write_whole(path, data):
    """Write bytes to a file; an existing file stays until all is written, and who may read it.

    Parameters
    ----------
    path : str or Path
        The file. Its folder must exist.
    data : bytes
        The content of the file.

    Raises
    ------
    OSError
        If the folder does not exist or cannot be written to.
    """
    write_all_whole({Path(path): data})


def write_all_whole(files):
    """Write files under other names, and give them theirs when all are whole.

    Parameters
    ----------
    files : dict of Path to bytes
        The contents, in the order in which the files shall appear. Their folders must exist.

    Raises
    ------
    OSError
        If a folder does not exist, a path cannot be written to or is not that of a file, or the
        disk is full. The message names the file.
    """
    for file in files:
        _check_place(file)
    # Names of their own, because that of the file may be as long as names can be; and where a link
    # leads, so that it stays a link.
    drafts = {file: file.resolve().with_name(f".{uuid4().hex}.part") for file in files}
    try:
        for file, draft in drafts.items():
            _take_permissions(file, draft)
            draft.write_bytes(files[file])
        for file, draft in drafts.items():
            os.replace(draft, file.resolve())
    except OSError as error:  # names the draft, or nothing
        raise OSError(error.errno, error.strerror, str(file)) from None
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)


def _take_permissions(file, draft):
    """Make the draft, which nobody may read who may not read the file that it replaces."""
    draft.touch()
    if file.exists():
        with suppress(OSError):  # of a file system that has none, such as a share of a network
            shutil.copymode(file, draft)


def _check_place(file):
    if not file.parent.is_dir():
        raise FileNotFoundError(f"{file} cannot be written: make the folder {file.parent} first.")
    if file.is_dir():
        raise IsADirectoryError(f"{file} is a folder: name a file in it.")
    if file.exists():
        if not file.is_file():
            raise OSError(f"{file} is a device or a pipe: name a file.")
        if not os.access(file, os.W_OK):  # a new file could take its place all the same
            raise PermissionError(f"{file} is there and must not be written to.")
