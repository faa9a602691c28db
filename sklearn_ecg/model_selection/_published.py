"""Published splits of databases."""

import csv
from pathlib import Path

import numpy as np
from sklearn.model_selection import PredefinedSplit

from sklearn_ecg.utils._readable import refuse_no_file

#: Training half of the MIT-BIH Arrhythmia Database after de Chazal et al.
MITDB_DS1 = tuple(
    "101 106 108 109 112 114 115 116 118 119 122 "
    "124 201 203 205 207 208 209 215 220 223 230".split()
)
#: Test half of the MIT-BIH Arrhythmia Database after de Chazal et al.
MITDB_DS2 = tuple(
    "100 103 105 111 113 117 121 123 200 202 210 "
    "212 213 214 219 221 222 228 231 232 233 234".split()
)
#: The others, which hold paced beats and are in neither half.
MITDB_PACED = ("102", "104", "107", "217")


def mitdb_ds1_ds2(records):
    """Split the MIT-BIH Arrhythmia Database into the halves DS1 and DS2.

    This is the split of de Chazal et al. [1]_, which most publications use: they train on the 22
    records `MITDB_DS1` and test on the 22 records `MITDB_DS2`. Rows of the four records with paced
    beats are in neither.

    Parameters
    ----------
    records : array-like of shape (n_samples,)
        The record of each row, as :func:`~sklearn_ecg.datasets.fetch_mitdb` returns it.

    Returns
    -------
    train, test : ndarray of int
        Rows of the two halves. `cv=[mitdb_ds1_ds2(records)]` passes them to any function of
        scikit-learn that takes `cv`.

    Raises
    ------
    ValueError
        If a record is none of this database, or one of the halves has no row.

    See Also
    --------
    sklearn_ecg.datasets.fetch_mitdb : Load the database.

    Notes
    -----
    Record 201 of the first half and record 202 of the second are one person. The published split
    has this flaw, and this function keeps it. Any other split should keep the two together, as
    the `groups` of :func:`~sklearn_ecg.datasets.fetch_mitdb` do.

    References
    ----------
    .. [1] de Chazal P, O'Dwyer M, Reilly RB. Automatic classification of heartbeats using ECG
       morphology and heartbeat interval features. IEEE Trans Biomed Eng 51(7):1196-1206 (2004).
       doi:10.1109/TBME.2004.827359

    Examples
    --------
    >>> from sklearn_ecg.model_selection import mitdb_ds1_ds2
    >>> train, test = mitdb_ds1_ds2(["100", "101", "102", "101", "103"])
    >>> train, test
    (array([1, 3]), array([0, 4]))
    """
    records = np.asarray(records).astype(str)  # names may be numbers, in a column of objects too
    if strays := np.setdiff1d(records, MITDB_DS1 + MITDB_DS2 + MITDB_PACED).tolist():
        raise ValueError(f"records has {strays[0]!r}, which is no record of this database.")
    train, test = (np.flatnonzero(np.isin(records, half)) for half in (MITDB_DS1, MITDB_DS2))
    for rows, name, half in ((train, "DS1", MITDB_DS1), (test, "DS2", MITDB_DS2)):
        if not len(rows):
            raise ValueError(f"records has no row of {name}, that is of {', '.join(half)}.")
    return train, test


