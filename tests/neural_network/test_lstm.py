"""The LSTM as a classifier: what it learns, what it returns, what it refuses."""

import _thread
import io
import pickle
import signal
import warnings
from functools import partial

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import VotingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.metrics import average_precision_score, f1_score, get_scorer, log_loss, roc_auc_score
from sklearn.model_selection import KFold, cross_val_predict

from sklearn_ecg.preprocessing import Segmenter


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"units": (4, 3), "bidirectional": True, "dropout": 0.1},
        {"pooling": "last", "activation": "relu"},
        {"pooling": "max", "optimizer": "rmsprop"},
        {"loss": "mean_squared_error", "optimizer": "nadam"},
        {"optimizer": "sgd", "learning_rate": 0.5, "class_weight": "balanced"},
        {"optimizer": "adamw", "early_stopping": True, "validation_fraction": 0.2},
    ],
    ids=str,
)
def test_every_setting_learns_a_separable_signal(sequences, tiny, parameters):
    """The class is the sign of one feature; no setting may miss it."""
    X, y = sequences
    classifier = tiny(epochs=15, **parameters).fit(X, y)
    assert classifier.score(X, y) > 0.9
    assert classifier.history_["loss"][-1] < classifier.history_["loss"][0]


def test_article_network_is_one_setting(tiny):
    """Two LSTM layers of 50, relu, one logit, Adam: as many weights as the article's network."""
    X = np.random.RandomState(0).normal(size=(4, 10)).astype(np.float32)
    classifier = tiny(units=(50, 50), activation="relu", pooling="last", epochs=1)
    classifier.fit(X, [0, 1, 0, 1])
    network = classifier.network_.keras_model
    # 4 gates x 50 units x (inputs + 50 + bias), then 50 weights and a bias.
    assert network.count_params() == 4 * 50 * (1 + 50 + 1) + 4 * 50 * (50 + 50 + 1) + 51
    assert network.optimizer.name.startswith("adam")


@pytest.mark.parametrize("labels", [[0, 1], ["normal", "arrhythmia"], ["A", "N", "O"], [3, 1, 2]])
def test_labels_keep_their_type_and_order(sequences, tiny, labels):
    """Binary and multiclass, numbers and strings."""
    X, _ = sequences
    y = np.resize(labels, len(X))
    classifier = tiny().fit(X, y)
    np.testing.assert_array_equal(classifier.classes_, np.unique(labels))
    probabilities = classifier.predict_proba(X)
    assert probabilities.shape == (len(X), len(labels))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-12)
    assert set(classifier.predict(X)) <= set(labels)


def test_multilabel_learns_each_label(sequences, tiny):
    """An indicator matrix gives one probability per label, and they need not sum to 1."""
    X, y = sequences
    Y = np.column_stack([y, 1 - y, np.ones_like(y)])
    classifier = tiny(epochs=15).fit(X, Y)
    assert classifier.predict(X).shape == Y.shape
    assert (classifier.predict(X) == Y).mean() > 0.9
    assert classifier.predict_proba(X).sum(axis=1).mean() > 1.5


def test_labels_in_a_data_frame_have_names(sequences, tiny):
    """Other rows must name the same labels in the same order, or a name would change its column."""
    X, y = sequences
    labels = pd.DataFrame({"AFIB": y, "NORM": 1 - y, "SR": 1})
    classifier = tiny(warm_start=True, early_stopping=True).fit(X, labels, X_val=X, y_val=labels)
    assert classifier.label_names_.tolist() == ["AFIB", "NORM", "SR"]
    swapped = labels[["NORM", "AFIB", "SR"]]
    message = r"y has the columns \['NORM', 'AFIB', 'SR'\], but LSTMClassifier began with \['AFIB'"
    for train in (classifier.fit, classifier.partial_fit):
        with pytest.raises(ValueError, match=message):
            train(X, swapped)
    with pytest.raises(ValueError, match=f"In X_val and y_val: {message}"):
        classifier.fit(X, labels, X_val=X, y_val=swapped)
    with pytest.raises(ValueError, match=message):
        classifier.score(X, swapped)
    assert classifier.score(X, labels) == classifier.score(X, labels.to_numpy())
    assert classifier.label_names_.tolist() == ["AFIB", "NORM", "SR"]
    classifier.set_params(warm_start=False).fit(X, labels.to_numpy())
    assert not hasattr(classifier, "label_names_")


