"""Which tool of scikit-learn takes what: each line of the page on it, and the network in some."""

import re
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import sklearn
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.frozen import FrozenEstimator
from sklearn.inspection import permutation_importance
from sklearn.metrics import RocCurveDisplay
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    GroupKFold,
    HalvingGridSearchCV,
    StratifiedGroupKFold,
    StratifiedKFold,
    TunedThresholdClassifierCV,
    check_cv,
    cross_val_predict,
    cross_val_score,
    cross_validate,
    learning_curve,
    permutation_test_score,
    train_test_split,
)
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier, OutputCodeClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline, make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer
from sklearn.semi_supervised import SelfTrainingClassifier

from sklearn_ecg.compose import RowLookup, SegmentedClassifier
from sklearn_ecg.neural_network import LSTMClassifier
from sklearn_ecg.preprocessing import MaxNormalizer, Reshaper, Segmenter

PAGE = Path(__file__).parents[1] / "docs" / "user_guide" / "sklearn_tools.rst"

N = 36
Y = np.arange(N) % 2
Y_THREE = np.arange(N) % 3
Y_LABELS = np.column_stack([Y, Y_THREE > 0]).astype(int)
Y_PARTLY = np.where(np.arange(N) < 24, Y, -1)  # -1 for rows without a label
SIGNALS = np.random.RandomState(0).normal(scale=0.5, size=(N, 20, 2))
# Each segment of five steps shows all labels in the last lead, and the first lead one by its level.
SIGNALS[:, :, 1] += np.tile(np.column_stack([Y, np.eye(3)[Y_THREE], 0 * Y]), 4) * 6
SIGNALS[:, :, 0] += 6 * Y_LABELS[:, [1]]
RAGGED = [row[: 15 + 5 * (i % 2)] for i, row in enumerate(SIGNALS)]
NUMBERS = np.arange(N)[:, None]


def statistics(X):
    """Compute the mean and the deviation of each lead, or of the one."""
    return np.array(
        [[*np.atleast_1d(row.mean(axis=0)), *np.atleast_1d(row.std(axis=0))] for row in X]
    )


def of_segments(segmenter=None):
    """Make a classifier of rows that learns from three or four segments of each."""
    return SegmentedClassifier(segmenter or Segmenter(segment_length=5), GaussianNB())


def of_features(column):
    """Make a classifier of statistics of the rows numbered in one column, and of the others."""
    features = make_pipeline(RowLookup(RAGGED), FunctionTransformer(statistics))
    columns = ColumnTransformer([("features", features, [column])], remainder="passthrough")
    return make_pipeline(columns, GaussianNB())


# The columns of the page's table: rows, and a classifier of such.
FORMS = {
    "2-D": (SIGNALS[:, :, 1], of_segments),
    "3-D": (SIGNALS, of_segments),
    "ragged": (RAGGED, of_segments),
    "numbers": (NUMBERS, lambda: make_pipeline(RowLookup(RAGGED), of_segments())),
}

# Tools that want the numbers looked up in another place, as the page says below the table.
OF_NUMBERS = {
    "AdaBoostClassifier": lambda: of_segments(make_pipeline(RowLookup(RAGGED), Segmenter(5))),
    "ClassifierChain": lambda: of_features(0),
}


def _use_split(classifier, X):
    X_train, _, y_train, _ = train_test_split(X, Y, stratify=Y, random_state=0)
    return classifier.fit(X_train, y_train)


def _use_folds(classifier, X):
    cross_val_predict(classifier, X, Y, cv=2, method="predict_proba")
    learning_curve(classifier, X, Y, cv=2, train_sizes=[1.0])
    permutation_test_score(classifier, X, Y, cv=2, n_permutations=1)
    return cross_validate(classifier, X, Y, cv=2, return_estimator=True)["estimator"][0]


def _use_searches(classifier, X):
    HalvingGridSearchCV(classifier, {}, cv=2, min_resources=N).fit(X, Y)
    return GridSearchCV(classifier, {}, cv=2, scoring="roc_auc").fit(X, Y)


def _use_thresholds(classifier, X):
    FixedThresholdClassifier(classifier).fit(X, Y)
    return TunedThresholdClassifierCV(classifier, cv=2).fit(X, Y)


