"""Name the recordings in a folder, with their labels and patients."""

from os import PathLike
from pathlib import Path

from sklearn.utils._param_validation import HasMethods, StrOptions, validate_params

from sklearn_ecg.datasets._files._finding import find_records
from sklearn_ecg.datasets._files._formats import explain_unknown
from sklearn_ecg.datasets._files._labels import (
    alike,
    as_target,
    is_frame,
    match_labels,
    name_of,
    names_in_tables,
    read_labels,
)
from sklearn_ecg.datasets._files._reading import existing_file
from sklearn_ecg.utils._containers import unwrap_recordings
from sklearn_ecg.utils._records import name_patients
from sklearn_ecg.utils._warning import warn_user

_MAX_LISTED = 5
ON_ERROR = [StrOptions({"raise", "warn", "skip"})]
LABELS = [str, PathLike, HasMethods(["to_csv", "itertuples"])]  # a file or a data frame


@validate_params(
    {"folder": [str, PathLike], "labels": LABELS, "on_error": ON_ERROR},
    prefer_skip_nested_validation=True,
)
def list_records(folder, labels, *, on_error="raise"):
    r"""Name the recordings in a folder as rows of X, with their labels and patients.

    No signal is read: the paths are for a pipeline that begins with a `RecordReader`, or for a
    `BeatClassifier`, which read each file when they need it.

    Parameters
    ----------
    folder : str or Path
        Folder, which may have subfolders.
    labels : str, Path or DataFrame
        Table of labels, CSV with a line for each file, or a data frame of pandas. A first line may
        name the columns: the file ("file", "path", "record"), its label ("label", "class") and, if
        there is one, the patient ("patient", "subject", "participant", "person", with or without
        "id", "code" or "number"; "group"). Without such a line, these are the first, second and
        third columns. A cell with `NA`, `nan`, `NULL`, `N/A` or `#N/A` is empty. A file
        is named with or without suffix, by its name, its whole path, or its path in `folder` or in
        the folder of the table.
    on_error : {"raise", "warn", "skip"}, default="raise"
        Whether to raise an error or to leave the file out, with or without a warning, in three
        cases: a file without a label, a label without a file, and a file that has the name of a
        recording but is not one.

    Returns
    -------
    paths : list of Path
        The recordings that have a label, in order of paths, which may not be that of the table.
    y : ndarray of shape (n_samples,)
        Their labels; integers if all are.
    groups : ndarray of shape (n_samples,)
        Their patients. A recording without one in the table is a patient of its own; a warning
        says so if the table has columns of other names.

    Raises
    ------
    ValueError
        If a file has no label, or the table names no file or one file twice, or several of its
        columns may be the labels.
    FileNotFoundError
        If the folder is not there, or the table names a file that is not.
    ECGFormatError
        If a file has the name of a recording but an unknown format.

    Warns
    -----
    UserWarning
        If the table may name patients otherwise, or one patient in two ways, such as 007 and 7; or
        of files that are left out, with `on_error="warn"`.

    See Also
    --------
    load_records : Reads the signals at once.
    RecordReader : Reads them as the first step of a pipeline.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn_ecg.datasets import list_records
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("ann", "ben"):
    ...         _ = Path(folder, f"{name}.csv").write_text("II (mV)\n0.1\n0.2\n")
    ...     table = Path(folder, "labels.csv")
    ...     _ = table.write_text("file,label,patient\nann,AF,p1\nben,N,p2\n")
    ...     paths, y, groups = list_records(folder, table)
    >>> [path.name for path in paths], y, groups
    (['ann.csv', 'ben.csv'], array(['AF', 'N'], dtype='<U2'), array(['p1', 'p2'], dtype='<U2'))
    """
    skips = Skips(on_error)
    paths, known = find_labelled(folder, labels, skips)
    skips.warn()
    if not paths:
        reason = skips.first_reason()
        raise ValueError(f"No recording in {folder} has a label in {name_of(labels)}{reason}.")
    groups = name_patients(paths, [label.patient for label in known])
    return paths, as_target([label.label for label in known]), groups


