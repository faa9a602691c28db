"""Attributions: their sums, their place, and what they depend on."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sklearn_ecg import (
    BandpassFilter,
    BeatClassifier,
    BeatSequencer,
    LSTMClassifier,
    MaxNormalizer,
    RecordReader,
    Resampler,
    Reshaper,
    SegmentedClassifier,
    Segmenter,
    make_ecg,
    make_ecg_classification,
)
from sklearn_ecg.inspection import explain, permutation_importance
from sklearn_ecg.inspection._integration import _resample_sums
from sklearn_ecg.neural_network._keras_network import KerasNetwork


@pytest.fixture(scope="module")
def planted():
    """Strips, every other one with a premature beat, and a pipeline that finds them."""
    rng = np.random.RandomState(0)
    records = [
        make_ecg(
            4,
            fs=100,
            heart_rate=rng.uniform(55, 95),
            premature={"V": 1e-9} if number % 2 else None,
            random_state=number,
        )
        for number in range(120)
    ]
    X = np.stack([record.signal for record in records])
    y = np.array(["V" if "V" in record.beats[1] else "N" for record in records])
    network = LSTMClassifier(
        conv_filters=8, units=8, pooling="max", epochs=15, learning_rate=0.02, random_state=0
    )
    pipeline = make_pipeline(BandpassFilter(fs=100), MaxNormalizer(), Reshaper(5), network)
    return pipeline.fit(X[:80], y[:80]), X[80:], y[80:], records[80:]


def assert_sums(result):
    """Within 1 % of the difference, or 0.001."""
    gains = result.probabilities - result.baseline_probabilities
    errors = np.abs([of_row.sum() for of_row in result.attributions] - gains)
    assert (errors <= 0.01 * np.maximum(np.abs(gains), 0.1) + 1e-6).all()


@pytest.mark.parametrize("method", ["integrated_gradients", "occlusion"])
def test_premature_beat_has_the_highest_attribution(planted, method):
    """In at least four of five strips the peak is on the planted beat."""
    pipeline, X, y, records = planted
    rows = np.flatnonzero(y == "V")
    result = explain(pipeline, X[rows], method=method, target="V", window_length=20)
    hits = []
    for row, of_row in zip(rows, result.attributions, strict=True):
        steps, classes = records[row].beats
        distance = of_row[:, 0].argmax() - steps[classes == "V"]
        hits.append(((distance >= -30) & (distance <= 45)).any())
    assert np.mean(hits) >= 0.8


def test_attributions_add_up_to_the_change_of_probability(planted):
    """From the flat line to the signal, also where the network is all but a switch."""
    pipeline, X, _, _ = planted
    result = explain(pipeline, X)
    assert result.attributions.shape == X.shape
    assert result.target.tolist() == pipeline.predict(X).tolist()
    assert_allclose(result.probabilities, pipeline.predict_proba(X).max(axis=1))
    assert_sums(result)


@pytest.mark.parametrize("aggregate", ["mean", "mean_logit", "max"])
@pytest.mark.parametrize("labels", ["two", "three", "multilabel"])
def test_bags_add_up_too(tiny, strips, aggregate, labels):
    """With overlapping segments, padding, and every rule that has a gradient."""
    X, y, _ = strips
    X = X[:20].copy()
    X[::2, 150:] = np.nan
    numbers = np.arange(20)
    y = {
        "two": y[:20],
        "three": numbers % 3,
        "multilabel": np.column_stack([numbers % 2, numbers % 3 == 0]).astype(int),
    }[labels]
    pipeline = make_pipeline(Segmenter(60, step=40), Reshaper(8), tiny(aggregate=aggregate))
    result = explain(pipeline.fit(X, y), X)
    assert_sums(result)
    assert not result.attributions[np.isnan(X)].any()


def test_segments_that_repeat_share_an_attribution(tiny, strips):
    """Under "max" too, where each of them is the highest, and with pipelines within a pipeline."""
    X, y, _ = strips
    steps = make_pipeline(Segmenter(50), Reshaper(10))
    pipeline = make_pipeline(steps, tiny(aggregate="max")).fit(X, y)
    repeated = np.tile(X[:5, :50], (1, 4, 1))
    result = explain(pipeline, repeated)
    assert_sums(result)
    by_segment = result.attributions.reshape(5, 4, 50)
    assert_allclose(by_segment, by_segment[:, :1].repeat(4, axis=1))


def test_rows_may_differ_in_length(tiny, strips):
    """Each attribution has the shape of its own row."""
    X, y, _ = strips
    rows = [row[: 120 + 3 * i] for i, row in enumerate(X[:20])]
    result = explain(make_pipeline(Reshaper(10), tiny()).fit(rows, y[:20]), rows)
    assert [of_row.shape for of_row in result.attributions] == [row.shape for row in rows]
    assert_sums(result)


def test_resampler_keeps_sums_and_places(tiny, strips):
    """At half the rate, a value's attribution goes to the two time steps that it stands for."""
    X, y, _ = strips
    X = X[:20]
    pipeline = make_pipeline(Resampler(50, fs=100), tiny()).fit(X, y[:20])
    result = explain(pipeline, X)
    assert_sums(result)
    inner = explain(pipeline[-1], pipeline[:-1].transform(X), target=result.target[0])
    outer = explain(pipeline, X, target=result.target[0])
    cumulated, cumulated_inner = (part.attributions[0, :, 0].cumsum() for part in (outer, inner))
    assert_allclose(cumulated[98], cumulated_inner[49], atol=np.abs(inner.attributions[0]).max())


