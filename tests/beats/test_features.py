"""Describe each beat of a recording."""

import numpy as np
import pytest

from sklearn_ecg.beats import beat_feature_names, beat_features
from sklearn_ecg.beats._rhythm import interval_features
from sklearn_ecg.datasets import make_ecg
from sklearn_ecg.preprocessing import bandpass_filter

FS = 250
ALL = ("rhythm", "irregularity", "shape", "deviation", "waveform", "quality")


def describe(record, signal=None, beats=None, **options):
    """Describe the annotated beats of a record."""
    signal = record.signal if signal is None else signal
    beats = record.annotations[0] if beats is None else beats
    return beat_features(signal, beats, FS, **({"features": ALL} | options))


def column(features, name, n_leads=2, groups=ALL):
    """Choose a feature by its name."""
    return features[:, beat_feature_names(groups, n_leads=n_leads).tolist().index(name)]


@pytest.mark.parametrize("groups", [[name] for name in ALL] + [list(ALL), ["quality", "rhythm"]])
@pytest.mark.parametrize("n_leads", [1, 2])
def test_every_column_has_a_name(record, groups, n_leads):
    """In the order asked for; each name is there once."""
    features = describe(record, record.signal[:, :n_leads], features=groups)
    names = beat_feature_names(groups, n_leads=n_leads)
    assert features.shape == (len(record.annotations[0]), len(names))
    assert len(set(names)) == len(names)
    assert features.dtype == np.float32
    assert np.isfinite(features).all()


def test_groups_are_side_by_side(record):
    """Each group is what it is alone."""
    alone = [describe(record, features=[group]) for group in ALL]
    np.testing.assert_array_equal(describe(record), np.hstack(alone))


def test_names_by_hand():
    """Features of the rhythm are of no lead; others are by feature first and by lead second."""
    names = beat_feature_names(n_leads=2)
    assert names[:2].tolist() == ["rr", "rr_to_recording"]
    assert names[8:11].tolist() == [
        "qrs_correlation_deviation_0",
        "qrs_correlation_deviation_1",
        "qrs_deviation_deviation_0",
    ]
    waveform = beat_feature_names(["waveform"], n_leads=2)
    assert waveform[[0, 1, 2, -1]].tolist() == [
        "waveform0_0",
        "waveform0_1",
        "waveform1_0",
        "waveform14_1",
    ]


def test_lead_is_described_alike_alone_and_among_others(record):
    """Columns of lead V1 do not depend on lead II, in the place that their names say."""
    both = describe(record)
    alone = describe(record, record.signal[:, 1:])
    for name in beat_feature_names(ALL[2:], n_leads=1):
        np.testing.assert_allclose(
            column(both, f"{name[:-1]}1"), column(alone, name, n_leads=1), atol=1e-4
        )


def test_ventricular_beat_stands_out(record):
    """It is early, the next is late, and its QRS complex is another."""
    features = describe(record, features=["rhythm", "deviation"])
    is_v = record.annotations[1] == "V"
    groups = ["rhythm", "deviation"]
    to_near = column(features, "rr_to_near", groups=groups)
    assert (to_near[is_v] < -0.5).all()
    assert (to_near[1:][is_v[:-1]] > 0.5).all()
    correlation = column(features, "qrs_correlation_deviation_0", groups=groups)
    assert correlation[is_v].max() < correlation[~is_v].min()


@pytest.mark.parametrize("causal", [False, True])
def test_gain_hardly_matters(record, causal):
    """At ten times the amplitude, as in a wrong unit, beats deviate from the usual as before."""
    options = {"features": ["deviation"], "causal": causal}
    expected = describe(record, **options)
    found = describe(record, 10 * record.signal, **options)
    assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.95
    is_v = record.annotations[1] == "V"
    assert np.median(np.abs(found - expected)[~is_v]) < 0.15


@pytest.mark.parametrize("k", [1, 10, 33])
def test_causal_features_do_not_see_the_future(record, k):
    """What comes later than 0.5 s after a beat, and where later beats are, changes nothing."""
    beats = record.annotations[0].copy()
    signal = record.signal.copy()
    stop = beats[k] + round(0.5 * FS)
    signal[stop:] = np.random.default_rng(0).normal(5, 3, size=signal[stop:].shape)
    beats[k + 1 :] += np.arange(1, len(beats) - k) % 3
    beats = beats[beats < len(signal)]
    before, after = (
        describe(record, *given, causal=True)[: k + 1] for given in ((None, None), (signal, beats))
    )
    np.testing.assert_allclose(after, before, atol=1e-6)
    whole = describe(record, signal, beats)[: k + 1]
    assert not np.allclose(whole, describe(record)[: k + 1], atol=0.01)


