"""Smoke test of an installed wheel: `python tests/smoke.py CHECKOUT`, which `.ci/run` calls.

It runs in an environment of its own, without extras and without pytest, so pytest does not collect
it. The environment must hold the wheel alone: an editable install would prove nothing.
"""

import doctest
import sys
from pathlib import Path

from sklearn.pipeline import make_pipeline

import sklearn_ecg


def _files(package):
    return {
        path.relative_to(package)
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def check_files(checkout):
    """The wheel carries every file of the package: modules, `py.typed`, checksums, networks."""
    source, installed = checkout / "sklearn_ecg", Path(sklearn_ecg.__file__).parent
    assert source.resolve() != installed.resolve(), "the checkout is imported, not the wheel"
    difference = _files(source) ^ _files(installed)
    assert not difference, f"only in the wheel or only in the checkout: {sorted(difference)}"


def check_names():
    """Every public name can be imported without an extra."""
    for name in sklearn_ecg.__all__:
        thing = getattr(sklearn_ecg, name)
        for member in getattr(thing, "__all__", ()):
            getattr(thing, member)


def check_pipeline():
    """A pipeline learns from simulated signals and predicts."""
    X, y, _ = sklearn_ecg.make_ecg_classification(20, duration_s=2, random_state=0)
    pipeline = make_pipeline(
        sklearn_ecg.Segmenter(segment_length=100),
        sklearn_ecg.MaxNormalizer(),
        sklearn_ecg.Reshaper(frame_length=10),
        sklearn_ecg.LSTMClassifier(units=4, epochs=2, random_state=0),
    )
    assert pipeline.fit(X, y).predict_proba(X).shape == (20, 2)


def check_doctests():
    """Some examples of the documentation run."""
    options = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    for thing in (sklearn_ecg.make_ecg, sklearn_ecg.Segmenter):
        module = sys.modules[thing.__module__]
        failed, attempted = doctest.testmod(module, optionflags=options)
        assert attempted, f"{module} has no examples"
        assert not failed, f"{failed} of {attempted} examples of {module} failed"


if __name__ == "__main__":
    check_files(Path(sys.argv[1]))
    check_names()
    check_pipeline()
    check_doctests()