def test_resampled_attributions_by_hand():
    """Of three values at half the rate, and each lead by itself; the ends keep what lies beyond."""
    of_values = np.array([[4.0, 0.0], [8.0, -4.0], [12.0, 1.0]])
    expected = np.array([[3, 0], [3, -1], [4, -2], [5, -0.75], [6, 0.5], [3, 0.25]])
    assert_allclose(_resample_sums(of_values, (6, 2), 2.0), expected)
    assert_allclose(_resample_sums(of_values[:, 0], (6,), 2.0), expected[:, 0])


def test_leads_are_kept_apart(tiny):
    """A lead that says nothing has next to no attribution."""
    rng = np.random.RandomState(0)
    y = np.tile([0, 1], 30)
    X = rng.normal(0, 0.2, size=(60, 40, 2))
    X[:, ::2, 1] += 2 * y[:, None]
    pipeline = make_pipeline(Reshaper(4), tiny(epochs=10)).fit(X, y)
    for method in ("integrated_gradients", "occlusion"):
        by_lead = np.abs(explain(pipeline, X, method=method).attributions).sum(axis=(0, 1))
        assert by_lead[1] > 3 * by_lead[0]


def test_random_weights_have_other_attributions(planted):
    """What is shown is of the trained network, and not of the signal alone."""
    pipeline, X, y, _ = planted
    X = X[y == "V"][:10]
    trained = explain(pipeline, X, target="V").attributions
    state = pipeline[-1].network_.__getstate__()
    rng = np.random.RandomState(0)
    weights = [
        rng.permutation(value.ravel()).reshape(value.shape) for value in state["values"]["network"]
    ]
    random = make_pipeline(*pipeline[:-1], LSTMClassifier())
    random[-1].__setstate__(pipeline[-1].__getstate__())
    random[-1].network_ = KerasNetwork(state["parameters"], {"network": weights})
    correlations = [
        np.corrcoef(a.ravel(), b.ravel())[0, 1]
        for a, b in zip(trained, explain(random, X, target="V").attributions, strict=True)
    ]
    assert np.abs(correlations).mean() < 0.5


def test_votes_are_averaged(tiny, sequences):
    """The attributions of a soft vote are the weighted mean of its members'."""
    X, y = sequences
    members = [("a", tiny()), ("b", tiny(random_state=1))]
    voting = VotingClassifier(members, voting="soft", weights=[3, 1]).fit(X, y)
    result = explain(voting, X, target=1)
    a, b = (explain(member, X, target=1).attributions for member in voting.estimators_)
    assert_allclose(result.attributions, (3 * a + b) / 4)
    assert_sums(result)  # so the probability of the flat line is a weighted mean too


