import numpy as np
from numpy.testing import assert_allclose

from sklearn_ecg.datasets._simulated._spectra import draw_series


def test_draw_series_has_mean_0_and_variance_1():
    """A whole period has mean 0 and variance 1 exactly."""
    series = draw_series(512, lambda f: 1 / f, np.random.RandomState(0), margin=0)
    assert_allclose(series.mean(), 0, atol=1e-12)
    assert_allclose(series.var(), 1)


def test_draw_series_has_the_power_asked_for():
    """The spectrum of a whole period is proportional to the power, without mean and Nyquist."""
    series = draw_series(512, lambda f: f**2, np.random.RandomState(0), margin=0)
    power = np.abs(np.fft.rfft(series)) ** 2
    assert_allclose(power[1:256] / power[1], np.arange(1, 256) ** 2)
    assert_allclose(power[[0, 256]], 0, atol=1e-9)


def test_draw_series_does_not_join_end_to_beginning():
    """With a margin, a slow series may end elsewhere than it began."""
    slow = draw_series(500, lambda f: f < 0.002, np.random.RandomState(0), margin=500)
    assert abs(slow[-1] - slow[0]) > 20 * np.abs(np.diff(slow)).max()
