"""Leads that are off."""

import numpy as np
import pytest

from sklearn_ecg.datasets import ECGRecord, make_ecg
from sklearn_ecg.utils._flat_leads import FlatLeads, without_flat

FS = 100


def by_hand(signal):
    marked = signal.copy()
    for lead in range(signal.shape[1]):
        for i in range(FS, len(signal)):
            if (signal[i - FS : i, lead] == signal[i, lead]).all():
                marked[i, lead] = np.nan
    return marked


@pytest.fixture(scope="module")
def signal():
    """Leads that stand still for .99, 1, 1.01 and more seconds, at the beginning and the end."""
    signal = np.random.default_rng(0).normal(size=(3000, 2)).astype(np.float32)
    for start, n, lead in (
        (200, 99, 0),
        (400, 100, 0),
        (600, 101, 0),
        (800, 300, 1),
        (850, 200, 0),
    ):
        signal[start : start + n, lead] = 0
    signal[:150, 0], signal[2700:, 1] = 0.3, -1
    signal[1500:1700] = np.nan
    signal[1800:2100, 1] = np.round(signal[1800:2100, 1])
    return signal


@pytest.mark.parametrize("n_timesteps", [1, 7, 100, 3000])
def test_values_that_stood_for_a_second_are_missing(signal, n_timesteps):
    """However the signal is cut."""
    flat_leads = FlatLeads(FS, 2)
    parts = [signal[i : i + n_timesteps] for i in range(0, 3000, n_timesteps)]
    before = signal.copy()
    expected = by_hand(signal)
    assert np.isnan(expected[700, 0])
    assert not np.isnan(expected[500, 0])
    found = np.concatenate([flat_leads.push(part) for part in [*parts, signal[:0]]])
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(signal, before)


def test_whole_constant_is_missing_unless_the_past_alone_counts(signal):
    """Of those that last for more than a second; the first second of each is known by then."""
    record = ECGRecord(signal, float(FS), ("I", "II"))
    expected = by_hand(signal)
    np.testing.assert_array_equal(without_flat(record, causal=True).signal, expected)
    for start, lead in ((600, 0), (800, 1), (850, 0), (0, 0), (2700, 1)):
        expected[start : start + FS, lead] = np.nan
    np.testing.assert_array_equal(without_flat(record).signal, expected)


@pytest.mark.parametrize("causal", [False, True])
def test_record_without_flat_leads_is_itself(causal):
    """And nothing is copied."""
    record = make_ecg(10, fs=FS, leads=["II"], random_state=0)
    assert without_flat(record, causal) is record
