"""Write a file so that it appears whole or not at all."""

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
    path = Path(path)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(data)
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
