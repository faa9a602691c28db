"""Any classifier of segments as a classifier of rows."""

import joblib
import numpy as np
import pytest
import sklearn
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin, clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_predict
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.semi_supervised import LabelSpreading, SelfTrainingClassifier
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import get_tags

from sklearn_ecg.compose import SegmentedClassifier
from sklearn_ecg.datasets import make_ecg
from sklearn_ecg.preprocessing import MaxNormalizer, Reshaper, Segmenter


class Recorder(ClassifierMixin, BaseEstimator):
    """Keeps what it was given; the first value of a segment is its probability of class "b"."""

    def fit(self, X, y, sample_weight=None, groups=None):
        self.seen_ = {"X": X, "y": y, "sample_weight": sample_weight, "groups": groups}
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        return np.column_stack([1 - X[:, 0], X[:, 0]])

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


# Two rows, of two segments and of one, each a single time step of one lead.
BAGS = [np.array([[[0.2]], [[0.6]]]), np.array([[[0.9]]])]


def test_estimator_is_given_one_row_per_segment():
    """A table of length x n_leads numbers, time step by time step, and the labels repeated."""
    X = np.arange(16.0).reshape(2, 4, 2)  # two rows, four time steps, two leads
    fitted = SegmentedClassifier(Segmenter(segment_length=2), Recorder()).fit(X, ["a", "b"])
    seen = fitted.estimator_.seen_
    np.testing.assert_array_equal(seen["X"], np.arange(16).reshape(4, 4))
    assert seen["y"].tolist() == ["a", "a", "b", "b"]
    assert seen["sample_weight"] is None


@pytest.mark.parametrize(
    ("layout", "shape"), [("time_first", (4, 3, 2)), ("lead_first", (4, 2, 3))]
)
def test_estimator_of_series_is_given_three_axes(layout, shape):
    """Time comes first for our own networks, leads for aeon; either way a lead is a lead."""
    X = np.random.RandomState(0).rand(2, 6, 2).astype(np.float32)
    fitted = SegmentedClassifier(Segmenter(3), Recorder(), layout=layout).fit(X, [0, 1])
    seen = fitted.estimator_.seen_["X"]
    assert seen.shape == shape
    assert seen.dtype == np.float32
    lead = seen[1, :, 1] if layout == "time_first" else seen[1, 1]
    np.testing.assert_array_equal(lead, X[0, 3:, 1])


@pytest.mark.parametrize(
    ("aggregate", "expected"),
    [
        ("mean", 0.4),
        # odds of 1/4 and 3/2 have the geometric mean sqrt(3/8), that is p = .3798
        ("mean_logit", np.sqrt(3 / 8) / (1 + np.sqrt(3 / 8))),
        ("max", 0.6 / 1.4),
        ("vote", 0.5),
    ],
)
def test_segments_are_combined(aggregate, expected):
    """Probabilities of .2 and .6 for class b make the row's, as `aggregate` says."""
    classifier = SegmentedClassifier(None, Recorder(), aggregate=aggregate).fit(BAGS, ["a", "b"])
    probabilities = classifier.predict_proba(BAGS)
    assert probabilities[0, 1] == pytest.approx(expected)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert classifier.predict(BAGS).tolist() == ["a", "b"]


def test_mean_logit_survives_certainty():
    """A segment with probability 0 does not rule a class out for ever."""
    bags = [np.array([[[0.0]], [[0.9]]]), np.array([[[1.0]]])]
    classifier = SegmentedClassifier(None, Recorder(), aggregate="mean_logit").fit(bags, [0, 1])
    probabilities = classifier.predict_proba(bags)
    assert np.isfinite(probabilities).all()
    assert 0 < probabilities[0, 1] < 0.01


def test_segments_can_be_seen():
    """One prediction for each segment, in the form of the bags."""
    classifier = SegmentedClassifier(None, Recorder()).fit(BAGS, ["a", "b"])
    parts = classifier.predict_proba_segments(BAGS)
    np.testing.assert_allclose(parts[0], [[0.8, 0.2], [0.4, 0.6]])
    assert [labels.tolist() for labels in classifier.predict_segments(BAGS)] == [["a", "b"], ["b"]]
    np.testing.assert_allclose(parts[0].mean(axis=0), classifier.predict_proba(BAGS)[0])


