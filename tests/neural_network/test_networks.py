"""Kinds of network, and what is around them."""

import pickle
from functools import partial

import numpy as np
import pytest
from sklearn.base import BaseEstimator, clone

from sklearn_ecg.neural_network import build_network, build_recurrent
from sklearn_ecg.neural_network._layers import runs_in_one_operation
from sklearn_ecg.neural_network._networks import _call
from sklearn_ecg.neural_network._runtime import keras_at_work


def own_network(sequences, mask, units, dropout):
    """Read each step by itself: what a user may write."""
    import keras

    assert dropout == 0
    return keras.layers.Dense(units[0], activation="tanh")(sequences)


@pytest.mark.parametrize(
    "parameters",
    [
        {
            "network": "cnn",
            "conv_filters": (4, 3),
            "conv_pool_size": (2, 3),
            "pooling": "last",
            "loss": "focal",
            "weight_decay": 0.01,
        },
        {
            "network": "gru",
            "conv_filters": 4,
            "conv_kernel_size": 4,
            "pooling": "attention",
            "dropout": 0.1,
            "input_noise": 0.1,
            "learning_rate_schedule": "cosine",
        },
        {"network": "simple_rnn", "pooling": "mean_max", "class_weight": "balanced_sqrt"},
        {"network": own_network, "conv_filters": (4,), "conv_pool_size": 1},
    ],
    ids=lambda parameters: getattr(parameters["network"], "__name__", parameters["network"]),
)
def test_every_kind_learns_and_no_row_depends_on_its_batch(ragged, tiny, parameters):
    """A row alone, among longer ones, and without padding at all, gets the same probabilities."""
    X, y = ragged
    classifier = tiny(epochs=10, **parameters).fit(X, y)
    assert classifier.score(X, y) > 0.9
    together = classifier.predict_proba(X)
    alone = np.vstack([classifier.predict_proba([row]) for row in X[:9]])
    dense = np.vstack([classifier.predict_proba(row[None]) for row in X[:9]])
    np.testing.assert_allclose(together[:9], alone, atol=1e-6)
    np.testing.assert_allclose(together[:9], dense, atol=1e-6)


# A user's own network


def test_own_network_is_cloned_and_pickled(sequences, tiny):
    """It is kept by name, so that a copy is built by the same function."""
    X, y = sequences
    classifier = clone(tiny(network=partial(own_network, units=(3,)), units=5)).fit(X, y)
    # Two features and a bias for each of three units, then three weights and a bias.
    assert classifier.network_.keras_model.count_params() == 3 * 3 + 4
    loaded = pickle.loads(pickle.dumps(classifier))
    # Keras answers who has looked at its network, and ONNX Runtime, where it is, the copy.
    np.testing.assert_allclose(loaded.predict_proba(X), classifier.predict_proba(X), atol=1e-6)
    with pytest.raises(ValueError, match="cannot change its network"):
        classifier.set_params(warm_start=True, network="lstm").fit(X, y)


class Builder(BaseEstimator):
    """An object that builds layers, and whose parameters a search may set."""

    def __init__(self, width=3):
        self.width = width

    def __call__(self, sequences, mask):
        import keras

        return keras.layers.Dense(self.width, activation="tanh")(sequences)


def test_object_that_builds_is_copied(sequences, tiny):
    """What it is set to after the fit changes nothing that is fitted, and stops what goes on."""
    X, y = sequences
    classifier = tiny(network=Builder()).fit(X, y)
    expected = classifier.predict_proba(X)
    loaded = pickle.loads(pickle.dumps(classifier))
    loaded.partial_fit(X, y)
    classifier.set_params(network__width=5)
    loaded = pickle.loads(pickle.dumps(classifier))
    np.testing.assert_array_equal(loaded.predict_proba(X), expected)
    for each in (classifier, loaded):
        with pytest.raises(ValueError, match="cannot change its network while it goes on"):
            each.partial_fit(X, y)
    assert classifier.fit(X, y).network_.keras_model.count_params() == 5 * 3 + 6