def test_same_seed_same_probabilities(sequences, tiny):
    """An int decides everything; another one decides otherwise; RandomState objects are heeded."""
    X, y = sequences

    def probabilities(random_state):
        classifier = tiny(dropout=0.2, early_stopping=True, random_state=random_state)
        return classifier.fit(X, y).predict_proba(X)

    first = probabilities(1)
    np.testing.assert_array_equal(first, probabilities(1))
    np.testing.assert_array_equal(first, probabilities(np.random.RandomState(1)))
    assert not np.array_equal(first, probabilities(2))
    assert not np.array_equal(first, probabilities(None))


def test_fit_leaves_its_input_and_the_global_generators_alone(sequences, tiny):
    """X, y and sample_weight are not written to, and NumPy's generator is as before."""
    X, y = sequences
    weight = np.ones(len(y))
    np.random.seed(0)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    tiny(class_weight={0: 1, 1: 5}).fit(X, y, sample_weight=weight)
    np.testing.assert_array_equal(weight, 1)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_row_without_weight_is_as_good_as_absent(sequences, tiny):
    """Weights of zero give the very network that fitting without those rows gives."""
    X, y = sequences
    weight = np.ones(len(y))
    weight[40:] = 0
    weighted = tiny().fit(X, y, sample_weight=weight)
    without = tiny().fit(X[:40], y[:40])
    np.testing.assert_array_equal(weighted.predict_proba(X), without.predict_proba(X))


def test_only_ratios_of_weights_matter(sequences, tiny):
    """Ten times the weight for all is the same training."""
    X, y = sequences
    weight = np.random.RandomState(0).uniform(1, 2, len(y))
    once, ten_times = (tiny().fit(X, y, factor * weight).predict_proba(X) for factor in (1, 10))
    np.testing.assert_allclose(once, ten_times, atol=1e-6)


# Bags of segments


def test_segments_are_combined_into_one_row(strips, tiny):
    """Every rule of aggregation, against a computation by hand from the segments."""
    X, y, _ = strips
    bags = Segmenter(50).fit_transform(X)
    classifier = tiny().fit(bags, y)
    parts = classifier.predict_proba_segments(bags)
    assert parts.shape == (len(X), 4, 2)
    logits = np.log(parts)
    highest = parts.max(axis=1)
    expected = {
        "mean": parts.mean(axis=1),
        "max": highest / highest.sum(axis=1, keepdims=True),
        "vote": np.eye(2)[parts.argmax(axis=2)].mean(axis=1),
        "mean_logit": np.exp(logits.mean(axis=1))
        / np.exp(logits.mean(axis=1)).sum(axis=1, keepdims=True),
    }
    for aggregate, probabilities in expected.items():
        classifier.set_params(aggregate=aggregate)
        np.testing.assert_allclose(classifier.predict_proba(bags), probabilities, atol=1e-12)


def test_ragged_bags_keep_their_sizes(tiny):
    """Bags of one to three segments give one row each, and as many parts as segments."""
    rng = np.random.RandomState(0)
    bags = Segmenter(5).fit_transform([rng.normal(size=5 * (1 + i % 3)) for i in range(12)])
    classifier = tiny().fit(bags, np.tile([0, 1], 6))
    assert classifier.predict_proba(bags).shape == (12, 2)
    assert [len(part) for part in classifier.predict_proba_segments(bags)] == 4 * [1, 2, 3]


def test_a_bag_weighs_as_much_as_a_sequence(sequences, tiny):
    """A row split into two equal segments trains like the row given once: weight is shared."""
    X, y = sequences
    doubled = np.stack([X, X], axis=1)
    sgd = {"optimizer": "sgd", "batch_size": 1000}
    once, twice = (tiny(**sgd).fit(data, y).predict_proba(data) for data in (X, doubled))
    np.testing.assert_allclose(once, twice, atol=1e-6)


# What other parts of scikit-learn ask for


@pytest.mark.parametrize("n_labels", [2, 3])
@pytest.mark.parametrize("scoring", ["roc_auc", "average_precision", "f1_macro"])
def test_labels_are_scored_each_by_itself(sequences, tiny, n_labels, scoring):
    """Two columns of labels are not the two classes of one label."""
    X, y = sequences
    Y = np.column_stack([y, 1 - y, np.tile([0, 0, 1], 20)])[:, :n_labels]
    classifier = tiny(epochs=5).fit(X, Y)
    assert [list(classes) for classes in classifier.classes_] == n_labels * [[0, 1]]
    score = get_scorer(scoring)(classifier, X, Y)
    values = classifier.predict(X) if scoring == "f1_macro" else classifier.predict_proba(X)
    by_hand = {"roc_auc": roc_auc_score, "average_precision": average_precision_score}
    metric = by_hand.get(scoring, partial(f1_score, average="macro"))
    assert score == pytest.approx(metric(Y, values))


