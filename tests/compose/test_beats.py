"""From recordings to the classes of their beats, by one object."""

from copy import copy
from dataclasses import replace
from pathlib import Path

import joblib
import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sklearn_ecg.beats import extract_beats, simulate_fusions, simulate_rhythms, simulate_strips
from sklearn_ecg.compose import BeatClassifier
from sklearn_ecg.datasets import make_ecg, write_record
from sklearn_ecg.preprocessing import resample


def as_table(rows):
    return rows.reshape(len(rows), -1)


def forest():
    trees = RandomForestClassifier(20, random_state=0)
    return make_pipeline(FunctionTransformer(as_table), trees)


class Recorder(ClassifierMixin, BaseEstimator):
    """Remember what fit was given."""

    def fit(self, X, y, sample_weight=None, groups=None, is_real=None):
        self.classes_ = np.unique(y)
        self.seen_ = {"X": X, "y": y, "sample_weight": sample_weight}
        self.seen_ |= {"groups": groups, "is_real": is_real}
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])


@pytest.fixture(scope="module")
def records():
    """Four minutes of four people, with ventricular beats."""
    return [
        make_ecg(60, fs=250, premature={"V": 0.15}, leads=["II", "V1"], random_state=i)
        for i in range(4)
    ]


@pytest.fixture(scope="module")
def fitted(records):
    return BeatClassifier(forest(), leads=[("MLII", "II")]).fit(records[:3])


def test_answers_are_those_of_the_steps_done_by_hand(records, fitted):
    """Rows of annotated beats to train on, rows of detected beats to predict."""
    options = {"leads": ["II"], "n_before": 8, "n_after": 8}
    rows = extract_beats(records[:3], **options)
    by_hand = forest().fit(rows.data, rows.target)
    detected = extract_beats(records[3], beats="detected", **options)
    np.testing.assert_array_equal(fitted.predict(records[3:])[0], by_hand.predict(detected.data))
    np.testing.assert_array_equal(
        fitted.predict_proba(records[3:])[0], by_hand.predict_proba(detected.data)
    )
    annotated = fitted.annotate(records[3])
    np.testing.assert_array_equal(annotated.annotations[0], detected.time_steps)
    assert annotated.lead_names == ("II", "V1")
    with pytest.raises(TypeError, match="'record' parameter of BeatClassifier"):
        fitted.annotate(records[3:])  # it takes one


def test_recording_at_another_rate_gets_the_same_answer(records, fitted):
    """It is brought to the rate of the model, and the beats are told at its own."""
    record = records[3]
    faster = replace(
        record,
        signal=resample(record.signal[None], 250, 500)[0],
        fs=500.0,
        annotations=(2 * record.annotations[0], record.annotations[1]),
    )
    here, there = fitted.annotate(record), fitted.annotate(faster)
    assert len(here.annotations[0]) == len(there.annotations[0])
    np.testing.assert_allclose(there.annotations[0] / 2, here.annotations[0], atol=3)
    assert np.mean(here.annotations[1] == there.annotations[1]) > 0.98
    assert fitted.fs_ == 250


def test_beats_that_fall_on_one_time_step_keep_their_answers(records):
    """At the rate of the model they are one beat, at that of the recording two."""
    record = records[0]
    beats, symbols = record.annotations
    faster = replace(
        record,
        signal=resample(record.signal[None], 250, 1000)[0],
        fs=1000.0,
        annotations=(
            np.concatenate([4 * beats[:1], [4 * beats[0] + 1], 4 * beats[1:]]),
            np.concatenate([symbols[:1], ["V"], symbols[1:]]),
        ),
    )
    classifier = BeatClassifier(forest(), leads=["II"], fs=250, beats="annotations").fit([faster])
    (classes,) = classifier.predict([faster])
    assert len(classes) == len(beats) + 1
    assert classes[1] == classes[0]
    assert classifier.annotate(faster).annotations[0][:2].tolist() == [
        4 * beats[0],
        4 * beats[0] + 1,
    ]
    np.testing.assert_array_equal(np.delete(classes, 1), symbols)  # which the forest knows
    twice = replace(record, annotations=(np.append(beats[:1], beats), np.append("N", symbols)))
    for use in (classifier.predict, classifier.fit):
        with pytest.raises(ValueError, match="without repetition"):
            use([twice])


def test_missing_lead_is_told_with_the_ways_out(records, fitted):
    """None of which is an argument that the classifier lacks."""
    lacking = replace(records[0], lead_names=("V8", "V9"))
    with pytest.raises(ValueError, match=r"no lead .*; it has V8, V9\. Name an alternative"):
        fitted.predict([lacking])


