"""A report of one recording, as a file and in a browser."""

import base64
import json
import re
import zlib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import LinearSVC

from sklearn_ecg.beats import extract_beats, summarize_beats
from sklearn_ecg.compose import BeatClassifier, SegmentedClassifier
from sklearn_ecg.datasets import ECGRecord, RecordReader, make_ecg, write_record
from sklearn_ecg.datasets._files._wfdb_annotation import RHYTHMS
from sklearn_ecg.inspection import explain
from sklearn_ecg.neural_network import LSTMClassifier
from sklearn_ecg.plotting import _compact, report
from sklearn_ecg.plotting._compact import make_traces, pack_traces
from sklearn_ecg.plotting._report._findings import Findings
from sklearn_ecg.plotting._report._sections import (
    write_events,
    write_recording,
    write_result,
    write_rhythms,
)
from sklearn_ecg.preprocessing import Reshaper, Segmenter


@pytest.fixture(scope="module")
def record():
    return make_ecg(
        180, fs=250, premature={"V": 0.1}, leads=("II", "V1"), noise={"muscle": 25}, random_state=0
    )


@pytest.fixture(scope="module")
def beat_model(record):
    return BeatClassifier(SegmentedClassifier(None, GaussianNB()), leads=["II"]).fit([record])


@pytest.fixture(scope="module")
def rhythm_model():
    """A pipeline for recordings that classifies their segments too."""
    records = [
        make_ecg(10, fs=100, rhythm=("sinus", "af")[i % 2], random_state=i) for i in range(4)
    ]
    steps = RecordReader(["II"], fs=100), Segmenter(200, step=100, tail="drop")
    classifier = SegmentedClassifier(None, LogisticRegression())
    return make_pipeline(*steps, classifier).fit(records, ["sinus", "af"] * 2)


def read(path):
    return path.read_text(encoding="utf-8")


def data_of(page):
    return json.loads(re.search(r'id="data">(.*?)</script>', read(page)).group(1))


def unpack(about, packed):
    """Do in NumPy what the page does in JavaScript."""
    content = np.frombuffer(zlib.decompress(base64.b64decode(packed)), np.uint8)
    shape = len(about["tiles"]), about["length"]
    n = shape[0] * shape[1]
    low, high = content[-2 * n : -n].astype(int), content[-n:].astype(int)
    zigzag = low | high << 8
    differences = ((zigzag >> 1) ^ -(zigzag & 1)).reshape(shape)
    values = differences.cumsum(axis=1) * np.array(about["steps"])[:, None]
    is_missing = np.unpackbits(content[: -2 * n])[:n].reshape(shape)
    return np.where(is_missing, np.nan, values)


def test_page_shows_beats_quality_and_card(record, beat_model, tmp_path):
    """It is one file with the words that it is not a diagnosis."""
    page = report(record, beat_model, tmp_path / "r.html", card={"limits": {"age": "adults"}})
    assert page == tmp_path / "r.html"
    text = read(page)
    for words in ("not a diagnosis", "ventricular ectopic", "unusable", "adults", "beats/min"):
        assert words in text
    assert "://" not in text  # base64 may hold any word


def test_file_is_read_in_all_its_leads(record, beat_model, tmp_path):
    """With the model's first."""
    path = write_record(replace(record, lead_names=("V1", "II")), tmp_path / "a.hea")
    page = report(path, beat_model, tmp_path / "r.html")
    assert [lead["name"] for lead in data_of(page)["leads"]] == ["II", "V1"]


def test_features_of_several_leads_name_their_lead(record, tmp_path):
    """A number, as in the names of features, would say nothing to a reader."""
    table = SegmentedClassifier(None, LogisticRegression(C=0.01))  # which is not too sure
    model = BeatClassifier(table, leads=["II", "V1"], features=["shape"], n_before=1, n_after=0)
    model.fit([record])
    parts = data_of(report(record, model, tmp_path / "r.html"))["reasons"]["parts"]
    assert all(re.match(r"[a-z ]+ in (II|V1) of this beat", part) for part in parts if part)
    assert any(" in V1 of " in part for part in parts)