def _use_calibration(classifier, X):
    CalibratedClassifierCV(FrozenEstimator(clone(classifier).fit(X, Y))).fit(X, Y)
    return CalibratedClassifierCV(classifier, cv=2).fit(X, Y)


def _use_stacking(classifier, X, **options):
    return StackingClassifier([("a", classifier)], cv=2, **options).fit(X, Y)


def _use_stacking_with_rows(classifier, X):
    final = {"final_estimator": of_features(-1)} if X is NUMBERS else {}
    return _use_stacking(classifier, X, passthrough=True, **final)


def _use_sampler(classifier, X):
    over_sampling = pytest.importorskip("imblearn.over_sampling")
    X_more, y_more = over_sampling.RandomOverSampler(random_state=0).fit_resample(X, Y_THREE > 0)
    return classifier.fit(X_more, y_more)


def _use_importance(classifier, X):
    importance = permutation_importance(classifier.fit(X, Y), X, Y, n_repeats=1, random_state=0)
    assert importance.importances_mean.shape == (X.shape[1],)
    return classifier


def _use_union(_, X):
    first = [RowLookup(RAGGED)] if X is NUMBERS else []
    members = [make_pipeline(*first, FunctionTransformer(statistics)) for _ in range(2)]
    return make_pipeline(make_union(*members), GaussianNB()).fit(X, Y)


def _fit(of_many, y=Y):
    return lambda classifier, X: of_many(classifier).fit(X, y)


# A use of each tool, which returns what it fitted, and the labels that this predicts.
TOOLS = {
    "train_test_split": (_use_split, Y),
    "cross_validate": (_use_folds, Y),
    "GridSearchCV": (_use_searches, Y),
    "TunedThresholdClassifierCV": (_use_thresholds, Y),
    "CalibratedClassifierCV": (_use_calibration, Y),
    "VotingClassifier": (_fit(lambda classifier: VotingClassifier([("a", classifier)])), Y),
    "StackingClassifier": (_use_stacking, Y),
    "OneVsRestClassifier": (_fit(OneVsRestClassifier, Y_THREE), Y_THREE),
    "MultiOutputClassifier": (_fit(MultiOutputClassifier, Y_LABELS), Y_LABELS),
    "FeatureUnion": (_use_union, Y),
    "AdaBoostClassifier": (_fit(AdaBoostClassifier), Y),
    "OutputCodeClassifier": (
        _fit(partial(OutputCodeClassifier, code_size=4, random_state=3), Y_THREE),
        Y_THREE,
    ),
    "BaggingClassifier": (_fit(BaggingClassifier), Y),
    "OneVsOneClassifier": (_fit(OneVsOneClassifier, Y_THREE), Y_THREE),
    "SelfTrainingClassifier": (_fit(SelfTrainingClassifier, Y_PARTLY), Y),
    "ClassifierChain": (_fit(ClassifierChain, Y_LABELS), Y_LABELS),
    "StackingClassifier(passthrough=True)": (_use_stacking_with_rows, Y),
    "permutation_importance": (_use_importance, Y),
    "RandomOverSampler": (_use_sampler, Y_THREE > 0),
}


def _lines_of_the_page():
    """Read the table of the page: the forms that each tool takes."""
    table = PAGE.read_text(encoding="utf-8").partition(".. list-table::")[2]
    lines = [re.findall(r"- (.+)", line) for line in table.split("   * ")[2:]]
    return {
        re.search(r"`(.+?)`", line[0])[1]: [mark.startswith("yes") for mark in line[1:5]]
        for line in lines
    }


LINES = _lines_of_the_page()


def test_each_line_of_the_page_is_tested():
    """The table and these tests name the same tools."""
    assert list(LINES) == list(TOOLS)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("tool", TOOLS)
def test_tool_takes_what_the_page_says(tool, form):
    """A tool takes these rows and predicts better than by chance, or refuses them."""
    X, make_classifier = FORMS[form]
    if form == "numbers":
        make_classifier = OF_NUMBERS.get(tool, make_classifier)
    use, y = TOOLS[tool]
    if LINES[tool][list(FORMS).index(form)]:
        assert (use(make_classifier(), X).predict(X) == y).mean() > 0.8
    else:
        with pytest.raises(ValueError, match=r"dim|array element with a sequence|ends in padding"):
            use(make_classifier(), X)


