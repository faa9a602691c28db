"""The published splits, by name."""

from sklearn_ecg.model_selection._published import (
    MITDB_DS1,
    MITDB_DS2,
    cinc2017_folds,
    mitdb_ds1_ds2,
    ptbxl_folds,
)

__all__ = ["MITDB_DS1", "MITDB_DS2", "cinc2017_folds", "mitdb_ds1_ds2", "ptbxl_folds"]
