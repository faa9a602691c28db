"""Classify heartbeats while the signal comes in."""

import pickle
import warnings
from dataclasses import replace

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression, RidgeClassifier

from sklearn_ecg.beats import detect_beats
from sklearn_ecg.compose import BeatClassifier, BeatStream, SegmentedClassifier
from sklearn_ecg.datasets import make_ecg
from sklearn_ecg.neural_network import LSTMClassifier

FS = 250
LEADS = ("II", "V1")
ALL = ("rhythm", "irregularity", "shape", "deviation", "waveform", "quality")


def simulate(seed, duration_s=60):
    return make_ecg(
        duration_s,
        fs=FS,
        premature={"V": 0.1, "A": 0.1},
        leads=LEADS,
        noise={"muscle": 5, "electrode_motion": 5},
        random_state=seed,
    )


@pytest.fixture(scope="module")
def training():
    return [simulate(seed) for seed in (1, 2)]


@pytest.fixture(scope="module")
def record():
    """Two and a half minutes with jumps, gaps, a flat stretch, and a lead that is off at first."""
    record = simulate(0, duration_s=150)
    jumps = np.random.default_rng(1).normal(scale=3, size=(150, 2)).astype(np.float32)
    signal = record.signal + np.repeat(jumps, FS, axis=0)
    signal[np.random.default_rng(0).random(signal.shape) < 0.01] = np.nan
    signal[5000:6000] = np.nan
    signal[9000:9300] = 0.2
    signal[15000:17000, 0] = np.nan
    signal[20000:20030, 1] = np.nan
    signal[:3000, 1] = np.nan
    return replace(record, signal=signal)


def classifier_of(estimator, records, **options):
    settings = {"leads": LEADS, "causal": True, "n_before": 2, "n_after": 2, "features": ALL}
    return BeatClassifier(estimator, **settings | options).fit(records)


def quick(**options):
    return SegmentedClassifier(None, LogisticRegression(C=0.01, max_iter=1000), **options)


def streamed(stream, chunks):
    found = [*map(stream.push, chunks), stream.finish()]
    return tuple(map(np.concatenate, zip(*found, strict=True)))


def cut(signal, n_timesteps):
    return [signal[i : i + n_timesteps] for i in range(0, len(signal), n_timesteps)]


@pytest.fixture(scope="module", params=[None, 200, 360], ids="fs={}".format)
def classifier(request, training):
    """One at the rate of the signal, and others at a lower and a higher rate."""
    return classifier_of(quick(), training, fs=request.param)


@pytest.mark.parametrize("n_timesteps", [1, 77, 10 * FS, 150 * FS])
def test_chunks_do_not_matter(classifier, record, n_timesteps):
    """From one time step to minutes, beats and probabilities are those of the whole recording."""
    stream = BeatStream(classifier, FS, method="predict_proba")
    beats, probabilities = streamed(stream, cut(record.signal, n_timesteps))
    np.testing.assert_array_equal(beats, detect_beats(record)[0])
    np.testing.assert_allclose(probabilities, classifier.predict_proba([record])[0], atol=1e-5)


def test_cuts_do_not_matter(classifier, record):
    """Chunks of many lengths, and a stream that is used again, give the same classes."""
    rng = np.random.default_rng(0)
    stream = BeatStream(classifier, FS)
    (expected,) = classifier.predict([record])
    assert set(expected) == {"N", "S", "V"}
    for n_cuts in (3, 100):
        cuts = np.sort(rng.integers(0, record.n_timesteps, n_cuts))
        beats, classes = streamed(stream, np.split(record.signal, cuts))
        np.testing.assert_array_equal(classes, expected)
        assert beats.dtype == np.int64


@pytest.mark.parametrize("features", [("rhythm",), ("quality", "shape"), ("deviation", "rhythm")])
@pytest.mark.parametrize(("n_before", "n_after"), [(0, 0), (8, 3)])
def test_features_and_neighbours_do_not_matter(training, record, features, n_before, n_after):
    """Each group of features, and each number of neighbours, has the results of the whole."""
    classifier = classifier_of(
        quick(), training, features=features, n_before=n_before, n_after=n_after
    )
    stream = BeatStream(classifier, FS, method="predict_proba")
    _, probabilities = streamed(stream, cut(record.signal, FS))
    np.testing.assert_allclose(probabilities, classifier.predict_proba([record])[0], atol=1e-5)


def test_a_recurrent_network_agrees_with_itself(training, record):
    """One beat at a time or all at once, up to rounding."""
    network = LSTMClassifier(units=4, pooling="middle", epochs=1, random_state=0)
    classifier = classifier_of(network, training)
    stream = BeatStream(classifier, FS, method="predict_proba")
    _, probabilities = streamed(stream, cut(record.signal, 10 * FS))
    np.testing.assert_allclose(probabilities, classifier.predict_proba([record])[0], atol=1e-5)


