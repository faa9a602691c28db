"""From rows to their segments and back."""

import numpy as np
import pytest
from scipy.special import expit, softmax

from sklearn_ecg.utils._bags import (
    combine_segments,
    flatten_bags,
    gradient_of_combination,
    mark_padding,
    max_of_segments,
    mean_of_segments,
    split_by_row,
    weight_of_segments,
)
from sklearn_ecg.utils._rows import as_object_array


def test_bags_are_flattened_row_by_row():
    """All segments of the first row come first; two and one make three."""
    bags = as_object_array([np.zeros((2, 3, 1)), np.ones((1, 3, 1))])
    segments, n_segments = flatten_bags(bags)
    np.testing.assert_array_equal(segments[:, 0, 0], [0, 0, 1])
    np.testing.assert_array_equal(n_segments, [2, 1])


def test_a_signal_is_one_segment():
    """Rows that are no bags keep their number, and get an axis for the lead."""
    segments, n_segments = flatten_bags(np.zeros((4, 5), dtype=np.float32))
    assert segments.shape == (4, 5, 1)
    assert segments.dtype == np.float32
    np.testing.assert_array_equal(n_segments, [1, 1, 1, 1])


def test_signals_of_different_lengths_are_no_segments():
    """The error names the row and the remedy."""
    with pytest.raises(
        ValueError, match=r"row 1 of X has 6 time steps, but row 0 has 5: .*Segmenter"
    ):
        flatten_bags(as_object_array([np.zeros((5, 1)), np.zeros((6, 1))]))


def test_means_and_maxima_by_hand():
    """Rows of two segments and of one; maxima of .8 and .4 are rescaled to 2/3 and 1/3."""
    probabilities = np.array([[0.8, 0.2], [0.6, 0.4], [0.1, 0.9]])
    n_segments = np.array([2, 1])
    np.testing.assert_allclose(
        mean_of_segments(probabilities, n_segments), [[0.7, 0.3], [0.1, 0.9]]
    )
    np.testing.assert_allclose(
        max_of_segments(probabilities, n_segments, multilabel=False), [[2 / 3, 1 / 3], [0.1, 0.9]]
    )
    np.testing.assert_allclose(
        max_of_segments(probabilities, n_segments, multilabel=True), [[0.8, 0.4], [0.1, 0.9]]
    )


def test_values_return_to_their_rows():
    """Ragged rows get an object array even where their numbers agree."""
    dense = split_by_row(np.arange(4), np.array([2, 2]), ragged=False)
    np.testing.assert_array_equal(dense, [[0, 1], [2, 3]])
    ragged = split_by_row(np.arange(4), np.array([2, 2]), ragged=True)
    assert ragged.shape == (2,)
    np.testing.assert_array_equal(ragged[1], [2, 3])


def test_a_row_shares_its_weight_among_its_segments():
    """Both rows weigh 1.5, and all three segments together 3: as if each weighed 1."""
    np.testing.assert_allclose(weight_of_segments(None, np.array([2, 1])), [0.75, 0.75, 1.5])


def test_rows_of_equal_size_keep_their_weight():
    """Nothing is shared where nothing would change."""
    assert weight_of_segments(None, np.array([3, 3])) is None
    np.testing.assert_allclose(weight_of_segments([1, 2], np.array([2, 2])), [1, 1, 2, 2])


def test_weight_is_as_good_as_repetition():
    """A row of weight 2 gives its segments what two such rows give theirs."""
    once = weight_of_segments([1, 2], np.array([2, 1]))
    twice = weight_of_segments([1, 1, 1], np.array([2, 1, 1]))
    np.testing.assert_allclose([*once[:2], once[2]], [*twice[:2], twice[2] + twice[3]])


def test_weights_are_held_to_the_rows():
    """There is one for each row, and none is negative."""
    with pytest.raises(ValueError, match=r"sample_weight\.shape == "):
        weight_of_segments([1, 1, 1], np.array([2, 1]))
    with pytest.raises(ValueError, match="Negative values"):
        weight_of_segments([1, -1], np.array([2, 1]))