class Skips:
    """The files that are passed over, each with the reason."""

    def __init__(self, on_error):
        self.on_error = on_error
        self.all = []
        self.errors = []

    def add(self, path, error):
        """Raise the error of a file that should be a record, or note it."""
        if self.on_error == "raise":
            hint = 'on_error="warn" or "skip" passes over such files.'
            raise type(error)(f"{str(error).rstrip('.')}. {hint}") from None
        self.errors.append(str(error))
        self.all.append((str(path), str(error)))

    def note(self, path, reason):
        """Note a file that is not a record."""
        self.all.append((str(path), reason))

    def warn(self):
        """Warn of the errors, with `on_error="warn"`."""
        if self.errors and self.on_error == "warn":
            shown = " ".join(self.errors[:_MAX_LISTED])
            n_more = len(self.errors) - _MAX_LISTED
            more = f" There are {n_more} more." if n_more > 0 else ""
            warn_user(f"Passed over {len(self.errors)} files: {shown}{more}")

    def first_reason(self):
        """Return the reason why the first file that should be a record is not one."""
        return f"; the first: {self.errors[0].rstrip('.')}" if self.errors else ""


def find_labelled(paths_or_folder, labels, skips):
    """Find recordings, and the line of a table for each.

    Parameters
    ----------
    paths_or_folder : str, Path or sequence of them
        Files, or a folder.
    labels : str, Path or DataFrame, or None
        Table of labels.
    skips : Skips
        Collects the files that are passed over.

    Returns
    -------
    paths : list of Path
        The recordings; with `labels`, those that have one.
    known : list of (Label or None)
        The line of the table for each.
    """
    file = None if labels is None or is_frame(labels) else Path(labels)
    paths, folders = _list(paths_or_folder, file, has_labels=labels is not None, skips=skips)
    if labels is None:
        return paths, [None] * len(paths)
    return _label(paths, labels if file is None else file, folders, skips)


def _list(paths_or_folder, table, has_labels, skips):
    """List the records, and the folders from which a file of labels, `table`, may name them."""
    folders = [] if table is None else [table.parent]
    if not isinstance(paths_or_folder, str | PathLike):
        paths = list(unwrap_recordings(paths_or_folder))
        for i, path in enumerate(paths):
            if not isinstance(path, str | PathLike):
                raise TypeError(
                    f"paths_or_folder has a {type(path).__name__}, not a path, at position {i}."
                )
        paths = list(map(Path, paths))
        if not paths:
            raise ValueError("paths_or_folder is empty: name at least one file.")
        return paths, folders
    folder = Path(paths_or_folder)
    if not folder.is_dir():
        if has_labels:
            existing_file(folder)  # before a name in the table is said to be missing
        return [folder], folders
    paths, doubtful, others = find_records(folder)
    if table is not None:
        paths = [path for path in paths if path.absolute() != table.absolute()]
        others = [other for other in others if other[0].absolute() != table.absolute()]
    for path, reason in others:
        skips.note(path, reason)
    for path, error in doubtful:
        skips.add(path, error)
    if not paths:
        reason = skips.first_reason()
        if others and not reason:
            first, _ = others[0]
            reason = f"; the first of its files, {first.name}, {explain_unknown(first)}"
        raise ValueError(f"{folder} holds no records of a known format{reason}.")
    return paths, [folder, *folders]


def _label(paths, table, folders, skips):
    """Leave out the records that the table of labels lacks."""
    labels, first_file = read_labels(table)
    known, unused = match_labels(labels, paths, folders)
    is_gone = first_file in unused
    if first_file and first_file not in labels:  # its label is empty, as below a title
        is_gone = not any(first_file in names_in_tables(path, folders) for path in paths)
    if is_gone:  # on_error does not pass over it: labels may be in another column
        raise ValueError(
            f"{first_file}, the start of {name_of(table)}, is not there. If its first line names "
            'columns, call them "file", "label" and "patient"; if not, write such a line first.'
        )
    reasons = _reasons(paths, known, folders, skips) if unused else {}
    said = set(skips.errors)
    for name in unused:
        reason = reasons.get(name) or reasons.get(
            alike(name), "is not there, or is not a recording by itself"
        )
        if reason not in said:
            problem = f"{name}, which {name_of(table)} names, {reason}."
            skips.add(name, FileNotFoundError(problem))
    for path, label in zip(paths, known, strict=True):
        if label is None:
            skips.add(path, ValueError(f"{path} has no label in {name_of(table)}."))
    labelled = [
        (path, label) for path, label in zip(paths, known, strict=True) if label is not None
    ]
    return [path for path, _ in labelled], [label for _, label in labelled]


def _reasons(paths, known, folders, skips):
    """Say what may be wrong with names in a table: the file, or how they are written."""
    reasons = {}
    for path, label in zip(paths, known, strict=True):
        if label is None:
            reason = f"is not there: write {path.name}, with the same letters and zeros in front"
            names = map(alike, names_in_tables(path, folders))
            reasons |= dict.fromkeys(names, reason)
    for path, reason in skips.all:
        reasons |= dict.fromkeys(names_in_tables(Path(path), folders), reason)
    return reasons
