"""Check what may be read: files but no pipes, and archives whose parts unpack in steps."""

import zipfile


def refuse_no_file(path):
    """Refuse a folder, a pipe or a device; a path where nothing is passes.

    Parameters
    ----------
    path : Path
        What shall be read.

    Raises
    ------
    OSError
        If it is no file.
    """
    if path.is_file():
        return
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder: name a file in it.")
    if path.exists():
        raise FileNotFoundError(f"{path} is a pipe or a device: save what comes from it to a file.")


def unpacks_in_steps(member):
    """Check that a member of an archive can be unpacked to as many bytes as are wanted.

    Of other compressions, such as bzip2, `zipfile` unpacks all that 4 kB stand for, which may be
    gigabytes, and then cuts that to the size that the archive states.

    Parameters
    ----------
    member : zipfile.ZipInfo
        The member.

    Returns
    -------
    bool
        Whether it can.
    """
    return member.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
