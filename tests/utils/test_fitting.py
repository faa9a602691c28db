"""A fit that fails leaves nothing fitted."""

import pytest
from sklearn.base import BaseEstimator

from sklearn_ecg.utils._fitting import all_or_nothing


def fitted():
    """Make an estimator that has learnt one thing."""
    estimator = BaseEstimator()
    estimator.parameter, estimator.learnt_ = 1, 2
    return estimator


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
@pytest.mark.parametrize(("goes_on", "left"), [(False, {}), (True, {"learnt_": 2})])
def test_failed_fit_leaves_what_it_went_on_from(error, goes_on, left):
    """Nothing if it began anew; in either case nothing of what it learnt itself."""
    estimator = fitted()

    def fit():
        with all_or_nothing(estimator, goes_on):
            assert hasattr(estimator, "learnt_") == goes_on
            estimator.learnt_, estimator.more_ = 3, 4
            raise error

    with pytest.raises(error):
        fit()
    assert vars(estimator) == {"parameter": 1, **left}


def test_fit_that_succeeds_keeps_what_it_learnt():
    """And no more than that, if it began anew."""
    estimator = fitted()
    with all_or_nothing(estimator):
        estimator.more_ = 4
    assert vars(estimator) == {"parameter": 1, "more_": 4}
