"""Warn the user, by the line of his or her own that led to the warning."""

import os
import sys
import warnings
from pathlib import Path

import sklearn

# Between a user's line and the cause there may be scikit-learn too: it checks parameters around our
# functions, and its pipelines call our estimators.
_INSIDE = tuple(
    f"{folder}{os.sep}" for folder in (Path(__file__).parents[1], Path(sklearn.__file__).parent)
)


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
