"""A fit that failed leaves nothing fitted."""

import inspect

import pytest

from sklearn_ecg.utils._fitting import fit_or_nothing


class Fickle:
    """Fits, or fails half-way."""

    def __init__(self):
        self.parameter = 1
        self._private = 2

    @fit_or_nothing
    def fit(self, X, fail=None):
        """Set one attribute, and another one unless it fails."""
        self.first_ = X
        if fail is not None:
            raise fail
        self._second_ = X
        return self


def test_fit_starts_afresh():
    """An attribute that only an earlier fit set is gone, and nothing else is."""
    fitted = Fickle().fit(1)
    fitted.of_old_ = 3
    assert vars(fitted.fit(2)) == {"parameter": 1, "_private": 2, "first_": 2, "_second_": 2}


@pytest.mark.parametrize("fail", [ValueError("no"), KeyboardInterrupt("no")])
def test_failed_fit_leaves_nothing(fail):
    """Neither of this fit nor of the one before, even if it was interrupted."""
    fitted = Fickle().fit(1)
    with pytest.raises(type(fail), match="no"):
        fitted.fit(2, fail=fail)
    assert vars(fitted) == {"parameter": 1, "_private": 2}


def test_signature_is_kept():
    """Scikit-learn reads it to learn what fit takes."""
    assert list(inspect.signature(Fickle.fit).parameters) == ["self", "X", "fail"]
