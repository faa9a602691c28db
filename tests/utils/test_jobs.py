"""Tests of calls that run in processes."""

import joblib

from sklearn_ecg.utils._jobs import run_jobs


class ListsOnly(joblib.parallel.ThreadingBackend):
    """Returns all results at once, as Ray's backend does."""

    supports_return_generator = False


def test_backends_without_generators_return_results():
    """Results are in order, with any backend that joblib was told of."""
    joblib.register_parallel_backend("lists_only", ListsOnly)
    with joblib.parallel_config("lists_only", n_jobs=2):
        assert list(run_jobs((joblib.delayed(abs)(-i) for i in range(9)), None)) == [*range(9)]
