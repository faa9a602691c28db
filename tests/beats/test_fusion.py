"""Simulated fusion beats."""

from dataclasses import replace

import numpy as np
import pytest

from sklearn_ecg.beats import extract_beats, simulate_fusions
from sklearn_ecg.beats._fusion import beats_to_merge, fuse, with_fusions
from sklearn_ecg.datasets import ECGRecord, make_ecg

FS = 250


@pytest.fixture(scope="module")
def records():
    """Two recordings, the first with ventricular beats."""
    return [
        make_ecg(duration_s=120, fs=FS, leads=("II", "V1"), premature={"V": 0.1}, random_state=0),
        make_ecg(duration_s=20, fs=FS, leads=("II", "V1"), random_state=1),
    ]


def test_rows_are_like_those_of_real_beats(records):
    """They can be trained on side by side, and split by the same groups."""
    arguments = {"leads": ["V1"], "n_before": 2, "n_after": 3, "features": ["shape", "rhythm"]}
    real = extract_beats(records, **arguments)
    rows = simulate_fusions(records, n_beats=7, random_state=0, **arguments)
    assert rows.data.shape == (7, *real.data.shape[1:])
    assert rows.data.dtype == real.data.dtype
    assert rows.feature_names.tolist() == real.feature_names.tolist()
    assert rows.target.tolist() == ["F"] * 7
    assert set(rows.groups) == {real.groups[0]}
    assert np.isfinite(rows.data).all()


def test_they_lie_between_normal_and_ventricular_beats(records):
    """In how their QRS complexes differ from the usual one."""
    arguments = {"leads": ["II"], "n_before": 0, "n_after": 0, "features": ["shape"]}
    real = extract_beats(records[0], **arguments)
    rows = simulate_fusions(records[0], random_state=0, **arguments)
    column = real.feature_names.tolist().index("qrs_deviation_0")
    normal, ventricular = (np.median(real.data[real.target == c, 0, column]) for c in "NV")
    assert normal + 0.3 < np.median(rows.data[:, 0, column]) < ventricular - 0.1


def test_at_most_half_of_a_simulated_beat_is_ventricular():
    """And at least 15 %: normal beats are 0 here, and ventricular ones 1."""
    steps = FS + 2 * FS * np.arange(400)
    classes = np.where(np.arange(400) % 10 == 5, "V", "N")
    signal = np.zeros((steps[-1] + 2 * FS, 1), np.float32)
    for step in steps[classes == "V"]:
        signal[step - 10 : step + 30] = 1
    record = ECGRecord(signal, float(FS), ("II",), annotations=(steps, classes))
    merged_signal, moved, merged = with_fusions(
        record, ["II"], steps, classes, 60, np.random.RandomState(0)
    )
    shares = [merged_signal[moved[i] - 40 : moved[i] + 60].max() for i in merged]
    assert len(shares) == 36  # a tenth of the normal beats
    assert 0.15 <= min(shares) < 0.25
    assert 0.4 < max(shares) <= 0.5


def test_the_share_is_that_of_the_ventricular_beat():
    """Of the QRS complex and the T wave, on the normal baseline; the P wave is the normal one."""
    rng = np.random.default_rng(0)
    time_s = np.arange(-75, 125) / FS
    normal, ventricular = (
        rng.normal(size=(200, 2)) * ((time_s < -0.15) | (time_s > -0.07))[:, None] for _ in range(2)
    )
    np.testing.assert_array_equal(fuse(normal, ventricular + 3, 0.0, FS), normal)
    half = fuse(normal + 1, ventricular + 3, 0.5, FS)
    p_wave, complex_ = time_s < -0.13, (time_s > -0.03) & (time_s < 0.29)
    np.testing.assert_array_equal(half[p_wave], normal[p_wave] + 1)
    mean = (normal + ventricular)[complex_] / 2
    np.testing.assert_allclose(half[complex_], mean + 1, atol=1e-12)


def merge(record, n_beats=60, seed=0):
    """Merge beats of lead II, and give what is needed to look at them."""
    real = extract_beats(record, leads=["II"], n_before=0, n_after=0)
    steps, target = real.time_steps, real.target
    made = with_fusions(record, ["II"], steps, target, n_beats, np.random.RandomState(seed))
    return *made, steps, target


def test_the_rest_of_the_recording_stays(records):
    """Some beats come earlier, all keep their order, and the record that was given is the same."""
    record = records[0]
    before = record.signal.copy()
    signal, beats, merged, steps, target = merge(record, n_beats=5)
    np.testing.assert_array_equal(record.signal, before)
    assert set(target[merged]) == {"N"}
    assert len(merged) == 5
    others = np.delete(np.arange(len(beats)), merged)
    np.testing.assert_array_equal(beats[others], steps[others])
    early = (steps - beats)[merged]
    assert early.min() >= 0
    assert 0 < early.max() <= 0.12 * FS
    near = np.abs(np.arange(len(signal)) - beats[merged][:, None]).min(axis=0) <= FS / 2
    np.testing.assert_array_equal(signal[~near], before[~near])
    assert (signal != before)[near].any()


def test_what_is_usual_stays_so(records):
    """No more than a tenth of the normal beats are merged, in order of time."""
    _, beats, merged, _, target = merge(records[0], n_beats=1000)
    assert 5 < len(merged) <= 0.1 * (target == "N").sum() + 1
    assert (np.diff(merged) > 0).all()
    assert (np.diff(beats) > 0).all()


