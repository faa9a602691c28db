"""PTB-XL: twelve leads, with the statements of cardiologists."""

from dataclasses import replace
from numbers import Real

import numpy as np
from sklearn.utils._param_validation import Interval, Options, StrOptions, validate_params

from sklearn_ecg.datasets._databases._database import FETCH_CONSTRAINTS, Database
from sklearn_ecg.datasets._databases._ptbxl_tables import TARGETS, label_rows, read_descriptions
from sklearn_ecg.datasets._databases._rows import make_rows

_TABLE, _STATEMENTS = "ptbxl_database.csv", "scp_statements.csv"
_DATABASE = Database(
    name="PTB-XL",
    folder="ptbxl",
    url="https://physionet.org/files/ptb-xl/1.0.3/",
    landmarks=(_TABLE,),
    suffixes=(".hea", ".dat"),
)

_DESCR = """\
PTB-XL 1.0.3

21799 twelve-lead recordings of 10 s of 18869 people, 500 Hz and, resampled, 100 Hz, recorded in
Germany 1989-1996, each with statements by up to two cardiologists: 71 of diagnosis, form and
rhythm. Ten folds, by patient; the statements of folds 9 and 10 are the most reliable.

Wagner P, Strodthoff N, Bousseljot R-D et al. PTB-XL, a large publicly available
electrocardiography dataset. Scientific Data 7:154 (2020), doi:10.1038/s41597-020-0495-6. Data:
doi:10.13026/kfzx-aw45, published by PhysioNet (Goldberger AL et al. Circulation 101(23):e215-e220
(2000), doi:10.1161/01.CIR.101.23.e215) under the Creative Commons Attribution 4.0 License.
"""


@validate_params(
    {
        **FETCH_CONSTRAINTS,
        "rows": [StrOptions({"signals", "records"})],
        "fs": [Options(Real, {100, 500})],
        "target": [StrOptions(set(TARGETS))],
        "likelihood": [Interval(Real, 0, 100, closed="both")],
    },
    prefer_skip_nested_validation=True,
)
def fetch_ptbxl(
    data_home=None,
    *,
    record_names=None,
    rows="signals",
    leads=None,
    fs=100,
    target="superclass",
    likelihood=0.0,
    download_if_missing=True,
    return_X_y=False,
    verbose=False,
):
    """Load PTB-XL: twelve-lead recordings of 10 s, with a multilabel target.

    The signals are in mV, as published. They are downloaded at the first call, file by file, which
    takes hours (44,000 files; 0.5 GB at 100 Hz, 2.6 GB at 500 Hz). It is faster to unpack the
    publisher's archive from https://physionet.org/content/ptb-xl/1.0.3/ and pass its folder.

    Parameters
    ----------
    data_home : str or Path, default=None
        Folder that holds `ptbxl_database.csv`, `scp_statements.csv` and the folder `records100` or
        `records500`, or a folder `ptbxl` with them. A copy that was not downloaded by this function
        is read as it is, even if it holds only some of the records; otherwise missing files are
        downloaded there. None takes :func:`get_data_home`.
    record_names : sequence of str, default=None
        Names of the wanted records, such as `"00001_lr"` at 100 Hz and `"00001_hr"` at 500 Hz. None
        takes all; of a folder to which nothing may be downloaded, those of them that are there.
    rows : {"signals", "records"}, default="signals"
        Whether a row is the signal of a record, or the record as an `ECGRecord`.
    leads : sequence of str, default=None
        Names of leads; only these are kept in memory. None takes all twelve.
    fs : {100, 500}, default=100
        Sampling rate in Hz.
    target : {"superclass", "subclass", "diagnostic", "form", "rhythm", "all"}, \
            default="superclass"
        The labels of the target: all 71 statements; the 44 diagnostic ones, the 19 of form or
        the 12 of rhythm among them; the 5 classes of diagnoses (NORM, MI, STTC, CD, HYP) or their
        23 subclasses.
    likelihood : float, default=0.0
        Least likelihood, in percent, of a diagnostic statement that counts. Statements of form and
        rhythm have no likelihood, so all of them count. NDT, `NST_`, DIG and LNGQT are of form and
        diagnostic: `"form"` counts them all, and the other targets go by their likelihood. 0 counts
        every statement, as published results do.
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
            Signals in mV, or the records.
        `target` : ndarray of shape (n_samples, n_labels)
            1 where a record has a label, else 0.
        `target_names` : ndarray of shape (n_labels,)
            Name of each label, in alphabetical order.
        `groups` : ndarray of shape (n_samples,)
            The patient.
        `records` : ndarray of shape (n_samples,)
            Name of each record.
        `strat_fold` : ndarray of shape (n_samples,)
            The fold, 1 to 10, in which the publishers put each record.
        `metadata` : list of dict
            For each record `patient`, `age` (years, NaN where it is not known, 300 for all who were
            older than 89), `sex` (`"male"` or `"female"`), `report` (text, most of it German),
            `statements` (the likelihood of each) and `strat_fold`. Each `ECGRecord` has the same.
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
        If a record is unknown or lacks a lead, or a table lacks a column.

    See Also
    --------
    sklearn_ecg.model_selection.ptbxl_folds : The published split into folds 1-8, 9 and 10.

    Notes
    -----
    A record may have no label of a target, such as one of form. Its row is kept, with zeros only;
    the published results leave such rows out: `has_label = bunch.target.any(axis=1)`.

    References
    ----------
    Wagner P, Strodthoff N, Bousseljot R-D et al. PTB-XL, a large publicly available
    electrocardiography dataset. Scientific Data 7:154 (2020). doi:10.1038/s41597-020-0495-6; data:
    doi:10.13026/kfzx-aw45

    Strodthoff N, Wagner P, Schaeffter T, Samek W. Deep learning for ECG analysis: benchmarks and
    insights from PTB-XL. IEEE J Biomed Health Inform 25(5):1519-1528 (2021).
    doi:10.1109/JBHI.2020.3022989

    Examples
    --------
    The first call downloads the files:

    >>> from sklearn_ecg.datasets import fetch_ptbxl
    >>> strips = fetch_ptbxl()  # doctest: +SKIP
    >>> X, y, groups = strips.data, strips.target, strips.groups  # doctest: +SKIP

    Name the folder of a copy that is there already:

    >>> fetch_ptbxl("no/such/folder", download_if_missing=False)
    Traceback (most recent call last):
        ...
    FileNotFoundError: no/such/folder/ptbxl lacks ptbxl_database.csv of the PTB-XL. Pass...
    """
    copy = _DATABASE.locate(data_home, download_if_missing=download_if_missing, verbose=verbose)
    said_of = read_descriptions(copy.provide(_TABLE), fs)
    paths = copy.complete(record_names, records=said_of)
    metadata = [said_of[path] for path in paths]
    statements = [said["statements"] for said in metadata]
    labels, target_names = label_rows(
        statements, copy.provide(_STATEMENTS), target=target, likelihood=likelihood
    )
    records = (
        replace(record, patient=said["patient"], metadata=said)
        for record, said in zip(copy.read(paths, leads=leads), metadata, strict=True)
    )
    bunch = make_rows(records, rows, n_records=len(paths), leads=leads, target=labels, DESCR=_DESCR)
    bunch.strat_fold = np.array([said["strat_fold"] for said in metadata])
    bunch.update(target_names=target_names, metadata=metadata)
    return (bunch.data, bunch.target) if return_X_y else bunch
