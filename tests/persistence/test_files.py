"""Files of models: whole, checked, and without code."""

import os
import platform
from functools import partial

import numpy as np
import pytest
import sklearn
import skops.io
from sklearn import calibration
from sklearn.base import clone
from sklearn.ensemble import VotingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    StratifiedGroupKFold,
    TunedThresholdClassifierCV,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.metadata_routing import get_routing_for_object

from sklearn_ecg.compose import RowLookup
from sklearn_ecg.datasets import RecordReader, make_ecg
from sklearn_ecg.metrics import beat_macro_f1_scorer
from sklearn_ecg.persistence import describe_model, load, save
from sklearn_ecg.preprocessing import BandpassFilter, MaxNormalizer, Segmenter


def test_loaded_model_predicts_the_same(model, path, strips):
    """To the last bit."""
    np.testing.assert_array_equal(
        load(path).predict_proba(strips[0]), model.predict_proba(strips[0])
    )


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_networks_are_saved_too(tiny, sequences, tmp_path, method):
    """As arrays, from which the network is built again; what Keras keeps to go on is left out."""
    classifier = tiny().fit(*sequences)
    getattr(classifier, method)(*sequences)
    save(classifier, tmp_path / "lstm.skecg")
    loaded = load(tmp_path / "lstm.skecg")
    np.testing.assert_array_equal(
        loaded.predict_proba(sequences[0]), classifier.predict_proba(sequences[0])
    )


@pytest.mark.parametrize("method", ["sigmoid", "isotonic", "temperature"])
def test_calibrated_models_need_no_trust(method, tmp_path):
    """What calibrates a classifier is data, as the classifier is."""
    if method == "temperature" and not hasattr(calibration, "_TemperatureScaling"):
        pytest.skip("needs scikit-learn 1.8")
    X, y = np.random.default_rng(0).normal(size=(60, 2)), np.arange(60) % 2
    model = calibration.CalibratedClassifierCV(LogisticRegression(), method=method, cv=3).fit(X, y)
    save(model, tmp_path / "calibrated.skecg")
    loaded = load(tmp_path / "calibrated.skecg")
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))


@pytest.mark.parametrize(
    "model",
    [
        GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0], "max_iter": range(99, 101)}, cv=3),
        GridSearchCV(
            LogisticRegression(),
            {"C": [0.1, 1.0]},
            scoring={"ours": beat_macro_f1_scorer, "theirs": "roc_auc"},
            refit="theirs",
            cv=StratifiedGroupKFold(3),
        ),
        TunedThresholdClassifierCV(LogisticRegression(), cv=3),
        VotingClassifier([("a", LogisticRegression()), ("b", GaussianNB())], voting="soft"),
    ],
    ids=["search", "scores", "threshold", "voting"],
)
def test_chosen_and_joined_models_need_no_trust(model, tmp_path):
    """Results, splitters and scorers are data, and functions of metrics only compute."""
    X, y = np.random.default_rng(0).normal(size=(60, 2)), np.repeat(["N", "V"], 30)
    y = (y == "V").astype(int) if isinstance(model, TunedThresholdClassifierCV) else y
    is_by_groups = isinstance(getattr(model, "cv", None), StratifiedGroupKFold)
    model = clone(model).fit(X, y, **({"groups": np.arange(60) % 20} if is_by_groups else {}))
    save(model, tmp_path / "model.skecg")
    loaded = load(tmp_path / "model.skecg")
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
    assert loaded.score(X, y) == model.score(X, y)


def test_weights_of_false_and_true_are_kept(tiny, sequences, tmp_path):
    """So a loaded model is trained further as it was; and the model itself is left as it is."""
    X, y = sequences
    weights = {False: 0.5, True: 3}
    linear = make_pipeline(LogisticRegression(class_weight=weights)).fit(X[:, :, 0], y == 1)
    classifier = tiny(class_weight=weights, warm_start=True).fit(X, y == 1)
    for model, rows in ((linear, X[:, :, 0]), (classifier, X)):
        save(model, tmp_path / "model.skecg")
        loaded = load(tmp_path / "model.skecg")
        np.testing.assert_array_equal(
            loaded.fit(rows, y == 1).predict_proba(rows),
            model.fit(rows, y == 1).predict_proba(rows),
        )
    assert repr(classifier.class_weight) == repr(weights)


