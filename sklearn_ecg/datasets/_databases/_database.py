"""A public database: declared by a few facts, brought into a folder, checked, and read."""

import csv
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePosixPath, PureWindowsPath

from sklearn_ecg.datasets._databases._data_home import get_data_home
from sklearn_ecg.datasets._databases._download import (
    check_files,
    download,
    may_be_completed,
    read_sha256_sums,
    sole_writer,
    unpack,
)
from sklearn_ecg.datasets._files._reading import read_record
from sklearn_ecg.utils._leads import MissingLeadError
from sklearn_ecg.utils._progress import progress

_SUMS = "SHA256SUMS.txt"  # as PhysioNet publishes them with every database
# Constraints of the arguments that all fetchers share.
FETCH_CONSTRAINTS = {
    "data_home": [str, os.PathLike, None],
    "record_names": ["array-like", None],
    "leads": ["array-like", None],
    "download_if_missing": ["boolean"],
    "return_X_y": ["boolean"],
    "verbose": ["boolean"],
}


@dataclass(frozen=True, kw_only=True)
class Database:
    """The published files of a database.

    Parameters
    ----------
    name : str
        Name for messages.
    folder : str
        Name of its folder in the data home.
    url : str
        Address of its files; ends with a slash.
    landmarks : tuple of str
        Files or folders by which a folder is known to hold the database, at least one of them.
    suffixes : tuple of str
        Suffixes of the files of each record.
    records : tuple of str, default=()
        Path of each record in the folder, without suffix. Its last part is the record's name.
        Empty if a table of the database lists them.
    annotator : str, default=None
        Suffix of the annotation files.
    patient_of : callable, default=nobody is identified
        Returns the patient of a record, from the record's name.
    sums : mapping of str to str, default=None
        SHA-256 of each file, which every call checks. None takes the publisher's list, which is
        downloaded first and guards the download alone.
    archive : str, default=None
        ZIP file that holds the files of the records. None downloads these one by one.
    """

    name: str
    folder: str
    url: str
    landmarks: tuple[str, ...]
    suffixes: tuple[str, ...]
    records: tuple[str, ...] = ()
    annotator: str | None = None
    patient_of: Callable[[str], str] = lambda name: ""
    sums: Mapping[str, str] | None = None
    archive: str | None = None

    def locate(self, data_home, *, download_if_missing, verbose):
        """Find the database in a folder, or in its own folder there.

        Parameters
        ----------
        data_home : str, Path or None
            The folder; None takes :func:`get_data_home`.
        download_if_missing : bool
            Whether missing files may be downloaded.
        verbose : bool
            Whether to show progress bars.

        Returns
        -------
        DatabaseCopy
            The database in this folder, which need not exist yet.
        """
        home = get_data_home(data_home)
        is_here = any((home / name).exists() for name in self.landmarks)
        folder = home if is_here else home / self.folder
        return DatabaseCopy(self, folder, download_if_missing, verbose)


