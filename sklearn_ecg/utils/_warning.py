"""Warn the user, by the line of his or her own that led to the warning, or ignore what is said."""

import logging
import os
import re
import sys
import threading
import warnings
from contextlib import contextmanager, suppress
from pathlib import Path

import sklearn

# Between a user's line and the cause there may be scikit-learn too: it checks parameters around our
# functions, and its pipelines call our estimators.
_INSIDE = tuple(
    f"{folder}{os.sep}" for folder in (Path(__file__).parents[1], Path(sklearn.__file__).parent)
)

_deaf = threading.local()  # to which logs, in each thread


def warn_user(message, category=UserWarning):
    """Warn, and name the line outside this package and scikit-learn that led here.

    Parameters
    ----------
    message : str or Warning
        What to say.
    category : type of Warning, default=UserWarning
        Its category, if `message` is a str.
    """
    frame, level = sys._getframe(1), 2  # 2 stands for the caller of this function
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_INSIDE):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)


@contextmanager
def ignored_warnings(message="", category=Warning):
    """Ignore warnings in this thread, and leave those of others alone.

    `warnings.catch_warnings` restores the filters that it found. Of two threads that are within it,
    one finds those of the other, so that what the other ignored is ignored for ever.

    Parameters
    ----------
    message : str, default=""
        Regular expression for the beginning of their text.
    category : type of Warning, default=Warning
        Their category.
    """
    text = _TextInThread(message)
    entry = ("ignore", text, category, None, 0)
    _filters().insert(0, entry)
    try:
        yield
    finally:
        text.thread = None  # where `catch_warnings` of another thread keeps a copy, it does nothing
        with suppress(ValueError):
            _filters().remove(entry)


def _filters():
    """Return the filters in force: from Python 3.14 on, `catch_warnings` may have its own."""
    return getattr(warnings, "_get_filters", lambda: warnings.filters)()


class _TextInThread:
    """Stands for a regular expression in a filter of warnings, and matches in one thread only."""

    def __init__(self, pattern):
        self.pattern = re.compile(pattern, re.IGNORECASE)
        self.thread = threading.get_ident()

    def match(self, text):
        return self.thread == threading.get_ident() and self.pattern.match(text)


@contextmanager
def ignored_logs(*names):
    """Ignore what is logged in this thread, and leave what others log alone.

    Parameters
    ----------
    *names : str
        Names of loggers.
    """
    for name in names:
        logging.getLogger(name).addFilter(_is_heard)  # it stays: others may be there
    before = getattr(_deaf, "to", ())
    _deaf.to = (*before, *names)
    try:
        yield
    finally:
        _deaf.to = before


def _is_heard(record):
    return record.name not in getattr(_deaf, "to", ())