def test_causal_window_reaches_less_than_half_a_second(record):
    """All but the quality, which is measured over 0.5 s, is known after 0.45 s."""
    beats = record.annotations[0][:11]
    stop = beats[-1] + round(0.45 * FS) + 1
    options = {"beats": beats, "features": ALL[:5], "causal": True}
    np.testing.assert_allclose(
        describe(record, record.signal[:stop], **options), describe(record, **options), atol=1e-6
    )


@pytest.mark.parametrize("causal", [False, True])
def test_missing_values_count_as_usual(record, causal):
    """A gap spoils no beat beside it, a beat within is a usual one, a missing lead a flat one."""
    signal = record.signal.copy()
    signal[2500:3000] = np.nan
    before = signal.copy()
    found = describe(record, signal, causal=causal)
    np.testing.assert_array_equal(signal, before)
    masked = np.ma.masked_invalid(record.signal.copy())
    masked[2500:3000] = np.ma.masked
    np.testing.assert_array_equal(describe(record, masked, causal=causal), found)
    assert np.isfinite(found).all()
    clean = describe(record, causal=causal)
    correlation = [column(features, "qrs_correlation_0") for features in (found, clean)]
    beats = record.annotations[0]
    is_beside = (beats < 2450) | (beats > 3050)
    np.testing.assert_allclose(correlation[0][is_beside], correlation[1][is_beside], atol=0.1)
    is_inside = (beats > 2550) & (beats < 2950)
    assert is_inside.any()
    np.testing.assert_allclose(correlation[0][is_inside], 1, atol=1e-3)
    signal = record.signal.copy()
    signal[:, 1] = np.nan
    missing = describe(record, signal, causal=causal)
    signal[:, 1] = 0
    np.testing.assert_array_equal(missing, describe(record, signal, causal=causal))


@pytest.mark.parametrize("causal", [False, True])
def test_line_bridges_single_missing_values(record, causal):
    """So that a beat of another shape keeps it."""
    signal, is_other = record.signal.copy(), record.annotations[1] == "V"
    assert is_other.any()
    signal[np.random.default_rng(0).random(signal.shape) < 0.02] = np.nan
    found, whole = (describe(record, s, causal=causal)[is_other] for s in (signal, record.signal))
    for name in ("qrs_correlation_0", "qrs_deviation_0", "t_correlation_0"):
        differences = np.abs(column(found, name) - column(whole, name))
        assert differences.mean() < 0.01, name


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("features", [["rhythm"], ALL])
def test_interval_across_a_gap_is_unknown(features, causal):
    """It counts as a usual one, and not as a pause before the next beat."""
    beats = np.delete(np.arange(100, 10000, 200), [20, 21, 22])  # 0.8 s, and once 3.2 s
    signal = np.zeros((10000, 2), dtype=np.float32)
    signal[:, 0] = np.random.default_rng(0).normal(size=10000)
    signal[4050:4750, 0] = np.nan
    options = {"features": features, "causal": causal}
    one_lead = beat_features(signal, beats, FS, **options)[:, :8]
    pause = np.zeros(len(beats))
    pause[20] = 2 * np.log(4)
    np.testing.assert_allclose(one_lead[:, 0], pause, atol=1e-6)
    signal[4100:4700, 1] = np.nan
    both_leads = beat_features(signal, beats, FS, **options)[:, :8]
    whole = beat_features(np.zeros((10000, 2)), np.arange(100, 9500, 200), FS, **options)[:, :8]
    np.testing.assert_array_equal(both_leads, whole)


@pytest.mark.parametrize("causal", [False, True])
def test_first_interval_across_a_gap(causal):
    """The first beat takes the interval of the second, which is unknown too."""
    beats = np.append(100, np.arange(900, 10000, 200))
    signal = np.ones((10000, 1))
    signal[300:700] = np.nan
    rr = beat_features(signal, beats, FS, features=["rhythm"], causal=causal)[:, 0]
    if causal:  # no other interval is known yet
        assert rr[0] == rr[1]
    else:
        np.testing.assert_allclose(rr, 0, atol=1e-6)