@pytest.mark.parametrize("n_labels", [2, 3])
def test_probabilities_of_labels_are_cross_validated(sequences, tiny, n_labels):
    """Each row has the probabilities of the network that has not seen it."""
    X, y = sequences
    Y = np.column_stack([y, 1 - y, np.tile([0, 0, 1], 20)])[:, :n_labels]
    folds = list(KFold(2).split(X))
    found = cross_val_predict(tiny(epochs=1), X, Y, cv=folds, method="predict_proba")
    for train, test in folds:
        expected = tiny(epochs=1).fit(X[train], Y[train]).predict_proba(X[test])
        np.testing.assert_allclose(found[test], expected, atol=1e-6)


@pytest.mark.parametrize("aggregate", ["mean", "vote"])
def test_log_probabilities_are_those_of_the_probabilities(sequences, tiny, aggregate):
    """A class that no segment votes for has minus infinity, without a warning."""
    X, y = sequences
    classifier = tiny(aggregate=aggregate).fit(X[:, None], y)
    with np.errstate(divide="ignore"):
        expected = np.log(classifier.predict_proba(X[:, None]))
    np.testing.assert_array_equal(classifier.predict_log_proba(X[:, None]), expected)


def test_rows_that_are_no_vectors_have_no_number_of_features(sequences, tiny):
    """Tools that make rows of that many numbers must not try."""
    X, y = sequences
    assert tiny(epochs=1).fit(X[:, :, 0], y).n_features_in_ == 6
    for rows in (X, list(X), X[:, None]):
        assert not hasattr(tiny(epochs=1).fit(rows, y), "n_features_in_")


def test_pickle_names_one_type_of_this_package(sequences, tiny):
    """Whoever lists the types that a file may hold has to trust the classifier alone."""

    class Finder(pickle.Unpickler):
        def find_class(self, module, name):
            found.add(f"{module}.{name}")
            return super().find_class(module, name)

    found = set()
    classifier = Finder(io.BytesIO(pickle.dumps(tiny().fit(*sequences)))).load()
    assert {name for name in found if name.startswith("sklearn_ecg")} == {
        "sklearn_ecg.neural_network._lstm.LSTMClassifier"
    }
    assert classifier.predict(sequences[0]).shape == (60,)


# Early stopping


def test_early_stopping_restores_the_best_weights(sequences, tiny):
    """Training ends early, and the loss on the rows watched is the lowest that was seen."""
    X, y = sequences
    rng = np.random.RandomState(0)
    noisy = rng.permutation(y)  # nothing to learn: the validation loss soon rises
    classifier = tiny(epochs=60, early_stopping=True, n_iter_no_change=2, learning_rate=0.2)
    classifier.fit(X[:40], noisy[:40], X_val=X[40:], y_val=noisy[40:])
    losses = classifier.history_["val_loss"]
    assert len(losses) < 60
    probabilities = classifier.predict_proba(X[40:])[np.arange(20), noisy[40:]]
    assert -np.log(probabilities).mean() == pytest.approx(min(losses), rel=1e-4)


def test_rows_that_are_watched_weigh_what_their_class_does(sequences, tiny):
    """The loss on them is a weighted mean, whatever unit the weights have."""
    X, y = sequences
    noisy = np.random.RandomState(0).permutation(y)
    classifier = tiny(epochs=4, early_stopping=True, class_weight={0: 10, 1: 40})
    classifier.fit(X[:40], noisy[:40], X_val=X[40:], y_val=noisy[40:])
    probabilities = classifier.predict_proba(X[40:])[np.arange(20), noisy[40:]]
    loss = -np.average(np.log(probabilities), weights=np.where(noisy[40:], 4, 1))
    assert min(classifier.history_["val_loss"]) == pytest.approx(loss, rel=1e-4)


