"""What all transformers of signals do alike."""

from functools import partial
from unittest.mock import Mock

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.utils.validation import check_is_fitted

from sklearn_ecg.beats import BeatSequencer
from sklearn_ecg.datasets import RecordReader, make_ecg
from sklearn_ecg.preprocessing import (
    BandpassFilter,
    GapFiller,
    LogSpectrogram,
    MaxNormalizer,
    NotchFilter,
    NoveltyGate,
    QualityFlags,
    QualityGate,
    Resampler,
    Reshaper,
    Segmenter,
    _base,
    bandpass_filter,
    fill_gaps,
    log_spectrogram,
    max_normalize,
    notch_filter,
    quality_flags,
    quality_gate,
    resample,
    reshape,
    segment,
    signal_quality,
)
from sklearn_ecg.utils._rates import rate_of

X = np.random.default_rng(0).normal(size=(3, 500))


@pytest.fixture(scope="module")
def records():
    return [make_ecg(duration_s=4, fs=250, leads=["II"], random_state=i) for i in range(2)]


def test_rate_is_said_once(records):
    """The reader says it, every later step knows it, also after resampling."""
    pipeline = make_pipeline(
        RecordReader(["II"], fs=250),
        BandpassFilter(),
        NotchFilter(50),
        GapFiller(5),
        Resampler(125),
        QualityGate(),
        BeatSequencer(),
    ).fit(records)
    rates = [step.fs_ for step in pipeline[1:]]
    assert rates == [250, 250, 250, 250, 125, 125]
    alone = BeatSequencer(fs=125).fit_transform(pipeline[:-1].transform(records))
    for one, other in zip(pipeline.transform(records), alone, strict=True):
        np.testing.assert_array_equal(one, other)


def test_pipeline_of_arrays_is_told_the_rate_by_its_first_step():
    """Steps without a rate of their own pass it on."""
    pipeline = make_pipeline(
        BandpassFilter(fs=250), MaxNormalizer(), Segmenter(250), QualityFlags()
    )
    assert pipeline.fit(X)[-1].fs_ == 250


def test_contradiction_between_steps_is_an_error_at_fit():
    """Instead of beats at the wrong times."""
    pipeline = make_pipeline(Resampler(100, fs=250), BeatSequencer(fs=300))
    with pytest.raises(ValueError, match=r"BeatSequencer was given fs=300 Hz, .* at 100 Hz"):
        pipeline.fit(X)


def test_rate_that_nobody_knows_is_asked_for():
    """By the first step that needs it."""
    with pytest.raises(ValueError, match="BandpassFilter needs the sampling rate: pass fs"):
        BandpassFilter().fit(X)


def test_signals_at_another_rate_than_in_fit_are_refused(records):
    """A fitted filter is a filter for one rate."""
    at_250 = RecordReader(["II"], fs=250).fit_transform(records)
    at_100 = RecordReader(["II"], fs=100).fit_transform(records)
    for step in (BandpassFilter(), MaxNormalizer()):
        step.fit(at_250)
        assert rate_of(step.transform(at_250)) == 250
        message = (
            f"at 100 Hz, but {type(step).__name__} was fitted on signals at 250 Hz.* RecordReader"
        )
        with pytest.raises(ValueError, match=message):
            step.transform(at_100)


@pytest.mark.parametrize(
    ("estimator", "bad"),
    [
        (BandpassFilter(fs=250), {"high": 125}),
        (NotchFilter(50, fs=250), {"powerline": 125}),
        (Resampler(100, fs=250), {"fs_new": 250.0013}),
        (BeatSequencer(fs=250), {"features": ["colour"]}),
        (Segmenter(5), {"segment_length": 0}),
    ],
)
def test_refused_fit_leaves_nothing_fitted(estimator, bad):
    """Neither at first, nor the old filter after a refit."""
    for fit_before in (False, True):
        if fit_before:
            estimator.fit(X)
        good = estimator.get_params()
        with pytest.raises(ValueError, match=next(iter(bad)) + "|fs_new"):
            estimator.set_params(**bad).fit(X)
        with pytest.raises(NotFittedError):
            check_is_fitted(estimator)
        with pytest.raises(NotFittedError):
            estimator.transform(X)
        estimator.set_params(**good)


