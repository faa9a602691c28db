"""Tests of fits and predictions batch by batch."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import GroupKFold, cross_val_score
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sklearn_ecg.compose import BatchedClassifier, RowLookup
from sklearn_ecg.compose._batched import _shuffled_batches
from sklearn_ecg.datasets import RecordReader, make_ecg, write_record
from sklearn_ecg.preprocessing import MaxNormalizer, NoveltyGate, Reshaper, Segmenter


@pytest.fixture
def as_table():
    return FunctionTransformer(lambda X: X.reshape(len(X), -1))


@pytest.fixture
def archive(tmp_path):
    """Paths of 20 recordings of ten patients, labels and patients."""
    paths = []
    for i in range(20):
        rhythm = ("sinus", "af")[i % 2]
        record = make_ecg(4, fs=100, rhythm=rhythm, leads=["II"], random_state=i)
        paths.append(write_record(record, tmp_path / f"{i:02}.hea"))
    return paths, np.tile(["sinus", "af"], 10), np.arange(20) // 2


def test_batches_equal_one_fit(strips):
    """Naive Bayes does not depend on the order or the size of batches."""
    X, y, _ = strips
    X = X.reshape(len(X), -1).astype(float)
    batched = BatchedClassifier(None, GaussianNB(var_smoothing=0), batch_rows=7, random_state=0)
    expected = GaussianNB(var_smoothing=0).fit(X, y).predict_log_proba(X)
    found = batched.fit(X, y).estimator_.predict_log_proba(X)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(batched.predict_proba(X), np.exp(expected), atol=1e-6)


def test_gate_that_was_fitted_before_knows_all_rows(strips):
    """By itself it would know the first batch only."""
    X, y, _ = strips
    X = X.reshape(len(X), -1).astype(float)
    gate = NoveltyGate(action="ignore").fit(X)
    frozen = make_pipeline(FrozenEstimator(gate), "passthrough")
    options = {"batch_rows": 7, "random_state": 0}
    batched = BatchedClassifier(frozen, GaussianNB(), **options).fit(X, y)
    np.testing.assert_array_equal(batched.transformer_[0].limits_, gate.limits_)
    alone = BatchedClassifier(NoveltyGate(action="ignore"), GaussianNB(), **options).fit(X, y)
    assert not np.array_equal(alone.transformer_.limits_, gate.limits_)


def test_network_learns_from_paths(archive, tiny):
    """No batch has more files than `batch_rows`, and each epoch reads each file once."""
    paths, y, _ = archive
    sizes = []

    def note(signals):
        sizes.append(len(signals))
        return signals

    steps = make_pipeline(
        RecordReader(leads=["II"], fs=100, duration_s=4),
        FunctionTransformer(note),
        MaxNormalizer(),
        Segmenter(100),
        Reshaper(frame_length=10),
    )
    classifier = BatchedClassifier(steps, tiny(units=8), batch_rows=8, epochs=2, random_state=0)
    probabilities = classifier.fit(paths, y).predict_proba(paths)
    assert sizes == [8, 8, 4] * 3
    assert classifier.classes_.tolist() == ["af", "sinus"]
    assert len(classifier.estimator_.history_["loss"]) == 6
    again = BatchedClassifier(steps, tiny(units=8), batch_rows=8, epochs=2, random_state=0)
    np.testing.assert_array_equal(again.fit(paths, y).predict_proba(paths), probabilities)


def test_splits_by_patient_read_no_file(archive, as_table):
    """Each file is read in the fit and in the score of its fold only."""
    paths, y, groups = archive
    n_read = []

    class CountingReader(RecordReader):
        def _read(self, row):
            n_read.append(row)
            return super()._read(row)

    splits = list(GroupKFold(2).split(paths, y, groups))
    assert not n_read
    steps = make_pipeline(CountingReader(["II"], fs=100, duration_s=4), as_table)
    classifier = BatchedClassifier(steps, SGDClassifier(random_state=0), batch_rows=4)
    cross_val_score(classifier, paths, y, groups=groups, cv=splits)
    assert len(n_read) == 2 * len(paths)


@pytest.mark.parametrize("kind", ["memmap", "hdf5", "zarr"])
def test_arrays_on_disk_equal_arrays_in_memory(kind, strips, as_table, tmp_path):
    """Rows are taken out of files batch by batch; splits of row numbers copy no signals."""
    X, y, groups = strips
    if kind == "memmap":
        np.save(tmp_path / "x.npy", X)
        stored = np.load(tmp_path / "x.npy", mmap_mode="r")
    elif kind == "hdf5":
        h5py = pytest.importorskip("h5py")
        file = h5py.File(tmp_path / "x.h5", "w")
        stored = file.create_dataset("x", data=X, chunks=(1, *X.shape[1:]))
    else:
        zarr = pytest.importorskip("zarr", minversion="3")
        stored = zarr.create_array(
            tmp_path / "x.zarr", shape=X.shape, chunks=(1, *X.shape[1:]), dtype=X.dtype
        )
        stored[:] = X
    model = SGDClassifier(loss="log_loss", random_state=0)
    classifier = BatchedClassifier(as_table, model, batch_rows=16, random_state=0)
    expected = classifier.fit(X, y).predict_proba(X)
    np.testing.assert_array_equal(classifier.fit(stored, y).predict_proba(stored), expected)

    numbers, options = np.arange(len(X))[:, None], {"groups": groups, "cv": GroupKFold(2)}
    looked_up = make_pipeline(RowLookup(stored), as_table)
    scores = cross_val_score(
        BatchedClassifier(looked_up, model, batch_rows=16, random_state=0), numbers, y, **options
    )
    np.testing.assert_array_equal(scores, cross_val_score(classifier, X, y, **options))
    if kind == "hdf5":
        file.close()


def test_rows_of_a_chunk_stay_together():
    """A chunk is read once an epoch, unless a batch ends within it; each row comes once."""
    rows = np.arange(50)
    batches = list(_shuffled_batches(rows, 5, 10, np.random.RandomState(0)))
    assert sorted(np.concatenate(batches)) == rows.tolist()
    assert all(len(set(batch // 5)) == 2 for batch in batches)
    assert any(batch[5] - batch[4] > 1 for batch in batches)


def test_weights_and_labels_are_passed_on(strips):
    """A row with weight 2 counts as two; a row without weight is not there."""
    X, y, _ = strips
    X = X.reshape(len(X), -1).astype(float)
    weight = np.arange(len(y)) % 3
    weighted = BatchedClassifier(None, GaussianNB()).fit(X, y, sample_weight=weight)
    repeated = BatchedClassifier(None, GaussianNB()).fit(np.repeat(X, weight, 0), y.repeat(weight))
    np.testing.assert_allclose(weighted.estimator_.theta_, repeated.estimator_.theta_)
    seen = []
    gate = FunctionTransformer(lambda rows: seen.append(len(rows)) or rows)
    labels = np.where(weight == 0, "nobody knows", y)
    known = BatchedClassifier(gate, GaussianNB()).fit(X, labels, sample_weight=weight)
    assert known.classes_.tolist() == np.unique(y).tolist()
    assert sum(seen) == np.count_nonzero(weight)


def test_multilabel_rows_train_a_network(sequences, tiny):
    """An indicator matrix is passed on, for estimators that take one."""
    X, y = sequences
    labels = pd.DataFrame({"AFIB": y, "NORM": 1 - y, "PVC": y})
    classifier = BatchedClassifier(None, tiny(), batch_rows=20, random_state=0).fit(X, labels)
    assert classifier.predict_proba(X).shape == (60, 3)
    assert classifier.label_names_.tolist() == ["AFIB", "NORM", "PVC"]
    with pytest.raises(ValueError, match="BatchedClassifier began with"):
        classifier.score(X, labels[["NORM", "AFIB", "PVC"]])


def test_estimators_without_partial_fit_are_refused(strips):
    """They need all rows at once."""
    X, y, _ = strips
    from sklearn.linear_model import LogisticRegression

    with pytest.raises(ValueError, match="'estimator' parameter of BatchedClassifier"):
        BatchedClassifier(None, LogisticRegression()).fit(X, y)


def test_an_error_says_which_rows_its_batch_holds(strips, as_table):
    """A step counts rows within the batch; the note tells which row of `X` that is."""
    X, y, _ = strips
    batched = BatchedClassifier(
        make_pipeline(MaxNormalizer(), as_table), GaussianNB(), batch_rows=8, random_state=0
    ).fit(X, y)
    bad = X.copy()
    bad[19, 5] = np.inf
    for ask in (lambda: batched.predict(bad), lambda: batched.fit(bad, y)):
        with pytest.raises(ValueError, match="infinity") as caught:
            ask()
        in_batch = int(re.search(r"row (\d+)", str(caught.value))[1])
        rows = json.loads(re.search(r"\[.*\]", caught.value.__notes__[0])[0])
        assert rows[in_batch] == 19