def test_groups_are_never_split(strips, tiny, monkeypatch):
    """Rows of one patient are all trained on, or all set aside."""
    X, y, groups = strips
    seen = []
    original = tiny().__class__._as_training_data

    def spy(self, sequences, codes, weight, rows, *options):
        seen.append(rows)
        return original(self, sequences, codes, weight, rows, *options)

    classifier = tiny(early_stopping=True, validation_fraction=0.3)
    monkeypatch.setattr(type(classifier), "_as_training_data", spy)
    classifier.fit(X[:, ::10], y, groups=groups)
    training, validation = seen
    assert not set(groups[validation]) & set(groups[training])
    assert sorted([*validation, *training]) == list(range(len(y)))


# Training goes on


def test_partial_fit_goes_on_by_one_epoch(sequences, tiny):
    """Each call adds an epoch, and a batch may lack a class."""
    X, y = sequences
    classifier = tiny()
    classifier.partial_fit(X[y == 1], y[y == 1], classes=[0, 1])
    for _ in range(15):
        classifier.partial_fit(X, y)
    assert len(classifier.history_["loss"]) == 16
    assert classifier.score(X, y) > 0.9


@pytest.mark.parametrize("as_class_weight", [True, False])
def test_weights_hold_from_call_to_call_of_partial_fit(sequences, tiny, as_class_weight):
    """A step of SGD on rows of weight 3 goes 3 times as far, although no other rows are there."""
    X, y = sequences
    rows = y == 1

    def step(weight):
        options = {"class_weight": {1: weight}} if as_class_weight else {}
        classifier = tiny(optimizer="sgd", batch_size=len(y), **options)
        classifier.partial_fit(X, y, classes=[0, 1], sample_weight=np.where(rows, 1e-9, 1))
        before = classifier.network_.keras_model.get_weights()
        weights = None if as_class_weight else np.full(rows.sum(), float(weight))
        classifier.partial_fit(X[rows], y[rows], sample_weight=weights)
        after = classifier.network_.keras_model.get_weights()
        return np.concatenate([(b - a).ravel() for a, b in zip(after, before, strict=True)])

    np.testing.assert_allclose(step(3), 3 * step(1), rtol=1e-3, atol=1e-6)


def test_partial_fit_holds_labels_to_those_of_the_start(sequences, tiny):
    """A row of another label is named, counted among all rows, and so is y of another form."""
    X, y = sequences
    classifier = tiny().partial_fit(X, y, classes=[0, 1])
    with pytest.raises(ValueError, match=r"not among the classes .*\(7\) in row 3"):
        classifier.partial_fit(X[:4], [0, 1, 1, 7], sample_weight=[0, 0, 1, 1])
    with pytest.raises(ValueError, match=r"y has shape \(60, 2\), .* shape \(n_samples,\)"):
        classifier.partial_fit(X, np.column_stack([y, 1 - y]))
    multilabel = tiny().partial_fit(X, np.column_stack([y, 1 - y]))
    with pytest.raises(ValueError, match=r"y has shape \(60,\), .* shape \(n_samples, 2\)"):
        multilabel.partial_fit(X, y)


def test_warm_start_goes_on_from_the_last_fit(sequences, tiny):
    """The loss starts where it ended, at another learning rate if wanted."""
    X, y = sequences
    classifier = tiny(epochs=5, warm_start=True).fit(X, y)
    loss = log_loss(y, classifier.predict_proba(X))
    classifier.set_params(learning_rate=1e-6).fit(X, y)
    assert classifier.history_["loss"][0] == pytest.approx(loss, rel=1e-3)
    np.testing.assert_array_equal(classifier.classes_, [0, 1])


def test_warm_start_refuses_another_network(sequences, tiny):
    """Units cannot change under way, nor can the classes."""
    X, y = sequences
    classifier = tiny(warm_start=True).fit(X, y)
    with pytest.raises(ValueError, match="A network cannot change its units while it goes on"):
        classifier.set_params(units=5).fit(X, y)
    with pytest.raises(ValueError, match=r"not among the classes \[0, 1\]: np.int64\(2\) in row"):
        classifier.set_params(units=4).fit(X, 2 * y)


def test_warm_start_keeps_classes_that_new_rows_lack(sequences, tiny):
    """One patient rarely has all that a model has learnt."""
    X, y = sequences
    classifier = tiny(warm_start=True, class_weight={0: 2}).fit(X, y)
    before = classifier.predict_proba(X)[:, 1].mean()
    classifier.fit(X[y == 1], y[y == 1])
    np.testing.assert_array_equal(classifier.classes_, [0, 1])
    assert classifier.predict_proba(X)[:, 1].mean() > before


