"""Read records in PhysioNet's WFDB format."""

from pathlib import Path

import numpy as np

from sklearn_ecg.datasets._record import ECGRecord
from sklearn_ecg.utils._extras import import_extra


def read_wfdb(path, *, annotator=None):
    """Read one WFDB record, and its annotations if asked for.

    Parameters
    ----------
    path : str or Path
        Path of the record without suffix, or of its header.
    annotator : str, default=None
        Suffix of the annotation file, such as `"atr"`.

    Returns
    -------
    ECGRecord
        The record, in mV.

    Raises
    ------
    FileNotFoundError
        If the header, the signal or the annotation file is missing.
    """
    wfdb = import_extra("wfdb", extra="wfdb")
    path = Path(path).with_suffix("")
    record = wfdb.rdrecord(str(path), return_res=32)
    annotations = ()
    if annotator is not None:
        marks = wfdb.rdann(str(path), annotator)
        annotations = ((np.asarray(marks.sample, np.int64), np.asarray(marks.symbol, "<U1")),)
    return ECGRecord(
        record.p_signal, float(record.fs), tuple(record.sig_name), *annotations, source=str(path)
    )
