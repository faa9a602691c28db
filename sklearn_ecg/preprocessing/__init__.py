"""Transformers that cut, scale and reshape signals, one row in and one row out."""

from sklearn_ecg.preprocessing._normalization import MaxNormalizer, max_normalize
from sklearn_ecg.preprocessing._reshaping import Reshaper, frame
from sklearn_ecg.preprocessing._segmentation import Segmenter, segment

__all__ = ["MaxNormalizer", "Reshaper", "Segmenter", "frame", "max_normalize", "segment"]