def test_records_say_their_rate(records):
    """Without a reader too; another rate is an error, at fit and afterwards."""
    assert BandpassFilter().fit(records).fs_ == 250
    with pytest.raises(ValueError, match=r"given fs=360 Hz, but its signals come at 250 Hz"):
        BandpassFilter(fs=360).fit(records)
    fitted = BandpassFilter(fs=360).fit([record.signal for record in records])
    with pytest.raises(ValueError, match=r"at 250 Hz, but .* was fitted on signals at 360 Hz"):
        fitted.transform(records)


def test_data_frames_are_refused_in_our_words():
    """Signals have more axes than a data frame."""
    with pytest.raises(ValueError, match=r"Segmenter returns arrays of signals, .* pandas"):
        Segmenter(5).set_output(transform="pandas")
    assert Segmenter(5).set_output(transform="default").fit(X)


@pytest.mark.parametrize(
    "step",
    [
        BandpassFilter(fs=250),
        BeatSequencer(fs=250),
        GapFiller(5),
        LogSpectrogram(),
        NoveltyGate(),
        QualityFlags(fs=250),
        Resampler(100, fs=250),
        Reshaper(frame_length=4),
        Segmenter(100),
    ],
)
@pytest.mark.parametrize("X", [X, X[..., None], np.stack([X, -X], axis=-1)], ids=np.shape)
def test_features_are_named_as_many_as_there_are(step, X):
    """Along the last axis, also after another step, which passes its names on."""
    for pipeline in (make_pipeline(step), make_pipeline(MaxNormalizer(), step)):
        n_features = pipeline.fit_transform(X)[0].shape[-1]
        names = pipeline.get_feature_names_out()
        assert len(set(names)) == n_features


def test_features_are_named_by_leads(records):
    """Those of the reader, or of records, or of the frame that holds signals."""
    reader = RecordReader(["II"], fs=250, duration_s=4)
    of_files = make_pipeline(reader, BandpassFilter(), Segmenter(100), Reshaper(frame_length=2))
    assert of_files.fit(records).get_feature_names_out().tolist() == ["t0_II", "t1_II"]
    assert MaxNormalizer().fit(records).get_feature_names_out().tolist() == ["II"]
    frame = pd.DataFrame(X).add_prefix("v")
    assert MaxNormalizer().fit(frame).get_feature_names_out().tolist() == frame.columns.tolist()
    assert Resampler(100, fs=250).fit(frame).get_feature_names_out()[-1] == "t199"
    two_leads = MaxNormalizer().fit(np.stack([X, -X], axis=-1))
    assert two_leads.get_feature_names_out(["ecg"]).tolist() == ["ecg_lead0", "ecg_lead1"]


def test_records_of_other_leads_than_in_fit_are_refused(records):
    """By a transformer as by a classifier."""
    other = make_ecg(duration_s=4, fs=250, leads=["V1"], random_state=0)
    with pytest.raises(ValueError, match=r"X has the leads V1, but MaxNormalizer was fitted on II"):
        MaxNormalizer().fit(records).transform([other])


_AT_A_RATE = {
    bandpass_filter: {},
    notch_filter: {"powerline": 50},
    resample: {"fs_new": 100},
    signal_quality: {},
    quality_gate: {},
    quality_flags: {},
}


