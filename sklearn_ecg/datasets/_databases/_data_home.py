"""Find the folder of the databases."""

import os
from pathlib import Path


def get_data_home(data_home=None):
    """Return the folder in which the databases are kept.

    The folder is not created here: it may be a copy that nobody may write to.

    Parameters
    ----------
    data_home : str or Path, default=None
        The folder. None takes the one that the environment variable `SKLEARN_ECG_DATA` names or,
        where it is not set, `~/sklearn_ecg_data`. A leading `~` is the user's home.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    OSError
        If it is in the user's home, and the account does not have one.

    See Also
    --------
    fetch_mitdb : Loads a database that is kept there.

    Examples
    --------
    >>> from sklearn_ecg.datasets import get_data_home
    >>> get_data_home("recordings").name
    'recordings'
    """
    if data_home is None:
        data_home = os.environ.get("SKLEARN_ECG_DATA") or "~/sklearn_ecg_data"
    try:
        return Path(data_home).expanduser()
    except RuntimeError as error:  # an account without a home, as a container may run as
        raise OSError(
            f"{data_home} needs a home folder, which this account does not have: choose a folder "
            "with data_home or the environment variable SKLEARN_ECG_DATA."
        ) from error