def test_empty_list_is_a_chunk_of_no_length(training, record):
    """A service that polls a device may have nothing to pass on."""
    stream = BeatStream(classifier_of(quick(), training), FS)
    expected = streamed(stream, [record.signal])
    found = streamed(stream, [[], record.signal[:9000], [], record.signal[9000:].tolist()])
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("duration_s", [0, 0.5, 1, 2, 3])
def test_short_signals(training, duration_s):
    """No beat, one beat or two have the results of a recording of them."""
    classifier = classifier_of(quick(), training, fs=200)
    record = make_ecg(4, fs=FS, heart_rate=50, leads=LEADS, random_state=0)
    record = replace(record, signal=record.signal[: round(duration_s * FS)])
    beats, classes = streamed(BeatStream(classifier, FS), cut(record.signal, 20))
    assert beats.dtype == np.int64
    if duration_s:
        np.testing.assert_array_equal(beats, detect_beats(record)[0])
        np.testing.assert_array_equal(classes, classifier.predict([record])[0])
    else:
        assert len(beats) == len(classes) == 0


def test_classes_come_two_seconds_after_the_next_beats(training):
    """In a steady rhythm of 60 beats a minute, two of them follow within two seconds."""
    classifier = classifier_of(quick(), training, n_after=2)
    signal = make_ecg(60, fs=FS, heart_rate=60, leads=LEADS, random_state=0).signal
    stream = BeatStream(classifier, FS)
    step, n_found = FS // 10, 0
    for stop in range(step, len(signal) + 1, step):
        beats, _ = stream.push(signal[stop - step : stop])
        assert (beats > stop - step - 4.3 * FS).all()
        n_found += len(beats)
    assert n_found > 50


def test_memory_does_not_grow(training, record):
    """After half an hour as much is kept as after minutes, also where nothing is recorded."""
    stream = BeatStream(classifier_of(quick(), training, fs=360), FS)
    sizes = []
    for _ in range(10):
        for chunk in cut(record.signal, 2000):
            stream.push(chunk)
        sizes.append(len(pickle.dumps(stream)))
    assert max(sizes[2:]) < 1.05 * sizes[1]
    for _ in range(10):
        stream.push(np.full((60 * FS, 2), np.nan))
        assert len(pickle.dumps(stream)) < 1.05 * sizes[1]


