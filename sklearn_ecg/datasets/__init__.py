"""Records, databases and synthetic signals as `X, y, groups`."""

from sklearn_ecg.datasets._databases._cinc2017 import fetch_cinc2017
from sklearn_ecg.datasets._databases._data_home import get_data_home
from sklearn_ecg.datasets._databases._ltafdb import fetch_ltafdb
from sklearn_ecg.datasets._databases._ludb import fetch_ludb
from sklearn_ecg.datasets._databases._mitdb import fetch_mitdb
from sklearn_ecg.datasets._databases._ptbxl import fetch_ptbxl
from sklearn_ecg.datasets._files._contents import ECGFormatError
from sklearn_ecg.datasets._files._listing import list_records
from sklearn_ecg.datasets._files._loading import load_records
from sklearn_ecg.datasets._files._reader import RecordReader
from sklearn_ecg.datasets._files._reading import read_record
from sklearn_ecg.datasets._files._writing import write_record
from sklearn_ecg.datasets._simulated._generator import make_ecg
from sklearn_ecg.datasets._simulated._synthetic import make_ecg_classification
from sklearn_ecg.utils._records import ECGRecord

__all__ = [
    "ECGFormatError",
    "ECGRecord",
    "RecordReader",
    "fetch_cinc2017",
    "fetch_ltafdb",
    "fetch_ludb",
    "fetch_mitdb",
    "fetch_ptbxl",
    "get_data_home",
    "list_records",
    "load_records",
    "make_ecg",
    "make_ecg_classification",
    "read_record",
    "write_record",
]