def make(**lstm):
    """Make the pipeline with a network that trains in a moment."""
    defaults = {"units": 3, "epochs": 1, "random_state": 0}
    return Pipeline(
        [
            ("segmenter", Segmenter(segment_length=100)),
            ("normalizer", MaxNormalizer()),
            ("reshaper", Reshaper(frame_length=20)),
            ("lstm", LSTMClassifier(**(defaults | lstm))),
        ]
    )


def test_network_is_scored_by_probability(strips):
    """Named scores reach it through folds."""
    X, y, _ = strips
    result = cross_validate(make(), X, y, cv=2, scoring=["roc_auc", "f1_macro", "neg_log_loss"])
    assert np.isfinite(result["test_roc_auc"]).all()


def test_network_keeps_groups_apart(strips):
    """Folds by patient."""
    X, y, groups = strips
    for splitter in (GroupKFold(2), StratifiedGroupKFold(2)):
        scores = cross_val_score(make(), X, y, groups=groups, cv=splitter, scoring="roc_auc")
        assert np.isfinite(scores).all()


def test_network_is_searched_in_two_processes(strips):
    """Parameters of all steps, by name."""
    X, y, _ = strips
    grid = {"segmenter__segment_length": [50, 100], "lstm__units": [2, (2, 2)]}
    search = GridSearchCV(make(), grid, cv=2, n_jobs=2, scoring="roc_auc").fit(X, y)
    assert len(search.cv_results_["params"]) == 4
    assert search.predict(X).shape == y.shape


def test_network_is_calibrated(strips):
    """Calibrated probabilities sum to 1."""
    X, y, _ = strips
    calibrated = CalibratedClassifierCV(make(), cv=2).fit(X, y)
    np.testing.assert_allclose(calibrated.predict_proba(X).sum(axis=1), 1)


def test_networks_vote(strips):
    """The mean of two seeds' probabilities."""
    X, y, _ = strips
    members = [("a", make()), ("b", make(random_state=1))]
    voting = VotingClassifier(members, voting="soft").fit(X, y)
    expected = np.mean([member.predict_proba(X) for member in voting.estimators_], axis=0)
    np.testing.assert_allclose(voting.predict_proba(X), expected)


def test_networks_of_all_leads_are_bagged(strips):
    """Bagging takes tables only: numbers of rows are one."""
    X, y, _ = strips
    numbers = np.arange(len(X))[:, None]
    member = make_pipeline(RowLookup(X), *[step for _, step in make().steps])
    bagging = BaggingClassifier(member, n_estimators=2, random_state=0).fit(numbers, y)
    assert all(fitted[0].rows is X for fitted in bagging.estimators_)
    assert bagging.predict_proba(numbers).shape == (len(X), 2)


def test_clone_is_not_fitted(strips):
    """It has the parameters and nothing else."""
    X, y, _ = strips
    copy = clone(make(units=(2, 2), class_weight="balanced").fit(X, y))
    assert copy.get_params()["lstm__units"] == (2, 2)
    assert not hasattr(copy[-1], "network_")


def test_pipeline_is_shown(strips):
    """As a diagram, and as a curve."""
    X, y, _ = strips
    fitted = make().fit(X, y)
    assert "LSTMClassifier" in fitted._repr_html_()
    pytest.importorskip("matplotlib").use("agg")
    assert 0 <= RocCurveDisplay.from_estimator(fitted, X, y).roc_auc <= 1


def test_cached_pipeline_is_the_same(strips, tmp_path):
    """Steps that were cached give what they give without."""
    X, y, _ = strips
    cached = make().set_params(memory=str(tmp_path)).fit(X, y)
    np.testing.assert_array_equal(cached.predict_proba(X), make().fit(X, y).predict_proba(X))


