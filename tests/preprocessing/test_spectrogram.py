"""Turn signals into spectra over time."""

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline

from sklearn_ecg.preprocessing import GapFiller, LogSpectrogram, Segmenter, log_spectrogram

FS = 320
TIME = np.arange(640) / FS


def sine(frequency, gain=1.0):
    return gain * np.sin(2 * np.pi * frequency * TIME)


@pytest.mark.parametrize("frequency", [5, 20, 50, 150])
def test_sine_stands_at_its_frequency(frequency):
    """Frequencies are fs / length = 5 Hz apart, and it is the strongest in every window."""
    (spectra,) = log_spectrogram(sine(frequency)[None], 64)
    assert spectra.shape == (19, 33)
    assert (spectra.argmax(axis=1) == frequency / 5).all()


def test_power_by_hand():
    """A sine of deviation 1 has the amplitude sqrt(2), of which a Hann window keeps a half."""
    (spectra,) = log_spectrogram(sine(50)[None], 64)
    # Half of the amplitude times the sum of the window, 32, in its own bin; a quarter of that power
    # in the next ones, and the floor of 0.01 elsewhere.
    peak = (np.sqrt(2) / 2 * 32) ** 2
    np.testing.assert_allclose(spectra[:, 10], np.log10(peak + 0.01), atol=1e-4)
    np.testing.assert_allclose(spectra[:, [9, 11]], np.log10(peak / 4 + 0.01), atol=1e-4)
    np.testing.assert_allclose(spectra[:, [0, 5, 20, 32]], -2, atol=1e-4)


def test_change_of_frequency_is_seen_when_it_comes():
    """Each window sees its own time steps only, every `step` of them."""
    signal = np.where(np.arange(640) < 320, sine(20), sine(50))
    (spectra,) = log_spectrogram(signal[None], 64, step=64)
    assert spectra.argmax(axis=1).tolist() == [4] * 5 + [10] * 5


@pytest.mark.parametrize(("step", "n_steps"), [(None, 19), (1, 577), (64, 10), (100, 6), (1000, 1)])
def test_windows_lie_within_the_signal(step, n_steps):
    """None stands for half of the length; what is left over at the end is in no window."""
    assert log_spectrogram(sine(50)[None], 64, step=step).shape == (1, n_steps, 33)


def test_gain_unit_and_offset_do_not_matter():
    """Signals in mV, in uV, upside down and on an offset have the same spectra."""
    signal = sine(20) + 0.3 * sine(45)
    expected = log_spectrogram(signal[None], 64)
    for other in (1000 * signal, -signal, 0.1 * signal + 3):
        np.testing.assert_allclose(log_spectrogram(other[None], 64), expected, atol=1e-3)


def test_offset_of_a_long_signal_does_not_matter():
    """An electrode adds 100 mV to half an hour in float32; each value is known to 0.004 mV."""
    signal = np.random.default_rng(0).normal(size=(600_000, 2)).astype(np.float32)
    expected = log_spectrogram([signal.astype(np.float64)])[0]
    for offset in (0, 100):
        (spectra,) = log_spectrogram([signal + np.float32(offset)])
        np.testing.assert_allclose(spectra, expected, atol=1e-2)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("value", [0, 1, -1e6, 0.1, 1000.1, 1e5 / 3])
def test_flat_signal_is_the_floor(value, dtype):
    """Decimal logarithm of 0.01, and not noise from rounding."""
    spectra = log_spectrogram(np.full((1, 641), value, dtype=dtype), 64)
    np.testing.assert_allclose(spectra, -2, atol=1e-4)


@pytest.mark.parametrize("n_timesteps", [1, 2, 63])
def test_short_signal_is_filled_up_with_zeros(n_timesteps):
    """It makes one step, whatever its offset, and is no louder than it is long."""
    signal = sine(50)[None, :n_timesteps]
    found = log_spectrogram(signal, 64)
    assert found.shape == (1, 1, 33)
    np.testing.assert_allclose(found, log_spectrogram(signal + 500, 64), atol=1e-3)


def test_short_flat_signal_is_silent():
    """Filling up with zeros makes no step of a constant offset."""
    np.testing.assert_allclose(log_spectrogram(np.full((1, 10), 500.0), 64), -2)


def test_leads_are_second():
    """Columns go by frequency first and by lead second; leads do not mix."""
    X = np.stack([sine(20), sine(50, gain=7)], axis=1)[None]
    both = log_spectrogram(X, 64)
    assert both.shape == (1, 19, 66)
    for lead in (0, 1):
        alone = log_spectrogram(X[:, :, lead], 64)
        np.testing.assert_allclose(both[:, :, lead::2], alone, atol=1e-6)


