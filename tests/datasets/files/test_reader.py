"""Recordings as rows of X."""

from contextlib import nullcontext
from dataclasses import replace

import joblib
import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sklearn_ecg.datasets import ECGFormatError, ECGRecord, RecordReader, make_ecg, read_record
from sklearn_ecg.datasets._files._recording_rows import read_in_all_leads, reading_options


def flatten(X):
    return np.nan_to_num(X.reshape(len(X), -1))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Twelve recordings of two classes in two rates, units and orders of leads."""
    folder = tmp_path_factory.mktemp("recordings")
    for i in range(12):
        fs = (250, 500)[i % 2]
        record = make_ecg(
            duration_s=2, fs=fs, heart_rate=60 + 60 * (i >= 6), leads=["II", "V1"], random_state=i
        )
        scale, unit = ((1, "mV"), (1000, "uV"))[i % 2]
        np.savetxt(
            folder / f"{i:02}.csv",
            np.column_stack([np.arange(len(record.signal)) / fs, scale * record.signal[:, ::-1]]),
            delimiter=",",
            header=f"time (s),V1 ({unit}),II ({unit})",
            comments="",
            fmt="%.5f",
        )
    return folder


@pytest.fixture(scope="module")
def paths(folder):
    return sorted(folder.glob("*.csv"))


Y = np.repeat([0, 1], 6)


def test_rows_are_alike_whatever_the_files_are(paths):
    """One rate, one unit, leads in the wanted order."""
    X = RecordReader(["II", "V1"], fs=250, duration_s=2).fit_transform(paths)
    assert X.shape == (12, 500, 2)
    assert X.dtype == np.float32
    np.testing.assert_allclose(X[0], read_record(paths[0], leads=["II", "V1"]).signal)
    np.testing.assert_allclose(X[1], read_record(paths[1], leads=["II", "V1"], fs=250).signal)
    assert 0.3 < np.abs(X[1]).max() < 5  # mV, not microvolts


def test_records_paths_and_columns_of_paths_give_the_same(paths):
    """A row is a recording, however it is handed over."""
    reader = RecordReader(["II"], fs=250, duration_s=1.5)
    expected = reader.fit_transform(paths[:3])
    records = [read_record(path) for path in paths[:3]]
    column = np.array([[str(path)] for path in paths[:3]], dtype=object)
    for rows in (records, list(map(str, paths[:3])), column, np.array(paths[:3])):
        np.testing.assert_array_equal(reader.fit_transform(rows), expected)


def test_without_duration_rows_keep_their_length(paths):
    """The form never depends on which rows a split has selected."""
    X = RecordReader(["II"], fs=100).fit_transform(paths[:2])
    assert X.dtype == object
    assert [row.shape for row in X] == [(200, 1), (200, 1)]


def test_duration_is_rounded_to_a_time_step(paths):
    """1.15 * 100 is a hair less than 115 in floating point."""
    reader = RecordReader(["II"], fs=100, duration_s=1.15)
    assert reader.fit_transform(paths[:1]).shape == (1, 115, 1)
    assert reader.n_timesteps_ == 115


def test_short_recordings_are_padded_with_nan(paths):
    """So that nobody takes padding for a flat line."""
    X = RecordReader(["II"], fs=250, duration_s=3).fit_transform(paths[:1])
    assert np.isfinite(X[0, :500]).all()
    assert np.isnan(X[0, 500:]).all()


def test_pipeline_is_searched_saved_and_given_a_new_file(paths, tmp_path):
    """Paths in, an answer out, with nothing to remember."""
    pipeline = make_pipeline(
        RecordReader(["II"], fs=100, duration_s=2),
        FunctionTransformer(flatten),
        LogisticRegression(max_iter=500),
    )
    assert cross_val_score(clone(pipeline), paths, Y, cv=3).shape == (3,)
    search = GridSearchCV(pipeline, {"recordreader__fs": [50, 100]}, cv=2).fit(paths, Y)
    joblib.dump(search, tmp_path / "search.joblib")
    loaded = joblib.load(tmp_path / "search.joblib")
    np.testing.assert_array_equal(loaded.predict(paths), search.predict(paths))


def test_reading_in_processes_gives_the_same(paths):
    """In the same order."""
    one = RecordReader(["II"], fs=100, duration_s=2).fit_transform(paths)
    two = RecordReader(["II"], fs=100, duration_s=2, n_jobs=2).fit_transform(paths)
    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("output", ["pandas", "polars"])
def test_signals_stay_arrays(paths, output):
    """Under every setting of scikit-learn, because a data frame has too few axes."""
    with config_context(transform_output=output):
        signals = RecordReader(["II"], fs=100, duration_s=2).fit_transform(paths)
    assert isinstance(signals, np.ndarray)
    with pytest.raises(ValueError, match=r"RecordReader returns arrays of signals.* leave set_out"):
        make_pipeline(RecordReader(["II"], fs=100)).set_output(transform=output)


def test_contract_is_stated(paths):
    """Which leads, how many time steps."""
    reader = RecordReader([("MLII", "II"), "V1"], fs=100, duration_s=2).fit(paths)
    assert reader.lead_names_ == ("MLII", "V1")
    assert reader.n_timesteps_ == 200
    assert reader.get_feature_names_out().tolist() == ["MLII", "V1"]


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        ("a.csv", TypeError, r"X is one recording, .* as in \[X\]"),
        (make_ecg(duration_s=2, random_state=0), TypeError, "X is one recording"),
        ([], ValueError, "X is empty"),
        ({"b.csv", "a.csv"}, TypeError, "X is of type set, but rows need an order"),
        ({"ann": "a.csv"}, TypeError, "X is of type dict"),
        (iter(["a.csv"]), TypeError, "X is of type list_iterator"),
        ([np.zeros(5)], TypeError, "row 0 of X is of type ndarray, but a row must be a path"),
        (np.zeros((2, 5)), TypeError, "row 0 of X is of type ndarray"),
    ],
)
def test_rows_that_are_no_recordings_are_refused(X, error, message):
    """When the pipeline is fitted, before any file is opened."""
    with pytest.raises(error, match=message):
        RecordReader(["II"], fs=100).fit(X)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"leads": "II"}, "'leads' parameter"),
        ({"leads": []}, "leads is empty"),
        ({"leads": ["II", ("II", "V1")]}, "names a lead twice"),
        ({"leads": ["II"], "fs": 0}, "'fs' parameter"),
        ({"leads": ["II"], "longest_s": 0}, "'longest_s' parameter"),
        ({"leads": ["II"], "flat_leads": "drop"}, "'flat_leads' parameter"),
        ({"leads": ["II"], "duration_s": 0.001}, "less than a time step"),
    ],
)
def test_bad_parameters_are_refused(parameters, message):
    """By name; and the reader is not fitted afterwards."""
    reader = RecordReader(**{"fs": 100} | parameters)
    with pytest.raises(ValueError, match=message):
        reader.fit(["a.csv"])
    assert not hasattr(reader, "lead_names_")


def test_bad_recording_is_named(paths, tmp_path):
    """A file that is not there, or a lead that a record lacks."""
    reader = RecordReader(["aVL"], fs=100).fit(paths)
    with pytest.raises(ValueError, match=r"00\.csv has no lead aVL; it has V1, II"):
        reader.transform(paths)
    with pytest.raises(FileNotFoundError, match="gone"):
        reader.transform([tmp_path / "gone.csv"])
    record = ECGRecord(np.zeros((10, 1), np.float32), fs=100.0, lead_names=("II",), source="x.edf")
    with pytest.raises(ValueError, match=r"x\.edf has no lead aVL; it has II"):
        reader.transform([record])
    nothing = replace(record, signal=record.signal[:0], lead_names=("aVL",))
    with pytest.raises(ValueError, match=r"x\.edf has no time step"):
        reader.transform([nothing])


def test_longer_recording_than_a_network_knows_is_refused():
    """By its name, with the way out; one of just this duration is taken."""
    record = replace(make_ecg(10, fs=100, leads=["II"], random_state=0), source="day.edf")
    reader = RecordReader(["II"], fs=100, longest_s=10).fit([record])
    assert reader.transform([record])[0].shape == (1000, 1)
    longer = replace(record, signal=np.append(record.signal, [[0]], axis=0).astype(np.float32))
    with pytest.raises(ValueError, match=r"day\.edf lasts 10\.01 s, but longest_s=10: pass parts"):
        reader.transform([longer])
    reader.set_params(longest_s=None).transform([longer])


def test_shorter_recording_than_a_network_knows_is_refused():
    """By its name; one of just this duration is taken."""
    record = replace(make_ecg(10, fs=100, leads=["II"], random_state=0), source="strip.edf")
    reader = RecordReader(["II"], fs=100, shortest_s=10).fit([record])
    assert reader.transform([record])[0].shape == (1000, 1)
    with pytest.raises(ValueError, match=r"strip\.edf lasts 9\.99 s, but shortest_s=10: leave it"):
        reader.transform([replace(record, signal=record.signal[1:])])


def test_longest_recording_is_rounded_to_a_time_step():
    """3333 time steps at 333.33 Hz are 9.9991 s, 3334 are 10.002 s, and one of them is 10 s."""
    reader = RecordReader(["II"], fs=100, longest_s=10).fit(["day.edf"])
    signal = np.zeros((3335, 1), np.float32)
    for fs, longest in ((333.33, 3333), (333.36, 3334)):
        reader.transform([ECGRecord(signal[:longest], fs, ("II",))])
        with pytest.raises(ValueError, match="but longest_s=10"):
            reader.transform([ECGRecord(signal[: longest + 1], fs, ("II",))])


@pytest.mark.parametrize("fs", [250, 200])
def test_lead_that_is_off_may_be_missing(fs):
    """As long as it stands still, resampled or not, above 0 too."""
    record = make_ecg(10, fs=250, leads=["II", "V1"], random_state=0)
    record.signal[500:1500, 0] = 0.37
    reader = RecordReader(["II", "V1"], fs=fs)
    (kept,), (marked,) = (
        reader.set_params(flat_leads=how).fit_transform([record]) for how in ("keep", "nan")
    )
    assert not np.isnan(kept).any()
    is_missing = np.isnan(marked)
    assert not is_missing[:, 1].any()
    np.testing.assert_allclose(np.flatnonzero(is_missing[:, 0])[[0, -1]] / fs, [2, 6], atol=0.02)
    assert is_missing[:, 0].sum() == pytest.approx(4 * fs, abs=5)
    np.testing.assert_allclose(marked[:fs], kept[:fs], atol=1e-6)


def test_leads_of_another_rate_are_left_out_only_where_there_are_any(tmp_path):
    """A page shows all leads; a damaged file is not read a second time to the same end."""
    data = np.arange(6, dtype="<i2").tobytes()
    (tmp_path / "r.dat").write_bytes(data)
    header = "r 2 100 2\nr.dat 16 200 16 0 0 0 0 I\nr.dat {} 200 16 0 0 0 0 II\n"
    options = reading_options(RecordReader(["II"], fs=100))
    (tmp_path / "r.hea").write_text(header.format("16x2"))
    assert read_in_all_leads(tmp_path / "r.hea", options).lead_names == ("II",)
    (tmp_path / "r.hea").write_text(header.format("16"))
    assert read_in_all_leads(tmp_path / "r.hea", options).lead_names == ("I", "II")
    (tmp_path / "r.hea").write_text(header.format("77"))
    with pytest.raises(ECGFormatError, match="77"):
        read_in_all_leads(tmp_path / "r.hea", {"leads": None, "unknown": 1})


def test_facts_that_files_lack_are_stated_to_the_reader(tmp_path):
    """Rate, unit and names of leads, as to `read_record`; a page about a recording reads so too."""
    np.savetxt(tmp_path / "r.csv", np.arange(200) * 10.0, fmt="%g")
    reader = RecordReader(["II"], fs=50, file_fs=50, file_unit="uV", file_lead_names=["II"])
    (signal,) = reader.fit_transform([tmp_path / "r.csv"])
    np.testing.assert_allclose(signal[:, 0], np.arange(200) / 100, rtol=1e-6)
    record = read_in_all_leads(tmp_path / "r.csv", reading_options(reader))
    np.testing.assert_array_equal(record.signal, signal)


def test_array_of_files_with_several_is_stated_to_the_reader(tmp_path):
    """Such as a signal before and after a filter, which have one shape."""
    said = {"file_fs": 50, "file_unit": "mV", "file_lead_names": ["II"]}
    np.savez(tmp_path / "r.npz", raw=np.arange(200.0), filtered=np.ones(200))
    reader = RecordReader(["II"], fs=50, file_array="raw", **said)
    np.testing.assert_array_equal(
        clone(reader).fit_transform([tmp_path / "r.npz"])[0][:, 0], range(200)
    )
    with pytest.raises(ECGFormatError, match=r"several arrays .*file_array"):
        RecordReader(["II"], fs=50, **said).fit_transform([tmp_path / "r.npz"])


def test_record_without_any_of_the_leads_raises_a_warning(paths):
    """As a file does: a row of nothing but NaN is never silent."""
    reader = RecordReader(["V9"], fs=250, missing_leads="nan")
    for row in (paths[0], read_record(paths[0]), replace(read_record(paths[0]), source="")):
        with pytest.warns(UserWarning, match=r"gives nothing but NaN, because it has none of V9\."):
            assert np.isnan(reader.fit_transform([row])[0]).all()


@pytest.mark.parametrize("form", ["path", "record"])
def test_lead_that_may_be_there_by_an_unknown_name_is_warned_of(tmp_path, form):
    """With missing leads allowed, a name of one maker's own would lose the lead without a word."""
    path = tmp_path / "a.csv"
    path.write_text("time (s),II (mV),C1 (mV)\n0,0.1,0.2\n1,0.3,0.4\n")
    row = path if form == "path" else read_record(path)
    reader = RecordReader(["II", "V1"], fs=1, missing_leads="nan")
    with pytest.warns(UserWarning, match=r"a\.csv has no lead V1\. It has C1, by which no lead"):
        (signal,) = reader.fit_transform([row])
    np.testing.assert_allclose(signal, [[0.1, np.nan], [0.3, np.nan]])
    (signal,) = reader.set_params(leads=["II", ("V1", "C1"), "V2"]).fit_transform([row])
    expected = [[0.1, 0.2, np.nan], [0.3, 0.4, np.nan]]
    np.testing.assert_allclose(signal, expected)  # and nothing is warned of


