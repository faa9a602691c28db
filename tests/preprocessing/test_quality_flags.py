import numpy as np
import pandas as pd
import pytest
import sklearn
from numpy.testing import assert_array_equal
from sklearn.compose import make_column_transformer
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer

from sklearn_ecg.datasets import make_ecg
from sklearn_ecg.preprocessing import (
    BandpassFilter,
    GapFiller,
    MaxNormalizer,
    QualityFlags,
    quality_flags,
    segment,
)


@pytest.fixture
def X():
    """A lead with beats, and one that is off for most of the time."""
    X = 0.02 * np.random.default_rng(0).normal(size=(2, 1000, 1))
    X[:, ::80] += 1
    X[1, :600] = 0
    return X


def test_flags_join_other_features_in_a_union(X):
    """One row of features per row of signals, for any scikit-learn classifier."""
    peaks = FunctionTransformer(lambda X: X.max(axis=1, keepdims=True))
    features = make_union(QualityFlags(fs=100), peaks).fit_transform(X[..., 0])
    assert features.shape == (2, 2)
    assert_array_equal(features[:, 0], [0, 1])


def test_flags_have_names_and_fit_into_a_data_frame(X):
    """One column for each lead, as other features."""
    flags = QualityFlags(fs=100).set_output(transform="pandas").fit_transform(X)
    assert flags.columns.tolist() == ["unusable_lead0"]
    fitted = QualityFlags(fs=100).fit(X)
    assert fitted.get_feature_names_out(["II"]).tolist() == ["unusable_II"]
    with pytest.raises(ValueError, match="2 names, but QualityFlags was fitted on 1 leads"):
        fitted.get_feature_names_out(["I", "II"])


@pytest.mark.parametrize("output", ["default", "pandas"])
def test_flags_are_named_by_the_columns_that_hold_signals(X, output):
    """One column that holds all leads, or one for each time step, in a ColumnTransformer."""
    index = [7, 3]  # as after a split
    held = pd.DataFrame({"ecg": list(np.concatenate([X, X[::-1]], axis=2))}, index=index)
    wide = pd.DataFrame(X[..., 0], index=index).add_prefix("t")
    for frame, flags in (
        (held, {"ecg_lead0": [0, 1], "ecg_lead1": [1, 0]}),
        (wide, {"lead0": [0, 1]}),
    ):
        columns = make_column_transformer(
            (QualityFlags(fs=100), frame.columns.tolist()),
            ("passthrough", ["age"]),
            verbose_feature_names_out=False,
        ).set_output(transform=output)
        table = columns.fit_transform(frame.assign(age=[40, 50]))
        expected = pd.DataFrame(flags, index=index).add_prefix("unusable_").assign(age=[40, 50])
        assert columns.get_feature_names_out().tolist() == expected.columns.tolist()
        assert_array_equal(table, expected)
        if output == "pandas":
            pd.testing.assert_frame_equal(table, expected, check_dtype=False)


@pytest.mark.parametrize("steps", [[], [MaxNormalizer()], [BandpassFilter(fs=100), GapFiller(5)]])
def test_flags_stay_in_their_rows_where_scikit_learn_is_set_to_data_frames(X, steps):
    """Arrays, as steps before make, have no index by which to join flags and other columns."""
    frame = pd.DataFrame({"ecg": list(X), "age": [40, 50]}, index=[1, 0])
    columns = make_column_transformer(
        (make_pipeline(*steps, QualityFlags(fs=100)), ["ecg"]),
        ("passthrough", ["age"]),
        verbose_feature_names_out=False,
    )
    with sklearn.config_context(transform_output="pandas"):
        table = columns.fit_transform(frame)
    expected = pd.DataFrame({"unusable_ecg": [0, 1], "age": [40, 50]}, index=[1, 0])
    pd.testing.assert_frame_equal(table, expected, check_dtype=False)


def test_name_of_one_lead_does_not_name_several(X):
    """The name of a column that holds all leads does."""
    flags = QualityFlags(fs=100).fit(np.tile(X, 2))
    assert flags.get_feature_names_out(["ecg"])[1] == "unusable_ecg_lead1"
    with pytest.raises(ValueError, match="1 names, but QualityFlags was fitted on 2 leads"):
        flags.get_feature_names_out(["I"])


def test_segments_that_are_padding_are_neither_usable_nor_unusable():
    """A dense array of padded signals is flagged as the list of them, and NaN beyond their ends."""
    rows = [make_ecg(duration_s, fs=100, random_state=0).signal for duration_s in (10, 4)]
    padded = np.full((2, 1000, 1), np.nan)
    padded[0], padded[1, :400] = rows
    padded[0, 200:400] = rows[0][200:400] = np.nan  # missing, and not padding
    ragged = quality_flags(segment(rows, 200), fs=100)
    dense = quality_flags(segment(padded, 200), fs=100)
    assert_array_equal(ragged[0][:, 0], [0, 1, 0, 0, 0])
    assert_array_equal(ragged[1][:, 0], [0, 0])
    assert_array_equal(dense[..., 0], [[0, 1, 0, 0, 0], [0, 0, np.nan, np.nan, np.nan]])