def test_agrees_with_the_network_on_bags(sequences, tiny):
    """Around LSTMClassifier it does what that does with bags by itself, weights included."""
    X, y = sequences
    bags = [row.reshape(2, 3, 2)[: 1 + i % 2] for i, row in enumerate(X)]
    alone = tiny().fit(bags, y).predict_proba(bags)
    around = SegmentedClassifier(None, tiny(), layout="time_first").fit(bags, y)
    np.testing.assert_allclose(around.predict_proba(bags), alone, atol=1e-5)


def test_weights_are_shared_and_passed_on():
    """Weights of 1 and 3 on two segments and one; a pipeline hands them to its last step."""
    weight = np.array([1.0, 3.0])
    fitted = SegmentedClassifier(None, Recorder()).fit(BAGS, [0, 1], sample_weight=weight)
    np.testing.assert_allclose(fitted.estimator_.seen_["sample_weight"], [0.625, 0.625, 3.75])
    steps = make_pipeline(StandardScaler(), "passthrough", Recorder())
    through = SegmentedClassifier(None, steps).fit(BAGS, [0, 1], sample_weight=weight)
    np.testing.assert_allclose(through.estimator_[-1].seen_["sample_weight"], [0.625, 0.625, 3.75])
    named = SegmentedClassifier(None, steps).fit(BAGS, [0, 1], recorder__sample_weight=weight)
    np.testing.assert_allclose(named.estimator_[-1].seen_["sample_weight"], [0.625, 0.625, 3.75])


def test_estimator_without_weights():
    """Its segments count alike, and it is not made believe that it had been given weights."""
    classifier = SegmentedClassifier(None, KNeighborsClassifier(1)).fit(BAGS, [0, 1])
    assert classifier.predict(BAGS).tolist() == [0, 1]
    with pytest.raises(ValueError, match="KNeighborsClassifier does not take it"):
        classifier.fit(BAGS, [0, 1], sample_weight=[1, 2])


def test_members_of_an_ensemble_are_given_weights_by_routing():
    """VotingClassifier has no argument for them; the error says how they get there."""
    voting = VotingClassifier([("dummy", DummyClassifier())], voting="soft")
    with pytest.raises(ValueError, match=r"VotingClassifier does not take it. .* routing is on"):
        SegmentedClassifier(None, voting).fit(BAGS, [0, 1], sample_weight=[1, 3])
    with sklearn.config_context(enable_metadata_routing=True):
        member = DummyClassifier().set_fit_request(sample_weight=True)
        voting = VotingClassifier([("dummy", member)], voting="soft")
        classifier = SegmentedClassifier(None, voting).fit(BAGS, [0, 1], sample_weight=[1, 3])
    np.testing.assert_allclose(classifier.predict_proba(BAGS)[0], [0.25, 0.75])


def test_estimator_without_probabilities_votes():
    """It needs aggregate="vote", and says so before anything is fitted."""
    classifier = SegmentedClassifier(None, RidgeClassifier())
    assert not hasattr(classifier, "predict_proba")
    with pytest.raises(
        ValueError, match='RidgeClassifier has no predict_proba: use aggregate="vote'
    ):
        classifier.fit(BAGS, [0, 1])
    voting = clone(classifier).set_params(aggregate="vote").fit(BAGS, [0, 1])
    np.testing.assert_allclose(voting.predict_proba(BAGS).sum(axis=1), 1)
    assert not hasattr(voting, "predict_proba_segments")


def test_other_arguments_of_fit_are_repeated_for_segments():
    """What has an entry for each row has one for each segment at the estimator."""
    fitted = SegmentedClassifier(None, Recorder()).fit(BAGS, [0, 1], groups=["p", "q"])
    assert list(fitted.estimator_.seen_["groups"]) == ["p", "p", "q"]


