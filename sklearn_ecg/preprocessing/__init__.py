"""Transformers that mend, cut, scale and reshape signals, one row in and one row out."""

from sklearn_ecg.preprocessing._bandpass import BandpassFilter, bandpass_filter
from sklearn_ecg.preprocessing._gaps import GapFiller, fill_gaps
from sklearn_ecg.preprocessing._jumps import JumpRemover, remove_jumps
from sklearn_ecg.preprocessing._normalization import MaxNormalizer, max_normalize
from sklearn_ecg.preprocessing._notch import NotchFilter, notch_filter
from sklearn_ecg.preprocessing._novelty import NoveltyGate
from sklearn_ecg.preprocessing._quality import signal_quality
from sklearn_ecg.preprocessing._quality_flags import QualityFlags, quality_flags
from sklearn_ecg.preprocessing._quality_gate import QualityGate, quality_gate
from sklearn_ecg.preprocessing._resampling import Resampler, resample, resample_positions
from sklearn_ecg.preprocessing._reshaping import Reshaper, reshape
from sklearn_ecg.preprocessing._segmentation import Segmenter, segment
from sklearn_ecg.preprocessing._spectrogram import LogSpectrogram, log_spectrogram

__all__ = [
    "BandpassFilter",
    "GapFiller",
    "JumpRemover",
    "LogSpectrogram",
    "MaxNormalizer",
    "NotchFilter",
    "NoveltyGate",
    "QualityFlags",
    "QualityGate",
    "Resampler",
    "Reshaper",
    "Segmenter",
    "bandpass_filter",
    "fill_gaps",
    "log_spectrogram",
    "max_normalize",
    "notch_filter",
    "quality_flags",
    "quality_gate",
    "remove_jumps",
    "resample",
    "resample_positions",
    "reshape",
    "segment",
    "signal_quality",
]
