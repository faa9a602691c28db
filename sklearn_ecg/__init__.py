"""Classify electrocardiograms with an LSTM inside plain scikit-learn pipelines.

Importing this package loads no TensorFlow, Keras, wfdb, pandas or matplotlib. The rooms and the
names below are imported when they are first asked for (scikit-learn 1.9 itself loads pandas where
that is installed), and TensorFlow by the first `fit`, or prediction of a network not yet converted.
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING

__version__ = version("sklearn-ecg")

_ROOM_OF = {
    "AdvisedClassifier": "compose",
    "BatchedClassifier": "compose",
    "BandpassFilter": "preprocessing",
    "BeatClassifier": "compose",
    "BeatSequencer": "beats",
    "ECGRecord": "datasets",
    "GapFiller": "preprocessing",
    "JumpRemover": "preprocessing",
    "LSTMClassifier": "neural_network",
    "LogSpectrogram": "preprocessing",
    "MaxNormalizer": "preprocessing",
    "NotchFilter": "preprocessing",
    "NoveltyGate": "preprocessing",
    "QualityFlags": "preprocessing",
    "QualityGate": "preprocessing",
    "RecordReader": "datasets",
    "Resampler": "preprocessing",
    "Reshaper": "preprocessing",
    "RowLookup": "compose",
    "SegmentLabeler": "compose",
    "SegmentedClassifier": "compose",
    "Segmenter": "preprocessing",
    "SignalAugmenter": "neural_network",
    "detect_beats": "beats",
    "extract_beats": "beats",
    "fetch_cinc2017": "datasets",
    "fetch_ltafdb": "datasets",
    "fetch_ludb": "datasets",
    "fetch_mitdb": "datasets",
    "fetch_ptbxl": "datasets",
    "list_records": "datasets",
    "load_records": "datasets",
    "make_ecg": "datasets",
    "make_ecg_classification": "datasets",
    "read_record": "datasets",
    "show_versions": "utils",
    "write_record": "datasets",
}
_ROOMS = [
    "beats",
    "compose",
    "datasets",
    "inspection",
    "metrics",
    "model_selection",
    "neural_network",
    "persistence",
    "plotting",
    "preprocessing",
    "pretrained",
    "utils",
]

__all__ = [*_ROOM_OF, *_ROOMS]

if TYPE_CHECKING:
    from sklearn_ecg import (
        beats,
        compose,
        datasets,
        inspection,
        metrics,
        model_selection,
        neural_network,
        persistence,
        plotting,
        preprocessing,
        pretrained,
        utils,
    )
    from sklearn_ecg.beats import BeatSequencer, detect_beats, extract_beats
    from sklearn_ecg.compose import (
        AdvisedClassifier,
        BatchedClassifier,
        BeatClassifier,
        RowLookup,
        SegmentedClassifier,
        SegmentLabeler,
    )
    from sklearn_ecg.datasets import (
        ECGRecord,
        RecordReader,
        fetch_cinc2017,
        fetch_ltafdb,
        fetch_ludb,
        fetch_mitdb,
        fetch_ptbxl,
        list_records,
        load_records,
        make_ecg,
        make_ecg_classification,
        read_record,
        write_record,
    )
    from sklearn_ecg.neural_network import LSTMClassifier, SignalAugmenter
    from sklearn_ecg.preprocessing import (
        BandpassFilter,
        GapFiller,
        JumpRemover,
        LogSpectrogram,
        MaxNormalizer,
        NotchFilter,
        NoveltyGate,
        QualityFlags,
        QualityGate,
        Resampler,
        Reshaper,
        Segmenter,
    )
    from sklearn_ecg.utils import show_versions


def __getattr__(name):
    if name in _ROOMS:
        return import_module(f"{__name__}.{name}")
    if name in _ROOM_OF:
        return getattr(import_module(f"{__name__}.{_ROOM_OF[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *__all__])
