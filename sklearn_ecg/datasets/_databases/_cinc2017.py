"""The training set of the PhysioNet/CinC Challenge 2017."""

import csv
import re

import numpy as np
from sklearn.utils._param_validation import StrOptions, validate_params

from sklearn_ecg.datasets._databases._database import FETCH_CONSTRAINTS, Database
from sklearn_ecg.datasets._databases._rows import make_rows

_LABELS = "REFERENCE-v3.csv"
_SUBFOLDER = "training2017"  # of the records, in the archive and in the copy
_RECORD_NAME = re.compile(r"A\d{5}")
_CLASSES = ("N", "A", "O", "~")
_DATABASE = Database(
    name="CinC Challenge 2017",
    folder="cinc2017",
    url="https://physionet.org/files/challenge-2017/1.0.0/",
    landmarks=(_LABELS, _SUBFOLDER),
    suffixes=(".hea", ".mat"),
    archive="training2017.zip",
)

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
        **FETCH_CONSTRAINTS,
        "rows": [StrOptions({"signals", "records"})],
    },
    prefer_skip_nested_validation=True,
)
def fetch_cinc2017(
    data_home=None,
    *,
    record_names=None,
    rows="signals",
    leads=("ECG",),
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
        holds only some of the records; otherwise missing files are downloaded there. None takes
        :func:`get_data_home`.
    record_names : sequence of str, default=None
        Names of the wanted records, such as `"A00001"`. None takes all that `REFERENCE-v3.csv`
        lists; of a folder to which nothing may be downloaded, those of them that are there.
    rows : {"signals", "records"}, default="signals"
        Whether a row is the signal of a record, or the record as an `ECGRecord`.
    leads : sequence of str, default=("ECG",)
        Names of leads; there is one, the lead between both hands, named so in the files.
    download_if_missing : bool, default=True
        Whether to download missing files. If False, nothing is ever written.
    return_X_y : bool, default=False
        Whether to return only `(data, target)`.
    verbose : bool, default=False
        Whether to show progress bars.

    Returns
    -------
    Bunch
        `data` : 1-D object array of ndarrays of shape (n_timesteps_i, 1), or list of ECGRecord
            Signal of each recording in mV, as float32, or the records; they last from 9 to 61 s.
        `target` : ndarray of shape (n_samples,)
            `"N"` normal rhythm, `"A"` atrial fibrillation, `"O"` other rhythm, `"~"` too noisy.
        `groups` : ndarray of shape (n_samples,)
            The record, because the patients are not known: a split by patient is not possible.
        `records` : ndarray of shape (n_samples,)
            Name of each record.
        `fs` : float
            Sampling rate in Hz.
        `lead_names` : tuple of str
            `("ECG",)`.
        `DESCR` : str
            Source of the data and how to cite them.

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
    The first call downloads the files:

    >>> from sklearn_ecg.datasets import fetch_cinc2017
    >>> recordings = fetch_cinc2017()  # doctest: +SKIP
    >>> X, y = recordings.data, recordings.target  # doctest: +SKIP

    Name the folder of a copy that is there already:

    >>> fetch_cinc2017("no/such/folder", download_if_missing=False)
    Traceback (most recent call last):
        ...
    FileNotFoundError: no/such/folder/cinc2017 lacks REFERENCE-v3.csv of the CinC...
    """
    copy = _DATABASE.locate(data_home, download_if_missing=download_if_missing, verbose=verbose)
    labels = _read_labels(copy.provide(_LABELS))
    paths = copy.complete(record_names, records=[f"{_SUBFOLDER}/{name}" for name in labels])
    target = np.array([labels[path.removeprefix(f"{_SUBFOLDER}/")] for path in paths])
    records = copy.read(paths, leads=leads)
    bunch = make_rows(
        records, rows, n_records=len(paths), leads=leads, target=target, ragged=True, DESCR=_DESCR
    )
    return (bunch.data, bunch.target) if return_X_y else bunch


def _read_labels(path):
    """Read the label of each record, in the order of the published list."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    for number, row in enumerate(rows or [[]], start=1):  # an empty file fails at line 1
        if len(row) != 2 or not _RECORD_NAME.fullmatch(row[0]) or row[1] not in _CLASSES:
            raise ValueError(
                f"{path}, line {number}: expected a record and its label, such as A00001,N; "
                f"got {','.join(row)[:80]!r}. Delete the file, and it will be downloaded anew."
            )
    return dict(rows)