@pytest.mark.parametrize("value", [np.nan, 0.2])
def test_first_beat_may_wait_long_for_the_second(training, value):
    """An electrode makes a click long before it is put on: what lies between is let go."""
    classifier = classifier_of(quick(), training, fs=360)
    record = simulate(0, duration_s=20)
    first, second = record.annotations[0][:2]
    pause = np.full((120 * FS, 2), value, dtype=np.float32)
    signal = np.concatenate([record.signal[: (first + second) // 2], pause, record.signal])
    record = replace(record, signal=signal, annotations=([], []))
    stream = BeatStream(classifier, FS, method="predict_proba")
    found, sizes = [], []
    for chunk in cut(signal, 10 * FS):
        found.append(stream.push(chunk))
        sizes.append(len(pickle.dumps(stream)))
    beats, probabilities = map(np.concatenate, zip(*found, stream.finish(), strict=True))
    assert beats[0] < second < len(pause) < beats[1]
    assert max(sizes[3:12]) < 1.02 * sizes[2]
    np.testing.assert_array_equal(beats, detect_beats(record)[0])
    np.testing.assert_allclose(probabilities, classifier.predict_proba([record])[0], atol=1e-5)


def test_a_stream_that_was_stored_goes_on(training, record):
    """A pickle holds all that is needed."""
    stream = BeatStream(classifier_of(quick(), training), FS)
    first = stream.push(record.signal[:20000])
    stored = pickle.dumps(stream)
    expected = streamed(stream, [record.signal[20000:]])
    found = streamed(pickle.loads(stored), [record.signal[20000:]])
    assert len(first[0]) > 50
    for each, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(each, other)


def test_leads_are_chosen_by_name(training, record):
    """Among others, in any order, or computed from others."""
    classifier = classifier_of(quick(), training, leads=["II"])
    columns = np.stack([record.signal[:, 1], 0.5 * record.signal[:, 0]], axis=1)
    columns = np.concatenate([columns, columns[:, 1:]], axis=1)
    stream = BeatStream(classifier, FS, lead_names=["V1", "I", "III"])  # II = I + III
    _, classes = streamed(stream, cut(columns, 500))
    np.testing.assert_array_equal(classes, classifier.predict([record])[0])


def test_whole_numbers_are_voltages_like_others(training, record):
    """As a converter counts them; a lead that is computed from them need not be whole."""
    classifier = classifier_of(quick(), training, leads=["II"])
    counts = np.rint(np.nan_to_num(5 * record.signal[:15000])).astype(np.int16)
    counts[:, 1] = counts[::-1, 1]
    stream = BeatStream(classifier, FS, lead_names=["aVR", "aVL"], method="predict_proba")
    record = replace(record, signal=counts, lead_names=("aVR", "aVL"), annotations=([], []))
    beats, probabilities = streamed(stream, cut(counts, 500))
    np.testing.assert_array_equal(beats, classifier.annotate(record).annotations[0])
    np.testing.assert_allclose(probabilities, classifier.predict_proba([record])[0], atol=1e-5)


def test_memory_of_a_chunk_may_be_used_again(training, record):
    """As devices do, which write each chunk where the last one was."""
    classifier = classifier_of(quick(), training)
    stream = BeatStream(classifier, FS)
    memory = np.empty((50, 2), dtype=np.float32)
    found = []
    for chunk in cut(record.signal[:15000], 50):
        memory[: len(chunk)] = chunk
        found.append(stream.push(memory[: len(chunk)]))
    found.append(stream.finish())
    _, classes = map(np.concatenate, zip(*found, strict=True))
    expected = streamed(stream, [record.signal[:15000]])[1]
    np.testing.assert_array_equal(classes, expected)


def test_a_bad_chunk_is_refused_and_the_stream_goes_on(training, record):
    """The error says what is wrong, and what came before still counts."""
    classifier = classifier_of(quick(), training)
    stream = BeatStream(classifier, FS)
    first = stream.push(record.signal[:10000])
    with pytest.raises(ValueError, match=r"chunk has shape \(10, 3\).* the 2 lead names"):
        stream.push(np.zeros((10, 3)))
    with pytest.raises(ValueError, match="chunk has infinite values"):
        stream.push(np.full((10, 2), np.inf))
    for dtype in ("datetime64[ms]", "timedelta64[ms]", complex):
        with pytest.raises(ValueError, match=r"chunk holds .* not voltages"):
            stream.push(np.zeros((10, 2), dtype=dtype))
    _, rest = streamed(stream, [record.signal[10000:]])
    np.testing.assert_array_equal([*first[1], *rest], classifier.predict([record])[0])


@pytest.mark.parametrize("factor", [1, 1000, 0.001])
def test_a_signal_in_another_unit_is_told_once(training, factor):
    """Not before an electrode is on, and not again and again for weeks."""
    stream = BeatStream(classifier_of(quick(), training, leads=["II"]), FS, lead_names=["II"])
    signal = make_ecg(30, fs=FS, random_state=0).signal * np.float32(factor)
    off = np.zeros((15 * FS, 1), dtype=np.float32)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        streamed(stream, cut(np.concatenate([off, signal, signal]), 77))
    told = [str(warning.message) for warning in caught]
    assert len(told) == (factor != 1)
    assert all(
        text.startswith("Signals are hardly in mV") and "the stream" in text for text in told
    )


def test_a_warning_that_is_an_error_costs_no_beat(training):
    """It comes once, and what follows is not moved in time by the chunk that it was about."""
    classifier = classifier_of(quick(), training, leads=["II"])
    record = make_ecg(30, fs=FS, random_state=0)
    record = replace(record, signal=record.signal * np.float32(1000))
    stream = BeatStream(classifier, FS, lead_names=["II"])
    found, n_raised = [], 0
    for chunk in cut(record.signal, 77):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                found.append(stream.push(chunk))
            except UserWarning:
                n_raised += 1
    found.append(stream.finish())
    time_steps, classes = map(np.concatenate, zip(*found, strict=True))
    assert n_raised == 1
    with pytest.warns(UserWarning, match="hardly in mV"):
        expected = classifier.annotate(record).annotations
    np.testing.assert_array_equal(time_steps, expected[0])
    np.testing.assert_array_equal(classes, expected[1])


def test_what_cannot_stream_is_refused(training):
    """The message says what to change."""
    ridge = SegmentedClassifier(None, RidgeClassifier(), aggregate="vote").estimator
    cases = [
        (classifier_of(quick(), training, causal=False), "fit one with causal=True"),
        (classifier_of(quick(), training, beats="annotations"), 'set beats="detected"'),
    ]
    for classifier, message in cases:
        with pytest.raises(ValueError, match=message):
            BeatStream(classifier, FS)
    with pytest.raises(NotFittedError):
        BeatStream(BeatClassifier(ridge, causal=True), FS)
    fitted = classifier_of(quick(), training)
    with pytest.raises(ValueError, match="lead_names has no lead V1; it has II"):
        BeatStream(fitted, FS, lead_names=["II"])
    with pytest.raises(ValueError, match="names a lead twice"):
        BeatStream(fitted, FS, lead_names=["II", "V1", "ECG II"])
    fitted.estimator_ = ridge
    with pytest.raises(ValueError, match="has no predict_proba"):
        BeatStream(fitted, FS, method="predict_proba")
