"""Import optional dependencies, with an error that says how to install them."""

import importlib


def import_extra(module, extra):
    """Import a module that one of the package's extras installs.

    Parameters
    ----------
    module : str
        Name of the module.
    extra : str
        Name of the extra in `pyproject.toml`.

    Returns
    -------
    module
        The imported module.

    Raises
    ------
    ImportError
        If it is not installed; the message names the extra.

    Examples
    --------
    >>> import_extra("json", extra="plot").dumps([1])
    '[1]'
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(
            f"This needs the package {module.partition('.')[0]}, which is not installed. "
            f'Install it with: pip install "sklearn-ecg[{extra}]"'
        ) from error
