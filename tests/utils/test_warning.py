"""Warnings name the user's line, and what is ignored is ignored in its place only."""

import logging
import threading
import warnings

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline

from sklearn_ecg.preprocessing import MaxNormalizer, NoveltyGate
from sklearn_ecg.utils._warning import ignored_logs, ignored_warnings


def test_warning_names_the_line_that_calls_a_pipeline():
    """Not one of scikit-learn, which calls our transformer."""
    X = np.random.RandomState(0).standard_normal((30, 50, 1))
    pipeline = make_pipeline(NoveltyGate(), MaxNormalizer()).fit(X)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        pipeline.transform(1000 * X)
    assert [warning.filename for warning in caught] == [__file__]


def test_warnings_are_ignored_by_text_and_category():
    """Others are not, and none afterwards."""
    with ignored_warnings("a .*word", UserWarning):
        warnings.warn("A second word of more", UserWarning, stacklevel=1)
        with pytest.warns(UserWarning, match="not a word"):
            warnings.warn("not a word", UserWarning, stacklevel=1)
        with pytest.warns(RuntimeWarning, match="a word"):
            warnings.warn("a word", RuntimeWarning, stacklevel=1)
    with pytest.warns(UserWarning, match="a word"):
        warnings.warn("a word", UserWarning, stacklevel=1)


@pytest.mark.parametrize("copies", [False, True])
def test_threads_that_ignore_warnings_leave_nothing_behind(copies):
    """The first to come is the first to go; another may have a copy of the filters meanwhile."""
    before = list(warnings.filters)
    is_in, is_next_in, is_out = (threading.Event() for _ in range(3))

    def ignore():
        with ignored_warnings():
            is_in.set()
            is_next_in.wait(600)
        is_out.set()

    thread = threading.Thread(target=ignore)
    thread.start()
    is_in.wait(600)
    with warnings.catch_warnings() if copies else ignored_warnings():
        is_next_in.set()
        is_out.wait(600)
    thread.join()
    with pytest.warns(UserWarning, match="seen"):
        warnings.warn("seen", stacklevel=1)
    assert copies or warnings.filters == before


def test_filters_of_a_context_are_those_in_force(monkeypatch):
    """As from Python 3.14 on, where `catch_warnings` may leave `warnings.filters` alone."""
    before, of_context = list(warnings.filters), []
    monkeypatch.setattr(warnings, "_get_filters", lambda: of_context, raising=False)
    with ignored_warnings():
        assert len(of_context) == 1
        assert warnings.filters == before
    assert of_context == []


def test_warnings_of_other_threads_are_not_ignored():
    """Only those of the thread that asks for it."""
    thread = threading.Thread(target=warnings.warn, args=("of another",))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with ignored_warnings():
            warnings.warn("own", stacklevel=1)
            thread.start()
            thread.join()
    assert [str(warning.message) for warning in caught] == ["of another"]


def test_logs_of_a_thread_are_ignored_and_no_others(caplog):
    """Those of other threads, of other libraries, and later ones are heard."""
    ours, other = logging.getLogger("ours"), logging.getLogger("other")
    with ignored_logs("ours"):
        with ignored_logs("other"):
            ours.error("within both")
            other.error("within both")
        thread = threading.Thread(target=ours.error, args=("another thread",))
        thread.start()
        thread.join()
        ours.error("within")
        other.error("another library")
    ours.error("later")
    heard = [record.getMessage() for record in caplog.records]
    assert heard == ["another thread", "another library", "later"]
