"""Estimators within estimators."""

from sklearn.pipeline import make_pipeline

from sklearn_ecg import MaxNormalizer, RecordReader
from sklearn_ecg.utils._nesting import readers_of, single_steps


def test_what_does_nothing_is_no_step():
    """A reader is found behind it, and a pipeline of nothing else is a step itself."""
    reader = RecordReader(["II"], fs=100)
    pipeline = make_pipeline("passthrough", make_pipeline(None, reader), MaxNormalizer())
    assert readers_of(pipeline) == [reader]
    nothing = make_pipeline("passthrough")
    assert single_steps(nothing) == [nothing]
