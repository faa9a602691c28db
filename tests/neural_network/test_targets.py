"""Labels, and weights of rows and classes."""

import numpy as np
import pytest
from sklearn.utils import compute_sample_weight

from sklearn_ecg.neural_network._targets import Labels, check_weight


def test_two_classes_share_an_output():
    """The target is 1 for the second class, and the output is the difference of both logits."""
    labels = Labels.of(np.array(["V", "N", "V"]))
    codes = labels.encode(np.array(["V", "N", "V"]))
    np.testing.assert_array_equal(codes, [1, 0, 1])
    np.testing.assert_array_equal(labels.targets(codes), [[1], [0], [1]])
    logits = labels.logits(np.array([[np.log(3)]]))
    np.testing.assert_allclose(np.diff(logits), [[np.log(3)]])
    np.testing.assert_allclose(labels.probabilities(logits), [[0.25, 0.75]])
    np.testing.assert_array_equal(labels.decode(np.array([[0.25, 0.75], [0.5, 0.5]])), ["V", "N"])


def test_three_classes_have_an_output_each():
    """Targets are one-hot, in the order of the classes, and probabilities sum to 1."""
    labels = Labels.of(np.array([7, 5, 9]))
    np.testing.assert_array_equal(labels.classes, [5, 7, 9])
    np.testing.assert_array_equal(
        labels.targets(labels.encode(np.array([9, 5]))), np.eye(3)[[2, 0]]
    )
    outputs = np.log(np.array([[2.0, 1.0, 1.0], [1.0, 1.0, 3.0]]))
    np.testing.assert_allclose(
        labels.probabilities(labels.logits(outputs)), [[0.5, 0.25, 0.25], [0.2, 0.2, 0.6]]
    )


def test_labels_that_may_all_be_true_are_decoded_one_by_one():
    """Each column has a probability of its own, and is true from one half on."""
    y = np.array([[0, 1], [1, 1]])
    labels = Labels.of(y)
    assert labels.multilabel
    np.testing.assert_array_equal(labels.classes, [[0, 1], [0, 1]])
    np.testing.assert_array_equal(labels.targets(labels.encode(y)), y)
    probabilities = labels.probabilities(labels.logits(np.array([[0.0, -np.log(3)]])))
    np.testing.assert_allclose(probabilities, [[0.5, 0.25]])
    np.testing.assert_array_equal(labels.decode(probabilities), [[1, 0]])


@pytest.mark.parametrize("y", [["N", "V"], ["N", "S", "V"], [[0, 1], [1, 1]]])
def test_gradients_go_back_to_the_outputs(y):
    """By the chain rule: what a small step of an output changes in the sum of weighted logits."""
    labels, rng = Labels.of(np.array(y)), np.random.RandomState(0)
    outputs = rng.normal(size=(4, labels.n_outputs))
    weights = rng.normal(size=labels.logits(outputs).shape)
    expected = np.empty_like(outputs)
    for output in range(labels.n_outputs):
        step = 1e-3 * (np.arange(labels.n_outputs) == output)
        change = labels.logits(outputs + step) - labels.logits(outputs - step)
        expected[:, output] = (weights * change).sum(axis=1) / 2e-3
    np.testing.assert_allclose(labels.gradient_of_outputs(weights), expected)


def test_classes_may_be_more_than_those_of_y():
    """As `partial_fit` needs it, whose batch may lack a class."""
    labels = Labels.of(np.array([1, 1]), classes=[2, 0, 1])
    np.testing.assert_array_equal(labels.encode(np.array([1, 1])), [1, 1])
    assert labels.n_outputs == 3


def test_unknown_label_is_named_with_its_row():
    """Not that of a label which would sort beside it."""
    with pytest.raises(ValueError, match=r"not among the classes \[0, 2\]: np.int64\(1\) in row 1"):
        Labels.of(np.array([0, 2])).encode(np.array([2, 1]))


def test_labels_of_another_form_are_refused():
    """One column for each label, or none."""
    with pytest.raises(ValueError, match=r"y has shape \(1, 3\), .* of shape \(n_samples, 2\)"):
        Labels.of(np.eye(2, dtype=int)).encode(np.array([[0, 1, 1]]))
    with pytest.raises(ValueError, match=r"y has shape \(2, 2\), .* of shape \(n_samples,\)"):
        Labels.of(np.array([0, 1])).encode(np.eye(2, dtype=int))


def weigh(y, sample_weight=None, class_weight=None):
    """Compute the weights of rows with these labels."""
    y = np.array(y)
    labels = Labels.of(y)
    return check_weight(labels, labels.encode(y), sample_weight, class_weight)


def test_weights_of_classes_multiply_those_of_rows():
    """A class that is left out has weight 1, and the caller's array stays as it is."""
    sample_weight = np.array([1.0, 2.0, 3.0])
    np.testing.assert_array_equal(weigh(["a", "b", "c"], sample_weight, {"b": 10}), [1, 20, 3])
    np.testing.assert_array_equal(weigh(["a", "b", "c"], sample_weight, {"b": 0}), [1, 0, 3])
    np.testing.assert_array_equal(sample_weight, [1, 2, 3])


def test_without_weights_of_classes_those_of_rows_count():
    """All rows alike, if there are none either."""
    np.testing.assert_array_equal(weigh([0, 0, 1]), [1, 1, 1])
    np.testing.assert_array_equal(weigh([0, 0, 1], [3, 0, 2]), [3, 0, 2])


def test_square_root_of_balanced_weights():
    """Three rows of one class, one of the other: 4 / (2 * 3) and 4 / 2, then their roots."""
    weight = weigh([0, 0, 0, 1], None, "balanced_sqrt")
    np.testing.assert_allclose(weight**2, [2 / 3, 2 / 3, 2 / 3, 2])


@pytest.mark.parametrize("class_weight", ["balanced", "balanced_sqrt"])
def test_balance_is_of_weights_and_not_of_rows(class_weight):
    """A row without weight is as good as absent, one of weight 2 as good as two."""
    absent = weigh([0, 0, 0, 0, 1], [1, 0, 0, 1, 1], class_weight)
    np.testing.assert_allclose(absent[[0, 3, 4]], weigh([0, 0, 1], None, class_weight))
    np.testing.assert_allclose(weigh([0, 1, 1], [2, 1, 1], class_weight), [2, 1, 1])
    labels = np.array([[0, 1], [1, 1], [1, 0], [1, 1]])
    balanced = compute_sample_weight("balanced", labels)
    expected = balanced if class_weight == "balanced" else np.sqrt(balanced)
    np.testing.assert_allclose(weigh(labels, None, class_weight), expected)


def test_partial_fit_knows_no_frequencies(sequences, tiny):
    """As scikit-learn's own: a batch does not tell how rare a class is."""
    X, y = sequences
    with pytest.raises(ValueError, match='class_weight="balanced" is not supported'):
        tiny(class_weight="balanced").partial_fit(X, y, classes=[0, 1])


def test_partial_fit_stops_at_no_row_set_aside(sequences, tiny):
    """Refused as by scikit-learn's own, unless a fit has come before, which could stop early."""
    X, y = sequences
    tiny(early_stopping=True).fit(X, y).partial_fit(X, y)
    with pytest.raises(ValueError, match="early_stopping=True is not supported for partial_fit"):
        tiny(early_stopping=True).partial_fit(X, y, classes=[0, 1])