def test_requests_for_metadata_are_kept(tiny, sequences, tmp_path):
    """So a loaded model is trained further by the same metadata. They ended in a circle."""
    X, y = sequences
    with sklearn.config_context(enable_metadata_routing=True):
        classifier = tiny().set_fit_request(sample_weight="is_real")
        model = make_pipeline(MaxNormalizer(), classifier).fit(X, y, is_real=y + 1.0)
        save(model, tmp_path / "model.skecg")
        loaded = load(tmp_path / "model.skecg")
        for each in (model, loaded):
            routed = get_routing_for_object(each)
            assert routed.consumes("fit", ["is_real", "other"]) == {"is_real"}
            assert "other" in _refusal(each, X, y)
        np.testing.assert_array_equal(
            loaded.fit(X, y, is_real=y + 1.0).predict_proba(X), model.predict_proba(X)
        )


def _refusal(model, X, y):
    """Fit with metadata that nobody requests; the message names who owns the request."""
    with pytest.raises(TypeError, match="fit") as caught:
        clone(model).fit(X, y, other=y)
    return str(caught.value)


@pytest.mark.parametrize("ragged", [False, True])
def test_rows_that_know_their_rate_are_saved(ragged, tmp_path):
    """As a step keeps them. The file could not be loaded, whatever was trusted."""
    signals = np.random.RandomState(0).normal(size=(8, 250))
    signals = [signal[: 200 + i] for i, signal in enumerate(signals)] if ragged else signals
    rows = BandpassFilter(fs=100).fit_transform(signals)
    lookup = RowLookup(rows).fit(np.arange(8)[:, None])
    save(lookup, tmp_path / "lookup.skecg")
    content = skops.io.dumps(lookup)
    types = skops.io.get_untrusted_types(data=content)
    for loaded in (load(tmp_path / "lookup.skecg"), skops.io.loads(content, trusted=types)):
        looked_up = loaded.transform([[3], [1]])
        for found, row in zip(looked_up, [rows[3], rows[1]], strict=True):
            np.testing.assert_array_equal(found, row)


def test_model_describes_itself(path, tmp_path):
    """Versions, card and input, without loading it."""
    about = describe_model(path)
    assert about["card"] == {"limits": "a toy"}
    assert about["input"] == {"row_shape": [200, 1]}
    assert about["versions"]["scikit-learn"] == sklearn.__version__
    assert about["versions"]["python"] == platform.python_version()
    reader = RecordReader([("MLII", "II")], fs=250, duration_s=2).fit(["a.csv"])
    save(make_pipeline(reader), tmp_path / "reader.skecg")
    assert describe_model(tmp_path / "reader.skecg")["input"] == {
        "leads": [["MLII", "II"]],
        "fs": 250,
        "unit": "mV",
        "n_timesteps": 500,
    }


def test_unfitted_estimator_is_refused(tmp_path):
    """There is nothing to keep, and no file is left."""
    with pytest.raises(NotFittedError):
        save(Segmenter(segment_length=2), tmp_path / "x.skecg")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "value", [object(), np.datetime64("2020-01-01", "ns"), np.longdouble(1), {1, 2}]
)
def test_failed_save_leaves_the_old_file(model, path, value):
    """A card that JSON cannot hold breaks off before anything is written."""
    before = path.read_bytes()
    with pytest.raises(TypeError, match=r"card holds .*, which JSON cannot hold"):
        save(model, path, card={"bad": value})
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_figures_and_rates_may_be_of_numpy(tmp_path):
    """As metrics return them, and as they are read from a table."""
    record = make_ecg(2, fs=250, random_state=0)
    path = tmp_path / "model.skecg"
    reader = RecordReader(leads=["II"], fs=np.float32(250), duration_s=np.int64(2)).fit([record])
    f1 = dict(zip(np.unique([0, 1]), np.array([1, 0.5]), strict=True))
    save(reader, path, card={"f1": f1, "each": [(np.float32(0.5), np.array([1, 2]))]})
    about = describe_model(path)
    assert about["card"] == {"f1": {"0": 1, "1": 0.5}, "each": [[0.5, [1, 2]]]}
    assert about["input"] == {"leads": ["II"], "fs": 250, "unit": "mV", "n_timesteps": 500}
    assert load(path).transform([record]).shape == (1, 500, 1)


@pytest.mark.parametrize("wrap", [lambda function: function, partial], ids=["plain", "partial"])
def test_functions_without_a_name_are_refused(path, wrap):
    """When the model is saved, and not only when nobody has it any more but in the file."""
    before = path.read_bytes()
    transformer = FunctionTransformer(wrap(lambda X: X)).fit([[1]])
    with pytest.raises(TypeError, match=r"holds the function .*<lambda>, .* define it in a module"):
        save(make_pipeline(transformer), path)
    assert path.read_bytes() == before


def test_functions_of_ones_own_are_loaded_when_trusted(path):
    """By full name."""
    transformer = FunctionTransformer(np.ravel).fit([[1]])
    save(transformer, path)
    assert load(path, trusted=["numpy.ravel"]).func is np.ravel
