"""The Lobachevsky University Database: waves and their limits in each of twelve leads."""

from dataclasses import replace

import numpy as np
from sklearn.utils._param_validation import StrOptions, validate_params

from sklearn_ecg.datasets._databases._database import FETCH_CONSTRAINTS, Database, read_table
from sklearn_ecg.datasets._databases._rows import make_rows
from sklearn_ecg.datasets._files._reading import read_record
from sklearn_ecg.utils._leads import TWELVE_LEADS, normalize_lead_name

_TABLE = "ludb.csv"
_DATABASE = Database(
    name="Lobachevsky University Database",
    folder="ludb",
    url="https://physionet.org/files/ludb/1.0.1/",
    landmarks=(_TABLE,),
    suffixes=(".hea", ".dat", *(f".{lead.lower()}" for lead in TWELVE_LEADS)),
    records=tuple(f"data/{number}" for number in range(1, 201)),
    patient_of=str,
)

_DESCR = """\
Lobachevsky University Electrocardiography Database 1.0.1

200 twelve-lead recordings of 10 s of 200 people, 500 Hz, with the peaks, onsets and ends of P, QRS
and T waves, annotated by cardiologists in each lead on its own.

Kalyakulina AI, Yusipov II, Moskalenko VA et al. LUDB: a new open-access validation tool for
electrocardiogram delineation algorithms. IEEE Access 8:186181-186190 (2020),
doi:10.1109/ACCESS.2020.3029211. Data: doi:10.13026/eegm-h675, published by PhysioNet (Goldberger AL
et al. Circulation 101(23):e215-e220 (2000), doi:10.1161/01.CIR.101.23.e215) under the Open Data
Commons Attribution License 1.0.
"""


@validate_params(
    {
        **FETCH_CONSTRAINTS,
        "rows": [StrOptions({"records", "signals"})],
        "annotated_lead": [str],
    },
    prefer_skip_nested_validation=True,
)
def fetch_ludb(
    data_home=None,
    *,
    record_names=None,
    rows="records",
    leads=None,
    annotated_lead="II",
    download_if_missing=True,
    return_X_y=False,
    verbose=False,
):
    """Load the Lobachevsky University Database: twelve leads with the limits of every wave.

    The signals are in mV at 500 Hz, as published. They are downloaded at the first call (2800 small
    files, 30 MB) and read from the folder afterwards.

    Parameters
    ----------
    data_home : str or Path, default=None
        Folder that holds `ludb.csv` and the folder `data`, or a folder `ludb` with them. A copy
        that was not downloaded by this function is read as it is, even if it holds only some of the
        records; otherwise missing files are downloaded there. None takes :func:`get_data_home`.
    record_names : sequence of str, default=None
        Names of the wanted records, `"1"` to `"200"`. None takes all; of a folder to which nothing
        may be downloaded, those of them that are there.
    rows : {"records", "signals"}, default="records"
        Whether a row is a record as an `ECGRecord`, or its signal.
    leads : sequence of str, default=None
        Names of leads of the signal. None takes all twelve.
    annotated_lead : str, default="II"
        Lead whose marks are the `annotations` of each record, in any usual spelling.
    download_if_missing : bool, default=True
        Whether to download missing files. If False, nothing is ever written.
    return_X_y : bool, default=False
        Whether to return only `(data, target)`.
    verbose : bool, default=False
        Whether to show progress bars.

    Returns
    -------
    Bunch
        `data` : list of ECGRecord, or ndarray of shape (n_samples, 5000, n_leads), float32
            The records, or their signals in mV.
        `target` : ndarray of shape (n_samples,)
            Rhythm of each record, such as `"Sinus rhythm"`.
        `groups` : ndarray of shape (n_samples,)
            The patient. Each record is of another one.
        `records` : ndarray of shape (n_samples,)
            Name of each record.
        `fs` : float
            Sampling rate in Hz.
        `lead_names` : tuple of str
            Name of each column of the signal.
        `DESCR` : str
            Source of the data and how to cite them.

    Raises
    ------
    FileNotFoundError
        If files are missing and `download_if_missing` is False.
    OSError
        If a file cannot be downloaded or written, or is not the published one.
    ValueError
        If a record or a lead is unknown.

    See Also
    --------
    sklearn_ecg.beats.detect_beats : Finds QRS complexes.

    Notes
    -----
    The `annotations` of a record have the symbols `"p"`, `"N"` and `"t"` at the peaks of P, QRS and
    T, and `"("` and `")"` at the onset and end of each. A record's `metadata` holds `sex`, `age`
    (years; 90 for all who were older than 89) and `waves`: such marks of each lead, by its name,
    so that `waves["V1"]` is a tuple of time steps and symbols. The first and the last beats of a
    strip are often not annotated.

    References
    ----------
    Kalyakulina AI, Yusipov II, Moskalenko VA et al. LUDB: a new open-access validation tool for
    electrocardiogram delineation algorithms. IEEE Access 8:186181-186190 (2020).
    doi:10.1109/ACCESS.2020.3029211; data: doi:10.13026/eegm-h675

    Examples
    --------
    The first call downloads the files:

    >>> from sklearn_ecg.datasets import fetch_ludb
    >>> records = fetch_ludb().data  # doctest: +SKIP

    Name the folder of a copy that is there already:

    >>> fetch_ludb("no/such/folder", download_if_missing=False)
    Traceback (most recent call last):
        ...
    FileNotFoundError: no/such/folder/ludb lacks ludb.csv of the Lobachevsky University Database...
    """
    marked = normalize_lead_name(annotated_lead)
    if marked not in TWELVE_LEADS:
        raise ValueError(
            f"annotated_lead={annotated_lead!r} is not one of {', '.join(TWELVE_LEADS)}."
        )
    copy = _DATABASE.locate(data_home, download_if_missing=download_if_missing, verbose=verbose)
    table = read_table(copy.provide(_TABLE), ["ID", "Sex", "Age", "Rhythms"])
    person_of = {row["ID"]: row for row in table}
    paths = copy.complete(record_names)
    rhythms = [person_of[path.removeprefix("data/")]["Rhythms"] for path in paths]

    def annotated(record):
        person = person_of[record.name]
        age = person["Age"].strip()
        waves = {lead: _marks_of(record, lead) for lead in TWELVE_LEADS}
        said = {"sex": person["Sex"].strip(), "age": 90 if age == ">89" else int(age)}
        return replace(record, annotations=waves[marked], metadata=said | {"waves": waves})

    records = map(annotated, copy.read(paths, leads=leads))
    target = np.array([rhythm.strip().replace("\n", "; ") for rhythm in rhythms])
    bunch = make_rows(records, rows, n_records=len(paths), leads=leads, target=target, DESCR=_DESCR)
    return (bunch.data, bunch.target) if return_X_y else bunch


def _marks_of(record, lead):
    return read_record(record.source, leads=[], annotator=lead.lower()).annotations