# What is refused


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": np.zeros(60)}, r"y has one class, \[0.0\], but LSTMClassifier needs at least 2"),
        ({"y": np.linspace(0, 1, 60)}, "Unknown label type: continuous"),
        ({"y": np.zeros(59)}, "inconsistent numbers of samples"),
        ({"y": None}, "requires y to be passed"),
        ({"groups": np.zeros(59)}, "groups has 59 entries, but X has 60 rows"),
        ({"groups": np.zeros((60, 2))}, r"groups has shape \(60, 2\), but there must be one"),
        ({"groups": np.full(60, np.nan)}, "row 0 of groups is nan: give a row without"),
        ({"groups": np.zeros(60)}, "groups has 1 distinct group, but early_stopping=True needs"),
        ({"groups": np.tile([0, 1], 30)}, "some class occurs in one group only"),
        ({"sample_weight": np.zeros(60)}, "must contain at least one non-zero number"),
        ({"sample_weight": -np.ones(60)}, "Negative values in data passed to `sample_weight`"),
        ({"X_val": np.ones((2, 6, 2))}, "X_val and y_val must be passed together"),
        (
            {"X_val": np.ones((2, 6, 2)), "y_val": [0, 7]},
            r"In X_val and y_val: y has a label that is not among .*: np.int64\(7\) in row 1",
        ),
        (
            {"X_val": np.ones((2, 6, 2)), "y_val": np.eye(2)},
            r"In X_val and y_val: y has shape \(2, 2\), but .* with a y of shape \(n_samples,\)",
        ),
        (
            {"X_val": np.ones((2, 7, 2)), "y_val": [0, 1]},
            r"In X_val and y_val: (X has 7 features, but|row 0 of X has shape \(7, 2\))",
        ),
        ({"y": np.tile([1, -1], (60, 1))}, "0 and 1 only, but row 0 holds -1"),
    ],
)
def test_bad_fit_argument_is_named(sequences, tiny, change, message):
    """The error comes before any training and names the argument."""
    X, y = sequences
    arguments = {"X": X, "y": y} | change
    with pytest.raises(ValueError, match=message):
        tiny(early_stopping=True).fit(**arguments)


def test_validation_data_needs_early_stopping(sequences, tiny):
    """Data that would be ignored is refused."""
    X, y = sequences
    with pytest.raises(ValueError, match="set early_stopping=True to use it"):
        tiny().fit(X, y, X_val=X, y_val=y)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (np.full((2, 6, 2), np.nan), r"row 0 of X has no valid step: each holds NaN"),
        (np.full((2, 6, 2), np.inf), "X contains infinity: row 0"),
        (np.ones((2, 5, 2)), r"X has 5 features, but|row 0 of X has shape \(5, 2\)"),
        (np.ones((2, 6, 3)), r"row 0 of X has shape \(6, 3\), but LSTMClassifier was fitted on"),
        ([np.ones((6, 2)), np.ones((5, 2))], r"row 1 of X has shape \(5, 2\)"),
    ],
)
def test_bad_rows_are_refused_at_predict(sequences, tiny, X, message):
    """Prediction is as strict as fit."""
    classifier = tiny().fit(*sequences)
    with pytest.raises(ValueError, match=message):
        classifier.predict(X)


@pytest.mark.parametrize(
    ("class_weight", "y", "message"),
    [
        ({0: -1, 1: 1}, np.tile([0, 1], 30), r"weights >= 0 for classes among \[0, 1\]"),
        ({"N": 1}, np.tile([0, 1], 30), r"weights >= 0 for classes among \[0, 1\]"),
        ({0: float("nan")}, np.tile([0, 1], 30), r"weights >= 0 for classes among \[0, 1\]"),
        ({0: float("inf")}, np.tile([0, 1], 30), r"weights >= 0 for classes among \[0, 1\]"),
        ({0: "2"}, np.tile([0, 1], 30), r"weights >= 0 for classes among \[0, 1\]"),
        ({0: 0, 1: 0}, np.tile([0, 1], 30), "class_weight leaves no row with a weight"),
        ({0: 1}, np.tile([[0, 1], [1, 0]], (30, 1)), "or None if y is an indicator matrix"),
    ],
)
def test_bad_class_weight_is_refused(sequences, tiny, class_weight, y, message):
    """Negative weights, weights of no class, and weights that leave nothing."""
    with pytest.raises(ValueError, match=message):
        tiny(class_weight=class_weight).fit(sequences[0], y)


