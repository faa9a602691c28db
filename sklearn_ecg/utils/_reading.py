"""Refuse what is no file before it is opened, because a pipe makes whoever reads it wait."""


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