def test_occlusion_takes_any_classifier(strips):
    """A forest of segments has no gradients."""
    X, y, _ = strips
    forest = RandomForestClassifier(n_estimators=5, random_state=0)
    classifier = SegmentedClassifier(Segmenter(50), forest).fit(X, y)
    result = explain(classifier, X[:2], method="occlusion")
    assert result.attributions.shape == X[:2].shape
    assert result.baseline_probabilities is None
    with pytest.raises(TypeError, match="SegmentedClassifier has no gradients"):
        explain(classifier, X[:2])


def test_label_of_several_classifiers_is_explained_as_by_its_own(strips):
    """scikit-learn's own list of probabilities was refused, though each question is yes or no."""
    X, y = strips[:2]
    labels = np.column_stack([y == y[0], np.arange(len(y)) % 3 == 0]).astype(int)
    part = SegmentedClassifier(Segmenter(50), LogisticRegression())
    several = MultiOutputClassifier(part).fit(X, labels)
    options = {"method": "occlusion", "window_length": 50}
    result = explain(several, X[:2], target=1, **options)
    alone = explain(part.fit(X, labels[:, 1]), X[:2], target=1, **options)
    assert_allclose(result.attributions, alone.attributions)
    assert_allclose(result.probabilities, alone.probabilities)


def test_occlusion_is_the_fall_of_the_probability(sequences, tiny):
    """A window as long as the row is the whole lead, covered by its median."""
    X, y = sequences
    classifier = tiny().fit(X, y)
    covered = X[:3].copy()
    covered[:, :, 1] = np.median(covered[:, :, 1], axis=1, keepdims=True)
    fall = (classifier.predict_proba(X[:3]) - classifier.predict_proba(covered))[:, 1]
    result = explain(classifier, X[:3], method="occlusion", target=1, window_length=6)
    assert_allclose(result.attributions[:, :, 1], np.tile(fall[:, None], 6), atol=1e-7)


def test_records_are_read_by_the_pipeline(tiny):
    """The result has the signals, their rate and their leads."""
    records = [make_ecg(3, fs=200, leads=("I", "V1"), random_state=i) for i in range(8)]
    pipeline = make_pipeline(RecordReader(["V1"], fs=100), Reshaper(10), tiny())
    result = explain(pipeline.fit(records, np.arange(8) % 2), records[:2])
    assert result.attributions[0].shape == result.signals[0].shape == (300, 1)
    assert (result.fs, result.lead_names) == (100, ("V1",))


@pytest.mark.parametrize("show", [explain, partial(permutation_importance, y=[0, 1])])
def test_a_reader_within_another_estimator_is_named(show):
    """The error says where it belongs, and which part of a search to pass."""
    records = [make_ecg(3, fs=200, random_state=i) for i in range(8)]
    classifier = SegmentedClassifier(Segmenter(100), LogisticRegression())
    pipeline = make_pipeline(RecordReader(["II"], fs=100), classifier)
    calibrated = CalibratedClassifierCV(pipeline, cv=2).fit(records, np.arange(8) % 2)
    with pytest.raises(TypeError, match=r"within the Cal.* best_estimator_ .*\(reader, Cal"):
        show(calibrated, records[:2])


@pytest.mark.parametrize("method", ["integrated_gradients", "occlusion"])
def test_beats_are_explained_by_feature(tiny, method):
    """Each beat has an attribution for each feature of itself and its neighbours."""
    records = [make_ecg(20, fs=250, premature={"V": 0.2}, random_state=i) for i in range(3)]
    classifier = BeatClassifier(tiny(pooling="middle"), leads=["II"], n_before=1, n_after=1)
    classifier.fit(records)
    result = explain(classifier, records[:2], method=method, target="V")
    n_beats = len(result.time_steps[0])
    assert len(result.attributions) == 2
    assert result.attributions[0].shape == (n_beats, 3, len(result.feature_names))
    assert (result.target[0] == "V").all()
    if method == "integrated_gradients":
        gains = result.probabilities[0] - result.baseline_probabilities[0]
        assert_allclose(result.attributions[0].sum(axis=(1, 2)), gains, atol=0.01)