def test_ragged_rows_are_what_they_are_alone():
    """A list gives an object array; no row depends on the others."""
    rows = [sine(20)[:, None], sine(50)[:100, None], sine(5)[:3, None]]
    found = LogSpectrogram(32).fit_transform(rows)
    assert [spectra.shape for spectra in found] == [(39, 17), (5, 17), (1, 17)]
    for spectra, row in zip(found, rows, strict=True):
        np.testing.assert_allclose(spectra, log_spectrogram(row[None], 32)[0], atol=1e-9)


@pytest.mark.parametrize("as_list", [False, True])
def test_segments_are_rows_by_themselves(as_list):
    """Each segment of a row is scaled by itself."""
    X = np.stack([sine(20), sine(50)])
    segments = Segmenter(160).fit_transform(list(X) if as_list else X)
    found = LogSpectrogram(32).fit_transform(segments)
    assert found[0].shape == (4, 9, 17)
    expected = log_spectrogram(X.reshape(8, 160), 32)
    np.testing.assert_allclose(np.concatenate(list(found)), expected, atol=1e-9)


def test_float32_stays_and_input_is_not_written_into():
    """In precision too it agrees with float64."""
    X = (sine(20) + 0.1 * sine(45))[None]
    single = X.astype(np.float32)
    before = single.copy()
    spectra = LogSpectrogram().fit_transform(single)
    assert spectra.dtype == np.float32
    np.testing.assert_array_equal(single, before)
    np.testing.assert_allclose(spectra, LogSpectrogram().fit_transform(X), atol=1e-2)


def test_missing_values_are_refused_by_row():
    """A spectrum needs all values; gaps are filled before."""
    X = np.stack([sine(20), sine(50)])
    X[1, 7] = np.nan
    for rows in (X, list(X)):
        with pytest.raises(ValueError, match=r"NaN: row 1, time step 7, lead 0\..* by a GapFiller"):
            LogSpectrogram().fit_transform(rows)
        with pytest.raises(ValueError, match="NaN: row 1"):
            log_spectrogram(rows)
        fitted = LogSpectrogram().fit([sine(20)])
    with pytest.raises(ValueError, match="NaN: row 1"):
        fitted.transform(list(X))
    filled = make_pipeline(GapFiller(1, fill_value=0), LogSpectrogram()).fit_transform(X)
    assert np.isfinite(filled).all()


def test_missing_lead_is_refused():
    """It is not padding: the other lead goes on."""
    X = np.stack([sine(20), np.full(640, np.nan)], axis=-1)[None]
    with pytest.raises(ValueError, match="NaN: row 0, time step 0, lead 1"):
        log_spectrogram(X)
    bag = Segmenter(320).fit_transform(X)
    with pytest.raises(ValueError, match="NaN: row 0, segment 0, time step 0, lead 1"):
        log_spectrogram(bag)


def test_windows_that_hold_padding_are_padding():
    """The others are scaled by the signal alone; a row that is padding throughout stays so."""
    X = np.stack([sine(20), sine(20), np.full(640, np.nan)])
    X[1, 300:] = np.nan
    spectra = log_spectrogram(X, 64)
    alone = log_spectrogram(X[1:2, :300], 64)[0]
    np.testing.assert_array_equal(spectra[1, : len(alone)], alone)
    assert np.isnan(spectra[1, len(alone) :]).all()
    assert np.isnan(spectra[2]).all()


@pytest.mark.parametrize("shape", [(1, 8, 2), (1, 3, 8, 2)])
def test_features_have_names(shape):
    """In the order of the columns, by share of the sampling rate; of segments too."""
    spectrogram = LogSpectrogram(4).fit(np.zeros(shape))
    names = ["f0/4_lead0", "f0/4_lead1", "f1/4_lead0", "f1/4_lead1", "f2/4_lead0", "f2/4_lead1"]
    assert spectrogram.get_feature_names_out().tolist() == names
    assert spectrogram.get_feature_names_out(["II", "V5"])[1] == "f0/4_V5"


@pytest.mark.parametrize("options", [{"window_length": 1}, {"window_length": 6.5}, {"step": 0}])
def test_bad_parameters_are_refused(options):
    """By name."""
    with pytest.raises(ValueError, match=f"'{next(iter(options))}' parameter"):
        LogSpectrogram(**options).fit(np.ones((1, 100)))
    with pytest.raises(ValueError, match=f"'{next(iter(options))}' parameter"):
        log_spectrogram(np.ones((1, 100)), **options)