def test_score_counts_by_ec57(records, fitted):
    """A model that finds nearly all has nearly 1; wrong reference classes cost it."""
    assert fitted.score(records[3:]) > 0.95
    beats, classes = records[3].beats
    swapped = np.where(classes == "N", "V", "N")
    assert fitted.score(records[3:], [(beats, swapped)]) < 0.1


def test_labels_may_be_given_instead_of_annotations(records, fitted):
    """As y, a pair for each recording."""
    bare = [
        replace(record, annotations=(np.empty(0, int), np.empty(0, "<U1"))) for record in records
    ]
    y = [record.annotations for record in records]
    again = clone(fitted).fit(bare[:3], y[:3])
    np.testing.assert_array_equal(again.predict(bare[3:])[0], fitted.predict(records[3:])[0])
    with pytest.raises(ValueError, match=r"record 0 has no annotated beats: read .* as y") as error:
        clone(fitted).fit(bare)
    assert "empty" not in str(error.value)  # a recording without beats has nothing to teach


def test_score_needs_the_beats_of_each_recording(records, fitted):
    """Nobody looked for beats in a file read without its annotations, so none is false there."""
    record = records[3]
    none = np.empty(0, int), np.empty(0, "<U1")
    bare = replace(record, annotations=none)
    for rows in ([bare], [record, bare]):
        with pytest.raises(ValueError, match=r"has no annotated beats: read .*\"atr\".* empty"):
            fitted.score(rows)
    with pytest.raises(ValueError, match="has no annotated beats"):
        fitted.score([bare], [none])
    alone, beside_none = fitted.score([record]), fitted.score([bare] * 2, [none, record.beats])
    assert 0 < beside_none < alone  # what is found in the first is false, as y says


@pytest.mark.parametrize("y", [["sinus", "af", "af"], ["NN", "VV", "NV"], [([1], ["N", "V"])] * 3])
def test_labels_of_recordings_are_no_labels_of_beats(records, fitted, y):
    """The error says what is wanted, and who takes the label of a whole recording."""
    with pytest.raises(ValueError, match=r"y of recording 0: .* use SegmentedClassifier"):
        clone(fitted).fit(records[:3], y)


def test_lead_that_stands_still_is_missing(records, fitted):
    """From a second on, at the recording's own rate: the beats around it are as beside a gap."""
    record = records[3]
    signal, gap = record.signal.copy(), record.signal.copy()
    start, stop = 1000, 1000 + 3 * round(record.fs)
    signal[start:stop] = signal[start]
    gap[start + round(record.fs) : stop] = np.nan
    gap[start : start + round(record.fs)] = signal[start]
    still, missing = (
        fitted.predict_proba([replace(record, signal=values)])[0] for values in (signal, gap)
    )
    np.testing.assert_array_equal(still, missing)
    assert still.shape != fitted.predict_proba([record])[0].shape


def test_unknown_symbols_are_named_with_their_recording(records, fitted):
    """Wherever they come from."""
    odd = replace(records[1], annotations=([5, 9], ["N", "x1"]))
    with pytest.raises(ValueError, match=r"record 1: .* does not have: 'x1'"):
        clone(fitted).fit([records[0], odd])
    with pytest.raises(ValueError, match=r"y of recording 1: .* does not have: 'x1'"):
        clone(fitted).fit(records[:2], [records[0].annotations, odd.annotations])


def test_classifier_is_cross_validated_searched_and_saved(records, fitted, tmp_path):
    """With recordings as rows and no y."""
    folds = {"groups": [0, 0, 1, 1], "cv": GroupKFold(2)}
    scores = cross_val_score(clone(fitted), records, **folds)
    y = [record.annotations for record in records]
    assert cross_val_score(clone(fitted), records, y, **folds).tolist() == scores.tolist()
    assert cross_val_score(clone(fitted), records, y, cv=2).tolist() == scores.tolist()
    assert scores.shape == (2,)
    search = GridSearchCV(clone(fitted), {"n_before": [0, 2]}, cv=2).fit(records)
    assert search.best_params_["n_before"] in (0, 2)
    joblib.dump(fitted, tmp_path / "beats.joblib")
    loaded = joblib.load(tmp_path / "beats.joblib")
    np.testing.assert_array_equal(loaded.predict(records[3:])[0], fitted.predict(records[3:])[0])


def test_beats_may_be_those_that_are_annotated(records):
    """The classes of known beats."""
    classifier = BeatClassifier(forest(), leads=["II"], beats="annotations").fit(records[:3])
    assert len(classifier.predict(records[3:])[0]) == len(records[3].beats[0])


def test_recording_without_a_beat_has_an_empty_answer(records, fitted):
    """A flat line is a recording too, and so are others beside it."""
    flat = replace(records[3], signal=np.zeros_like(records[3].signal))
    nothing, something = fitted.predict([flat, records[3]])
    assert nothing.shape == (0,)
    assert len(something)
    assert fitted.predict_proba([flat])[0].shape == (0, len(fitted.classes_))
    assert len(fitted.annotate(flat).annotations[0]) == 0


