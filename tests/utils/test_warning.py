"""Warnings name the user's line."""

import warnings

import numpy as np
from sklearn.pipeline import make_pipeline

from sklearn_ecg.preprocessing import MaxNormalizer, NoveltyGate


def test_warning_names_the_line_that_calls_a_pipeline():
    """Not one of scikit-learn, which calls our transformer."""
    X = np.random.RandomState(0).standard_normal((30, 50, 1))
    pipeline = make_pipeline(NoveltyGate(), MaxNormalizer()).fit(X)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        pipeline.transform(1000 * X)
    assert [warning.filename for warning in caught] == [__file__]
