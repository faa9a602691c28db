"""What training minimizes, and how."""

import numpy as np
import pytest

from sklearn_ecg.neural_network._losses import make_loss


def test_focal_loss_by_hand():
    """The cross-entropy, times the square of the probability missed, where it is right or wrong."""
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


@pytest.mark.parametrize("exclusive", [False, True])
def test_squared_error_is_that_of_probabilities(exclusive):
    """Logits of the probabilities .8 and .2 against the targets 1 and 0: .2 squared."""
    logit = np.log(0.8 / 0.2)
    logits = np.array([[logit, 0 if exclusive else -logit]], dtype=np.float32)
    loss = make_loss("mean_squared_error", exclusive)(np.array([[1, 0]], np.float32), logits)
    np.testing.assert_allclose(loss, [0.04], rtol=1e-5)


def test_cross_entropy_takes_logits():
    """Of equal logits, each class of two has a probability of one half."""
    for exclusive in (False, True):
        loss = make_loss("cross_entropy", exclusive)(np.array([[0.0, 1.0]]), np.zeros((1, 2)))
        assert float(loss) == pytest.approx(np.log(2), rel=1e-6)


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