def test_annotated_file_keeps_the_names_of_its_leads(records, fitted, tmp_path):
    """Lead II of a file is not called MLII because a model takes either."""
    path = write_record(records[3], tmp_path / "walk")
    model = clone(fitted).set_params(leads=[("MLII", "II")]).fit(records[:2])
    annotated = model.annotate(path)
    assert annotated.lead_names == ("II",)
    assert annotated.annotations[1].tolist() == model.predict([path])[0].tolist()


def test_recording_that_has_no_answer_is_named(records, fitted):
    """Its rate is too low for beats to be found, or its signal is infinite."""
    named = replace(records[3], source="ward/walk.dat")
    with pytest.raises(
        ValueError, match="record walk has 59 Hz, but beats are found from 60 Hz on"
    ):
        fitted.predict([records[3], replace(named, fs=59.0)])
    infinite = np.full_like(named.signal, np.inf)
    with pytest.raises(ValueError, match="record walk has infinite values"):
        fitted.predict([records[3], replace(named, signal=infinite)])


@pytest.mark.parametrize("factor", [1000, 0.001])
def test_recordings_in_another_unit_are_told(records, fitted, factor):
    """By name, where they are learnt from and where they are classified."""
    wrong = replace(records[0], signal=records[0].signal * np.float32(factor), source="walk.dat")
    with pytest.warns(UserWarning, match="Signals are hardly in mV: 1 of 1 .* walk.dat, varies"):
        fitted.annotate(wrong)
    with pytest.warns(UserWarning, match="Signals are hardly in mV: 1 of 2 .* walk.dat, varies"):
        clone(fitted).fit([records[1], wrong])


def test_far_shorter_recordings_than_those_of_the_training_are_told(records, fitted):
    """Once, with what to do; not those that are long enough, nor by a classifier that can tell."""
    assert fitted.shortest_s_ == 60.0
    strips = [records[3].part(i * 700, (i + 1) * 700) for i in range(5)]  # of 2.8 s
    with pytest.warns(UserWarning, match=r"less than 3 s, .* the model 'beats-10s'") as told:
        fitted.predict(strips)
    assert [Path(warning.filename).name for warning in told] == ["test_beats.py"]
    fitted.predict([records[3].part(0, 750)])
    learnt = BeatClassifier(forest(), leads=["II"], simulate=["strips"], random_state=0)
    learnt.fit(records[:2])
    assert learnt.shortest_s_ == 10.0
    learnt.predict(strips[:1])
    causal = BeatClassifier(forest(), leads=["II"], causal=True, n_after=1).fit(records[:2])
    causal.predict(strips[:1])
    earlier = copy(fitted)
    del earlier.shortest_s_  # as in a file from before it existed
    earlier.predict(strips[:1])


def test_of_days_half_hours_are_learnt_from(records):
    """So an hour is not short for a classifier of days."""
    day = replace(records[0], fs=5.0, lead_names=("II",), signal=records[0].signal[:, :1])
    assert day.duration_s == 3000  # by a rate that is stated wrongly, to be quick
    learnt = BeatClassifier(forest(), leads=["II"], fs=250, features=("rhythm",)).fit([day])
    assert learnt.shortest_s_ == 1800.0


def test_unclassifiable_beats_are_not_trained_on(records):
    """Nobody knows what they are."""
    record = records[0]
    symbols = record.annotations[1].copy()
    symbols[:5] = "Q"
    record = replace(record, annotations=(record.annotations[0], symbols))
    seen = BeatClassifier(Recorder(), leads=["II"]).fit([record]).estimator_.seen_
    assert len(seen["y"]) == len(symbols) - 5
    assert "Q" not in seen["y"]
    symbols[:] = "/"
    with pytest.raises(ValueError, match="All beats are of class Q, such as paced ones"):
        BeatClassifier(Recorder(), leads=["II"]).fit([record])


def test_simulated_beats_are_added(records):
    """Those of the functions, at the end, marked for whom asks."""
    options = {"leads": ["II"], "n_before": 8, "n_after": 8, "random_state": 3}
    classifier = BeatClassifier(
        Recorder(),
        leads=["II"],
        simulate=["most", "rhythms", "fusions", "few", "strips"],
        random_state=3,
    )
    symbols = records[0].annotations[1].copy()
    symbols[0] = "Q"  # in a strip too, it is not trained on
    records = [replace(records[0], annotations=(records[0].annotations[0], symbols)), records[1]]
    seen = classifier.fit(records).estimator_.seen_
    expected = [
        extract_beats(records, leads=["II"], n_before=8, n_after=8),
        simulate_rhythms(records, **options),
        simulate_fusions(records, **options),
        simulate_strips(records, **options),
        simulate_rhythms(records, rhythms=["most", "few"], n_draws=6, **options),
    ]
    for rows in expected:
        rows.data, rows.target = rows.data[rows.target != "Q"], rows.target[rows.target != "Q"]
    np.testing.assert_array_equal(seen["X"], np.concatenate([rows.data for rows in expected]))
    np.testing.assert_array_equal(seen["y"], np.concatenate([rows.target for rows in expected]))


