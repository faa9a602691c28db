"""What the loaders of PhysioNet's databases share."""

from sklearn_ecg.datasets._files._reading import read_record
from sklearn_ecg.utils._extras import import_extra


def read_records(paths, *, annotator=None, verbose=False):
    """Read WFDB records one after the other.

    Parameters
    ----------
    paths : list of Path
        Path of each record without suffix.
    annotator : str, default=None
        Suffix of the annotation files. None reads no annotations.
    verbose : bool, default=False
        Whether to show a progress bar.

    Yields
    ------
    ECGRecord
        Each record.
    """
    if verbose:
        paths = import_extra("tqdm", extra="fetch").tqdm(paths, desc="reading", unit="record")
    for path in paths:
        yield read_record(path, annotator=annotator)


def check_names(records, known, *, database):
    """Refuse names of records that a database does not have.

    Parameters
    ----------
    records : sequence of str
        Wanted records.
    known : collection of str
        Records of the database.
    database : str
        Its name.

    Returns
    -------
    list of str
        The wanted records.

    Raises
    ------
    ValueError
        If there is none, or a name is unknown or occurs twice.
    """
    records = [str(name) for name in records]
    unknown = [name for name in records if name not in known]
    if unknown:
        raise ValueError(f"records: the {database} has no record {', '.join(unknown)}.")
    if not records or len(set(records)) < len(records):
        raise ValueError(f"records must name at least one record, and each once; got {records}.")
    return records


def missing_files(folder, names, database):
    """Make the error for files that are not there and may not be downloaded.

    Parameters
    ----------
    folder : Path
        Where they should be.
    names : list of str
        Names of the files.
    database : str
        Name of the database.

    Returns
    -------
    FileNotFoundError
        To be raised.
    """
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more files" if names[3:] else "")
    return FileNotFoundError(
        f"{folder} lacks {shown} of the {database}. Pass the folder of a copy that has them as "
        "data_home; or let them be downloaded, with download_if_missing=True, into a folder that "
        "is new: a copy that was made by other means is never written to."
    )