def test_recording_without_beats_says_so(beat_model, tmp_path):
    """In place of a table of none."""
    flat = ECGRecord(np.zeros((2500, 1), np.float32), 250.0, ("II",))
    text = read(report(flat, beat_model, tmp_path / "r.html"))
    assert "No heartbeat was found." in text


def test_segments_that_the_classifier_itself_cuts_shade_the_signal(tmp_path):
    """As those that a step of the pipeline cuts."""
    records = [make_ecg(10, fs=100, leads=["II"], random_state=i) for i in range(2)]
    classifier = SegmentedClassifier(Segmenter(250), LogisticRegression())
    of_signals = make_pipeline("passthrough", classifier)
    pipeline = make_pipeline(RecordReader(["II"], fs=100), of_signals).fit(records, ["a", "b"])
    segments = data_of(report(records[0], pipeline, tmp_path / "r.html"))["segments"]
    assert segments["begins"] == [0, 2.5, 5, 7.5]
    assert segments["length"] == 2.5


def test_long_recordings_are_brought_to_a_lower_rate(record, monkeypatch):
    """The waves stay what they are."""
    fast = replace(record, fs=500.0)
    (whole,) = make_traces(fast, [0])
    monkeypatch.setattr(_compact, "_MOST_VALUES", 20_000)
    (trace,) = make_traces(fast, [0])
    assert trace.fs == pytest.approx(500 / 3)
    times = np.arange(len(trace.values)) * 3
    expected = np.interp(times, np.arange(len(whole.values)), whole.values)
    assert np.corrcoef(trace.values, expected)[0, 1] > 0.99


def test_runs_pauses_and_burden_have_a_place(record):
    """The longest of each has a button that moves the strip; the burden is of annotated rhythms."""
    symbols = np.full(100, "N")
    symbols[[10, 11, 12, 40, 41, 42, 43]] = "V"
    annotated = replace(
        record,
        annotations=tuple(np.delete(each, [70, 71]) for each in (np.arange(100) * 250, symbols)),
        rhythms=(np.array([0, 12500]), np.array(["N", "AFIB"])),
    )
    summary = summarize_beats(annotated)
    text = write_events(Findings(annotated, "file", ["N", "V"]), summary, [])
    cells = re.findall("<t[dh][^>]*>(.*?)</t[dh]>", text)[4:]
    assert cells[:3] == ["runs of V", "2", "4 beats, 60/min"]
    assert cells[4:7] == ["pauses", "1", "3.0 s"]
    assert [re.search(r'data-time="(\d+)', cell)[1] for cell in cells[3::4]] == ["40", "69"]
    text = write_rhythms(summary)
    assert "fibrillation or flutter: 49.5 % of the known" in text
    cells = re.findall("<t[dh][^>]*>(.*?)</t[dh]>", text)[3:]
    assert cells == ["N", "1", "50.5 %", "AFIB", "1", "49.5 %"]
    only_found = write_events(Findings(annotated, "detector", []), summary, [])
    assert "runs of V" not in only_found
    assert "pauses" in only_found