def test_metadata_reach_the_estimator(records):
    """Weights of recordings become those of beats; patients and reality come by request."""
    with config_context(enable_metadata_routing=True):
        asking = Recorder().set_fit_request(sample_weight=True, groups=True, is_real=True)
        patients = [replace(r, patient=p) for r, p in zip(records[:2], "ab", strict=True)]
        classifier = BeatClassifier(asking, leads=["II"], simulate=["rhythms"], random_state=0)
        classifier.fit(patients, sample_weight=[1.0, 3.0])
    seen = classifier.estimator_.seen_
    n_real = sum(len(record.beats[0]) for record in patients)
    assert seen["is_real"].tolist() == [1] * n_real + [0] * (len(seen["y"]) - n_real)
    assert set(seen["groups"]) == {"a", "b"}
    np.testing.assert_array_equal(seen["sample_weight"], np.where(seen["groups"] == "a", 1, 3))


def test_weights_reach_the_estimator_without_routing(records):
    """By name, as everywhere in scikit-learn."""
    classifier = BeatClassifier(Recorder(), leads=["II"])
    seen = classifier.fit(records[:2], sample_weight=[1.0, 3.0]).estimator_.seen_
    assert set(seen["sample_weight"]) == {1.0, 3.0}
    assert seen["is_real"] is None


@pytest.mark.parametrize("in_pipeline", [False, True])
def test_patients_reach_an_estimator_that_takes_groups(records, in_pipeline):
    """So that early stopping sets patients aside, not beats beside those it learns from."""
    patients = [replace(r, patient=p) for r, p in zip(records[:3], "aab", strict=True)]
    estimator = make_pipeline("passthrough", Recorder()) if in_pipeline else Recorder()
    classifier = BeatClassifier(estimator, leads=["II"], simulate=["rhythms"], random_state=0)

    def groups_of(*arguments, **options):
        fitted = clone(classifier).fit(*arguments, **options).estimator_
        return (fitted[-1] if in_pipeline else fitted).seen_["groups"]

    n_beats = [len(record.beats[0]) for record in patients]
    found = groups_of(patients)
    assert found[: sum(n_beats)].tolist() == ["a"] * sum(n_beats[:2]) + ["b"] * n_beats[2]
    assert set(found[sum(n_beats) :]) == {"a", "b"}
    assert groups_of(patients[:2]) is None  # one patient, who must be on both sides
    name = "recorder__groups" if in_pipeline else "groups"
    assert set(groups_of(patients, **{name: ["x", "y", "z"]})) == {"x", "y", "z"}


def test_calibration_inside_splits_patients(records):
    """By routing: without it, folds of groups get none, and say so."""
    sides = []

    class Folds(GroupKFold):
        def split(self, X, y=None, groups=None):
            for train, test in super().split(X, y, groups):
                sides.append((set(groups[train]), set(groups[test])))
                yield train, test

    patients = [replace(r, patient=p) for r, p in zip(records, "aabc", strict=True)]
    classifier = BeatClassifier(CalibratedClassifierCV(forest(), cv=Folds(3)), leads=["II"])
    with config_context(enable_metadata_routing=True):
        assert classifier.fit(patients).classes_.tolist() == ["N", "V"]
    assert sorted(test for _, (test,) in sides) == ["a", "b", "c"]
    assert all(train == set("abc") - test for train, test in sides)
    with pytest.raises(ValueError, match="'groups' parameter should not be None"):
        classifier.fit(patients)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"fs": 80}, ValueError, "'fs' parameter"),
        ({"leads": ["aVR"]}, ValueError, "has no lead aVR; it has II, V1"),
        ({"simulate": ["colours"]}, ValueError, r"simulate=\['colours'\] must be some of rhythms"),
        ({"features": ["colour"]}, ValueError, "must be some of rhythm"),
    ],
)
def test_bad_parameters_are_refused(records, changes, error, message):
    """By name, and nothing is left fitted."""
    classifier = BeatClassifier(forest(), leads=["II"]).fit(records[:1])
    with pytest.raises(error, match=message):
        classifier.set_params(**changes).fit(records[:1])
    assert not hasattr(classifier, "estimator_")


def test_one_recording_is_no_list_of_them(records, fitted):
    """The message says how to write it."""
    with pytest.raises(TypeError, match=r"as in \[X\]"):
        fitted.predict(records[0])
