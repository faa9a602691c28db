"""Check what may be read: files but no pipes, archives that unpack in steps, arrays of numbers."""

import zipfile

import numpy as np


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


def read_array_header(file):
    """Read what an array that NumPy saved says of itself.

    Parameters
    ----------
    file : binary file
        The array; it is read up to its values.

    Returns
    -------
    tuple of int and numpy.dtype, or None
        Its shape and its type; None if it is of a version that only arrays of named columns need.

    Raises
    ------
    ValueError
        If it is no such array.
    """
    read = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }.get(np.lib.format.read_magic(file))
    if read is None:
        return None
    shape, _, dtype = read(file)
    return shape, dtype
