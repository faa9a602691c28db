"""Kinds of network, and what is around them."""

import pickle
from functools import partial

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils import compute_sample_weight

from sklearn_ecg.neural_network import build_lstm, build_network
from sklearn_ecg.neural_network._layers import (
    directions,
    run_in_one_operation,
    runs_in_one_operation,
)
from sklearn_ecg.neural_network._networks import _call
from sklearn_ecg.neural_network._runtime import quiet_keras


@pytest.fixture(scope="module")
def ragged():
    """Sequences of 3 to 29 steps; the class is the sign of both features."""
    rng = np.random.RandomState(0)
    y = np.tile([0, 1], 20)
    rows = [rng.normal(2 * label - 1, 1, size=(rng.randint(3, 30), 2)) for label in y]
    return [row.astype(np.float32) for row in rows], y


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
            "noise": 0.1,
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


def test_convolution_sees_nothing_of_the_padding():
    """In training mode, where statistics are those of the batch, padding changes no output."""
    network = build_network(
        "cnn", n_features=1, n_outputs=1, masked=True, conv_filters=(3, 3), pooling="mean"
    )
    rng = np.random.RandomState(0)
    batch = np.ones((4, 7, 2), dtype=np.float32)
    batch[:, :, 0] = rng.normal(size=(4, 7))
    padded = np.concatenate([batch, np.zeros((4, 6, 2), np.float32)], axis=1)
    for training in (True, False):
        np.testing.assert_allclose(
            network(padded, training=training), network(batch, training=training), atol=1e-5
        )


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [
        ("last", [[2], [4], [11]]),
        ("middle", [[1], [4], [10]]),
        ("mean", [[1], [4], [9.5]]),
        ("max", [[2], [4], [11]]),
        ("mean_max", [[1, 2], [4, 4], [9.5, 11]]),
    ],
)
def test_pooling_by_hand(pooling, expected):
    """Three, one and four steps of 0 to 11, padded to four."""
    import keras

    from sklearn_ecg.neural_network._layers import pool

    mask = np.array([[1, 1, 1, 0], [1, 0, 0, 0], [1, 1, 1, 1]], dtype=bool)
    sequences = keras.Input((None, 1))
    steps = keras.Input((None,), dtype="bool")
    pooled = keras.Model([sequences, steps], pool(sequences, steps, pooling))
    values = np.arange(12, dtype=np.float32).reshape(3, 4, 1)
    np.testing.assert_allclose(pooled([values, mask]), expected)
    if pooling in ("last", "middle"):
        unmasked = keras.Model(sequences, pool(sequences, None, pooling))
        step = 3 if pooling == "last" else 2
        np.testing.assert_allclose(unmasked(values), values[:, step])
        step = 2 if pooling == "last" else 1
        np.testing.assert_allclose(unmasked(values[:, :3]), values[:, step])


# A user's own network


def test_own_network_is_cloned_and_pickled(sequences, tiny):
    """It is kept by name, so that a copy is built by the same function."""
    X, y = sequences
    classifier = clone(tiny(network=partial(own_network, units=(3,)), units=5)).fit(X, y)
    # Two features and a bias for each of three units, then three weights and a bias.
    assert classifier.network_.keras_model.count_params() == 3 * 3 + 4
    loaded = pickle.loads(pickle.dumps(classifier))
    np.testing.assert_array_equal(loaded.predict_proba(X), classifier.predict_proba(X))
    with pytest.raises(ValueError, match="cannot change its network"):
        classifier.set_params(warm_start=True, network="lstm").fit(X, y)


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
        build_lstm, keras.Input((None, 2)), None, {"units": (3,), "bidirectional": True}
    )
    assert (given.shape, mask) == ((None, None, 6), None)


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (lambda sequences: sequences, "is called with sequences, mask and the keywords units"),
        (lambda sequences, mask, depth: sequences, "missing a required argument: 'depth'"),
        (lambda sequences, mask: None, r"must return a tensor of shape .* but returned None"),
        (lambda sequences, mask, **parameters: sequences[:, 0, 0], "must return a tensor"),
    ],
)
def test_own_network_that_cannot_be_called_says_why(network, message):
    """The error names the parameter, and what it is called with."""
    with pytest.raises(ValueError, match=message):
        build_network(network, n_features=2, n_outputs=1)


