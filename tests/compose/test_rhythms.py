"""The rhythms of a long recording, by a classifier of strips of it."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import NotFittedError
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline

from sklearn_ecg.beats import summarize_beats
from sklearn_ecg.compose import BeatClassifier, SegmentedClassifier, annotate_rhythms
from sklearn_ecg.datasets import ECGRecord, RecordReader, make_ecg, read_record, write_record
from sklearn_ecg.plotting import report

FS = 10.0  # Hz
STRIP = 300  # time steps, half a minute


class ByLevel(ClassifierMixin, BaseEstimator):
    """Name a signal by its mean, and remember how many came at once and how long they were."""

    def __init__(self, classes=("N", "A", "~", "O")):
        self.classes = classes

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.calls_ = []
        return self

    def predict(self, X):
        assert not any(np.isnan(signal).all() for signal in X)
        self.calls_.append([len(signal) for signal in X])
        return np.array([self.classes[round(float(np.nanmean(signal)))] for signal in X])


def fitted(classes=("N", "A", "~", "O"), duration_s=None):
    pipeline = make_pipeline(RecordReader(["II"], fs=FS, duration_s=duration_s), ByLevel(classes))
    record = recording("N")
    return pipeline.fit([record, record], ["A", "N"])


def recording(rhythms, rest=0):
    """Make strips whose mean is the number of their class; " " has no signal."""
    levels = {"N": 0.0, "A": 1.0, "~": 2.0, "O": 3.0, " ": np.nan}
    level = np.repeat([levels[name] for name in rhythms], STRIP)
    level = np.append(level, np.full(rest, level[-1]))
    ripple = 0.1 * (np.arange(len(level)) % 2)
    return ECGRecord((level + ripple)[:, None].astype(np.float32), FS, ("II",))


def rhythms_of(record):
    begins, names = record.rhythms
    return dict(zip((begins / STRIP).tolist(), names.tolist(), strict=True))


class Rule(ByLevel):
    """As a rule of one's own answers."""

    def predict(self, X):
        return super().predict(X).tolist()


@pytest.mark.parametrize(
    ("strips", "expected"),
    [
        ("NNNAAAOOO", {0: "N", 3: "AFIB", 6: "O"}),
        ("NNNAANNN", {0: "N"}),  # two strips do not last
        ("NNNANANAAANNA", {0: "N", 7: "AFIB"}),
        ("NAAAN", {0: "AFIB"}),  # at the beginning the one after it
        ("AAA~~AAA~~~", {0: "AFIB", 8: "?"}),
        ("AAA    NNN", {0: "AFIB", 3: "?", 7: "N"}),
        ("AAA AAA", {0: "AFIB"}),  # as a strip of noise
        ("NANANA", {0: "?"}),
        ("AA", {0: "AFIB"}),  # no three strips are there
        ("NA", {0: "?"}),
        ("A", {0: "AFIB"}),
    ],
)
def test_answer_that_lasts_is_a_rhythm(strips, expected):
    assert rhythms_of(annotate_rhythms(recording(strips), fitted())) == expected


@pytest.mark.parametrize(("fewest", "expected"), [(1, {0: "N", 2: "AFIB", 3: "N"}), (2, {0: "N"})])
def test_fewest_strips_say_how_long_is_long_enough(fewest, expected):
    record = recording("NNANN")
    assert rhythms_of(annotate_rhythms(record, fitted(), fewest_strips=fewest)) == expected


@pytest.mark.parametrize(
    ("n_strips", "rest", "n_rows"), [(4, 0, 4), (4, 149, 4), (4, 151, 5), (1, 0, 1), (0, 20, 1)]
)
def test_all_strips_are_equally_long(n_strips, rest, n_rows):
    """Less than half a strip at the end belongs to the last; for more, a strip reaches back."""
    model = fitted()
    record = recording("N" * max(n_strips, 1), rest)
    if not n_strips:
        record = ECGRecord(record.signal[:rest], FS, ("II",))
    annotate_rhythms(record, model)
    assert model[-1].calls_ == [[min(STRIP, record.n_timesteps)] * n_rows]


def test_strips_are_as_long_as_the_model_takes():
    model = fitted(duration_s=10)
    annotate_rhythms(recording("NN"), model)
    annotate_rhythms(recording("NN"), model, strip_s=20)
    assert [len(lengths) for lengths in model[-1].calls_] == [6, 3]
    model = fitted()
    model[0].set_params(longest_s=20)
    annotate_rhythms(recording("NN"), model)
    assert model[-1].calls_ == [[200] * 3]


def test_a_strip_without_a_time_step_is_an_error():
    record = recording("N")
    with pytest.raises(ValueError, match=r"A strip of 0\.04 s of the record, which has 300 time"):
        annotate_rhythms(record, fitted(), strip_s=0.04)
    with pytest.raises(ValueError, match="which has 0 time steps, has none"):
        annotate_rhythms(ECGRecord(record.signal[:0], FS, ("II",)), fitted())


def test_a_long_recording_is_not_held_twice():
    """Some strips are asked about at a time."""
    model = fitted()
    annotate_rhythms(recording("N" * 150), model)
    assert [len(lengths) for lengths in model[-1].calls_] == [64, 64, 22]


def test_classes_have_the_names_that_are_given():
    model = fitted(classes=(0, 1, 2, 3))
    names = {0: "N", 1: "AFL"}
    assert rhythms_of(annotate_rhythms(recording("NNNAAAOOO"), model, names=names)) == {
        0: "N",
        3: "AFL",
        6: "3",
    }


