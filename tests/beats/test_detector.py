"""Find heartbeats in a signal that comes in chunks."""

import numpy as np
import pytest

from sklearn_ecg.beats import BeatDetector, detect_beats
from sklearn_ecg.datasets import make_ecg

FS = 250


@pytest.fixture(scope="module")
def signal():
    """A minute and a half with noise, jumps, a gap, a flat stretch, and a lead that comes later."""
    record = make_ecg(
        90,
        fs=FS,
        leads=("II", "V1"),
        premature={"V": 0.1},
        noise={"muscle": 5, "electrode_motion": 5},
        random_state=0,
    )
    jumps = np.random.default_rng(1).normal(scale=3, size=(90, 2)).astype(np.float32)
    signal = record.signal + np.repeat(jumps, FS, axis=0)
    signal[5000:6000] = np.nan
    signal[9000:9300] = 0.2
    signal[:3000, 1] = 0
    signal[np.random.default_rng(0).random(signal.shape) < 0.01] = np.nan
    return signal


def found_in(chunks, fs=FS):
    detector = BeatDetector(fs)
    return np.concatenate([*(detector.push(chunk) for chunk in chunks), detector.finish()])


@pytest.mark.parametrize("seed", range(8))
def test_chunks_do_not_matter(signal, seed):
    """However the signal is cut, what is found is what is found in the whole."""
    rng = np.random.default_rng(seed)
    n_cuts = [0, 1, 2, 5, 20, 90, 300, 1000][seed]
    cuts = np.sort(rng.integers(0, len(signal), n_cuts))
    (expected,) = detect_beats([signal], FS)
    assert len(expected) > 70
    np.testing.assert_array_equal(found_in(np.split(signal, cuts)), expected)


def test_empty_list_is_a_chunk_of_no_length(signal):
    """It does not count as one of a single lead, neither at first nor later."""
    (expected,) = detect_beats([signal], FS)
    np.testing.assert_array_equal(found_in([[], signal[:9000], [], signal[9000:]]), expected)


def beats_of(*bumps, n_steps=200):
    """Find the beats in roofs of probability over 11 steps, by the step and height of each."""
    probability = np.zeros(n_steps)
    for step, height in bumps:
        probability[step - 5 : step + 6] = height * (1 - np.abs(np.arange(-5, 6)) / 20)
    detector = BeatDetector(fs=125)
    detector._start(1)
    detector._first_step = 1000  # of the recording
    return (detector._highest(probability) - 1000).tolist()


def test_beats_are_the_peaks_of_probability_by_hand():
    """Above 0.4 on average over nine steps, at their middle, and 0.2 s, 25 steps, apart."""
    # The mean of a roof is 8/9 of its height.
    assert beats_of((100, 0.452), (140, 0.448)) == pytest.approx([100])
    assert beats_of((100, 0.9), (126, 0.9)) == pytest.approx([100, 126])
    assert beats_of((100, 0.8), (125, 0.9)) == pytest.approx([125])
    assert beats_of((100, 0.9), (125, 0.9)) == pytest.approx([100])
    # Where it is lopsided, the middle of all within eight steps counts.
    assert beats_of((100, 0.5), (103, 0.9)) == pytest.approx([102.14359])
    # Those that are too near to an end wait for more of the signal.
    assert beats_of((37, 0.9), (162, 0.9)) == pytest.approx([37, 162])
    assert beats_of((36, 0.9), (163, 0.9)) == []


def test_beats_come_within_two_seconds(signal):
    """A beat is reported when at most two seconds of signal have followed it."""
    detector = BeatDetector(FS)
    step, n_found = FS // 10, 0
    for stop in range(step, len(signal) + 1, step):
        beats = detector.push(signal[stop - step : stop])
        assert (beats > stop - 2 * FS - step).all()
        n_found += len(beats)
    assert n_found > 70


def test_masked_values_are_missing(signal):
    """As in arrays of many rows, whatever number stands behind the mask."""
    masked = np.ma.array(signal.copy(), mask=False)
    masked[1000:2000] = np.ma.masked
    missing = masked.filled(np.nan)
    found, expected = (
        [*(detector := BeatDetector(FS)).push(each), *detector.finish()]
        for each in (masked, missing)
    )
    assert found == expected
    assert not any(1050 < beat < 1950 for beat in found)


@pytest.mark.parametrize("shape", [(0,), (10,), (249,), (250,), (300,), (300, 1), (300, 3)])
def test_short_or_empty_signals_are_no_error(shape):
    """What is shorter than a second holds no beat; what is flat neither."""
    detector = BeatDetector(FS)
    assert detector.finish().shape == (0,)
    assert detector.push(np.zeros(shape)).dtype == np.int64
    assert detector.finish().shape == (0,)


def test_a_detector_begins_anew_after_the_end(signal):
    """Another signal, of other leads, starts at time step 0."""
    detector = BeatDetector(FS)
    first = [*detector.push(signal), *detector.finish()]
    detector.push(signal[:, 0])
    detector.finish()
    assert [*detector.push(signal), *detector.finish()] == first


def test_memory_does_not_grow(signal):
    """What is kept is bounded, whatever came in."""
    detector = BeatDetector(FS)
    sizes = set()
    for _ in range(5):
        detector.push(signal)
        sizes.add(len(detector._signal) // FS)
    assert max(sizes) < 16
    assert len(detector._probabilities) < 200


@pytest.mark.parametrize(
    ("chunk", "message"),
    [
        (np.zeros((10, 3)), "chunk has 3 leads, but the first chunk had 2"),
        (np.zeros((10, 2, 2)), r"chunk has shape \(10, 2, 2\)"),
        (np.full((10, 2), np.inf), "chunk has infinite values"),
    ],
)
def test_bad_chunks_are_refused(signal, chunk, message):
    """The error says what is wrong, and what came before still counts."""
    detector = BeatDetector(FS)
    beats = [*detector.push(signal[:10000])]
    with pytest.raises(ValueError, match=message):
        detector.push(chunk)
    beats += [*detector.push(signal[10000:]), *detector.finish()]
    np.testing.assert_array_equal(beats, detect_beats([signal], FS)[0])


def test_low_rate_is_refused():
    """As by detect_beats."""
    with pytest.raises(ValueError, match=r"'fs' parameter .* must be a float in the range \[60"):
        BeatDetector(59)
