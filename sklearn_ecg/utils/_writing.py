"""Write files so that they appear whole or not at all."""

import os
from pathlib import Path


def write_whole(path, data):
    """Write bytes to a file; an existing file stays until all is written.

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
        If a folder does not exist or cannot be written to.
    """
    for file in files:
        if not file.parent.is_dir():
            raise FileNotFoundError(
                f"{file} cannot be written: make the folder {file.parent} first."
            )
        if file.is_dir():
            raise IsADirectoryError(f"{file} is a folder: name a file in it.")
    drafts = {file.with_name(f".{file.name}.{os.getpid()}.part"): file for file in files}
    try:
        for draft, file in drafts.items():
            draft.write_bytes(files[file])
        for draft, file in drafts.items():
            os.replace(draft, file)
    finally:
        for draft in drafts:
            draft.unlink(missing_ok=True)