def test_slow_hearts_beat_no_earlier_than_others():
    """The wave that was there before must not be left beside the new one."""
    slow = make_ecg(duration_s=120, fs=FS, heart_rate=40, premature={"V": 0.1}, random_state=0)
    early = []
    for seed in range(5):
        _, beats, merged, steps, _ = merge(slow, seed=seed)
        early.extend((steps - beats)[merged])
    assert max(early) == round(0.12 * FS)


def test_a_beat_needs_room_before_and_after(records):
    """Not one soon after another, nor one soon before the next, nor the first."""
    steps = np.array([1000, 1100, 1500, 1620, 2000])
    _, normal = beats_to_merge(records[0], ["II"], steps, np.repeat("N", 5))
    assert normal.tolist() == [3, 4]


def test_no_other_beat_gets_into_the_window(records):
    """Where beats follow one another too closely, none is merged."""
    fast = make_ecg(duration_s=60, fs=FS, heart_rate=130, premature={"V": 0.1}, random_state=0)
    assert not len(merge(fast)[2])
    record = records[0]
    steps, symbols = record.annotations
    ventricular = steps[symbols == "V"]
    # Mark a second beat soon after each ventricular one: a couplet.
    beats = np.concatenate([steps, ventricular + round(0.4 * FS)])
    labels = np.concatenate([symbols, np.full(len(ventricular), "V")])
    order = np.argsort(beats)
    couplets = replace(record, annotations=(beats[order], labels[order]))
    _, _, merged, steps_of_all, target = merge(couplets)
    gaps = np.diff(steps_of_all)
    assert set(target[merged]) <= {"N"}
    assert (gaps[merged] > 0.55 * FS).all()
    assert (gaps[merged - 1] > 0.47 * FS).all()
    usable, _ = beats_to_merge(couplets, ["II"], steps_of_all, target)
    assert len(usable)
    assert (gaps[usable] > 0.55 * FS).all()


@pytest.mark.parametrize("cut", [1, *range(10, 130, 10)])
def test_beats_at_the_ends_are_left_out(records, cut):
    """Of a window that reaches beyond the signal there is nothing to merge."""
    record = records[0]
    steps, symbols = record.annotations
    first, last = steps[symbols == "V"][[0, -1]]
    start, stop = max(0, first - cut), last + cut
    inside = (steps >= start) & (steps < stop)
    short = replace(
        record,
        signal=record.signal[start:stop],
        annotations=(steps[inside] - start, symbols[inside]),
    )
    signal, _, merged, *_ = merge(short)
    assert len(merged)
    assert np.isfinite(signal).all()


def test_what_the_signal_is_made_of_does_not_matter(records):
    """Integers, and a signal that cannot be written to, are taken too."""
    whole = (100 * records[0].signal).astype(np.int16)
    whole.flags.writeable = False
    signal, *_ = merge(replace(records[0], signal=whole))
    assert signal.dtype == np.float32
    assert (signal != whole).any()


def test_causal_features_are_those_of_the_past(records):
    """They differ from those of the whole recording, and are as many."""
    both = [
        simulate_fusions(records, leads=["II"], causal=causal, random_state=0).data
        for causal in (False, True)
    ]
    assert both[0].shape == both[1].shape
    assert not np.array_equal(*both)


def test_the_same_seed_gives_the_same_rows(records):
    """And another seed others."""
    first, again, other = (
        simulate_fusions(records, leads=["II"], random_state=seed) for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first.data, again.data)
    assert not np.array_equal(first.data, other.data)


def test_missing_values_are_not_merged(records):
    """Beats beside them stay out; a lead that is missing throughout does no harm unless chosen."""
    record = records[0]
    signal = record.signal.copy()
    signal[:, 1] = np.nan
    signal[: 60 * FS, 0] = np.nan
    steps, symbols = record.annotations
    for step in steps[symbols == "N"][::2]:
        signal[step - round(0.41 * FS) : step - round(0.38 * FS), 0] = np.nan
    gappy = replace(record, signal=signal)
    merged_signal, beats, merged, *_ = merge(gappy)
    assert len(merged)
    for step in beats[merged]:
        assert np.isfinite(merged_signal[step - FS // 4 : step + FS // 2, 0]).all()
    rows = simulate_fusions(gappy, leads=["II"], random_state=0)
    assert np.isfinite(rows.data).all()
    with pytest.raises(ValueError, match="can be merged"):
        simulate_fusions(gappy, leads=["V1"])


def test_what_cannot_be_merged_is_refused(records):
    """The message says what is missing."""
    with pytest.raises(ValueError, match="at least 3 ventricular beats"):
        simulate_fusions(records[1], leads=["II"])
    steps, symbols = records[0].annotations
    few = symbols.copy()
    few[np.flatnonzero(symbols == "V")[2:]] = "N"
    with pytest.raises(ValueError, match="at least 3 ventricular beats"):
        simulate_fusions(replace(records[0], annotations=(steps, few)), leads=["II"])
    unread = replace(records[1], annotations=(np.empty(0, int), np.empty(0, "<U1")))
    with pytest.raises(ValueError, match="record 1 has no beats"):
        simulate_fusions([records[0], unread], leads=["II"])
    with pytest.raises(ValueError, match="no lead III"):
        simulate_fusions(records, leads=["III"])
    with pytest.raises(ValueError, match="n_beats"):
        simulate_fusions(records, n_beats=0)
    with pytest.raises(TypeError, match="ECGRecord"):
        simulate_fusions([np.zeros((100, 1))])
