import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.pipeline import make_pipeline

from sklearn_ecg.preprocessing import (
    QualityGate,
    Segmenter,
    quality_flags,
    quality_gate,
)

FS = 100


def good(n_timesteps=1000, seed=0):
    """Beats every 0.8 s with a little noise, in mV."""
    signal = 0.02 * np.random.default_rng(seed).normal(size=n_timesteps)
    signal[::80] += 1.0
    return signal


def faulty(fault):
    """The same with one fault."""
    signal = good()
    if fault == "missing":
        signal[:] = np.nan
    elif fault == "constant":
        signal[:] = 1.5
    elif fault == "gaps":
        signal[:600] = np.nan
    elif fault == "flat":
        signal[:600] = 0.0
    elif fault == "saturated":
        signal[300:330] = 5.0
    elif fault == "noise":
        signal[:] = np.random.default_rng(0).normal(size=1000)
    return signal


FAULTS = ["missing", "constant", "gaps", "flat", "saturated", "noise"]


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_recognised_and_a_clean_lead_is_not(fault):
    """Flags are 1 for the faulty lead and 0 for its neighbour."""
    X = np.stack([good(), faulty(fault)], axis=-1)[None]
    assert_array_equal(quality_flags(X, FS), [[0, 1]])


@pytest.mark.parametrize(
    ("fault", "tolerant"),
    [
        ("gaps", {"max_gaps": 0.6}),
        ("flat", {"max_flat": 0.6}),
        ("flat", {"flat_range": 0.0, "max_flat": 0.6}),
        ("saturated", {"max_saturated": 0.03}),
        ("noise", {"max_noise": 2}),
    ],
)
def test_each_limit_is_a_parameter_and_itself_tolerated(fault, tolerant):
    """A fault as large as its limit passes."""
    assert_array_equal(quality_flags(faulty(fault)[None], FS, **tolerant), [[0]])


@pytest.mark.parametrize("fault", ["missing", "constant"])
def test_missing_lead_is_never_tolerated(fault):
    """Not even where gaps and flat lines are."""
    flags = quality_flags(faulty(fault)[None], FS, max_gaps=1, max_flat=1)
    assert_array_equal(flags, [[1]])


@pytest.mark.parametrize("mask", [np.nan, 0.0])
def test_unusable_leads_are_masked_throughout_and_others_untouched(mask):
    """No row is dropped, and the shape and dtype are those of the input."""
    X = np.stack([np.stack([good(), faulty("noise")], axis=-1)] * 2).astype(np.float32)
    X[1, :, 1] = good(seed=3)
    X.flags.writeable = False
    gated = quality_gate(X, FS, fill_value=mask)
    assert gated.shape == X.shape
    assert gated.dtype == np.float32
    assert_array_equal(gated[0, :, 1], np.full(1000, mask))
    assert_array_equal(gated[0, :, 0], X[0, :, 0])
    assert_array_equal(gated[1], X[1])
    assert not np.shares_memory(gated, X)


def test_ragged_rows_equal_dense_ones():
    """Flags of a list of signals are one array; masked signals stay a list."""
    X = np.stack([good(), faulty("flat"), faulty("noise")])
    flags, dense = quality_flags(X, FS), quality_gate(X, FS)
    for rows in (list(X), list(X[:, :, None])):
        assert_array_equal(quality_flags(rows, FS), flags)
        for row, given, expected in zip(quality_gate(rows, FS), rows, dense, strict=True):
            assert row.shape == given.shape
            assert_array_equal(row.reshape(-1), expected)


def test_segments_are_judged_each_by_itself():
    """After a segmenter the good part of a recording remains."""
    X = np.stack([good(), faulty("gaps")])  # the second lacks its first 6 s
    gate = make_pipeline(Segmenter(250), QualityGate(fs=FS))
    gated = gate.fit_transform(X)
    assert_array_equal(np.isnan(gated).all(axis=(2, 3)), [[0, 0, 0, 0], [1, 1, 0, 0]])
    flags = quality_flags(Segmenter(250).fit_transform([X[0], X[1, :500]]), FS)
    assert [row.tolist() for row in flags] == [[[0], [0], [0], [0]], [[1], [1]]]


def test_single_beats_are_not_judged_by_noise():
    """What lasts less than 2 s and varies is usable."""
    X = np.random.default_rng(0).normal(size=(3, 60))
    assert_array_equal(quality_flags(X, FS), np.zeros((3, 1)))


def test_transformer_equals_function():
    """The estimator adds nothing of its own."""
    X = np.stack([good(), faulty("flat")])
    gate = QualityGate(fs=FS, fill_value=0, flat_range=0.02, max_gaps=0.1, max_flat=0.9)
    assert_array_equal(gate.fit_transform(X), quality_gate(X, **gate.get_params()))


def test_clipped_record_of_mitdb_is_found_and_flutter_measures_as_noise(data_home):
    """As stated in the docstring: 3 clipped strips of 116, and the limit of the method on 207."""
    pytest.importorskip("wfdb")
    from sklearn_ecg.datasets import fetch_mitdb

    strips = fetch_mitdb(data_home, record_names=["116", "207"])
    is_207 = strips.records == "207"
    clipped = quality_flags(strips.data, strips.fs, max_noise=2)
    assert clipped[~is_207].sum() == 3
    assert clipped[is_207].sum() == 0
    noisy = quality_flags(strips.data, strips.fs, max_saturated=1)
    assert noisy[is_207].sum() == 13


def test_leads_of_atrial_flutter_and_across_the_axis_measure_as_noise(data_home):
    """As stated in the docstring, of PTB-XL; a limit of 2 keeps these leads."""
    from sklearn_ecg.datasets import fetch_ptbxl

    if not (data_home / "ptbxl").is_dir():
        pytest.skip(f"no real recordings of ptbxl in {data_home}")
    strips = fetch_ptbxl(data_home, target="rhythm", download_if_missing=False)
    is_flutter = strips.target[:, strips.target_names.tolist().index("AFLT")] == 1
    loses = quality_flags(strips.data, strips.fs) == 1
    assert is_flutter.sum() == 8
    assert loses[is_flutter][:, [2, 5]].any(axis=1).sum() == 7  # lead III or aVF
    assert loses[~is_flutter].any(axis=1).sum() == 37
    assert loses[~is_flutter].sum(axis=0).argmax() == 4  # aVL
    assert not loses[:, 6:].any()
    assert not quality_flags(strips.data, strips.fs, max_noise=2).any()