def test_quality_by_hand():
    """A sine of 10 Hz and 1 mV passes the filter, one of 100 Hz is taken off."""
    time = np.arange(10 * 500) / 500
    slow, fast = (np.sin(2 * np.pi * f * time) for f in (10, 100))
    beats = np.arange(1000, 4000, 400)
    noise, size = beat_features(slow + 0.1 * fast, beats, 500, features=["quality"]).T
    np.testing.assert_allclose(size, np.log(0.01 + 0.5**0.5) + 2, atol=0.02)
    np.testing.assert_allclose(noise, np.log(0.01 + 0.1 * 0.5**0.5) + 2, atol=0.1)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("offset", [0.3, -2, 300])  # 300 mV: amplifiers coupled to DC
def test_offset_of_a_device_changes_nothing(record, offset, causal):
    """It is neither noise nor a part of a beat, beside missing values too."""
    signal = record.signal.copy()
    signal[2500:3000] = np.nan
    np.testing.assert_allclose(
        describe(record, signal + np.float32(offset), causal=causal),
        describe(record, signal, causal=causal),
        atol=0.02,
    )


@pytest.mark.parametrize("causal", [False, True])
def test_jumps_of_the_baseline_change_little(record, causal):
    """An electrode that moves makes no wide beats."""
    beats = record.annotations[0]
    signal = record.signal.copy()
    for i, at in enumerate(beats[1::2] - round(0.28 * FS)):  # before the P wave
        signal[at:] += [2, -3][i % 2]
    expected = describe(record, causal=causal)
    off = np.abs(describe(record, signal, causal=causal) - expected)
    assert np.median(off, axis=0).max() < 0.1
    assert np.quantile(off, 0.98) < 0.5


def test_quality_is_measured_half_a_second_around_a_beat():
    """Noise 0.4 s away from a beat counts, noise 0.6 s away does not."""
    signal = np.zeros(5000)
    signal[2200:2300] = (-1.0) ** np.arange(100)  # 250 Hz at 500 Hz: the filter takes it off
    beats = [1900, 2000, 2500, 2600]
    noise, _ = beat_features(signal, beats, 500, features=["quality"]).T
    quiet = np.log(0.01) + 2
    # Half a second on either side of the beat at 2000 holds 50 of the 100, in 500 time steps.
    expected = [quiet, np.log(0.01 + 0.1**0.5) + 2, np.log(0.01 + 0.1**0.5) + 2, quiet]
    np.testing.assert_allclose(noise, expected, atol=0.1)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("n_timesteps", [1, 2, 50])
def test_shortest_signals_are_described(n_timesteps, causal):
    """A beat at each end of almost nothing, flat or missing."""
    beats = np.unique([0, n_timesteps - 1])
    for value in (1, np.nan):
        signal = np.full(n_timesteps, value)
        features = beat_features(signal, beats, FS, features=ALL, causal=causal)
        assert features.shape == (len(beats), 8 + 7 + 11 + 11 + 15 + 2)
        assert np.isfinite(features).all()


def test_dtype_and_list_do_not_matter(record):
    """Float64, float32 and lists give the same float32."""
    expected = describe(record)
    beats = record.annotations[0].tolist()
    found = describe(record, record.signal.astype(np.float64), beats, features=list(ALL))
    np.testing.assert_array_equal(found, expected)
    unsigned = record.annotations[0].astype(np.uint16)
    np.testing.assert_array_equal(describe(record, beats=unsigned), expected)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"beats": []}, "must be (time steps|in order)|at least one beat"),
        ({"beats": [1.5, 2.5]}, "must be (time steps|in order)|at least one beat"),
        ({"beats": [[1, 2]]}, "must be time steps"),
        ({"beats": [5, 5]}, "in order of time, without repetition"),
        ({"beats": [7, 5]}, "in order of time, .* the first is 7 and the last 5"),
        ({"beats": np.array([7, 5], np.uint32)}, "in order of time"),
        ({"beats": [-1, 5]}, "within its 500 time steps"),
        ({"beats": [5, 500]}, "within its 500 time steps"),
        ({"signal": np.ones((1, 500, 1))}, r"signal has shape \(1, 500, 1\), but beat_features"),
        ({"signal": np.full(500, np.inf)}, "infinity"),
        ({"features": ["rhythm", "colour"]}, "must be some of rhythm, irregularity, shape"),
        ({"features": []}, "must be some of rhythm"),
        ({"features": "rhythm"}, "'features' parameter"),
        ({"fs": 80}, r"'fs' parameter .* must be a float in the range \(80"),
    ],
)
def test_bad_input_is_refused(changes, message):
    """The error says what is wrong."""
    arguments = {"signal": np.ones(500), "beats": [100, 200], "fs": FS} | changes
    with pytest.raises(ValueError, match=message):
        beat_features(**arguments)