def test_tools_take_ragged_rows(strips):
    """Recordings of different lengths go through cross-validation and prediction likewise."""
    X, y, groups = strips
    ragged = [row[: 150 + 5 * (i % 7)] for i, row in enumerate(X)]
    scores = cross_val_score(
        make(), ragged, y, groups=groups, cv=StratifiedGroupKFold(2), scoring="roc_auc"
    )
    assert np.isfinite(scores).all()


def test_integer_cv_is_stratified(strips):
    """Scikit-learn knows it for a classifier: KFold would do badly on rows sorted by class."""
    _, y, _ = strips
    assert isinstance(
        check_cv(3, y, classifier=sklearn.base.is_classifier(make())), StratifiedKFold
    )


@pytest.fixture
def routing():
    """Metadata routing, on for one test."""
    with sklearn.config_context(enable_metadata_routing=True):
        yield


def test_groups_reach_early_stopping_without_routing(strips):
    """As a parameter of the last step, with its name before it."""
    X, y, groups = strips
    pipeline = make(early_stopping=True).fit(X, y, lstm__groups=groups)
    assert "val_loss" in pipeline[-1].history_
    result = cross_validate(
        make(early_stopping=True, validation_fraction=0.3),
        X,
        y,
        groups=groups,
        cv=GroupKFold(2),
        params={"lstm__groups": groups},
    )
    assert np.isfinite(result["test_score"]).all()


def test_groups_are_routed_to_splitter_and_fit(strips, routing):
    """One argument serves the outer folds and the split inside fit alike."""
    X, y, groups = strips
    pipeline = make(early_stopping=True, validation_fraction=0.3)
    pipeline[-1].set_fit_request(groups=True)
    result = cross_validate(
        pipeline, X, y, cv=GroupKFold(2), params={"groups": groups}, return_estimator=True
    )
    assert all("val_loss" in fitted[-1].history_ for fitted in result["estimator"])


def test_sample_weight_is_routed(strips, routing):
    """Weights reach the network through the pipeline: without weight, a row is not learnt from."""
    X, y, _ = strips
    weight = np.ones(len(y))
    weight[30:] = 0
    pipeline = make()
    pipeline[-1].set_fit_request(sample_weight=True)
    weighted = pipeline.fit(X, y, sample_weight=weight).predict_proba(X)
    np.testing.assert_array_equal(weighted, make().fit(X[:30], y[:30]).predict_proba(X))


def test_validation_rows_are_transformed_on_their_way(strips, routing):
    """Pipeline(transform_input=["X_val"]) segments validation rows as it does the others."""
    X, y, _ = strips
    pipeline = make(early_stopping=True)
    pipeline.transform_input = ["X_val"]
    pipeline[-1].set_fit_request(X_val=True, y_val=True)
    pipeline.fit(X[:40], y[:40], X_val=X[40:], y_val=y[40:])
    assert "val_loss" in pipeline[-1].history_


def test_files_without_code_hold_our_types_only(strips):
    """Those that skops and MLflow ask to be trusted, as the page says."""
    io = pytest.importorskip("skops.io")
    X, y, _ = strips
    pipeline = make_pipeline(MaxNormalizer(), of_segments()).fit(X, y)
    for fitted in (pipeline, make().fit(X, y)):
        stored = io.dumps(fitted)
        types = io.get_untrusted_types(data=stored)
        assert all(name.startswith("sklearn_ecg.") for name in types)
        np.testing.assert_array_equal(io.loads(stored, trusted=types).predict(X), fitted.predict(X))


def test_signals_stay_arrays_where_tables_are_wanted(strips):
    """Rows of ECG are no tables: a user's wish for data frames elsewhere does no harm."""
    X, y, _ = strips
    with sklearn.config_context(transform_output="pandas"):
        assert make().fit(X, y).predict(X).shape == y.shape


def test_steps_by_hand_equal_the_pipeline(strips):
    """A pipeline is nothing but its steps, one after the other."""
    X, y, _ = strips
    *transformers, lstm = [step for _, step in make().steps]
    Z = make_pipeline(*transformers).fit_transform(X)
    assert Z.shape == (60, 2, 5, 20)
    np.testing.assert_array_equal(
        lstm.fit(Z, y).predict_proba(Z), make().fit(X, y).predict_proba(X)
    )