def test_tachycardia_and_flutter_of_the_ventricles_have_lines(record):
    """A long slow rhythm of the ventricles hid the short fast run, and flutter was not there."""
    steps = np.cumsum(np.where(np.arange(60) // 5 == 4, 100, 250))  # five at 150/min
    symbols = np.full(60, "N")
    symbols[5:15] = symbols[20:25] = "V"
    steps = np.append(steps, [16_000, 18_500])
    marks = steps, np.append(symbols, ["[", "]"])
    annotated = replace(record, annotations=marks, rhythms=(np.empty(0, int), np.empty(0, str)))
    summary = summarize_beats(annotated)
    assert_allclose(summary.flutter, [[64, 10]])
    text = write_events(Findings(annotated, "file", ["N", "V"]), summary, [])
    cells = re.findall("<t[dh][^>]*>(.*?)</t[dh]>", text)[4:]
    assert [cells[i : i + 3] for i in range(0, len(cells), 4)] == [
        ["VF or VFL", "1", "10.0 s"],
        ["runs of V", "2", "10 beats, 60/min"],
        ["runs of V above 100/min", "1", "5 beats, 150/min"],
    ]


def test_doubtful_events_stand_apart(record):
    """Noise hides beats and passes for some; what an expert marked there is left alone."""
    symbols = np.full(100, "N")
    symbols[[10, 11, 12, 40, 41, 42, 43]] = "V"
    marks = tuple(np.delete(each, [20, 70, 71]) for each in (np.arange(100) * 250, symbols))
    signal = np.random.default_rng(0).normal(size=(25_000, 2)).astype(np.float32)
    signal[:17_500] *= 0.01
    signal[20_000:] *= 0.01
    signal[marks[0]] += 1.0
    record = replace(record, signal=signal, annotations=marks)
    summary = summarize_beats(record)
    text = write_events(
        Findings(record, "model", ["N", "V"]), summary, [(0, 10), (40, 50), (70, 80)]
    )
    cells = re.findall("<t[dh][^>]*>(.*?)</t[dh]>", text)[4:]
    assert [cells[i : i + 3] for i in range(0, len(cells), 4)] == [
        ["runs of V", "1", "3 beats, 60/min"],
        ["runs of V, where beats may be missed or false", "1", "4 beats, 60/min"],
        ["pauses", "1", "2.0 s"],
        ["pauses, where beats may be missed or false", "1", "3.0 s"],
    ]
    text = write_events(Findings(record, "file", ["N", "V"]), summary, [(0, 200)])
    assert "may be missed" not in text


def test_page_says_at_the_answer_how_much_of_the_signal_is_unusable(record, beat_model, tmp_path):
    """A nurse reads the answer first, and perhaps alone."""
    signal = record.signal.copy()
    signal[: 45 * 250] = np.random.default_rng(0).normal(scale=0.3, size=(45 * 250, 2))
    page = read(report(replace(record, signal=signal), beat_model, tmp_path / "r.html"))
    found = page[page.index("What the model found") : page.index("<h2>Recording")]
    assert re.search(r"2[0-9]\.\d % of this signal is unusable", found)
    clean = read(report(record, beat_model, tmp_path / "r.html"))
    assert "of this signal is unusable" not in clean


def test_worst_lead_has_a_name(record, beat_model, tmp_path):
    """Of twelve, whose table is closed, the reader must know which."""
    assert "Quality: 0 % of each lead is unusable" in read(
        report(record, beat_model, tmp_path / "a.html")
    )
    signal = record.signal.copy()
    signal[:, record.lead_names.index("V1")] = np.nan
    page = report(replace(record, signal=signal), beat_model, tmp_path / "b.html")
    assert "Quality: 100.0 % of the worst lead, V1, is unusable" in read(page)


def test_classes_are_explained_by_the_purpose_of_the_model(rhythm_model, tmp_path):
    """Such as A, which says nothing by itself."""
    record, card = make_ecg(10, fs=100, random_state=9), {"purpose": "Tell fibrillation (af)."}
    page = read(report(record, rhythm_model, tmp_path / "r.html", card=card))
    assert "Tell fibrillation (af)." in page[: page.index("<h2>Recording")]


def test_names_of_rhythms_are_explained(record):
    """Few readers know that B is ventricular bigeminy, and that N is a rhythm here."""
    rhythms = np.array([0, 100, 200]), np.array(["N", "B", "XYZ"])
    text = write_rhythms(summarize_beats(replace(record, rhythms=rhythms)))
    assert "B is ventricular bigeminy" in text
    assert "N is normal rhythm" in text
    assert "XYZ is" not in text


def test_page_says_that_the_usual_beat_passes_for_normal(record):
    """Ventricular tachycardia throughout is N to a model; to the experts of a file it is V."""
    steps = np.arange(100) * 83 + 100
    everywhere = replace(record, annotations=(steps, np.full(100, "N")))
    unusable = np.zeros(18, dtype=bool)
    told = {
        source: write_result(Findings(everywhere, source, ["N", "V"]), unusable, None)
        for source in ("model", "file")
    }
    assert "as in ventricular tachycardia throughout" in told["model"]
    assert "throughout" not in told["file"]


def test_every_rhythm_of_wfdb_is_explained(record):
    """VF, ASYS and third-degree block had no meaning beside bigeminy, which had one."""
    names = sorted(RHYTHMS)
    rhythms = np.arange(len(names)) * 100, np.array(names)
    text = write_rhythms(summarize_beats(replace(record, rhythms=rhythms)))
    assert [name for name in names if f"{name} is " not in text] == []
    assert "VFIB is ventricular fibrillation" in text
    assert "B3 is third-degree block" in text


def test_heart_rate_of_a_recording_has_no_gap_in_it():
    """Nobody knows the rate across 20 s without a signal; it is not 3 a minute."""
    intervals = np.full(10, 100)
    intervals[5] = 2000
    steps = np.cumsum(intervals)
    signal = np.zeros((steps[-1] + 100, 1), np.float32)
    signal[steps[4] + 50 : steps[5] - 50] = np.nan
    record = ECGRecord(signal, 100, ("II",), annotations=(steps, np.full(10, "N")))
    assert "60/min (of 8 intervals)" in write_recording(record)


def test_text_of_a_file_is_no_code(record, beat_model, tmp_path):
    """Neither names of leads, nor of the file, nor of rhythms, nor the card."""
    evil = "</script><script>alert(1)</script>"
    hostile = replace(
        record,
        lead_names=("II", evil),
        source=f"{evil.replace('/', '')}.hea",
        rhythms=(np.array([0]), np.array([evil])),
    )
    text = read(report(hostile, beat_model, tmp_path / "r.html", card={evil: evil}))
    assert "<script>alert" not in text
    assert text.count("alert(1)") >= 4


def test_card_of_many_lists_in_lists_is_cut(record, beat_model, tmp_path):
    """A file may hold more of them than Python can follow."""
    card = {"a": "kept"}
    for _ in range(900):
        card = {"a": "kept", "b": card}
    text = read(report(record, beat_model, tmp_path / "r.html", card=card))
    assert text.count("<dd>kept</dd>") == 11
    assert text.count("<dd>...</dd>") == 1


def test_no_identity_is_on_the_page(record, beat_model, tmp_path):
    """Even if the record was read with its metadata. The name is long: base64 has short ones."""
    name = "Zacharias Quxley"
    known = replace(record, patient=name, metadata={"name": name}, source=f"{name}/7.hea")
    text = read(report(known, beat_model, tmp_path / "r.html"))
    assert "Zacharias" not in text
    assert "Quxley" not in text
    assert "ECG report of 7" in text


def test_recording_is_reported_by_probabilities(rhythm_model, tmp_path):
    """Of each class, and of each segment, at its own time."""
    record = make_ecg(10, fs=200, rhythm="af", random_state=9)
    page = report(record, rhythm_model, tmp_path / "r.html")
    (expected,) = rhythm_model.predict_proba([record])
    assert f"{expected.max():.2f}" in read(page)
    segments = data_of(page)["segments"]
    assert segments["begins"][:3] == [0, 1, 2]
    assert segments["length"] == 2
    assert segments["classes"] == ["af", "sinus"]
    assert segments["shown"] == expected.argmax()
    signals = rhythm_model[0].transform([record])
    of_segments = rhythm_model[-1].predict_proba_segments(rhythm_model[1].transform(signals))[0]
    assert_allclose(segments["probabilities"], of_segments, atol=6e-4)


def test_decision_that_is_not_the_most_probable_class_is_accounted_for(rhythm_model, tmp_path):
    """Else a page that says "af" above "sinus 0.81" looks like a mistake."""
    record, note = make_ecg(10, fs=200, rhythm="af", random_state=9), "decides by a threshold"
    af = rhythm_model.predict_proba([record])[0, 0]
    for threshold, is_other in ((af / 2, af < 0.5), (af + (1 - af) / 2, af > 0.5)):
        last = FixedThresholdClassifier(
            FrozenEstimator(rhythm_model[-1]), threshold=threshold, pos_label="af"
        )
        last.fit(rhythm_model[:-1].transform([record, record]), ["af", "sinus"])
        page = report(record, make_pipeline(*rhythm_model[:-1], last), tmp_path / "r.html")
        assert (note in read(page)) == is_other
    assert note not in read(report(record, rhythm_model, tmp_path / "r.html"))


@pytest.mark.parametrize("names", [["AFIB", "NORM", "SR"], None])
def test_labels_have_their_names_or_numbers(names, tmp_path):
    """If several may be true at once."""
    records = [make_ecg(4, fs=100, random_state=i) for i in range(4)]
    network = LSTMClassifier(units=2, epochs=1, random_state=0)
    model = make_pipeline(RecordReader(["II"], fs=100), Segmenter(200), Reshaper(20), network)
    labels = np.array([[0, 1, 1], [1, 0, 0], [0, 1, 0], [1, 0, 1]])
    model.fit(records, labels if names is None else pd.DataFrame(labels, columns=names))
    page = report(records[0], model, tmp_path / "r.html")
    assert data_of(page)["segments"]["classes"] == (names or ["0", "1", "2"])
    shown = (names or "012")[model.predict_proba(records[:1])[0].argmax()]
    assert f"Shaded red is what spoke for {shown}" in read(page)


def test_recording_without_any_label_has_a_page(tmp_path):
    """Where several may be true, none may be: the segments are shaded by the most probable one."""
    records = [make_ecg(4, fs=100, random_state=i) for i in range(4)]
    network = LSTMClassifier(units=2, epochs=30, learning_rate=0.1, random_state=0)
    model = make_pipeline(RecordReader(["II"], fs=100), Segmenter(200), Reshaper(20), network)
    model.fit(records, [[0, 0, 1], [0, 0, 0], [0, 0, 0], [0, 1, 0]])
    assert not model.predict(records[1:2]).any()
    page = report(records[1], model, tmp_path / "r.html")
    assert "none of the classes" in read(page)
    assert data_of(page)["segments"]["shown"] == model.predict_proba(records[1:2])[0].argmax()


def test_segments_and_times_are_shaded_by_one_class(tmp_path):
    """The most probable one of those that are predicted, so that two shades tell one story."""
    records = [make_ecg(4, fs=100, random_state=i) for i in range(4)]
    network = LSTMClassifier(units=2, epochs=30, learning_rate=0.1, random_state=0)
    model = make_pipeline(RecordReader(["II"], fs=100), Segmenter(200), Reshaper(20), network)
    model.fit(records, [[1, 0, 1], [1, 0, 1], [0, 0, 1], [1, 1, 1]])
    assert model.predict(records[:1]).tolist() == [[1, 0, 1]]
    assert model.predict_proba(records[:1])[0].argmax() == 2
    page = report(records[0], model, tmp_path / "r.html")
    assert data_of(page)["segments"]["shown"] == 2
    assert "Shaded red is what spoke for 2" in read(page)


def test_most_uncertain_beats_of_each_class_are_explained(record, beat_model, tmp_path):
    """By the falls of the probability that `explain` states for the same rows."""
    page = report(record, beat_model, tmp_path / "r.html")
    reasons = data_of(page)["reasons"]
    annotated, (probabilities,) = beat_model.annotate(record), beat_model.predict_proba([record])
    classes, sure = annotated.beats[1], probabilities.max(axis=1)
    for kind in np.unique(classes):
        of_kind = np.flatnonzero(classes == kind)
        explained = np.intersect1d(of_kind, reasons["beats"])
        assert sorted(sure[of_kind])[:5] == sorted(sure[explained])
    neighbours = {"n_before": 8, "n_after": 8}
    rows = extract_beats(record, leads=["II"], beats=[annotated.beats[0]], **neighbours).data
    expected = explain(beat_model.estimator_, rows[reasons["beats"]], method="occlusion")
    sums = np.asarray(expected.attributions).sum(axis=2)
    assert_allclose(reasons["weights"], sums / np.abs(sums).max(), atol=0.0051)
    assert any("of this beat (" in part for part in reasons["parts"])
    assert "beats of each class are explained" in read(page)


def test_short_recording_is_explained_in_the_leads_of_the_model(rhythm_model, tmp_path):
    """Whatever else was recorded."""
    record = make_ecg(10, fs=200, rhythm="af", leads=("V1", "II"), random_state=9)
    page = report(record, rhythm_model, tmp_path / "r.html")
    reasons = data_of(page)["reasons"]
    assert reasons["leads"] == ["II"]
    assert np.shape(reasons["weights"]) == (100, 1)
    assert np.abs(reasons["weights"]).max() == 1
    assert "Shaded red is what spoke for" in read(page)


def test_page_says_why_nothing_is_explained(record, rhythm_model, tmp_path):
    """A long recording would take long, and a model may state no probabilities."""
    page = report(record, rhythm_model, tmp_path / "r.html")
    assert data_of(page)["reasons"] is None
    assert "longer than a minute" in read(page)
    flat = FunctionTransformer(lambda rows: np.nan_to_num(rows).reshape(len(rows), -1))
    silent = BeatClassifier(make_pipeline(flat, LinearSVC()), leads=["II"]).fit([record])
    assert "states no probabilities" in read(report(record, silent, tmp_path / "s.html"))


def test_what_takes_arrays_or_is_not_fitted_is_refused(record, tmp_path):
    """Before anything is written."""
    network = SegmentedClassifier(Segmenter(5), GaussianNB()).fit(np.eye(10), [0, 1] * 5)
    with pytest.raises(TypeError, match="begins with SegmentedClassifier, which takes arrays"):
        report(record, network, tmp_path / "r.html")
    with pytest.raises(TypeError, match="'beats' must be a fitted estimator, as load"):
        report(record, "beats", tmp_path / "r.html")
    with pytest.raises(NotFittedError):
        report(record, BeatClassifier(GaussianNB()), tmp_path / "r.html")
    assert not list(tmp_path.iterdir())


def test_signal_is_kept_with_its_gaps():
    """To a hundredth of a millimetre of paper, about its median."""
    signal = np.random.default_rng(0).normal(size=(4000, 1)).astype(np.float32) + 5
    signal[100:200] = np.nan
    record = ECGRecord(signal, fs=100.0, lead_names=("II",))
    (about,), (packed,) = pack_traces(make_traces(record, [0]), [])
    values = unpack(about, packed).ravel()[:4000]
    assert_allclose(values, signal[:, 0] - np.nanmedian(signal), atol=0.0014)


def test_two_noisy_days_stay_small():
    """The first lead is kept for the day, and the others where readers will look."""
    rng = np.random.default_rng(0)
    noise = rng.standard_normal((128 * 24 * 3600, 2), dtype=np.float32)
    record = ECGRecord(noise, fs=128.0, lead_names=("II", "V1"))
    about, packed = pack_traces(make_traces(record, [0, 1]), [50_000.0])
    assert len(about[0]["tiles"]) == 24 * 120
    assert 50_000 // 30 in about[1]["tiles"]
    assert sum(map(len, packed)) < 9_000_000


def test_reader_zooms_and_beats_move_the_strip(record, beat_model, tmp_path, open_page):
    """In a browser without a network, which asks for nothing but the file."""
    page = report(record, beat_model, tmp_path / "r.html")

    def place():
        return [browser.ask(f"Number(strip.dataset.{name})") for name in ("begin", "span")]

    browser = open_page(page)
    begin, span = place()
    assert begin == 0
    assert span == pytest.approx(11.5, abs=0.3)  # 25 mm/s
    browser.click("#closer")
    assert place()[1] == pytest.approx(span / 2)
    browser.click("#wider")
    browser.drag("#strip", -200)
    assert place()[0] > 1
    browser.ask("document.querySelector('[data-kind=\\'2\\']').click()")  # ventricular
    rows = "document.querySelectorAll('#beats-body tr')"
    chances = browser.ask(f"[...{rows}].map((row) => Number(row.cells[2].textContent))")
    assert chances == sorted(chances)
    for row in (1, 2):
        time = browser.ask(f"{rows}[{row - 1}].cells[0].textContent")
        browser.click(f"#beats-body tr:nth-child({row}) button")
        minutes, seconds = time.split(":")[1:]
        at = 60 * float(minutes) + float(seconds)
        begin, span = place()
        assert begin <= at <= begin + span
        assert begin + span / 2 == pytest.approx(at, abs=span / 2)
    assert "What made the probability: " in browser.ask(
        "document.querySelector('#chosen').textContent"
    )
    assert "Beat V at" in browser.ask("document.querySelector('#chosen').textContent")
    browser.click("#whole")
    assert place() == pytest.approx([0, 180])
    assert browser.requests == [page.as_uri()]
    assert browser.errors == []


def test_short_recording_opens_on_paper_of_25_mm_a_second(rhythm_model, tmp_path, open_page):
    """It does not fill the width, or a second of it would be longer; nor does any other zoom."""
    page = report(make_ecg(10, fs=100, random_state=0), rhythm_model, tmp_path / "r.html")
    browser = open_page(page)
    place = "document.querySelector('#place').textContent"
    assert browser.ask(place) == "0:00:00.0 to 0:00:10.0 of 0:00:10 · 25 mm/s, 10 mm/mV"
    browser.click("#closer")
    assert "50 mm/s, 20 mm/mV" in browser.ask(place)
    browser.click("#paper")
    assert "25 mm/s, 10 mm/mV" in browser.ask(place)
    browser.ask("window.dispatchEvent(new Event('beforeprint'))")
    assert browser.ask(place).startswith("0:00:00.0 to 0:00:07.4 of 0:00:10 · 25 mm/s")
    browser.ask("window.dispatchEvent(new Event('afterprint'))")
    assert browser.ask(place).startswith("0:00:00.0 to 0:00:10.0 of 0:00:10 · 25 mm/s")


def test_beat_after_a_gap_has_no_rate(record, beat_model, tmp_path, open_page):
    """As in the rest of the page: nobody knows the rate across it."""
    signal = record.signal.copy()
    signal[60 * 250 : 80 * 250] = np.nan
    page = report(replace(record, signal=signal), beat_model, tmp_path / "r.html")
    beats_s = beat_model.annotate(replace(record, signal=signal)).beats[0] / 250
    after = int(np.searchsorted(beats_s, 80))
    assert data_of(page)["withoutRate"] == [0, after]
    browser = open_page(page)
    while not browser.ask("document.querySelector('#more').hidden"):
        browser.click("#more")
    cells = browser.ask(
        "[...document.querySelectorAll('#beats-body tr')].map((row) => row.lastChild.textContent)"
    )
    assert cells.count("") == 2
    assert min(float(cell) for cell in cells if cell) > 30


def test_overlapping_segments_are_not_shaded_twice(rhythm_model, tmp_path, open_page):
    """What two segments share would look more probable than either says."""
    page = report(make_ecg(5, fs=100, random_state=0), rhythm_model, tmp_path / "r.html")
    assert data_of(page)["segments"]["begins"] == [0, 1, 2, 3]  # of 2 s each
    shades = open_page(page).ask("""(() => {
        const shades = [], fill = CanvasRenderingContext2D.prototype.fillRect;
        CanvasRenderingContext2D.prototype.fillRect = function (x, y, width, height) {
            if (this.fillStyle.startsWith("rgba(240, 160, 0")) shades.push([x, x + width]);
            fill.call(this, x, y, width, height);
        };
        window.dispatchEvent(new Event("resize"));
        return shades.map((edges) => edges.map((edge) => edge / shades.at(-1)[1]));
    })()""")
    assert np.ravel(shades) == pytest.approx([0, 0.3, 0.3, 0.5, 0.5, 0.7, 0.7, 1])


def test_page_is_not_wider_than_a_phone(record, beat_model, tmp_path, open_page):
    """Only tables scroll sideways, by themselves."""
    page = report(record, beat_model, tmp_path / "r.html", card={"a": {"b": {"c": "long " * 50}}})
    browser = open_page(page, width=390, height=844, is_phone=True)
    assert browser.ask("document.documentElement.scrollWidth") <= 390
