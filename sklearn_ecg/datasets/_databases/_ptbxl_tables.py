"""Read the tables of PTB-XL: the recordings, and the 71 statements of SCP-ECG."""

import re

import numpy as np

from sklearn_ecg.datasets._databases._database import read_table

# Column of `scp_statements.csv` that says whether a statement belongs to a target, or which label
# of the target it stands for.
TARGETS = {
    "all": "description",
    "diagnostic": "diagnostic",
    "form": "form",
    "rhythm": "rhythm",
    "superclass": "diagnostic_class",
    "subclass": "diagnostic_subclass",
}
_PATH_COLUMN = {100: "filename_lr", 500: "filename_hr"}
_COLUMNS = ("patient_id", "age", "sex", "report", "scp_codes", "strat_fold")
_SEX = {"0": "male", "1": "female"}
_STATEMENT = re.compile(r"'([^']+)': ([0-9.]+)")  # of {'NORM': 100.0, 'SR': 0.0}


def read_descriptions(path, fs):
    """Read what `ptbxl_database.csv` says of each recording.

    Parameters
    ----------
    path : Path
        The table.
    fs : {100, 500}
        Sampling rate of the wanted files, in Hz.

    Returns
    -------
    dict of str to dict
        For each file, named without suffix: `patient`, `age` (years, NaN where it is not known),
        `sex`, `report`, `statements` (likelihood of each in percent, 0 where none is said) and
        `strat_fold`.

    Raises
    ------
    ValueError
        If a column is missing.
    """
    return {
        row[_PATH_COLUMN[fs]]: {
            "patient": row["patient_id"].removesuffix(".0"),
            "age": float(row["age"] or "nan"),
            "sex": _SEX.get(row["sex"], ""),
            "report": row["report"],
            "statements": {code: float(p) for code, p in _STATEMENT.findall(row["scp_codes"])},
            "strat_fold": int(row["strat_fold"]),
        }
        for row in read_table(path, (*_COLUMNS, _PATH_COLUMN[fs]))
    }


def label_rows(statements_of_rows, path, *, target, likelihood):
    """Turn statements into a multilabel target.

    Parameters
    ----------
    statements_of_rows : sequence of dict of str to float
        Likelihood of each statement of each record.
    path : Path
        The table `scp_statements.csv`.
    target : str
        A key of `TARGETS`.
    likelihood : float
        Least likelihood, in percent, of a diagnostic statement that counts.

    Returns
    -------
    y : ndarray of shape (n_samples, n_labels)
        1 where a record has the label, else 0.
    names : ndarray of shape (n_labels,)
        The labels, in alphabetical order.

    Raises
    ------
    ValueError
        If a column is missing, or a record has a statement that the table does not list.
    """
    names_itself = target not in ("superclass", "subclass")
    # Four statements are diagnostic and of form: as the latter they count in any case.
    has_diagnoses = target not in ("form", "rhythm")
    label_of, is_diagnostic = {}, {}
    for row in read_table(path, ("", *TARGETS.values())):
        code, cell = row[""], row[TARGETS[target]]
        is_diagnostic[code] = has_diagnoses and row["diagnostic"] == "1.0"
        if cell:
            label_of[code] = code if names_itself else cell
    names = sorted(set(label_of.values()))
    y = np.zeros((len(statements_of_rows), len(names)), dtype=np.int64)
    for labels, statements in zip(y, statements_of_rows, strict=True):
        if unknown := statements.keys() - is_diagnostic.keys():
            raise ValueError(f"{path} does not list the statement {', '.join(sorted(unknown))}.")
        for code, value in statements.items():
            if code in label_of and (value >= likelihood or not is_diagnostic[code]):
                labels[names.index(label_of[code])] = 1
    return y, np.array(names)