@pytest.mark.parametrize(
    ("name", "value"), [("network", "lstmm"), ("pooling", "avg"), ("loss", "log_loss")]
)
def test_misspelt_choice_is_refused(name, value):
    """By the function as by the classifier: "avg" would be pooled like "middle"."""
    with pytest.raises(ValueError, match=f"The '{name}' parameter of build_network must"):
        build_network(**{name: value}, n_features=2, n_outputs=1)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"network": "cnn"}, "consists of conv_filters: give some"),
        ({"conv_filters": (4, 0)}, r"conv_filters=\(4, 0\) must be a positive int, or one for"),
        ({"conv_filters": (4, 4), "conv_pool_size": (2,)}, "or one for each of conv_filters"),
        ({"conv_filters": (4, 4), "conv_pool_size": 1.5}, "conv_pool_size"),
        ({"network": "transformer"}, "network"),
        ({"noise": -1}, "noise"),
        ({"augment": "shift"}, "augment"),
    ],
)
def test_bad_parameters_are_refused(sequences, tiny, parameters, message):
    """Before anything is built."""
    with pytest.raises(ValueError, match=message):
        tiny(**parameters).fit(*sequences)


# Losses and optimizers


def test_focal_loss_by_hand():
    """The cross-entropy, times the square of the probability missed, where it is right or wrong."""
    from sklearn_ecg.neural_network._losses import make_loss

    logits = np.log(np.array([[0.7, 0.2, 0.1]], dtype=np.float32))
    exclusive = make_loss("focal", exclusive=True)
    for target, p in zip(np.eye(3, dtype=np.float32), [0.7, 0.2, 0.1], strict=True):
        expected = -((1 - p) ** 2) * np.log(p)
        np.testing.assert_allclose(exclusive(target[None], logits), [expected], rtol=1e-5)
    logits = np.array([[0.0, 2.0]], dtype=np.float32)
    right, wrong = 1 / (1 + np.exp(-2)), 1 / (1 + np.exp(2))
    for target, p in ((1, right), (0, wrong)):
        expected = np.mean([-(0.25 * np.log(0.5)), -((1 - p) ** 2) * np.log(p)])
        loss = make_loss("focal", exclusive=False)(np.array([[1, target]], np.float32), logits)
        np.testing.assert_allclose(loss, [expected], rtol=1e-5)


def test_weight_decay_spares_biases(sequences, tiny):
    """Weights shrink at a step by the learning rate times the decay; biases do not."""
    X, y = sequences
    options = {"network": "cnn", "conv_filters": 3, "optimizer": "sgd", "learning_rate": 1e-12}
    plain, decayed = (
        tiny(epochs=1, batch_size=100, weight_decay=decay, **options).fit(X, y).network_.keras_model
        for decay in (None, 0.5e12)
    )
    for variable, original in zip(decayed.weights, plain.weights, strict=True):
        factor = 0.5 if "kernel" in variable.name else 1
        np.testing.assert_allclose(variable.numpy(), factor * original.numpy(), atol=1e-6)


def test_cosine_schedule_falls_to_zero(sequences, tiny):
    """Half the learning rate in the middle of a fit; partial_fit keeps it constant."""
    X, y = sequences
    classifier = tiny(epochs=2, batch_size=30, learning_rate=0.1, learning_rate_schedule="cosine")
    classifier.fit(X, y)
    optimizer = classifier.network_.keras_model.optimizer
    # Four steps: the last is the one after three quarters.
    assert float(optimizer.learning_rate) == pytest.approx(0.1 * (1 - 0.5**0.5) / 2)
    assert set(classifier.history_) == {"loss"}
    classifier.partial_fit(X, y)
    assert float(optimizer.learning_rate) == pytest.approx(0.1)