def test_metadata_is_routed():
    """With routing on, the estimator gets what it requests, and `fit` refuses the rest."""
    with sklearn.config_context(enable_metadata_routing=True):
        estimator = Recorder().set_fit_request(groups=True, sample_weight=True)
        classifier = SegmentedClassifier(None, estimator)
        classifier.fit(BAGS, [0, 1], sample_weight=[1, 3], groups=["p", "q"])
        seen = classifier.estimator_.seen_
        assert list(seen["groups"]) == ["p", "p", "q"]
        np.testing.assert_allclose(seen["sample_weight"], [0.625, 0.625, 3.75])
        steps = make_pipeline(StandardScaler().set_fit_request(sample_weight=False), estimator)
        shared = SegmentedClassifier(None, steps).fit(BAGS, [0, 1]).estimator_[-1].seen_
        np.testing.assert_allclose(shared["sample_weight"], [0.75, 0.75, 1.5])
        with pytest.raises(sklearn.exceptions.UnsetMetadataPassedError, match="groups"):
            SegmentedClassifier(None, Recorder()).fit(BAGS, [0, 1], groups=["p", "q"])


def test_groups_are_routed_through_cross_validation(strips):
    """One argument serves the outer folds and the estimator's own split."""
    X, y, groups = strips
    with sklearn.config_context(enable_metadata_routing=True):
        estimator = Recorder().set_fit_request(groups=True)
        result = sklearn.model_selection.cross_validate(
            SegmentedClassifier(Segmenter(segment_length=100), estimator),
            X,
            y,
            cv=GroupKFold(2),
            params={"groups": groups},
            return_estimator=True,
        )
    seen = [set(fitted.estimator_.seen_["groups"]) for fitted in result["estimator"]]
    assert not seen[0] & seen[1]
    assert seen[0] | seen[1] == set(groups)


def test_works_in_search_and_persistence(strips, tmp_path):
    """Parameters of both parts are tuned by name, and the winner is saved and loaded."""
    X, y, groups = strips
    steps = make_pipeline(Segmenter(segment_length=250), MaxNormalizer())
    forest = RandomForestClassifier(n_estimators=5, random_state=0)
    grid = {"segmenter__segmenter__segment_length": [125, 250], "estimator__max_depth": [2, 4]}
    search = GridSearchCV(
        SegmentedClassifier(steps, forest), grid, cv=GroupKFold(2), scoring="roc_auc"
    ).fit(X, y, groups=groups)
    joblib.dump(search, tmp_path / "search.joblib")
    loaded = joblib.load(tmp_path / "search.joblib")
    np.testing.assert_array_equal(loaded.predict_proba(X), search.predict_proba(X))
    assert loaded.best_estimator_.row_shape_in_ == X.shape[1:]


def test_ragged_rows_are_taken(strips):
    """Recordings of different lengths, as a list or an object array, come back as rows."""
    X, y, _ = strips
    ragged = [row[: 80 + 2 * i] for i, row in enumerate(X)]
    classifier = SegmentedClassifier(Segmenter(40, tail="drop"), GaussianNB())
    probabilities = cross_val_predict(classifier, ragged, y, cv=2, method="predict_proba")
    assert probabilities.shape == (len(y), 2)
    parts = classifier.fit(ragged, y).predict_segments(ragged)
    assert [len(parts[0]), len(parts[-1])] == [2, 4]


def test_learns_what_a_segment_shows():
    """On held-out rows a plain classifier of segments finds the one with a burst in it."""
    rng = np.random.RandomState(0)
    X = rng.normal(size=(80, 100, 2))
    y = np.arange(80) % 2
    X[y == 1] += 2
    classifier = SegmentedClassifier(Segmenter(segment_length=10), LogisticRegression())
    assert classifier.fit(X[:40], y[:40]).score(X[40:], y[40:]) > 0.95


def test_reshaped_frames_are_segments_too():
    """What ends in bags is a segmenter, whatever else it does."""
    steps = make_pipeline(Segmenter(segment_length=4), Reshaper(frame_length=2))
    fitted = SegmentedClassifier(steps, Recorder(), layout="time_first").fit(np.eye(8), range(8))
    assert fitted.estimator_.seen_["X"].shape == (16, 2, 2)


