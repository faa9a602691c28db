"""The Long-Term AF Database: the beats and rhythms of whole days."""

from sklearn.utils._param_validation import StrOptions, validate_params

from sklearn_ecg.datasets._databases._database import FETCH_CONSTRAINTS, Database
from sklearn_ecg.datasets._databases._rows import CUT_CONSTRAINTS, make_rows

_DATABASE = Database(
    name="Long-Term AF Database",
    folder="ltafdb",
    url="https://physionet.org/files/ltafdb/1.0.0/",
    # Records of three digits have names that records of other databases have too.
    landmarks=("00.hea", "01.hea", "03.hea", "05.hea", "06.hea", "07.hea", "08.hea"),
    suffixes=(".hea", ".atr"),
    records=tuple(
        "00 01 03 05 06 07 08 10 11 12 13 15 16 17 18 19 20 21 22 23 24 25 26 28 30 32 33 34 35 37 "
        "38 39 42 43 44 45 47 48 49 51 53 54 55 56 58 60 62 64 65 68 69 70 71 72 74 75 100 101 102 "
        "103 104 105 110 111 112 113 114 115 116 117 118 119 120 121 122 200 201 202 203 204 205 "
        "206 207 208".split()
    ),
    annotator="atr",
    patient_of=str,
)

_DESCR = """\
Long-Term AF Database 1.0.0

84 two-lead ambulatory recordings of 84 people with paroxysmal or sustained atrial fibrillation,
128 Hz, most of 24 to 25 hours, every beat and the rhythm annotated. Beats in atrial fibrillation
are labelled normal (N).

Petrutiu S, Sahakian AV, Swiryn S. Abrupt changes in fibrillatory wave characteristics at the
termination of paroxysmal atrial fibrillation in humans. Europace 9(7):466-470 (2007),
doi:10.1093/europace/eum096. Data: doi:10.13026/C2QG6Q, published by PhysioNet (Goldberger AL et al.
Circulation 101(23):e215-e220 (2000), doi:10.1161/01.CIR.101.23.e215) under the Open Data Commons
Attribution License 1.0.
"""


@validate_params(
    {
        **FETCH_CONSTRAINTS,
        **CUT_CONSTRAINTS,
        "rows": [StrOptions({"records", "strips", "beats"})],
    },
    prefer_skip_nested_validation=True,
)
def fetch_ltafdb(
    data_home=None,
    *,
    record_names=None,
    rows="records",
    leads=(),
    duration_s=10.0,
    before_s=0.25,
    after_s=0.45,
    download_if_missing=True,
    return_X_y=False,
    verbose=False,
):
    """Load the Long-Term AF Database: beats and rhythms of 84 days, with or without signals.

    By default only annotations are downloaded (about 20 MB) and read: the time, the class and the
    rhythm of each beat. With `leads`, the signals are downloaded too (3.3 GB).

    Parameters
    ----------
    data_home : str or Path, default=None
        Folder that holds the database's files, or a folder `ltafdb` with them. A copy that was not
        downloaded by this function is read as it is, even if it holds only some of the records;
        otherwise missing files are downloaded there. None takes :func:`get_data_home`.
    record_names : sequence of str, default=None
        Names of the wanted records, such as `"00"`. None takes all 84; of a folder to which nothing
        may be downloaded, those of them that are there.
    rows : {"records", "strips", "beats"}, default="records"
        The kind of row: a record as an `ECGRecord`, or strips or beats of the signal with the
        labels that :func:`fetch_mitdb` describes. Strips and beats need `leads`.
    leads : sequence of str, default=()
        Names of leads; both are called `"ECG"` in the files, so that the second is `"ECG #2"`. An
        empty sequence reads annotations without a signal, None both leads.
    duration_s : float, default=10.0
        Duration of a strip in seconds.
    before_s, after_s : float, default=0.25, 0.45
        Reach of a beat's window before and after its annotation, in seconds.
    download_if_missing : bool, default=True
        Whether to download missing files. If False, nothing is ever written.
    return_X_y : bool, default=False
        Whether to return only `(data, target)`.
    verbose : bool, default=False
        Whether to show progress bars.

    Returns
    -------
    Bunch
        `data` : list of ECGRecord, or ndarray of shape (n_samples, n_timesteps, n_leads), float32
            The records, with the annotations in `beats` and `rhythms`, or signals in mV.
        `target` : ndarray of shape (n_samples,) or None
            Label of each strip or beat; None for records.
        `groups` : ndarray of shape (n_samples,)
            The patient. Each record is of another one.
        `records` : ndarray of shape (n_samples,)
            Name of the record of each row.
        `time_steps` : ndarray of shape (n_samples,)
            Time step of a strip or a beat in its record. Only for strips and beats.
        `fs` : float
            Sampling rate in Hz.
        `lead_names` : tuple of str
            Name of each column of the first record's signal.
        `DESCR` : str
            Source of the data and how to cite them.

    Raises
    ------
    FileNotFoundError
        If records are missing and `download_if_missing` is False.
    OSError
        If a file cannot be downloaded or written, or is not the published one.
    ValueError
        If a record is unknown, or strips or beats are wanted without `leads`.

    See Also
    --------
    fetch_mitdb : Half-hour recordings, every beat annotated.
    sklearn_ecg.beats.extract_beats : Makes rows of the beats of records.

    Notes
    -----
    Names of records such as `"100"` occur in other databases too, for other people: rename the
    groups before rows of several databases are joined.

    References
    ----------
    Petrutiu S, Sahakian AV, Swiryn S. Abrupt changes in fibrillatory wave characteristics at the
    termination of paroxysmal atrial fibrillation in humans. Europace 9(7):466-470 (2007).
    doi:10.1093/europace/eum096; data: doi:10.13026/C2QG6Q

    Examples
    --------
    The first call downloads the files:

    >>> from sklearn_ecg.datasets import fetch_ltafdb
    >>> days = fetch_ltafdb().data  # doctest: +SKIP

    Name the folder of a copy that is there already:

    >>> fetch_ltafdb("no/such/folder", download_if_missing=False)
    Traceback (most recent call last):
        ...
    FileNotFoundError: no/such/folder/ltafdb lacks 00.hea, 00.atr, 01.hea and 165 more files...
    """
    copy = _DATABASE.locate(data_home, download_if_missing=download_if_missing, verbose=verbose)
    has_signal = leads is None or len(leads) > 0
    suffixes = (*_DATABASE.suffixes, ".dat") if has_signal else _DATABASE.suffixes
    paths = copy.complete(record_names, suffixes=suffixes)
    bunch = make_rows(
        copy.read(paths, leads=leads),
        rows,
        n_records=len(paths),
        leads=leads,
        duration_s=duration_s,
        before_s=before_s,
        after_s=after_s,
        DESCR=_DESCR,
    )
    return (bunch.data, bunch.target) if return_X_y else bunch