def test_square_root_of_balanced_weights():
    """Three rows of one class, one of the other: 4 / (2 * 3) and 4 / 2, then their roots."""
    from sklearn_ecg.neural_network._targets import check_weight

    weight = check_weight(np.zeros(4), np.array([0, 0, 0, 1]), None, "balanced_sqrt", np.arange(2))
    np.testing.assert_allclose(weight**2, [2 / 3, 2 / 3, 2 / 3, 2])


@pytest.mark.parametrize("class_weight", ["balanced", "balanced_sqrt"])
def test_balance_is_of_weights_and_not_of_rows(class_weight):
    """A row without weight is as good as absent, one of weight 2 as good as two."""
    from sklearn_ecg.neural_network._targets import check_weight

    def weigh(y, sample_weight=None):
        y = np.array(y)
        return check_weight(np.zeros(len(y)), y, sample_weight, class_weight, np.unique(y))

    np.testing.assert_allclose(weigh([0, 0, 0, 0, 1], [1, 0, 0, 1, 1])[[0, 3, 4]], weigh([0, 0, 1]))
    np.testing.assert_allclose(weigh([0, 1, 1], [2, 1, 1]), [2, 1, 1])
    labels = np.array([[0, 1], [1, 1], [1, 0], [1, 1]])
    balanced = compute_sample_weight("balanced", labels)
    expected = balanced if class_weight == "balanced" else np.sqrt(balanced)
    np.testing.assert_allclose(weigh(labels), expected)


def test_partial_fit_knows_no_frequencies(sequences, tiny):
    """As scikit-learn's own: a batch does not tell how rare a class is."""
    X, y = sequences
    with pytest.raises(ValueError, match='class_weight="balanced" is not supported'):
        tiny(class_weight="balanced").partial_fit(X, y, classes=[0, 1])


# Augmentation


def shift(sequences, random_state):
    """Add one number to each sequence."""
    return sequences + random_state.normal(size=(len(sequences), 1, 1))


def test_augmentation_is_seeded_and_only_for_training(ragged, tiny):
    """It gets batches without the mask, leaves padding zero, and sees no row set aside."""
    X, y = ragged
    batches = []

    def augment(sequences, random_state):
        batches.append((sequences.shape, sequences.dtype))
        return shift(sequences, random_state)

    def fit(**parameters):
        classifier = tiny(early_stopping=True, batch_size=36, **parameters).fit(X, y)
        return classifier.predict_proba(X)

    augmented = fit(augment=augment)
    assert len(batches) == 2  # one in each epoch, of 36 of the 40 rows
    assert {(shape[0], shape[2], dtype.name) for shape, dtype in batches} == {(36, 2, "float32")}
    np.testing.assert_array_equal(fit(augment=shift), augmented)
    assert not np.allclose(fit(), augmented)


def test_augmentation_leaves_padding_zero(ragged):
    """What it puts behind a sequence's end is taken away again."""
    from sklearn_ecg.neural_network._sequences import Sequences
    from sklearn_ecg.neural_network._trainer import streamed
    from sklearn_ecg.utils._signals import as_object_array

    sequences = Sequences(as_object_array(ragged[0]), masked=True)
    n = len(sequences)
    data = sequences, np.zeros((n, 1), np.float32), np.ones(n, np.float32)
    with streamed(*data, n, seed=0, augment=shift) as batches:
        (batch, _, _), *_ = [[part.numpy() for part in batch] for batch in batches]
    padding = batch[:, :, 2] == 0
    assert padding.any()
    assert not batch[padding].any()
    assert batch[~padding].all()


