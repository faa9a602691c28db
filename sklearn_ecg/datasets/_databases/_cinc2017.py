"""The training set of the PhysioNet/CinC Challenge 2017."""

import csv
import os
import re
import shutil
import zipfile

import numpy as np
from sklearn.utils import Bunch
from sklearn.utils._param_validation import validate_params

from sklearn_ecg.datasets._databases._data_home import get_data_home
from sklearn_ecg.datasets._databases._download import (
    check_files,
    download,
    may_be_completed,
    read_sha256_sums,
    sole_writer,
)
from sklearn_ecg.datasets._databases._physionet import check_names, missing_files, read_records
from sklearn_ecg.utils._signals import as_object_array

_DATABASE = "CinC Challenge 2017"
_BASE_URL = "https://physionet.org/files/challenge-2017/1.0.0/"
_SUMS = "SHA256SUMS.txt"
_LABELS = "REFERENCE-v3.csv"
_ARCHIVE = "training2017.zip"
_SUBFOLDER = "training2017"  # of the records, in the archive and in the cache
_SUFFIXES = (".hea", ".mat")
_RECORD_NAME = re.compile(r"A\d{5}")
_CLASSES = ("N", "A", "O", "~")
_LEADS = ("ECG",)
_MAX_FILE_SIZE = 1_000_000  # bytes; the longest record, of 61 s, has 37 kB

_DESCR = """\
PhysioNet/Computing in Cardiology Challenge 2017, training set 1.0.0, labels v3

8528 recordings of 9 to 61 s with a hand-held single-lead device (AliveCor), 300 Hz, each labelled
normal rhythm (N), atrial fibrillation (A), other rhythm (O) or too noisy (~): 5076, 758, 2415 and
279. The people recorded are not identified, so no split by patient is possible.

Clifford GD et al. AF classification from a short single lead ECG recording: the PhysioNet/Computing
in Cardiology Challenge 2017. Computing in Cardiology 44 (2017), doi:10.22489/CinC.2017.065-469.
Data: doi:10.13026/d3hm-sf11, published by PhysioNet (Goldberger AL et al. Circulation
101(23):e215-e220 (2000), doi:10.1161/01.CIR.101.23.e215) under the Open Data Commons Attribution
License 1.0.
"""


