"""Every public estimator is found."""

from sklearn_ecg.utils import all_estimators


def test_public_estimators_are_found_once():
    """Sorted, from all rooms, and none that is only a part of one."""
    found = all_estimators()
    names = [name for name, _ in found]
    assert names == sorted(set(names))
    assert {"LSTMClassifier", "SegmentedClassifier", "Segmenter", "BeatSequencer"} <= set(names)
    assert not {"SignalAugmenter", "BaseEstimator", "ECGRecord"} & set(names)
    assert not any(name.startswith("_") for name in names)
    assert all(estimator.__module__.startswith("sklearn_ecg.") for _, estimator in found)