@pytest.mark.parametrize("function", _AT_A_RATE, ids=lambda function: function.__name__)
def test_functions_refuse_another_rate_than_that_of_the_signals(function):
    """A filter of 40 Hz would be one of 20 Hz; records know their rate, and so do their rows."""
    records = [make_ecg(2, fs=250, random_state=0)]
    rows = RecordReader(leads=["II"], fs=250).fit_transform(records)
    for X in (records, rows):
        with pytest.raises(
            ValueError, match=f"{function.__name__} was given fs=500 Hz, but .* 250"
        ):
            function(X, fs=500, **_AT_A_RATE[function])
        function(X, fs=250, **_AT_A_RATE[function])


@pytest.mark.parametrize(
    "function",
    [
        *(partial(function, fs=250, **options) for function, options in _AT_A_RATE.items()),
        partial(fill_gaps, max_gap_length=5),
        log_spectrogram,
        max_normalize,
        partial(reshape, frame_length=5),
        partial(segment, segment_length=5),
    ],
)
def test_functions_refuse_leads_in_place_of_time(function):
    """By name, and with the way out."""
    name = getattr(function, "func", function).__name__
    with pytest.raises(ValueError, match=rf"pass np.swapaxes\(X, -1, -2\) to {name}, or"):
        function(np.ones((3, 12, 500)))


@pytest.mark.parametrize(
    "call",
    [
        max_normalize,
        partial(segment, segment_length=250),
        partial(bandpass_filter, fs=250),
        MaxNormalizer().fit_transform,
        BandpassFilter(fs=250).fit_transform,
    ],
)
def test_one_recording_in_place_of_rows_is_refused(call):
    """Each time step would be a signal by itself: all of its values would become 1."""
    signal = make_ecg(5, fs=250, leads=["II", "V1"], random_state=0).signal
    with pytest.raises(ValueError, match=r"one signal with 2 leads, pass \[X\] or X\[None\] to"):
        call(signal)
    call(signal[None])


def test_rows_of_few_time_steps_are_taken():
    """A table of up to 1000 rows may hold short signals; of more, if it says so by an axis."""
    MaxNormalizer().fit(np.ones((1000, 16)))
    MaxNormalizer().fit(np.ones((1001, 17)))
    with pytest.raises(ValueError, match=r"if its rows are such short signals, X\[..., None\]"):
        MaxNormalizer().fit(np.ones((1001, 16)))
    MaxNormalizer().fit(np.ones((1001, 16))[..., None])


@pytest.mark.parametrize(
    "step",
    [
        BandpassFilter(fs=250),
        BeatSequencer(fs=250),
        GapFiller(5),
        LogSpectrogram(),
        MaxNormalizer(),
        NotchFilter(50, fs=250),
        NoveltyGate(),
        QualityFlags(fs=250),
        QualityGate(fs=250),
        Resampler(100, fs=250),
        Reshaper(frame_length=4),
        Segmenter(100),
    ],
)
def test_transform_returns_what_fit_transform_does(step, records):
    """Row by row, with the rate that is known."""
    rows = [records[0].signal, records[1].signal[:700]]
    at_once = step.fit_transform(rows)
    later = step.transform(rows)
    assert rate_of(later) == rate_of(at_once)
    for one, other in zip(later, at_once, strict=True):
        np.testing.assert_array_equal(one, other)


def test_fit_transform_checks_rows_once(monkeypatch):
    """The rows that `fit` checked are transformed, because a check takes as long as the work."""
    check = Mock(wraps=_base.check_signals)
    monkeypatch.setattr(_base, "check_signals", check)
    MaxNormalizer().fit_transform([np.ones(5), np.ones(7)])
    check.assert_called_once()


@pytest.mark.parametrize(
    "step", [Segmenter(100), LogSpectrogram(), BeatSequencer(fs=100, n_beats=2)]
)
def test_signals_stay_arrays_where_scikit_learn_is_set_to_data_frames(step):
    """They have more axes; a setting for all of scikit-learn is no reason to fail."""
    with sklearn.config_context(transform_output="pandas"):
        assert isinstance(step.fit_transform(X), np.ndarray)
        assert isinstance(step.transform(X), np.ndarray)