def test_class_weight_in_an_ensemble_that_numbers_classes_is_explained(sequences, tiny):
    """VotingClassifier fits its members to 0 and 1, whatever the labels were."""
    X, y = sequences
    member = tiny(class_weight={"N": 1, "V": 2})
    ensembles = "VotingClassifier, StackingClassifier and BaggingClassifier"
    with pytest.raises(ValueError, match=rf"among \[0, 1\]; got .* {ensembles} number"):
        VotingClassifier([("lstm", member)]).fit(X, np.array(["N", "V"])[y])


@pytest.mark.parametrize("units", [0, (), (4, 0), (4, 2.5), "many"])
def test_bad_units_are_refused(sequences, tiny, units):
    """Layers without units, or with a fraction of one, are errors."""
    with pytest.raises(ValueError, match="units"):
        tiny(units=units).fit(*sequences)


def test_unfitted_use_is_refused(sequences, tiny):
    """As everywhere in scikit-learn."""
    with pytest.raises(NotFittedError, match="This LSTMClassifier instance is not fitted yet"):
        tiny().predict(sequences[0])


@pytest.mark.parametrize("change", [{"y": np.zeros(60)}, {"sample_weight": np.zeros(60)}])
def test_failed_fit_leaves_nothing_to_predict_with(sequences, tiny, change):
    """Neither half a classifier, nor the network of an earlier fit on data of another form."""
    X, y = sequences
    for classifier in (tiny(), tiny(epochs=1).fit(X[:, :5], y)):
        with pytest.raises(ValueError, match=r"one class|non-zero"):
            classifier.fit(**({"X": X, "y": y} | change))
        with pytest.raises(NotFittedError):
            classifier.predict(X)


def test_refused_refit_leaves_nothing_of_either(sequences, tiny):
    """Neither what the old fit learnt, nor what the new one had noted before it failed."""
    X, y = sequences
    for change, labels in (({}, np.zeros(60)), ({"dropout": 2}, y)):
        classifier = tiny(epochs=1).fit(X, y).set_params(**change)
        with pytest.raises(ValueError, match=r"one class|dropout"):
            classifier.fit(X[:, :4], labels)
        assert not [name for name in vars(classifier) if name.endswith("_")]


class Interrupter:
    """Press Ctrl-C when the second batch is augmented."""

    def __init__(self):
        self.n_batches = 0

    def __call__(self, sequences, random_state):
        self.n_batches += 1
        if self.n_batches == 2:
            _thread.interrupt_main()
        return sequences


@pytest.fixture
def heeded_interrupts():
    """Have Python heed Ctrl-C, which a shell turns off for jobs in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeded_interrupts")
def test_interrupted_fit_leaves_what_was_learnt_before(sequences, tiny):
    """A warm start is undone by Ctrl-C, weights and history and all; a first fit leaves nothing."""
    X, y = sequences
    classifier = tiny(warm_start=True).fit(X, y)
    history, expected = classifier.history_, classifier.predict_proba(X)
    with pytest.raises(KeyboardInterrupt):
        classifier.set_params(augment=Interrupter(), epochs=200).fit(X, y)
    assert classifier.history_ == history
    np.testing.assert_array_equal(classifier.predict_proba(X), expected)
    unfitted = tiny(augment=Interrupter(), epochs=200)
    with pytest.raises(KeyboardInterrupt):
        unfitted.fit(X, y)
    assert not [name for name in vars(unfitted) if name.endswith("_")]


def test_diverged_training_says_so(sequences, tiny, capfd):
    """A loss that is no number ends in an error with a way out, not in NaN probabilities."""
    X, y = sequences
    classifier = tiny(optimizer="sgd", learning_rate=1e30, activation="relu", epochs=5)
    with pytest.raises(ValueError, match=r"Training diverged: .* Normalize X, or use a smaller"):
        classifier.fit(1e6 * X, y)
    assert capfd.readouterr() == ("", "")


def test_verbose_shows_progress_and_silence_is_silent(sequences, tiny, capfd):
    """Nothing is printed unless asked for."""
    X, y = sequences
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tiny().fit(X, y).predict(X)
    assert capfd.readouterr() == ("", "")
    tiny(verbose=2).fit(X, y)
    assert "Epoch 1/2" in capfd.readouterr().out