def test_names_of_unknown_features_are_refused():
    """As by beat_features."""
    with pytest.raises(ValueError, match="must be some of rhythm"):
        beat_feature_names(["colour"])


def beats_of_two_rates(duration_s):
    """An hour at 60 beats a minute, and the rest at 90, each a little irregular."""
    rng = np.random.default_rng(0)
    intervals = np.append(np.full(3600, 1.0), np.full(round(1.5 * (duration_s - 3600)) + 90, 2 / 3))
    times_s = np.cumsum(intervals * rng.uniform(0.95, 1.05, len(intervals)))
    return np.rint(times_s[times_s < duration_s] * 100).astype(int)


def test_a_long_recording_is_compared_by_half_hours():
    """What is usual changes in a day. Running medians go on across the parts."""
    signal = np.zeros((2 * 3600 * 100, 1), dtype=np.float32)
    beats = beats_of_two_rates(2 * 3600)
    described = beat_features(signal, beats, 100, features=["rhythm"])
    parts = np.split(described, np.searchsorted(beats, [180_000, 360_000, 540_000]))
    assert sum(map(len, parts)) == len(beats)
    for part in parts:
        assert abs(np.median(column(part, "rr_to_recording", groups=["rhythm"]))) < 0.03
    whole = interval_features(["rhythm"], beats, 100, None)["rhythm"]
    differ = np.flatnonzero((described != whole).any(axis=0))
    assert beat_feature_names(["rhythm"])[differ].tolist() == ["rr_to_recording"]


@pytest.mark.parametrize(("duration_s", "is_whole"), [(2690, True), (2710, False)])
def test_three_quarters_of_an_hour_are_still_whole(duration_s, is_whole):
    signal = np.zeros((duration_s * 100, 1), dtype=np.float32)
    beats = np.append(np.arange(100, 135_000, 100), np.arange(135_000, duration_s * 100, 50))
    ratio = column(
        beat_features(signal, beats, 100, features=["rhythm"]), "rr_to_recording", groups=["rhythm"]
    )
    # Slow beats in the first half, half as many as fast ones in the second.
    assert abs(ratio[100]) == pytest.approx(4 * np.log(2) if is_whole else 0, abs=1e-5)


@pytest.mark.parametrize("seed", range(8))
def test_running_medians_do_not_see_the_seams(seed):
    """Nor by way of what is missing, with intervals of which each changes a median."""
    rng = np.random.default_rng(seed)
    beats = np.cumsum(rng.integers(40, 180, size=9000))
    beats = beats[beats < 2 * 3600 * 100]
    signal = np.zeros((2 * 3600 * 100, 1), dtype=np.float32)
    is_broken = np.append(False, rng.random(len(beats) - 1) < 0.05)
    for beat in beats[is_broken]:
        signal[beat - 20 : beat - 5] = np.nan
    groups = ["rhythm", "irregularity"]
    described = beat_features(signal, beats, 100, features=groups)
    whole = interval_features(groups, beats, 100, None, is_broken)
    differ = np.flatnonzero((described != np.hstack(list(whole.values()))).any(axis=0))
    assert beat_feature_names(groups)[differ].tolist() == ["rr_to_recording"]


def test_parts_without_a_beat_are_no_obstacle():
    """The electrodes were off for hours."""
    signal = np.zeros((3 * 3600 * 100, 1), dtype=np.float32)
    beats = np.append(np.arange(100, 100_000, 90), np.arange(900_000, 950_000, 90))
    for features in (["rhythm"], list(ALL)):
        described = beat_features(signal, beats, 100, features=features)
        assert len(described) == len(beats)
        assert np.isfinite(described).all()


def test_numbers_are_as_documented():
    """A publication may state the formulas of the docstring: here they are computed anew."""
    record = make_ecg(400, fs=FS, premature={"V": 0.1, "A": 0.1}, random_state=0)
    (signal,), beats = record.signal.T.astype(float), record.annotations[0][1:-1]
    inner = slice(180, -180)  # whose running medians know all beats
    values = describe(record, signal[:, None], beats)[inner]
    expected = _rhythm_as_documented(np.diff(beats, prepend=2 * beats[0] - beats[1]) / FS)
    left = bandpass_filter(signal[None], FS)[0]
    at_s = np.arange(90) / 120 - 0.3
    windows = np.interp(beats[:, None] / FS + at_s, np.arange(len(left)) / FS, left)
    windows -= np.median(windows, axis=1, keepdims=True)
    usual = np.median(windows, axis=0)
    size = np.ptp(usual) + 0.05
    shape = _shape_as_documented(windows / size, usual / size, at_s)
    distances = {name: each - np.median(each) for name, each in shape.items()}
    expected |= shape | {
        f"{name}_deviation": (each / (0.3 + 3 * np.median(abs(each)))).clip(-5, 5)
        for name, each in distances.items()
    }
    means = windows.reshape(len(beats), 15, 6).mean(axis=2) / size
    expected |= {f"waveform{i}": each for i, each in enumerate(means.T)}
    for name, each in expected.items():
        name = name if name.startswith("rr") else f"{name}_0"
        np.testing.assert_allclose(
            column(values, name, n_leads=1), each[inner], atol=2e-3, err_msg=name
        )


