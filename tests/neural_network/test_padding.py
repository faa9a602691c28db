"""Rows of different lengths, as a list or padded with NaN."""

import numpy as np
import pytest


@pytest.mark.parametrize("pooling", ["last", "mean", "max"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_row_does_not_depend_on_its_batch(ragged, tiny, pooling, bidirectional):
    """A row alone, among longer ones, and without padding at all, gets the same probabilities."""
    X, y = ragged
    classifier = tiny(pooling=pooling, bidirectional=bidirectional, epochs=5).fit(X, y)
    together = classifier.predict_proba(X)
    alone = np.vstack([classifier.predict_proba([row]) for row in X])
    dense = np.vstack([classifier.predict_proba(row[None]) for row in X])
    np.testing.assert_allclose(together, alone, atol=1e-6)
    np.testing.assert_allclose(together, dense, atol=1e-6)


def test_padding_changes_nothing_in_training(ragged, tiny):
    """With equal lengths, masked and unmasked training agree."""
    X = np.stack([row[:3] for row in ragged[0]])
    masked, plain = (tiny().fit(rows, ragged[1]).predict_proba(X) for rows in (list(X), X))
    np.testing.assert_allclose(masked, plain, atol=1e-5)


def test_ragged_rows_are_learnt_and_validated(ragged, tiny):
    """Early stopping works on rows of different lengths."""
    X, y = ragged
    classifier = tiny(epochs=15, early_stopping=True).fit(X, y)
    assert classifier.score(X, y) > 0.9
    assert len(classifier.history_["val_loss"]) == len(classifier.history_["loss"])


def padded(rows, n_steps):
    """Pad sequences with NaN into one array."""
    X = np.full((len(rows), n_steps, rows[0].shape[1]), np.nan, dtype=np.float32)
    for to, row in zip(X, rows, strict=True):
        to[: len(row)] = row
    return X


@pytest.mark.parametrize("parameters", [{}, {"network": "cnn", "conv_filters": 3}], ids=str)
def test_padded_rows_are_the_shorter_rows_that_they_are(ragged, tiny, parameters):
    """Dense rows that NaN pads are learnt, watched and classified like the list of their parts."""
    X, y = ragged
    dense = padded(X, 35)
    stopping = {"early_stopping": True, **parameters}
    fitted, expected = (tiny(**stopping).fit(rows, y) for rows in (dense, X))
    np.testing.assert_array_equal(fitted.predict_proba(dense), expected.predict_proba(X))
    assert fitted.history_ == expected.history_


def test_padded_segments_are_masked_in_bags(ragged, tiny):
    """Segments are cut at their padding; those of nothing else are left out, and are NaN."""
    X, y = ragged
    bags = np.stack([padded(X, 35), padded(X[::-1], 35), np.full((len(X), 35, 2), np.nan)], axis=1)
    dense = tiny().fit(bags, y)
    parts = dense.predict_proba_segments(bags)
    assert np.isnan(parts[:, 2]).all()
    np.testing.assert_allclose(parts[:, :2].mean(axis=1), dense.predict_proba(bags), atol=1e-12)
    ragged_bags = [bag[:2, : 35 - i % 2] for i, bag in enumerate(bags)]
    np.testing.assert_array_equal(
        dense.predict_proba(bags), tiny().fit(bags[:, :2], y).predict_proba(bags[:, :2])
    )
    shorter = tiny().fit(list(bags), y).predict_proba_segments(list(bags))
    np.testing.assert_allclose(np.stack(shorter), parts, atol=1e-12)
    with pytest.raises(ValueError, match=r"row 1 of X has shape"):
        tiny().fit(ragged_bags, y)


@pytest.mark.parametrize("pooling", ["mean", "last", "max", "attention"])
def test_padding_is_met_exactly_by_a_network_that_knew_none(sequences, tiny, pooling):
    """Rows of one length come together: each gets what its steps alone get."""
    X, y = sequences
    classifier = tiny(pooling=pooling).fit(X, y)
    short = X.copy()
    for row in range(len(X)):
        short[row, 3 + row % 4 :] = np.nan
    probabilities = classifier.predict_proba(short)[:, 1]
    network = classifier.network_.keras_model
    for row in range(6):
        logit = float(network(X[row : row + 1, : 3 + row % 4])[0, 0])
        assert probabilities[row] == pytest.approx(1 / (1 + np.exp(-logit)), rel=1e-5)
    losses = classifier.partial_fit(short, y).history_["loss"]
    assert np.isfinite(losses[-1])


def test_rows_to_watch_may_be_padded(sequences, tiny):
    """Also where none of those that are trained on is."""
    X, y = sequences
    short = X[40:].copy()
    short[::2, 3:] = np.nan
    classifier = tiny(early_stopping=True)
    classifier.fit(X[:40], y[:40], X_val=short, y_val=y[40:])
    probabilities = classifier.predict_proba(short)[np.arange(20), y[40:]]
    assert -np.log(probabilities).mean() == pytest.approx(
        min(classifier.history_["val_loss"]), rel=1e-4
    )


def test_missing_values_are_named_by_row_and_step(sequences, tiny):
    """In the coordinates of X, at fit as at predict, with the way out."""
    X, y = sequences
    gappy = X.copy()
    gappy[3, 2, 1] = np.nan
    message = r"row 3 of X has missing values \(NaN\) at step 2: fill them with GapFiller"
    classifier = tiny().fit(X, y)
    with pytest.raises(ValueError, match=message):
        classifier.predict(gappy)
    with pytest.raises(ValueError, match=message):
        classifier.fit(gappy, y)
