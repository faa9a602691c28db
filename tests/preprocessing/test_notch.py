import numpy as np
import pytest
from numpy.testing import assert_allclose

from sklearn_ecg.preprocessing import NotchFilter, notch_filter

FS = 500
TIME = np.arange(10 * FS) / FS
INNER = slice(2 * FS, -2 * FS)


def sine(frequency, amplitude=1.0):
    return amplitude * np.sin(2 * np.pi * frequency * TIME)


@pytest.mark.parametrize("powerline", [50, 60])
@pytest.mark.parametrize("causal", [False, True])
def test_hum_is_removed_and_the_wave_passes_within_1_percent(powerline, causal):
    """A 5 Hz wave of 1 mV comes out of twice as much hum."""
    X = (sine(5) + sine(powerline, 2.0))[None]
    filtered = notch_filter(X, FS, powerline, causal=causal)
    assert_allclose(filtered[0, INNER], sine(5)[INNER], atol=0.01)


def test_harmonics_are_removed_only_if_asked_for():
    """At 500 Hz, 50 to 200 Hz are removed; 250 Hz cannot be there."""
    X = (sine(5) + sine(100) + sine(150) + sine(200))[None]
    assert_allclose(notch_filter(X, FS, 50)[0, INNER], sine(5)[INNER], atol=0.01)
    kept = notch_filter(X, FS, 50, harmonics=False)[0, INNER]
    assert_allclose(kept, X[0, INNER], atol=0.01)
    assert NotchFilter(50, fs=FS).fit(X).sos_.shape == (4, 6)


def test_frequencies_next_to_the_notch_pass():
    """At a quality of 30, what lies 10 Hz off loses less than 5 %."""
    for frequency in (40, 60):
        kept = notch_filter(sine(frequency)[None], FS, 50)[0, INNER]
        assert np.sqrt(2 * np.mean(kept**2)) > 0.95


def test_causal_is_yes_or_no():
    """A word that would count as true is refused, by the function and by the transformer."""
    with pytest.raises(ValueError, match="'causal' parameter of notch_filter must be"):
        notch_filter([[0.0, 1.0]], FS, 50, causal="no")
    with pytest.raises(ValueError, match="'causal' parameter of NotchFilter must be"):
        NotchFilter(50, fs=FS, causal="no").fit([[0.0, 1.0]])


def test_hum_beyond_nyquist_is_refused():
    """At 100 Hz nothing of 50 Hz can be told from noise."""
    message = r"powerline=50 Hz must be below the Nyquist frequency, .* fs / 2 = 50.0 Hz"
    with pytest.raises(ValueError, match=message):
        notch_filter([[0.0, 1.0]], 100, 50)
    with pytest.raises(ValueError, match=message):
        NotchFilter(50, fs=100).fit([[0.0, 1.0]])
