"""Records, databases and synthetic signals as `X, y, groups`.

They are imported when they are first asked for, because there are many formats and databases.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from sklearn_ecg.utils._records import ECGRecord

_MODULE_OF = {
    "ECGFormatError": "_files._contents",
    "RecordReader": "_files._reader",
    "fetch_cinc2017": "_databases._cinc2017",
    "fetch_ltafdb": "_databases._ltafdb",
    "fetch_ludb": "_databases._ludb",
    "fetch_mitdb": "_databases._mitdb",
    "fetch_ptbxl": "_databases._ptbxl",
    "get_data_home": "_databases._data_home",
    "list_records": "_files._listing",
    "load_records": "_files._loading",
    "make_ecg": "_simulated._generator",
    "make_ecg_classification": "_simulated._synthetic",
    "read_record": "_files._reading",
    "write_record": "_files._writing",
}

__all__ = ["ECGRecord", *_MODULE_OF]

if TYPE_CHECKING:
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


def __getattr__(name):
    if name in _MODULE_OF:
        return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *__all__])
