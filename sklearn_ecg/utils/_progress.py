"""Show the progress of long work, if `verbose` is set."""

from sklearn_ecg.utils._extras import import_extra


def progress(rows, description, total, verbose):
    """Show a progress bar on standard error while rows are processed.

    Parameters
    ----------
    rows : iterable
        The rows.
    description : str
        Name of the work.
    total : int
        Number of rows.
    verbose : int or bool
        Whether to show the bar.

    Returns
    -------
    iterable
        The same rows.

    Raises
    ------
    ImportError
        If `verbose` is set and tqdm is missing; it comes with the extra `fetch`.

    Examples
    --------
    >>> list(progress([1, 2], "reading", 2, verbose=False))
    [1, 2]
    """
    if not verbose:
        return rows
    tqdm = import_extra("tqdm", extra="fetch")
    return tqdm.tqdm(rows, desc=description, total=total, unit="record")