def test_signals_of_sleep_are_no_leads_of_unknown_names(tmp_path):
    """A night has many beside one lead, and a warning for each file would help nobody."""
    path = tmp_path / "night.csv"
    path.write_text("time (s),II (mV),EEG C3-A2 (uV),EMG chin (uV)\n0,0.1,1,2\n1,0.3,2,1\n")
    reader = RecordReader(["II", "V1"], fs=1, missing_leads="nan")
    assert reader.fit_transform([path])[0].shape == (2, 2)


@pytest.mark.parametrize(
    ("factor", "offset", "amount"), [(1000, 0, "more"), (200, 2048, "more"), (1e-3, 0, "less")]
)
def test_signal_that_is_hardly_in_millivolts_is_warned_of(tmp_path, factor, offset, amount):
    """In uV, in the numbers of a converter, or in V, whether in a record or in a file."""
    record = make_ecg(5, fs=100, leads=["I"], random_state=0)
    path = tmp_path / "walk.csv"
    np.savetxt(path, factor * record.signal + offset, header="ECG", comments="")
    reader = RecordReader([("ECG", "I")], fs=100, file_fs=100, file_unit="mV")
    with pytest.warns(UserWarning, match=rf"2 of 3 .*walk.csv, varies .* mV, {amount}"):
        reader.fit_transform([record, path, path])
    other = ECGRecord(factor * record.signal + offset, 100, ["ECG"])
    with pytest.warns(UserWarning, match=r"1 of 1 .* a record, .* ECGRecord in mV\."):
        reader.fit_transform([other])


@pytest.mark.parametrize(
    ("swing_mv", "is_odd"), [(0.009, True), (0.011, False), (49, False), (51, True)]
)
def test_limits_of_what_may_be_in_millivolts(swing_mv, is_odd):
    """In a usual second a lead varies by 0.01 mV at least, and by 50 mV at most."""
    signal = swing_mv / 2 * np.sin(2 * np.pi * np.arange(500) / 100)[:, None]
    reader = RecordReader(["I"], fs=100).fit(["a.csv"])
    with pytest.warns(UserWarning, match="hardly in mV") if is_odd else nullcontext():
        reader.transform([ECGRecord(signal, 100, ["I"])])


@pytest.mark.parametrize("edit", [(0.1, 0), (5, 0), (1, 300), (np.nan, 0), (0, 7)])
def test_signal_that_may_be_in_millivolts(edit):
    """A small or large heart, an electrode's offset, and a lead that is off."""
    signal = make_ecg(5, fs=100, leads=["I"], random_state=0).signal
    record = ECGRecord(edit[0] * signal + edit[1], 100, ["I"])
    assert RecordReader(["I"], fs=100).fit_transform([record])[0].shape == (500, 1)