def test_own_network_may_compare_all_steps(sequences, tiny):
    """A layer whose output has as many values for each step as there are steps predicts too."""

    def attend_to_itself(sequences, mask):
        import keras

        likeness = keras.layers.Dot(axes=2)([sequences, sequences])
        return keras.layers.Dot(axes=(2, 1))([likeness, sequences])

    X, y = sequences
    assert tiny(network=attend_to_itself, epochs=1).fit(X, y).predict_proba(X).shape == (60, 2)


def test_function_of_ours_may_be_called_like_ones_own():
    """What "lstm" stands for takes the same arguments."""
    import keras

    given, mask = _call(
        build_recurrent, keras.Input((None, 2)), None, {"units": (3,), "bidirectional": True}
    )
    assert (given.shape, mask) == ((None, None, 6), None)


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (lambda sequences: sequences, "is called with sequences, mask and the keywords units"),
        (lambda sequences, mask, depth: sequences, "missing a required argument: 'depth'"),
        (lambda sequences, mask: None, r"must return a tensor of shape .* but returned None"),
        (lambda sequences, mask, **parameters: sequences[:, 0, 0], "must return a tensor"),
        # Two vectors, the state of a recurrent layer, and attention: all three passed for a mask.
        (lambda sequences, mask: (sequences[:, 0], sequences[:, 1]), "second must be the mask"),
        (lambda sequences, mask: (sequences, sequences[:, -1]), "second must be the mask"),
        (lambda sequences, mask: (sequences, sequences[:, :, 0]), "second must be the mask"),
    ],
)
def test_own_network_that_cannot_be_called_says_why(network, message):
    """The error names the parameter, and what it is called with."""
    with pytest.raises(ValueError, match=message):
        build_network(network, n_features=2, n_outputs=1)


def fewer_steps(sequences, mask, returns_mask):
    """Keep every other step, and their mask, or forget it."""
    import keras

    sequences = keras.layers.Conv1D(3, 2, strides=2, padding="same")(sequences)
    return (sequences, mask[:, ::2]) if returns_mask else sequences


def test_own_network_of_fewer_steps_needs_their_mask(ragged, tiny):
    """The error says so, where rows differ in length: TensorFlow spoke of a SelectV2."""
    X, y = ragged
    forgets = partial(fewer_steps, returns_mask=False)
    with pytest.raises(ValueError, match="makes 500 steps of 1000, and its mask has 1000"):
        tiny(network=forgets, epochs=1).fit(X, y)
    fitted = tiny(network=partial(fewer_steps, returns_mask=True), epochs=1).fit(X, y)
    alone = np.concatenate([fitted.predict_proba(X[i : i + 1]) for i in range(5)])
    np.testing.assert_allclose(fitted.predict_proba(X)[:5], alone, atol=1e-6)


def centred(sequences, mask, uses_mask):
    """Subtract the mean over the steps, or over padding too."""
    import keras

    weight = keras.ops.cast(mask if uses_mask else mask | True, "float32")[:, :, None]
    total = keras.ops.sum(sequences * weight, axis=1, keepdims=True)
    mean = total / keras.ops.sum(weight, axis=1, keepdims=True)
    return keras.layers.Dense(4, activation="relu")(sequences - mean)


def test_own_network_that_lets_padding_in_is_warned_of(ragged, tiny):
    """Its answer for a row depended on the other rows of a batch, without a word."""
    X, y = ragged
    X = [row + 1 for row in X]
    with pytest.warns(UserWarning, match="lets padding in"):
        careless = tiny(network=partial(centred, uses_mask=False), epochs=1).fit(X, y)
    careful = tiny(network=partial(centred, uses_mask=True), epochs=1).fit(X, y)
    for classifier, least, most in ((careless, 0.01, 1), (careful, 0, 1e-6)):
        alone = np.concatenate([classifier.predict_proba([row]) for row in X])
        assert least <= np.abs(classifier.predict_proba(X) - alone).max() <= most


def knows_eight_steps(sequences, mask):
    """Add something to each of eight steps, as an embedding of places does."""
    return sequences + np.arange(8, dtype=np.float32)[None, :, None]


