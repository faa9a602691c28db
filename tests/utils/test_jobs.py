"""Tests of calls that run in processes and in threads."""

import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import joblib
import pytest

from sklearn_ecg.utils._jobs import map_in_threads, run_jobs


class ListsOnly(joblib.parallel.ThreadingBackend):
    """Returns all results at once, as Ray's backend does."""

    supports_return_generator = False


def test_backends_without_generators_return_results():
    """Results are in order, with any backend that joblib was told of."""
    joblib.register_parallel_backend("lists_only", ListsOnly)
    with joblib.parallel_config("lists_only", n_jobs=2):
        assert list(run_jobs((joblib.delayed(abs)(-i) for i in range(9)), None)) == [*range(9)]


def test_threads_are_those_of_the_main_thread(monkeypatch):
    """Whoever calls from several threads has all cores at work already."""
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    both = threading.Barrier(2)

    def wait_and_name(_):
        both.wait(timeout=600)
        return threading.get_ident()

    assert len(set(map_in_threads(wait_and_name, range(4)))) == 2
    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(map_in_threads, lambda _: threading.get_ident(), range(4)).result()
    assert len(set(found)) == 1
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # as a worker of a parallel search has it
    found = map_in_threads(lambda _: threading.get_ident(), range(4))
    assert set(found) == {threading.get_ident()}


def _warn(text):
    warnings.warn(text, stacklevel=2)
    return text


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_warnings_of_jobs_reach_the_caller(n_jobs):
    """From worker processes too, with the line of the caller."""
    with pytest.warns(UserWarning, match="^[ab]$") as warned:
        results = list(run_jobs((joblib.delayed(_warn)(text) for text in "ab"), n_jobs))
    assert results == ["a", "b"]
    ours = [warning for warning in warned if str(warning.message) in results]  # joblib has some too
    assert [str(warning.message) for warning in ours] == results
    assert {warning.filename for warning in ours} == {__file__}
