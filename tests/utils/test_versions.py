"""Versions of packages: shown, and remembered by pickles."""

import pickle
import warnings

import pytest
import sklearn
from sklearn.exceptions import InconsistentVersionWarning
from sklearn.pipeline import make_pipeline

from sklearn_ecg import show_versions
from sklearn_ecg.preprocessing import MaxNormalizer, Segmenter
from sklearn_ecg.utils import all_estimators
from sklearn_ecg.utils._versions import installed_version

PACKAGES = {
    "_sklearn_version": "",
    "_sklearn_ecg_version": " of sklearn-ecg",
    "_keras_version": " of keras",
}


@pytest.mark.parametrize("key", PACKAGES)
@pytest.mark.parametrize(("name", "estimator_class"), all_estimators(), ids=str)
def test_pickle_of_another_version_warns(name, estimator_class, key):
    """As those of scikit-learn do, of whichever estimator it is."""
    state = estimator_class.__new__(estimator_class).__getstate__()
    changed = state | {key: "0.0.1"}
    match = f"estimator {name} from version 0.0.1{PACKAGES[key]} when using version .*"
    with pytest.warns(InconsistentVersionWarning, match=match):
        estimator_class.__new__(estimator_class).__setstate__(changed)
    assert changed[key] == "0.0.1"  # the state still belongs to the caller


def test_pickle_of_the_same_version_is_silent():
    """And the estimator has no attribute more than before."""
    pipeline = make_pipeline(MaxNormalizer(), Segmenter(segment_length=2)).fit([[0.0] * 6])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loaded = pickle.loads(pickle.dumps(pipeline))
    for step, same in zip(pipeline, loaded, strict=True):
        assert vars(step).keys() == vars(same).keys()


def test_pickle_from_before_a_parameter_has_its_default():
    """It goes on as it did, because a new parameter does nothing at its default."""
    segmenter = Segmenter(segment_length=2, tail="drop").fit([[0.0] * 6])
    state = segmenter.__getstate__()
    del state["step"]
    loaded = Segmenter.__new__(Segmenter)
    loaded.__setstate__(state)
    assert loaded.get_params() == {"segment_length": 2, "step": None, "tail": "drop"}
    assert "step" not in state


def test_version_of_scikit_learn_can_be_asked_for():
    """By the attributes that its own warnings have."""
    with pytest.warns(InconsistentVersionWarning) as warned:
        Segmenter(2).__setstate__({"_sklearn_version": "1.0"})
    assert warned[0].message.original_sklearn_version == "1.0"
    assert warned[0].message.current_sklearn_version == sklearn.__version__


def test_versions_are_shown(capsys):
    """Of Python, the machine, and each package, installed or not."""
    show_versions()
    shown = capsys.readouterr().out.splitlines()
    names = [line.partition(":")[0].strip() for line in shown if line.startswith(" ")]
    assert names[:6] == ["python", "executable", "machine", "sklearn-ecg", "scikit-learn", "numpy"]
    assert {"scipy", "joblib", "threadpoolctl", "scikeras", "keras", "tensorflow", "skops"} <= {
        *names
    }
    assert f"  scikit-learn: {sklearn.__version__}" in shown


def test_showing_versions_is_light(run_python):
    """It reads what is installed and imports none of it."""
    code = "import sys, sklearn_ecg; sklearn_ecg.show_versions(); print('keras' in sys.modules)"
    assert run_python(code).stdout.endswith("False\n")


def test_package_that_is_not_installed_has_no_version():
    """It is shown all the same."""
    assert installed_version("a-package-that-nobody-has") is None
    assert installed_version("scikit-learn") == sklearn.__version__
