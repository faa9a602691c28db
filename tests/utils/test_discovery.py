"""Every public estimator is found."""

import pytest

from sklearn_ecg.utils import all_estimators
from sklearn_ecg.utils._discovery import is_estimator_name


def test_public_estimators_are_found_once():
    """Sorted, from all rooms, and none that is only a part of one."""
    found = all_estimators()
    names = [name for name, _ in found]
    assert names == sorted(set(names))
    assert {"LSTMClassifier", "SegmentedClassifier", "Segmenter", "BeatSequencer"} <= set(names)
    assert not {"SignalAugmenter", "BaseEstimator", "ECGRecord"} & set(names)
    assert not any(name.startswith("_") for name in names)
    assert all(estimator.__module__.startswith("sklearn_ecg.") for _, estimator in found)


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("sklearn_ecg.preprocessing._segmentation.Segmenter", True),
        ("sklearn_ecg.preprocessing.Segmenter", False),  # skops names the module that defines it
        ("os.Segmenter", False),
        ("sklearn_ecg.datasets._files._reading.read_record", False),
        ("sklearn_ecg.utils._records.ECGRecord", False),
        ("sklearn_ecg.preprocessing._base.SignalTransformer", False),
    ],
)
def test_names_of_estimators_are_known(name, is_one):
    """With the module in which each is defined."""
    assert is_estimator_name(name) == is_one
