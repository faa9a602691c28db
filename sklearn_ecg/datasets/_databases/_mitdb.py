"""The MIT-BIH Arrhythmia Database as rows for a classifier."""

from importlib.resources import files

from sklearn.utils._param_validation import StrOptions, validate_params

from sklearn_ecg.datasets._databases._database import FETCH_CONSTRAINTS, Database
from sklearn_ecg.datasets._databases._download import read_sha256_sums
from sklearn_ecg.datasets._databases._rows import CUT_CONSTRAINTS, make_rows
from sklearn_ecg.model_selection._published import MITDB_PACED

# The publisher's own checksums of the header, signal and annotations of all 48 records.
_SUMS = read_sha256_sums(files("sklearn_ecg.datasets._databases") / "_mitdb.sha256")
_DATABASE = Database(
    name="MIT-BIH Arrhythmia Database",
    folder="mitdb",
    url="https://physionet.org/files/mitdb/1.0.0/",
    landmarks=tuple(_SUMS),
    suffixes=(".hea", ".dat", ".atr"),
    records=tuple(sorted({name.partition(".")[0] for name in _SUMS})),
    annotator="atr",
    # The header of record 202 says that it is the subject of 201.
    patient_of=lambda name: {"202": "201"}.get(name, name),
    sums=_SUMS,
)

_DESCR = """\
MIT-BIH Arrhythmia Database 1.0.0

48 half-hour two-lead ambulatory recordings of 47 people, 360 Hz, 11 bits over 10 mV, every beat
annotated by two cardiologists at the Beth Israel Hospital, Boston, 1975-1979. Records 201 and 202
are one person. Records 102, 104, 107 and 217 hold paced beats.

Moody GB, Mark RG. The impact of the MIT-BIH Arrhythmia Database. IEEE Eng in Med and Biol
20(3):45-50 (2001), doi:10.1109/51.932724. Data: doi:10.13026/C2F305, published by PhysioNet
(Goldberger AL et al. Circulation 101(23):e215-e220 (2000), doi:10.1161/01.CIR.101.23.e215) under
the Open Data Commons Attribution License 1.0.
"""


@validate_params(
    {
        **FETCH_CONSTRAINTS,
        **CUT_CONSTRAINTS,
        "rows": [StrOptions({"strips", "beats", "signals", "records"})],
    },
    prefer_skip_nested_validation=True,
)
def fetch_mitdb(
    data_home=None,
    *,
    record_names=None,
    rows="strips",
    leads=("MLII",),
    duration_s=10.0,
    before_s=0.25,
    after_s=0.45,
    download_if_missing=True,
    return_X_y=False,
    verbose=False,
):
    """Load the MIT-BIH Arrhythmia Database as strips, beats or whole records.

    The signals are in mV at 360 Hz, as recorded: nothing is filtered or scaled. They are downloaded
    at the first call (about 2 MB a record, 86 MB in all) and read from the folder afterwards.

    Parameters
    ----------
    data_home : str or Path, default=None
        Folder that holds the database's files, or a folder `mitdb` with them. A copy that was not
        downloaded by this function is read as it is, even if it holds only some of the records;
        otherwise missing files are downloaded there. None takes :func:`get_data_home`.
    record_names : sequence of str, default=None
        Names of the wanted records. None takes the 44 without paced beats, as the AAMI recommends
        and nearly all publications do; name the other four (102, 104, 107, 217) to load them. In a
        folder to which nothing may be downloaded, None takes those of the 44 that are there.
    rows : {"strips", "beats", "signals", "records"}, default="strips"
        The kind of row:

        - `"strips"`: each record is cut into strips of `duration_s`, one after the other. A rest at
          its end that is shorter than a strip is not used. The target is `"arrhythmia"` if the
          strip holds at least one supraventricular (S), ventricular (V) or fusion (F) beat, else
          `"normal"`.
        - `"beats"`: a window around each annotated beat, from `before_s` to `after_s`. The target
          is the AAMI's class N, S, V, F or Q, by the mapping of de Chazal et al. [2]_ (escape beats
          are N). A window that reaches beyond the record repeats its first or last value there,
          so that no beat is lost.
        - `"signals"`: the whole signal of each record. No single label fits half an hour, so the
          target is None.
        - `"records"`: each record as an `ECGRecord`, with its annotations, rhythms and patient, as
          :func:`~sklearn_ecg.beats.extract_beats` takes them. The target is None.
    leads : sequence of str or of tuple of str, default=("MLII",)
        Names of leads, as in :func:`read_record`: a tuple names alternatives. Every record must
        have one of them; all but 102 and 104 have MLII. None takes both leads of each.
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
        `data` : ndarray of shape (n_samples, n_timesteps, n_leads), float32, or list of ECGRecord
            Signal in mV, or the records.
        `target` : ndarray of shape (n_samples,) or None
            Label of each row.
        `groups` : ndarray of shape (n_samples,)
            The patient. Records 201 and 202 are one person, so both are `"201"`.
        `records` : ndarray of shape (n_samples,)
            Name of the record of each row.
        `time_steps` : ndarray of shape (n_samples,)
            Time step of each row in its record: the first one of a strip or the annotated one of a
            beat. Only for strips and beats.
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
        If a file cannot be downloaded or written, or is not the published one: each file is
        compared with the publisher's SHA-256 at every call. The message says what to do.
    ValueError
        If a record is unknown, lacks a lead, or is shorter than a strip.

    See Also
    --------
    sklearn_ecg.model_selection.mitdb_ds1_ds2 : The split of de Chazal et al. by patient.
    fetch_cinc2017 : Single-lead recordings with one label each.

    Notes
    -----
    Ventricular flutter, which only record 207 has, is annotated by waves and not by beats; a strip
    that holds nothing else (13 strips of 10 s) therefore counts as normal.

    Interrupted downloads are resumed. Processes may share a folder: one downloads, the others wait.

    References
    ----------
    .. [1] Moody GB, Mark RG. The impact of the MIT-BIH Arrhythmia Database. IEEE Eng in Med and
       Biol 20(3):45-50 (2001). doi:10.1109/51.932724; data: doi:10.13026/C2F305
    .. [2] de Chazal P, O'Dwyer M, Reilly RB. Automatic classification of heartbeats using ECG
       morphology and heartbeat interval features. IEEE Trans Biomed Eng 51(7):1196-1206 (2004).
       doi:10.1109/TBME.2004.827359

    Examples
    --------
    The first call downloads the files:

    >>> from sklearn_ecg.datasets import fetch_mitdb
    >>> strips = fetch_mitdb()  # doctest: +SKIP
    >>> X, y, groups = strips.data, strips.target, strips.groups  # doctest: +SKIP

    Name the folder of a copy that is there already:

    >>> fetch_mitdb("no/such/folder", download_if_missing=False)
    Traceback (most recent call last):
        ...
    FileNotFoundError: no/such/folder/mitdb lacks 100.hea, 100.dat, 100.atr and 129 more files...
    """
    copy = _DATABASE.locate(data_home, download_if_missing=download_if_missing, verbose=verbose)
    default = [name for name in _DATABASE.records if name not in MITDB_PACED]
    paths = copy.complete(record_names, default=default)
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
