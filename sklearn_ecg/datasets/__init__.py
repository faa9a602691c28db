"""Records, databases and synthetic signals as `X, y, groups`."""

from sklearn_ecg.datasets._formats import ECGFormatError
from sklearn_ecg.datasets._loading import load_records
from sklearn_ecg.datasets._mitdb import load_mitdb_strips
from sklearn_ecg.datasets._reading import read_record
from sklearn_ecg.datasets._record import ECGRecord
from sklearn_ecg.datasets._synthetic import make_ecg_classification

__all__ = [
    "ECGFormatError",
    "ECGRecord",
    "load_mitdb_strips",
    "load_records",
    "make_ecg_classification",
    "read_record",
]
