"""Parts that networks share."""

import numpy as np
import pytest

from sklearn_ecg.neural_network import build_network
from sklearn_ecg.neural_network._layers import (
    directions,
    pool,
    run_in_one_operation,
    runs_in_one_operation,
    stop_at_middle,
)


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


@pytest.mark.parametrize("n_steps", [1, 2, 8, 9])
@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_steps_beyond_the_middle_are_left_out(bidirectional, padded, n_steps):
    """Output of the middle step and gradients are those of all steps; the others are not run."""
    import keras
    import tensorflow as tf

    rng = np.random.RandomState(0)
    X = tf.constant(rng.normal(size=(5, n_steps, 4)).astype(np.float32))
    own_steps = np.minimum(n_steps, [9, 1, 4, 2, 7]) if padded else np.full(5, n_steps)
    mask = np.arange(n_steps) < own_steps[:, None] if padded else None
    layer = keras.layers.LSTM(4, return_sequences=True)
    if bidirectional:
        layer = keras.layers.Bidirectional(layer)
    for part in directions(layer):
        run_in_one_operation(part)

    def outputs_and_gradients():
        with tf.GradientTape() as tape:
            tape.watch(X)
            outputs = layer(X, mask=mask)
            middle = tf.gather(outputs, own_steps // 2, axis=1, batch_dims=1)
            loss = tf.reduce_sum(tf.sin(middle))
        return outputs, [middle, *tape.gradient(loss, [X, *layer.trainable_variables])]

    _, expected = outputs_and_gradients()
    stop_at_middle(layer)
    outputs, results = outputs_and_gradients()
    for result, wanted in zip(results, expected, strict=True):
        np.testing.assert_allclose(result, wanted, rtol=1e-5, atol=2e-6)
    forwards = outputs[:, :, :4]
    assert not np.any(forwards[:, own_steps.max() // 2 + 1 :])
    if bidirectional and not padded:
        assert not np.any(outputs[:, : n_steps // 2, 4:])


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


def test_keras_still_loops_over_steps_and_asks_the_layer_how():
    """If this fails, LSTM layers may be left to Keras, or are no longer run in one operation."""
    import keras
    import tensorflow as tf

    def operations(layer):
        layer.build((None, None, 2))
        run = tf.function(layer, autograph=False)
        graph = run.get_concrete_function(tf.TensorSpec((None, None, 2), tf.float32)).graph
        return {operation.type for operation in graph.get_operations()}

    plain, ours = keras.layers.LSTM(4), keras.layers.LSTM(4)
    run_in_one_operation(ours)
    assert "While" in operations(plain)
    assert "BlockLSTM" in operations(ours)
    assert "While" not in operations(ours)