class Doubler(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return np.repeat(X, 2, axis=0)


@pytest.mark.parametrize(
    ("classifier", "message"),
    [
        (SegmentedClassifier(None, LinearRegression()), "is not a classifier"),
        (SegmentedClassifier(Doubler(), GaussianNB()), r"made 4 rows of 2: it must make one bag"),
        (SegmentedClassifier(Segmenter(2), GaussianNB()), "already cut into segments"),
        (SegmentedClassifier(None, GaussianNB(), layout="flat"), "'layout' parameter"),
        (SegmentedClassifier(None, GaussianNB(), aggregate="sum"), "'aggregate' parameter"),
        (SegmentedClassifier("cut", GaussianNB()), "'segmenter' parameter"),
    ],
)
def test_wrong_parts_are_refused(classifier, message):
    """Each error says which part is wrong."""
    with pytest.raises(ValueError, match=message):
        classifier.fit(np.zeros((2, 3, 4, 1)), [0, 1])


@pytest.mark.parametrize(
    ("made", "message"),
    [
        ([np.ones((2, 3, 1)), np.empty((0, 3, 1))], r"at least one segment.* row 1 of X is empty"),
        ([np.ones((2, 3)), np.ones((4, 3))], r"\(n_segments, n_numbers, 1\) if numbers describe"),
    ],
)
def test_own_segmenter_is_told_what_a_bag_is(made, message):
    """A row without a segment, and a table of numbers for each row, are no bags."""
    segmenter = FunctionTransformer(lambda X: made)
    with pytest.raises(ValueError, match=message):
        SegmentedClassifier(segmenter, GaussianNB()).fit(np.ones((2, 6)), [0, 1])


def test_numbers_that_describe_a_segment_are_bags_with_an_axis_more():
    """Each segment is a row of its numbers, and has an equal share of the row's weight."""
    numbers = [np.arange(6.0).reshape(2, 3, 1), np.arange(12.0).reshape(4, 3, 1)]
    segmenter = FunctionTransformer(lambda X: numbers)
    fitted = SegmentedClassifier(segmenter, Recorder()).fit(np.ones((2, 6)), ["a", "b"])
    seen = fitted.estimator_.seen_
    np.testing.assert_array_equal(seen["X"], [*numbers[0][:, :, 0], *numbers[1][:, :, 0]])
    np.testing.assert_allclose(seen["sample_weight"], [1.5, 1.5, 0.75, 0.75, 0.75, 0.75])


def test_labels_of_segments_are_for_the_labeler():
    """One prediction a row needs one label a row; the error names the estimator for the rest."""
    for y in ([[0, 1], [1]], np.array([[0, 1], [1, 1]])):
        with pytest.raises(ValueError, match=r"labels of segments.* use SegmentLabeler"):
            SegmentedClassifier(None, GaussianNB()).fit(BAGS, y)


def test_unlabelled_rows_are_no_class():
    """Semi-supervised estimators take -1 for "unlabelled", and their own classes count."""
    rng = np.random.default_rng(0)
    y = np.arange(40) % 2
    X = rng.normal(size=(40, 6)) + 4 * y[:, None]
    partly = np.where(np.arange(40) < 20, y, -1)
    for estimator in (SelfTrainingClassifier(GaussianNB()), LabelSpreading()):
        classifier = SegmentedClassifier(Segmenter(segment_length=3), estimator).fit(X, partly)
        assert classifier.classes_.tolist() == [0, 1]
        assert classifier.score(X, y) == 1
    votes = SegmentedClassifier(
        Segmenter(segment_length=3), SelfTrainingClassifier(GaussianNB()), aggregate="vote"
    )
    assert votes.fit(X, partly).predict_proba(X).shape == (40, 2)


def test_frozen_estimator_keeps_its_classes():
    """It may know more classes than the rows of this fit have."""
    X = np.arange(12.0).reshape(6, 2)
    frozen = FrozenEstimator(DecisionTreeClassifier(random_state=0).fit(X, ["a", "b", "c"] * 2))
    classifier = SegmentedClassifier(None, frozen).fit(X[:3, :, None], ["a", "b", "a"])
    assert classifier.classes_.tolist() == ["a", "b", "c"]
    assert classifier.predict(X[:3, :, None]).tolist() == ["a", "b", "c"]


PADDED = np.zeros((3, 2, 4, 1))
PADDED[1:, :, :, 0] = 1
PADDED[2, 1, 3] = np.nan  # the last step of the last segment


def test_padding_is_refused_by_name():
    """An estimator that takes no NaN is not fitted; the error says where and what helps."""
    classifier = SegmentedClassifier(None, GaussianNB())
    with pytest.raises(ValueError, match=r'segment 1 of row 2 ends in padding.*tail="drop"'):
        classifier.fit(PADDED, [0, 1, 1])
    classifier.fit(PADDED[:2], [0, 1])
    with pytest.raises(ValueError, match=r"row 0 ends in padding, but GaussianNB.*SimpleImputer"):
        classifier.predict(PADDED[2:])
    with pytest.raises(ValueError, match="segment 0 of row 1 ends in padding"):
        classifier.fit([PADDED[0, :1], PADDED[2, 1:], PADDED[2]], [0, 1, 1])


@pytest.mark.parametrize("estimator", [DecisionTreeClassifier(random_state=0), GaussianNB()])
def test_padded_rows_are_the_shorter_rows_that_they_are(estimator):
    """Padding is not trained on under the label of its row, and has no say in a prediction."""
    rng = np.random.default_rng(0)
    rows = [rng.normal(label, size=(length, 1)) for label, length in [(0, 20), (1, 60)] * 10]
    dense = np.full((20, 60, 1), np.nan)
    for to, row in zip(dense, rows, strict=True):
        to[: len(row)] = row
    y = [0, 1] * 10
    classifier = SegmentedClassifier(Segmenter(segment_length=20), estimator)
    ragged, padded = clone(classifier).fit(rows, y), clone(classifier).fit(dense, y)
    np.testing.assert_allclose(padded.predict_proba(dense), ragged.predict_proba(rows))
    short = dense[1:2].copy()
    short[:, 20:] = np.nan  # as the rows of the other class are in fit
    np.testing.assert_allclose(padded.predict_proba(short), ragged.predict_proba([rows[1][:20]]))
    segments = padded.predict_proba_segments(short)[0]
    assert np.isnan(segments).tolist() == [[False] * 2, [True] * 2, [True] * 2]
    assert len(set(padded.predict_segments(short)[0].tolist())) == 1


def test_padding_takes_no_weight_of_its_row():
    """The segments that are there share it."""
    bags = np.array([[[0.2], [0.6]], [[0.9], [np.nan]]])[..., None]
    fitted = SegmentedClassifier(None, Recorder()).fit(bags, ["a", "b"])
    assert fitted.estimator_.seen_["X"].ravel().tolist() == [0.2, 0.6, 0.9]
    assert fitted.estimator_.seen_["y"].tolist() == ["a", "a", "b"]
    np.testing.assert_allclose(fitted.estimator_.seen_["sample_weight"], [0.75, 0.75, 1.5])


def test_row_without_signal_is_named():
    """It has nothing to leave out."""
    nothing = np.full((2, 1, 4, 1), np.nan)
    nothing[0] = 0
    with pytest.raises(ValueError, match="segment 0 of row 1 has a missing value"):
        SegmentedClassifier(None, GaussianNB()).fit(nothing, [0, 1])


def test_missing_value_is_not_called_padding():
    """A gap before the end is filled by other means."""
    gap = PADDED[:2].copy()
    gap[1, 0, 2] = np.nan
    with pytest.raises(ValueError, match=r"segment 0 of row 1 has a missing value.*GapFiller"):
        SegmentedClassifier(None, GaussianNB()).fit(gap, [0, 1])
    one_lead = np.zeros((2, 1, 4, 2))
    one_lead[1, 0, :, 0] = np.nan  # a lead that was not recorded
    with pytest.raises(ValueError, match="segment 0 of row 1 has a missing value"):
        SegmentedClassifier(None, GaussianNB()).fit(one_lead, [0, 1])


@pytest.mark.parametrize(
    "estimator",
    [
        DecisionTreeClassifier(),
        make_pipeline(SimpleImputer(), GaussianNB()),
        GridSearchCV(make_pipeline(SimpleImputer(), GaussianNB()), {}, cv=2),
        CalibratedClassifierCV(DecisionTreeClassifier(), cv=2),
        make_pipeline("passthrough", FunctionTransformer(np.nan_to_num), GaussianNB()),
        make_pipeline(make_union(SimpleImputer(), "drop"), GaussianNB()),
    ],
    ids=["tree", "imputer", "search", "calibration", "function", "union"],
)
def test_padding_reaches_what_takes_it(estimator):
    """A tree does, an imputer does, and so does what is built around them."""
    X, y = np.concatenate([PADDED, PADDED]), [0, 1, 1] * 2
    assert SegmentedClassifier(None, estimator).fit(X, y).score(X, y) == 1


def test_networks_tell_padding_themselves():
    """What takes three axes is given the segments as they are."""
    fitted = SegmentedClassifier(None, Recorder(), layout="time_first").fit(PADDED, [0, 1, 1])
    np.testing.assert_array_equal(fitted.estimator_.seen_["X"], PADDED.reshape(6, 4, 1))


@pytest.mark.parametrize(
    ("wrong", "y"), [({}, [0, 1, 1]), ({"aggregate": "sum"}, [0, 1]), ({}, [[0, 1], [1]])]
)
def test_failed_fit_leaves_nothing_fitted(wrong, y):
    """Nothing that an old fit learnt meets the data of a new one, whatever was refused."""
    classifier = SegmentedClassifier(None, GaussianNB()).fit(BAGS, [0, 1])
    with pytest.raises(ValueError, match=r"inconsistent numbers|'aggregate'|labels of segments"):
        classifier.set_params(**wrong).fit(BAGS, y)
    assert not [name for name in vars(classifier) if name.endswith("_")]
    for use in (
        classifier.predict,
        classifier.predict_proba,
        classifier.predict_segments,
        classifier.predict_proba_segments,
    ):
        with pytest.raises(sklearn.exceptions.NotFittedError):
            use(BAGS)


def test_fitted_parts_outlive_new_parameters():
    """Until it is fitted again, the classifier offers what the fitted estimator offers."""
    classifier = SegmentedClassifier(None, GaussianNB()).fit(BAGS, [0, 1])
    classifier.set_params(estimator=RidgeClassifier())
    assert classifier.predict_proba(BAGS).shape == (2, 2)
    with pytest.raises(ValueError, match="use aggregate"):
        classifier.fit(BAGS, [0, 1])
    assert not hasattr(classifier, "predict_proba")


def test_rows_of_other_leads_are_refused():
    """What was fitted to one lead is not asked about two."""
    classifier = SegmentedClassifier(Segmenter(2), GaussianNB()).fit(np.eye(4), [0, 0, 1, 1])
    with pytest.raises(ValueError, match="row 0 of X has shape"):
        classifier.predict(np.zeros((2, 4, 2)))


def test_records_of_another_rate_than_in_fit_are_refused():
    """They would be taken for slow hearts; the segmenter need not say so."""
    records = [make_ecg(duration_s=2, fs=100, leads=["II"], random_state=i) for i in range(4)]
    classifier = SegmentedClassifier(None, GaussianNB()).fit(records, [0, 1, 0, 1])
    with pytest.raises(ValueError, match="X comes at 200 Hz, but SegmentedClassifier was fitted"):
        classifier.predict([make_ecg(duration_s=2, fs=200, leads=["II"])])


def test_parts_check_their_own_parameters():
    """A wrong parameter of a part is named."""
    with pytest.raises(ValueError, match="'segment_length' parameter of Segmenter"):
        SegmentedClassifier(Segmenter(0), GaussianNB()).fit(np.eye(4), [0, 0, 1, 1])
    with pytest.raises(ValueError, match="'var_smoothing' parameter of GaussianNB"):
        SegmentedClassifier(None, GaussianNB(var_smoothing=-1)).fit(BAGS, [0, 1])


class OnlyTwoClasses(LogisticRegression):
    """Say that more than two classes are too many."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags


@pytest.mark.parametrize(
    ("estimator", "multi_class", "allow_nan"),
    [
        (DecisionTreeClassifier(), True, True),
        (OnlyTwoClasses(), False, False),
        (LinearRegression(), True, False),  # refused by fit, and not by a look at it
    ],
)
def test_tags_are_those_of_the_estimator(estimator, multi_class, allow_nan):
    """Tools ask what a classifier takes before they fit it."""
    tags = get_tags(SegmentedClassifier(None, estimator))
    assert tags.classifier_tags.multi_class is multi_class
    assert tags.input_tags.allow_nan is allow_nan
    assert tags.input_tags.three_d_array
    assert tags.target_tags.required