@validate_params(
    {
        "data_home": [str, os.PathLike, None],
        "records": ["array-like", None],
        "download_if_missing": ["boolean"],
        "return_X_y": ["boolean"],
        "verbose": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def fetch_cinc2017(
    data_home=None,
    *,
    records=None,
    download_if_missing=True,
    return_X_y=False,
    verbose=False,
):
    """Load the training set of the PhysioNet/CinC Challenge 2017.

    The signals are in mV at 300 Hz, as published: nothing is filtered, scaled or cut to length.
    They are downloaded at the first call (one archive of 99 MB) and read from the folder
    afterwards.

    Parameters
    ----------
    data_home : str or Path, default=None
        Folder that holds `REFERENCE-v3.csv` and the folder `training2017`, or a folder `cinc2017`
        with them. A copy that was not downloaded by this function is read as it is, even if it
        holds only some of the records; otherwise what is missing is downloaded there. None takes
        :func:`get_data_home`.
    records : sequence of str, default=None
        Names of records, such as `"A00001"`. None takes all that `REFERENCE-v3.csv` lists; of a
        folder to which nothing may be downloaded, those of them that are there.
    download_if_missing : bool, default=True
        Whether to download what is missing. If False, nothing is ever written.
    return_X_y : bool, default=False
        Whether to return only `(data, target)`.
    verbose : bool, default=False
        Whether to show progress bars.

    Returns
    -------
    Bunch
        `data` : 1-D object array of ndarrays of shape (n_timesteps_i, 1), float32
            Signal of each recording in mV; they last from 9 to 61 s.
        `target` : ndarray of shape (n_samples,)
            `"N"` normal rhythm, `"A"` atrial fibrillation, `"O"` other rhythm, `"~"` too noisy.
        `groups` : ndarray of shape (n_samples,)
            The record: who was recorded is not known, so a split by patient is not possible.
        `records` : ndarray of shape (n_samples,)
            The record.
        `fs` : float
            Sampling rate in Hz.
        `lead_names` : tuple of str
            `("ECG",)`: the lead between both hands, named so in the files.
        `DESCR` : str
            Where the data come from and how to cite them.

    Raises
    ------
    FileNotFoundError
        If files are missing and `download_if_missing` is False.
    OSError
        If a file cannot be downloaded or written, or is not the published one. The message says
        what to do.
    ValueError
        If a record is unknown, or `REFERENCE-v3.csv` is not a list of records and labels.

    See Also
    --------
    sklearn_ecg.model_selection.cinc2017_folds : Published folds, from a file.
    fetch_mitdb : Half-hour recordings, every beat annotated.

    Notes
    -----
    The labels are the third and final version. `SHA256SUMS.txt`, the publisher's list of checksums,
    is downloaded first, and what follows is checked against it. It is not pinned in this package,
    so it guards against damage on the way, not against a change at the source. Records that are
    there already are not checked.

    Interrupted downloads are resumed, and the archive is deleted when it is unpacked. Processes may
    share a folder: one downloads, the others wait.

    References
    ----------
    Clifford GD et al. AF classification from a short single lead ECG recording: the
    PhysioNet/Computing in Cardiology Challenge 2017. Computing in Cardiology 44 (2017).
    doi:10.22489/CinC.2017.065-469; data: doi:10.13026/d3hm-sf11

    Examples
    --------
    >>> from sklearn_ecg.datasets import fetch_cinc2017
    >>> fetch_cinc2017("no/such/folder", download_if_missing=False)
    Traceback (most recent call last):
        ...
    FileNotFoundError: no/such/folder/cinc2017 lacks REFERENCE-v3.csv of the CinC...
    """
    folder = _find_folder(get_data_home(data_home))
    labels = _provide_labels(folder, download_if_missing, verbose)
    records = _provide_records(folder, records, labels, download_if_missing, verbose)
    paths = [folder / _SUBFOLDER / name for name in records]
    data = []
    for record in read_records(paths, verbose=verbose):
        data.append(record.leads(_LEADS))
    bunch = Bunch(
        data=as_object_array(data),
        target=np.array([labels[name] for name in records]),
        groups=np.array(records),
        records=np.array(records),
        fs=record.fs,
        lead_names=_LEADS,
        DESCR=_DESCR,
    )
    return (bunch.data, bunch.target) if return_X_y else bunch


def _find_folder(data_home):
    has_records = any((data_home / name).exists() for name in (_LABELS, _SUBFOLDER))
    return data_home if has_records else data_home / "cinc2017"


def _provide_labels(folder, download_if_missing, verbose):
    """Give the label of each record, in the order of the published list."""
    path = folder / _LABELS
    if not path.exists():
        if not (download_if_missing and may_be_completed(folder)):
            raise missing_files(folder, [_LABELS], _DATABASE)
        with sole_writer(folder):
            _provide_published(path, verbose)
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    for number, row in enumerate(rows or [[]], start=1):  # an empty file fails at line 1
        if len(row) != 2 or not _RECORD_NAME.fullmatch(row[0]) or row[1] not in _CLASSES:
            raise ValueError(
                f"{path}, line {number}: expected a record and its label, such as A00001,N; "
                f"got {','.join(row)[:80]!r}. Delete the file, and it will be downloaded anew."
            )
    return dict(rows)


def _provide_records(folder, records, labels, download_if_missing, verbose):
    """See to it that the records are there, and tell which they are."""
    wanted = list(labels) if records is None else check_names(records, labels, database=_DATABASE)
    missing = _missing_files(folder, wanted)
    if missing and download_if_missing and may_be_completed(folder):
        with sole_writer(folder):
            # Anew, because another process may have brought them while this one waited.
            if missing := _missing_files(folder, labels):
                archive = folder / _ARCHIVE
                _provide_published(archive, verbose)
                _unpack(archive, folder, missing)
                archive.unlink()
    elif missing:
        here = [name for name in wanted if not _missing_files(folder, [name])]
        if records is not None or not here:
            raise missing_files(folder, missing, _DATABASE)
        wanted = here
    return wanted


def _provide_published(path, verbose):
    """Download a file of the database unless it is there, and check it either way."""
    sums_path = path.with_name(_SUMS)
    if not sums_path.exists():
        download(_BASE_URL + _SUMS, sums_path, verbose=verbose)
    sha256 = read_sha256_sums(sums_path).get(path.name)
    if sha256 is None:
        sums_path.unlink()
        raise OSError(
            f"{_BASE_URL + _SUMS} has no checksum of {path.name}; something else, such as the page "
            "of a network login, may have been sent in its place. Check the connection and call "
            "again."
        )
    if path.exists():
        check_files(path.parent, {path.name: sha256})
    else:
        download(_BASE_URL + path.name, path, sha256=sha256, verbose=verbose)


def _unpack(archive, folder, members):
    """Unpack members by name; whatever else an archive may hold is not touched."""
    (folder / _SUBFOLDER).mkdir(exist_ok=True)
    with zipfile.ZipFile(archive) as bundle:
        for member in members:
            part = folder / f"{member}.part"
            try:
                if bundle.getinfo(member).file_size > _MAX_FILE_SIZE:
                    raise ValueError(f"{member} is larger than a recording can be")
                with bundle.open(member) as packed, part.open("wb") as unpacked:
                    shutil.copyfileobj(packed, unpacked)
            except (KeyError, ValueError, zipfile.BadZipFile) as error:
                raise OSError(
                    f"{archive} is not the archive of the database: {error}. Delete it and call "
                    "again."
                ) from error
            part.replace(folder / member)


def _files_of(records):
    return [f"{_SUBFOLDER}/{name}{suffix}" for name in records for suffix in _SUFFIXES]


def _missing_files(folder, records):
    return [name for name in _files_of(records) if not (folder / name).exists()]