P = np.array([[0.8, 0.2], [0.6, 0.4], [0.1, 0.9]])


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("mean", [[0.7, 0.3], [0.1, 0.9]]),
        ("max", [[2 / 3, 1 / 3], [0.1, 0.9]]),
        ("vote", [[1, 0], [0, 1]]),
        # The geometric means, sqrt(.48) and sqrt(.08), stand in the ratio sqrt(6).
        ("mean_logit", [[6**0.5 / (1 + 6**0.5), 1 / (1 + 6**0.5)], [0.1, 0.9]]),
    ],
)
def test_rules_by_hand(rule, expected):
    """Each rule combines two segments, and leaves a single one as it is but for the vote."""
    combined = combine_segments(P, np.array([2, 1]), rule)
    np.testing.assert_allclose(combined, expected)
    np.testing.assert_allclose(combined.sum(axis=1), 1)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("mean", [[0.7, 0.3], [0.1, 0.9]]),
        ("max", [[0.8, 0.4], [0.1, 0.9]]),
        ("vote", [[1, 0], [0, 1]]),
        # The odds of the first label are 4 and 1.5, their geometric mean is sqrt(6).
        ("mean_logit", [[6**0.5 / (1 + 6**0.5), 1 / (1 + 6**0.5)], [0.1, 0.9]]),
    ],
)
def test_rules_of_labels_by_hand(rule, expected):
    """Labels are combined each by itself."""
    combined = combine_segments(P, np.array([2, 1]), rule, multilabel=True)
    np.testing.assert_allclose(combined, expected)


@pytest.mark.parametrize("multilabel", [False, True])
def test_mean_logit_takes_logits_where_they_are_known(multilabel):
    """They give what their probabilities give."""
    logits = np.array([[0.0, 1.0], [2.0, -1.0], [0.5, 0.5]])
    probabilities = expit(logits) if multilabel else softmax(logits, axis=1)
    n_segments = np.array([1, 2])
    np.testing.assert_allclose(
        combine_segments(
            probabilities, n_segments, "mean_logit", multilabel=multilabel, logits=logits
        ),
        combine_segments(probabilities, n_segments, "mean_logit", multilabel=multilabel),
    )


@pytest.mark.parametrize("multilabel", [False, True])
def test_no_segment_alone_rules_a_class_out(multilabel):
    """A probability of 0 counts as float32's eps, 1.2e-7: against one of .99 the mean is .0032."""
    certain = np.array([[1.0, 0.0], [0.01, 0.99]])
    combined = combine_segments(certain, np.array([2]), "mean_logit", multilabel=multilabel)
    odds = np.sqrt(np.finfo(np.float32).eps * (99 if multilabel else 0.99 / 0.01))
    np.testing.assert_allclose(combined[0, 1], odds / (1 + odds), rtol=1e-6)
    np.testing.assert_allclose(combined.sum(axis=1), 1)  # nor does one alone rule a class in


def test_highest_probability_is_that_of_each_class():
    """Classes are not mixed up, however many segments a row has."""
    probabilities = np.array([[0.1, 0.9], [0.6, 0.4], [0.8, 0.2]])
    highest = combine_segments(probabilities, np.array([2, 1]), "max", multilabel=True)
    np.testing.assert_array_equal(highest, [[0.6, 0.9], [0.8, 0.2]])


@pytest.mark.parametrize("multilabel", [False, True])
@pytest.mark.parametrize("rule", ["mean", "mean_logit", "max"])
def test_gradient_is_the_slope_of_the_combination(rule, multilabel):
    """Of one class of each row, as small steps of each logit measure it."""
    n_segments, columns = np.array([3, 1, 2]), np.array([2, 0, 1])
    logits = np.random.default_rng(0).normal(size=(6, 3))

    def combine(logits):
        probabilities = expit(logits) if multilabel else softmax(logits, axis=1)
        options = {"multilabel": multilabel, "logits": logits}
        combined = combine_segments(probabilities, n_segments, rule, **options)
        return combined[np.arange(3), columns].sum(), probabilities, options

    _, probabilities, options = combine(logits)
    gradient = gradient_of_combination(probabilities, n_segments, rule, columns, **options)
    step = 1e-5
    for position in np.ndindex(logits.shape):
        change = np.zeros_like(logits)
        change[position] = step
        slope = (combine(logits + change)[0] - combine(logits - change)[0]) / (2 * step)
        assert gradient[position] == pytest.approx(slope, abs=1e-8)


def test_equal_segments_share_the_gradient_of_one():
    """Two highest segments rise together: their slopes add up to that of a row of one of them."""
    logits = np.array([[0.0, 1.0], [0.0, 1.0], [0.0, -1.0], [0.0, 1.0]])
    gradient = gradient_of_combination(
        expit(logits),
        np.array([3, 1]),
        "max",
        np.array([1, 1]),
        multilabel=True,
        logits=logits,
    )
    np.testing.assert_allclose(gradient[:3, 1], gradient[3, 1] * np.array([0.5, 0.5, 0]))


def test_padding_is_marked_at_the_end_of_each_row():
    """Two of three segments of the first row are there, and both of the second."""
    values = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]])
    marked = mark_padding(values, np.array([2, 2]), np.array([3, 2]))
    np.testing.assert_array_equal(marked[:, 0], [1, 3, np.nan, 5, 7])
    np.testing.assert_array_equal(marked[:, 1], [2, 4, np.nan, 6, 8])