@dataclass(frozen=True)
class DatabaseCopy:
    """A folder that holds a database, or some of it.

    Parameters
    ----------
    database : Database
        The published files.
    folder : Path
        The folder.
    download_if_missing : bool
        Whether missing files may be downloaded, unless the folder was made by other means.
    verbose : bool
        Whether to show progress bars.
    """

    database: Database
    folder: Path
    download_if_missing: bool
    verbose: bool

    def provide(self, name):
        """Download a file of the database unless it is there.

        Parameters
        ----------
        name : str
            Its path in the folder.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        FileNotFoundError
            If it is missing and may not be downloaded.
        OSError
            If it cannot be downloaded or is not the published one.
        """
        path = self.folder / name
        if not path.exists():
            if not self._may_download():
                raise self._missing_error([name])
            with sole_writer(self.folder):
                self._bring([name])
        return path

    def complete(self, record_names, *, records=None, default=None, suffixes=None):
        """Download the missing files of some records, and check all files with checksums.

        Parameters
        ----------
        record_names : sequence of str or None
            Names of the wanted records. None takes `default`; in a folder to which nothing may be
            downloaded, those of them that are there.
        records : sequence of str, default=None
            Path of each record of the database. None takes those that are declared.
        default : sequence of str, default=None
            Names of records; None takes all.
        suffixes : tuple of str, default=None
            Suffixes of the needed files of a record. None takes those that are declared.

        Returns
        -------
        list of str
            Path of each wanted record in the folder, without suffix.

        Raises
        ------
        FileNotFoundError
            If files are missing and may not be downloaded.
        OSError
            If a file cannot be downloaded or is not the published one.
        ValueError
            If a record is unknown or named twice, or none is named.
        """
        records = self.database.records if records is None else records
        path_of = {PurePosixPath(record).name: record for record in map(_stay_inside, records)}
        if record_names is None:
            names = list(path_of) if default is None else default
        else:
            names = self._check_names(record_names, path_of)
        wanted = [path_of[name] for name in names]
        suffixes = suffixes or self.database.suffixes
        missing = self._missing_of(wanted, suffixes)
        if missing and self._may_download():
            with sole_writer(self.folder):
                if self.database.archive is None:
                    self._bring(missing)
                else:
                    self._bring_from_archive(files_of(records, suffixes))
        elif missing:
            here = [record for record in wanted if not self._missing_of([record], suffixes)]
            if record_names is not None or not here:
                raise self._missing_error(missing)
            wanted = here
        if self.database.sums is not None:
            sums = self.database.sums
            check_files(self.folder, {name: sums[name] for name in files_of(wanted, suffixes)})
        return wanted

    def read(self, records, *, leads):
        """Read records one after the other.

        Parameters
        ----------
        records : sequence of str
            Path of each in the folder, without suffix, as :meth:`complete` returns them.
        leads : sequence of str or of tuple of str, or None
            Wanted leads; None for all, and an empty sequence for annotations alone.

        Yields
        ------
        ECGRecord
            Each record, with its annotations and its patient.

        Raises
        ------
        ValueError
            If a record lacks a lead.
        """
        for path in progress(records, "reading", len(records), self.verbose):
            try:
                record = read_record(
                    self.folder / path, leads=leads, annotator=self.database.annotator
                )
            except MissingLeadError as error:  # whose advice does not help here
                raise ValueError(
                    f"leads: {error.reason} Name alternatives, such as ('MLII', 'II'), or leave "
                    "the record out of record_names."
                ) from error
            yield replace(record, patient=self.database.patient_of(record.name))

    def _may_download(self):
        return self.download_if_missing and may_be_completed(self.folder)

    def _missing_of(self, records, suffixes):
        return [name for name in files_of(records, suffixes) if not (self.folder / name).exists()]

    def _check_names(self, record_names, known):
        names = [str(name) for name in record_names]
        if unknown := [name for name in names if name not in known]:
            raise ValueError(
                f"record_names: the {self.database.name} has no record {', '.join(unknown)}."
            )
        if not names or len(set(names)) < len(names):
            raise ValueError(
                f"record_names must name at least one record, and each once; got {names}."
            )
        return names

    def _missing_error(self, names):
        shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more files" if names[3:] else "")
        return FileNotFoundError(
            f"{self.folder} lacks {shown} of the {self.database.name}. Pass the folder of a copy "
            "that has them as data_home; or let them be downloaded, with download_if_missing=True, "
            "into a folder that is new: a copy that was made by other means is never written to."
        )

    def _bring(self, names):
        """Download files; another process may have brought them while this one waited."""
        for name in names:
            path = self.folder / name
            if not path.exists():
                path.parent.mkdir(exist_ok=True, parents=True)
                url = self.database.url + name
                download(url, path, sha256=self._sum_of(name), verbose=self.verbose)

    def _bring_from_archive(self, names):
        missing = [name for name in names if not (self.folder / name).exists()]
        if missing:
            archive = self.folder / self.database.archive
            if archive.exists():  # left by a call that was interrupted
                check_files(self.folder, {archive.name: self._sum_of(archive.name)})
            self._bring([archive.name])
            unpack(archive, self.folder, missing)
            archive.unlink()

    def _sum_of(self, name):
        if name not in self._sums:
            url = self.database.url + _SUMS
            (self.folder / _SUMS).unlink(missing_ok=True)
            raise OSError(
                f"{url} has no checksum of {name}; something else, such as the page of a network "
                "login, may have been sent in its place. Check the connection and call again."
            )
        return self._sums[name]

    @cached_property
    def _sums(self):
        if self.database.sums is not None:
            return self.database.sums
        path = self.folder / _SUMS
        if not path.exists():
            download(self.database.url + _SUMS, path, verbose=self.verbose)
        return read_sha256_sums(path)


def _stay_inside(record):
    path = PureWindowsPath(record)  # which takes both kinds of slash, and drives
    if path.anchor or ".." in path.parts or not path.name:
        raise ValueError(f"a table of the database names {record!r}, which is not a file in it.")
    return record


def files_of(records, suffixes):
    """Name the files of some records."""
    return [f"{record}{suffix}" for record in records for suffix in suffixes]


def read_table(path, columns):
    """Read a table of a database that has a line of column names.

    Parameters
    ----------
    path : Path
        CSV file.
    columns : iterable of str
        Columns that it must have.

    Returns
    -------
    list of dict of str to str
        The cells of each line by column.

    Raises
    ------
    ValueError
        If a column is missing.
    """
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    if absent := [name for name in columns if name not in (reader.fieldnames or ())]:
        raise ValueError(
            f"{path} has no column {', '.join(absent)}. Delete the file, and it will be "
            "downloaded anew."
        )
    return rows