@pytest.mark.parametrize("steps", [[], ["passthrough"]])
def test_beats_are_compared_with_the_usual_beat_of_the_recording(tiny, steps):
    """It is one for all of them, whether the network stands alone or in a pipeline."""
    records = [make_ecg(20, fs=250, premature={"V": 0.2}, random_state=i) for i in range(2)]
    network = make_pipeline(*steps, tiny(pooling="middle"))
    classifier = BeatClassifier(network, leads=["II"], n_before=1, n_after=1).fit(records)
    result = explain(classifier, records, target="V")
    for baselines in result.baseline_probabilities:
        assert_allclose(baselines, baselines[0], atol=1e-6)


def test_recording_without_beats_is_named(tiny):
    """There is nothing to explain in a flat line."""
    records = [make_ecg(20, fs=250, premature={"V": 0.2}, random_state=0)]
    classifier = BeatClassifier(tiny(), leads=["II"], n_before=0, n_after=0).fit(records)
    flat = replace(records[0], signal=np.zeros_like(records[0].signal))
    with pytest.raises(ValueError, match="row 1 of X has no beat"):
        explain(classifier, [records[0], flat])


def test_input_is_not_changed(planted):
    """Neither method writes into the signals."""
    pipeline, X, _, _ = planted
    X = X[:2].copy()
    before = X.copy()
    X.setflags(write=False)
    for method in ("integrated_gradients", "occlusion"):
        explain(pipeline, X, method=method)
    assert_allclose(X, before)


def swap_leads(X):
    return X[..., ::-1]


def over_the_largest(X):
    """Divide all leads by one number, on the way dense or ragged."""
    return [row / np.nanmax(np.abs(row)) for row in X]


def test_step_of_ones_own_keeps_leads_apart(tiny):
    """It is taken to work in place, whatever scale it has, padding or not."""
    X = [row[: 30 + i] for i, row in enumerate(np.random.RandomState(0).normal(size=(8, 50, 3)))]
    X[1] = np.concatenate([X[1], np.full((5, 3), np.nan)])
    pipeline = make_pipeline(FunctionTransformer(over_the_largest), tiny()).fit(X, [0, 1] * 4)
    for row, attributions in zip(X, explain(pipeline, X).attributions, strict=True):
        assert attributions.shape == row.shape


def test_what_cannot_be_explained_is_named(tiny, strips):
    """Errors say why, and what to do."""
    X, y, _ = strips
    pipeline = make_pipeline(BeatSequencer(fs=100), tiny()).fit(X, y)
    with pytest.raises(TypeError, match=r"BeatSequencer .* cannot trace back"):
        explain(pipeline, X[:2])
    two = np.concatenate([X, X[:, ::-1]], axis=-1)
    mixed = make_pipeline(FunctionTransformer(swap_leads), tiny()).fit(two, y)
    with pytest.raises(TypeError, match=r"FunctionTransformer makes each lead of several"):
        explain(mixed, two[:2])
    voting = make_pipeline(Segmenter(50), Reshaper(10), tiny(aggregate="vote")).fit(X, y)
    with pytest.raises(ValueError, match='use method="occlusion"'):
        explain(voting, X[:2])
    with pytest.raises(ValueError, match="target='V' is not one of the classes"):
        explain(voting, X[:2], target="V")
    with pytest.raises(ValueError, match="occlusion takes whole signals"):
        explain(voting[-1], voting[:-1].transform(X[:2]), method="occlusion")
    with pytest.raises(NotFittedError):
        explain(tiny(), X)


def test_missing_leads_and_rows_have_no_attribution():
    """There is nothing to cover, and no warning of an empty median."""
    X, y, _ = make_ecg_classification(8, n_leads=2, duration_s=2, fs=50, random_state=0)
    classifier = SegmentedClassifier(Segmenter(50), HistGradientBoostingClassifier(max_iter=2))
    X = X.copy()
    X[0, :, 1] = np.nan
    X[1] = np.nan
    result = explain(classifier.fit(X, y), X[:3], method="occlusion", window_length=25)
    assert not result.attributions[0, :, 1].any()
    assert not result.attributions[1].any()