def cinc2017_folds(records, path):
    r"""Split the CinC 2017 training set into folds that a file lists.

    Use it for folds such as the five of Zihlmann et al. [1]_, to compare results fold by fold.

    Parameters
    ----------
    records : array-like of shape (n_samples,)
        The record of each row, as :func:`~sklearn_ecg.datasets.fetch_cinc2017` returns it.
    path : str or Path
        CSV file with the header `record,fold` and a line for each record; folds count from 0.

    Returns
    -------
    PredefinedSplit
        A splitter with each fold in turn as test set. It is for the `cv` of scikit-learn's
        functions.

    Raises
    ------
    ValueError
        If a line of the file is not as described, or a record of a row is not listed.

    See Also
    --------
    sklearn_ecg.datasets.fetch_cinc2017 : Load the database.

    Notes
    -----
    People are not identified in this database, so one may be in two folds. A mean over some of the
    folds is not the mean over all five: say which ones were used.

    References
    ----------
    .. [1] Zihlmann M, Perekrestenko D, Tschannen M. Convolutional recurrent neural networks for
       electrocardiogram classification. Computing in Cardiology 44 (2017).
       arXiv:1710.06122

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn_ecg.model_selection import cinc2017_folds
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "folds.csv")
    ...     _ = path.write_text("record,fold\nA00001,1\nA00002,0\n")
    ...     cinc2017_folds(["A00001", "A00002", "A00001"], path)
    PredefinedSplit(test_fold=array([1, 0, 1]))
    """
    fold_of = _read_folds(Path(path))
    records = [str(name) for name in records]
    unlisted = sorted(set(records) - fold_of.keys())
    if unlisted:
        raise ValueError(
            f"{path} gives no fold for {len(unlisted)} of the records, such as {unlisted[0]}; "
            "leave their rows out."
        )
    return PredefinedSplit([fold_of[name] for name in records])


def ptbxl_folds(strat_fold):
    """Split PTB-XL into folds 1 to 8, 9 and 10: to train, to validate and to test.

    The authors recommend this split [1]_, and published results use it [2]_. No patient is in two
    folds.

    Parameters
    ----------
    strat_fold : array-like of shape (n_samples,)
        The fold of each row, 1 to 10, as :func:`~sklearn_ecg.datasets.fetch_ptbxl` returns it.

    Returns
    -------
    train, validation, test : ndarray of int
        Rows of folds 1 to 8, of fold 9 and of fold 10.

    Raises
    ------
    ValueError
        If a fold is not one of 1 to 10, or one of the three parts has no row.

    See Also
    --------
    sklearn_ecg.datasets.fetch_ptbxl : Load the database.

    References
    ----------
    .. [1] Wagner P, Strodthoff N, Bousseljot R-D et al. PTB-XL, a large publicly available
       electrocardiography dataset. Scientific Data 7:154 (2020). doi:10.1038/s41597-020-0495-6
    .. [2] Strodthoff N, Wagner P, Schaeffter T, Samek W. Deep learning for ECG analysis: benchmarks
       and insights from PTB-XL. IEEE J Biomed Health Inform 25(5):1519-1528 (2021).
       doi:10.1109/JBHI.2020.3022989

    Examples
    --------
    >>> from sklearn_ecg.model_selection import ptbxl_folds
    >>> ptbxl_folds([3, 10, 9, 8, 10])
    (array([0, 3]), array([2]), array([1, 4]))
    """
    strat_fold = np.asarray(strat_fold)
    if strays := sorted(set(strat_fold.tolist()) - set(range(1, 11))):
        raise ValueError(f"strat_fold must hold folds 1 to 10; got {strays[0]!r}.")
    parts = {
        "folds 1 to 8, to train": np.flatnonzero(strat_fold <= 8),
        "fold 9, to validate": np.flatnonzero(strat_fold == 9),
        "fold 10, to test": np.flatnonzero(strat_fold == 10),
    }
    for name, rows in parts.items():
        if not len(rows):
            raise ValueError(f"strat_fold has no row of {name}.")
    return tuple(parts.values())


def _read_folds(path):
    refuse_no_file(path)
    with path.open(newline="", encoding="utf-8-sig") as file:  # spreadsheets write a signature
        rows = list(csv.reader(file))
    if rows[:1] != [["record", "fold"]]:
        raise ValueError(f"{path} must begin with the header record,fold; got {rows[:1]}.")
    fold_of = {}
    for number, row in enumerate(rows[1:], start=2):
        if not row:
            continue
        if len(row) != 2 or not row[1].isdecimal():
            raise ValueError(
                f"{path}, line {number}: expected a record and its fold, such as A00001,3; "
                f"got {','.join(row)!r}."
            )
        record, fold = row[0], int(row[1])
        if fold_of.setdefault(record, fold) != fold:
            raise ValueError(
                f"{path}, line {number}: record {record} is in fold {fold} here, but in fold "
                f"{fold_of[record]} above."
            )
    return fold_of
