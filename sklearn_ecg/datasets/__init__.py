"""Records, databases and synthetic signals as `X, y, groups`."""

from sklearn_ecg.datasets._generator import make_ecg
from sklearn_ecg.datasets._mitdb import load_mitdb_strips
from sklearn_ecg.datasets._record import ECGRecord
from sklearn_ecg.datasets._synthetic import make_ecg_classification

__all__ = ["ECGRecord", "load_mitdb_strips", "make_ecg", "make_ecg_classification"]