def _rhythm_as_documented(rr):
    near, wide, long = (
        np.array([np.quantile(rr[max(0, i - k) : i + k + 1], q) for i in range(len(rr))])
        for k, q in ((8, 0.5), (40, 0.5), (20, 0.85))
    )
    unlike = abs(np.log(rr / wide))
    m = np.array([np.median(unlike[max(0, i - 16) : i + 17]) for i in range(len(rr))])
    usual = {"recording": np.median(rr), "near": near, "wide": wide, "long": long}
    return {
        "rr": 2 * np.log(rr / 0.8),
        **{f"rr_to_{name}": 4 * np.log(rr / each) for name, each in usual.items()},
        "rr_irregularity": 3 + np.log(0.01 + m),
        "rr_near_in_irregularities": (np.log(rr / near) / (3 * m + 0.08)).clip(-4, 4),
        "rr_wide_in_irregularities": (np.log(rr / wide) / (3 * m + 0.08)).clip(-4, 4),
    } | _irregularity_as_documented(rr, np.log(rr / wide))


def _irregularity_as_documented(rr, unlike):
    def around(values, quantile):
        parts = (values[max(0, i - 64) : i + 65] for i in range(len(values)))
        return np.array([np.quantile(part, quantile) for part in parts])

    changes = abs(np.log(rr / np.append(rr[0], rr[:-1])))
    values = {
        f"rr_{name}{which}": 3 + np.log(0.01 + around(each, quantile))
        for name, each in (("change", changes), ("deviation", abs(unlike)))
        for which, quantile in (("_low", 0.25), ("", 0.5), ("_high", 0.75))
    }
    m = around(abs(unlike), 0.5)
    products = unlike * np.append(unlike[0], unlike[:-1]) / (1.5 * m + 0.04) ** 2
    return values | {"rr_repetition": around(products.clip(-4, 4), 0.5)}


def _shape_as_documented(windows, usual, at_s):
    def part(start_s, stop_s):
        within = (at_s > start_s - 0.004) & (at_s < stop_s - 0.004)
        return windows[:, within], usual[within]

    def rms(values):
        return np.sqrt(np.mean(values**2, axis=-1))

    def correlation(a, b):
        squares = np.sum(a**2, axis=-1) * np.sum(b**2)
        return np.sum(a * b, axis=-1) / np.sqrt(1e-6 + squares)

    (qrs, usual_qrs), (wide, usual_wide) = part(-0.08, 0.1), part(-0.15, 0.2)
    (p, usual_p), (t, usual_t) = part(-0.24, -0.08), part(0.1, 0.42)
    p, usual_p = p - p.mean(axis=1, keepdims=True), usual_p - usual_p.mean()
    off = abs(wide - np.median(part(-0.3, -0.1)[0], axis=1, keepdims=True))
    return {
        "qrs_correlation": correlation(qrs, usual_qrs),
        "qrs_deviation": np.log(0.03 + rms(qrs - usual_qrs)),
        "qrs_amplitude": np.log((0.05 + np.ptp(wide, axis=1)) / (0.05 + np.ptp(usual_wide))),
        "qrs_sharpness": 2 + 2 * np.log((0.02 + rms(np.diff(wide))) / (0.05 + rms(wide))),
        "qrs_width": 5 + 2 * np.log(0.01 + off.sum(axis=1) / 120 / (0.05 + off.max(axis=1))),
        "qrs_polarity": wide.max(axis=1) + wide.min(axis=1),
        "p_correlation": correlation(p, usual_p),
        "p_deviation": 2 + np.log(0.02 + rms(p - usual_p)),
        "p_amplitude": np.log((0.03 + rms(p)) / (0.03 + rms(usual_p))),
        "t_correlation": correlation(t, usual_t),
        "t_deviation": 2 + np.log(0.03 + rms(t - usual_t)),
    }