def test_recording_may_be_a_file(tmp_path):
    """As it may be for beats and for a report."""
    path = write_record(recording("AAAANNNN"), tmp_path / "day.hea")
    assert rhythms_of(annotate_rhythms(path, fitted())) == {0.0: "AFIB", 4.0: "N"}


def test_answers_may_be_a_list():
    """It ended in an AttributeError."""
    model = make_pipeline(RecordReader(["II"], fs=FS), Rule()).fit([recording("N")] * 2, ["A", "N"])
    assert rhythms_of(annotate_rhythms(recording("NNNAAA"), model)) == {0: "N", 3: "AFIB"}


def test_unit_is_that_of_the_recording_and_not_of_a_strip():
    """An electrode that was off for half an hour tells no unit."""
    record = recording("N" * 70 + "O" * 64)
    record.signal[70 * STRIP :] = 3 + 0.005 * (record.signal[70 * STRIP :] > 3)
    assert rhythms_of(annotate_rhythms(record, fitted())) == {0.0: "N", 70.0: "O"}
    microvolts = replace(record, signal=1000 * record.signal)
    with pytest.warns(UserWarning, match="hardly in mV: 1 of 1 recordings.* mV, more") as warned:
        annotate_rhythms(microvolts, fitted(classes=["N"] * 4000))
    assert len(warned) == 1


def test_what_came_with_the_recording_stays_but_for_its_rhythms():
    record = make_ecg(40, fs=100, leads=["II", "V1"], random_state=0)
    annotated = annotate_rhythms(record, fitted())
    assert annotated.signal is record.signal
    np.testing.assert_array_equal(annotated.annotations[0], record.annotations[0])
    assert annotated.lead_names == ("II", "V1")


def test_no_mark_of_an_expert_remains_where_no_rhythm_begins(tmp_path):
    """A mark without a name would end the rhythm for other programs."""
    marks = np.array([5, 400, 1000]), np.array(["N", "+", "V"])
    rhythms = np.array([400]), np.array(["VT"])
    record = replace(recording("NNNAAA"), annotations=marks, rhythms=rhythms)
    write_record(annotate_rhythms(record, fitted()), tmp_path / "day.hea")
    again = read_record(tmp_path / "day.hea", annotator="atr")
    assert again.annotations[0].tolist() == [0, 5, 900, 1000]
    assert again.annotations[1].tolist() == ["+", "N", "+", "V"]


def test_unknown_rhythms_do_not_count_for_the_burden(tmp_path):
    """They are no known time. Another rhythm (O) is, also after it was written and read."""
    beats = np.arange(0, 12 * STRIP + 1, 8), np.full(12 * STRIP // 8 + 1, "N")
    record = recording("AAAOOO~~~NNN", rest=1)
    record = ECGRecord(record.signal, FS, ("II",), annotations=beats)
    annotated = annotate_rhythms(record, fitted())
    write_record(annotated, tmp_path / "day.hea")
    again = read_record(tmp_path / "day.hea", annotator="atr")
    for each in (annotated, again):
        summary = summarize_beats(each)
        assert list(summary.rhythms) == ["?", "AFIB", "N", "O"]
        assert summary.af_burden == pytest.approx(1 / 3)


def test_report_says_that_a_model_found_the_rhythms(tmp_path):
    record = make_ecg(100, fs=100, leads=["II"], random_state=0)
    model = BeatClassifier(SegmentedClassifier(None, GaussianNB()), leads=["II"]).fit([record])
    page = report(record, model, tmp_path / "a.html", rhythm_classifier=fitted()).read_text(
        encoding="utf-8"
    )
    assert "<h2>Rhythms found by a model, strip by strip</h2>" in page
    noisy = ECGRecord(record.signal + 3, 100.0, ("II",))
    page = report(noisy, model, tmp_path / "b.html", rhythm_classifier=fitted()).read_text(
        encoding="utf-8"
    )
    assert "O is another rhythm." in page
    noisy = ECGRecord(record.signal + 2, 100.0, ("II",))
    page = report(noisy, model, tmp_path / "c.html", rhythm_classifier=fitted()).read_text(
        encoding="utf-8"
    )
    assert "? is an unknown one." in page
    assert "<h2>Rhythms" not in report(record, model, tmp_path / "d.html").read_text(
        encoding="utf-8"
    )


def test_what_cannot_name_a_rhythm_is_refused():
    record = recording("NNN")
    beats = make_ecg(20, fs=100, leads=["II"], random_state=0)
    of_beats = BeatClassifier(SegmentedClassifier(None, GaussianNB()), leads=["II"]).fit([beats])
    for model in (of_beats, ByLevel().fit([[0.0]], ["N"])):
        with pytest.raises(TypeError, match="must be a pipeline that begins with a RecordReader"):
            annotate_rhythms(record, model)
    with pytest.raises(NotFittedError):
        annotate_rhythms(record, make_pipeline(RecordReader(["II"], fs=FS), ByLevel()))
    with pytest.raises(ValueError, match="must predict one class for each recording"):
        annotate_rhythms(record, fitted(classes=[(0, 1)] * 4))
    with pytest.raises(ValueError, match="II"):
        annotate_rhythms(ECGRecord(record.signal, FS, ("V1",)), fitted())
    with pytest.raises(ValueError, match="'fewest_strips' parameter"):
        annotate_rhythms(record, fitted(), fewest_strips=0)
    with pytest.raises(TypeError, match="'record' parameter"):
        annotate_rhythms(["day.edf"], fitted())