def test_error_of_augmentation_reaches_the_user(sequences, tiny, capfd):
    """TensorFlow neither wraps nor prints one's own error, or that of a wrong result."""

    def fail(batch, random_state):
        raise KeyError("my own")

    with pytest.raises(KeyError, match="my own"):
        tiny(augment=fail).fit(*sequences)
    with pytest.raises(ValueError, match=r"augment must return .* given, \(60, 6, 2\), but .*6, 1"):
        tiny(augment=lambda batch, random_state: batch[:, :, :1], batch_size=60).fit(*sequences)
    with pytest.raises(ValueError, match="augment must return finite values"):
        tiny(augment=lambda batch, random_state: batch * np.nan).fit(*sequences)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("n_features", [3, 4])
@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize("return_sequences", [False, True])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_one_operation_does_what_keras_does(bidirectional, return_sequences, padded, n_features):
    """Outputs and gradients of an LSTM are those of Keras' loop over the steps."""
    import keras
    import tensorflow as tf

    rng = np.random.RandomState(0)
    X = tf.constant(rng.normal(size=(5, 9, n_features)).astype(np.float32))
    mask = np.arange(9) < np.array([9, 1, 4, 0, 7])[:, None] if padded else None
    keras.utils.set_random_seed(0)
    own = np.ones((5, 1, 1), bool) if not return_sequences else np.ones((5, 9, 1), bool)
    if padded and return_sequences:
        own = mask[:, :, None]

    def make(weights=None):
        layer = keras.layers.LSTM(4, return_sequences=return_sequences)
        if bidirectional:
            layer = keras.layers.Bidirectional(layer)
        if weights is not None:
            for part in directions(layer):
                run_in_one_operation(part)
                assert runs_in_one_operation(part)
        layer(X, mask=mask)
        if weights is not None:
            layer.set_weights(weights)
        return layer

    def outputs_and_gradients(layer):
        with tf.GradientTape() as tape:
            tape.watch(X)
            outputs = layer(X, mask=mask)
            outputs = tf.reshape(outputs, (5, own.shape[1], -1)) * tf.cast(own, tf.float32)
            loss = tf.reduce_sum(tf.sin(outputs))
        return [outputs, *tape.gradient(loss, [X, *layer.trainable_variables])]

    keras_layer = make()
    expected = outputs_and_gradients(keras_layer)
    results = outputs_and_gradients(make(keras_layer.get_weights()))
    for result, wanted in zip(results, expected, strict=True):
        np.testing.assert_allclose(result, wanted, rtol=1e-5, atol=2e-6)


@pytest.mark.parametrize("parameters", [{"activation": "relu"}, {"units": 5}, {"dtype": "float64"}])
def test_other_layers_are_left_to_keras(parameters):
    """The operation knows one activation and one precision, and complains of odd sizes."""
    import keras

    layer = keras.layers.LSTM(**{"units": 4, **parameters})
    run_in_one_operation(layer)
    assert not runs_in_one_operation(layer)


def test_nothing_is_printed_of_odd_sizes(run_python):
    """The operation would complain of odd numbers of features or units in a batch of odd size."""
    printed = run_python(
        "import numpy as np; from sklearn_ecg import LSTMClassifier; "
        "X = np.ones((3, 5, 3), np.float32) * np.arange(3)[:, None, None]; "
        "[LSTMClassifier(units=n, epochs=1).fit(X, [0, 1, 1]).predict(X[:1]) for n in (3, 4)]"
    )
    assert (printed.stdout, printed.stderr) == ("", "")


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
    with quiet_keras():  # of a warning that Keras itself causes
        model.save(tmp_path / "network.keras")
        loaded = keras.saving.load_model(tmp_path / "network.keras")
    ours, plain = (
        next(layer for layer in network.layers if hasattr(layer, "forward_layer")).forward_layer
        for network in (model, loaded)
    )
    assert runs_in_one_operation(ours)
    assert not runs_in_one_operation(plain)
    np.testing.assert_allclose(loaded(X), model(X), atol=1e-6)