def test_own_network_may_know_one_number_of_steps(tiny):
    """With padding among them too."""
    X = np.random.RandomState(0).normal(size=(6, 8, 2)).astype(np.float32)
    X[0, 5:] = np.nan
    classifier = tiny(network=knows_eight_steps, epochs=1).fit(X, [0, 1] * 3)
    assert classifier.predict_proba(X).shape == (6, 2)


@pytest.mark.parametrize("kind", ["class", "layer", "model"])
def test_layer_of_keras_is_no_network(kind, sequences, tiny):
    """It would have weights before the fit, and takes no mask beside the sequences."""
    import keras

    layer = keras.layers.GRU(4)
    network = {"class": type(layer), "layer": layer, "model": keras.Sequential([layer])}[kind]
    with pytest.raises(ValueError, match="must be a function that builds the layers of each fit"):
        tiny(network=network).fit(*sequences)


@pytest.mark.parametrize(
    ("name", "value"), [("network", "lstmm"), ("pooling", "avg"), ("loss", "log_loss")]
)
def test_misspelt_choice_is_refused(name, value):
    """By the function as by the classifier: "avg" would be pooled like "middle"."""
    with pytest.raises(ValueError, match=f"The '{name}' parameter of build_network must"):
        build_network(**{name: value}, n_features=2, n_outputs=1)


@pytest.mark.parametrize("name", ["activation", "optimizer"])
def test_what_keras_would_make_an_object_of_is_refused(name):
    """A saved model may be from anyone, and its file holds these parameters."""
    config = {"module": "keras.layers", "class_name": "Dense", "config": {"units": 1}}
    with pytest.raises(ValueError, match=f"The '{name}' parameter of build_network must"):
        build_network(**{name: config}, n_features=2, n_outputs=1)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"network": "cnn"}, "consists of conv_filters: give some"),
        ({"conv_filters": (4, 0)}, r"conv_filters=\(4, 0\) must be a positive int, or one for"),
        ({"conv_filters": (4, 4), "conv_pool_size": (2,)}, "or one for each of conv_filters"),
        ({"conv_filters": (4, 4), "conv_pool_size": 1.5}, "conv_pool_size"),
        ({"network": "transformer"}, "network"),
        ({"input_noise": -1}, "input_noise"),
        ({"augment": "shift"}, "augment"),
    ],
)
def test_bad_parameters_are_refused(sequences, tiny, parameters, message):
    """Before anything is built."""
    with pytest.raises(ValueError, match=message):
        tiny(**parameters).fit(*sequences)


def network_with_state(sequences, mask, units):
    """Read on from the state of another layer: a layer with several outputs."""
    import keras

    outputs, *_ = keras.layers.LSTM(units[0], return_sequences=True, return_state=True)(
        sequences, mask=mask
    )
    return outputs


def test_a_layer_may_have_several_outputs(tiny):
    """A network of one's own predicts whatever its layers put out."""
    X = np.random.RandomState(0).normal(size=(6, 8, 2)).astype(np.float32)
    classifier = tiny(network=network_with_state).fit(X, [0, 1] * 3)
    assert classifier.predict_proba(X).shape == (6, 2)


def test_an_exported_network_is_plain_keras(tiny, tmp_path):
    """It loads without this package, and gives the same logits."""
    import keras

    X = np.random.RandomState(0).normal(size=(6, 8, 2)).astype(np.float32)
    model = tiny(bidirectional=True).fit(X, [0, 1] * 3).network_.keras_model
    with keras_at_work():  # of a warning that Keras itself causes
        model.save(tmp_path / "network.keras")
        loaded = keras.saving.load_model(tmp_path / "network.keras")
    ours, plain = (
        next(layer for layer in network.layers if hasattr(layer, "forward_layer")).forward_layer
        for network in (model, loaded)
    )
    assert runs_in_one_operation(ours)
    assert not runs_in_one_operation(plain)
    np.testing.assert_allclose(loaded(X), model(X), atol=1e-6)
